/* The health profile: REF^I12 (new), I13 (changed) and I14 (cancelled) of HL7 2.3 to 2.8 as a
 * canonical referral, and the acknowledgement that goes back. */
#ifndef MASH_HEALTH_REFERRAL_H
#define MASH_HEALTH_REFERRAL_H

#include "adapters/common/mapping.h"
#include "adapters/health/hl7.h"

/* Table 0357, as far as it is used. */
typedef enum Hl7Code {
    HL7_fine = 0,
    HL7_segment_sequence = 100,
    HL7_field_missing = 101,
    HL7_data_type = 102,
    HL7_table_value = 103,
    HL7_message_type = 200,
    HL7_event = 201,
    HL7_processing = 202,
    HL7_version = 203,
    HL7_internal = 207,
} Hl7Code;

/* Why a message is not taken: names a segment and a field, never what stood there. */
typedef struct Hl7Fault {
    Hl7Code code;
    char segment[4];
    int field; /* 0: the segment itself */
} Hl7Fault;

/* The message's own bytes as text: MSH-18 or what the bytes show. */
Str hl7_decode(Arena *a, Bytes message, bool *ret_guessed);

/* May this message be taken at all: type, event, version, processing id, who and what. */
bool hl7_accepts(const Identity *self, const Hl7 *m, Hl7Fault *ret_fault);

/* The referral category of an event of table 0003; NULL when it is none of ours. */
const char *hl7_category(Str event);

/* 0 and the draft; 1 with the fault; negative. `m` has passed hl7_accepts. */
int hl7_referral(Arena *a, const Identity *self, const Hl7 *m, Bytes native, bool guessed,
                 int64_t now_ms, Draft *ret, Hl7Fault *ret_fault) _must_check_;

/* An ACK to `m`, without MLLP framing. `code` is AA, AE or AR; `fault` NULL with AA. The time and
 * `control_id` are given, so that the same message gets the same bytes again. `m` NULL: the header
 * could not be read. */
Str hl7_ack(Arena *a, const Hl7 *m, const char *code, const Hl7Fault *fault, Str control_id,
            int64_t at_ms);
/* AE: the content is at fault, do not send it again as it is; AR: structure, version or busy. */
const char *hl7_ack_code(Hl7Code code);

#endif
