-- Who speaks for an agency: the ceremony enrols two, all else is the agency's own act with its leaf; what ended, ended
-- by the ledger, whatever becomes of rows. The signatures themselves are the hub's to verify (tests/e2e/people.sh).
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(33);

SELECT door.admin_agency('police', 'Police', 'police', 'desk');
SELECT door.admin_agency('health', 'Health', 'health_acute', 'desk');
SELECT door.admin_staff('h.manager', sha256('manager'), ARRAY['hub_manager']);
SELECT door.admin_staff('d.maker', sha256('maker'), ARRAY['decision_maker']);

CREATE FUNCTION pg_temp.id(p_name text) RETURNS text LANGUAGE sql AS
    $$ SELECT left(encode(sha256(sha256(p_name::bytea)), 'hex'), 16) $$;
CREATE FUNCTION pg_temp.until(p_days integer DEFAULT 100) RETURNS text LANGUAGE sql AS
    $$ SELECT to_char(now() AT TIME ZONE 'UTC' + make_interval(days => p_days), 'YYYY-MM-DD') $$;
CREATE FUNCTION pg_temp.enrol(p_name text, p_until text DEFAULT pg_temp.until(), p_staff text DEFAULT 'h.manager') RETURNS bigint LANGUAGE sql AS $$
    SELECT door.hub_people_change(p_staff, 'police', 'enrol', NULL, sha256(p_name::bytea), p_name, p_until, NULL, NULL, NULL, NULL,
                                  ARRAY[pg_temp.id('siro'), pg_temp.id('dpo')], 'lines')
$$;
CREATE FUNCTION pg_temp.rotate(p_old text, p_new text, p_holder text) RETURNS bigint LANGUAGE sql AS $$
    SELECT door.hub_people_change('h.manager', 'police', 'rotate', NULL, sha256(p_new::bytea), p_holder, pg_temp.until(), pg_temp.id(p_old),
                                  NULL, NULL, NULL, ARRAY[pg_temp.id('siro'), pg_temp.id('dpo')], 'lines')
$$;
CREATE FUNCTION pg_temp.revoke(p_name text, p_reason text, p_agency text DEFAULT 'police') RETURNS bigint LANGUAGE sql AS $$
    SELECT door.hub_people_change('h.manager', p_agency, 'revoke', pg_temp.id(p_name), NULL, NULL, NULL, NULL, p_reason, NULL, NULL,
                                  ARRAY[pg_temp.id('siro')], 'lines')
$$;
CREATE FUNCTION pg_temp.delegate(p_act text, p_number integer, p_lead text, p_until text DEFAULT pg_temp.until()) RETURNS bigint LANGUAGE sql AS $$
    SELECT door.hub_people_change('h.manager', 'police', p_act, NULL, NULL, CASE WHEN p_lead IS NOT NULL THEN 'lead' END,
                                  CASE WHEN p_lead IS NOT NULL THEN p_until END, NULL, NULL, p_lead, p_number::text,
                                  ARRAY[pg_temp.id('siro')], 'lines')
$$;
CREATE FUNCTION pg_temp.said(p_key text) RETURNS text LANGUAGE sql AS
    $$ SELECT concat_ws(' ', rank, ended IS NOT NULL, voided, current) FROM door.hub_people() WHERE key_id = p_key $$;

-- ---- the ceremony ----------------------------------------------------------------------------------------
SELECT is(door.admin_agency_key('police', 'people', sha256('siro'), 'siro', 30), pg_temp.id('siro'), 'the ceremony enrols one');
SELECT is(door.admin_agency_key('police', 'people', sha256('dpo'), 'dpo', 30), pg_temp.id('dpo'), 'and a second');
SELECT throws_ok($$SELECT door.admin_agency_key('police', 'people', sha256('third'), 'third', 30)$$, 'MH001', 'people_unsigned', 'and no third');
SELECT lives_ok($$SELECT door.admin_agency_key('police', 'origin', sha256('origin'), NULL, 30)$$, 'keys of the adapter are another matter');
SELECT lives_ok($$SELECT door.admin_agency_key('health', 'people', sha256('hsiro'), 'hsiro', 30)$$, 'and another agency has its own two');
SELECT is((SELECT array_agg(signed ORDER BY rank) FROM door.hub_people() WHERE leaf ~ E'\nagency police\n' AND leaf ~ E'\nbootstrap yes\n'), ARRAY[NULL, NULL],
          'their leaves say that nobody signed for them');

-- ---- enrolling ---------------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT pg_temp.enrol('third', p_staff => 'd.maker')$$, 'MH001', 'role_missing', 'only the hub manager brings an act in');
SELECT lives_ok($$SELECT pg_temp.enrol('third')$$, 'an act enrols a third');
SELECT matches((SELECT leaf FROM door.hub_people() WHERE key_id = pg_temp.id('third')),
               format(E'\nagency police\n.*\nchange enrol\nkind people\n.*\nholder third\n.*\nby %s\\+%s\nsigned [0-9a-f]{64}\n', pg_temp.id('siro'), pg_temp.id('dpo')),
               'its leaf names who signed, and what');
SELECT is((SELECT signed FROM door.hub_people() WHERE key_id = pg_temp.id('third')), 'lines', 'the signatures stand beside it');
SELECT is(pg_temp.said(pg_temp.id('third')), '3 f f t', 'it is the third and in force');
SELECT throws_ok($$SELECT pg_temp.enrol('third')$$, 'MH001', 'state_wrong', 'a key is enrolled once');
SELECT throws_ok($$SELECT pg_temp.enrol('fourth', pg_temp.until(0))$$, 'MH001', 'argument_wrong', 'it does not end today');
SELECT throws_ok($$SELECT pg_temp.enrol('fourth', pg_temp.until(800))$$, 'MH001', 'argument_wrong', 'nor after more than two years');
SELECT throws_ok($$SELECT pg_temp.enrol('fourth', '2027-02-31')$$, 'MH001', 'argument_wrong', 'nor on a day that there is not');

-- ---- ending --------------------------------------------------------------------------------------------------
SELECT lives_ok($$SELECT pg_temp.rotate('third', 'third-2', 'third')$$, 'a key takes another''s place');
SELECT is(pg_temp.said(pg_temp.id('third')), '3 t f f', 'whose time is over, and what it signed stands');
SELECT is(pg_temp.said(pg_temp.id('third-2')), '4 f f t', 'and the new one is in force');
SELECT throws_ok($$SELECT pg_temp.rotate('dpo', 'dpo-2', 'somebody')$$, 'MH001', 'not_found', 'it is the same person''s');
SELECT throws_ok($$SELECT pg_temp.rotate('third', 'third-3', 'third')$$, 'MH001', 'state_wrong', 'what ended is not replaced again');
SELECT throws_ok($$SELECT pg_temp.revoke('hsiro', 'left')$$, 'MH001', 'not_found', 'nobody ends another agency''s key');
SELECT lives_ok($$SELECT pg_temp.revoke('third-2', 'left')$$, 'somebody leaves');
SELECT is(pg_temp.said(pg_temp.id('third-2')), '4 t f f', 'and what she signed stands');
SELECT door.admin_revoke(pg_temp.id('third-2'), 'compromised');
SELECT is(pg_temp.said(pg_temp.id('third-2')), '4 t t f', 'until it is known that her key was not hers alone');
SELECT door.admin_revoke(pg_temp.id('hsiro'), 'some reason');
SELECT is((SELECT voided FROM door.hub_people() WHERE key_id = pg_temp.id('hsiro')), true, 'a reason that is none of the list voids');
ALTER TABLE mash.key_revocation DISABLE TRIGGER USER;
DELETE FROM mash.key_revocation;
SELECT is(pg_temp.said(pg_temp.id('third-2')), '4 t t f', 'although the rows are gone');

-- ---- delegating ----------------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT pg_temp.delegate('delegate', 2, 'health')$$, 'MH001', 'state_wrong', 'the first delegation is number 1');
SELECT throws_ok($$SELECT pg_temp.delegate('delegate', 1, 'health', pg_temp.until(400))$$, 'MH001', 'argument_wrong', 'and lasts a year at most');
SELECT lives_ok($$SELECT pg_temp.delegate('delegate', 1, 'health')$$, 'a lead is named');
SELECT is((SELECT agencies FROM mash.ledger_leaf WHERE mash.leaf_says(body, 'change') = 'delegate'), '{health,police}', 'in a leaf that both agencies'' SIROs see');
SELECT lives_ok($$SELECT pg_temp.delegate('withdraw', 1, NULL)$$, 'it is taken back');
SELECT is((SELECT state FROM door.hub_delegations('police')), 'withdrawn ' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'which is told');
SELECT throws_ok($$SELECT pg_temp.delegate('delegate', 1, 'health')$$, 'MH001', 'state_wrong', 'and does not come back');

SELECT * FROM finish();
ROLLBACK;
