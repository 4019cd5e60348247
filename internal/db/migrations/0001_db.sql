-- +goose Up
CREATE TABLE jobs (
    id         TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    payload    BYTEA   NOT NULL,
    run_at     BIGINT  NOT NULL,
    attempts   INTEGER NOT NULL,
    last_error TEXT    NOT NULL,
    dead       BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX jobs_key ON jobs (kind, key) WHERE key <> '';
CREATE INDEX jobs_due ON jobs (kind, run_at, id) WHERE dead = FALSE;

-- +goose Down
DROP TABLE jobs;
