-- The owner's choices: only of its own words, the newest counts, and what counts is the leaf. What is not in
-- force, the silent tier before the partnership agreed to it or law before its commencement, is refused.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(117);

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
SELECT throws_ok($$ SELECT pg_temp.choose('police', 103, 1, NULL, 'sanitise', p_chosen => clock_timestamp() - interval '1 hour') $$, 'MH001', 'choice_older',
                 'what was chosen earlier and comes later does not undo the later choice, and its owner is told');
SELECT is(pg_temp.counts('incident'), 'signpost detriment', 'which counts');
SELECT lives_ok($$ SELECT pg_temp.choose('police', 103, 1, 'intelligence', 'sanitise', p_chosen => clock_timestamp() - interval '1 hour') $$,
                'it is taken where nothing newer counts');
SELECT is(pg_temp.counts('intelligence'), 'sanitise detriment', 'and counts');
SELECT lives_ok($$ SELECT pg_temp.choose('police', 104, 1, NULL, 'share', p_reason => NULL, p_review => NULL,
                                         p_chosen => clock_timestamp() + interval '1 year') $$, 'a clock that runs ahead');
SELECT is(pg_temp.counts('incident'), 'share', 'chooses now');
SELECT lives_ok($$ SELECT pg_temp.choose('police', 105, 1, 'incident', NULL) $$, 'and the next word counts after it');
SELECT is(pg_temp.counts('incident'), 'default detriment', 'here the class''s default again');
SELECT is((SELECT count(*) FROM door.hub_choices(pg_temp.id(1000))), 3::bigint, 'the hub is given the newest of each class, and of all');
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
                               CASE WHEN w[3] NOT IN ('default', 'held') THEN w[3] END, w[3] = 'held', p_keys => 'k1+k2');
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
    (20, 'incident', 'share', '{e * silent,f * sanitise}', 'silent choice e', 'of several messages the strictest'),
    (21, 'incident', 'share', '{e * held}', 'held choice e', 'what is held at source is held'),
    (22, 'incident', 'share', '{o * held,e * silent}', 'held choice o', 'nothing inherited ends that'),
    (23, 'incident', 'share', '{o * held,e * default}', 'held choice o', 'not the default either'),
    (24, 'incident', 'share', '{e * held,o * share}', 'share choice o', 'but the owner''s word on the update'),
    (25, 'incident', 'share', '{e * held,e * default}', 'share sent', 'or on what was held'),
    (26, 'incident', 'share', '{o * share,e incident silent}', 'silent choice e', 'a class of one against all of the other: the newer'),
    (27, 'incident', 'share', '{e incident silent,o * share}', 'share choice o', 'either way'),
    (28, 'incident', 'share', '{e * silent,f * share}', 'silent choice e', 'a later word on a third message releases nothing'),
    (29, 'incident', 'share', '{e * held,f * default}', 'held choice e', 'nor ends what is held'),
    (30, 'incident', 'share', '{e * signpost,f * signpost}', 'signpost choice f', 'of two that say the same of two messages the newer counts'),
    (31, 'intelligence', 'share', '{e * default,f * sanitise}', 'silent class', 'a summary of one and the class''s silence of another are silence')
       ) c (n, class, sent, words, counts, what)
 ORDER BY c.n;
SELECT is((SELECT array_agg(right(h.of::text, 1) || mash.leaf_says(h.leaf::bytea, 'tier'))
             FROM door.hub_choices(pg_temp.id(1000)) h WHERE split_part(h.ties, '+', 1) = encode(int4send(14), 'hex')),
          ARRAY['2signpost', '1share'], 'the hub is told of which message each leaf speaks and what that is akin to, newest first');
SELECT is(mash.ties('police', pg_temp.id(140001)), encode(int4send(14), 'hex') || '+' || pg_temp.id(140001),
          'by their reference, and by what came first under it as the leaf says');
SELECT is(mash.class_shown('police', pg_temp.id(210001), 'incident'), NULL, 'what is held in an update has no class for staff');
SELECT is(mash.class_shown('police', pg_temp.id(240001), 'incident'), 'incident', 'until its owner says otherwise');
INSERT INTO mash.native_reference (agency, reference, message_id, content) VALUES ('health', int4send(2), pg_temp.id(1), 'c');
SELECT is((SELECT count(*) FROM door.hub_choices(pg_temp.id(1000)) h WHERE h.owner = 'health'), 0::bigint,
          'another agency''s message of the same reference inherits nothing');
SELECT is((SELECT cardinality(c.inherited) FROM mash.choice_of('health', pg_temp.id(1), 'health', 'infinity') c), 0, 'here neither');

-- ---- a correction inherits ----------------------------------------------------------------------------------
-- As above, with a: what was said first, b: its update, c: what corrects one of them, d: what corrects c and is asked about.
CREATE FUNCTION pg_temp.correct(n integer, p_of integer, p_class text, p_tier text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.arrive('police', n, 'correction');
    SELECT door.hub_correct('police', pg_temp.id(n), pg_temp.id(p_of), pg_temp.id(1000), 'corrected', p_class, pg_temp.id(n + 10), p_tier, 's',
                            '2026-12-01T00:00:00Z', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
$$;
CREATE FUNCTION pg_temp.tier_of(n integer) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', CASE WHEN t.held THEN 'held' ELSE t.tier END, t.set_by, substr('abcd', right(t.chosen_for::text, 4)::integer % 10, 1))
      FROM mash.item i CROSS JOIN LATERAL mash.tier_at(i, 'infinity') t WHERE i.item_id = pg_temp.id(n)
$$;
CREATE FUNCTION pg_temp.corrected(n integer, p_corrects integer, p_words text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v integer := 10000 * n;
    w text[];
    k integer := 0;
BEGIN
    PERFORM pg_temp.arrive('police', v + x, 'referral') FROM generate_series(1, 2) x;
    INSERT INTO mash.native_reference (agency, reference, message_id, content)
    SELECT 'police', int4send(n), pg_temp.id(v + x), 'c' FROM generate_series(1, 2) x;
    INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
    SELECT pg_temp.id(v + 10 + 10 * o::integer + x), pg_temp.id(1000), 'police', pg_temp.id(v + x), c, 'share', true, 'i', now()
      FROM generate_series(1, 2) x, unnest(ARRAY['incident', 'offence']) WITH ORDINALITY u (c, o);
    FOR w IN SELECT string_to_array(x, ' ') FROM unnest(p_words) x LOOP
        k := k + 1;
        IF w[1] IN ('c', 'd') AND w[2] = 'comes' THEN
            PERFORM pg_temp.correct(v + position(w[1] IN 'abcd'), v + CASE w[1] WHEN 'c' THEN p_corrects ELSE 3 END, 'incident', 'share');
        ELSE
            PERFORM pg_temp.choose('police', v + 100 + k, v + position(w[1] IN 'abcd'), nullif(w[2], '*'),
                                   CASE WHEN w[3] NOT IN ('default', 'held') THEN w[3] END, w[3] = 'held', p_keys => 'k1+k2');
        END IF;
    END LOOP;
    RETURN pg_temp.tier_of(v + 14);
END
$$;
SELECT is(pg_temp.corrected(c.n, c.corrects, c.words), c.counts, c.what)
  FROM (VALUES
    (41, 1, '{c comes,d comes}'::text[], 'share sent', 'a correction is as what it corrects was'),
    (42, 1, '{c comes,d comes,a * signpost}', 'signpost choice a', 'what is chosen for what was corrected holds for what corrects it'),
    (43, 1, '{a * signpost,c comes,d comes}', 'signpost choice a', 'before as after'),
    (44, 1, '{c comes,d comes,a incident silent}', 'silent choice a', 'by class'),
    (45, 1, '{c comes,d comes,a offence silent}', 'share sent', 'of no other class'),
    (46, 1, '{c comes,d comes,a * held}', 'held choice a', 'what is held at source is held'),
    (47, 1, '{c comes,d comes,b * signpost}', 'signpost choice b', 'what is chosen for an update holds for a correction of the first'),
    (48, 2, '{c comes,d comes,a * signpost}', 'signpost choice a', 'and the other way'),
    (49, 2, '{c comes,d comes,b * held}', 'held choice b', 'what corrects an update follows the update'),
    (50, 1, '{c comes,d comes,c * signpost}', 'signpost choice c', 'and a correction''s correction the correction'),
    (51, 1, '{c comes,d comes,a * silent,d * share}', 'share choice d', 'the owner widens a correction by a word on that'),
    (52, 1, '{c comes,d comes,d * share,a * silent}', 'silent choice a', 'and narrows it by a later one on the first'),
    (53, 1, '{c comes,d comes,d * signpost,a * share}', 'signpost choice d', 'which does not widen it'),
    (54, 1, '{c comes,d comes,a * signpost,b * share}', 'signpost choice a', 'of several the strictest')
       ) c (n, corrects, words, counts, what)
 ORDER BY c.n;
SELECT is(pg_temp.tier_of(500021), 'signpost choice c', 'what is chosen for a correction counts for what it corrects');
SELECT is((SELECT class FROM mash.choice WHERE message_id = pg_temp.id(500003)), 'incident', 'of its one class, which the leaf names');
SELECT is(split_part(mash.ties('police', pg_temp.id(480004)), '+', 1), split_part(mash.ties('police', pg_temp.id(480001)), '+', 1),
          'the hub is given the same tie for all');
SELECT is((SELECT count(*) FROM door.hub_choices(pg_temp.id(1000)) h WHERE h.of = pg_temp.id(480001)), 1::bigint, 'and the choice once');
SELECT throws_ok($$ SELECT pg_temp.choose('police', 495001, 480004, 'offence', 'signpost') $$, 'MH001', 'not_found',
                 'nobody chooses for a class that a correction has not');
SELECT pg_temp.arrive('police', 495002, 'correction');
SELECT door.hub_correct('police', pg_temp.id(495002), pg_temp.id(480004), pg_temp.id(1000), 'withdrawn', NULL, NULL, NULL, NULL,
                        '2026-12-01T00:00:00Z', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
SELECT throws_ok($$ SELECT pg_temp.choose('police', 495003, 495002, NULL, 'signpost') $$, 'MH001', 'not_found', 'nor for what only withdrew');
SAVEPOINT whole;
ALTER TABLE mash.correction DISABLE TRIGGER USER;
DELETE FROM mash.correction;
SELECT is(pg_temp.tier_of(420014), 'signpost choice a', 'a row taken away unties no correction');
INSERT INTO mash.native_reference (agency, reference, message_id, content) VALUES ('police', int4send(51), pg_temp.id(420003), 'c'),
    ('police', int4send(51), pg_temp.id(420001), 'c');
SELECT is(pg_temp.tier_of(420014), 'silent choice a', 'a false one narrows');
SELECT is(pg_temp.tier_of(510014), 'share choice d', 'but what its owner has chosen since');
ROLLBACK TO whole;
SELECT is((SELECT array_agg(DISTINCT h.alone) FROM door.hub_items(pg_temp.id(1000)) h WHERE h.leaf IS NOT NULL), ARRAY[false], 'nothing here lacks what it updates');
SELECT is((SELECT array_agg(DISTINCT h.ties = mash.ties(h.owner, h.message_id)) FROM door.hub_items(pg_temp.id(1000)) h WHERE h.leaf IS NOT NULL), ARRAY[true],
          'items are given with their ties');

-- ---- a clock that is behind ---------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.late(n integer, p_words text[]) RETURNS text LANGUAGE plpgsql AS $$ -- words as "class tier minutes ago"
DECLARE
    v integer := 10000 * n;
    w text[];
    k integer := 0;
BEGIN
    PERFORM pg_temp.arrive('police', v + 1, 'referral');
    INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
    SELECT pg_temp.id(v + 10 + o::integer), pg_temp.id(1000), 'police', pg_temp.id(v + 1), c, NULL, true, 'i', now()
      FROM unnest(ARRAY['incident', 'offence']) WITH ORDINALITY u (c, o);
    FOR w IN SELECT string_to_array(x, ' ') FROM unnest(p_words) x LOOP
        k := k + 1;
        PERFORM pg_temp.choose('police', v + 100 + k, v + 1, nullif(w[1], '*'), CASE WHEN w[2] NOT IN ('default', 'held') THEN w[2] END,
                               w[2] = 'held', p_chosen => clock_timestamp() - w[3]::integer * interval '1 minute', p_keys => 'k1+k2');
    END LOOP;
    RETURN (SELECT string_agg(CASE WHEN t.held THEN 'held' ELSE coalesce((t.tier), 'default') END, ' ' ORDER BY i.item_id)
              FROM mash.item i CROSS JOIN LATERAL mash.tier_at(i, 'infinity') t WHERE i.message_id = pg_temp.id(v + 1));
EXCEPTION WHEN SQLSTATE 'MH001' THEN RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.late(c.n, c.words), c.counts, c.what)
  FROM (VALUES
    (61, '{* share 0,* signpost 60}'::text[], 'signpost signpost', 'what narrows counts from its arrival, whatever the clock of its desk says'),
    (62, '{* share 0,* held 60}', 'held held', 'as what is held'),
    (63, '{* signpost 0,* share 60}', 'choice_older', 'what widens and is older is refused'),
    (64, '{* held 0,* default 60}', 'choice_older', 'as what would end what is held'),
    (65, '{* share 0,incident signpost 60}', 'signpost share', 'of a class against all'),
    (66, '{incident share 0,* signpost 60}', 'signpost signpost', 'of all against a class'),
    (67, '{incident silent 0,* signpost 60}', 'choice_older', 'what narrows one class and widens another is refused whole'),
    (68, '{incident silent 0,offence signpost 60}', 'silent signpost', 'but not what speaks of the one'),
    (69, '{* share 60,* signpost 90,* share 30}', 'choice_older', 'what narrowed counts from its arrival against what was chosen before that'),
    (70, '{* signpost 90,* share -1}', 'share share', 'and is ended by what is chosen after it'),
    (71, '{* signpost 0,* signpost 60}', 'signpost signpost', 'the same again')
       ) c (n, words, counts, what)
 ORDER BY c.n;
SELECT ok((SELECT c.chosen_at > mash.hub_now() - interval '1 minute' FROM mash.choice c WHERE c.choice_id = pg_temp.id(610102)),
          'its leaf says when that was');
SELECT is((SELECT count(*) FROM mash.choice c WHERE c.choice_id = pg_temp.id(630102)), 0::bigint, 'what was refused has none');
SELECT throws_ok($$ SELECT door.hub_choice('police', pg_temp.id(610102), pg_temp.id(610001), NULL, 'signpost', false, 'detriment', '2027-03-01',
                                           clock_timestamp() - interval '1 hour', NULL) $$, 'MH001', 'state_wrong', 'what arrives twice is taken once');

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
