/* A product on paper: an enquiry out of a file, as redact wants it. Inside mashctl only. */
#ifndef MASH_CTL_PREVIEW_H
#define MASH_CTL_PREVIEW_H

#include "broker/release/release.h"
#include "broker/release/words.h"

/* What is wrong, in one sentence that begins with where: "items[3].class: ...". */
typedef struct EnquiryFault {
    char sentence[600];
} EnquiryFault;

typedef struct Enquiry {
    Str today; /* empty: the file does not say */
    Rating rating;
    Str *codes, *names, *types, *desks; /* of the agencies */
    size_t agency_count;
    Person *persons;
    size_t person_count;
    Id *about; /* the subjects' person_id */
    size_t about_count;
    Item *items;
    Str *item_ids; /* as the file calls them */
    size_t item_count;
    Grant *grants;
    size_t grant_count;
    Str *authorised;
    size_t authorised_count;
} Enquiry;

/* ---- preview_read.c ------------------------------------------------------------------------- */

/* Of a text of at most LIMIT_RESULT bytes (the caller says it is too large); a mark of the order of
 * bytes before it is left aside. 0 and the enquiry (schemas/fields.def, `enquiry`),
 * REFUSE_argument_wrong with ret_fault, or ERR_MEMORY. A closed world: whatever is not known is
 * refused. */
int enquiry_read(Arena *a, Str text, Enquiry *ret, EnquiryFault *ret_fault) _must_check_;
/* The place of a code; false when the enquiry knows no such agency. */
bool enquiry_agency_find(const Enquiry *p, Str code, size_t *ret_index);

/* ---- preview_fault.c ------------------------------------------------------------------------ */

/* Says what json_read found, with the nearest words that would have been right. */
void fault_json(Arena *a, Str text, const Fault *fault, EnquiryFault *ret);
/* "<path>: <sentence>"; always REFUSE_argument_wrong. */
int fault_enquiry(EnquiryFault *ret, const char *path, const char *sentence);
/* The same of a word that is none of these. */
int fault_choice(EnquiryFault *ret, const char *path, Str word, const Words *w);

/* ---- preview.c ------------------------------------------------------------------------------ */

/* `mashctl product preview ...`; returns the program's exit code. */
int product_preview(int argc, char **argv);

#endif
