-- A batch of messages becomes items of enquiries: door.hub_take, which mash_hub calls after hub_next, and what it
-- is made of. What it does is what taking one message after the other would do, and leave behind: messages
-- that have anything in common (a key, a person, an enquiry, a reference) are taken one after the other, in
-- waves, and only messages that have not share a wave and its statements.

-- Everything by which a message could meet another: its keys, the people who have them, the enquiries that
-- those are subjects of, its reference, its reference's enquiries, its check's enquiry. Of what is left.
CREATE OR REPLACE FUNCTION mash.work_meets(p_work mash.work[], p_left boolean[], m_work bigint[], k_mention bigint[],
                                           k_hmac bytea[])
    RETURNS TABLE (ord bigint, person_id uuid, enquiry_id uuid, other bytea)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY
        WITH given AS MATERIALIZED (
            SELECT w.ord, w.agency, w.reference, w.check_id FROM unnest(p_work) w WHERE p_left[w.ord]
        ), key AS MATERIALIZED (
            SELECT m_work[k.mention] AS ord, k.hmac
              FROM unnest(k_mention, k_hmac) AS k (mention, hmac)
             WHERE p_left[m_work[k.mention]]
        ), person AS MATERIALIZED (
            SELECT DISTINCT k.ord, x.person_id
              FROM key k
              CROSS JOIN LATERAL (SELECT y.person_id FROM mash.person_key y WHERE y.hmac = k.hmac OFFSET 0) x
        )
        SELECT k.ord, NULL::uuid, NULL::uuid, k.hmac FROM key k
         UNION ALL
        SELECT p.ord, p.person_id, NULL, NULL FROM person p
         UNION ALL
        SELECT p.ord, NULL, x.enquiry_id, NULL
          FROM person p
          CROSS JOIN LATERAL (SELECT s.enquiry_id FROM mash.subject s WHERE s.person_id = p.person_id OFFSET 0) x
         UNION ALL
        SELECT w.ord, NULL, NULL, w.reference FROM given w WHERE w.reference IS NOT NULL
         UNION ALL
        SELECT w.ord, NULL, x.enquiry_id, NULL
          FROM given w
          CROSS JOIN LATERAL (
              SELECT e.enquiry_id
                FROM mash.native_reference n
                CROSS JOIN LATERAL (
                    SELECT y.enquiry_id FROM mash.enquiry_message y
                     WHERE y.agency = n.agency AND y.message_id = n.message_id OFFSET 0) e
               WHERE n.agency = w.agency AND n.reference = w.reference OFFSET 0) x
         UNION ALL
        SELECT w.ord, NULL, x.enquiry_id, NULL
          FROM given w
          CROSS JOIN LATERAL (
              SELECT c.enquiry_id FROM mash.agency_check c
               WHERE w.check_id IS NOT NULL AND c.check_id = w.check_id AND c.agency = w.agency OFFSET 0) x;
    END
    $$;

-- All locks of a batch, before anything is decided. Whoever works on the same child, or on the same reference,
-- waits at the keys; messages that reach one child by different keys meet at the person; the desk, at the
-- enquiry; the courier, at the check. Each kind can only grow under the lock before it.
CREATE OR REPLACE FUNCTION mash.work_lock(p_work mash.work[], p_left boolean[], m_work bigint[], k_mention bigint[],
                                          k_hmac bytea[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_person  uuid[];
        v_enquiry uuid[];
    BEGIN
        PERFORM pg_advisory_xact_lock(l.key)
           FROM (SELECT DISTINCT hashtextextended(encode(h, 'hex'), 0) AS key
                   FROM (SELECT unnest(k_hmac) AS h UNION SELECT w.reference FROM unnest(p_work) w) x
                  WHERE h IS NOT NULL
                  ORDER BY 1) l;
        SELECT array_agg(DISTINCT x.person_id) INTO v_person
          FROM unnest(k_hmac) h
          CROSS JOIN LATERAL (SELECT y.person_id FROM mash.person_key y WHERE y.hmac = h OFFSET 0) x;
        IF v_person IS NOT NULL THEN
            PERFORM FROM mash.person p WHERE p.person_id = ANY (v_person) ORDER BY p.person_id FOR UPDATE;
        END IF;
        SELECT array_agg(DISTINCT x.enquiry_id) INTO v_enquiry
          FROM mash.work_meets(p_work, p_left, m_work, k_mention, k_hmac) x
         WHERE x.enquiry_id IS NOT NULL;
        IF v_enquiry IS NOT NULL THEN
            PERFORM FROM mash.enquiry e WHERE e.enquiry_id = ANY (v_enquiry) ORDER BY e.enquiry_id FOR UPDATE;
        END IF;
        PERFORM FROM mash.agency_check c
          WHERE c.check_id = ANY (ARRAY(SELECT w.check_id FROM unnest(p_work) w WHERE w.check_id IS NOT NULL))
          ORDER BY c.check_id FOR UPDATE;
    END
    $$;

-- The messages of the next wave: those that meet no earlier one of what is left.
CREATE OR REPLACE FUNCTION mash.work_wave(p_work mash.work[], p_left boolean[], m_work bigint[], k_mention bigint[],
                                          k_hmac bytea[]) RETURNS boolean[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN (
            WITH meet AS MATERIALIZED (
                SELECT x.ord, min(x.ord) OVER (PARTITION BY x.person_id, x.enquiry_id, x.other) AS first
                  FROM mash.work_meets(p_work, p_left, m_work, k_mention, k_hmac) x
            )
            SELECT array_agg(l.left AND l.ord NOT IN (SELECT m.ord FROM meet m WHERE m.ord > m.first) ORDER BY l.ord)
              FROM unnest(p_left) WITH ORDINALITY l ("left", ord));
    END
    $$;

-- What is known without looking at people: a reference that was here before, the check that an answer is to. What
-- staff corrected and what the agency says by itself are never the same, though the native message is.
CREATE OR REPLACE FUNCTION mash.work_known(p_work mash.work[], p_here boolean[]) RETURNS mash.fate[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN (
            SELECT array_agg(ROW(w.ord,
                       CASE WHEN w.check_id IS NULL THEN NULL WHEN c.state IS NULL THEN 'not_found'
                            WHEN s.to_state IS NULL THEN 'state_wrong' END,
                       CASE WHEN w.check_id IS NOT NULL THEN 'answer' WHEN n.same THEN 'repeat'
                            WHEN n.enquiry_id IS NOT NULL THEN 'update' END,
                       coalesce(c.enquiry_id, n.enquiry_id), false, s.to_state,
                       CASE WHEN w.check_id IS NULL THEN n.first END)::mash.fate ORDER BY w.ord)
              FROM unnest(p_work) w
              LEFT JOIN LATERAL (
                  SELECT x.enquiry_id, x.state FROM mash.agency_check x
                   WHERE x.check_id = w.check_id AND x.agency = w.agency OFFSET 0) c ON true
              LEFT JOIN LATERAL (
                  SELECT l.to_state FROM mash.lifecycle l
                   WHERE l.machine = 'check' AND l.from_state = c.state AND l.event = w.check_event OFFSET 0) s ON true
              LEFT JOIN LATERAL (
                  SELECT e.enquiry_id, x.content = w.content
                         AND NOT EXISTS (SELECT FROM mash.message_mended d
                                          WHERE d.agency = w.agency AND d.message_id IN (x.message_id, w.message_id)
                                            AND d.corrected OFFSET 0) AS same,
                         mash.came_first(x.agency, first_value(x.message_id) OVER (ORDER BY e.at, x.message_id)) AS first
                    FROM mash.native_reference x
                    CROSS JOIN LATERAL (
                        SELECT y.enquiry_id, y.at FROM mash.enquiry_message y
                         WHERE y.agency = x.agency AND y.message_id = x.message_id OFFSET 0) e
                   WHERE x.agency = w.agency AND x.reference = w.reference
                   ORDER BY same DESC, e.at DESC
                   LIMIT 1) n ON true
             WHERE p_here[w.ord]);
    END
    $$;

-- The enquiry of one of its children, if it is open, or was decided not long ago: the one being worked on before
-- one that is done, the older before the younger. Else a new one.
CREATE OR REPLACE FUNCTION mash.work_placed(p_work mash.work[], p_fate mash.fate[], s_work bigint[], s_person uuid[])
    RETURNS mash.fate[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN (
            WITH found AS MATERIALIZED (
                SELECT DISTINCT ON (s.work) s.work, q.enquiry_id
                  FROM unnest(s_work, s_person) AS s (work, person)
                  CROSS JOIN LATERAL (SELECT y.enquiry_id FROM mash.subject y WHERE y.person_id = s.person OFFSET 0) x
                  CROSS JOIN LATERAL (SELECT * FROM mash.enquiry y WHERE y.enquiry_id = x.enquiry_id OFFSET 0) q
                 WHERE q.state IN ('waiting', 'claimed')
                    OR EXISTS (SELECT FROM mash.enquiry_event v
                                WHERE v.enquiry_id = q.enquiry_id AND v.to_state = 'decided'
                                  AND v.at > (p_work[s.work]).at - interval '90 days' OFFSET 0)
                 ORDER BY s.work, q.state = 'decided', q.opened_at, q.enquiry_id
            )
            SELECT array_agg(ROW(f.ord, f.reason,
                       coalesce(f.treatment, CASE WHEN e.enquiry_id IS NULL THEN 'opened' ELSE 'attached' END),
                       coalesce(f.enquiry_id, e.enquiry_id, (p_work[f.ord]).new_enquiry), f.rose, f.outcome,
                       f.first)::mash.fate ORDER BY f.ord)
              FROM unnest(p_fate) f
              LEFT JOIN found e ON e.work = f.ord AND f.treatment IS NULL);
    END
    $$;

-- Opens, or lets arrive. A repeat is nothing new but, perhaps, how urgent the sender finds it now.
CREATE OR REPLACE FUNCTION mash.work_enter(p_work mash.work[], p_fate mash.fate[]) RETURNS mash.fate[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_new     mash.work[];
        v_known   mash.work[];
        v_enquiry uuid[];
        v_items   bigint[];
        v_rose    bigint[] := '{}';
    BEGIN
        SELECT array_agg(p_work[f.ord] ORDER BY f.ord) FILTER (WHERE f.treatment = 'opened'),
               array_agg(p_work[f.ord] ORDER BY f.ord) FILTER (WHERE f.treatment <> 'opened'),
               array_agg(f.enquiry_id ORDER BY f.ord) FILTER (WHERE f.treatment <> 'opened'),
               array_agg(CASE f.treatment WHEN 'repeat' THEN 1 ELSE (p_work[f.ord]).items END ORDER BY f.ord)
                   FILTER (WHERE f.treatment <> 'opened')
          INTO v_new, v_known, v_enquiry, v_items
          FROM unnest(p_fate) f
         WHERE f.reason IS NULL
           AND (f.treatment <> 'repeat' OR (p_work[f.ord]).lane = 'immediate'
                OR EXISTS (SELECT FROM mash.enquiry e
                            WHERE e.enquiry_id = f.enquiry_id
                              AND mash.rating_rank((p_work[f.ord]).rating) > mash.rating_rank(e.rating) OFFSET 0));
        IF v_new IS NOT NULL THEN
            PERFORM mash.enquiries_open(v_new);
        END IF;
        IF v_known IS NOT NULL THEN
            v_rose := mash.enquiries_arrive(v_known, v_enquiry, v_items);
            UPDATE mash.agency_check c
               SET state = f.outcome, answered_at = (p_work[f.ord]).at
              FROM unnest(p_fate) f
             WHERE f.reason IS NULL AND f.treatment = 'answer' AND c.check_id = (p_work[f.ord]).check_id
               AND c.check_id = ANY (ARRAY(SELECT k.check_id FROM unnest(v_known) k WHERE k.check_id IS NOT NULL));
        END IF;
        RETURN (SELECT array_agg(ROW(f.ord, f.reason, f.treatment, f.enquiry_id,
                                     f.treatment = 'opened' OR f.ord = ANY (v_rose), f.outcome, f.first)::mash.fate
                                 ORDER BY f.ord)
                  FROM unnest(p_fate) f);
    END
    $$;

-- The leaves of a batch in its order, and in the order in which each message's acts follow from each other. m_child: the
-- mention is of a child whom its message is about.
CREATE OR REPLACE FUNCTION mash.work_leaves(p_work mash.work[], p_fate mash.fate[], m_work bigint[], m_id uuid[],
                                            m_child boolean[], l_person uuid[], l_basis text[], p_now timestamptz)
    RETURNS bytea[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_head text := E'mash-leaf/1\nrealm ' || (SELECT s.value FROM mash.setting s WHERE s.name = 'realm') || E'\nat '
                    || to_char(p_now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\nact ';
    BEGIN
        IF EXISTS (SELECT FROM unnest(p_work) w
                    WHERE (w.agency || w.rating || coalesce(w.factors, '') || coalesce(w.refusal, '')) !~ '^[A-Za-z0-9._:+/=\[\]-]+$'
                       OR length(w.factors) > 200)
           OR EXISTS (SELECT FROM unnest(l_basis) b WHERE b !~ '^[a-z_]{1,40}$') THEN
            RAISE EXCEPTION 'a leaf holds ids and codes only';
        END IF;
        RETURN (
            WITH given AS MATERIALIZED (
                SELECT f.ord, (p_work[f.ord]).agency, (p_work[f.ord]).message_id, (p_work[f.ord]).check_id,
                       (p_work[f.ord]).rating, (p_work[f.ord]).factors, (p_work[f.ord]).items, f.treatment,
                       f.enquiry_id, f.rose, f.outcome, (p_work[f.ord]).refusal, f.first
                  FROM unnest(p_fate) f
                 WHERE f.reason IS NULL
            ), line (ord, act, nth, agency, subject, details) AS (
                SELECT g.ord, CASE g.treatment WHEN 'answer' THEN 'answer' ELSE 'process' END, 0, g.agency, g.message_id,
                       E'\nmessage ' || g.message_id
                       || CASE g.treatment
                          WHEN 'answer' THEN E'\ncheck ' || g.check_id || E'\nenquiry ' || g.enquiry_id
                                             || E'\noutcome ' || g.outcome || coalesce(E'\nreason ' || g.refusal, '')
                          ELSE E'\ntreatment ' || g.treatment || E'\nenquiry ' || g.enquiry_id END
                       || E'\nitems ' || CASE g.treatment WHEN 'repeat' THEN 0 ELSE g.items END
                       || coalesce(E'\nfirst ' || g.first, '')
                       || CASE g.treatment WHEN 'repeat' THEN ''
                          ELSE E'\nclasses ' || encode(mash.classes_digest(g.agency, g.message_id), 'hex') END
                  FROM given g
                 UNION ALL
                SELECT m.work, 'link', m.nth, (p_work[m.work]).agency, m.id,
                       E'\nmention ' || m.id || E'\nperson ' || m.person || E'\nbasis ' || m.basis
                       || CASE WHEN m.child THEN E'\nchild yes' ELSE '' END
                  FROM unnest(m_work, m_id, m_child, l_person, l_basis) WITH ORDINALITY
                       AS m (work, id, child, person, basis, nth)
                 WHERE m.person IS NOT NULL
                 UNION ALL
                SELECT g.ord, 'rate', 1 + cardinality(m_id), g.agency, g.enquiry_id,
                       E'\nenquiry ' || g.enquiry_id || E'\nrating ' || g.rating || coalesce(E'\nfactors ' || g.factors, '')
                  FROM given g WHERE g.rose
            )
            SELECT array_agg(convert_to(v_head || l.act || E'\nagency ' || l.agency || E'\nactor hub\nsubject '
                                        || l.subject || l.details || E'\n', 'UTF8') ORDER BY l.ord, l.nth)
              FROM line l);
    END
    $$;

-- w_*: one a message; w_check and w_outcome count for an answer, which has an outcome, the two before them for a
-- referral (keyed hashes; without a reference nothing is a repeat). m_*: mentions, each with the place of its message, in
-- order; k_*: match keys, each with the place of its mention; i_*: items; w_refusal: why an answer refuses. Answers one row a message: a reason
-- where it cannot be taken (an answer to no check of that agency, or to one that has its answer), and then
-- hub_set_aside has to follow; whatever else is wrong with one refuses all.
CREATE OR REPLACE FUNCTION door.hub_take(
    w_agency text[], w_message uuid[], w_enquiry uuid[], w_reference bytea[], w_content bytea[], w_check uuid[],
    w_outcome text[], w_rating text[], w_factors text[],
    m_work bigint[], m_id uuid[], m_person uuid[], m_roles text[], m_sealed bytea[],
    k_mention bigint[], k_kind text[], k_hmac bytea[],
    i_work bigint[], i_id uuid[], i_class text[], i_tier text[], i_free bigint[], i_sealed bytea[],
    w_refusal text[] DEFAULT '{}')
    RETURNS TABLE (ord bigint, reason text, treatment text, enquiry_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    SET plan_cache_mode = force_generic_plan SET jit = off -- plans are made once, on tables that may still be empty
    AS $$
    #variable_conflict use_column
    DECLARE
        n         integer := cardinality(w_message);
        v_now     timestamptz := mash.hub_now();
        v_work    mash.work[];
        v_left    boolean[] := array_fill(true, ARRAY[cardinality(w_message)]); -- by message: not yet taken,
        v_here    boolean[]; -- in this wave,
        v_told    boolean[]; -- and with people to look for
        v_fate    mash.fate[];
        v_all     mash.fate[] := '{}';
        v_nth     bigint[];
        v_alike   bigint[]; -- messages of which two mentions have a key in common
        v_subject boolean[];
        l_person  uuid[] := array_fill(NULL::uuid, ARRAY[cardinality(m_id)]);
        l_basis   text[] := array_fill(NULL::text, ARRAY[cardinality(m_id)]);
        v_enquiry uuid[] := array_fill(NULL::uuid, ARRAY[cardinality(w_message)]); -- where its items go
        v_one     record;
        v_turn    boolean[]; -- by mention
        v_done    integer;
    BEGIN
        SELECT array_agg(ROW(w.ord, v_now + w.ord * interval '1 microsecond', w.agency, w.message, m.lane, m.received_at, w.enquiry, w.reference, w.content,
                             CASE WHEN w.outcome IS NOT NULL THEN w.check_id END,
                             CASE w.outcome WHEN 'answered' THEN 'answer' WHEN 'nil_return' THEN 'nil'
                                            WHEN 'refused' THEN 'refuse' END,
                             w.rating, nullif(w.factors, ''), coalesce(i.count, 0), nullif(w.refusal, ''))::mash.work ORDER BY w.ord)
          INTO v_work
          FROM unnest(w_agency, w_message, w_enquiry, w_reference, w_content, w_check, w_outcome, w_rating, w_factors, w_refusal)
               WITH ORDINALITY AS w (agency, message, enquiry, reference, content, check_id, outcome, rating, factors, refusal, ord)
          CROSS JOIN LATERAL (SELECT x.lane, x.received_at FROM mash.message x
                               WHERE x.agency = w.agency AND x.message_id = w.message OFFSET 0) m
          CROSS JOIN LATERAL (SELECT FROM mash.message_todo x
                               WHERE x.agency = w.agency AND x.message_id = w.message OFFSET 0) t
          LEFT JOIN (SELECT x AS ord, count(*) FROM unnest(i_work) x GROUP BY x) i USING (ord);
        IF cardinality(v_work) IS DISTINCT FROM n THEN
            PERFORM mash.refuse('state_wrong');
        END IF;

        v_alike := ARRAY(SELECT DISTINCT m_work[k.mention] FROM unnest(k_mention, k_hmac) AS k (mention, hmac)
                          GROUP BY m_work[k.mention], k.hmac HAVING count(DISTINCT k.mention) > 1);
        -- In which turn a mention is looked for: all of a message's in one, but where two of them have a key in common
        -- one after the other, for each makes what the next one finds. And the children that a message is about:
        -- one about adults is about the children of the home.
        SELECT array_agg(CASE WHEN m.alike THEN m.nth ELSE 1 END ORDER BY m.at),
               array_agg(m.child OR m.sibling AND NOT m.any_child ORDER BY m.at)
          INTO v_nth, v_subject
          FROM (SELECT x.at, row_number() OVER (PARTITION BY x.work ORDER BY x.at) AS nth, y.child, y.sibling,
                       bool_or(y.child) OVER (PARTITION BY x.work) AS any_child, x.work = ANY (v_alike) AS alike
                  FROM unnest(m_work, m_roles) WITH ORDINALITY AS x (work, roles, at)
                  CROSS JOIN LATERAL (SELECT string_to_array(x.roles, '+') && ARRAY['child', 'unborn'] AS child,
                                             'sibling' = ANY (string_to_array(x.roles, '+')) AS sibling) y) m;

        PERFORM mash.work_lock(v_work, v_left, m_work, k_mention, k_hmac);
        WHILE true = ANY (v_left) LOOP
            v_here := CASE n WHEN 1 THEN v_left ELSE mash.work_wave(v_work, v_left, m_work, k_mention, k_hmac) END;
            v_left := ARRAY(SELECT l.waits AND NOT l.here FROM unnest(v_left, v_here) AS l (waits, here));
            v_fate := mash.work_known(v_work, v_here);
            v_told := array_fill(false, ARRAY[n]);
            FOR v_one IN SELECT f.ord FROM unnest(v_fate) f WHERE f.treatment IS NULL OR f.treatment = 'update' LOOP
                v_told[v_one.ord] := true;
            END LOOP;

            FOR v_nth_turn IN 1 .. (SELECT coalesce(max(v_nth[m.at]), 0) FROM unnest(m_work) WITH ORDINALITY AS m (work, at)
                                     WHERE v_told[m.work]) LOOP
                v_turn := ARRAY(SELECT v_told[m.work] AND v_nth[m.at] = v_nth_turn
                                  FROM unnest(m_work) WITH ORDINALITY AS m (work, at) ORDER BY m.at);
                SELECT x.persons, x.bases INTO l_person, l_basis
                  FROM mash.mentions_link(v_turn, m_work, m_id, m_person, k_mention, k_kind, k_hmac, v_now,
                                           l_person, l_basis) x;
            END LOOP;

            v_fate := mash.work_placed(
                v_work, v_fate,
                ARRAY(SELECT m.work FROM unnest(m_work) WITH ORDINALITY AS m (work, at)
                       WHERE v_subject[m.at] AND v_told[m.work] ORDER BY m.at),
                ARRAY(SELECT l_person[m.at] FROM unnest(m_work) WITH ORDINALITY AS m (work, at)
                       WHERE v_subject[m.at] AND v_told[m.work] ORDER BY m.at));
            v_fate := mash.work_enter(v_work, v_fate);
            FOR v_one IN SELECT f.ord, f.enquiry_id FROM unnest(v_fate) f
                          WHERE f.reason IS NULL AND f.treatment <> 'repeat' LOOP
                v_enquiry[v_one.ord] := v_one.enquiry_id;
            END LOOP;

            INSERT INTO mash.native_reference (agency, reference, message_id, content)
            SELECT w.agency, w.reference, w.message_id, w.content FROM unnest(v_work) w
             WHERE v_here[w.ord] AND w.reference IS NOT NULL
             ORDER BY w.ord;
            INSERT INTO mash.subject (enquiry_id, person_id, kind)
            SELECT v_enquiry[m.work], l_person[m.at],
                   CASE WHEN 'unborn' = ANY (string_to_array(m.roles, '+')) THEN 'unborn' ELSE 'child' END
              FROM unnest(m_work, m_roles) WITH ORDINALITY AS m (work, roles, at)
             WHERE v_subject[m.at] AND v_told[m.work]
             ORDER BY m.at
            ON CONFLICT DO NOTHING;
            INSERT INTO mash.enquiry_message (enquiry_id, agency, message_id, treatment, at)
            SELECT f.enquiry_id, w_agency[f.ord], w_message[f.ord], f.treatment, v_now + f.ord * interval '1 microsecond'
              FROM unnest(v_fate) f
             WHERE f.reason IS NULL
             ORDER BY f.ord;
            v_all := v_all || v_fate;
        END LOOP;

        INSERT INTO mash.mention (mention_id, agency, message_id, roles, sealed, at)
        SELECT m.id, w_agency[m.work], w_message[m.work], string_to_array(m.roles, '+'), m.sealed,
               v_now + m.work * interval '1 microsecond'
          FROM unnest(m_work, m_id, m_roles, m_sealed) WITH ORDINALITY AS m (work, id, roles, sealed, at)
         WHERE l_person[m.at] IS NOT NULL
         ORDER BY m.at;
        INSERT INTO mash.item (item_id, enquiry_id, owner, message_id, class, tier, free_text, sealed, arrived_at)
        SELECT i.id, v_enquiry[i.work], w_agency[i.work], w_message[i.work], i.class, i.tier, i.free <> 0, i.sealed,
               v_now + i.work * interval '1 microsecond'
          FROM unnest(i_work, i_id, i_class, i_tier, i_free, i_sealed) WITH ORDINALITY
               AS i (work, id, class, tier, free, sealed, at)
         WHERE v_enquiry[i.work] IS NOT NULL
         ORDER BY i.at;
        PERFORM mash.choices_owed(i_id, i_class, i_tier);

        DELETE FROM mash.message_todo t
         WHERE t.ctid = ANY (ARRAY(
             SELECT x.ctid
               FROM unnest(v_all) f
               CROSS JOIN LATERAL (SELECT y.ctid FROM mash.message_todo y
                                    WHERE y.agency = w_agency[f.ord] AND y.message_id = w_message[f.ord] OFFSET 0) x
              WHERE f.reason IS NULL));
        GET DIAGNOSTICS v_done = ROW_COUNT;
        IF v_done <> (SELECT count(*) FROM unnest(v_all) f WHERE f.reason IS NULL) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        IF v_done > 0 THEN
            PERFORM mash.ledger_append(mash.work_leaves(v_work, v_all, m_work, m_id, v_subject, l_person, l_basis,
                                                          v_now));
        END IF;
        RETURN QUERY SELECT f.ord, f.reason, f.treatment, f.enquiry_id FROM unnest(v_all) f ORDER BY f.ord;
    EXCEPTION
        -- One message must not stop all others: the hub takes them one by one, and it goes where people see it.
        WHEN data_exception OR integrity_constraint_violation OR raise_exception THEN
            PERFORM mash.refuse('hub_failed');
    END
    $$;

REVOKE ALL ON FUNCTION door.hub_take(
    text[], uuid[], uuid[], bytea[], bytea[], uuid[], text[], text[], text[], bigint[], uuid[], uuid[], text[], bytea[],
    bigint[], text[], bytea[], bigint[], uuid[], text[], text[], bigint[], bytea[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_take(
    text[], uuid[], uuid[], bytea[], bytea[], uuid[], text[], text[], text[], bigint[], uuid[], uuid[], text[], bytea[],
    bigint[], text[], bytea[], bigint[], uuid[], text[], text[], bigint[], bytea[], text[]) TO mash_hub;
