-- +goose Up
CREATE TABLE sessions (
    token      TEXT PRIMARY KEY, -- SHA-256 of what the cookie holds
    data       BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- +goose Down
DROP TABLE sessions;
