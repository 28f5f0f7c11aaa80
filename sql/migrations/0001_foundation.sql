-- Foundation: schemas, vocabulary, settings, time. Run as mash_owner in the hub's database.
-- mash: tables, no grants to anybody. door: the only functions programs may call. siro: views.
CREATE SCHEMA mash;
CREATE SCHEMA door;
CREATE SCHEMA siro;
REVOKE ALL ON SCHEMA mash, door, siro FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA door TO mash_intake, mash_hub, mash_courier, mash_notary, mash_admin, mash_look;
GRANT USAGE ON SCHEMA siro TO mash_siro;
GRANT USAGE ON SCHEMA mash TO mash_siro_reader;

-- Vocabulary: loaded from schemas/*.def (sql/functions/vocabulary.sql is generated).
CREATE TABLE mash.code_list (
    list    text NOT NULL,
    code    text NOT NULL,
    meaning text NOT NULL,
    CONSTRAINT code_list_pk PRIMARY KEY (list, code)
);
COMMENT ON TABLE mash.code_list IS 'Every code list of schemas/codes.def.';

CREATE TABLE mash.reason (
    reason   text NOT NULL,
    sentence text NOT NULL,
    CONSTRAINT reason_pk PRIMARY KEY (reason)
);
COMMENT ON TABLE mash.reason IS 'Why something is refused (schemas/reasons.def).';

CREATE TABLE mash.info_class (
    class        text NOT NULL,
    sensitivity  text NOT NULL,
    default_tier text NOT NULL,
    meaning      text NOT NULL,
    CONSTRAINT info_class_pk PRIMARY KEY (class)
);
COMMENT ON TABLE mash.info_class IS 'Information classes (schemas/classes.def).';

CREATE TABLE mash.lifecycle (
    machine    text NOT NULL,
    from_state text NOT NULL,
    event      text NOT NULL,
    to_state   text NOT NULL,
    who        text NOT NULL,
    CONSTRAINT lifecycle_pk PRIMARY KEY (machine, from_state, event)
);
COMMENT ON TABLE mash.lifecycle IS 'The one transition table (schemas/lifecycle.def).';

CREATE TABLE mash.setting (
    name  text NOT NULL,
    value text NOT NULL,
    CONSTRAINT setting_pk PRIMARY KEY (name)
);
COMMENT ON TABLE mash.setting IS 'Facts of this hub: realm, origin (of the ledger), clock_offset_s.';

-- Never changes after the first migration: every seal and every checkpoint is bound to it.
CREATE FUNCTION mash.realm() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN (SELECT value FROM mash.setting WHERE name = 'realm'); END $$;

-- Both are asked by every act: in plpgsql, which plans once a session, not once a transaction.
-- The one clock of everything that is evidence. Its offset exists only in the demonstration realm.
CREATE FUNCTION mash.hub_now() RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        RETURN clock_timestamp() + make_interval(secs => coalesce((
            SELECT o.value::double precision
              FROM mash.setting o JOIN mash.setting r ON r.name = 'realm' AND r.value = 'demonstration'
             WHERE o.name = 'clock_offset_s'), 0));
    END
    $$;

-- How a time is written wherever text leaves the database.
CREATE FUNCTION mash.rfc3339(p_at timestamptz) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- Days on which no clock that counts working days runs (bank holidays of England and Wales).
CREATE TABLE mash.closed_day (
    day    date NOT NULL,
    reason text NOT NULL,
    CONSTRAINT closed_day_pk PRIMARY KEY (day)
);
COMMENT ON TABLE mash.closed_day IS 'Bank holidays; weekends are known without rows.';
INSERT INTO mash.closed_day (day, reason) VALUES
    ('2026-12-25', 'Christmas Day'),
    ('2026-12-28', 'Boxing Day (substitute)'),
    ('2027-01-01', 'New Year''s Day'),
    ('2027-03-26', 'Good Friday'),
    ('2027-03-29', 'Easter Monday'),
    ('2027-05-03', 'Early May bank holiday'),
    ('2027-05-31', 'Spring bank holiday'),
    ('2027-08-30', 'Summer bank holiday'),
    ('2027-12-27', 'Christmas Day (substitute)'),
    ('2027-12-28', 'Boxing Day (substitute)');

-- The two clocks of an enquiry, by rating (S35-S37; Working Together: one working day).
CREATE TABLE mash.clock_rule (
    rating         text     NOT NULL,
    product_within interval NOT NULL,
    valid_from     date     NOT NULL,
    CONSTRAINT clock_rule_pk PRIMARY KEY (rating, valid_from)
);
COMMENT ON TABLE mash.clock_rule IS 'How long after receipt the product is due; the latest valid row holds.';
INSERT INTO mash.clock_rule (rating, product_within, valid_from) VALUES
    ('red', '4 hours', '2026-01-01'),
    ('amber', '1 day', '2026-01-01'),
    ('green', '3 days', '2026-01-01');
