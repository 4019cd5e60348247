-- name: InsertLeaf :exec
INSERT INTO ledger_leaf (id, kind, subject, at, body_hash, leaf_hash, position)
VALUES ($1, $2, $3, $4, $5, $6, NULL);

-- name: PendingLeaves :many
SELECT id, leaf_hash
FROM ledger_leaf
WHERE position IS NULL
ORDER BY id
LIMIT $1;

-- name: PlaceLeaf :exec
UPDATE ledger_leaf
SET position = $1
WHERE id = $2;

-- name: Leaf :one
SELECT id, kind, subject, at, body_hash, leaf_hash, position
FROM ledger_leaf
WHERE id = $1;

-- name: Tile :one
SELECT hashes
FROM ledger_tile
WHERE level = $1 AND number = $2;

-- name: PutTile :exec
INSERT INTO ledger_tile (level, number, hashes)
VALUES ($1, $2, $3)
ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes;

-- name: LatestCheckpoint :one
SELECT size, note
FROM ledger_checkpoint
ORDER BY size DESC
LIMIT 1;

-- name: CheckpointAt :one
SELECT note
FROM ledger_checkpoint
WHERE size = $1;

-- name: InsertCheckpoint :exec
INSERT INTO ledger_checkpoint (size, note, at)
VALUES ($1, $2, $3);

-- name: LeavesFrom :many
SELECT id, kind, subject, at, body_hash, leaf_hash, position
FROM ledger_leaf
WHERE position >= $1
ORDER BY position
LIMIT $2;
