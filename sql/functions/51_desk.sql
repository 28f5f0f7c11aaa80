-- The desk's doors for decisions; see 50_desk.sql. mash_hub calls them.

-- ---- decisions ---------------------------------------------------------------------------------------

-- One child, decided on exactly what the decider saw (R13, S42): the version must still be that one, and the
-- items of that version are frozen. The enquiry is settled when every child is decided on what is known now,
-- so that a late arrival puts the earlier decisions before somebody again (S10).
CREATE OR REPLACE FUNCTION door.hub_decide(
    p_staff text, p_enquiry uuid, p_token bigint, p_version bigint, p_decision uuid, p_person uuid, p_outcome text,
    p_gateway text, p_commitment bytea, p_sealed bytea, p_policy bytea DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        e mash.enquiry;
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.share_roles());
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
        PERFORM mash.gateway_need(p_gateway);
        PERFORM mash.enquiry_step(p_enquiry, 'decide', p_staff);
        INSERT INTO mash.decision (decision_id, enquiry_id, person_id, outcome, gateway, decided_by, decided_at,
                                   enquiry_version, commitment, sealed, policy_digest)
        VALUES (p_decision, p_enquiry, p_person, p_outcome, p_gateway, p_staff, mash.hub_now(), p_version,
                p_commitment, p_sealed, p_policy);
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
                            'commitment', encode(p_commitment, 'hex'), 'policy', encode(p_policy, 'hex'));
        RETURN (SELECT q.state FROM mash.enquiry q WHERE q.enquiry_id = p_enquiry);
    END
    $$;
COMMENT ON FUNCTION door.hub_decide(text, uuid, bigint, bigint, uuid, uuid, text, text, bytea, bytea, bytea) IS
    'The leaf''s "frozen" is mash.frozen_digest: exactly what was decided on.';

-- Content comes sealed: the caller records the look (door.hub_view) in the same transaction.
CREATE OR REPLACE FUNCTION door.hub_decisions(p_enquiry uuid)
    RETURNS TABLE (decision_id uuid, person_id uuid, number bigint, outcome text, gateway text, decided_by text,
                   decided_at text, version bigint, commitment text, sealed bytea, policy bytea, owners text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT d.decision_id, d.person_id, s.number, d.outcome, d.gateway, d.decided_by, mash.rfc3339(d.decided_at),
               d.enquiry_version, encode(d.commitment, 'hex'), d.sealed, d.policy_digest,
               (SELECT string_agg(DISTINCT i.owner, ' ') FROM mash.decision_item f JOIN mash.item i USING (item_id)
                 WHERE f.decision_id = d.decision_id)
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
        SELECT d.decision_id, i.item_id, i.owner, mash.class_shown(i.owner, i.message_id, i.class),
               mash.rfc3339(i.arrived_at), f.item_id IS NOT NULL
          FROM mash.decision d
          JOIN mash.item i ON i.enquiry_id = d.enquiry_id
          LEFT JOIN mash.decision_item f ON f.decision_id = d.decision_id AND f.item_id = i.item_id
         WHERE d.enquiry_id = p_enquiry
         ORDER BY d.decided_at, d.decision_id, i.arrived_at, i.item_id
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_decide(text, uuid, bigint, bigint, uuid, uuid, text, text, bytea, bytea, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_decisions(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_decision_items(uuid) TO mash_hub;
