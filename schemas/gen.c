/* schema-gen: prints what is derived from the .def tables. It writes no file itself; `make gen`
 * says where each view goes. A build tool only: no program of the hub contains it. */
#include "schemas/gen.h"

#include "broker/base/cleanup.h"

static const StructKind contents[] = {
    STRUCT_referral,     STRUCT_answer,           STRUCT_authorisation,   STRUCT_choice,
    STRUCT_correction,   STRUCT_confirmation,     STRUCT_signpost_question,
    STRUCT_signpost_reply, STRUCT_letter,
};
static const StructKind papers[] = {STRUCT_enquiry}; /* never travel: not in PROTOCOL.md */

bool gen_top(size_t i, StructKind *ret) {
    MessageKind m;
    size_t heads = 0;
    while (message_kind(heads, &m)) heads++;
    if (i < heads) {
        (void)message_kind(i, &m);
        *ret = m.head;
        return true;
    }
    if (i - heads >= COUNT_OF(contents)) return false;
    *ret = contents[i - heads];
    return true;
}

static bool json_top(size_t i, StructKind *ret) {
    size_t tops = 0;
    while (gen_top(tops, ret)) tops++;
    if (i < tops) return gen_top(i, ret);
    if (i - tops >= COUNT_OF(papers)) return false;
    *ret = papers[i - tops];
    return true;
}

void gen_reach(StructKind kind, bool reached[STRUCT_COUNT]) {
    if (reached[kind]) return;
    reached[kind] = true;
    for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
        const Field *f = schema_field(kind, key);
        if (f && f->type == TYPE_map) gen_reach(f->of, reached);
    }
}

const char *sensitivity_name(Sensitivity s) {
    static const char *const names[] = {"K0", "K1", "K2", "K3", "K4"};
    return names[s];
}

/* The introduction is prose and is written by hand; it goes first, as it stands. */
static int print_file(const char *path) {
    _cleanup_(file_closep) FILE *in = fopen(path, "r");
    if (!in) {
        perror(path);
        return 1;
    }
    for (int c = getc(in); c != EOF; c = getc(in)) putchar(c);
    return ferror(in) ? 1 : 0;
}

static int print_protocol(const char *intro) {
    if (print_file(intro) != 0) return 1;
    gen_protocol();
    return 0;
}

static int print_paper(const char *intro) {
    if (print_file(intro) != 0) return 1;
    gen_paper();
    return 0;
}

static int print_json(const char *name) {
    StructKind top;
    for (size_t i = 0; json_top(i, &top); i++) {
        if (strcmp(schema_struct_name(top), name) != 0) continue;
        gen_json(top);
        return 0;
    }
    fprintf(stderr, "schema-gen: no structure \"%s\" stands on its own\n", name);
    return 1;
}

static int print_names(void) {
    StructKind top;
    for (size_t i = 0; json_top(i, &top); i++) puts(schema_struct_name(top));
    return 0;
}

static int usage(void) {
    fputs("usage: schema-gen sql | protocol INTRODUCTION | paper INTRODUCTION | json NAME |\n"
          "                  names\n",
          stderr);
    return 2;
}

static int run(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "protocol") == 0) return print_protocol(argv[2]);
    if (argc == 3 && strcmp(argv[1], "paper") == 0) return print_paper(argv[2]);
    if (argc == 3 && strcmp(argv[1], "json") == 0) return print_json(argv[2]);
    if (argc == 2 && strcmp(argv[1], "names") == 0) return print_names();
    if (argc != 2 || strcmp(argv[1], "sql") != 0) return usage();
    gen_sql();
    return 0;
}

int main(int argc, char **argv) {
    int r = run(argc, argv);
    return fflush(stdout) == 0 ? r : 1;
}
