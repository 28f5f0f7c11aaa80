/* Building a canonical referral out of a native message, the same way in every profile. A concern
 * that is merely odd is taken: a helper leaves out what it cannot use and adds a warning that names
 * the place and never the value. Whole native messages up to 64 KiB travel along as `raw`, so that
 * leaving out loses nothing. Helpers tolerate a failed arena; keep_referral asks once. */
#ifndef MASH_MAPPING_H
#define MASH_MAPPING_H

#include "adapters/common/identity.h"
#include "schemas/codec.h"

typedef struct Draft {
    Arena *arena;
    const Identity *self;
    Value *referral;
    Str native;    /* scheme and reference: what makes two messages the same one */
    Bytes content; /* the native bytes */
    bool immediate;
    unsigned persons;
} Draft;

/* Starts a referral of category `referral`, priority `routine`, parents_aware `unknown`; each is
 * changed with draft_code. `profile` is the mapping's name and version. */
int draft_open(Arena *a, const Identity *self, Str profile, Bytes native, int64_t now_ms,
               Draft *ret) _must_check_;

void draft_code(Draft *d, uint32_t key, Str code); /* sets or replaces a text of the referral */
/* The first one also makes the native reference that the spool knows the message by. */
void draft_reference(Draft *d, Str scheme, Str value);
/* authored_at, and occurred_from when `occurred`; the time of receipt with a warning when empty. */
void draft_times(Draft *d, Str authored, Str occurred, const char *path);
void draft_source_agency(Draft *d, Str scheme, Str code); /* empty: as the settings say */
void draft_referrer(Draft *d, Str name, Str role, Str identifier);
void draft_warn(Draft *d, const char *code, const char *path, const char *sentence);
void draft_risk(Draft *d, Str code, Str certainty, Str source_text);
void draft_concern(Draft *d, Str code);
void draft_flag(Draft *d, Str scheme, Str code);
void draft_assessment(Draft *d, Str tool, Str rating);
/* One item; longer than a narrative may be is split. With a summary of the owner's own words the
 * tier is the agency's summary_tier, unless `tier` says otherwise. Returns the (first) narrative.
 */
Value *draft_narrative(Draft *d, Str info_class, Str text, Str summary, Str tier);

/* A new person with ref p1, p2, ... */
Value *draft_person(Draft *d, Str role);
void person_name(Draft *d, Value *person, Str family, Str given);
/* Checks the digits where the scheme has some. */
void person_identifier(Draft *d, Value *person, Str scheme, Str value, Str issuer,
                       const char *path);
/* `iso` may be partial; empty while `sent` is not: a warning. */
void person_birth(Draft *d, Value *person, Str sent, Str iso, const char *path);
void person_phone(Draft *d, Value *person, Str number);
void person_address(Draft *d, Value *person, Str line, Str town, Str postcode, Str uprn);

/* Shortens what is longer than the schema allows: lists at their limit, texts
 * between characters, each with a warning. keep_referral calls it. */
void draft_fit(Draft *d);

/* UTF-8 as it is; anything else is read as ISO 8859-1 and ret_guessed set. NUL becomes a space. */
Str text_utf8(Arena *a, Bytes b, bool *ret_guessed);
/* "MEI" -> "Mei", "O'DOWD" -> "O'Dowd"; a name with any small letter is left as it is. */
Str text_name(Arena *a, Str s);

#endif
