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

-- Whether a version that begins on this day (NULL: at once) has begun by that one.
CREATE OR REPLACE FUNCTION mash.begun(p_from date, p_day date) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN p_from IS NULL OR p_from <= p_day;

-- One row a signature of every version in force today, with the leaf that the ledger has in force and which of the
-- owner's leaves it is; one row with today alone when nothing is. The hub verifies all of it again: a text altered in
-- the table, or brought back, is not obeyed.
CREATE OR REPLACE FUNCTION door.hub_policies_in_force()
    RETURNS TABLE (owner text, version integer, policy text, valid_from text, key_id text, signature bytea, leaves bigint,
                   leaf text, today text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT v.owner, v.version, v.text, to_char(v.valid_from, 'YYYY-MM-DD'), s.key_id, s.signature, l.number,
               convert_from(l.body, 'UTF8'), to_char(t.day, 'YYYY-MM-DD')
          FROM (SELECT mash.today() AS day) t
          LEFT JOIN mash.policy_version v
                 ON v.version = (SELECT max(m.version) FROM mash.policy_version m
                                  WHERE m.owner = v.owner AND mash.begun(m.valid_from, t.day))
          LEFT JOIN mash.policy_signature s ON s.owner = v.owner AND s.version = v.version
          LEFT JOIN LATERAL (
              SELECT n.number, n.body
                FROM (SELECT row_number() OVER (ORDER BY x.idx) AS number, x.body FROM mash.policy_leaves(v.owner) x) n
               WHERE mash.begun(mash.leaf_says(n.body, 'from')::date, t.day)
               ORDER BY n.number DESC
               LIMIT 1) l ON true
         ORDER BY v.owner, s.key_id
    $$;

-- Which versions a digest speaks of; once for each. It says nothing that the versions do not: the door makes sure.
CREATE OR REPLACE FUNCTION door.hub_policy_set(p_digest bytea, p_owner text[], p_version bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF EXISTS (SELECT FROM mash.policy_set WHERE digest = p_digest) THEN
            RETURN;
        END IF;
        IF p_digest <> (SELECT sha256(coalesce(string_agg(v.digest, '' ORDER BY x.n), ''))
                          FROM unnest(p_owner, p_version) WITH ORDINALITY AS x (owner, version, n)
                          JOIN mash.policy_version v ON v.owner = x.owner AND v.version = x.version) THEN
            PERFORM mash.refuse('hub_failed');
        END IF;
        INSERT INTO mash.policy_set (digest, owner, version)
        SELECT p_digest, x.owner, x.version FROM unnest(p_owner, p_version) AS x (owner, version)
        ON CONFLICT DO NOTHING;
    END
    $$;

-- Those versions, of these owners (a space between them), with the digest of each text.
CREATE OR REPLACE FUNCTION door.hub_policies_of(p_digest bytea, p_owners text)
    RETURNS TABLE (owner text, version integer, digest text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT s.owner, s.version, encode(v.digest, 'hex')
          FROM mash.policy_set s
          JOIN mash.policy_version v USING (owner, version)
         WHERE s.digest = p_digest AND s.owner = ANY (string_to_array(p_owners, ' '))
         ORDER BY s.owner
    $$;

-- The number of the version that comes next: what it must be signed as.
CREATE OR REPLACE FUNCTION door.hub_policy_next(p_owner text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT count(*) + 1 FROM mash.policy_leaves(p_owner) $$;

CREATE OR REPLACE FUNCTION door.hub_policy_load(
    p_staff text, p_owner text, p_version bigint, p_digest bytea, p_text text, p_key_ids text[], p_signatures bytea[],
    r_line bigint[], r_effect text[], r_class text[], r_recipient_kind text[], r_recipient text[],
    r_purpose text[], r_least text[], r_show text[], r_signpost text[], r_authorises text[],
    r_from text[], r_until text[], p_from text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_version integer;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('policy ' || p_owner));
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        v_version := door.hub_policy_next(p_owner);
        IF v_version <> p_version THEN
            PERFORM mash.refuse('state_wrong'); -- another version was loaded meanwhile
        END IF;
        INSERT INTO mash.policy_version (owner, version, digest, text, loaded_by, loaded_at, valid_from)
        VALUES (p_owner, v_version, p_digest, p_text, p_staff, mash.hub_now(), p_from::date);
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
                            'digest', encode(p_digest, 'hex'), 'from', p_from,
                            'keys', array_to_string(p_key_ids, '+'));
        RETURN v_version;
    END
    $$;

-- state by the table alone: "in force", "replaced" (or overtaken before it began), or "begins".
CREATE OR REPLACE FUNCTION door.hub_policy_list()
    RETURNS TABLE (owner text, version integer, digest text, loaded_by text, loaded_at text, valid_from text, state text,
                   rules bigint, keys text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT v.owner, v.version, encode(v.digest, 'hex'), v.loaded_by, mash.rfc3339(v.loaded_at),
               to_char(v.valid_from, 'YYYY-MM-DD'),
               CASE WHEN EXISTS (SELECT FROM mash.policy_version m
                                  WHERE m.owner = v.owner AND m.version > v.version
                                    AND mash.begun(m.valid_from, greatest(v.valid_from, mash.today()))) THEN 'replaced'
                    WHEN mash.begun(v.valid_from, mash.today()) THEN 'in force'
                    ELSE 'begins' END,
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
         WHERE v.owner = p_owner
           AND (v.version = p_version OR p_version IS NULL AND mash.begun(v.valid_from, mash.today()))
         ORDER BY v.version DESC
         LIMIT 1
    $$;

-- What a share stands on: one row per item of the decision's frozen set. The look is recorded first. person_id is NULL
-- unless the decision's row and its leaf agree on the child.
CREATE OR REPLACE FUNCTION door.hub_share_basis(p_staff text, p_enquiry uuid, p_decision uuid, p_recipient text,
                                                p_purpose text, p_policy bytea DEFAULT NULL)
    RETURNS TABLE (decision_id uuid, person_id uuid, rating text, item_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_decision uuid;
        v_owners   text[];
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.share_roles());
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
                            'decision', v_decision::text, 'recipient', p_recipient, 'purpose', p_purpose,
                            'policy', encode(p_policy, 'hex'));
        RETURN QUERY
        SELECT d.decision_id, l.person_id, mash.rating_recorded(d.enquiry_id), f.item_id
          FROM mash.decision d
         CROSS JOIN LATERAL (SELECT CASE mash.decided_on(d.enquiry_id, d.decision_id) WHEN d.person_id
                                    THEN d.person_id END AS person_id) l
          JOIN mash.decision_item f USING (decision_id)
         WHERE d.decision_id = v_decision;
    END
    $$;

-- Which rule decided on a cut, for people; NULL: none did.
CREATE OR REPLACE FUNCTION mash.rule_text(p_version integer, p_line integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN p_version > 0 AND p_line > 0 THEN 'version ' || p_version || ' line ' || p_line END;
GRANT EXECUTE ON FUNCTION mash.rule_text(integer, integer) TO mash_siro_reader;

-- What became of each item, by which rule, and what the rules were told of it. A flag is a bit, as in
-- broker/release/policy.h: 1 with a summary, 2 prose, 4 authorised, 8 its owner has a desk.
CREATE OR REPLACE FUNCTION mash.cuts_put(p_product uuid, c_item uuid[], c_verdict text[], c_version bigint[],
                                         c_line bigint[], c_reason text[], c_tier text[], c_flags bigint[], c_kept text[])
    RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$
        INSERT INTO mash.cut (product_id, item_id, owner, class, verdict, rule_version, rule_line, reason, tier, summary,
                              prose, authorised, desk, kept)
        SELECT p_product, c.item, i.owner, i.class, c.verdict, c.version, c.line, c.reason, c.tier, c.flags & 1 > 0,
               c.flags & 2 > 0, c.flags & 4 > 0, c.flags & 8 > 0, c.kept
          FROM unnest(c_item, c_verdict, c_version, c_line, c_reason, c_tier, c_flags, c_kept)
               AS c (item, verdict, version, line, reason, tier, flags, kept)
          JOIN mash.item i ON i.item_id = c.item
    $$;

-- Who kept something back is told in a leaf of its own, which no other agency's SIRO sees. There is one for every
-- agency, nobody's when nothing was kept, so that the ledger grows by the same number of leaves whatever was withheld
-- (R10). Returns whom the release's own leaf concerns: those whose words leave, and the recipient.
CREATE OR REPLACE FUNCTION mash.kept_record(p_staff text, p_product uuid, p_recipient text) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_kept record;
    BEGIN
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
        RETURN (SELECT array_agg(DISTINCT x.agency)
                  FROM (SELECT c.owner AS agency FROM mash.cut c
                         WHERE c.product_id = p_product AND c.verdict IN ('full', 'summary', 'fact')
                        UNION SELECT p_recipient) x);
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_share(
    p_staff text, p_product uuid, p_enquiry uuid, p_decision uuid, p_recipient text, p_purpose text, p_gateway text,
    p_digest bytea, p_policy_digest bytea, p_shared bytea, p_full_id uuid, p_full bytea, p_letter uuid,
    p_sealed bytea, c_item uuid[], c_verdict text[], c_version bigint[], c_line bigint[], c_reason text[],
    p_rating text, p_day text, c_tier text[], c_flags bigint[], c_kept text[])
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now timestamptz := mash.hub_now();
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.share_roles());
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
                                  shared, full_id, full_version, released_by, released_at, letter_id, rating, day)
        VALUES (p_product, p_enquiry, p_decision, p_recipient, p_purpose, p_gateway, p_digest, p_policy_digest, p_shared,
                p_full_id, p_full, p_staff, v_now, p_letter, p_rating, p_day::date);
        PERFORM mash.cuts_put(p_product, c_item, c_verdict, c_version, c_line, c_reason, c_tier, c_flags, c_kept);
        INSERT INTO mash.product_supplement (product_id, earlier_id)
        SELECT p_product, p.product_id
          FROM mash.product p
         WHERE p.decision_id = p_decision AND p.recipient = p_recipient AND p.purpose = p_purpose
           AND p.product_id <> p_product
         ORDER BY p.released_at DESC, p.product_id
         LIMIT 1;
        PERFORM mash.letter_send(p_letter, p_recipient, 'product', p_sealed, mash.enquiry_immediate(p_enquiry));
        PERFORM mash.record('release', mash.kept_record(p_staff, p_product, p_recipient), p_staff, p_product,
                            'product', p_product::text,
                            'enquiry', p_enquiry::text, 'decision', p_decision::text, 'recipient', p_recipient,
                            'purpose', p_purpose, 'gateway', p_gateway, 'digest', encode(p_digest, 'hex'),
                            'policy', encode(p_policy_digest, 'hex'),
                            'cuts', encode(mash.cuts_digest(p_product), 'hex'), 'letter', p_letter::text);
    END
    $$;

-- Both versions and every cut of one product, for who needs to know; the look is recorded first.
CREATE OR REPLACE FUNCTION door.hub_product(p_staff text, p_product uuid, p_purpose text)
    RETURNS TABLE (enquiry_id uuid, decision_id uuid, recipient text, purpose text, gateway text, released_by text,
                   released_at text, digest text, shared bytea, full_id uuid, full_version bytea, delivered text,
                   policy bytea, owners text)
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
                          WHERE r.letter_id = p.letter_id), 'on its way'),
               p.policy_digest,
               (SELECT string_agg(DISTINCT c.owner, ' ') FROM mash.cut c WHERE c.product_id = p_product)
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
        WITH known AS MATERIALIZED (
            SELECT s.*, mash.class_shown(s.owner, s.message_id, s.asked) AS class
              FROM (SELECT DISTINCT c.owner, i.message_id, c.class AS asked
                      FROM mash.cut c
                      LEFT JOIN mash.item i USING (item_id)
                     WHERE c.product_id = p_product) s)
        SELECT c.item_id, c.owner, k.class, c.verdict, c.rule_version,
               CASE WHEN k.class IS NOT NULL THEN c.rule_line END, c.reason,
               CASE WHEN k.class IS NOT NULL THEN (string_to_array(v.text, E'\n'))[c.rule_line] END
          FROM mash.cut c
          LEFT JOIN mash.item i USING (item_id)
          LEFT JOIN known k ON k.owner = c.owner AND k.asked = c.class AND k.message_id IS NOT DISTINCT FROM i.message_id
          LEFT JOIN mash.policy_version v ON v.owner = c.owner AND v.version = c.rule_version
         WHERE c.product_id = p_product
         ORDER BY c.owner, c.class, c.item_id
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_agencies() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policies_in_force() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_set(bytea, text[], bigint[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policies_of(bytea, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_next(text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_load(text, text, bigint, bytea, text, text[], bytea[], bigint[], text[], text[], text[],
    text[], text[], text[], text[], text[], text[], text[], text[], text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_list() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_policy_text(text, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_share_basis(text, uuid, uuid, text, text, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_share(text, uuid, uuid, uuid, text, text, text, bytea, bytea, bytea, uuid, bytea, uuid,
    bytea, uuid[], text[], bigint[], bigint[], text[], text, text, text[], bigint[], text[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_product(text, uuid, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_cuts(uuid) TO mash_hub;
