-- What is owed by a time, and how it climbs when it is late. Doors that ask for something set a deadline; doors
-- that take the answer meet it; the hub's timer lets the rest climb.

-- Called by a door. The same deadline again changes nothing.
CREATE OR REPLACE FUNCTION mash.deadline_set(p_kind text, p_subject uuid, p_holder text, p_enquiry uuid,
                                             p_due timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        INSERT INTO mash.deadline (kind, subject, holder, enquiry_id, set_at, due_at)
        VALUES (p_kind, p_subject, p_holder, p_enquiry, mash.hub_now(), p_due)
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            INSERT INTO mash.deadline_todo (kind, subject, holder, step, next_at)
            SELECT p_kind, p_subject, p_holder, s.step, p_due + s.after
              FROM mash.climb_step s ORDER BY s.step LIMIT 1;
        END IF;
    END
    $$;

-- Called by a door: it is done, in time or late. What nobody owes is met without a word.
CREATE OR REPLACE FUNCTION mash.deadline_meet(p_kind text, p_subject uuid, p_holder text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        INSERT INTO mash.deadline_met (kind, subject, holder, met_at)
        SELECT d.kind, d.subject, d.holder, mash.hub_now()
          FROM mash.deadline d
         WHERE d.kind = p_kind AND d.subject = p_subject AND d.holder = p_holder
        ON CONFLICT DO NOTHING;
        DELETE FROM mash.deadline_todo WHERE kind = p_kind AND subject = p_subject AND holder = p_holder;
    END
    $$;

-- On the hub's timer: each late one takes its next step, with a leaf. Answers how many did.
CREATE OR REPLACE FUNCTION door.hub_climb(p_most bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_now  timestamptz := mash.hub_now();
        v_late record;
        v_body bytea[] := '{}';
    BEGIN
        FOR v_late IN
            SELECT t.kind, t.subject, t.holder, t.step, s.whom, d.due_at
              FROM mash.deadline_todo t
              JOIN mash.deadline d USING (kind, subject, holder)
              JOIN mash.climb_step s ON s.step = t.step
             WHERE t.next_at <= v_now
             ORDER BY t.next_at, t.kind, t.subject, t.holder
             LIMIT p_most
               FOR UPDATE OF t SKIP LOCKED
        LOOP
            INSERT INTO mash.deadline_climb (kind, subject, holder, step, whom, at)
            VALUES (v_late.kind, v_late.subject, v_late.holder, v_late.step, v_late.whom, v_now);
            UPDATE mash.deadline_todo t
               SET step = coalesce(n.step, t.step), next_at = coalesce(v_late.due_at + n.after, 'infinity')
              FROM (SELECT 1) one
              LEFT JOIN LATERAL (SELECT s.step, s.after FROM mash.climb_step s
                                  WHERE s.step > v_late.step ORDER BY s.step LIMIT 1) n ON true
             WHERE t.kind = v_late.kind AND t.subject = v_late.subject AND t.holder = v_late.holder;
            v_body := v_body || mash.leaf_body('climb', v_now,
                CASE v_late.holder WHEN 'hub' THEN '{}' ELSE ARRAY[v_late.holder] END, 'hub',
                ARRAY['subject', v_late.subject::text, 'kind', v_late.kind, 'holder', v_late.holder,
                      'step', v_late.step::text, 'whom', v_late.whom, 'due', mash.rfc3339(v_late.due_at)]);
        END LOOP;
        IF cardinality(v_body) > 0 THEN
            PERFORM mash.ledger_append(v_body);
        END IF;
        RETURN cardinality(v_body);
    END
    $$;

-- To whom something late has climbed; NULL: to nobody yet.
CREATE OR REPLACE FUNCTION mash.climbed_to(p_kind text, p_subject uuid, p_holder text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT c.whom FROM mash.deadline_climb c
         WHERE c.kind = p_kind AND c.subject = p_subject AND c.holder = p_holder ORDER BY c.step DESC LIMIT 1
    $$;

-- What is owed now: the latest first. A NULL narrows nothing down.
CREATE OR REPLACE FUNCTION door.hub_deadlines(p_kind text, p_holder text, p_late boolean, p_most bigint)
    RETURNS TABLE (kind text, subject uuid, holder text, enquiry text, due_at text, late boolean, climbed_to text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT d.kind, d.subject, d.holder, e.reference, mash.rfc3339(d.due_at), d.due_at <= mash.hub_now(),
               mash.climbed_to(d.kind, d.subject, d.holder)
          FROM mash.deadline_todo t
          JOIN mash.deadline d USING (kind, subject, holder)
          LEFT JOIN mash.enquiry e USING (enquiry_id)
         WHERE (p_kind IS NULL OR d.kind = p_kind) AND (p_holder IS NULL OR d.holder = p_holder)
           AND (NOT p_late OR d.due_at <= mash.hub_now())
         ORDER BY d.due_at, d.kind, d.subject, d.holder
         LIMIT p_most
    $$;

GRANT EXECUTE ON FUNCTION mash.climbed_to(text, uuid, text) TO mash_siro_reader;
REVOKE ALL ON FUNCTION door.hub_climb(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION door.hub_deadlines(text, text, boolean, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_climb(bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_deadlines(text, text, boolean, bigint) TO mash_hub;
