-- The doors of the owner's choices, and of what puts one, or a gateway, in force. mash_hub calls them. What counts is
-- in 16_choice.sql.

-- ---- what was chosen --------------------------------------------------------------------------------

-- For the hub, which compares each leaf's text; newest first. The newest word of every class, and of all, on every message
-- that is akin to one of the enquiry's, and by what it is. Each tie is followed once, for an agency's system may update
-- one reference a thousand times.
CREATE OR REPLACE FUNCTION door.hub_choices(p_enquiry uuid) RETURNS TABLE (owner text, of uuid, ties text, leaf text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH tie AS (
            SELECT DISTINCT ON (i.owner, t.tie) i.owner, i.message_id
              FROM (SELECT DISTINCT x.owner, x.message_id FROM mash.item x WHERE x.enquiry_id = p_enquiry) i
             CROSS JOIN LATERAL string_to_table(mash.ties(i.owner, i.message_id), '+') AS t (tie)
             ORDER BY i.owner, t.tie
        ), kin AS (
            SELECT DISTINCT t.owner, k.id FROM tie t CROSS JOIN LATERAL mash.akin(t.owner, t.message_id) AS k (id)
        ), word AS (
            SELECT DISTINCT ON (c.owner, c.message_id, c.class) c.*
              FROM kin k
             CROSS JOIN LATERAL (SELECT x.* FROM mash.choice x WHERE x.message_id = k.id AND x.owner = k.owner OFFSET 0) c
             ORDER BY c.owner, c.message_id, c.class, c.chosen_at DESC, c.idx DESC
        )
        SELECT w.owner, w.message_id, mash.ties(w.owner, w.message_id), convert_from(w.body, 'UTF8')
          FROM word w
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

-- What a choice would change, class by class: whether it shows more than what counts now, whether it shows less than what
-- the owner wants of that message by itself, and when the newest of what counts was chosen.
CREATE OR REPLACE FUNCTION mash.choice_change(p_owner text, p_of uuid, p_class text, p_tier text, p_held boolean)
    RETURNS TABLE (wider boolean, narrower boolean, newest timestamptz)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH item AS MATERIALIZED (
            SELECT i.class, i.tier FROM mash.item i WHERE i.owner = p_owner AND i.message_id = p_of
        )
        SELECT NOT p_held AND (w.held OR mash.tier_strictest(ARRAY[w.tier, p_tier], t.default_tier) IS DISTINCT FROM p_tier),
               NOT coalesce((w.own).held, false)
               AND (p_held OR mash.tier_strictest(ARRAY[w.base, p_tier], t.default_tier) IS DISTINCT FROM w.base),
               w.newest
          FROM (SELECT i.class, i.tier FROM item i
                UNION ALL
                SELECT c.class, NULL FROM mash.info_class c WHERE NOT EXISTS (SELECT FROM item)) i
          JOIN mash.info_class t USING (class)
         CROSS JOIN LATERAL mash.choice_will(p_owner, p_of, i.class, i.tier, 'infinity') w
         WHERE p_class IS NULL OR i.class = p_class
    $$;

-- From when a choice counts. What shows less counts from its arrival, after all that counts already, whatever the clock of
-- its desk says. What only shows more counts from when it was chosen, by a clock that runs ahead from now, and is refused
-- where a newer word counts: its owner is told rather than thinking it done.
CREATE OR REPLACE FUNCTION mash.choice_from(p_owner text, p_of uuid, p_class text, p_tier text, p_held boolean,
                                            p_chosen timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v record;
    BEGIN
        SELECT bool_or(c.wider) AS wider, bool_or(c.narrower) AS narrower, max(c.newest) AS newest,
               bool_or(c.wider AND p_chosen < c.newest) AS older
          INTO v
          FROM mash.choice_change(p_owner, p_of, p_class, p_tier, p_held) c;
        IF v.older THEN
            PERFORM mash.refuse('choice_older');
        END IF;
        RETURN CASE WHEN v.wider AND NOT v.narrower THEN least(p_chosen, mash.hub_now())
                    ELSE greatest(mash.hub_now(), v.newest) END;
    END
    $$;

-- An owner's word on its own earlier message, a correction among them, under that message's id or the one under which the
-- hub put it through. All that a correction says is of its class, and is chosen for that. p_keys: whose endorsements the
-- hub found good.
CREATE OR REPLACE FUNCTION door.hub_choice(p_agency text, p_message uuid, p_of uuid, p_class text, p_tier text,
                                           p_held boolean, p_reason text, p_review date, p_chosen timestamptz,
                                           p_keys text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_of    uuid := coalesce((SELECT d.message_id FROM mash.message_mended d
                                   WHERE d.agency = p_agency AND d.original_id = p_of
                                   ORDER BY d.at DESC LIMIT 1), p_of);
        v_class text := coalesce(p_class, (SELECT t.class FROM mash.taken_back t
                                            WHERE t.owner = p_agency AND t.message_id = v_of));
        v_from  timestamptz;
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.message m
                        WHERE m.agency = p_agency AND m.message_id = v_of
                          AND m.content IN ('referral', 'answer', 'correction')) THEN
            PERFORM mash.refuse('not_found');
        ELSIF NOT EXISTS (SELECT FROM mash.item i WHERE i.owner = p_agency AND i.message_id = v_of) THEN
            IF EXISTS (SELECT FROM mash.taken_back t WHERE t.owner = p_agency AND t.message_id = v_of) THEN
                PERFORM mash.refuse('not_found'); -- it only withdrew
            END IF;
        ELSIF v_class IS NOT NULL
              AND NOT EXISTS (SELECT FROM mash.item i
                               WHERE i.owner = p_agency AND i.message_id = v_of AND i.class = v_class) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        IF p_tier = 'silent' AND NOT mash.term_in_force('silent_tier') THEN
            PERFORM mash.refuse('tier_not_agreed');
        ELSIF (p_tier = 'silent' OR p_held) AND coalesce(cardinality(string_to_array(p_keys, '+')), 0) < 2 THEN
            PERFORM mash.refuse('unendorsed');
        END IF;
        v_from := mash.choice_from(p_agency, v_of, v_class, p_tier, p_held, p_chosen);
        PERFORM mash.word_done(p_agency, p_message, 'choice', ARRAY[p_agency], 'of', v_of::text, 'class', v_class,
                               'tier', p_tier, 'held', CASE WHEN p_held THEN 'yes' ELSE 'no' END, 'reason', p_reason,
                               'review_on', p_review::text, 'chosen_at', mash.rfc3339(v_from), 'keys', p_keys);
        PERFORM mash.choice_settles(p_agency, p_message, v_of, v_class);
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_choices(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_origin(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_choice(text, uuid, uuid, text, text, boolean, text, date, timestamptz, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_term(text, text, date, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_terms() TO mash_hub;
