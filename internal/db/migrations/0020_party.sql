-- +goose Up
-- Persons and organisations.
CREATE TABLE party (
    id         TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    latin      TEXT    NOT NULL,
    id_type    TEXT    NOT NULL,
    id_number  TEXT    NOT NULL,
    birth      TEXT    NOT NULL, -- 2006-01-02, empty for none
    sex        TEXT    NOT NULL,
    phone      TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    area       TEXT    NOT NULL,
    lang       TEXT    NOT NULL,
    elder      BOOLEAN NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX party_identifier ON party (id_number, id_type);

-- What a party is found by. A key is the UTF-8 of a folded name: bytes sort alike
-- on every engine and in every collation, so that a prefix is a range.
CREATE TABLE party_key (
    party TEXT  NOT NULL,
    key   BYTEA NOT NULL,
    PRIMARY KEY (key, party)
);
CREATE INDEX party_key_party ON party_key (party);

-- Who may act for whom. until_at and revoked_at are 0 for never.
CREATE TABLE mandate (
    id         TEXT   NOT NULL PRIMARY KEY,
    principal  TEXT   NOT NULL,
    agent      TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    services   TEXT   NOT NULL, -- JSON list; empty: all
    from_at    BIGINT NOT NULL,
    until_at   BIGINT NOT NULL,
    granted_by TEXT   NOT NULL,
    granted_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    revoked_by TEXT   NOT NULL
);
CREATE INDEX mandate_agent ON mandate (agent, principal);
CREATE INDEX mandate_principal ON mandate (principal);

-- +goose Down
DROP TABLE mandate;
DROP TABLE party_key;
DROP TABLE party;
