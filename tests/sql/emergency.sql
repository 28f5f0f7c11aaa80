-- The emergency lane: exactly what there is at that moment, without claim or decision, at once; the justification is
-- owed to the hub and its absence climbs.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(51);
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

SELECT door.admin_agency('police', 'Police', 'police', 'desk 1');
SELECT door.admin_agency('health', 'Health', 'health_acute', 'desk 2');
SELECT door.admin_agency('education', 'School', 'school', 'desk 3');
SELECT door.admin_staff('t.officer', '\x02', ARRAY['triage_officer']);
SELECT door.admin_staff('h.manager', '\x03', ARRAY['hub_manager']);
SELECT mash.enquiries_open(ARRAY[ROW(1, now(), 'police', NULL, 'routine', now(), pg_temp.id(1), NULL, NULL, NULL, NULL, 'amber',
                                     NULL, 2, NULL)::mash.work]);
INSERT INTO mash.subject (enquiry_id, person_id, kind) VALUES (pg_temp.id(1), pg_temp.id(3), 'child');
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, free_text, sealed, arrived_at)
VALUES (pg_temp.id(11), pg_temp.id(1), 'police', pg_temp.id(0), 'incident', true, 'i', now()),
       (pg_temp.id(12), pg_temp.id(1), 'health', pg_temp.id(0), 'health', true, 'i', now());

CREATE FUNCTION pg_temp.share(p_staff text, n integer, p_items uuid[], p_version bigint, p_person uuid DEFAULT pg_temp.id(3),
                              p_lapsed boolean DEFAULT false, p_verdict text[] DEFAULT ARRAY['summary', 'silent']) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', justify_by, agreements_over) FROM door.hub_emergency(p_staff, pg_temp.id(n), pg_temp.id(1), p_person, p_version, p_lapsed, 'education', 'vital_interest',
        sha256('d'), sha256('p'), 'shared', pg_temp.id(n + 1), 'full', pg_temp.id(n + 2), 'letter', p_items,
        p_verdict, ARRAY[1, 1]::bigint[], ARRAY[2, 0]::bigint[], ARRAY['because', 'because'],
        '2026-11-28', ARRAY['', ''], ARRAY[1, 0]::bigint[], ARRAY['', ''])
$$;
CREATE FUNCTION pg_temp.justify(p_staff text, n integer) RETURNS void LANGUAGE sql AS
    $$ SELECT door.hub_justify(p_staff, pg_temp.id(n), pg_temp.id(n + 50), 'sealed', sha256('words')) $$;
CREATE FUNCTION pg_temp.all_items() RETURNS uuid[] LANGUAGE sql AS $$ SELECT ARRAY[pg_temp.id(11), pg_temp.id(12)] $$;
CREATE FUNCTION pg_temp.leaf(p_act text) RETURNS text LANGUAGE sql AS
    $$ SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = p_act ORDER BY idx DESC LIMIT 1 $$;

-- ---- at once -------------------------------------------------------------------------------------------
SELECT set_eq($$ SELECT item_id FROM door.hub_emergency_basis('t.officer', pg_temp.id(1), pg_temp.id(3), 'education') $$, pg_temp.all_items(),
              'it stands on every item there is');
SELECT matches(pg_temp.leaf('view'), E'\nagency health\nagency police\nactor t.officer\n.*\nwhat emergency\n', 'the look is recorded for the owners');
SELECT throws_ok($$ SELECT * FROM door.hub_emergency_basis('h.manager', pg_temp.id(1), pg_temp.id(3), 'education') $$, 'MH001', 'role_missing',
                 'the hub manager does not share');
SELECT throws_ok($$ SELECT pg_temp.share('h.manager', 100, pg_temp.all_items(), 2) $$, 'MH001', 'role_missing', 'in no way');
SELECT throws_ok($$ SELECT pg_temp.share('t.officer', 100, pg_temp.all_items(), 1) $$, 'MH001', 'items_changed', 'what came meanwhile is judged first');
SELECT throws_ok($$ SELECT pg_temp.share('t.officer', 100, ARRAY[pg_temp.id(11)], 2) $$, 'MH001', 'items_changed', 'nothing is left out of judgement');
SELECT throws_ok($$ SELECT pg_temp.share('t.officer', 100, pg_temp.all_items() || pg_temp.id(13), 2) $$, 'MH001', 'items_changed', 'nor added');
SELECT throws_ok($$ SELECT pg_temp.share('t.officer', 100, pg_temp.all_items(), 2, pg_temp.id(4)) $$, 'MH001', 'argument_wrong',
                 'it is about a child of the enquiry');
SAVEPOINT asked;
SELECT lives_ok($$ SELECT pg_temp.share('t.officer', 100, pg_temp.all_items(), 2, p_verdict => ARRAY['signpost', 'silent']) $$, 'whom to ask leaves');
SELECT is((SELECT rating FROM mash.enquiry), 'amber', 'and makes nothing red');
ROLLBACK TO asked;
SELECT lives_ok($$ SELECT pg_temp.share('t.officer', 100, pg_temp.all_items(), 2) $$, 'a triage officer shares, unclaimed and undecided');
SELECT is((SELECT state FROM mash.enquiry), 'waiting', 'the enquiry waits for its decision as before');
SELECT is((SELECT rating FROM door.hub_emergency_basis('t.officer', pg_temp.id(1), pg_temp.id(3), 'education') LIMIT 1), 'red',
          'the rules are asked at red');
SELECT is((SELECT rating FROM mash.enquiry), 'red', 'and it is red by the word of whoever shared');
SELECT is((SELECT rating FROM mash.product), 'red', 'as the product was');
SELECT matches(pg_temp.leaf('rate'), E'\nactor t.officer\n.*\nrating red\nemergency ' || pg_temp.id(100) || E'\n',
               'on the record, with the share that said so');
SELECT is((SELECT product_due FROM mash.enquiry), (SELECT opened_at + interval '4 hours' FROM mash.enquiry), 'its clock runs as that of any red one');
SELECT is_empty($$ SELECT t FROM mash.rows_check_enquiries() t WHERE t LIKE '%rated%' $$, 'row and leaf agree');
SELECT is((SELECT decision_id FROM mash.product), NULL, 'the product has none');
SELECT cmp_ok((SELECT next_try FROM mash.letter_todo), '<=', mash.hub_now(), 'its letter waits for no tick');
SELECT matches(pg_temp.leaf('release'), E'\nagency education\nagency police\nactor t.officer\n.*\nemergency yes\nversion 2\n.*\ngateway vital_interest\n',
               'the leaf says that it was an emergency, and not who kept something back');
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'withhold'), 3::bigint, 'as of every release, each agency has a leaf');
SELECT is((SELECT count(*) FROM mash.cut), 2::bigint, 'every item has its cut');

-- ---- afterwards ------------------------------------------------------------------------------------------
SELECT is((SELECT round(extract(epoch FROM due_at - set_at) / 3600) FROM mash.deadline WHERE kind = 'justification' AND holder = 'hub'), 24::numeric,
          'its justification is due in a day');
SELECT is((SELECT state FROM door.hub_emergencies(true)), 'unjustified', 'and is missing');
INSERT INTO mash.setting (name, value) VALUES ('justification_hours', '0');
SELECT lives_ok($$ SELECT pg_temp.share('t.officer', 200, pg_temp.all_items(), 2, p_lapsed => true) $$, 'another, by a rule whose time is over');
SELECT matches(pg_temp.leaf('release'), E'\nemergency yes\nlapsed yes\n', 'which is on record');
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'rate' AND body LIKE '%emergency%'), 1::bigint, 'what is red is not rated again');
SELECT is(door.hub_climb(10), 1::bigint, 'what is late climbs');
SELECT matches(pg_temp.leaf('climb'), E'\nkind justification\n', 'with a leaf');
SELECT is((SELECT state || ' ' || climbed_to FROM door.hub_emergencies(true) WHERE lapsed), 'unjustified, late desk', 'and is told');
SELECT throws_ok($$ SELECT pg_temp.justify('t.officer', 300) $$, 'MH001', 'not_found', 'what was no emergency is not justified');
SELECT lives_ok($$ SELECT pg_temp.justify('t.officer', 200) $$, 'late is better than never');
SELECT matches(pg_temp.leaf('justify'), E'\nagency police\n.*\ncommitment [0-9a-f]{64}\n', 'the owner whose words left has the leaf, with the commitment');
SELECT throws_ok($$ SELECT pg_temp.justify('t.officer', 200) $$, 'MH001', 'state_wrong', 'and what was said stays');
SELECT results_eq($$ SELECT product FROM door.hub_emergencies(true) $$, ARRAY[pg_temp.id(100)], 'one is still to be justified');
SELECT results_eq($$ SELECT product, state, words_id, sealed FROM door.hub_enquiry_emergencies(pg_temp.id(1)) WHERE words_id IS NOT NULL $$,
                  $$ VALUES (pg_temp.id(200), 'justified by t.officer', pg_temp.id(250), 'sealed'::bytea) $$,
                  'whoever sees the enquiry has what was said, sealed');
SELECT is((SELECT count(*) FROM door.hub_enquiry_emergencies(pg_temp.id(1)) WHERE words_id IS NULL), 1::bigint, 'and that nothing was, of the other');
SELECT is_empty($$ SELECT FROM door.hub_enquiry_emergencies(pg_temp.id(2)) $$, 'another enquiry has none');

-- ---- an agreement that is over -------------------------------------------------------------------------
SELECT throws_ok($$ SELECT door.hub_agreement('t.officer', 'police', '2026-01-01', 'isa/1') $$, 'MH001', 'role_missing',
                 'the hub manager enters an agreement');
SELECT throws_ok($$ SELECT door.hub_agreement('h.manager', 'nobody', '2026-01-01', 'isa/1') $$, 'MH001', 'argument_wrong', 'of an agency that there is');
SELECT ok(NOT (SELECT bool_or(over) FROM door.hub_agreements()), 'what was never entered is not over');
SELECT lives_ok($$ SELECT door.hub_agreement('h.manager', a, mash.today() + d, 'isa/1')
                     FROM (VALUES ('police', -1), ('health', -1), ('education', 0)) v (a, d) $$, 'two ended yesterday, one ends today');
SELECT matches(pg_temp.leaf('agreement'), E'\nagency education\nactor h.manager\n.*\nuntil .*\nsource isa/1\n', 'each with a leaf of its agency''s');
SELECT results_eq($$ SELECT agency FROM door.hub_agreements() WHERE over $$, ARRAY['health', 'police'], 'those of yesterday are over');
SELECT matches(pg_temp.share('t.officer', 400, pg_temp.all_items(), 2), ' police$', 'the letter leaves, with a warning of whose words are in it');
SELECT matches(pg_temp.leaf('release'), E'\nemergency yes\nagreements_over police\nversion', 'on the record, and no rule had lapsed');
SELECT is((SELECT agreements_over FROM door.hub_emergencies(true) WHERE product = pg_temp.id(400)), 'police', 'and in the register');
SELECT lives_ok($$ SELECT door.hub_agreement('h.manager', a, mash.today() + d, 'isa/2') FROM (VALUES ('police', 300), ('education', -1)) v (a, d) $$,
                'it is signed anew, and the recipient''s ends');
SELECT matches(pg_temp.share('t.officer', 500, pg_temp.all_items(), 2, p_lapsed => true), ' education$', 'which stops nothing either');
SELECT matches(pg_temp.leaf('release'), E'\nemergency yes\nlapsed yes\nagreements_over education\n', 'each is a fact of its own');

SELECT * FROM finish();
ROLLBACK;
