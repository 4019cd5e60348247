-- name: PutEntry :exec
INSERT INTO exchange_entries (resource, subject, fields, at, changed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (subject, resource) DO UPDATE SET fields = excluded.fields, at = excluded.at, changed_at = excluded.changed_at;

-- name: GetEntry :one
SELECT fields, at FROM exchange_entries WHERE subject = $1 AND resource = $2;

-- name: InsertReceipt :exec
INSERT INTO exchange_receipts (subject, id, resource, asker, purpose, case_id, fields, found, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: ListReceipts :many
SELECT id, resource, asker, purpose, case_id, fields, found, at
FROM exchange_receipts WHERE subject = $1
ORDER BY id DESC LIMIT $2;

-- name: ListEntries :many
SELECT resource, fields, at FROM exchange_entries WHERE subject = $1;

-- name: ScanEntries :many
SELECT subject, resource, fields, at FROM exchange_entries
WHERE subject > $1
ORDER BY subject, resource LIMIT $2;

-- name: ListChanged :many
SELECT subject, resource, fields, at, changed_at FROM exchange_entries
WHERE changed_at >= $1 AND (changed_at > $1 OR subject > $2 OR subject = $2 AND resource > $3)
ORDER BY changed_at, subject, resource LIMIT $4;
