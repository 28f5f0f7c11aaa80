/* Policies on paper: read, checked, compared, shown and explained without a hub. The texts are
 * those that staff sign; a text may hold several owners' rules. Exit: 0 done, 1 the text is not
 * understood, 2 wrongly called. */
#ifndef MASH_CTL_POLICY_H
#define MASH_CTL_POLICY_H

#include "broker/release/domain.h"

enum { PAPER_MOST = 1024 * 1024 }; /* a text of several owners; one to be loaded: see sign.c */

/* ---- the commands: policy_*.c ---------------------------------------------------------------- */

int policy_check_run(int argc, char **argv);
int policy_diff_run(int argc, char **argv);
int policy_matrix_run(int argc, char **argv);
int policy_explain_run(int argc, char **argv);
int policy_words_run(int argc, char **argv);
int policy_sign_run(int argc, char **argv);

/* ---- policy_paper.c -------------------------------------------------------------------------- */

/* `--agencies FILE`: a line each, "code type"; "#" starts a comment line. NULL: none is given. */
typedef struct Agencies {
    const AgencyKnown *at;
    const Str *codes; /* of each; NULL: any well-formed code will do */
    size_t count;
} Agencies;

typedef struct Paper {
    const char *path;
    Str text;
    Policy *at; /* one an owner */
    size_t count;
} Paper;

/* Both say on stderr what is wrong: the file, the line, the word, and the line itself with a mark
 * under the word. False: end with OFFLINE_REFUSED. */
bool agencies_read(Arena *a, const char *path, Agencies *ret);
bool paper_read(Arena *a, const char *path, const Agencies *agencies, Paper *ret);

/* This owner's; without rules when the paper has none of hers. */
Policy paper_policy(const Paper *p, Str owner);

/* An option's word out of a list; otherwise says the nearest, on stderr. False: OFFLINE_USAGE. */
bool word_known(Arena *a, CodeList list, const char *what, const char *word, Str *ret);
bool word_class(Arena *a, const char *word, InfoClass *ret);
bool word_day(const char *word, Str *ret);
Str day_today(Arena *a); /* in UTC; an option tells another */

/* "4,233,600". */
const char *count_text(uint64_t n, char out[32]);

/* ---- policy_words.c: verdicts and cases in words --------------------------------------------- */

const char *verdict_phrase(VerdictKind kind); /* "withheld silently", "a summary", ... */
Str recipient_text(Arena *a, const Recipient *r);

#endif
