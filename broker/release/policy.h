/* The owners' rules and what they say. Default deny: no rule withholds, never beats allow, order
 * means nothing, and whatever is unknown, missing, expired, unsound or ambiguous withholds (R9,
 * R25). */
#ifndef MASH_POLICY_H
#define MASH_POLICY_H

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

#endif
