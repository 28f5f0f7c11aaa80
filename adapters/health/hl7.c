/* See hl7.h. */
#include "adapters/health/hl7.h"

#include <ctype.h>

/* ---- cutting --------------------------------------------------------------------------------- */

/* The nth (from 0) part between marks; {0} past the last. */
static Str cut(Str s, char mark, size_t nth) {
    Str rest = s, part = {0};
    for (size_t i = 0; i <= nth; i++) {
        if (!rest.at) return (Str){0};
        const char *end = rest.len ? memchr(rest.at, mark, rest.len) : NULL;
        part = (Str){.at = rest.at, .len = end ? (size_t)(end - rest.at) : rest.len};
        rest = end ? (Str){.at = end + 1, .len = rest.len - part.len - 1} : (Str){0};
    }
    return part;
}

static bool delimiters(Str msh, Hl7 *m) {
    if (msh.len < 9 || memcmp(msh.at, "MSH", 3) != 0) return false;
    m->field = msh.at[3];
    m->component = msh.at[4];
    m->repeat = msh.at[5];
    m->escape = msh.at[6];
    m->part = msh.at[7];
    if (msh.at[8] != m->field) return false;
    for (int i = 3; i < 8; i++) {
        if (isalnum((unsigned char)msh.at[i]) || !isprint((unsigned char)msh.at[i])) return false;
        if (i < 7 && memchr(msh.at + i + 1, msh.at[i], (size_t)(7 - i))) return false;
    }
    return true;
}

bool hl7_parse(Str text, Hl7 *ret) {
    *ret = (Hl7){0};
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && text.at[end] != '\r' && text.at[end] != '\n') end++;
        if (end > at) {
            if (ret->count == HL7_SEGMENTS) return false;
            ret->segment[ret->count++] = (Str){.at = text.at + at, .len = end - at};
        }
        at = end + 1;
    }
    return ret->count > 0 && delimiters(ret->segment[0], ret);
}

Str hl7_segment(const Hl7 *m, const char *name, size_t nth) {
    for (size_t i = 0; i < m->count; i++) {
        Str s = m->segment[i];
        bool named =
            s.len >= 3 && memcmp(s.at, name, 3) == 0 && (s.len == 3 || s.at[3] == m->field);
        if (named && nth-- == 0) return s;
    }
    return (Str){0};
}

Str hl7_field(const Hl7 *m, Str segment, size_t n) {
    bool msh = segment.len > 3 && memcmp(segment.at, "MSH", 3) == 0;
    if (msh && n == 1) return (Str){.at = segment.at + 3, .len = 1};
    return cut(segment, m->field, msh ? n - 1 : n);
}

Str hl7_repeat(const Hl7 *m, Str field, size_t nth) {
    return cut(field, m->repeat, nth);
}

Str hl7_component(const Hl7 *m, Str repeat, size_t n) {
    return cut(repeat, m->component, n - 1);
}

Str hl7_part(const Hl7 *m, Str component, size_t n) {
    return cut(component, m->part, n - 1);
}

/* ---- escapes --------------------------------------------------------------------------------- */

/* \X0D0A\ : bytes in hex. A control character becomes a space (a CR or LF a line end). */
static size_t hex_text(Str digits, char *out) {
    uint8_t bytes[64];
    size_t len = digits.len / 2, n = 0;
    if (digits.len % 2 || len > sizeof(bytes) || !hex_decode(digits, bytes, len)) return 0;
    if (!utf8_valid(bytes_of(bytes, len))) return 0;
    for (size_t i = 0; i < len; i++) {
        bool line = bytes[i] == '\n' || bytes[i] == '\r';
        out[n++] = line ? '\n' : bytes[i] < 0x20 ? ' ' : (char)bytes[i];
    }
    return n;
}

/* What stands between two escape characters, resolved into `out`, which is at least as long as the
 * whole escape. What is not known (highlighting, formatting) leaves nothing. */
static size_t escape_text(const Hl7 *m, Str code, char *out) {
    char letter = code.len == 1 ? code.at[0] : '\0';
    /* Legend: the letter of the escape, what it stands for. */
    const char stands[][2] = {
        {'F', m->field}, {'S', m->component}, {'T', m->part}, {'R', m->repeat}, {'E', m->escape}};
    for (size_t i = 0; letter && i < COUNT_OF(stands); i++) {
        if (stands[i][0] != letter) continue;
        out[0] = stands[i][1];
        return 1;
    }
    if (str_is(code, ".br") || str_is(code, ".sp")) {
        out[0] = '\n';
        return 1;
    }
    if (code.len > 1 && code.at[0] == 'X') {
        return hex_text((Str){.at = code.at + 1, .len = code.len - 1}, out);
    }
    return 0;
}

Str hl7_text(Arena *a, const Hl7 *m, Str raw) {
    if (str_is(raw, "\"\"")) return (Str){0};
    char *out = arena_alloc(a, raw.len + 1);
    size_t n = 0;
    if (!out) return (Str){0};
    for (size_t i = 0; i < raw.len; i++) {
        const char *end = raw.at[i] == m->escape && i + 1 < raw.len
                              ? memchr(raw.at + i + 1, m->escape, raw.len - i - 1)
                              : NULL;
        if (!end) {
            out[n++] = raw.at[i] ? raw.at[i] : ' ';
            continue;
        }
        size_t len = (size_t)(end - raw.at) - i - 1;
        n += escape_text(m, (Str){.at = raw.at + i + 1, .len = len}, out + n);
        i += len + 1;
    }
    return str_trim((Str){.at = out, .len = n});
}

Str hl7_raw(const Hl7 *m, Str segment, size_t f, size_t c) {
    return hl7_component(m, hl7_repeat(m, hl7_field(m, segment, f), 0), c);
}

Str hl7_get(Arena *a, const Hl7 *m, Str segment, size_t f, size_t c) {
    return hl7_text(a, m, hl7_raw(m, segment, f, c));
}
