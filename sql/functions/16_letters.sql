-- How every letter gets to the courier: by mash.letter_send and nothing else, called by the door of the act that
-- writes it, in its transaction.

CREATE OR REPLACE FUNCTION mash.is_number(p_value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN p_value ~ '^-?[0-9]{1,9}(\.[0-9]{1,9})?$';

-- How long something may take at this hub: the row in mash.setting, or else what stands here. Every such setting is in
-- this list; a name that is not is a mistake, never a time without end. What somebody wrote there and is no number is as
-- if it were not there, for no child waits for it: mash.rows_check_settings says so.
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
        RETURN coalesce((SELECT s.value::double precision FROM mash.setting s
                          WHERE s.name = p_name AND mash.is_number(s.value)), v_otherwise);
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

-- Whether a letter has no receipt in the ledger and is not on the courier's list, or only for a day that does not come:
-- its longest pause is five minutes.
CREATE OR REPLACE FUNCTION mash.letter_lost(p_letter uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT NOT EXISTS (SELECT FROM mash.ledger_leaf d
                            WHERE d.subject = p_letter AND d.act = 'deliver'
                              AND d.idx < (SELECT h.size FROM mash.ledger_head h))
               AND NOT EXISTS (SELECT FROM mash.letter_todo t
                                WHERE t.letter_id = p_letter AND t.next_try < mash.hub_now() + interval '1 hour')
    $$;

-- Puts it back on the list, to go at once, if it is still here.
CREATE OR REPLACE FUNCTION mash.letter_again(p_letter uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        INSERT INTO mash.letter_todo (letter_id, agency, attempts, next_try)
        SELECT l.letter_id, l.agency, 0, mash.hub_now() FROM mash.letter l WHERE l.letter_id = p_letter
        ON CONFLICT (letter_id) DO UPDATE SET agency = excluded.agency, attempts = 0, next_try = excluded.next_try;
        IF FOUND THEN
            PERFORM pg_notify('letter', '');
        END IF;
    END
    $$;

CREATE OR REPLACE FUNCTION mash.enquiry_immediate(p_enquiry uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM mash.enquiry e WHERE e.enquiry_id = p_enquiry AND e.lane = 'immediate') $$;
