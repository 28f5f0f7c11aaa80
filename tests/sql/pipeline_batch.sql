-- Batches: many messages at once leave behind what they would one after the other, whatever they have in common;
-- two hubs share one list; a message that stops a batch stops nobody else.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(26);

CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

-- ---- the scene: messages of a small town, in which everybody meets ---------------------------------------
CREATE TEMPORARY TABLE message (
    n integer PRIMARY KEY, agency text, lane text, rating text, reference bytea, content bytea, check_id uuid, outcome text);
CREATE TEMPORARY TABLE person (n integer, nth integer, roles text, keys text[], PRIMARY KEY (n, nth));

-- Twenty people with two or three keys of which some are shared, nine references, three open checks.
CREATE FUNCTION pg_temp.people(p_seed double precision, p_count integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM setseed(p_seed);
        INSERT INTO message
        SELECT n, (ARRAY['police', 'health', 'school'])[1 + floor(random() * 3)],
               CASE WHEN random() < 0.1 THEN 'immediate' ELSE 'routine' END,
               (ARRAY['green', 'green', 'amber', 'red'])[1 + floor(random() * 4)],
               CASE WHEN random() < 0.4 THEN ('r' || floor(random() * 9))::bytea END,
               ('c' || floor(random() * 2))::bytea,
               CASE WHEN random() < 0.08 THEN pg_temp.id(900000 + floor(random() * 3)::integer) END, NULL
          FROM generate_series(1, p_count) n;
        UPDATE message SET outcome = (ARRAY['answered', 'nil_return', 'refused'])[1 + n % 3], reference = NULL, content = NULL
         WHERE check_id IS NOT NULL;
        INSERT INTO person
        SELECT m.n, nth, (ARRAY['child', 'child', 'sibling', 'parent', 'unborn', 'child+victim'])[1 + floor(random() * 6)],
               (SELECT coalesce(array_agg(DISTINCT k), '{}')
                  FROM (SELECT (ARRAY['nhs_dob=', 'nhs_family=', 'name_dob='])[1 + floor(random() * 3)]
                               || CASE WHEN random() < 0.3 THEN m.n * 10 + nth ELSE floor(random() * 20)::integer END AS k
                          FROM generate_series(1, floor(random() * 4 + m.n * 0)::integer)) x)
          FROM message m CROSS JOIN generate_series(1, 3) nth
         WHERE m.check_id IS NULL AND (nth = 1 OR random() < 0.5);
    END $$;

CREATE FUNCTION pg_temp.arrive(p_from integer, p_to integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
    SELECT agency, pg_temp.id(n), pg_temp.id(0), CASE WHEN check_id IS NULL THEN 'referral' ELSE 'answer' END, lane,
           sha256(int4send(n)), 'sealed', timestamptz '2026-11-20 15:00+00' + n * interval '1 hour'
      FROM message WHERE n BETWEEN p_from AND p_to;
    INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
    SELECT pg_temp.id(n), agency, lane, timestamptz '2026-11-20 15:00+00' + n * interval '1 hour'
      FROM message WHERE n BETWEEN p_from AND p_to;
$$;

-- What mash-hub hands over for these, in this order.
CREATE FUNCTION pg_temp.take(p_from integer, p_to integer)
    RETURNS TABLE (n integer, reason text, treatment text, enquiry_id uuid) LANGUAGE sql AS $$
    WITH w AS (SELECT m.*, row_number() OVER (ORDER BY m.n) AS ord FROM message m WHERE m.n BETWEEN p_from AND p_to),
         m AS (SELECT p.*, w.ord, row_number() OVER (ORDER BY p.n, p.nth) AS at FROM person p JOIN w USING (n)),
         k AS (SELECT m.at, key, row_number() OVER (ORDER BY m.at, key) AS o FROM m CROSS JOIN LATERAL unnest(m.keys) key),
         i AS (SELECT w.n, w.ord, g, row_number() OVER (ORDER BY w.ord, g) AS o FROM w CROSS JOIN generate_series(1, 2) g)
    SELECT (SELECT w.n FROM w WHERE w.ord = t.ord), t.reason, t.treatment, t.enquiry_id
      FROM door.hub_take(
        (SELECT array_agg(agency ORDER BY ord) FROM w), (SELECT array_agg(pg_temp.id(w.n) ORDER BY ord) FROM w),
        (SELECT array_agg(pg_temp.id(100000 + w.n) ORDER BY ord) FROM w), (SELECT array_agg(reference ORDER BY ord) FROM w),
        (SELECT array_agg(content ORDER BY ord) FROM w), (SELECT array_agg(check_id ORDER BY ord) FROM w),
        (SELECT array_agg(outcome ORDER BY ord) FROM w), (SELECT array_agg(rating ORDER BY ord) FROM w),
        (SELECT array_agg(CASE rating WHEN 'green' THEN NULL ELSE '3A+stat' END ORDER BY ord) FROM w),
        (SELECT coalesce(array_agg(ord ORDER BY at), '{}') FROM m),
        (SELECT coalesce(array_agg(pg_temp.id(200000 + m.n * 10 + nth) ORDER BY at), '{}') FROM m),
        (SELECT coalesce(array_agg(pg_temp.id(300000 + m.n * 10 + nth) ORDER BY at), '{}') FROM m),
        (SELECT coalesce(array_agg(roles ORDER BY at), '{}') FROM m),
        (SELECT coalesce(array_agg('m'::bytea ORDER BY at), '{}') FROM m),
        (SELECT coalesce(array_agg(at ORDER BY o), '{}') FROM k), (SELECT coalesce(array_agg(split_part(key, '=', 1) ORDER BY o), '{}') FROM k),
        (SELECT coalesce(array_agg(key::bytea ORDER BY o), '{}') FROM k),
        (SELECT array_agg(ord ORDER BY o) FROM i), (SELECT array_agg(pg_temp.id(400000 + i.n * 10 + g) ORDER BY o) FROM i),
        (SELECT array_agg('concern'::text ORDER BY o) FROM i), (SELECT array_agg(NULL::text ORDER BY o) FROM i),
        (SELECT array_agg(0::bigint ORDER BY o) FROM i), (SELECT array_agg('i'::bytea ORDER BY o) FROM i)) t
$$;

-- Everything that it left behind, but for the times of doing it and the random references.
CREATE FUNCTION pg_temp.left_behind() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', 'enquiry', enquiry_id, state, lane, rating, version, product_due, decision_due, holder) FROM mash.enquiry
     UNION ALL SELECT concat_ws(' ', 'message', enquiry_id, agency, message_id, treatment) FROM mash.enquiry_message
     UNION ALL SELECT concat_ws(' ', 'reference', agency, reference, message_id, content) FROM mash.native_reference
     UNION ALL SELECT concat_ws(' ', 'key', hmac, kind, person_id) FROM mash.person_key
     UNION ALL SELECT concat_ws(' ', 'person', person_id) FROM mash.person
     UNION ALL SELECT concat_ws(' ', 'mention', mention_id, agency, message_id, roles) FROM mash.mention
     UNION ALL SELECT concat_ws(' ', 'link', mention_id, person_id, basis, state, by) FROM mash.link
     UNION ALL SELECT concat_ws(' ', 'subject', enquiry_id, person_id, kind, rank() OVER (PARTITION BY enquiry_id ORDER BY seq)) FROM mash.subject
     UNION ALL SELECT concat_ws(' ', 'event', enquiry_id, event, from_state, to_state, actor, rank() OVER (PARTITION BY enquiry_id ORDER BY seq)) FROM mash.enquiry_event
     UNION ALL SELECT concat_ws(' ', 'rating', enquiry_id, rating, factors, by, rank() OVER (PARTITION BY enquiry_id ORDER BY at)) FROM mash.rating
     UNION ALL SELECT concat_ws(' ', 'item', item_id, enquiry_id, owner, message_id, class, tier, free_text,
                                rank() OVER (PARTITION BY enquiry_id ORDER BY arrived_at, item_id)) FROM mash.item
     UNION ALL SELECT concat_ws(' ', 'check', check_id, state, answered_at IS NULL) FROM mash.agency_check
     UNION ALL SELECT concat_ws(' ', 'waits', agency, message_id) FROM mash.message_todo
     UNION ALL SELECT concat_ws(' ', 'leaf', idx, substring(convert_from(body, 'UTF8') FROM '\nact.*')) FROM mash.ledger_leaf
$$;

-- A life of 150 messages, p_size at a time; every fifty, what waits is decided, half of it long ago.
CREATE FUNCTION pg_temp.live(p_size integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_temp.arrive(1, 150);
        INSERT INTO mash.enquiry (enquiry_id, reference, state, lane, rating, version, opened_at, product_due, decision_due, claim_token)
        VALUES (pg_temp.id(800000), 'AAAA-AAAA', 'claimed', 'routine', 'green', 1, '2026-11-01', '2026-11-30', '2026-11-30', 1);
        INSERT INTO mash.agency_check (check_id, enquiry_id, agency, gateway, threshold, family_informed, asked_by, asked_at,
                                       answer_by, question_id, question, letter_id, state)
        SELECT pg_temp.id(900000 + c), pg_temp.id(800000), (ARRAY['police', 'health', 'school'])[1 + c], 'ca1989_s47', 's47', 'yes',
               'someone', now(), now(), pg_temp.id(1), 'sealed', pg_temp.id(2), 'asked'
          FROM generate_series(0, 2) c;
        FOR v_part IN 0 .. 2 LOOP
            FOR v_at IN 0 .. 49 BY p_size LOOP
                PERFORM pg_temp.take(v_part * 50 + v_at + 1, v_part * 50 + least(v_at + p_size, 50));
            END LOOP;
            PERFORM mash.enquiry_step(e.enquiry_id, 'claim', 'someone'), mash.enquiry_step(e.enquiry_id, 'settle', 'hub')
               FROM (SELECT * FROM mash.enquiry WHERE state = 'waiting' AND right(enquiry_id::text, 1) IN ('1', '4', '7')
                      ORDER BY enquiry_id) e;
            ALTER TABLE mash.enquiry_event DISABLE TRIGGER USER;
            UPDATE mash.enquiry_event SET at = at - interval '91 days'
             WHERE to_state = 'decided' AND right(enquiry_id::text, 1) = '4';
            ALTER TABLE mash.enquiry_event ENABLE TRIGGER USER;
        END LOOP;
    END $$;

CREATE TEMPORARY TABLE one (what text);
CREATE TEMPORARY TABLE many (what text);
-- Does the same life in both ways and undoes it; answers what differs, and whether it was a life at all.
CREATE FUNCTION pg_temp.differs(p_seed double precision, p_size integer)
    RETURNS TABLE (differs text, treatments bigint, joined bigint) LANGUAGE plpgsql AS $$
    DECLARE
        v_one  text[];
        v_many text[];
    BEGIN
        DELETE FROM person;
        DELETE FROM message;
        PERFORM pg_temp.people(p_seed, 150);
        BEGIN
            PERFORM pg_temp.live(1);
            v_one := ARRAY(SELECT x FROM pg_temp.left_behind() x ORDER BY x COLLATE "C");
            RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
        EXCEPTION WHEN SQLSTATE 'UNDO1' THEN NULL;
        END;
        BEGIN
            PERFORM pg_temp.live(p_size);
            v_many := ARRAY(SELECT x FROM pg_temp.left_behind() x ORDER BY x COLLATE "C");
            SELECT count(DISTINCT m.treatment), count(*) FILTER (WHERE m.treatment <> 'opened') INTO treatments, joined
              FROM mash.enquiry_message m;
            RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
        EXCEPTION WHEN SQLSTATE 'UNDO1' THEN NULL;
        END;
        differs := (SELECT string_agg(x.side || x.what, E'\n')
                      FROM ((SELECT '- ' AS side, unnest(v_one) AS what EXCEPT ALL SELECT '- ', unnest(v_many))
                            UNION ALL
                            (SELECT '+ ', unnest(v_many) EXCEPT ALL SELECT '+ ', unnest(v_one))) x);
        RETURN NEXT;
    END $$;

SELECT is(d.differs, NULL, format('a life of 150 messages, %s at a time, is the same one (seed %s)', size, seed))
  FROM (VALUES (0.1, 2), (0.2, 7), (0.3, 16), (0.4, 50), (0.5, 50), (0.6, 50), (0.7, 50)) AS s (seed, size)
  CROSS JOIN LATERAL pg_temp.differs(seed, size) d;
SELECT ok(d.treatments = 5 AND d.joined > 30, 'and in such a life messages open, attach, update, repeat and answer') FROM pg_temp.differs(0.4, 50) d;

-- ---- a batch, seen by itself -------------------------------------------------------------------------------
DELETE FROM person;
DELETE FROM message;
INSERT INTO message (n, agency, lane, rating, reference, content) VALUES
    (1, 'police', 'routine', 'green', 'ref-1', 'c'), (2, 'health', 'routine', 'red', NULL, 'c'),
    (3, 'police', 'routine', 'green', 'ref-1', 'c'), (4, 'police', 'routine', 'green', 'ref-1', 'changed'),
    (5, 'school', 'routine', 'amber', NULL, 'c'), (6, 'school', 'routine', 'green', NULL, 'c');
INSERT INTO person VALUES (1, 1, 'child', ARRAY['nhs_dob=mei', 'name_dob=mei']), (2, 1, 'child', ARRAY['nhs_dob=mei']),
    (3, 1, 'child', ARRAY['nhs_dob=mei']), (4, 1, 'child', ARRAY['nhs_dob=mei']), (5, 1, 'child', ARRAY['name_dob=mei']),
    (6, 1, 'child', ARRAY['nhs_dob=other']), (6, 2, 'child', ARRAY['nhs_dob=other']);
SELECT pg_temp.arrive(1, 6);
SELECT results_eq('SELECT n, reason, treatment, enquiry_id FROM pg_temp.take(1, 6)',
    $$VALUES (1, NULL, 'opened', pg_temp.id(100001)), (2, NULL, 'attached', pg_temp.id(100001)),
             (3, NULL, 'repeat', pg_temp.id(100001)), (4, NULL, 'update', pg_temp.id(100001)),
             (5, NULL, 'attached', pg_temp.id(100001)), (6, NULL, 'opened', pg_temp.id(100006))$$,
    'one new child told of five times in one batch is one enquiry, in the order of arrival');
SELECT is((SELECT version || ' ' || rating FROM mash.enquiry WHERE enquiry_id = pg_temp.id(100001)), '8 red', 'with all items, and the highest rating');
SELECT is((SELECT count(*) FROM mash.subject WHERE enquiry_id = pg_temp.id(100001)), 1::bigint, 'and one child');
SELECT is((SELECT count(*) FROM mash.subject WHERE enquiry_id = pg_temp.id(100006)), 2::bigint, 'but two mentions of one message are two people');
SELECT is((SELECT array_agg(idx ORDER BY idx) FROM mash.ledger_leaf), (SELECT array_agg(x - 1) FROM generate_series(1, (SELECT size FROM mash.ledger_head)) x),
          'the leaves are dense');
SELECT is((SELECT array_agg(DISTINCT l.act || ' ' || right(l.subject::text, 1)) FROM mash.ledger_leaf l WHERE l.act = 'process'),
          ARRAY['process 1', 'process 2', 'process 3', 'process 4', 'process 5', 'process 6'], 'and there is one for each message');
SELECT is((SELECT count(DISTINCT arrived_at) FROM mash.item WHERE enquiry_id = pg_temp.id(100001)), 4::bigint, 'items know which message came first');
SELECT is_empty('SELECT 1 FROM mash.message_todo', 'all of them are off the work list');

-- ---- what stops a batch ------------------------------------------------------------------------------------
DELETE FROM person;
DELETE FROM message;
INSERT INTO message (n, agency, lane, rating, content) VALUES (11, 'police', 'routine', 'green', 'c'), (12, 'police', 'routine', 'purple', 'c'),
    (13, 'police', 'routine', 'green', 'c');
INSERT INTO person SELECT n, 1, 'child', ARRAY['nhs_dob=' || n] FROM message;
SELECT pg_temp.arrive(11, 13);
SELECT throws_ok('SELECT pg_temp.take(11, 13)', 'MH001', 'hub_failed', 'a batch with a message that nobody foresaw is refused');
SELECT is((SELECT count(*) FROM mash.message_todo), 3::bigint, 'and all of it waits as before');
SELECT lives_ok('SELECT pg_temp.take(11, 11)', 'alone, the one before passes');
SELECT throws_ok('SELECT pg_temp.take(12, 12)', 'MH001', 'hub_failed', 'the one does not');
SELECT lives_ok('SELECT pg_temp.take(13, 13)', 'the one after does');

-- ---- the work list -----------------------------------------------------------------------------------------
INSERT INTO message (n, agency, lane, rating, content)
SELECT n, 'police', CASE n WHEN 23 THEN 'immediate' ELSE 'routine' END, 'green', 'c' FROM generate_series(21, 26) n;
SELECT pg_temp.arrive(21, 26);
SELECT results_eq('SELECT message_id, urgent FROM door.hub_next(3)',
    $$VALUES (pg_temp.id(23), true), (pg_temp.id(12), false), (pg_temp.id(21), false)$$, 'immediate danger goes first');
UPDATE mash.message_todo SET lane = 'routine' WHERE message_id = pg_temp.id(23);
SELECT results_eq('SELECT message_id, lane, urgent FROM door.hub_next(5)',
    $$VALUES (pg_temp.id(12), 'routine', false), (pg_temp.id(21), 'routine', false), (pg_temp.id(22), 'routine', false),
             (pg_temp.id(23), 'immediate', false), (pg_temp.id(24), 'routine', false)$$,
    'above its cap it waits its turn, and keeps its name');
UPDATE mash.message_todo SET received_at = received_at - interval '10 years';
SELECT door.hub_blame('police', pg_temp.id(12), 3);
SELECT results_eq('SELECT message_id, blame FROM door.hub_next(2)', $$VALUES (pg_temp.id(12), 3::bigint), (pg_temp.id(21), 0)$$,
    'a message over which a hub ended says so');
SELECT door.hub_blame('police', pg_temp.id(12), 10);
SELECT results_eq('SELECT message_id, blame FROM door.hub_next(2)', $$VALUES (pg_temp.id(21), 0::bigint), (pg_temp.id(22), 0)$$,
    'when one ends over it again, the others go first');
SELECT is((SELECT array_agg(message_id) = ARRAY[pg_temp.id(21), pg_temp.id(22), pg_temp.id(23), pg_temp.id(24), pg_temp.id(25), pg_temp.id(26), pg_temp.id(12)]
             FROM door.hub_next(64)), true, 'all of them');

SELECT * FROM finish();
ROLLBACK;
