-- The doors of the notary and of the courier's witness work. mash_notary reads leaf hashes and writes
-- checkpoints; mash_courier hands checkpoints and proofs to the agencies and stores their cosignatures.
-- A checkpoint or a cosignature is not an act and makes no leaf: else the tree would never rest.
-- Hashes travel as one bytea, 32 bytes each (mash.hashes_joined).

CREATE OR REPLACE FUNCTION mash.hashes_joined(p_hashes bytea[]) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(string_agg(h.hash, ''::bytea ORDER BY h.ord), ''::bytea)
          FROM unnest(p_hashes) WITH ORDINALITY AS h (hash, ord)
    $$;

-- Called by mash-notary: how many leaves there are, how many the tree covers, the last size signed, and
-- whose ledger it is.
CREATE OR REPLACE FUNCTION door.notary_head(OUT size bigint, OUT folded bigint, OUT signed bigint, OUT origin text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT h.size, h.folded, coalesce((SELECT max(c.size) FROM mash.checkpoint c), 0),
               coalesce((SELECT s.value FROM mash.setting s WHERE s.name = 'origin'), '')
          FROM mash.ledger_head h
    $$;

-- Called by mash-notary: takes up to p_limit more leaves into the tree, answers how many it covers now.
-- Works level by level, and touches the head last: the doors wait for that row. Stands still when a leaf
-- is not there: the notary then signs nothing more.
CREATE OR REPLACE FUNCTION door.notary_fold(p_limit bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_from  bigint;
        v_to    bigint;
        v_level integer := 0;
    BEGIN
        PERFORM pg_advisory_xact_lock(6962); -- one fold at a time, without holding the head
        SELECT h.folded, least(h.size, h.folded + p_limit) INTO v_from, v_to FROM mash.ledger_head h;
        IF (SELECT count(*) FROM mash.ledger_leaf l WHERE l.idx >= v_from AND l.idx < v_to) <> v_to - v_from THEN
            RETURN v_from;
        END IF;
        INSERT INTO mash.ledger_node (level, idx, hash)
        SELECT 0, l.idx, l.hash FROM mash.ledger_leaf l WHERE l.idx >= v_from AND l.idx < v_to;
        WHILE (v_to >> (v_level + 1)) > (v_from >> (v_level + 1)) LOOP
            v_level := v_level + 1;
            INSERT INTO mash.ledger_node (level, idx, hash)
            SELECT v_level, l.idx / 2, sha256('\x01'::bytea || l.hash || r.hash)
              FROM mash.ledger_node l
              JOIN mash.ledger_node r ON r.level = l.level AND r.idx = l.idx + 1
             WHERE l.level = v_level - 1 AND l.idx % 2 = 0
               AND l.idx >= (v_from >> v_level) * 2 AND l.idx < (v_to >> v_level) * 2;
        END LOOP;
        UPDATE mash.ledger_head SET folded = v_to;
        RETURN v_to;
    END
    $$;

-- Called by mash-notary: the hashes of the leaves p_from .. p_to - 1, joined.
CREATE OR REPLACE FUNCTION door.notary_leaves(p_from bigint, p_to bigint) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(string_agg(l.hash, ''::bytea ORDER BY l.idx), ''::bytea)
          FROM mash.ledger_leaf l WHERE l.idx >= p_from AND l.idx < p_to
    $$;

-- Called by mash-notary: the root as the database sees it, to be compared with the notary's own.
CREATE OR REPLACE FUNCTION door.notary_root(p_size bigint) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.tree_root(p_size) $$;

-- Called by mash-notary: the newest note published; no row when there is none.
CREATE OR REPLACE FUNCTION door.notary_note() RETURNS TABLE (note text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT c.note FROM mash.checkpoint c ORDER BY c.size DESC LIMIT 1 $$;

-- Called by mash-notary: publishes a checkpoint. True when this note stands there at this size, now or
-- since earlier; false when another one does, or when the root is not the tree's.
CREATE OR REPLACE FUNCTION door.notary_sign(p_size bigint, p_root bytea, p_note text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF p_root IS DISTINCT FROM mash.tree_root(p_size) THEN
            RETURN false;
        END IF;
        INSERT INTO mash.checkpoint (size, root, note, signed_at)
        VALUES (p_size, p_root, p_note, mash.hub_now())
        ON CONFLICT (size) DO NOTHING;
        RETURN EXISTS (SELECT FROM mash.checkpoint c
                        WHERE c.size = p_size AND c.root = p_root AND c.note = p_note);
    END
    $$;

-- Called by mash-courier for a witness that holds a tree of p_old leaves: the newest note, and the proof
-- that it extends that tree (empty when it is not larger: the witness then sees a restored hub itself).
-- No row while nothing is signed.
CREATE OR REPLACE FUNCTION door.courier_checkpoint(p_old bigint)
    RETURNS TABLE (size bigint, note text, proof bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT c.size, c.note,
               CASE WHEN p_old > 0 AND p_old < c.size
                    THEN mash.hashes_joined(mash.tree_consistency(p_old, c.size)) ELSE ''::bytea END
          FROM mash.checkpoint c ORDER BY c.size DESC LIMIT 1
    $$;

-- Called by mash-courier: the path from a leaf to the root of the checkpoint of that size. NULL when
-- there is no such checkpoint or leaf: an agency may ask for anything.
CREATE OR REPLACE FUNCTION door.courier_proof(p_idx bigint, p_size bigint) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.hashes_joined(mash.tree_inclusion(p_idx, c.size))
          FROM mash.checkpoint c WHERE c.size = p_size AND p_idx >= 0 AND p_idx < c.size
    $$;

-- Called by mash-courier: keeps an agency's cosignature as it came; mash-verify judges it. False when
-- there is no such checkpoint or it is no signature line. The first line of an agency at a size stays.
CREATE OR REPLACE FUNCTION door.courier_cosign(p_agency text, p_size bigint, p_line text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF p_line !~ '^— [!-~]{1,200} [A-Za-z0-9+/=]{104}\n$'
           OR NOT EXISTS (SELECT FROM mash.agency a WHERE a.agency = p_agency)
           OR NOT EXISTS (SELECT FROM mash.checkpoint c WHERE c.size = p_size) THEN
            RETURN false;
        END IF;
        INSERT INTO mash.cosignature (size, agency, line, received_at)
        VALUES (p_size, p_agency, p_line, mash.hub_now())
        ON CONFLICT (size, agency) DO NOTHING;
        RETURN true;
    END
    $$;

REVOKE ALL ON FUNCTION mash.hashes_joined(bytea[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION door.notary_head(), door.notary_fold(bigint), door.notary_leaves(bigint, bigint),
    door.notary_root(bigint), door.notary_note(), door.notary_sign(bigint, bytea, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION door.courier_checkpoint(bigint), door.courier_proof(bigint, bigint),
    door.courier_cosign(text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.notary_head(), door.notary_fold(bigint), door.notary_leaves(bigint, bigint),
    door.notary_root(bigint), door.notary_note(), door.notary_sign(bigint, bytea, text) TO mash_notary;
GRANT EXECUTE ON FUNCTION door.courier_checkpoint(bigint), door.courier_proof(bigint, bigint),
    door.courier_cosign(text, bigint, text) TO mash_courier;
