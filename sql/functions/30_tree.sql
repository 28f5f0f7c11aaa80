-- The tree read: roots and RFC 6962 proofs from the complete subtrees in mash.ledger_node, for sizes up
-- to ledger_head.folded, each in a logarithm of the size. The C side (broker/ledger) only verifies.

CREATE OR REPLACE FUNCTION mash.tree_node(p_level integer, p_idx bigint) RETURNS bytea
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_hash bytea;
    BEGIN
        SELECT n.hash INTO v_hash FROM mash.ledger_node n WHERE n.level = p_level AND n.idx = p_idx;
        IF v_hash IS NULL THEN
            RAISE EXCEPTION 'the tree has no node % of level %: not folded yet, or removed', p_idx, p_level;
        END IF;
        RETURN v_hash;
    END
    $$;

-- MTH(D[p_from:p_to]) for a span that begins where a subtree of its size may begin. Its complete
-- subtrees, one for every bit of its length, are joined from the right.
CREATE OR REPLACE FUNCTION mash.tree_span(p_from bigint, p_to bigint) RETURNS bytea
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_hash  bytea;
        v_at    bigint := p_to;
        v_level integer;
        v_node  bytea;
    BEGIN
        FOR v_level IN 0 .. 62 LOOP
            EXIT WHEN v_at = p_from;
            CONTINUE WHEN ((p_to - p_from) >> v_level) % 2 = 0;
            v_at := v_at - (1::bigint << v_level);
            v_node := mash.tree_node(v_level, v_at >> v_level);
            v_hash := CASE WHEN v_hash IS NULL THEN v_node ELSE sha256('\x01'::bytea || v_node || v_hash) END;
        END LOOP;
        RETURN coalesce(v_hash, sha256(''::bytea));
    END
    $$;

CREATE OR REPLACE FUNCTION mash.tree_root(p_size bigint) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.tree_span(0, p_size) $$;

-- The largest power of two smaller than p_n: where RFC 6962 splits a tree.
CREATE OR REPLACE FUNCTION mash.tree_split(p_n bigint) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_k bigint := 1;
    BEGIN
        WHILE v_k < p_n - v_k LOOP
            v_k := v_k * 2;
        END LOOP;
        RETURN v_k;
    END
    $$;

-- PATH(p_idx, D[p_size]), from the leaf to the root: walked from the root, each sibling put in front.
CREATE OR REPLACE FUNCTION mash.tree_inclusion(p_idx bigint, p_size bigint) RETURNS bytea[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_from bigint := 0;
        v_to   bigint := p_size;
        v_mid  bigint;
        v_path bytea[] := '{}';
    BEGIN
        IF p_idx < 0 OR p_idx >= p_size THEN
            RAISE EXCEPTION 'a tree of % leaves has no leaf %', p_size, p_idx;
        END IF;
        WHILE v_to - v_from > 1 LOOP
            v_mid := v_from + mash.tree_split(v_to - v_from);
            IF p_idx < v_mid THEN
                v_path := mash.tree_span(v_mid, v_to) || v_path;
                v_to := v_mid;
            ELSE
                v_path := mash.tree_span(v_from, v_mid) || v_path;
                v_from := v_mid;
            END IF;
        END LOOP;
        RETURN v_path;
    END
    $$;

-- PROOF(p_old, D[p_new]). Empty from the empty tree and between equal sizes.
CREATE OR REPLACE FUNCTION mash.tree_consistency(p_old bigint, p_new bigint) RETURNS bytea[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_from bigint := 0;
        v_to   bigint := p_new;
        v_mid  bigint;
        v_path bytea[] := '{}';
    BEGIN
        IF p_old < 0 OR p_old > p_new THEN
            RAISE EXCEPTION 'a tree of % leaves does not extend one of %', p_new, p_old;
        END IF;
        IF p_old = 0 THEN
            RETURN v_path;
        END IF;
        WHILE p_old < v_to LOOP
            v_mid := v_from + mash.tree_split(v_to - v_from);
            IF p_old <= v_mid THEN
                v_path := mash.tree_span(v_mid, v_to) || v_path;
                v_to := v_mid;
            ELSE
                v_path := mash.tree_span(v_from, v_mid) || v_path;
                v_from := v_mid;
            END IF;
        END LOOP;
        -- The old tree's own last subtree; left out when that is the whole old tree.
        RETURN CASE WHEN v_from = 0 THEN v_path ELSE mash.tree_span(v_from, v_to) || v_path END;
    END
    $$;

-- The whole ledger once more, by SQL alone: every leaf's hash, density, the count, the tree, and every
-- published root. One row when all is well; else a sentence for each thing that is wrong, at most 100.
-- Proves that the database agrees with itself; independence needs mash-verify on an exported copy.
CREATE OR REPLACE FUNCTION mash.tree_check() RETURNS TABLE (holds boolean, sentence text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        l       record;
        v_size  bigint := 0;
        v_head  mash.ledger_head;
        v_edge  bytea[] := '{}';
        v_hash  bytea;
        v_root  bytea;
        v_level integer;
        v_last  bigint := 0;
        v_bad   integer := 0;
        v_apart boolean := false;
    BEGIN
        holds := false;
        SELECT * INTO v_head FROM mash.ledger_head;
        FOR l IN
            SELECT f.idx, f.hash, sha256('\x00'::bytea || f.body) AS computed, n.hash AS node, c.root AS signed
              FROM mash.ledger_leaf f
              LEFT JOIN mash.ledger_node n ON n.level = 0 AND n.idx = f.idx
              LEFT JOIN mash.checkpoint c ON c.size = f.idx + 1
             ORDER BY f.idx
        LOOP
            EXIT WHEN v_bad >= 100;
            IF l.idx <> v_size THEN
                v_bad := v_bad + 1;
                sentence := format('Rows %s to %s of the ledger are missing.', v_size, l.idx - 1);
                RETURN NEXT;
                EXIT; -- nothing above a gap can be proved
            END IF;
            IF l.computed <> l.hash THEN
                v_bad := v_bad + 1;
                sentence := format('Row %s was altered: its text does not give its hash.', l.idx);
                RETURN NEXT;
            END IF;
            IF l.idx < v_head.folded AND l.computed IS DISTINCT FROM l.node THEN
                v_bad := v_bad + 1;
                sentence := format('Row %s is not what the tree was made of.', l.idx);
                RETURN NEXT;
            END IF;

            -- The right edge of the tree: v_edge[level + 1] for every bit of the size that is set.
            v_hash := l.computed;
            v_level := 1;
            WHILE (v_size >> (v_level - 1)) % 2 = 1 LOOP
                v_hash := sha256('\x01'::bytea || v_edge[v_level] || v_hash);
                v_level := v_level + 1;
            END LOOP;
            v_edge[v_level] := v_hash;
            v_size := v_size + 1;
            CONTINUE WHEN l.signed IS NULL AND v_size <> v_head.folded;

            v_root := NULL;
            FOR v_level IN 1 .. cardinality(v_edge) LOOP
                CONTINUE WHEN (v_size >> (v_level - 1)) % 2 = 0;
                v_root := CASE WHEN v_root IS NULL THEN v_edge[v_level]
                               ELSE sha256('\x01'::bytea || v_edge[v_level] || v_root) END;
            END LOOP;
            IF l.signed IS NOT NULL AND l.signed <> v_root AND NOT v_apart THEN
                v_bad := v_bad + 1;
                v_apart := true; -- every later head differs, too
                sentence := format('The first %s rows do not give the root signed at that size; those up to %s do.',
                                   v_size, v_last);
                RETURN NEXT;
            ELSIF l.signed IS NOT NULL AND NOT v_apart THEN
                v_last := v_size;
            END IF;
            IF v_size = v_head.folded AND mash.tree_root(v_size) <> v_root THEN
                v_bad := v_bad + 1;
                sentence := format('The tree of %s rows does not give the root of the rows.', v_size);
                RETURN NEXT;
            END IF;
        END LOOP;
        IF v_bad = 0 AND v_size <> v_head.size THEN
            v_bad := 1;
            sentence := format('The ledger counts %s rows and holds %s.', v_head.size, v_size);
            RETURN NEXT;
        END IF;
        IF v_bad = 0 AND EXISTS (SELECT FROM mash.checkpoint c WHERE c.size > v_head.size) THEN
            v_bad := 1;
            sentence := 'A head was signed over more rows than the ledger holds.';
            RETURN NEXT;
        END IF;
        IF v_bad = 0 THEN
            holds := true;
            sentence := format('All %s rows are in place; the first %s give every root that was signed.',
                               v_size, v_last);
            RETURN NEXT;
        END IF;
    END
    $$;

REVOKE ALL ON FUNCTION mash.tree_node(integer, bigint), mash.tree_span(bigint, bigint), mash.tree_root(bigint),
    mash.tree_split(bigint), mash.tree_inclusion(bigint, bigint), mash.tree_consistency(bigint, bigint),
    mash.tree_check() FROM PUBLIC;
