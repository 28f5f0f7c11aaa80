-- What an owner's rules say, said a second time: from the rows, in SQL, and not after the C. The hub obeys the
-- signed text (broker/release/policy.c); this is for questions, and to hold against it: tests/agree compares the two
-- in every case there is. In short:
--
--   an item stays in when a rule says never, when its owner keeps it in (tier signpost or silent), or when no
--   rule gives anything;
--   it stays silent when its tier (else its class's default) is silent, or a rule says never without a signpost;
--   otherwise it leaves in the best form that any one rule gives, and with a signpost when any rule that gives
--   something asks for one;
--   what a rule shows is the most that it gives: where the item has no such form, it gives the next one down.

-- How high a rating is. None is below all, and "any" asks for none.
CREATE OR REPLACE FUNCTION mash.rating_height(p_rating text) RETURNS integer
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(array_position(ARRAY['green', 'amber', 'red'], p_rating), 0) $$;

-- What the rules that cover a case and allow it come to; the obligations of each must be met. 0: nothing.
-- The forms stand in order: 1 the fact, 2 the summary, 3 in full. Inlined: no search_path of its own.
CREATE OR REPLACE FUNCTION mash.rule_gives(
    p_effect text, p_show text, p_height integer, p_signpost boolean, p_authorises boolean,
    i_height integer, i_tier text, i_summary boolean, i_prose boolean, i_authorised boolean, i_desk boolean) RETURNS integer
    LANGUAGE sql IMMUTABLE
    RETURN CASE
               WHEN p_effect <> 'allow' OR i_height < p_height                     THEN 0
               WHEN p_authorises AND NOT i_authorised                              THEN 0
               WHEN p_signpost AND NOT i_desk                                      THEN 0
               WHEN p_show = 'full' AND i_tier IS DISTINCT FROM 'sanitise'
                                    AND (i_authorised OR NOT i_prose)              THEN 3
               WHEN p_show IN ('full', 'summary') AND i_summary                    THEN 2
               ELSE 1
               END;

-- The verdict, in words: silent, signpost, or what leaves ("fact", "summary", "full"), " and signpost".
CREATE OR REPLACE FUNCTION mash.policy_word(
    p_never boolean, p_hushed boolean, p_gives integer, p_signposts boolean, i_tier text, p_default_tier text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE
               WHEN NOT p_never AND p_gives > 0 AND coalesce(i_tier, 'share') IN ('share', 'sanitise')
               THEN (ARRAY['fact', 'summary', 'full'])[p_gives] || CASE WHEN p_signposts THEN ' and signpost' ELSE '' END
               WHEN p_hushed OR coalesce(i_tier, p_default_tier) = 'silent' THEN 'silent'
               ELSE 'signpost'
               END;

-- One case. A tier of NULL: the owner chose none; a rating of NULL: none is given.
CREATE OR REPLACE FUNCTION mash.policy_verdict(
    p_owner text, p_version integer, p_class text, p_recipient text, p_type text, p_purpose text, p_rating text, p_day date,
    p_tier text, p_summary boolean, p_prose boolean, p_authorised boolean, p_desk boolean) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT mash.policy_word(coalesce(bool_or(c.effect = 'never'), false),
                                coalesce(bool_or(c.effect = 'never' AND NOT c.signpost), false),
                                coalesce(max(c.gives), 0), coalesce(bool_or(c.gives > 0 AND c.signpost), false),
                                p_tier, (SELECT i.default_tier FROM mash.info_class i WHERE i.class = p_class))
          FROM (SELECT r.effect, r.signpost,
                       mash.rule_gives(r.effect, r.show, mash.rating_height(r.least_rating), r.signpost, r.owner_authorises,
                                       mash.rating_height(p_rating), p_tier, p_summary, p_prose, p_authorised, p_desk) AS gives
                  FROM mash.policy_rule r
                 WHERE r.owner = p_owner AND r.version = p_version AND r.class = p_class
                   AND r.purpose IN ('any', p_purpose)
                   AND (r.recipient_kind, r.recipient) IN (('anyone', ''), ('type', p_type), ('agency', p_recipient))
                   AND p_day BETWEEN coalesce(r.valid_from, '-infinity') AND coalesce(r.valid_until, 'infinity')) c
    $$;
COMMENT ON FUNCTION mash.policy_verdict(text, integer, text, text, text, text, text, date, text, boolean, boolean, boolean, boolean)
    IS 'What one owner''s version says of one item: silent, signpost, fact, summary, full, or one of the last three and signpost.';

-- To whom: one agency of each type that no rule names ('*'), and each that a rule names, of its type if that is
-- among the known ones, of every type if not.
CREATE OR REPLACE FUNCTION mash.policy_recipients(p_owner text, p_version integer, p_known text[], p_types text[])
    RETURNS TABLE (recipient text, type text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT '*', c.code FROM mash.code_list c WHERE c.list = 'agency_type'
        UNION
        SELECT r.recipient, coalesce(k.type, c.code)
          FROM mash.policy_rule r
          LEFT JOIN unnest(p_known, p_types) AS k (agency, type) ON k.agency = r.recipient
          JOIN mash.code_list c ON c.list = 'agency_type' AND (k.type IS NULL OR c.code = k.type)
         WHERE r.owner = p_owner AND r.version = p_version AND r.recipient_kind = 'agency'
    $$;

-- When: the first day of each interval on which the same rules hold, and the day before the first of them.
CREATE OR REPLACE FUNCTION mash.policy_days(p_owner text, p_version integer) RETURNS SETOF date
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        WITH border AS (
            SELECT d.day
              FROM mash.policy_rule r
              CROSS JOIN LATERAL (VALUES (r.valid_from), (r.valid_until + 1)) AS d (day)
             WHERE r.owner = p_owner AND r.version = p_version AND d.day IS NOT NULL)
        SELECT day FROM border
        UNION
        SELECT coalesce(min(day) - 1, '2000-01-01') FROM border
    $$;

-- Every form in which an item may stand before the rules: 4 ratings x 5 tiers x 16.
CREATE OR REPLACE FUNCTION mash.policy_items()
    RETURNS TABLE (n integer, height integer, tier text, summary boolean, prose boolean, authorised boolean, desk boolean)
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT n, n / 80, (ARRAY[NULL, 'share', 'sanitise', 'signpost', 'silent'])[1 + n / 16 % 5],
               n & 1 > 0, n & 2 > 0, n & 4 > 0, n & 8 > 0
          FROM generate_series(0, 319) AS n
    $$;

-- Every case of a version: a row for each class, recipient, purpose and day, with the 320 verdicts of
-- policy_items in their order, a letter each (- s f F m M a A: silent, signpost, fact, fact and signpost, summary ...,
-- in full ...). What the same rules cover has the same verdicts, so they are found once for each set of rules.
CREATE OR REPLACE FUNCTION mash.policy_answers(p_owner text, p_version integer, p_known text[], p_types text[])
    RETURNS TABLE (class text, recipient text, type text, purpose text, day date, answers text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off -- compiling it takes longer than running it
    AS $$
        WITH rule AS MATERIALIZED (
            SELECT *, mash.rating_height(r.least_rating) AS height
              FROM mash.policy_rule r
             WHERE r.owner = p_owner AND r.version = p_version),
        place AS MATERIALIZED (
            SELECT i.class, i.default_tier, t.recipient, t.type, p.code AS purpose, d.day,
                   ARRAY(SELECT r.line
                           FROM rule r
                          WHERE r.class = i.class
                            AND (r.purpose = 'any' OR r.purpose = p.code)
                            AND CASE r.recipient_kind WHEN 'anyone' THEN true
                                                      WHEN 'type' THEN r.recipient = t.type
                                                      ELSE r.recipient = t.recipient END
                            AND (r.valid_from IS NULL OR r.valid_from <= d.day)
                            AND (r.valid_until IS NULL OR r.valid_until >= d.day)
                          ORDER BY r.line) AS lines
              FROM mash.info_class i
              CROSS JOIN mash.policy_recipients(p_owner, p_version, p_known, p_types) t
              CROSS JOIN mash.code_list p
              CROSS JOIN mash.policy_days(p_owner, p_version) AS d (day)
             WHERE p.list = 'purpose'),
        kind AS MATERIALIZED (
            SELECT DISTINCT p.default_tier, p.lines FROM place p),
        told AS (
            SELECT k.default_tier, k.lines, i.n,
                   mash.policy_word(coalesce(bool_or(r.effect = 'never'), false),
                                    coalesce(bool_or(r.effect = 'never' AND NOT r.signpost), false),
                                    coalesce(max(g.gives), 0), coalesce(bool_or(g.gives > 0 AND r.signpost), false),
                                    i.tier, k.default_tier) AS word
              FROM kind k
              CROSS JOIN mash.policy_items() i
              LEFT JOIN rule r ON r.line = ANY (k.lines)
              LEFT JOIN LATERAL (
                  SELECT mash.rule_gives(r.effect, r.show, r.height, r.signpost, r.owner_authorises, i.height, i.tier,
                                         i.summary, i.prose, i.authorised, i.desk) AS gives) g ON r.line IS NOT NULL
             GROUP BY k.default_tier, k.lines, i.n, i.tier),
        spelt AS (
            SELECT t.default_tier, t.lines,
                   string_agg(CASE t.word WHEN 'silent' THEN '-' WHEN 'signpost' THEN 's'
                                          WHEN 'fact' THEN 'f' WHEN 'fact and signpost' THEN 'F'
                                          WHEN 'summary' THEN 'm' WHEN 'summary and signpost' THEN 'M'
                                          WHEN 'full' THEN 'a' ELSE 'A' END, '' ORDER BY t.n) AS answers
              FROM told t
             GROUP BY t.default_tier, t.lines)
        SELECT p.class, p.recipient, p.type, p.purpose, p.day, s.answers
          FROM place p
          JOIN spelt s USING (default_tier, lines)
    $$;

REVOKE ALL ON FUNCTION mash.rating_height(text), mash.policy_recipients(text, integer, text[], text[]),
    mash.policy_days(text, integer), mash.policy_items(), mash.policy_answers(text, integer, text[], text[]),
    mash.rule_gives(text, text, integer, boolean, boolean, integer, text, boolean, boolean, boolean, boolean),
    mash.policy_word(boolean, boolean, integer, boolean, text, text),
    mash.policy_verdict(text, integer, text, text, text, text, text, date, text, boolean, boolean, boolean, boolean)
    FROM PUBLIC;
