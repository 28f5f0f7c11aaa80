-- The walls between the roles, tried rather than read: no program has a table, evidence does not change even
-- for the owner, and each door opens for the roles that the house names and for nobody else.
SET client_min_messages = warning;
SET search_path = tap, public;
GRANT USAGE ON SCHEMA tap TO PUBLIC;
GRANT TEMPORARY ON DATABASE try TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

CREATE TEMPORARY TABLE programs AS
SELECT unnest(ARRAY['mash_intake', 'mash_hub', 'mash_courier', 'mash_notary', 'mash_look', 'mash_admin']) AS role;
CREATE TEMPORARY TABLE evidence AS
SELECT c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE t.tgname = 'append_only_truncate';

-- One try: the SQLSTATE that came, or 'done'. What was done is undone.
CREATE FUNCTION pg_temp.try(p_role text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('SET LOCAL ROLE %I', p_role);
        EXECUTE p_sql;
        RAISE EXCEPTION USING ERRCODE = 'MH999';
    EXCEPTION
        WHEN SQLSTATE 'MH999' THEN RETURN 'done';
        WHEN OTHERS THEN RETURN SQLSTATE;
    END
    $$;

SELECT plan(23 + (SELECT count(*)::integer FROM programs));

SELECT is((SELECT array_agg(DISTINCT pg_temp.try(r.role, format(s.sql, e.name)))
             FROM evidence e, (VALUES ('UPDATE mash.%I SET ctid = ctid'), ('DELETE FROM mash.%I'), ('TRUNCATE mash.%I CASCADE')) AS s (sql)),
          ARRAY['42501'], r.role || ' changes no evidence, on no table, in no way')
  FROM programs r;
SELECT cmp_ok((SELECT count(*) FROM evidence), '>=', 28::bigint, 'and there is evidence to try it on');
SELECT is((SELECT array_agg(DISTINCT pg_temp.try('mash_owner', format('TRUNCATE mash.%I CASCADE', e.name))) FROM evidence e),
          ARRAY['42501'], 'not even the owner truncates evidence');

-- Nothing is granted on any table to any program, so that there is nothing to forget.
SELECT is((SELECT count(*) FROM programs r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'mash',
                  unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
            WHERE c.relkind IN ('r', 'p', 'v', 'm') AND has_table_privilege(r.role, c.oid, p)), 0::bigint,
          'no program has a privilege on a table');
SELECT is((SELECT count(*) FROM programs r JOIN pg_roles p ON p.rolname = r.role
            WHERE p.rolsuper OR p.rolcreaterole OR p.rolcreatedb OR p.rolbypassrls OR p.rolreplication), 0::bigint,
          'no program is more than a login');
SELECT is((SELECT count(*) FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace AND n.nspname IN ('mash', 'door', 'siro')
            WHERE f.prosecdef AND NOT coalesce(f.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)), 0::bigint,
          'every door that acts with other rights has its search path pinned');
SELECT is((SELECT array_agg(f.proname ORDER BY f.proname) FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
            WHERE n.nspname IN ('mash', 'door', 'siro') AND has_function_privilege('public', f.oid, 'EXECUTE')), NULL,
          'no function is anybody''s');
SELECT is((SELECT array_agg(DISTINCT r.role || ' ' || f.proname)
             FROM programs r, pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace AND n.nspname = 'door'
            WHERE has_function_privilege(r.role, f.oid, 'EXECUTE')
              AND f.proname NOT LIKE substr(r.role, 6) || '\_%'
              AND NOT (f.proname IN ('register', 'register_version') AND r.role IN ('mash_intake', 'mash_hub', 'mash_courier', 'mash_admin'))), NULL,
          'each program opens its own doors only, and the register');
SELECT is((SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'mash'
            WHERE c.relname = ANY (ARRAY['ledger_row', 'message', 'item', 'cut', 'product', 'enquiry'])
              AND c.relrowsecurity AND c.relforcerowsecurity), 6::bigint, 'row security is forced where a SIRO looks');

-- The walls that the house is named after.
SELECT is(pg_temp.try('mash_intake', 'SELECT sealed FROM mash.message'), '42501', 'intake cannot read a referral''s content');
SELECT is(pg_temp.try('mash_intake', 'SELECT * FROM door.hub_next(1)'), '42501', 'nor by the hub''s door');
SELECT is(pg_temp.try('mash_courier', 'SELECT sealed FROM mash.item'), '42501', 'the courier cannot read an item');
SELECT is(pg_temp.try('mash_courier', 'SELECT * FROM door.hub_agencies()'), '42501', 'nor use the hub''s doors');
SELECT is(pg_temp.try('mash_courier', 'SELECT * FROM door.courier_due(''police'', 1, false)'), 'done', 'its own door opens');
SELECT is(pg_temp.try('mash_hub', 'SELECT door.notary_head()'), '42501', 'the hub cannot sign heads');
SELECT is(pg_temp.try('mash_notary', 'SELECT sealed FROM mash.message'), '42501', 'the notary sees no content');
SELECT is(pg_temp.try('mash_admin', 'INSERT INTO mash.agency_key SELECT * FROM mash.agency_key'), '42501',
          'the key officer enrols by the door or not at all');

-- What PostgreSQL would let everybody do (sql/lockdown.sql).
SELECT is((SELECT array_agg(pg_temp.try(r.role, s.sql)) FROM (SELECT role FROM programs UNION SELECT 'mash_siro') r), array_fill('42501'::text, ARRAY[7]),
          s.what)
  FROM (VALUES ('SELECT pg_advisory_lock(6962)', 'nobody holds the locks that doors wait for'),
               ('SELECT pg_try_advisory_xact_lock_shared(1, 2)', 'of no kind'),
               ('SELECT pg_notify(''message'', '''')', 'nobody wakes the hub but its doors'),
               ('SELECT lo_create(0)', 'nobody keeps anything in large objects'),
               ('SELECT count(*) FROM pg_stat_all_tables', 'nobody counts what is written about others'),
               ('SELECT pg_stat_get_tuples_inserted(1)', 'by no function')) AS s (sql, what);
SELECT is((SELECT array_agg(rolname ORDER BY rolname) FROM pg_roles
            WHERE rolname IN ('mash_hub', 'mash_notary') AND 'lock_timeout=30s' = ANY (rolconfig)), '{mash_hub,mash_notary}'::name[],
          'the hub and the notary wait for no lock without end');
SELECT * FROM finish();
