-- What every door of the hub stands on: the clocks, the one way a state changes, how an enquiry opens and what
-- arrives joins it, and how a mention is tied to a person. Inner functions; no program may call them.

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

CREATE OR REPLACE FUNCTION mash.product_due(p_rating text, p_received timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT p_received + c.product_within
          FROM mash.clock_rule c
         WHERE c.rating = p_rating AND c.valid_from <= (p_received AT TIME ZONE 'Europe/London')::date
         ORDER BY c.valid_from DESC
         LIMIT 1
    $$;

-- green 1, amber 2, red 3; NULL for anything else.
CREATE OR REPLACE FUNCTION mash.rating_rank(p_rating text) RETURNS integer
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT array_position(ARRAY['green', 'amber', 'red'], p_rating) $$;

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

-- The only writer of enquiry.state: asks the transition table, steps, and writes down that it did.
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

-- Eight random characters of Crockford's base 32, for people to say aloud: 7K3M-QX2P.
CREATE OR REPLACE FUNCTION mash.new_reference() RETURNS text
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH random AS MATERIALIZED (
            SELECT ('x' || encode(substr(uuid_send(gen_random_uuid()), 1, 5), 'hex'))::bit(40)::bigint AS bits
        ), text AS (
            SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', ((r.bits >> (5 * i)) & 31)::integer + 1, 1),
                              '' ORDER BY i) AS t
              FROM random r, generate_series(0, 7) i
        )
        SELECT substr(t, 1, 4) || '-' || substr(t, 5, 4) FROM text
    $$;

CREATE OR REPLACE FUNCTION mash.enquiry_open(p_enquiry uuid, p_lane text, p_received timestamptz, p_items integer,
                                             p_rating text, p_factors text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now       timestamptz := mash.hub_now();
        v_reference text := mash.new_reference();
    BEGIN
        WHILE EXISTS (SELECT FROM mash.enquiry WHERE reference = v_reference) LOOP
            v_reference := mash.new_reference();
        END LOOP;
        INSERT INTO mash.enquiry (enquiry_id, reference, state, lane, rating, version, opened_at, product_due,
                                  decision_due, claim_token)
        VALUES (p_enquiry, v_reference, 'none', p_lane, p_rating, p_items, v_now,
                mash.product_due(p_rating, p_received), mash.working_days_after(p_received, 1), 0);
        PERFORM mash.enquiry_step(p_enquiry, 'open', 'hub');
        INSERT INTO mash.rating (enquiry_id, at, rating, factors, by)
        VALUES (p_enquiry, v_now, p_rating, p_factors, 'hub');
    END
    $$;

-- Something new in an enquiry. The machine raises a rating, never lowers it, and a rise only brings the clock
-- nearer (S39). What was decided comes back to the queue as a new contact, with clocks of its own. True when
-- the rating rose.
CREATE OR REPLACE FUNCTION mash.enquiry_arrive(p_enquiry uuid, p_lane text, p_received timestamptz, p_items integer,
                                               p_rating text, p_factors text[]) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_old  mash.enquiry;
        v_rose boolean;
        v_back boolean;
        v_due  timestamptz;
    BEGIN
        SELECT * INTO v_old FROM mash.enquiry WHERE enquiry_id = p_enquiry FOR UPDATE;
        v_rose := mash.rating_rank(p_rating) > mash.rating_rank(v_old.rating);
        v_back := v_old.state = 'decided';
        v_due  := mash.product_due(CASE WHEN v_rose THEN p_rating ELSE v_old.rating END, p_received);
        PERFORM mash.enquiry_step(p_enquiry, 'arrive', 'hub');
        UPDATE mash.enquiry
           SET version      = version + p_items,
               rating       = CASE WHEN v_rose THEN p_rating ELSE rating END,
               lane         = CASE WHEN v_back OR p_lane = 'immediate' THEN p_lane ELSE lane END,
               product_due  = CASE WHEN v_back THEN v_due WHEN v_rose THEN least(product_due, v_due) ELSE product_due END,
               decision_due = CASE WHEN v_back THEN mash.working_days_after(p_received, 1) ELSE decision_due END,
               holder       = CASE WHEN v_back THEN NULL ELSE holder END,
               claim_until  = CASE WHEN v_back THEN NULL ELSE claim_until END
         WHERE enquiry_id = p_enquiry;
        IF v_rose THEN
            INSERT INTO mash.rating (enquiry_id, at, rating, factors, by)
            VALUES (p_enquiry, mash.hub_now(), p_rating, p_factors, 'hub');
        END IF;
        RETURN v_rose;
    END
    $$;

-- The enquiry that one of these people is a subject of, if it is open, or was decided not long ago: the one
-- being worked on before one that is done, the older before the younger.
CREATE OR REPLACE FUNCTION mash.enquiry_of(p_persons uuid[]) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT e.enquiry_id
          FROM mash.subject s
          JOIN mash.enquiry e USING (enquiry_id)
         WHERE s.person_id = ANY (p_persons)
           AND (e.state IN ('waiting', 'claimed')
                OR EXISTS (SELECT FROM mash.enquiry_event v
                            WHERE v.enquiry_id = e.enquiry_id AND v.to_state = 'decided'
                              AND v.at > mash.hub_now() - interval '90 days'))
         ORDER BY e.state = 'decided', e.opened_at, e.enquiry_id
         LIMIT 1
    $$;

-- ---- people ---------------------------------------------------------------------------------------

-- Who has one of these keys: the strongest kind first, then the older person. contradicted: only the name and
-- birth date agree, and both sides have an NHS number, and not the same: two children of one name.
CREATE OR REPLACE FUNCTION mash.person_candidates(p_kind text[], p_hmac bytea[])
    RETURNS TABLE (person_id uuid, basis text, contradicted boolean)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH given AS (
            SELECT g.kind, g.hmac,
                   array_position(ARRAY['nhs_dob', 'nhs_family', 'upn_dob', 'upn_family', 'name_dob'], g.kind) AS strength
              FROM unnest(p_kind, p_hmac) AS g (kind, hmac)
        ), found AS (
            SELECT DISTINCT ON (k.person_id) k.person_id, g.kind, g.strength
              FROM given g JOIN mash.person_key k USING (hmac, kind)
             ORDER BY k.person_id, g.strength
        )
        SELECT f.person_id, f.kind,
               f.kind = 'name_dob' AND 'nhs_dob' = ANY (p_kind)
               AND EXISTS (SELECT FROM mash.person_key k WHERE k.person_id = f.person_id AND k.kind = 'nhs_dob')
          FROM found f JOIN mash.person p USING (person_id)
         ORDER BY f.strength, p.created_at, p.person_id
    $$;

-- Ties one mention to one person, and says on what ground. Nobody is ever merged: where keys point to several
-- people, the others are proposals for a person to look at; two mentions of one message are two people.
CREATE OR REPLACE FUNCTION mash.mention_link(p_mention uuid, p_new_person uuid, p_taken uuid[], p_kind text[],
                                             p_hmac bytea[]) RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now    timestamptz := mash.hub_now();
        v_person uuid;
        v_basis  text := 'new';
        v_found  record;
    BEGIN
        FOR v_found IN SELECT * FROM mash.person_candidates(p_kind, p_hmac) LOOP
            IF v_person IS NULL AND NOT v_found.contradicted AND NOT v_found.person_id = ANY (p_taken) THEN
                v_person := v_found.person_id;
                v_basis := v_found.basis;
            ELSE
                INSERT INTO mash.link (mention_id, person_id, basis, state, by, at)
                VALUES (p_mention, v_found.person_id, v_found.basis, 'proposed', 'hub', v_now);
            END IF;
        END LOOP;
        IF v_person IS NULL THEN
            v_person := p_new_person;
            INSERT INTO mash.person (person_id, created_at) VALUES (v_person, v_now);
        END IF;
        INSERT INTO mash.link (mention_id, person_id, basis, state, by, at)
        VALUES (p_mention, v_person, v_basis, 'accepted', 'hub', v_now);
        INSERT INTO mash.person_key (hmac, kind, person_id)
        SELECT g.hmac, g.kind, v_person FROM unnest(p_kind, p_hmac) AS g (kind, hmac)
        ON CONFLICT DO NOTHING;
        RETURN v_person;
    END
    $$;
