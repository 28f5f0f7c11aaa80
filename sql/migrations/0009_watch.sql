-- What runs the front door: intake's picture of itself, and what an agency may do to it. Not evidence: the
-- picture is overwritten every two seconds; a limit's history is its leaves (act limit).
CREATE TABLE mash.intake_state (
    name             text        NOT NULL,
    started_at       timestamptz NOT NULL,
    at               timestamptz NOT NULL,
    waiting_reserved bigint      NOT NULL,
    waiting_ordinary bigint      NOT NULL,
    waiting_bytes    bigint      NOT NULL,
    accepted         bigint      NOT NULL,
    duplicate        bigint      NOT NULL,
    quarantined      bigint      NOT NULL,
    refused          bigint      NOT NULL,
    busy             bigint      NOT NULL,
    before_at        timestamptz NOT NULL,
    before_answered  bigint      NOT NULL,
    CONSTRAINT intake_state_pk PRIMARY KEY (name),
    CONSTRAINT intake_state_name CHECK (name ~ '^[a-z][a-z0-9-]{0,30}$')
) WITH (fillfactor = 20);
COMMENT ON TABLE mash.intake_state IS 'One row an intake (its setting hub.name), by the machine''s own clock. Older than 10 s: it does not run.';
COMMENT ON COLUMN mash.intake_state.waiting_bytes IS 'In memory, in both lanes; waiting_* are messages.';
COMMENT ON COLUMN mash.intake_state.busy IS 'Told to come again; all totals are since started_at.';
COMMENT ON COLUMN mash.intake_state.before_answered IS 'accepted + duplicate + quarantined at before_at, the report before: for the rate.';

CREATE TABLE mash.intake_sender (
    name            text        NOT NULL,
    key_id          text        NOT NULL,
    agency          text        NOT NULL,
    credit          bigint      NOT NULL,
    waiting         bigint      NOT NULL,
    unanswered      bigint      NOT NULL,
    accepted        bigint      NOT NULL,
    duplicate       bigint      NOT NULL,
    quarantined     bigint      NOT NULL,
    refused         bigint      NOT NULL,
    busy            bigint      NOT NULL,
    last_at         timestamptz NOT NULL,
    before_at       timestamptz NOT NULL,
    before_answered bigint      NOT NULL,
    CONSTRAINT intake_sender_pk PRIMARY KEY (name, key_id),
    CONSTRAINT intake_sender_key CHECK (key_id ~ '^[0-9a-f]{16}$'),
    CONSTRAINT intake_sender_agency CHECK (agency ~ '^[a-z][a-z0-9-]{1,30}$')
) WITH (fillfactor = 50);
COMMENT ON TABLE mash.intake_sender IS 'Every transport key that has spoken to that intake since it started.';
COMMENT ON COLUMN mash.intake_sender.credit IS 'How many messages it may have unanswered, as it was last told.';
COMMENT ON COLUMN mash.intake_sender.last_at IS 'The report in which any of its numbers last changed.';

CREATE TABLE mash.intake_refused (
    name   text   NOT NULL,
    agency text   NOT NULL,
    reason text   NOT NULL,
    total  bigint NOT NULL,
    CONSTRAINT intake_refused_pk PRIMARY KEY (name, agency, reason),
    CONSTRAINT intake_refused_agency CHECK (agency ~ '^([a-z][a-z0-9-]{1,30})?$'),
    CONSTRAINT intake_refused_reason CHECK (reason ~ '^[a-z0-9_]{1,40}$')
) WITH (fillfactor = 50);
COMMENT ON TABLE mash.intake_refused IS 'Refusals since that intake started. agency empty: of a key that is nobody''s, or too many to tell apart.';

CREATE TABLE mash.intake_limit (
    agency text        NOT NULL,
    name   text        NOT NULL,
    value  bigint      NOT NULL,
    set_by text        NOT NULL,
    set_at timestamptz NOT NULL,
    CONSTRAINT intake_limit_pk PRIMARY KEY (agency, name),
    CONSTRAINT intake_limit_bounds CHECK (
        name = 'immediate_per_minute' AND value BETWEEN 1 AND 100000
        OR name = 'waiting' AND value BETWEEN 64 AND 1000000
        OR name = 'credit' AND value BETWEEN 1 AND 65536)
);
COMMENT ON TABLE mash.intake_limit IS 'What an agency may do to intake. agency empty: all that have no row of their own. No row: broker/intake/limits.h.';
COMMENT ON COLUMN mash.intake_limit.name IS 'immediate_per_minute: messages that may take the reserved lane. waiting: messages that may wait (at least one whole submission). credit: most that one sender may have unanswered.';
