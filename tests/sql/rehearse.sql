-- What a new text is tried on: one owner's items in what has left since a day, page by page, for the hub manager and that
-- owner's representative; and a past that was altered says so.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(16);

CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
SELECT door.admin_agency(a, a, 'police', 'desk') FROM unnest(ARRAY['police', 'health', 'education']) a;
SELECT door.admin_staff('h.manager', '\x01', ARRAY['hub_manager']), door.admin_staff('d.maker', '\x02', ARRAY['decision_maker']),
       door.admin_staff('police.here', '\x03', ARRAY['representative']), door.admin_staff('health.here', '\x04', ARRAY['representative']);
SELECT door.admin_representative('police.here', 'police'), door.admin_representative('health.here', 'health');
SELECT mash.enquiries_open(ARRAY[ROW(1, now(), 'police', NULL, 'routine', now(), pg_temp.id(1), NULL, NULL, NULL, NULL, 'amber',
                                     NULL, 3, NULL)::mash.work]);
SELECT mash.enquiry_step(pg_temp.id(1), 'claim', 'd.maker');
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, free_text, sealed, arrived_at)
VALUES (pg_temp.id(11), pg_temp.id(1), 'police', pg_temp.id(0), 'incident', true, 'i', now()),
       (pg_temp.id(12), pg_temp.id(1), 'police', pg_temp.id(0), 'offence', true, 'i', now()),
       (pg_temp.id(13), pg_temp.id(1), 'health', pg_temp.id(0), 'health', true, 'i', now());
INSERT INTO mash.decision (decision_id, enquiry_id, person_id, outcome, gateway, decided_by, decided_at, enquiry_version,
                           commitment, sealed)
VALUES (pg_temp.id(2), pg_temp.id(1), pg_temp.id(3), 'assessment_s17', 'ca1989_s17', 'd.maker', now(), 3, 'c', 's');
INSERT INTO mash.decision_item SELECT pg_temp.id(2), pg_temp.id(n) FROM generate_series(11, 13) n;
SELECT mash.record('decide', '{}', 'd.maker', pg_temp.id(1), 'decision', pg_temp.id(2)::text,
                   'frozen', encode(mash.frozen_digest(pg_temp.id(2)), 'hex'));
SELECT door.hub_share('d.maker', pg_temp.id(n), pg_temp.id(1), pg_temp.id(2), 'education', 'school_support', 'ca1989_s17',
           sha256('d'), sha256('p'), 'shared', pg_temp.id(n + 1), 'full', pg_temp.id(n + 2), 'letter',
           ARRAY[pg_temp.id(11), pg_temp.id(12), pg_temp.id(13)], ARRAY['summary', 'silent', 'signpost'],
           ARRAY[4, 4, 1]::bigint[], ARRAY[2, 0, 0]::bigint[], ARRAY['because', 'because', 'because'], 'amber', '2026-11-28',
           ARRAY['sanitise', '', ''], ARRAY[1 + 8, 2, 4]::bigint[], ARRAY['', 'held', 'words'])
  FROM unnest(ARRAY[100, 200, 300]) n;

CREATE FUNCTION pg_temp.tried(p_staff text, p_owner text, p_after uuid DEFAULT NULL, p_most bigint DEFAULT 100, p_since text DEFAULT '2000-01-01')
    RETURNS TABLE (product_id uuid, day text, recipient text, purpose text, rating text, emergency boolean, class text,
                   tier text, flags integer, kept text, verdict text, version integer, line integer, holds boolean,
                   products bigint, before bigint) LANGUAGE sql AS
    $$ SELECT * FROM door.hub_policy_rehearse(p_staff, p_owner, sha256('text'), p_since, p_after, p_most) $$;

SELECT is((SELECT count(*) FROM pg_temp.tried('h.manager', 'police')), 6::bigint, 'every item of the owner''s in every product');
SELECT results_eq($$ SELECT class, tier, flags, kept, verdict, version, line FROM pg_temp.tried('h.manager', 'police') WHERE product_id = pg_temp.id(100) $$,
                  $$ VALUES ('incident', 'sanitise', 9, '', 'summary', 4, 2), ('offence', '', 2, 'held', 'silent', 4, 0) $$,
                  'as the rules were told, and what became of it');
SELECT results_eq($$ SELECT DISTINCT day, recipient, purpose, rating, emergency, holds FROM pg_temp.tried('h.manager', 'police') $$,
                  $$ VALUES ('2026-11-28', 'education', 'school_support', 'amber', false, true) $$, 'on the day of the product');
SELECT set_eq($$ SELECT class FROM pg_temp.tried('h.manager', 'health') $$, ARRAY['health'], 'nothing of another owner''s');
SELECT set_eq($$ SELECT class FROM pg_temp.tried('police.here', 'police') $$, ARRAY['incident', 'offence'], 'a representative tries her own agency''s');
SELECT throws_ok($$ SELECT * FROM pg_temp.tried('health.here', 'police') $$, 'MH001', 'role_missing', 'and no other''s');
SELECT throws_ok($$ SELECT * FROM pg_temp.tried('d.maker', 'police') $$, 'MH001', 'role_missing', 'who decides tries none');
SELECT is((SELECT array_to_string(agencies, ',') FROM mash.ledger_leaf WHERE act = 'view' ORDER BY idx DESC LIMIT 1), 'police', 'the look is the owner''s to see');
SELECT matches((SELECT convert_from(body, 'UTF8') FROM mash.ledger_leaf WHERE act = 'view' ORDER BY idx DESC LIMIT 1),
               '\nwhat rehearse\nowner police\ndigest ' || encode(sha256('text'), 'hex') || '\nsince 2000-01-01\n', 'and says which text was tried');
SELECT results_eq($$ SELECT DISTINCT products, before FROM pg_temp.tried('h.manager', 'police', NULL, 3) $$, $$ VALUES (3::bigint, 0::bigint), (3, 1) $$,
                  'a page ends with a whole product');
SELECT results_eq($$ SELECT DISTINCT product_id, before FROM pg_temp.tried('h.manager', 'police', pg_temp.id(200), 1) $$,
                  $$ VALUES (pg_temp.id(300), 2::bigint) $$, 'the next begins after it');
SELECT is_empty($$ SELECT * FROM pg_temp.tried('h.manager', 'police', pg_temp.id(300)) $$, 'after the last there is none');
SELECT is_empty($$ SELECT * FROM pg_temp.tried('h.manager', 'police', NULL, 100, (mash.today() + 1)::text) $$, 'nor since a later day');
SAVEPOINT whole;
ALTER TABLE mash.cut DISABLE TRIGGER USER;
UPDATE mash.cut SET tier = 'share' WHERE product_id = pg_temp.id(100) AND item_id = pg_temp.id(11);
SELECT set_eq($$ SELECT product_id FROM pg_temp.tried('h.manager', 'police') WHERE NOT holds $$, ARRAY[pg_temp.id(100)],
              'what the rules were told is committed to');
ROLLBACK TO whole;
ALTER TABLE mash.product DISABLE TRIGGER USER;
UPDATE mash.product SET rating = 'red' WHERE product_id = pg_temp.id(200);
SELECT set_eq($$ SELECT product_id FROM pg_temp.tried('h.manager', 'police') WHERE NOT holds $$, ARRAY[pg_temp.id(200)],
              'and the rating');
ROLLBACK TO whole;
ALTER TABLE mash.product DISABLE TRIGGER USER;
UPDATE mash.product SET recipient = 'health' WHERE product_id = pg_temp.id(300);
SELECT set_eq($$ SELECT recipient FROM pg_temp.tried('h.manager', 'police') WHERE product_id = pg_temp.id(300) AND holds $$, '{}'::text[],
              'and to whom it went');

SELECT * FROM finish();
ROLLBACK;
