-- Policy versions and release: what only the database can know. Exactly the frozen set is judged; who kept
-- something back is named in no other agency's record; an old product shows the rule of its own day.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(56);

-- The scene: a decided enquiry with three items of two owners.
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

SELECT door.admin_agency('police', 'Police', 'police', 'desk 1');
SELECT door.admin_agency('health', 'Health', 'health_acute', 'desk 2');
SELECT door.admin_agency('education', 'School', 'school', 'desk 3');
SELECT door.admin_staff('d.maker', '\x01', ARRAY['decision_maker']);
SELECT door.admin_staff('t.officer', '\x02', ARRAY['triage_officer']);
SELECT mash.enquiries_open(ARRAY[ROW(1, now(), 'police', NULL, 'routine', now(), pg_temp.id(1), NULL, NULL, NULL, NULL, 'amber',
                                     NULL, 3, NULL)::mash.work]);
SELECT mash.enquiry_step(pg_temp.id(1), 'claim', 'd.maker');
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, free_text, sealed, arrived_at)
VALUES (pg_temp.id(11), pg_temp.id(1), 'police', pg_temp.id(0), 'incident', true, 'i', now()),
       (pg_temp.id(12), pg_temp.id(1), 'police', pg_temp.id(0), 'source_identity', true, 'i', now()),
       (pg_temp.id(13), pg_temp.id(1), 'health', pg_temp.id(0), 'health', true, 'i', now()),
       (pg_temp.id(14), pg_temp.id(1), 'health', pg_temp.id(0), 'health', true, 'late', now());
INSERT INTO mash.decision (decision_id, enquiry_id, person_id, outcome, gateway, decided_by, decided_at, enquiry_version,
                           commitment, sealed)
VALUES (pg_temp.id(2), pg_temp.id(1), pg_temp.id(3), 'assessment_s17', 'ca1989_s17', 'd.maker', now(), 3, 'c', 's');
INSERT INTO mash.decision_item
VALUES (pg_temp.id(2), pg_temp.id(11)), (pg_temp.id(2), pg_temp.id(12)), (pg_temp.id(2), pg_temp.id(13));
SELECT mash.record('decide', '{}', 'd.maker', pg_temp.id(1), 'decision', pg_temp.id(2)::text,
                   'frozen', encode(mash.frozen_digest(pg_temp.id(2)), 'hex'));

SELECT door.admin_staff('h.manager', '\x03', ARRAY['hub_manager']);

CREATE FUNCTION pg_temp.load(p_text text, p_version bigint, p_staff text DEFAULT 'h.manager', p_from text DEFAULT NULL)
    RETURNS bigint LANGUAGE sql AS $$
    SELECT door.hub_policy_load(p_staff, 'police', p_version, sha256(p_text::bytea), p_text, ARRAY['k1', 'k2'],
        ARRAY['s1', 's2']::bytea[], ARRAY[2]::bigint[], ARRAY['allow'], ARRAY['incident'], ARRAY['type'], ARRAY['school'],
        ARRAY['school_support'], ARRAY['any'], ARRAY['summary'], ARRAY['false'], ARRAY['false'], ARRAY['2026-09-01'],
        ARRAY['2027-08-31'], p_from)
$$;

CREATE FUNCTION pg_temp.share(p_staff text, n integer, p_items uuid[]) RETURNS void LANGUAGE sql AS $$
    SELECT door.hub_share(p_staff, pg_temp.id(n), pg_temp.id(1), pg_temp.id(2), 'education', 'school_support', 'ca1989_s17',
        sha256('d'), sha256('p'), 'shared', pg_temp.id(n + 1), 'full', pg_temp.id(n + 2), 'letter', p_items,
        ARRAY['summary', 'silent', 'signpost', 'full'], ARRAY[1, 1, 0, 0]::bigint[], ARRAY[2, 0, 0, 0]::bigint[],
        ARRAY['because', 'because', 'because', 'because'], 'amber', '2026-11-28', ARRAY['sanitise', '', '', ''],
        ARRAY[1, 0, 0, 0]::bigint[], ARRAY['', '', '', ''])
$$;

CREATE FUNCTION pg_temp.frozen() RETURNS uuid[] LANGUAGE sql AS
    $$ SELECT ARRAY[pg_temp.id(11), pg_temp.id(12), pg_temp.id(13)] $$;

CREATE FUNCTION pg_temp.leaf(p_act text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT array_to_string(agencies, ',') FROM mash.ledger_leaf WHERE act = p_act ORDER BY idx
$$;

-- ---- policy ----------------------------------------------------------------------------------------------
SELECT is(pg_temp.load(E'# first\nold sentence', 1), 1::bigint, 'the first version of an owner is 1');
SELECT is(pg_temp.load(E'# second\nnew sentence', 2), 2::bigint, 'the next is 2');
SELECT is((SELECT count(*) FROM door.hub_policies_in_force()), 2::bigint, 'in force is the highest version alone, a row a signature');
SELECT is((SELECT DISTINCT version FROM door.hub_policies_in_force()), 2, 'and it is the second');
SELECT is((SELECT policy FROM door.hub_policy_text('police', 1)), E'# first\nold sentence', 'an old version is still to be read');
SELECT is((SELECT policy FROM door.hub_policy_text('police', NULL)), E'# second\nnew sentence', 'without a number: the one in force');
SELECT throws_ok($$ SELECT pg_temp.load(E'# first\nold sentence', 1) $$, 'MH001', 'state_wrong',
                 'what was signed as the first version does not come back');
SELECT throws_ok($$ SELECT pg_temp.load(E'# first\nold sentence', 3, 'd.maker') $$, 'MH001', 'role_missing',
                 'only the hub manager loads');
SELECT is(pg_temp.load(E'# first\nold sentence', 3), 3::bigint, 'going back is signing the old text as a new version');
SELECT is((SELECT DISTINCT leaves FROM door.hub_policies_in_force()), 3::bigint, 'the ledger knows of as many versions');
SELECT matches((SELECT DISTINCT leaf FROM door.hub_policies_in_force()), '\nowner police\nversion 3\n', 'and which is the last');
SELECT set_eq($$ SELECT * FROM pg_temp.leaf('policy') $$, ARRAY['police'], 'every version has a leaf of its owner');
SELECT is((SELECT count(*) FROM mash.policy_rule), 3::bigint, 'and its sentences stand as rows');

-- A superuser takes the last version away, to bring the one before back.
SAVEPOINT whole;
ALTER TABLE mash.policy_version DISABLE TRIGGER USER;
ALTER TABLE mash.policy_signature DISABLE TRIGGER USER;
DELETE FROM mash.policy_signature WHERE version = 3;
DELETE FROM mash.policy_version WHERE version = 3;
SELECT results_eq($$ SELECT DISTINCT version, leaves FROM door.hub_policies_in_force() $$, $$ VALUES (2, 3::bigint) $$,
                  'a version taken away leaves fewer versions than leaves');
SELECT is(door.hub_policy_next('police'), 4::bigint, 'and its number is never used again');
ROLLBACK TO whole;
SELECT is(door.hub_policy_next('nobody'), 1::bigint, 'who has no version signs the first');

-- A version that begins later. The clock is moved within savepoints.
CREATE FUNCTION pg_temp.day(n integer) RETURNS text LANGUAGE sql AS $$ SELECT (mash.today() + n)::text $$;
CREATE FUNCTION pg_temp.states() RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(state ORDER BY version) FROM door.hub_policy_list() $$;
SAVEPOINT dated;
SELECT is(pg_temp.load('of tomorrow', 4, 'h.manager', pg_temp.day(1)), 4::bigint, 'a version may begin on a later day');
SELECT results_eq($$ SELECT DISTINCT version, leaves FROM door.hub_policies_in_force() $$, $$ VALUES (3, 3::bigint) $$,
                  'until then the one before it holds, in the table and in the ledger');
SELECT matches((SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = 'policy' ORDER BY idx DESC LIMIT 1),
               '\nfrom ' || pg_temp.day(1) || '\n', 'its leaf says from when');
SELECT is((SELECT policy FROM door.hub_policy_text('police', NULL)), E'# first\nold sentence', 'without a number: still the one in force');
SELECT is(pg_temp.states(), ARRAY['replaced', 'replaced', 'in force', 'begins'], 'the list tells them apart');
SELECT is(door.hub_policy_next('police'), 5::bigint, 'its number is taken');
SAVEPOINT next_day;
INSERT INTO mash.setting VALUES ('clock_offset_s', '86400') ON CONFLICT (name) DO UPDATE SET value = '86400';
SELECT results_eq($$ SELECT DISTINCT version, leaves, valid_from, today FROM door.hub_policies_in_force() $$,
                  $$ SELECT 4, 4::bigint, mash.today()::text, mash.today()::text $$, 'on its day it holds');
SELECT is(pg_temp.states(), ARRAY['replaced', 'replaced', 'replaced', 'in force'], 'and the list says so');
ROLLBACK TO next_day;
-- A superuser brings it forward.
ALTER TABLE mash.policy_version DISABLE TRIGGER USER;
UPDATE mash.policy_version SET valid_from = NULL WHERE version = 4;
SELECT results_eq($$ SELECT DISTINCT version, leaves FROM door.hub_policies_in_force() $$, $$ VALUES (4, 3::bigint) $$,
                  'brought forward in the table, it is not the one that the ledger has in force');
ROLLBACK TO next_day;
-- He puts it off, after it has begun.
ALTER TABLE mash.policy_version DISABLE TRIGGER USER;
UPDATE mash.policy_version SET valid_from = valid_from + 30 WHERE version = 4;
INSERT INTO mash.setting VALUES ('clock_offset_s', '86400') ON CONFLICT (name) DO UPDATE SET value = '86400';
SELECT results_eq($$ SELECT DISTINCT version, leaves FROM door.hub_policies_in_force() $$, $$ VALUES (3, 4::bigint) $$,
                  'put off in the table, the one before it does not come back');
ROLLBACK TO next_day;
SELECT is(pg_temp.load('at once', 5), 5::bigint, 'a later one may hold at once');
SELECT is(pg_temp.states(), ARRAY['replaced', 'replaced', 'replaced', 'replaced', 'in force'],
          'and overtakes the one that had not begun');
ROLLBACK TO next_day;
SELECT is(pg_temp.load('of yesterday', 5, 'h.manager', pg_temp.day(-1)), 5::bigint, 'a day that has passed is at once');
SELECT is((SELECT DISTINCT version FROM door.hub_policies_in_force()), 5, 'it holds');
ROLLBACK TO dated;
SELECT is((SELECT today FROM door.hub_policies_in_force() LIMIT 1), mash.today()::text, 'the day is told beside');
SAVEPOINT none;
ALTER TABLE mash.policy_version DISABLE TRIGGER USER;
DELETE FROM mash.policy_version;
SELECT results_eq($$ SELECT owner, today FROM door.hub_policies_in_force() $$, $$ SELECT NULL::text, mash.today()::text $$,
                  'and alone when no policy is in force');
ROLLBACK TO none;

-- What a digest in a leaf speaks of.
CREATE FUNCTION pg_temp.set_digest() RETURNS bytea LANGUAGE sql AS $$ SELECT sha256(sha256(E'# first\nold sentence')) $$;
SELECT throws_ok($$ SELECT door.hub_policy_set(sha256('other'), ARRAY['police'], ARRAY[3]) $$, 'MH001', 'hub_failed',
                 'no digest is kept that is not of these versions');
SELECT lives_ok($$ SELECT door.hub_policy_set(pg_temp.set_digest(), ARRAY['police'], ARRAY[3]) FROM generate_series(1, 2) $$,
                'the right one is, once');
SELECT results_eq($$ SELECT * FROM door.hub_policies_of(pg_temp.set_digest(), 'health police') $$,
                  $$ SELECT 'police', 3, encode(sha256(E'# first\nold sentence'), 'hex') $$, 'and tells owner, version and text');
SELECT is_empty($$ SELECT * FROM door.hub_policies_of(pg_temp.set_digest(), 'health') $$, 'of the owners asked for alone');

-- ---- what a share stands on ----------------------------------------------------------------------------------
SELECT set_eq($$ SELECT item_id FROM door.hub_share_basis('d.maker', pg_temp.id(1), NULL, 'education', 'school_support') $$,
              pg_temp.frozen(), 'a share stands on what the decision froze, not on what came later');
SELECT set_eq($$ SELECT * FROM pg_temp.leaf('view') $$, ARRAY['health,police'], 'the look is recorded for the owners looked at');
SELECT throws_ok($$ SELECT * FROM door.hub_share_basis('d.maker', pg_temp.id(9), NULL, 'education', 'school_support') $$,
                 'MH001', 'not_found', 'without a decision there is nothing to stand on');

-- ---- release ---------------------------------------------------------------------------------------------------
SELECT throws_ok($$ SELECT pg_temp.share('t.officer', 100, pg_temp.frozen()) $$, 'MH001', 'role_missing',
                 'a triage officer does not share');
SELECT throws_ok($$ SELECT pg_temp.share('d.maker', 100, ARRAY[pg_temp.id(11), pg_temp.id(12)]) $$, 'MH001', 'product_changed',
                 'an item of the frozen set may not be left out of judgement');
SELECT throws_ok($$ SELECT pg_temp.share('d.maker', 100, pg_temp.frozen() || pg_temp.id(14)) $$, 'MH001', 'product_changed',
                 'nor may one be added to it');
SELECT lives_ok($$ SELECT pg_temp.share('d.maker', 100, pg_temp.frozen()) $$, 'exactly the frozen set may be released');
SELECT throws_ok($$ SELECT pg_temp.share('d.maker', 100, pg_temp.frozen()) $$, 'MH001', 'state_wrong',
                 'one preview is sent once');
SELECT set_eq($$ SELECT * FROM pg_temp.leaf('release') $$, ARRAY['education,police'],
              'the release leaf names those whose words left and the recipient, and nobody whose words stayed');
SELECT bag_eq($$ SELECT * FROM pg_temp.leaf('withhold') $$, ARRAY['health', 'police', ''],
              'who kept something back has a leaf that only she sees, and one is nobody''s: their number tells nothing');
SELECT is((SELECT count(*) FROM mash.cut WHERE product_id = pg_temp.id(100)), 3::bigint, 'every item of the set has its cut');
SELECT is((SELECT count(*) FROM mash.letter_todo WHERE letter_id = pg_temp.id(102)), 1::bigint, 'the courier has its letter');

-- ---- looking back ----------------------------------------------------------------------------------------------
SELECT is((SELECT sentence FROM door.hub_cuts(pg_temp.id(100)) WHERE rule_line = 2 AND item_id = pg_temp.id(11)), 'old sentence',
          'a cut shows the sentence of the version that held then');
SELECT is((SELECT owners FROM door.hub_product('d.maker', pg_temp.id(100), 'decision')), 'health police', 'whose versions to show is told with it');
SELECT is((SELECT delivered FROM door.hub_product('d.maker', pg_temp.id(100), 'decision')), 'on its way', 'a letter without receipt is on its way');
SELECT is((SELECT count(*) FROM pg_temp.leaf('view')), 3::bigint, 'looking at a product is recorded, too');
SELECT throws_ok($$ SELECT * FROM door.hub_product('d.maker', pg_temp.id(7), 'decision') $$, 'MH001', 'not_found',
                 'what is not there is refused without a leaf');

-- ---- two permissions -------------------------------------------------------------------------------------------
SELECT lives_ok($$ SELECT door.hub_view('t.officer', pg_temp.id(1), 'show', 'triage') $$, 'to whom the enquiry is revealed');
SELECT throws_ok($$ SELECT * FROM door.hub_share_basis('t.officer', pg_temp.id(1), NULL, 'education', 'school_support') $$, 'MH001', 'role_missing',
                 'may not even prepare a share for that');
SELECT ok(mash.share_roles() <@ mash.desk_roles(), 'and nobody shares what she may not read');

SELECT * FROM finish();
ROLLBACK;
