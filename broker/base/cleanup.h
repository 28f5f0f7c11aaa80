/* Scope cleanup: the one way this project frees. `_cleanup_(x_freep) X *x = NULL;` frees at every
 * exit; TAKE(x) hands the pointer out and disarms it. Never mixed with goto in one function. */
#ifndef MASH_CLEANUP_H
#define MASH_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((__cleanup__(fn)))
#define _must_check_ __attribute__((__warn_unused_result__))
#define _printf_(fmt, args) __attribute__((__format__(__printf__, fmt, args)))

#define TAKE(p)                                                                                   \
    __extension__({                                                                               \
        __typeof__(p) taken_ = (p);                                                               \
        (p) = NULL;                                                                               \
        taken_;                                                                                   \
    })

#define DEFINE_FREEP(type, fn)                                                                    \
    static inline void fn##p(type **p) {                                                          \
        if (*p) fn(*p);                                                                           \
        *p = NULL;                                                                                \
    }

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static inline void mem_freep(void *p) {
    free(*(void **)p);
    *(void **)p = NULL;
}

static inline void file_closep(FILE **f) {
    if (*f) (void)fclose(*f); /* read side only: writers check fclose themselves */
    *f = NULL;
}

static inline void fd_closep(const int *fd) {
    if (*fd >= 0) (void)close(*fd); /* nothing can be done about a failing close here */
}

#endif
