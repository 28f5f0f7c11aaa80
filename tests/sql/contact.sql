-- Signposts, corrections, recalls and notices at the doors: whom a product went to, who asked whom and what was taken
-- back is the ledger's to say. Rows that a database administrator edits, adds or takes away change none of it.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(57);

CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
-- A message of an agency, taken in and on the work list, as intake leaves it.
CREATE FUNCTION pg_temp.message(p_agency text, n integer, p_content text) RETURNS uuid LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
        VALUES (p_agency, pg_temp.id(n), pg_temp.id(n), p_content, 'routine', 'c', 's', now());
        INSERT INTO mash.message_todo (message_id, agency, lane, received_at) VALUES (pg_temp.id(n), p_agency, 'routine', now());
        PERFORM mash.record('accept', ARRAY[p_agency], 'intake', pg_temp.id(n), 'message', pg_temp.id(n)::text);
        RETURN pg_temp.id(n);
    END $$;
CREATE FUNCTION pg_temp.leaf(p_act text, p_detail text) RETURNS SETOF text LANGUAGE sql AS
    $$ SELECT mash.leaf_says(body, p_detail) FROM mash.ledger_leaf WHERE act = p_act ORDER BY idx $$;
CREATE FUNCTION pg_temp.triggers(p_table text, p_what text) RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN EXECUTE format('ALTER TABLE mash.%I %s TRIGGER USER', p_table, p_what); END $$;

-- ---- the scene: two messages, a decision on one child, a product at the school ------------------------------
SELECT door.admin_agency('police', 'Police', 'police', 'desk 1');
SELECT door.admin_agency('health', 'Health', 'health_acute', 'desk 2');
SELECT door.admin_agency('education', 'School', 'school', 'desk 3');
SELECT door.admin_staff('d.maker', '\x01', ARRAY['decision_maker']);
SELECT mash.enquiries_open(ARRAY[ROW(1, now(), 'police', pg_temp.id(20), 'routine', now(), pg_temp.id(1), NULL, NULL, NULL, NULL,
                                     'amber', NULL, 3, NULL)::mash.work]);
INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
VALUES ('police', pg_temp.id(20), pg_temp.id(20), 'referral', 'routine', 'c', 's', now()),
       ('health', pg_temp.id(21), pg_temp.id(21), 'answer', 'routine', 'c', 's', now());
INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
VALUES (pg_temp.id(1), 'police', pg_temp.id(20), 'opened', now()), (pg_temp.id(1), 'health', pg_temp.id(21), 'answer', now());
SELECT mash.record('process', ARRAY['police'], 'hub', pg_temp.id(20), 'message', pg_temp.id(20)::text, 'treatment', 'opened',
                   'enquiry', pg_temp.id(1)::text, 'items', '2');
SELECT mash.record('answer', ARRAY['health'], 'hub', pg_temp.id(21), 'message', pg_temp.id(21)::text,
                   'enquiry', pg_temp.id(1)::text, 'items', '1');
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, free_text, sealed, arrived_at)
VALUES (pg_temp.id(11), pg_temp.id(1), 'police', pg_temp.id(20), 'incident', true, 'i', now()),
       (pg_temp.id(12), pg_temp.id(1), 'police', pg_temp.id(20), 'offence', true, 'i', now()),
       (pg_temp.id(13), pg_temp.id(1), 'health', pg_temp.id(21), 'health', true, 'i', now());
INSERT INTO mash.person (person_id, created_at) VALUES (pg_temp.id(3), now());
INSERT INTO mash.subject (enquiry_id, person_id, kind) VALUES (pg_temp.id(1), pg_temp.id(3), 'child');
INSERT INTO mash.mention (mention_id, agency, message_id, roles, sealed, at)
VALUES (pg_temp.id(30), 'police', pg_temp.id(20), '{child}', 's', now());
SELECT mash.record('link', ARRAY['police'], 'hub', pg_temp.id(30), 'mention', pg_temp.id(30)::text,
                   'person', pg_temp.id(3)::text, 'basis', 'new');
SELECT mash.enquiry_step(pg_temp.id(1), 'claim', 'd.maker');
UPDATE mash.enquiry SET holder = 'd.maker', claim_token = 1, claim_until = now() + interval '1 hour';
SELECT door.hub_decide('d.maker', pg_temp.id(1), 1, 3, pg_temp.id(2), pg_temp.id(3), 'assessment_s17', 'ca1989_s17', 'c', 's');
SELECT door.hub_share('d.maker', pg_temp.id(100), pg_temp.id(1), pg_temp.id(2), 'education', 'school_support', 'ca1989_s17',
    sha256('d'), sha256('p'), 'shared', pg_temp.id(101), 'full', pg_temp.id(102), 'letter',
    ARRAY[pg_temp.id(11), pg_temp.id(12), pg_temp.id(13)], ARRAY['summary', 'signpost', 'full'], ARRAY[1, 1, 1]::bigint[],
    ARRAY[2, 3, 4]::bigint[], ARRAY['because', 'because', 'because'], 'amber', '2026-11-28', ARRAY['', '', ''], ARRAY[1, 0, 0]::bigint[],
    ARRAY['', '', '']);

-- ---- signposts ---------------------------------------------------------------------------------------------
SELECT is((SELECT person_id FROM door.hub_signpost_basis('education', pg_temp.id(100))), pg_temp.id(3),
          'who received a product may ask about its child');
SELECT is((SELECT enquiry_id FROM door.hub_signpost_basis('education', pg_temp.id(100))), pg_temp.id(1), 'and its enquiry is known');
SELECT ok((SELECT answer_by::timestamptz > now() FROM door.hub_signpost_basis('education', pg_temp.id(100))), 'the owner has time');
SELECT is_empty($$ SELECT * FROM door.hub_signpost_basis('health', pg_temp.id(100)) $$, 'nobody else may');
SELECT is_empty($$ SELECT * FROM door.hub_signpost_basis('education', pg_temp.id(99)) $$, 'nor about what is not there');
SELECT pg_temp.triggers('product', 'DISABLE');
UPDATE mash.product SET recipient = 'health';
SELECT is_empty($$ SELECT * FROM door.hub_signpost_basis('health', pg_temp.id(100)) $$, 'a recipient written into the row asks nothing');
SELECT isnt_empty($$ SELECT * FROM door.hub_signpost_basis('education', pg_temp.id(100)) $$, 'and the one in the leaf still may');
UPDATE mash.product SET recipient = 'education';
SELECT pg_temp.triggers('product', 'ENABLE');

SELECT pg_temp.message('education', 40, 'signpost_question');
CREATE FUNCTION pg_temp.ask(p_agency text, p_message integer) RETURNS void LANGUAGE sql AS $$
    SELECT door.hub_signpost_ask(p_agency, pg_temp.id(p_message), pg_temp.id(50), pg_temp.id(100), 'police',
                                 mash.rfc3339(now() + interval '1 day'), pg_temp.id(60 + p_message), 'sealed')
$$;
SELECT lives_ok($$ SELECT pg_temp.ask('education', 40) $$, 'a question is put');
SELECT is((SELECT state FROM mash.signpost), 'asked', 'and is asked');
SELECT results_eq($$ SELECT agency, kind FROM mash.letter WHERE kind = 'signpost_question' $$,
                  $$ VALUES ('police', 'signpost_question') $$, 'its letter goes to the owner');
SELECT is((SELECT holder FROM mash.deadline WHERE kind = 'signpost'), 'police', 'who owes a reply');
SELECT is_empty($$ SELECT * FROM mash.message_todo $$, 'the message is worked off');
SELECT is_empty($$ SELECT * FROM mash.messages_lost() WHERE message_id = pg_temp.id(40) $$, 'and not lost');
SELECT results_eq($$ SELECT * FROM pg_temp.leaf('signpost_question', 'owner') $$, ARRAY['police'], 'with one leaf');
SELECT pg_temp.message('education', 41, 'signpost_question');
SELECT throws_ok($$ SELECT pg_temp.ask('education', 41) $$, 'MH001', 'state_wrong', 'one question is put once');

SELECT is((SELECT asker FROM door.hub_signpost_asked('police', pg_temp.id(50))), 'education', 'the owner may reply to it');
SELECT is((SELECT person_id FROM door.hub_signpost_asked('police', pg_temp.id(50))), pg_temp.id(3), 'about the same child');
SELECT is_empty($$ SELECT * FROM door.hub_signpost_asked('health', pg_temp.id(50)) $$, 'nobody else may');
UPDATE mash.signpost SET owner = 'health';
SELECT is_empty($$ SELECT * FROM door.hub_signpost_asked('health', pg_temp.id(50)) $$, 'nor whom an edit makes its owner');
UPDATE mash.signpost SET owner = 'police', asker = 'health';
SELECT is_empty($$ SELECT * FROM door.hub_signpost_asked('police', pg_temp.id(50)) $$, 'nor does a reply go where an edit sends it');
UPDATE mash.signpost SET asker = 'education';

SELECT is((SELECT late FROM door.hub_signposts(NULL, pg_temp.id(1))), false, 'it is listed, in time');
SELECT is_empty($$ SELECT * FROM door.hub_signposts('late', NULL) $$, 'nothing is late');
SELECT door.admin_clock(2 * 86400);
SELECT is((SELECT count(*) FROM door.hub_signposts('late', NULL)), 1::bigint, 'after its time it is');
SELECT is(door.hub_climb(10), 1::bigint, 'and climbs');
SELECT is((SELECT climbed_to FROM door.hub_signposts('late', NULL)), 'desk', 'to the owner''s desk first');
SELECT door.courier_receipt('police', pg_temp.id(100), 'delivered', sha256('sealed'), 'h', 's');
SELECT is((SELECT state FROM mash.signpost), 'delivered', 'the receipt of its letter delivers it');
SELECT pg_temp.message('police', 42, 'signpost_reply');
SELECT lives_ok($$ SELECT door.hub_signpost_reply('police', pg_temp.id(42), pg_temp.id(50), 'met', 'education', pg_temp.id(110), 'r') $$,
                'the reply is taken');
SELECT is((SELECT state FROM door.hub_signposts('met', NULL)), 'met', 'and says how it went');
SELECT is_empty($$ SELECT * FROM mash.deadline_todo WHERE kind = 'signpost' $$, 'nothing is owed any more');
SELECT throws_ok($$ SELECT door.hub_signpost_reply('police', pg_temp.id(42), pg_temp.id(50), 'met', 'education', pg_temp.id(111), 'r') $$,
                 'MH001', 'state_wrong', 'once');

-- ---- corrections -------------------------------------------------------------------------------------------
SELECT is((SELECT enquiry_id FROM door.hub_correction_basis('police', pg_temp.id(20))), pg_temp.id(1), 'an owner corrects its own message');
SELECT is_empty($$ SELECT * FROM door.hub_correction_basis('health', pg_temp.id(20)) $$, 'and no other''s');
SELECT is_empty($$ SELECT * FROM door.hub_correction_basis('police', pg_temp.id(9)) $$, 'nor what never came');
SELECT results_eq($$ SELECT product_id, recipient, verdict FROM door.hub_left(pg_temp.id(1), ARRAY[pg_temp.id(11), pg_temp.id(12)]) $$,
                  $$ VALUES (pg_temp.id(100), 'education', 'summary') $$, 'what left is known: not the signpost');
SELECT pg_temp.triggers('cut', 'DISABLE');
SAVEPOINT whole;
UPDATE mash.cut SET verdict = 'silent' WHERE item_id = pg_temp.id(11);
SELECT throws_ok($$ SELECT * FROM door.hub_left(pg_temp.id(1), ARRAY[pg_temp.id(11)]) $$, 'MH001', 'hub_failed',
                 'edited cuts are not believed: a person has to look');
DELETE FROM mash.cut WHERE item_id = pg_temp.id(11);
SELECT throws_ok($$ SELECT * FROM door.hub_left(pg_temp.id(1), ARRAY[pg_temp.id(11)]) $$, 'MH001', 'hub_failed', 'nor are missing ones');
ROLLBACK TO whole;
SELECT pg_temp.triggers('cut', 'ENABLE');

SELECT pg_temp.message('police', 43, 'correction');
SELECT is((SELECT state FROM mash.enquiry), 'decided', 'the enquiry is decided');
SELECT lives_ok($$ SELECT door.hub_correct('police', pg_temp.id(43), pg_temp.id(20), pg_temp.id(1), 'corrected', 'incident', pg_temp.id(14),
    NULL, 'new', mash.rfc3339(mash.hub_now() + interval '1 day'), ARRAY[pg_temp.id(70)], ARRAY[pg_temp.id(100)], ARRAY[pg_temp.id(11)],
    ARRAY['education'], ARRAY['incident'], ARRAY[pg_temp.id(120)], ARRAY['recall']::bytea[]) $$, 'a correction is taken');
SELECT results_eq($$ SELECT state, version FROM mash.enquiry $$, $$ VALUES ('waiting', 4::bigint) $$,
                  'the enquiry is a new version, and waits');
CREATE FUNCTION pg_temp.taken_back() RETURNS SETOF uuid LANGUAGE sql AS
    $$ SELECT item_id FROM door.hub_items(pg_temp.id(1)) WHERE class = ANY (string_to_array(taken_back, '+')) OR taken_back = '*' $$;
SELECT set_eq($$ SELECT * FROM pg_temp.taken_back() $$, ARRAY[pg_temp.id(11)], 'the old item counts no more, and no other');
SELECT matches((SELECT leaf FROM door.hub_items(pg_temp.id(1)) WHERE item_id = pg_temp.id(14)), '\nact correction\n',
               'the new one came by the correction''s own leaf');
SELECT pg_temp.triggers('correction', 'DISABLE');
DELETE FROM mash.correction;
SELECT set_eq($$ SELECT * FROM pg_temp.taken_back() $$, ARRAY[pg_temp.id(11)], 'a superuser who deletes the row brings nothing back');
SELECT pg_temp.triggers('correction', 'ENABLE');
SELECT is((SELECT agency FROM mash.letter WHERE kind = 'recall'), 'education', 'who received it has a letter');
SELECT results_eq($$ SELECT array_to_string(agencies, ',') FROM mash.ledger_leaf WHERE act = 'recall' $$, ARRAY['education,police'],
                  'with a leaf that both sides see');
SELECT is_empty($$ SELECT * FROM mash.enquiries_lost() $$, 'the ledger expects that somebody decides');

-- ---- the register of recalls -------------------------------------------------------------------------------
SELECT is((SELECT state FROM door.hub_recalls('unconfirmed')), 'unconfirmed', 'it is not confirmed');
SELECT pg_temp.message('health', 44, 'confirmation'), pg_temp.message('education', 45, 'confirmation');
SELECT throws_ok($$ SELECT door.hub_confirm('health', pg_temp.id(44), pg_temp.id(70), 'removed') $$, 'MH001', 'not_found',
                 'nobody confirms for another');
SAVEPOINT told;
INSERT INTO mash.confirmation VALUES (pg_temp.id(70), 'education', pg_temp.id(20), 'removed', now());
SELECT is((SELECT state FROM door.hub_recalls(NULL)), 'unconfirmed', 'a row without its message''s leaf confirms nothing');
ROLLBACK TO told;
SELECT pg_temp.triggers('recall', 'DISABLE');
UPDATE mash.recall SET agency = 'health';
SELECT throws_ok($$ SELECT door.hub_confirm('health', pg_temp.id(44), pg_temp.id(70), 'removed') $$, 'MH001', 'not_found',
                 'nor may whom an edit makes its recipient');
UPDATE mash.recall SET agency = 'education';
SELECT pg_temp.triggers('recall', 'ENABLE');
SELECT lives_ok($$ SELECT door.hub_confirm('education', pg_temp.id(45), pg_temp.id(70), 'removed') $$, 'the recipient confirms');
SELECT results_eq($$ SELECT state, done FROM door.hub_recalls(NULL) $$, $$ VALUES ('confirmed', 'removed') $$, 'and it shows');
SELECT is_empty($$ SELECT * FROM mash.deadline_todo WHERE kind = 'recall' $$, 'nothing is owed any more');
SELECT throws_ok($$ SELECT door.hub_confirm('education', pg_temp.id(45), pg_temp.id(70), 'removed') $$, 'MH001', 'state_wrong', 'once');

-- ---- notices -----------------------------------------------------------------------------------------------
SELECT results_eq($$ SELECT agency, message_id, outcome FROM door.hub_referrers(pg_temp.id(2)) $$,
                  $$ VALUES ('police', pg_temp.id(20), 'assessment_s17') $$, 'who referred the child is told, not who answered');
SELECT pg_temp.triggers('enquiry_message', 'DISABLE');
UPDATE mash.enquiry_message SET treatment = 'opened' WHERE agency = 'health';
SELECT is((SELECT string_agg(agency, ',') FROM door.hub_referrers(pg_temp.id(2))), 'police', 'nor whom an edit makes a referrer');
SELECT pg_temp.triggers('enquiry_message', 'ENABLE');
SELECT lives_ok($$ SELECT door.hub_notify('d.maker', pg_temp.id(2), ARRAY[pg_temp.id(80)], ARRAY['police'], ARRAY[pg_temp.id(20)],
    ARRAY[pg_temp.id(130)], ARRAY['notice']::bytea[]) $$, 'a notice is put');
SELECT results_eq($$ SELECT * FROM pg_temp.leaf('notice', 'message') $$, ARRAY[pg_temp.id(20)::text], 'with its leaf');

SELECT * FROM finish();
ROLLBACK;
