-- The withholding register: every item that a release kept in has a reason, a decider and a day to look again; what an
-- owner owes is due and climbs; a SIRO sees her own agency's alone. The looks go by a second connection, so the scene
-- is committed first.
SET client_min_messages = warning;
SET search_path = tap, public;
CREATE ROLE siro_police LOGIN IN ROLE mash_siro;
CREATE ROLE siro_health LOGIN IN ROLE mash_siro;
GRANT USAGE ON SCHEMA tap TO PUBLIC;
GRANT TEMPORARY ON DATABASE try TO PUBLIC; -- pgTAP keeps its count in a temporary table

CREATE FUNCTION tap.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
-- Three months from now, of the real clock: the day on which choices and rules are looked at again.
CREATE FUNCTION tap.review() RETURNS date LANGUAGE sql AS $$ SELECT (now() AT TIME ZONE 'Europe/London')::date + 90 $$;
CREATE FUNCTION tap.arrive(p_agency text, n integer, p_content text) RETURNS void LANGUAGE sql SET search_path = tap, public AS $$
    INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
    VALUES (p_agency, id(n), id(900), p_content, 'routine', sha256(p_agency::bytea || int4send(n)), 'sealed', mash.hub_now());
    INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
    VALUES (id(n), p_agency, 'routine', mash.hub_now());
$$;
CREATE FUNCTION tap.choose(n integer, p_class text, p_tier text, p_held boolean, p_review date,
                           p_at timestamptz DEFAULT mash.hub_now(), p_of integer DEFAULT 1) RETURNS void
    LANGUAGE sql SET search_path = tap, public AS $$
    SELECT arrive('police', n, 'choice');
    SELECT door.hub_choice('police', id(n), id(p_of), p_class, p_tier, p_held, CASE WHEN p_review IS NOT NULL THEN 'live_operation' END, p_review, p_at, 'k1+k2')
$$;
-- A message of one agency with these items, "class tier" each, taken in as the hub does.
CREATE FUNCTION tap.take(p_agency text, n integer, p_items text[], p_reference bytea DEFAULT NULL) RETURNS text LANGUAGE sql SET search_path = tap, public AS $$
    SELECT arrive(p_agency, n, 'referral');
    SELECT treatment FROM door.hub_take(ARRAY[p_agency], ARRAY[id(n)], ARRAY[id(1000)], ARRAY[p_reference], ARRAY[int4send(n)],
        ARRAY[NULL::uuid], ARRAY[NULL::text], ARRAY['green'], ARRAY[NULL::text],
        ARRAY[1]::bigint[], ARRAY[id(2000 + n)], ARRAY[id(3000)], ARRAY['child'], ARRAY['m'::bytea],
        ARRAY[1]::bigint[], ARRAY['nhs_dob'], ARRAY['mei'::bytea],
        (SELECT array_agg(1::bigint) FROM unnest(p_items)), (SELECT array_agg(id(100 * n + o::integer) ORDER BY o) FROM unnest(p_items) WITH ORDINALITY u (i, o)),
        (SELECT array_agg(split_part(i, ' ', 1) ORDER BY o) FROM unnest(p_items) WITH ORDINALITY u (i, o)),
        (SELECT array_agg(nullif(split_part(i, ' ', 2), '') ORDER BY o) FROM unnest(p_items) WITH ORDINALITY u (i, o)),
        (SELECT array_agg(1::bigint) FROM unnest(p_items)), (SELECT array_agg('i'::bytea) FROM unnest(p_items)))
$$;
-- A product that shared nothing, and the cuts of these items: item, rule's version, the day's sentence.
CREATE FUNCTION tap.release(n integer, p_at timestamptz, p_item integer[], p_version integer[], p_why text[]) RETURNS void
    LANGUAGE sql SET search_path = tap, public AS $$
    INSERT INTO mash.product (product_id, enquiry_id, decision_id, recipient, purpose, gateway, digest, policy_digest, shared,
                              full_id, full_version, released_by, released_at, letter_id)
    VALUES (id(n), id(1000), id(50), 'education', 'school_support', 'ca1989_s17', '', '', 's', id(51), 's', 'd.maker', p_at, id(n + 1));
    INSERT INTO mash.cut (product_id, item_id, owner, class, verdict, rule_version, rule_line, reason, kept)
    SELECT id(n), i.item_id, i.owner, i.class, 'silent', c.version, 1, c.why, CASE WHEN c.why ~ '^It names' THEN 'words' WHEN c.why ~ '^Too much' THEN 'too_large' ELSE '' END
      FROM unnest(p_item, p_version, p_why) AS c (item, version, why) JOIN mash.item i ON i.item_id = id(c.item);
$$;

BEGIN;
SELECT door.admin_agency(a, a, 'police', 'desk') FROM unnest(ARRAY['police', 'health', 'education']) a;
SELECT door.admin_staff('d.maker', '\x01', ARRAY['decision_maker']);
SELECT door.admin_staff('t.officer', '\x02', ARRAY['triage_officer']);
SELECT door.admin_staff('h.manager', '\x03', ARRAY['hub_manager']);
SELECT door.hub_term('h.manager', 'silent_tier', '2026-01-01', 'agreement/1');
SELECT tap.take('police', 1, ARRAY['incident share', 'intelligence', 'source_identity', 'offence silent', 'concern share', 'housing share']);
SELECT tap.take('health', 2, ARRAY['health share', 'health share', 'health share', 'health share', 'health share']);
INSERT INTO mash.policy_rule (owner, version, line, effect, class, recipient_kind, recipient, purpose, least_rating, show, signpost,
                              owner_authorises, valid_from, valid_until)
VALUES ('police', 3, 1, 'never', 'concern', 'anyone', '', 'any', 'any', 'nothing', false, false, '2026-01-01', tap.review() + 1);
SELECT tap.choose(11, 'incident', 'silent', false, tap.review());
SELECT tap.release(60, mash.hub_now(), ARRAY[101, 102, 103, 104, 105, 106, 201, 202, 203, 204, 205],
    ARRAY[0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0], ARRAY['The owner keeps this item inside.', 'No rule of the owner allows this.',
    'It names somebody or something that must not be named outside.', 'The owner keeps this item inside.',
    'A rule of the owner forbids this.', 'No rule of the owner allows this.', 'No rule of the owner allows this.', 'No rule of the owner allows this.',
    'No rule of the owner allows this.', 'No rule of the owner allows this.', 'Too much of this owner''s would leave for one letter: ask it.']);
COMMIT;

SELECT plan(87);
CREATE FUNCTION tap.row_of(n integer) RETURNS text LANGUAGE sql SET search_path = tap, public AS $$
    SELECT concat_ws(' | ', w.refusal, w.decider, w.review_on) FROM mash.withholding w WHERE w.item_id = id(n) AND w.product_id = id(60)
$$;
CREATE FUNCTION tap.owed(p_kind text) RETURNS text LANGUAGE sql AS $$ -- by the class of the item, or as the owner's word
    SELECT coalesce(string_agg(coalesce(i.class, 'word'), ' ' ORDER BY coalesce(i.class, 'word')), '')
      FROM mash.deadline_todo d LEFT JOIN mash.item i ON i.item_id = d.subject
     WHERE d.kind = p_kind AND d.holder = 'police'
$$;

-- ---- what every row says --------------------------------------------------------------------------------
SELECT is((SELECT count(*) FROM mash.withholding), 11::bigint, 'every withheld item of the release is in the register');
SELECT is((SELECT count(*) FROM mash.withholding w WHERE w.why IS NULL OR w.decider IS NULL OR w.review_on IS NULL), 0::bigint,
          'none without a reason, a decider and a day');
SELECT is(tap.row_of(101), 'live_operation | owner: k1+k2 | ' || tap.review(), 'an owner''s choice: its reason, its people, its day');
SELECT matches(tap.row_of(102), '^class default \| ', 'a class''s default, until its owner decides');
SELECT is((SELECT review_on FROM mash.withholding WHERE item_id = tap.id(102)),
          mash.working_days_after((SELECT arrived_at FROM mash.item WHERE item_id = tap.id(102)), 3)::date, 'looked at in three working days');
SELECT matches(tap.row_of(103), '^hub: safety net \| ', 'the hub''s own safety net');
SELECT matches(tap.row_of(104), '^owner: as first sent \| ', 'silent as the adapter sent it');
SELECT is((SELECT review_on - arrived_at::date FROM mash.withholding JOIN mash.item USING (item_id) WHERE item_id = tap.id(104)), 28,
          'which two people endorse in four weeks, or not');
SELECT is(tap.row_of(105), 'rule: version 3 line 1 | ' || tap.review() + 1, 'a rule, and its own end');
SELECT matches(tap.row_of(106), '^owner: no rule \| ', 'no rule, looked at in a year');
SELECT matches(tap.row_of(205), '^hub: too much for one letter \| ', 'what a letter has no room for, looked at in a year, too');

-- ---- what is owed ---------------------------------------------------------------------------------------
SELECT is((SELECT array_agg(class ORDER BY class) FROM mash.undecided), ARRAY['intelligence', 'source_identity'],
          'undecided is what only its class withholds without a signpost');
SELECT is(tap.owed('choice'), 'intelligence source_identity', 'each is owed');
SELECT is((SELECT due_at FROM mash.deadline WHERE kind = 'choice' AND subject = tap.id(102)),
          mash.working_days_after((SELECT arrived_at FROM mash.item WHERE item_id = tap.id(102)), 3),
          'in three working days');
SELECT is(tap.owed('review'), 'offence word', 'and a second look at what was sent as silent, and at what was chosen');
SELECT is((SELECT due_at FROM mash.deadline WHERE kind = 'review' AND subject = tap.id(11)), (tap.review() + 1)::timestamp AT TIME ZONE 'Europe/London',
          'a review is due at the end of its day');
SELECT lives_ok($$ SELECT tap.choose(12, 'intelligence', 'silent', false, tap.review()) $$, 'the owner decides on one of the two');
SELECT is((SELECT array_agg(class) FROM mash.undecided), ARRAY['source_identity'], 'the other is undecided');
SELECT is(tap.owed('choice'), 'source_identity', 'and still owed');
SELECT is((SELECT count(*) FROM mash.deadline_met WHERE kind = 'choice' AND subject = tap.id(102)), 1::bigint, 'the decision is met');
SELECT lives_ok($$ SELECT tap.choose(14, 'intelligence', NULL, false, NULL) $$, 'the owner takes it back');
SELECT is((SELECT array_agg(class ORDER BY class) FROM mash.undecided), ARRAY['intelligence', 'source_identity'], 'it is undecided again');
SELECT is(tap.owed('choice'), 'source_identity word', 'and owed anew');
SELECT is(tap.owed('review'), 'offence word', 'what was taken back is not looked at again');
SELECT throws_ok($$ SELECT tap.choose(15, 'intelligence', 'share', false, NULL, mash.hub_now() - interval '1 day') $$,
                 'MH001', 'choice_older', 'a word from before that would widen comes late');
SELECT is(tap.owed('choice'), 'source_identity word', 'and settles nothing');
SELECT is((SELECT count(*) FROM mash.deadline WHERE subject = tap.id(15)), 0::bigint, 'nor is anything owed by it');
SELECT is((SELECT count(*) FROM mash.deadline_climb), 0::bigint, 'nothing is late yet');
SELECT lives_ok($$ SELECT door.admin_clock(8 * 86400) $$, 'days go by');
SELECT is(door.hub_climb(10), 2::bigint, 'and what is undecided climbs');
SELECT is((SELECT array_agg(DISTINCT mash.leaf_says(body, 'kind') || ' ' || agencies[1] || ' ' || mash.leaf_says(body, 'whom'))
             FROM mash.ledger_leaf WHERE act = 'climb'), ARRAY['choice police desk'], 'with a leaf each, its owner''s');
SELECT lives_ok($$ SELECT tap.choose(13, NULL, NULL, true, mash.hub_now()::date + 20) $$, 'the owner decides on all');
SELECT is((SELECT count(*) FROM mash.undecided), 0::bigint, 'nothing is undecided');
SELECT is(tap.owed('choice'), '', 'nor owed');
SELECT is(tap.owed('review'), 'word', 'and only the last choice is looked at again');

-- ---- what comes later changes no register ---------------------------------------------------------------
SELECT is(tap.row_of(102), 'class default | ' || (SELECT review_on FROM mash.withholding WHERE item_id = tap.id(102)), 'a release keeps the decision of its day');
SELECT lives_ok($$ SELECT tap.release(70, mash.hub_now(), ARRAY[102], ARRAY[0], ARRAY['Its owner holds it at source.']) $$, 'another release');
SELECT ok((SELECT w.held FROM mash.withholding w WHERE w.product_id = tap.id(70)), 'shows what is held at source as that');
SELECT is((SELECT array_agg(w.class) FROM door.hub_withholding(tap.id(1000), false, 100) w WHERE w.owner = 'police'),
          array_fill(NULL::text, ARRAY[7]), 'and to staff of no class');
SELECT is((SELECT count(*) FROM door.hub_withholding(tap.id(1000), true, 100)), 0::bigint, 'its day has not come, and the rest was chosen on since');
SELECT lives_ok($$ SELECT door.admin_clock(30 * 86400) $$, 'more days go by');
SELECT is((SELECT array_agg(w.item) FROM door.hub_withholding(tap.id(1000), true, 100) w), ARRAY[tap.id(102)], 'what its owner has not looked at again is late');

-- ---- counted for those outside --------------------------------------------------------------------------
SELECT is((SELECT items FROM door.hub_withholding_trend('h.manager', 'health')), '5', 'five are counted');
SELECT is((SELECT array_agg(DISTINCT items) FROM door.hub_withholding_trend('h.manager', 'police') WHERE class <> 'held at source'), NULL,
          'what is held at source is of no class');
SELECT lives_ok($$ SELECT tap.release(80, mash.hub_now(), ARRAY[201, 202, 203, 204], ARRAY[0, 0, 0, 0],
    array_fill('No rule of the owner allows this.'::text, ARRAY[4])) $$, 'a month later four are kept in');
SELECT is((SELECT items FROM door.hub_withholding_trend('h.manager', 'health') ORDER BY month DESC LIMIT 1), '<5', 'fewer are not');
SELECT throws_ok($$ SELECT door.hub_withholding_trend('t.officer', NULL) $$, 'MH001', 'role_missing', 'the trend is not everybody''s');
SELECT throws_ok($$ SELECT door.hub_refusals('t.officer', NULL) $$, 'MH001', 'role_missing', 'nor are the refusals');
INSERT INTO mash.agency_check (check_id, enquiry_id, agency, gateway, threshold, family_informed, asked_by, asked_at, answer_by,
                               question_id, question, letter_id, state)
VALUES (tap.id(77), tap.id(1000), 'health', 'ca1989_s47', 's47', 'yes', 'd.maker', now(), now(), tap.id(79), 'sealed', tap.id(78), 'asked');
SELECT tap.arrive('health', 90, 'answer');
SELECT is((SELECT treatment FROM door.hub_take(ARRAY['health'], ARRAY[tap.id(90)], ARRAY[tap.id(1090)], ARRAY[NULL::bytea], ARRAY[NULL::bytea],
        ARRAY[tap.id(77)], ARRAY['refused'], ARRAY['green'], ARRAY[NULL::text], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
        '{}', '{}', '{}', '{}', '{}', w_refusal => ARRAY['privilege'])), 'answer', 'an agency refuses to answer a check');
DO $$ BEGIN PERFORM door.hub_refusal('d.maker', 'share', 'nothing_to_share', NULL); PERFORM door.hub_refusal('d.maker', 'share', 'product_changed', NULL); PERFORM door.hub_refusal('d.maker', 'rate', 'not_claimed', NULL); END $$;
SELECT results_eq($$ SELECT DISTINCT agency, act, reason, refused FROM door.hub_refusals('h.manager', NULL) ORDER BY agency $$,
    $$ VALUES ('health', 'answer', 'privilege', '<5'), ('hub', 'share', 'nothing_to_share', '1'), ('police', 'choice', 'live_operation', '<5') $$,
    'sharing was refused so often, by whom and for which reason; no slip of whoever asked is counted');

-- ---- a SIRO ---------------------------------------------------------------------------------------------
SET SESSION AUTHORIZATION siro_police;
SELECT is((SELECT count(*) FROM siro.withholding_register), 7::bigint, 'her register is her agency''s');
SELECT is((SELECT class FROM siro.withholding_register WHERE held_at_source), 'intelligence', 'she sees what it holds at source');
SELECT is((SELECT sum(items)::integer || ' ' || sum(late) FROM siro.withholding_trend), '7 1', 'and small counts');
SELECT is((SELECT count(*) FROM siro.silent), 6::bigint, 'all that is silent');
SELECT is((SELECT count(*) FROM siro.choices WHERE tier = 'silent' OR held_at_source), 3::bigint, 'and every choice of silence');
SELECT is((SELECT sum(refused) FROM siro.refusals WHERE act = 'choice' AND reason = 'live_operation'), 3::numeric, 'and each refusal, counted');
SET SESSION AUTHORIZATION siro_health;
SELECT is((SELECT count(*) FROM siro.withholding_register), 9::bigint, 'another agency''s SIRO sees her own');
SELECT is((SELECT count(*) FROM siro.choices) + (SELECT count(*) FROM siro.silent) + (SELECT count(*) FROM siro.undecided)
          , 0::bigint, 'and nothing of the first''s');
SELECT results_eq($$ SELECT act, reason, refused FROM siro.refusals $$, $$ VALUES ('answer', 'privilege', 1::bigint) $$, 'and her own refusals');
SELECT throws_ok($$ SELECT * FROM mash.own_silent() $$, '42501', NULL, 'nor has she a way around her windows');
RESET SESSION AUTHORIZATION;

-- ---- an update inherits ------------------------------------------------------------------------------------
-- Message 30 and its updates 31 and 32, apart from what the owner still owes on all else.
CREATE FUNCTION tap.owed_since(p_kind text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(right(d.subject::text, 4), ' ' ORDER BY d.subject), '')
      FROM mash.deadline_todo d WHERE d.kind = p_kind AND d.holder = 'police' AND d.subject > '00000000-0000-7000-8000-000000000299'
$$;
SELECT is(tap.take('police', 30, ARRAY['intelligence', 'incident'], 'ref-30'), 'attached', 'a message under a reference');
SELECT is(tap.owed_since('choice'), '3001', 'its intelligence is owed a decision');
SELECT lives_ok($$ SELECT tap.choose(300, 'intelligence', 'silent', false, tap.review() + 60, p_of => 30) $$, 'which its owner makes');
SELECT is(tap.take('police', 31, ARRAY['intelligence', 'offence silent'], 'ref-30'), 'update', 'its update');
SELECT is(tap.owed_since('choice'), '', 'is owed none: it is decided');
SELECT is((SELECT concat_ws(' ', s.set_by, s.decider, s.review_on, right(s.chosen_for::text, 4)) FROM mash.silent s WHERE s.item_id = tap.id(3101)),
          'choice owner: k1+k2 ' || tap.review() + 60 || ' 0030', 'as it was for the earlier message: by whom, until when, of which');
SELECT is(tap.owed_since('review'), '0300 3102', 'what nobody endorsed is owed its second look');
SELECT lives_ok($$ SELECT tap.choose(301, 'offence', 'silent', false, tap.review() + 60, p_of => 31) $$, 'until two people do');
SELECT is(tap.take('police', 32, ARRAY['intelligence', 'offence silent'], 'ref-30'), 'update', 'another update');
SELECT is(tap.owed_since('choice') || tap.owed_since('review'), '0300 0301', 'owes nothing new: one is of the first message, one of the second');
SELECT lives_ok($$ SELECT tap.choose(302, 'intelligence', NULL, false, NULL, p_of => 30) $$, 'what was chosen for the first is taken back');
SELECT is((SELECT string_agg(right(u.item_id::text, 4), ' ' ORDER BY u.item_id) FROM mash.undecided u WHERE u.message_id >= tap.id(30)),
          '3001 3101 3201', 'and all three are undecided again');
SELECT is(tap.owed_since('choice'), '0302', 'owed once, from that day on');
SELECT is((SELECT count(DISTINCT u.decide_by) FROM mash.undecided u JOIN mash.deadline d ON d.kind = 'choice' AND d.subject = tap.id(302)
            WHERE u.message_id >= tap.id(30) AND u.decide_by = d.due_at::date), 1::bigint, 'as the register has it');
SELECT lives_ok($$ SELECT tap.choose(303, 'intelligence', 'silent', false, tap.review() + 60, p_of => 32) $$, 'the owner chooses for the last');
SELECT is((SELECT count(*) FROM mash.undecided u WHERE u.message_id >= tap.id(30)), 0::bigint, 'and so for all under its reference');
SELECT is(tap.owed_since('choice'), '', 'nothing is owed');
SELECT is(tap.owed_since('review'), '0301 0303', 'but to look again at what it chose');
SELECT lives_ok($$ SELECT tap.choose(304, 'intelligence', 'share', false, NULL, p_of => 31) $$, 'it widens one');
SELECT is((SELECT string_agg(right(s.item_id::text, 4), ' ' ORDER BY s.item_id) FROM mash.silent s
            WHERE s.class = 'intelligence' AND s.message_id >= tap.id(30)), '3001 3201', 'that one, and no other');
SELECT is((SELECT array_agg(right(u.item_id::text, 4)) FROM mash.undecided u WHERE u.message_id >= tap.id(30)), NULL,
          'the first has no word of its own and inherits the stricter of two');
SELECT is(tap.owed_since('choice'), '', 'so that nothing is owed');
DO $$ BEGIN PERFORM tap.release(90, mash.hub_now(), ARRAY[3202], ARRAY[0], ARRAY['The owner keeps this item inside.']); END $$;
SELECT is((SELECT chosen_for FROM door.hub_withholding(tap.id(1000), false, 100) WHERE item = tap.id(3202)), tap.id(31),
          'the register of what a release kept in tells of which message that was chosen');
SET SESSION AUTHORIZATION siro_police;
SELECT is((SELECT string_agg(right(message::text, 4) || ' ' || right(chosen_for::text, 4), ', ' ORDER BY item) FROM siro.silent
            WHERE chosen_for <> message), '0030 0032, 0032 0031', 'her SIRO sees it of what is silent');
SELECT is((SELECT chosen_for FROM siro.withholding_register WHERE item = tap.id(3202)), tap.id(31), 'and in her register');
RESET SESSION AUTHORIZATION;
DO $$ BEGIN PERFORM tap.take('police', 40, ARRAY['intelligence', 'offence'], 'ref-40');
            PERFORM tap.take('police', 41, ARRAY['intelligence', 'offence silent'], 'ref-40'); END $$;
SELECT is(tap.owed_since('choice') || ', ' || tap.owed_since('review'), '4001 4101, 0301 0303 4102', 'a message and its update wait for a choice');
DO $$ BEGIN PERFORM tap.choose(310, 'intelligence', 'silent', false, tap.review() + 60, p_of => 40);
            PERFORM tap.choose(311, 'offence', 'silent', false, tap.review() + 60, p_of => 40); END $$;
SELECT is(tap.owed_since('choice') || ', ' || tap.owed_since('review'), ', 0301 0303 0310 0311', 'one for the first settles both');

SELECT * FROM finish();
DROP ROLE siro_police, siro_health;
