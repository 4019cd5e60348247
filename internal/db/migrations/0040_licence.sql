-- +goose Up
CREATE TABLE licences (
    id          TEXT PRIMARY KEY,
    case_id     TEXT   NOT NULL, -- empty: issued before the city had cases
    type        TEXT   NOT NULL,
    number      TEXT   NOT NULL,
    identifier  TEXT   NOT NULL, -- national identifier, GB/T 36904
    holder      TEXT   NOT NULL,
    issuer      TEXT   NOT NULL, -- agency id
    issued_at   BIGINT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT NOT NULL, -- 0: until revoked
    status      TEXT   NOT NULL, -- active, revoked
    reason      TEXT   NOT NULL,
    changed_at  BIGINT NOT NULL, -- when the status was set
    changed_by  TEXT   NOT NULL,
    claims      TEXT   NOT NULL, -- JSON: claim -> value
    token       TEXT   NOT NULL  -- SD-JWT VC with every disclosure
);
CREATE INDEX licences_holder ON licences (holder, type, issued_at);
CREATE INDEX licences_case ON licences (case_id);
CREATE INDEX licences_revoked ON licences (changed_at) WHERE status = 'revoked';

-- +goose Down
DROP TABLE licences;
