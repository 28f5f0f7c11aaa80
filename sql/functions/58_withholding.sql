-- The withholding register: every item that a release kept back, why, by whose decision, and when that is looked at
-- again; what owners still have to decide; and how often sharing was refused, by reason. Ids, codes and counts.

-- ---- an item's tier ---------------------------------------------------------------------------------

-- As it was at that time, and who set it: its owner's choice (chosen_for: of this message, or of one that is akin to it),
-- what was sent with it, or its class. A day to look again stands beside every one that keeps it in: the owner's own, the
-- clock of what is undecided since the owner's last word, that of what an adapter sent as silent and nobody endorsed. What
-- was sent as silent and is so by its class waits for its owner's choice.
CREATE OR REPLACE FUNCTION mash.tier_at(i mash.item, p_at timestamptz)
    RETURNS TABLE (tier text, set_by text, held boolean, keeps boolean, refusal text, decider text, review_on date, leaf bigint,
                   chosen_for uuid)
    LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT e.tier, e.set_by, e.held, e.held OR e.tier IN ('signpost', 'silent'),
               CASE WHEN e.set_by = 'choice' THEN (w.word).reason END,
               CASE e.set_by WHEN 'choice' THEN 'owner' || coalesce(': ' || array_to_string((w.word).keys, '+'), '')
                             WHEN 'sent' THEN 'owner: as first sent'
                             ELSE 'class default' END,
               CASE WHEN e.set_by = 'choice' THEN (w.word).review_on
                    WHEN e.tier <> 'silent' THEN NULL
                    WHEN e.set_by = 'sent'
                    THEN (i.arrived_at + make_interval(days => mash.setting_number('unendorsed_days')::integer))::date
                    ELSE mash.working_days_after(greatest(i.arrived_at, w.last),
                                                 mash.setting_number('undecided_days')::integer)::date END,
               (w.word).idx, CASE WHEN e.set_by = 'choice' THEN (w.word).message_id END
          FROM mash.info_class t
         CROSS JOIN LATERAL mash.choice_will(i.owner, i.message_id, i.class,
                CASE WHEN i.tier IS DISTINCT FROM 'silent' OR t.default_tier <> 'silent' THEN i.tier END, p_at) w
         CROSS JOIN LATERAL (SELECT coalesce(w.tier, t.default_tier) AS tier, w.held,
                                    CASE WHEN w.held OR (w.word).tier = w.tier THEN 'choice'
                                         WHEN (w.own).idx IS NULL AND w.base = w.tier THEN 'sent' ELSE 'class' END AS set_by) e
         WHERE t.class = i.class
    $$;

-- What nobody outside may know of: by its owner's choice, as it was sent, or by its class until its owner decides.
CREATE OR REPLACE VIEW mash.silent AS
    SELECT i.item_id, i.owner, i.message_id, i.class, i.enquiry_id, i.arrived_at, s.set_by, s.held, s.refusal, s.decider,
           s.review_on, s.chosen_for
      FROM mash.item i
     CROSS JOIN LATERAL mash.tier_at(i, 'infinity') s
     WHERE s.held OR s.tier = 'silent';

-- ---- what owners owe --------------------------------------------------------------------------------

-- Called by door.hub_take for what has just become items: a decision on what the class alone withholds without a
-- signpost, and two people's endorsement of what an adapter sent as silent. Meanwhile both stay in.
CREATE OR REPLACE FUNCTION mash.choices_owed(i_id uuid[], i_class text[], i_tier text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_silent uuid[] := ARRAY(
            SELECT i.id FROM unnest(i_id, i_class, i_tier) AS i (id, class, tier) JOIN mash.info_class t USING (class)
             WHERE coalesce(i.tier, t.default_tier) = 'silent');
    BEGIN
        IF cardinality(v_silent) = 0 THEN
            RETURN;
        END IF;
        PERFORM CASE s.set_by
                WHEN 'class' THEN mash.deadline_set('choice', s.item_id, s.owner, s.enquiry_id,
                    mash.working_days_after(s.arrived_at, mash.setting_number('undecided_days')::integer))
                WHEN 'sent' THEN mash.deadline_set('review', s.item_id, s.owner, s.enquiry_id,
                    s.arrived_at + make_interval(days => mash.setting_number('unendorsed_days')::integer)) END
           FROM mash.silent s
          WHERE s.item_id = ANY (v_silent);
    END
    $$;

-- What its owner has not decided on yet.
CREATE OR REPLACE VIEW mash.undecided AS
    SELECT s.item_id, s.owner, s.message_id, s.class, s.enquiry_id, s.arrived_at, s.review_on AS decide_by
      FROM mash.silent s
     WHERE s.set_by = 'class';

-- Called by door.hub_choice after its leaf: what the word decides, here and in what is akin, is not owed any more, and it
-- is looked at again on its day. A word that leaves the class's default owes a decision again.
CREATE OR REPLACE FUNCTION mash.choice_settles(p_owner text, p_choice uuid, p_of uuid, p_class text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_enquiry uuid := (SELECT m.enquiry_id FROM mash.enquiry_message m WHERE m.agency = p_owner AND m.message_id = p_of);
        v_akin    uuid[] := ARRAY(SELECT mash.akin(p_owner, p_of));
        v_word    mash.choice;
    BEGIN
        SELECT (k.own).* INTO v_word FROM mash.choice_of(p_owner, p_of, p_class, 'infinity') k;
        IF v_word.choice_id <> p_choice THEN
            RETURN; -- a later word of the owner came before it
        END IF;
        PERFORM mash.deadline_meet(s.kind, s.subject, p_owner)
           FROM (SELECT k.kind, i.item_id AS subject
                   FROM mash.item i
                  CROSS JOIN (VALUES ('choice'), ('review')) AS k (kind)
                  WHERE i.owner = p_owner AND i.message_id = ANY (v_akin) AND (p_class IS NULL OR i.class = p_class)
                    AND (k.kind = 'choice' OR i.message_id = p_of
                         OR EXISTS (SELECT FROM mash.deadline_todo d WHERE d.kind = 'review' AND d.subject = i.item_id)
                            AND (SELECT t.leaf FROM mash.tier_at(i, 'infinity') t) = v_word.idx)
                 UNION ALL
                 SELECT k.kind, c.choice_id
                   FROM mash.choice c
                  CROSS JOIN (VALUES ('choice'), ('review')) AS k (kind)
                  WHERE c.owner = p_owner AND c.message_id = ANY (v_akin) AND (p_class IS NULL OR c.class = p_class)
                    AND (k.kind = 'choice' OR c.message_id = p_of)
                    AND c.choice_id <> p_choice AND c.chosen_at <= v_word.chosen_at) s;
        IF v_word.review_on IS NOT NULL THEN
            PERFORM mash.deadline_set('review', p_choice, p_owner, v_enquiry,
                                      (v_word.review_on + 1)::timestamp AT TIME ZONE 'Europe/London');
        END IF;
        IF EXISTS (SELECT FROM mash.undecided u
                    WHERE u.owner = p_owner AND u.message_id = ANY (v_akin) AND (p_class IS NULL OR u.class = p_class)) THEN
            PERFORM mash.deadline_set('choice', p_choice, p_owner, v_enquiry,
                                      mash.working_days_after(mash.hub_now(), mash.setting_number('undecided_days')::integer));
        END IF;
    END
    $$;

-- ---- the register -----------------------------------------------------------------------------------

-- Who kept an item in where neither its tier nor a rule did, by what the release room noted beside the cut.
CREATE OR REPLACE FUNCTION mash.kept_by(p_kept text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE coalesce(p_kept, '') WHEN ''         THEN 'owner: no rule'
                                         WHEN 'held'     THEN 'owner: held at source'
                                         WHEN 'replaced' THEN 'owner: a later message'
                                         WHEN 'own'      THEN 'hub: the recipient has it'
                                         WHEN 'too_large' THEN 'hub: too much for one letter'
                                         ELSE 'hub: safety net' END
    $$;

-- refusal: the owner's reason from the list; why: the sentence of the day. The decision is that of the release's day.
CREATE OR REPLACE VIEW mash.withholding AS
    SELECT w.*, NOT w.chosen_since AND w.review_on < mash.today() AS late
      FROM (SELECT p.product_id, p.released_at, p.enquiry_id, p.recipient, p.purpose, c.owner, c.item_id, c.class,
                   c.verdict AS form, s.held, CASE WHEN s.keeps THEN s.refusal END AS refusal, c.reason AS why,
                   CASE WHEN s.keeps AND s.set_by <> 'class' THEN s.decider
                        WHEN mash.rule_text(c.rule_version, c.rule_line) IS NOT NULL
                        THEN 'rule: ' || mash.rule_text(c.rule_version, c.rule_line)
                        WHEN s.tier = 'silent' AND mash.kept_by(c.kept) = 'owner: no rule' THEN s.decider
                        ELSE mash.kept_by(c.kept) END AS decider,
                   coalesce(CASE WHEN s.keeps AND s.set_by <> 'class' THEN s.review_on END, r.valid_until, s.review_on,
                            (p.released_at + make_interval(days => mash.setting_number('review_days')::integer))::date) AS review_on,
                   n.leaf IS DISTINCT FROM s.leaf AS chosen_since, CASE WHEN s.keeps THEN s.chosen_for END AS chosen_for
              FROM mash.cut c
              JOIN mash.product p USING (product_id)
              JOIN mash.item i USING (item_id)
             CROSS JOIN LATERAL mash.tier_at(i, p.released_at) s
             CROSS JOIN LATERAL mash.tier_at(i, 'infinity') n
              LEFT JOIN mash.policy_rule r ON r.owner = c.owner AND r.version = c.rule_version AND r.line = c.rule_line
             WHERE c.verdict IN ('signpost', 'silent')) w;
COMMENT ON VIEW mash.withholding IS 'Every withheld item of every release, with its reason, its decider and the day on which that is looked at again.';

-- Fewer than five could be one family that somebody knows.
CREATE OR REPLACE FUNCTION mash.few(p_count bigint) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT CASE WHEN p_count < 5 THEN '<5' ELSE p_count::text END $$;

-- Refusals of sharing: of whom, in which act, for which reason. No content, no refusal of paperwork of what comes in, and
-- no slip of whoever asked: a wrong argument, no gateway, a claim that ran out keep nothing from anybody.
-- Its condition is the one of the index ledger_row_sharing: "outcome refused", "command share", "command emergency".
CREATE OR REPLACE VIEW mash.sharing_refused AS
    SELECT l.at, CASE WHEN l.act <> 'refuse' THEN l.agencies[1] END AS agency,
           CASE l.act WHEN 'refuse' THEN mash.leaf_says(l.body, 'command') ELSE l.act END AS act,
           mash.leaf_says(l.body, 'reason') AS reason
      FROM mash.ledger_leaf l
     WHERE (l.act IN ('authorisation', 'choice', 'signpost_reply')
            OR l.act = 'answer' AND position('\x0a6f7574636f6d6520726566757365640a'::bytea IN l.body) > 0
            OR l.act = 'refuse'
               AND (position('\x0a636f6d6d616e642073686172650a'::bytea IN l.body) > 0
                    OR position('\x0a636f6d6d616e6420656d657267656e63790a'::bytea IN l.body) > 0))
       AND mash.leaf_says(l.body, 'reason') IS NOT NULL
       AND (l.act <> 'refuse' OR mash.leaf_says(l.body, 'reason') IN
            ('nothing_to_share', 'too_large', 'key_unknown', 'gateway_inactive', 'hub_failed'))
       AND l.idx < (SELECT h.size FROM mash.ledger_head h);
COMMENT ON VIEW mash.sharing_refused IS 'agency NULL: the hub refused a share by itself. Else the owner refused, for a reason from the list refusal_reason.';

-- ---- for staff --------------------------------------------------------------------------------------

-- One enquiry's, for whoever works on it; the caller records the look (door.hub_view) in the same transaction.
CREATE OR REPLACE FUNCTION door.hub_withholding(p_enquiry uuid, p_late boolean, p_most bigint)
    RETURNS TABLE (released_at text, product uuid, recipient text, purpose text, owner text, item uuid, class text, form text,
                   reason text, decider text, review_on text, late boolean, chosen_for uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.rfc3339(w.released_at), w.product_id, w.recipient, w.purpose, w.owner, w.item_id,
               k.class, w.form, coalesce(w.refusal, w.why),
               CASE WHEN k.class IS NULL THEN mash.kept_by('held') ELSE w.decider END, w.review_on::text, w.late,
               CASE WHEN w.chosen_for <> i.message_id THEN w.chosen_for END
          FROM mash.withholding w
          JOIN mash.item i USING (item_id)
         CROSS JOIN LATERAL (SELECT mash.class_shown(w.owner, i.message_id, w.class) AS class) k
         WHERE w.enquiry_id = p_enquiry AND (NOT p_late OR w.late)
         ORDER BY w.released_at DESC, w.owner, w.item_id
         LIMIT p_most
    $$;

-- By agency, class and month. The hub is outside every agency: few are not counted to it.
CREATE OR REPLACE FUNCTION mash.register_need(p_staff text) RETURNS void
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.staff_need(p_staff, ARRAY['hub_manager', 'decision_maker', 'social_work_manager']) $$;

CREATE OR REPLACE FUNCTION door.hub_withholding_trend(p_staff text, p_agency text)
    RETURNS TABLE (month text, owner text, class text, form text, items text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.register_need(p_staff);
        RETURN QUERY
        SELECT to_char(w.released_at AT TIME ZONE 'Europe/London', 'YYYY-MM'), w.owner,
               coalesce(mash.class_shown(w.owner, i.message_id, w.class), 'held at source'), w.form, mash.few(count(*))
          FROM mash.withholding w
          JOIN mash.item i USING (item_id)
         WHERE p_agency IS NULL OR w.owner = p_agency
         GROUP BY 1, 2, 3, 4
         ORDER BY 1 DESC, 2, 3, 4;
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_refusals(p_staff text, p_agency text)
    RETURNS TABLE (month text, agency text, act text, reason text, meaning text, refused text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.register_need(p_staff);
        RETURN QUERY
        SELECT to_char(r.at AT TIME ZONE 'Europe/London', 'YYYY-MM'), coalesce(r.agency, 'hub'), r.act, r.reason,
               coalesce(c.meaning, s.sentence), CASE WHEN r.agency IS NULL THEN count(*)::text ELSE mash.few(count(*)) END
          FROM mash.sharing_refused r
          LEFT JOIN mash.code_list c ON c.list = 'refusal_reason' AND c.code = r.reason
          LEFT JOIN mash.reason s ON s.reason = r.reason
         WHERE p_agency IS NULL OR coalesce(r.agency, 'hub') = p_agency
         GROUP BY 1, r.agency, r.act, r.reason, c.meaning, s.sentence
         ORDER BY 1 DESC, 2, 3, 4;
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_withholding(uuid, boolean, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_withholding_trend(text, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_refusals(text, text) TO mash_hub;
