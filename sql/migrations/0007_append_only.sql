-- Evidence is append-only: by privilege (nobody is granted anything on it) and by trigger (so that
-- even a mistake of the owner's own functions fails). TRUNCATE needs its own trigger (F9).
CREATE FUNCTION mash.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RAISE EXCEPTION 'mash.% is evidence: rows are added, never changed or removed', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END
    $$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'ledger_row', 'ledger_node', 'checkpoint', 'cosignature', 'agency_key', 'key_revocation', 'staff',
        'submission', 'message', 'quarantine', 'quarantine_act', 'message_mended', 'native_reference',
        'mention', 'link', 'enquiry_event', 'enquiry_message', 'item', 'rating', 'decision',
        'decision_item', 'policy_version', 'policy_signature', 'policy_rule', 'product', 'cut', 'letter',
        'receipt'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mash.%I
                        FOR EACH ROW EXECUTE FUNCTION mash.refuse_change()', t);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON mash.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION mash.refuse_change()', t);
    END LOOP;
END
$$;

-- Nobody but the owner has a row of the ledger, whatever is granted by mistake; a SIRO has mash.siro_leaf.
ALTER TABLE mash.ledger_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE mash.ledger_row FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON mash.ledger_row TO mash_owner USING (true) WITH CHECK (true);
