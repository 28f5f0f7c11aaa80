-- The pipeline's doors: messages become items of an enquiry. mash_hub calls them, inside one transaction per
-- message, opened by hub_next and ended by hub_take, hub_answer or hub_set_aside. Locks are always taken in
-- the same order (message, keys, persons, enquiry, ledger head), so two hubs never wait in a circle.

-- ---- what hub_take and hub_answer share -----------------------------------------------------------

-- Takes the message off the work list. The row was locked by hub_next in this transaction.
CREATE OR REPLACE FUNCTION mash.message_done(p_agency text, p_message uuid) RETURNS mash.message
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_message mash.message;
    BEGIN
        DELETE FROM mash.message_todo WHERE agency = p_agency AND message_id = p_message;
        IF NOT FOUND THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        SELECT * INTO v_message FROM mash.message WHERE agency = p_agency AND message_id = p_message;
        RETURN v_message;
    END
    $$;

CREATE OR REPLACE FUNCTION mash.items_put(p_enquiry uuid, p_owner text, p_message uuid, i_id uuid[], i_class text[],
                                          i_tier text[], i_free bigint[], i_sealed bytea[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$
        INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
        SELECT i.id, p_enquiry, p_owner, p_message, i.class, i.tier, i.free <> 0, i.sealed, mash.hub_now()
          FROM unnest(i_id, i_class, i_tier, i_free, i_sealed) AS i (id, class, tier, free, sealed)
    $$;

CREATE OR REPLACE FUNCTION mash.record_rate(p_agency text, p_enquiry uuid, p_rating text, p_factors text[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.record('rate', ARRAY[p_agency], 'hub', p_enquiry, 'enquiry', p_enquiry::text, 'rating', p_rating,
                           'factors', nullif(array_to_string(p_factors, '+'), ''))
    $$;

-- ---- the doors ------------------------------------------------------------------------------------

-- The realm that this database is for: a hub of the other one must not start.
CREATE OR REPLACE FUNCTION door.hub_realm() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.realm() $$;

-- The most urgent message that no other hub has in hand: immediate lane first, then the order of arrival.
-- A row without its message holds nobody up.
CREATE OR REPLACE FUNCTION door.hub_next()
    RETURNS TABLE (agency text, message_id uuid, content text, lane text, commitment bytea, sealed bytea)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH next AS MATERIALIZED (
            SELECT t.agency, t.message_id
              FROM mash.message_todo t
             WHERE EXISTS (SELECT FROM mash.message m WHERE m.agency = t.agency AND m.message_id = t.message_id)
             ORDER BY t.lane, t.received_at
             LIMIT 1
               FOR UPDATE SKIP LOCKED
        )
        SELECT m.agency, m.message_id, m.content, m.lane, m.commitment, m.sealed
          FROM next JOIN mash.message m USING (agency, message_id)
    $$;

-- A referral. m_*: one a mention; k_*: match keys, each with the position of its mention; i_*: items. p_reference
-- and p_content are keyed hashes; without a reference nothing is a repeat.
CREATE OR REPLACE FUNCTION door.hub_take(
    p_agency text, p_message uuid, p_new_enquiry uuid, p_reference bytea, p_content bytea,
    m_id uuid[], m_person uuid[], m_ref text[], m_roles text[], m_sealed bytea[],
    k_mention bigint[], k_kind text[], k_hmac bytea[],
    i_id uuid[], i_class text[], i_tier text[], i_free bigint[], i_sealed bytea[],
    p_rating text, p_factors text[])
    RETURNS TABLE (treatment text, enquiry_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE
        v_now       timestamptz := mash.hub_now();
        v_message   mash.message := mash.message_done(p_agency, p_message);
        v_treatment text := 'opened';
        v_enquiry   uuid;
        v_same      boolean := false;
        v_rose      boolean := true;
        v_items     integer := cardinality(i_id);
        v_persons   uuid[] := '{}';
        v_subject   bigint[];
        v_children  uuid[];
    BEGIN
        -- Whoever works on the same child, or on the same reference, waits here.
        PERFORM pg_advisory_xact_lock(l.key)
           FROM (SELECT DISTINCT hashtextextended(encode(h, 'hex'), 0) AS key
                   FROM unnest(k_hmac || p_reference) h
                  WHERE h IS NOT NULL
                  ORDER BY 1) l;

        SELECT e.enquiry_id, n.content = p_content INTO v_enquiry, v_same
          FROM mash.native_reference n
          JOIN mash.enquiry_message e USING (agency, message_id)
         WHERE n.agency = p_agency AND n.reference = p_reference
         ORDER BY n.content = p_content DESC, e.at DESC
         LIMIT 1;
        IF v_enquiry IS NOT NULL THEN
            v_treatment := CASE WHEN v_same THEN 'repeat' ELSE 'update' END;
        END IF;
        IF p_reference IS NOT NULL THEN
            INSERT INTO mash.native_reference (agency, reference, message_id, content)
            VALUES (p_agency, p_reference, p_message, p_content);
        END IF;

        IF v_treatment = 'repeat' THEN
            -- Nothing new but, perhaps, how urgent the sender finds it now.
            SELECT mash.rating_rank(p_rating) > mash.rating_rank(e.rating) INTO v_rose
              FROM mash.enquiry e WHERE e.enquiry_id = v_enquiry FOR UPDATE;
            IF v_rose OR v_message.lane = 'immediate' THEN
                PERFORM mash.enquiry_arrive(v_enquiry, v_message.lane, v_message.received_at, 1, p_rating, p_factors);
            END IF;
            v_items := 0;
        ELSE
            INSERT INTO mash.mention (mention_id, agency, message_id, person_ref, roles, sealed, at)
            SELECT m.id, p_agency, p_message, m.ref, string_to_array(m.roles, '+'), m.sealed, v_now
              FROM unnest(m_id, m_ref, m_roles, m_sealed) AS m (id, ref, roles, sealed);
            FOR v_nth IN 1 .. cardinality(m_id) LOOP
                v_persons := v_persons || mash.mention_link(
                    m_id[v_nth], m_person[v_nth], v_persons,
                    (SELECT coalesce(array_agg(k_kind[k] ORDER BY k), '{}')
                       FROM generate_subscripts(k_mention, 1) k WHERE k_mention[k] = v_nth),
                    (SELECT coalesce(array_agg(k_hmac[k] ORDER BY k), '{}')
                       FROM generate_subscripts(k_mention, 1) k WHERE k_mention[k] = v_nth));
            END LOOP;

            -- Subjects: the children it is about; a message about adults is about the children of the home.
            SELECT array_agg(m.nth) INTO v_subject
              FROM unnest(m_roles) WITH ORDINALITY AS m (roles, nth)
             WHERE string_to_array(m.roles, '+') && ARRAY['child', 'unborn'];
            IF v_subject IS NULL THEN
                SELECT array_agg(m.nth) INTO v_subject
                  FROM unnest(m_roles) WITH ORDINALITY AS m (roles, nth)
                 WHERE 'sibling' = ANY (string_to_array(m.roles, '+'));
            END IF;
            SELECT array_agg(v_persons[n]) INTO v_children FROM unnest(v_subject) n;

            -- Two messages may reach one child by different keys: they meet at the person.
            PERFORM FROM mash.person p WHERE p.person_id = ANY (v_children) ORDER BY p.person_id FOR UPDATE;
            IF v_enquiry IS NULL THEN
                v_enquiry := mash.enquiry_of(v_children);
                v_treatment := CASE WHEN v_enquiry IS NULL THEN 'opened' ELSE 'attached' END;
            END IF;
            IF v_enquiry IS NULL THEN
                v_enquiry := p_new_enquiry;
                PERFORM mash.enquiry_open(v_enquiry, v_message.lane, v_message.received_at, v_items, p_rating, p_factors);
            ELSE
                v_rose := mash.enquiry_arrive(v_enquiry, v_message.lane, v_message.received_at, v_items, p_rating,
                                              p_factors);
            END IF;
            INSERT INTO mash.subject (enquiry_id, person_id, kind)
            SELECT v_enquiry, v_persons[n],
                   CASE WHEN 'unborn' = ANY (string_to_array(m_roles[n], '+')) THEN 'unborn' ELSE 'child' END
              FROM unnest(v_subject) n
            ON CONFLICT DO NOTHING;
            PERFORM mash.items_put(v_enquiry, p_agency, p_message, i_id, i_class, i_tier, i_free, i_sealed);
        END IF;

        INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
        VALUES (v_enquiry, p_agency, p_message, v_treatment, v_now);
        PERFORM mash.record('process', ARRAY[p_agency], 'hub', p_message, 'message', p_message::text,
                            'treatment', v_treatment, 'enquiry', v_enquiry::text, 'items', v_items::text);
        PERFORM mash.record('link', ARRAY[p_agency], 'hub', l.mention_id, 'mention', l.mention_id::text,
                            'person', l.person_id::text, 'basis', l.basis)
           FROM mash.mention m JOIN mash.link l USING (mention_id)
          WHERE m.agency = p_agency AND m.message_id = p_message AND l.state = 'accepted';
        IF v_rose THEN
            PERFORM mash.record_rate(p_agency, v_enquiry, p_rating, p_factors);
        END IF;
        RETURN QUERY SELECT v_treatment, v_enquiry;
    EXCEPTION
        -- One message must not stop all others: it goes where people see it.
        WHEN data_exception OR integrity_constraint_violation OR raise_exception THEN
            PERFORM mash.refuse('hub_failed');
    END
    $$;

-- An agency's answer to a check that was put to it and is still open. not_found: no such check of that agency;
-- state_wrong: answered before.
CREATE OR REPLACE FUNCTION door.hub_answer(
    p_agency text, p_message uuid, p_check uuid, p_outcome text,
    i_id uuid[], i_class text[], i_tier text[], i_free bigint[], i_sealed bytea[],
    p_rating text, p_factors text[])
    RETURNS TABLE (treatment text, enquiry_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE
        v_message mash.message := mash.message_done(p_agency, p_message);
        v_enquiry uuid;
        v_state   text;
        v_rose    boolean;
    BEGIN
        SELECT c.enquiry_id INTO v_enquiry FROM mash.agency_check c WHERE c.check_id = p_check AND c.agency = p_agency;
        IF NOT FOUND THEN
            PERFORM mash.refuse('not_found');
        END IF;
        v_rose := mash.enquiry_arrive(v_enquiry, v_message.lane, v_message.received_at, cardinality(i_id), p_rating,
                                      p_factors);
        v_state := mash.check_step(p_check, CASE p_outcome WHEN 'answered' THEN 'answer' WHEN 'nil_return' THEN 'nil'
                                            WHEN 'refused' THEN 'refuse' END);
        UPDATE mash.agency_check SET answered_at = mash.hub_now() WHERE check_id = p_check;
        PERFORM mash.items_put(v_enquiry, p_agency, p_message, i_id, i_class, i_tier, i_free, i_sealed);
        INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
        VALUES (v_enquiry, p_agency, p_message, 'answer', mash.hub_now());
        PERFORM mash.record('answer', ARRAY[p_agency], 'hub', p_message, 'message', p_message::text,
                            'check', p_check::text, 'enquiry', v_enquiry::text, 'outcome', v_state,
                            'items', cardinality(i_id)::text);
        IF v_rose THEN
            PERFORM mash.record_rate(p_agency, v_enquiry, p_rating, p_factors);
        END IF;
        RETURN QUERY SELECT 'answer'::text, v_enquiry;
    EXCEPTION
        WHEN data_exception OR integrity_constraint_violation OR raise_exception THEN
            PERFORM mash.refuse('hub_failed');
    END
    $$;

-- A message that cannot be worked on: off the work list, kept as it is for a person to see.
CREATE OR REPLACE FUNCTION door.hub_set_aside(p_agency text, p_message uuid, p_quarantine uuid, p_reason text,
                                              p_path text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_message mash.message := mash.message_done(p_agency, p_message);
    BEGIN
        INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed, received_at)
        VALUES (p_quarantine, p_agency, p_message, p_reason, p_path, v_message.content, v_message.commitment,
                v_message.sealed, v_message.received_at)
        ON CONFLICT (agency, digest) DO NOTHING;
        IF NOT FOUND THEN
            -- It was here before and a person put it through again: a row of its own, so that it shows again.
            INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed,
                                         received_at)
            VALUES (p_quarantine, p_agency, p_message, p_reason, p_path, v_message.content,
                    sha256(v_message.commitment || uuid_send(p_quarantine)), v_message.sealed, v_message.received_at);
        END IF;
        PERFORM mash.record('quarantine', ARRAY[p_agency], 'hub', p_message, 'message', p_message::text,
                            'commitment', encode(v_message.commitment, 'hex'), 'reason', p_reason,
                            'path', nullif(p_path, ''));
    END
    $$;

-- ---- what is in an enquiry; the caller's own door records the look --------------------------------

-- The leaf by which a message came in here: the first there is, within the ledger's size.
CREATE OR REPLACE FUNCTION mash.arrival(p_agency text, p_message uuid) RETURNS TABLE (idx bigint, body bytea)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.idx, l.body
          FROM mash.ledger_leaf l
         WHERE l.subject = p_message AND l.act IN ('process', 'answer') AND l.agencies = ARRAY[p_agency]
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx
         LIMIT 1
    $$;

-- replaced: a later message is an update of the same reference, as its leaf says, and has that class anew.
CREATE OR REPLACE FUNCTION door.hub_items(p_enquiry uuid)
    RETURNS TABLE (item_id uuid, owner text, class text, message_id uuid, sealed bytea, arrived_at text, leaf text,
                   replaced boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT i.item_id, i.owner, i.class, i.message_id, i.sealed, mash.rfc3339(i.arrived_at),
               convert_from(a.body, 'UTF8'),
               EXISTS (SELECT FROM mash.native_reference n
                         JOIN mash.native_reference m USING (agency, reference)
                         JOIN mash.item j ON j.owner = m.agency AND j.message_id = m.message_id AND j.class = i.class
                        CROSS JOIN LATERAL mash.arrival(m.agency, m.message_id) u
                        WHERE n.agency = i.owner AND n.message_id = i.message_id AND u.idx > a.idx
                          AND mash.leaf_says(u.body, 'treatment') = 'update')
          FROM mash.item i
          LEFT JOIN LATERAL mash.arrival(i.owner, i.message_id) a ON true
         WHERE i.enquiry_id = p_enquiry
         ORDER BY i.arrived_at, i.item_id
    $$;

CREATE OR REPLACE FUNCTION door.hub_mentions(p_enquiry uuid)
    RETURNS TABLE (mention_id uuid, agency text, roles text, sealed bytea, person_id uuid, subject boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT m.mention_id, m.agency, array_to_string(m.roles, '+'), m.sealed, l.person_id, s.person_id IS NOT NULL
          FROM mash.enquiry_message e
          JOIN mash.mention m USING (agency, message_id)
          CROSS JOIN LATERAL (
              SELECT x.person_id
                FROM (SELECT DISTINCT ON (y.person_id) y.person_id, y.state, y.at
                        FROM mash.link y
                       WHERE y.mention_id = m.mention_id
                       ORDER BY y.person_id, y.at DESC) x
               WHERE x.state = 'accepted'
               ORDER BY x.at DESC
               LIMIT 1) l
          LEFT JOIN mash.subject s ON s.enquiry_id = p_enquiry AND s.person_id = l.person_id
         WHERE e.enquiry_id = p_enquiry
         ORDER BY m.at, m.mention_id
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_realm() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_next() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_take(text, uuid, uuid, bytea, bytea, uuid[], uuid[], text[], text[], bytea[], bigint[],
    text[], bytea[], uuid[], text[], text[], bigint[], bytea[], text, text[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_answer(text, uuid, uuid, text, uuid[], text[], text[], bigint[], bytea[], text, text[])
    TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_set_aside(text, uuid, uuid, text, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_items(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_mentions(uuid) TO mash_hub;
