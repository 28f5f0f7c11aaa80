/* Alarms: what a person who runs the hub must look at. An alarm speaks twice only: once when it
 * starts (log event alarm_started) and once when it clears (alarm_cleared); between, mash_alarm
 * tells that it stands. It stands from the first time its condition is seen until the condition has
 * not been seen for the alarm's own quiet time, so that a flickering condition is one alarm.
 *
 * The names are the list in alarms.def; an alarm of a program is told as 0 from alarm_watch on. */
#ifndef MASH_ALARM_H
#define MASH_ALARM_H

#include "broker/io/loop.h"
#include "broker/io/metrics.h"

typedef enum AlarmName {
#define ALARM(name, quiet_ms, sentence) ALARM_##name,
#include "broker/io/alarms.def"
#undef ALARM
    ALARM_count,
} AlarmName;

/* By value in whoever owns it; zero it, then alarms_open. `metrics` is borrowed, may be NULL. */
typedef struct Alarms {
    Metrics *metrics;
    struct {
        bool stands;
        int64_t seen_ms;
    } at[ALARM_count];
} Alarms;

void alarms_open(Alarms *a, Metrics *metrics);
void alarm_watch(Alarms *a, AlarmName name);

/* The condition holds now. `code` says whose or what for (an agency's code, a lane), or {0}; it is
 * logged, so it is never anything out of a message. */
void alarm_seen(Alarms *a, AlarmName name, Str code);
/* The same for a measured level: seen at `raise` and above, and while it stands, above `clear`. */
void alarm_level(Alarms *a, AlarmName name, double value, double raise, double clear);
bool alarm_stands(const Alarms *a, AlarmName name);

/* Clears what has been quiet. A LoopCall, on a timer of a second (server_open adds it). */
int alarms_tick(void *alarms) _must_check_;

#endif
