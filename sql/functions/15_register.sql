-- The register's doors: who may talk to the hub, with which key. Changes are mash_admin's (the key
-- ceremony), each with its leaf; programs read with the leaf beside every key, and compare.

-- What the register's leaves are about, as the ledger's subject: found by index.
CREATE OR REPLACE FUNCTION mash.register_subject(p_code text) RETURNS uuid
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT encode(substr(sha256(convert_to('register ' || p_code, 'UTF8')), 1, 16), 'hex')::uuid $$;

CREATE OR REPLACE FUNCTION door.admin_agency(p_agency text, p_name text, p_type text, p_desk text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        INSERT INTO mash.agency (agency, name, type, desk, enrolled_at)
        VALUES (p_agency, p_name, p_type, p_desk, mash.hub_now());
        PERFORM mash.record('key', ARRAY[p_agency], session_user, mash.register_subject(p_agency), 'change', 'agency',
                            'type', p_type, 'digest', encode(sha256(convert_to(p_name || E'\n' || p_desk, 'UTF8')), 'hex'));
    END
    $$;

-- Of an agency's people the first two only: whoever comes after them is enrolled by two of them (16_people.sql).
CREATE OR REPLACE FUNCTION door.admin_agency_key(p_agency text, p_kind text, p_public bytea, p_holder text,
                                                 p_days integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_id    text := left(encode(sha256(p_public), 'hex'), 16);
        v_now   timestamptz := mash.hub_now();
        v_until timestamptz := date_trunc('second', v_now + make_interval(days => p_days));
        v_leaf  bigint;
    BEGIN
        IF p_kind = 'people' THEN
            PERFORM mash.people_lock(p_agency);
            IF mash.people_count(p_agency) >= 2 THEN
                PERFORM mash.refuse('people_unsigned');
            END IF;
        END IF;
        v_leaf := mash.record('key', ARRAY[p_agency], session_user, mash.register_subject(v_id), 'change', 'enrol',
                              'kind', p_kind, 'key', v_id, 'digest', encode(sha256(p_public), 'hex'),
                              'holder', p_holder, 'valid_until', mash.rfc3339(v_until),
                              'bootstrap', CASE WHEN p_kind = 'people' THEN 'yes' END);
        INSERT INTO mash.agency_key (key_id, agency, kind, public, holder, valid_from, valid_until, leaf_index)
        VALUES (v_id, p_agency, p_kind, p_public, p_holder, v_now, v_until, v_leaf);
        PERFORM pg_notify('register', '');
        RETURN v_id;
    END
    $$;

CREATE OR REPLACE FUNCTION door.admin_staff(p_staff text, p_public bytea, p_roles text[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_id   text := left(encode(sha256(p_public), 'hex'), 16);
        v_leaf bigint;
    BEGIN
        v_leaf := mash.record('key', '{}', session_user, mash.register_subject(v_id), 'change', 'staff', 'staff', p_staff, 'key', v_id,
                              'digest', encode(sha256(p_public), 'hex'), 'roles', array_to_string(p_roles, '+'));
        INSERT INTO mash.staff (staff, key_id, public, roles, enrolled_at, leaf_index)
        VALUES (p_staff, v_id, p_public, p_roles, mash.hub_now(), v_leaf);
        PERFORM pg_notify('register', '');
        RETURN v_id;
    END
    $$;

-- The leaf gives the reason when it is one of the list key_end. Of a person's key, any other reason and none count as
-- compromised: all that it signed is void. It may be said later of a key that was revoked for less.
CREATE OR REPLACE FUNCTION door.admin_revoke(p_key_id text, p_reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_leaf   bigint;
        v_agency text[];
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.agency_key WHERE key_id = p_key_id
                       UNION ALL SELECT FROM mash.staff WHERE key_id = p_key_id) THEN
            PERFORM mash.refuse('not_found'); -- a mistyped key must not leave the stolen one in use unnoticed
        END IF;
        SELECT coalesce(array_agg(agency), '{}') INTO v_agency FROM mash.agency_key WHERE key_id = p_key_id;
        v_leaf := mash.record('key', v_agency, session_user, mash.register_subject(p_key_id), 'change', 'revoke',
                              'key', p_key_id, 'reason', (SELECT c.code FROM mash.code_list c
                                                           WHERE c.list = 'key_end' AND c.code = p_reason));
        INSERT INTO mash.key_revocation (key_id, revoked_at, reason, leaf_index)
        VALUES (p_key_id, mash.hub_now(), p_reason, v_leaf) ON CONFLICT DO NOTHING;
        PERFORM pg_notify('register', '');
    END
    $$;

-- Revoked is what the ledger says was revoked: deleting the row undoes nothing.
CREATE OR REPLACE FUNCTION mash.key_revoked(p_key_id text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM mash.ledger_leaf l
                        WHERE l.subject = mash.register_subject(p_key_id) AND l.act = 'key'
                          AND position(convert_to(E'\nchange revoke\n', 'UTF8') IN l.body) > 0)
    $$;

-- The leaf by which a code came into the register: the first there is, within the ledger's size. What is
-- slipped in later, or past the head, where no signature reaches, is not looked at.
CREATE OR REPLACE FUNCTION mash.enrolment(p_code text, p_change text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT convert_from(l.body, 'UTF8')
          FROM mash.ledger_leaf l
         WHERE l.subject = mash.register_subject(p_code) AND l.act = 'key'
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
           AND mash.leaf_says(l.body, 'change') = p_change
         ORDER BY l.idx
         LIMIT 1
    $$;

-- Every key there is, with its leaf's text, which the reader compares: valid_until with the rest.
-- usable: within its dates and not revoked, now. One pass over the register's leaves finds what mash.enrolment
-- and mash.key_revoked find one by one: a county's schools are thousands of keys.
CREATE OR REPLACE FUNCTION door.register()
    RETURNS TABLE (key_id text, agency text, agency_type text, kind text, public bytea, usable boolean, roles text[],
                   valid_until text, leaf text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH moment AS MATERIALIZED (
            SELECT mash.hub_now() AS now
        ), said AS MATERIALIZED (
            SELECT l.subject, l.idx, encode(l.body, 'escape') AS leaf FROM mash.ledger_leaf l WHERE l.act = 'key'
        ), enrolled AS MATERIALIZED (
            SELECT DISTINCT ON (s.subject, s.leaf LIKE E'%\nchange staff\n%')
                   s.subject, s.leaf LIKE E'%\nchange staff\n%' AS staff, s.leaf
              FROM said s
             WHERE s.idx < (SELECT h.size FROM mash.ledger_head h)
               AND (s.leaf LIKE E'%\nchange enrol\n%' OR s.leaf LIKE E'%\nchange staff\n%')
             ORDER BY s.subject, s.leaf LIKE E'%\nchange staff\n%', s.idx
        ), revoked AS MATERIALIZED (
            SELECT DISTINCT s.subject FROM said s WHERE s.leaf LIKE E'%\nchange revoke\n%'
        ), held AS MATERIALIZED (
            SELECT k.key_id, k.agency, a.type, k.kind, k.public, k.valid_from, k.valid_until, '{}'::text[] AS roles,
                   false AS staff, mash.register_subject(k.key_id) AS subject
              FROM mash.agency_key k
              JOIN mash.agency a USING (agency)
             UNION ALL
            SELECT s.key_id, s.staff, '', 'staff', s.public, '-infinity', 'infinity', s.roles, true,
                   mash.register_subject(s.key_id)
              FROM mash.staff s
        )
        SELECT k.key_id, k.agency, k.type, k.kind, k.public,
               m.now >= k.valid_from AND m.now < k.valid_until
               AND NOT EXISTS (SELECT FROM revoked r WHERE r.subject = k.subject),
               k.roles, CASE WHEN NOT k.staff THEN mash.rfc3339(k.valid_until) END, e.leaf
          FROM held k
          JOIN enrolled e USING (subject, staff)
         CROSS JOIN moment m
    $$;

-- Changes whenever door.register would answer anything new: a leaf of the register, a row more or less, a
-- key whose time has come or run out. Cheap enough to be asked every two seconds by every program.
CREATE OR REPLACE FUNCTION door.register_version() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH moment AS MATERIALIZED (
            SELECT mash.hub_now() AS now
        )
        SELECT concat_ws(' ', (SELECT count(*) || ' ' || max(l.idx) FROM mash.ledger_leaf l WHERE l.act = 'key'),
                         count(*), count(*) FILTER (WHERE k.valid_from <= m.now),
                         count(*) FILTER (WHERE k.valid_until <= m.now), (SELECT count(*) FROM mash.staff))
          FROM mash.agency_key k
         CROSS JOIN moment m
    $$;

-- Only in the demonstration realm: the story moves the clock, and says so in the ledger.
CREATE OR REPLACE FUNCTION door.admin_clock(p_advance_s double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF mash.realm() <> 'demonstration' OR p_advance_s < 0 THEN
            RAISE EXCEPTION 'the clock moves forward only, and only in the demonstration realm';
        END IF;
        INSERT INTO mash.setting (name, value) VALUES ('clock_offset_s', p_advance_s::text)
        ON CONFLICT (name) DO UPDATE SET value = (setting.value::double precision + p_advance_s)::text;
        PERFORM mash.record('clock', '{}', session_user, NULL, 'advanced_s', p_advance_s::text);
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.admin_agency(text, text, text, text) TO mash_admin;
GRANT EXECUTE ON FUNCTION door.admin_agency_key(text, text, bytea, text, integer) TO mash_admin;
GRANT EXECUTE ON FUNCTION door.admin_staff(text, bytea, text[]) TO mash_admin;
GRANT EXECUTE ON FUNCTION door.admin_revoke(text, text) TO mash_admin;
GRANT EXECUTE ON FUNCTION door.admin_clock(double precision) TO mash_admin;
GRANT EXECUTE ON FUNCTION door.register_version() TO mash_intake, mash_hub, mash_courier, mash_admin;
GRANT EXECUTE ON FUNCTION door.register() TO mash_intake, mash_hub, mash_courier, mash_admin;
