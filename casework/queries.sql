-- name: InsertDraft :exec
INSERT INTO drafts (id, subject, target, owner, rev, saved_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: DraftByID :one
SELECT id, subject, target, owner, rev, saved_at, body FROM drafts WHERE id = $1;

-- name: DraftByTarget :one
SELECT id, subject, target, owner, rev, saved_at, body FROM drafts WHERE subject = $1 AND target = $2;

-- name: DraftsOf :many
SELECT id, subject, target, owner, rev, saved_at, body FROM drafts WHERE subject = $1 ORDER BY saved_at DESC LIMIT 100;

-- name: UpdateDraft :exec
UPDATE drafts SET owner = $1, rev = $2, saved_at = $3, body = $4 WHERE id = $5;

-- name: DeleteDraft :exec
DELETE FROM drafts WHERE id = $1;

-- name: InsertFile :exec
INSERT INTO files (id, subject, requirement, name, media_type, size, hash, at, used, data)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE, $9);

-- name: FileByID :one
SELECT id, subject, requirement, name, media_type, size, hash, at, used, data FROM files WHERE id = $1;

-- name: FileInfo :one
SELECT id, subject, requirement, name, media_type, size, hash, at, used FROM files WHERE id = $1;

-- name: ReusableFile :one
SELECT id, subject, requirement, name, media_type, size, hash, at, used FROM files
WHERE subject = $1 AND requirement = $2 AND at >= $3 AND used ORDER BY at DESC LIMIT 1;

-- name: UseFile :exec
UPDATE files SET used = TRUE WHERE id = $1;

-- name: DeleteFile :exec
DELETE FROM files WHERE id = $1 AND NOT used;

-- name: InsertSubmission :exec
INSERT INTO submissions (owner, key, bundle, at) VALUES ($1, $2, $3, $4);

-- name: SubmissionBundle :one
SELECT bundle FROM submissions WHERE owner = $1 AND key = $2;

-- name: InsertCase :exec
INSERT INTO cases (id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: CaseByID :one
SELECT id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state
FROM cases WHERE id = $1;

-- name: CaseByNumber :one
SELECT id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state
FROM cases WHERE number = $1;

-- name: CasesOfBundle :many
SELECT id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state
FROM cases WHERE bundle = $1 ORDER BY id;

-- name: CasesOfSubject :many
SELECT id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state
FROM cases WHERE subject = sqlc.arg(subject)
    AND (submitted_at, id) < (CAST(sqlc.arg(before_at) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY submitted_at DESC, id DESC LIMIT sqlc.arg(n);

-- name: UpdateCase :exec
UPDATE cases SET holder = sqlc.arg(holder), status = sqlc.arg(status), rev = sqlc.arg(new_rev), due_at = sqlc.arg(due_at),
    closed_at = sqlc.arg(closed_at), state = sqlc.arg(state)
WHERE id = sqlc.arg(id) AND rev = sqlc.arg(old_rev);

-- name: InsertDossier :exec
INSERT INTO dossiers (case_id, form, provenance, evidence, fees, member) VALUES ($1, $2, $3, $4, $5, $6);

-- name: DossierByCase :one
SELECT case_id, form, provenance, evidence, fees, member FROM dossiers WHERE case_id = $1;

-- name: UpdateDossier :exec
UPDATE dossiers SET form = $1, provenance = $2, evidence = $3 WHERE case_id = $4;

-- name: InsertTask :exec
INSERT INTO tasks (case_id, id, element, name, duty, agency, area, status, opened_at, due_at, done_at, number, service,
    subject_name, question)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14);

-- name: EndTask :exec
UPDATE tasks SET status = $1, done_at = $2 WHERE case_id = $3 AND id = $4;

-- name: MoveTasks :exec
UPDATE tasks SET status = sqlc.arg(new_status), due_at = sqlc.arg(due_at)
WHERE case_id = sqlc.arg(case_id) AND status = sqlc.arg(old_status);

-- name: PostponeTasks :exec
UPDATE tasks SET due_at = sqlc.arg(new_due)
WHERE case_id = sqlc.arg(case_id) AND due_at = sqlc.arg(old_due) AND status IN ('open', 'held');

-- name: EndTasks :exec
UPDATE tasks SET status = 'cancelled', done_at = $1 WHERE case_id = $2 AND status IN ('open', 'held');

-- name: TasksOfCase :many
SELECT case_id, id, element, name, duty, agency, area, status, opened_at, due_at, done_at, number, service, subject_name,
    question
FROM tasks WHERE case_id = $1 ORDER BY opened_at, id;

-- name: InboxOfAgency :many
SELECT case_id, id, element, name, duty, agency, area, status, opened_at, due_at, done_at, number, service, subject_name,
    question
FROM tasks
WHERE status = 'open' AND agency = sqlc.arg(agency)
    AND (due_at, case_id, id) > (CAST(sqlc.arg(after_due) AS BIGINT), CAST(sqlc.arg(after_case) AS TEXT), CAST(sqlc.arg(after_id) AS TEXT))
    AND due_at < sqlc.arg(due_to)
    AND (CAST(sqlc.arg(duty) AS TEXT) = '' OR duty = sqlc.arg(duty))
    AND (CAST(sqlc.arg(service) AS TEXT) = '' OR service = sqlc.arg(service))
    AND duty <> CAST(sqlc.arg(barred) AS TEXT)
ORDER BY due_at, case_id, id LIMIT sqlc.arg(n);

-- name: InboxOfArea :many
SELECT case_id, id, element, name, duty, agency, area, status, opened_at, due_at, done_at, number, service, subject_name,
    question
FROM tasks
WHERE status = 'open' AND agency = sqlc.arg(agency) AND area = sqlc.arg(area)
    AND (due_at, case_id, id) > (CAST(sqlc.arg(after_due) AS BIGINT), CAST(sqlc.arg(after_case) AS TEXT), CAST(sqlc.arg(after_id) AS TEXT))
    AND due_at < sqlc.arg(due_to)
    AND (CAST(sqlc.arg(duty) AS TEXT) = '' OR duty = sqlc.arg(duty))
    AND (CAST(sqlc.arg(service) AS TEXT) = '' OR service = sqlc.arg(service))
    AND duty <> CAST(sqlc.arg(barred) AS TEXT)
ORDER BY due_at, case_id, id LIMIT sqlc.arg(n);

-- name: CountTasks :one
SELECT COUNT(*) FROM (
    SELECT 1 FROM tasks
    WHERE status = 'open' AND agency = sqlc.arg(agency)
        AND (CAST(sqlc.arg(area) AS TEXT) = '' OR area = sqlc.arg(area))
        AND due_at >= sqlc.arg(due_from) AND due_at < sqlc.arg(due_to)
        AND duty <> CAST(sqlc.arg(barred) AS TEXT)
    LIMIT sqlc.arg(n)
) AS counted;

-- name: OverviewByAgency :many
SELECT agency,
    COUNT(*) AS open_cases,
    SUM(CASE WHEN due_at > 0 AND due_at < CAST(sqlc.arg(now) AS BIGINT) THEN 1 ELSE 0 END) AS red,
    SUM(CASE WHEN due_at >= CAST(sqlc.arg(now) AS BIGINT) AND due_at < CAST(sqlc.arg(soon) AS BIGINT) THEN 1 ELSE 0 END) AS amber
FROM cases WHERE closed_at = 0 GROUP BY agency ORDER BY agency;

-- name: LateCases :many
SELECT id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state
FROM cases WHERE closed_at = 0 AND due_at > 0 AND due_at < $1 ORDER BY due_at LIMIT 100;

-- name: InsertEvent :exec
INSERT INTO events (case_id, seq, at, kind, actor, on_behalf, agency, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: EventsOfCase :many
SELECT case_id, seq, at, kind, actor, on_behalf, agency, data FROM events WHERE case_id = $1 ORDER BY seq;

-- name: InsertCorrection :exec
INSERT INTO corrections (id, subject, matter, field, source, says, at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: CorrectionsOfSource :many
SELECT id, subject, matter, field, source, says, at FROM corrections
WHERE source = sqlc.arg(source) AND (at, id) < (CAST(sqlc.arg(before_at) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
ORDER BY at DESC, id DESC LIMIT sqlc.arg(n);

-- name: CasesTakenIn :many
SELECT id, number, bundle, service, version, agency, area, subject, subject_name, holder, agent, mandate,
    channel, delivery, status, rev, submitted_at, due_at, closed_at, state
FROM cases WHERE channel = '1' AND agent = sqlc.arg(agent) AND submitted_at >= sqlc.arg(since)
ORDER BY submitted_at DESC, id DESC LIMIT 200;

-- name: CountInbox :one
SELECT COUNT(*) FROM (
    SELECT 1 FROM tasks
    WHERE status = 'open' AND agency = sqlc.arg(agency)
        AND (CAST(sqlc.arg(area) AS TEXT) = '' OR area = sqlc.arg(area))
        AND due_at >= sqlc.arg(due_from) AND due_at < sqlc.arg(due_to)
        AND (CAST(sqlc.arg(duty) AS TEXT) = '' OR duty = sqlc.arg(duty))
        AND (CAST(sqlc.arg(service) AS TEXT) = '' OR service = sqlc.arg(service))
        AND duty <> CAST(sqlc.arg(barred) AS TEXT)
    LIMIT sqlc.arg(n)
) AS counted;
