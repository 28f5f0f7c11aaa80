-- The tree in SQL: against RFC 6962's well-known vectors, against the RFC's own recursion written down
-- here, and what the notary's and the courier's doors answer. Run as the superuser, with pgTAP in the path.
SET client_min_messages = warning;
SET search_path = tap, public;
BEGIN;
SELECT plan(60);

-- A ledger of our own, from row 0; all of it is rolled back. The well-known vectors are no leaves.
CREATE TEMPORARY TABLE form AS SELECT pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE conname = 'ledger_row_form';
ALTER TABLE mash.ledger_row DROP CONSTRAINT ledger_row_form;
ALTER TABLE mash.ledger_row DISABLE TRIGGER ALL;
ALTER TABLE mash.ledger_node DISABLE TRIGGER ALL;
ALTER TABLE mash.checkpoint DISABLE TRIGGER ALL;
CREATE FUNCTION pg_temp.anew() RETURNS void LANGUAGE sql AS $$
    DELETE FROM mash.checkpoint;
    DELETE FROM mash.ledger_node;
    DELETE FROM mash.ledger_leaf;
    UPDATE mash.ledger_head SET size = 0, folded = 0;
$$;
CREATE FUNCTION pg_temp.leaf(p_body bytea) RETURNS bigint LANGUAGE sql AS $$
    SELECT mash.ledger_append(ARRAY[p_body])
$$;

-- ---- the well-known vectors ---------------------------------------------------------------------
DO 'BEGIN PERFORM pg_temp.anew(); END';
SELECT is(mash.tree_root(0), sha256(''), 'the empty tree has the hash of nothing');
CREATE TEMPORARY TABLE ct (size bigint, body bytea, root bytea);
INSERT INTO ct VALUES
    (1, '\x', '\x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'),
    (2, '\x00', '\xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'),
    (3, '\x10', '\xaeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'),
    (4, '\x2021', '\xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'),
    (5, '\x3031', '\x4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'),
    (6, '\x40414243', '\x76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'),
    (7, '\x5051525354555657', '\xddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'),
    (8, '\x606162636465666768696a6b6c6d6e6f', '\x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
DO 'BEGIN PERFORM pg_temp.leaf(body) FROM (SELECT body FROM ct ORDER BY size) b; END';
SELECT is(door.notary_fold(3), 3::bigint, 'a fold takes as many leaves as it is asked to');
SELECT is(door.notary_fold(100), 8::bigint, 'and no more than there are');
SELECT is(door.notary_fold(100), 8::bigint, 'folding again changes nothing');
SELECT is(mash.tree_root(size), root, format('root of %s leaves', size)) FROM ct ORDER BY size;
SELECT is(mash.tree_inclusion(5, 8), ARRAY[
    '\xbc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    '\xca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    '\xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7']::bytea[], 'path of leaf 5 of 8');
SELECT is(mash.tree_inclusion(2, 3), ARRAY[
    '\xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']::bytea[], 'path of leaf 2 of 3');
SELECT is(mash.tree_consistency(6, 8), ARRAY[
    '\x0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    '\xca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    '\xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7']::bytea[], 'proof from 6 to 8');
SELECT is(mash.tree_consistency(2, 5), ARRAY[
    '\x5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '\xbc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b']::bytea[], 'proof from 2 to 5');

-- ---- the RFC's definitions, word for word: MTH, PATH, SUBPROOF over arrays of leaf hashes --------
CREATE FUNCTION pg_temp.k(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
    $$ SELECT max(1 << s) FROM generate_series(0, 20) s WHERE 1 << s < n $$;
CREATE FUNCTION pg_temp.mth(d bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE n integer := cardinality(d); k integer := pg_temp.k(cardinality(d));
    BEGIN
        IF n = 1 THEN RETURN d[1]; END IF;
        RETURN sha256('\x01'::bytea || pg_temp.mth(d[:k]) || pg_temp.mth((d[k + 1:])[:n - k]));
    END $$;
CREATE FUNCTION pg_temp.path(m integer, d bytea[]) RETURNS bytea[] LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE n integer := cardinality(d); k integer := pg_temp.k(cardinality(d));
    BEGIN
        IF n = 1 THEN RETURN '{}'; END IF;
        IF m < k THEN RETURN pg_temp.path(m, d[:k]) || pg_temp.mth(d[k + 1:]); END IF;
        RETURN pg_temp.path(m - k, d[k + 1:]) || pg_temp.mth(d[:k]);
    END $$;
CREATE FUNCTION pg_temp.subproof(m integer, d bytea[], whole boolean) RETURNS bytea[] LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE n integer := cardinality(d); k integer := pg_temp.k(cardinality(d));
    BEGIN
        IF m = n THEN RETURN CASE WHEN whole THEN '{}' ELSE ARRAY[pg_temp.mth(d)] END; END IF;
        IF m <= k THEN RETURN pg_temp.subproof(m, d[:k], whole) || pg_temp.mth(d[k + 1:]); END IF;
        RETURN pg_temp.subproof(m - k, d[k + 1:], false) || pg_temp.mth(d[:k]);
    END $$;

DO 'BEGIN PERFORM pg_temp.anew(); END';
DO $$
BEGIN
    PERFORM pg_temp.leaf(mash.leaf_body('test', now(), '{}', 'test', ARRAY['n', i::text])) FROM generate_series(0, 69) i;
    PERFORM door.notary_fold(f) FROM unnest(ARRAY[1, 1, 7, 16, 3, 100]) f;
END
$$;
CREATE TEMPORARY TABLE d AS SELECT array_agg(hash ORDER BY idx) AS h FROM mash.ledger_leaf;
SELECT is_empty('SELECT n FROM d, generate_series(1, 70) n WHERE mash.tree_root(n) <> pg_temp.mth(h[:n])',
                'every root up to 70 is the recursive one, however the folds were cut');
SELECT is_empty('SELECT n, m FROM d, generate_series(1, 40) n, generate_series(0, n - 1) m
                  WHERE mash.tree_inclusion(m, n) <> pg_temp.path(m, h[:n])',
                'every inclusion path up to 40 is the recursive one');
SELECT is_empty('SELECT n, m FROM d, generate_series(1, 40) n, generate_series(1, n) m
                  WHERE mash.tree_consistency(m, n) <> pg_temp.subproof(m, h[:n], true)',
                'every consistency proof up to 40 is the recursive one');
SELECT throws_like('SELECT mash.tree_root(71)', '%not folded yet%', 'no root beyond what is folded');
SELECT throws_like('SELECT mash.tree_inclusion(70, 70)', '%no leaf 70%', 'no path for a leaf that is not there');
SELECT throws_like('SELECT mash.tree_consistency(70, 69)', '%does not extend%', 'a tree does not shrink');

-- ---- the notary's doors -------------------------------------------------------------------------
SELECT is(octet_length(door.notary_leaves(10, 70)), 60 * 32, 'leaf hashes come joined');
SELECT is(door.notary_sign(70, sha256('another'), 'note'), false, 'a root that is not the tree''s is not published');
SELECT is(door.notary_sign(70, mash.tree_root(70), 'note'), true, 'a head is published');
SELECT is(door.notary_sign(70, mash.tree_root(70), 'note'), true, 'and again, after a crash');
SELECT is(door.notary_sign(70, mash.tree_root(70), 'another'), false, 'but no second note for one size');
SELECT results_eq('SELECT size, folded, signed FROM door.notary_head()', 'VALUES (70::bigint, 70::bigint, 70::bigint)',
                  'none of this made a leaf');

-- ---- the courier's doors ------------------------------------------------------------------------
INSERT INTO mash.agency VALUES ('police', 'Police', 'police', 'desk', now());
SELECT results_eq('SELECT size, note, proof FROM door.courier_checkpoint(41)',
                  'SELECT 70::bigint, ''note'', mash.hashes_joined(mash.tree_consistency(41, 70))',
                  'a witness gets the newest head and the proof from its own');
SELECT results_eq('SELECT octet_length(proof) FROM unnest(ARRAY[0, 70, 71, -1]) o, door.courier_checkpoint(o)',
                  'VALUES (0), (0), (0), (0)', 'an empty proof where there is nothing to prove');
SELECT is(door.courier_proof(3, 70), mash.hashes_joined(mash.tree_inclusion(3, 70)), 'an agency gets a leaf''s path');
SELECT is_empty('SELECT 1 FROM (VALUES (70, 70), (-1, 70), (3, 69), (3, 1000)) AS t (i, s)
                  WHERE door.courier_proof(i, s) IS NOT NULL', 'and nothing for what is under no checkpoint');
SELECT is(door.courier_cosign('police', 70, E'— w.example/police ' || repeat('A', 104) || E'\n'), true,
          'a cosignature is kept');
SELECT is_empty($$SELECT a, s, l FROM (VALUES
        ('nobody', 70, E'— w.example/police ' || repeat('A', 104) || E'\n'),
        ('police', 69, E'— w.example/police ' || repeat('A', 104) || E'\n'),
        ('police', 70, E'— w.example/police ' || repeat('A', 103) || E'\n'),
        ('police', 70, E'w.example/police\n')) AS t (a, s, l) WHERE door.courier_cosign(a, s, l)$$,
    'not for a stranger, for no head, or when it is no signature line');

-- ---- the check and what it finds ----------------------------------------------------------------
SELECT results_eq('SELECT * FROM mash.ledger_check()',
                  $$VALUES (true, 'All 70 rows are in place; the first 70 give every root that was signed.')$$,
                  'an untouched ledger holds');
SAVEPOINT whole;
UPDATE mash.ledger_leaf SET body = body || '!' WHERE idx = 17;
SELECT ok('Row 17 was altered: its text does not give its hash.' IN (SELECT sentence FROM mash.ledger_check()),
          'an altered row is named');
UPDATE mash.ledger_leaf SET hash = sha256('\x00'::bytea || body) WHERE idx = 17;
SELECT ok('Row 17 is not what the tree was made of.' IN (SELECT sentence FROM mash.ledger_check()),
          'and when its hash was altered, too');
ROLLBACK TO whole;
DELETE FROM mash.ledger_leaf WHERE idx = 17;
SELECT results_eq('SELECT * FROM mash.ledger_check()', $$VALUES (false, 'Rows 17 to 17 of the ledger are missing.')$$,
                  'a removed row is named');
ROLLBACK TO whole;

-- ---- what is shown is what is proven --------------------------------------------------------------
SELECT results_eq($$SELECT mash.record('test', '{police,health}', 'a.person', '00000000-0000-7000-8000-000000000001', 'n', '1')$$,
                  'VALUES (70::bigint)', 'a leaf is recorded');
SELECT results_eq($$SELECT act, agencies, actor, subject FROM mash.ledger_leaf WHERE idx = 70$$,
    $$VALUES ('test', '{health,police}'::text[], 'a.person', '00000000-0000-7000-8000-000000000001'::uuid)$$,
    'its columns are read from its text');
SELECT is((SELECT at FROM mash.ledger_leaf WHERE idx = 70),
          (SELECT substring(convert_from(body, 'UTF8') FROM '\nat ([^\n]+)')::timestamptz FROM mash.ledger_leaf WHERE idx = 70),
          'its time, too, to the microsecond');
SELECT throws_ok($$UPDATE mash.ledger_leaf SET actor = 'nobody' WHERE idx = 70$$, '0A000', NULL,
                 'and cannot be written otherwise');
SELECT throws_ok($$INSERT INTO mash.ledger_leaf (idx, body, hash) VALUES (-1, '', sha256(''))$$, '23514', NULL,
                 'there is no row before the first');
SAVEPOINT shown;
DO $$ BEGIN EXECUTE 'ALTER TABLE mash.ledger_row ADD CONSTRAINT ledger_row_form ' || (SELECT def FROM form) || ' NOT VALID'; END $$;
SELECT lives_ok($$UPDATE mash.ledger_leaf SET body = body || 'more' WHERE idx = 70$$, 'a leaf may have any details');
SELECT throws_ok(format('UPDATE mash.ledger_leaf SET body = replace(convert_from(body, ''UTF8''), %L, ''x'')::bytea WHERE idx = 70', part),
                 '23514', NULL, 'a text without "' || btrim(part, E'\n') || '" is none of the table''s')
  FROM unnest(ARRAY['mash-leaf/1', E'\nrealm ', E'\nat ', E'\nact ', E'\nactor ', E'Z\n']) part;
ROLLBACK TO shown;
CREATE FUNCTION pg_temp.forge(p_column text, p_value text) RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
        v_found boolean;
    BEGIN
        EXECUTE 'CREATE OR REPLACE VIEW mash.ledger_leaf AS SELECT ' || (
            SELECT string_agg(CASE attname WHEN p_column THEN format('%L::%s AS %I', p_value, format_type(atttypid, NULL), attname)
                                           ELSE 'l.' || attname END, ', ' ORDER BY attnum)
              FROM pg_attribute WHERE attrelid = 'mash.ledger_leaf'::regclass AND attnum > 0)
            || ' FROM (' || btrim(pg_get_viewdef('mash.ledger_leaf'::regclass), '; ') || ') l';
        v_found := 'Row 70 is shown otherwise than its text says.' IN (SELECT sentence FROM mash.ledger_check());
        RAISE EXCEPTION USING ERRCODE = 'MH999';
    EXCEPTION WHEN SQLSTATE 'MH999' THEN RETURN v_found;
    END $$;
SELECT ok(pg_temp.forge(c, v), 'where a superuser has another ' || c || ' shown, it is found and named')
  FROM (VALUES ('at', '2026-01-01 00:00+00'), ('act', 'other'), ('agencies', '{health}'), ('actor', 'other'),
               ('subject', NULL)) AS t (c, v);

-- The view and the indexes say the same, to the letter.
CREATE FUNCTION pg_temp.plan(p_where text) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
    DECLARE
        v_plan json;
    BEGIN
        EXECUTE 'EXPLAIN (FORMAT json) SELECT idx FROM mash.ledger_leaf WHERE ' || p_where INTO v_plan;
        RETURN v_plan;
    END $$;
SELECT matches(pg_temp.plan(w), '"Index Name": "' || i || '"[^{}]*"Index Cond": ".*' || c, 'a look-up goes by ' || i)
  FROM (VALUES ($$subject = '00000000-0000-7000-8000-000000000001' AND act = 'view'$$, 'ledger_row_subject', '''view'''),
               ($$agencies && '{police}'$$, 'ledger_row_agencies', 'police'),
               ($$act = 'key' AND idx < 70$$, 'ledger_row_register', '70')) AS t (w, i, c);
ROLLBACK TO whole;

-- ---- density ------------------------------------------------------------------------------------
DO $$ BEGIN PERFORM mash.record('test', '{}', 'test', NULL, 'n', '1'); END $$;
ROLLBACK TO whole;
SELECT is(mash.record('test', ARRAY['police'], 'test', NULL, 'n', '1'), 70::bigint, 'an act undone leaves no gap (R18)');
SELECT throws_like($$SELECT mash.record('test', '{}', 'test', NULL, 'name', 'Rhys Pryce')$$, '%ids and codes only%',
                   'a leaf takes no words of people');

SELECT * FROM finish();
ROLLBACK;
