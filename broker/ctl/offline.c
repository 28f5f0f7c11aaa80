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
};

const Offline *offline_find(int argc, char **argv) {
    for (size_t i = 0; argc > 2 && i < COUNT_OF(commands); i++) {
        bool is = strcmp(argv[1], commands[i].group) == 0 && strcmp(argv[2], commands[i].name) == 0;
        if (is) return &commands[i];
    }
    return NULL;
}

int offline_run(const Offline *o, int argc, char **argv) {
    char name[64];
    (void)snprintf(name, sizeof(name), "mashctl %s %s", o->group, o->name);
    argv[2] = name; /* what argp calls the program */
    return o->run(argc - 2, argv + 2);
}

void offline_help(FILE *out) {
    (void)fprintf(out, "\nOn paper, without a hub (each tells more with --help):\n\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        (void)fprintf(out, "%s %s %s\n    %s\n", commands[i].group, commands[i].name,
                      commands[i].usage, commands[i].doc);
    }
}
