-- +goose Up
CREATE TABLE messages (
    id      TEXT PRIMARY KEY, -- of the notice: one notice, one message
    party   TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    case_id TEXT   NOT NULL,
    title   TEXT   NOT NULL, -- JSON, both languages
    body    TEXT   NOT NULL, -- JSON, both languages
    at      BIGINT NOT NULL,
    read_at BIGINT NOT NULL  -- 0: unread
);
CREATE INDEX messages_party ON messages (party, at, id);

-- +goose Down
DROP TABLE messages;
