-- Each agency's information-sharing agreement: until which day it runs, as the hub manager entered it from the signed
-- document. It is paperwork: what is over warns and is recorded, and stops neither a concern nor an emergency (S84).

-- As it was entered last; no row: never.
CREATE OR REPLACE FUNCTION mash.agreement_leaf(p_agency text) RETURNS SETOF mash.ledger_leaf
    LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT *
          FROM mash.ledger_leaf l
         WHERE l.subject = mash.register_subject('agreement ' || p_agency) AND l.act = 'agreement'
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx DESC
         LIMIT 1
    $$;

-- What was never entered is not over.
CREATE OR REPLACE FUNCTION mash.agreement_over(p_agency text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce((SELECT mash.leaf_says(l.body, 'until')::date < mash.today()
                           FROM mash.agreement_leaf(p_agency) l), false)
    $$;

-- The hub manager enters until when it runs, and the document that says so.
CREATE OR REPLACE FUNCTION door.hub_agreement(p_staff text, p_agency text, p_until date, p_source text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        IF NOT EXISTS (SELECT FROM mash.agency a WHERE a.agency = p_agency) THEN
            PERFORM mash.refuse('argument_wrong');
        END IF;
        PERFORM mash.record('agreement', ARRAY[p_agency], p_staff, mash.register_subject('agreement ' || p_agency),
                            'until', p_until::text, 'source', p_source);
    END
    $$;

CREATE OR REPLACE FUNCTION door.hub_agreements()
    RETURNS TABLE (agency text, name text, until text, over boolean, source text, entered_by text, entered_at text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT a.agency, a.name, mash.leaf_says(l.body, 'until'), mash.agreement_over(a.agency),
               mash.leaf_says(l.body, 'source'), l.actor, mash.rfc3339(l.at)
          FROM mash.agency a
          LEFT JOIN LATERAL mash.agreement_leaf(a.agency) l ON true
         ORDER BY a.agency
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_agreement(text, text, date, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_agreements() TO mash_hub;
