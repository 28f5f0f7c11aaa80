-- What a SIRO sees, and what she does not (R20), whatever she tries. The looks go by a second connection,
-- so the scene is committed first.
SET client_min_messages = warning;
SET search_path = tap, public;
CREATE ROLE siro_police LOGIN IN ROLE mash_siro;
CREATE ROLE siro_health LOGIN IN ROLE mash_siro;
CREATE ROLE siro_social_care LOGIN IN ROLE mash_siro;
CREATE ROLE siro_nowhere LOGIN IN ROLE mash_siro;
GRANT USAGE ON SCHEMA tap TO PUBLIC;
GRANT TEMPORARY ON DATABASE try TO PUBLIC; -- pgTAP keeps its count in a temporary table
ALTER ROLE siro_police SET default_transaction_read_only = off;

BEGIN;
SET LOCAL ROLE mash_owner;
INSERT INTO mash.agency (agency, name, type, desk, enrolled_at)
SELECT a, a, 'police', 'desk', now() FROM unnest(ARRAY['police', 'health', 'social-care']) a;
INSERT INTO mash.enquiry (enquiry_id, reference, state, lane, rating, version, opened_at, product_due, decision_due, claim_token)
VALUES ('00000000-0000-7000-8000-0000000000e1', 'AAAA-0001', 'waiting', 'routine', 'red', 1, now(), now(), now(), 0),
       ('00000000-0000-7000-8000-0000000000e2', 'AAAA-0002', 'waiting', 'routine', 'red', 1, now(), now(), now(), 0);
INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
VALUES ('police', '00000000-0000-7000-8000-000000000001', gen_random_uuid(), 'referral', 'routine', '', 'sealed', now()),
       ('health', '00000000-0000-7000-8000-000000000002', gen_random_uuid(), 'referral', 'routine', '', 'sealed', now());
INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
VALUES ('00000000-0000-7000-8000-0000000000e1', 'police', '00000000-0000-7000-8000-000000000001', 'opened', now()),
       ('00000000-0000-7000-8000-0000000000e2', 'health', '00000000-0000-7000-8000-000000000002', 'opened', now());
INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
VALUES ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000000e1', 'police',
        '00000000-0000-7000-8000-000000000001', 'incident', NULL, true, 'sealed', now() - interval '1 hour'),
       ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000000e1', 'police',
        '00000000-0000-7000-8000-000000000001', 'intelligence', NULL, true, 'sealed', now() - interval '1 hour'),
       ('00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-0000000000e1', 'health',
        '00000000-0000-7000-8000-000000000002', 'health', NULL, true, 'sealed', now() - interval '1 hour');
INSERT INTO mash.product (product_id, enquiry_id, decision_id, recipient, purpose, gateway, digest, policy_digest, shared,
                          full_id, full_version, released_by, released_at, letter_id)
VALUES ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000e1', gen_random_uuid(), 'social-care',
        'safeguarding_assessment', 'ca1989_s17', '', '', 'sealed', gen_random_uuid(), 'sealed', 'decision.maker', now(),
        gen_random_uuid());
INSERT INTO mash.cut (product_id, item_id, owner, class, verdict, rule_version, rule_line, reason)
VALUES ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-00000000000a', 'police', 'incident', 'summary', 1, 2, 'rule'),
       ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-00000000000b', 'police', 'intelligence', 'silent', 1, 0, 'no rule'),
       ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-00000000000c', 'health', 'health', 'full', 1, 1, 'rule');
INSERT INTO mash.emergency (product_id, enquiry_id, person_id, enquiry_version, lapsed, agreements_over, released_by, released_at)
VALUES ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000e1', gen_random_uuid(), 1, false,
        ARRAY['health', 'police', 'social-care'], 'decision.maker', now());
DO $$
BEGIN
    PERFORM mash.record('view', ARRAY['police', 'health'], 'triage.officer', '00000000-0000-7000-8000-0000000000e1',
                        'enquiry', '00000000-0000-7000-8000-0000000000e1');
    PERFORM mash.record('accept', ARRAY['health'], 'intake', '00000000-0000-7000-8000-000000000002',
                        'message', '00000000-0000-7000-8000-000000000002');
    PERFORM mash.record('view', ARRAY['police', 'health'], 'product.reader', '00000000-0000-7000-8000-0000000000d1',
                        'product', '00000000-0000-7000-8000-0000000000d1');
END
$$;
COMMIT;

SELECT plan(35);

-- Everything is hers and nothing else.
SET SESSION AUTHORIZATION siro_police;
SELECT is((SELECT array_agg(message) FROM siro.received), ARRAY['00000000-0000-7000-8000-000000000001'::uuid], 'received shows her own messages only');
SELECT is((SELECT enquiry FROM siro.received), 'AAAA-0001', 'received names the enquiry');
SELECT is((SELECT count(*) FROM siro.acts WHERE act = 'accept'), 0::bigint, 'acts of another agency are not shown');
SELECT is((SELECT count(*) FROM siro.acts WHERE act = 'view'), 2::bigint, 'acts that concern her agency are');
SELECT is((SELECT array_agg(class ORDER BY class) FROM siro.revealed), ARRAY['incident', 'intelligence'], 'revealed shows her own items only');
SELECT is((SELECT read_by FROM siro.revealed LIMIT 1), ARRAY['product.reader', 'triage.officer'], 'revealed says who read them, in the enquiry or in a product');
SELECT is((SELECT array_agg(class || ':' || shown || ':' || rule) FROM siro.shared), ARRAY['incident:summary:version 1 line 2'], 'shared shows her own items and her own rule');
SELECT is((SELECT agreements_over FROM siro.emergencies), 'police, social-care', 'of the agreements that were over she is told hers and the recipient''s');
SELECT is((SELECT array_agg(class || ':' || form || ':' || coalesce(rule, 'no rule')) FROM siro.withheld),
          ARRAY['intelligence:silent:no rule'], 'withheld shows what stayed, and names no rule where none decided');
SELECT is((SELECT array_agg(reader || ' ' || enquiry ORDER BY reader) FROM siro.reads), ARRAY['product.reader AAAA-0001', 'triage.officer AAAA-0001'],
          'reads says who and which enquiry, a product''s, too');
SELECT ok((SELECT count(*) FROM siro.looks) >= 9, 'looks shows her looks');

-- Nothing by the side door.
SELECT throws_ok('SELECT * FROM mash.message', '42501', NULL, 'no table of the hub is hers to read');
SELECT throws_ok('SELECT * FROM mash.ledger_leaf', '42501', NULL, 'nor the ledger itself');
SELECT throws_ok('SELECT door.look_record(''siro_health'', ''acts'')', '42501', NULL, 'she cannot record a look in another name');
SELECT throws_ok('SELECT siro.look(''acts'')', '42501', NULL, 'nor call the recorder');
SELECT throws_ok('SELECT mash.siro_agencies()', '42501', NULL, 'nor the inner functions');
SELECT throws_ok('SELECT link.dblink_connect(''x'', ''mash_self'')', '42501', NULL, 'nor the link');
SELECT throws_ok('SET ROLE mash_siro_reader', '42501', NULL, 'she cannot become the reader');
SELECT throws_ok('SET ROLE mash_owner', '42501', NULL, 'nor the owner');
SELECT throws_ok('SET ROLE siro_health', '42501', NULL, 'nor a colleague');
SELECT throws_ok('SET row_security = off; SELECT count(*) FROM siro.acts', '42501', NULL, 'row security cannot be switched off');
RESET row_security;
SELECT throws_ok('CREATE FUNCTION siro.look(p text) RETURNS void LANGUAGE sql AS ''''', '42501', NULL, 'she makes nothing in the schema');
SELECT throws_ok('DELETE FROM siro.acts', NULL, NULL, 'nor deletes by a view');

SET ROLE mash_siro;
SELECT is((SELECT count(*) FROM siro.received), 1::bigint, 'as the common role she is still only herself');
RESET ROLE;
SET search_path = pg_temp, tap, public;
CREATE TEMPORARY TABLE agency AS SELECT 'health'::text AS agency;
SELECT is((SELECT count(*) FROM siro.received), 1::bigint, 'a temporary table in the way of a name changes nothing');
SET search_path = tap, public;

-- The look stays.
RESET SESSION AUTHORIZATION;
CREATE TEMPORARY TABLE looks AS SELECT count(*) AS n FROM mash.ledger_leaf WHERE act = 'look';
SET SESSION AUTHORIZATION siro_police;
BEGIN;
SELECT count(*) AS ignored FROM siro.withheld \gset
ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'look') - (SELECT n FROM looks), 1::bigint, 'a look survives a rollback');
SET SESSION AUTHORIZATION siro_police;
BEGIN READ ONLY;
SELECT count(*) AS ignored FROM siro.withheld \gset
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE act = 'look') - (SELECT n FROM looks), 2::bigint, 'and a read-only transaction');
SELECT is((SELECT convert_from(body, 'UTF8') ~ E'\nagency police\nactor siro_police\nview withheld\n' FROM mash.ledger_leaf
            WHERE act = 'look' ORDER BY idx DESC LIMIT 1), true, 'and says who looked, for whom, at what');
SELECT is((SELECT h.size FROM mash.ledger_head h), (SELECT count(*) FROM mash.ledger_leaf), 'the index stays dense');

-- Others.
SET SESSION AUTHORIZATION siro_social_care;
SELECT is((SELECT count(*) FROM siro.received), 0::bigint, 'an agency with a dash in its name has its own view');
SELECT is((SELECT count(*) FROM siro.shared), 0::bigint, 'the recipient''s SIRO sees nothing of the owners'' items');
SELECT is((SELECT count(*) FROM siro.emergencies), 0::bigint, 'nor that an agreement or a rule was over');
SET SESSION AUTHORIZATION siro_nowhere;
SELECT throws_ok('SELECT * FROM siro.acts', '42501', NULL, 'a SIRO of no agency sees nothing');
RESET SESSION AUTHORIZATION;

-- A look that cannot be recorded shows nothing.
ALTER SERVER mash_self OPTIONS (SET dbname 'no_such_database');
SET SESSION AUTHORIZATION siro_police;
SELECT throws_ok('SELECT * FROM siro.received', NULL, NULL, 'no record, no rows');
SET SESSION AUTHORIZATION mash_look;
SELECT throws_ok('SELECT * FROM siro.received', '42501', NULL, 'the recorder itself may read nothing');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
DROP OWNED BY siro_police, siro_health, siro_social_care, siro_nowhere;
DROP ROLE siro_police, siro_health, siro_social_care, siro_nowhere;
