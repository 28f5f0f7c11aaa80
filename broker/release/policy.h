/* The owners' rules and what they say. Default deny: no rule withholds, never beats allow, order
 * means nothing, and whatever is unknown, missing, expired, unsound or ambiguous withholds (R9,
 * R25). What a rule shows is a ceiling: where the item has no such form, or its prose is not
 * authorised, the next lesser form leaves, so that a stricter rule or tier never lets more out. */
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
 *     show full; owner authorises; signpost; from 2026-09-01 until 2027-08-31
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
    Show show;      /* allow only: the most that it shows */
    bool signpost;  /* the recipient is told whom to ask: never: instead; allow: as well */
    bool owner_authorises; /* allow only: nothing leaves before, in no form */
    Str from, until; /* allow: both, twelve months at most; never: from alone, or none */
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

/* The rules of one owner's version in force. Digest: SHA-256 of the text that was signed. */
typedef struct Policy {
    Str owner;
    Hash digest;
    const Rule *rules;
    size_t count;
} Policy;

/* A text on paper, with the rules of any number of owners: one Policy each, in the order in which
 * they come, the lines counted in the whole text. `agencies` NULL: every well-formed code is taken
 * for an agency. As policy_parse, and ERR_CRYPTO. */
int policies_parse(Arena *a, Str text, const Str *agencies, size_t agency_count, Policy **ret,
                   size_t *ret_count, PolicyFault *ret_fault) _must_check_;

/* ---- policy.c ------------------------------------------------------------------------------- */

/* What is asked: may this class of this owner go to that recipient for that purpose today. */
typedef struct Question {
    Str owner;
    InfoClass class;
    Tier tier; /* TIER_none: the owner gave none, the class's default holds */
    Str recipient, recipient_type;
    Str purpose;
    Rating rating;
    Str today; /* "YYYY-MM-DD" */
    bool has_summary; /* the owner wrote a summary; else the fact stands in its place */
    bool free_text;   /* the item is prose: full needs an authorised rendering, less does not */
    bool authorised;  /* the owner signed this exact rendering */
    bool has_desk;    /* the owner has a desk to name, so that a signpost can lead there */
} Question;

typedef enum VerdictKind {
    VERDICT_silent,   /* withheld, nothing shows outside */
    VERDICT_signpost, /* withheld, the recipient may be told whom to ask */
    VERDICT_fact,
    VERDICT_summary,
    VERDICT_full
} VerdictKind;

/* The answer to one question; policy_ask and verdicts_at below are its makers. */
typedef struct Verdict Verdict;
VerdictKind verdict_kind(const Verdict *v);
const char *verdict_name(VerdictKind kind);   /* "summary", as mash.cut has it */
VerdictKind verdict_by_name(Str name);        /* VERDICT_silent for what is none */
const Rule *verdict_rule(const Verdict *v);  /* NULL: no rule decided */
const char *verdict_reason(const Verdict *v); /* a fixed sentence, for insiders only */
/* The owner's withheld form, silent or signpost: what to do when something later withholds it. */
VerdictKind verdict_withheld(const Verdict *v);
/* The recipient is to be told whom to ask: instead of the item, or, where a rule that releases it
 * says so, as well. A rule whose signpost has no desk to lead to releases nothing: who asks with
 * has_desk must honour this. */
bool verdict_signposts(const Verdict *v);

/* Never fails open: anything unknown, missing, expired or ambiguous withholds. NULL only when the
 * arena failed (which withholds everything). `policies` may hold several owners'; two versions of
 * one owner are ambiguous. */
const Verdict *policy_ask(Arena *a, const Policy *policies, size_t count, const Question *q);

/* What one rule says of a case, for the person who asks why. */
typedef struct Considered {
    const Rule *rule;
    const char *because; /* a fixed sentence */
    bool decides;        /* forbids, or releases */
} Considered;

/* Every rule of the owner about the item's class, in the order of lines; none when the question or
 * the policy is unsound. ERR_MEMORY. */
int policy_consider(Arena *a, const Policy *policies, size_t count, const Question *q,
                    Considered **ret, size_t *ret_count) _must_check_;

/* ---- verdicts.c ----------------------------------------------------------------------------- */

enum {
    TIER_COUNT = TIER_silent + 1,
    ITEM_summary = 1, /* has_summary */
    ITEM_free_text = 2,
    ITEM_authorised = 4,
    ITEM_desk = 8, /* has_desk */
    ITEM_FLAGS = 16
};

/* policy_ask, compiled for a recipient, purpose, rating and day: then one item is a look-up. What
 * `base` says of an item is left aside; it and the policies are borrowed. A case is decided
 * when it is first asked for, into `a`, which must live as long; where that fails, verdicts_at
 * withholds and arena_failed(a) says so. NULL when the arena failed here. */
typedef struct Verdicts Verdicts;
const Verdicts *verdicts_compile(Arena *a, const Policy *policies, size_t count,
                                 const Question *base);
const Verdict *verdicts_at(const Verdicts *v, InfoClass class, Tier tier, unsigned flags);

#endif
