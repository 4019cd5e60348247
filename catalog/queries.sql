-- name: Keep :exec
INSERT INTO catalog_archive (kind, hash, name, body)
VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, hash) DO NOTHING;

-- name: Kept :many
SELECT kind, hash FROM catalog_archive;

-- name: Fetch :one
SELECT name, body FROM catalog_archive WHERE kind = $1 AND hash = $2;
