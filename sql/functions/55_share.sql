-- The hub's doors for policy and release. mash_hub calls them; the C code decides what may leave
-- (broker/release), these check what only the database can know and keep both versions and every cut.

-- With the leaf of its enrolment, which the hub compares.
CREATE OR REPLACE FUNCTION door.hub_agencies()
    RETURNS TABLE (agency text, name text, type text, desk text, leaf text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT a.agency, a.name, a.type, a.desk, mash.enrolment(a.agency, 'agency')
          FROM mash.agency a
         ORDER BY a.agency
    $$;

-- What the leaves of an owner's versions are about: as many as there ever were versions.
CREATE OR REPLACE FUNCTION mash.policy_leaves(p_owner text) RETURNS SETOF mash.ledger_leaf
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT *
          FROM mash.ledger_leaf l
         WHERE l.subject = mash.register_subject('policy ' || p_owner) AND l.act = 'policy'
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
    $$;

-- One row a signature of every version in force, with how many versions the ledger knows and its last leaf.
-- The hub verifies all of it again: a text altered in the table, or brought back, is not obeyed.
CREATE OR REPLACE FUNCTION door.hub_policies_in_force()
    RETURNS TABLE (owner text, version integer, policy text, key_id text, signature bytea, leaves bigint, leaf text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT v.owner, v.version, v.text, s.key_id, s.signature, l.leaves, l.leaf
          FROM mash.policy_version v
          JOIN mash.policy_signature s USING (owner, version)
          CROSS JOIN LATERAL (
              SELECT count(*) AS leaves, (array_agg(convert_from(x.body, 'UTF8') ORDER BY x.idx DESC))[1] AS leaf
                FROM mash.policy_leaves(v.owner) x) l
         WHERE v.version = (SELECT max(m.version) FROM mash.policy_version m WHERE m.owner = v.owner)
         ORDER BY v.owner, s.key_id
    $$;

-- The number of the version that comes next: what it must be signed as.
CREATE OR REPLACE FUNCTION door.hub_policy_next(p_owner text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT count(*) + 1 FROM mash.policy_leaves(p_owner) $$;

CREATE OR REPLACE FUNCTION door.hub_policy_load(
    p_staff text, p_owner text, p_version bigint, p_digest bytea, p_text text, p_key_ids text[], p_signatures bytea[],
    r_line bigint[], r_effect text[], r_class text[], r_recipient_kind text[], r_recipient text[],
    r_purpose text[], r_least text[], r_show text[], r_signpost text[], r_authorises text[],
    r_from text[], r_until text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_version integer;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('policy ' || p_owner));
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        v_version := door.hub_policy_next(p_owner);
        IF v_version <> p_version THEN
            PERFORM mash.refuse('policy_unsigned');
        END IF;
        INSERT INTO mash.policy_version (owner, version, digest, text, loaded_by, loaded_at)
        VALUES (p_owner, v_version, p_digest, p_text, p_staff, mash.hub_now());
        INSERT INTO mash.policy_signature (owner, version, key_id, signature)
        SELECT p_owner, v_version, s.key_id, s.signature FROM unnest(p_key_ids, p_signatures) AS s (key_id, signature);
        INSERT INTO mash.policy_rule (owner, version, line, effect, class, recipient_kind, recipient, purpose,
                                      least_rating, show, signpost, owner_authorises, valid_from, valid_until)
        SELECT p_owner, v_version, r.line, r.effect, r.class, r.kind, r.recipient, r.purpose, r.least, r.show,
               r.signpost::boolean, r.authorises::boolean, nullif(r.valid_from, '')::date, nullif(r.valid_until, '')::date
          FROM unnest(r_line, r_effect, r_class, r_recipient_kind, r_recipient, r_purpose, r_least, r_show,
                      r_signpost, r_authorises, r_from, r_until)
               AS r (line, effect, class, kind, recipient, purpose, least, show, signpost, authorises, valid_from,
                     valid_until);
        PERFORM mash.record('policy', ARRAY[p_owner], p_staff, mash.register_subject('policy ' || p_owner),
                            'owner', p_owner, 'version', v_version::text,
                            'digest', encode(p_digest, 'hex'), 'keys', array_to_string(p_key_ids, '+'));
        RETURN v_version;
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_policy_list()
    RETURNS TABLE (owner text, version integer, digest text, loaded_by text, loaded_at text, rules bigint, keys text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT v.owner, v.version, encode(v.digest, 'hex'), v.loaded_by, mash.rfc3339(v.loaded_at),
               (SELECT count(*) FROM mash.policy_rule r WHERE r.owner = v.owner AND r.version = v.version),
               (SELECT string_agg(s.key_id, ' ' ORDER BY s.key_id) FROM mash.policy_signature s
                 WHERE s.owner = v.owner AND s.version = v.version)
          FROM mash.policy_version v
         ORDER BY v.owner, v.version
    $$;

-- version NULL: the one in force.
CREATE OR REPLACE FUNCTION door.hub_policy_text(p_owner text, p_version bigint)
    RETURNS TABLE (version integer, policy text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT v.version, v.text
          FROM mash.policy_version v
         WHERE v.owner = p_owner AND (p_version IS NULL OR v.version = p_version)
         ORDER BY v.version DESC
         LIMIT 1
    $$;

-- What a share stands on: one row per item of the decision's frozen set. The look is recorded first.
CREATE OR REPLACE FUNCTION door.hub_share_basis(p_staff text, p_enquiry uuid, p_decision uuid, p_recipient text,
                                                p_purpose text)
    RETURNS TABLE (decision_id uuid, person_id uuid, rating text, today text, item_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_decision uuid;
        v_owners   text[];
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['decision_maker', 'social_work_manager']);
        SELECT d.decision_id INTO v_decision
          FROM mash.decision d
         WHERE d.enquiry_id = p_enquiry AND (p_decision IS NULL OR d.decision_id = p_decision)
         ORDER BY d.decided_at DESC, d.decision_id DESC
         LIMIT 1;
        IF v_decision IS NULL THEN
            PERFORM mash.refuse('not_found');
        END IF;
        SELECT array_agg(DISTINCT i.owner) INTO v_owners
          FROM mash.decision_item f JOIN mash.item i USING (item_id) WHERE f.decision_id = v_decision;
        PERFORM mash.record('view', v_owners, p_staff, p_enquiry, 'enquiry', p_enquiry::text,
                            'decision', v_decision::text, 'recipient', p_recipient, 'purpose', p_purpose);
        RETURN QUERY
        SELECT d.decision_id, d.person_id, e.rating,
               to_char(mash.hub_now() AT TIME ZONE 'Europe/London', 'YYYY-MM-DD'), f.item_id
          FROM mash.decision d
          JOIN mash.enquiry e USING (enquiry_id)
          JOIN mash.decision_item f USING (decision_id)
         WHERE d.decision_id = v_decision;
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_share(
    p_staff text, p_product uuid, p_enquiry uuid, p_decision uuid, p_recipient text, p_purpose text, p_gateway text,
    p_digest bytea, p_policy_digest bytea, p_shared bytea, p_full_id uuid, p_full bytea, p_letter uuid,
    p_sealed bytea, c_item uuid[], c_verdict text[], c_version bigint[], c_line bigint[], c_reason text[])
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now   timestamptz := mash.hub_now();
        v_shown text[];
        v_kept  record;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['decision_maker', 'social_work_manager']);
        IF EXISTS (SELECT FROM mash.product WHERE product_id = p_product) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        IF NOT EXISTS (SELECT FROM mash.decision WHERE decision_id = p_decision AND enquiry_id = p_enquiry) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        IF NOT mash.frozen_holds(p_decision) THEN
            PERFORM mash.refuse('product_changed');
        END IF;
        -- Exactly the frozen set was judged: nothing forgotten, nothing added.
        IF EXISTS (SELECT item_id FROM mash.decision_item WHERE decision_id = p_decision
                   EXCEPT SELECT unnest(c_item))
           OR EXISTS (SELECT unnest(c_item)
                      EXCEPT SELECT item_id FROM mash.decision_item WHERE decision_id = p_decision) THEN
            PERFORM mash.refuse('product_changed');
        END IF;
        PERFORM mash.gateway_need(p_gateway);
        PERFORM mash.enquiry_step(p_enquiry, 'share', p_staff);
        INSERT INTO mash.product (product_id, enquiry_id, decision_id, recipient, purpose, gateway, digest, policy_digest,
                                  shared, full_id, full_version, released_by, released_at, letter_id)
        VALUES (p_product, p_enquiry, p_decision, p_recipient, p_purpose, p_gateway, p_digest, p_policy_digest, p_shared,
                p_full_id, p_full, p_staff, v_now, p_letter);
        INSERT INTO mash.cut (product_id, item_id, owner, class, verdict, rule_version, rule_line, reason)
        SELECT p_product, c.item, i.owner, i.class, c.verdict, c.version, c.line, c.reason
          FROM unnest(c_item, c_verdict, c_version, c_line, c_reason) AS c (item, verdict, version, line, reason)
          JOIN mash.item i ON i.item_id = c.item;
        INSERT INTO mash.product_supplement (product_id, earlier_id)
        SELECT p_product, p.product_id
          FROM mash.product p
         WHERE p.decision_id = p_decision AND p.recipient = p_recipient AND p.purpose = p_purpose
           AND p.product_id <> p_product
         ORDER BY p.released_at DESC, p.product_id
         LIMIT 1;
        PERFORM mash.letter_send(p_letter, p_recipient, 'product', p_sealed, mash.enquiry_immediate(p_enquiry));
        -- The release concerns those whose words left. Who kept something back is told in a leaf of its own,
        -- which no other agency's SIRO sees; there is one for every agency, nobody's when nothing was kept, so
        -- that the ledger grows by the same number of leaves whatever was withheld (R10).
        FOR v_kept IN
            SELECT a.agency, count(c.item_id) AS items
              FROM mash.agency a
              LEFT JOIN mash.cut c ON c.product_id = p_product AND c.owner = a.agency
                                  AND c.verdict IN ('signpost', 'silent')
             GROUP BY a.agency
             ORDER BY a.agency
        LOOP
            PERFORM mash.record('withhold', CASE WHEN v_kept.items > 0 THEN ARRAY[v_kept.agency] ELSE '{}' END,
                                p_staff, p_product, 'product', p_product::text, 'items', v_kept.items::text);
        END LOOP;
        SELECT array_agg(DISTINCT x.agency) INTO v_shown
          FROM (SELECT c.owner AS agency FROM mash.cut c
                 WHERE c.product_id = p_product AND c.verdict IN ('full', 'summary', 'fact')
                UNION SELECT p_recipient) x;
        PERFORM mash.record('release', v_shown, p_staff, p_product, 'product', p_product::text,
                            'enquiry', p_enquiry::text, 'decision', p_decision::text, 'recipient', p_recipient,
                            'purpose', p_purpose, 'gateway', p_gateway, 'digest', encode(p_digest, 'hex'),
                            'policy', encode(p_policy_digest, 'hex'),
                            'cuts', encode(mash.cuts_digest(p_product), 'hex'), 'letter', p_letter::text);
    END
    $$;

-- Both versions and every cut of one product, for who needs to know; the look is recorded first.
CREATE OR REPLACE FUNCTION door.hub_product(p_staff text, p_product uuid, p_purpose text)
    RETURNS TABLE (enquiry_id uuid, decision_id uuid, recipient text, purpose text, gateway text, released_by text,
                   released_at text, digest text, shared bytea, full_id uuid, full_version bytea, delivered text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        IF NOT EXISTS (SELECT FROM mash.product p WHERE p.product_id = p_product) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        PERFORM mash.record('view', (SELECT array_agg(DISTINCT c.owner) FROM mash.cut c WHERE c.product_id = p_product),
                            p_staff, p_product, 'product', p_product::text, 'purpose', p_purpose);
        RETURN QUERY
        SELECT p.enquiry_id, p.decision_id, p.recipient, p.purpose, p.gateway, p.released_by,
               mash.rfc3339(p.released_at), encode(p.digest, 'hex'), p.shared, p.full_id, p.full_version,
               coalesce((SELECT r.outcome || ' ' || mash.rfc3339(r.received_at) FROM mash.receipt r
                          WHERE r.letter_id = p.letter_id), 'on its way')
          FROM mash.product p
         WHERE p.product_id = p_product;
    END
    $$;

-- The cuts, each with the sentence of the version that held then.
CREATE OR REPLACE FUNCTION door.hub_cuts(p_product uuid)
    RETURNS TABLE (item_id uuid, owner text, class text, verdict text, rule_version integer, rule_line integer,
                   reason text, sentence text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT c.item_id, c.owner, mash.class_shown(c.owner, i.message_id, c.class), c.verdict, c.rule_version,
               c.rule_line, c.reason, (string_to_array(v.text, E'\n'))[c.rule_line]
          FROM mash.cut c
          LEFT JOIN mash.item i USING (item_id)
          LEFT JOIN mash.policy_version v ON v.owner = c.owner AND v.version = c.rule_version
         WHERE c.product_id = p_product
         ORDER BY c.owner, c.class, c.item_id
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_agencies() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policies_in_force() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_next(text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_load(text, text, bigint, bytea, text, text[], bytea[], bigint[], text[], text[], text[],
    text[], text[], text[], text[], text[], text[], text[], text[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_list() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_text(text, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_share_basis(text, uuid, uuid, text, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_share(text, uuid, uuid, uuid, text, text, text, bytea, bytea, bytea, uuid, bytea, uuid,
    bytea, uuid[], text[], bigint[], bigint[], text[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_product(text, uuid, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_cuts(uuid) TO mash_hub;
