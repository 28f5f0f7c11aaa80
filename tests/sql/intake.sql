-- Intake's doors (R1-R4): one leaf a message in the act's own transaction, duplicates answered the same,
-- clashes and faults kept apart, and a role that cannot read what it wrote.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT plan(42);
GRANT USAGE ON SCHEMA tap TO mash_intake;
GRANT TEMPORARY ON DATABASE try TO mash_intake;

SET LOCAL ROLE mash_owner;
INSERT INTO mash.setting (name, value) VALUES ('realm', 'demonstration') ON CONFLICT DO NOTHING;
INSERT INTO mash.agency (agency, name, type, desk, enrolled_at)
SELECT a, a, 'police', 'desk', now() FROM unnest(ARRAY['police', 'health']) a;
RESET ROLE;

-- One submission of the agency, with messages given as (number, content word, reason). Its id is the
-- number in the middle, a message's commitment is made from its content word.
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('01970000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.push(p_agency text, p_submission integer, p_numbers integer[], p_words text[],
                             p_reasons text[] DEFAULT NULL)
    RETURNS TABLE (ord bigint, outcome text, leaf_index bigint, leaf bytea, reason text, path text)
    LANGUAGE sql AS $$
        SELECT * FROM door.intake_accept(
            ARRAY[p_agency], ARRAY[pg_temp.id(p_submission)], ARRAY['0123456789abcdef'], ARRAY['head'::bytea],
            ARRAY[sha256(p_submission::text::bytea)],
            array_fill(1::bigint, ARRAY[cardinality(p_numbers)]),
            (SELECT array_agg(pg_temp.id(n) ORDER BY o) FROM unnest(p_numbers) WITH ORDINALITY u (n, o)),
            array_fill('referral'::text, ARRAY[cardinality(p_numbers)]),
            array_fill('routine'::text, ARRAY[cardinality(p_numbers)]),
            (SELECT array_agg(sha256(w::bytea) ORDER BY o) FROM unnest(p_words) WITH ORDINALITY u (w, o)),
            (SELECT array_agg(('sealed ' || w)::bytea ORDER BY o) FROM unnest(p_words) WITH ORDINALITY u (w, o)),
            coalesce(p_reasons, array_fill(NULL::text, ARRAY[cardinality(p_numbers)])),
            (SELECT array_agg(CASE WHEN r IS NOT NULL THEN 'person[0].birth_date' END ORDER BY o)
               FROM unnest(coalesce(p_reasons, array_fill(NULL::text, ARRAY[cardinality(p_numbers)])))
                    WITH ORDINALITY u (r, o)),
            (SELECT array_agg(gen_random_uuid()) FROM unnest(p_numbers)))
    $$;

SET LOCAL ROLE mash_intake;
SELECT is(door.intake_realm(), 'demonstration', 'intake may ask for the realm');

-- Accepting.
CREATE TEMPORARY TABLE first AS SELECT * FROM pg_temp.push('police', 1, '{1,2,3}', '{a,b,c}');
SELECT is((SELECT array_agg(outcome ORDER BY ord) FROM first), '{accepted,accepted,accepted}', 'three messages are accepted');
SELECT is((SELECT array_agg(leaf_index - (SELECT min(leaf_index) FROM first) ORDER BY ord) FROM first), '{0,1,2}',
          'their leaves follow each other');
RESET ROLE;
SELECT is((SELECT count(*) FROM mash.message), 3::bigint, 'each is a row');
SELECT is((SELECT count(*) FROM mash.message_todo), 3::bigint, 'and work for the hub');
SELECT is((SELECT count(*) FROM first f JOIN mash.ledger_leaf l ON l.idx = f.leaf_index AND l.body = f.leaf
            AND l.hash = sha256('\x00'::bytea || f.leaf)), 3::bigint, 'each leaf stands where the answer says');
SELECT is((SELECT h.size FROM mash.ledger_head h), (SELECT count(*) FROM mash.ledger_leaf), 'the index is dense');
SELECT is((SELECT leaf FROM first WHERE ord = 2),
          mash.leaf_body('accept', (SELECT received_at FROM mash.message WHERE message_id = pg_temp.id(2)), '{police}',
                         'intake', ARRAY['subject', pg_temp.id(2)::text, 'message', pg_temp.id(2)::text,
                                         'commitment', encode(sha256('b'), 'hex'),
                                         'submission', pg_temp.id(1)::text, 'origin_key', '0123456789abcdef',
                                         'content', 'referral', 'lane', 'routine']),
          'a leaf of a batch is what the ledger''s own writer would write');

-- The same again (R2).
SET LOCAL ROLE mash_intake;
CREATE TEMPORARY TABLE again AS SELECT * FROM pg_temp.push('police', 1, '{1,2,3}', '{a,b,c}');
SELECT is((SELECT array_agg(outcome ORDER BY ord) FROM again), '{duplicate,duplicate,duplicate}', 'the same again is known');
SELECT is((SELECT count(*) FROM again JOIN first USING (ord, leaf_index, leaf)), 3::bigint, 'and answered with the first leaves');
SELECT is((SELECT array_agg(outcome || leaf_index - (SELECT leaf_index FROM first WHERE ord = 1) ORDER BY ord)
             FROM pg_temp.push('police', 2, '{3,4,1}', '{c,d,a}')), '{duplicate2,accepted3,duplicate0}',
          'in another submission too, beside what is new');
SELECT is((SELECT array_agg(outcome ORDER BY ord) FROM pg_temp.push('police', 3, '{5,5,5}', '{e,e,e}')),
          '{accepted,duplicate,duplicate}', 'and within one batch');
SELECT is((SELECT array_agg(outcome ORDER BY ord) FROM pg_temp.push('health', 1, '{1}', '{a}')), '{accepted}',
          'another agency''s ids are its own');
RESET ROLE;
SELECT is((SELECT count(*) FROM mash.message), 6::bigint, 'one row for each message there is');
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'accept'), 6::bigint, 'and one leaf');
SELECT is((SELECT count(*) FROM mash.submission), 4::bigint, 'and one head for each submission');

-- Other content under a known id.
SET LOCAL ROLE mash_intake;
CREATE TEMPORARY TABLE clash AS SELECT * FROM pg_temp.push('police', 4, '{1}', '{other}');
SELECT is((SELECT ARRAY[outcome, reason] FROM clash), '{quarantined,content_clash}', 'other content under a known id is kept apart');
SELECT is((SELECT ARRAY[outcome, reason] FROM pg_temp.push('police', 4, '{1}', '{other}')), '{quarantined,content_clash}',
          'and stays so');
SELECT is((SELECT leaf_index FROM pg_temp.push('police', 4, '{1}', '{other}')), (SELECT leaf_index FROM clash), 'by the same leaf');
SELECT is((SELECT outcome FROM pg_temp.push('police', 5, '{1}', '{a}')), 'duplicate', 'while the first stands');
SELECT is((SELECT array_agg(outcome || coalesce(reason, '') ORDER BY ord) FROM pg_temp.push('police', 6, '{7,7,7}', '{x,y,x}')),
          '{accepted,quarantinedcontent_clash,duplicate}', 'within one batch the first of an id wins');
RESET ROLE;
SELECT is((SELECT count(*) FROM mash.quarantine WHERE reason = 'content_clash' AND sealed IS NOT NULL), 2::bigint,
          'both versions are kept, once');
SELECT is((SELECT sealed FROM mash.message WHERE message_id = pg_temp.id(1) AND agency = 'police'), 'sealed a'::bytea,
          'and the first is unchanged');

-- A content at fault among good ones.
SET LOCAL ROLE mash_intake;
CREATE TEMPORARY TABLE fault AS SELECT * FROM pg_temp.push('police', 7, '{8,9,10}', '{f,g,h}', '{NULL,bad_time,NULL}');
SELECT is((SELECT array_agg(outcome ORDER BY ord) FROM fault), '{accepted,quarantined,accepted}', 'a fault harms no other message');
SELECT is((SELECT ARRAY[reason, path] FROM fault WHERE ord = 2), '{bad_time,person[0].birth_date}', 'and is named');
SELECT is((SELECT array_agg(leaf_index - (SELECT min(leaf_index) FROM fault) ORDER BY ord) FROM fault), '{0,1,2}', 'each has its leaf');
SELECT is((SELECT ARRAY[outcome, reason, path] FROM pg_temp.push('police', 8, '{9}', '{g}')),
          '{quarantined,bad_time,person[0].birth_date}', 'the same again is answered the same');
RESET ROLE;
SELECT is((SELECT count(*) FROM mash.message_todo WHERE message_id = pg_temp.id(9)), 0::bigint, 'the hub is not given it');
SELECT is((SELECT h.size FROM mash.ledger_head h), (SELECT count(*) FROM mash.ledger_leaf), 'the index is still dense');

-- What is refused as a whole.
SET LOCAL ROLE mash_intake;
SELECT lives_ok($$SELECT door.intake_refuse(gen_random_uuid(), 'police', 'signature_wrong', '', sha256('raw'), 'sealed')$$,
                'a submission that failed as a whole is kept');
SELECT lives_ok($$SELECT door.intake_refuse(gen_random_uuid(), 'police', 'signature_wrong', '', sha256('raw'), 'sealed')$$,
                'and so again');
RESET ROLE;
SELECT is((SELECT count(*) FROM mash.quarantine WHERE content IS NULL), 1::bigint, 'once');
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'refuse'), 1::bigint, 'with one leaf');

-- What may not come in by these doors.
SET LOCAL ROLE mash_intake;
SELECT throws_ok($$SELECT * FROM pg_temp.push('nobody', 9, '{11}', '{k}')$$, 'MH001', 'agency_mismatch', 'an agency that is not enrolled');
SELECT throws_ok($$SELECT * FROM pg_temp.push('police', 9, '{11}', '{k}', ARRAY[E'bad_time\nact release'])$$, 'P0001', NULL,
                 'a leaf cannot be written through a reason');
SELECT throws_ok($$SELECT * FROM pg_temp.push('police', 9, '{11,12}', '{k}')$$, 'P0001', NULL, 'arrays of different length');
SELECT is((SELECT array_agg(outcome ORDER BY ord) FROM pg_temp.push('health', 77, '{2,3}', '{b,another}')), '{accepted,accepted}',
          'ids that another agency used, with its content or other, tell a prober nothing (F11)');
SELECT throws_ok('SELECT sealed FROM mash.message', '42501', NULL, 'intake cannot read what it wrote');
SELECT throws_ok('SELECT sealed FROM mash.quarantine', '42501', NULL, 'nor what was refused');
SELECT throws_ok('INSERT INTO mash.message_todo VALUES (gen_random_uuid(), ''police'', ''routine'', now())', '42501', NULL,
                 'nor write but by its doors');
SELECT throws_ok('SELECT mash.record(''accept'', ''{police}'', ''intake'', NULL, ''a'', ''b'')', '42501', NULL, 'nor write leaves');
SELECT throws_ok('SELECT door.admin_revoke(''x'', ''y'')', '42501', NULL, 'nor touch the register');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
