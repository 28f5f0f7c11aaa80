-- Inside the room: people, enquiries, items, checks, decisions. No name, birth date or text in clear:
-- sealed bytes, keyed hashes, ids, codes and times only.
CREATE TABLE mash.native_reference (
    agency     text  NOT NULL,
    reference  bytea NOT NULL,
    message_id uuid  NOT NULL,
    content    bytea NOT NULL,
    CONSTRAINT native_reference_pk PRIMARY KEY (agency, reference, message_id)
);
COMMENT ON TABLE mash.native_reference IS 'Keyed hashes of the sender''s reference and of the native content: the same pair again is no second referral.';

CREATE INDEX native_reference_message ON mash.native_reference (agency, message_id);

CREATE TABLE mash.person (
    person_id  uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT person_pk PRIMARY KEY (person_id)
);
COMMENT ON TABLE mash.person IS 'Somebody the hub knows of; only a set of links.';

CREATE TABLE mash.person_key (
    hmac      bytea NOT NULL,
    kind      text  NOT NULL,
    person_id uuid  NOT NULL,
    CONSTRAINT person_key_pk PRIMARY KEY (hmac, person_id)
);
COMMENT ON TABLE mash.person_key IS 'Keyed hashes of composite identity keys (number + birth date, number + family name, full name + birth date). Equal hash: same person, exactly.';
CREATE INDEX person_key_person ON mash.person_key (person_id);

CREATE TABLE mash.mention (
    mention_id uuid        NOT NULL,
    agency     text        NOT NULL,
    message_id uuid        NOT NULL,
    person_ref text        NOT NULL,
    roles      text[]      NOT NULL,
    sealed     bytea       NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT mention_pk PRIMARY KEY (mention_id)
);
COMMENT ON TABLE mash.mention IS 'A person as one message describes them, sealed under the vault.';
CREATE INDEX mention_message ON mash.mention (agency, message_id);

CREATE TABLE mash.link (
    mention_id uuid        NOT NULL,
    person_id  uuid        NOT NULL,
    basis      text        NOT NULL,
    state      text        NOT NULL,
    by         text        NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT link_pk PRIMARY KEY (mention_id, person_id, at),
    CONSTRAINT link_state CHECK (state IN ('accepted', 'proposed', 'withdrawn'))
);
COMMENT ON TABLE mash.link IS 'The explained, reversible tie between a mention and a person. Never updated: withdrawn by a later row.';
COMMENT ON COLUMN mash.link.basis IS 'new (first mention), or the kind of key that agreed.';
CREATE INDEX link_person ON mash.link (person_id);

CREATE TABLE mash.enquiry (
    enquiry_id   uuid        NOT NULL,
    reference    text        NOT NULL,
    state        text        NOT NULL,
    lane         text        NOT NULL,
    rating       text        NOT NULL,
    version      bigint      NOT NULL,
    opened_at    timestamptz NOT NULL,
    product_due  timestamptz NOT NULL,
    decision_due timestamptz NOT NULL,
    holder       text,
    claim_token  bigint      NOT NULL,
    claim_until  timestamptz,
    CONSTRAINT enquiry_pk PRIMARY KEY (enquiry_id),
    CONSTRAINT enquiry_reference UNIQUE (reference)
);
COMMENT ON TABLE mash.enquiry IS 'The current head of one unit of triage work; its history is enquiry_event.';
COMMENT ON COLUMN mash.enquiry.version IS 'Grows by one with every item: a decider names the version that was seen.';
COMMENT ON COLUMN mash.enquiry.claim_token IS 'Fencing: grows with every claim; an act with an older token is too late.';
CREATE INDEX enquiry_queue ON mash.enquiry (state, lane, product_due);

CREATE TABLE mash.enquiry_event (
    enquiry_id uuid        NOT NULL,
    seq        bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    event      text        NOT NULL,
    from_state text        NOT NULL,
    to_state   text        NOT NULL,
    actor      text        NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT enquiry_event_pk PRIMARY KEY (enquiry_id, seq)
);
COMMENT ON TABLE mash.enquiry_event IS 'Every step of every enquiry, written by mash.enquiry_step and nobody else.';

CREATE TABLE mash.subject (
    enquiry_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    kind       text NOT NULL,
    seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT subject_pk PRIMARY KEY (enquiry_id, person_id),
    CONSTRAINT subject_kind CHECK (kind IN ('child', 'unborn'))
);
COMMENT ON COLUMN mash.subject.seq IS 'The order in which they were named: a subject''s rank by it is the number that staff use.';
CREATE INDEX subject_person ON mash.subject (person_id);

CREATE TABLE mash.enquiry_message (
    enquiry_id uuid        NOT NULL,
    agency     text        NOT NULL,
    message_id uuid        NOT NULL,
    treatment  text        NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT enquiry_message_pk PRIMARY KEY (agency, message_id),
    CONSTRAINT enquiry_message_treatment CHECK (treatment IN ('opened', 'attached', 'update', 'repeat', 'answer'))
);
COMMENT ON COLUMN mash.enquiry_message.treatment IS 'repeat: the same native content under a new id; no second referral.';
CREATE INDEX enquiry_message_enquiry ON mash.enquiry_message (enquiry_id);

CREATE TABLE mash.item (
    item_id    uuid        NOT NULL,
    enquiry_id uuid        NOT NULL,
    owner      text        NOT NULL,
    message_id uuid        NOT NULL,
    class      text        NOT NULL,
    tier       text,
    free_text  boolean     NOT NULL,
    sealed     bytea       NOT NULL,
    arrived_at timestamptz NOT NULL,
    CONSTRAINT item_pk PRIMARY KEY (item_id)
);
COMMENT ON TABLE mash.item IS 'One piece of information: one owner, one class, immutable. Its key is in the vault.';
COMMENT ON COLUMN mash.item.tier IS 'The owner''s will; NULL: the default of the class holds.';
CREATE INDEX item_enquiry ON mash.item (enquiry_id);
CREATE INDEX item_message ON mash.item (owner, message_id);

CREATE TABLE mash.rating (
    enquiry_id uuid        NOT NULL,
    at         timestamptz NOT NULL,
    rating     text        NOT NULL,
    factors    text[]      NOT NULL,
    by         text        NOT NULL,
    reason_id  uuid,
    reason     bytea,
    CONSTRAINT rating_pk PRIMARY KEY (enquiry_id, at)
);
COMMENT ON COLUMN mash.rating.reason_id IS 'The vault''s id of the reason''s key; NULL where the hub rated.';
COMMENT ON TABLE mash.rating IS 'Every rating an enquiry ever had (S39). by: hub (suggested from factors) or a member of staff; reason sealed.';

CREATE TABLE mash.agency_check (
    check_id        uuid        NOT NULL,
    enquiry_id      uuid        NOT NULL,
    agency          text        NOT NULL,
    gateway         text        NOT NULL,
    threshold       text        NOT NULL,
    family_informed text        NOT NULL,
    asked_by        text        NOT NULL,
    asked_at        timestamptz NOT NULL,
    answer_by       timestamptz NOT NULL,
    question_id     uuid        NOT NULL,
    question        bytea       NOT NULL,
    letter_id       uuid        NOT NULL,
    state           text        NOT NULL,
    answered_at     timestamptz,
    CONSTRAINT agency_check_pk PRIMARY KEY (check_id)
);
COMMENT ON TABLE mash.agency_check IS 'A question to an agency about an enquiry.';
COMMENT ON COLUMN mash.agency_check.question_id IS 'The vault''s id of the question''s key.';
COMMENT ON COLUMN mash.agency_check.question IS 'Sealed: salt and the words that were sent; their SHA-256 stands in the leaf.';
CREATE INDEX agency_check_enquiry ON mash.agency_check (enquiry_id);

CREATE TABLE mash.decision (
    decision_id     uuid        NOT NULL,
    enquiry_id      uuid        NOT NULL,
    person_id       uuid        NOT NULL,
    outcome         text        NOT NULL,
    gateway         text        NOT NULL,
    decided_by      text        NOT NULL,
    decided_at      timestamptz NOT NULL,
    enquiry_version bigint      NOT NULL,
    commitment      bytea       NOT NULL,
    sealed          bytea       NOT NULL,
    CONSTRAINT decision_pk PRIMARY KEY (decision_id)
);
COMMENT ON TABLE mash.decision IS 'Per child. sealed: salt, rationale, necessity; commitment is its SHA-256 and stands in the leaf.';
CREATE INDEX decision_enquiry ON mash.decision (enquiry_id);

CREATE TABLE mash.decision_item (
    decision_id uuid NOT NULL,
    item_id     uuid NOT NULL,
    CONSTRAINT decision_item_pk PRIMARY KEY (decision_id, item_id)
);
COMMENT ON TABLE mash.decision_item IS 'The frozen set: exactly what was visible at that moment (S42).';

-- ---- a batch of messages on its way through door.hub_take ------------------------------------------
ALTER TABLE mash.message_todo ADD COLUMN blame bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN mash.message_todo.blame IS 'How much speaks for it that hubs ended over this very message; 0: nothing. Outages do not count.';

CREATE TYPE mash.work AS (
    ord         bigint,      -- its place in the batch, from 1
    at          timestamptz, -- when it is worked in: a microsecond after the one before
    agency      text,
    message_id  uuid,
    lane        text,
    received_at timestamptz,
    new_enquiry uuid,        -- the id if one is opened
    reference   bytea,       -- keyed hash of the sender's reference, if there is one
    content     bytea,       -- and of the native content
    check_id    uuid,        -- an answer's
    check_event text,
    rating      text,
    factors     text,        -- joined by "+", NULL for none
    items       bigint
);
COMMENT ON TYPE mash.work IS 'One message in hand, as the hub opened it.';

CREATE TYPE mash.fate AS (
    ord        bigint,
    reason     text,         -- why it cannot be taken; all else is then without meaning
    treatment  text,
    enquiry_id uuid,
    rose       boolean,      -- the rating is this message's
    outcome    text          -- an answer's check is now in this state
);
COMMENT ON TYPE mash.fate IS 'What becomes of it.';
