/* See clock.h. */
#include "broker/io/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t clock_us(clockid_t id) {
    struct timespec t;
    if (clock_gettime(id, &t) != 0) return 0; /* cannot fail for these two clocks */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_ms(void) {
    return clock_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_ms(void) {
    return clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_mono_us(void) {
    return clock_us(CLOCK_MONOTONIC);
}

void clock_text(int64_t unix_ms, char out[CLOCK_TEXT]) {
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm t;
    char day[40];
    (void)gmtime_r(&seconds, &t);
    (void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &t);
    (void)snprintf(out, CLOCK_TEXT, "%.19s.%03uZ", day, (unsigned)(unix_ms % 1000) % 1000u);
}
