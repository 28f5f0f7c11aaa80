-- Intake's doors. mash_intake may call these and nothing else; none of them returns content.

-- Intake asks at start: what it seals is bound to the realm.
CREATE OR REPLACE FUNCTION door.intake_realm() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.realm() $$;

-- The leaves of a batch, in its order, as mash.leaf_body would write them one by one (at ten times the
-- price). NULL where p_act is.
CREATE OR REPLACE FUNCTION mash.intake_leaves(
    p_at timestamptz, p_act text[], p_agency text[], m_submission bigint[], m_id uuid[], m_content text[],
    m_lane text[], m_commitment bytea[], m_reason text[], m_path text[], s_id uuid[], s_origin_key text[])
    RETURNS bytea[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_head text := E'mash-leaf/1\nrealm ' || mash.realm() || E'\nat '
                    || to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\nact ';
    BEGIN
        IF EXISTS (SELECT FROM unnest(p_agency, m_content, m_lane, m_reason, m_path) AS m (a, c, l, r, p)
                    WHERE concat_ws('', a, c, l, r, p) !~ '^[A-Za-z0-9._:+/=\[\]-]+$')
           OR EXISTS (SELECT FROM unnest(s_origin_key) k WHERE k !~ '^[0-9a-f]{16}$') THEN
            RAISE EXCEPTION 'a leaf holds ids and codes only';
        END IF;
        RETURN (
            SELECT array_agg(convert_to(
                       v_head || m.act || E'\nagency ' || m.agency || E'\nactor intake\nsubject ' || m.id
                       || E'\nmessage ' || m.id || E'\ncommitment ' || encode(m.commitment, 'hex')
                       || E'\nsubmission ' || s.id || E'\norigin_key ' || s.origin_key
                       || E'\ncontent ' || m.content || E'\nlane ' || m.lane || E'\n'
                       || coalesce('reason ' || m.reason || E'\n', '')
                       || coalesce('path ' || nullif(m.path, '') || E'\n', ''), 'UTF8') ORDER BY m.ord)
              FROM unnest(p_act, p_agency, m_submission, m_id, m_content, m_lane, m_commitment, m_reason, m_path)
                   WITH ORDINALITY AS m (act, agency, sub, id, content, lane, commitment, reason, path, ord)
              JOIN unnest(s_id, s_origin_key) WITH ORDINALITY AS s (id, origin_key, sub) USING (sub));
    END
    $$;

-- A batch of submissions and their messages, in one transaction with their leaves (R1-R3). Messages
-- name their submission by position (from 1). Inserts are sorted by (agency, message id), so that two
-- intakes cannot deadlock. m_reason not NULL: the content could not be taken and goes to quarantine.
-- Answers one row a message, in the order given: what became of it, its leaf and the leaf's index; for a
-- duplicate those of the first time (R2).
CREATE OR REPLACE FUNCTION door.intake_accept(
    s_agency text[], s_id uuid[], s_origin_key text[], s_head bytea[], s_signature bytea[],
    m_submission bigint[], m_id uuid[], m_content text[], m_lane text[], m_commitment bytea[], m_sealed bytea[],
    m_reason text[], m_path text[], m_quarantine uuid[])
    RETURNS TABLE (ord bigint, outcome text, leaf_index bigint, leaf bytea, reason text, path text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        n        integer     := cardinality(m_id);
        v_now    timestamptz := mash.hub_now();
        v_agency text[];
        v_fresh  boolean[];
        v_act    text[];
        v_why    text[];
        v_body   bytea[];
        v_first  bigint;
    BEGIN
        IF n <> ANY (ARRAY[cardinality(m_submission), cardinality(m_content), cardinality(m_lane),
                           cardinality(m_commitment), cardinality(m_sealed), cardinality(m_reason),
                           cardinality(m_path), cardinality(m_quarantine)])
           OR cardinality(s_id) <> ANY (ARRAY[cardinality(s_agency), cardinality(s_origin_key),
                                              cardinality(s_head), cardinality(s_signature)]) THEN
            RAISE EXCEPTION 'the arrays of a batch differ in length';
        END IF;
        IF EXISTS (SELECT unnest(s_agency) EXCEPT SELECT agency FROM mash.agency) THEN
            PERFORM mash.refuse('agency_mismatch');
        END IF;

        INSERT INTO mash.submission (agency, submission_id, origin_key, head, signature, received_at)
        SELECT s.agency, s.id, s.origin_key, s.head, s.signature, v_now
          FROM unnest(s_agency, s_id, s_origin_key, s_head, s_signature) AS s (agency, id, origin_key, head, signature)
         ORDER BY s.agency, s.id, s.signature
            ON CONFLICT DO NOTHING;

        -- Fresh: the first of each (agency, id, commitment) that was never seen before. Of those, a clash
        -- is one whose id was used before, or earlier in this batch, for other content.
        WITH given AS MATERIALIZED (
            SELECT m.ord, s.agency, m.id, m.commitment, m.reason,
                   row_number() OVER (PARTITION BY s.agency, m.id, m.commitment ORDER BY m.ord) AS nth
              FROM unnest(m_submission, m_id, m_commitment, m_reason) WITH ORDINALITY
                   AS m (sub, id, commitment, reason, ord)
              JOIN unnest(s_agency) WITH ORDINALITY AS s (agency, sub) USING (sub)
        ), before AS MATERIALIZED (
            SELECT g.ord
              FROM given g
             WHERE EXISTS (SELECT FROM mash.message_seen x WHERE x.agency = g.agency AND x.message_id = g.id)
        ), seen AS (
            INSERT INTO mash.message_seen (agency, message_id, commitment)
            SELECT g.agency, g.id, g.commitment FROM given g WHERE g.nth = 1 ORDER BY g.agency, g.id, g.commitment
            ON CONFLICT DO NOTHING
            RETURNING agency, message_id, commitment
        ), judged AS (
            SELECT g.ord, g.agency, g.reason, x.agency IS NOT NULL AS fresh,
                   x.agency IS NOT NULL AND g.reason IS NULL
                   AND (g.ord IN (SELECT b.ord FROM before b)
                        OR g.ord > min(g.ord) OVER (PARTITION BY g.agency, g.id)) AS clash
              FROM given g
              LEFT JOIN seen x ON g.nth = 1 AND x.agency = g.agency AND x.message_id = g.id
                                AND x.commitment = g.commitment
        )
        SELECT array_agg(j.agency ORDER BY j.ord), array_agg(j.fresh ORDER BY j.ord),
               array_agg(CASE WHEN j.fresh AND j.reason IS NULL AND NOT j.clash THEN 'accept'
                              WHEN j.fresh THEN 'quarantine' END ORDER BY j.ord),
               array_agg(CASE WHEN j.clash THEN 'content_clash' ELSE j.reason END ORDER BY j.ord)
          INTO v_agency, v_fresh, v_act, v_why
          FROM judged j;
        IF cardinality(v_agency) IS DISTINCT FROM n THEN
            RAISE EXCEPTION 'a message names no submission of its batch';
        END IF;

        INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
        SELECT m.agency, m.id, s.id, m.content, m.lane, m.commitment, m.sealed, v_now
          FROM unnest(v_act, v_agency, m_submission, m_id, m_content, m_lane, m_commitment, m_sealed)
               AS m (act, agency, sub, id, content, lane, commitment, sealed)
          JOIN unnest(s_id) WITH ORDINALITY AS s (id, sub) USING (sub)
         WHERE m.act = 'accept'
         ORDER BY m.agency, m.id;

        INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
        SELECT m.id, m.agency, m.lane, v_now
          FROM unnest(v_act, v_agency, m_id, m_lane) AS m (act, agency, id, lane)
         WHERE m.act = 'accept'
         ORDER BY m.agency, m.id;

        INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed,
                                     received_at)
        SELECT m.quarantine, m.agency, m.id, m.why, coalesce(m.path, ''), m.content, m.commitment, m.sealed, v_now
          FROM unnest(v_act, v_agency, m_id, v_why, m_path, m_content, m_commitment, m_sealed, m_quarantine)
               AS m (act, agency, id, why, path, content, commitment, sealed, quarantine)
         WHERE m.act = 'quarantine'
         ORDER BY m.agency, m.id
            ON CONFLICT (agency, digest) DO NOTHING;

        -- Leaves last, in the order of arrival.
        v_body := mash.intake_leaves(v_now, v_act, v_agency, m_submission, m_id, m_content, m_lane, m_commitment,
                                     v_why, m_path, s_id, s_origin_key);
        IF true = ANY (v_fresh) THEN
            v_first := (SELECT mash.ledger_append(array_agg(m.body ORDER BY m.ord))
                          FROM unnest(v_act, v_body) WITH ORDINALITY AS m (act, body, ord)
                         WHERE m.act IS NOT NULL);
            PERFORM pg_notify('message', '');
        END IF;

        RETURN QUERY
        SELECT m.ord,
               CASE m.act WHEN 'accept' THEN 'accepted' ELSE 'quarantined' END,
               v_first + row_number() OVER (ORDER BY m.ord) - 1,
               m.body,
               CASE m.act WHEN 'quarantine' THEN m.why END,
               CASE m.act WHEN 'quarantine' THEN nullif(m.path, '') END
          FROM unnest(v_act, v_body, v_why, m_path) WITH ORDINALITY AS m (act, body, why, path, ord)
         WHERE m.act IS NOT NULL
         UNION ALL
        SELECT m.ord,
               CASE x.act WHEN 'accept' THEN 'duplicate' ELSE 'quarantined' END,
               x.idx, x.body,
               CASE x.act WHEN 'quarantine' THEN substring(convert_from(x.body, 'UTF8') FROM '\nreason ([^\n]+)') END,
               CASE x.act WHEN 'quarantine' THEN substring(convert_from(x.body, 'UTF8') FROM '\npath ([^\n]+)') END
          FROM unnest(v_act, v_agency, m_id, m_commitment) WITH ORDINALITY AS m (act, agency, id, commitment, ord)
          CROSS JOIN LATERAL (
              SELECT l.idx, l.body, l.act
                FROM mash.ledger_leaf l
               WHERE l.subject = m.id AND l.act IN ('accept', 'quarantine') AND l.agencies = ARRAY[m.agency]
                 AND position(convert_to('commitment ' || encode(m.commitment, 'hex'), 'UTF8') IN l.body) > 0
               ORDER BY l.idx
               LIMIT 1) x
         WHERE m.act IS NULL
         ORDER BY 1;
    END
    $$;

-- A submission that failed as a whole, from a peer whose key is known. Kept sealed once, recorded once.
CREATE OR REPLACE FUNCTION door.intake_refuse(p_quarantine uuid, p_agency text, p_reason text, p_path text,
                                              p_digest bytea, p_sealed bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        INSERT INTO mash.quarantine (quarantine_id, agency, reason, path, digest, sealed, received_at)
        VALUES (p_quarantine, p_agency, p_reason, p_path, p_digest, p_sealed, mash.hub_now())
        ON CONFLICT (agency, digest) DO NOTHING;
        IF FOUND THEN
            PERFORM mash.record('refuse', ARRAY[p_agency], 'intake', p_quarantine, 'reason', p_reason,
                                'path', nullif(p_path, ''), 'digest', encode(p_digest, 'hex'));
        END IF;
    END
    $$;

REVOKE ALL ON FUNCTION mash.intake_leaves(timestamptz, text[], text[], bigint[], uuid[], text[], text[], bytea[],
                                          text[], text[], uuid[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION door.intake_realm() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_realm() TO mash_intake;
REVOKE ALL ON FUNCTION door.intake_accept(text[], uuid[], text[], bytea[], bytea[], bigint[], uuid[], text[], text[],
                                          bytea[], bytea[], text[], text[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_accept(text[], uuid[], text[], bytea[], bytea[], bigint[], uuid[], text[], text[],
                                             bytea[], bytea[], text[], text[], uuid[]) TO mash_intake;
REVOKE ALL ON FUNCTION door.intake_refuse(uuid, text, text, text, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_refuse(uuid, text, text, text, bytea, bytea) TO mash_intake;
