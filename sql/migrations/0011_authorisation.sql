-- The owner's word on its own section of one product: what was asked and what was answered. All of it is
-- evidence; that an answer is owed by a time is a deadline (0015). What state a request is in follows from these rows and the clock.
CREATE TABLE mash.authorisation_request (
    request_id  uuid        NOT NULL,
    enquiry_id  uuid        NOT NULL,
    decision_id uuid        NOT NULL,
    owner       text        NOT NULL,
    recipient   text        NOT NULL,
    purpose     text        NOT NULL,
    template    text        NOT NULL,
    section     bytea       NOT NULL,
    expires_on  date        NOT NULL,
    answer_by   timestamptz NOT NULL,
    sealed      bytea       NOT NULL,
    letter_id   uuid        NOT NULL,
    asked_by    text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    CONSTRAINT authorisation_request_pk PRIMARY KEY (request_id),
    CONSTRAINT authorisation_request_section CHECK (octet_length(section) = 32)
);
COMMENT ON TABLE mash.authorisation_request IS 'An owner was asked, by letter, whether exactly this of its own may go to that recipient for that purpose.';
COMMENT ON COLUMN mash.authorisation_request.section IS 'SHA-256 of the section as it would leave (struct rendering): what is signed.';
COMMENT ON COLUMN mash.authorisation_request.expires_on IS 'The last day, by London, on which a grant counts.';
COMMENT ON COLUMN mash.authorisation_request.answer_by IS 'From then on it is late, and climbs (mash.deadline). Nothing waits for it.';
COMMENT ON COLUMN mash.authorisation_request.sealed IS 'Sealed: the letter as the owner has it, for its own representative at the hub.';
CREATE INDEX authorisation_request_enquiry ON mash.authorisation_request (enquiry_id);
CREATE INDEX authorisation_request_expires ON mash.authorisation_request (expires_on);

CREATE TABLE mash.authorisation (
    request_id uuid        NOT NULL,
    verdict    text        NOT NULL,
    reason     text,
    message_id uuid,
    given_by   text        NOT NULL,
    key_id     text        NOT NULL,
    signature  bytea       NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT authorisation_pk PRIMARY KEY (request_id, verdict),
    CONSTRAINT authorisation_verdict CHECK (verdict = 'granted' AND reason IS NULL
                                            OR verdict = 'refused' AND reason IS NOT NULL)
);
COMMENT ON TABLE mash.authorisation IS 'What the owner said: granted, refused, or first granted and then refused. A refusal stands whatever was said before.';
COMMENT ON COLUMN mash.authorisation.message_id IS 'The owner''s message that brought it; NULL: its representative at the hub did.';
COMMENT ON COLUMN mash.authorisation.given_by IS 'The user name of the representative; "letter" when it came by message.';
COMMENT ON COLUMN mash.authorisation.key_id IS 'A people key of the owner; verified again at every use.';

CREATE TABLE mash.product_supplement (
    product_id uuid NOT NULL,
    earlier_id uuid NOT NULL,
    CONSTRAINT product_supplement_pk PRIMARY KEY (product_id)
);
COMMENT ON TABLE mash.product_supplement IS 'The product of the same decision, recipient and purpose before this one. Known inside the hub only: outside, each stands alone.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['authorisation_request', 'authorisation', 'product_supplement'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mash.%I
                        FOR EACH ROW EXECUTE FUNCTION mash.refuse_change()', t);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON mash.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION mash.refuse_change()', t);
    END LOOP;
END
$$;

-- What was said to one request, among all leaves. As the indexes of 0002: it calls no function of ours.
CREATE INDEX ledger_row_authorisation ON mash.ledger_row (
    (substring(encode(body, 'escape') FROM E'\nrequest ([0-9a-f-]{36})\n'))) WHERE
    split_part(encode(substring(body FROM nullif(position('\x0a61637420'::bytea IN body), 0) + 5 FOR 100), 'escape'),
               E'\n', 1) = 'authorisation';

-- A SIRO sees her own agency's, by columns without content.
GRANT SELECT (request_id, enquiry_id, owner, recipient, purpose, expires_on, answer_by, asked_by, asked_at)
    ON mash.authorisation_request TO mash_siro_reader;
GRANT SELECT (request_id, verdict, reason, given_by, key_id, at) ON mash.authorisation TO mash_siro_reader;
DO $$
DECLARE
    p record;
BEGIN
    FOR p IN SELECT * FROM (VALUES
        ('authorisation_request', 'owner = ANY ((SELECT mash.siro_agencies())::text[])'),
        ('authorisation', 'EXISTS (SELECT FROM mash.authorisation_request r WHERE r.request_id = authorisation.request_id)')
    ) AS t (relation, whose) LOOP
        EXECUTE format('ALTER TABLE mash.%I ENABLE ROW LEVEL SECURITY', p.relation);
        EXECUTE format('ALTER TABLE mash.%I FORCE ROW LEVEL SECURITY', p.relation);
        EXECUTE format('CREATE POLICY owner_all ON mash.%I TO mash_owner USING (true) WITH CHECK (true)', p.relation);
        EXECUTE format('CREATE POLICY siro_own ON mash.%I FOR SELECT TO mash_siro_reader USING (%s)', p.relation, p.whose);
    END LOOP;
END
$$;

-- It says of each product which one it supplements.
DROP FUNCTION IF EXISTS door.hub_products(uuid);
