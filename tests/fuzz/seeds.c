/* Writes the seeds of the message harnesses: one full and one least example of every structure
 * that travels. usage: fuzz-seeds FOLDER (which must exist). */
#include "tests/unit/sample.h"

#include <stdlib.h>

static int seed_write(const char *folder, StructKind kind, bool full, Bytes content) {
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s-%s", folder, schema_struct_name(kind),
                   full ? "full" : "least");
    FILE *out = fopen(path, "w");
    if (!out) {
        perror(path);
        return 1;
    }
    bool written = fwrite(content.at, 1, content.len, out) == content.len;
    return fclose(out) == 0 && written ? 0 : 1;
}

int main(int argc, char **argv) {
    static const StructKind contents[] = {STRUCT_referral, STRUCT_answer, STRUCT_letter};
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    MessageKind m;
    int failed = argc != 2 || !a;
    for (int full = 0; !failed && full < 2; full++) {
        for (size_t i = 0; message_kind(i, &m); i++) {
            failed |= seed_write(argv[1], m.head, full, sample_bytes(a, m.head, full));
        }
        for (size_t i = 0; i < COUNT_OF(contents); i++) {
            failed |= seed_write(argv[1], contents[i], full, sample_bytes(a, contents[i], full));
        }
    }
    return failed;
}
