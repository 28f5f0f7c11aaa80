-- The quarantine's doors: mash_hub calls them for the hub manager. What could not be taken is kept as it came,
-- for ever; each row is dealt with once (mash.quarantine_act): put through again (replay), put through under a new
-- id, corrected or not (mend), or left out (reject). Each act checks the role, makes its writes, and its leaf last.

-- ---- inner functions ---------------------------------------------------------------------------------

-- Who acts on a quarantined message must be its manager, and it must still wait. Acts follow each other.
CREATE OR REPLACE FUNCTION mash.quarantine_need(p_staff text, p_quarantine uuid) RETURNS mash.quarantine
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        q mash.quarantine;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        PERFORM pg_advisory_xact_lock(hashtext('quarantine'));
        SELECT * INTO q FROM mash.quarantine x WHERE x.quarantine_id = p_quarantine;
        IF q.quarantine_id IS NULL THEN
            PERFORM mash.refuse('not_found');
        ELSIF EXISTS (SELECT FROM mash.quarantine_act a WHERE a.quarantine_id = p_quarantine) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        RETURN q;
    END
    $$;

-- The message as it came: what the hub set aside is in mash.message; of what intake refused, submission and lane
-- are told by the leaf of that time. Only of what is one message (content is not NULL).
CREATE OR REPLACE FUNCTION mash.quarantine_original(q mash.quarantine) RETURNS mash.message
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_leaf    bytea;
        v_message mash.message;
    BEGIN
        SELECT * INTO v_message
          FROM mash.message m
         WHERE m.agency = q.agency AND m.message_id = q.message_id
           AND q.digest IN (m.commitment, sha256(m.commitment || uuid_send(q.quarantine_id)));
        IF FOUND THEN
            RETURN v_message;
        END IF;
        SELECT l.body INTO STRICT v_leaf
          FROM mash.ledger_leaf l
         WHERE l.subject = q.message_id AND l.act = 'quarantine' AND l.agencies = ARRAY[q.agency]
           AND mash.leaf_says(l.body, 'commitment') = encode(q.digest, 'hex')
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx
         LIMIT 1;
        v_message.agency := q.agency;
        v_message.message_id := q.message_id;
        v_message.submission_id := mash.leaf_says(v_leaf, 'submission')::uuid;
        v_message.content := q.content;
        v_message.lane := mash.leaf_says(v_leaf, 'lane');
        v_message.commitment := q.digest;
        v_message.sealed := q.sealed;
        v_message.received_at := q.received_at;
        RETURN v_message;
    END
    $$;

-- Why it cannot be put through under its own id; NULL when it can: it is no single message, its id belongs to
-- other content, or it is in an enquiry.
CREATE OR REPLACE FUNCTION mash.quarantine_hindered(q mash.quarantine) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE
            WHEN q.content IS NULL OR q.message_id IS NULL OR q.sealed IS NULL THEN 'state_wrong'
            WHEN EXISTS (SELECT FROM mash.message m
                          WHERE m.agency = q.agency AND m.message_id = q.message_id
                            AND q.digest NOT IN (m.commitment, sha256(m.commitment || uuid_send(q.quarantine_id))))
            THEN 'content_clash'
            WHEN EXISTS (SELECT FROM mash.enquiry_message e WHERE e.agency = q.agency AND e.message_id = q.message_id)
            THEN 'state_wrong'
        END
    $$;

CREATE OR REPLACE FUNCTION mash.age_text(p_since timestamptz) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN m < 60 THEN m || ' min'
                    WHEN m < 2880 THEN m / 60 || ' h ' || to_char(m % 60, 'FM00')
                    ELSE m / 1440 || ' days' END
          FROM (SELECT floor(extract(epoch FROM mash.hub_now() - p_since) / 60)::bigint) x (m)
    $$;

-- ---- looking -----------------------------------------------------------------------------------------

-- What waits, oldest first, at most 1,000 rows; with p_all also what was dealt with, and what became of it.
-- matching: how many there are in all. Nothing of the content. NULL narrows nothing down.
CREATE OR REPLACE FUNCTION door.hub_quarantine(p_staff text, p_all boolean, p_agency text, p_reason text, p_since text)
    RETURNS TABLE (quarantine_id uuid, agency text, message_id uuid, reason text, path text, content text,
                   received_at text, age text, act text, by text, at text, mended_as uuid, enquiry text,
                   matching bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        RETURN QUERY
        SELECT q.quarantine_id, q.agency, q.message_id, q.reason, q.path, q.content, mash.rfc3339(q.received_at),
               mash.age_text(q.received_at), a.act, a.staff, mash.rfc3339(a.at), d.message_id,
               (SELECT e.reference
                  FROM mash.enquiry_message m
                  JOIN mash.enquiry e USING (enquiry_id)
                 WHERE m.agency = q.agency
                   AND m.message_id = CASE a.act WHEN 'mend' THEN d.message_id WHEN 'replay' THEN q.message_id END
                 LIMIT 1),
               count(*) OVER ()
          FROM mash.quarantine q
          LEFT JOIN mash.quarantine_act a USING (quarantine_id)
          LEFT JOIN mash.message_mended d USING (quarantine_id)
         WHERE (p_all OR a.act IS NULL)
           AND (p_agency IS NULL OR q.agency = p_agency)
           AND (p_reason IS NULL OR q.reason = p_reason)
           AND (p_since IS NULL OR q.received_at >= p_since::timestamptz)
         ORDER BY q.received_at, q.quarantine_id
         LIMIT 1000;
    END
    $$;

-- One of them with its sealed bytes. The look is recorded, and committed before anything is opened.
CREATE OR REPLACE FUNCTION door.hub_quarantine_view(p_staff text, p_quarantine uuid)
    RETURNS TABLE (quarantine_id uuid, agency text, message_id uuid, reason text, path text, content text,
                   received_at text, age text, act text, by text, at text, mended_as uuid, words_id uuid, words bytea,
                   sealed bytea)
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
        SELECT q.quarantine_id, q.agency, q.message_id, q.reason, q.path, q.content, mash.rfc3339(q.received_at),
               mash.age_text(q.received_at), a.act, a.staff, mash.rfc3339(a.at),
               (SELECT d.message_id FROM mash.message_mended d WHERE d.quarantine_id = p_quarantine),
               a.words_id, a.words, q.sealed;
    END
    $$;

-- What waits for one reason and is one message each, a page after the row p_after, for the hub to try whether it can
-- be read now: no person is shown it, so no look is recorded. clash: its id belongs to another version, here already
-- or before it in the quarantine.
CREATE OR REPLACE FUNCTION door.hub_quarantine_matching(p_staff text, p_agency text, p_reason text, p_since text,
                                                        p_after uuid, p_most bigint)
    RETURNS TABLE (quarantine_id uuid, agency text, message_id uuid, content text, sealed bytea, clash boolean,
                   matching bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        RETURN QUERY
        WITH page AS MATERIALIZED (
            SELECT q.quarantine_id AS id, count(*) OVER () AS matching
              FROM mash.quarantine q
             WHERE q.reason = p_reason AND q.content IS NOT NULL
               AND (p_agency IS NULL OR q.agency = p_agency)
               AND (p_since IS NULL OR q.received_at >= p_since::timestamptz)
               AND (p_after IS NULL OR (q.received_at, q.quarantine_id) >
                       (SELECT x.received_at, x.quarantine_id FROM mash.quarantine x WHERE x.quarantine_id = p_after))
               AND NOT EXISTS (SELECT FROM mash.quarantine_act a WHERE a.quarantine_id = q.quarantine_id)
             ORDER BY q.received_at, q.quarantine_id
             LIMIT p_most
        )
        SELECT q.quarantine_id, q.agency, q.message_id, q.content, q.sealed,
               mash.quarantine_hindered(q) IS NOT NULL
               OR EXISTS (SELECT FROM mash.quarantine o
                           WHERE o.agency = q.agency AND o.message_id = q.message_id AND o.content IS NOT NULL
                             AND (o.received_at, o.quarantine_id) < (q.received_at, q.quarantine_id)
                             AND NOT EXISTS (SELECT FROM mash.quarantine_act a
                                              WHERE a.quarantine_id = o.quarantine_id)),
               p.matching
          FROM page p
          JOIN mash.quarantine q ON q.quarantine_id = p.id
         ORDER BY q.received_at, q.quarantine_id;
    END
    $$;

-- Which messages of an enquiry came by a mend, as the ledger has it: who, when, instead of which, and whether the
-- words are staff's. The caller records the look.
CREATE OR REPLACE FUNCTION door.hub_mended(p_enquiry uuid)
    RETURNS TABLE (agency text, message_id uuid, by text, at text, original uuid, corrected boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT e.agency, e.message_id, l.actor, mash.rfc3339(l.at), mash.leaf_says(l.body, 'original')::uuid,
               mash.leaf_says(l.body, 'corrected') IS DISTINCT FROM 'no'
          FROM mash.enquiry_message e
          JOIN mash.ledger_leaf l ON l.subject = e.message_id AND l.act = 'mend' AND l.agencies = ARRAY[e.agency]
         WHERE e.enquiry_id = p_enquiry AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx
    $$;

-- ---- acts --------------------------------------------------------------------------------------------

-- All of them, or none: each becomes the message it was and has a leaf of its own.
CREATE OR REPLACE FUNCTION door.hub_quarantine_replay(p_staff text, p_quarantine uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now    timestamptz := mash.hub_now();
        v_leaves bytea[] := '{}';
        v_id     uuid;
        v_why    text;
        q        mash.quarantine;
        m        mash.message;
    BEGIN
        FOREACH v_id IN ARRAY p_quarantine LOOP
            q := mash.quarantine_need(p_staff, v_id);
            v_why := mash.quarantine_hindered(q);
            IF v_why IS NOT NULL THEN
                PERFORM mash.refuse(v_why);
            END IF;
            m := mash.quarantine_original(q);
            INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed,
                                      received_at)
            VALUES (m.agency, m.message_id, m.submission_id, m.content, m.lane, m.commitment, m.sealed, m.received_at)
            ON CONFLICT (agency, message_id) DO NOTHING;
            INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
            VALUES (m.message_id, m.agency, m.lane, m.received_at);
            INSERT INTO mash.quarantine_act (quarantine_id, act, staff, at) VALUES (v_id, 'replay', p_staff, v_now);
            v_leaves := v_leaves || mash.leaf_body('replay', v_now, ARRAY[m.agency], p_staff, ARRAY[
                'subject', m.message_id::text, 'quarantine', v_id::text, 'message', m.message_id::text,
                'commitment', encode(m.commitment, 'hex')]);
        END LOOP;
        PERFORM pg_notify('message', '');
        PERFORM mash.ledger_append(v_leaves);
    END
    $$;

-- Under a new id, for the agency that owns it: with the original's commitment it is what the agency signed, with
-- another it is what this member of staff wrote, and no submission stands behind it; so it is with what is put
-- through unchanged of words that staff had corrected before. It came when the original came: the clocks run from
-- there. The new id is known to intake, so that nobody sends another message under it.
CREATE OR REPLACE FUNCTION door.hub_quarantine_mend(
    p_staff text, p_quarantine uuid, p_message uuid, p_commitment bytea, p_sealed bytea, p_words_id uuid,
    p_words bytea, p_words_commitment bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now       timestamptz := mash.hub_now();
        q           mash.quarantine := mash.quarantine_need(p_staff, p_quarantine);
        m           mash.message;
        v_corrected boolean;
    BEGIN
        IF q.content IS NULL OR q.message_id IS NULL THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        m := mash.quarantine_original(q);
        v_corrected := m.commitment <> p_commitment OR m.submission_id IS NULL;
        INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
        VALUES (q.agency, p_message, CASE WHEN NOT v_corrected THEN m.submission_id END, m.content, m.lane, p_commitment,
                p_sealed, m.received_at);
        INSERT INTO mash.message_mended (agency, message_id, original_id, quarantine_id, staff, corrected, at)
        VALUES (q.agency, p_message, q.message_id, p_quarantine, p_staff, v_corrected, v_now);
        INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
        VALUES (p_message, q.agency, m.lane, m.received_at);
        INSERT INTO mash.quarantine_act (quarantine_id, act, staff, words_id, words, at)
        VALUES (p_quarantine, 'mend', p_staff, p_words_id, p_words, v_now);
        PERFORM pg_notify('message', '');
        PERFORM mash.record('mend', ARRAY[q.agency], p_staff, p_message, 'message', p_message::text,
                            'commitment', encode(p_commitment, 'hex'), 'quarantine', p_quarantine::text,
                            'original', q.message_id::text, 'original_commitment', encode(m.commitment, 'hex'),
                            'corrected', CASE WHEN v_corrected THEN 'yes' ELSE 'no' END,
                            'content', m.content, 'lane', m.lane, 'words', encode(p_words_commitment, 'hex'));
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_quarantine_reject(p_staff text, p_quarantine uuid, p_words_id uuid,
                                                      p_words bytea, p_commitment bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        q mash.quarantine := mash.quarantine_need(p_staff, p_quarantine);
    BEGIN
        INSERT INTO mash.quarantine_act (quarantine_id, act, staff, words_id, words, at)
        VALUES (p_quarantine, 'reject', p_staff, p_words_id, p_words, mash.hub_now());
        PERFORM mash.record('reject', ARRAY[q.agency], p_staff, coalesce(q.message_id, p_quarantine),
                            'quarantine', p_quarantine::text, 'commitment', encode(p_commitment, 'hex'));
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_quarantine(text, boolean, text, text, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_view(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_matching(text, text, text, text, uuid, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_mended(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_replay(text, uuid[]) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_mend(text, uuid, uuid, bytea, bytea, uuid, bytea, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_quarantine_reject(text, uuid, uuid, bytea, bytea) TO mash_hub;
