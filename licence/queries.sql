-- name: InsertLicence :exec
INSERT INTO licences (id, case_id, type, number, identifier, holder, issuer, issued_at, valid_from, valid_until,
    status, reason, changed_at, changed_by, claims, token)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: GetLicence :one
SELECT id, case_id, type, number, identifier, holder, issuer, issued_at, valid_from, valid_until,
    status, reason, changed_at, changed_by, claims, token
FROM licences WHERE id = $1;

-- name: HeldLicences :many
SELECT id, case_id, type, number, identifier, holder, issuer, issued_at, valid_from, valid_until,
    status, reason, changed_at, changed_by, claims, token
FROM licences WHERE holder = $1
ORDER BY issued_at DESC, id DESC;

-- name: FindLicence :one
SELECT id, case_id, type, number, identifier, holder, issuer, issued_at, valid_from, valid_until,
    status, reason, changed_at, changed_by, claims, token
FROM licences
WHERE holder = $1 AND type = $2 AND status = 'active'
    AND valid_from <= $3 AND (valid_until = 0 OR valid_until > $4)
ORDER BY issued_at DESC, id DESC LIMIT 1;

-- name: CaseLicences :many
SELECT id, case_id, type, number, identifier, holder, issuer, issued_at, valid_from, valid_until,
    status, reason, changed_at, changed_by, claims, token
FROM licences WHERE case_id = $1
ORDER BY id;

-- name: RevokeLicence :exec
UPDATE licences SET status = 'revoked', reason = $1, changed_at = $2, changed_by = $3
WHERE id = $4 AND status = 'active';

-- name: RevokedLicences :many
SELECT id FROM licences WHERE status = 'revoked' ORDER BY changed_at, id;
