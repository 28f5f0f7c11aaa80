-- Who is mentioned by a message that is held at source: told with the mention, by the owner's word on all of it.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(13);

CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.choose(n integer, p_of integer, p_class text, p_held boolean) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
    VALUES ('police', pg_temp.id(n), pg_temp.id(900), 'choice', 'routine', sha256(int4send(n)), 'sealed', mash.hub_now());
    INSERT INTO mash.message_todo (message_id, agency, lane, received_at) VALUES (pg_temp.id(n), 'police', 'routine', mash.hub_now());
    SELECT door.hub_choice('police', pg_temp.id(n), pg_temp.id(p_of), p_class, NULL, p_held, 'detriment', '2027-03-01',
                           clock_timestamp(), 'k1+k2')
$$;
-- The persons of the enquiry that are held, and how many there are of all.
CREATE FUNCTION pg_temp.held() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', string_agg(agency || ':' || right(mention_id::text, 2), '+' ORDER BY agency, mention_id) FILTER (WHERE held),
                     'of', count(*))
      FROM door.hub_mentions(pg_temp.id(1000))
$$;

SELECT door.admin_agency(a, a, 'police', 'desk') FROM unnest(ARRAY['police', 'health']) a;
SELECT door.admin_staff('h.manager', '\x03', ARRAY['hub_manager']);
SELECT door.hub_term('h.manager', 'silent_tier', '2026-01-01', 'agreement/1');
SELECT mash.enquiries_open(ARRAY[ROW(1, now(), 'police', NULL, 'routine', now(), pg_temp.id(1000), NULL, NULL, NULL, NULL, 'amber',
                                     NULL, 3, NULL)::mash.work]);
-- Two messages of the police's, and one of the hospital's with the first one's id.
INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
SELECT a, pg_temp.id(n), pg_temp.id(900), 'referral', 'routine', sha256(a::bytea || int4send(n)), 'sealed', mash.hub_now()
  FROM (VALUES ('police', 1), ('police', 2), ('health', 1)) v (a, n);
INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
SELECT pg_temp.id(1000), m.agency, m.message_id, 'attached', now() FROM mash.message m WHERE m.content = 'referral';
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
SELECT pg_temp.id(n), pg_temp.id(1000), a, pg_temp.id(m), c, NULL, true, 'i', now()
  FROM (VALUES (11, 'police', 1, 'incident'), (12, 'police', 1, 'intelligence'), (13, 'police', 2, 'incident'),
               (14, 'health', 1, 'health')) v (n, a, m, c);
INSERT INTO mash.mention (mention_id, agency, message_id, roles, sealed, at)
SELECT pg_temp.id(n), a, pg_temp.id(m), ARRAY['child'], 's', now()
  FROM (VALUES (21, 'police', 1), (22, 'police', 2), (23, 'health', 1)) v (n, a, m);
INSERT INTO mash.link (mention_id, person_id, basis, state, by, at)
SELECT m.mention_id, pg_temp.id(50), 'new', 'accepted', 'hub', now() FROM mash.mention m;

SELECT is(pg_temp.held(), 'of 0', 'nobody is mentioned by a row that no leaf knows');
SELECT mash.record('process', ARRAY[m.agency], 'hub', m.message_id, 'message', m.message_id::text, 'treatment', 'attached',
                   'enquiry', pg_temp.id(1000)::text, 'items', '0'),
       mash.record('link', ARRAY[m.agency], 'hub', m.mention_id, 'mention', m.mention_id::text, 'person', pg_temp.id(50)::text, 'basis', 'new')
  FROM mash.mention m ORDER BY m.mention_id;

SELECT is(pg_temp.held(), 'of 3', 'nobody is held who was never chosen for');
SELECT lives_ok($$ SELECT pg_temp.choose(101, 1, 'incident', true) $$, 'one class is held');
SELECT is(pg_temp.held(), 'of 3', 'which is not all that the message says');
SELECT lives_ok($$ SELECT pg_temp.choose(102, 1, NULL, true) $$, 'all of it is');
SELECT is(pg_temp.held(), 'police:21 of 3', 'and whom it mentions, and nobody else: not of another message, nor of another agency''s');
SELECT lives_ok($$ SELECT pg_temp.choose(103, 1, 'intelligence', false) $$, 'a class of it is told again');
SELECT is(pg_temp.held(), 'of 3', 'and of whom');
SELECT is((SELECT count(*) FROM door.hub_mentions(pg_temp.id(1000)) WHERE person_id = pg_temp.id(50)), 3::bigint, 'every mention is there for the net');


-- What a table says of who is mentioned is nobody's word.
ALTER TABLE mash.link DISABLE TRIGGER USER;
ALTER TABLE mash.mention DISABLE TRIGGER USER;
ALTER TABLE mash.enquiry_message DISABLE TRIGGER USER;
UPDATE mash.link SET person_id = pg_temp.id(51);
UPDATE mash.mention SET message_id = pg_temp.id(9);
SELECT is((SELECT count(*) FROM door.hub_mentions(pg_temp.id(1000)) WHERE person_id = pg_temp.id(50)), 3::bigint,
          'another person in the row is nobody else');
DELETE FROM mash.link;
DELETE FROM mash.enquiry_message;
SELECT is((SELECT count(*) FROM door.hub_mentions(pg_temp.id(1000)) WHERE sealed IS NOT NULL), 3::bigint, 'nor do rows taken away take anybody away');
DELETE FROM mash.mention;
SELECT is((SELECT array_agg(agency || ':' || right(mention_id::text, 2) ORDER BY mention_id) FROM door.hub_mentions(pg_temp.id(1000)) WHERE sealed IS NULL),
          ARRAY['police:21', 'police:22', 'health:23'], 'whose words are gone is there to be missed');
SELECT is((SELECT array_agg(DISTINCT message_id) FROM door.hub_mentions(pg_temp.id(1000))), ARRAY[pg_temp.id(1), pg_temp.id(2)], 'with the message');

SELECT * FROM finish();
ROLLBACK;
