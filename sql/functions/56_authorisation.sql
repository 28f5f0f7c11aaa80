-- The owner's word: asking for it, taking it, and what stands of it (0011_authorisation.sql). mash_hub calls these.
-- What is believed of a request and of an answer is what its leaf says, too; signatures are the C code's to verify,
-- at every use.

-- All that was ever said to a request, within the ledger's size.
CREATE OR REPLACE FUNCTION mash.authorisation_leaves(p_request uuid) RETURNS TABLE (idx bigint, body bytea)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.idx, l.body
          FROM mash.ledger_leaf l
         WHERE l.act = 'authorisation'
           AND substring(encode(l.body, 'escape') FROM E'\nrequest ([0-9a-f-]{36})\n') = p_request::text
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
    $$;

-- A refusal stands by the ledger alone: deleting its row undoes nothing.
CREATE OR REPLACE FUNCTION mash.authorisation_refused(p_request uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM mash.authorisation_leaves(p_request) l
                          WHERE mash.leaf_says(l.body, 'verdict') IS DISTINCT FROM 'granted') $$;

-- refused, expired, granted, void (the key that granted was revoked), late or asked.
CREATE OR REPLACE FUNCTION mash.authorisation_state(r mash.authorisation_request) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN mash.authorisation_refused(r.request_id) THEN 'refused'
                    WHEN r.expires_on < mash.today() THEN 'expired'
                    WHEN EXISTS (SELECT FROM mash.authorisation a WHERE a.request_id = r.request_id
                                                                    AND NOT mash.key_revoked(a.key_id)) THEN 'granted'
                    WHEN EXISTS (SELECT FROM mash.authorisation a WHERE a.request_id = r.request_id) THEN 'void'
                    WHEN r.answer_by <= mash.hub_now() THEN 'late'
                    ELSE 'asked' END
    $$;

-- ---- asking ------------------------------------------------------------------------------------------

-- A grant counts for a fortnight. An answer is due when the product is, but within a day, and never in less than an
-- hour.
CREATE OR REPLACE FUNCTION door.hub_authorise_clock(p_enquiry uuid) RETURNS TABLE (expires_on text, answer_by text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT to_char(mash.today() + 14, 'YYYY-MM-DD'),
               mash.rfc3339(greatest(least(e.product_due, mash.hub_now() + interval '1 day'),
                                     mash.hub_now() + interval '1 hour'))
          FROM mash.enquiry e
         WHERE e.enquiry_id = p_enquiry
    $$;

-- Returns the request that stands for these very words: this one, or the one that is open already; then nothing was
-- done. The leaf is the owner's alone: that it was asked tells nobody else that it holds anything.
CREATE OR REPLACE FUNCTION door.hub_authorise_ask(
    p_staff text, p_request uuid, p_enquiry uuid, p_decision uuid, p_owner text, p_recipient text, p_purpose text,
    p_template text, p_section bytea, p_expires_on text, p_answer_by text, p_kept bytea, p_letter uuid, p_sealed bytea)
    RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_open uuid;
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.share_roles());
        PERFORM FROM mash.enquiry WHERE enquiry_id = p_enquiry FOR UPDATE; -- two who ask at once ask once
        IF NOT EXISTS (SELECT FROM mash.decision WHERE decision_id = p_decision AND enquiry_id = p_enquiry) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        SELECT r.request_id INTO v_open
          FROM mash.authorisation_request r
         WHERE r.enquiry_id = p_enquiry AND r.owner = p_owner AND r.recipient = p_recipient AND r.purpose = p_purpose
           AND r.template = p_template AND r.section = p_section AND mash.authorisation_state(r) IN ('asked', 'late')
         LIMIT 1;
        IF v_open IS NOT NULL THEN
            RETURN v_open;
        END IF;
        INSERT INTO mash.authorisation_request (request_id, enquiry_id, decision_id, owner, recipient, purpose, template,
                                                section, expires_on, answer_by, sealed, letter_id, asked_by, asked_at)
        VALUES (p_request, p_enquiry, p_decision, p_owner, p_recipient, p_purpose, p_template, p_section,
                p_expires_on::date, p_answer_by::timestamptz, p_kept, p_letter, p_staff, mash.hub_now());
        PERFORM mash.letter_send(p_letter, p_owner, 'authorise', p_sealed, mash.enquiry_immediate(p_enquiry));
        PERFORM mash.deadline_set('authorisation', p_request, p_owner, p_enquiry, p_answer_by::timestamptz);
        PERFORM mash.record('authorise', ARRAY[p_owner], p_staff, p_request, 'request', p_request::text,
                            'enquiry', p_enquiry::text, 'decision', p_decision::text, 'recipient', p_recipient,
                            'purpose', p_purpose, 'template', p_template, 'section', encode(p_section, 'hex'),
                            'expires_on', p_expires_on, 'answer_by', p_answer_by, 'letter', p_letter::text);
        RETURN p_request;
    END
    $$;

-- ---- what was asked, and what was said ---------------------------------------------------------------

-- One request, beside the leaf by which it was asked.
CREATE OR REPLACE FUNCTION door.hub_authorise_asked(p_request uuid)
    RETURNS TABLE (owner text, recipient text, purpose text, template text, section bytea, expires_on text, leaf text,
                   enquiry_id uuid, kept bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT r.owner, r.recipient, r.purpose, r.template, r.section, to_char(r.expires_on, 'YYYY-MM-DD'),
               convert_from(l.body, 'UTF8'), r.enquiry_id, r.sealed
          FROM mash.authorisation_request r
          JOIN LATERAL (SELECT x.body FROM mash.ledger_leaf x
                         WHERE x.subject = r.request_id AND x.act = 'authorise' AND x.agencies = ARRAY[r.owner]
                           AND x.idx < (SELECT h.size FROM mash.ledger_head h)
                         ORDER BY x.idx LIMIT 1) l ON true
         WHERE r.request_id = p_request
    $$;

-- Every grant there is for one recipient and purpose, unless its owner has refused since. said: the leaf of the answer.
-- The hub verifies all of it.
CREATE OR REPLACE FUNCTION door.hub_grants(p_enquiry uuid, p_recipient text, p_purpose text)
    RETURNS TABLE (request_id uuid, key_id text, signature bytea, said text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT r.request_id, a.key_id, a.signature, convert_from(l.body, 'UTF8')
          FROM mash.authorisation_request r
          JOIN mash.authorisation a ON a.request_id = r.request_id AND a.verdict = 'granted'
          JOIN LATERAL (SELECT x.body FROM mash.authorisation_leaves(r.request_id) x ORDER BY x.idx LIMIT 1) l ON true
         WHERE r.enquiry_id = p_enquiry AND r.recipient = p_recipient AND r.purpose = p_purpose
           AND NOT mash.authorisation_refused(r.request_id)
         ORDER BY r.request_id
    $$;

-- ---- taking it ---------------------------------------------------------------------------------------

-- A first word, or a refusal after a grant: narrowing is immediate. After a refusal nothing counts but a new request.
CREATE OR REPLACE FUNCTION mash.authorisation_put(p_owner text, p_request uuid, p_verdict text, p_reason text,
                                                  p_message uuid, p_by text, p_key text, p_signature bytea)
    RETURNS mash.authorisation_request
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        r mash.authorisation_request;
    BEGIN
        SELECT * INTO r FROM mash.authorisation_request q WHERE q.request_id = p_request AND q.owner = p_owner;
        IF r.request_id IS NULL THEN
            PERFORM mash.refuse('not_found');
        END IF;
        PERFORM FROM mash.enquiry e WHERE e.enquiry_id = r.enquiry_id FOR UPDATE; -- one answer at a time
        IF mash.authorisation_state(r) = 'refused'
           OR p_verdict = 'granted' AND EXISTS (SELECT FROM mash.authorisation a WHERE a.request_id = p_request)
           OR p_verdict = 'granted' AND EXISTS (SELECT FROM mash.authorisation_leaves(p_request)) THEN
            PERFORM mash.refuse('word_given');
        ELSIF p_verdict = 'granted' AND mash.authorisation_state(r) = 'expired' THEN
            PERFORM mash.refuse('word_too_late');
        END IF;
        INSERT INTO mash.authorisation (request_id, verdict, reason, message_id, given_by, key_id, signature, at)
        VALUES (p_request, p_verdict, p_reason, p_message, p_by, p_key, p_signature, mash.hub_now());
        PERFORM mash.deadline_meet('authorisation', p_request, p_owner);
        RETURN r;
    END
    $$;

-- By message.
CREATE OR REPLACE FUNCTION door.hub_authorisation(p_agency text, p_message uuid, p_request uuid, p_verdict text,
                                                  p_reason text, p_key text, p_signature bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        r mash.authorisation_request := mash.authorisation_put(p_agency, p_request, p_verdict, p_reason, p_message,
                                                               'letter', p_key, p_signature);
    BEGIN
        PERFORM mash.word_done(p_agency, p_message, 'authorisation', ARRAY[p_agency], 'request', p_request::text,
                               'verdict', p_verdict, 'reason', p_reason, 'section', encode(r.section, 'hex'),
                               'key', p_key, 'signature', encode(p_signature, 'hex'));
    END
    $$;

-- Which agency a member of staff is here for, as it was enrolled; NULL: none. It is in the ledger and nowhere else.
CREATE OR REPLACE FUNCTION mash.represents(p_staff text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.leaf_says(convert_to(mash.enrolment('represents ' || p_staff, 'represent'), 'UTF8'), 'represents')
         WHERE EXISTS (SELECT FROM mash.staff s WHERE s.staff = p_staff AND 'representative' = ANY (s.roles)
                                                  AND NOT mash.key_revoked(s.key_id))
    $$;

-- For ever: who comes for another agency has another user name.
CREATE OR REPLACE FUNCTION door.admin_representative(p_staff text, p_agency text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.agency WHERE agency = p_agency)
           OR NOT EXISTS (SELECT FROM mash.staff WHERE staff = p_staff AND 'representative' = ANY (roles)) THEN
            PERFORM mash.refuse('not_found');
        ELSIF mash.enrolment('represents ' || p_staff, 'represent') IS NOT NULL THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        PERFORM mash.record('key', ARRAY[p_agency], session_user, mash.register_subject('represents ' || p_staff),
                            'change', 'represent', 'staff', p_staff, 'represents', p_agency);
    END
    $$;

-- By the owner's representative at the hub. The signature is made with a people key of the owner, which no role here
-- gives anybody; the caller has verified it.
CREATE OR REPLACE FUNCTION door.hub_authorise_here(p_staff text, p_request uuid, p_verdict text, p_reason text,
                                                   p_key text, p_signature bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_owner text := mash.represents(p_staff);
        r       mash.authorisation_request;
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['representative']);
        r := mash.authorisation_put(v_owner, p_request, p_verdict, p_reason, NULL, p_staff, p_key, p_signature);
        PERFORM mash.record('authorisation', ARRAY[v_owner], p_staff, p_request, 'request', p_request::text,
                            'verdict', p_verdict, 'reason', p_reason, 'section', encode(r.section, 'hex'),
                            'key', p_key, 'signature', encode(p_signature, 'hex'));
    END
    $$;

-- Her own agency's section, which she is about to see.
CREATE OR REPLACE FUNCTION door.hub_authorise_view(p_staff text, p_request uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_owner text := mash.represents(p_staff);
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['representative']);
        IF NOT EXISTS (SELECT FROM mash.authorisation_request r WHERE r.request_id = p_request AND r.owner = v_owner) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        PERFORM mash.record('view', ARRAY[v_owner], p_staff, p_request, 'request', p_request::text);
    END
    $$;

-- ---- what stands -------------------------------------------------------------------------------------

-- What its owner said last: a refusal stands above the grant that it came after.
CREATE OR REPLACE FUNCTION mash.authorisation_answer(p_request uuid)
    RETURNS TABLE (verdict text, reason text, given_by text, key_id text, at timestamptz)
    LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT a.verdict, a.reason, a.given_by, a.key_id, a.at
          FROM mash.authorisation a
         WHERE a.request_id = p_request
         ORDER BY (a.verdict = 'refused') DESC
         LIMIT 1
    $$;
GRANT EXECUTE ON FUNCTION mash.authorisation_answer(uuid) TO mash_siro_reader;

-- Codes, ids and times. The owner holds the work; climbed_to: who was told that it is late. supplementary: it was granted after a product had left, and none has
-- left since. Of one enquiry, or of all those whose day has not passed: the others are history.
CREATE OR REPLACE FUNCTION mash.authorisations(p_enquiry uuid)
    RETURNS TABLE (request_id uuid, enquiry_id uuid, owner text, recipient text, purpose text, state text, asked_by text,
                   asked_at timestamptz, answer_by timestamptz, expires_on date, reason text, answered_at timestamptz,
                   climbed_to text, supplementary boolean)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT r.request_id, r.enquiry_id, r.owner, r.recipient, r.purpose, s.state, r.asked_by, r.asked_at, r.answer_by,
               r.expires_on, a.reason, a.at,
               mash.climbed_to('authorisation', r.request_id, r.owner),
               s.state = 'granted'
               AND EXISTS (SELECT FROM mash.product p WHERE p.enquiry_id = r.enquiry_id AND p.recipient = r.recipient
                              AND p.purpose = r.purpose AND p.released_at < a.at)
               AND NOT EXISTS (SELECT FROM mash.product p WHERE p.enquiry_id = r.enquiry_id AND p.recipient = r.recipient
                                  AND p.purpose = r.purpose AND p.released_at >= a.at)
          FROM mash.authorisation_request r
          CROSS JOIN LATERAL (SELECT mash.authorisation_state(r) AS state) s
          LEFT JOIN LATERAL mash.authorisation_answer(r.request_id) a ON true
         WHERE r.enquiry_id = p_enquiry OR p_enquiry IS NULL AND r.expires_on >= mash.today()
    $$;

-- A representative sees her own agency's alone. Newest first.
CREATE OR REPLACE FUNCTION door.hub_authorisations(p_staff text, p_enquiry uuid, p_state text, p_most bigint)
    RETURNS TABLE (request_id uuid, reference text, owner text, recipient text, purpose text, state text, climbed_to text,
                   asked_by text, asked_at text, answer_by text, expires_on text, reason text, answered_at text,
                   supplementary boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_all boolean := EXISTS (SELECT FROM mash.staff s
                                  WHERE s.staff = p_staff AND s.roles && (mash.desk_roles() || ARRAY['hub_manager'])
                                    AND NOT mash.key_revoked(s.key_id));
    BEGIN
        PERFORM mash.staff_need(p_staff, mash.desk_roles() || ARRAY['hub_manager', 'representative']);
        RETURN QUERY
        SELECT a.request_id, e.reference, a.owner, a.recipient, a.purpose, a.state, a.climbed_to, a.asked_by,
               mash.rfc3339(a.asked_at), mash.rfc3339(a.answer_by), to_char(a.expires_on, 'YYYY-MM-DD'), a.reason,
               mash.rfc3339(a.answered_at), a.supplementary
          FROM mash.authorisations(p_enquiry) a
          JOIN mash.enquiry e USING (enquiry_id)
         WHERE (p_state IS NULL OR a.state = p_state)
           AND (v_all OR a.owner = mash.represents(p_staff))
         ORDER BY a.asked_at DESC, a.request_id
         LIMIT p_most;
    END
    $$;

-- The same of one enquiry, for whoever is shown it, oldest first.
CREATE OR REPLACE FUNCTION door.hub_enquiry_authorisations(p_enquiry uuid)
    RETURNS TABLE (request_id uuid, owner text, recipient text, purpose text, state text, climbed_to text, asked_by text,
                   answer_by text, expires_on text, answered_at text, supplementary boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT a.request_id, a.owner, a.recipient, a.purpose, a.state, a.climbed_to, a.asked_by, mash.rfc3339(a.answer_by),
               to_char(a.expires_on, 'YYYY-MM-DD'), mash.rfc3339(a.answered_at), a.supplementary
          FROM mash.authorisations(p_enquiry) a
         ORDER BY a.asked_at, a.request_id
    $$;

-- For whoever looks at the queue.
CREATE OR REPLACE FUNCTION door.hub_authorisations_waiting() RETURNS TABLE (late bigint, supplementary bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT count(*) FILTER (WHERE a.state = 'late'), count(*) FILTER (WHERE a.supplementary)
          FROM mash.authorisations(NULL) a
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_authorise_clock(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_authorise_ask(text, uuid, uuid, uuid, text, text, text, text, bytea, text, text, bytea, uuid,
    bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_authorise_asked(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_grants(uuid, text, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_authorisation(text, uuid, uuid, text, text, text, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_authorise_here(text, uuid, text, text, text, bytea) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_authorise_view(text, uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_authorisations(text, uuid, text, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_enquiry_authorisations(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_authorisations_waiting() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.admin_representative(text, text) TO mash_admin;
