-- Looking after the front door: intake's picture of itself, the limits that the hub's manager sets with a
-- leaf, who may look, and that neither table takes anything but codes and numbers.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT no_plan();
GRANT USAGE ON SCHEMA tap TO mash_intake, mash_hub, mash_courier;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO mash_intake, mash_hub, mash_courier;
INSERT INTO mash.agency (agency, name, type, desk, enrolled_at)
SELECT a, a, 'police', 'desk', now() FROM unnest(ARRAY['police', 'health']) a;
INSERT INTO mash.staff (staff, key_id, public, roles, enrolled_at, leaf_index)
VALUES ('max', 'k-max', '', '{hub_manager}', now(), 0), ('ann', 'k-ann', '', '{triage_officer}', now(), 0);

CREATE FUNCTION pg_temp.ms(p_ago interval) RETURNS bigint LANGUAGE sql
    AS $$ SELECT (extract(epoch FROM date_trunc('second', now()) - p_ago) * 1000)::bigint $$;
-- A report of the intake with one sender, whose totals are the intake's too.
CREATE FUNCTION pg_temp.report(p_name text, p_ago interval, p_key text, p_agency text, p_accepted bigint, p_reason text)
    RETURNS void LANGUAGE sql AS $$
        SELECT door.intake_report(p_name, pg_temp.ms(p_ago), 1, 2, 300, ARRAY[p_accepted, 0, 0, 1, 0],
                                  ARRAY[p_key], ARRAY[p_agency], '{512}', '{3}', '{4}', ARRAY[p_accepted], '{0}', '{0}',
                                  '{1}', '{0}', ARRAY[p_agency], ARRAY[p_reason], '{1}')
    $$;
-- A statement's time moves on within the transaction, as far as the door is concerned; this moves the rows back.
CREATE FUNCTION pg_temp.past(p_ago interval) RETURNS void LANGUAGE sql AS $$
    UPDATE mash.intake_sender s SET last_at = s.last_at - p_ago, before_at = s.before_at - p_ago;
    UPDATE mash.intake_state s SET at = s.at - p_ago, before_at = s.before_at - p_ago
$$;

-- ---- the picture -------------------------------------------------------------------------------------
SET LOCAL ROLE mash_intake;
SELECT lives_ok($$SELECT pg_temp.report('intake', '1 minute', '0123456789abcdef', 'police', 10, 'bad_time')$$, 'intake reports');
RESET ROLE;
SELECT pg_temp.past('2 seconds');
SET LOCAL ROLE mash_intake;
SELECT lives_ok($$SELECT pg_temp.report('intake', '1 minute', '0123456789abcdef', 'police', 40, 'bad_time')$$, 'and again');
SET LOCAL ROLE mash_hub;
SELECT results_eq($$SELECT name, alive, waiting_reserved, waiting_ordinary, waiting_bytes, accepted, refused FROM door.hub_intake()$$,
                  $$VALUES ('intake', true, 1::bigint, 2::bigint, 300::bigint, 40::bigint, 1::bigint)$$, 'staff see the newest');
SELECT ok(rate_tenths BETWEEN 100 AND 151, 'thirty messages in two seconds are fifteen a second') FROM door.hub_intake();
SELECT ok(rate_tenths BETWEEN 100 AND 151, 'so they are for the sender') FROM door.hub_intake_senders(NULL, 10);
SELECT results_eq($$SELECT agency, key_id, credit, waiting, unanswered, accepted FROM door.hub_intake_senders('police', 10)$$,
                  $$VALUES ('police', '0123456789abcdef', 512::bigint, 3::bigint, 4::bigint, 40::bigint)$$, 'with its credit and what waits');
SELECT is_empty($$SELECT * FROM door.hub_intake_senders('health', 10)$$, 'of another agency nothing');
SELECT results_eq($$SELECT agency, reason, total FROM door.hub_intake_refused(NULL)$$, $$VALUES ('police', 'bad_time', 1::bigint)$$,
                  'and refusals by reason');
RESET ROLE;
SELECT is((SELECT count(*) FROM mash.ledger_leaf), 0::bigint, 'a report is no act');
SELECT pg_temp.past('11 seconds');
SET LOCAL ROLE mash_hub;
SELECT results_eq($$SELECT alive, rate_tenths, silent_s >= 11 FROM door.hub_intake()$$, $$VALUES (false, 0::bigint, true)$$,
                  'after ten silent seconds it does not run, and has no rate');
RESET ROLE;

-- A second instance, a restart, and two under one name.
SELECT lives_ok($$SELECT pg_temp.report('intake-2', '30 seconds', 'feedfeedfeedfeed', 'health', 1, 'busy')$$, 'another has its own rows');
SELECT is((SELECT count(*) FROM mash.intake_state), 2::bigint, 'beside the first');
SELECT lives_ok($$SELECT pg_temp.report('intake', '5 seconds', 'aaaaaaaaaaaaaaaa', 'police', 2, 'key_unknown')$$, 'the first starts again');
SELECT results_eq($$SELECT key_id, accepted, before_answered FROM mash.intake_sender WHERE name = 'intake'$$,
                  $$VALUES ('aaaaaaaaaaaaaaaa', 2::bigint, 0::bigint)$$, 'with nothing of its last life');
SELECT is((SELECT array_agg(reason ORDER BY reason) FROM mash.intake_refused), '{busy,key_unknown}', 'nor its refusals');
SELECT throws_ok($$SELECT pg_temp.report('intake', '1 minute', '0123456789abcdef', 'police', 50, 'bad_time')$$, 'MH001', 'state_wrong',
                 'of two under one name the older is not believed');

-- Codes and numbers only.
SELECT throws_ok($$SELECT pg_temp.report('intake', '5 seconds', 'Mary Smith', 'police', 1, 'busy')$$, '23514', NULL, 'a key is hex digits');
SELECT throws_ok($$SELECT pg_temp.report('intake', '5 seconds', 'aaaaaaaaaaaaaaaa', 'Mary Smith', 1, 'busy')$$, '23514', NULL, 'an agency is a code');
SELECT throws_ok($$SELECT pg_temp.report('intake', '5 seconds', 'aaaaaaaaaaaaaaaa', 'police', 1, 'Mary Smith')$$, '23514', NULL, 'a reason too');
SELECT throws_ok($$SELECT pg_temp.report('Mary Smith', '5 seconds', 'aaaaaaaaaaaaaaaa', 'police', 1, 'busy')$$, '23514', NULL, 'and the instance');

-- ---- the lag -----------------------------------------------------------------------------------------
INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
VALUES (gen_random_uuid(), 'police', 'immediate', mash.hub_now() - interval '7 seconds'),
       (gen_random_uuid(), 'police', 'immediate', mash.hub_now() - interval '3 seconds');
SET LOCAL ROLE mash_hub;
SELECT results_eq($$SELECT lane, waiting, oldest_s FROM door.hub_intake_lag(NULL)$$,
                  $$VALUES ('immediate', 2::bigint, 7::bigint), ('routine', 0, NULL)$$, 'what waits for the queue, and the oldest of it');
SELECT results_eq($$SELECT waiting FROM door.hub_intake_lag('health')$$, $$VALUES (0::bigint), (0)$$, 'of one agency');
RESET ROLE;

-- ---- limits ------------------------------------------------------------------------------------------
SET LOCAL ROLE mash_intake;
SELECT is_empty($$SELECT * FROM door.intake_limits()$$, 'nothing is set at first');
SET LOCAL ROLE mash_hub;
SELECT lives_ok($$SELECT door.hub_limit('max', 'police', 'credit', 32)$$, 'the manager sets one');
SELECT lives_ok($$SELECT door.hub_limit('max', NULL, 'waiting', 1000)$$, 'and the default');
SELECT lives_ok($$SELECT door.hub_limit('max', 'police', 'credit', 64)$$, 'and changes it');
SELECT results_eq($$SELECT agency, name, value, set_by FROM door.hub_limits()$$,
                  $$VALUES (NULL, 'waiting', 1000::bigint, 'max'), ('police', 'credit', 64, 'max')$$, 'both are listed');
SET LOCAL ROLE mash_intake;
SELECT results_eq($$SELECT agency, name, value FROM door.intake_limits()$$,
                  $$VALUES ('', 'waiting', 1000::bigint), ('police', 'credit', 64)$$, 'intake is told, the default first');
SET LOCAL ROLE mash_hub;
SELECT throws_ok($$SELECT door.hub_limit('ann', 'police', 'credit', 1)$$, 'MH001', 'role_missing', 'nobody else sets any');
SELECT throws_ok($$SELECT door.hub_limit('max', 'nobody', 'credit', 1)$$, 'MH001', 'not_found', 'for an agency that is one');
SELECT throws_ok($$SELECT door.hub_limit('max', 'police', 'speed', 1)$$, 'MH001', 'argument_wrong', 'by a name that there is');
SELECT throws_ok(format('SELECT door.hub_limit(''max'', ''police'', %L, %s)', n, v), 'MH001', 'argument_wrong',
                 format('within its bounds: %s %s', n, v))
  FROM (VALUES ('credit', 0), ('credit', -1), ('waiting', 63), ('immediate_per_minute', 0), ('waiting', 1000001)) AS x (n, v);
SELECT lives_ok($$SELECT door.hub_limit('max', 'police', 'credit', NULL)$$, 'it is taken back');
SELECT throws_ok($$SELECT door.hub_limit('max', 'police', 'credit', NULL)$$, 'MH001', 'not_found', 'once');
RESET ROLE;
SELECT is((SELECT array_agg(concat_ws(' ', l.actor, l.agencies, mash.leaf_says(l.body, 'of'), mash.leaf_says(l.body, 'name'),
                                      mash.leaf_says(l.body, 'value')) ORDER BY l.idx) FROM mash.ledger_leaf l WHERE l.act = 'limit'),
          ARRAY['max {police} police credit 32', 'max {} default waiting 1000', 'max {police} police credit 64',
                'max {police} police credit default'], 'every change has its leaf, and nothing that was refused');

-- ---- the courier's look ------------------------------------------------------------------------------
INSERT INTO mash.letter (letter_id, agency, kind, sealed, put_at)
SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'police', 'product', 'sealed', mash.hub_now() - n * interval '1 minute'
  FROM generate_series(1, 3) n;
INSERT INTO mash.letter_todo (letter_id, agency, attempts, next_try)
SELECT letter_id, agency, 0, CASE WHEN put_at < mash.hub_now() - interval '150 seconds' THEN 'infinity' ELSE put_at END FROM mash.letter;
SET LOCAL ROLE mash_courier;
SELECT results_eq('SELECT letters, oldest_s, parked, unsigned FROM door.courier_watch()',
                  $$VALUES (2::bigint, 120::bigint, 1::bigint, 4::bigint)$$, 'counts letters, those parked, and what is not signed');
RESET ROLE;

-- ---- who may -----------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.may(p_role text, p_door text) RETURNS boolean LANGUAGE sql AS
    $$ SELECT bool_or(has_function_privilege(p_role, f.oid, 'EXECUTE')) FROM pg_proc f WHERE f.pronamespace = 'door'::regnamespace AND f.proname = p_door $$;
SELECT is((SELECT array_agg(r ORDER BY r) FROM unnest(ARRAY['mash_intake', 'mash_hub', 'mash_courier', 'mash_notary', 'mash_look', 'mash_admin']) r
            WHERE pg_temp.may(r, d.door)), ARRAY[d.role], d.door || ' is ' || d.role || '''s alone')
  FROM (VALUES ('intake_report', 'mash_intake'), ('intake_limits', 'mash_intake'), ('hub_intake', 'mash_hub'),
               ('hub_intake_senders', 'mash_hub'), ('hub_intake_refused', 'mash_hub'), ('hub_intake_lag', 'mash_hub'),
               ('hub_limits', 'mash_hub'), ('hub_limit', 'mash_hub'), ('courier_watch', 'mash_courier')) AS d (door, role);
SELECT * FROM finish();
ROLLBACK;
