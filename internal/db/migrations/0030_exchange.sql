-- +goose Up
CREATE TABLE exchange_entries (
    resource TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    fields   TEXT   NOT NULL, -- JSON: field -> value
    at       BIGINT NOT NULL, -- when the agency last said so
    PRIMARY KEY (subject, resource)
);

-- Who asked what about whom, and why. Written in the transaction of the answer.
CREATE TABLE exchange_receipts (
    subject  TEXT    NOT NULL,
    id       TEXT    NOT NULL, -- the request
    resource TEXT    NOT NULL,
    asker    TEXT    NOT NULL,
    purpose  TEXT    NOT NULL,
    case_id  TEXT    NOT NULL, -- empty: outside a case
    fields   TEXT    NOT NULL, -- JSON: keys that were asked for
    found    BOOLEAN NOT NULL,
    at       BIGINT  NOT NULL,
    PRIMARY KEY (subject, id)
);

-- +goose Down
DROP TABLE exchange_receipts;
DROP TABLE exchange_entries;
