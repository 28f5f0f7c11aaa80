-- Whether the rows that the hub works beside the ledger say what their leaves say. The hub releases by the leaf in each of
-- these cases, or less than both (41_pipeline.sql); here it is told that somebody changed a table. Called by
-- mash.ledger_check (32_check.sql). In plpgsql, for what it asks is made after it.

-- What came into enquiries, and who was mentioned by it.
CREATE OR REPLACE FUNCTION mash.rows_check_arrived() RETURNS SETOF text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT format('Row %s brought a message into an enquiry where it is not kept now.', a.idx)
          FROM mash.arrived a
         WHERE NOT EXISTS (SELECT FROM mash.enquiry_message m
                            WHERE m.agency = a.agency AND m.message_id = a.message_id
                              AND m.enquiry_id::text = a.enquiry)
         UNION ALL
        SELECT format('Row %s brought items that are not the ones kept now.', a.idx)
          FROM mash.arrived a
         WHERE mash.leaf_says(a.body, 'classes') <> encode(mash.classes_digest(a.agency, a.message_id), 'hex')
         UNION ALL
        SELECT format('Row %s came again under a reference that is kept otherwise now.', g.idx)
          FROM mash.again g
         WHERE NOT EXISTS (SELECT FROM mash.native_reference n
                             JOIN mash.native_reference f USING (agency, reference)
                            WHERE n.agency = g.agency AND n.message_id = g.message_id AND f.message_id::text = g.first)
         UNION ALL
        SELECT format('Row %s mentioned somebody whose words are not kept with their message now.', k.idx)
          FROM mash.arrived a
         CROSS JOIN LATERAL mash.linked(a.idx) k
         WHERE a.act = 'process'
           AND NOT EXISTS (SELECT FROM mash.mention m
                            WHERE m.mention_id = k.mention_id AND m.agency = a.agency AND m.message_id = a.message_id)
         UNION ALL
        SELECT format('Row %s took a mention for somebody else than it is taken for now.', l.idx)
          FROM mash.ledger_leaf l
         WHERE l.act = 'link'
           AND (SELECT array_agg(x.person_id::text) FROM mash.link x
                 WHERE x.mention_id = l.subject AND x.state = 'accepted')
               IS DISTINCT FROM ARRAY[mash.leaf_says(l.body, 'person')];
    END
    $$;

-- Whose enquiry it is, how urgent, and on whom it was decided.
CREATE OR REPLACE FUNCTION mash.rows_check_enquiries() RETURNS SETOF text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        WITH child AS (
            SELECT DISTINCT a.enquiry, k.person_id
              FROM mash.arrived a CROSS JOIN LATERAL mash.linked(a.idx) k
             WHERE a.act = 'process' AND k.child
        )
        SELECT format('Row %s began an enquiry that is about other children now.', min(a.idx))
          FROM child c
          FULL JOIN mash.subject s ON s.enquiry_id::text = c.enquiry AND s.person_id = c.person_id
          JOIN mash.arrived a ON a.enquiry = coalesce(c.enquiry, s.enquiry_id::text)
         WHERE c.enquiry IS NULL OR s.enquiry_id IS NULL
         GROUP BY a.enquiry
         UNION ALL
        SELECT format('Row %s rated an enquiry that is rated otherwise now.', r.idx)
          FROM (SELECT DISTINCT ON (l.subject) l.idx, l.subject, mash.leaf_says(l.body, 'rating') AS rating
                  FROM mash.ledger_leaf l
                 WHERE l.act = 'rate' AND l.idx < (SELECT h.size FROM mash.ledger_head h)
                 ORDER BY l.subject, l.idx DESC) r
          LEFT JOIN mash.enquiry e ON e.enquiry_id = r.subject
         WHERE e.rating IS DISTINCT FROM r.rating
         UNION ALL
        SELECT format('Row %s decided on somebody else than the decision names now.', l.idx)
          FROM mash.ledger_leaf l
         WHERE l.act = 'decide' AND mash.leaf_says(l.body, 'person') IS NOT NULL
           AND NOT EXISTS (SELECT FROM mash.decision d
                            WHERE d.decision_id = mash.leaf_says(l.body, 'decision')::uuid AND d.enquiry_id = l.subject
                              AND d.person_id::text = mash.leaf_says(l.body, 'person'));
    END
    $$;

-- What was sent and waits to be carried, and what is owed for an emergency.
CREATE OR REPLACE FUNCTION mash.rows_check_sent() RETURNS SETOF text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT format('Row %s sent a letter that has not arrived and that nobody carries.', l.idx)
          FROM mash.ledger_leaf l
         WHERE l.act <> 'deliver' AND mash.leaf_says(l.body, 'letter') IS NOT NULL
           AND mash.letter_lost(mash.leaf_says(l.body, 'letter')::uuid)
         UNION ALL
        SELECT format('Row %s released in an emergency that nobody is asked to justify.', l.idx)
          FROM mash.ledger_leaf l
         WHERE l.act = 'release' AND mash.leaf_says(l.body, 'emergency') = 'yes'
           AND NOT (EXISTS (SELECT FROM mash.emergency e WHERE e.product_id = l.subject)
                    AND (mash.act_leaf(l.subject, 'justify') IS NOT NULL
                         OR EXISTS (SELECT FROM mash.deadline_todo t
                                      JOIN mash.deadline d USING (kind, subject, holder)
                                     WHERE t.kind = 'justification' AND t.subject = l.subject)));
    END
    $$;

-- Settings that are numbers, by their names.
CREATE OR REPLACE FUNCTION mash.rows_check_settings() RETURNS SETOF text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
        SELECT format('The setting "%s" is not a number: the default holds.', s.name)
          FROM mash.setting s
         WHERE s.name ~ '^[a-z_]+_(hours|days|seconds)$' AND NOT mash.is_number(s.value)
         ORDER BY s.name;
    END
    $$;
