/* Items, rules and people in; a Shareable and every cut out. The one way from inside to outside. */
#ifndef MASH_REDACT_H
#define MASH_REDACT_H

#include "broker/release/detect.h"
#include "broker/release/policy.h"

/* ---- redact.c ------------------------------------------------------------------------------- */

typedef struct Item {
    Id id;
    Str owner, owner_name, owner_desk; /* desk: how to reach the owner, for a signpost */
    InfoClass class;
    Tier tier;
    bool free_text;
    bool authorised; /* the owner signed these exact words for this recipient and purpose */
    bool replaced;   /* a later message of its owner says it anew: kept, never released */
    bool corrected;  /* staff wrote these words in quarantine: not the owner's, never released */
    Str text;        /* the whole of it */
    Str summary;     /* the owner's own, may be empty */
} Item;

/* The one scheme of number that agencies of this type use themselves ("upn"); {0}: none. No other
 * number of a subject leaves. */
Str identifier_scheme(Str agency_type);

typedef struct Cut {
    Id item;
    VerdictKind kind;
    const Rule *rule; /* NULL when none decided */
    const char *reason;
} Cut;

typedef struct Request {
    Id product_id; /* random; the digest covers it, so a preview keeps it for the release */
    Str recipient, recipient_name, recipient_type;
    Str purpose;
    Rating rating;
    Str today;
    const Subject *subjects;
    size_t subject_count;
    const Str *forbidden; /* names and numbers that must not leave: informants, third parties */
    size_t forbidden_count;
} Request;

/* What may leave. A function of the released items and of at most one signpost per owner, nothing
 * else: items are ordered by owner, class and text, never by arrival (R10). redact is one of the
 * two makers; the other is check_shareable, for a check's minimum identity. */
typedef struct Shareable Shareable;

/* Every item gets exactly one Cut, in the order of `items` (released ones too, with what was
 * shown). ERR_MEMORY, ERR_CRYPTO, ERR_BROKEN (one owner under two names or desks);
 * REFUSE_nothing_to_share when no owner lets anything out and no signpost is due;
 * REFUSE_too_large when no letter could hold it; any other refusal is schema_check's word on the
 * request (a subject without a name, an impossible birth date). */
int redact(Arena *a, const Request *request, const Item *items, size_t item_count,
           const Policy *policies, size_t policy_count, const Shareable **ret, Cut **ret_cuts)
    _must_check_;
bool shareable_digest(const Shareable *s, Hash *ret); /* SHA-256 of its canonical value */

/* ---- product.c ------------------------------------------------------------------------------ */

Str shareable_text(const Shareable *s);
Str shareable_html(const Shareable *s); /* one complete page, no script, no outside reference */
/* The `letter` value for the courier: kind product or check. */
Value *shareable_letter(Arena *a, const Shareable *s, const Id *letter_id, Str realm);

typedef struct CheckRequest {
    Id check_id; /* random */
    Str agency, gateway, threshold, family_informed, question, answer_by;
    const Subject *subjects;
    size_t subject_count;
    const Str *forbidden; /* names and numbers that must not leave: informants, third parties */
    size_t forbidden_count;
} CheckRequest;

/* REFUSE_gateway_missing, REFUSE_threshold_missing, REFUSE_family_missing, REFUSE_question_names
 * when the question holds what is forbidden, or schema_check's. */
int check_shareable(Arena *a, const CheckRequest *check, const Shareable **ret) _must_check_;
Str shareable_recipient(const Shareable *s);

#endif
