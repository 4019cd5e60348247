-- +goose Up
-- What the city offers to a party because it matches a policy: one row for a
-- party, policy and period, whatever becomes of it.
CREATE TABLE offers (
    id         TEXT PRIMARY KEY,
    party      TEXT    NOT NULL,
    policy     TEXT    NOT NULL,
    period     TEXT    NOT NULL, -- a year, "2026"; empty where the policy is offered once for all
    sector     TEXT    NOT NULL,
    service    TEXT    NOT NULL, -- to apply for; empty: none
    status     TEXT    NOT NULL,
    reason     TEXT    NOT NULL, -- of a withdrawal: ended, held
    yearly     BIGINT  NOT NULL, -- yuan in the first year; 0: none, or not known
    documents  INTEGER NOT NULL, -- to be handed in by the party itself
    starts     TEXT    NOT NULL, -- the day for which the match was found, YYYY-MM-DD: ahead of time, a later one
    ends       TEXT    NOT NULL, -- the last day to take it up; empty: none
    case_id    TEXT    NOT NULL, -- that applies for it; empty: none known
    told_at    BIGINT  NOT NULL, -- when the party was told of it or has seen it; 0: not yet
    made_at    BIGINT  NOT NULL,
    changed_at BIGINT  NOT NULL,
    UNIQUE (party, policy, period)
);
CREATE INDEX offers_policy ON offers (policy, period, status);
CREATE INDEX offers_live ON offers (policy, id) WHERE status IN ('open', 'opened');
CREATE INDEX offers_ends ON offers (ends) WHERE ends <> '' AND status IN ('open', 'opened', 'dismissed');

CREATE TABLE outreach_preferences (
    party      TEXT PRIMARY KEY,
    off        BOOLEAN NOT NULL, -- wants no offers at all
    sectors    TEXT    NOT NULL, -- JSON: sectors of which it wants none
    quiet      TEXT    NOT NULL, -- '21:00-08:00'; 'city': the city's; empty: none
    weekly     INTEGER NOT NULL, -- how often it is told in seven days; -1: the city's
    changed_at BIGINT  NOT NULL
);

-- Ways to reach a party beside the portal.
CREATE TABLE outreach_channels (
    party        TEXT    NOT NULL,
    channel      TEXT    NOT NULL, -- mail, sms, webhook
    address      TEXT    NOT NULL,
    live         BOOLEAN NOT NULL, -- the party wants it used
    secret       TEXT    NOT NULL, -- of a webhook: signs what is posted
    code         TEXT    NOT NULL, -- sent to the address, to be typed in by the party; empty once it has been
    code_until   BIGINT  NOT NULL,
    tries        INTEGER NOT NULL, -- codes typed wrongly
    confirmed_at BIGINT  NOT NULL, -- 0: not yet
    failed_at    BIGINT  NOT NULL, -- when the address was refused; 0: never
    failure      TEXT    NOT NULL, -- what the other side said
    PRIMARY KEY (party, channel)
);

-- One row for each letter and channel: what is on its way, and what became of it.
CREATE TABLE outreach_sends (
    id       TEXT PRIMARY KEY, -- LETTER/CHANNEL: one letter is sent once over a channel
    party    TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    letter   TEXT    NOT NULL, -- JSON
    status   TEXT    NOT NULL, -- waiting, sent, refused, failed, dropped
    attempts INTEGER NOT NULL,
    made_at  BIGINT  NOT NULL,
    done_at  BIGINT  NOT NULL, -- 0: waiting
    error    TEXT    NOT NULL
);
CREATE INDEX outreach_sends_party ON outreach_sends (party, made_at);

-- Where a message leads that is not about a case.
ALTER TABLE messages ADD COLUMN link TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE messages DROP COLUMN link;
DROP TABLE outreach_sends;
DROP TABLE outreach_channels;
DROP TABLE outreach_preferences;
DROP TABLE offers;
