-- What counts of owners' choices, and what must be in force before one, or a gateway, counts. All of it is read
-- from the ledger: the leaf of the act is the row. The doors are in 57_choice.sql.

-- ---- what was chosen --------------------------------------------------------------------------------

-- Every choice there is. class NULL: all that the message says; tier NULL: the class's default.
CREATE OR REPLACE VIEW mash.choice AS
    SELECT l.idx, l.at, l.agencies[1] AS owner, l.subject AS choice_id,
           encode(substring(l.body FROM nullif(position('\x0a6f6620'::bytea IN l.body), 0) + 4 FOR 36), 'escape')::uuid
               AS message_id,
           mash.leaf_says(l.body, 'class') AS class, mash.leaf_says(l.body, 'tier') AS tier,
           mash.leaf_says(l.body, 'held') IS NOT DISTINCT FROM 'yes' AS held,
           mash.leaf_says(l.body, 'reason') AS reason, mash.leaf_says(l.body, 'review_on')::date AS review_on,
           mash.leaf_says(l.body, 'chosen_at')::timestamptz AS chosen_at,
           string_to_array(mash.leaf_says(l.body, 'keys'), '+') AS keys, l.body
      FROM mash.ledger_leaf l
     WHERE l.act = 'choice' AND l.idx < (SELECT h.size FROM mash.ledger_head h);
COMMENT ON VIEW mash.choice IS 'What owners chose for what they had said, from the leaves; the newest by chosen_at counts.';

-- The messages that came under one native reference with this one: an update, what it replaces, what only came again;
-- itself among them.
CREATE OR REPLACE FUNCTION mash.akin(p_owner text, p_message uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE ROWS 2 SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT p_message
         UNION
        SELECT k.message_id
          FROM mash.native_reference n
          JOIN mash.native_reference k USING (agency, reference)
         WHERE n.agency = p_owner AND n.message_id = p_message
    $$;

-- What counts for an item, as it was at that time, of its class or of all that its message says. own: the newest
-- word on this message. inherited: the newest on another that is akin to it, if that is newer; it only narrows.
CREATE OR REPLACE FUNCTION mash.choice_of(p_owner text, p_message uuid, p_class text, p_at timestamptz)
    RETURNS TABLE (own mash.choice, inherited mash.choice)
    LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
        WITH word AS MATERIALIZED (
            SELECT c AS said, c.message_id = p_message AS own, c.chosen_at, c.idx
              FROM mash.akin(p_owner, p_message) k
              JOIN mash.choice c ON c.message_id = k
             WHERE c.owner = p_owner AND (c.class IS NULL OR c.class = p_class) AND c.at <= p_at
        )
        SELECT o.said, h.said
          FROM (SELECT) one
          LEFT JOIN LATERAL (SELECT w.* FROM word w WHERE w.own ORDER BY w.chosen_at DESC, w.idx DESC LIMIT 1) o ON true
          LEFT JOIN LATERAL (
              SELECT w.said
                FROM word w
               WHERE NOT w.own AND (o.idx IS NULL OR (w.chosen_at, w.idx) > (o.chosen_at, o.idx))
               ORDER BY w.chosen_at DESC, w.idx DESC
               LIMIT 1) h ON true
    $$;

-- The tier that shows no more than either does, in any case. NULL: the class's default. A class that is silent by
-- itself shows more than "sanitise" where a rule allows it and less where none does: both together are silence.
CREATE OR REPLACE FUNCTION mash.tier_stricter(p_one text, p_other text, p_default text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p_one IS NOT DISTINCT FROM p_other THEN p_one
                WHEN p_default = 'silent' AND (p_one IS NULL OR p_other IS NULL)
                THEN CASE WHEN coalesce(p_one, p_other) <> 'share' THEN 'silent' END
                WHEN 'silent' IN (p_one, p_other) THEN 'silent'
                WHEN 'signpost' IN (p_one, p_other) THEN 'signpost'
                WHEN 'sanitise' IN (p_one, p_other) THEN 'sanitise'
                ELSE 'share' END;

-- What staff may know an item's class by: nothing, once its owner holds it at source.
CREATE OR REPLACE FUNCTION mash.class_shown(p_owner text, p_message uuid, p_class text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN NOT coalesce((k.own).held, false) AND NOT coalesce((k.inherited).held, false) THEN p_class END
          FROM mash.choice_of(p_owner, p_message, p_class, 'infinity') k
    $$;

-- ---- what is in force -------------------------------------------------------------------------------

-- The day on which a term or a policy begins and an owner's word ends.
CREATE OR REPLACE FUNCTION mash.today() RETURNS date
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (mash.hub_now() AT TIME ZONE 'Europe/London')::date $$;

-- From which day on a term is in force, as it was entered last; NULL: not at all.
CREATE OR REPLACE FUNCTION mash.term_from(p_term text) RETURNS date
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.leaf_says(l.body, 'from')::date
          FROM mash.ledger_leaf l
         WHERE l.subject = mash.register_subject('term ' || p_term) AND l.act = 'term'
           AND mash.leaf_says(l.body, 'term') = p_term AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx DESC
         LIMIT 1
    $$;

CREATE OR REPLACE FUNCTION mash.term_in_force(p_term text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(mash.term_from(p_term) <= mash.today(), false) $$;

-- Every gateway, dated: law that is not commenced is inactive, whoever asks for it.
CREATE OR REPLACE VIEW mash.gateway AS
    SELECT g.code AS gateway, g.meaning,
           CASE g.code WHEN 'ca2004_s16la' THEN mash.term_from(g.code) ELSE '-infinity'::date END AS in_force_from
      FROM mash.code_list g
     WHERE g.list = 'gateway';
COMMENT ON VIEW mash.gateway IS 'in_force_from NULL: inactive until its commencement is entered.';

-- Called by the doors that check, decide and share.
CREATE OR REPLACE FUNCTION mash.gateway_need(p_gateway text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF p_gateway = 'ca2004_s16la' AND NOT mash.term_in_force(p_gateway) THEN
            PERFORM mash.refuse('gateway_inactive');
        END IF;
    END
    $$;
