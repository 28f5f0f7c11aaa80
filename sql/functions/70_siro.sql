-- The SIRO's windows: views that she opens in psql with her own role, siro_<agency>. Each look is recorded
-- in the ledger before the first row returns, by a second connection that commits for itself: it survives
-- her ROLLBACK and works in a READ ONLY transaction. If it cannot be recorded, there are no rows (R14, R25).

-- Called by siro.look through mash.look's connection only: role mash_look, which may do nothing else.
CREATE OR REPLACE FUNCTION door.look_record(p_siro text, p_view text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.record('look', (SELECT array_agg(a.agency ORDER BY a.agency) FROM mash.agency a
                                      JOIN pg_roles r ON r.rolname = 'siro_' || translate(a.agency, '-', '_')
                                     WHERE pg_has_role(p_siro, r.oid, 'member')),
                            p_siro, NULL, 'view', p_view);
    END
    $$;

-- Called by the functions below. A SIRO who belongs to no agency, and anybody else, is turned away.
CREATE OR REPLACE FUNCTION siro.look(p_view text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_link constant text := 'mash_look';
    BEGIN
        IF mash.siro_agencies() = '{}' THEN
            RAISE EXCEPTION 'these views are for the SIROs of agencies' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NOT v_link = ANY (coalesce(link.dblink_get_connections(), '{}')) THEN
            PERFORM link.dblink_connect(v_link, 'mash_self');
        END IF;
        PERFORM FROM link.dblink(v_link, format('SELECT 1 FROM door.look_record(%L, %L)', session_user, p_view))
                     AS done (one integer);
        PERFORM link.dblink_disconnect(v_link);
    END
    $$;

-- Every act that concerns her agency's information. What the act was on is an id; its details are in the leaf,
-- which `mash-verify` proves and her own adapter keeps.
CREATE OR REPLACE FUNCTION siro.acts_now()
    RETURNS TABLE (leaf bigint, at timestamptz, act text, actor text, subject uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('acts');
        RETURN QUERY SELECT l.idx, l.at, l.act, l.actor, l.subject FROM mash.siro_leaf l ORDER BY l.idx;
    END
    $$;

-- What her agency sent, and the enquiry it went to. mended_by: the hub put it through under a new id, instead
-- of the message mended_from; corrected: in the words of that member of staff, not in those her agency signed.
CREATE OR REPLACE FUNCTION siro.received_now()
    RETURNS TABLE (received_at timestamptz, message uuid, content text, lane text, enquiry text, treatment text,
                   mended_by text, mended_at timestamptz, mended_from uuid, corrected boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('received');
        RETURN QUERY
        SELECT m.received_at, m.message_id, m.content, m.lane, e.reference, em.treatment, d.staff, d.at, d.original_id,
               d.corrected
          FROM mash.message m
          LEFT JOIN mash.message_mended d ON d.agency = m.agency AND d.message_id = m.message_id
          LEFT JOIN mash.enquiry_message em ON em.agency = m.agency AND em.message_id = m.message_id
          LEFT JOIN mash.enquiry e ON e.enquiry_id = em.enquiry_id
         ORDER BY m.received_at, m.message_id;
    END
    $$;

-- Her agency's items inside the hub, and who has seen each of them there: in its enquiry, or in a product
-- with both versions.
CREATE OR REPLACE FUNCTION siro.revealed_now()
    RETURNS TABLE (arrived_at timestamptz, item uuid, class text, tier text, enquiry text, read_by text[], last_read timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('revealed');
        RETURN QUERY
        SELECT i.arrived_at, i.item_id, i.class, i.tier, e.reference, v.who, v.latest
          FROM mash.item i
          JOIN mash.enquiry e ON e.enquiry_id = i.enquiry_id
         CROSS JOIN LATERAL (SELECT array_agg(DISTINCT l.actor ORDER BY l.actor) AS who, max(l.at) AS latest
                               FROM mash.siro_leaf l
                              WHERE l.act = 'view' AND l.at >= i.arrived_at
                                AND l.subject = ANY (ARRAY(SELECT c.product_id FROM mash.cut c WHERE c.item_id = i.item_id)
                                                     || i.enquiry_id)) v
         ORDER BY i.arrived_at, i.item_id;
    END
    $$;

-- What left of her agency's items: to whom, for what, in which form, by which of her own rules.
CREATE OR REPLACE FUNCTION siro.shared_now()
    RETURNS TABLE (released_at timestamptz, product uuid, recipient text, purpose text, gateway text, released_by text,
                   item uuid, class text, shown text, rule text, delivered_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('shared');
        RETURN QUERY
        SELECT p.released_at, p.product_id, p.recipient, p.purpose, p.gateway, p.released_by, c.item_id, c.class, c.verdict,
               mash.rule_text(c.rule_version, c.rule_line), r.received_at
          FROM mash.cut c
          JOIN mash.product p ON p.product_id = c.product_id
          LEFT JOIN mash.receipt r ON r.letter_id = p.letter_id AND r.outcome = 'delivered'
         WHERE c.verdict NOT IN ('signpost', 'silent')
         ORDER BY p.released_at, c.item_id;
    END
    $$;

-- What did not: silent leaves no trace outside, signpost tells the recipient whom to ask.
CREATE OR REPLACE FUNCTION siro.withheld_now()
    RETURNS TABLE (released_at timestamptz, product uuid, recipient text, purpose text, item uuid, class text, form text,
                   rule text, reason text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('withheld');
        RETURN QUERY
        SELECT p.released_at, p.product_id, p.recipient, p.purpose, c.item_id, c.class, c.verdict,
               mash.rule_text(c.rule_version, c.rule_line), c.reason
          FROM mash.cut c
          JOIN mash.product p ON p.product_id = c.product_id
         WHERE c.verdict IN ('signpost', 'silent')
         ORDER BY p.released_at, c.item_id;
    END
    $$;

-- Who read something of her agency's inside the hub, and when. The enquiry shows where it is one, or a product's.
CREATE OR REPLACE FUNCTION siro.reads_now()
    RETURNS TABLE (leaf bigint, at timestamptz, reader text, enquiry text, subject uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('reads');
        RETURN QUERY
        SELECT l.idx, l.at, l.actor, e.reference, l.subject
          FROM mash.siro_leaf l
          LEFT JOIN mash.product p ON p.product_id = l.subject
          LEFT JOIN mash.enquiry e ON e.enquiry_id = coalesce(p.enquiry_id, l.subject)
         WHERE l.act = 'view'
         ORDER BY l.idx;
    END
    $$;

-- Her own looks, and those of everybody else who looks for her agency.
CREATE OR REPLACE FUNCTION siro.looks_now() RETURNS TABLE (leaf bigint, at timestamptz, siro text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('looks');
        RETURN QUERY SELECT l.idx, l.at, l.actor FROM mash.siro_leaf l WHERE l.act = 'look' ORDER BY l.idx;
    END
    $$;

-- What her agency owes to others by a time, or owed, and to whom it climbed.
CREATE OR REPLACE FUNCTION siro.deadlines_now()
    RETURNS TABLE (kind text, subject uuid, set_at timestamptz, due_at timestamptz, met_at timestamptz, climbed_to text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('deadlines');
        RETURN QUERY
        SELECT d.kind, d.subject, d.set_at, d.due_at, m.met_at,
               mash.climbed_to(d.kind, d.subject, d.holder)
          FROM mash.deadline d
          LEFT JOIN mash.deadline_met m ON m.kind = d.kind AND m.subject = d.subject AND m.holder = d.holder
         ORDER BY d.due_at, d.kind, d.subject;
    END
    $$;

-- Signposts that her agency's professionals followed, and those that led to it.
CREATE OR REPLACE FUNCTION siro.signposts_now()
    RETURNS TABLE (asked_at timestamptz, question uuid, product uuid, asker text, owner text, answer_by timestamptz,
                   state text, replied_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('signposts');
        RETURN QUERY
        SELECT s.asked_at, s.question_id, s.product_id, s.asker, s.owner, s.answer_by, s.state, s.replied_at
          FROM mash.signpost s
         ORDER BY s.asked_at, s.question_id;
    END
    $$;

-- What her agency took back, and what it received that was taken back; who has confirmed.
CREATE OR REPLACE FUNCTION siro.recalls_now()
    RETURNS TABLE (told_at timestamptz, recall uuid, product uuid, owner text, recipient text, class text, kind text,
                   confirm_by timestamptz, confirmed_at timestamptz, done text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('recalls');
        RETURN QUERY
        SELECT r.told_at, r.recall_id, r.product_id, r.owner, r.agency, r.class, r.kind, r.confirm_by, c.at, c.done
          FROM mash.recall r
          LEFT JOIN mash.confirmation c USING (recall_id)
         ORDER BY r.told_at, r.recall_id;
    END
    $$;

-- What her agency was told about its referrals.
CREATE OR REPLACE FUNCTION siro.notices_now() RETURNS TABLE (at timestamptz, notice uuid, message uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('notices');
        RETURN QUERY SELECT n.at, n.notice_id, n.message_id FROM mash.notice n ORDER BY n.at, n.notice_id;
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA siro FROM PUBLIC;
REVOKE ALL ON FUNCTION door.look_record(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.look_record(text, text) TO mash_look;
GRANT EXECUTE ON FUNCTION siro.look(text) TO mash_siro_reader;

-- The functions belong to the reader, who is under the policies of 0008_siro.sql; the views to nobody
-- with rights of their own: security_invoker, so that a view never shows what its function would not.
DO $$
DECLARE
    v text;
BEGIN
    FOREACH v IN ARRAY ARRAY['acts', 'received', 'revealed', 'shared', 'withheld', 'reads', 'looks', 'deadlines', 'signposts', 'recalls',
                           'notices'] LOOP
        EXECUTE format('ALTER FUNCTION siro.%I() OWNER TO mash_siro_reader', v || '_now');
        EXECUTE format('GRANT EXECUTE ON FUNCTION siro.%I() TO mash_siro', v || '_now');
        EXECUTE format('CREATE OR REPLACE VIEW siro.%I WITH (security_invoker = true) AS SELECT * FROM siro.%I()', v, v || '_now');
        EXECUTE format('GRANT SELECT ON siro.%I TO mash_siro', v);
    END LOOP;
END
$$;
