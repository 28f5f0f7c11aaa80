/* Inside the release room only: the forms in which one item may leave, without whom and what its
 * words name. The rules say which form is the most; the words say which of those may be told. */
#ifndef MASH_FORMS_H
#define MASH_FORMS_H

#include "broker/release/redact.h"

typedef struct Words {
    Str text; /* as it leaves */
    const Span *spans;
    size_t span_count;
    const Warning *warnings;
    size_t warning_count;
    const char *why; /* it stays in; NULL: it may leave */
    bool hides;      /* somebody who may not be known to stand there; or it cannot be told */
    bool keeps;      /* somebody whom its owner told of itself, or it cannot be told */
    bool read;       /* all of the above is known */
} Words;

/* Of one item; each of its texts is searched at most once, and only at need. */
typedef struct Forms {
    Arena *arena, *scratch;
    const Net *net;
    const Item *item;
    bool seen; /* its owner is shown them, not staff: nobody is warned */
    Words text, summary, fact;
} Forms;

/* The fullest form, `form` at most, whose words may be told: `form` becomes which it is, and
 * `ret_why` why it is not what was asked for, or NULL. NULL: the item leaves in no form at all. */
const Words *forms_fullest(Forms *f, VerdictKind *form, const char **ret_why);
/* The words of this form alone, with these spans of it (as Cut has them) cut out, too. NULL: they
 * may not leave, and `ret_why`. */
const Words *forms_again(Forms *f, VerdictKind form, const Span *cut, size_t count,
                         const char **ret_why);

#endif
