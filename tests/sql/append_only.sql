-- What programs may do to evidence: nothing but call their doors (R19). And what the owner's own functions
-- may do to it: add. Read from the catalogue, so that a table made later is judged, too. Run as the
-- superuser, with pgTAP in the path.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT plan(30);

CREATE TEMPORARY TABLE program (role text, doors text);
INSERT INTO program VALUES ('mash_intake', 'intake_'), ('mash_hub', 'hub_'), ('mash_courier', 'courier_'),
    ('mash_notary', 'notary_'), ('mash_admin', 'admin_'), ('mash_look', 'look_'), ('mash_siro', '-');
CREATE TEMPORARY VIEW stored AS
    SELECT c.oid, c.relname FROM pg_class c
     WHERE c.relnamespace = 'mash'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
CREATE TEMPORARY VIEW may AS
    SELECT p.role, t.relname, w.what FROM program p, stored t,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS w (what)
     WHERE has_table_privilege(p.role, t.oid, w.what)
        OR w.what IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(p.role, t.oid, w.what);

-- ---- privileges ---------------------------------------------------------------------------------
SELECT cmp_ok((SELECT count(*) FROM stored), '>=', 40::bigint, 'the catalogue was found');
SELECT is_empty(format('SELECT relname, what FROM may WHERE role = %L', role), role || ' has no right on any table')
  FROM program ORDER BY role;
SELECT is_empty($$SELECT relname FROM stored t, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) w (what)
                   WHERE has_table_privilege('mash_siro_reader', t.oid, w.what)$$, 'the SIROs'' reader writes nothing');
SELECT is_empty($$SELECT t.relname, a.attname FROM stored t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0
                   WHERE has_column_privilege('mash_siro_reader', t.oid, a.attnum, 'SELECT')
                     AND (a.atttypid = 'bytea'::regtype OR a.attname IN ('rationale', 'text', 'note'))$$,
                'the SIROs'' reader sees no content');
SELECT is_empty($$SELECT c.relname, p.role FROM pg_class c, program p
                   WHERE c.relnamespace = 'mash'::regnamespace AND c.relkind = 'S'
                     AND has_sequence_privilege(p.role, c.oid, 'USAGE, SELECT, UPDATE')$$,
                'nobody has a right on a sequence');
SELECT is_empty($$SELECT p.role, n.nspname FROM program p, pg_namespace n
                   WHERE n.nspname IN ('mash', 'door', 'siro') AND has_schema_privilege(p.role, n.oid, 'CREATE')$$,
                'nobody makes anything in the hub''s schemas');
SELECT is_empty($$SELECT p.role FROM program p WHERE has_schema_privilege(p.role, 'mash', 'USAGE')$$,
                'the schema of the tables is closed');
SELECT is_empty($$SELECT r.rolname FROM pg_roles r JOIN program p ON p.role = r.rolname
                   WHERE r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
                      OR pg_has_role(r.oid, 'mash_owner', 'member')$$, 'no program is more than it says');
SELECT is_empty($$SELECT t.relname FROM stored t JOIN pg_class c ON c.oid = t.oid
                   WHERE pg_get_userbyid(c.relowner) <> 'mash_owner'$$, 'every table belongs to the owner, who cannot log in');
SELECT is((SELECT rolcanlogin FROM pg_roles WHERE rolname = 'mash_owner'), false, 'the owner cannot log in');

-- ---- doors --------------------------------------------------------------------------------------
CREATE TEMPORARY VIEW door AS
    SELECT p.oid, p.proname, p.prosecdef, p.proconfig, p.proargnames, p.proargmodes, p.proacl
      FROM pg_proc p WHERE p.pronamespace = 'door'::regnamespace;
SELECT is_empty('SELECT proname FROM door WHERE NOT prosecdef', 'every door is SECURITY DEFINER');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p
                   WHERE p.pronamespace IN ('mash'::regnamespace, 'door'::regnamespace, 'siro'::regnamespace)
                     AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)
                     AND (p.prosqlbody IS NULL OR p.prosecdef)$$,
                'every function has its search_path pinned, or is bound to its objects');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p
                    LEFT JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a ON true
                   WHERE p.pronamespace IN ('mash'::regnamespace, 'door'::regnamespace, 'siro'::regnamespace)
                     AND a.grantee = 0$$, 'no function is open to everybody');
SELECT is_empty($$SELECT p.role, d.proname FROM program p, door d
                   WHERE has_function_privilege(p.role, d.oid, 'EXECUTE')
                     AND NOT starts_with(d.proname, p.doors) AND d.proname NOT IN ('register', 'register_version')$$,
                'a program may use its own doors and the register, and no other');
SELECT is_empty($$SELECT d.proname FROM door d
                   WHERE NOT EXISTS (SELECT FROM program p WHERE has_function_privilege(p.role, d.oid, 'EXECUTE'))$$,
                'there is no door that nobody uses');
SELECT is_empty($$SELECT p.role, f.oid::regprocedure FROM program p, pg_proc f
                   WHERE f.pronamespace = 'mash'::regnamespace AND has_function_privilege(p.role, f.oid, 'EXECUTE')$$,
                'no program reaches an inner function');
CREATE TEMPORARY VIEW answered AS
    SELECT p.role, d.proname, a.name FROM program p
      JOIN door d ON has_function_privilege(p.role, d.oid, 'EXECUTE'),
           unnest(d.proargnames, d.proargmodes) AS a (name, mode)
     WHERE a.mode IN ('t', 'o', 'b');
SELECT is_empty($$SELECT proname, name FROM answered WHERE role = 'mash_intake'
                     AND name NOT IN ('ord', 'outcome', 'leaf_index', 'leaf', 'reason', 'path', 'key_id', 'agency',
                                      'agency_type', 'kind', 'public', 'usable', 'roles', 'valid_until')
                     AND NOT (proname = 'intake_limits' AND name IN ('name', 'value'))$$,
                'intake reads acknowledgements, the register and its limits, no content');
SELECT is_empty($$SELECT proname, name FROM answered WHERE role = 'mash_courier' AND proname NOT IN ('register', 'register_version')
                     AND name NOT IN ('letter_id', 'sealed', 'size', 'note', 'proof')
                     AND NOT (proname = 'courier_watch' AND name IN ('letters', 'oldest_s', 'parked', 'unsigned', 'unsigned_s'))
                     AND NOT (proname = 'courier_ready' AND name = 'agency')$$,
                'the courier reads sealed letters, notes, proofs and how many wait: nothing that opens them');
SELECT is_empty($$SELECT proname, name FROM answered WHERE role = 'mash_notary'
                     AND name NOT IN ('size', 'folded', 'signed', 'origin', 'note')$$,
                'the notary reads counts and notes');

-- ---- triggers: the owner's own mistakes ---------------------------------------------------------
CREATE TEMPORARY VIEW evidence AS
    SELECT t.oid, t.relname FROM stored t WHERE EXISTS (
        SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgname = 'append_only' AND g.tgenabled = 'O');
SELECT is((SELECT array_agg(relname::text ORDER BY relname) FROM stored JOIN pg_class c USING (oid, relname)
            WHERE c.relkind <> 'v' AND oid NOT IN (SELECT oid FROM evidence)),
          ARRAY['agency', 'agency_check', 'climb_step', 'clock_rule', 'closed_day', 'code_list', 'deadline_todo', 'enquiry',
                'info_class', 'intake_limit',
                'intake_refused', 'intake_sender', 'intake_state', 'ledger_head', 'letter_todo', 'lifecycle', 'message_todo', 'person', 'person_key', 'reason', 'reconciled', 'session', 'setting', 'signpost',
                'subject', 'unsettled'],
          'every other table is evidence; one that is not must be put in this list by a person');

-- A row in every such table, made from the types of its columns, with the constraints out of the way.
DO $$
DECLARE
    t    record;
    k    record;
    cols text;
    vals text;
BEGIN
    FOR t IN SELECT oid, oid::regclass AS name FROM evidence LOOP
        FOR k IN SELECT conname FROM pg_constraint WHERE conrelid = t.oid AND contype = 'c' LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', t.name, k.conname);
        END LOOP;
        SELECT string_agg(quote_ident(a.attname), ', '),
               string_agg(CASE WHEN a.attndims > 0 OR a.atttypid::regtype::text LIKE '%[]' THEN '''{}'''
                               WHEN a.atttypid IN ('date'::regtype, 'timestamptz'::regtype) THEN 'now()'
                               WHEN a.atttypid = 'uuid'::regtype THEN 'gen_random_uuid()'
                               WHEN a.atttypid = 'boolean'::regtype THEN 'false'
                               WHEN a.atttypid IN ('text'::regtype, 'bytea'::regtype) THEN '''x'''
                               ELSE '-7' END, ', ')
          INTO cols, vals
          FROM pg_attribute a
         WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND a.attidentity = ''
           AND a.attgenerated = '';
        EXECUTE format('INSERT INTO %s (%s) VALUES (%s)', t.name, cols, vals);
    END LOOP;
END
$$;

CREATE TEMPORARY TABLE tried (relation text, what text, answer text);
DO $$
DECLARE
    t record;
    w record;
BEGIN
    FOR t IN SELECT e.oid::regclass::text AS name, quote_ident(a.attname) AS col
               FROM evidence e JOIN pg_attribute a ON a.attrelid = e.oid AND a.attnum = 1 LOOP
        FOR w IN SELECT * FROM (VALUES ('UPDATE', format('UPDATE %s SET %s = %s', t.name, t.col, t.col)),
                                       ('DELETE', format('DELETE FROM %s', t.name)),
                                       ('TRUNCATE', format('TRUNCATE %s', t.name))) AS v (what, statement) LOOP
            BEGIN
                SET LOCAL ROLE mash_owner;
                EXECUTE w.statement;
                RESET ROLE;
                INSERT INTO tried VALUES (t.name, w.what, 'done');
            EXCEPTION WHEN OTHERS THEN -- which also takes the role back
                INSERT INTO tried VALUES (t.name, w.what, SQLERRM);
            END;
        END LOOP;
    END LOOP;
END
$$;
SELECT cmp_ok((SELECT count(*) FROM tried), '>=', 75::bigint, 'evidence was found to try');
SELECT is_empty(format('SELECT relation, answer FROM tried WHERE what = %L AND answer NOT LIKE ''%% is evidence: %%''', what),
                format('the owner''s %s is refused on every evidence table', what))
  FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) what;

SELECT * FROM finish();
ROLLBACK;
