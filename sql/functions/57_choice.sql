-- The doors of the owner's choices, and of what puts one, or a gateway, in force. mash_hub calls them. What counts is
-- in 16_choice.sql.

-- ---- what was chosen --------------------------------------------------------------------------------

-- For the hub, which compares each leaf's text; newest first. Of every message of the enquiry and every class the newest
-- word (`of` is that message), and the newest of what is akin to it, unless that is its own: as mash.choice_of. Asked
-- once for all messages of one reference, for an agency's system may update it a thousand times.
CREATE OR REPLACE FUNCTION door.hub_choices(p_enquiry uuid) RETURNS TABLE (owner text, message_id uuid, of uuid, leaf text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH here AS MATERIALIZED (
            SELECT DISTINCT i.owner, i.message_id, n.reference
              FROM mash.item i
              LEFT JOIN mash.native_reference n ON n.agency = i.owner AND n.message_id = i.message_id
             WHERE i.enquiry_id = p_enquiry
        ), own AS (
            SELECT DISTINCT ON (c.owner, c.message_id, c.class) c.message_id AS meant, c.*
              FROM here h
             CROSS JOIN LATERAL (SELECT x.* FROM mash.choice x
                                  WHERE x.message_id = h.message_id AND x.owner = h.owner OFFSET 0) c
             ORDER BY c.owner, c.message_id, c.class, c.chosen_at DESC, c.idx DESC
        ), akin AS (
            SELECT DISTINCT ON (c.owner, r.reference, c.class) r.reference, c.*
              FROM (SELECT DISTINCT h.owner, h.reference FROM here h) r
             CROSS JOIN LATERAL (SELECT y.message_id FROM mash.native_reference y
                                  WHERE y.agency = r.owner AND y.reference = r.reference OFFSET 0) n
             CROSS JOIN LATERAL (SELECT x.* FROM mash.choice x
                                  WHERE x.message_id = n.message_id AND x.owner = r.owner OFFSET 0) c
             ORDER BY c.owner, r.reference, c.class, c.chosen_at DESC, c.idx DESC
        )
        SELECT w.owner, w.meant, w.message_id, convert_from(w.body, 'UTF8')
          FROM (SELECT o.owner, o.meant, o.message_id, o.body, o.chosen_at, o.idx FROM own o
                UNION ALL
                SELECT k.owner, h.message_id, k.message_id, k.body, k.chosen_at, k.idx
                  FROM akin k
                  JOIN here h ON h.owner = k.owner AND h.reference = k.reference AND h.message_id <> k.message_id) w
         ORDER BY w.chosen_at DESC, w.idx DESC
    $$;

-- ---- what is in force -------------------------------------------------------------------------------

-- The hub manager enters what the partnership agreed or the law commenced: from when, and the document that says so.
CREATE OR REPLACE FUNCTION door.hub_term(p_staff text, p_term text, p_from date, p_source text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        IF NOT EXISTS (SELECT FROM mash.code_list l WHERE l.list = 'term' AND l.code = p_term) THEN
            PERFORM mash.refuse('argument_wrong');
        END IF;
        PERFORM mash.record('term', '{}', p_staff, mash.register_subject('term ' || p_term),
                            'term', p_term, 'from', p_from::text, 'source', p_source);
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_terms()
    RETURNS TABLE (term text, meaning text, in_force_from text, in_force boolean, source text, entered_by text, entered_at text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT t.code, t.meaning, mash.term_from(t.code)::text, mash.term_in_force(t.code),
               mash.leaf_says(l.body, 'source'), l.actor, mash.rfc3339(l.at)
          FROM mash.code_list t
          LEFT JOIN LATERAL (SELECT x.body, x.actor, x.at FROM mash.ledger_leaf x
                              WHERE x.subject = mash.register_subject('term ' || t.code) AND x.act = 'term'
                                AND x.idx < (SELECT h.size FROM mash.ledger_head h)
                              ORDER BY x.idx DESC LIMIT 1) l ON true
         WHERE t.list = 'term'
         ORDER BY t.code
    $$;

-- ---- choosing ---------------------------------------------------------------------------------------

-- The signed heads that may have brought a message; the hub verifies one of them again.
CREATE OR REPLACE FUNCTION door.hub_origin(p_agency text, p_message uuid)
    RETURNS TABLE (head bytea, signature bytea, origin_key text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT s.head, s.signature, s.origin_key
          FROM mash.message m
          JOIN mash.submission s ON s.agency = m.agency AND s.submission_id = m.submission_id
         WHERE m.agency = p_agency AND m.message_id = p_message
    $$;

-- An owner's word on its own earlier message, under that message's id or the one under which the hub put it through.
-- p_keys: whose endorsements the hub found good. A clock that runs ahead chooses now.
CREATE OR REPLACE FUNCTION door.hub_choice(p_agency text, p_message uuid, p_of uuid, p_class text, p_tier text,
                                           p_held boolean, p_reason text, p_review date, p_chosen timestamptz,
                                           p_keys text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_of uuid := coalesce((SELECT d.message_id FROM mash.message_mended d
                                WHERE d.agency = p_agency AND d.original_id = p_of
                                ORDER BY d.at DESC LIMIT 1), p_of);
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.message m
                        WHERE m.agency = p_agency AND m.message_id = v_of AND m.content IN ('referral', 'answer')) THEN
            PERFORM mash.refuse('not_found');
        ELSIF p_class IS NOT NULL
              AND EXISTS (SELECT FROM mash.item i WHERE i.owner = p_agency AND i.message_id = v_of)
              AND NOT EXISTS (SELECT FROM mash.item i
                               WHERE i.owner = p_agency AND i.message_id = v_of AND i.class = p_class) THEN
            PERFORM mash.refuse('not_found');
        ELSIF p_tier = 'silent' AND NOT mash.term_in_force('silent_tier') THEN
            PERFORM mash.refuse('tier_not_agreed');
        ELSIF (p_tier = 'silent' OR p_held) AND coalesce(cardinality(string_to_array(p_keys, '+')), 0) < 2 THEN
            PERFORM mash.refuse('unendorsed');
        END IF;
        PERFORM mash.word_done(p_agency, p_message, 'choice', ARRAY[p_agency], 'of', v_of::text, 'class', p_class,
                               'tier', p_tier, 'held', CASE WHEN p_held THEN 'yes' ELSE 'no' END, 'reason', p_reason,
                               'review_on', p_review::text,
                               'chosen_at', mash.rfc3339(least(p_chosen, mash.hub_now())), 'keys', p_keys);
        PERFORM mash.choice_settles(p_agency, p_message, v_of, p_class);
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_choices(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_origin(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_choice(text, uuid, uuid, text, text, boolean, text, date, timestamptz, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_term(text, text, date, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_terms() TO mash_hub;
