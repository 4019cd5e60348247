-- +goose Up
-- What the city gives without being asked. A subject has a policy's grant once
-- at a time; a round is ended before the next begins.
CREATE TABLE grants (
    subject    TEXT    NOT NULL,
    policy     TEXT    NOT NULL,
    round      INTEGER NOT NULL, -- 1, 2 ...
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL, -- the subject's, for lists
    agency     TEXT    NOT NULL, -- who answers for the policy
    status     TEXT    NOT NULL,
    amount     BIGINT  NOT NULL, -- yuan a period; 0: nothing is paid
    batch      TEXT    NOT NULL, -- empty: in none
    case_id    TEXT    NOT NULL, -- empty: no service behind it
    reason     TEXT    NOT NULL, -- why it ended, JSON in both languages
    until      BIGINT  NOT NULL, -- up to when the resident may refuse; 0: not told yet
    overpaid   BIGINT  NOT NULL, -- yuan to be paid back
    matched_at BIGINT  NOT NULL,
    given_at   BIGINT  NOT NULL,
    ended_at   BIGINT  NOT NULL,
    events     INTEGER NOT NULL,
    PRIMARY KEY (subject, policy, round)
);
CREATE UNIQUE INDEX grants_id ON grants (id);
CREATE INDEX grants_policy ON grants (policy, status, id);
CREATE INDEX grants_batch ON grants (batch, id);

CREATE TABLE grant_events (
    grant_id TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    at       BIGINT  NOT NULL,
    kind     TEXT    NOT NULL, -- the command
    actor    TEXT    NOT NULL, -- party or officer id, "system"
    agency   TEXT    NOT NULL,
    note     TEXT    NOT NULL, -- JSON, both languages
    PRIMARY KEY (grant_id, seq)
);

-- What one person proposed, for another one to confirm.
CREATE TABLE grant_batches (
    id          TEXT    PRIMARY KEY,
    policy      TEXT    NOT NULL,
    agency      TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    members     INTEGER NOT NULL,
    amount      BIGINT  NOT NULL, -- yuan, of the first period
    proposed_by TEXT    NOT NULL,
    proposed_at BIGINT  NOT NULL,
    decided_by  TEXT    NOT NULL, -- empty: waits
    decided_at  BIGINT  NOT NULL,
    reason      TEXT    NOT NULL  -- why it was returned
);
CREATE INDEX grant_batches_agency ON grant_batches (agency, status, id);

CREATE TABLE payment_orders (
    grant_id TEXT   NOT NULL,
    period   TEXT   NOT NULL, -- "once", "2026-11", "2026"
    amount   BIGINT NOT NULL, -- yuan
    status   TEXT   NOT NULL, -- ordered, overpaid, recovered
    at       BIGINT NOT NULL,
    PRIMARY KEY (grant_id, period)
);

-- +goose Down
DROP TABLE payment_orders;
DROP TABLE grant_batches;
DROP TABLE grant_events;
DROP TABLE grants;
