-- What PostgreSQL grants to everybody and nobody here needs, taken back. Run by the superuser in each of the
-- hub's databases, after the migrations; safe to run again. Two reasons: whoever may log in (a SIRO) could
-- hold the locks that the hub and the notary wait for, wake or stall them; and PostgreSQL's own counters
-- tell how much was written about others.
-- Not to be had: pg_class (reltuples, relpages) stays readable, and LISTEN needs no right. A channel carries
-- no payload; that something happened is what it gives away.
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN
        SELECT p.oid::regprocedure AS name
          FROM pg_proc p
         WHERE p.pronamespace = 'pg_catalog'::regnamespace
           AND (p.proname ~ '^(pg_(try_)?advisory_|lo_|pg_sleep|pg_stat_get_|pg_ls_)'
                OR p.proname IN ('loread', 'lowrite', 'pg_notify', 'pg_lock_status', 'pg_current_wal_lsn',
                                 'pg_current_wal_insert_lsn', 'pg_current_wal_flush_lsn', 'pg_relation_size',
                                 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size',
                                 'pg_tablespace_size'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.name);
    END LOOP;
    FOR f IN
        SELECT c.oid::regclass AS name
          FROM pg_class c
         WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'v'
           AND c.relname ~ '^(pg_stat_|pg_statio_|pg_locks$)'
    LOOP
        EXECUTE format('REVOKE SELECT ON %s FROM PUBLIC', f.name);
    END LOOP;
END
$$;
-- The doors use these two.
GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint), pg_notify(text, text) TO mash_owner;
