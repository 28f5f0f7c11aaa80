-- What somebody owes by a time: an owner its word on a section, a signposted owner a reply, a recipient the
-- confirmation of a recall, the hub the justification of an emergency share. One register and one climb for all.
CREATE TABLE mash.deadline (
    kind       text        NOT NULL,
    subject    uuid        NOT NULL,
    holder     text        NOT NULL,
    enquiry_id uuid,
    set_at     timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    CONSTRAINT deadline_pk PRIMARY KEY (kind, subject, holder)
);
COMMENT ON TABLE mash.deadline IS 'What is owed by a time, and who holds the work. Never changed: met is a row of mash.deadline_met.';
COMMENT ON COLUMN mash.deadline.kind IS 'A code of the list deadline.';
COMMENT ON COLUMN mash.deadline.subject IS 'The request, question, recall, product or message that it is about.';
COMMENT ON COLUMN mash.deadline.holder IS 'The agency that owes it; hub: the hub itself.';

CREATE TABLE mash.deadline_met (
    kind    text        NOT NULL,
    subject uuid        NOT NULL,
    holder  text        NOT NULL,
    met_at  timestamptz NOT NULL,
    CONSTRAINT deadline_met_pk PRIMARY KEY (kind, subject, holder)
);

CREATE TABLE mash.deadline_climb (
    kind    text        NOT NULL,
    subject uuid        NOT NULL,
    holder  text        NOT NULL,
    step    integer     NOT NULL,
    whom    text        NOT NULL,
    at      timestamptz NOT NULL,
    CONSTRAINT deadline_climb_pk PRIMARY KEY (kind, subject, holder, step)
);
COMMENT ON TABLE mash.deadline_climb IS 'To whom a deadline that was missed has climbed, step by step; each has a leaf.';

CREATE TABLE mash.climb_step (
    step  integer  NOT NULL,
    whom  text     NOT NULL,
    after interval NOT NULL,
    CONSTRAINT climb_step_pk PRIMARY KEY (step)
);
COMMENT ON TABLE mash.climb_step IS 'Who is told of what is late, and how long after it was due.';
INSERT INTO mash.climb_step (step, whom, after)
VALUES (1, 'desk', '0'), (2, 'siro', '4 hours'), (3, 'hub_manager', '1 day');

CREATE TABLE mash.deadline_todo (
    kind    text        NOT NULL,
    subject uuid        NOT NULL,
    holder  text        NOT NULL,
    step    integer     NOT NULL,
    next_at timestamptz NOT NULL,
    CONSTRAINT deadline_todo_pk PRIMARY KEY (kind, subject, holder)
);
COMMENT ON TABLE mash.deadline_todo IS 'What is still owed, and when it climbs next; gone when it is met. Not evidence.';
CREATE INDEX deadline_todo_next ON mash.deadline_todo (next_at);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['deadline', 'deadline_met', 'deadline_climb'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mash.%I
                        FOR EACH ROW EXECUTE FUNCTION mash.refuse_change()', t);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON mash.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION mash.refuse_change()', t);
        EXECUTE format('ALTER TABLE mash.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE mash.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON mash.%I TO mash_owner USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY siro_own ON mash.%I FOR SELECT TO mash_siro_reader
                        USING (holder = ANY ((SELECT mash.siro_agencies())::text[]))', t);
        EXECUTE format('GRANT SELECT ON mash.%I TO mash_siro_reader', t);
    END LOOP;
END
$$;
