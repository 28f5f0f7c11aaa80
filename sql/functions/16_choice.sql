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

-- Every correction there is: the message that took something back, and from which one. class NULL: all of it. The index is
-- ledger_row_corrects (0013_contact.sql), which says the same to the letter.
CREATE OR REPLACE VIEW mash.taken_back AS
    SELECT l.idx, l.agencies[1] AS owner, l.subject AS message_id,
           split_part(encode(substring(l.body FROM nullif(position('\x0a636f72726563747320'::bytea IN l.body), 0) + 10 FOR 36), 'escape'),
                      E'\n', 1) AS corrects,
           mash.leaf_says(l.body, 'class') AS class
      FROM mash.ledger_leaf l
     WHERE l.act = 'correction' AND l.idx < (SELECT h.size FROM mash.ledger_head h);
COMMENT ON VIEW mash.taken_back IS 'What owners corrected or withdrew, from the leaves. mash.correction is a copy that nothing is decided by.';

-- What a correction corrects in the end; of anything else, itself.
CREATE OR REPLACE FUNCTION mash.said_first(p_owner text, p_message uuid) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH RECURSIVE said (id) AS (
            SELECT p_message
             UNION
            SELECT t.corrects::uuid FROM said s JOIN mash.taken_back t ON t.message_id = s.id AND t.owner = p_owner
        )
        SELECT s.id
          FROM said s
         WHERE NOT EXISTS (SELECT FROM mash.taken_back t WHERE t.message_id = s.id AND t.owner = p_owner)
    $$;

-- The first message that came under this one's reference, as its leaf says; of anything else, itself.
CREATE OR REPLACE FUNCTION mash.came_first(p_owner text, p_message uuid) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce((SELECT mash.leaf_says(l.body, 'first')::uuid
                           FROM mash.ledger_leaf l
                          WHERE l.subject = p_message AND l.act = 'process' AND l.agencies = ARRAY[p_owner]
                            AND l.idx < (SELECT h.size FROM mash.ledger_head h)
                          ORDER BY l.idx
                          LIMIT 1), p_message)
    $$;

-- What ties a message to others, joined by "+": the native reference of what was said first, and what came first under
-- that. Who share a tie are akin. The second is the leaf's word; the first is a row's, and can only add to it.
CREATE OR REPLACE FUNCTION mash.ties(p_owner text, p_message uuid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT concat_ws('+', (SELECT string_agg(encode(n.reference, 'hex'), '+')
                                 FROM mash.native_reference n
                                WHERE n.agency = p_owner AND n.message_id = f.id),
                         mash.came_first(p_owner, f.id))
          FROM (SELECT mash.said_first(p_owner, p_message)) AS f (id)
    $$;

-- The messages whose choices count for this one, itself among them: an update, what it replaces, what only came again,
-- and what corrects any of them.
CREATE OR REPLACE FUNCTION mash.akin(p_owner text, p_message uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE ROWS 2 SET search_path = pg_catalog, pg_temp
    AS $$
        WITH RECURSIVE kin (id) AS (
            SELECT f.id
              FROM (WITH one AS (SELECT x.id, mash.came_first(p_owner, x.id) AS first
                                   FROM (SELECT mash.said_first(p_owner, p_message)) AS x (id))
                    SELECT o.id FROM one o
                     UNION
                    SELECT o.first FROM one o
                     UNION
                    SELECT k.message_id FROM one o JOIN mash.again k ON k.first = o.first::text AND k.agency = p_owner
                     UNION
                    SELECT k.message_id
                      FROM one o
                      JOIN mash.native_reference n ON n.agency = p_owner AND n.message_id = o.id
                      JOIN mash.native_reference k USING (agency, reference)) f
             UNION
            SELECT t.message_id FROM kin JOIN mash.taken_back t ON t.corrects = kin.id::text AND t.owner = p_owner
        )
        SELECT k.id FROM kin k
    $$;

-- The tier that shows no more than any of them does, in any case. NULL: the class's default. A class that is silent by
-- itself shows more than "sanitise" where a rule allows it and less where none does: both together are silence.
CREATE OR REPLACE FUNCTION mash.tier_strictest(p_tiers text[], p_default text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN 'silent' = ANY (p_tiers) THEN 'silent'
                WHEN p_default = 'silent' AND array_position(p_tiers, NULL::text) IS NOT NULL
                THEN CASE WHEN p_tiers && '{sanitise,signpost}' THEN 'silent' END
                WHEN 'signpost' = ANY (p_tiers) THEN 'signpost'
                WHEN 'sanitise' = ANY (p_tiers) THEN 'sanitise'
                WHEN 'share' = ANY (p_tiers) THEN 'share' END;

-- What counts for an item, as it was at that time, of its class or of all that its message says. own: the newest word on
-- this message. inherited: the newest on each other that is akin to it, where that is newer than the own; newest first.
CREATE OR REPLACE FUNCTION mash.choice_of(p_owner text, p_message uuid, p_class text, p_at timestamptz)
    RETURNS TABLE (own mash.choice, inherited mash.choice[])
    LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
        WITH word AS MATERIALIZED (
            SELECT DISTINCT ON (c.message_id) c AS said, c.message_id = p_message AS own, c.chosen_at, c.idx
              FROM mash.akin(p_owner, p_message) k
              JOIN mash.choice c ON c.message_id = k
             WHERE c.owner = p_owner AND (c.class IS NULL OR c.class = p_class) AND c.at <= p_at
             ORDER BY c.message_id, c.chosen_at DESC, c.idx DESC
        )
        SELECT o.said, ARRAY(SELECT w.said
                               FROM word w
                              WHERE NOT w.own AND (o.idx IS NULL OR (w.chosen_at, w.idx) > (o.chosen_at, o.idx))
                              ORDER BY w.chosen_at DESC, w.idx DESC)
          FROM (SELECT) one
          LEFT JOIN word o ON o.own
    $$;

-- What the owner wants of an item that was sent with that tier: broker/hub/choices.c says the same. base: its own word on
-- this message, or what was sent; what is inherited only narrows that. word: the choice that says so, where one does.
CREATE OR REPLACE FUNCTION mash.choice_will(p_owner text, p_message uuid, p_class text, p_sent text, p_at timestamptz)
    RETURNS TABLE (own mash.choice, base text, tier text, held boolean, word mash.choice, newest timestamptz, last timestamptz)
    LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT k.own, b.base, n.tier, n.held,
               (SELECT w FROM unnest(b.words) w
                 WHERE CASE WHEN n.held THEN w.held ELSE w.tier IS NOT DISTINCT FROM n.tier END
                 ORDER BY w.chosen_at DESC, w.idx DESC LIMIT 1),
               (SELECT max(w.chosen_at) FROM unnest(b.words) w), (SELECT max(w.at) FROM unnest(b.words) w)
          FROM mash.choice_of(p_owner, p_message, p_class, p_at) k
         CROSS JOIN LATERAL (SELECT CASE WHEN (k.own).idx IS NULL THEN k.inherited ELSE k.inherited || k.own END AS words,
                                    CASE WHEN (k.own).idx IS NULL THEN p_sent ELSE (k.own).tier END AS base) b
         CROSS JOIN LATERAL (
             SELECT mash.tier_strictest(ARRAY(SELECT w.tier FROM unnest(k.inherited) w) || b.base,
                                        (SELECT t.default_tier FROM mash.info_class t WHERE t.class = p_class)) AS tier,
                    EXISTS (SELECT FROM unnest(b.words) w WHERE w.held) AS held) n
    $$;

-- Whether this owner ever held anything at source: "held yes" in a choice's leaf. Its condition is the one of the index
-- ledger_row_held. Most never do, and then no item of theirs need be asked about.
CREATE OR REPLACE FUNCTION mash.ever_held(p_owner text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM mash.ledger_leaf l
                        WHERE l.act = 'choice' AND position('\x0a68656c64207965730a'::bytea IN l.body) > 0
                          AND l.agencies[1] = p_owner)
    $$;

-- What staff may know an item's class by: nothing, once its owner holds it at source.
CREATE OR REPLACE FUNCTION mash.class_shown(p_owner text, p_message uuid, p_class text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN NOT mash.ever_held(p_owner) THEN p_class
                    ELSE (SELECT CASE WHEN NOT k.held THEN p_class END
                            FROM mash.choice_will(p_owner, p_message, p_class, NULL, 'infinity') k) END
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
