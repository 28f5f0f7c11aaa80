/* The protocol's tables as Markdown; see gen.h. Everything here is looked up by adapter authors,
 * so each name links to where it is explained. */
#include "schemas/gen.h"

#include "broker/base/cleanup.h"

#include <stdio.h>

static const struct {
    long value;
    const char *what;
} limits[] = {
    {LIMIT_HEAD, "bytes of a head, except those of the next three rows"},
    {LIMIT_ACK, "bytes of an acknowledgement's head, which holds leaves"},
    {LIMIT_COMMAND, "bytes of a command's head"},
    {LIMIT_RESULT, "bytes of a result's head"},
    {LIMIT_CONTENT, "bytes of a content frame, after its salt"},
    {LIMIT_SUBMISSION, "bytes of all frames of a submission together"},
    {LIMIT_LETTER, "bytes of a sealed letter"},
    {LIMIT_ENTRIES, "messages of one submission"},
    {LIMIT_LIST, "elements of any other list"},
    {LIMIT_DEPTH, "levels of nesting below the top"},
    {SALT_LEN, "bytes of salt at the start of a content frame, always exactly as many"},
};

/* Text in a table's cell: a bar would end the cell. */
static void cell(const char *text) {
    for (; *text; text++) {
        if (*text == '|') putchar('\\');
        putchar(*text);
    }
}

static void print_limits(void) {
    printf("\n## Limits\n\nWhat exceeds them is refused before it is read any further.\n\n"
           "| at most | of |\n|---:|---|\n");
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        printf("| %ld | %s |\n", limits[i].value, limits[i].what);
    }
}

static void print_messages(void) {
    MessageKind m;
    printf("\n## Messages\n\nThe head's `message` field holds the name. Where nobody signs, there "
           "is no signature frame.\n\n"
           "| message | way | signed by | frames after head and signature | meaning |\n"
           "|---|---|---|---|---|\n");
    for (size_t i = 0; message_kind(i, &m); i++) {
        bool is_signed = strcmp(m.signer, "none") != 0;
        printf("| [%s](#structure-%s) | %s | %s | ", m.name, m.name, m.path,
               is_signed ? m.signer : "nobody");
        cell(m.frames);
        printf(" | ");
        cell(m.doc);
        printf(" |\n");
    }
}

static void print_type(const Field *f) {
    switch (f->type) {
    case TYPE_none: return;
    case TYPE_text: printf("text, 1 to %u bytes", f->max); return;
    case TYPE_code:
        printf("code of [%s](#codes-%s)", code_list_name(f->list), code_list_name(f->list));
        return;
    case TYPE_id: printf("id, 16 bytes"); return;
    case TYPE_bytes: printf("bytes, at most %u", f->max); return;
    case TYPE_hash: printf("hash, 32 bytes"); return;
    case TYPE_time: printf("time"); return;
    case TYPE_date: printf("date"); return;
    case TYPE_number: printf("number"); return;
    case TYPE_yes: printf("true or false"); return;
    case TYPE_map:
        printf("[%s](#structure-%s)", schema_struct_name(f->of), schema_struct_name(f->of));
        return;
    }
}

static const char *count_name(const Field *f) {
    bool entries = f->of == STRUCT_entry;
    switch (f->count) {
    case COUNT_one: return "1";
    case COUNT_opt: return "0..1";
    case COUNT_many: return "list, 0..256";
    case COUNT_some: return entries ? "list, 1..64" : "list, 1..256";
    }
    return "";
}

_Static_assert(LIMIT_LIST == 256 && LIMIT_ENTRIES == 64, "count_name() says the limits in words");

static void print_struct(StructKind kind) {
    const char *doc = schema_struct_doc(kind);
    printf("\n### Structure: %s\n\n", schema_struct_name(kind));
    if (*doc) printf("%c%s.\n\n", doc[0] >= 'a' && doc[0] <= 'z' ? doc[0] - 32 : doc[0], doc + 1);
    printf("| key | field | type | count | sensitivity | meaning |\n|---:|---|---|---|---|---|\n");
    for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
        const Field *f = schema_field(kind, key);
        if (!f) continue;
        printf("| %u | %s | ", key, f->name);
        print_type(f);
        printf(" | %s | %s | ", count_name(f), sensitivity_name(f->sensitivity));
        cell(f->doc);
        printf(" |\n");
    }
}

static void print_structs(const bool reached[STRUCT_COUNT]) {
    printf("\n## Structures\n");
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        if (reached[k]) print_struct((StructKind)k);
    }
}

static void print_codes(const bool wanted[LIST_COUNT]) {
    CodeList list, last = LIST_none;
    const char *value, *doc;
    printf("\n## Codes\n\nClosed lists, spelt exactly so.\n");
    for (size_t i = 0; code_at(i, &list, &value, &doc); i++) {
        if (!wanted[list]) continue;
        if (list != last) {
            printf("\n### Codes: %s\n\n| code | meaning |\n|---|---|\n", code_list_name(list));
        }
        last = list;
        printf("| `%s` | ", value);
        cell(doc);
        printf(" |\n");
    }
}

static void print_reasons(void) {
    printf("\n## Reasons\n\nWhy something is refused or put in quarantine. The list only grows; "
           "show the sentence to a person.\n\n| reason | sentence |\n|---|---|\n");
    for (int i = REFUSE_none + 1; i < REASON_COUNT; i++) {
        printf("| `%s` | ", reason_name(i));
        cell(reason_sentence(i));
        printf(" |\n");
    }
}

static void print_classes(void) {
    printf("\n## Information classes\n\nWhat a `narrative` is about, in its `class`. The default "
           "tier applies when the owner chose none.\n\n"
           "| class | sensitivity | default tier | meaning | for example |\n"
           "|---|---|---|---|---|\n");
    for (int i = CLASS_none + 1; i < CLASS_COUNT; i++) {
        InfoClass c = (InfoClass)i;
        printf("| `%s` | %s | %s | ", class_name(c), sensitivity_name(class_sensitivity(c)),
               tier_name(class_default_tier(c)));
        cell(class_doc(c));
        printf(" | ");
        cell(class_example(c));
        printf(" |\n");
    }
}

void gen_protocol(void) {
    bool reached[STRUCT_COUNT] = {false}, all[LIST_COUNT];
    StructKind top;
    memset(all, true, sizeof(all));
    for (size_t i = 0; gen_top(i, &top); i++) gen_reach(top, reached);
    print_limits();
    print_messages();
    print_structs(reached);
    print_codes(all);
    print_reasons();
    print_classes();
}

void gen_paper(void) {
    bool reached[STRUCT_COUNT] = {false}, used[LIST_COUNT] = {[LIST_purpose] = true};
    gen_reach(STRUCT_enquiry, reached);
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        for (uint32_t key = 0; reached[k] && key <= FIELD_KEY_MAX; key++) {
            const Field *f = schema_field((StructKind)k, key);
            if (f && f->type == TYPE_code) used[f->list] = true;
        }
    }
    print_structs(reached);
    print_codes(used);
    print_classes();
}
