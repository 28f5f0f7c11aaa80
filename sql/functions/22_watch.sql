-- The doors that look after the front door: intake reports itself and asks for its limits (mash_intake), staff
-- look at both and set limits (mash_hub), the courier counts what waits for agencies and for the notary.
-- Reports are no acts and make no leaf; setting a limit is one.

-- Called by intake every two seconds, with the senders and refusals that have changed since. Totals come as
-- accepted, duplicate, quarantined, refused, busy. Of two intakes under one name the later is believed.
CREATE OR REPLACE FUNCTION door.intake_report(
    p_name text, p_started_ms bigint, p_reserved bigint, p_ordinary bigint, p_bytes bigint, p_totals bigint[],
    s_key text[], s_agency text[], s_credit bigint[], s_waiting bigint[], s_unanswered bigint[],
    s_accepted bigint[], s_duplicate bigint[], s_quarantined bigint[], s_refused bigint[], s_busy bigint[],
    r_agency text[], r_reason text[], r_total bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now     timestamptz := clock_timestamp();
        v_started timestamptz := to_timestamp(p_started_ms / 1000.0);
        v_before  timestamptz := v_started;
        v_old     mash.intake_state;
    BEGIN
        SELECT * INTO v_old FROM mash.intake_state x WHERE x.name = p_name FOR UPDATE;
        IF v_old.started_at > v_started AND v_old.at BETWEEN v_now - interval '10 seconds' AND v_now THEN
            PERFORM mash.refuse('state_wrong');
        ELSIF v_old.started_at = v_started THEN
            v_before := v_old.at;
        ELSE
            DELETE FROM mash.intake_sender x WHERE x.name = p_name;
            DELETE FROM mash.intake_refused x WHERE x.name = p_name;
        END IF;

        INSERT INTO mash.intake_state AS x (name, started_at, at, waiting_reserved, waiting_ordinary, waiting_bytes,
                                            accepted, duplicate, quarantined, refused, busy, before_at, before_answered)
        VALUES (p_name, v_started, v_now, p_reserved, p_ordinary, p_bytes, p_totals[1], p_totals[2], p_totals[3],
                p_totals[4], p_totals[5], v_before, 0)
        ON CONFLICT (name) DO UPDATE
        SET started_at = excluded.started_at, at = excluded.at, waiting_reserved = excluded.waiting_reserved,
            waiting_ordinary = excluded.waiting_ordinary, waiting_bytes = excluded.waiting_bytes,
            accepted = excluded.accepted, duplicate = excluded.duplicate, quarantined = excluded.quarantined,
            refused = excluded.refused, busy = excluded.busy, before_at = excluded.before_at,
            before_answered = CASE WHEN x.started_at = excluded.started_at
                                   THEN x.accepted + x.duplicate + x.quarantined ELSE 0 END;

        INSERT INTO mash.intake_sender AS x (name, key_id, agency, credit, waiting, unanswered, accepted, duplicate,
                                             quarantined, refused, busy, last_at, before_at, before_answered)
        SELECT p_name, s.*, v_now, v_before, 0
          FROM unnest(s_key, s_agency, s_credit, s_waiting, s_unanswered, s_accepted, s_duplicate, s_quarantined,
                      s_refused, s_busy) s
        ON CONFLICT (name, key_id) DO UPDATE
        SET agency = excluded.agency, credit = excluded.credit, waiting = excluded.waiting,
            unanswered = excluded.unanswered, accepted = excluded.accepted, duplicate = excluded.duplicate,
            quarantined = excluded.quarantined, refused = excluded.refused, busy = excluded.busy,
            last_at = excluded.last_at, before_at = excluded.before_at,
            before_answered = x.accepted + x.duplicate + x.quarantined;

        INSERT INTO mash.intake_refused AS x (name, agency, reason, total)
        SELECT p_name, r.agency, r.reason, r.total FROM unnest(r_agency, r_reason, r_total) AS r (agency, reason, total)
        ON CONFLICT (name, agency, reason) DO UPDATE SET total = excluded.total;
    END
    $$;

-- Called by intake at start and on NOTIFY register: the default (no agency) first.
CREATE OR REPLACE FUNCTION door.intake_limits() RETURNS TABLE (agency text, name text, value bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT l.agency, l.name, l.value FROM mash.intake_limit l ORDER BY l.agency COLLATE "C", l.name $$;

-- Answered messages a second, in tenths, between two reports.
CREATE OR REPLACE FUNCTION mash.rate_tenths(p_answered bigint, p_from timestamptz, p_to timestamptz) RETURNS bigint
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT CASE WHEN p_to > p_from
                      THEN greatest(0, 10 * p_answered / extract(epoch FROM p_to - p_from))::bigint ELSE 0 END $$;

-- Called by the hub for `mashctl intake`.
CREATE OR REPLACE FUNCTION door.hub_intake()
    RETURNS TABLE (name text, alive boolean, silent_s bigint, running_s bigint, rate_tenths bigint,
                   waiting_reserved bigint, waiting_ordinary bigint, waiting_bytes bigint, accepted bigint,
                   duplicate bigint, quarantined bigint, refused bigint, busy bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT x.name, n.silent < 10, n.silent::bigint, extract(epoch FROM x.at - x.started_at)::bigint,
               CASE WHEN n.silent < 10
                    THEN mash.rate_tenths(x.accepted + x.duplicate + x.quarantined - x.before_answered, x.before_at, x.at)
                    ELSE 0 END,
               x.waiting_reserved, x.waiting_ordinary, x.waiting_bytes, x.accepted, x.duplicate, x.quarantined,
               x.refused, x.busy
          FROM mash.intake_state x
         CROSS JOIN LATERAL (SELECT abs(extract(epoch FROM clock_timestamp() - x.at)) AS silent) n
         ORDER BY x.name
    $$;

-- Called by the hub. p_agency NULL: all. Whoever did most lately first; a rate only of those in the last report.
CREATE OR REPLACE FUNCTION door.hub_intake_senders(p_agency text, p_most bigint)
    RETURNS TABLE (name text, agency text, key_id text, credit bigint, waiting bigint, unanswered bigint,
                   rate_tenths bigint, accepted bigint, duplicate bigint, quarantined bigint, refused bigint,
                   busy bigint, silent_s bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT x.name, x.agency, x.key_id, x.credit, x.waiting, x.unanswered,
               CASE WHEN x.last_at = s.at AND clock_timestamp() - s.at < interval '10 seconds'
                    THEN mash.rate_tenths(x.accepted + x.duplicate + x.quarantined - x.before_answered, x.before_at,
                                          x.last_at)
                    ELSE 0 END,
               x.accepted, x.duplicate, x.quarantined, x.refused, x.busy,
               greatest(0, extract(epoch FROM clock_timestamp() - x.last_at))::bigint
          FROM mash.intake_sender x
          JOIN mash.intake_state s USING (name)
         WHERE p_agency IS NULL OR x.agency = p_agency
         ORDER BY x.last_at DESC, x.agency, x.key_id
         LIMIT p_most
    $$;

-- Called by the hub.
CREATE OR REPLACE FUNCTION door.hub_intake_refused(p_agency text)
    RETURNS TABLE (name text, agency text, reason text, total bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT x.name, nullif(x.agency, ''), x.reason, x.total
          FROM mash.intake_refused x
         WHERE p_agency IS NULL OR x.agency = p_agency
         ORDER BY x.total DESC, x.name, x.agency, x.reason
         LIMIT 1000
    $$;

-- Called by the hub: what was acknowledged and is not in the queue yet, by the lane that it took.
CREATE OR REPLACE FUNCTION door.hub_intake_lag(p_agency text)
    RETURNS TABLE (lane text, waiting bigint, oldest_s bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT c.code, count(t.message_id),
               CASE WHEN count(t.message_id) > 0
                    THEN greatest(0, extract(epoch FROM mash.hub_now() - min(t.received_at)))::bigint END
          FROM mash.code_list c
          LEFT JOIN mash.message_todo t ON t.lane = c.code AND (p_agency IS NULL OR t.agency = p_agency)
         WHERE c.list = 'lane'
         GROUP BY c.code
         ORDER BY c.code
    $$;

-- Called by the hub. agency NULL: the default.
CREATE OR REPLACE FUNCTION door.hub_limits()
    RETURNS TABLE (agency text, name text, value bigint, set_by text, set_at text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT nullif(l.agency, ''), l.name, l.value, l.set_by, mash.rfc3339(l.set_at)
          FROM mash.intake_limit l
         ORDER BY l.agency, l.name
    $$;

-- Called by the hub for its manager. p_agency NULL: the default. p_value NULL: the row is taken back.
CREATE OR REPLACE FUNCTION door.hub_limit(p_staff text, p_agency text, p_name text, p_value bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.staff_need(p_staff, ARRAY['hub_manager']);
        IF p_agency IS NOT NULL AND NOT EXISTS (SELECT FROM mash.agency a WHERE a.agency = p_agency) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        IF p_value IS NULL THEN
            DELETE FROM mash.intake_limit l WHERE l.agency = coalesce(p_agency, '') AND l.name = p_name;
            IF NOT FOUND THEN
                PERFORM mash.refuse('not_found');
            END IF;
        ELSE
            BEGIN
                INSERT INTO mash.intake_limit (agency, name, value, set_by, set_at)
                VALUES (coalesce(p_agency, ''), p_name, p_value, p_staff, mash.hub_now())
                ON CONFLICT (agency, name) DO UPDATE
                SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at;
            EXCEPTION
                WHEN check_violation THEN PERFORM mash.refuse('argument_wrong');
            END;
        END IF;
        PERFORM pg_notify('register', '');
        PERFORM mash.record('limit', CASE WHEN p_agency IS NULL THEN '{}' ELSE ARRAY[p_agency] END, p_staff, NULL,
                            'of', coalesce(p_agency, 'default'), 'name', p_name,
                            'value', coalesce(p_value::text, 'default'));
    END
    $$;

-- Called by the courier every few seconds: letters that wait for their agency, the oldest of them, those that
-- somebody has to look at; and what the notary has not signed yet, for the notary cannot tell that it is gone.
CREATE OR REPLACE FUNCTION door.courier_watch(OUT letters bigint, OUT oldest_s bigint, OUT parked bigint,
                                              OUT unsigned bigint, OUT unsigned_s bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT t.letters, greatest(0, extract(epoch FROM mash.hub_now() - t.oldest))::bigint, t.parked,
               h.size - c.size,
               greatest(0, coalesce(extract(epoch FROM mash.hub_now() - l.at), 0))::bigint
          FROM (SELECT count(*) FILTER (WHERE x.next_try < 'infinity') AS letters,
                       min(y.put_at) FILTER (WHERE x.next_try < 'infinity') AS oldest,
                       count(*) FILTER (WHERE x.next_try = 'infinity') AS parked
                  FROM mash.letter_todo x JOIN mash.letter y USING (letter_id)) t
         CROSS JOIN mash.ledger_head h
         CROSS JOIN (SELECT coalesce(max(k.size), 0) AS size FROM mash.checkpoint k) c
          LEFT JOIN mash.ledger_leaf l ON l.idx = c.size
    $$;

REVOKE ALL ON FUNCTION mash.rate_tenths(bigint, timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION door.intake_report(text, bigint, bigint, bigint, bigint, bigint[], text[], text[], bigint[], bigint[],
                                          bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], text[], bigint[]),
    door.intake_limits(), door.hub_intake(), door.hub_intake_senders(text, bigint), door.hub_intake_refused(text),
    door.hub_intake_lag(text), door.hub_limits(), door.hub_limit(text, text, text, bigint), door.courier_watch() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    door.intake_report(text, bigint, bigint, bigint, bigint, bigint[], text[], text[], bigint[], bigint[],
                       bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], text[], bigint[]),
    door.intake_limits() TO mash_intake;
GRANT EXECUTE ON FUNCTION door.hub_intake(), door.hub_intake_senders(text, bigint), door.hub_intake_refused(text),
    door.hub_intake_lag(text), door.hub_limits(), door.hub_limit(text, text, text, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.courier_watch() TO mash_courier;
