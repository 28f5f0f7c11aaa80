-- What goes on after a product has left: signposts asked and answered, facts taken back from whoever received them,
-- what referrers are told. No content: the words are in the sealed messages, and in letters that only their
-- recipients open.

-- Letters that are due, whoever they are for.
CREATE INDEX letter_todo_due ON mash.letter_todo (next_try);

COMMENT ON TABLE mash.setting IS
    'Facts of this hub: realm, origin (of the ledger), clock_offset_s; letter_tick_seconds, signpost_days and recall_days where they are not the defaults.';

CREATE TABLE mash.signpost (
    question_id uuid        NOT NULL,
    product_id  uuid        NOT NULL,
    enquiry_id  uuid        NOT NULL,
    asker       text        NOT NULL,
    owner       text        NOT NULL,
    message_id  uuid        NOT NULL,
    asked_at    timestamptz NOT NULL,
    answer_by   timestamptz NOT NULL,
    letter_id   uuid        NOT NULL,
    state       text        NOT NULL,
    replied_at  timestamptz,
    CONSTRAINT signpost_pk PRIMARY KEY (question_id)
);
COMMENT ON TABLE mash.signpost IS 'A professional''s question to the owner whom a product''s signpost named. The head of it; its acts are leaves.';
COMMENT ON COLUMN mash.signpost.message_id IS 'The asker''s message, by whose leaf this row is believed.';
CREATE INDEX signpost_enquiry ON mash.signpost (enquiry_id);
CREATE INDEX signpost_letter ON mash.signpost (letter_id);

CREATE TABLE mash.correction (
    agency     text        NOT NULL,
    message_id uuid        NOT NULL,
    corrects   uuid        NOT NULL,
    class      text,
    kind       text        NOT NULL,
    enquiry_id uuid        NOT NULL,
    item_id    uuid,
    at         timestamptz NOT NULL,
    CONSTRAINT correction_pk PRIMARY KEY (agency, message_id)
);
COMMENT ON TABLE mash.correction IS 'An owner took back what it had said. What counts no more is read from the leaf: deleting the row brings nothing back.';
COMMENT ON COLUMN mash.correction.class IS 'NULL: all that the message said.';
COMMENT ON COLUMN mash.correction.item_id IS 'What takes the place; NULL when it was withdrawn.';

-- The leaf of a correction, by the message that it corrects.
CREATE INDEX ledger_row_corrects ON mash.ledger_row (
    (split_part(encode(substring(body FROM nullif(position('\x0a636f72726563747320'::bytea IN body), 0) + 10 FOR 36), 'escape'),
                E'\n', 1))) WHERE
    split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
               E'\n', 1) = 'correction';

CREATE TABLE mash.recall (
    recall_id  uuid        NOT NULL,
    agency     text        NOT NULL,
    owner      text        NOT NULL,
    message_id uuid        NOT NULL,
    product_id uuid        NOT NULL,
    item_id    uuid        NOT NULL,
    class      text        NOT NULL,
    kind       text        NOT NULL,
    told_at    timestamptz NOT NULL,
    confirm_by timestamptz NOT NULL,
    letter_id  uuid        NOT NULL,
    CONSTRAINT recall_pk PRIMARY KEY (recall_id)
);
COMMENT ON TABLE mash.recall IS 'A recipient was told that one item of one product counts no more, and must confirm.';
COMMENT ON COLUMN mash.recall.agency IS 'The recipient.';
COMMENT ON COLUMN mash.recall.message_id IS 'The owner''s correction.';
CREATE INDEX recall_product ON mash.recall (product_id);

CREATE TABLE mash.confirmation (
    recall_id  uuid        NOT NULL,
    agency     text        NOT NULL,
    message_id uuid        NOT NULL,
    done       text        NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT confirmation_pk PRIMARY KEY (recall_id)
);
COMMENT ON TABLE mash.confirmation IS 'The recipient has acted on a recall. Believed where the leaf of its message says so.';

CREATE TABLE mash.notice (
    notice_id   uuid        NOT NULL,
    decision_id uuid        NOT NULL,
    agency      text        NOT NULL,
    message_id  uuid        NOT NULL,
    letter_id   uuid        NOT NULL,
    at          timestamptz NOT NULL,
    CONSTRAINT notice_pk PRIMARY KEY (notice_id)
);
COMMENT ON TABLE mash.notice IS 'A referrer was told what was decided on a child that its message was about.';
CREATE INDEX notice_decision ON mash.notice (decision_id);

ALTER TABLE mash.enquiry_message DROP CONSTRAINT enquiry_message_treatment;
ALTER TABLE mash.enquiry_message ADD CONSTRAINT enquiry_message_treatment
    CHECK (treatment IN ('opened', 'attached', 'update', 'repeat', 'answer', 'correction'));

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['correction', 'recall', 'confirmation', 'notice'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mash.%I
                        FOR EACH ROW EXECUTE FUNCTION mash.refuse_change()', t);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON mash.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION mash.refuse_change()', t);
    END LOOP;
END
$$;

-- What a SIRO may see of these: whatever her agency asked, was asked, took back, was told or confirmed (R20).
GRANT SELECT (question_id, product_id, enquiry_id, asker, owner, message_id, asked_at, answer_by, state, replied_at)
    ON mash.signpost TO mash_siro_reader;
GRANT SELECT (recall_id, agency, owner, message_id, product_id, item_id, class, kind, told_at, confirm_by)
    ON mash.recall TO mash_siro_reader;
GRANT SELECT (recall_id, agency, done, at) ON mash.confirmation TO mash_siro_reader;
GRANT SELECT (notice_id, decision_id, agency, message_id, at) ON mash.notice TO mash_siro_reader;

DO $$
DECLARE
    mine constant text := '((SELECT mash.siro_agencies())::text[])';
    p    record;
BEGIN
    FOR p IN SELECT * FROM (VALUES
        ('signpost', 'asker = ANY ' || mine || ' OR owner = ANY ' || mine),
        ('recall', 'agency = ANY ' || mine || ' OR owner = ANY ' || mine),
        ('confirmation', 'EXISTS (SELECT FROM mash.recall r WHERE r.recall_id = confirmation.recall_id)'),
        ('notice', 'agency = ANY ' || mine)
    ) AS t (relation, whose) LOOP
        EXECUTE format('ALTER TABLE mash.%I ENABLE ROW LEVEL SECURITY', p.relation);
        EXECUTE format('ALTER TABLE mash.%I FORCE ROW LEVEL SECURITY', p.relation);
        EXECUTE format('CREATE POLICY owner_all ON mash.%I TO mash_owner USING (true) WITH CHECK (true)', p.relation);
        EXECUTE format('CREATE POLICY siro_own ON mash.%I FOR SELECT TO mash_siro_reader USING (%s)', p.relation, p.whose);
    END LOOP;
END
$$;
