-- +goose Up
CREATE TABLE drafts (
    id       TEXT PRIMARY KEY,
    subject  TEXT   NOT NULL,
    target   TEXT   NOT NULL, -- 'service:ID' or 'event:ID'
    owner    TEXT   NOT NULL, -- who last worked on it
    rev      BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    body     TEXT   NOT NULL, -- JSON
    UNIQUE (subject, target)
);

CREATE TABLE files (
    id          TEXT PRIMARY KEY,
    subject     TEXT   NOT NULL,
    requirement TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    media_type  TEXT   NOT NULL,
    size        BIGINT NOT NULL,
    hash        TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    used        BOOLEAN NOT NULL, -- went into a submitted case
    data        BYTEA  NOT NULL
);
CREATE INDEX files_subject ON files (subject, requirement, at);

CREATE TABLE submissions (
    owner  TEXT   NOT NULL,
    key    TEXT   NOT NULL,
    bundle TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (owner, key)
);

-- The part of a case that every step rewrites.
CREATE TABLE cases (
    id           TEXT PRIMARY KEY,
    number       TEXT   NOT NULL,
    bundle       TEXT   NOT NULL,
    service      TEXT   NOT NULL,
    version      TEXT   NOT NULL,
    agency       TEXT   NOT NULL,
    area         TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    subject_name TEXT   NOT NULL,
    holder       TEXT   NOT NULL, -- who will hold what is issued
    agent        TEXT   NOT NULL, -- who acted
    mandate      TEXT   NOT NULL,
    channel      TEXT   NOT NULL,
    delivery     TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    rev          BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    due_at       BIGINT NOT NULL, -- 0: no clock runs
    closed_at    BIGINT NOT NULL, -- 0: open
    state        TEXT   NOT NULL  -- JSON: process, clock, supplement, decision
);
CREATE INDEX cases_subject ON cases (subject, submitted_at, id);
CREATE INDEX cases_number ON cases (number);
CREATE INDEX cases_bundle ON cases (bundle);
CREATE INDEX cases_open ON cases (agency, due_at) WHERE closed_at = 0;

-- The part of a case that is written once, at submission, and at a supplement.
CREATE TABLE dossiers (
    case_id    TEXT PRIMARY KEY,
    form       TEXT NOT NULL, -- JSON
    provenance TEXT NOT NULL, -- JSON
    evidence   TEXT NOT NULL, -- JSON
    fees       TEXT NOT NULL, -- JSON
    member     TEXT NOT NULL  -- JSON: place in a life event
);

CREATE TABLE tasks (
    case_id      TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    element      TEXT   NOT NULL,
    name         TEXT   NOT NULL, -- JSON, both languages
    duty         TEXT   NOT NULL,
    agency       TEXT   NOT NULL,
    area         TEXT   NOT NULL,
    status       TEXT   NOT NULL, -- open, held, done, cancelled
    opened_at    BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    done_at      BIGINT NOT NULL,
    number       TEXT   NOT NULL,
    service      TEXT   NOT NULL,
    subject_name TEXT   NOT NULL,
    question     TEXT   NOT NULL,
    PRIMARY KEY (case_id, id)
);
CREATE INDEX tasks_agency ON tasks (agency, due_at, case_id, id) WHERE status = 'open';
CREATE INDEX tasks_area ON tasks (agency, area, due_at, case_id, id) WHERE status = 'open';

CREATE TABLE events (
    case_id   TEXT   NOT NULL,
    seq       BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    actor     TEXT   NOT NULL,
    on_behalf TEXT   NOT NULL,
    agency    TEXT   NOT NULL,
    data      TEXT   NOT NULL, -- JSON
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE corrections (
    id      TEXT PRIMARY KEY,
    subject TEXT   NOT NULL,
    matter  TEXT   NOT NULL, -- draft or case id
    field   TEXT   NOT NULL,
    source  TEXT   NOT NULL,
    says    TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX corrections_subject ON corrections (subject, at);

-- +goose Down
DROP TABLE corrections;
DROP TABLE events;
DROP TABLE tasks;
DROP TABLE dossiers;
DROP TABLE cases;
DROP TABLE submissions;
DROP TABLE files;
DROP TABLE drafts;
