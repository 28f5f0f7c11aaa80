/* The acknowledgement that goes back to the sender (HL7 chapter 2, original mode). What it echoes
 * is what the standard demands: the header's names, exchanged, and the control id. See referral.h.
 */
#include "adapters/health/referral.h"

#include <time.h>

static const char *code_words(Hl7Code code) {
    switch (code) {
    case HL7_fine: return "Message accepted";
    case HL7_segment_sequence: return "Segment sequence error";
    case HL7_field_missing: return "Required field missing";
    case HL7_data_type: return "Data type error";
    case HL7_table_value: return "Table value not found";
    case HL7_message_type: return "Unsupported message type";
    case HL7_event: return "Unsupported event code";
    case HL7_processing: return "Unsupported processing id";
    case HL7_version: return "Unsupported version id";
    case HL7_internal: return "Application internal error";
    }
    return "Application internal error";
}

const char *hl7_ack_code(Hl7Code code) {
    if (code == HL7_fine) return "AA";
    return code >= HL7_message_type ? "AR" : "AE";
}

/* A header's field as it came, short and printable: sender and receiver go back exchanged, the
 * control id as it was. */
static Str header(const Hl7 *m, size_t n) {
    Str s = m ? hl7_field(m, m->segment[0], n) : (Str){0};
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.at[i] < 0x20) return (Str){0};
    }
    return s.len <= 199 ? s : (Str){0};
}

/* A mark of the shape as the sender writes it. */
static char mark(const Hl7 *m, char c) {
    static const char usual[] = "|^~\\&";
    if (!m) return c;
    const char own[] = {m->field, m->component, m->repeat, m->escape, m->part};
    const char *at = c ? strchr(usual, c) : NULL;
    return at ? own[at - usual] : c;
}

/* The shape in usual delimiters, which become the sender's own; each $ is the next value. */
static Str ack_line(Arena *a, const Hl7 *m, Str before, const char *shape, const Str *values) {
    size_t len = before.len + strlen(shape), n = before.len, next = 0;
    for (const char *at = shape; *at; at++) len += *at == '$' ? values[next++].len : 0;
    char *out = arena_alloc(a, len + 1);
    if (!out) return (Str){0};
    if (n) memcpy(out, before.at, n);
    next = 0;
    for (const char *at = shape; *at; at++) {
        if (*at != '$') {
            out[n++] = mark(m, *at);
            continue;
        }
        if (values[next].len) memcpy(out + n, values[next].at, values[next].len);
        n += values[next++].len;
    }
    return (Str){.at = out, .len = n};
}

static Str ack_time(Arena *a, int64_t at_ms) {
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm t;
    char at[24] = "";
    (void)gmtime_r(&seconds, &t);
    (void)strftime(at, sizeof(at), "%Y%m%d%H%M%S+0000", &t);
    return arena_str(a, str_z(at));
}

static Str number_text(Arena *a, int n) {
    return arena_printf(a, "%d", n);
}

Str hl7_ack(Arena *a, const Hl7 *m, const char *code, const Hl7Fault *fault, Str control_id,
            int64_t at_ms) {
    Str event = m ? hl7_raw(m, m->segment[0], 9, 2) : (Str){0}, version = header(m, 12);
    bool known = hl7_category(event) != NULL;
    if (version.len == 0) version = STR("2.4");
    const Str head[] = {header(m, 5),       header(m, 6),
                        header(m, 3),       header(m, 4),
                        ack_time(a, at_ms), known ? event : (Str){0},
                        control_id,         version};
    Str ack = ack_line(
        a, m, (Str){0},
        known ? "MSH|^~\\&|$|$|$|$|$||ACK^$|$|P|$\r" : "MSH|^~\\&|$|$|$|$|$||ACK$|$|P|$\r", head);
    const Str answer[] = {str_z(code), header(m, 10)};
    if (!fault) return ack_line(a, m, ack, "MSA|$|$\r", answer);
    Str place = str_z(fault->segment), words = str_z(code_words(fault->code));
    Str field = number_text(a, fault->field), number = number_text(a, (int)fault->code);
    const Str said[] = {answer[0], answer[1], place, field, words};
    ack = ack_line(a, m, ack, "MSA|$|$|$-$: $\r", said);
    /* From 2.5 the error has fields of its own; before, components of one. */
    bool late = version.len >= 3 && version.at[2] >= '5';
    const Str error[] = {place, field, number, words};
    return ack_line(a, m, ack, late ? "ERR||$^1^$|$^$^HL70357|E\r" : "ERR|$^1^$^$&$&HL70357\r",
                    error);
}
