-- name: LastRound :one
SELECT subject, policy, round, id, name, agency, status, amount, batch, case_id, reason, until, overpaid, matched_at, given_at, ended_at, events
FROM grants WHERE subject = $1 AND policy = $2 ORDER BY round DESC LIMIT 1;

-- name: ByID :one
SELECT subject, policy, round, id, name, agency, status, amount, batch, case_id, reason, until, overpaid, matched_at, given_at, ended_at, events
FROM grants WHERE id = $1;

-- name: OfSubject :many
SELECT subject, policy, round, id, name, agency, status, amount, batch, case_id, reason, until, overpaid, matched_at, given_at, ended_at, events
FROM grants WHERE subject = $1 ORDER BY matched_at DESC, id DESC;

-- name: OfBatch :many
SELECT subject, policy, round, id, name, agency, status, amount, batch, case_id, reason, until, overpaid, matched_at, given_at, ended_at, events
FROM grants WHERE batch = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: OfPolicy :many
SELECT subject, policy, round, id, name, agency, status, amount, batch, case_id, reason, until, overpaid, matched_at, given_at, ended_at, events
FROM grants WHERE policy = $1 AND status = $2 AND id > $3 ORDER BY id LIMIT $4;

-- name: Insert :exec
INSERT INTO grants (subject, policy, round, id, name, agency, status, amount, batch, case_id, reason, until, overpaid, matched_at, given_at, ended_at, events)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: Update :exec
UPDATE grants SET status = $1, amount = $2, batch = $3, case_id = $4, reason = $5, until = $6, overpaid = $7, given_at = $8, ended_at = $9, events = $10
WHERE subject = $11 AND policy = $12 AND round = $13;

-- name: InsertEvent :exec
INSERT INTO grant_events (grant_id, seq, at, kind, actor, agency, note) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: Events :many
SELECT grant_id, seq, at, kind, actor, agency, note FROM grant_events WHERE grant_id = $1 ORDER BY seq;

-- name: InsertBatch :exec
INSERT INTO grant_batches (id, policy, agency, status, members, amount, proposed_by, proposed_at, decided_by, decided_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdateBatch :exec
UPDATE grant_batches SET status = $1, members = $2, amount = $3, decided_by = $4, decided_at = $5, reason = $6 WHERE id = $7;

-- name: BatchByID :one
SELECT id, policy, agency, status, members, amount, proposed_by, proposed_at, decided_by, decided_at, reason FROM grant_batches WHERE id = $1;

-- name: BatchesOfAgency :many
SELECT id, policy, agency, status, members, amount, proposed_by, proposed_at, decided_by, decided_at, reason
FROM grant_batches WHERE agency = $1 ORDER BY id DESC LIMIT $2;

-- name: InsertOrder :exec
INSERT INTO payment_orders (grant_id, period, amount, status, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (grant_id, period) DO NOTHING;

-- name: Orders :many
SELECT grant_id, period, amount, status, at FROM payment_orders WHERE grant_id = $1 ORDER BY period;

-- name: MarkOrder :exec
UPDATE payment_orders SET status = $1 WHERE grant_id = $2 AND period = $3;

-- name: CountByStatus :many
SELECT policy, status, COUNT(*) AS number, CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS amount FROM grants GROUP BY policy, status ORDER BY policy, status;
