/* broker/io/metrics and alarm: what a program counts, as promtool and people read it; and an alarm
 * that speaks once on start and once on clear. */
#include "broker/base/err.h"
#include "broker/io/alarm.h"
#include "broker/io/log.h"

#include <criterion/criterion.h>

enum { M_taken, M_waiting, M_refused, M_commit, M_lane_commit, M_COUNT };

static const Metric table[M_COUNT] = {
    [M_taken] = {"mash_try_taken_total", METRIC_counter, "Messages taken", NULL},
    [M_waiting] = {"mash_try_waiting", METRIC_gauge, "Messages that wait", "lane"},
    [M_refused] = {"mash_try_refused_total", METRIC_counter, "Refusals", "reason"},
    [M_commit] = {"mash_try_commit_seconds", METRIC_histogram, "From sending to result", NULL},
    [M_lane_commit] = {"mash_try_answer_seconds", METRIC_histogram, "The same by lane", "lane"},
};

static Metrics *metrics(void) {
    Metrics *m = NULL;
    cr_assert_eq(metrics_new(table, M_COUNT, &m), 0);
    return m;
}

static char *text_of(Metrics *m) {
    char *text = NULL;
    size_t len = 0;
    cr_assert_eq(metrics_text(m, &text, &len), 0);
    cr_assert_eq(strlen(text), len);
    return text;
}

/* A whole line of the text. */
static void expect_line(Metrics *m, const char *line, bool there) {
    _cleanup_(mem_freep) char *text = text_of(m);
    char whole[300];
    (void)snprintf(whole, sizeof(whole), "\n%s\n", line);
    cr_expect_eq(strstr(text, whole) != NULL, there, "%s: %s", line, text);
}

static size_t lines_with(const char *text, const char *what) {
    size_t count = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what)) count++;
    return count;
}

/* ---- metrics --------------------------------------------------------------------------------- */

Test(metrics, tells_counters_and_gauges) {
    _cleanup_(metrics_freep) Metrics *m = metrics();
    metric_add(m, M_taken, 3);
    metric_add(m, M_taken, 1);
    metric_set_for(m, M_waiting, STR("reserved"), 2);
    metric_set_for(m, M_waiting, STR("reserved"), 0.25);
    expect_line(m, "# TYPE mash_try_taken_total counter", true);
    expect_line(m, "mash_try_taken_total 4", true);
    expect_line(m, "mash_try_waiting{lane=\"reserved\"} 0.25", true);
    expect_line(m, "mash_try_waiting{lane=\"other\"} 0", false);
    cr_expect_eq(metric_value(m, M_taken, (Str){0}), 4);
    cr_expect_eq(metric_value(m, M_waiting, STR("reserved")), 0.25);
    cr_expect_eq(metric_value(m, M_waiting, STR("ordinary")), 0);
}

Test(metrics, a_histogram_counts_upwards) {
    _cleanup_(metrics_freep) Metrics *m = metrics();
    metric_seconds(m, M_commit, 0.0005);
    metric_seconds(m, M_commit, 0.003);
    metric_seconds(m, M_commit, 100);
    metric_seconds_for(m, M_lane_commit, STR("reserved"), 0.2);
    expect_line(m, "mash_try_commit_seconds_bucket{le=\"0.0005\"} 1", true);
    expect_line(m, "mash_try_commit_seconds_bucket{le=\"0.0025\"} 1", true);
    expect_line(m, "mash_try_commit_seconds_bucket{le=\"0.005\"} 2", true);
    expect_line(m, "mash_try_commit_seconds_bucket{le=\"60\"} 2", true);
    expect_line(m, "mash_try_commit_seconds_bucket{le=\"+Inf\"} 3", true);
    expect_line(m, "mash_try_commit_seconds_sum 100.0035", true);
    expect_line(m, "mash_try_commit_seconds_count 3", true);
    expect_line(m, "mash_try_answer_seconds_bucket{lane=\"reserved\",le=\"0.25\"} 1", true);
    expect_line(m, "mash_try_answer_seconds_count{lane=\"reserved\"} 1", true);
}

Test(metrics, a_label_is_a_code_or_other) {
    static const char *const no_codes[] = {"",
                                           "O'Dowd",
                                           "Mary Smith",
                                           "a\"} 1\nmash_evil 2",
                                           "a\\b",
                                           "caf\xc3\xa9",
                                           "a-code-that-is-much-too-long-to-be-one-of-our-own",
                                           "other"};
    _cleanup_(metrics_freep) Metrics *m = metrics();
    for (size_t i = 0; i < COUNT_OF(no_codes); i++) {
        metric_add_for(m, M_refused, str_z(no_codes[i]), 1);
    }
    metric_add_for(m, M_refused, STR("bad_time"), 1);
    _cleanup_(mem_freep) char *text = text_of(m);
    cr_expect_eq(lines_with(text, "mash_try_refused_total{"), 2, "%s", text);
    cr_expect_not_null(strstr(text, "mash_try_refused_total{reason=\"other\"} 8\n"), "%s", text);
    cr_expect_null(strstr(text, "evil"));
}

Test(metrics, the_number_of_series_is_bounded) {
    _cleanup_(metrics_freep) Metrics *m = metrics();
    for (int i = 0; i < 2000; i++) {
        char school[32];
        (void)snprintf(school, sizeof(school), "school-%d", i);
        metric_add_for(m, M_refused, str_z(school), 1);
        metric_seconds_for(m, M_lane_commit, str_z(school), 1);
    }
    _cleanup_(mem_freep) char *text = text_of(m);
    cr_expect_eq(lines_with(text, "mash_try_refused_total{"), METRIC_SERIES_MAX);
    cr_expect_eq(metric_value(m, M_refused, STR("other")), 2000 - (METRIC_SERIES_MAX - 1));
    cr_expect_eq(metric_value(m, M_refused, STR("school-7")), 1);
    cr_expect_eq(metric_value(m, M_refused, STR("school-1999")), 0);
    cr_expect_eq(lines_with(text, "mash_try_answer_seconds_count{"), METRIC_SERIES_MAX);
}

Test(metrics, tells_of_the_process) {
    _cleanup_(metrics_freep) Metrics *m = metrics();
    _cleanup_(mem_freep) char *text = text_of(m);
    static const char *const names[] = {"process_resident_memory_bytes", "process_open_fds",
                                        "process_start_time_seconds"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char start[80];
        (void)snprintf(start, sizeof(start), "\n%s ", names[i]);
        const char *at = strstr(text, start);
        cr_assert_not_null(at, "%s", names[i]);
        cr_expect_gt(strtod(at + strlen(start), NULL), 2, "%s", names[i]);
    }
    cr_expect_not_null(strstr(text, "\nprocess_cpu_seconds_total "));
}

Test(metrics, without_any_nothing_happens) {
    metric_add(NULL, M_taken, 1);
    metric_set_for(NULL, M_waiting, STR("reserved"), 1);
    metric_seconds(NULL, M_commit, 1);
    metrics_alarm(NULL, "intake_full", true);
    _cleanup_(metrics_freep) Metrics *m = NULL;
    cr_assert_eq(metrics_new(NULL, 0, &m), 0);
    metric_add(m, M_taken, 1); /* a room's own metric in a program without a table */
    cr_expect_eq(metric_value(m, M_taken, (Str){0}), 0);
}

Test(metrics, promtool_finds_nothing_to_say) {
    _cleanup_(metrics_freep) Metrics *m = metrics();
    metric_add_for(m, M_refused, STR("bad_time"), 1);
    metric_seconds(m, M_commit, 0.2);
    metric_seconds_for(m, M_lane_commit, STR("reserved"), 0.2);
    metrics_alarm(m, "intake_full", false);
    _cleanup_(mem_freep) char *text = text_of(m);
    char path[] = "/tmp/mash-promtool.XXXXXX", said[2000] = "";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    (void)close(fd);
    char command[100];
    (void)snprintf(command, sizeof(command), "promtool check metrics > %s 2>&1", path);
    FILE *tool = popen(command, "w");
    cr_assert_not_null(tool);
    cr_assert_eq(fputs(text, tool) >= 0, true);
    int status = pclose(tool);
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    said[fread(said, 1, sizeof(said) - 1, f)] = '\0';
    (void)fclose(f);
    (void)unlink(path);
    cr_expect_eq(status, 0, "%s", said);
    cr_expect_str_eq(said, "");
}

/* ---- alarms ---------------------------------------------------------------------------------- */

typedef struct Room {
    Metrics *metrics;
    Alarms alarms;
    char path[40]; /* what was logged */
} Room;

static Room room_open(void) {
    Room r = {.metrics = metrics(), .path = "/tmp/mash-alarm.XXXXXX"};
    int fd = mkstemp(r.path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    (void)close(fd);
    log_open("mash-try");
    alarms_open(&r.alarms, r.metrics);
    return r;
}

static size_t said(const Room *r, const char *what) {
    char text[4000];
    FILE *f = fopen(r->path, "r");
    cr_assert_not_null(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    (void)fclose(f);
    return lines_with(text, what);
}

static void room_close(Room *r) {
    (void)unlink(r->path);
    metrics_free(r->metrics);
}

/* So long ago was it seen, for whoever asks now. */
static void grow_old(Room *r, AlarmName name, int64_t ms) {
    r->alarms.at[name].seen_ms -= ms;
    cr_assert_eq(alarms_tick(&r->alarms), 0);
}

Test(alarm, speaks_once_on_start_and_once_on_clear) {
    Room r = room_open();
    for (int i = 0; i < 5; i++) alarm_seen(&r.alarms, ALARM_immediate_overflow, STR("police"));
    cr_expect_eq(said(&r, "event=alarm_started alarm=immediate_overflow of=police"), 1);
    cr_expect_eq(said(&r, "alarm_"), 1);
    expect_line(r.metrics, "mash_alarm{alarm=\"immediate_overflow\"} 1", true);
    grow_old(&r, ALARM_immediate_overflow, 3600 * 1000);
    grow_old(&r, ALARM_immediate_overflow, 3600 * 1000);
    cr_expect_eq(said(&r, "event=alarm_cleared alarm=immediate_overflow"), 1);
    cr_expect_eq(said(&r, "alarm_"), 2);
    expect_line(r.metrics, "mash_alarm{alarm=\"immediate_overflow\"} 0", true);
    room_close(&r);
}

Test(alarm, a_flickering_condition_is_one_alarm) {
    Room r = room_open();
    for (int i = 0; i < 5; i++) {
        alarm_seen(&r.alarms, ALARM_immediate_overflow, (Str){0});
        grow_old(&r, ALARM_immediate_overflow, 30 * 1000); /* its quiet time is a minute */
    }
    cr_expect_eq(said(&r, "event=alarm_"), 1);
    cr_expect(alarm_stands(&r.alarms, ALARM_immediate_overflow));
    room_close(&r);
}

Test(alarm, a_level_is_raised_high_and_cleared_low) {
    static const struct {
        double level;
        bool stands, seen; /* seen: it does not age from before */
    } steps[] = {{0, false, false}, {89, false, false}, {90, true, true}, {75, true, true},
                 {70, true, false}, {60, true, false}};
    Room r = room_open();
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        r.alarms.at[ALARM_intake_full].seen_ms = 1;
        alarm_level(&r.alarms, ALARM_intake_full, steps[i].level, 90, 70);
        cr_expect_eq(alarm_stands(&r.alarms, ALARM_intake_full), steps[i].stands, "step %zu", i);
        cr_expect_eq(r.alarms.at[ALARM_intake_full].seen_ms > 1, steps[i].seen, "step %zu", i);
    }
    grow_old(&r, ALARM_intake_full, 3600 * 1000);
    cr_expect_not(alarm_stands(&r.alarms, ALARM_intake_full));
    alarm_level(&r.alarms, ALARM_intake_full, 75, 90, 70);
    cr_expect_not(alarm_stands(&r.alarms, ALARM_intake_full), "between the two it is not raised");
    room_close(&r);
}

Test(alarm, is_told_as_quiet_before_it_ever_stood) {
    Room r = room_open();
    expect_line(r.metrics, "mash_alarm{alarm=\"letters_late\"} 0", false);
    alarm_watch(&r.alarms, ALARM_letters_late);
    expect_line(r.metrics, "mash_alarm{alarm=\"letters_late\"} 0", true);
    cr_expect_eq(said(&r, "alarm_"), 0);
    room_close(&r);
}

/* An agency's code in an edited row could else begin a line of its own. */
Test(log, what_does_not_print_forges_no_line) {
    Room r = room_open();
    log_event(LOG_warn, "forged", "owner=%s", "a\nb\x1b\xc3\xa9");
    cr_expect_eq(said(&r, "event=forged owner=a?b???"), 1);
    room_close(&r);
}
