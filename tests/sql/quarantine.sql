-- The quarantine's doors: who may, what each act leaves behind, that it is done once, and that what staff wrote never
-- passes for what an agency signed.
SET client_min_messages = warning;
SET search_path = tap, public;
CREATE ROLE siro_probation LOGIN IN ROLE mash_siro;
GRANT USAGE ON SCHEMA tap TO PUBLIC;
GRANT TEMPORARY ON DATABASE try TO PUBLIC;

-- ---- the scene; committed, because a SIRO's look goes by a second connection ---------------------------
BEGIN;
CREATE FUNCTION public.e(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT ('00000000-0000-7000-8000-0000000000' || to_char(n, 'FM00'))::uuid $$;
CREATE FUNCTION public.leaf(p_act text) RETURNS text LANGUAGE sql
    AS $$ SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = p_act ORDER BY idx DESC LIMIT 1 $$;
CREATE FUNCTION public.leaves(p_act text) RETURNS bigint LANGUAGE sql
    AS $$ SELECT count(*) FROM mash.ledger_leaf WHERE act = p_act $$;
SET LOCAL ROLE mash_owner;
INSERT INTO mash.agency (agency, name, type, desk, enrolled_at)
SELECT a, a, 'police', 'desk', now() FROM unnest(ARRAY['probation', 'health']) a;
INSERT INTO mash.staff (staff, key_id, public, roles, enrolled_at, leaf_index)
VALUES ('sue', 'k-sue', '', '{social_work_manager,decision_maker,triage_officer}', now(), 0),
       ('max', 'k-max', '', '{hub_manager}', now(), 0),
       ('rex', 'k-rex', '', '{hub_manager}', now(), 0);
-- 1: accepted. 2-9: quarantined by intake, 4 with the id of 1 and 9 with the id of 8. 10: a whole submission.
-- 11: accepted, and set aside by the hub.
INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
VALUES ('probation', public.e(1), public.e(51), 'referral', 'routine', sha256('1'), 'sealed', now()),
       ('probation', public.e(11), public.e(51), 'referral', 'immediate', sha256('11'), 'sealed', now());
INSERT INTO mash.message_todo (message_id, agency, lane, received_at) VALUES (public.e(11), 'probation', 'immediate', now());
INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed, received_at)
SELECT public.e(20 + n), a, public.e(m), r, p, c, sha256(n::text::bytea), 'sealed', now() - s::interval
  FROM (VALUES (2, 'probation', 2, 'code_unknown', 'category', 'referral', '3 days'),
               (3, 'probation', 3, 'code_unknown', '', 'referral', '2 hours'),
               (4, 'probation', 1, 'content_clash', '', 'referral', '90 min'),
               (5, 'health', 5, 'code_unknown', '', 'answer', '61 min'),
               (6, 'probation', 6, 'bad_time', 'authored_at', 'referral', '9 min'),
               (7, 'probation', 7, 'bad_time', '', 'referral', '8 min'),
               (8, 'probation', 8, 'too_deep', '', 'referral', '7 min'),
               (9, 'probation', 8, 'too_deep', '', 'referral', '6 min'),
               (10, 'probation', NULL, 'signature_wrong', '', NULL, '5 min')) AS q (n, a, m, r, p, c, s);
DO $$
BEGIN
    PERFORM mash.record('quarantine', ARRAY[q.agency], 'intake', q.message_id, 'message', q.message_id::text,
                        'commitment', encode(q.digest, 'hex'), 'submission', public.e(52)::text, 'lane', 'immediate')
       FROM mash.quarantine q WHERE q.content IS NOT NULL;
    PERFORM door.hub_set_aside('probation', public.e(11), public.e(31), 'too_many', '');
    PERFORM door.admin_revoke('k-rex', 'left');
END
$$;
COMMIT;

PREPARE mend(text, integer, integer, text) AS
    SELECT door.hub_quarantine_mend($1, public.e($2), public.e($3), sha256($4::bytea), 'mended', public.e(71), 'words',
                                    sha256('why'));
SELECT no_plan();

-- ---- who may -----------------------------------------------------------------------------------------
SELECT throws_ok(s, 'MH001', 'role_missing', w || ' is the hub manager''s')
  FROM (VALUES ('the list', $$SELECT door.hub_quarantine('sue', false, NULL, NULL, NULL)$$),
               ('a look', $$SELECT door.hub_quarantine_view('sue', public.e(22))$$),
               ('a count', $$SELECT door.hub_quarantine_matching('sue', NULL, 'bad_time', NULL, NULL, 9)$$),
               ('a replay', $$SELECT door.hub_quarantine_replay('sue', ARRAY[public.e(22)])$$),
               ('a mend', $$EXECUTE mend('sue', 22, 61, 'x')$$),
               ('a rejection', $$SELECT door.hub_quarantine_reject('sue', public.e(22), public.e(71), '', '')$$),
               ('by a key in force, all of it', $$SELECT door.hub_quarantine('rex', false, NULL, NULL, NULL)$$)) t (w, s);
SELECT is((SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            CROSS JOIN unnest(ARRAY['mash_intake', 'mash_courier', 'mash_notary', 'mash_admin', 'mash_look', 'mash_siro']) r
            WHERE n.nspname = 'door' AND p.proname ~ '^hub_(quarantine|mended)' AND has_function_privilege(r, p.oid, 'EXECUTE')),
          0::bigint, 'no other program may call a door of the quarantine');
SELECT is((SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'door' AND p.proname ~ '^hub_(quarantine|mended)'
              AND has_function_privilege('mash_hub', p.oid, 'EXECUTE')), 7::bigint, 'the hub may, all seven');

-- ---- looking -----------------------------------------------------------------------------------------
SELECT is((SELECT count(*) FROM door.hub_quarantine('max', false, NULL, NULL, NULL)), 10::bigint, 'the manager sees what waits');
SELECT is((SELECT array_agg(quarantine_id) FROM door.hub_quarantine('max', false, 'probation', 'code_unknown', NULL)),
          ARRAY[public.e(22), public.e(23)], 'of one agency and one reason, oldest first');
SELECT is((SELECT array_agg(matching) FROM door.hub_quarantine('max', false, NULL, NULL, mash.rfc3339(now() - interval '10 min'))),
          array_fill(6::bigint, ARRAY[6]), 'since a time, with how many there are');
SELECT is((SELECT array_agg(age ORDER BY received_at) FROM door.hub_quarantine('max', false, NULL, NULL, NULL)
            WHERE quarantine_id = ANY (ARRAY[public.e(22), public.e(24), public.e(25), public.e(26)])),
          ARRAY['3 days', '1 h 30', '1 h 01', '9 min'], 'and how old they are');
SELECT is((SELECT sealed FROM door.hub_quarantine_view('max', public.e(22))), 'sealed'::bytea, 'one is opened as it came');
SELECT ok(public.leaf('view') ~ ('\nagency probation\nactor max\nsubject ' || public.e(22) || '\n'), 'the look is recorded for its sender');
SELECT is(public.leaves('view'), 1::bigint, 'a list is no look, and a refused one neither');

-- ---- the count before many are put through -----------------------------------------------------------
SELECT results_eq($$SELECT quarantine_id, clash, matching FROM door.hub_quarantine_matching('max', NULL, 'code_unknown', NULL, NULL, 2)$$,
                  $$VALUES (public.e(22), false, 3::bigint), (public.e(23), false, 3)$$, 'a page of what matches, and how much in all');
SELECT results_eq($$SELECT quarantine_id, clash FROM door.hub_quarantine_matching('max', NULL, 'code_unknown', NULL, public.e(23), 2)$$,
                  $$VALUES (public.e(25), false)$$, 'and the next');
SELECT results_eq($$SELECT clash FROM door.hub_quarantine_matching('max', NULL, 'content_clash', NULL, NULL, 9)$$,
                  $$VALUES (true)$$, 'an id that belongs to other content is told');
SELECT results_eq($$SELECT clash FROM door.hub_quarantine_matching('max', NULL, 'too_deep', NULL, NULL, 9)$$,
                  $$VALUES (false), (true)$$, 'also one that the row before it would take');
SELECT is_empty($$SELECT door.hub_quarantine_matching('max', NULL, 'signature_wrong', NULL, NULL, 9)$$, 'no whole submission is among them');
SELECT is(public.leaves('view'), 1::bigint, 'nobody is shown anything, and no look is recorded');

-- ---- replay ------------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT door.hub_quarantine_replay('max', ARRAY[public.e(22), public.e(24)])$$, 'MH001', 'content_clash',
                 'one never goes over another message of its id');
SELECT is((SELECT count(*) FROM mash.quarantine_act), 0::bigint, 'and of many, then, none');
SELECT throws_ok($$SELECT door.hub_quarantine_replay('max', ARRAY[public.e(22), public.e(22)])$$, 'MH001', 'state_wrong', 'none twice');
SELECT throws_ok($$SELECT door.hub_quarantine_replay('max', ARRAY[public.e(30)])$$, 'MH001', 'state_wrong', 'no whole submission');
SELECT throws_ok($$SELECT door.hub_quarantine_replay('max', ARRAY[public.e(99)])$$, 'MH001', 'not_found', 'nothing that is not there');
SELECT lives_ok($$SELECT door.hub_quarantine_replay('max', ARRAY[public.e(22), public.e(25), public.e(31)])$$, 'three are put through again');
SELECT results_eq($$SELECT message_id, submission_id, lane, commitment FROM mash.message JOIN mash.message_todo USING (agency, message_id, lane)
                     ORDER BY 1$$,
                  $$VALUES (public.e(2), public.e(52), 'immediate', sha256('2')), (public.e(5), public.e(52), 'immediate', sha256('5')),
                           (public.e(11), public.e(51), 'immediate', sha256('11'))$$,
                  'as the messages they were, in their lanes');
SELECT is(public.leaves('replay'), 3::bigint, 'each with a leaf of its own');
SELECT ok(public.leaf('replay') ~ ('\nagency probation\nactor max\nsubject ' || public.e(11) || '\nquarantine ' || public.e(31)
                                   || '\nmessage ' || public.e(11) || '\ncommitment ' || encode(sha256('11'), 'hex') || '\n$'),
          'which names the row, the message and what was committed to');
SELECT throws_ok($$SELECT door.hub_quarantine_replay('max', ARRAY[public.e(22)])$$, 'MH001', 'state_wrong', 'once');

-- ---- mend --------------------------------------------------------------------------------------------
SELECT lives_ok($$EXECUTE mend('max', 23, 63, 'corrected')$$, 'one is mended');
SELECT results_eq($$SELECT agency, submission_id, content, lane, commitment, received_at FROM mash.message WHERE message_id = public.e(63)$$,
                  $$SELECT agency, NULL::uuid, 'referral', 'immediate', sha256('corrected'), received_at FROM mash.quarantine
                     WHERE quarantine_id = public.e(23)$$,
                  'a new message of the same owner and lane, received when the original was, signed by nobody');
SELECT is((SELECT count(*) FROM mash.message_todo WHERE message_id = public.e(63) AND lane = 'immediate'), 1::bigint, 'it is on the work list');
SELECT ok(public.leaf('mend') ~ ('\nagency probation\nactor max\nsubject ' || public.e(63) || '\nmessage ' || public.e(63)
                                 || '\ncommitment ' || encode(sha256('corrected'), 'hex') || '\nquarantine ' || public.e(23)
                                 || '\noriginal ' || public.e(3) || '\noriginal_commitment ' || encode(sha256('3'), 'hex')
                                 || '\ncorrected yes\ncontent referral\nlane immediate\nwords ' || encode(sha256('why'), 'hex') || '\n$'),
          'its leaf says who, from which row and message, both commitments, and commits to why');
SELECT throws_ok($$EXECUTE mend('max', 23, 64, 'corrected')$$, 'MH001', 'state_wrong', 'a second mend is refused');
SELECT throws_ok($$SELECT door.hub_quarantine_reject('max', public.e(23), public.e(71), '', '')$$, 'MH001', 'state_wrong', 'and so is any other act');
SELECT throws_ok($$EXECUTE mend('max', 30, 65, 'x')$$, 'MH001', 'state_wrong', 'a whole submission is not mended');
SELECT throws_ok($$EXECUTE mend('max', 99, 65, 'x')$$, 'MH001', 'not_found', 'nor is nothing');
SELECT lives_ok($$EXECUTE mend('max', 24, 66, '4')$$, 'a clash is put through under a new id, as it is');
SELECT results_eq($$SELECT submission_id, commitment FROM mash.message WHERE message_id = public.e(66)$$,
                  $$VALUES (public.e(52), sha256('4'))$$, 'it is what the agency signed, and says by which submission');
SELECT is((SELECT commitment FROM mash.message WHERE message_id = public.e(1)), sha256('1'), 'the version that has the id keeps it');
SELECT results_eq($$SELECT message_id, original_id, staff, corrected FROM mash.message_mended ORDER BY 1$$,
                  $$VALUES (public.e(63), public.e(3), 'max', true), (public.e(66), public.e(1), 'max', false)$$,
                  'of both it is kept where they come from, and whose words they are');
SELECT is((SELECT count(*) FROM mash.message WHERE message_id IN (public.e(63), public.e(66))), 2::bigint, 'where intake finds the new ids');
SELECT throws_ok($$UPDATE mash.message_mended SET corrected = false$$, '42501', NULL, 'where a message comes from never changes');

-- What the hub sets aside once more is a row of its own, and can be mended once more.
SELECT lives_ok($$SELECT door.hub_set_aside('probation', public.e(66), public.e(41), 'too_many', '')$$, 'the hub cannot work on one of them');
SELECT lives_ok($$EXECUTE mend('max', 41, 67, 'again')$$, 'it is mended again');
SELECT ok(public.leaf('mend') ~ ('\noriginal ' || public.e(66) || '\noriginal_commitment ' || encode(sha256('4'), 'hex') || '\n'),
          'from the copy, with the copy''s commitment');

-- ---- left out ----------------------------------------------------------------------------------------
SELECT lives_ok($$SELECT door.hub_quarantine_reject('max', public.e(26), public.e(71), 'words', sha256('why'))$$, 'one is left out');
SELECT ok(public.leaf('reject') ~ ('\nactor max\nsubject ' || public.e(6) || '\nquarantine ' || public.e(26) || '\ncommitment '
                                   || encode(sha256('why'), 'hex') || '\n$'), 'its leaf commits to why');
SELECT throws_ok($$EXECUTE mend('max', 26, 68, 'x')$$, 'MH001', 'state_wrong', 'what is left out is left out');
SELECT lives_ok($$SELECT door.hub_quarantine_reject('max', public.e(30), public.e(71), 'words', sha256('why'))$$, 'a whole submission as well');

-- ---- what became of them -----------------------------------------------------------------------------
SET ROLE mash_owner;
INSERT INTO mash.enquiry (enquiry_id, reference, state, lane, rating, version, opened_at, product_due, decision_due, claim_token)
VALUES (public.e(80), 'AAAA-0001', 'waiting', 'routine', 'red', 1, now(), now(), now(), 0);
INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
VALUES (public.e(80), 'probation', public.e(63), 'opened', now()), (public.e(80), 'probation', public.e(2), 'attached', now());
RESET ROLE;
SELECT is((SELECT count(*) FROM door.hub_quarantine('max', false, NULL, NULL, NULL)), 3::bigint, 'what was dealt with waits no more');
SELECT results_eq($$SELECT quarantine_id, act, by, mended_as, enquiry FROM door.hub_quarantine('max', true, NULL, NULL, NULL)
                     WHERE quarantine_id IN (public.e(22), public.e(23), public.e(24), public.e(26), public.e(27)) ORDER BY 1$$,
                  $$VALUES (public.e(22), 'replay', 'max', NULL::uuid, 'AAAA-0001'), (public.e(23), 'mend', 'max', public.e(63), 'AAAA-0001'),
                           (public.e(24), 'mend', 'max', public.e(66), NULL), (public.e(26), 'reject', 'max', NULL, NULL),
                           (public.e(27), NULL, NULL, NULL, NULL)$$,
                  'and is listed with what became of it');
SELECT results_eq($$SELECT agency, message_id, by, original, corrected FROM door.hub_mended(public.e(80))$$,
                  $$VALUES ('probation', public.e(63), 'max', public.e(3), true)$$, 'an enquiry tells which message is mended, by whom, from which');
SELECT is((SELECT array_agg(subject ORDER BY subject) FROM mash.ledger_leaf l, mash.messages_lost() m WHERE l.idx = m.idx), NULL,
          'nothing that was put through has dropped out of the work');
DELETE FROM mash.message_todo WHERE message_id = public.e(67);
SELECT is((SELECT array_agg(message_id) FROM mash.messages_lost()), ARRAY[public.e(67)], 'a mended one that did would be found');
SELECT isnt_empty('SELECT door.hub_reconcile()', 'and put back');
SELECT is((SELECT count(*) FROM mash.ledger_leaf), (SELECT size FROM mash.ledger_head), 'the ledger is dense');

-- ---- whose words count -------------------------------------------------------------------------------
-- All of them map the same native message: the copy that staff corrected, then twice what the agency says itself.
PREPARE take(integer) AS
    SELECT treatment FROM door.hub_take('{probation}', ARRAY[public.e($1)], ARRAY[gen_random_uuid()], '{reference}', '{native}',
        '{NULL}', '{NULL}', '{amber}', '{NULL}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{1}',
        ARRAY[gen_random_uuid()], '{incident}', '{NULL}', '{1}', ARRAY['item'::bytea]);
SELECT lives_ok($$SELECT door.hub_quarantine_replay('max', ARRAY[public.e(27), public.e(28)])$$, 'two more are put through');
SELECT results_eq('EXECUTE take(67)', $$VALUES ('opened')$$, 'the corrected copy opens an enquiry');
SELECT results_eq('EXECUTE take(7)', $$VALUES ('update')$$, 'what its agency says itself is no repeat of it');
SELECT results_eq('EXECUTE take(8)', $$VALUES ('repeat')$$, 'but of what it said before');
SELECT results_eq($$SELECT message_id, corrected FROM door.hub_items((SELECT enquiry_id FROM mash.enquiry_message
                                                                      WHERE message_id = public.e(67))) ORDER BY 1$$,
                  $$VALUES (public.e(7), false), (public.e(67), true)$$, 'of each item the hub is told whether staff wrote it');
SELECT lives_ok($$SELECT door.hub_set_aside('probation', public.e(63), public.e(42), 'too_many', '')$$, 'a corrected copy is set aside');
SELECT lives_ok($$EXECUTE mend('max', 42, 69, 'corrected')$$, 'and put through, as it is');
SELECT ok(public.leaf('mend') ~ '\ncorrected yes\n', 'the words stay staff''s, however often they are put through');

-- ---- the agency's own eyes ---------------------------------------------------------------------------
SET SESSION AUTHORIZATION siro_probation;
SELECT results_eq($$SELECT message, mended_by, mended_from, corrected, enquiry FROM siro.received WHERE mended_by IS NOT NULL ORDER BY message$$,
                  $$VALUES (public.e(63), 'max', public.e(3), true, 'AAAA-0001'), (public.e(66), 'max', public.e(1), false, NULL),
                           (public.e(67), 'max', public.e(66), true, (SELECT enquiry FROM siro.received WHERE message = public.e(7))),
                           (public.e(69), 'max', public.e(63), true, NULL)$$,
                  'its SIRO sees which of its messages the hub wrote, and instead of which');
SELECT is((SELECT array_agg(actor ORDER BY leaf) FROM siro.acts WHERE act = 'mend'), ARRAY['max', 'max', 'max', 'max'], 'and each mend as an act');
RESET SESSION AUTHORIZATION;
SELECT ok((SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'mash.message_mended'::regclass),
          'and nobody else''s: row security is forced');

SELECT * FROM finish();
