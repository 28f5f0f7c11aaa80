-- How every letter gets to the courier: by mash.letter_send and nothing else, called by the door of the act that
-- writes it, in its transaction.

CREATE OR REPLACE FUNCTION mash.setting_number(p_name text, p_default double precision) RETURNS double precision
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN coalesce((SELECT s.value::double precision FROM mash.setting s WHERE s.name = p_name), p_default);
    END
    $$;

-- The next moment at which letters leave. It is the same for whatever was put since the one before, so that when a
-- letter leaves tells neither how long the hub worked nor on what.
CREATE OR REPLACE FUNCTION mash.letter_tick(p_at timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_step double precision := mash.setting_number('letter_tick_seconds',
                                                       CASE mash.realm() WHEN 'live' THEN 5 ELSE 1 END);
    BEGIN
        RETURN to_timestamp((floor(extract(epoch FROM p_at) / v_step) + 1) * v_step);
    END
    $$;

-- p_at_once: immediate danger's own letters wait for no tick.
CREATE OR REPLACE FUNCTION mash.letter_send(p_letter uuid, p_agency text, p_kind text, p_sealed bytea,
                                            p_at_once boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now timestamptz := mash.hub_now();
    BEGIN
        INSERT INTO mash.letter (letter_id, agency, kind, sealed, put_at) VALUES (p_letter, p_agency, p_kind, p_sealed, v_now);
        INSERT INTO mash.letter_todo (letter_id, agency, attempts, next_try)
        VALUES (p_letter, p_agency, 0, CASE WHEN p_at_once THEN v_now ELSE mash.letter_tick(v_now) END);
        PERFORM pg_notify('letter', '');
    END
    $$;

CREATE OR REPLACE FUNCTION mash.enquiry_immediate(p_enquiry uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM mash.enquiry e WHERE e.enquiry_id = p_enquiry AND e.lane = 'immediate') $$;
