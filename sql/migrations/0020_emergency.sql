-- Immediate danger leaves before anybody has decided: by the owners' standing rules, and justified afterwards.
ALTER TABLE mash.product ALTER COLUMN decision_id DROP NOT NULL;
COMMENT ON COLUMN mash.product.decision_id IS 'NULL: an emergency release (mash.emergency), which no decision went before.';

CREATE TABLE mash.emergency (
    product_id      uuid        NOT NULL,
    enquiry_id      uuid        NOT NULL,
    person_id       uuid        NOT NULL,
    enquiry_version bigint      NOT NULL,
    lapsed          boolean     NOT NULL,
    released_by     text        NOT NULL,
    released_at     timestamptz NOT NULL,
    CONSTRAINT emergency_pk PRIMARY KEY (product_id)
);
COMMENT ON TABLE mash.emergency IS 'A product released in an emergency. Its frozen set are its cuts: every item there was at that version.';
COMMENT ON COLUMN mash.emergency.lapsed IS 'Something left by a standing rule whose time was over: it warns and is recorded, and never keeps a child waiting.';

CREATE TABLE mash.justification (
    product_id   uuid        NOT NULL,
    words_id     uuid        NOT NULL,
    sealed       bytea       NOT NULL,
    commitment   bytea       NOT NULL,
    justified_by text        NOT NULL,
    justified_at timestamptz NOT NULL,
    CONSTRAINT justification_pk PRIMARY KEY (product_id)
);
COMMENT ON TABLE mash.justification IS 'Why it was necessary and proportionate, said afterwards. sealed: salt, rationale, necessity; commitment stands in the leaf.';

GRANT SELECT (product_id, lapsed) ON mash.emergency TO mash_siro_reader;
GRANT SELECT (product_id, justified_by, justified_at) ON mash.justification TO mash_siro_reader;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['emergency', 'justification'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mash.%I
                        FOR EACH ROW EXECUTE FUNCTION mash.refuse_change()', t);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON mash.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION mash.refuse_change()', t);
        EXECUTE format('ALTER TABLE mash.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE mash.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON mash.%I TO mash_owner USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY siro_own ON mash.%I FOR SELECT TO mash_siro_reader
                        USING (EXISTS (SELECT FROM mash.cut c WHERE c.product_id = %I.product_id))', t, t);
    END LOOP;
END
$$;
