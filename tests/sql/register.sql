-- The register obeys the first leaf of an enrolment, within the ledger's size, and nothing that somebody with
-- every right in the database puts beside it (R7, R8).
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(15);

CREATE FUNCTION pg_temp.registered(p_key text) RETURNS SETOF text LANGUAGE sql AS
    $$ SELECT substring(leaf FROM '\nagency (\S+)') || ' ' || usable FROM door.register() WHERE key_id = p_key $$;
-- A row of the ledger put there by hand, with its right hash, and nobody the wiser at the head.
CREATE FUNCTION pg_temp.slip(p_idx bigint, p_agency text, p_key text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mash.ledger_leaf (idx, body, hash)
    SELECT p_idx, b, sha256('\x00'::bytea || b)
      FROM mash.leaf_body('key', now(), ARRAY[p_agency], 'mash_admin',
                          ARRAY['subject', mash.register_subject(p_key)::text, 'change', 'enrol', 'key', p_key]) b
$$;

SELECT door.admin_agency('police', 'Police', 'police', 'desk');
SELECT door.admin_agency('health', 'Health', 'health_acute', 'desk');
SELECT door.admin_agency_key('police', 'origin', sha256('police'), NULL, 30) AS police \gset
SELECT results_eq(format('SELECT pg_temp.registered(%L)', :'police'), $$VALUES ('police true')$$, 'an enrolled key is in the register');

-- A key of the forger's own.
INSERT INTO mash.agency_key (key_id, agency, kind, public, valid_from, valid_until, leaf_index)
VALUES ('feedfeedfeedfeed', 'police', 'origin', sha256('forger'), now(), now() + interval '1 day', 9000);
SELECT is_empty($$SELECT * FROM pg_temp.registered('feedfeedfeedfeed')$$, 'a row without a leaf is not obeyed');
SELECT pg_temp.slip(9000, 'police', 'feedfeedfeedfeed');
SELECT is_empty($$SELECT * FROM pg_temp.registered('feedfeedfeedfeed')$$, 'nor with one past the head, which nobody signs');
SELECT throws_ok($$SELECT pg_temp.slip(-1, 'police', 'feedfeedfeedfeed')$$, '23514', NULL, 'and there is none before the first');
SELECT mash.record('key', ARRAY['police'], 'mash_admin', mash.register_subject('feedfeedfeedfeed'), 'change', 'revoke',
                   'key', 'feedfeedfeedfeed') AS no_enrolment \gset
SELECT is_empty($$SELECT * FROM pg_temp.registered('feedfeedfeedfeed')$$, 'nor with a leaf of another change');

-- A second leaf, in its place and for all to see, does not change what the first said.
SELECT mash.record('key', ARRAY['health'], 'mash_admin', mash.register_subject(:'police'), 'change', 'enrol',
                   'key', :'police') AS second \gset
SELECT results_eq(format('SELECT pg_temp.registered(%L)', :'police'), $$VALUES ('police true')$$, 'the first enrolment stands');
SELECT door.admin_staff('h.manager', sha256('manager'), ARRAY['hub_manager']) AS manager \gset
SELECT is((SELECT leaf ~ E'\nroles hub_manager\n' FROM door.register() WHERE key_id = :'manager'), true, 'staff have theirs');

SELECT door.admin_revoke(:'police', 'lost');
SELECT results_eq(format('SELECT pg_temp.registered(%L)', :'police'), $$VALUES ('police false')$$, 'a revoked key is not usable');
ALTER TABLE mash.key_revocation DISABLE TRIGGER USER;
DELETE FROM mash.key_revocation;
SELECT results_eq(format('SELECT pg_temp.registered(%L)', :'police'), $$VALUES ('police false')$$, 'although its row is gone');

-- What a person at the key ceremony may get wrong.
SELECT throws_ok($$SELECT door.admin_revoke('0123456789abcdef', 'stolen')$$, 'MH001', 'not_found',
                 'a mistyped key is not revoked in silence');
SELECT is((SELECT count(*) FROM mash.ledger_leaf WHERE mash.leaf_says(body, 'key') = '0123456789abcdef'), 0::bigint,
          'and leaves no leaf that says it was');
SELECT throws_ok($$SELECT door.admin_agency_key('police', 'origin', sha256('police'), NULL, 30)$$, '23505', NULL,
                 'a key is enrolled once');
SELECT door.admin_agency_key('police', 'people', sha256('siro'), 'police-siro', 30) AS siro \gset
SELECT is((SELECT mash.leaf_says(convert_to(leaf, 'UTF8'), 'valid_until') FROM door.register() WHERE key_id = :'siro'),
          (SELECT valid_until FROM door.register() WHERE key_id = :'siro'), 'its end stands in the leaf');
SELECT is((SELECT mash.leaf_says(convert_to(leaf, 'UTF8'), 'holder') FROM door.register() WHERE key_id = :'siro'),
          'police-siro', 'and so does the person who holds it');
SELECT throws_ok(format($$UPDATE mash.agency_key SET valid_until = now() + interval '9 years' WHERE key_id = %L$$, :'siro'),
                 '42501', NULL, 'no edit prolongs it');

SELECT * FROM finish();
ROLLBACK;
