-- name: InsertMessage :exec
INSERT INTO messages (id, party, kind, case_id, link, title, body, at, read_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
ON CONFLICT (id) DO NOTHING;

-- name: MessagesOf :many
SELECT id, party, kind, case_id, link, title, body, at, read_at FROM messages
WHERE party = $1 ORDER BY at DESC, id DESC LIMIT $2;

-- name: CountUnread :one
SELECT COUNT(*) FROM messages WHERE party = $1 AND read_at = 0;

-- name: MarkRead :exec
UPDATE messages SET read_at = $1 WHERE party = $2 AND read_at = 0;

-- name: CountTold :one
SELECT COUNT(*) FROM messages WHERE party = $1 AND kind = 'offer' AND at > $2;

-- name: FirstTold :one
SELECT CAST(COALESCE(MIN(at), 0) AS BIGINT) AS at FROM messages WHERE party = $1 AND kind = 'offer' AND at > $2;

-- name: InsertOffer :exec
INSERT INTO offers (id, party, policy, period, sector, service, status, reason, yearly, documents, starts, ends, case_id, told_at,
    made_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: OffersOf :many
SELECT id, party, policy, period, sector, service, status, reason, yearly, documents, starts, ends, case_id, told_at, made_at, changed_at
FROM offers WHERE party = $1 ORDER BY made_at DESC, id;

-- name: OfferOf :one
SELECT id, party, policy, period, sector, service, status, reason, yearly, documents, starts, ends, case_id, told_at, made_at, changed_at
FROM offers WHERE party = $1 AND id = $2;

-- name: StatusOf :one
SELECT status, reason, changed_at FROM offers WHERE party = $1 AND policy = $2 AND period = $3;

-- name: UpdateOffer :exec
UPDATE offers SET status = $1, reason = $2, yearly = $3, documents = $4, starts = $5, ends = $6, case_id = $7, told_at = $8, changed_at = $9
WHERE id = $10;

-- name: CountLive :one
SELECT COUNT(*) FROM offers WHERE party = $1 AND status IN ('open', 'opened');

-- name: OverdueOffers :many
SELECT id, party, policy, period, sector, service, status, reason, yearly, documents, starts, ends, case_id, told_at, made_at, changed_at
FROM offers WHERE ends <> '' AND ends < $1 AND status IN ('open', 'opened', 'dismissed') ORDER BY ends, id LIMIT $2;

-- name: CountOffers :many
SELECT status, COUNT(*) AS n FROM offers WHERE policy = $1 AND period = $2 GROUP BY status ORDER BY status;

-- name: Preferences :one
SELECT party, off, sectors, quiet, weekly, changed_at FROM outreach_preferences WHERE party = $1;

-- name: PutPreferences :exec
INSERT INTO outreach_preferences (party, off, sectors, quiet, weekly, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (party) DO UPDATE
SET off = excluded.off, sectors = excluded.sectors, quiet = excluded.quiet, weekly = excluded.weekly, changed_at = excluded.changed_at;

-- name: Channels :many
SELECT party, channel, address, live, secret, code, code_until, tries, confirmed_at, failed_at, failure FROM outreach_channels
WHERE party = $1 ORDER BY channel;

-- name: Channel :one
SELECT party, channel, address, live, secret, code, code_until, tries, confirmed_at, failed_at, failure FROM outreach_channels
WHERE party = $1 AND channel = $2;

-- name: PutChannel :exec
INSERT INTO outreach_channels (party, channel, address, live, secret, code, code_until, tries, confirmed_at, failed_at, failure)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (party, channel) DO UPDATE
SET address = excluded.address, live = excluded.live, secret = excluded.secret, code = excluded.code, code_until = excluded.code_until,
    tries = excluded.tries, confirmed_at = excluded.confirmed_at, failed_at = excluded.failed_at, failure = excluded.failure;

-- name: DeleteChannel :exec
DELETE FROM outreach_channels WHERE party = $1 AND channel = $2;

-- name: InsertSend :exec
INSERT INTO outreach_sends (id, party, channel, address, letter, status, attempts, made_at, done_at, error)
VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, 0, '')
ON CONFLICT (id) DO NOTHING;

-- name: Send :one
SELECT id, party, channel, address, letter, status, attempts, made_at, done_at, error FROM outreach_sends WHERE id = $1;

-- name: TrySend :exec
UPDATE outreach_sends SET attempts = $1 WHERE id = $2;

-- name: EndSend :exec
UPDATE outreach_sends SET status = $1, done_at = $2, error = $3 WHERE id = $4 AND status = 'waiting';

-- name: NoteSend :exec
UPDATE outreach_sends SET error = $1 WHERE id = $2 AND status = 'waiting';

-- name: SendsOf :many
SELECT id, party, channel, address, letter, status, attempts, made_at, done_at, error FROM outreach_sends
WHERE party = $1 ORDER BY made_at DESC, id LIMIT $2;

-- name: RefuseAddress :exec
UPDATE outreach_channels SET failed_at = $1, failure = $2 WHERE party = $3 AND channel = $4 AND address = $5;

-- name: LiveOffers :many
SELECT id, party, policy, period, sector, service, status, reason, yearly, documents, starts, ends, case_id, told_at, made_at, changed_at
FROM offers WHERE policy = $1 AND status IN ('open', 'opened') AND id > $2 ORDER BY id LIMIT $3;
