-- The desk's doors for decisions and for the quarantine; see 50_desk.sql. mash_hub calls them.

-- ---- decisions ---------------------------------------------------------------------------------------

-- One child, decided on exactly what the decider saw (R13, S42): the version must still be that one, and the
-- items of that version are frozen. The enquiry is settled when every child is decided on what is known now,
-- so that a late arrival puts the earlier decisions before somebody again (S10).
CREATE OR REPLACE FUNCTION door.hub_decide(
    p_staff text, p_enquiry uuid, p_token bigint, p_version bigint, p_decision uuid, p_person uuid, p_outcome text,
    p_gateway text, p_commitment bytea, p_sealed bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        e mash.enquiry;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['decision_maker', 'social_work_manager']);
        IF p_outcome = 'strategy_s47' AND NOT EXISTS (
               SELECT FROM mash.staff s
                WHERE s.staff = p_staff AND 'social_work_manager' = ANY (s.roles)
                  AND NOT mash.key_revoked(s.key_id)) THEN
            PERFORM mash.refuse('outcome_not_allowed');
        END IF;
        e := mash.claim_need(p_enquiry, p_staff, p_token);
        IF e.version <> p_version THEN
            PERFORM mash.refuse('items_changed');
        ELSIF coalesce(p_gateway, '') = '' THEN
            PERFORM mash.refuse('gateway_missing');
        ELSIF NOT EXISTS (SELECT FROM mash.subject s WHERE s.enquiry_id = p_enquiry AND s.person_id = p_person) THEN
            PERFORM mash.refuse('argument_wrong');
        END IF;
        PERFORM mash.enquiry_step(p_enquiry, 'decide', p_staff);
        INSERT INTO mash.decision (decision_id, enquiry_id, person_id, outcome, gateway, decided_by, decided_at,
                                   enquiry_version, commitment, sealed)
        VALUES (p_decision, p_enquiry, p_person, p_outcome, p_gateway, p_staff, mash.hub_now(), p_version,
                p_commitment, p_sealed);
        INSERT INTO mash.decision_item (decision_id, item_id)
        SELECT p_decision, i.item_id FROM mash.item i WHERE i.enquiry_id = p_enquiry;
        IF NOT EXISTS (SELECT FROM mash.subject s
                        WHERE s.enquiry_id = p_enquiry
                          AND NOT EXISTS (SELECT FROM mash.decision d
                                           WHERE d.enquiry_id = p_enquiry AND d.person_id = s.person_id
                                             AND d.enquiry_version = p_version)) THEN
            PERFORM mash.enquiry_step(p_enquiry, 'settle', 'hub');
        END IF;
        PERFORM mash.record('decide', mash.enquiry_owners(p_enquiry), p_staff, p_enquiry,
                            'enquiry', p_enquiry::text, 'decision', p_decision::text, 'person', p_person::text,
                            'outcome', p_outcome, 'gateway', p_gateway, 'version', p_version::text,
                            'items', (SELECT count(*)::text FROM mash.decision_item f WHERE f.decision_id = p_decision),
                            'frozen', encode(mash.frozen_digest(p_decision), 'hex'),
                            'commitment', encode(p_commitment, 'hex'));
        RETURN (SELECT q.state FROM mash.enquiry q WHERE q.enquiry_id = p_enquiry);
    END
    $$;
COMMENT ON FUNCTION door.hub_decide(text, uuid, bigint, bigint, uuid, uuid, text, text, bytea, bytea) IS
    'The leaf''s "frozen" is mash.frozen_digest: exactly what was decided on.';

-- Content comes sealed: the caller records the look (door.hub_view) in the same transaction.
CREATE OR REPLACE FUNCTION door.hub_decisions(p_enquiry uuid)
    RETURNS TABLE (decision_id uuid, person_id uuid, number bigint, outcome text, gateway text, decided_by text,
                   decided_at text, version bigint, commitment text, sealed bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT d.decision_id, d.person_id, s.number, d.outcome, d.gateway, d.decided_by, mash.rfc3339(d.decided_at),
               d.enquiry_version, encode(d.commitment, 'hex'), d.sealed
          FROM mash.decision d
          JOIN (SELECT x.person_id, row_number() OVER (ORDER BY x.seq) AS number
                  FROM mash.subject x WHERE x.enquiry_id = p_enquiry) s USING (person_id)
         WHERE d.enquiry_id = p_enquiry
         ORDER BY d.decided_at, d.decision_id
    $$;

-- Every item of the enquiry beside every decision: what was known then, and what arrived later.
CREATE OR REPLACE FUNCTION door.hub_decision_items(p_enquiry uuid)
    RETURNS TABLE (decision_id uuid, item_id uuid, owner text, class text, arrived_at text, known boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT d.decision_id, i.item_id, i.owner, i.class, mash.rfc3339(i.arrived_at), f.item_id IS NOT NULL
          FROM mash.decision d
          JOIN mash.item i ON i.enquiry_id = d.enquiry_id
          LEFT JOIN mash.decision_item f ON f.decision_id = d.decision_id AND f.item_id = i.item_id
         WHERE d.enquiry_id = p_enquiry
         ORDER BY d.decided_at, d.decision_id, i.arrived_at, i.item_id
    $$;

-- ---- quarantine --------------------------------------------------------------------------------------

-- What waits, oldest first; with p_all also what was dealt with. Nothing of the content.
CREATE OR REPLACE FUNCTION door.hub_quarantine(p_staff text, p_all boolean)
    RETURNS TABLE (quarantine_id uuid, agency text, message_id uuid, reason text, path text, content text,
                   received_at text, act text, by text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        RETURN QUERY
        SELECT q.quarantine_id, q.agency, q.message_id, q.reason, q.path, q.content,
               mash.rfc3339(q.received_at), a.act, a.staff
          FROM mash.quarantine q
          LEFT JOIN mash.quarantine_act a USING (quarantine_id)
         WHERE p_all OR a.act IS NULL
         ORDER BY q.received_at, q.quarantine_id
         LIMIT 1000;
    END
    $$;

-- One of them with its sealed bytes. The look is recorded, and committed before anything is opened.
CREATE OR REPLACE FUNCTION door.hub_quarantine_view(p_staff text, p_quarantine uuid)
    RETURNS TABLE (quarantine_id uuid, agency text, message_id uuid, reason text, path text, content text,
                   received_at text, act text, by text, words_id uuid, words bytea, sealed bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        q mash.quarantine;
        a mash.quarantine_act;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        SELECT * INTO q FROM mash.quarantine x WHERE x.quarantine_id = p_quarantine;
        IF q.quarantine_id IS NULL THEN
            PERFORM mash.refuse('not_found');
        END IF;
        SELECT * INTO a FROM mash.quarantine_act x WHERE x.quarantine_id = p_quarantine;
        PERFORM mash.record('view', ARRAY[q.agency], p_staff, p_quarantine, 'quarantine', p_quarantine::text);
        RETURN QUERY
        SELECT q.quarantine_id, q.agency, q.message_id, q.reason, q.path, q.content,
               mash.rfc3339(q.received_at), a.act, a.staff, a.words_id, a.words, q.sealed;
    END
    $$;

-- Who acts on a quarantined message must be its manager, and it must still wait.
CREATE OR REPLACE FUNCTION mash.quarantine_need(p_staff text, p_quarantine uuid) RETURNS mash.quarantine
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        q mash.quarantine;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        PERFORM pg_advisory_xact_lock(hashtext('quarantine ' || p_quarantine));
        SELECT * INTO q FROM mash.quarantine x WHERE x.quarantine_id = p_quarantine;
        IF q.quarantine_id IS NULL THEN
            PERFORM mash.refuse('not_found');
        ELSIF EXISTS (SELECT FROM mash.quarantine_act a WHERE a.quarantine_id = p_quarantine) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        RETURN q;
    END
    $$;

-- What intake refused becomes a message; its submission and lane are told by the leaf of the first time.
CREATE OR REPLACE FUNCTION mash.quarantine_take(q mash.quarantine) RETURNS mash.message
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_leaf    text;
        v_message mash.message;
    BEGIN
        SELECT convert_from(l.body, 'UTF8') INTO STRICT v_leaf
          FROM mash.ledger_leaf l
         WHERE l.subject = q.message_id AND l.act = 'quarantine' AND l.agencies = ARRAY[q.agency]
           AND position(convert_to('commitment ' || encode(q.digest, 'hex'), 'UTF8') IN l.body) > 0
         ORDER BY l.idx
         LIMIT 1;
        INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
        VALUES (q.agency, q.message_id, substring(v_leaf FROM '\nsubmission ([^\n]+)')::uuid, q.content,
                substring(v_leaf FROM '\nlane ([^\n]+)'), q.digest, q.sealed, q.received_at)
        RETURNING * INTO v_message;
        RETURN v_message;
    END
    $$;

-- A message that was here before and failed again has a row of its own (door.hub_set_aside).
CREATE OR REPLACE FUNCTION door.hub_quarantine_replay(p_staff text, p_quarantine uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        q mash.quarantine := mash.quarantine_need(p_staff, p_quarantine);
        m mash.message;
    BEGIN
        IF q.content IS NULL OR q.message_id IS NULL OR q.sealed IS NULL THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        SELECT * INTO m FROM mash.message x WHERE x.agency = q.agency AND x.message_id = q.message_id;
        IF m.message_id IS NULL THEN
            m := mash.quarantine_take(q);
        ELSIF q.digest NOT IN (m.commitment, sha256(m.commitment || uuid_send(p_quarantine))) THEN
            PERFORM mash.refuse('content_clash');
        ELSIF EXISTS (SELECT FROM mash.enquiry_message x
                       WHERE x.agency = q.agency AND x.message_id = q.message_id) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
        VALUES (m.message_id, m.agency, m.lane, m.received_at);
        INSERT INTO mash.quarantine_act (quarantine_id, act, staff, at)
        VALUES (p_quarantine, 'replay', p_staff, mash.hub_now());
        PERFORM pg_notify('message', '');
        PERFORM mash.record('replay', ARRAY[q.agency], p_staff, q.message_id, 'quarantine', p_quarantine::text,
                            'message', q.message_id::text, 'commitment', encode(q.digest, 'hex'));
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_quarantine_reject(p_staff text, p_quarantine uuid, p_words_id uuid,
                                                      p_words bytea, p_commitment bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        q mash.quarantine;
    BEGIN
        q := mash.quarantine_need(p_staff, p_quarantine);
        INSERT INTO mash.quarantine_act (quarantine_id, act, staff, words_id, words, at)
        VALUES (p_quarantine, 'reject', p_staff, p_words_id, p_words, mash.hub_now());
        PERFORM mash.record('refuse', ARRAY[q.agency], p_staff, coalesce(q.message_id, p_quarantine),
                            'quarantine', p_quarantine::text, 'commitment', encode(p_commitment, 'hex'));
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_decide(text, uuid, bigint, bigint, uuid, uuid, text, text, bytea, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_decisions(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_decision_items(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine(text, boolean) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_view(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_replay(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_reject(text, uuid, uuid, bytea, bytea) TO mash_hub;
