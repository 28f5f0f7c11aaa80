-- Intake's doors. mash_intake may call these and nothing else; none of them returns content.

-- Intake asks at start: what it seals is bound to the realm.
CREATE OR REPLACE FUNCTION door.intake_realm() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.realm() $$;

-- ---- accepting ------------------------------------------------------------------------------------
-- A batch comes as arrays: s_ of submissions, m_ of messages, which name their submission by position
-- (from 1). Its messages are spoken of by position, too; an element of an array that is a parameter costs
-- nothing to find.

-- The two that follow are names for expressions: they are written out where they stand, and cost no call.

-- Whether what a batch has to say in leaves is ids and codes only. A comma divides, and stands in no text; a hyphen
-- is no trace. (To join arrays, or to ask of their elements one by one, costs more than all of this.)
CREATE OR REPLACE FUNCTION mash.intake_codes_only(s_origin_key text[], m_content text[], m_lane text[], m_reason text[],
                                                  m_path text[], m_traceparent text[]) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN concat(array_to_string(m_content, ''), array_to_string(m_lane, ''), array_to_string(m_reason, ''),
                  array_to_string(m_path, '')) ~ '^[A-Za-z0-9._:+/=\[\]-]+$'
       AND ('' = ANY (m_content) OR '' = ANY (m_lane) OR '' = ANY (m_reason) OR m_traceparent && ARRAY['', '-']) IS NOT TRUE
       AND strpos(concat(array_to_string(s_origin_key, ''), array_to_string(m_traceparent, '')), ',') = 0
       AND array_to_string(s_origin_key, ',', '-') ~ '^[0-9a-f]{16}(,[0-9a-f]{16})*$'
       AND coalesce(array_to_string(m_traceparent, ',', '-'), '-')
           ~ '^((-|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})(,|$))+$';

-- A message's leaf, as mash.leaf_body would write it at ten times the price.
CREATE OR REPLACE FUNCTION mash.intake_leaf(
    p_realm text, p_at text, p_act text, p_agency text, p_submission uuid, p_origin_key text, p_id uuid,
    p_content text, p_lane text, p_commitment bytea, p_why text, p_path text, p_traceparent text) RETURNS bytea
    LANGUAGE sql STABLE
    RETURN convert_to(concat(
        E'mash-leaf/1\nrealm ', p_realm, E'\nat ', p_at,
        E'\nact ', p_act, E'\nagency ', p_agency, E'\nactor intake\nsubject ', p_id, E'\nmessage ', p_id,
        E'\ncommitment ', encode(p_commitment, 'hex'), E'\nsubmission ', p_submission, E'\norigin_key ', p_origin_key,
        E'\ncontent ', p_content, E'\nlane ', p_lane, E'\nreason ' || p_why, E'\npath ' || nullif(p_path, ''),
        E'\ntrace ' || p_traceparent, E'\n'), 'UTF8');

-- What each message of a batch is, where they are not all new and good. act: what has to be done, NULL
-- when it was done before. known: the leaf of that time. same: the first in the batch of its agency, id and
-- commitment. A clash is other content under an id that was used before, or earlier in the batch.
CREATE OR REPLACE FUNCTION mash.intake_judge(
    s_agency text[], m_submission bigint[], m_id uuid[], m_commitment bytea[], m_reason text[],
    OUT act text[], OUT why text[], OUT known bigint[], OUT same integer[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        WITH given AS MATERIALIZED (
            SELECT o, s_agency[m_submission[o]] AS agency, m_id[o] AS id, m_commitment[o] AS commitment,
                   (SELECT x.commitment FROM mash.message x
                     WHERE x.agency = s_agency[m_submission[o]] AND x.message_id = m_id[o]) AS stands
              FROM generate_series(1, cardinality(m_id)) o
        ), found AS MATERIALIZED (
            SELECT g.o, g.stands,
                   (SELECT x.agency FROM mash.quarantine x
                     WHERE x.agency = g.agency AND x.message_id = g.id LIMIT 1) IS NOT NULL AS kept,
                   min(g.o) OVER (PARTITION BY g.agency, g.id, g.commitment) AS same,
                   min(g.o) OVER (PARTITION BY g.agency, g.id) AS opener,
                   CASE WHEN g.stands = g.commitment THEN coalesce(
                       (SELECT l.idx FROM mash.ledger_leaf l
                         WHERE l.subject = g.id AND l.act = 'accept' AND l.agencies[1] = g.agency LIMIT 1),
                       (SELECT min(l.idx + 0) FROM mash.ledger_leaf l
                         WHERE l.subject = g.id AND l.agencies[1] = g.agency
                           AND mash.leaf_says(l.body, 'commitment') = encode(g.commitment, 'hex')))
                   ELSE (SELECT x.leaf_index FROM mash.quarantine x
                          WHERE x.agency = g.agency AND x.message_id = g.id AND x.digest = g.commitment) END AS known
              FROM given g
        ), judged AS (
            SELECT f.o, f.same, f.known, f.known IS NULL AND f.same = f.o AS fresh,
                   coalesce(m_reason[f.o], CASE WHEN f.stands IS NOT NULL OR f.kept OR f.o > f.opener
                                                THEN 'content_clash' END) AS why
              FROM found f
        )
        SELECT array_agg(CASE WHEN j.fresh THEN CASE WHEN j.why IS NULL THEN 'accept' ELSE 'quarantine' END END ORDER BY j.o),
               array_agg(j.why ORDER BY j.o), array_agg(j.known ORDER BY j.o), array_agg(j.same ORDER BY j.o)
          INTO act, why, known, same
          FROM judged j;
    END
    $$;

-- R1-R3. m_reason not NULL: the content could not be taken and goes to quarantine. m_reserved 0: a cap has
-- taken the message's lane from it, and in the hub it waits in the ordinary one.
-- Answers one row a message, in the order given: what became of it, its leaf and the leaf's index; for a
-- duplicate those of the first time (R2). Where nothing is new nothing is written.
-- Messages go in by the order of their ids, then submissions by theirs, so that two intakes cannot deadlock;
-- the leaves last, in the order of arrival. What two intakes are given at the same moment, one of them finds
-- taken, and judges its batch anew.
-- At middle load batches are small, and what counts is how many statements there are, not how many rows: each
-- costs as much to start as ten rows. So a message alone goes a short way.
-- The plans are pinned: the first ones are made while the tables are still empty.
CREATE OR REPLACE FUNCTION door.intake_accept(
    s_agency text[], s_id uuid[], s_origin_key text[], s_head bytea[], s_signature bytea[],
    m_submission bigint[], m_id uuid[], m_content text[], m_lane text[], m_commitment bytea[], m_sealed bytea[],
    m_reason text[], m_path text[], m_quarantine uuid[],
    m_traceparent text[] DEFAULT NULL, m_reserved bigint[] DEFAULT NULL, s_wait_ms bigint[] DEFAULT NULL)
    RETURNS TABLE (ord bigint, outcome text, leaf_index bigint, leaf bytea, reason text, path text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
    AS $$
    DECLARE
        n       integer     := cardinality(m_id);
        v_now   timestamptz := mash.hub_now();
        v_at    text        := to_char(v_now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        v_realm text;
        v_ours  boolean;
        v_sub   integer;
        v_new   boolean := false; -- all of it is new and good: the case that has to be fast
        v_order integer[]; -- the order of ids
        v_act   text[];
        v_why   text[];
        v_known bigint[];
        v_same  integer[];
        v_fresh integer[]; -- what makes a leaf, in the order given
        v_body  bytea[];
        v_first bigint;
    BEGIN
        IF n <> ANY (ARRAY[cardinality(m_submission), cardinality(m_content), cardinality(m_lane),
                           cardinality(m_commitment), cardinality(m_sealed), cardinality(m_reason),
                           cardinality(m_path), cardinality(m_quarantine), cardinality(m_traceparent),
                           cardinality(m_reserved)])
           OR cardinality(s_id) <> ANY (ARRAY[cardinality(s_agency), cardinality(s_origin_key),
                                              cardinality(s_head), cardinality(s_signature),
                                              cardinality(s_wait_ms)]) THEN
            RAISE EXCEPTION 'the arrays of a batch differ in length';
        END IF;
        IF (1 <= ALL (m_submission) AND cardinality(s_id) >= ALL (m_submission)
            AND array_position(s_id, NULL) IS NULL) IS NOT TRUE THEN
            RAISE EXCEPTION 'a message names no submission of its batch';
        END IF;
        SELECT x.value, s_agency <@ ARRAY(SELECT a.agency FROM mash.agency a)
          INTO v_realm, v_ours
          FROM mash.setting x WHERE x.name = 'realm';
        IF v_ours IS NOT TRUE THEN
            PERFORM mash.refuse('agency_mismatch');
        END IF;

        IF n = 1 AND m_reason[1] IS NULL THEN
            v_sub := m_submission[1];
            INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed, received_at)
            SELECT s_agency[v_sub], m_id[1], s_id[v_sub], m_content[1], m_lane[1], m_commitment[1], m_sealed[1], v_now
             WHERE (SELECT x.agency FROM mash.quarantine x
                     WHERE x.agency = s_agency[v_sub] AND x.message_id = m_id[1] LIMIT 1) IS NULL
                ON CONFLICT DO NOTHING;
            IF FOUND THEN
                IF mash.intake_codes_only(s_origin_key, m_content, m_lane, m_reason, m_path, m_traceparent) IS NOT TRUE THEN
                    RAISE EXCEPTION 'a leaf holds ids and codes only';
                END IF;
                INSERT INTO mash.message_todo (message_id, agency, lane, received_at, turn)
                VALUES (m_id[1], s_agency[v_sub], CASE m_reserved[1] WHEN 0 THEN 'routine' ELSE m_lane[1] END, v_now,
                        v_now + nullif(s_wait_ms[v_sub], 0) * interval '1 millisecond');
                INSERT INTO mash.submission (agency, submission_id, origin_key, head, signature, received_at)
                VALUES (s_agency[v_sub], s_id[v_sub], s_origin_key[v_sub], s_head[v_sub], s_signature[v_sub], v_now)
                    ON CONFLICT DO NOTHING;
                ord := 1;
                outcome := 'accepted';
                leaf := mash.intake_leaf(v_realm, v_at, 'accept', s_agency[v_sub], s_id[v_sub], s_origin_key[v_sub], m_id[1],
                                         m_content[1], m_lane[1], m_commitment[1], NULL, m_path[1], m_traceparent[1]);
                leaf_index := mash.ledger_append(ARRAY[leaf]);
                NOTIFY message;
                RETURN NEXT;
                RETURN;
            END IF;
        END IF;

        FOR v_try IN 1 .. 3 LOOP
            BEGIN
                IF n > 1 THEN -- one that is alone and new has gone the short way
                    SELECT array_agg(k.o), bool_and(k.new)
                      INTO v_order, v_new
                      FROM (SELECT o, m_reason[o] IS NULL
                                      AND (lag(m_id[o]) OVER (ORDER BY m_id[o]) = m_id[o]) IS NOT TRUE
                                      AND (SELECT x.agency FROM mash.message x
                                            WHERE x.agency = s_agency[m_submission[o]]
                                              AND x.message_id = m_id[o]) IS NULL
                                      AND (SELECT x.agency FROM mash.quarantine x
                                            WHERE x.agency = s_agency[m_submission[o]]
                                              AND x.message_id = m_id[o] LIMIT 1) IS NULL AS new
                              FROM generate_series(1, n) o) k;
                ELSE
                    v_order := '{1}';
                END IF;
                IF v_new THEN
                    v_act := NULL; -- of a first try
                    v_why := NULL;
                    v_fresh := ARRAY(SELECT generate_series(1, n));
                ELSE
                    SELECT j.act, j.why, j.known, j.same
                      INTO v_act, v_why, v_known, v_same
                      FROM mash.intake_judge(s_agency, m_submission, m_id, m_commitment, m_reason) j;
                    v_fresh := ARRAY(SELECT o FROM generate_series(1, n) o WHERE v_act[o] IS NOT NULL);
                    v_order := ARRAY(SELECT o FROM unnest(v_order) o WHERE v_act[o] = 'accept');
                END IF;
                EXIT WHEN v_fresh = '{}';
                IF mash.intake_codes_only(s_origin_key, m_content, m_lane, m_reason, m_path, m_traceparent) IS NOT TRUE THEN
                    RAISE EXCEPTION 'a leaf holds ids and codes only';
                END IF;

                INSERT INTO mash.message (agency, message_id, submission_id, content, lane, commitment, sealed,
                                          received_at)
                SELECT s_agency[m_submission[o]], m_id[o], s_id[m_submission[o]], m_content[o], m_lane[o],
                       m_commitment[o], m_sealed[o], v_now
                  FROM unnest(v_order) o;

                INSERT INTO mash.message_todo (message_id, agency, lane, received_at, turn)
                SELECT m_id[o], s_agency[m_submission[o]],
                       CASE m_reserved[o] WHEN 0 THEN 'routine' ELSE m_lane[o] END,
                       v_now + o * interval '1 microsecond', -- the order in which they came
                       v_now + nullif(s_wait_ms[m_submission[o]], 0) * interval '1 millisecond'
                             + o * interval '1 microsecond'
                  FROM unnest(v_order) o;

                INSERT INTO mash.submission (agency, submission_id, origin_key, head, signature, received_at)
                SELECT s_agency[s], s_id[s], s_origin_key[s], s_head[s], s_signature[s], v_now
                  FROM (SELECT DISTINCT m_submission[o] AS s FROM unnest(v_fresh) o) k
                 ORDER BY s_id[s], s_signature[s]
                    ON CONFLICT DO NOTHING;

                v_body := ARRAY(
                    SELECT mash.intake_leaf(v_realm, v_at, coalesce(v_act[o], 'accept'), s_agency[m_submission[o]],
                                            s_id[m_submission[o]], s_origin_key[m_submission[o]], m_id[o], m_content[o],
                                            m_lane[o], m_commitment[o], v_why[o], m_path[o], m_traceparent[o])
                      FROM unnest(v_fresh) o);
                v_first := mash.ledger_append(v_body);
                IF NOT v_new THEN
                    INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest,
                                                 sealed, received_at, leaf_index)
                    SELECT m_quarantine[f.o], s_agency[m_submission[f.o]], m_id[f.o], v_why[f.o],
                           coalesce(m_path[f.o], ''), m_content[f.o], m_commitment[f.o], m_sealed[f.o], v_now,
                           v_first + f.nth - 1
                      FROM unnest(v_fresh) WITH ORDINALITY AS f (o, nth)
                     WHERE v_act[f.o] = 'quarantine';
                END IF;
                NOTIFY message;
                EXIT;
            EXCEPTION
                WHEN unique_violation THEN
                    IF v_try = 3 THEN
                        RAISE;
                    END IF;
            END;
        END LOOP;

        IF v_new THEN
            RETURN QUERY
            SELECT o::bigint, 'accepted'::text, v_first + o - 1, v_body[o], NULL::text, NULL::text
              FROM generate_series(1, n) o;
        ELSE
            RETURN QUERY
            SELECT o::bigint,
                   CASE WHEN l.act = 'quarantine' THEN 'quarantined' WHEN v_act[o] IS NULL THEN 'duplicate'
                        ELSE 'accepted' END,
                   l.idx, l.body,
                   CASE l.act WHEN 'quarantine' THEN mash.leaf_says(l.body, 'reason') END,
                   CASE l.act WHEN 'quarantine' THEN mash.leaf_says(l.body, 'path') END
              FROM generate_series(1, n) o
             CROSS JOIN LATERAL (
                   SELECT x.idx, x.body, x.act
                     FROM mash.ledger_leaf x
                    WHERE x.idx = coalesce(v_known[o], v_first + array_position(v_fresh, v_same[o]) - 1)
                      AND position(convert_to('commitment ' || encode(m_commitment[o], 'hex'), 'UTF8') IN x.body) > 0
                   OFFSET 0) l;
        END IF;
    END
    $$;

-- ---- what is not a message, and readiness ---------------------------------------------------------

-- A submission that failed as a whole, from a peer whose key is known. Kept sealed once, recorded once; the
-- same again writes nothing.
CREATE OR REPLACE FUNCTION door.intake_refuse(p_quarantine uuid, p_agency text, p_reason text, p_path text,
                                              p_digest bytea, p_sealed bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF EXISTS (SELECT FROM mash.quarantine x
                    WHERE x.agency = p_agency AND x.message_id IS NULL AND x.digest = p_digest) THEN
            RETURN;
        END IF;
        INSERT INTO mash.quarantine (quarantine_id, agency, reason, path, digest, sealed, received_at)
        VALUES (p_quarantine, p_agency, p_reason, p_path, p_digest, p_sealed, mash.hub_now())
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            PERFORM mash.record('refuse', ARRAY[p_agency], 'intake', p_quarantine, 'reason', p_reason,
                                'path', nullif(p_path, ''), 'digest', encode(p_digest, 'hex'));
        END IF;
    END
    $$;

-- Intake asks for whoever asks whether it is ready: NULL, or why nothing can be taken now. A ledger whose
-- head does not fit its leaves takes no more. not_durable: somebody has set this server, or this role, so that what is
-- committed may be gone after a power cut; an acknowledgement from there would be a lie (R1).
CREATE OR REPLACE FUNCTION door.intake_ready() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF pg_is_in_recovery() THEN
            RETURN 'recovering';
        ELSIF current_setting('transaction_read_only')::boolean THEN
            RETURN 'read_only';
        ELSIF 'off' IN (current_setting('synchronous_commit'), current_setting('fsync'),
                        current_setting('full_page_writes')) THEN
            RETURN 'not_durable';
        ELSIF (SELECT h.size FROM mash.ledger_head h)
              IS DISTINCT FROM (SELECT coalesce(max(l.idx) + 1, 0) FROM mash.ledger_leaf l) THEN
            RETURN 'ledger_apart';
        END IF;
        RETURN NULL;
    END
    $$;

REVOKE ALL ON FUNCTION mash.intake_codes_only(text[], text[], text[], text[], text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION mash.intake_leaf(text, text, text, text, uuid, text, uuid, text, text, bytea, text, text,
                                        text) FROM PUBLIC;
REVOKE ALL ON FUNCTION mash.intake_judge(text[], bigint[], uuid[], bytea[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION door.intake_realm(), door.intake_ready() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_realm(), door.intake_ready() TO mash_intake;
REVOKE ALL ON FUNCTION door.intake_accept(text[], uuid[], text[], bytea[], bytea[], bigint[], uuid[], text[], text[],
                                          bytea[], bytea[], text[], text[], uuid[], text[], bigint[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_accept(text[], uuid[], text[], bytea[], bytea[], bigint[], uuid[], text[], text[],
                                             bytea[], bytea[], text[], text[], uuid[], text[], bigint[], bigint[]) TO mash_intake;
REVOKE ALL ON FUNCTION door.intake_refuse(uuid, text, text, text, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.intake_refuse(uuid, text, text, text, bytea, bytea) TO mash_intake;
