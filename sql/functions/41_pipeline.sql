-- The pipeline's doors: the work list, and what is set aside. mash_hub calls them; a batch is one transaction,
-- opened by hub_next and ended by hub_take (42_take.sql) and hub_set_aside. Locks are always taken in the
-- same order (messages, keys, persons, enquiries, checks, ledger head; in each by value), so that two hubs never
-- wait in a circle.

-- The realm that this database is for: a hub of the other one must not start.
CREATE OR REPLACE FUNCTION door.hub_realm() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT mash.realm() $$;

-- ---- the work list --------------------------------------------------------------------------------

-- What no other hub has in hand, up to p_most: immediate danger first (the lanes' names sort so), then in the order
-- of their turns. Which of them are worked on together, the hub decides; the others wait for its next round. lane is
-- the one the sender named: the work list's own may be the routine one, above an agency's cap. A row without its
-- message holds nobody up.
CREATE OR REPLACE FUNCTION door.hub_next(p_most bigint)
    RETURNS TABLE (agency text, message_id uuid, content text, lane text, commitment bytea, sealed bytea,
                   blame bigint, urgent boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off -- along the index, however few there are
    SET enable_hashjoin = off SET enable_mergejoin = off
    SET plan_cache_mode = force_generic_plan SET jit = off
    AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY
        SELECT t.agency, t.message_id, m.content, m.lane, m.commitment, m.sealed, t.blame, t.lane = 'immediate'
          FROM mash.message_todo t
          JOIN mash.message m ON m.agency = t.agency AND m.message_id = t.message_id
         ORDER BY t.lane, coalesce(t.turn, t.received_at)
         LIMIT p_most
           FOR UPDATE OF t SKIP LOCKED;
    END
    $$;

-- A hub ended while it had this one message in hand: p_blame says how much that speaks against the message
-- (broker/hub/ending.h). From the second time on it waits behind all others of its lane.
CREATE OR REPLACE FUNCTION door.hub_blame(p_agency text, p_message uuid, p_blame bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        UPDATE mash.message_todo
           SET turn = CASE blame WHEN 0 THEN turn ELSE mash.hub_now() END, blame = blame + p_blame
         WHERE agency = p_agency AND message_id = p_message
    $$;

-- How many wait in each lane, counted up to p_most, and since how many seconds the oldest does.
CREATE OR REPLACE FUNCTION door.hub_waiting(p_most bigint)
    RETURNS TABLE (lane text, waiting bigint, oldest_ms bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
    SET plan_cache_mode = force_generic_plan SET jit = off
    AS $$
    #variable_conflict use_column
    DECLARE
        v_now timestamptz := mash.hub_now();
    BEGIN
        FOREACH lane IN ARRAY ARRAY['immediate', 'routine'] LOOP
            SELECT count(*), greatest(0, extract(epoch FROM v_now - min(t.received_at)) * 1000)::bigint
              INTO waiting, oldest_ms
              FROM (SELECT x.received_at FROM mash.message_todo x
                     WHERE x.lane = hub_waiting.lane ORDER BY coalesce(x.turn, x.received_at) LIMIT p_most) t;
            RETURN NEXT;
        END LOOP;
    END
    $$;

-- Takes the message off the work list.
CREATE OR REPLACE FUNCTION mash.message_done(p_agency text, p_message uuid) RETURNS mash.message
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_message mash.message;
    BEGIN
        DELETE FROM mash.message_todo WHERE agency = p_agency AND message_id = p_message;
        IF NOT FOUND THEN
            PERFORM mash.refuse('state_wrong');
        END IF;
        SELECT * INTO v_message FROM mash.message WHERE agency = p_agency AND message_id = p_message;
        RETURN v_message;
    END
    $$;

-- The end of a later word about what is here already (broker/hub/word.h): off the work list, with its one leaf. The
-- act is the content's name. The last statement of every door that obeys a word.
CREATE OR REPLACE FUNCTION mash.word_done(p_agency text, p_message uuid, p_act text, p_agencies text[],
                                          VARIADIC p_details text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM mash.message_done(p_agency, p_message);
        PERFORM mash.ledger_append(ARRAY[mash.leaf_body(p_act, mash.hub_now(), p_agencies, 'hub',
            ARRAY['subject', p_message::text, 'message', p_message::text] || p_details)]);
    END
    $$;

-- A message that cannot be worked on: off the work list, kept as it is for a person to see.
CREATE OR REPLACE FUNCTION door.hub_set_aside(p_agency text, p_message uuid, p_quarantine uuid, p_reason text,
                                              p_path text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        v_message mash.message := mash.message_done(p_agency, p_message);
    BEGIN
        INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed, received_at)
        VALUES (p_quarantine, p_agency, p_message, p_reason, p_path, v_message.content, v_message.commitment,
                v_message.sealed, v_message.received_at)
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            -- It was here before and a person put it through again: a row of its own, so that it shows again.
            INSERT INTO mash.quarantine (quarantine_id, agency, message_id, reason, path, content, digest, sealed,
                                         received_at)
            VALUES (p_quarantine, p_agency, p_message, p_reason, p_path, v_message.content,
                    sha256(v_message.commitment || uuid_send(p_quarantine)), v_message.sealed, v_message.received_at);
        END IF;
        PERFORM mash.record('quarantine', ARRAY[p_agency], 'hub', p_message, 'message', p_message::text,
                            'commitment', encode(v_message.commitment, 'hex'), 'reason', p_reason,
                            'path', nullif(p_path, ''));
    END
    $$;

-- ---- what is in an enquiry; the caller's own door records the look --------------------------------

-- The leaf by which a message came in here: the first there is, within the ledger's size.
CREATE OR REPLACE FUNCTION mash.arrival(p_agency text, p_message uuid) RETURNS TABLE (idx bigint, body bytea)
    LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.idx, l.body
          FROM mash.ledger_leaf l
         WHERE l.subject = p_message AND l.act IN ('process', 'answer', 'correction') AND l.agencies = ARRAY[p_agency]
           AND l.idx < (SELECT h.size FROM mash.ledger_head h)
         ORDER BY l.idx
         LIMIT 1
    $$;

-- Whether staff of the hub wrote a message's words in quarantine: its owner has signed none of them.
CREATE OR REPLACE FUNCTION mash.message_corrected(p_agency text, p_message uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT EXISTS (SELECT FROM mash.ledger_leaf l
                        WHERE l.subject = p_message AND l.act = 'mend' AND l.agencies = ARRAY[p_agency]
                          AND mash.leaf_says(l.body, 'corrected') IS DISTINCT FROM 'no'
                          AND l.idx < (SELECT h.size FROM mash.ledger_head h))
    $$;

-- Over a message's items in the order of their ids, one JSON array an item: the "classes" of its leaf.
CREATE OR REPLACE FUNCTION mash.classes_digest(p_owner text, p_message uuid) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT sha256(convert_to(coalesce(string_agg(
                   jsonb_build_array(i.item_id, i.class, i.tier, i.free_text)::text, E'\n' ORDER BY i.item_id), ''), 'UTF8'))
          FROM mash.item i
         WHERE i.owner = p_owner AND i.message_id = p_message
    $$;

-- replaced: a later message is an update of what came first under the same reference, as its leaf says, and has that class
-- anew; or may have, where the classes of either's items are no longer those of its leaf, or the leaf is from before it
-- named them. corrected: the words are staff's, whoever owns them. taken_back: the classes that the owner has corrected or
-- withdrawn since, joined by "+"; with "*" among them: all of the message. ties: by what it is akin to others
-- (16_choice.sql). alone: of an update, or of what one said that is corrected here, no other message is known any more.
-- Each message's leaf is looked at once: an agency's system may update one reference a thousand times, and the hub must
-- not stand still over it. An item whose message the ledger has not in this enquiry has no leaf here.
CREATE OR REPLACE FUNCTION door.hub_items(p_enquiry uuid)
    RETURNS TABLE (item_id uuid, owner text, class text, message_id uuid, sealed bytea, arrived_at text, leaf text,
                   replaced boolean, corrected boolean, taken_back text, ties text, alone boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH came AS MATERIALIZED (
            SELECT a.agency, a.message_id, a.idx, convert_from(a.body, 'UTF8') AS leaf,
                   mash.message_corrected(a.agency, a.message_id) AS corrected,
                   (SELECT string_agg(coalesce(t.class, '*'), '+') FROM mash.taken_back t
                     WHERE t.owner = a.agency AND t.corrects = a.message_id::text) AS taken_back,
                   mash.ties(a.agency, a.message_id) AS ties,
                   mash.leaf_says(f.body, 'treatment') IS NOT DISTINCT FROM 'update'
                   AND NOT EXISTS (SELECT FROM mash.native_reference n
                                     JOIN mash.native_reference k USING (agency, reference)
                                    WHERE n.agency = a.agency AND n.message_id = f.id AND k.message_id <> f.id) AS alone,
                   mash.leaf_says(a.body, 'treatment') IS NOT DISTINCT FROM 'update' AS is_update,
                   mash.leaf_says(a.body, 'first')::uuid AS first,
                   mash.leaf_says(a.body, 'classes') <> encode(mash.classes_digest(a.agency, a.message_id), 'hex') AS altered
              FROM mash.arrived a
              JOIN LATERAL mash.arrival(a.agency, a.message_id) o ON o.idx = a.idx
              LEFT JOIN LATERAL (
                  SELECT x.id, b.body
                    FROM (SELECT mash.said_first(a.agency, a.message_id)) AS x (id)
                   CROSS JOIN LATERAL mash.arrival(a.agency, x.id) b) f ON true
             WHERE a.enquiry = p_enquiry::text AND mash.leaf_says(a.body, 'items') IS DISTINCT FROM '0'
        ), update AS MATERIALIZED (
            SELECT u.agency, u.first, j.class, max(u.idx) AS last -- class NULL: whichever
              FROM came u
             CROSS JOIN LATERAL (SELECT DISTINCT i.class FROM mash.item i
                                  WHERE i.owner = u.agency AND i.message_id = u.message_id
                                  UNION ALL
                                 SELECT NULL WHERE u.altered OR u.first IS NULL) j
             WHERE u.is_update
             GROUP BY u.agency, u.first, j.class
        ), replaced AS MATERIALIZED (
            SELECT c.agency, c.message_id, CASE WHEN NOT coalesce(c.altered, false) THEN u.class END AS class
              FROM came c JOIN update u ON u.agency = c.agency AND u.first = coalesce(c.first, c.message_id)
             WHERE u.last > c.idx
             UNION
            SELECT c.agency, c.message_id, NULL
              FROM came c JOIN update u ON u.agency = c.agency AND u.first IS NULL
             WHERE u.last > c.idx
        )
        SELECT i.item_id, i.owner, i.class, i.message_id, i.sealed, mash.rfc3339(i.arrived_at), c.leaf,
               r.agency IS NOT NULL OR w.agency IS NOT NULL, c.corrected, c.taken_back, c.ties, c.alone
          FROM mash.item i
          LEFT JOIN came c ON c.agency = i.owner AND c.message_id = i.message_id
          LEFT JOIN replaced r ON r.agency = i.owner AND r.message_id = i.message_id AND r.class = i.class
          LEFT JOIN replaced w ON w.agency = i.owner AND w.message_id = i.message_id AND w.class IS NULL
         WHERE i.enquiry_id = p_enquiry
         ORDER BY i.arrived_at, i.item_id
    $$;

-- Whether its owner holds all that a message says at source: each class that it has items of, or where it has none
-- whatever class one asks for. Where nothing was held no class is asked about: an enquiry has thousands of messages.
CREATE OR REPLACE FUNCTION mash.message_held(p_owner text, p_message uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH said AS (SELECT DISTINCT i.class FROM mash.item i WHERE i.owner = p_owner AND i.message_id = p_message)
        SELECT CASE WHEN EXISTS (SELECT FROM mash.akin(p_owner, p_message) k
                                   JOIN mash.choice h ON h.message_id = k
                                  WHERE h.owner = p_owner AND h.held)
                    THEN (SELECT bool_and(mash.class_shown(p_owner, p_message, c.class) IS NULL)
                            FROM (SELECT class FROM said
                                  UNION ALL
                                  SELECT min(n.class) FROM mash.info_class n HAVING NOT EXISTS (SELECT FROM said)) c)
                    ELSE false END
    $$;

-- Whom a message mentions, which person each was tied to, and whether it is about them: the leaves that follow its own (42_take.sql).
CREATE OR REPLACE FUNCTION mash.linked(p_arrival bigint)
    RETURNS TABLE (idx bigint, mention_id uuid, person_id uuid, child boolean)
    LANGUAGE sql STABLE ROWS 4 SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.idx, l.subject, mash.leaf_says(l.body, 'person')::uuid,
               mash.leaf_says(l.body, 'child') IS NOT DISTINCT FROM 'yes'
          FROM mash.ledger_leaf l
         WHERE l.idx > p_arrival AND l.act = 'link'
           AND l.idx < (SELECT coalesce((SELECT n.idx FROM mash.ledger_leaf n
                                          WHERE n.idx > p_arrival AND n.idx < h.size AND n.act <> 'link'
                                          ORDER BY n.idx LIMIT 1), h.size)
                          FROM mash.ledger_head h)
    $$;

-- Everybody whom the ledger knows to have been mentioned, and as whom: the row gives the sealed words, and nothing else.
-- sealed NULL: the row is gone, and so somebody cannot be read. held: by a message that is. The net is told of them, and
-- nobody is shown them.
CREATE OR REPLACE FUNCTION door.hub_mentions(p_enquiry uuid)
    RETURNS TABLE (mention_id uuid, agency text, message_id uuid, sealed bytea, person_id uuid, held boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT k.mention_id, c.agency, c.message_id, m.sealed, k.person_id, c.held
          FROM (SELECT a.idx, a.agency, a.message_id, mash.message_held(a.agency, a.message_id) AS held
                  FROM mash.arrived a
                 WHERE a.enquiry = p_enquiry::text AND a.act = 'process' OFFSET 0) c
         CROSS JOIN LATERAL mash.linked(c.idx) k
          LEFT JOIN mash.mention m ON m.mention_id = k.mention_id
         ORDER BY k.idx
    $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.hub_realm() TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_next(bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_blame(text, uuid, bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_waiting(bigint) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_set_aside(text, uuid, uuid, text, text) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_items(uuid) TO mash_hub;
GRANT EXECUTE ON FUNCTION door.hub_mentions(uuid) TO mash_hub;
