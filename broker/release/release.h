/* Release: what leaves the hub leaves by its owner's word. Pure, the smallest and best-tested code:
 * no database, no sockets, no clock, no log. Read in this order:
 *
 *   sentence  one rule, one line of closed vocabulary <-> one Rule row, round trip exact
 *   policy    rules -> a Verdict for one item; no rule withholds, never beats allow (R9, R11)
 *   detect    finds names in text that must not leave; may only add cuts
 *   redact    items + verdicts -> Shareable and the list of cuts (R10, R12)
 *   product   Shareable -> text, HTML and the letter's value
 *
 * Everything failing ends in withhold (R25). */
#ifndef MASH_RELEASE_H
#define MASH_RELEASE_H

#include "broker/base/arena.h"
#include "broker/base/id.h"
#include "schemas/codec.h"

/* ---- sentence.c ----------------------------------------------------------------------------- */

/* One rule. Texts are codes of the closed vocabulary; dates are "YYYY-MM-DD".
 *
 *   police allow incident to go to any school for safeguarding_assessment when rating is amber
 *     or higher; show summary; from 2026-09-01 until 2027-08-31
 *   police never allow intelligence to go to anyone
 *   health never allow sexual_health to go to any school; signpost
 *   police allow offence to go to agency education for safeguarding_assessment when rating is any;
 *     show full; owner authorises; from 2026-09-01 until 2027-08-31
 *
 * One line each in a file; "#" starts a comment line; blank lines are free. */
typedef enum RecipientKind { RECIPIENT_anyone, RECIPIENT_type, RECIPIENT_agency } RecipientKind;
typedef enum Show { SHOW_none, SHOW_full, SHOW_summary, SHOW_fact } Show;
typedef enum Rating { RATING_none, RATING_green, RATING_amber, RATING_red } Rating;

typedef struct Rule {
    Str owner;      /* agency code */
    bool never;     /* else allow */
    InfoClass class;
    RecipientKind recipient_kind;
    Str recipient;  /* agency type or agency code; empty for anyone (never-rules only) */
    Str purpose;    /* empty in a never-rule: every purpose */
    Rating least;   /* RATING_none: any */
    Show show;      /* allow only */
    bool signpost;  /* never-rules: tell the recipient whom to ask */
    bool owner_authorises;
    Str from, until; /* allow: both, at most 366 days apart; never: from alone, or none */
    size_t line;    /* in the text, from 1 */
} Rule;

/* What is wrong in a policy text: the line, the word, a sentence with the nearest valid words. */
typedef struct PolicyFault {
    size_t line;
    char word[40];
    char sentence[240];
} PolicyFault;

/* `agencies` are the known agency codes. REFUSE_policy_wrong with ret_fault; ERR_MEMORY. Every rule
 * must name `owner`. Contradictions (the same case both allowed and forbidden by rules of equal
 * scope) are refused here, when the rule is saved. */
int policy_parse(Arena *a, Str text, Str owner, const Str *agencies, size_t agency_count,
                 Rule **ret, size_t *ret_count, PolicyFault *ret_fault) _must_check_;
/* The one spelling of a rule: parse(print(r)) == r. {0} when the arena failed. */
Str rule_print(Arena *a, const Rule *r);

/* ---- policy.c ------------------------------------------------------------------------------- */

/* The rules of one owner's version in force. Digest: SHA-256 of the text that was signed. */
typedef struct Policy {
    Str owner;
    Hash digest;
    const Rule *rules;
    size_t count;
} Policy;

/* What is asked: may this class of this owner go to that recipient for that purpose today. */
typedef struct Question {
    Str owner;
    InfoClass class;
    Tier tier; /* TIER_none: the owner gave none, the class's default holds */
    Str recipient, recipient_type;
    Str purpose;
    Rating rating;
    Str today; /* "YYYY-MM-DD" */
    bool has_summary; /* the owner wrote a summary */
    bool free_text;   /* the item is prose: full needs an authorised rendering */
    bool authorised;  /* the owner signed this exact rendering */
} Question;

typedef enum VerdictKind {
    VERDICT_silent,   /* withheld, nothing shows outside */
    VERDICT_signpost, /* withheld, the recipient may be told whom to ask */
    VERDICT_fact,
    VERDICT_summary,
    VERDICT_full
} VerdictKind;

/* The answer to one question; policy_ask is its only maker. */
typedef struct Verdict Verdict;
VerdictKind verdict_kind(const Verdict *v);
const Rule *verdict_rule(const Verdict *v);  /* NULL: no rule decided */
const char *verdict_reason(const Verdict *v); /* a fixed sentence, for insiders only */
/* The owner's withheld form, silent or signpost: what to do when something later withholds it. */
VerdictKind verdict_withheld(const Verdict *v);

/* Never fails open: anything unknown, missing, expired or ambiguous withholds. NULL only when the
 * arena failed (which withholds everything). `policies` may hold several owners'; two versions of
 * one owner are ambiguous. */
const Verdict *policy_ask(Arena *a, const Policy *policies, size_t count, const Question *q);

/* ---- detect.c ------------------------------------------------------------------------------- */

/* True when `text` holds one of `words` after folding (case, accents, marks that do not show), as
 * whole words; also a name's words in reversed order, and digits of an identifier run together.
 * False when nothing was found; true also when anything fails (R25). */
bool detect_any(Arena *a, Str text, const Str *words, size_t count);

typedef struct Subject {
    Str name, birth_date; /* birth date may be empty */
    Str identifier_scheme, identifier; /* only one that the recipient itself uses; may be empty */
} Subject;

/* `words` without what only names one of the subjects, who may be named. Takes and gives their
 * number; the arena has failed when NULL comes back. */
const Str *detect_words(Arena *a, const Subject *subjects, size_t subject_count, const Str *words,
                        size_t *count);

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
