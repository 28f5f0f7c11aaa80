-- The desk's doors: claims and their fencing, roles, versions, what a rating does to the clocks, what a
-- decision freezes, and that every act has exactly one leaf.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT no_plan();

-- ---- the scene ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.e(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT ('00000000-0000-7000-8000-0000000000' || to_char(n, 'FM00'))::uuid $$;
CREATE FUNCTION pg_temp.pass(span interval) RETURNS void LANGUAGE sql
    AS $$ INSERT INTO mash.setting (name, value) VALUES ('clock_offset_s', extract(epoch FROM span)::text)
          ON CONFLICT (name) DO UPDATE SET value = (setting.value::double precision + extract(epoch FROM span))::text $$;
CREATE FUNCTION pg_temp.leaves(p_act text) RETURNS bigint LANGUAGE sql
    AS $$ SELECT count(*) FROM mash.ledger_leaf WHERE act = p_act $$;

INSERT INTO mash.agency (agency, name, type, desk, enrolled_at)
SELECT a, a, 'police', 'desk', now() FROM unnest(ARRAY['police', 'health', 'education']) a;
INSERT INTO mash.staff (staff, key_id, public, roles, enrolled_at, leaf_index)
VALUES ('ann', 'k-ann', '', '{triage_officer}', now(), 0),
       ('ben', 'k-ben', '', '{triage_officer}', now(), 0),
       ('dee', 'k-dee', '', '{decision_maker}', now(), 0),
       ('sue', 'k-sue', '', '{social_work_manager}', now(), 0),
       ('max', 'k-max', '', '{hub_manager}', now(), 0),
       ('rex', 'k-rex', '', '{decision_maker,social_work_manager}', now(), 0);
SELECT door.admin_revoke('k-rex', 'left');
INSERT INTO mash.enquiry (enquiry_id, reference, state, lane, rating, version, opened_at, product_due, decision_due,
                          claim_token)
VALUES (pg_temp.e(1), 'AAAA-0001', 'waiting', 'routine', 'amber', 2, now(), now() + interval '1 day',
        now() + interval '2 days', 0),
       (pg_temp.e(2), 'AAAA-0002', 'waiting', 'routine', 'red', 1, now(), now() + interval '4 hours',
        now() + interval '2 days', 0),
       (pg_temp.e(3), 'AAAA-0003', 'waiting', 'immediate', 'green', 1, now(), now() + interval '3 days',
        now() + interval '2 days', 0);
INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
VALUES ('police', pg_temp.e(11), pg_temp.e(11), 'referral', 'routine', '', 'sealed', now()),
       ('health', pg_temp.e(12), pg_temp.e(12), 'referral', 'routine', '', 'sealed', now());
INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
VALUES (pg_temp.e(1), 'police', pg_temp.e(11), 'opened', now()),
       (pg_temp.e(1), 'health', pg_temp.e(12), 'attached', now());
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
VALUES (pg_temp.e(21), pg_temp.e(1), 'police', pg_temp.e(11), 'incident', NULL, true, 'one', now()),
       (pg_temp.e(22), pg_temp.e(1), 'health', pg_temp.e(12), 'health', NULL, true, 'two', now());
INSERT INTO mash.subject (enquiry_id, person_id, kind)
VALUES (pg_temp.e(1), pg_temp.e(32), 'child'), (pg_temp.e(1), pg_temp.e(31), 'unborn');

PREPARE decide(text, bigint, bigint, uuid, text) AS
    SELECT door.hub_decide($1, pg_temp.e(1), $2, $3, gen_random_uuid(), $4, $5, 'ca1989_s17', '\x01', '\x02');
PREPARE ask(text, bigint, text, text, text, text) AS
    SELECT door.hub_check($1, pg_temp.e(1), $2, gen_random_uuid(), $3, $4, $5, $6,
                          mash.rfc3339(mash.hub_now() + interval '1 hour'), pg_temp.e(71), 'question',
                          sha256('question'), gen_random_uuid(), 'sealed');

-- ---- sessions ----------------------------------------------------------------------------------------
SELECT ok(door.hub_sign_in('k-ann'), 'the first command of a key is a sign-in');
SELECT ok(NOT door.hub_sign_in('k-ann'), 'the next is not');
DO $$ BEGIN PERFORM pg_temp.pass('14 minutes'); END $$;
SELECT ok(NOT door.hub_sign_in('k-ann'), 'nor is one after 14 silent minutes');
DO $$ BEGIN PERFORM pg_temp.pass('15 minutes'); END $$;
SELECT ok(door.hub_sign_in('k-ann'), 'one after 15 silent minutes is');
SELECT is(pg_temp.leaves('sign_in'), 2::bigint, 'each sign-in has one leaf');
SELECT throws_ok($$SELECT door.hub_sign_in('k-rex')$$, 'MH001', 'not_signed_in', 'a revoked key does not sign in');
SELECT throws_ok($$SELECT door.hub_sign_in('nobody')$$, 'MH001', 'not_signed_in', 'nor does an unknown one');

-- ---- the queue ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT reference FROM door.hub_queue('{waiting,claimed}', 10)$$,
                  ARRAY['AAAA-0003', 'AAAA-0002', 'AAAA-0001'],
                  'the immediate lane first, then the least time left');
SELECT results_eq($$SELECT agencies, messages, subjects, waiting FROM door.hub_queue('{waiting,claimed}', 10)
                     WHERE reference = 'AAAA-0001'$$,
                  $$VALUES (2::bigint, 2::bigint, 2::bigint, 3::bigint)$$, 'counts, and nothing of the content');
SELECT is((SELECT product_minutes FROM door.hub_queue('{waiting}', 10) WHERE reference = 'AAAA-0002'),
          211::bigint, 'minutes left are rounded up');
SELECT is((SELECT count(*) FROM door.hub_queue('{waiting}', 2)), 2::bigint, 'never more rows than asked for');

-- ---- claims ------------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT door.hub_claim('max', pg_temp.e(1))$$, 'MH001', 'role_missing',
                 'the hub manager does not claim');
SELECT throws_ok($$SELECT door.hub_claim('ann', gen_random_uuid())$$, 'MH001', 'not_found', 'nor does anybody nothing');
SELECT is((SELECT token FROM door.hub_claim('ann', pg_temp.e(1))), 1::bigint, 'a claim gives a token');
SELECT throws_ok($$SELECT door.hub_claim('ben', pg_temp.e(1))$$, 'MH001', 'claimed_by_other',
                 'what a colleague holds cannot be claimed');
SELECT throws_ok($$SELECT door.hub_renew('ben', pg_temp.e(1), 1)$$, 'MH001', 'claimed_by_other',
                 'nor acted on with her token');
SELECT throws_ok($$SELECT door.hub_renew('ann', pg_temp.e(2), 1)$$, 'MH001', 'not_claimed',
                 'what nobody holds cannot be acted on');
DO $$ BEGIN PERFORM pg_temp.pass('10 minutes'); END $$;
SELECT lives_ok($$SELECT door.hub_renew('ann', pg_temp.e(1), 1)$$, 'the holder renews');
DO $$ BEGIN PERFORM pg_temp.pass('10 minutes'); END $$;
SELECT lives_ok($$SELECT door.hub_renew('ann', pg_temp.e(1), 1)$$, 'and has 15 minutes from then');
DO $$ BEGIN PERFORM pg_temp.pass('16 minutes'); END $$;
SELECT throws_ok($$SELECT door.hub_renew('ann', pg_temp.e(1), 1)$$, 'MH001', 'claim_expired',
                 'a claim that ran out is not renewed');
SELECT is((SELECT holder FROM door.hub_queue('{claimed}', 10)), NULL, 'and the queue shows no holder');
SELECT is((SELECT token FROM door.hub_claim('ben', pg_temp.e(1))), 2::bigint, 'a colleague may take it over');
SELECT throws_ok($$SELECT door.hub_release('ann', pg_temp.e(1), 1)$$, 'MH001', 'claimed_by_other',
                 'the former holder comes too late');
SELECT lives_ok($$SELECT door.hub_release('ben', pg_temp.e(1), 2)$$, 'who holds it gives it back');
SELECT is((SELECT state FROM mash.enquiry WHERE enquiry_id = pg_temp.e(1)), 'waiting', 'to the queue');
SELECT throws_ok($$SELECT door.hub_renew('ben', pg_temp.e(1), 2)$$, 'MH001', 'not_claimed', 'and holds it no longer');
SELECT is((SELECT token FROM door.hub_claim('ann', pg_temp.e(1))), 3::bigint, 'tokens only grow');
SELECT is((SELECT token FROM door.hub_claim('ann', pg_temp.e(1))), 4::bigint, 'also for the same holder');
SELECT throws_ok($$SELECT door.hub_renew('ann', pg_temp.e(1), 3)$$, 'MH001', 'claim_expired',
                 'an older token of her own is too late, too');
SELECT is(pg_temp.leaves('claim'), 7::bigint, 'each claim, renewal and release has one leaf');

-- ---- looking -----------------------------------------------------------------------------------------
SELECT lives_ok($$SELECT door.hub_view('ann', pg_temp.e(1), 'show', 'triage')$$, 'a look is recorded');
SELECT is((SELECT agencies FROM mash.ledger_leaf WHERE act = 'view' ORDER BY idx DESC LIMIT 1),
          ARRAY['health', 'police'], 'for everybody whose information was seen');
SELECT throws_ok($$SELECT door.hub_view('max', pg_temp.e(1), 'show', 'triage')$$, 'MH001', 'role_missing',
                 'the hub manager has no need to know');
SELECT results_eq($$SELECT number, person_id FROM door.hub_subjects(pg_temp.e(1))$$,
                  $$VALUES (1::bigint, pg_temp.e(32)), (2, pg_temp.e(31))$$,
                  'children are numbered in the order in which they were named');

-- ---- rating ------------------------------------------------------------------------------------------
SELECT lives_ok($$SELECT door.hub_rate('ann', pg_temp.e(1), 4, 'red', gen_random_uuid(), '\x01', '\x02')$$,
                'a person raises the rating');
SELECT is((SELECT product_due - m.received_at FROM mash.enquiry, mash.message m
            WHERE enquiry_id = pg_temp.e(1) AND m.message_id = pg_temp.e(11)), interval '4 hours',
          'the product is due 4 hours after receipt');
SELECT lives_ok($$SELECT door.hub_rate('ann', pg_temp.e(1), 4, 'green', gen_random_uuid(), '\x01', '\x02')$$,
                'and lowers it again');
SELECT is((SELECT product_due - m.received_at FROM mash.enquiry, mash.message m
            WHERE enquiry_id = pg_temp.e(1) AND m.message_id = pg_temp.e(11)), interval '3 days',
          'the clock runs from receipt, never from the re-rating');
SELECT is((SELECT count(*) FROM mash.rating WHERE enquiry_id = pg_temp.e(1)), 2::bigint, 'every rating is kept');
SELECT lives_ok($$SELECT door.hub_rate('ann', pg_temp.e(1), 4, 'red', gen_random_uuid(), '\x01', '\x02')$$, 'red again');
DO $$ BEGIN PERFORM pg_temp.pass('5 hours'); END $$;
SELECT lives_ok($$SELECT door.hub_claim('ann', pg_temp.e(1))$$, 'ann claims');
SELECT lives_ok($$SELECT door.hub_rate('ann', pg_temp.e(1), 5, 'green', gen_random_uuid(), '\x01', '\x02')$$,
                'a rating falls after its clock ran out');
SELECT ok((SELECT product_due < mash.hub_now() FROM mash.enquiry WHERE enquiry_id = pg_temp.e(1)),
          'and the breach stays where it was');
SELECT throws_ok($$SELECT door.hub_rate('ann', pg_temp.e(1), 5, 'blue', gen_random_uuid(), '\x01', '\x02')$$,
                 'MH001', 'argument_wrong', 'a rating without a clock is none');
SELECT is(pg_temp.leaves('rate'), 4::bigint, 'each rating has one leaf');

-- ---- checks ------------------------------------------------------------------------------------------
SELECT throws_ok($$EXECUTE ask('ann', 5, 'education', '', 's17', 'yes')$$, 'MH001', 'gateway_missing', 'no gateway, no check');
SELECT throws_ok($$EXECUTE ask('ann', 5, 'education', 'ca1989_s17', '', 'yes')$$, 'MH001', 'threshold_missing',
                 'no threshold, no check');
SELECT throws_ok($$EXECUTE ask('ann', 5, 'education', 'ca1989_s17', 's17', NULL)$$, 'MH001', 'family_missing',
                 'no word on the family, no check');
SELECT throws_ok($$EXECUTE ask('ann', 5, 'nowhere', 'ca1989_s17', 's17', 'yes')$$, 'MH001', 'argument_wrong',
                 'only agencies are asked');
SELECT throws_ok($$EXECUTE ask('ann', 4, 'education', 'ca1989_s17', 's17', 'yes')$$, 'MH001', 'claim_expired',
                 'an older token asks nobody');
SELECT is((SELECT count(*) FROM mash.letter), 0::bigint, 'what was refused has put no letter');
SELECT lives_ok($$EXECUTE ask('ann', 5, 'education', 'ca1989_s17', 's17', 'yes')$$, 'a check is asked');
SELECT is((SELECT agencies FROM mash.ledger_leaf WHERE act = 'check'), ARRAY['education'],
          'its leaf is for the agency that was asked');
SELECT ok((SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = 'check')
          ~ ('\nenquiry ' || pg_temp.e(1) || '\n(.*\n)?commitment ' || encode(sha256('question'), 'hex') || '\n'),
          'names the enquiry, and commits to the question''s words');
SELECT results_eq($$SELECT question_id, question FROM door.hub_checks(pg_temp.e(1))$$,
                  $$VALUES (pg_temp.e(71), 'question'::bytea)$$, 'which are kept, sealed');
SELECT is((SELECT count(*) FROM mash.letter JOIN mash.letter_todo USING (letter_id)
             JOIN mash.agency_check USING (letter_id) WHERE state = 'asked'), 1::bigint, 'its letter is on its way');
SELECT is((SELECT checks_open FROM door.hub_queue('{claimed}', 10)), 1::bigint, 'the queue shows it open');
DO $$ BEGIN PERFORM pg_temp.pass('61 minutes'); END $$;
SELECT is((SELECT checks_late FROM door.hub_queue('{claimed}', 10)), 1::bigint, 'and later late');

-- ---- decisions ---------------------------------------------------------------------------------------
SELECT lives_ok($$SELECT door.hub_claim('dee', pg_temp.e(1))$$, 'dee claims');
SELECT throws_ok($$EXECUTE decide('ann', 5, 2, pg_temp.e(32), 'early_help')$$, 'MH001', 'role_missing',
                 'a triage officer does not decide');
SELECT throws_ok($$EXECUTE decide('rex', 6, 2, pg_temp.e(32), 'early_help')$$, 'MH001', 'role_missing',
                 'nor does anybody by a revoked key');
SELECT throws_ok($$EXECUTE decide('dee', 6, 2, pg_temp.e(32), 'strategy_s47')$$, 'MH001', 'outcome_not_allowed',
                 'section 47 is for the social-work manager');
SELECT throws_ok($$EXECUTE decide('dee', 6, 1, pg_temp.e(32), 'early_help')$$, 'MH001', 'items_changed',
                 'who saw an older version looks again');
SELECT throws_ok($$EXECUTE decide('sue', 6, 2, pg_temp.e(32), 'early_help')$$, 'MH001', 'claimed_by_other',
                 'only the holder decides');
SELECT throws_ok($$EXECUTE decide('dee', 6, 2, pg_temp.e(99), 'early_help')$$, 'MH001', 'argument_wrong',
                 'only on a child of the enquiry');
SELECT lives_ok($$EXECUTE decide('dee', 6, 2, pg_temp.e(32), 'early_help')$$, 'one child is decided on');
SELECT is((SELECT state FROM mash.enquiry WHERE enquiry_id = pg_temp.e(1)), 'claimed', 'the other still waits');
SELECT results_eq($$SELECT item_id FROM mash.decision_item ORDER BY 1$$,
                  $$VALUES (pg_temp.e(21)), (pg_temp.e(22))$$, 'exactly what was visible is frozen');

INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
VALUES (pg_temp.e(23), pg_temp.e(1), 'health', pg_temp.e(12), 'health', NULL, true, 'three', mash.hub_now());
UPDATE mash.enquiry SET version = 3 WHERE enquiry_id = pg_temp.e(1);
SELECT throws_ok($$EXECUTE decide('dee', 6, 2, pg_temp.e(31), 'early_help')$$, 'MH001', 'items_changed',
                 'an arrival stops a decision on what was known before');
SELECT is(door.hub_decide('dee', pg_temp.e(1), 6, 3, pg_temp.e(42), pg_temp.e(31), 'early_help', 'ca1989_s17', '\x01',
                          '\x02'), 'claimed', 'the second child, on what is known now');
SELECT results_eq($$SELECT item_id FROM door.hub_decision_items(pg_temp.e(1)) WHERE NOT known$$,
                  $$VALUES (pg_temp.e(23))$$, 'what came after the first decision is told as later');
SELECT is(door.hub_decide('dee', pg_temp.e(1), 6, 3, pg_temp.e(43), pg_temp.e(32), 'assessment_s17', 'ca1989_s17', '\x01',
                          '\x02'), 'decided', 'settled when every child is decided on what is known now');
SELECT is((SELECT outcome FROM door.hub_subjects(pg_temp.e(1)) WHERE number = 1), 'assessment_s17',
          'the latest decision holds, the earlier is kept');
SELECT is(pg_temp.leaves('decide'), 3::bigint, 'each decision has one leaf');
SELECT ok((SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = 'decide' ORDER BY idx LIMIT 1) ~
          ('\nitems 2\nfrozen ' || encode(sha256(uuid_send(pg_temp.e(21)) || sha256('one') || uuid_send(pg_temp.e(22))
                                                 || sha256('two')), 'hex') || '\n'),
          'and its leaf holds the digest of what was frozen');
SELECT throws_ok($$EXECUTE decide('dee', 6, 3, pg_temp.e(32), 'early_help')$$, 'MH001', 'state_wrong',
                 'what is decided is claimed anew before it is decided again');
SELECT lives_ok($$SELECT door.hub_release('dee', pg_temp.e(1), 6)$$, 'the holder of what is decided lets go');
SELECT is((SELECT state FROM mash.enquiry WHERE enquiry_id = pg_temp.e(1)), 'decided', 'and it stays decided');
SELECT lives_ok($$SELECT door.hub_claim('sue', pg_temp.e(1))$$, 'sue claims');
SELECT lives_ok($$EXECUTE decide('sue', 7, 3, pg_temp.e(32), 'strategy_s47')$$, 'the social-work manager decides section 47');
SELECT lives_ok($$SELECT door.hub_release('sue', pg_temp.e(1), 7)$$, 'she lets go');
SELECT is((SELECT token FROM door.hub_claim('dee', pg_temp.e(1))), 8::bigint, 'what is decided is claimed again');
SELECT lives_ok($$SELECT door.hub_release('dee', pg_temp.e(1), 8)$$, 'and given back without a new decision');
SELECT is((SELECT state FROM mash.enquiry WHERE enquiry_id = pg_temp.e(1)), 'decided', 'as decided as it was');
SELECT is((SELECT token FROM door.hub_claim('dee', pg_temp.e(1))), 9::bigint, 'claimed once more');
DO $$ BEGIN UPDATE mash.enquiry SET version = 4 WHERE enquiry_id = pg_temp.e(1); END $$;
SELECT lives_ok($$SELECT door.hub_release('dee', pg_temp.e(1), 9)$$, 'given back after something came');
SELECT is((SELECT state FROM mash.enquiry WHERE enquiry_id = pg_temp.e(1)), 'waiting', 'it waits for a decision on that');

-- ---- nobody holds a concern for ever -----------------------------------------------------------------
SELECT throws_ok($$SELECT door.hub_take_back('max', pg_temp.e(2), 'absent')$$, 'MH001', 'not_claimed',
                 'there is no claim to end where there is none');
SELECT throws_ok($$SELECT door.hub_take_back('max', pg_temp.e(99), 'absent')$$, 'MH001', 'not_found', 'nor of nothing');
SELECT is((SELECT token FROM door.hub_claim('ann', pg_temp.e(2))), 1::bigint, 'ann holds one');
SELECT throws_ok($$SELECT door.hub_take_back('sue', pg_temp.e(2), 'absent')$$, 'MH001', 'role_missing',
                 'a colleague cannot end her claim');
SELECT is(door.hub_take_back('max', pg_temp.e(2), 'absent'), 'waiting', 'the hub manager can');
SELECT throws_ok($$SELECT door.hub_renew('ann', pg_temp.e(2), 1)$$, 'MH001', 'not_claimed', 'she holds it no longer');
SELECT ok((SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = 'claim' ORDER BY idx DESC LIMIT 1)
          ~ '\nactor max\n(.*\n)?change take_back\ntoken 1\nholder ann\nreason absent\n',
          'its leaf says who ended whose claim, and why');

SELECT throws_ok($$UPDATE mash.decision SET outcome = 'early_help'$$, '42501', NULL, 'a decision never changes');
SELECT throws_ok($$DELETE FROM mash.decision_item$$, '42501', NULL, 'nor what it stood on');

-- ---- nobody else -------------------------------------------------------------------------------------
SELECT is((SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            CROSS JOIN unnest(ARRAY['mash_intake', 'mash_courier', 'mash_notary', 'mash_admin', 'mash_look']) r (role)
            WHERE n.nspname = 'door' AND p.proname LIKE 'hub\_%' AND has_function_privilege(r.role, p.oid, 'EXECUTE')),
          0::bigint, 'no other program may call a door of the desk');
SELECT is((SELECT count(*) FROM mash.ledger_leaf), (SELECT size FROM mash.ledger_head), 'the ledger is dense');

SELECT * FROM finish();
ROLLBACK;
