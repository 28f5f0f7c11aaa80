/* Files that must survive: written beside, synced, renamed into place, the folder synced (R1). All
 * are private to the adapter's user: folders 0700, files 0600. Never logs a path: names of files
 * are the agency's own and may say too much. */
#ifndef MASH_FILES_H
#define MASH_FILES_H

#include "broker/base/arena.h"

enum { PATH_LEN = 1024, FILE_MOST = 4 * 1024 * 1024 };

/* ERR_CONFIG when too long. */
int path_join(char out[PATH_LEN], const char *dir, const char *name) _must_check_;
int dir_make(const char *path) _must_check_; /* with its parents; 0 when it is there */

/* The whole file and a NUL after it. REFUSE_too_large past FILE_MOST; ERR_FILE. */
int file_read(Arena *a, const char *path, Bytes *ret) _must_check_;
int file_write(const char *dir, const char *name, Bytes content) _must_check_;
int file_move(const char *from, const char *name, const char *to) _must_check_;
int file_remove(const char *dir, const char *name) _must_check_; /* 0 when it is gone already */
bool file_exists(const char *dir, const char *name);

#endif
