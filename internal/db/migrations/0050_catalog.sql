-- +goose Up
-- What running cases are pinned to. A row is written once and never changed:
-- its hash is the SHA-256 of its body, or of the file that the body holds.
CREATE TABLE catalog_archive (
    kind TEXT NOT NULL, -- version, form, process
    hash TEXT NOT NULL,
    name TEXT NOT NULL, -- the id it has in the pack
    body TEXT NOT NULL,
    PRIMARY KEY (kind, hash)
);

-- +goose Down
DROP TABLE catalog_archive;
