-- What every door of the hub stands on: the clocks, the ways a state changes, how enquiries open and what
-- arrives joins them, and how mentions are tied to people. Inner functions; no program may call them. What the
-- pipeline does, it does for many messages at once, which have nothing to do with each other (42_take.sql).

-- ---- clocks ---------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION mash.working_day(p_day date) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT extract(isodow FROM p_day) < 6 AND NOT EXISTS (SELECT FROM mash.closed_day c WHERE c.day = p_day)
    $$;

-- The same time of day (in London) n working days later.
CREATE OR REPLACE FUNCTION mash.working_days_after(p_at timestamptz, p_days integer) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_local timestamp := p_at AT TIME ZONE 'Europe/London';
        v_day   date := v_local::date;
        v_left  integer := p_days;
    BEGIN
        WHILE v_left > 0 LOOP
            v_day := v_day + 1;
            IF mash.working_day(v_day) THEN
                v_left := v_left - 1;
            END IF;
        END LOOP;
        RETURN (v_day + v_local::time) AT TIME ZONE 'Europe/London';
    END
    $$;

CREATE OR REPLACE FUNCTION mash.product_within(p_rating text, p_day date) RETURNS interval
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT c.product_within
          FROM mash.clock_rule c
         WHERE c.rating = p_rating AND c.valid_from <= p_day
         ORDER BY c.valid_from DESC
         LIMIT 1
    $$;

CREATE OR REPLACE FUNCTION mash.product_due(p_rating text, p_received timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT p_received + mash.product_within(p_rating, (p_received AT TIME ZONE 'Europe/London')::date)
    $$;

-- green 1, amber 2, red 3; NULL for anything else.
CREATE OR REPLACE FUNCTION mash.rating_rank(p_rating text) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN array_position(ARRAY['green', 'amber', 'red'], p_rating);

-- By which a release is judged: the newest that the ledger knows, from a message or a person.
CREATE OR REPLACE FUNCTION mash.rating_recorded(p_enquiry uuid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.leaf_says(l.body, 'rating')
          FROM mash.ledger_leaf l
         WHERE l.subject = p_enquiry AND l.act = 'rate' AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx DESC
         LIMIT 1
    $$;

-- The child whom a decision of this enquiry was on, as its leaf says.
CREATE OR REPLACE FUNCTION mash.decided_on(p_enquiry uuid, p_decision uuid) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.leaf_says(l.body, 'person')::uuid
          FROM mash.ledger_leaf l
         WHERE l.subject = p_enquiry AND l.act = 'decide' AND l.idx < (SELECT h.size FROM mash.ledger_head h)
           AND mash.leaf_says(l.body, 'decision') = p_decision::text
         ORDER BY l.idx
         LIMIT 1
    $$;

-- ---- steps ----------------------------------------------------------------------------------------

-- Where an event leads by the transition table; refuses what is not in it.
CREATE OR REPLACE FUNCTION mash.lifecycle_next(p_machine text, p_from text, p_event text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_to text;
    BEGIN
        IF p_from IS NULL THEN
            PERFORM mash.refuse('not_found');
        END IF;
        SELECT to_state INTO v_to
          FROM mash.lifecycle
         WHERE machine = p_machine AND from_state = p_from AND event = p_event;
        IF NOT FOUND THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        RETURN v_to;
    END
    $$;

-- One step of one enquiry: asks the transition table, steps, and writes down that it did. But for what arrives
-- (enquiries_open, enquiries_arrive: the same for many at once) nobody else writes enquiry.state.
CREATE OR REPLACE FUNCTION mash.enquiry_step(p_enquiry uuid, p_event text, p_actor text) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_from text;
        v_to   text;
    BEGIN
        SELECT state INTO v_from FROM mash.enquiry WHERE enquiry_id = p_enquiry FOR UPDATE;
        v_to := mash.lifecycle_next('enquiry', v_from, p_event);
        UPDATE mash.enquiry SET state = v_to WHERE enquiry_id = p_enquiry;
        INSERT INTO mash.enquiry_event (enquiry_id, event, from_state, to_state, actor, at)
        VALUES (p_enquiry, p_event, v_from, v_to, p_actor, mash.hub_now());
        RETURN v_to;
    END
    $$;

-- The only writer of agency_check.state, the same way.
CREATE OR REPLACE FUNCTION mash.check_step(p_check uuid, p_event text) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_to text;
    BEGIN
        SELECT mash.lifecycle_next('check', state, p_event) INTO v_to
          FROM mash.agency_check WHERE check_id = p_check FOR UPDATE;
        IF NOT FOUND THEN
            PERFORM mash.refuse('not_found');
        END IF;
        UPDATE mash.agency_check SET state = v_to WHERE check_id = p_check;
        RETURN v_to;
    END
    $$;

-- ---- enquiries ------------------------------------------------------------------------------------

-- So many references that no enquiry has yet: eight random characters of Crockford's base 32 each, for people to
-- say aloud: 7K3M-QX2P.
CREATE OR REPLACE FUNCTION mash.new_references(p_count integer) RETURNS text[]
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        a           text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
        v_reference text[];
    BEGIN
        LOOP
            SELECT array_agg(substr(a, 1 + (get_byte(r, 0) & 31), 1) || substr(a, 1 + (get_byte(r, 1) & 31), 1)
                          || substr(a, 1 + (get_byte(r, 2) & 31), 1) || substr(a, 1 + (get_byte(r, 3) & 31), 1) || '-'
                          || substr(a, 1 + (get_byte(r, 4) & 31), 1) || substr(a, 1 + (get_byte(r, 5) & 31), 1)
                          || substr(a, 1 + (get_byte(r, 10) & 31), 1) || substr(a, 1 + (get_byte(r, 11) & 31), 1))
              INTO v_reference
              FROM (SELECT uuid_send(gen_random_uuid()) AS r FROM generate_series(1, p_count) OFFSET 0) random;
            EXIT WHEN (SELECT count(DISTINCT r) FROM unnest(v_reference) r) = p_count
                  AND NOT EXISTS (SELECT FROM mash.enquiry e WHERE e.reference = ANY (v_reference));
        END LOOP;
        RETURN v_reference;
    END
    $$;

-- An enquiry for each. The days are few, however many come in: their clocks are worked out once.
CREATE OR REPLACE FUNCTION mash.enquiries_open(p_work mash.work[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_state     text := mash.lifecycle_next('enquiry', 'none', 'open');
        v_reference text[] := mash.new_references(cardinality(p_work));
    BEGIN
        WITH given AS MATERIALIZED (
            SELECT w.*, w.received_at AT TIME ZONE 'Europe/London' AS here, v_reference[w.ordinality] AS name
              FROM unnest(p_work) WITH ORDINALITY w
        ), clock AS MATERIALIZED (
            SELECT d.rating, d.day, mash.product_within(d.rating, d.day) AS within,
                   (mash.working_days_after(d.day::timestamp AT TIME ZONE 'Europe/London', 1)
                        AT TIME ZONE 'Europe/London')::date AS next
              FROM (SELECT DISTINCT g.rating, g.here::date AS day FROM given g) d
        ), events AS (
            INSERT INTO mash.enquiry_event (enquiry_id, event, from_state, to_state, actor, at)
            SELECT g.new_enquiry, 'open', 'none', v_state, 'hub', g.at FROM given g
        ), ratings AS (
            INSERT INTO mash.rating (enquiry_id, at, rating, factors, by)
            SELECT g.new_enquiry, g.at, g.rating, string_to_array(coalesce(g.factors, ''), '+'), 'hub' FROM given g
        )
        INSERT INTO mash.enquiry (enquiry_id, reference, state, lane, rating, version, opened_at, product_due,
                                  decision_due, claim_token)
        SELECT g.new_enquiry, g.name, v_state, g.lane, g.rating, g.items, g.at, g.received_at + c.within,
               (c.next + g.here::time) AT TIME ZONE 'Europe/London', 0
          FROM given g LEFT JOIN clock c ON c.rating = g.rating AND c.day = g.here::date
         ORDER BY g.ord;
    END
    $$;

-- Something new in each of these enquiries, which are different ones and locked by the caller. The machine
-- raises a rating, never lowers it, and a rise only brings the clock nearer (S39). What was decided comes back
-- to the queue as a new contact, with clocks of its own. Answers whose rating rose.
CREATE OR REPLACE FUNCTION mash.enquiries_arrive(p_work mash.work[], p_enquiry uuid[], p_items bigint[])
    RETURNS bigint[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_count integer;
        v_rose  bigint[];
    BEGIN
        WITH given AS MATERIALIZED (
            SELECT w.ord, w.at, w.lane, w.received_at, w.rating, w.factors, p_items[w.ordinality] AS items, old.enquiry_id,
                   old.state AS old_state, old.state = 'decided' AS back, s.to_state,
                   mash.rating_rank(w.rating) > mash.rating_rank(old.rating) AS rose, old.rating AS old_rating
              FROM unnest(p_work) WITH ORDINALITY w
              CROSS JOIN LATERAL (SELECT * FROM mash.enquiry e WHERE e.enquiry_id = p_enquiry[w.ordinality] OFFSET 0) old
              JOIN mash.lifecycle s ON s.machine = 'enquiry' AND s.from_state = old.state AND s.event = 'arrive'
        ), judged AS MATERIALIZED (
            SELECT g.*, CASE WHEN g.back OR g.rose THEN
                   mash.product_due(CASE WHEN g.rose THEN g.rating ELSE g.old_rating END, g.received_at) END AS due
              FROM given g
        ), changed AS (
            UPDATE mash.enquiry e
               SET state        = j.to_state,
                   version      = e.version + j.items,
                   rating       = CASE WHEN j.rose THEN j.rating ELSE e.rating END,
                   lane         = CASE WHEN j.back OR j.lane = 'immediate' THEN j.lane ELSE e.lane END,
                   product_due  = CASE WHEN j.back THEN j.due WHEN j.rose THEN least(e.product_due, j.due)
                                       ELSE e.product_due END,
                   decision_due = CASE WHEN j.back THEN mash.working_days_after(j.received_at, 1) ELSE e.decision_due END,
                   holder       = CASE WHEN j.back THEN NULL ELSE e.holder END,
                   claim_until  = CASE WHEN j.back THEN NULL ELSE e.claim_until END
              FROM judged j
             WHERE e.enquiry_id = j.enquiry_id AND e.enquiry_id = ANY (p_enquiry)
            RETURNING j.ord
        ), events AS (
            INSERT INTO mash.enquiry_event (enquiry_id, event, from_state, to_state, actor, at)
            SELECT j.enquiry_id, 'arrive', j.old_state, j.to_state, 'hub', j.at FROM judged j ORDER BY j.ord
        ), ratings AS (
            INSERT INTO mash.rating (enquiry_id, at, rating, factors, by)
            SELECT j.enquiry_id, j.at, j.rating, string_to_array(coalesce(j.factors, ''), '+'), 'hub'
              FROM judged j WHERE j.rose
        )
        SELECT count(*), coalesce(array_agg(j.ord) FILTER (WHERE j.rose), '{}') INTO v_count, v_rose
          FROM changed c JOIN judged j USING (ord);
        IF v_count <> cardinality(p_work) THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        RETURN v_rose;
    END
    $$;

-- ---- people ---------------------------------------------------------------------------------------

-- Ties mentions to people, and says on what ground: those in p_turn, by their places in the arrays m_*, where a
-- message's stand together; no two of one message have a key in common. k_* are all keys, each with the place of its
-- mention. persons and bases hold what is tied already and get what is tied now. The strongest kind of key goes first,
-- then the older person. Nobody is ever merged: where keys point to several people, the others are proposals for a
-- person to look at; two mentions of one message are two people. p_now: when the batch began; a message's time is a
-- microsecond after that of the one before.
-- Contradicted: only the name and birth date agree, and both sides have an NHS number, and not the same: two
-- children of one name.
CREATE OR REPLACE FUNCTION mash.mentions_link(
    p_turn boolean[], m_work bigint[], m_id uuid[], m_person uuid[], k_mention bigint[], k_kind text[], k_hmac bytea[],
    p_now timestamptz, INOUT persons uuid[], INOUT bases text[])
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_found   record;
        v_at      bigint;
        v_before  bigint; -- a mention of the same message
        f_mention bigint[] := '{}'; -- proposals
        f_person  uuid[] := '{}';
        f_basis   text[] := '{}';
    BEGIN
        FOR v_found IN
            WITH given AS MATERIALIZED (
                SELECT k.mention, k.kind, k.hmac, array_position(
                           ARRAY['nhs_dob', 'nhs_family', 'upn_dob', 'upn_family', 'name_dob'], k.kind) AS strength
                  FROM unnest(k_mention, k_kind, k_hmac) AS k (mention, kind, hmac)
                 WHERE p_turn[k.mention]
            ), found AS MATERIALIZED (
                SELECT DISTINCT ON (g.mention, x.person_id) g.mention, x.person_id, g.kind, g.strength
                  FROM given g
                  CROSS JOIN LATERAL (
                      SELECT y.person_id FROM mash.person_key y WHERE y.hmac = g.hmac AND y.kind = g.kind OFFSET 0) x
                 ORDER BY g.mention, x.person_id, g.strength
            )
            SELECT f.mention, f.person_id, f.kind,
                   f.kind = 'name_dob'
                   AND EXISTS (SELECT FROM given g WHERE g.mention = f.mention AND g.kind = 'nhs_dob')
                   AND EXISTS (SELECT FROM mash.person_key k
                                WHERE k.person_id = f.person_id AND k.kind = 'nhs_dob' OFFSET 0) AS contradicted
              FROM found f
              CROSS JOIN LATERAL (SELECT p.created_at FROM mash.person p WHERE p.person_id = f.person_id OFFSET 0) p
             ORDER BY f.mention, f.strength, p.created_at, f.person_id
        LOOP
            v_at := v_found.mention;
            v_before := v_at - 1;
            WHILE m_work[v_before] = m_work[v_at] AND persons[v_before] IS DISTINCT FROM v_found.person_id LOOP
                v_before := v_before - 1;
            END LOOP;
            IF persons[v_at] IS NULL AND NOT v_found.contradicted
               AND m_work[v_before] IS DISTINCT FROM m_work[v_at] THEN
                persons[v_at] := v_found.person_id;
                bases[v_at] := v_found.kind;
            ELSE
                f_mention := f_mention || v_at;
                f_person := f_person || v_found.person_id;
                f_basis := f_basis || v_found.kind;
            END IF;
        END LOOP;

        INSERT INTO mash.person (person_id, created_at)
        SELECT m_person[t.at], p_now + m_work[t.at] * interval '1 microsecond'
          FROM unnest(p_turn) WITH ORDINALITY AS t (here, at)
         WHERE t.here AND persons[t.at] IS NULL
         ORDER BY t.at;
        FOR v_at IN 1 .. cardinality(p_turn) LOOP
            IF p_turn[v_at] AND persons[v_at] IS NULL THEN
                persons[v_at] := m_person[v_at];
                bases[v_at] := 'new';
            END IF;
        END LOOP;
        INSERT INTO mash.link (mention_id, person_id, basis, state, by, at)
        SELECT m_id[t.at], persons[t.at], bases[t.at], 'accepted', 'hub', p_now
          FROM unnest(p_turn) WITH ORDINALITY AS t (here, at)
         WHERE t.here
         UNION ALL
        SELECT m_id[f.mention], f.person, f.basis, 'proposed', 'hub', p_now
          FROM unnest(f_mention, f_person, f_basis) AS f (mention, person, basis);
        INSERT INTO mash.person_key (hmac, kind, person_id)
        SELECT k.hmac, k.kind, persons[k.mention]
          FROM unnest(k_mention, k_kind, k_hmac) AS k (mention, kind, hmac)
         WHERE p_turn[k.mention]
         ORDER BY k.hmac
        ON CONFLICT DO NOTHING;
    END
    $$;
