-- What is owed by a time: it is set once, climbs step by step when it is late, each step with its leaf, and
-- climbs no more when it is met.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT no_plan();
GRANT USAGE ON SCHEMA tap TO mash_hub;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO mash_hub;
CREATE FUNCTION pg_temp.id(p_n integer) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(p_n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.later(p_by interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mash.setting (name, value) VALUES ('clock_offset_s', extract(epoch FROM p_by)::text)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value $$;
CREATE FUNCTION pg_temp.climbs() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT c.kind || ' ' || c.holder || ' ' || c.whom FROM mash.deadline_climb c ORDER BY c.holder, c.step $$;

SELECT mash.deadline_set('recall', pg_temp.id(1), 'health', NULL, mash.hub_now() + interval '1 hour');
SELECT mash.deadline_set('recall', pg_temp.id(1), 'police', NULL, mash.hub_now() + interval '1 hour');
SELECT mash.deadline_set('recall', pg_temp.id(1), 'police', NULL, mash.hub_now() + interval '9 hours');
SELECT is((SELECT count(*) FROM mash.deadline), 2::bigint, 'the same deadline again is the same one');
SELECT is(door.hub_climb(64), 0::bigint, 'nothing is late yet');
SELECT results_eq($$SELECT holder, late, climbed_to FROM door.hub_deadlines('recall', NULL, false, 10)$$,
                  $$VALUES ('health', false, NULL), ('police', false, NULL)$$, 'staff see who owes what');
SELECT is_empty($$SELECT * FROM door.hub_deadlines(NULL, NULL, true, 10)$$, 'and that nothing is late');

SELECT pg_temp.later('61 minutes');
SET LOCAL ROLE mash_hub;
SELECT is(door.hub_climb(1), 1::bigint, 'what is late climbs, as many at once as the hub asks for');
SELECT is(door.hub_climb(64), 1::bigint, 'then the other');
SELECT is(door.hub_climb(64), 0::bigint, 'and neither twice');
RESET ROLE;
SELECT results_eq($$SELECT * FROM pg_temp.climbs()$$, $$VALUES ('recall health desk'), ('recall police desk')$$, 'the desk is told');
SELECT mash.deadline_meet('recall', pg_temp.id(1), 'health');
SELECT lives_ok($$SELECT mash.deadline_meet('recall', pg_temp.id(1), 'health')$$, 'met twice is met');
SELECT lives_ok($$SELECT mash.deadline_meet('recall', pg_temp.id(9), 'health')$$, 'what nobody owes is met without a word');
SELECT pg_temp.later('3 days');
SELECT is(door.hub_climb(64), 1::bigint, 'only what is not met climbs');
SELECT is(door.hub_climb(64), 1::bigint, 'each step in turn, however late it is noticed');
SELECT is(door.hub_climb(64), 0::bigint, 'to the end of the steps');
SELECT results_eq($$SELECT * FROM pg_temp.climbs() c WHERE c LIKE '% police %'$$,
                  $$VALUES ('recall police desk'), ('recall police siro'), ('recall police hub_manager')$$, 'desk, SIRO, hub manager');
SELECT results_eq($$SELECT holder, late, climbed_to FROM door.hub_deadlines(NULL, NULL, true, 10)$$,
                  $$VALUES ('police', true, 'hub_manager')$$, 'the list names whom it has reached');
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'climb' AND agencies = '{police}'), 3::bigint, 'each step is a leaf of its holder''s');
SELECT mash.deadline_set('justification', pg_temp.id(2), 'hub', NULL, mash.hub_now());
SELECT is(door.hub_climb(64), 1::bigint, 'what the hub itself owes climbs too');
SELECT is((SELECT agencies FROM mash.ledger_leaf WHERE act = 'climb' ORDER BY idx DESC LIMIT 1), '{}', 'and is no agency''s');
SELECT * FROM finish();
ROLLBACK;
