-- The desk's doors: what a member of staff does with an enquiry. mash_hub calls them for the owner of the
-- CURVE key that asked. Each act checks role, claim and version here as well as in C, makes its writes, and
-- its one leaf last. Decisions: 51_desk.sql; the quarantine: 52_quarantine.sql.

-- ---- inner functions: who may, and who holds ---------------------------------------------------------

-- Refuses unless a usable key of this member of staff carries one of the roles.
CREATE OR REPLACE FUNCTION mash.staff_need(p_staff text, p_roles text[]) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.staff s
                        WHERE s.staff = p_staff AND s.roles && p_roles
                          AND NOT mash.key_revoked(s.key_id)) THEN
            PERFORM mash.refuse('role_missing');
        END IF;
    END
    $$;

-- Everybody who works on enquiries, to whom they are revealed; the hub manager does not (S25).
CREATE OR REPLACE FUNCTION mash.desk_roles() RETURNS text[]
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ARRAY['triage_officer', 'decision_maker', 'social_work_manager'] $$;

-- Revealing and sharing are two permissions (S47): a triage officer reads and does not share, and nobody shares what
-- she may not read. The emergency lane is the desk's (59_emergency.sql).
CREATE OR REPLACE FUNCTION mash.share_roles() RETURNS text[]
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ARRAY['decision_maker', 'social_work_manager'] $$;

-- Fencing: locks the enquiry and lets nobody past whose claim is not the one in force now. A process that
-- slept through its claim, or a colleague's screen from yesterday, cannot act.
CREATE OR REPLACE FUNCTION mash.claim_need(p_enquiry uuid, p_staff text, p_token bigint) RETURNS mash.enquiry
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        e mash.enquiry;
    BEGIN
        SELECT * INTO e FROM mash.enquiry WHERE enquiry_id = p_enquiry FOR UPDATE;
        IF e.enquiry_id IS NULL THEN
            PERFORM mash.refuse('not_found');
        ELSIF e.holder IS NULL OR e.state = 'waiting' THEN
            PERFORM mash.refuse('not_claimed');
        ELSIF e.holder <> p_staff AND e.claim_until > mash.hub_now() THEN
            PERFORM mash.refuse('claimed_by_other');
        ELSIF e.holder <> p_staff THEN
            PERFORM mash.refuse('not_claimed');
        ELSIF e.claim_token <> p_token OR e.claim_until <= mash.hub_now() THEN
            PERFORM mash.refuse('claim_expired');
        END IF;
        RETURN e;
    END
    $$;

-- Whose information stands in an enquiry: a look at it is theirs to see.
CREATE OR REPLACE FUNCTION mash.enquiry_owners(p_enquiry uuid) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(array_agg(x.agency ORDER BY x.agency), '{}')
          FROM (SELECT i.owner AS agency FROM mash.item i WHERE i.enquiry_id = p_enquiry
                UNION SELECT m.agency FROM mash.enquiry_message m WHERE m.enquiry_id = p_enquiry) x
    $$;

-- Minutes until then, rounded up; negative when it has passed.
CREATE OR REPLACE FUNCTION mash.minutes_left(p_due timestamptz) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ceil(extract(epoch FROM p_due - mash.hub_now()) / 60)::bigint $$;

-- ---- sessions and refusals ---------------------------------------------------------------------------

-- Before every command. True when it is the first after 15 silent minutes, which is a sign-in.
CREATE OR REPLACE FUNCTION door.hub_sign_in(p_key text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now   timestamptz := mash.hub_now();
        v_staff text;
        v_fresh boolean;
    BEGIN
        SELECT s.staff INTO v_staff
          FROM mash.staff s
         WHERE s.key_id = p_key
           AND NOT mash.key_revoked(s.key_id);
        IF v_staff IS NULL THEN
            PERFORM mash.refuse('not_signed_in');
        END IF;
        UPDATE mash.session SET last_at = v_now
         WHERE key_id = p_key AND staff = v_staff AND last_at > v_now - interval '15 minutes';
        v_fresh := NOT FOUND;
        IF v_fresh THEN
            INSERT INTO mash.session (key_id, staff, since, last_at) VALUES (p_key, v_staff, v_now, v_now)
            ON CONFLICT (key_id) DO UPDATE SET staff = v_staff, since = v_now, last_at = v_now;
            PERFORM mash.record('sign_in', '{}', v_staff, NULL, 'key', p_key);
        END IF;
        RETURN v_fresh;
    END
    $$;

-- What was asked and refused. The enquiry, where one was named, is the leaf's subject.
CREATE OR REPLACE FUNCTION door.hub_refusal(p_staff text, p_command text, p_reason text, p_enquiry uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.record('refuse', '{}', p_staff, p_enquiry, 'command', p_command, 'reason', p_reason,
                            'enquiry', p_enquiry::text);
    END
    $$;

-- ---- looking without content -------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION door.hub_find(p_reference text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT e.enquiry_id FROM mash.enquiry e WHERE e.reference = upper(p_reference) $$;

-- Most urgent first: the immediate lane, then the least time left of the nearer clock (S34). No names (S25).
-- A claim that ran out shows no holder.
CREATE OR REPLACE FUNCTION door.hub_queue(p_states text[], p_most bigint)
    RETURNS TABLE (reference text, state text, lane text, rating text, opened_at text, product_due text,
                   product_minutes bigint, decision_due text, decision_minutes bigint, late boolean, holder text,
                   claim_until text, agencies bigint, messages bigint, checks_open bigint, checks_late bigint,
                   subjects bigint, waiting bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH now AS MATERIALIZED (SELECT mash.hub_now() AS at)
        SELECT e.reference, e.state, e.lane, e.rating, mash.rfc3339(e.opened_at), mash.rfc3339(e.product_due),
               mash.minutes_left(e.product_due), mash.rfc3339(e.decision_due), mash.minutes_left(e.decision_due),
               least(e.product_due, e.decision_due) <= now.at,
               CASE WHEN e.claim_until > now.at THEN e.holder END,
               CASE WHEN e.claim_until > now.at THEN mash.rfc3339(e.claim_until) END,
               m.agencies, m.messages, k.open, k.late,
               (SELECT count(*) FROM mash.subject s WHERE s.enquiry_id = e.enquiry_id), e.waiting
          FROM now
          CROSS JOIN LATERAL (
              SELECT q.*, count(*) OVER () AS waiting
                FROM mash.enquiry q
               WHERE q.state = ANY (p_states)
               ORDER BY q.lane, least(q.product_due, q.decision_due), q.opened_at
               LIMIT p_most) e
          CROSS JOIN LATERAL (
              SELECT count(DISTINCT x.agency) AS agencies, count(*) AS messages
                FROM mash.enquiry_message x WHERE x.enquiry_id = e.enquiry_id) m
          CROSS JOIN LATERAL (
              SELECT count(*) AS open, count(*) FILTER (WHERE c.answer_by <= now.at) AS late
                FROM mash.agency_check c
               WHERE c.enquiry_id = e.enquiry_id AND c.state IN ('asked', 'delivered')) k
         ORDER BY e.lane, least(e.product_due, e.decision_due), e.opened_at
    $$;

-- An enquiry's head. answer_by: what a check asked now would say: when the product is due, but never less
-- than an hour from now.
CREATE OR REPLACE FUNCTION door.hub_enquiry(p_enquiry uuid)
    RETURNS TABLE (reference text, state text, lane text, rating text, version bigint, opened_at text,
                   product_due text, product_minutes bigint, decision_due text, decision_minutes bigint,
                   holder text, claim_until text, answer_by text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT e.reference, e.state, e.lane, e.rating, e.version, mash.rfc3339(e.opened_at),
               mash.rfc3339(e.product_due), mash.minutes_left(e.product_due),
               mash.rfc3339(e.decision_due), mash.minutes_left(e.decision_due),
               CASE WHEN e.claim_until > mash.hub_now() THEN e.holder END,
               CASE WHEN e.claim_until > mash.hub_now() THEN mash.rfc3339(e.claim_until) END,
               mash.rfc3339(greatest(e.product_due, mash.hub_now() + interval '1 hour'))
          FROM mash.enquiry e
         WHERE e.enquiry_id = p_enquiry
    $$;

-- The children, with the numbers that staff use and the latest decision on each.
CREATE OR REPLACE FUNCTION door.hub_subjects(p_enquiry uuid)
    RETURNS TABLE (number bigint, person_id uuid, kind text, outcome text, decided_version bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT row_number() OVER (ORDER BY s.seq), s.person_id, s.kind, d.outcome, d.enquiry_version
          FROM mash.subject s
          LEFT JOIN LATERAL (
              SELECT x.outcome, x.enquiry_version
                FROM mash.decision x
               WHERE x.enquiry_id = s.enquiry_id AND x.person_id = s.person_id
               ORDER BY x.decided_at DESC
               LIMIT 1) d ON true
         WHERE s.enquiry_id = p_enquiry
         ORDER BY s.seq
    $$;

CREATE OR REPLACE FUNCTION door.hub_checks(p_enquiry uuid)
    RETURNS TABLE (check_id uuid, agency text, gateway text, threshold text, family_informed text, asked_by text,
                   asked_at text, answer_by text, state text, late boolean, answered_at text, question_id uuid,
                   question bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT c.check_id, c.agency, c.gateway, c.threshold, c.family_informed, c.asked_by,
               mash.rfc3339(c.asked_at), mash.rfc3339(c.answer_by), c.state,
               c.answer_by <= coalesce(c.answered_at, mash.hub_now()), mash.rfc3339(c.answered_at), c.question_id,
               c.question
          FROM mash.agency_check c
         WHERE c.enquiry_id = p_enquiry
         ORDER BY c.asked_at, c.check_id
    $$;

CREATE OR REPLACE FUNCTION door.hub_ratings(p_enquiry uuid)
    RETURNS TABLE (at text, rating text, factors text, by text, reason_id uuid, reason bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.rfc3339(r.at), r.rating, array_to_string(r.factors, ' '), r.by, r.reason_id, r.reason
          FROM mash.rating r
         WHERE r.enquiry_id = p_enquiry
         ORDER BY r.at
    $$;

CREATE OR REPLACE FUNCTION door.hub_products(p_enquiry uuid)
    RETURNS TABLE (product_id uuid, decision_id uuid, recipient text, purpose text, released_by text,
                   released_at text, delivered text, supplements uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT p.product_id, p.decision_id, p.recipient, p.purpose, p.released_by, mash.rfc3339(p.released_at),
               r.outcome, s.earlier_id
          FROM mash.product p
          LEFT JOIN mash.receipt r USING (letter_id)
          LEFT JOIN mash.product_supplement s USING (product_id)
         WHERE p.enquiry_id = p_enquiry
         ORDER BY p.released_at, p.product_id
    $$;

-- ---- claims ------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION door.hub_claim(p_staff text, p_enquiry uuid)
    RETURNS TABLE (token bigint, claim_until text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_until timestamptz := mash.hub_now() + interval '15 minutes';
        v_token bigint;
        e       mash.enquiry;
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        SELECT * INTO e FROM mash.enquiry WHERE enquiry_id = p_enquiry FOR UPDATE;
        IF e.enquiry_id IS NULL THEN
            PERFORM mash.refuse('not_found');
        ELSIF e.holder <> p_staff AND e.claim_until > mash.hub_now() AND e.state <> 'waiting' THEN
            PERFORM mash.refuse('claimed_by_other');
        END IF;
        PERFORM mash.enquiry_step(p_enquiry, 'claim', p_staff);
        UPDATE mash.enquiry q
           SET holder = p_staff, claim_token = q.claim_token + 1, claim_until = v_until
         WHERE q.enquiry_id = p_enquiry
        RETURNING q.claim_token INTO v_token;
        PERFORM mash.record('claim', '{}', p_staff, p_enquiry, 'enquiry', p_enquiry::text, 'change', 'claim',
                            'token', v_token::text);
        RETURN QUERY SELECT v_token, mash.rfc3339(v_until);
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_renew(p_staff text, p_enquiry uuid, p_token bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_until timestamptz := mash.hub_now() + interval '15 minutes';
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        PERFORM mash.claim_need(p_enquiry, p_staff, p_token);
        UPDATE mash.enquiry SET claim_until = v_until WHERE enquiry_id = p_enquiry;
        PERFORM mash.record('claim', '{}', p_staff, p_enquiry, 'enquiry', p_enquiry::text, 'change', 'renew',
                            'token', p_token::text);
        RETURN mash.rfc3339(v_until);
    END
    $$;

-- Every child is decided on what is known now.
CREATE OR REPLACE FUNCTION mash.enquiry_settled(e mash.enquiry) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM mash.subject s WHERE s.enquiry_id = e.enquiry_id)
               AND NOT EXISTS (SELECT FROM mash.subject s
                                WHERE s.enquiry_id = e.enquiry_id
                                  AND NOT EXISTS (SELECT FROM mash.decision d
                                                   WHERE d.enquiry_id = e.enquiry_id AND d.person_id = s.person_id
                                                     AND d.enquiry_version = e.version))
    $$;

-- The holder goes. What was decided, and nothing came since, is decided still; anything else waits again.
CREATE OR REPLACE FUNCTION mash.claim_end(e mash.enquiry, p_staff text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        UPDATE mash.enquiry SET holder = NULL, claim_until = NULL WHERE enquiry_id = e.enquiry_id;
        IF e.state = 'claimed' THEN
            PERFORM mash.enquiry_step(e.enquiry_id, CASE WHEN mash.enquiry_settled(e) THEN 'give_back' ELSE 'release' END,
                                      p_staff);
        END IF;
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_release(p_staff text, p_enquiry uuid, p_token bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        e mash.enquiry;
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        e := mash.claim_need(p_enquiry, p_staff, p_token);
        PERFORM mash.claim_end(e, p_staff);
        PERFORM mash.record('claim', '{}', p_staff, p_enquiry, 'enquiry', p_enquiry::text, 'change', 'release',
                            'token', p_token::text);
    END
    $$;

-- The hub manager ends somebody's claim, so that nobody holds a concern for ever. The leaf says whose, and why.
CREATE OR REPLACE FUNCTION door.hub_take_back(p_staff text, p_enquiry uuid, p_reason text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        e mash.enquiry;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        SELECT * INTO e FROM mash.enquiry WHERE enquiry_id = p_enquiry FOR UPDATE;
        IF e.enquiry_id IS NULL THEN
            PERFORM mash.refuse('not_found');
        ELSIF e.holder IS NULL THEN
            PERFORM mash.refuse('not_claimed');
        END IF;
        PERFORM mash.claim_end(e, p_staff);
        PERFORM mash.record('claim', '{}', p_staff, p_enquiry, 'enquiry', p_enquiry::text, 'change', 'take_back',
                            'token', e.claim_token::text, 'holder', e.holder, 'reason', p_reason);
        RETURN (SELECT q.state FROM mash.enquiry q WHERE q.enquiry_id = p_enquiry);
    END
    $$;

-- ---- reveal ------------------------------------------------------------------------------------------

-- Last in the transaction that read the content, and committed before anybody is shown it: owners of items
-- that came meanwhile are named as well, never too few (S47).
CREATE OR REPLACE FUNCTION door.hub_view(p_staff text, p_enquiry uuid, p_what text, p_purpose text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        PERFORM mash.record('view', mash.enquiry_owners(p_enquiry), p_staff, p_enquiry,
                            'enquiry', p_enquiry::text, 'what', p_what, 'purpose', p_purpose);
    END
    $$;

-- ---- rating ------------------------------------------------------------------------------------------

-- When what the clocks count from was received: the message that opened the enquiry, or, once it came back to
-- the queue after a decision, the one that brought it back.
CREATE OR REPLACE FUNCTION mash.enquiry_received(e mash.enquiry) RETURNS timestamptz
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH back AS (
            SELECT max(v.at) AS at
              FROM mash.enquiry_event v
             WHERE v.enquiry_id = e.enquiry_id AND v.event = 'arrive' AND v.from_state = 'decided'
        ), told AS (
            SELECT m.received_at, x.treatment
              FROM mash.enquiry_message x JOIN mash.message m USING (agency, message_id)
             WHERE x.enquiry_id = e.enquiry_id
        )
        SELECT coalesce((SELECT max(t.received_at) FROM told t, back b WHERE t.received_at <= b.at),
                        (SELECT min(t.received_at) FROM told t WHERE t.treatment = 'opened'),
                        e.opened_at)
    $$;

-- The product's clock runs from receipt at the new rating; once it has run out no rating moves it, so that a
-- breach cannot be hidden (S39). NULL: there is no such rating. Called by a door, which records it.
CREATE OR REPLACE FUNCTION mash.rate_put(e mash.enquiry, p_rating text, p_by text, p_reason_id uuid, p_reason bytea)
    RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now timestamptz := mash.hub_now();
        v_due timestamptz := mash.product_due(p_rating, mash.enquiry_received(e));
    BEGIN
        IF v_due IS NULL THEN
            RETURN NULL;
        ELSIF e.product_due <= v_now THEN
            v_due := e.product_due;
        END IF;
        INSERT INTO mash.rating (enquiry_id, at, rating, factors, by, reason_id, reason)
        VALUES (e.enquiry_id, v_now, p_rating, '{}', p_by, p_reason_id, p_reason);
        UPDATE mash.enquiry SET rating = p_rating, product_due = v_due WHERE enquiry_id = e.enquiry_id;
        RETURN v_due;
    END
    $$;

-- A person's word on it, with her reason.
CREATE OR REPLACE FUNCTION door.hub_rate(p_staff text, p_enquiry uuid, p_token bigint, p_rating text,
                                         p_reason_id uuid, p_reason bytea, p_commitment bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_due timestamptz;
        e     mash.enquiry;
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        e := mash.claim_need(p_enquiry, p_staff, p_token);
        PERFORM mash.enquiry_step(p_enquiry, 'rate', p_staff);
        v_due := mash.rate_put(e, p_rating, p_staff, p_reason_id, p_reason);
        IF v_due IS NULL THEN
            PERFORM mash.refuse('argument_wrong');
        END IF;
        PERFORM mash.record('rate', '{}', p_staff, p_enquiry, 'enquiry', p_enquiry::text, 'rating', p_rating,
                            'before', e.rating, 'commitment', encode(p_commitment, 'hex'));
        RETURN mash.rfc3339(v_due);
    END
    $$;

-- ---- checks ------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION door.hub_check(
    p_staff text, p_enquiry uuid, p_token bigint, p_check uuid, p_agency text, p_gateway text, p_threshold text,
    p_family text, p_answer_by text, p_question_id uuid, p_question bytea, p_commitment bytea, p_letter uuid,
    p_sealed bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now timestamptz := mash.hub_now();
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles());
        PERFORM mash.claim_need(p_enquiry, p_staff, p_token);
        IF coalesce(p_gateway, '') = '' THEN
            PERFORM mash.refuse('gateway_missing');
        ELSIF coalesce(p_threshold, '') = '' THEN
            PERFORM mash.refuse('threshold_missing');
        ELSIF coalesce(p_family, '') = '' THEN
            PERFORM mash.refuse('family_missing');
        ELSIF NOT EXISTS (SELECT FROM mash.agency a WHERE a.agency = p_agency) THEN
            PERFORM mash.refuse('argument_wrong');
        END IF;
        PERFORM mash.gateway_need(p_gateway);
        PERFORM mash.enquiry_step(p_enquiry, 'check', p_staff);
        PERFORM mash.letter_send(p_letter, p_agency, 'check', p_sealed, mash.enquiry_immediate(p_enquiry));
        INSERT INTO mash.agency_check (check_id, enquiry_id, agency, gateway, threshold, family_informed, asked_by,
                                       asked_at, answer_by, question_id, question, letter_id, state)
        VALUES (p_check, p_enquiry, p_agency, p_gateway, p_threshold, p_family, p_staff, v_now,
                p_answer_by::timestamptz, p_question_id, p_question, p_letter, 'asked');
        PERFORM mash.record('check', ARRAY[p_agency], p_staff, p_enquiry, 'enquiry', p_enquiry::text,
                            'check', p_check::text, 'gateway', p_gateway, 'threshold', p_threshold,
                            'family_informed', p_family, 'commitment', encode(p_commitment, 'hex'),
                            'letter', p_letter::text,
                            'digest', encode(sha256(p_sealed), 'hex'));
    END
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_sign_in(text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_refusal(text, text, text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_find(text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_queue(text[], bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_enquiry(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_subjects(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_checks(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_ratings(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_products(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_claim(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_renew(text, uuid, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_release(text, uuid, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_take_back(text, uuid, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_view(text, uuid, text, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_rate(text, uuid, bigint, text, uuid, bytea, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_check(text, uuid, bigint, uuid, text, text, text, text, text, uuid, bytea, bytea,
    uuid, bytea) TO mash_hub;
