-- Who speaks for an agency: the doors of its people's keys and of its delegations. The ceremony enrols the first
-- two (door.admin_agency_key); all else is an act of the agency, which the hub takes with the signatures that it
-- needs and verifies again whenever the register changes (broker/io/people.h).

-- ---- inner functions ---------------------------------------------------------------------------------

-- What the leaves of an agency's delegations are about.
CREATE OR REPLACE FUNCTION mash.delegation_subject(p_agency text) RETURNS uuid
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.register_subject('delegation ' || p_agency) $$;

-- One change of an agency's people at a time.
CREATE OR REPLACE FUNCTION mash.people_lock(p_agency text) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pg_advisory_xact_lock(hashtext('people ' || p_agency)) $$;

-- The register's leaves as far as they are about people, in the ledger's order.
CREATE OR REPLACE FUNCTION mash.people_leaves()
    RETURNS TABLE (idx bigint, subject uuid, agency text, change text, at text, leaf text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.idx, l.subject, l.agencies[1], mash.leaf_says(l.body, 'change'), mash.leaf_says(l.body, 'at'),
               encode(l.body, 'escape')
          FROM mash.ledger_leaf l
         WHERE l.act = 'key' AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx
    $$;

-- How many people of an agency were ever enrolled: the ceremony has room for two.
CREATE OR REPLACE FUNCTION mash.people_count(p_agency text) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT count(DISTINCT l.subject)
          FROM mash.people_leaves() l
         WHERE l.agency = p_agency AND l.change = 'enrol' AND mash.line_says(l.leaf, 'kind') = 'people'
    $$;

-- ---- for the register --------------------------------------------------------------------------------

-- Every enrolment of a person's key (the first leaf of it counts) and every delegation (key_id NULL), with the
-- signatures beside it. rank: which of its agency's it is. ended: by revocation or withdrawal, whatever the rows
-- say. voided: for a reason that takes back what was signed before; a revocation that gives none of the known
-- reasons does. current: in force now.
CREATE OR REPLACE FUNCTION door.hub_people()
    RETURNS TABLE (key_id text, leaf text, signed text, rank bigint, ended text, voided boolean, current boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH said AS MATERIALIZED (
            SELECT * FROM mash.people_leaves()
        ), enrolled AS (
            SELECT DISTINCT ON (s.subject) s.* FROM said s
             WHERE s.change = 'enrol' ORDER BY s.subject, s.idx
        ), revoked AS (
            SELECT s.subject, min(s.at) AS ended,
                   bool_or(coalesce(mash.line_says(s.leaf, 'reason'), '') NOT IN ('left', 'rotated', 'lost')) AS voided
              FROM said s WHERE s.change = 'revoke' GROUP BY s.subject
        ), withdrawn AS (
            SELECT s.subject, mash.line_says(s.leaf, 'number') AS number, min(s.at) AS ended
              FROM said s WHERE s.change = 'withdraw' GROUP BY 1, 2
        ), act AS (
            SELECT e.idx, mash.line_says(e.leaf, 'key') AS key_id, e.leaf,
                   row_number() OVER (PARTITION BY e.agency ORDER BY e.idx) AS rank, r.ended, coalesce(r.voided, false) AS voided
              FROM enrolled e LEFT JOIN revoked r USING (subject)
             WHERE mash.line_says(e.leaf, 'kind') = 'people'
             UNION ALL
            SELECT s.idx, NULL, s.leaf, row_number() OVER (PARTITION BY s.subject ORDER BY s.idx), w.ended, w.ended IS NOT NULL
              FROM said s
              LEFT JOIN withdrawn w ON w.subject = s.subject AND w.number = mash.line_says(s.leaf, 'number')
             WHERE s.change = 'delegate'
        )
        SELECT a.key_id, a.leaf, p.signatures, a.rank, a.ended, a.voided,
               a.ended IS NULL AND mash.hub_now() < mash.line_says(a.leaf, 'valid_until')::timestamptz
          FROM act a
          LEFT JOIN mash.people_act p ON p.leaf_index = a.idx
         ORDER BY a.idx
    $$;

-- ---- acts --------------------------------------------------------------------------------------------

-- The day on which something ends, as the moment that stands in the leaf; within what is sensible.
CREATE OR REPLACE FUNCTION mash.people_until(p_day text, p_most interval) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_until timestamptz;
    BEGIN
        v_until := p_day::date::timestamp AT TIME ZONE 'UTC';
        IF v_until <= mash.hub_now() OR v_until > mash.hub_now() + p_most THEN
            PERFORM mash.refuse('argument_wrong');
        END IF;
        RETURN v_until;
    EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
        PERFORM mash.refuse('argument_wrong');
    END
    $$;

-- A new person's key, by those whose keys are p_keys; of a rotation, p_replaces is the key that ends.
CREATE OR REPLACE FUNCTION mash.people_enrol(p_staff text, p_agency text, p_public bytea, p_holder text, p_until text,
                                             p_replaces text, p_keys text[], p_signed text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_id    text := left(encode(sha256(p_public), 'hex'), 16);
        v_until timestamptz := mash.people_until(p_until, interval '2 years');
        v_leaf  bigint;
    BEGIN
        IF EXISTS (SELECT FROM mash.agency_key k WHERE k.key_id = v_id) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        v_leaf := mash.record('key', ARRAY[p_agency], p_staff, mash.register_subject(v_id), 'change', 'enrol',
                              'kind', 'people', 'key', v_id, 'digest', encode(sha256(p_public), 'hex'),
                              'holder', p_holder, 'valid_until', mash.rfc3339(v_until), 'replaces', p_replaces,
                              'by', array_to_string(p_keys, '+'), 'signed', encode(sha256(convert_to(p_signed, 'UTF8')), 'hex'));
        INSERT INTO mash.agency_key (key_id, agency, kind, public, holder, valid_from, valid_until, leaf_index)
        VALUES (v_id, p_agency, 'people', p_public, p_holder, mash.hub_now(), v_until, v_leaf);
        RETURN v_leaf;
    END
    $$;

-- Of this agency's people, and not revoked yet. Of a rotation, the same person's.
CREATE OR REPLACE FUNCTION mash.people_end(p_staff text, p_agency text, p_key text, p_holder text, p_reason text,
                                           p_keys text[], p_signed text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_leaf bigint;
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.agency_key k
                        WHERE k.key_id = p_key AND k.agency = p_agency AND k.kind = 'people'
                          AND k.holder = coalesce(p_holder, k.holder)) THEN
            PERFORM mash.refuse('not_found');
        ELSIF p_reason = 'rotated' AND mash.key_revoked(p_key) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        v_leaf := mash.record('key', ARRAY[p_agency], p_staff, mash.register_subject(p_key), 'change', 'revoke',
                              'key', p_key, 'reason', p_reason, 'by', array_to_string(p_keys, '+'),
                              'signed', encode(sha256(convert_to(p_signed, 'UTF8')), 'hex'));
        INSERT INTO mash.key_revocation (key_id, revoked_at, reason, leaf_index)
        VALUES (p_key, mash.hub_now(), p_reason, v_leaf) ON CONFLICT DO NOTHING;
        RETURN v_leaf;
    END
    $$;

CREATE OR REPLACE FUNCTION mash.people_delegate(p_staff text, p_agency text, p_change text, p_lead text, p_holder text,
                                                p_until text, p_number bigint, p_keys text[], p_signed text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_made bigint;
    BEGIN
        SELECT count(*) INTO v_made
          FROM mash.people_leaves() l
         WHERE l.subject = mash.delegation_subject(p_agency) AND l.change = 'delegate';
        IF p_change = 'delegate' AND p_number <> v_made + 1 THEN
            PERFORM mash.refuse('state_wrong'); -- signed before the last one was made
        ELSIF p_change = 'withdraw' AND NOT p_number BETWEEN 1 AND v_made THEN
            PERFORM mash.refuse('not_found');
        ELSIF p_lead = p_agency THEN
            PERFORM mash.refuse('argument_wrong');
        END IF;
        RETURN mash.record('key', ARRAY[p_agency] || CASE WHEN p_lead IS NOT NULL THEN ARRAY[p_lead] ELSE '{}' END,
                           p_staff, mash.delegation_subject(p_agency), 'change', p_change, 'number', p_number::text,
                           'owner', p_agency, 'lead', p_lead, 'holder', p_holder,
                           'valid_until', mash.rfc3339(mash.people_until(p_until, interval '1 year 1 day')),
                           'by', array_to_string(p_keys, '+'), 'signed', encode(sha256(convert_to(p_signed, 'UTF8')), 'hex'));
    END
    $$;

-- One act of an agency's people, whose signatures the hub has verified. A rotation is two: the new key's enrolment
-- and then the old one's end, which may have signed it.
CREATE OR REPLACE FUNCTION door.hub_people_change(
    p_staff text, p_agency text, p_act text, p_key text, p_public bytea, p_holder text, p_until text, p_replaces text,
    p_reason text, p_lead text, p_number text, p_keys text[], p_signed text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_leaf bigint;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        PERFORM mash.people_lock(p_agency);
        IF NOT EXISTS (SELECT FROM mash.agency a WHERE a.agency = p_agency) THEN
            PERFORM mash.refuse('not_found');
        ELSIF EXISTS (SELECT FROM unnest(p_keys) k WHERE mash.key_revoked(k)) OR cardinality(p_keys) = 0 THEN
            PERFORM mash.refuse('people_unsigned'); -- revoked since the hub looked
        END IF;
        CASE
        WHEN p_act = 'enrol' THEN
            v_leaf := mash.people_enrol(p_staff, p_agency, p_public, p_holder, p_until, NULL, p_keys, p_signed);
        WHEN p_act = 'rotate' THEN
            v_leaf := mash.people_enrol(p_staff, p_agency, p_public, p_holder, p_until, p_replaces, p_keys, p_signed);
            PERFORM mash.people_end(p_staff, p_agency, p_replaces, p_holder, 'rotated', p_keys, p_signed);
        WHEN p_act = 'revoke' THEN
            v_leaf := mash.people_end(p_staff, p_agency, p_key, NULL, p_reason, p_keys, p_signed);
        ELSE
            v_leaf := mash.people_delegate(p_staff, p_agency, p_act, p_lead, p_holder, p_until, p_number::bigint, p_keys,
                                           p_signed);
        END CASE;
        INSERT INTO mash.people_act (leaf_index, agency, act, signatures, loaded_by, loaded_at)
        VALUES (v_leaf, p_agency, p_act, p_signed, p_staff, mash.hub_now());
        PERFORM pg_notify('register', '');
        RETURN v_leaf;
    END
    $$;

-- ---- looking -----------------------------------------------------------------------------------------

-- by: the key ceremony, or the keys that signed. The hub says beside it what it does not obey.
CREATE OR REPLACE FUNCTION door.hub_people_list(p_agency text)
    RETURNS TABLE (key_id text, agency text, holder text, since text, until text, state text, by text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT k.key_id, k.agency, k.holder, mash.rfc3339(k.valid_from), mash.rfc3339(k.valid_until),
               CASE WHEN p.voided THEN 'compromised' WHEN p.ended IS NOT NULL THEN 'ended ' || left(p.ended, 10)
                    WHEN p.current THEN 'in force' ELSE 'expired' END,
               coalesce(replace(mash.line_says(p.leaf, 'by'), '+', ' '), 'key ceremony')
          FROM mash.agency_key k
          LEFT JOIN door.hub_people() p USING (key_id)
         WHERE k.kind = 'people' AND (p_agency IS NULL OR k.agency = p_agency)
         ORDER BY k.agency, k.valid_from, k.key_id
    $$;

CREATE OR REPLACE FUNCTION door.hub_delegations(p_agency text)
    RETURNS TABLE (agency text, number bigint, lead text, holder text, since text, until text, state text, by text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT d.owner, d.rank, mash.line_says(d.leaf, 'lead'), mash.line_says(d.leaf, 'holder'),
               mash.line_says(d.leaf, 'at'), mash.line_says(d.leaf, 'valid_until'),
               CASE WHEN d.voided THEN 'withdrawn ' || left(d.ended, 10)
                    WHEN lead(d.rank) OVER (PARTITION BY d.owner ORDER BY d.rank) IS NOT NULL THEN 'followed by another'
                    WHEN d.current THEN 'in force' ELSE 'expired' END,
               replace(mash.line_says(d.leaf, 'by'), '+', ' ')
          FROM (SELECT p.*, mash.line_says(p.leaf, 'owner') AS owner FROM door.hub_people() p WHERE p.key_id IS NULL) d
         WHERE p_agency IS NULL OR d.owner = p_agency
         ORDER BY d.owner, d.rank
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_people() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_people_change(text, text, text, text, bytea, text, text, text, text, text, text, text[],
    text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_people_list(text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_delegations(text) TO mash_hub;
