/* Items, rules, people and the owners' grants in; a Shareable and every cut out. The one way from
 * inside to outside. */
#ifndef MASH_REDACT_H
#define MASH_REDACT_H

#include "broker/release/letters.h"
#include "broker/release/policy.h"

typedef struct Item {
    Id id;
    Str owner, owner_name, owner_desk; /* desk: how to reach the owner, for a signpost */
    InfoClass class;
    Tier tier;
    bool free_text;
    bool replaced;  /* a later message of its owner says it anew: kept, never released */
    bool held;      /* its owner holds it at source: not even its words are here */
    bool corrected; /* staff wrote these words in quarantine: not the owner's, never released */
    Str text;       /* the whole of it */
    Str summary;    /* the owner's own, may be empty */
} Item;

/* The owner's word on one section, exactly as it would leave. Whoever makes one has verified the
 * signature and that it is about this recipient and purpose and not expired. */
typedef struct Grant {
    Str owner;    /* agency code */
    Hash section; /* Wanted.digest, as it was when the owner was asked */
} Grant;

/* Of one owner's words: how the children are told to it when it is asked; by which names it called
 * them itself, which are not cut in them; who may not be named in them, and whom of these it told
 * of itself: those alone are cut of what it is shown. */
typedef struct View {
    Str owner;
    const Subject *subjects, *named;
    size_t subject_count, named_count;
    const NetWord *words, *own;
    size_t word_count, own_count;
} View;

typedef struct Known Known; /* persons.h */

typedef struct Request {
    Id product_id; /* random; the digest covers it, so a preview keeps it for the release */
    Str recipient, recipient_name, recipient_type;
    Str purpose;
    Rating rating;
    Str today;
    const Subject *subjects; /* out of `known`, where that is given */
    size_t subject_count;
    const NetWord *words; /* for the words of an owner without a view, as its subjects are */
    size_t word_count;
    const View *views;
    size_t view_count;
    const Known *known; /* redact_about's; else NULL */
    const Grant *grants;
    size_t grant_count;
} Request;

/* What decided beside the rules, or instead of them. */
typedef enum KeptBy {
    KEPT_not,        /* the rules alone decided */
    KEPT_words,      /* less leaves than they allow, or nothing: its words name somebody */
    KEPT_held,       /* from here on it stays in whatever the rules say: its owner holds it */
    KEPT_corrected,  /* staff wrote it in quarantine */
    KEPT_replaced,   /* its owner has said it anew or taken it back */
    KEPT_own,        /* the recipient's own */
    KEPT_too_large,  /* its owner's words are too much for one letter */
    KEPT_unread,     /* it, or somebody whom its owner mentioned, could not be read */
    KEPT_COUNT
} KeptBy;

/* As it is written down; empty for KEPT_not. One that is not known is KEPT_unread. */
const char *kept_name(KeptBy kept);
KeptBy kept_by_name(Str name);
/* Whatever the rules say. */
bool kept_always(KeptBy kept);

typedef struct Cut {
    Id item;
    VerdictKind kind;
    const Rule *rule; /* NULL when none decided */
    const char *reason;
    KeptBy kept;
    bool authorised; /* its owner's word counted */
    /* Of a text that leaves, for the record inside and nobody else: what was cut out of it, as
     * bytes of the item's own text (`full`) or summary, and what to think of before it leaves. */
    const Span *spans;
    size_t span_count;
    const Warning *warnings;
    size_t warning_count;
} Cut;

/* More of this owner's section would leave if the owner authorised it: `rendering` is that section
 * and what it would go out under (STRUCT_rendering), nothing of another owner's; its digest is
 * what the owner signs and a Grant holds. */
typedef struct Section Section;
typedef struct Wanted {
    Str owner;
    Hash digest; /* SHA-256 of the canonical rendering */
    const Value *rendering;
    const Section *section; /* the same for the maker of the letter that asks (shareable.h) */
} Wanted;

typedef struct Redacted {
    const Shareable *product; /* NULL unless redact gave 0 */
    Cut *cuts;                /* one for each item, released ones too, in the order of `items` */
    const Wanted *wanted;     /* by owner */
    size_t wanted_count;
    /* Owners whose words leave; where there are none, who give a signpost. */
    const Str *speakers;
    size_t speaker_count;
} Redacted;

/* What leaves of an item of which only the fact may be told. {0} when the arena failed. */
Str fact_text(Arena *a, InfoClass class);

/* What may leave: a function of the released items and of at most one signpost per owner, nothing
 * else. Items are ordered by owner, class and text, never by arrival (R10).
 *
 * Of each item the fullest form leaves that its rules let out and whose words may be told. One
 * whose words for outside (its summary, or where there is none its text) hide somebody leaves in no
 * form.
 *
 * Each owner's section is made twice: as it may leave without the owner's word, and as it would
 * leave with it. The second leaves only when a grant holds the digest of exactly what its owner was
 * shown (any change of a word, child, recipient, purpose or template makes another digest); else
 * the first does, and it is silent about what waits: an item whose rule asks for the authorisation
 * gives no signpost and no lesser form, so that whoever was not asked, has not answered or has
 * refused looks like one who holds nothing. Prose that a rule shows in full without asking leaves
 * as its summary or as the fact meanwhile.
 *
 * An owner is shown its section without the cuts for those of whom others told, which are not its
 * to learn: it is asked the same whatever others say. What it granted leaves with all those cuts
 * made; where they would keep an item's words in, that leaves as it did without the grant.
 *
 * Where that is too much for one letter, the fullest owner's words give way as a whole, granted or
 * not, to a signpost to its owner (to nothing, without a desk), then the next owner's, until the
 * rest fits. Only what would leave decides which: so a rule that lets out less may make room for
 * words that were too many before, of another owner or its own. No limit of size can heed what
 * stays in and be silent about it.
 *
 * ERR_MEMORY, ERR_CRYPTO, ERR_BROKEN (one owner under two names or desks);
 * REFUSE_nothing_to_share when no owner lets anything out and no signpost is due (the cuts and
 * what is wanted are there all the same); REFUSE_too_large when no letter could hold even the
 * rest; any other refusal is schema_check's word on the request (a subject without a name, an
 * impossible birth date). */
int redact(Arena *a, const Request *request, const Item *items, size_t item_count,
           const Policy *policies, size_t policy_count, Redacted *ret) _must_check_;

/* ---- authorise.c ---------------------------------------------------------------------------- */

typedef struct AuthoriseRequest {
    Id request_id; /* random */
    Str recipient_name;
    Str expires_on, answer_by;
    const Wanted *wanted;
} AuthoriseRequest;

/* The letter to the owner who is asked. ERR_*, REFUSE_too_large, or schema_check's. */
int authorise_shareable(Arena *a, const AuthoriseRequest *q, const Shareable **ret) _must_check_;

#endif
