/* The table of what needs no hub; see offline.h. */
#include "broker/ctl/offline.h"

#include "broker/base/cleanup.h"
#include "broker/ctl/link.h"
#include "broker/ctl/policy.h"
#include "broker/ctl/preview.h"

#include <string.h>

static const Offline commands[] = {
    {"policy", "check", policy_check_run, "FILE [--day DAY] [--print] [--strict] [--agencies FILE]",
     "is it understood; what contradicts, stands twice, is dead, has ended"},
    {"policy", "diff", policy_diff_run, "OLD NEW [--agencies FILE]",
     "exactly which combinations would newly leave, or no longer: all of them are tried"},
    {"policy", "matrix", policy_matrix_run,
     "FILE [--format text|csv|html] [--day DAY] [--purpose PURPOSE] [--agencies FILE]",
     "what of each class may go to whom"},
    {"policy", "explain", policy_explain_run,
     "FILE --class CLASS --recipient AGENCY --type TYPE --purpose PURPOSE [--owner AGENCY] ...",
     "why such an item goes or stays: every rule that was considered"},
    {"policy", "words", policy_words_run, "",
     "the words that a rule may hold, with what they mean and examples"},
    {"policy", "sign", policy_sign_run,
     "TEXT owner=AGENCY version=N realm=REALM [from=DAY] --key FILE",
     "sign a policy into TEXT.sig; version: the one that it will be; from: the day it begins"},
    {"product", "preview", product_preview,
     "--policy FILE --enquiry FILE --recipient AGENCY --purpose PURPOSE [--format FORM] ...",
     "the bytes that would leave, out of files (schemas/ENQUIRY.md)"},
    {"link", "trial", link_trial_run,
     "--in PEOPLE --out DECISIONS [--seed N] [--preset cautious|balanced] [--pairs FILE] ...",
     "who is who in a table of people: the hub's own matching, tried before it goes live"},
    {"people-sign", NULL, people_sign_run,
     "SIGNATURES realm=REALM agency=AGENCY act=ACT ... --key FILE",
     "sign an act of your agency's people: enrol, rotate, revoke, delegate, withdraw"},
    {"authorise-sign", NULL, authorise_sign_run, "FILE --key FILE [--refuse REASON]",
     "give your agency's word on what authorise-show printed, or the adapter's desk has"},
    {"choice-sign", NULL, choice_sign_run, "FILE owner=AGENCY realm=REALM --key FILE",
     "endorse your agency's choice that keeps a thing in silently, or at its source"},
};

static int words_of(const Offline *o) {
    return o->name ? 2 : 1;
}

const Offline *offline_find(int argc, char **argv) {
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const Offline *o = &commands[i];
        bool is = argc > words_of(o) && strcmp(argv[1], o->group) == 0 &&
                  (!o->name || strcmp(argv[2], o->name) == 0);
        if (is) return o;
    }
    return NULL;
}

/* What the hub does for a group of what is done on paper. */
static const char with_hub[] = "rehearse (asks the hub)";

bool offline_lost(int argc, char **argv) {
    const char *before = "";
    bool group = false;
    if (argc < 2 || (argc > 2 && argv[2][0] == '-')) return false;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        group |= commands[i].name && strcmp(commands[i].group, argv[1]) == 0;
    }
    bool policy = strcmp(argv[1], "policy") == 0;
    if (!group || (policy && argc > 2 && strcmp(argv[2], "rehearse") == 0)) return false;
    (void)fprintf(stderr, "mashctl: %s: ", argv[1]);
    if (argc > 2) (void)fprintf(stderr, "\"%s\" is nothing that it does; ", argv[2]);
    (void)fprintf(stderr, "%s ", argc > 2 ? "use" : "say what it is to do: use");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (strcmp(commands[i].group, argv[1]) != 0) continue;
        (void)fprintf(stderr, "%s%s", before, commands[i].name);
        before = ", ";
    }
    (void)fprintf(stderr, "%s%s. `mashctl help` says what each is for\n", policy ? ", " : "",
                  policy ? with_hub : "");
    return true;
}

/* "group name", or the one word. */
static void name_print(const Offline *o, char out[64]) {
    (void)snprintf(out, 64, "%s%s%s", o->group, o->name ? " " : "", o->name ? o->name : "");
}

int offline_run(const Offline *o, int argc, char **argv) {
    char name[64], whole[80];
    name_print(o, name);
    (void)snprintf(whole, sizeof(whole), "mashctl %s", name);
    argv[words_of(o)] = whole; /* what argp calls the program */
    return o->run(argc - words_of(o), argv + words_of(o));
}

void offline_help(FILE *out) {
    char name[64];
    (void)fprintf(out, "\nOn paper, without a hub (each tells more with --help):\n\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        name_print(&commands[i], name);
        (void)fprintf(out, "%s %s\n    %s\n", name, commands[i].usage, commands[i].doc);
    }
}
