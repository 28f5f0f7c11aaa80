-- The SIRO's window on her agency's word; see 70_siro.sql. What was asked of it and what it answered; what is late and to whom
-- it has climbed is in siro.deadlines.
CREATE OR REPLACE FUNCTION siro.authorisations_now()
    RETURNS TABLE (asked_at timestamptz, request uuid, enquiry text, recipient text, purpose text, asked_by text,
                   answer_by timestamptz, expires_on date, verdict text, reason text, given_by text, key text,
                   answered_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('authorisations');
        RETURN QUERY
        SELECT r.asked_at, r.request_id, e.reference, r.recipient, r.purpose, r.asked_by, r.answer_by, r.expires_on,
               a.verdict, a.reason, a.given_by, a.key_id, a.at
          FROM mash.authorisation_request r
          JOIN mash.enquiry e ON e.enquiry_id = r.enquiry_id
          LEFT JOIN LATERAL mash.authorisation_answer(r.request_id) a ON true
         ORDER BY r.asked_at, r.request_id;
    END
    $$;
REVOKE ALL ON FUNCTION siro.authorisations_now() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION siro.authorisations_now() TO mash_siro;
ALTER FUNCTION siro.authorisations_now() OWNER TO mash_siro_reader;
CREATE OR REPLACE VIEW siro.authorisations WITH (security_invoker = true) AS SELECT * FROM siro.authorisations_now();
GRANT SELECT ON siro.authorisations TO mash_siro;
