/* What a person at the agency must look at now: <dir>/alarm.txt, one line an alarm: when, its name,
 * a sentence that says what, since when and what to do. It holds ids at most (R26). The file is the
 * memory: an alarm that stands in it is not raised or logged again, also after a restart. A person
 * who has dealt with an alarm deletes its line, or the file. */
#ifndef MASH_ALARM_H
#define MASH_ALARM_H

#include <stdbool.h>

void alarm_raise(const char *dir, const char *name, const char *sentence);
/* It is good again: the line goes, with the last one the file. Not for what the hub was caught at:
 * that is for a person to take away. */
void alarm_clear(const char *dir, const char *name);

#endif
