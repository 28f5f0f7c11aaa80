-- The courier's doors. mash_courier carries sealed letters and never a key: it may call these and
-- door.register, and read the ledger's signed heads and proofs; nothing else.

-- The agencies that have letters to be tried now: asked a few times a second, so that only theirs are looked for.
CREATE OR REPLACE FUNCTION door.courier_ready() RETURNS TABLE (agency text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT DISTINCT t.agency FROM mash.letter_todo t WHERE t.next_try <= mash.hub_now() $$;

-- The letters to try now, each marked as tried. Those of one tick go in the order of their random ids, which tells
-- nothing of what is in them or which was made first. Pauses grow from 5 s to 5 min and never end. p_anew: the
-- agency has just come (again), so that what went to its old connection goes at once; what was never tried waits
-- for its tick.
CREATE OR REPLACE FUNCTION door.courier_due(p_agency text, p_most bigint, p_anew boolean)
    RETURNS TABLE (letter_id uuid, sealed bytea)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH due AS (
            SELECT t.letter_id, t.next_try
              FROM mash.letter_todo t
             WHERE t.agency = p_agency
               AND (t.next_try <= mash.hub_now() OR p_anew AND t.attempts > 0 AND t.next_try < 'infinity')
             ORDER BY t.next_try, t.letter_id
             LIMIT least(p_most, 16)
               FOR UPDATE SKIP LOCKED
        ), tried AS (
            UPDATE mash.letter_todo t
               SET attempts = t.attempts + 1,
                   next_try = mash.hub_now() + least(interval '5 minutes',
                                                     interval '5 seconds' * 2 ^ least(t.attempts, 6))
              FROM due
             WHERE t.letter_id = due.letter_id
            RETURNING t.letter_id, due.next_try
        )
        SELECT l.letter_id, l.sealed FROM mash.letter l JOIN tried t USING (letter_id) ORDER BY t.next_try, l.letter_id
    $$;

-- A receipt whose signature the courier has verified. The first one counts; the same again changes
-- nothing. An unreadable letter is parked: a person has to look.
CREATE OR REPLACE FUNCTION door.courier_receipt(p_agency text, p_letter uuid, p_outcome text, p_digest bytea,
                                                p_head bytea, p_signature bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM mash.letter l
                        WHERE l.letter_id = p_letter AND l.agency = p_agency AND sha256(l.sealed) = p_digest) THEN
            PERFORM mash.refuse('not_found');
        END IF;
        INSERT INTO mash.receipt (letter_id, agency, outcome, digest, head, signature, received_at)
        VALUES (p_letter, p_agency, p_outcome, p_digest, p_head, p_signature, mash.hub_now())
        ON CONFLICT (letter_id) DO NOTHING;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        IF p_outcome = 'delivered' THEN
            DELETE FROM mash.letter_todo WHERE letter_id = p_letter;
            PERFORM mash.check_step(c.check_id, 'deliver')
               FROM mash.agency_check c
               JOIN mash.lifecycle s ON s.machine = 'check' AND s.event = 'deliver' AND s.from_state = c.state
              WHERE c.letter_id = p_letter;
            PERFORM mash.signpost_step(q.question_id, 'deliver')
               FROM mash.signpost q
               JOIN mash.lifecycle s ON s.machine = 'signpost' AND s.event = 'deliver' AND s.from_state = q.state
              WHERE q.letter_id = p_letter;
        ELSE
            UPDATE mash.letter_todo SET next_try = 'infinity' WHERE letter_id = p_letter;
        END IF;
        PERFORM mash.record('deliver', ARRAY[p_agency], 'courier', p_letter, 'letter', p_letter::text,
                            'outcome', p_outcome, 'digest', encode(p_digest, 'hex'));
    END
    $$;

REVOKE ALL ON FUNCTION door.courier_ready() FROM PUBLIC;
REVOKE ALL ON FUNCTION door.courier_due(text, bigint, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION door.courier_receipt(text, uuid, text, bytea, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.courier_ready() TO mash_courier;
GRANT EXECUTE ON FUNCTION door.courier_due(text, bigint, boolean) TO mash_courier;
GRANT EXECUTE ON FUNCTION door.courier_receipt(text, uuid, text, bytea, bytea, bytea) TO mash_courier;
