-- The cluster's roles. Run once per cluster by its superuser; safe to run again.
-- Passwords are set by the deployment (scram), never here. Owners cannot log in; programs own nothing.
DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['mash_owner', 'mash_siro_reader', 'mash_siro'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        END IF;
    END LOOP;
    FOREACH r IN ARRAY ARRAY['mash_intake', 'mash_hub', 'mash_courier', 'mash_notary',
                             'mash_look', 'mash_admin', 'mash_vault'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 20', r);
        END IF;
    END LOOP;
END
$$;
-- What a statement was given may never reach the server's log (R26).
ALTER ROLE mash_intake  SET log_min_error_statement = 'panic';
ALTER ROLE mash_hub     SET log_min_error_statement = 'panic';
ALTER ROLE mash_courier SET log_min_error_statement = 'panic';
ALTER ROLE mash_notary  SET log_min_error_statement = 'panic';
ALTER ROLE mash_vault   SET log_min_error_statement = 'panic';
ALTER ROLE mash_admin   SET log_min_error_statement = 'panic';
-- A function for SIROs is made by the owner and given to the reader, who is under row security.
GRANT mash_siro_reader TO mash_owner;
-- Whoever holds a lock for long stalls nobody for ever: the program fails, starts again, and says so.
ALTER ROLE mash_intake SET lock_timeout = '30s';
ALTER ROLE mash_hub    SET lock_timeout = '30s';
ALTER ROLE mash_notary SET lock_timeout = '30s';
-- Doors are short and called all the time: compiling one costs more than it ever saves.
ALTER ROLE mash_intake  SET jit = off;
ALTER ROLE mash_hub     SET jit = off;
ALTER ROLE mash_courier SET jit = off;
ALTER ROLE mash_notary  SET jit = off;
-- A look that cannot be recorded soon fails, and with it the question (R25).
ALTER ROLE mash_look SET lock_timeout = '5s';
ALTER ROLE mash_look SET statement_timeout = '10s';
ALTER ROLE mash_look SET log_min_error_statement = 'panic';
