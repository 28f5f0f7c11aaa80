/* One message cut into drafts of items: each piece has one information class, so that its owner's
 * rules can decide about it alone. Pure.
 *
 * Facts are sentences composed here from fields and code lists; the sender's own words are drafts
 * of their own, marked as free text, so that prose never leaves under cover of a fact (R11). */
#ifndef MASH_DRAFTS_H
#define MASH_DRAFTS_H

#include "schemas/schema.h"
#include "schemas/value.h"

typedef struct Draft {
    InfoClass class;
    Tier tier; /* TIER_none: the owner gave none, the class's default holds */
    bool free_text;
    Value *content; /* STRUCT_item_content, but for the message_id, which the pipeline adds */
} Draft;

/* Every piece of a STRUCT_referral or STRUCT_answer, in the order of its fields; never none.
 * ERR_MEMORY. */
int drafts_make(Arena *a, StructKind kind, const Value *message, Draft **ret,
                size_t *ret_count) _must_check_;

#endif
