/* Any bytes as what a trust's system sends: the MLLP framing, then an HL7 message. What is taken
 * fits the schema; every message gets an answer, and it is one line of segments. */
#include "adapters/common/mapping.h"
#include "adapters/health/mllp.h"
#include "adapters/health/referral.h"
#include "tests/fuzz/adapter_kit.h"

static void message(Arena *a, Bytes in) {
    Hl7 m;
    Hl7Fault fault = {.code = HL7_internal, .segment = "MSH"};
    Draft d;
    Fault schema;
    bool guessed;
    if (!hl7_parse(hl7_decode(a, in, &guessed), &m)) {
        MUST(hl7_ack(a, NULL, "AR", &fault, STR("0"), 0).len > 0);
        return;
    }
    MUST(hl7_ack(a, &m, "AA", NULL, STR("0"), 0).len > 0);
    MUST(hl7_ack(a, &m, "AE", &fault, STR("0"), 0).len > 0);
    if (!hl7_accepts(&fuzz_identity, &m, &fault)) {
        MUST(fault.code != HL7_fine);
        return;
    }
    int r = hl7_referral(a, &fuzz_identity, &m, in, guessed, 1795356000000, &d, &fault);
    if (r != 0) return;
    draft_fit(&d);
    MUST(schema_check(STRUCT_referral, d.referral, &schema) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    _cleanup_(arena_freep) Arena *a = arena_new(FUZZ_ARENA);
    Bytes in = bytes_of(at, len), inner = {0};
    int64_t used = mllp_frame(in, &inner);
    MUST(used >= -1 && used <= (int64_t)len);
    if (used > 0) MUST(inner.len < len);
    message(a, used > 0 ? inner : in);
    return 0;
}
