-- name: InsertMessage :exec
INSERT INTO messages (id, party, kind, case_id, title, body, at, read_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
ON CONFLICT (id) DO NOTHING;

-- name: MessagesOf :many
SELECT id, party, kind, case_id, title, body, at, read_at FROM messages
WHERE party = $1 ORDER BY at DESC, id DESC LIMIT $2;

-- name: CountUnread :one
SELECT COUNT(*) FROM messages WHERE party = $1 AND read_at = 0;

-- name: MarkRead :exec
UPDATE messages SET read_at = $1 WHERE party = $2 AND read_at = 0;
