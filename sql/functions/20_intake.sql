-- Intake's doors. mash_intake may call these and nothing else; none of them returns content.

-- A batch of submissions and their messages, in one transaction with their leaves (R1-R3). Messages
-- name their submission by position (from 1). Sorted by (agency, message id) before any lock, so that two
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
        v_now   timestamptz := mash.hub_now();
        v_fresh bigint[];
        v_clash bigint[];
        v_act   text[];
        v_who   text[];
        v_subj  uuid[];
        v_body  bytea[];
    BEGIN
        IF cardinality(m_id) <> cardinality(m_submission) OR cardinality(m_id) <> cardinality(m_commitment)
           OR cardinality(m_id) <> cardinality(m_sealed) OR cardinality(m_id) <> cardinality(m_reason) THEN
            RAISE EXCEPTION 'the arrays of a batch differ in length';
        END IF;

        INSERT INTO mash.submission (agency, submission_id, origin_key, head, signature, received_at)
        SELECT s.agency, s.id, s.origin_key, s.head, s.signature, v_now
          FROM unnest(s_agency, s_id, s_origin_key, s_head, s_signature) AS s (agency, id, origin_key, head, signature)
         ORDER BY s.agency, s.id
            ON CONFLICT DO NOTHING;

        -- What is new: the first of each (agency, id, commitment) that was never seen before.
        WITH given AS (
            SELECT m.ord, s_agency[m.sub] AS agency, m.id, m.commitment,
                   row_number() OVER (PARTITION BY s_agency[m.sub], m.id, m.commitment ORDER BY m.ord) AS nth
              FROM unnest(m_submission, m_id, m_commitment) WITH ORDINALITY AS m (sub, id, commitment, ord)
        ), seen AS (
            INSERT INTO mash.message_seen (agency, message_id, commitment)
            SELECT g.agency, g.id, g.commitment FROM given g WHERE g.nth = 1 ORDER BY g.agency, g.id, g.commitment
            ON CONFLICT DO NOTHING
            RETURNING agency, message_id, commitment
        )
        SELECT coalesce(array_agg(g.ord), '{}') INTO v_fresh
          FROM given g JOIN seen USING (agency, commitment)
         WHERE g.nth = 1 AND seen.message_id = g.id;

        -- A clash: the id was used before, or earlier in this batch, for other content.
        SELECT coalesce(array_agg(f), '{}') INTO v_clash
          FROM unnest(v_fresh) f
         WHERE m_reason[f] IS NULL
           AND (EXISTS (SELECT FROM mash.message_seen x
                         WHERE x.agency = s_agency[m_submission[f]] AND x.message_id = m_id[f]
                           AND x.commitment <> m_commitment[f]
                           AND NOT EXISTS (SELECT FROM unnest(v_fresh) o
                                            WHERE m_id[o] = x.message_id AND m_commitment[o] = x.commitment
                                              AND s_agency[m_submission[o]] = x.agency AND o > f)));

        INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
        SELECT s_agency[m_submission[f]], m_id[f], s_id[m_submission[f]], m_content[f], m_lane[f], m_commitment[f],
               m_sealed[f], v_now
          FROM unnest(v_fresh) f
         WHERE m_reason[f] IS NULL AND NOT f = ANY (v_clash)
         ORDER BY s_agency[m_submission[f]], m_id[f];

        INSERT INTO mash.message_todo (message_id, agency, lane, received_at)
        SELECT m_id[f], s_agency[m_submission[f]], m_lane[f], v_now
          FROM unnest(v_fresh) f
         WHERE m_reason[f] IS NULL AND NOT f = ANY (v_clash);

        INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed, received_at)
        SELECT m_quarantine[f], s_agency[m_submission[f]], m_id[f], coalesce(m_reason[f], 'content_clash'),
               coalesce(m_path[f], ''), m_content[f], m_commitment[f], m_sealed[f], v_now
          FROM unnest(v_fresh) f
         WHERE m_reason[f] IS NOT NULL OR f = ANY (v_clash)
            ON CONFLICT (agency, digest) DO NOTHING;

        -- Leaves last. v_fresh is put in the order of arrival so that indexes are, too.
        SELECT array_agg(l.act ORDER BY l.f), array_agg(l.agency ORDER BY l.f), array_agg(l.id ORDER BY l.f),
               array_agg(mash.leaf_body(l.act, v_now, ARRAY[l.agency], 'intake', ARRAY[
                   'message', l.id::text, 'commitment', encode(m_commitment[l.f], 'hex'),
                   'submission', s_id[m_submission[l.f]]::text, 'origin_key', s_origin_key[m_submission[l.f]],
                   'content', m_content[l.f], 'lane', m_lane[l.f], 'reason', l.why, 'path', nullif(m_path[l.f], '')])
                   ORDER BY l.f)
          INTO v_act, v_who, v_subj, v_body
          FROM (SELECT f, s_agency[m_submission[f]] AS agency, m_id[f] AS id,
                       CASE WHEN m_reason[f] IS NULL AND NOT f = ANY (v_clash) THEN 'accept' ELSE 'quarantine' END AS act,
                       CASE WHEN f = ANY (v_clash) THEN 'content_clash' ELSE m_reason[f] END AS why
                  FROM unnest(v_fresh) f) l;
        IF v_body IS NOT NULL THEN
            PERFORM mash.ledger_append(v_act, v_now, v_who, array_fill('intake'::text, ARRAY[cardinality(v_act)]),
                                       v_subj, v_body);
            PERFORM pg_notify('message', '');
        END IF;

        RETURN QUERY
        SELECT m.ord,
               CASE WHEN x.act = 'quarantine' THEN 'quarantined'
                    WHEN m.ord = ANY (v_fresh) THEN 'accepted'
                    ELSE 'duplicate' END,
               x.idx, x.body,
               CASE WHEN x.act = 'quarantine' THEN substring(convert_from(x.body, 'UTF8') FROM '\nreason ([^\n]+)') END,
               CASE WHEN x.act = 'quarantine' THEN substring(convert_from(x.body, 'UTF8') FROM '\npath ([^\n]+)') END
          FROM unnest(m_submission, m_id, m_commitment) WITH ORDINALITY AS m (sub, id, commitment, ord)
          CROSS JOIN LATERAL (
              SELECT l.idx, l.body, l.act
                FROM mash.ledger_leaf l
               WHERE l.subject = m.id AND l.act IN ('accept', 'quarantine') AND l.agencies = ARRAY[s_agency[m.sub]]
                 AND position(convert_to('commitment ' || encode(m.commitment, 'hex'), 'UTF8') IN l.body) > 0
               ORDER BY l.idx
               LIMIT 1) x
         ORDER BY m.ord;
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

REVOKE ALL ON FUNCTION door.intake_accept(text[], uuid[], text[], bytea[], bytea[], bigint[], uuid[], text[], text[],
                                          bytea[], bytea[], text[], text[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_accept(text[], uuid[], text[], bytea[], bytea[], bigint[], uuid[], text[], text[],
                                             bytea[], bytea[], text[], text[], uuid[]) TO mash_intake;
REVOKE ALL ON FUNCTION door.intake_refuse(uuid, text, text, text, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_refuse(uuid, text, text, text, bytea, bytea) TO mash_intake;
