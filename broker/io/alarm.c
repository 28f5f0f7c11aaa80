/* See alarm.h. */
#include "broker/io/alarm.h"

#include "broker/io/clock.h"
#include "broker/io/log.h"

/* Legend: one row an alarm, from alarms.def. */
static const struct {
    const char *name;
    int64_t quiet_ms;
    const char *sentence;
} alarms[] = {
#define ALARM(name, quiet_ms, sentence) {#name, quiet_ms, sentence},
#include "broker/io/alarms.def"
#undef ALARM
};

void alarms_open(Alarms *a, Metrics *metrics) {
    a->metrics = metrics;
}

void alarm_watch(Alarms *a, AlarmName name) {
    metrics_alarm(a->metrics, alarms[name].name, a->at[name].stands);
}

void alarm_seen(Alarms *a, AlarmName name, Str code) {
    a->at[name].seen_ms = clock_mono_ms();
    if (a->at[name].stands) return;
    a->at[name].stands = true;
    alarm_watch(a, name);
    log_event(LOG_error, "alarm_started", "alarm=%s%s%.*s meaning=\"%s\"", alarms[name].name,
              code.len ? " of=" : "", STR_ARG(code), alarms[name].sentence);
}

void alarm_level(Alarms *a, AlarmName name, double value, double raise, double clear) {
    bool stands = a->at[name].stands;
    if (value >= raise || (stands && value > clear)) {
        alarm_seen(a, name, (Str){0});
    } else if (!stands) {
        alarm_watch(a, name);
    }
}

bool alarm_stands(const Alarms *a, AlarmName name) {
    return a->at[name].stands;
}

int alarms_tick(void *context) {
    Alarms *a = context;
    int64_t now = clock_mono_ms();
    for (int i = 0; i < ALARM_count; i++) {
        if (!a->at[i].stands || now - a->at[i].seen_ms < alarms[i].quiet_ms) continue;
        a->at[i].stands = false;
        alarm_watch(a, (AlarmName)i);
        log_event(LOG_info, "alarm_cleared", "alarm=%s", alarms[i].name);
    }
    return 0;
}
