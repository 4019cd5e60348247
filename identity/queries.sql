-- name: FindSession :one
SELECT data FROM sessions WHERE token = $1 AND expires_at > $2;

-- name: PutSession :exec
INSERT INTO sessions (token, data, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE token = $1;

-- name: SweepSessions :exec
DELETE FROM sessions WHERE expires_at <= $1;
