-- +goose Up
-- A leaf is written in the transaction of the act that it records; position is
-- NULL until the sequencer gives it its place in the log.
CREATE TABLE ledger_leaf (
    id        TEXT   NOT NULL PRIMARY KEY,
    kind      TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    body_hash BYTEA  NOT NULL,
    leaf_hash BYTEA  NOT NULL,
    position  BIGINT
);
CREATE INDEX ledger_leaf_pending ON ledger_leaf (id) WHERE position IS NULL;
CREATE UNIQUE INDEX ledger_leaf_position ON ledger_leaf (position) WHERE position IS NOT NULL;

-- Hashes of the tree in tiles of 256 (c2sp.org/tlog-tiles); the last tile of a
-- level grows.
CREATE TABLE ledger_tile (
    level  INTEGER NOT NULL,
    number BIGINT  NOT NULL,
    hashes BYTEA   NOT NULL,
    PRIMARY KEY (level, number)
);

-- Signed checkpoints (c2sp.org/tlog-checkpoint), one for each size that the log
-- was published at.
CREATE TABLE ledger_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    note TEXT   NOT NULL,
    at   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE ledger_checkpoint;
DROP TABLE ledger_tile;
DROP TABLE ledger_leaf;
