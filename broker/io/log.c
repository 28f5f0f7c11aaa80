/* See log.h. The program's name is the only state: set once, before anything is logged. */
#include "broker/io/log.h"

#include "broker/io/clock.h"

#include <stdarg.h>

static const char *log_program = "mash";

void log_open(const char *program) {
    log_program = program;
    (void)setvbuf(stderr, NULL, _IOLBF, 4096); /* unbuffered at worst */
}

void log_event(LogLevel level, const char *event, const char *format, ...) {
    static const char *const names[] = {"info", "warn", "error"};
    char now[CLOCK_TEXT], line[900];
    va_list args;
    clock_text(clock_ms(), now);
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args); /* a longer line is cut */
    va_end(args);
    for (char *c = line; *c; c++) {
        if (*c < ' ' || *c > '~') *c = '?'; /* a code from an edited row ends no line */
    }
    fprintf(stderr, "%s program=%s level=%s event=%s%s%s\n", now, log_program, names[level], event,
            line[0] ? " " : "", line);
}
