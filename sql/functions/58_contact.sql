-- What goes on after a product has left: signposts, corrections and their recalls, notices to
-- referrers. mash_hub calls these for a word that came in (broker/hub/word.h) or a decision that was made. Whom a
-- product went to, who asked whom and what an owner took back is read from the ledger's leaves within its size.

-- The first leaf of that act on that subject.
CREATE OR REPLACE FUNCTION mash.act_leaf(p_subject uuid, p_act text) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.body
          FROM mash.ledger_leaf l
         WHERE l.subject = p_subject AND l.act = p_act AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx
         LIMIT 1
    $$;

-- The child that a release was about: an emergency's leaf says so itself, any other's decision does.
CREATE OR REPLACE FUNCTION mash.release_person(p_leaf bytea) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(mash.leaf_says(p_leaf, 'person')::uuid,
                        mash.decided_on(mash.leaf_says(p_leaf, 'enquiry')::uuid, mash.leaf_says(p_leaf, 'decision')::uuid))
    $$;

-- Working days that an agency has, from now, by a setting.
CREATE OR REPLACE FUNCTION mash.due_in(p_setting text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.rfc3339(mash.working_days_after(mash.hub_now(), mash.setting_number(p_setting)::integer))
    $$;

-- ---- signposts -------------------------------------------------------------------------------------------

-- What a question stands on: nothing, unless the product went to the asker. The shared version is sealed; whether a
-- signpost stands in it is asked of that.
CREATE OR REPLACE FUNCTION door.hub_signpost_basis(p_asker text, p_product uuid)
    RETURNS TABLE (enquiry_id uuid, person_id uuid, answer_by text, shared bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.leaf_says(r.leaf, 'enquiry')::uuid,
               mash.release_person(r.leaf),
               mash.due_in('signpost_days'), p.shared
          FROM mash.product p
          CROSS JOIN LATERAL (SELECT mash.act_leaf(p.product_id, 'release') AS leaf) r
         WHERE p.product_id = p_product AND mash.leaf_says(r.leaf, 'recipient') = p_asker
    $$;

CREATE OR REPLACE FUNCTION door.hub_signpost_ask(p_agency text, p_message uuid, p_question uuid, p_product uuid,
                                                 p_owner text, p_answer_by text, p_letter uuid, p_sealed bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_enquiry uuid := mash.leaf_says(mash.act_leaf(p_product, 'release'), 'enquiry')::uuid;
    BEGIN
        INSERT INTO mash.signpost (question_id, product_id, enquiry_id, asker, owner, message_id, asked_at, answer_by,
                                   letter_id, state)
        VALUES (p_question, p_product, v_enquiry, p_agency, p_owner, p_message, mash.hub_now(), p_answer_by::timestamptz,
                p_letter, mash.lifecycle_next('signpost', 'none', 'ask'))
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        PERFORM mash.letter_send(p_letter, p_owner, 'signpost_question', p_sealed, mash.enquiry_immediate(v_enquiry));
        PERFORM mash.deadline_set('signpost', p_question, p_owner, v_enquiry, p_answer_by::timestamptz);
        PERFORM mash.word_done(p_agency, p_message, 'signpost_question', ARRAY[p_agency], 'question', p_question::text,
                               'product', p_product::text, 'enquiry', v_enquiry::text, 'owner', p_owner,
                               'answer_by', p_answer_by, 'letter', p_letter::text,
                               'digest', encode(sha256(p_sealed), 'hex'));
    END
    $$;

-- The leaf by which a question was put; NULL unless it says what the row says.
CREATE OR REPLACE FUNCTION mash.signpost_leaf(s mash.signpost) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.body
          FROM mash.ledger_leaf l
         WHERE l.subject = s.message_id AND l.act = 'signpost_question' AND l.agencies = ARRAY[s.asker]
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
           AND mash.leaf_says(l.body, 'question') = s.question_id::text
           AND mash.leaf_says(l.body, 'product') = s.product_id::text
           AND mash.leaf_says(l.body, 'enquiry') = s.enquiry_id::text
           AND mash.leaf_says(l.body, 'owner') = s.owner
         ORDER BY l.idx
         LIMIT 1
    $$;

-- Who asked this owner, about whom. Nothing, unless that owner was asked.
CREATE OR REPLACE FUNCTION door.hub_signpost_asked(p_owner text, p_question uuid)
    RETURNS TABLE (asker text, product_id uuid, enquiry_id uuid, person_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT s.asker, s.product_id, s.enquiry_id,
               mash.release_person(mash.act_leaf(s.product_id, 'release'))
          FROM mash.signpost s
         WHERE s.question_id = p_question AND s.owner = p_owner AND mash.signpost_leaf(s) IS NOT NULL
    $$;

-- The only writer of signpost.state, but for the row's first.
CREATE OR REPLACE FUNCTION mash.signpost_step(p_question uuid, p_event text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_to text;
    BEGIN
        SELECT mash.lifecycle_next('signpost', state, p_event) INTO v_to
          FROM mash.signpost WHERE question_id = p_question FOR UPDATE;
        IF NOT FOUND THEN
            PERFORM mash.refuse('not_found');
        END IF;
        UPDATE mash.signpost
           SET state = v_to, replied_at = CASE p_event WHEN 'deliver' THEN replied_at ELSE mash.hub_now() END
         WHERE question_id = p_question;
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_signpost_reply(p_agency text, p_message uuid, p_question uuid, p_outcome text,
                                                   p_asker text, p_letter uuid, p_sealed bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.signpost_step(p_question, CASE p_outcome WHEN 'answered' THEN 'answer' WHEN 'met' THEN 'meet'
                                                              ELSE 'refuse' END);
        PERFORM mash.deadline_meet('signpost', p_question, p_agency);
        PERFORM mash.letter_send(p_letter, p_asker, 'signpost_reply', p_sealed,
                                 (SELECT mash.enquiry_immediate(s.enquiry_id) FROM mash.signpost s
                                   WHERE s.question_id = p_question));
        PERFORM mash.word_done(p_agency, p_message, 'signpost_reply', ARRAY[p_agency], 'question', p_question::text,
                               'outcome', p_outcome, 'asker', p_asker, 'letter', p_letter::text,
                               'digest', encode(sha256(p_sealed), 'hex'));
    END
    $$;

-- p_state: one of the lifecycle's, or late (not replied to in time); NULL: all. p_enquiry: of that one only.
CREATE OR REPLACE FUNCTION door.hub_signposts(p_state text, p_enquiry uuid)
    RETURNS TABLE (question_id uuid, reference text, product_id uuid, asker text, owner text, asked_at text, answer_by text,
                   state text, late boolean, climbed_to text, replied_at text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT s.question_id, e.reference, s.product_id, s.asker, s.owner, mash.rfc3339(s.asked_at),
               mash.rfc3339(s.answer_by), s.state, t.late, mash.climbed_to('signpost', s.question_id, s.owner), mash.rfc3339(s.replied_at)
          FROM mash.signpost s
          CROSS JOIN LATERAL (SELECT s.answer_by <= coalesce(s.replied_at, mash.hub_now()) AS late) t
          LEFT JOIN mash.enquiry e USING (enquiry_id)
         WHERE (p_enquiry IS NULL OR s.enquiry_id = p_enquiry)
           AND (p_state IS NULL OR s.state = p_state OR p_state = 'late' AND t.late AND s.replied_at IS NULL)
         ORDER BY s.asked_at, s.question_id
    $$;

-- ---- corrections and recalls -------------------------------------------------------------------------------

-- What a correction stands on: the enquiry that the message went to, locked, as its leaf says.
CREATE OR REPLACE FUNCTION door.hub_correction_basis(p_agency text, p_message uuid)
    RETURNS TABLE (enquiry_id uuid, rating text, today text, confirm_by text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE
        v_enquiry uuid;
    BEGIN
        SELECT mash.leaf_says(a.body, 'enquiry')::uuid INTO v_enquiry FROM mash.arrival(p_agency, p_message) a;
        PERFORM FROM mash.enquiry e WHERE e.enquiry_id = v_enquiry FOR UPDATE;
        RETURN QUERY
        SELECT e.enquiry_id, mash.rating_recorded(e.enquiry_id), to_char(mash.today(), 'YYYY-MM-DD'),
               mash.due_in('recall_days')
          FROM mash.enquiry e
         WHERE e.enquiry_id = v_enquiry;
    END
    $$;

-- Where items left: a row for each in each product. If the cuts of any product of the enquiry are not those of its
-- leaf, nobody knows who received what, and nothing is answered.
CREATE OR REPLACE FUNCTION door.hub_left(p_enquiry uuid, p_items uuid[])
    RETURNS TABLE (product_id uuid, person_id uuid, item_id uuid, recipient text, purpose text, verdict text, shared bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        IF EXISTS (SELECT FROM mash.product p
                    WHERE p.enquiry_id = p_enquiry
                      AND mash.leaf_says(mash.act_leaf(p.product_id, 'release'), 'cuts')
                          IS DISTINCT FROM encode(mash.cuts_digest(p.product_id), 'hex')) THEN
            PERFORM mash.refuse('hub_failed');
        END IF;
        RETURN QUERY
        SELECT p.product_id, mash.release_person(r.leaf), c.item_id,
               mash.leaf_says(r.leaf, 'recipient'), mash.leaf_says(r.leaf, 'purpose'), c.verdict, p.shared
          FROM mash.product p
          JOIN mash.cut c USING (product_id)
          CROSS JOIN LATERAL (SELECT mash.act_leaf(p.product_id, 'release') AS leaf) r
         WHERE p.enquiry_id = p_enquiry AND c.item_id = ANY (p_items) AND c.verdict IN ('full', 'summary', 'fact')
         ORDER BY p.released_at, p.product_id, c.item_id;
    END
    $$;

-- One correction: the new item where there is one, the enquiry back with who decides, and a letter to whoever received
-- the old words. r_*: one a recall.
CREATE OR REPLACE FUNCTION door.hub_correct(
    p_agency text, p_message uuid, p_corrects uuid, p_enquiry uuid, p_kind text, p_class text, p_item uuid, p_tier text,
    p_sealed bytea, p_confirm_by text, r_recall uuid[], r_product uuid[], r_item uuid[], r_agency text[], r_class text[],
    r_letter uuid[], r_sealed bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now    timestamptz := mash.hub_now();
        v_urgent boolean := mash.enquiry_immediate(p_enquiry);
        v_one    record;
    BEGIN
        PERFORM mash.enquiries_arrive(
            ARRAY(SELECT ROW(1, v_now, p_agency, p_message, m.lane, m.received_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                             1, NULL)::mash.work
                    FROM mash.message m WHERE m.agency = p_agency AND m.message_id = p_message),
            ARRAY[p_enquiry], ARRAY[1]);
        INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
        VALUES (p_enquiry, p_agency, p_message, 'correction', v_now);
        IF p_item IS NOT NULL THEN
            INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
            VALUES (p_item, p_enquiry, p_agency, p_message, p_class, p_tier, true, p_sealed, v_now);
        END IF;
        INSERT INTO mash.correction (agency, message_id, corrects, class, kind, enquiry_id, item_id, at)
        VALUES (p_agency, p_message, p_corrects, p_class, p_kind, p_enquiry, p_item, v_now);
        FOR v_one IN
            SELECT r.* FROM unnest(r_recall, r_product, r_item, r_agency, r_class, r_letter, r_sealed)
                AS r (recall, product, item, agency, class, letter, sealed)
             ORDER BY r.recall
        LOOP
            INSERT INTO mash.recall (recall_id, agency, owner, message_id, product_id, item_id, class, kind, told_at,
                                     confirm_by, letter_id)
            VALUES (v_one.recall, v_one.agency, p_agency, p_message, v_one.product, v_one.item, v_one.class, p_kind, v_now,
                    p_confirm_by::timestamptz, v_one.letter);
            PERFORM mash.letter_send(v_one.letter, v_one.agency, 'recall', v_one.sealed, v_urgent);
            PERFORM mash.deadline_set('recall', v_one.recall, v_one.agency, p_enquiry, p_confirm_by::timestamptz);
            PERFORM mash.record('recall', ARRAY[p_agency, v_one.agency], 'hub', v_one.recall, 'recall', v_one.recall::text,
                                'recipient', v_one.agency, 'product', v_one.product::text, 'item', v_one.item::text,
                                'kind', p_kind, 'confirm_by', p_confirm_by, 'letter', v_one.letter::text,
                                'digest', encode(sha256(v_one.sealed), 'hex'));
        END LOOP;
        PERFORM mash.word_done(p_agency, p_message, 'correction', ARRAY[p_agency], 'corrects', p_corrects::text,
                               'kind', p_kind, 'class', p_class, 'enquiry', p_enquiry::text,
                               'recalls', cardinality(r_recall)::text);
    END
    $$;

-- The leaf of a recall; NULL unless it says what the row says.
CREATE OR REPLACE FUNCTION mash.recall_leaf(r mash.recall) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.leaf
          FROM (SELECT mash.act_leaf(r.recall_id, 'recall') AS leaf) l
         WHERE mash.leaf_says(l.leaf, 'recipient') = r.agency AND mash.leaf_says(l.leaf, 'product') = r.product_id::text
           AND mash.leaf_says(l.leaf, 'item') = r.item_id::text
    $$;

-- When a recall was confirmed, as the leaf of the recipient's message says; NULL: it was not.
CREATE OR REPLACE FUNCTION mash.recall_confirmed(p_recall uuid) RETURNS timestamptz
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT min(l.at)
          FROM mash.confirmation c
          JOIN mash.ledger_leaf l ON l.subject = c.message_id AND l.act = 'confirmation' AND l.agencies = ARRAY[c.agency]
         WHERE c.recall_id = p_recall AND mash.leaf_says(l.body, 'recall') = p_recall::text
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
    $$;

CREATE OR REPLACE FUNCTION door.hub_confirm(p_agency text, p_message uuid, p_recall uuid, p_done text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.recall r
                        WHERE r.recall_id = p_recall AND r.agency = p_agency AND mash.recall_leaf(r) IS NOT NULL) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        INSERT INTO mash.confirmation (recall_id, agency, message_id, done, at)
        VALUES (p_recall, p_agency, p_message, p_done, mash.hub_now())
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        PERFORM mash.deadline_meet('recall', p_recall, p_agency);
        PERFORM mash.word_done(p_agency, p_message, 'confirmation', ARRAY[p_agency], 'recall', p_recall::text,
                               'done', p_done);
    END
    $$;

-- The register of who was told and who has confirmed. p_state: unconfirmed, confirmed, late; NULL: all.
CREATE OR REPLACE FUNCTION door.hub_recalls(p_state text)
    RETURNS TABLE (recall_id uuid, reference text, product_id uuid, owner text, class text, kind text, recipient text,
                   told_at text, confirm_by text, state text, late boolean, climbed_to text, confirmed_at text, done text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT r.recall_id, e.reference, r.product_id, r.owner, r.class, r.kind, r.agency, mash.rfc3339(r.told_at),
               mash.rfc3339(r.confirm_by), t.state, t.late, mash.climbed_to('recall', r.recall_id, r.agency), mash.rfc3339(k.at),
               CASE WHEN k.at IS NOT NULL THEN c.done END
          FROM mash.recall r
          CROSS JOIN LATERAL (SELECT mash.recall_confirmed(r.recall_id) AS at) k
          CROSS JOIN LATERAL (SELECT CASE WHEN k.at IS NULL THEN 'unconfirmed' ELSE 'confirmed' END AS state,
                                     r.confirm_by <= coalesce(k.at, mash.hub_now()) AS late) t
          LEFT JOIN mash.confirmation c USING (recall_id)
          LEFT JOIN mash.product p ON p.product_id = r.product_id
          LEFT JOIN mash.enquiry e ON e.enquiry_id = p.enquiry_id
         WHERE p_state IS NULL OR t.state = p_state OR p_state = 'late' AND t.late AND k.at IS NULL
         ORDER BY r.told_at, r.recall_id
    $$;

-- ---- notices to referrers -----------------------------------------------------------------------------------

-- Whoever told the hub of this child, each with its first message that did: by the leaves of the message and of the
-- link from its mention to the child.
CREATE OR REPLACE FUNCTION door.hub_referrers(p_decision uuid)
    RETURNS TABLE (agency text, message_id uuid, outcome text, decided_at text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT DISTINCT ON (em.agency) em.agency, em.message_id, d.outcome, mash.rfc3339(d.decided_at)
          FROM mash.decision d
          JOIN mash.enquiry_message em USING (enquiry_id)
          CROSS JOIN LATERAL mash.arrival(em.agency, em.message_id) a
         WHERE d.decision_id = p_decision
           AND mash.leaf_says(a.body, 'enquiry') = d.enquiry_id::text
           AND mash.leaf_says(a.body, 'treatment') IN ('opened', 'attached', 'update')
           AND EXISTS (SELECT FROM mash.mention m
                         JOIN mash.ledger_leaf l ON l.subject = m.mention_id AND l.act = 'link'
                                                AND l.agencies = ARRAY[m.agency]
                        WHERE m.agency = em.agency AND m.message_id = em.message_id
                          AND mash.leaf_says(l.body, 'person') = d.person_id::text
                          AND l.idx < (SELECT h.size FROM mash.ledger_head h))
         ORDER BY em.agency, a.idx
    $$;

-- In the transaction of the decision.
CREATE OR REPLACE FUNCTION door.hub_notify(p_staff text, p_decision uuid, n_notice uuid[], n_agency text[],
                                           n_message uuid[], n_letter uuid[], n_sealed bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_urgent boolean := (SELECT mash.enquiry_immediate(d.enquiry_id) FROM mash.decision d
                              WHERE d.decision_id = p_decision);
        v_one    record;
    BEGIN
        FOR v_one IN
            SELECT n.* FROM unnest(n_notice, n_agency, n_message, n_letter, n_sealed)
                AS n (notice, agency, message, letter, sealed)
             ORDER BY n.notice
        LOOP
            INSERT INTO mash.notice (notice_id, decision_id, agency, message_id, letter_id, at)
            VALUES (v_one.notice, p_decision, v_one.agency, v_one.message, v_one.letter, mash.hub_now());
            PERFORM mash.letter_send(v_one.letter, v_one.agency, 'notice', v_one.sealed, v_urgent);
            PERFORM mash.record('notice', ARRAY[v_one.agency], p_staff, v_one.notice, 'notice', v_one.notice::text,
                                'message', v_one.message::text, 'decision', p_decision::text,
                                'letter', v_one.letter::text, 'digest', encode(sha256(v_one.sealed), 'hex'));
        END LOOP;
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_signpost_basis(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_signpost_ask(text, uuid, uuid, uuid, text, text, uuid, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_signpost_asked(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_signpost_reply(text, uuid, uuid, text, text, uuid, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_signposts(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_correction_basis(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_left(uuid, uuid[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_correct(text, uuid, uuid, uuid, text, text, uuid, text, bytea, text, uuid[], uuid[], uuid[],
    text[], text[], uuid[], bytea[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_confirm(text, uuid, uuid, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_recalls(text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_referrers(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_notify(text, uuid, uuid[], text[], uuid[], uuid[], bytea[]) TO mash_hub;
