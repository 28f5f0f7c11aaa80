-- The owner's word in the database: asked once for the same words, answered once by the owner alone, narrowed at any
-- time and never widened again; what is late climbs; what is altered afterwards is not what the leaf says.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT no_plan();

-- ---- the scene ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.pass(span interval) RETURNS void LANGUAGE sql
    AS $$ INSERT INTO mash.setting (name, value) VALUES ('clock_offset_s', extract(epoch FROM span)::text)
          ON CONFLICT (name) DO UPDATE SET value = (setting.value::double precision + extract(epoch FROM span))::text $$;
CREATE FUNCTION pg_temp.leaves(p_act text) RETURNS bigint LANGUAGE sql
    AS $$ SELECT count(*) FROM mash.ledger_leaf WHERE act = p_act $$;
CREATE FUNCTION pg_temp.state(n integer) RETURNS text LANGUAGE sql
    AS $$ SELECT mash.authorisation_state(r) FROM mash.authorisation_request r WHERE r.request_id = pg_temp.id(n) $$;

SELECT door.admin_agency('police', 'Police', 'police', 'desk 1');
SELECT door.admin_agency('health', 'Health', 'health_acute', 'desk 2');
SELECT door.admin_agency('education', 'School', 'school', 'desk 3');
SELECT door.admin_staff('d.maker', '\x01', ARRAY['decision_maker']);
SELECT door.admin_staff('t.officer', '\x02', ARRAY['triage_officer']);
SELECT door.admin_staff('h.manager', '\x03', ARRAY['hub_manager']);
SELECT door.admin_staff('p.here', '\x04', ARRAY['representative']);
SELECT door.admin_staff('h.here', '\x05', ARRAY['representative']);
SELECT door.admin_staff('n.here', '\x06', ARRAY['representative']);
INSERT INTO mash.enquiry (enquiry_id, reference, state, lane, rating, version, opened_at, product_due, decision_due, claim_token)
VALUES (pg_temp.id(1), 'AAAA-0001', 'decided', 'routine', 'red', 1, mash.hub_now(), mash.hub_now() + interval '4 hours', mash.hub_now() + interval '1 day', 0);
INSERT INTO mash.decision (decision_id, enquiry_id, person_id, outcome, gateway, decided_by, decided_at, enquiry_version,
                           commitment, sealed)
VALUES (pg_temp.id(2), pg_temp.id(1), pg_temp.id(3), 'assessment_s17', 'ca1989_s17', 'd.maker', now(), 1, 'c', 's');

-- Asks the police for the words w, as request n; what stands afterwards.
CREATE FUNCTION pg_temp.ask(n integer, w text, p_owner text DEFAULT 'police', p_staff text DEFAULT 'd.maker') RETURNS uuid
    LANGUAGE sql AS $$
    SELECT door.hub_authorise_ask(p_staff, pg_temp.id(n), pg_temp.id(1), pg_temp.id(2), p_owner, 'education',
        'safeguarding_assessment', 'product/1', sha256(w::bytea), t.expires_on, t.answer_by, 'kept', pg_temp.id(n + 1000), 'sealed')
      FROM door.hub_authorise_clock(pg_temp.id(1)) t
$$;
-- A message of that agency brings the answer to request n.
CREATE FUNCTION pg_temp.word(p_agency text, n integer, m integer, p_verdict text, p_reason text DEFAULT NULL) RETURNS void
    LANGUAGE sql AS $$
    INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
    VALUES (p_agency, pg_temp.id(m), pg_temp.id(0), 'authorisation', 'routine', sha256(int4send(m)), 'sealed', mash.hub_now());
    INSERT INTO mash.message_todo (message_id, agency, lane, received_at) VALUES (pg_temp.id(m), p_agency, 'routine', mash.hub_now());
    SELECT door.hub_authorisation(p_agency, pg_temp.id(m), pg_temp.id(n), p_verdict, p_reason, '0123456789abcdef', '\xaa');
$$;
CREATE FUNCTION pg_temp.granted() RETURNS SETOF uuid LANGUAGE sql AS
    $$ SELECT request_id FROM door.hub_grants(pg_temp.id(1), 'education', 'safeguarding_assessment') $$;

-- ---- asking ------------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT pg_temp.ask(11, 'a', p_staff => 't.officer')$$, 'MH001', 'role_missing', 'a triage officer does not ask');
SELECT is(pg_temp.ask(11, 'a'), pg_temp.id(11), 'an owner is asked');
SELECT is(pg_temp.ask(12, 'a'), pg_temp.id(11), 'for the same words not a second time');
SELECT is((SELECT count(*) FROM mash.letter WHERE kind = 'authorise'), 1::bigint, 'and no second letter goes out');
SELECT is(pg_temp.ask(13, 'b'), pg_temp.id(13), 'other words are another question');
SELECT is(pg_temp.ask(14, 'a', 'health'), pg_temp.id(14), 'another owner is another one, too');
SELECT is(pg_temp.leaves('authorise'), 3::bigint, 'each has one leaf');
SELECT is((SELECT array_agg(DISTINCT array_to_string(agencies, ',') ORDER BY array_to_string(agencies, ',')) FROM mash.ledger_leaf WHERE act = 'authorise'),
          ARRAY['health', 'police'], 'which concerns the owner who is asked, and neither the recipient nor another');
SELECT results_eq($$SELECT owner, recipient, purpose, template, section FROM door.hub_authorise_asked(pg_temp.id(11))$$,
                  $$VALUES ('police', 'education', 'safeguarding_assessment', 'product/1', sha256('a'))$$, 'it is read back');
SELECT matches((SELECT leaf FROM door.hub_authorise_asked(pg_temp.id(11))), '\nact authorise\nagency police\nactor d.maker\n', 'beside its leaf');
SELECT is((SELECT answer_by FROM mash.authorisation_request WHERE request_id = pg_temp.id(11)) <=
          (SELECT product_due FROM mash.enquiry WHERE enquiry_id = pg_temp.id(1)), true, 'it is due when the product is, at the latest');
SELECT is(pg_temp.state(11), 'asked', 'and waits');

-- ---- answering ---------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT pg_temp.word('health', 11, 21, 'granted')$$, 'MH001', 'not_found', 'no other agency answers for the owner');
SELECT throws_ok($$SELECT pg_temp.word('police', 99, 21, 'granted')$$, 'MH001', 'not_found', 'nor is what nobody asked answered');
SELECT is_empty($$SELECT pg_temp.granted()$$, 'without an answer nothing is granted');
SELECT lives_ok($$SELECT pg_temp.word('police', 11, 22, 'granted')$$, 'the owner grants');
SELECT is((SELECT array_agg(g) FROM pg_temp.granted() g), ARRAY[pg_temp.id(11)], 'and that one stands');
SELECT is_empty($$SELECT * FROM door.hub_grants(pg_temp.id(1), 'health', 'safeguarding_assessment')$$, 'not for another recipient');
SELECT is_empty($$SELECT * FROM door.hub_grants(pg_temp.id(1), 'education', 'early_help')$$, 'nor for another purpose');
SELECT is_empty($$SELECT * FROM mash.message_todo$$, 'its message is off the work list');
SELECT matches((SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = 'authorisation'),
               E'\nagency police\nactor hub\n.*\nrequest 00000000-0000-7000-8000-000000000011\nverdict granted\nsection [0-9a-f]{64}\nkey 0123456789abcdef\nsignature aa\n',
               'with one leaf that says all of it');
SELECT throws_ok($$SELECT pg_temp.word('police', 11, 23, 'granted')$$, 'MH001', 'word_given', 'it is not granted twice');
SELECT is(pg_temp.ask(15, 'a'), pg_temp.id(15), 'what was answered may be asked anew');
SELECT lives_ok($$SELECT pg_temp.word('police', 11, 24, 'refused', 'source_at_risk')$$, 'a refusal after a grant is taken');
SELECT is_empty($$SELECT pg_temp.granted()$$, 'and takes it back at once');
SELECT throws_ok($$SELECT pg_temp.word('police', 11, 25, 'granted')$$, 'MH001', 'word_given', 'after it nothing widens');
SELECT throws_ok($$SELECT pg_temp.word('police', 11, 25, 'refused', 'detriment')$$, 'MH001', 'word_given', 'and it is said once');
SELECT throws_ok($$SELECT pg_temp.word('police', 13, 25, 'refused')$$, '23514', NULL, 'there is no refusal without a reason');
SELECT lives_ok($$SELECT pg_temp.word('police', 15, 26, 'granted')$$, 'a new request may be granted');

-- ---- what a superuser alters ---------------------------------------------------------------------------
SAVEPOINT whole;
ALTER TABLE mash.authorisation DISABLE TRIGGER USER;
DELETE FROM mash.authorisation WHERE request_id = pg_temp.id(11) AND verdict = 'refused';
SELECT is((SELECT array_agg(g) FROM pg_temp.granted() g), ARRAY[pg_temp.id(15)], 'a refusal taken away still stands');
DELETE FROM mash.authorisation WHERE request_id = pg_temp.id(11);
SELECT throws_ok($$SELECT pg_temp.word('police', 11, 27, 'granted')$$, 'MH001', 'word_given', 'nor is the old grant put in again');
INSERT INTO mash.authorisation (request_id, verdict, given_by, key_id, signature, at)
VALUES (pg_temp.id(13), 'granted', 'letter', 'k', 's', now());
SELECT is((SELECT array_agg(g) FROM pg_temp.granted() g), ARRAY[pg_temp.id(15)], 'a row without a leaf grants nothing');
ROLLBACK TO whole;
SELECT throws_ok($$UPDATE mash.authorisation SET verdict = 'granted'$$, '42501', NULL, 'answers are never changed');
SELECT throws_ok($$DELETE FROM mash.authorisation_request$$, '42501', NULL, 'nor requests removed');

-- ---- the representative at the hub -------------------------------------------------------------------
SELECT lives_ok($$SELECT door.admin_representative('p.here', 'police')$$, 'a representative comes for one agency');
SELECT lives_ok($$SELECT door.admin_representative('h.here', 'health')$$, 'another for another');
SELECT throws_ok($$SELECT door.admin_representative('p.here', 'health')$$, 'MH001', 'state_wrong', 'and for no second one');
SELECT throws_ok($$SELECT door.admin_representative('d.maker', 'police')$$, 'MH001', 'not_found', 'nobody else does');
CREATE FUNCTION pg_temp.here(p_staff text, n integer) RETURNS void LANGUAGE sql AS
    $$ SELECT door.hub_authorise_here(p_staff, pg_temp.id(n), 'granted', NULL, '0123456789abcdef', '\xbb') $$;
SELECT throws_ok($$SELECT pg_temp.here('h.here', 13)$$, 'MH001', 'not_found', 'she cannot speak for another agency');
SELECT throws_ok($$SELECT pg_temp.here('n.here', 13)$$, 'MH001', 'not_found', 'who comes for none speaks for none');
SELECT throws_ok($$SELECT pg_temp.here('h.manager', 13)$$, 'MH001', 'role_missing', 'nor does the hub''s own staff');
SELECT throws_ok($$SELECT door.hub_authorise_view('h.here', pg_temp.id(13))$$, 'MH001', 'not_found', 'nor look');
SELECT lives_ok($$SELECT door.hub_authorise_view('p.here', pg_temp.id(13))$$, 'her own agency''s she sees');
SELECT is((SELECT array_agg(agencies[1] || ' ' || actor) FROM mash.ledger_leaf WHERE act = 'view'), ARRAY['police p.here'], 'and her look is recorded');
SELECT is((SELECT array_agg(DISTINCT owner) FROM door.hub_authorisations('p.here', NULL, NULL, 100)), ARRAY['police'], 'the list shows her no other');
SELECT is((SELECT count(*) FROM door.hub_authorisations('n.here', NULL, NULL, 100)), 0::bigint, 'and who comes for none sees none');
SELECT is((SELECT count(DISTINCT owner) FROM door.hub_authorisations('h.manager', NULL, NULL, 100)), 2::bigint, 'the hub''s manager sees all');
SELECT lives_ok($$SELECT pg_temp.here('p.here', 13)$$, 'she brings her agency''s word');
SELECT is((SELECT array_agg(g ORDER BY g) FROM pg_temp.granted() g), ARRAY[pg_temp.id(13), pg_temp.id(15)], 'and it stands');

-- ---- a supplementary product -------------------------------------------------------------------------
SELECT is((SELECT bool_or(supplementary) FROM door.hub_authorisations('d.maker', pg_temp.id(1), NULL, 100)), false, 'before a product there is nothing to supplement');
INSERT INTO mash.product (product_id, enquiry_id, decision_id, recipient, purpose, gateway, digest, policy_digest, shared,
                          full_id, full_version, released_by, released_at, letter_id)
VALUES (pg_temp.id(51), pg_temp.id(1), pg_temp.id(2), 'education', 'safeguarding_assessment', 'ca1989_s17', '', '', 's',
        pg_temp.id(52), 's', 'd.maker', mash.hub_now() - interval '1 minute', pg_temp.id(53));
SELECT is((SELECT supplementary FROM door.hub_authorisations_waiting()), 2::bigint, 'what was granted after one left can supplement it');
INSERT INTO mash.product (product_id, enquiry_id, decision_id, recipient, purpose, gateway, digest, policy_digest, shared,
                          full_id, full_version, released_by, released_at, letter_id)
VALUES (pg_temp.id(54), pg_temp.id(1), pg_temp.id(2), 'education', 'safeguarding_assessment', 'ca1989_s17', '', '', 's',
        pg_temp.id(55), 's', 'd.maker', mash.hub_now() + interval '1 minute', pg_temp.id(56));
SELECT is((SELECT supplementary FROM door.hub_authorisations_waiting()), 0::bigint, 'once');

-- ---- the key -----------------------------------------------------------------------------------------
SAVEPOINT key;
INSERT INTO mash.agency_key (key_id, agency, kind, public, valid_from, valid_until, leaf_index)
VALUES ('0123456789abcdef', 'police', 'people', sha256('k'), now(), 'infinity', 0);
SELECT door.admin_revoke('0123456789abcdef', 'left');
SELECT is(pg_temp.state(13), 'void', 'a grant whose key was revoked says so');
ROLLBACK TO key;

-- ---- late, and up ------------------------------------------------------------------------------------
SELECT is(door.hub_climb(100), 0::bigint, 'what is in time stays where it is');
DO $$ BEGIN PERFORM pg_temp.pass('4 hours 1 minute'); END $$;
SELECT is(pg_temp.state(14), 'late', 'after its time it is late');
SELECT is((SELECT late FROM door.hub_authorisations_waiting()), 1::bigint, 'and counted');
SELECT is(door.hub_climb(100), 1::bigint, 'it climbs, and what was answered does not');
SELECT is((SELECT climbed_to FROM door.hub_authorisations('d.maker', NULL, 'late', 100)), 'desk', 'to the owner''s desk');
DO $$ BEGIN PERFORM pg_temp.pass('4 hours'); END $$;
SELECT is(door.hub_climb(100), 1::bigint, 'and further');
SELECT is((SELECT climbed_to FROM door.hub_authorisations('d.maker', NULL, 'late', 100)), 'siro', 'to its SIRO');
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'climb' AND agencies = ARRAY['health']), 2::bigint, 'each step has a leaf of the owner');
SELECT lives_ok($$SELECT pg_temp.word('health', 14, 28, 'refused', 'detriment')$$, 'a late word counts');
SELECT is(pg_temp.state(14), 'refused', 'and ends it');
DO $$ BEGIN PERFORM pg_temp.pass('2 days'); END $$;
SELECT is(door.hub_climb(100), 0::bigint, 'nothing goes further');

-- ---- the last day ------------------------------------------------------------------------------------
SELECT is(pg_temp.ask(16, 'c'), pg_temp.id(16), 'a last question');
DO $$ BEGIN PERFORM pg_temp.pass('15 days'); END $$;
SELECT is(pg_temp.state(15), 'expired', 'a grant has its last day');
SELECT throws_ok($$SELECT pg_temp.word('police', 16, 29, 'granted')$$, 'MH001', 'word_too_late', 'after it nothing is granted');
SELECT lives_ok($$SELECT pg_temp.word('police', 16, 29, 'refused', 'detriment')$$, 'a refusal may come at any time');
SELECT is(pg_temp.ask(17, 'c'), pg_temp.id(17), 'and the question may be put anew');
SELECT is((SELECT count(*) FROM door.hub_authorisations('d.maker', NULL, NULL, 100)), 1::bigint, 'the list leaves history out');
SELECT cmp_ok((SELECT count(*) FROM door.hub_authorisations('d.maker', pg_temp.id(1), NULL, 100)), '>', 4::bigint, 'an enquiry''s own has all');

SELECT * FROM finish();
ROLLBACK;
