-- What a message brings besides its content: the trace it belongs to, and the lane that a cap may take from it. And
-- whether intake may call itself ready.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT plan(26);
GRANT USAGE ON SCHEMA tap TO mash_intake;
GRANT TEMPORARY ON DATABASE try TO mash_intake;
SET LOCAL ROLE mash_owner;
INSERT INTO mash.setting (name, value) VALUES ('realm', 'demonstration') ON CONFLICT DO NOTHING;
INSERT INTO mash.agency (agency, name, type, desk, enrolled_at) VALUES ('police', 'police', 'police', 'desk', now());
RESET ROLE;

-- One submission; its messages are immediate, and numbered from its own number.
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('01970000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.push(p_submission integer, p_reasons text[], p_traces text[], p_reserved bigint[],
                             p_key text DEFAULT '0123456789abcdef', p_wait_ms bigint DEFAULT 0)
    RETURNS TABLE (ord bigint, outcome text, leaf_index bigint, leaf bytea, reason text, path text)
    LANGUAGE sql AS $$
        SELECT a.*
          FROM (SELECT array_agg(1::bigint) AS ones, array_agg(pg_temp.id(p_submission + o::integer) ORDER BY o) AS ids,
                       array_agg('referral'::text) AS contents, array_agg('immediate'::text) AS lanes,
                       array_agg(sha256((p_submission + o)::text::bytea) ORDER BY o) AS digests,
                       array_agg('sealed'::bytea) AS sealed, array_agg(NULL::text) AS none, array_agg(gen_random_uuid()) AS new
                  FROM unnest(p_reasons) WITH ORDINALITY u (r, o)) m,
               door.intake_accept('{police}', ARRAY[pg_temp.id(p_submission)], ARRAY[p_key], ARRAY['head'::bytea],
                                  ARRAY[sha256('s')], ones, ids, contents, lanes, digests, sealed, p_reasons, none, new,
                                  p_traces, p_reserved, ARRAY[p_wait_ms]) a
    $$;
\set trace 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01

-- ---- the trace -------------------------------------------------------------------------------------------
SET LOCAL ROLE mash_intake;
CREATE TEMPORARY TABLE traced AS
SELECT * FROM pg_temp.push(100, '{NULL,bad_time,NULL}', ARRAY[:'trace', :'trace', NULL], '{1,1,1}');
SELECT is((SELECT array_agg(outcome ORDER BY ord) FROM traced), '{accepted,quarantined,accepted}', 'a trace changes nothing');
SELECT ok((SELECT convert_from(leaf, 'UTF8') FROM traced WHERE ord = 1) ~ ('\nlane immediate\ntrace ' || :'trace' || '\n$'),
          'it is the last line of the leaf of what is accepted');
SELECT ok((SELECT convert_from(leaf, 'UTF8') FROM traced WHERE ord = 2) ~ ('\nreason bad_time\ntrace ' || :'trace' || '\n$'),
          'and of what goes to quarantine');
SELECT ok((SELECT convert_from(leaf, 'UTF8') FROM traced WHERE ord = 3) ~ '\nlane immediate\n$', 'and no line where there is none');
SELECT is((SELECT array_agg(leaf ORDER BY ord) FROM pg_temp.push(100, '{NULL,bad_time,NULL}', '{NULL,NULL,NULL}', '{1,1,1}')),
          (SELECT array_agg(leaf ORDER BY ord) FROM traced), 'the same again is answered with the trace of the first time');
SELECT throws_ok(format('SELECT * FROM pg_temp.push(200, ''{NULL}'', ARRAY[%L], ''{1}'')', t), 'P0001', NULL, 'no trace: ' || w)
  FROM (VALUES (upper(:'trace'), 'in capitals'), (left(:'trace', 54), 'a digit short'), (:'trace' || '0', 'a digit more'),
               (:'trace' || E'\nact release', 'a line more'), ('', 'empty'), ('Rhys Pryce', 'words')) AS v (t, w);

SELECT throws_ok(format('SELECT * FROM pg_temp.push(210, ''{NULL,NULL}'', ARRAY[%L, %L], ''{1,1}'')', :'trace', t), 'P0001', NULL,
                 'nor beside one that is: ' || w)
  FROM (VALUES (:'trace' || ',' || :'trace', 'two in one'), (:'trace' || E'\nact release', 'a line more'), ('', 'empty'),
               ('-', 'a hyphen')) AS v (t, w);
SELECT throws_ok(format('SELECT * FROM pg_temp.push(220, %L, ''{NULL,NULL}'', ''{1,1}'', %L)', r, k), 'P0001', NULL, 'no origin key: ' || w)
  FROM (VALUES ('{NULL,NULL}', '0123456789abcdef,0123456789abcdef', 'two in one'),
               ('{NULL}', E'0123456789abcdef\nact release', 'a line more'), ('{NULL}', '', 'empty')) AS v (r, k, w);

-- ---- the lane ----------------------------------------------------------------------------------------------
CREATE TEMPORARY TABLE capped AS SELECT * FROM pg_temp.push(300, '{NULL,NULL}', '{NULL,NULL}', '{1,0}');
RESET ROLE;
SELECT is((SELECT array_agg(lane ORDER BY message_id) FROM mash.message WHERE submission_id = pg_temp.id(300)),
          '{immediate,immediate}', 'a message keeps the lane that its sender gave it');
SELECT is((SELECT array_agg(lane ORDER BY message_id) FROM mash.message_todo WHERE message_id IN (pg_temp.id(301), pg_temp.id(302))),
          '{immediate,routine}', 'what a cap took it from overtakes nobody in the hub');
SELECT is((SELECT count(*) FROM capped WHERE convert_from(leaf, 'UTF8') ~ '\nlane immediate\n'), 2::bigint, 'the leaf tells the sender''s lane');

-- ---- the turn ----------------------------------------------------------------------------------------------
SET LOCAL ROLE mash_intake;
CREATE TEMPORARY TABLE thousands AS SELECT * FROM pg_temp.push(400, '{NULL,NULL}', '{NULL,NULL}', '{0,0}', p_wait_ms => 60000);
CREATE TEMPORARY TABLE hundreds AS SELECT * FROM pg_temp.push(500, '{NULL}', '{NULL}', '{0}', p_wait_ms => 30000);
CREATE TEMPORARY TABLE few AS SELECT * FROM pg_temp.push(600, '{NULL}', '{NULL}', '{0}');
RESET ROLE;
SELECT is((SELECT array_agg(message_id) FROM door.hub_next(64) WHERE message_id > pg_temp.id(400)),
          ARRAY[pg_temp.id(601), pg_temp.id(501), pg_temp.id(401), pg_temp.id(402)],
          'who sends a few goes before who sent thousands; nobody waits for a turn that nobody else wants');

-- ---- readiness ---------------------------------------------------------------------------------------------
SET LOCAL ROLE mash_intake;
SELECT is(door.intake_ready(), 'not_durable', 'a commit that does not wait for the disk is told');
SET LOCAL synchronous_commit = on;
SELECT is(door.intake_ready(), NULL, 'intake is ready when it can write and the ledger fits its head');
RESET ROLE;
SAVEPOINT fits;
UPDATE mash.ledger_head SET size = size + 1;
SELECT is(door.intake_ready(), 'ledger_apart', 'a head past the leaves is told');
ROLLBACK TO fits;
SAVEPOINT fits;
SET LOCAL transaction_read_only = on;
SELECT door.intake_ready() AS said \gset
ROLLBACK TO fits;
SELECT is(:'said'::text, 'read_only', 'so is a database that takes nothing');
SELECT * FROM finish();
ROLLBACK;
