-- The pipeline's doors: one child is one enquiry, however often and by whomever she is told of; only the
-- transition table moves an enquiry; the clocks run in London's working days.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(72);

-- The scene: messages that wait, and a short way to hand one over with one child in it.
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

CREATE FUNCTION pg_temp.arrive(p_agency text, n integer, p_lane text DEFAULT 'routine', p_content text DEFAULT 'referral')
    RETURNS void LANGUAGE sql AS $$
        INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
        VALUES (p_agency, pg_temp.id(n), pg_temp.id(0), p_content, p_lane, sha256(p_agency::bytea || int4send(n)),
                'sealed', mash.hub_now());
        INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
        VALUES (pg_temp.id(n), p_agency, p_lane, mash.hub_now());
    $$;

-- One message as door.hub_take takes it; keys: 'kind=word' each, all of the one person in it.
CREATE FUNCTION pg_temp.take(p_agency text, n integer, p_keys text[], p_rating text DEFAULT 'green',
                             p_reference bytea DEFAULT NULL, p_content bytea DEFAULT 'c', p_roles text DEFAULT 'child')
    RETURNS text LANGUAGE sql AS $$
        SELECT treatment FROM door.hub_take(ARRAY[p_agency], ARRAY[pg_temp.id(n)], ARRAY[pg_temp.id(1000 + n)],
            ARRAY[p_reference], ARRAY[p_content], ARRAY[NULL::uuid], ARRAY[NULL::text], ARRAY[p_rating],
            ARRAY[CASE p_rating WHEN 'green' THEN NULL ELSE '3A+stat' END],
            ARRAY[1]::bigint[], ARRAY[pg_temp.id(2000 + n)], ARRAY[pg_temp.id(3000 + n)], ARRAY[p_roles],
            ARRAY['m'::bytea],
            (SELECT coalesce(array_agg(1::bigint), '{}') FROM unnest(p_keys)),
            (SELECT coalesce(array_agg(split_part(k, '=', 1) ORDER BY o), '{}') FROM unnest(p_keys) WITH ORDINALITY u (k, o)),
            (SELECT coalesce(array_agg(k::bytea ORDER BY o), '{}') FROM unnest(p_keys) WITH ORDINALITY u (k, o)),
            ARRAY[1, 1]::bigint[], ARRAY[pg_temp.id(4000 + n), pg_temp.id(5000 + n)], ARRAY['concern', 'incident'],
            ARRAY[NULL, 'share'], ARRAY[0, 1]::bigint[], ARRAY['i1'::bytea, 'i2'::bytea])
    $$;

CREATE FUNCTION pg_temp.enquiry(p_agency text, n integer) RETURNS mash.enquiry LANGUAGE sql AS $$
    SELECT e FROM mash.enquiry_message m JOIN mash.enquiry e USING (enquiry_id)
     WHERE m.agency = p_agency AND m.message_id = pg_temp.id(n)
$$;

CREATE FUNCTION pg_temp.leaves(p_act text, p_subject uuid) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT substring(convert_from(body, 'UTF8') FROM '\nactor.*') FROM mash.ledger_leaf
     WHERE act = p_act AND subject = p_subject ORDER BY idx
$$;

-- ---- clocks --------------------------------------------------------------------------------------------
SELECT is(mash.working_days_after('2026-11-20 15:00+00', 1), '2026-11-23 15:00+00', 'one working day after a Friday is Monday');
SELECT is(mash.working_days_after('2026-11-21 10:00+00', 1), '2026-11-23 10:00+00', 'what comes on a Saturday is due on Monday');
SELECT is(mash.working_days_after('2026-12-24 15:00+00', 1), '2026-12-29 15:00+00', 'Christmas, a weekend and a substitute day are no working days');
SELECT is(mash.working_days_after('2026-11-23 09:00+00', 3), '2026-11-26 09:00+00', 'three working days in one week');
SELECT is(mash.working_days_after('2027-03-25 12:00+00', 1), '2027-03-30 11:00+00', 'the time of day is London''s, over Easter and the change of clocks');
SELECT is(mash.working_days_after('2026-11-20 15:00+00', 0), '2026-11-20 15:00+00', 'no working days is now');
SELECT is(mash.product_due('red', '2026-11-22 14:00+00'), '2026-11-22 18:00+00', 'red: four hours, and no weekend');
SELECT is(mash.product_due('amber', '2026-11-22 14:00+00'), '2026-11-23 14:00+00', 'amber: one day');
SELECT is(mash.product_due('green', '2026-11-22 14:00+00'), '2026-11-25 14:00+00', 'green: three days');
SELECT matches((mash.new_references(3))[2], '^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$', 'a reference is eight characters of Crockford''s base 32');

-- ---- the work list -------------------------------------------------------------------------------------
SELECT pg_temp.arrive('police', 1);
SELECT pg_temp.arrive('health', 2, 'immediate');
SELECT is((SELECT agency FROM door.hub_next(1)), 'health', 'immediate danger goes before what came first');

-- ---- opening -------------------------------------------------------------------------------------------
SELECT is(pg_temp.take('police', 1, ARRAY['nhs_dob=mei', 'name_dob=mei chan'], 'amber', 'ref-1'), 'opened', 'a child nobody knows opens an enquiry');
SELECT is((pg_temp.enquiry('police', 1)).state, 'waiting', 'it waits in the queue');
SELECT is((pg_temp.enquiry('police', 1)).version, 2::bigint, 'its version counts its items');
SELECT is((SELECT array_agg(event || ':' || from_state || '>' || to_state) FROM mash.enquiry_event WHERE enquiry_id = pg_temp.id(1001)),
          ARRAY['open:none>waiting'], 'its opening is an event');
SELECT is((SELECT array_agg(kind) FROM mash.subject WHERE enquiry_id = pg_temp.id(1001)), ARRAY['child'], 'the child is its subject');
SELECT is((SELECT array_agg(rating || ':' || by) FROM mash.rating WHERE enquiry_id = pg_temp.id(1001)), ARRAY['amber:hub'], 'it has its first rating');
SELECT is((pg_temp.enquiry('police', 1)).product_due,
          (SELECT received_at + interval '1 day' FROM mash.message WHERE agency = 'police' AND message_id = pg_temp.id(1)), 'its clock runs from receipt');
SELECT is_empty($$SELECT 1 FROM mash.message_todo WHERE agency = 'police'$$, 'the message is off the work list');
SELECT is((SELECT array_agg(x) FROM pg_temp.leaves('process', pg_temp.id(1)) x), ARRAY[format(
          E'\nactor hub\nsubject %1$s\nmessage %1$s\ntreatment opened\nenquiry %2$s\nitems 2\nclasses %3$s\n', pg_temp.id(1), pg_temp.id(1001),
          encode(mash.classes_digest('police', pg_temp.id(1)), 'hex'))], 'one leaf tells what became of it');
SELECT is((SELECT array_agg(x) FROM pg_temp.leaves('link', pg_temp.id(2001)) x), ARRAY[format(
          E'\nactor hub\nsubject %1$s\nmention %1$s\nperson %2$s\nbasis new\nchild yes\n', pg_temp.id(2001), pg_temp.id(3001))], 'one tells who the mention is taken for');
SELECT is((SELECT array_agg(x) FROM pg_temp.leaves('rate', pg_temp.id(1001)) x), ARRAY[format(
          E'\nactor hub\nsubject %1$s\nenquiry %1$s\nrating amber\nfactors 3A+stat\n', pg_temp.id(1001))], 'one tells why it is amber');
SELECT is((SELECT array_agg(DISTINCT agencies::text) FROM mash.ledger_leaf WHERE act IN ('process', 'link', 'rate')), ARRAY['{police}'], 'and they concern the owner only');
SELECT throws_ok($$SELECT pg_temp.take('police', 1, '{}')$$, 'MH001', 'state_wrong', 'a message is worked on once');

-- ---- attaching -----------------------------------------------------------------------------------------
SELECT is(pg_temp.take('health', 2, ARRAY['nhs_dob=mei'], 'red'), 'attached', 'the same child from another agency joins the enquiry');
SELECT is((pg_temp.enquiry('health', 2)).enquiry_id, pg_temp.id(1001), 'there is one enquiry');
SELECT is((pg_temp.enquiry('health', 2)).version, 4::bigint, 'whose version grew with the items');
SELECT is((pg_temp.enquiry('health', 2)).rating, 'red', 'a message can raise the rating');
SELECT is((pg_temp.enquiry('health', 2)).lane, 'immediate', 'and the lane');
SELECT is((pg_temp.enquiry('health', 2)).product_due,
          (SELECT received_at + interval '4 hours' FROM mash.message WHERE agency = 'health' AND message_id = pg_temp.id(2)), 'and brings the clock nearer');
SELECT is((SELECT basis FROM mash.link WHERE mention_id = pg_temp.id(2002) AND state = 'accepted'), 'nhs_dob', 'the tie says on what ground');

SELECT pg_temp.arrive('school', 3);
SELECT is(pg_temp.take('school', 3, ARRAY['name_dob=mei chan'], 'green'), 'attached', 'a weaker key finds her, too');
SELECT is((pg_temp.enquiry('school', 3)).rating, 'red', 'no message lowers a rating (S39)');
SELECT is((SELECT count(*) FROM mash.rating WHERE enquiry_id = pg_temp.id(1001)), 2::bigint, 'and a rating that did not change is not written again');

-- ---- the same reference --------------------------------------------------------------------------------
SELECT pg_temp.arrive('police', 4);
SELECT is(pg_temp.take('police', 4, ARRAY['nhs_dob=mei'], 'amber', 'ref-1'), 'repeat', 'the same content under the same reference is no second referral');
SELECT is((SELECT count(*) FROM mash.item WHERE message_id = pg_temp.id(4)), 0::bigint, 'it adds no item');
SELECT is((pg_temp.enquiry('police', 4)).version, 6::bigint, 'and asks no decider again');
SELECT pg_temp.arrive('police', 5);
SELECT is(pg_temp.take('police', 5, '{}', 'green', 'ref-1', 'changed'), 'update', 'other content under the same reference is an update');
SELECT is((pg_temp.enquiry('police', 5)).enquiry_id, pg_temp.id(1001), 'of the same enquiry, though nobody in it is known');
SELECT pg_temp.arrive('health', 6);
SELECT is(pg_temp.take('health', 6, '{}', 'green', 'ref-1'), 'opened', 'another agency''s reference is another reference');

-- What an update replaces is told by its leaf; the row beside it is anybody's who may write to the table.
CREATE FUNCTION pg_temp.replaced() RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(DISTINCT right(message_id::text, 1) ORDER BY right(message_id::text, 1))
      FROM door.hub_items(pg_temp.id(1001)) WHERE replaced
$$;
SELECT is(pg_temp.replaced(), ARRAY['1'], 'an update replaces what was said before under its reference');
SAVEPOINT treated;
ALTER TABLE mash.enquiry_message DISABLE TRIGGER USER;
UPDATE mash.enquiry_message SET treatment = 'attached' WHERE treatment = 'update';
SELECT is(pg_temp.replaced(), ARRAY['1'], 'whatever becomes of its row');
ROLLBACK TO treated;
ALTER TABLE mash.enquiry_message DISABLE TRIGGER USER;
UPDATE mash.enquiry_message SET treatment = 'update', at = now() + interval '1 day' WHERE message_id = pg_temp.id(1);
SELECT is(pg_temp.replaced(), ARRAY['1'], 'and no row makes the update of the first that it was not');
ROLLBACK TO treated;

SELECT is((SELECT array_agg(mash.leaf_says(body, 'first')) FROM mash.ledger_leaf WHERE subject IN (pg_temp.id(4), pg_temp.id(5)) AND act = 'process'),
          ARRAY[pg_temp.id(1)::text, pg_temp.id(1)::text], 'a repeat and an update name what came first under their reference');
ALTER TABLE mash.native_reference DISABLE TRIGGER USER;
UPDATE mash.native_reference SET reference = 'another' WHERE message_id = pg_temp.id(1);
SELECT is(pg_temp.replaced(), ARRAY['1'], 'another reference of the first in the table brings back nothing');
SELECT is((SELECT array_agg(right(k::text, 1) ORDER BY k) FROM mash.akin('police', pg_temp.id(5)) k), ARRAY['1', '4', '5'],
          'nor parts the two in what is chosen for one of them');
ROLLBACK TO treated;
ALTER TABLE mash.item DISABLE TRIGGER USER;
UPDATE mash.item SET class = 'adoption' WHERE owner = 'police' AND message_id = pg_temp.id(1);
SELECT is(pg_temp.replaced(), ARRAY['1'], 'nor does another class of the first''s items');
ROLLBACK TO treated;
ALTER TABLE mash.item DISABLE TRIGGER USER;
UPDATE mash.item SET class = 'adoption' WHERE owner = 'police' AND message_id = pg_temp.id(5);
SELECT is(pg_temp.replaced(), ARRAY['1'], 'nor of the update''s');
ROLLBACK TO treated;
ALTER TABLE mash.item DISABLE TRIGGER USER;
DELETE FROM mash.item WHERE owner = 'police' AND message_id = pg_temp.id(5);
SELECT is(pg_temp.replaced(), ARRAY['1'], 'nor the update''s taken away');
ROLLBACK TO treated;

-- ---- who is who ----------------------------------------------------------------------------------------
SELECT pg_temp.arrive('police', 7);
SELECT is(pg_temp.take('police', 7, ARRAY['nhs_dob=other', 'name_dob=mei chan']), 'opened', 'a child of one name and birthday with another NHS number is another child');
SELECT is((SELECT array_agg(state || ':' || basis ORDER BY state) FROM mash.link WHERE mention_id = pg_temp.id(2007)),
          ARRAY['accepted:new', 'proposed:name_dob'], 'and the likeness is proposed to a person');
SELECT pg_temp.arrive('school', 8);
SELECT is(pg_temp.take('school', 8, ARRAY['nhs_dob=other', 'upn_dob=u', 'nhs_dob=mei']), 'attached', 'keys that point to two people');
SELECT is((SELECT array_agg(state || ':' || person_id ORDER BY state) FROM mash.link WHERE mention_id = pg_temp.id(2008)),
          ARRAY['accepted:' || pg_temp.id(3001), 'proposed:' || pg_temp.id(3007)], 'tie to the older one and merge nobody');
SELECT pg_temp.arrive('police', 9);
SELECT is(pg_temp.take('police', 9, '{}'), 'opened', 'who has no key is a new person');

-- ---- a decided enquiry ---------------------------------------------------------------------------------
SELECT throws_ok(format('SELECT mash.enquiry_step(%L, %L, %L)', pg_temp.id(1001), 'settle', 'hub'), 'MH001', 'state_wrong', 'what waits cannot be settled');
SELECT throws_ok(format('SELECT mash.enquiry_step(%L, %L, %L)', pg_temp.id(1001), 'invent', 'hub'), 'MH001', 'state_wrong', 'an unknown event is refused');
SELECT throws_ok(format('SELECT mash.enquiry_step(%L, %L, %L)', pg_temp.id(999), 'claim', 'hub'), 'MH001', 'not_found', 'an unknown enquiry is refused');
CREATE FUNCTION pg_temp.steps_taken() RETURNS TABLE (from_state text, event text) LANGUAGE plpgsql AS $$
BEGIN
    FOR from_state, event IN SELECT DISTINCT a.from_state, b.event FROM mash.lifecycle a, mash.lifecycle b LOOP
        UPDATE mash.enquiry SET state = steps_taken.from_state WHERE enquiry_id = pg_temp.id(1009);
        BEGIN
            PERFORM mash.enquiry_step(pg_temp.id(1009), event, 'hub');
            RETURN NEXT;
        EXCEPTION WHEN SQLSTATE 'MH001' THEN NULL;
        END;
    END LOOP;
END $$;
SELECT set_eq('SELECT * FROM pg_temp.steps_taken()', $$SELECT from_state, event FROM mash.lifecycle WHERE machine = 'enquiry'$$,
              'of all states and events, exactly the steps of the table can be taken');
SELECT mash.enquiry_step(pg_temp.id(1001), 'claim', 'someone');
SELECT mash.enquiry_step(pg_temp.id(1001), 'settle', 'hub');
SELECT pg_temp.arrive('school', 10);
SELECT is(pg_temp.take('school', 10, ARRAY['name_dob=mei chan']), 'attached', 'what arrives after the decision');
SELECT is((pg_temp.enquiry('school', 10)).state, 'waiting', 'puts it before somebody again (S10)');
SELECT is((pg_temp.enquiry('school', 10)).lane, 'routine', 'in the lane it came by');

-- ---- answers -------------------------------------------------------------------------------------------
INSERT INTO mash.agency_check (check_id, enquiry_id, agency, gateway, threshold, family_informed, asked_by, asked_at, answer_by, question_id, question, letter_id, state)
VALUES (pg_temp.id(77), pg_temp.id(1001), 'health', 'ca1989_s47', 's47', 'yes', 'someone', now(), now(), pg_temp.id(79), 'sealed', pg_temp.id(78), 'asked');
CREATE FUNCTION pg_temp.answer(p_agency text, n integer, p_check integer) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(reason, treatment) FROM door.hub_take(ARRAY[p_agency], ARRAY[pg_temp.id(n)], ARRAY[pg_temp.id(1000 + n)],
        ARRAY[NULL::bytea], ARRAY[NULL::bytea], ARRAY[pg_temp.id(p_check)], ARRAY['nil_return'], ARRAY['green'],
        ARRAY[NULL::text], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', ARRAY[1]::bigint[], ARRAY[pg_temp.id(4000 + n)],
        ARRAY['check_outcome'], ARRAY[NULL::text], ARRAY[0]::bigint[], ARRAY['i'::bytea])
$$;
SELECT pg_temp.arrive('police', 20, 'routine', 'answer');
SELECT is(pg_temp.answer('police', 20, 77), 'not_found', 'nobody answers another agency''s check');
SELECT pg_temp.arrive('health', 21, 'routine', 'answer');
SELECT is(pg_temp.answer('health', 21, 77), 'answer', 'the agency that was asked does');
SELECT is((SELECT state FROM mash.agency_check WHERE check_id = pg_temp.id(77)), 'nil_return', 'and knowing nothing is an answer');
SELECT is((SELECT owner FROM mash.item WHERE message_id = pg_temp.id(21)), 'health', 'whose items are its own');
SELECT pg_temp.arrive('health', 22, 'routine', 'answer');
SELECT is(pg_temp.answer('health', 22, 77), 'state_wrong', 'a check is answered once');

-- ---- set aside -----------------------------------------------------------------------------------------
SELECT door.hub_set_aside('health', pg_temp.id(22), pg_temp.id(90), 'state_wrong', '');
SELECT is((SELECT array_agg(reason) FROM mash.quarantine WHERE message_id = pg_temp.id(22)), ARRAY['state_wrong'], 'what cannot be worked on is kept for a person');
INSERT INTO mash.message_todo VALUES (pg_temp.id(22), 'health', 'routine', now());
SELECT door.hub_set_aside('health', pg_temp.id(22), pg_temp.id(91), 'state_wrong', '');
SELECT is((SELECT count(*) FROM mash.quarantine WHERE message_id = pg_temp.id(22)), 2::bigint, 'and shows again when it comes back');
SELECT is((SELECT count(*) FROM pg_temp.leaves('quarantine', pg_temp.id(22))), 2::bigint, 'each time with its leaf');

-- ---- the same again, and now it is urgent ----------------------------------------------------------------
SELECT pg_temp.arrive('police', 81);
SELECT is(pg_temp.take('police', 81, '{}', 'red', 'ref-lane'), 'opened', 'a red referral by the routine lane');
SELECT pg_temp.arrive('police', 82, 'immediate');
SELECT is(pg_temp.take('police', 82, '{}', 'red', 'ref-lane'), 'repeat', 'sent again, word for word, as immediate danger');
SELECT is((pg_temp.enquiry('police', 82)).lane, 'immediate', 'brings its enquiry into the immediate lane');

SELECT * FROM finish();
ROLLBACK;
