-- Intake's door in bad weather: a storm of duplicates writes nothing (R2), thousands of clashes under one id cost no
-- more than the first, and what two intakes are given at the same moment is taken once. Commits, because whether a
-- transaction wrote is asked of the transaction.
SET client_min_messages = warning;
SET search_path = tap, public;

INSERT INTO mash.agency (agency, name, type, desk, enrolled_at)
SELECT a, a, 'police', 'desk', now() FROM unnest(ARRAY['police', 'health']) a;

-- One submission of the agency with the messages given, each of a content word; as many rows as messages.
CREATE FUNCTION public.id(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('01970000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION public.push(p_agency text, p_submission integer, p_ids uuid[], p_words text[], p_reason text DEFAULT NULL)
    RETURNS TABLE (ord bigint, outcome text, leaf_index bigint, leaf bytea, reason text, path text)
    LANGUAGE sql SECURITY DEFINER AS $$
        SELECT a.*
          FROM (SELECT array_agg(sha256(w::bytea) ORDER BY o) AS digests, array_agg(w::bytea ORDER BY o) AS sealed,
                       array_agg(gen_random_uuid()) AS new, array_agg(NULL::text) AS none, array_agg(1::bigint) AS ones
                  FROM unnest(p_words) WITH ORDINALITY u (w, o)) m,
               door.intake_accept(
                   ARRAY[p_agency], ARRAY[public.id(p_submission)], '{0123456789abcdef}', ARRAY['head'::bytea],
                   ARRAY[sha256(p_submission::text::bytea)], ones, p_ids, array_fill('referral'::text, ARRAY[cardinality(ones)]),
                   array_fill('routine'::text, ARRAY[cardinality(ones)]), digests, sealed,
                   array_fill(p_reason, ARRAY[cardinality(ones)]), none, new) a
    $$;
CREATE FUNCTION public.ids(p_from integer, p_to integer) RETURNS uuid[] LANGUAGE sql AS
    $$ SELECT array_agg(public.id(n) ORDER BY n) FROM generate_series(p_from, p_to) n $$;
CREATE FUNCTION public.words(p_from integer, p_to integer) RETURNS text[] LANGUAGE sql AS
    $$ SELECT array_agg('word ' || n ORDER BY n) FROM generate_series(p_from, p_to) n $$;

SELECT plan(26);

-- ---- duplicates write nothing --------------------------------------------------------------------------
CREATE TABLE public.first AS SELECT * FROM public.push('police', 901, public.ids(1, 200), public.words(1, 200));
CREATE TABLE public.fault AS SELECT * FROM public.push('police', 902, public.ids(201, 210), public.words(201, 210), 'bad_time');
CREATE TABLE public.clash AS SELECT * FROM public.push('police', 903, public.ids(1, 10), public.words(301, 310));
SELECT door.intake_refuse(gen_random_uuid(), 'police', 'signature_wrong', '', sha256('raw'), 'sealed');
CREATE TABLE public.before AS
SELECT (SELECT count(*) FROM mash.submission) AS submissions, (SELECT count(*) FROM mash.quarantine) AS kept,
       (SELECT h.size FROM mash.ledger_head h) AS leaves;

-- Answered as the first time by (ord, index, leaf), and whether the transaction has an id: only then has it written.
BEGIN;
SELECT count(*) FILTER (WHERE a.outcome = 'duplicate' AND f.leaf_index = a.leaf_index AND f.leaf = a.leaf) AS same
  FROM public.push('police', 901, public.ids(1, 200), public.words(1, 200)) a JOIN public.first f USING (ord) \gset again_
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing \gset again_
COMMIT;
BEGIN;
SELECT count(*) FILTER (WHERE a.outcome = 'duplicate') AS same
  FROM public.push('police', 904, public.ids(1, 200) || public.ids(1, 20), public.words(1, 200) || public.words(1, 20)) a \gset other_
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing \gset other_
COMMIT;
BEGIN;
SELECT count(*) AS same FROM public.push('police', 902, public.ids(201, 210), public.words(201, 210), 'bad_time') a
  JOIN public.fault f USING (ord, outcome, leaf_index, leaf, reason) \gset fault_
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing \gset fault_
COMMIT;
BEGIN;
SELECT count(*) AS same FROM public.push('police', 903, public.ids(1, 10), public.words(301, 310)) a
  JOIN public.clash f USING (ord, outcome, leaf_index, leaf, reason) \gset clash_
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing \gset clash_
COMMIT;
BEGIN;
SELECT door.intake_refuse(gen_random_uuid(), 'police', 'signature_wrong', '', sha256('raw'), 'sealed');
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing \gset refuse_
COMMIT;
BEGIN;
SELECT count(*) FROM public.push('police', 905, public.ids(1, 2), public.words(1, 2)) \gset ignored_
INSERT INTO mash.setting VALUES ('ignored', '');
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing \gset control_
ROLLBACK;
SELECT is(:'again_same'::text, '200', 'a batch that comes again is answered with the same leaves');
SELECT is(:'again_nothing'::text, 't', 'and writes nothing');
SELECT is(:'other_same'::text, '220', 'in another submission and twice in it, as well');
SELECT is(:'other_nothing'::text, 't', 'and writes nothing, not even that submission');
SELECT is(:'fault_same'::text, '10', 'what was at fault is answered the same');
SELECT is(:'fault_nothing'::text, 't', 'and writes nothing');
SELECT is(:'clash_same'::text, '10', 'what clashed, too');
SELECT is(:'clash_nothing'::text, 't', 'and writes nothing');
SELECT is(:'refuse_nothing'::text, 't', 'nor does a refusal that is known');
SELECT is(:'control_nothing'::text, 'f', 'and a transaction that writes would have been found');
SELECT results_eq('SELECT submissions, kept, leaves FROM public.before',
                  'SELECT (SELECT count(*) FROM mash.submission), (SELECT count(*) FROM mash.quarantine),
                          (SELECT h.size FROM mash.ledger_head h)', 'nothing is there that was not there before');
SELECT results_eq($$SELECT outcome FROM public.push('police', 906, public.ids(199, 201), '{word 199,word 200,word 400}') ORDER BY ord$$,
                  $$VALUES ('duplicate'), ('duplicate'), ('quarantined')$$, 'an id that only was at fault is taken, for good');

-- ---- clashes ---------------------------------------------------------------------------------------------
-- The rows that a call reads, by the counters of its own transaction.
CREATE FUNCTION public.rows_read(p_id uuid, p_word text) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        v_before bigint;
        v_read   CONSTANT text := 'SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables
                                    WHERE schemaname = ''mash'' AND relname IN (''message'', ''quarantine'', ''ledger_row'')';
        v_after  bigint;
    BEGIN
        EXECUTE v_read INTO v_before;
        PERFORM FROM public.push('police', 907, ARRAY[p_id], ARRAY[p_word]);
        EXECUTE v_read INTO v_after;
        RETURN v_after - v_before;
    END
    $$;
BEGIN;
SELECT public.rows_read(public.id(1), 'word 301') AS n \gset few_
COMMIT;
DO $$
BEGIN
    FOR i IN 0 .. 19 LOOP
        PERFORM FROM public.push('police', 1000 + i, array_fill(public.id(1), ARRAY[250]), public.words(10000 + 250 * i, 10249 + 250 * i));
    END LOOP;
END
$$;
SELECT is((SELECT count(*) FROM mash.quarantine WHERE message_id = public.id(1) AND reason = 'content_clash'), 5001::bigint,
          'five thousand clashes under one id are kept apart');
BEGIN;
SELECT public.rows_read(public.id(1), 'word 12500') AS n \gset again_
SELECT public.rows_read(public.id(1), 'word 1') AS n \gset good_
SELECT public.rows_read(public.id(1), 'word 20000') AS n \gset new_
COMMIT;
SELECT cmp_ok(:again_n::bigint, '<=', 10::bigint, 'one of them again reads a handful of rows');
SELECT is(:again_n::bigint, :few_n::bigint, 'no more than when there was one');
SELECT cmp_ok(:good_n::bigint, '<=', 10::bigint, 'so does the message that came first');
SELECT cmp_ok(:new_n::bigint, '<=', 10::bigint, 'and one clash more');

-- ---- two intakes at once -----------------------------------------------------------------------------------
CREATE FUNCTION public.here() RETURNS text LANGUAGE sql AS
    $$ SELECT format('host=%s user=%s dbname=%s', current_setting('unix_socket_directories'), session_user, current_database()) $$;
CREATE PROCEDURE public.wait_for(p_waiting integer) LANGUAGE plpgsql AS $$
    BEGIN
        WHILE (SELECT count(*) FROM pg_locks WHERE NOT granted) < p_waiting LOOP
            PERFORM pg_sleep(0.01);
        END LOOP;
    END
    $$;
SELECT link.dblink_connect(c, public.here()) FROM unnest(ARRAY['one', 'two']) c \g /dev/null
SELECT link.dblink_exec('one', 'BEGIN') \g /dev/null
CREATE TABLE public.one AS SELECT * FROM link.dblink('one',
    $$SELECT ord, outcome, leaf_index FROM public.push('police', 908, public.ids(501, 520), public.words(501, 520))$$)
    AS t (ord bigint, outcome text, leaf_index bigint);
SELECT link.dblink_send_query('two', $$SELECT ord, outcome, leaf_index FROM public.push('police', 909,
    ARRAY[public.id(521)] || (SELECT array_agg(i ORDER BY i DESC) FROM unnest(public.ids(501, 520)) i),
    ARRAY['word 521'] || (SELECT array_agg(w ORDER BY w DESC) FROM unnest(public.words(501, 520)) w))$$) \g /dev/null
CALL public.wait_for(1);
SELECT link.dblink_exec('one', 'COMMIT') \g /dev/null
CREATE TABLE public.two AS SELECT * FROM link.dblink_get_result('two') AS t (ord bigint, outcome text, leaf_index bigint);
SELECT is((SELECT array_agg(DISTINCT outcome) FROM public.one), '{accepted}', 'of two intakes with the same messages the first takes them');
SELECT is((SELECT count(*) FROM public.two t JOIN public.one o ON t.leaf_index = o.leaf_index AND o.ord = 22 - t.ord
            WHERE t.outcome = 'duplicate'), 20::bigint, 'the second waits for it, and answers with the leaves of the first');
SELECT is((SELECT outcome FROM public.two WHERE ord = 1), 'accepted', 'and takes what is only its own');

-- One holds 602 and undoes it. Two has 601 and waits for 602, to go on to 603; three is given 603 before 601, and would
-- hold the one while it waits for the other, did it take them as they come.
SELECT * FROM link.dblink_get_result('two') AS t (ord bigint, outcome text, leaf_index bigint) \g /dev/null
SELECT link.dblink_connect('three', public.here()) \g /dev/null
SELECT link.dblink_exec('one', 'BEGIN') \g /dev/null
SELECT * FROM link.dblink('one', $$SELECT ord FROM public.push('police', 910, public.ids(602, 602), '{c}')$$) AS t (ord bigint) \g /dev/null
SELECT link.dblink_send_query('two', $$SELECT outcome FROM public.push('police', 911, public.ids(601, 603), '{a,c,b}')$$) \g /dev/null
CALL public.wait_for(1);
SELECT link.dblink_send_query('three', $$SELECT outcome FROM public.push('police', 912,
    ARRAY[public.id(603), public.id(601)], '{b,a}')$$) \g /dev/null
CALL public.wait_for(2);
SELECT link.dblink_exec('one', 'ROLLBACK') \g /dev/null
SELECT is((SELECT array_agg(o) FROM link.dblink_get_result('two', false) AS t (o text)), '{accepted,accepted,accepted}',
          'two batches in opposite order do not stop each other');
SELECT is((SELECT array_agg(o) FROM link.dblink_get_result('three', false) AS t (o text)), '{duplicate,duplicate}', 'one waits for the other');

-- One message alone, which two intakes are given at the same moment; and once more, when the first undoes it.
CREATE FUNCTION public.alone(p_id integer, p_end text) RETURNS SETOF text LANGUAGE plpgsql AS $$
    DECLARE
        v_push CONSTANT text := format('SELECT outcome || leaf_index FROM public.push(''police'', %s, public.ids(%s, %s), ''{a}'')',
                                       p_id, p_id, p_id);
    BEGIN
        PERFORM link.dblink_exec('one', 'BEGIN');
        RETURN QUERY SELECT o FROM link.dblink('one', v_push) AS t (o text);
        PERFORM link.dblink_send_query('two', v_push);
        CALL public.wait_for(1);
        PERFORM link.dblink_exec('one', p_end);
        RETURN QUERY SELECT o FROM link.dblink_get_result('two') AS t (o text);
        PERFORM FROM link.dblink_get_result('two') AS t (o text);
    END
    $$;
SELECT * FROM link.dblink_get_result('two') AS t (o text) \g /dev/null
SELECT h.size FROM mash.ledger_head h \gset
SELECT results_eq('SELECT public.alone(920, ''COMMIT'')', format($$VALUES ('accepted%s'), ('duplicate%s')$$, :size, :size),
                  'of two intakes with one message the second answers with the leaf of the first');
SELECT results_eq('SELECT public.alone(921, ''ROLLBACK'')', format($$VALUES ('accepted%s'), ('accepted%s')$$, :size + 1, :size + 1),
                  'and takes it where the first did not');
SELECT is((SELECT count(*) FROM mash.submission WHERE submission_id = public.id(920)), 1::bigint, 'with one head');
SELECT is((SELECT h.size FROM mash.ledger_head h), (SELECT count(*) FROM mash.ledger_leaf), 'the index is dense');
SELECT * FROM finish();
