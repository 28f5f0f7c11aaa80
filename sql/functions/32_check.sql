-- Whether what the hub works by is still what its ledger says: the columns beside a leaf, the sets of items
-- that a decision froze, the cuts of a product, and that nothing taken in has dropped out of the work. The
-- tree itself is 30_tree.sql's. Sentences name rows and nobody's information: a SIRO reads them, too.

-- ---- digests that leaves hold ---------------------------------------------------------------------

-- Over (item id, SHA-256 of its sealed bytes) in the order of ids: the decide leaf's "frozen".
CREATE OR REPLACE FUNCTION mash.frozen_digest(p_decision uuid) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT sha256(coalesce(string_agg(uuid_send(f.item_id) || sha256(i.sealed), ''::bytea ORDER BY f.item_id),
                               ''::bytea))
          FROM mash.decision_item f
          LEFT JOIN mash.item i USING (item_id)
         WHERE f.decision_id = p_decision
    $$;

-- False unless the set is the one that the decision's leaf froze.
CREATE OR REPLACE FUNCTION mash.frozen_holds(p_decision uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce((SELECT mash.leaf_says(l.body, 'frozen') = encode(mash.frozen_digest(p_decision), 'hex')
                           FROM mash.decision d
                           JOIN mash.ledger_leaf l ON l.subject = d.enquiry_id AND l.act = 'decide'
                          WHERE d.decision_id = p_decision AND l.idx < (SELECT h.size FROM mash.ledger_head h)
                            AND mash.leaf_says(l.body, 'decision') = p_decision::text
                          ORDER BY l.idx
                          LIMIT 1), false)
    $$;

-- Over the product's rows of mash.cut in the order of items, one JSON array a row: the release leaf's "cuts".
CREATE OR REPLACE FUNCTION mash.cuts_digest(p_product uuid) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT sha256(convert_to(coalesce(string_agg(
                   jsonb_build_array(c.item_id, c.owner, c.class, c.verdict, c.rule_version, c.rule_line, c.reason, c.tier,
                                     c.summary, c.prose, c.authorised, c.desk, c.kept, p.rating, p.day)::text,
                   E'\n' ORDER BY c.item_id), ''), 'UTF8'))
          FROM mash.cut c
          LEFT JOIN mash.product p USING (product_id)
         WHERE c.product_id = p_product
    $$;

-- ---- what stands apart from its leaf --------------------------------------------------------------

-- What is shown of a leaf is read from its text; who has it read otherwise is found here, row by row.
CREATE OR REPLACE FUNCTION mash.columns_check() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT format('Row %s is shown otherwise than its text says.', l.idx)
          FROM mash.ledger_leaf l
          CROSS JOIN LATERAL (
              SELECT encode(l.body, 'escape') AS body,
                     'mash-leaf/1' || E'\nrealm ' || mash.realm()
                     || E'\nat ' || to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                     || E'\nact ' || l.act || array_to_string(ARRAY[''] || l.agencies, E'\nagency ')
                     || E'\nactor ' || l.actor || E'\n' || coalesce('subject ' || l.subject || E'\n', '') AS head) t
         WHERE (starts_with(t.body, t.head)
                AND (l.subject IS NOT NULL OR NOT starts_with(t.body, t.head || 'subject '))) IS NOT TRUE
         ORDER BY l.idx
         LIMIT 100
    $$;

CREATE OR REPLACE FUNCTION mash.sets_check() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT format('Row %s released a product whose cuts are not the ones kept now.', l.idx)
          FROM mash.ledger_leaf l
         WHERE l.act = 'release' AND mash.leaf_says(l.body, 'cuts') <> encode(mash.cuts_digest(l.subject), 'hex')
        UNION ALL
        SELECT format('Row %s decided on a set of items that is not the one kept now.', l.idx)
          FROM mash.ledger_leaf l
         WHERE l.act = 'decide'
           AND mash.leaf_says(l.body, 'frozen')
               <> encode(mash.frozen_digest(mash.leaf_says(l.body, 'decision')::uuid), 'hex')
    $$;

-- ---- what was taken in and is on nobody's table ---------------------------------------------------

-- Every message taken in (accept) or put through again (replay, mend) has a later leaf of the hub's that tells
-- what became of it, or waits on the work list: both ends change in one transaction, so that no snapshot
-- shows neither. A quarantine by intake is another content under the same id and ends nothing.
CREATE OR REPLACE FUNCTION mash.messages_lost()
    RETURNS TABLE (idx bigint, agency text, message_id uuid, kept boolean)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT o.idx, o.agencies[1], o.subject,
               EXISTS (SELECT FROM mash.message m WHERE m.agency = o.agencies[1] AND m.message_id = o.subject)
          FROM mash.ledger_leaf o
         WHERE o.act IN ('accept', 'replay', 'mend')
           AND NOT EXISTS (SELECT FROM mash.ledger_leaf c
                            WHERE c.subject = o.subject AND c.agencies = o.agencies AND c.idx > o.idx
                              AND c.idx < (SELECT h.size FROM mash.ledger_head h)
                              AND (mash.act_ends(c.act) OR c.act = 'quarantine' AND c.actor = 'hub'))
           AND NOT EXISTS (SELECT FROM mash.message_todo t
                            WHERE t.agency = o.agencies[1] AND t.message_id = o.subject)
         ORDER BY o.idx
    $$;

-- Every enquiry that messages went to waits or is claimed, unless each of its children was decided on after
-- the last thing that arrived.
CREATE OR REPLACE FUNCTION mash.enquiries_lost() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH arrived AS MATERIALIZED (
            SELECT mash.leaf_says(l.body, 'enquiry')::uuid AS enquiry_id, min(l.idx) AS first,
                   max(l.idx) FILTER (WHERE mash.leaf_says(l.body, 'items') IS DISTINCT FROM '0'
                                         OR mash.leaf_says(l.body, 'treatment') = 'opened') AS last
              FROM mash.ledger_leaf l
             WHERE l.act IN ('process', 'answer', 'correction')
             GROUP BY 1
        ), decided AS MATERIALIZED (
            SELECT l.subject AS enquiry_id, mash.leaf_says(l.body, 'person')::uuid AS person_id, max(l.idx) AS last
              FROM mash.ledger_leaf l
             WHERE l.act = 'decide' AND l.idx < (SELECT h.size FROM mash.ledger_head h)
             GROUP BY 1, 2
        )
        SELECT format('Row %s began an enquiry that is not decided and waits for nobody.', a.first)
          FROM arrived a
          LEFT JOIN mash.enquiry e USING (enquiry_id)
         WHERE coalesce(e.state, '') NOT IN ('waiting', 'claimed')
           AND (NOT EXISTS (SELECT FROM mash.subject s WHERE s.enquiry_id = a.enquiry_id)
                OR EXISTS (SELECT FROM mash.subject s
                            WHERE s.enquiry_id = a.enquiry_id
                              AND NOT EXISTS (SELECT FROM decided d
                                               WHERE d.enquiry_id = s.enquiry_id AND d.person_id = s.person_id
                                                 AND d.last > a.last)))
         ORDER BY a.first
    $$;

-- ---- checking, and putting back -------------------------------------------------------------------

-- All of it. One row that holds, or a sentence for each thing that does not.
CREATE OR REPLACE FUNCTION mash.ledger_check() RETURNS TABLE (holds boolean, sentence text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH tree AS MATERIALIZED (
            SELECT t.holds, t.sentence FROM mash.tree_check() t
        ), apart AS MATERIALIZED (
            SELECT c AS sentence FROM mash.columns_check() c
            UNION ALL SELECT s FROM mash.sets_check() s
            UNION ALL SELECT format('Row %s acknowledged a message that nobody works on.', m.idx) FROM mash.messages_lost() m
            UNION ALL SELECT e FROM mash.enquiries_lost() e
            UNION ALL SELECT r FROM mash.rows_check_arrived() r
            UNION ALL SELECT r FROM mash.rows_check_enquiries() r
            UNION ALL SELECT r FROM mash.rows_check_sent() r
            UNION ALL SELECT r FROM mash.rows_check_settings() r
        )
        SELECT t.holds, t.sentence FROM tree t WHERE NOT t.holds OR NOT EXISTS (SELECT FROM apart)
        UNION ALL
        SELECT false, a.sentence FROM apart a
    $$;

-- Called by a SIRO.
CREATE OR REPLACE FUNCTION siro.ledger_check() RETURNS TABLE (holds boolean, sentence text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT * FROM mash.ledger_check() $$;

-- Of these leaves, those that are not settled: the message was not worked in, not each of the enquiry's children was
-- decided on since it arrived, or the letter has no receipt. waits: it is on the list where it will be; said: a sentence
-- if not.
-- One statement and so one snapshot, which never shows both ends of a step undone. Sub-selects of one row and
-- "idx + 0" keep the plan to one look-up by subject a leaf, whatever is known of the tables.
CREATE OR REPLACE FUNCTION mash.leaves_unsettled(p_idx bigint[])
    RETURNS TABLE (idx bigint, agency text, message_id uuid, waits boolean, said text, letter_id uuid)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
    AS $$
        WITH given AS MATERIALIZED (
            SELECT l.* FROM unnest(p_idx) i
             CROSS JOIN LATERAL (SELECT x.* FROM mash.ledger_leaf x WHERE x.idx = i OFFSET 0) l
        ), leaf AS MATERIALIZED (
            SELECT l.idx, l.agencies, l.subject, (SELECT h.size FROM mash.ledger_head h) AS size,
                   CASE WHEN l.act IN ('process', 'answer', 'correction') THEN mash.leaf_says(l.body, 'enquiry')::uuid END AS enquiry_id
              FROM given l
             WHERE l.act IN ('accept', 'replay', 'mend')
                OR l.act IN ('process', 'answer', 'correction') AND (mash.leaf_says(l.body, 'items') IS DISTINCT FROM '0'
                                                       OR mash.leaf_says(l.body, 'treatment') = 'opened')
        )
        SELECT o.idx, o.agencies[1], o.subject,
               (SELECT true FROM mash.message_todo t WHERE t.agency = o.agencies[1] AND t.message_id = o.subject) IS NOT NULL,
               format(CASE WHEN (SELECT true FROM mash.message m
                                  WHERE m.agency = o.agencies[1] AND m.message_id = o.subject) IS NULL
                      THEN 'Row %s acknowledged a message that is no longer here.'
                      ELSE 'Row %s acknowledged a message that nobody worked on: it is on the work list again.' END, o.idx), NULL::uuid
          FROM leaf o
         WHERE o.enquiry_id IS NULL
           AND (SELECT true FROM mash.ledger_leaf c
                 WHERE c.subject = o.subject AND c.agencies = o.agencies AND c.idx + 0 > o.idx AND c.idx + 0 < o.size
                   AND (mash.act_ends(c.act) OR c.act = 'quarantine' AND c.actor = 'hub') LIMIT 1) IS NULL
        UNION ALL
        SELECT o.idx, NULL, NULL,
               (SELECT true FROM mash.enquiry e
                 WHERE e.enquiry_id = o.enquiry_id AND e.state IN ('waiting', 'claimed')) IS NOT NULL,
               format('Row %s began an enquiry that is not decided and waits for nobody.', coalesce(
                   (SELECT min(a.idx + 0)
                      FROM mash.enquiry_message n
                      JOIN mash.ledger_leaf a ON a.subject = n.message_id AND a.act = 'process' AND a.agencies = ARRAY[n.agency]
                     WHERE n.enquiry_id = o.enquiry_id AND n.treatment = 'opened'), o.idx)), NULL
          FROM leaf o
         WHERE o.enquiry_id IS NOT NULL
           AND ((SELECT true FROM mash.subject s WHERE s.enquiry_id = o.enquiry_id LIMIT 1) IS NULL
                OR (SELECT true FROM mash.subject s
                     WHERE s.enquiry_id = o.enquiry_id
                       AND (SELECT true FROM mash.ledger_leaf d
                             WHERE d.subject = o.enquiry_id AND d.act = 'decide' AND d.idx + 0 > o.idx AND d.idx + 0 < o.size
                               AND mash.leaf_says(d.body, 'person') = s.person_id::text LIMIT 1) IS NULL
                     LIMIT 1) IS NOT NULL)
        UNION ALL
        SELECT s.idx, NULL, NULL, NOT mash.letter_lost(s.letter_id),
               format(CASE WHEN (SELECT true FROM mash.letter y WHERE y.letter_id = s.letter_id) IS NULL
                      THEN 'Row %s sent a letter that has not arrived and is no longer here.'
                      ELSE 'Row %s sent a letter that nobody carried: it is on its way again.' END, s.idx), s.letter_id
          FROM (SELECT g.idx, mash.leaf_says(g.body, 'letter')::uuid AS letter_id FROM given g WHERE g.act <> 'deliver') s
         WHERE s.letter_id IS NOT NULL
           AND (SELECT true FROM mash.ledger_leaf d WHERE d.subject = s.letter_id AND d.act = 'deliver' LIMIT 1) IS NULL
    $$;

-- The work lists are no evidence: what is missing from them is put back. Tells what it found, one sentence each;
-- what only a person can mend is told again every time round. Never looks at more than p_step leaves and
-- p_step rows of the list at once: more is true, in a row of its own, while there is something left to look at.
CREATE OR REPLACE FUNCTION mash.reconcile(p_step bigint) RETURNS TABLE (sentence text, more boolean)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off -- whatever the tables' size is
    AS $$
    DECLARE
        r      mash.reconciled;
        v_head bigint;
        v_to   bigint;
        v_list bigint[] := '{}'; -- of the list, to be looked at again
        v_open bigint[];
        w      record;
    BEGIN
        SELECT * INTO r FROM mash.reconciled FOR UPDATE; -- one hub at a time
        SELECT h.size INTO v_head FROM mash.ledger_head h;
        v_to := least(v_head, r.size + p_step);
        more := v_to < v_head;
        IF NOT more THEN -- old leaves come when there are no more new ones
            v_list := ARRAY(SELECT u.idx FROM mash.unsettled u WHERE u.idx > r.listed ORDER BY u.idx LIMIT p_step);
            more := cardinality(v_list) = p_step;
        END IF;

        FOR w IN
            WITH found AS MATERIALIZED (
                SELECT * FROM mash.leaves_unsettled(v_list || ARRAY(SELECT generate_series(r.size, v_to - 1)))
            )
            SELECT array_agg(f.idx ORDER BY f.idx) AS open, NULL::text AS said, NULL::text AS agency, NULL::uuid AS message_id,
                   NULL::uuid AS letter_id
              FROM found f
            UNION ALL
            (SELECT NULL, f.said, f.agency, f.message_id, f.letter_id FROM found f WHERE NOT f.waits
              GROUP BY f.said, f.agency, f.message_id, f.letter_id ORDER BY min(f.idx))
        LOOP
            IF w.said IS NULL THEN
                v_open := coalesce(w.open, '{}');
                CONTINUE;
            END IF;
            INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
            SELECT m.message_id, m.agency, m.lane, m.received_at
              FROM mash.message m
             WHERE m.agency = w.agency AND m.message_id = w.message_id
            ON CONFLICT DO NOTHING;
            IF FOUND THEN
                PERFORM pg_notify('message', '');
            END IF;
            PERFORM mash.letter_again(w.letter_id);
            RETURN QUERY SELECT w.said, false;
        END LOOP;

        DELETE FROM mash.unsettled u WHERE u.idx = ANY (ARRAY(SELECT unnest(v_list) EXCEPT SELECT unnest(v_open)));
        INSERT INTO mash.unsettled (idx) SELECT i FROM unnest(v_open) i WHERE i >= r.size ON CONFLICT DO NOTHING;
        UPDATE mash.reconciled x
           SET size = v_to, listed = CASE WHEN more AND v_list <> '{}' THEN v_list[p_step] ELSE -1 END
         WHERE x.size <> v_to OR x.listed >= 0 OR more;
        IF more THEN
            RETURN QUERY SELECT NULL::text, true;
        END IF;
    END
    $$;

-- Called by mash-hub when it starts and every hour: a step, and the next a second later while there is more.
CREATE OR REPLACE FUNCTION door.hub_reconcile(p_step bigint DEFAULT 2000) RETURNS TABLE (sentence text, more boolean)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT r.sentence, r.more FROM mash.reconcile(p_step) r $$;

REVOKE ALL ON FUNCTION mash.ledger_check(), siro.ledger_check(), door.hub_reconcile(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION siro.ledger_check() TO mash_siro;
GRANT EXECUTE ON FUNCTION door.hub_reconcile(bigint) TO mash_hub;
