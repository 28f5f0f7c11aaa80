/* One line per event on stderr: time, program, level, event, then key=value. Ids, codes, counts and
 * times only; never a name, a date of birth, an address or free text of anybody (R26). The format
 * arguments are in the caller's hands: pass nothing that came out of a content frame. What is not
 * printable ASCII stands there as "?", so that nothing forges a line. */
#ifndef MASH_LOG_H
#define MASH_LOG_H

#include "broker/base/cleanup.h"

typedef enum LogLevel { LOG_info, LOG_warn, LOG_error } LogLevel;

void log_open(const char *program); /* `program` must stay */
void log_event(LogLevel level, const char *event, const char *format, ...) _printf_(3, 4);

#endif
