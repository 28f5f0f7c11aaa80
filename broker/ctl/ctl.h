/* What the files of mashctl share: a member of staff's own program, on her own machine. It keeps
 * nothing but the token of what she has claimed and the version that she was shown. */
#ifndef MASH_CTL_H
#define MASH_CTL_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"

#include <jansson.h>

/* What a claim left behind, so that it need not be typed. 0: not known. */
typedef struct Claim {
    int64_t token;
    int64_t version; /* of the last `show` */
} Claim;

/* ---- claims.c: "<settings>.claims", one line an enquiry -------------------------------------- */

Claim claim_read(const char *settings, Str ref);
/* Replaces what was there; {0} forgets. ERR_FILE. */
int claim_write(const char *settings, Str ref, Claim claim) _must_check_;

/* ---- show.c: results for people -------------------------------------------------------------- */

/* Control characters and marks that turn the direction of text are shown as "?": what an agency
 * wrote cannot steer the reader's terminal. */
void show_result(FILE *out, const char *command, const json_t *result);
void show_help(FILE *out);
/* Two of them, in show_enquiry.c. */
void show_queue(FILE *out, const json_t *result);
void show_enquiry(FILE *out, const json_t *result);

/* ---- rehearse.c ------------------------------------------------------------------------------ */

void show_rehearsal(FILE *out, const json_t *result);
/* Adds a page to what has come before it (NULL at first) and says on stderr how far it is. The
 * argument `after` of the next question, the page's own; NULL when that was all. */
const char *pages_add(json_t **whole, json_t *page);

/* ---- sign.c ---------------------------------------------------------------------------------- */

/* What is signed, besides the text: whose policy it is, where, which version it will be, and from
 * which day on ({0}: at once). */
typedef struct PolicyName {
    Str realm, owner;
    int64_t version;
    Str from;
} PolicyName;

/* Adds "<key id> <signature>" to <file>.sig: Ed25519 over policy_message of `text`, the file's as
 * it was checked. ERR_FILE, ERR_CONFIG; says why on stderr. */
int policy_sign(const char *file, Str text, const char *key_file,
                const PolicyName *name) _must_check_;

/* Adds "<key id> <signature>" to the file at `path`: Ed25519 over the message, once a key.
 * ERR_FILE, ERR_CONFIG; says why on stderr. */
int signature_add(const char *path, const char *key_file, Str message) _must_check_;

/* people.c: an act of an agency's people (schemas/people.h), from "name=value" words; shown on
 * stderr as it is signed. Positive: wrongly called, and said why. */
int people_sign(const char *const *words, int count, const char *path, const char *key_file)
    _must_check_;

/* An owner's word on a request (FILE: what authorise-show printed, or the adapter's desk has),
 * signed by one of its people: what is signed on stderr, the words for `mashctl authorise` on
 * stdout. `refuse` NULL: granted. ERR_FILE; says why on stderr. */
int authorise_sign(const char *file, const char *key_file, const char *refuse) _must_check_;

/* endorse.c: adds a person's endorsement to the choice in `file` (choice.h), which is written anew.
 * Of the name, owner and realm count. ERR_FILE, ERR_CONFIG; says why on stderr. */
int choice_sign(const char *file, const char *key_file, const PolicyName *name) _must_check_;

/* ---- file.c ---------------------------------------------------------------------------------- */

/* A text that a person wrote, into the arena. ERR_FILE: it says on stderr which it is of missing, a
 * folder, not to be read, too large, no UTF-8. */
int text_read(Arena *a, const char *path, size_t most, Str *ret) _must_check_;
/* A person's secret key. ERR_FILE or ERR_CONFIG: it says on stderr what is wrong with the file. */
int secret_read(const char *path, Key *ret) _must_check_;
/* The whole of a file, into the arena. ERR_FILE also when it is larger than `most`. */
int file_read(Arena *a, const char *path, size_t most, Str *ret) _must_check_;
/* The text in place of what the file held, under its old mode: written beside (PATH.new), synced
 * and renamed. ERR_FILE: the file is as it was. */
int file_replace(const char *path, Str text) _must_check_;
/* "mashctl: what: why" on stderr; always ERR_FILE. */
int complain(const char *what, const char *why);

#endif
