-- The ledger's writer. Called by every door, as its last statement before it returns (the head lock
-- is then held for as short as can be, and commit order is index order).

-- The text of a leaf. Values are ids, codes, digests and times: anything else is a programming error
-- and stops the act, so that no personal data can slip into what can never be erased.
CREATE OR REPLACE FUNCTION mash.leaf_body(p_act text, p_at timestamptz, p_agencies text[], p_actor text,
                                          p_details text[]) RETURNS bytea
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        body text;
        i    integer;
    BEGIN
        body := 'mash-leaf/1' || E'\n'
             || 'realm ' || mash.realm() || E'\n'
             || 'at ' || to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\n'
             || 'act ' || p_act || E'\n'
             || coalesce((SELECT string_agg('agency ' || a, E'\n' ORDER BY a) || E'\n'
                            FROM unnest(p_agencies) a), '')
             || 'actor ' || p_actor || E'\n';
        FOR i IN 1 .. coalesce(array_length(p_details, 1), 0) / 2 LOOP
            IF p_details[2 * i] IS NULL THEN
                CONTINUE;
            END IF;
            IF p_details[2 * i] !~ '^[A-Za-z0-9._:+/=\[\]-]{1,200}$' OR p_details[2 * i - 1] !~ '^[a-z_0-9]{1,40}$' THEN
                RAISE EXCEPTION 'a leaf holds ids and codes only: the detail "%" does not', p_details[2 * i - 1];
            END IF;
            body := body || p_details[2 * i - 1] || ' ' || p_details[2 * i] || E'\n';
        END LOOP;
        RETURN convert_to(body, 'UTF8');
    END
    $$;
COMMENT ON FUNCTION mash.leaf_body(text, timestamptz, text[], text, text[]) IS
    'Details are pairs: key, value, key, value; a NULL value leaves its pair out.';

-- Appends leaves in the order given and returns the index of the first. All else that a row tells is read
-- from the leaf's text (0002_ledger.sql).
CREATE OR REPLACE FUNCTION mash.ledger_append(p_body bytea[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        n     bigint := cardinality(p_body);
        first bigint;
    BEGIN
        UPDATE mash.ledger_head SET size = size + n WHERE one RETURNING size - n INTO first;
        INSERT INTO mash.ledger_row (idx, body, hash)
        SELECT first + i - 1, p_body[i], sha256('\x00'::bytea || p_body[i]) FROM generate_series(1, n) i;
        RETURN first;
    END
    $$;

-- One act, one leaf: what every door but intake's uses. Returns the leaf's index.
CREATE OR REPLACE FUNCTION mash.record(p_act text, p_agencies text[], p_actor text, p_subject uuid,
                                       VARIADIC p_details text[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN mash.ledger_append(ARRAY[mash.leaf_body(p_act, mash.hub_now(), p_agencies, p_actor,
                                                       ARRAY['subject', p_subject::text] || p_details)]);
    END
    $$;

-- The value of a leaf's first line of that name; NULL when it has none.
CREATE OR REPLACE FUNCTION mash.line_says(p_leaf text, p_name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN substring(p_leaf FROM E'\n' || p_name || E' ([^\n]+)\n');

-- The same of its bytes, without reading them as text: for codes, ids, digests and times.
CREATE OR REPLACE FUNCTION mash.leaf_says(p_body bytea, p_name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN mash.line_says(encode(p_body, 'escape'), p_name);

-- What ends a message's way: its leaf says that it was worked in, or that the word which it brought was obeyed.
CREATE OR REPLACE FUNCTION mash.act_ends(p_act text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN p_act IN ('process', 'answer', 'authorisation', 'choice', 'correction', 'confirmation',
                     'signpost_question', 'signpost_reply');

-- Refuses an act from inside a door: broker/io/store.h turns the SQLSTATE into REFUSE_<reason>.
CREATE OR REPLACE FUNCTION mash.refuse(p_reason text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RAISE EXCEPTION USING ERRCODE = 'MH001', MESSAGE = p_reason;
    END
    $$;
