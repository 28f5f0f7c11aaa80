-- How every letter gets to the courier: by mash.letter_send and nothing else, called by the door of the act that
-- writes it, in its transaction.

-- How long something may take at this hub: the row in mash.setting, or else what stands here. Every such setting is in
-- this list; a name that is not is a mistake, never a time without end.
CREATE OR REPLACE FUNCTION mash.setting_number(p_name text) RETURNS double precision
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_otherwise double precision := CASE p_name
            WHEN 'letter_tick_seconds' THEN CASE mash.realm() WHEN 'live' THEN 5 ELSE 1 END
            WHEN 'signpost_days'       THEN 1   -- working days in which a question behind a signpost is answered
            WHEN 'recall_days'         THEN 2   -- working days in which a recall is confirmed
            WHEN 'justification_hours' THEN 24  -- hours after an emergency release
            WHEN 'undecided_days'      THEN 3   -- working days in which an owner decides on what its class withholds
            WHEN 'unendorsed_days'     THEN 28  -- days in which two people endorse what an adapter sent as silent
            WHEN 'review_days'         THEN 365 -- days after which what nobody dated is looked at again
        END;
    BEGIN
        IF v_otherwise IS NULL THEN
            RAISE EXCEPTION 'mash.setting_number knows no setting %', p_name;
        END IF;
        RETURN coalesce((SELECT s.value::double precision FROM mash.setting s WHERE s.name = p_name), v_otherwise);
    END
    $$;

-- The next moment at which letters leave. It is the same for whatever was put since the one before, so that when a
-- letter leaves tells neither how long the hub worked nor on what.
CREATE OR REPLACE FUNCTION mash.letter_tick(p_at timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_step double precision := mash.setting_number('letter_tick_seconds');
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
