-- name: PutParty :exec
INSERT INTO party (id, kind, name, latin, id_type, id_number, birth, sex, phone, address, area, lang, elder, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, latin = excluded.latin,
    id_type = excluded.id_type, id_number = excluded.id_number, birth = excluded.birth, sex = excluded.sex,
    phone = excluded.phone, address = excluded.address, area = excluded.area, lang = excluded.lang,
    elder = excluded.elder, updated_at = excluded.updated_at;

-- name: Party :one
SELECT id, kind, name, latin, id_type, id_number, birth, sex, phone, address, area, lang, elder, updated_at
FROM party
WHERE id = $1;

-- name: PartyByIdentifier :one
SELECT id, kind, name, latin, id_type, id_number, birth, sex, phone, address, area, lang, elder, updated_at
FROM party
WHERE id_number = $1 AND id_type = $2;

-- name: PartiesByNumber :many
SELECT id, kind, name, latin, id_type, id_number, birth, sex, phone, address, area, lang, elder, updated_at
FROM party
WHERE id_number = $1
ORDER BY id_type
LIMIT $2;

-- name: PartiesByKey :many
SELECT p.id, p.kind, p.name, p.latin, p.id_type, p.id_number, p.birth, p.sex, p.phone, p.address, p.area, p.lang, p.elder, p.updated_at
FROM party p
WHERE p.id IN (
    SELECT k.party FROM party_key k
    WHERE k.key >= $1 AND k.key < $2
    ORDER BY k.key, k.party
    LIMIT $3)
ORDER BY p.name, p.id;

-- name: DropKeys :exec
DELETE FROM party_key
WHERE party = $1;

-- name: PutKey :exec
INSERT INTO party_key (party, key)
VALUES ($1, $2)
ON CONFLICT (key, party) DO NOTHING;

-- name: InsertMandate :exec
INSERT INTO mandate (id, principal, agent, kind, services, from_at, until_at, granted_by, granted_at, revoked_at, revoked_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '');

-- name: RevokeMandate :exec
UPDATE mandate
SET revoked_at = $1, revoked_by = $2
WHERE id = $3;

-- name: Mandate :one
SELECT id, principal, agent, kind, services, from_at, until_at, granted_by, granted_at, revoked_at, revoked_by
FROM mandate
WHERE id = $1;

-- name: MandatesBetween :many
SELECT id, principal, agent, kind, services, from_at, until_at, granted_by, granted_at, revoked_at, revoked_by
FROM mandate
WHERE agent = $1 AND principal = $2
ORDER BY id;

-- name: MandatesGiven :many
SELECT id, principal, agent, kind, services, from_at, until_at, granted_by, granted_at, revoked_at, revoked_by
FROM mandate
WHERE principal = $1
ORDER BY from_at DESC, id DESC;

-- name: MandatesHeld :many
SELECT id, principal, agent, kind, services, from_at, until_at, granted_by, granted_at, revoked_at, revoked_by
FROM mandate
WHERE agent = $1
ORDER BY from_at DESC, id DESC;
