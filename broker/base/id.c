/* UUIDs made and printed; see id.h. */
#include "broker/base/id.h"

#include "broker/base/cleanup.h"
#include "broker/base/crypto.h"

#include <stdlib.h>

static void id_stamp(Id *id, uint8_t version) {
    id->at[6] = (uint8_t)((id->at[6] & 0x0f) | version << 4);
    id->at[8] = (uint8_t)((id->at[8] & 0x3f) | 0x80);
}

int id_random(Id *ret) {
    int r = random_bytes(ret->at, sizeof(ret->at));
    if (r < 0) return r;
    id_stamp(ret, 4);
    return 0;
}

int id_v7(int64_t unix_ms, Id *ret) {
    int r = random_bytes(ret->at, sizeof(ret->at));
    if (r < 0) return r;
    for (int i = 0; i < 6; i++) ret->at[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
    id_stamp(ret, 7);
    return 0;
}

void id_text(Id id, char out[ID_TEXT]) {
    static const size_t groups[] = {4, 2, 2, 2, 6}; /* bytes */
    const uint8_t *from = id.at;
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        hex_encode(bytes_of(from, groups[i]), out);
        from += groups[i];
        out += 2 * groups[i];
        *out++ = '-';
    }
    out[-1] = '\0';
}

bool id_parse(Str text, Id *ret) {
    if (text.len != ID_TEXT - 1) return false;
    char hex[33];
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text.at[i] == '-')) return false;
        if (!dash) hex[used++] = text.at[i];
    }
    return hex_decode((Str){.at = hex, .len = used}, ret->at, sizeof(ret->at));
}

bool id_eq(Id a, Id b) {
    return memcmp(a.at, b.at, sizeof(a.at)) == 0;
}

Bytes id_bytes(const Id *id) {
    return bytes_of(id->at, sizeof(id->at));
}

static int id_order(const void *left, const void *right) {
    const IdAt *a = left, *b = right;
    return memcmp(a->id.at, b->id.at, sizeof(a->id.at));
}

void ids_sort(IdAt *list, size_t count) {
    if (count) qsort(list, count, sizeof(*list), id_order);
}

bool ids_find(const IdAt *list, size_t count, Id id, size_t *ret_at) {
    const IdAt key = {.id = id};
    const IdAt *found = count ? bsearch(&key, list, count, sizeof(*list), id_order) : NULL;
    if (found) *ret_at = found->at;
    return found != NULL;
}
