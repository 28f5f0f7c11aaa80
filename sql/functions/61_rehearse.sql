-- Trying a new text on what has left: what one owner's items were told of in every product since a day. Codes, days and
-- ids; nothing of another owner's, and nothing of what an item says. mash_hub calls it.

-- A page: the products after p_after (NULL: from the first), as many as have some p_most rows together, at least one.
-- products: how many there are in all; before: how many come before this page. holds: the rows are what the product's
-- leaf commits to. The look is recorded first, for the owner alone. A representative is here for her own agency.
CREATE OR REPLACE FUNCTION door.hub_policy_rehearse(p_staff text, p_owner text, p_digest bytea, p_since text, p_after uuid,
                                                    p_most bigint)
    RETURNS TABLE (product_id uuid, day text, recipient text, purpose text, rating text, emergency boolean, class text,
                   tier text, flags integer, kept text, verdict text, version integer, line integer, holds boolean,
                   products bigint, before bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager', 'representative']);
        IF mash.represents(p_staff) IS DISTINCT FROM p_owner THEN
            PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        END IF;
        PERFORM mash.record('view', ARRAY[p_owner], p_staff, mash.register_subject('policy ' || p_owner),
                            'what', 'rehearse', 'owner', p_owner, 'digest', encode(p_digest, 'hex'), 'since', p_since,
                            'after', p_after::text);
        RETURN QUERY
        WITH left_before AS MATERIALIZED (
            SELECT p.product_id, p.released_at, p.day, p.recipient, p.purpose, p.rating, p.decision_id IS NULL AS emergency,
                   count(*) AS items,
                   row_number() OVER (ORDER BY p.released_at, p.product_id) AS n
              FROM mash.product p
              JOIN mash.cut c ON c.product_id = p.product_id AND c.owner = p_owner
             WHERE (p.released_at AT TIME ZONE 'Europe/London')::date >= p_since::date
             GROUP BY p.product_id),
        page AS MATERIALIZED (
            SELECT b.*, sum(b.items) OVER (ORDER BY b.n) AS sum
              FROM left_before b
             WHERE b.n > coalesce((SELECT a.n FROM left_before a WHERE a.product_id = p_after), 0))
        SELECT g.product_id, to_char(coalesce(g.day, (g.released_at AT TIME ZONE 'Europe/London')::date), 'YYYY-MM-DD'),
               g.recipient, g.purpose, g.rating, g.emergency, mash.class_shown(c.owner, i.message_id, c.class), c.tier,
               c.summary::integer + 2 * c.prose::integer + 4 * c.authorised::integer + 8 * c.desk::integer, c.kept,
               c.verdict, c.rule_version, c.rule_line, h.holds, (SELECT count(*) FROM left_before), g.n - 1
          FROM page g
          CROSS JOIN LATERAL (
              SELECT (mash.leaf_says(l.leaf, 'cuts'), mash.leaf_says(l.leaf, 'recipient'), mash.leaf_says(l.leaf, 'purpose'),
                      mash.leaf_says(l.leaf, 'emergency') IS NOT NULL)
                     IS NOT DISTINCT FROM (encode(mash.cuts_digest(g.product_id), 'hex'), g.recipient, g.purpose, g.emergency)
                     AS holds
                FROM (SELECT mash.act_leaf(g.product_id, 'release') AS leaf) l) h
          JOIN mash.cut c ON c.product_id = g.product_id AND c.owner = p_owner
          LEFT JOIN mash.item i ON i.item_id = c.item_id
         WHERE g.sum - g.items < p_most
         ORDER BY g.n, c.class, c.item_id;
    END
    $$;
COMMENT ON FUNCTION door.hub_policy_rehearse(text, text, bytea, text, uuid, bigint) IS
    'p_digest: SHA-256 of the text that is tried; it stands in the leaf. flags: as mash.cuts_put takes them; NULL with kept: from before they were kept.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_policy_rehearse(text, text, bytea, text, uuid, bigint) TO mash_hub;
