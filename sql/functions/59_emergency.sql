-- The emergency lane: one step from the child's danger to the letter, by the owners' standing rules for immediate
-- protection, without claim or decision; and the justification afterwards, whose absence climbs (21_deadlines.sql).
-- Whoever is at the desk may, a triage officer too: at night nobody else is there, and what may leave is the owners'
-- word in any case.

-- Whoever shares by this lane says that a child is in danger now: the rules are asked at red, and where something is told,
-- the enquiry is red from then on. Whom to ask is no news of danger.

-- What it stands on: every item there is, and the version that says so. The look is recorded first.
CREATE OR REPLACE FUNCTION door.hub_emergency_basis(p_staff text, p_enquiry uuid, p_person uuid, p_recipient text)
    RETURNS TABLE (decision_id uuid, person_id uuid, rating text, item_id uuid, version bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        PERFORM mash.record('view', mash.enquiry_owners(p_enquiry), p_staff, p_enquiry, 'enquiry', p_enquiry::text,
                            'what', 'emergency', 'recipient', p_recipient, 'purpose', 'immediate_protection');
        RETURN QUERY
        SELECT NULL::uuid, p_person, 'red', i.item_id, e.version
          FROM mash.enquiry e JOIN mash.item i USING (enquiry_id)
         WHERE e.enquiry_id = p_enquiry;
    END
    $$;

-- The danger goes on record under the name of whoever shares; why is what the justification says.
CREATE OR REPLACE FUNCTION mash.rate_danger(p_staff text, p_enquiry uuid, p_product uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_before text := mash.rating_recorded(p_enquiry);
        e        mash.enquiry;
    BEGIN
        IF v_before = 'red' THEN
            RETURN;
        END IF;
        SELECT * INTO STRICT e FROM mash.enquiry q WHERE q.enquiry_id = p_enquiry;
        PERFORM mash.rate_put(e, 'red', p_staff, NULL, NULL);
        PERFORM mash.record('rate', '{}', p_staff, p_enquiry, 'enquiry', p_enquiry::text, 'rating', 'red',
                            'before', v_before, 'emergency', p_product::text);
    END
    $$;

-- How long after an emergency release its justification is due.
CREATE OR REPLACE FUNCTION mash.justification_due(p_at timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT p_at + make_interval(secs => mash.setting_number('justification_hours') * 3600) $$;

-- Says whose agreement is over of those whose words leave and of the recipient: that stops nothing (S84).
-- Refuses items_changed when something came since the basis was read: the hub judges again, at once.
CREATE OR REPLACE FUNCTION door.hub_emergency(
    p_staff text, p_product uuid, p_enquiry uuid, p_person uuid, p_version bigint, p_lapsed boolean, p_recipient text,
    p_gateway text, p_digest bytea, p_policy_digest bytea, p_shared bytea, p_full_id uuid, p_full bytea,
    p_letter uuid, p_sealed bytea, c_item uuid[], c_verdict text[], c_version bigint[], c_line bigint[], c_reason text[],
    p_day text, c_tier text[], c_flags bigint[], c_kept text[])
    RETURNS TABLE (justify_by text, agreements_over text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now       timestamptz := mash.hub_now();
        v_concerned text[];
        v_over      text[];
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        PERFORM mash.gateway_need(p_gateway);
        PERFORM mash.enquiry_step(p_enquiry, 'emergency', p_staff);
        IF (SELECT e.version FROM mash.enquiry e WHERE e.enquiry_id = p_enquiry) <> p_version THEN
            PERFORM mash.refuse('items_changed');
        ELSIF NOT EXISTS (SELECT FROM mash.subject s WHERE s.enquiry_id = p_enquiry AND s.person_id = p_person) THEN
            PERFORM mash.refuse('argument_wrong');
        ELSIF EXISTS (SELECT i.item_id FROM mash.item i WHERE i.enquiry_id = p_enquiry EXCEPT SELECT unnest(c_item))
           OR EXISTS (SELECT unnest(c_item) EXCEPT SELECT i.item_id FROM mash.item i WHERE i.enquiry_id = p_enquiry) THEN
            PERFORM mash.refuse('items_changed');
        END IF;
        INSERT INTO mash.product (product_id, enquiry_id, decision_id, recipient, purpose, gateway, digest, policy_digest,
                                  shared, full_id, full_version, released_by, released_at, letter_id, rating, day)
        VALUES (p_product, p_enquiry, NULL, p_recipient, 'immediate_protection', p_gateway, p_digest, p_policy_digest,
                p_shared, p_full_id, p_full, p_staff, v_now, p_letter, 'red', p_day::date);
        IF c_verdict && ARRAY['full', 'summary', 'fact'] THEN
            PERFORM mash.rate_danger(p_staff, p_enquiry, p_product);
        END IF;
        PERFORM mash.cuts_put(p_product, c_item, c_verdict, c_version, c_line, c_reason, c_tier, c_flags, c_kept);
        PERFORM mash.letter_send(p_letter, p_recipient, 'product', p_sealed, true);
        PERFORM mash.deadline_set('justification', p_product, 'hub', p_enquiry, mash.justification_due(v_now));
        v_concerned := mash.kept_record(p_staff, p_product, p_recipient);
        v_over := ARRAY(SELECT c.agency FROM unnest(v_concerned) AS c (agency) WHERE mash.agreement_over(c.agency)
                         ORDER BY c.agency);
        INSERT INTO mash.emergency (product_id, enquiry_id, person_id, enquiry_version, lapsed, agreements_over,
                                    released_by, released_at)
        VALUES (p_product, p_enquiry, p_person, p_version, p_lapsed, v_over, p_staff, v_now);
        PERFORM mash.record('release', v_concerned, p_staff, p_product, 'product', p_product::text,
                            'enquiry', p_enquiry::text, 'person', p_person::text, 'emergency', 'yes',
                            'lapsed', CASE WHEN p_lapsed THEN 'yes' END,
                            'agreements_over', nullif(array_to_string(v_over, '+'), ''), 'version', p_version::text,
                            'recipient', p_recipient, 'purpose', 'immediate_protection', 'gateway', p_gateway,
                            'digest', encode(p_digest, 'hex'), 'policy', encode(p_policy_digest, 'hex'),
                            'cuts', encode(mash.cuts_digest(p_product), 'hex'), 'letter', p_letter::text);
        RETURN QUERY
        SELECT mash.rfc3339(mash.justification_due(v_now)), array_to_string(v_over, ', ');
    END
    $$;

-- Once, in words that stay. Late is better than never, and the deadline tells that it was late.
CREATE OR REPLACE FUNCTION door.hub_justify(p_staff text, p_product uuid, p_words uuid, p_sealed bytea,
                                            p_commitment bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_shown text[];
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        IF NOT EXISTS (SELECT FROM mash.emergency e WHERE e.product_id = p_product) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        INSERT INTO mash.justification (product_id, words_id, sealed, commitment, justified_by, justified_at)
        VALUES (p_product, p_words, p_sealed, p_commitment, p_staff, mash.hub_now()) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        PERFORM mash.deadline_meet('justification', p_product, 'hub');
        SELECT array_agg(DISTINCT c.owner) INTO v_shown
          FROM mash.cut c WHERE c.product_id = p_product AND c.verdict IN ('full', 'summary', 'fact');
        PERFORM mash.record('justify', coalesce(v_shown, '{}'), p_staff, p_product, 'product', p_product::text,
                            'commitment', encode(p_commitment, 'hex'));
    END
    $$;

-- Each emergency and whether somebody has said why; of one enquiry, or of all.
CREATE OR REPLACE FUNCTION mash.emergencies(p_enquiry uuid)
    RETURNS TABLE (product uuid, enquiry text, recipient text, released_by text, released_at timestamptz, lapsed boolean,
                   agreements_over text, state text, due text, climbed_to text, justified_at text, words_id uuid,
                   sealed bytea)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT e.product_id, q.reference, p.recipient, e.released_by, e.released_at, e.lapsed,
               array_to_string(e.agreements_over, ', '),
               CASE WHEN j.product_id IS NOT NULL THEN 'justified by ' || j.justified_by
                    WHEN d.due_at <= mash.hub_now() THEN 'unjustified, late' ELSE 'unjustified' END,
               mash.rfc3339(d.due_at), mash.climbed_to('justification', e.product_id, 'hub'),
               mash.rfc3339(j.justified_at), j.words_id, j.sealed
          FROM mash.emergency e
          JOIN mash.product p USING (product_id)
          JOIN mash.enquiry q ON q.enquiry_id = e.enquiry_id
          LEFT JOIN mash.justification j USING (product_id)
          LEFT JOIN mash.deadline d ON d.kind = 'justification' AND d.subject = e.product_id
         WHERE p_enquiry IS NULL OR e.enquiry_id = p_enquiry
    $$;

-- The latest first; p_open: those without a justification only.
CREATE OR REPLACE FUNCTION door.hub_emergencies(p_open boolean)
    RETURNS TABLE (product uuid, enquiry text, recipient text, released_by text, released_at text, lapsed boolean,
                   state text, due text, climbed_to text, agreements_over text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT e.product, e.enquiry, e.recipient, e.released_by, mash.rfc3339(e.released_at), e.lapsed, e.state, e.due,
               e.climbed_to, e.agreements_over
          FROM mash.emergencies(NULL) e
         WHERE NOT p_open OR e.justified_at IS NULL
         ORDER BY e.released_at DESC, e.product
         LIMIT 500
    $$;

-- Those of one enquiry, the latest last, with the sealed words of who justified them.
CREATE OR REPLACE FUNCTION door.hub_enquiry_emergencies(p_enquiry uuid)
    RETURNS TABLE (product uuid, recipient text, released_by text, lapsed boolean, released_at text, state text, due text,
                   justified_at text, climbed_to text, words_id uuid, sealed bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT e.product, e.recipient, e.released_by, e.lapsed, mash.rfc3339(e.released_at), e.state, e.due,
               e.justified_at, e.climbed_to, e.words_id, e.sealed
          FROM mash.emergencies(p_enquiry) e
         ORDER BY e.released_at, e.product
    $$;

-- Her agency's words that left in an emergency, and whether anybody has said why. Of the agreements that were over she
-- is told her own and the recipient's: who else's words were in it is not hers to know.
CREATE OR REPLACE FUNCTION siro.emergencies_now()
    RETURNS TABLE (released_at timestamptz, product uuid, recipient text, gateway text, released_by text, items bigint,
                   lapsed boolean, agreements_over text, justified_by text, justified_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('emergencies');
        RETURN QUERY
        SELECT p.released_at, p.product_id, p.recipient, p.gateway, p.released_by, count(c.item_id), e.lapsed,
               array_to_string(ARRAY(SELECT unnest(e.agreements_over)
                                     INTERSECT SELECT unnest(mash.siro_agencies() || p.recipient) ORDER BY 1), ', '),
               j.justified_by, j.justified_at
          FROM mash.emergency e
          JOIN mash.product p USING (product_id)
          JOIN mash.cut c ON c.product_id = e.product_id AND c.verdict NOT IN ('signpost', 'silent')
          LEFT JOIN mash.justification j ON j.product_id = e.product_id
         GROUP BY p.released_at, p.product_id, p.recipient, p.gateway, p.released_by, e.lapsed, e.agreements_over,
                  j.justified_by, j.justified_at
         ORDER BY p.released_at, p.product_id;
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
REVOKE ALL ON FUNCTION siro.emergencies_now(), mash.emergencies(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_emergency_basis(text, uuid, uuid, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_emergency(text, uuid, uuid, uuid, bigint, boolean, text, text, bytea, bytea, bytea, uuid,
    bytea, uuid, bytea, uuid[], text[], bigint[], bigint[], text[], text, text[], bigint[], text[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_justify(text, uuid, uuid, bytea, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_emergencies(boolean) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_enquiry_emergencies(uuid) TO mash_hub;
ALTER FUNCTION siro.emergencies_now() OWNER TO mash_siro_reader;
GRANT EXECUTE ON FUNCTION siro.emergencies_now() TO mash_siro;
CREATE OR REPLACE VIEW siro.emergencies WITH (security_invoker = true) AS SELECT * FROM siro.emergencies_now();
GRANT SELECT ON siro.emergencies TO mash_siro;
