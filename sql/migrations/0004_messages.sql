-- What came in. Content is sealed before it reaches the database; no key of it is here.
CREATE TABLE mash.submission (
    agency        text        NOT NULL,
    submission_id uuid        NOT NULL,
    origin_key    text        NOT NULL,
    head          bytea       NOT NULL,
    signature     bytea       NOT NULL,
    received_at   timestamptz NOT NULL,
    CONSTRAINT submission_pk PRIMARY KEY (agency, submission_id, signature)
) WITH (toast_tuple_target = 8160); -- a head of 64 entries stays in its row: put aside, it costs every message of it
COMMENT ON TABLE mash.submission IS 'The signed head as it came: the origin of every message stays provable, even when an id is used twice.';

CREATE TABLE mash.message (
    agency        text        NOT NULL,
    message_id    uuid        NOT NULL,
    submission_id uuid,
    content       text        NOT NULL,
    lane          text        NOT NULL,
    commitment    bytea       NOT NULL,
    sealed        bytea       NOT NULL,
    received_at   timestamptz NOT NULL,
    CONSTRAINT message_pk PRIMARY KEY (agency, message_id)
) WITH (toast_tuple_target = 4080); -- up to half a page in its row, uncompressed: it is sealed
COMMENT ON TABLE mash.message IS 'An accepted message: a referral or an answer, sealed to the hub''s intake key.';
COMMENT ON COLUMN mash.message.submission_id IS 'NULL: no agency signed these words; staff wrote them, see mash.message_mended.';
COMMENT ON COLUMN mash.message.sealed IS 'The content frame as it came (32 bytes of salt, then the content), so that the commitment can be shown to fit.';
ALTER TABLE mash.message ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE mash.message_todo (
    message_id  uuid        NOT NULL,
    agency      text        NOT NULL,
    lane        text        NOT NULL,
    received_at timestamptz NOT NULL,
    turn        timestamptz,
    CONSTRAINT message_todo_pk PRIMARY KEY (agency, message_id)
);
COMMENT ON TABLE mash.message_todo IS 'The hub''s work list; a row is deleted in the transaction that did the work. Not evidence.';
COMMENT ON COLUMN mash.message_todo.turn IS 'When it is its turn, where that is not when it came: who sends thousands stands behind who sends a few. What has no earlier one before it is worked on at once, however late its turn is.';
CREATE INDEX message_todo_order ON mash.message_todo (lane, coalesce(turn, received_at));

CREATE TABLE mash.quarantine (
    quarantine_id uuid        NOT NULL,
    agency        text        NOT NULL,
    message_id    uuid,
    reason        text        NOT NULL,
    path          text        NOT NULL,
    content       text,
    digest        bytea       NOT NULL,
    sealed        bytea,
    received_at   timestamptz NOT NULL,
    leaf_index    bigint,
    CONSTRAINT quarantine_pk PRIMARY KEY (quarantine_id),
    CONSTRAINT quarantine_once UNIQUE NULLS NOT DISTINCT (agency, message_id, digest)
);
COMMENT ON TABLE mash.quarantine IS 'What could not be taken, kept sealed for a person. content NULL: raw frames of a submission that failed as a whole.';
COMMENT ON COLUMN mash.quarantine.digest IS 'SHA-256 of what was refused (its commitment, or all frames of a submission): the same again adds no row.';
COMMENT ON COLUMN mash.quarantine.leaf_index IS 'The leaf that intake answered with, for the same again (R2). NULL: intake answered with no leaf of a quarantine.';

CREATE TABLE mash.quarantine_act (
    quarantine_id uuid        NOT NULL,
    act           text        NOT NULL,
    staff         text        NOT NULL,
    words_id      uuid,
    words         bytea,
    at            timestamptz NOT NULL,
    CONSTRAINT quarantine_act_pk PRIMARY KEY (quarantine_id),
    CONSTRAINT quarantine_act_known CHECK (act IN ('replay', 'mend', 'reject'))
);
COMMENT ON TABLE mash.quarantine_act IS 'What a person did about it, once.';
COMMENT ON COLUMN mash.quarantine_act.words IS 'mend, reject: the person''s reason, sealed under the vault''s key words_id.';

CREATE TABLE mash.message_mended (
    agency        text        NOT NULL,
    message_id    uuid        NOT NULL,
    original_id   uuid        NOT NULL,
    quarantine_id uuid        NOT NULL,
    staff         text        NOT NULL,
    corrected     boolean     NOT NULL,
    at            timestamptz NOT NULL,
    CONSTRAINT message_mended_pk PRIMARY KEY (agency, message_id),
    CONSTRAINT message_mended_once UNIQUE (quarantine_id)
);
COMMENT ON TABLE mash.message_mended IS 'Messages whose id the hub made: what lay in quarantine was put through under it, for the agency that owns it.';
COMMENT ON COLUMN mash.message_mended.corrected IS 'true: staff wrote the words and nobody''s signature covers them. false: it has the original''s commitment, which the agency signed.';
