-- The SIRO's windows on what is withheld: her agency's register with trends, all that is silent, what it has not decided
-- yet, what it chose, and what it refused. As 70_siro.sql: her look is recorded first, and she sees her own agency's
-- alone. What these read of leaves and classes is not hers to read at large, so a function stands before each.

CREATE OR REPLACE FUNCTION mash.own_withholding() RETURNS SETOF mash.withholding
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT w.* FROM mash.withholding w WHERE w.owner = ANY ((SELECT mash.siro_agencies())::text[]) $$;
CREATE OR REPLACE FUNCTION mash.own_silent() RETURNS SETOF mash.silent
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT s.* FROM mash.silent s WHERE s.owner = ANY ((SELECT mash.siro_agencies())::text[]) $$;
CREATE OR REPLACE FUNCTION mash.own_choices() RETURNS SETOF mash.choice
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT c.* FROM mash.choice c WHERE c.owner = ANY ((SELECT mash.siro_agencies())::text[]) $$;
CREATE OR REPLACE FUNCTION mash.own_refusals() RETURNS SETOF mash.sharing_refused
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT r.* FROM mash.sharing_refused r WHERE r.agency = ANY ((SELECT mash.siro_agencies())::text[]) $$;
GRANT EXECUTE ON FUNCTION mash.own_withholding(), mash.own_silent(), mash.own_choices(), mash.own_refusals() TO mash_siro_reader;

-- Every item of hers that a release kept in: why, who decided it, and when it is looked at again. chosen_for: of which
-- message that was chosen, its own or one under the same reference.
CREATE OR REPLACE FUNCTION siro.withholding_register_now()
    RETURNS TABLE (released_at timestamptz, product uuid, recipient text, purpose text, item uuid, class text, form text,
                   held_at_source boolean, refusal text, why text, decider text, review_on date, late boolean,
                   chosen_for uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('withholding_register');
        RETURN QUERY
        SELECT w.released_at, w.product_id, w.recipient, w.purpose, w.item_id, w.class, w.form, w.held, w.refusal, w.why,
               w.decider, w.review_on, w.late, w.chosen_for
          FROM mash.own_withholding() w
         ORDER BY w.released_at, w.item_id;
    END
    $$;

-- The same counted: her own agency's, so that few are counted too.
CREATE OR REPLACE FUNCTION siro.withholding_trend_now()
    RETURNS TABLE (month text, class text, form text, refusal text, items bigint, late bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('withholding_trend');
        RETURN QUERY
        SELECT to_char(w.released_at AT TIME ZONE 'Europe/London', 'YYYY-MM'), w.class, w.form, w.refusal, count(*),
               count(*) FILTER (WHERE w.late)
          FROM mash.own_withholding() w
         GROUP BY 1, 2, 3, 4
         ORDER BY 1, 2, 3, 4;
    END
    $$;

-- What of hers is silent now, released to anybody or not: by a choice, as it was sent, or by its class.
CREATE OR REPLACE FUNCTION siro.silent_now()
    RETURNS TABLE (arrived_at timestamptz, item uuid, class text, message uuid, enquiry text, held_at_source boolean,
                   refusal text, decider text, review_on date, chosen_for uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('silent');
        RETURN QUERY
        SELECT s.arrived_at, s.item_id, s.class, s.message_id, e.reference, s.held, s.refusal, s.decider, s.review_on,
               s.chosen_for
          FROM mash.own_silent() s JOIN mash.enquiry e ON e.enquiry_id = s.enquiry_id
         ORDER BY s.arrived_at, s.item_id;
    END
    $$;

-- What stays in until her agency decides on it, and by when it should.
CREATE OR REPLACE FUNCTION siro.undecided_now()
    RETURNS TABLE (arrived_at timestamptz, item uuid, class text, message uuid, enquiry text, decide_by date, late boolean,
                   climbed_to text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('undecided');
        RETURN QUERY
        SELECT s.arrived_at, s.item_id, s.class, s.message_id, e.reference, s.review_on,
               s.review_on < mash.today(),
               mash.climbed_to('choice', s.item_id, s.owner)
          FROM mash.own_silent() s JOIN mash.enquiry e ON e.enquiry_id = s.enquiry_id
         WHERE s.set_by = 'class'
         ORDER BY s.review_on, s.item_id;
    END
    $$;

-- What her agency chose, by whose endorsement; silence and what is held at source with the rest.
CREATE OR REPLACE FUNCTION siro.choices_now()
    RETURNS TABLE (leaf bigint, chosen_at timestamptz, message uuid, class text, tier text, held_at_source boolean,
                   reason text, review_on date, endorsed_by text[])
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('choices');
        RETURN QUERY
        SELECT c.idx, c.chosen_at, c.message_id, c.class, c.tier, c.held, c.reason, c.review_on, c.keys
          FROM mash.own_choices() c
         ORDER BY c.idx;
    END
    $$;

-- How often her agency refused to share, in which act and for which reason.
CREATE OR REPLACE FUNCTION siro.refusals_now() RETURNS TABLE (month text, act text, reason text, refused bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM siro.look('refusals');
        RETURN QUERY
        SELECT to_char(r.at AT TIME ZONE 'Europe/London', 'YYYY-MM'), r.act, r.reason, count(*)
          FROM mash.own_refusals() r
         GROUP BY 1, 2, 3
         ORDER BY 1, 2, 3;
    END
    $$;

GRANT EXECUTE ON FUNCTION mash.hub_now(), mash.today() TO mash_siro_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA siro FROM PUBLIC;
DO $$
DECLARE
    v text;
BEGIN
    FOREACH v IN ARRAY ARRAY['withholding_register', 'withholding_trend', 'silent', 'undecided', 'choices', 'refusals'] LOOP
        EXECUTE format('ALTER FUNCTION siro.%I() OWNER TO mash_siro_reader', v || '_now');
        EXECUTE format('GRANT EXECUTE ON FUNCTION siro.%I() TO mash_siro', v || '_now');
        EXECUTE format('CREATE OR REPLACE VIEW siro.%I WITH (security_invoker = true) AS SELECT * FROM siro.%I()', v, v || '_now');
        EXECUTE format('GRANT SELECT ON siro.%I TO mash_siro', v);
    END LOOP;
END
$$;
