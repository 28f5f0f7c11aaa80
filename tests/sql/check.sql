-- What sql/functions/32_check.sql finds: a concern that was acknowledged and is on nobody's table, sets of
-- items and cuts that are not the ones a leaf holds. And what the hub's own door puts back (R1).
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(51);

CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

-- What intake does for one message; the row of its leaf.
CREATE FUNCTION pg_temp.accept(n integer) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
    VALUES ('police', pg_temp.id(n), pg_temp.id(0), 'referral', 'routine', sha256(int4send(n)), 'sealed', mash.hub_now());
    INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
    VALUES (pg_temp.id(n), 'police', 'routine', mash.hub_now());
    SELECT mash.record('accept', ARRAY['police'], 'intake', pg_temp.id(n), 'message', pg_temp.id(n)::text);
$$;
CREATE FUNCTION pg_temp.take(n integer, p_key text) RETURNS text LANGUAGE sql AS $$
    SELECT treatment FROM door.hub_take(ARRAY['police'], ARRAY[pg_temp.id(n)], ARRAY[pg_temp.id(1000 + n)],
        ARRAY[NULL::bytea], ARRAY[NULL::bytea], ARRAY[NULL::uuid], ARRAY[NULL::text], ARRAY['green'], ARRAY[NULL::text],
        ARRAY[1]::bigint[], ARRAY[pg_temp.id(2000 + n)], ARRAY[pg_temp.id(3000 + n)], ARRAY['child'],
        ARRAY['m'::bytea], ARRAY[1]::bigint[], ARRAY['nhs_dob'], ARRAY[p_key::bytea], ARRAY[1]::bigint[],
        ARRAY[pg_temp.id(4000 + n)], ARRAY['concern'], ARRAY[NULL::text], ARRAY[0]::bigint[], ARRAY['i'::bytea])
$$;
CREATE FUNCTION pg_temp.decide(p_enquiry integer, p_decision integer, p_person integer) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
        e mash.enquiry;
    BEGIN
        UPDATE mash.enquiry SET state = 'claimed', holder = 'd.maker', claim_token = claim_token + 1,
               claim_until = mash.hub_now() + interval '1 hour'
         WHERE enquiry_id = pg_temp.id(p_enquiry) RETURNING * INTO e;
        RETURN door.hub_decide('d.maker', e.enquiry_id, e.claim_token, e.version, pg_temp.id(p_decision),
                               pg_temp.id(p_person), 'no_further_action', 'ca1989_s17', sha256('c'), 'sealed');
    END $$;
CREATE FUNCTION pg_temp.found() RETURNS text LANGUAGE sql AS
    $$ SELECT string_agg(sentence, ' ') FROM mash.ledger_check() WHERE NOT holds $$;
CREATE FUNCTION pg_temp.reconciled() RETURNS text LANGUAGE sql AS
    $$ SELECT string_agg(sentence, ' ') FROM door.hub_reconcile() $$;

SET LOCAL ROLE mash_owner;
INSERT INTO mash.agency (agency, name, type, desk, enrolled_at) VALUES ('police', 'Police', 'police', 'desk', now());
RESET ROLE;
SELECT ok(door.admin_staff('d.maker', decode(repeat('00', 32), 'hex'), ARRAY['decision_maker']) IS NOT NULL, 'somebody decides');

-- ---- messages ------------------------------------------------------------------------------------------
CREATE TEMPORARY TABLE row AS SELECT n, pg_temp.accept(n) AS idx FROM generate_series(1, 4) n;
SELECT is(pg_temp.found(), NULL, 'what waits on the work list is not lost');
SELECT is(pg_temp.take(1, 'mei'), 'opened', 'nor what was worked on');
SELECT is(pg_temp.reconciled(), NULL, 'and nothing is put back');

DELETE FROM mash.message_todo WHERE message_id = pg_temp.id(2);
SELECT is(pg_temp.found(), format('Row %s acknowledged a message that nobody works on.', (SELECT idx FROM row WHERE n = 2)),
          'a message taken off the work list is named');
SELECT is(pg_temp.reconciled(), format('Row %s acknowledged a message that nobody worked on: it is on the work list again.',
                                       (SELECT idx FROM row WHERE n = 2)), 'and put back');
SELECT is(pg_temp.found(), NULL, 'where it is');
SELECT is(pg_temp.take(2, 'mei'), 'attached', 'and worked on');

DELETE FROM mash.message_todo WHERE message_id = pg_temp.id(3);
SELECT mash.record('quarantine', ARRAY['police'], 'intake', pg_temp.id(3), 'message', pg_temp.id(3)::text) AS another_content \gset
SELECT ok(pg_temp.found() IS NOT NULL, 'another content under its id does not end it');
SELECT mash.record('process', ARRAY['health'], 'hub', pg_temp.id(3), 'message', pg_temp.id(3)::text,
                   'enquiry', pg_temp.id(1001)::text, 'items', '0') AS another_agency \gset
INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
VALUES (pg_temp.id(1001), 'health', pg_temp.id(3), 'repeat', now());
SELECT ok(pg_temp.found() IS NOT NULL, 'nor does another agency''s message of that id');
SELECT ok(pg_temp.reconciled() IS NOT NULL, 'it is put back, too');
SELECT door.hub_set_aside('police', pg_temp.id(3), pg_temp.id(93), 'hub_failed', '');
SELECT is(pg_temp.found(), NULL, 'set aside for a person is not lost');
SELECT mash.record('replay', ARRAY['police'], 'hub.manager', pg_temp.id(3), 'message', pg_temp.id(3)::text) AS again \gset
SELECT is(pg_temp.found(), format('Row %s acknowledged a message that nobody works on.', :again), 'but what was put through again must arrive');
SELECT ok(pg_temp.reconciled() IS NOT NULL, 'and does');

SAVEPOINT content;
ALTER TABLE mash.message DISABLE TRIGGER USER;
DELETE FROM mash.message WHERE message_id = pg_temp.id(3);
SELECT is((SELECT message_id FROM door.hub_next(1)), pg_temp.id(4), 'a work list row without its message holds nobody up');
DELETE FROM mash.message_todo WHERE message_id = pg_temp.id(3);
SELECT is(pg_temp.reconciled(), format('Row %s acknowledged a message that is no longer here.', :again),
          'a message that was removed is named');
ROLLBACK TO content;

-- ---- enquiries -----------------------------------------------------------------------------------------
UPDATE mash.enquiry SET state = 'decided' WHERE enquiry_id = pg_temp.id(1001);
SELECT matches(pg_temp.found(), '^Row \d+ began an enquiry that is not decided and waits for nobody.$', 'an enquiry put away by hand is named');
SELECT matches(pg_temp.reconciled(), '^Row \d+ began an enquiry', 'by the hub, too');
SELECT is(pg_temp.decide(1001, 1, 3001), 'decided', 'a decision puts it away');
SELECT is(pg_temp.found(), NULL, 'rightly');
SELECT is(pg_temp.take(4, 'mei'), 'attached', 'something arrives');
UPDATE mash.enquiry SET state = 'decided' WHERE enquiry_id = pg_temp.id(1001);
SELECT ok(pg_temp.found() IS NOT NULL, 'and the old decision does not cover it');
SELECT pg_temp.decide(1001, 2, 3001);

-- ---- in small steps ------------------------------------------------------------------------------------
-- What a whole pass in steps of n finds, and how many steps that takes.
CREATE FUNCTION pg_temp.stepped(n integer, OUT said text, OUT steps integer) LANGUAGE plpgsql AS $$
    DECLARE
        v_more boolean := true;
        v_said text;
    BEGIN
        steps := 0;
        WHILE v_more LOOP
            SELECT string_agg(sentence, ' '), coalesce(bool_or(more), false) INTO v_said, v_more FROM door.hub_reconcile(n);
            said := nullif(concat_ws(' ', said, v_said), '');
            steps := steps + 1;
        END LOOP;
    END $$;
SELECT is(pg_temp.reconciled(), NULL, 'nothing is to be mended');
SELECT is((SELECT size FROM mash.reconciled), (SELECT size FROM mash.ledger_head), 'all leaves were looked at');
SELECT is_empty('SELECT idx FROM mash.unsettled EXCEPT SELECT idx FROM mash.leaves_unsettled(ARRAY(SELECT idx FROM mash.unsettled))',
                'and only what is not settled is kept in mind');
CREATE TEMPORARY TABLE later AS SELECT n, pg_temp.accept(n) AS idx FROM generate_series(21, 30) n;
SELECT is((SELECT steps FROM pg_temp.stepped(4)), 5, 'new leaves are looked at in steps, and then those that were not settled');
SELECT is((SELECT array_agg(idx ORDER BY idx) FROM mash.unsettled WHERE idx >= (SELECT min(idx) FROM later)),
          (SELECT array_agg(idx ORDER BY idx) FROM later), 'what waits is kept in mind');
SELECT is(pg_temp.take(24, 'lin'), 'opened', 'one of them is worked in');
DELETE FROM mash.message_todo WHERE message_id IN (pg_temp.id(22), pg_temp.id(28));
SELECT is((SELECT said FROM pg_temp.stepped(3)),
          (SELECT string_agg(format('Row %s acknowledged a message that nobody worked on: it is on the work list again.', idx), ' ' ORDER BY idx)
             FROM later WHERE n IN (22, 28)), 'what drops out long after it was looked at is found, once');
SELECT is((SELECT count(*) FROM mash.message_todo WHERE message_id IN (pg_temp.id(22), pg_temp.id(28))), 2::bigint, 'and put back');
SELECT ok(NOT EXISTS (SELECT FROM mash.unsettled u JOIN later l USING (idx) WHERE l.n = 24), 'what was worked in is out of mind');
SELECT is((SELECT said FROM pg_temp.stepped(3)), NULL, 'and nothing more is found');
UPDATE mash.enquiry SET state = 'decided' WHERE enquiry_id = pg_temp.id(1024);
SELECT matches((SELECT said FROM pg_temp.stepped(3)), '^Row \d+ began an enquiry that is not decided and waits for nobody.$',
               'nor is an enquiry put away by hand missed');
UPDATE mash.enquiry SET state = 'waiting' WHERE enquiry_id = pg_temp.id(1024);
DELETE FROM mash.message_todo WHERE message_id BETWEEN pg_temp.id(21) AND pg_temp.id(30);
SELECT is((SELECT count(*) FROM mash.messages_lost()), 9::bigint, 'a work list emptied by hand');
SELECT isnt((SELECT said FROM pg_temp.stepped(2)), NULL, 'is found');
SELECT is_empty('SELECT FROM mash.messages_lost()', 'and filled again');
SELECT pg_temp.take(n, 'n' || n) FROM generate_series(21, 30) n WHERE n <> 24;
SELECT pg_temp.decide(1000 + n, 100 + n, 3000 + n) FROM generate_series(21, 30) n;
SELECT is((SELECT said FROM pg_temp.stepped(50)), NULL, 'all is decided');
SELECT is((SELECT array_agg(idx) FROM mash.unsettled), ARRAY[:again]::bigint[], 'and only what still waits is kept in mind');

-- ---- sets ----------------------------------------------------------------------------------------------
SELECT is(mash.frozen_holds(pg_temp.id(1)) AND mash.frozen_holds(pg_temp.id(2)), true, 'what was frozen holds');
SAVEPOINT sets;
ALTER TABLE mash.decision_item DISABLE TRIGGER USER;
DELETE FROM mash.decision_item WHERE decision_id = pg_temp.id(2) AND item_id = pg_temp.id(4004);
SELECT ok(NOT mash.frozen_holds(pg_temp.id(2)) AND mash.frozen_holds(pg_temp.id(1))
          AND pg_temp.found() ~ '^Row \d+ decided on a set of items that is not the one kept now.$', 'an item taken out of it is found');
ROLLBACK TO sets;
INSERT INTO mash.cut (product_id, item_id, owner, class, verdict, rule_version, rule_line, reason)
VALUES (pg_temp.id(7), pg_temp.id(4001), 'police', 'concern', 'silent', 1, 2, 'rule'),
       (pg_temp.id(7), pg_temp.id(4002), 'police', 'concern', 'full', NULL, NULL, 'rule');
SELECT mash.record('release', ARRAY['police'], 'd.maker', pg_temp.id(7), 'product', pg_temp.id(7)::text,
                   'cuts', encode(mash.cuts_digest(pg_temp.id(7)), 'hex')) AS released \gset
ALTER TABLE mash.cut DISABLE TRIGGER USER;
UPDATE mash.cut SET verdict = 'full' WHERE product_id = pg_temp.id(7);
SELECT is(pg_temp.found(), format('Row %s released a product whose cuts are not the ones kept now.', :released), 'a cut altered later is found');

ROLLBACK TO sets;

-- ---- rows beside the ledger ----------------------------------------------------------------------------
-- What is found when this is done to the tables; then it is undone.
CREATE FUNCTION pg_temp.altered(p_table text, p_sql text, OUT said text) LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('ALTER TABLE mash.%I DISABLE TRIGGER USER', p_table);
        EXECUTE p_sql;
        said := regexp_replace(pg_temp.found(), '\d+', 'N', 'g');
        RAISE EXCEPTION USING ERRCODE = 'MH002';
    EXCEPTION WHEN SQLSTATE 'MH002' THEN NULL;
    END $$;
SELECT is(pg_temp.altered(t, q), said, what) FROM (VALUES
    ('enquiry', 'UPDATE mash.enquiry SET rating = ''red'' WHERE enquiry_id = pg_temp.id(1001)',
     'Row N rated an enquiry that is rated otherwise now.', 'a rating that nobody gave is named'),
    ('decision', 'UPDATE mash.decision SET person_id = pg_temp.id(3024) WHERE decision_id = pg_temp.id(2)',
     'Row N decided on somebody else than the decision names now.', 'and a child whom nobody decided on'),
    ('link', 'DELETE FROM mash.link WHERE mention_id = pg_temp.id(2024)',
     'Row N took a mention for somebody else than it is taken for now.', 'and a tie taken away'),
    ('mention', 'DELETE FROM mash.mention WHERE mention_id = pg_temp.id(2024)',
     'Row N mentioned somebody whose words are not kept with their message now.', 'and somebody''s words'),
    ('item', 'UPDATE mash.item SET class = ''adoption'' WHERE item_id = pg_temp.id(4024)',
     'Row N brought items that are not the ones kept now.', 'and another class of what was said'),
    ('enquiry_message', 'DELETE FROM mash.enquiry_message WHERE message_id = pg_temp.id(24)',
     'Row N brought a message into an enquiry where it is not kept now.', 'and a message taken out of its enquiry'),
    ('subject', 'INSERT INTO mash.subject (enquiry_id, person_id, kind) VALUES (pg_temp.id(1001), pg_temp.id(3024), ''child'')',
     'Row N began an enquiry that is not decided and waits for nobody. Row N began an enquiry that is about other children now.',
     'and a child who is no child there')) v (t, q, said, what);
SELECT mash.letter_send(pg_temp.id(8), 'police', 'notice', 'sealed');
SELECT mash.record('notice', ARRAY['police'], 'd.maker', pg_temp.id(9), 'letter', pg_temp.id(8)::text) AS sent \gset
SELECT is(pg_temp.altered('letter_todo', 'DELETE FROM mash.letter_todo'),
          'Row N sent a letter that has not arrived and that nobody carries.', 'and a letter that nobody carries');
UPDATE mash.letter_todo SET next_try = 'infinity';
SELECT is(pg_temp.reconciled(), format('Row %s sent a letter that nobody carried: it is on its way again.', :sent), 'which the hub puts back');
SELECT is((SELECT count(*) FROM mash.letter_todo WHERE next_try <= mash.hub_now()), 1::bigint, 'to go at once');

SELECT * FROM finish();
ROLLBACK;
