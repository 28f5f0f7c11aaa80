-- What a Senior Information Risk Owner may see: her own agency's acts, completely, without content, and
-- nothing of others (R20). The functions in sql/functions/70_siro.sql run as mash_siro_reader; these
-- policies decide by who opened the session, never by a setting or SET ROLE.

-- The agencies whose SIRO opened this session: members of siro_<agency> ("-" written "_").
CREATE FUNCTION mash.siro_agencies() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(array_agg(a.agency), '{}')
          FROM mash.agency a
          JOIN pg_roles r ON r.rolname = 'siro_' || translate(a.agency, '-', '_')
         WHERE pg_has_role(session_user, r.oid, 'member')
    $$;
GRANT EXECUTE ON FUNCTION mash.siro_agencies() TO mash_siro_reader;
GRANT EXECUTE ON FUNCTION mash.rfc3339(timestamptz) TO mash_siro_reader;

-- Columns are granted one by one: nothing sealed, no other agency's name.
GRANT SELECT (agency, message_id, content, lane, received_at) ON mash.message TO mash_siro_reader;
GRANT SELECT (agency, message_id, original_id, staff, corrected, at) ON mash.message_mended TO mash_siro_reader;
GRANT SELECT (agency, message_id, enquiry_id, treatment) ON mash.enquiry_message TO mash_siro_reader;
GRANT SELECT (enquiry_id, reference) ON mash.enquiry TO mash_siro_reader;
GRANT SELECT (item_id, enquiry_id, owner, message_id, class, tier, arrived_at) ON mash.item TO mash_siro_reader;
GRANT SELECT (product_id, item_id, owner, class, verdict, rule_version, rule_line, reason) ON mash.cut TO mash_siro_reader;
GRANT SELECT (product_id, enquiry_id, recipient, purpose, gateway, released_by, released_at, letter_id)
    ON mash.product TO mash_siro_reader;
GRANT SELECT (letter_id, outcome, received_at) ON mash.receipt TO mash_siro_reader;

-- Legend: table, and whose row it is. (SELECT ...) makes it one question a query, not one a row.
DO $$
DECLARE
    mine constant text := '((SELECT mash.siro_agencies())::text[])';
    p    record;
BEGIN
    FOR p IN SELECT * FROM (VALUES
        ('message', 'agency = ANY ' || mine),
        ('message_mended', 'agency = ANY ' || mine),
        ('enquiry_message', 'agency = ANY ' || mine),
        ('item', 'owner = ANY ' || mine),
        ('cut', 'owner = ANY ' || mine),
        ('enquiry', 'EXISTS (SELECT FROM mash.enquiry_message m WHERE m.enquiry_id = enquiry.enquiry_id)'),
        ('product', 'EXISTS (SELECT FROM mash.cut c WHERE c.product_id = product.product_id)'),
        ('receipt', 'EXISTS (SELECT FROM mash.product p WHERE p.letter_id = receipt.letter_id)')
    ) AS t (relation, whose) LOOP
        EXECUTE format('ALTER TABLE mash.%I ENABLE ROW LEVEL SECURITY', p.relation);
        EXECUTE format('ALTER TABLE mash.%I FORCE ROW LEVEL SECURITY', p.relation);
        EXECUTE format('DROP POLICY IF EXISTS owner_all ON mash.%I', p.relation);
        EXECUTE format('CREATE POLICY owner_all ON mash.%I TO mash_owner USING (true) WITH CHECK (true)', p.relation);
        EXECUTE format('CREATE POLICY siro_own ON mash.%I FOR SELECT TO mash_siro_reader USING (%s)', p.relation, p.whose);
    END LOOP;
END
$$;

-- Her acts. What is read from a leaf's text takes the whole text, so that here a view stands before it.
CREATE VIEW mash.siro_leaf WITH (security_barrier) AS
    SELECT idx, at, act, agencies, actor, subject
      FROM mash.ledger_leaf
     WHERE agencies && (SELECT mash.siro_agencies());
GRANT SELECT ON mash.siro_leaf TO mash_siro_reader;

GRANT CREATE, USAGE ON SCHEMA siro TO mash_siro_reader;
