-- The owner's choices: only of its own words, the newest counts, and what counts is the leaf. What is not in
-- force, the silent tier before the partnership agreed to it or law before its commencement, is refused.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(73);

CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;

CREATE FUNCTION pg_temp.arrive(p_agency text, n integer, p_content text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
    VALUES (p_agency, pg_temp.id(n), pg_temp.id(900), p_content, 'routine', sha256(p_agency::bytea || int4send(n)), 'sealed',
            mash.hub_now());
    INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
    VALUES (pg_temp.id(n), p_agency, 'routine', mash.hub_now());
$$;

-- A choice that arrives as message n about message p_of, and is obeyed.
CREATE FUNCTION pg_temp.choose(p_agency text, n integer, p_of integer, p_class text, p_tier text, p_held boolean DEFAULT false,
                               p_reason text DEFAULT 'detriment', p_review date DEFAULT '2027-03-01',
                               p_chosen timestamptz DEFAULT clock_timestamp(), p_keys text DEFAULT NULL) RETURNS void
    LANGUAGE sql AS $$
    SELECT pg_temp.arrive(p_agency, n, 'choice');
    SELECT door.hub_choice(p_agency, pg_temp.id(n), pg_temp.id(p_of), p_class, p_tier, p_held, p_reason, p_review, p_chosen, p_keys)
$$;

-- What counts for an item of message 1, as "tier reason", or nothing.
CREATE FUNCTION pg_temp.counts(p_class text, p_agency text DEFAULT 'police') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', CASE WHEN (c.own).held THEN 'held' END, coalesce((c.own).tier, 'default'), (c.own).reason)
      FROM mash.choice_of(p_agency, pg_temp.id(1), p_class, 'infinity') c
     WHERE (c.own).idx IS NOT NULL
$$;

SELECT door.admin_agency('police', 'Police', 'police', 'desk 1');
SELECT door.admin_agency('health', 'Health', 'health_acute', 'desk 2');
SELECT door.admin_staff('d.maker', '\x01', ARRAY['decision_maker']);
SELECT door.admin_staff('h.manager', '\x03', ARRAY['hub_manager']);
SELECT mash.enquiries_open(ARRAY[ROW(1, now(), 'police', NULL, 'routine', now(), pg_temp.id(1000), NULL, NULL, NULL, NULL, 'amber',
                                     NULL, 3, NULL)::mash.work]);
SELECT door.hub_claim('d.maker', pg_temp.id(1000));
SELECT pg_temp.arrive('police', 1, 'referral');
SELECT pg_temp.arrive('health', 1, 'referral'); -- the same id, another agency's message
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
VALUES (pg_temp.id(11), pg_temp.id(1000), 'police', pg_temp.id(1), 'incident', 'share', true, 'i', now()),
       (pg_temp.id(12), pg_temp.id(1000), 'police', pg_temp.id(1), 'intelligence', NULL, true, 'i', now()),
       (pg_temp.id(13), pg_temp.id(1000), 'health', pg_temp.id(1), 'health', NULL, true, 'i', now());

-- ---- whose, and of what ---------------------------------------------------------------------------------
SELECT lives_ok($$ SELECT pg_temp.choose('police', 101, 1, 'incident', 'signpost') $$, 'an owner narrows what it said');
SELECT is(pg_temp.counts('incident'), 'signpost detriment', 'and that counts');
SELECT is(pg_temp.counts('intelligence'), NULL, 'for that class and no other');
SELECT is(pg_temp.counts('incident', 'health'), NULL, 'and for no message of another agency, whatever its id');
SELECT is((SELECT count(*) FROM mash.message_todo WHERE message_id = pg_temp.id(101)), 0::bigint, 'it is off the work list');
SELECT is((SELECT array_to_string(agencies, ',') FROM mash.ledger_leaf WHERE act = 'choice' AND subject = pg_temp.id(101)), 'police',
          'with one leaf, its owner''s');
SELECT throws_ok($$ SELECT pg_temp.choose('health', 102, 99, NULL, 'signpost') $$, 'MH001', 'not_found', 'nobody chooses for what was never sent');
SELECT throws_ok($$ SELECT pg_temp.choose('health', 102, 101, NULL, 'signpost') $$, 'MH001', 'not_found', 'nor for another''s message');
SELECT throws_ok($$ SELECT pg_temp.choose('police', 102, 101, NULL, 'signpost') $$, 'MH001', 'not_found', 'nor for a word that has no items');
SELECT throws_ok($$ SELECT pg_temp.choose('police', 102, 1, 'housing', 'signpost') $$, 'MH001', 'not_found',
                 'nor for a class of which the message holds nothing: it would be thought done');

-- ---- which one counts -----------------------------------------------------------------------------------
SELECT lives_ok($$ SELECT pg_temp.choose('police', 103, 1, NULL, 'sanitise', p_chosen => clock_timestamp() - interval '1 hour') $$,
                'what was chosen earlier and comes later');
SELECT is(pg_temp.counts('incident'), 'signpost detriment', 'does not undo the later choice');
SELECT is(pg_temp.counts('intelligence'), 'sanitise detriment', 'and counts where nothing else was chosen: it was for all');
SELECT lives_ok($$ SELECT pg_temp.choose('police', 104, 1, NULL, 'share', p_reason => NULL, p_review => NULL,
                                         p_chosen => clock_timestamp() + interval '1 year') $$, 'a clock that runs ahead');
SELECT is(pg_temp.counts('incident'), 'share', 'chooses now');
SELECT lives_ok($$ SELECT pg_temp.choose('police', 105, 1, 'incident', NULL) $$, 'and the next word counts after it');
SELECT is(pg_temp.counts('incident'), 'default detriment', 'here the class''s default again');
SELECT is((SELECT count(*) FROM door.hub_choices(pg_temp.id(1000))), 2::bigint, 'the hub is given the newest of each class');
SELECT matches((SELECT leaf FROM door.hub_choices(pg_temp.id(1000)) LIMIT 1), '\nof ' || pg_temp.id(1)::text || '\nclass incident\nheld no\n',
               'newest first, as the leaf says it');

-- ---- silence --------------------------------------------------------------------------------------------
SELECT throws_ok($$ SELECT pg_temp.choose('police', 106, 1, NULL, 'silent', p_keys => 'k1+k2') $$, 'MH001', 'tier_not_agreed',
                 'before the partnership agreed, nobody is silent');
SELECT throws_ok($$ SELECT door.hub_term('d.maker', 'silent_tier', '2026-01-01', 'agreement/1') $$, 'MH001', 'role_missing',
                 'the agreement is the hub manager''s to enter');
SELECT lives_ok($$ SELECT door.hub_term('h.manager', 'silent_tier', (mash.hub_now() + interval '3 days')::date, 'agreement/1') $$, 'it is entered');
SELECT throws_ok($$ SELECT pg_temp.choose('police', 106, 1, NULL, 'silent', p_keys => 'k1+k2') $$, 'MH001', 'tier_not_agreed',
                 'but from a later day on');
SELECT lives_ok($$ SELECT door.hub_term('h.manager', 'silent_tier', '2026-01-01', 'agreement/1') $$, 'it is entered anew: the last entry counts');
SELECT throws_ok($$ SELECT pg_temp.choose('police', 106, 1, NULL, 'silent', p_keys => 'k1') $$, 'MH001', 'unendorsed',
                 'one person alone is not silent');
SELECT lives_ok($$ SELECT pg_temp.choose('police', 106, 1, NULL, 'silent', p_keys => 'k1+k2') $$, 'two are');
SELECT is(pg_temp.counts('incident'), 'silent detriment', 'and that counts');
SELECT is((SELECT keys FROM mash.choice WHERE choice_id = pg_temp.id(106)), ARRAY['k1', 'k2'], 'who they were stands in the leaf');
SELECT throws_ok($$ SELECT pg_temp.choose('police', 107, 1, NULL, NULL, true) $$, 'MH001', 'unendorsed', 'nor does one hold at source');
SELECT lives_ok($$ SELECT pg_temp.choose('police', 107, 1, 'incident', NULL, true, p_keys => 'k1+k2') $$, 'two hold at source');
SELECT is(pg_temp.counts('incident'), 'held default detriment', 'and it is held');
SELECT is(mash.class_shown('police', pg_temp.id(1), 'incident'), NULL, 'staff are not shown of what class it is');
SELECT is(mash.class_shown('police', pg_temp.id(1), 'intelligence'), 'intelligence', 'but of what else there is');

-- ---- an update inherits -----------------------------------------------------------------------------------
-- Two or three messages of one reference (o: the update that is asked about; e, f: others) with the words on them, oldest
-- first, as "message class tier". What counts for the item of o: its tier, who set it, and for which message. The same
-- cases as tests/unit/match_choices.c.
CREATE FUNCTION pg_temp.inherits(n integer, p_class text, p_sent text, p_words text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v integer := 10000 * n;
    w text[];
    k integer := 0;
BEGIN
    PERFORM pg_temp.arrive('police', v + x, 'referral') FROM generate_series(1, 3) x;
    INSERT INTO mash.native_reference (agency, reference, message_id, content)
    SELECT 'police', int4send(n), pg_temp.id(v + x), 'c' FROM generate_series(1, 3) x;
    INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
    VALUES (pg_temp.id(v + 9), pg_temp.id(1000), 'police', pg_temp.id(v + 1), p_class, p_sent, true, 'i', now());
    FOR w IN SELECT string_to_array(x, ' ') FROM unnest(p_words) x LOOP
        k := k + 1;
        PERFORM pg_temp.choose('police', v + 100 + k, v + position(w[1] IN 'oef'), nullif(w[2], '*'),
                               CASE WHEN w[3] NOT IN ('default', 'held') THEN w[3] END, w[3] = 'held',
                               p_chosen => now() - interval '1 day' + k * interval '1 second', p_keys => 'k1+k2');
    END LOOP;
    RETURN (SELECT concat_ws(' ', CASE WHEN t.held THEN 'held' ELSE t.tier END, t.set_by,
                             substr('oef', right(t.chosen_for::text, 4)::integer % 10, 1))
              FROM mash.item i CROSS JOIN LATERAL mash.tier_at(i, 'infinity') t WHERE i.item_id = pg_temp.id(v + 9));
END
$$;
SELECT is(pg_temp.inherits(c.n, c.class, c.sent, c.words), c.counts, c.what)
  FROM (VALUES
    (1, 'incident', 'share', '{}'::text[], 'share sent', 'without a word it is as it was sent'),
    (2, 'incident', 'share', '{e * silent}', 'silent choice e', 'what was chosen for all of the earlier message holds for its update'),
    (3, 'incident', 'share', '{e incident silent}', 'silent choice e', 'as what was for a class'),
    (4, 'incident', 'share', '{e offence silent}', 'share sent', 'for no other class'),
    (5, 'incident', NULL, '{e * signpost}', 'signpost choice e', 'a signpost stays one'),
    (6, 'incident', NULL, '{e * sanitise}', 'sanitise choice e', 'a summary is less than what rules alone would let out'),
    (7, 'incident', 'silent', '{e * share}', 'silent sent', 'nothing inherited widens what was sent'),
    (8, 'intelligence', NULL, '{e * share}', 'silent class', 'nor what its class keeps in'),
    (9, 'intelligence', NULL, '{e * sanitise}', 'silent class', 'between a summary and silence there is silence, until its owner decides'),
    (10, 'intelligence', NULL, '{e * signpost}', 'silent class', 'as between a signpost and silence'),
    (11, 'intelligence', NULL, '{e * silent}', 'silent choice e', 'silence that was chosen is chosen'),
    (12, 'intelligence', 'share', '{e * default}', 'silent class', 'a class''s own silence is inherited, too'),
    (13, 'incident', 'share', '{e * silent,o * share}', 'share choice o', 'the owner''s later word on the update wins entirely'),
    (14, 'incident', 'share', '{o * share,e * signpost}', 'signpost choice e', 'a later one on the earlier message narrows the update'),
    (15, 'incident', 'share', '{o * silent,e * share}', 'silent choice o', 'and does not widen it'),
    (16, 'incident', 'share', '{o * signpost,e * signpost}', 'signpost choice e', 'of two that say the same the newer counts'),
    (17, 'incident', 'share', '{e * silent,o * default}', 'signpost class', 'the default that is chosen for the update is its default'),
    (18, 'incident', 'share', '{e * silent,e * default}', 'share sent', 'what was taken back is not inherited'),
    (19, 'incident', 'signpost', '{e incident silent,e * share}', 'signpost sent', 'of what is inherited the newest word counts'),
    (20, 'incident', 'share', '{e * silent,f * sanitise}', 'sanitise choice f', 'of whichever message it is'),
    (21, 'incident', 'share', '{e * held}', 'held choice e', 'what is held at source is held'),
    (22, 'incident', 'share', '{o * held,e * silent}', 'held choice o', 'nothing inherited ends that'),
    (23, 'incident', 'share', '{o * held,e * default}', 'held choice o', 'not the default either'),
    (24, 'incident', 'share', '{e * held,o * share}', 'share choice o', 'but the owner''s word on the update'),
    (25, 'incident', 'share', '{e * held,e * default}', 'share sent', 'or on what was held'),
    (26, 'incident', 'share', '{o * share,e incident silent}', 'silent choice e', 'a class of one against all of the other: the newer'),
    (27, 'incident', 'share', '{e incident silent,o * share}', 'share choice o', 'either way')
       ) c (n, class, sent, words, counts, what)
 ORDER BY c.n;
SELECT is((SELECT array_agg(right(h.message_id::text, 1) || right(h.of::text, 1) || mash.leaf_says(h.leaf::bytea, 'tier'))
             FROM door.hub_choices(pg_temp.id(1000)) h WHERE h.message_id = pg_temp.id(140001)),
          ARRAY['12signpost', '11share'], 'the hub is told for which message it counts and of which its leaf speaks, newest first');
SELECT is((SELECT count(*) FROM door.hub_choices(pg_temp.id(1000)) h WHERE h.message_id = pg_temp.id(130001)), 1::bigint,
          'and of what is older than the newest nothing');
SELECT is(mash.class_shown('police', pg_temp.id(210001), 'incident'), NULL, 'what is held in an update has no class for staff');
SELECT is(mash.class_shown('police', pg_temp.id(240001), 'incident'), 'incident', 'until its owner says otherwise');
INSERT INTO mash.native_reference (agency, reference, message_id, content) VALUES ('health', int4send(2), pg_temp.id(1), 'c');
SELECT is((SELECT count(*) FROM door.hub_choices(pg_temp.id(1000)) h WHERE h.owner = 'health'), 0::bigint,
          'another agency''s message of the same reference inherits nothing');
SELECT is((SELECT (c.inherited).idx FROM mash.choice_of('health', pg_temp.id(1), 'health', 'infinity') c), NULL, 'here neither');

-- ---- a superuser ----------------------------------------------------------------------------------------
SELECT throws_ok($$ DELETE FROM mash.choice $$, '42501', NULL, 'a choice is its leaf: there is no row beside it to take away');
SAVEPOINT whole;
INSERT INTO mash.ledger_row (idx, body, hash)
SELECT h.size, convert_to(replace(convert_from(c.body, 'UTF8'), E'\nheld yes\n', E'\nheld no\n'), 'UTF8'), sha256('x')
  FROM mash.choice c, mash.ledger_head h WHERE c.choice_id = pg_temp.id(107);
SELECT is(pg_temp.counts('incident'), 'held default detriment', 'a leaf slipped in past the head is nobody''s word');
ROLLBACK TO whole;

-- ---- gateways -------------------------------------------------------------------------------------------
SELECT is((SELECT in_force_from FROM mash.gateway WHERE gateway = 'ca2004_s16la'), NULL, 'section 16LA is inactive until its commencement is entered');
SELECT throws_ok($$ SELECT door.hub_check('d.maker', pg_temp.id(1000), (SELECT claim_token FROM mash.enquiry), pg_temp.id(50), 'health',
    'ca2004_s16la', 's17', 'yes', '2026-12-01T00:00:00Z', pg_temp.id(51), 'q', 'c', pg_temp.id(52), 's') $$, 'MH001', 'gateway_inactive',
    'and nobody is asked under it');
SELECT lives_ok($$ SELECT door.hub_term('h.manager', 'ca2004_s16la', '2026-11-01', 'uksi/2026/1') $$, 'its commencement is entered, with its source');
SELECT lives_ok($$ SELECT door.hub_check('d.maker', pg_temp.id(1000), (SELECT claim_token FROM mash.enquiry), pg_temp.id(50), 'health',
    'ca2004_s16la', 's17', 'yes', '2026-12-01T00:00:00Z', pg_temp.id(51), 'q', 'c', pg_temp.id(52), 's') $$, 'then it can be');
SELECT is((SELECT in_force::text || source FROM door.hub_terms() WHERE term = 'ca2004_s16la'), 'trueuksi/2026/1', 'and it is listed with its source');

SELECT * FROM finish();
ROLLBACK;
