/* What the harnesses put in the place of a few functions (by the linker's --wrap), because the real
 * ones would cost more than what is tried, or never let a fuzzer by: signatures, ids, the log, the
 * disk. See cast.h. */
#include "broker/base/id.h"
#include "broker/io/log.h"
#include "tests/fuzz/cast.h"
#include "tests/fuzz/fuzz.h"

#include "adapters/common/files.h"
#include "broker/base/seal.h"

#include <stdarg.h>

/* ---- signatures ------------------------------------------------------------------------------ */

bool __real_ed25519_verify(const Key *public, Bytes message, Bytes signature);
bool __wrap_ed25519_verify(const Key *public, Bytes message, Bytes signature);
int __wrap_ed25519_sign(const Key *secret, Bytes message, Signature *ret);

bool __wrap_ed25519_verify(const Key *public, Bytes message, Bytes signature) {
    size_t good = 0;
    while (good < signature.len && signature.at[good] == GOOD_SIGNATURE) good++;
    if (good == SIG_LEN && signature.len == SIG_LEN) return true;
    return __real_ed25519_verify(public, message, signature);
}

int __wrap_ed25519_sign(const Key *secret, Bytes message, Signature *ret) {
    (void)secret;
    (void)message;
    memset(ret->at, GOOD_SIGNATURE, sizeof(ret->at));
    return 0;
}

/* ---- ids: the same in every run -------------------------------------------------------------- */

static uint8_t id_next;

void ids_again(void) {
    id_next = 0;
}

int __wrap_id_v7(int64_t unix_ms, Id *ret);

int __wrap_id_v7(int64_t unix_ms, Id *ret) {
    (void)unix_ms;
    *ret = (Id){{0x01, 0x97, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, ++id_next}};
    return 0;
}

/* ---- the log: said to nobody (that a line stays one line is tried in unit-watch) ----------- */

void __wrap_log_event(LogLevel level, const char *event, const char *format, ...) _printf_(3, 4);

void __wrap_log_event(LogLevel level, const char *event, const char *format, ...) {
    char line[900];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    MUST(level <= LOG_error && event[0]);
}

/* ---- a letter that opens without its key: a mark before its plain text ----------------------- */

static const char open_mark[] = "open";

bool __real_letter_open(Arena *a, const KeyPair *recipient, SealFor purpose, Bytes sealed,
                        Bytes *ret_plain);
bool __wrap_letter_open(Arena *a, const KeyPair *recipient, SealFor purpose, Bytes sealed,
                        Bytes *ret_plain);

bool __wrap_letter_open(Arena *a, const KeyPair *recipient, SealFor purpose, Bytes sealed,
                        Bytes *ret_plain) {
    size_t mark = sizeof(open_mark) - 1;
    if (sealed.len < mark || memcmp(sealed.at, open_mark, mark) != 0) {
        return __real_letter_open(a, recipient, purpose, sealed, ret_plain);
    }
    *ret_plain = arena_copy(a, bytes_of(sealed.at + mark, sealed.len - mark));
    return ret_plain->at != NULL;
}

/* ---- the disk: takes everything, holds nothing ----------------------------------------------- */

int __wrap_file_write(const char *dir, const char *name, Bytes content);
bool __wrap_file_exists(const char *dir, const char *name);
int __wrap_file_remove(const char *dir, const char *name);
int __wrap_dir_make(const char *path);

/* A name is the adapter's own making: never a way out of its folder. */
int __wrap_file_write(const char *dir, const char *name, Bytes content) {
    MUST(dir[0] && name[0] && name[0] != '.' && !strchr(name, '/'));
    for (size_t i = 0; i < content.len; i++) MUST(content.at[i] != 0);
    return 0;
}

bool __wrap_file_exists(const char *dir, const char *name) {
    return dir[0] && !name[0];
}

int __wrap_file_remove(const char *dir, const char *name) {
    MUST(dir[0] && name[0] && !strchr(name, '/'));
    return 0;
}

int __wrap_dir_make(const char *path) {
    MUST(path[0]);
    return 0;
}
