-- Letters leave at a fixed tick: when one is due tells neither how long the hub worked nor on what, and those of
-- one tick go in the order of their random ids. Only immediate danger waits for none.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(19);

CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.due(n integer) RETURNS timestamptz LANGUAGE sql AS
    $$ SELECT next_try FROM mash.letter_todo WHERE letter_id = pg_temp.id(n) $$;
-- What the courier is given now, in its order.
CREATE FUNCTION pg_temp.given(p_anew boolean) RETURNS uuid[] LANGUAGE sql AS
    $$ SELECT coalesce(array_agg(d.letter_id), '{}') FROM door.courier_due('police', 16, p_anew) d $$;

-- ---- the tick ---------------------------------------------------------------------------------------------
SELECT is(mash.letter_tick('2026-11-22 12:00:00.4+00'), '2026-11-22 12:00:01+00', 'in the demonstration a tick is a second');
SELECT is(mash.letter_tick('2026-11-22 12:00:01+00'), '2026-11-22 12:00:02+00', 'what is put on a tick leaves with the next');
INSERT INTO mash.setting (name, value) VALUES ('letter_tick_seconds', '5');
SELECT is(mash.letter_tick('2026-11-22 12:00:00.1+00'), '2026-11-22 12:00:05+00', 'it may be set otherwise');
SELECT is((SELECT count(DISTINCT mash.letter_tick('2026-11-22 12:00:00+00'::timestamptz + n * interval '1 millisecond'))
             FROM generate_series(0, 4999) n), 1::bigint, 'whatever is put between two ticks is due at one moment');
SELECT is(extract(epoch FROM mash.letter_tick('2026-11-22 12:00:03.217+00'))::numeric % 5, 0::numeric, 'which is the same for every hub');

-- ---- the order ---------------------------------------------------------------------------------------------
SELECT mash.letter_send(pg_temp.id(n), 'police', 'product', 'sealed') FROM unnest(ARRAY[30, 10, 20]) n;
SELECT mash.letter_send(pg_temp.id(40), 'police', 'product', 'sealed', true);
SELECT mash.letter_send(pg_temp.id(50), 'health', 'product', 'sealed');
UPDATE mash.letter_todo SET next_try = mash.letter_tick(clock_timestamp() + interval '1 hour')
 WHERE letter_id IN (pg_temp.id(10), pg_temp.id(20), pg_temp.id(30));
SELECT is((SELECT count(DISTINCT next_try) FROM mash.letter_todo WHERE agency = 'police' AND letter_id <> pg_temp.id(40)), 1::bigint,
          'three letters are due at one tick');
SELECT ok(pg_temp.due(40) <= mash.hub_now(), 'immediate danger is due at once');
SELECT is((SELECT array_agg(agency) FROM door.courier_ready()), ARRAY['police'], 'only who has something due is looked for');
SELECT is(pg_temp.given(false), ARRAY[pg_temp.id(40)], 'and goes; the others wait for their tick');
SELECT is(pg_temp.given(true), ARRAY[pg_temp.id(40)], 'an agency that has just come gets nothing before its tick but what was tried before');
UPDATE mash.letter_todo SET next_try = date_trunc('day', now()) - interval '1 day' WHERE letter_id <> pg_temp.id(40) AND agency = 'police';
SELECT is(pg_temp.given(false), ARRAY[pg_temp.id(10), pg_temp.id(20), pg_temp.id(30)],
          'at the tick they go in the order of their ids, whichever was put first');
SELECT is(pg_temp.given(false), '{}'::uuid[], 'once, until the pause is over');
SELECT is(pg_temp.given(true), ARRAY(SELECT letter_id FROM mash.letter_todo WHERE agency = 'police' ORDER BY next_try, letter_id),
          'what was tried goes again to an agency that has just come');
SELECT is((SELECT array_agg(attempts ORDER BY letter_id) FROM mash.letter_todo WHERE agency = 'police'), ARRAY[2, 2, 2, 3],
          'and each try counts');

-- ---- nobody goes round it -----------------------------------------------------------------------------------
SELECT is_empty($$ SELECT p.proname FROM pg_proc p
                    WHERE p.pronamespace IN ('mash'::regnamespace, 'door'::regnamespace) AND p.proname NOT IN ('letter_send', 'letter_again')
                      AND p.prosrc ~* 'INSERT INTO mash\.letter(_todo)?\M' $$, 'every letter is put by mash.letter_send, and put again by mash.letter_again');
SELECT is(mash.enquiry_immediate(pg_temp.id(1)), false, 'an enquiry that is not there is not urgent');
SELECT is(mash.setting_number('signpost_days'), 1::double precision, 'what is not set is the default');
DELETE FROM mash.setting WHERE name = 'undecided_days';
SELECT is(mash.setting_number('undecided_days'), 3::double precision, 'also where a row was taken away');
SELECT throws_like($$ SELECT mash.setting_number('tomorrow') $$, '%knows no setting tomorrow', 'what no list names is nobody''s default');

SELECT * FROM finish();
ROLLBACK;
