/* See take.h. */
#include "adapters/health/take.h"

#include "adapters/common/keep.h"
#include "adapters/health/referral.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

static Str nack(Arena *a, const Hl7 *m, const Hl7Fault *fault) {
    log_event(LOG_warn, "hl7_not_taken", "code=%d segment=%s field=%d", (int)fault->code,
              fault->segment, fault->field);
    return hl7_ack(a, m, hl7_ack_code(fault->code), fault, STR("0"), clock_ms());
}

/* Time and control id are those of the first storing. */
static Str ack(Arena *a, const Hl7 *m, const Kept *kept) {
    char id[ID_TEXT];
    id_text(kept->message_id, id);
    Str control = arena_printf(a, "%.8s%.4s%.4s%.4s", id, id + 9, id + 14, id + 19);
    return hl7_ack(a, m, "AA", NULL, control, kept->stored_ms);
}

Str hl7_take(const Identity *self, Spool *spool, Arena *a, Bytes message) {
    Hl7 *m = arena_alloc(a, sizeof(*m));
    Hl7Fault fault = {.code = HL7_segment_sequence, .segment = "MSH"};
    bool guessed;
    Draft draft;
    Fault schema_fault;
    Kept kept;
    if (!m) return (Str){0};
    if (!hl7_parse(hl7_decode(a, message, &guessed), m)) return nack(a, NULL, &fault);
    if (!hl7_accepts(self, m, &fault)) return nack(a, m, &fault);
    int64_t now = clock_ms();
    int r = hl7_referral(a, self, m, message, guessed, now, &draft, &fault);
    if (r > 0) return nack(a, m, &fault);
    if (r == 0) r = keep_referral(spool, &draft, now, &kept, &schema_fault);
    if (r == 0) return ack(a, m, &kept);
    fault = (Hl7Fault){.code = r > 0 ? HL7_data_type : HL7_internal, .segment = "MSH"};
    log_event(LOG_error, "hl7_not_stored", "why=\"%s\"", r > 0 ? reason_name(r) : err_name(r));
    return nack(a, m, &fault);
}
