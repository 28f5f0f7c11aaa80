-- What an owner's rules say, in SQL (54_policy.sql): each word of a rule, beside what it must not change. tests/agree holds
-- the same functions against the C engine in every case; here it is said what the cases are.
SET client_min_messages = warning;
SET search_path = tap, public;

BEGIN;
SELECT plan(64);

-- One version a question, so that no rule stands in another's way.
CREATE FUNCTION pg_temp.rule(
    p_version integer, p_line integer, p_effect text, p_class text, p_kind text, p_recipient text, p_purpose text,
    p_least text DEFAULT 'any', p_show text DEFAULT '', p_signpost boolean DEFAULT false, p_authorises boolean DEFAULT false,
    p_from date DEFAULT NULL, p_until date DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mash.policy_rule VALUES ('police', p_version, p_line, p_effect, p_class, p_kind, p_recipient, p_purpose, p_least,
                                         p_show, p_signpost, p_authorises, p_from, p_until)
$$;
-- An item of the class incident for the school, unless it is said otherwise.
CREATE FUNCTION pg_temp.says(
    p_version integer, p_class text DEFAULT 'incident', p_recipient text DEFAULT 'education', p_type text DEFAULT 'school',
    p_purpose text DEFAULT 'early_help', p_rating text DEFAULT 'amber', p_day date DEFAULT '2026-11-28',
    p_tier text DEFAULT NULL, p_summary boolean DEFAULT true, p_prose boolean DEFAULT false,
    p_authorised boolean DEFAULT false, p_desk boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
    SELECT mash.policy_verdict('police', p_version, p_class, p_recipient, p_type, p_purpose, p_rating, p_day, p_tier, p_summary,
                               p_prose, p_authorised, p_desk)
$$;
SELECT pg_temp.rule(1, 1, 'allow', 'incident', 'type', 'school', 'early_help', 'amber', 'summary', false, false, '2026-09-01', '2027-08-31');
SELECT pg_temp.rule(2, 1, 'allow', 'incident', 'agency', 'education', 'early_help', 'any', 'full');
SELECT pg_temp.rule(3, 1, 'allow', 'incident', 'type', 'school', 'early_help', 'any', 'full');
SELECT pg_temp.rule(3, 2, 'never', 'incident', 'agency', 'education', 'any');
SELECT pg_temp.rule(4, 1, 'never', 'incident', 'anyone', '', 'any', 'any', '', true);
SELECT pg_temp.rule(5, 1, 'never', 'incident', 'anyone', '', 'any', 'any', '', true);
SELECT pg_temp.rule(5, 2, 'never', 'incident', 'type', 'school', 'any');
SELECT pg_temp.rule(6, 1, 'allow', 'incident', 'type', 'school', 'early_help', 'any', 'fact', true);
SELECT pg_temp.rule(7, 1, 'allow', 'incident', 'type', 'school', 'early_help', 'any', 'full', false, true);
SELECT pg_temp.rule(8, 1, 'allow', 'incident', 'type', 'school', 'early_help', 'any', 'fact');
SELECT pg_temp.rule(8, 2, 'allow', 'incident', 'type', 'school', 'early_help', 'any', 'summary', true);
SELECT pg_temp.rule(9, 1, 'never', 'incident', 'anyone', '', 'any', 'any', '', false, false, '2026-12-01');
SELECT pg_temp.rule(9, 2, 'allow', 'incident', 'type', 'school', 'early_help', 'any', 'full', false, false, '2026-09-01', '2027-08-31');
SELECT pg_temp.rule(10, 1, 'allow', 'intelligence', 'type', 'school', 'early_help', 'any', 'fact');

-- ---- a height, a word --------------------------------------------------------------------------------------
SELECT results_eq($$ SELECT mash.rating_height(r) FROM unnest(ARRAY['any', 'green', 'amber', 'red', 'purple', NULL]) r $$,
                  ARRAY[0, 1, 2, 3, 0, 0], 'a rating has a height, and what is none has none');
SELECT is(mash.policy_word(false, false, 3, false, NULL, 'signpost'), 'full', 'the word: what is given');
SELECT is(mash.policy_word(false, false, 1, true, 'share', 'signpost'), 'fact and signpost', 'and a signpost beside it');
SELECT is(mash.policy_word(true, false, 3, true, NULL, 'signpost'), 'signpost', 'never beats whatever is given');
SELECT is(mash.policy_word(true, true, 3, true, NULL, 'signpost'), 'silent', 'and may ask for silence');
SELECT is(mash.policy_word(false, false, 0, false, NULL, 'silent'), 'silent', 'nothing given: as the class has it');
SELECT is(mash.policy_word(false, false, 0, false, 'share', 'silent'), 'signpost', 'unless its owner chose');
SELECT is(mash.policy_word(false, false, 3, false, 'signpost', 'share'), 'signpost', 'a tier that keeps it in, keeps it in');

-- ---- who, what, for what, when -----------------------------------------------------------------------------
SELECT is(pg_temp.says(0), 'signpost', 'no rule withholds, with the signpost of the class');
SELECT is(pg_temp.says(0, 'intelligence'), 'silent', 'or silently, as the class is');
SELECT is(pg_temp.says(1), 'summary', 'a rule allows what it names');
SELECT is(pg_temp.says(1, p_class => 'offence'), 'signpost', 'and no other class');
SELECT is(pg_temp.says(1, p_type => 'health_acute'), 'signpost', 'no other type of recipient');
SELECT is(pg_temp.says(1, p_recipient => 'st-mary'), 'summary', 'but every agency of that type');
SELECT is(pg_temp.says(1, p_purpose => 'safeguarding_assessment'), 'signpost', 'no other purpose');
SELECT is(pg_temp.says(1, p_rating => 'green'), 'signpost', 'no lower rating');
SELECT is(pg_temp.says(1, p_rating => NULL), 'signpost', 'nor none');
SELECT is(pg_temp.says(1, p_rating => 'red'), 'summary', 'but a higher one');
SELECT is(pg_temp.says(1, p_day => '2026-08-31'), 'signpost', 'not on the day before it begins');
SELECT is(pg_temp.says(1, p_day => '2026-09-01'), 'summary', 'on its first day');
SELECT is(pg_temp.says(1, p_day => '2027-08-31'), 'summary', 'on its last');
SELECT is(pg_temp.says(1, p_day => '2027-09-01'), 'signpost', 'and not on the day after');
SELECT is(pg_temp.says(2), 'full', 'a rule may name an agency');
SELECT is(pg_temp.says(2, p_recipient => 'st-mary'), 'signpost', 'and means no other of its type');
SELECT is(pg_temp.says(2, p_rating => NULL), 'full', 'any rating is also none');
SELECT is(mash.policy_verdict('health', 2, 'incident', 'education', 'school', 'early_help', 'red', '2026-11-28', NULL, true, false,
                              true, true), 'signpost', 'nobody''s rule speaks for another owner');

-- ---- never -------------------------------------------------------------------------------------------------
SELECT is(pg_temp.says(3), 'silent', 'never beats allow');
SELECT is(pg_temp.says(3, p_recipient => 'st-mary'), 'full', 'where it covers the case');
SELECT is(pg_temp.says(4), 'signpost', 'a never-rule may leave a signpost');
SELECT is(pg_temp.says(4, p_tier => 'silent'), 'silent', 'which the owner''s silence takes away');
SELECT is(pg_temp.says(4, 'intelligence'), 'silent', 'it is about its class alone');
SELECT is(pg_temp.says(5), 'silent', 'of two, the stricter one counts');
SELECT is(pg_temp.says(5, p_type => 'health_acute'), 'signpost', 'where it covers the case');
SELECT is(pg_temp.says(9), 'full', 'a never-rule of a later day forbids nothing yet');
SELECT is(pg_temp.says(9, p_day => '2026-12-01'), 'silent', 'and all from its day on');
SELECT is(pg_temp.says(9, p_day => '2040-01-01'), 'silent', 'for ever');

-- ---- obligations, forms, tiers -----------------------------------------------------------------------------
SELECT is(pg_temp.says(6), 'fact and signpost', 'a rule may ask for a signpost beside what leaves');
SELECT is(pg_temp.says(6, p_desk => false), 'signpost', 'and gives nothing where none can lead');
SELECT is(pg_temp.says(7), 'signpost', 'a rule may ask for the owner''s word');
SELECT is(pg_temp.says(7, p_authorised => true), 'full', 'and gives what it says with it');
SELECT is(pg_temp.says(7, p_prose => true, p_authorised => true), 'full', 'prose, too');
SELECT is(pg_temp.says(8), 'summary and signpost', 'each rule is a permission: the best form counts, and the signpost that any asks for');
SELECT is(pg_temp.says(8, p_summary => false) LIKE 'fact%', true, 'what one cannot give, another may');
SELECT is(pg_temp.says(8, p_desk => false), 'fact', 'without what the other asks');
SELECT isnt(pg_temp.says(2, p_prose => true), 'full', 'prose does not leave in full without the owner''s word');
SELECT is(pg_temp.says(2, p_tier => 'share'), 'full', 'the tier share changes nothing');
SELECT is(pg_temp.says(2, p_tier => 'sanitise'), 'summary', 'sanitise gives the summary at most');
SELECT is(pg_temp.says(8, p_tier => 'sanitise', p_summary => false, p_desk => false), 'fact', 'or the fact, where a rule gives it');
SELECT is(pg_temp.says(2, p_tier => 'signpost'), 'signpost', 'signpost keeps it in');
SELECT is(pg_temp.says(2, p_tier => 'silent'), 'silent', 'and silent keeps it quiet');
SELECT is(pg_temp.says(0, p_tier => 'share'), 'signpost', 'a tier never releases by itself');
SELECT is(pg_temp.says(0, 'intelligence', p_tier => 'share'), 'signpost', 'it stands before its class''s default');
SELECT is(pg_temp.says(10, 'intelligence'), 'fact', 'a class that is silent by itself may leave by a rule');

-- ---- the finite domain -------------------------------------------------------------------------------------
SELECT set_eq($$ SELECT recipient FROM mash.policy_recipients('police', 2, '{}', '{}') $$, ARRAY['*', 'education'],
              'to whom: nobody that is named, and who is');
SELECT is((SELECT count(*) FROM mash.policy_recipients('police', 2, '{}', '{}') WHERE recipient = 'education'),
          (SELECT count(*) FROM mash.code_list WHERE list = 'agency_type'), 'of every type while hers is not known');
SELECT results_eq($$ SELECT type FROM mash.policy_recipients('police', 2, ARRAY['education'], ARRAY['school'])
                      WHERE recipient = 'education' $$, ARRAY['school'], 'of her own when it is');
SELECT set_eq($$ SELECT * FROM mash.policy_days('police', 9) $$, ARRAY['2026-08-31', '2026-09-01', '2026-12-01', '2027-09-01']::date[],
              'when: the first day of each interval, and the day before the first');
SELECT set_eq($$ SELECT * FROM mash.policy_days('police', 2) $$, ARRAY['2000-01-01']::date[], 'any day, when no rule has one');
SELECT is((SELECT count(DISTINCT (height, coalesce(tier, ''), summary, prose, authorised, desk)) FROM mash.policy_items()), 320::bigint,
          'an item may stand before the rules in 320 forms');

-- Every letter of the answers is the verdict of that case.
CREATE FUNCTION pg_temp.differ(p_version integer) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*)
      FROM mash.policy_answers('police', p_version, ARRAY['education'], ARRAY['school']) a
      CROSS JOIN mash.policy_items() i
     WHERE a.class IN ('incident', 'intelligence') AND a.purpose IN ('early_help', 'immediate_protection')
       AND a.type IN ('school', 'health_acute')
       AND (ARRAY['silent', 'signpost', 'fact', 'fact and signpost', 'summary', 'summary and signpost', 'full',
                  'full and signpost'])[position(substr(a.answers, i.n + 1, 1) IN '-sfFmMaA')]
           IS DISTINCT FROM mash.policy_verdict('police', p_version, a.class, a.recipient, a.type, a.purpose,
                                                (ARRAY['green', 'amber', 'red'])[i.height], a.day, i.tier, i.summary, i.prose,
                                                i.authorised, i.desk)
$$;
SELECT is(pg_temp.differ(v), 0::bigint, 'the answers of version ' || v || ' are its verdicts') FROM unnest(ARRAY[3, 8, 9]) v;
SELECT is_empty($$ SELECT * FROM mash.policy_answers('police', 3, ARRAY['education'], ARRAY['school']) WHERE length(answers) <> 320 $$,
                'one letter a form');
SELECT is((SELECT count(*) FROM mash.policy_answers('police', 9, '{}', '{}')),
          (SELECT count(*) FROM mash.info_class) * (SELECT count(*) FROM mash.code_list WHERE list = 'agency_type')
          * (SELECT count(*) FROM mash.code_list WHERE list = 'purpose') * 4,
          'a row for each class, recipient, purpose and day');

SELECT * FROM finish();
ROLLBACK;
