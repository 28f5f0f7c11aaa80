/* What verdicts and recipients are called, and `mashctl policy words`: the vocabulary of rules, for
 * whoever writes one. */
#include "broker/ctl/offline.h"
#include "broker/ctl/policy.h"

#include <argp.h>

const char *verdict_phrase(VerdictKind kind) {
    switch (kind) {
    case VERDICT_silent: return "withheld silently";
    case VERDICT_signpost: return "withheld, with a signpost";
    case VERDICT_fact: return "the fact";
    case VERDICT_summary: return "the summary";
    case VERDICT_full: return "in full";
    }
    return "";
}

Str recipient_text(Arena *a, const Recipient *r) {
    if (str_is(r->agency, UNNAMED)) return arena_printf(a, "any %.*s", STR_ARG(r->type));
    return arena_printf(a, "agency %.*s", STR_ARG(r->agency));
}

static void print_classes(void) {
    (void)printf(
        "Information classes, and what becomes of one that the owner chose no tier for:\n");
    for (int i = CLASS_none + 1; i < CLASS_COUNT; i++) {
        InfoClass c = (InfoClass)i;
        (void)printf("  %-20s %-9s %s\n  %-20s %-9s for example: %s\n", class_name(c),
                     tier_name(class_default_tier(c)), class_doc(c), "", "", class_example(c));
    }
}

static void print_codes(CodeList list, const char *title) {
    CodeList its;
    const char *value, *doc;
    (void)printf("\n%s:\n", title);
    for (size_t i = 0; code_at(i, &its, &value, &doc); i++) {
        if (its == list) (void)printf("  %-24s%s%s\n", value, *doc ? " " : "", doc);
    }
}

static error_t option(int key, char *arg, struct argp_state *state) {
    (void)arg; /* the command takes none */
    if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
    argp_usage(state);
    return 0;
}

int policy_words_run(int argc, char **argv) {
    static const struct argp command_line = {.parser = option,
                                             .doc = "Lists the words that a rule may hold."};
    (void)argp_parse(&command_line, argc, argv, 0, NULL, NULL);
    print_classes();
    print_codes(LIST_agency_type, "Types of agency, after \"any\"");
    print_codes(LIST_purpose, "Purposes");
    print_codes(LIST_role, "Roles of people, in an enquiry on paper");
    print_codes(LIST_identifier, "Schemes of identifiers, in an enquiry on paper");
    (void)printf("\nRatings: any, green or higher, amber or higher, red\n"
                 "What to show: full, summary, fact\n"
                 "Obligations: owner authorises, signpost (in this order)\n\n"
                 "police allow incident to go to any school for early_help when rating is amber or "
                 "higher; show summary; owner authorises; signpost; from 2026-09-01 until "
                 "2027-08-31\n"
                 "police never allow intelligence to go to anyone\n"
                 "police never allow offence to go to any school; signpost; from 2026-09-01\n");
    return OFFLINE_DONE;
}
