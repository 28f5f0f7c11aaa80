-- The vault: wrapped keys of messages, items and mentions, in a database of its own with its own short
-- backup life, so that one thing can be erased for good while every proof still holds (R21).
-- Run as mash_owner in the vault's database. Only mash_vault may call; it owns nothing.
CREATE SCHEMA vault;
REVOKE ALL ON SCHEMA vault FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO mash_vault;

CREATE TABLE vault.wrapped_key (
    id      uuid        NOT NULL,
    wrapped bytea       NOT NULL,
    put_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT wrapped_key_pk PRIMARY KEY (id)
);
COMMENT ON TABLE vault.wrapped_key IS 'Keys wrapped under the hub''s storage key, by the id of what they open.';

-- Called by the hub before the act that needs them; a key without its act opens nothing.
CREATE FUNCTION vault.put(p_ids uuid[], p_wrapped bytea[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        INSERT INTO vault.wrapped_key (id, wrapped)
        SELECT * FROM unnest(p_ids, p_wrapped)
        ON CONFLICT (id) DO NOTHING
    $$;

CREATE FUNCTION vault.get(p_ids uuid[]) RETURNS TABLE (id uuid, wrapped bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT k.id, k.wrapped FROM vault.wrapped_key k WHERE k.id = ANY (p_ids) $$;

GRANT EXECUTE ON FUNCTION vault.put(uuid[], bytea[]), vault.get(uuid[]) TO mash_vault;
