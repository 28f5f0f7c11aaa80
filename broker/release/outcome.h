/* Inside the release room only: what becomes of one item. */
#ifndef MASH_OUTCOME_H
#define MASH_OUTCOME_H

#include "broker/release/redact.h"

/* Its cut, the words of it that leave, and whether its rule asks for a signpost beside them. */
typedef struct Outcome {
    Cut cut;
    Str text;
    bool signposts;
} Outcome;

/* What items are weighed with. */
typedef struct Scales {
    Arena *arena;
    Arena *scratch; /* for detection, which folds much text; wiped after each text */
    Str recipient;
} Scales;

/* What decides of it before its words are looked at: `kept`, whatever the rules say, or the
 * verdicts without its owner's word and with it. */
typedef struct Judged {
    KeptBy kept;
    const Verdict *without, *with;
} Judged;

/* `verdicts` of the item's owner. */
Judged item_judge(const Scales *s, const Verdicts *verdicts, const Item *item);
/* Its owner's word may let more of it out. */
bool judged_waits(const Judged *j);

/* How it leaves without its owner's word and with it; and how its owner is shown the latter when it
 * is asked (`seen`), without the cuts for those of whom others told. */
typedef struct Weighed {
    Outcome plain, whole, seen;
    bool more; /* of what is seen, more would leave with it */
} Weighed;

/* `net` is for its owner's words, `own` for what the owner is shown of them; nothing is seen where
 * it is not asked (`asked`). With its word leaves what it has seen, with whatever cuts the whole
 * net adds; and where that would keep those words in, what leaves without it. */
void item_weigh(const Scales *s, const Item *item, const Judged *j, bool asked, const Net *net,
                const Net *own, Weighed *ret);

/* What staff are told of it; NULL for KEPT_not, KEPT_words and KEPT_unread: whoever says that these
 * keep it in says why. */
const char *kept_reason(KeptBy kept);

#endif
