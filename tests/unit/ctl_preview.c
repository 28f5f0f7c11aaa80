/* A product on paper: the examples come to what stands beside them, a wrong file is told where it
 * is wrong, and nothing that stays in shows on standard output or error, or in the exit code. */
#include "broker/ctl/preview.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>

static Arena *arena;
static void begin(void) {
    arena = arena_new(512 << 20);
}
static void end(void) {
    arena_free(arena);
}
TestSuite(preview, .init = begin, .fini = end);

/* ---- running it ------------------------------------------------------------------------------ */

typedef struct Run {
    int code;
    Str out, err;
} Run;

static Str file_whole(const char *path) {
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    char *at = arena_alloc(arena, 1 << 17);
    cr_assert(f && at, "%s", path);
    size_t len = fread(at, 1, 1 << 17, f);
    return arena_str(arena, (Str){.at = at, .len = len});
}

static const char *file_new(Str text) {
    char *path = strdup("preview-XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len);
    (void)close(fd);
    return path;
}

static Str file_taken(const char *path) {
    Str text = file_whole(path);
    (void)unlink(path);
    return text;
}

/* Standard output and error go to files meanwhile. */
static Run preview(const char *policy, const char *enquiry, const char *form, const char *cuts) {
    const char *out = file_new((Str){.at = ""}), *err = file_new((Str){.at = ""});
    char *argv[] = {"preview",
                    "--policy",
                    (char *)(uintptr_t)policy,
                    "--enquiry",
                    (char *)(uintptr_t)enquiry,
                    "--recipient",
                    "education",
                    "--purpose",
                    "safeguarding_assessment",
                    "--format",
                    (char *)(uintptr_t)form,
                    "--cuts",
                    (char *)(uintptr_t)cuts,
                    NULL};
    int argc = cuts ? 13 : 11, kept[2] = {dup(1), dup(2)};
    (void)fflush(NULL);
    (void)dup2(open(out, O_WRONLY), 1);
    (void)dup2(open(err, O_WRONLY), 2);
    if (!cuts) argv[11] = NULL;
    Run r = {.code = product_preview(argc, argv)};
    (void)fflush(NULL);
    (void)dup2(kept[0], 1);
    (void)dup2(kept[1], 2);
    r.out = file_taken(out);
    r.err = file_taken(err);
    return r;
}

static const char owners[] = "schemas/examples/owners.policy";

static Run preview_text(Str json, const char *form) {
    const char *enquiry = file_new(json);
    Run r = preview(owners, enquiry, form, NULL);
    (void)unlink(enquiry);
    return r;
}

/* ---- the examples ---------------------------------------------------------------------------- */

static const char *const examples[] = {"rules", "authorised", "withheld"};
static const char *const all_forms[] = {"text", "html", "json", "msgpack", "fhir"};

Test(preview, the_examples_come_to_what_stands_beside_them) {
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        char enquiry[80], cuts[] = "preview-cuts", wanted[90];
        (void)snprintf(enquiry, sizeof(enquiry), "schemas/examples/%s.json", examples[i]);
        for (size_t k = 0; k < COUNT_OF(all_forms); k++) {
            (void)snprintf(wanted, sizeof(wanted), "schemas/examples/expected/%s.%s", examples[i],
                           all_forms[k]);
            Run r = preview(owners, enquiry, all_forms[k], cuts);
            cr_expect(r.code == 0 && r.err.len == 0, "%.*s", STR_ARG(r.err));
            cr_expect(str_eq(r.out, file_whole(wanted)), "%s is not what it was", wanted);
        }
        (void)snprintf(wanted, sizeof(wanted), "schemas/examples/expected/%s.cuts", examples[i]);
        cr_expect(str_eq(file_taken(cuts), file_whole(wanted)), "%s", wanted);
    }
}

/* ---- a wrong file ---------------------------------------------------------------------------- */

/* Every case replaces the first `old` of a good file by `new`. */
static const char good[] =
    "{\"today\":\"2026-11-22\",\"rating\":\"red\",\"agencies\":["
    "{\"code\":\"police\",\"name\":\"Eastmarch Police\",\"type\":\"police\",\"desk\":\"desk\"},"
    "{\"code\":\"education\",\"name\":\"Garnet School\",\"type\":\"school\"}],"
    "\"people\":[{\"ref\":\"leah\",\"subject\":true,\"names\":[{\"given\":\"Leah\"}],"
    "\"birth_date\":\"2016-04-02\"}],"
    "\"items\":[{\"id\":\"a\",\"owner\":\"police\",\"class\":\"risk_factor\",\"free_text\":false,"
    "\"tier\":\"share\",\"text\":\"alone\",\"about\":[\"leah\"]},"
    "{\"id\":\"b\",\"owner\":\"police\",\"class\":\"intelligence\",\"text\":\"x\"}],"
    "\"grants\":[{\"owner\":\"police\",\"section\":"
    "\"0000000000000000000000000000000000000000000000000000000000000000\"}]}";

static const struct {
    const char *old, *new, *sentence;
} wrong[] = {
    {"\"rating\"", "\"ratting\"",
     "\"ratting\" is not a field that can stand here; did you mean "
     "rating?"},
    {"\"red\"", "\"read\"", "rating: \"read\" is not a word of its list; did you mean red?"},
    {"\"red\"", "7", "rating: must be one word of its list, in quotation marks"},
    {"\"2026-11-22\"", "\"2026-11\"", "today: must be a whole day, written YYYY-MM-DD"},
    {"\"2026-11-22\"", "\"2026-02-30\"", "today: is no day of the calendar"},
    {"\"owner\":\"police\"", "\"owner\":\"polce\"",
     "items[0].owner: \"polce\" is not an agency of this enquiry; did you mean police?"},
    {"\"owner\":\"police\",", "", "items[0].owner: must be given, and is missing or empty"},
    {"\"owner\":\"police\"", "\"owner\":\"\"", "items[0].owner: must be given"},
    {"\"risk_factor\"", "\"risk_facter\"",
     "items[0].class: \"risk_facter\" is not an information class; did you mean risk_factor?"},
    {"\"class\":\"risk", "\"clas\":\"risk",
     "items[0]: \"clas\" is not a field that can stand here; did you mean class?"},
    {"\"share\"", "\"shre\"",
     "items[0].tier: \"shre\" is not a word of its list; did you mean share?"},
    {"\"text\":\"alone\"", "\"text\":[\"alone\"]",
     "items[0].text: must be text in quotation marks"},
    {"\"free_text\":false", "\"free_text\":\"no\"",
     "items[0].free_text: must be true or false, without quotation marks"},
    {"\"id\":\"b\"", "\"id\":\"a\"",
     "items[1].id: items[0] has the same already; give each its own"},
    {"\"code\":\"education\"", "\"code\":\"police\"", "agencies[1].code: agencies[0] has the same"},
    {"[\"leah\"]", "[\"lea\"]",
     "items[0].about[0]: \"lea\" is not the ref of somebody in people; did you mean leah?"},
    {"[\"leah\"]", "\"leah\"", "items[0].about: must be a list, [...], of text"},
    {"\"subject\":true", "\"subject\":false", "people: nobody is the subject"},
    {"\"type\":\"school\"", "\"type\":\"skool\"",
     "agencies[1].type: \"skool\" is not a word of its list; did you mean school?"},
    {"{\"given\":\"Leah\"}", "\"Leah\"", "people[0].names[0]: must be an object: {...}"},
    {"\"given\"", "\"first\"", "people[0].names[0]: \"first\" is not a field that can stand here"},
    {"000\"}]}", "00\"}]}", "grants[0].section: must be 64 hexadecimal digits"},
    {"\"owner\":\"police\",\"section\"", "\"owner\":\"police2\",\"section\"",
     "grants[0].owner: \"police2\" is not an agency of this enquiry; did you mean police?"},
    {"\"today\":", "\"today\":\"2026-11-22\",\"today\":", "one object holds the same name twice"},
    {"}]}", "}]", "line 1, column "},
    {"{\"today\"", "[{\"today\"", "line 1, column "},
    {"\"items\":[", "\"items\":[7,", "items[0]: must be an object: {...}"},
    {"\"birth_date\":\"2016-04-02\"", "\"birth_date\":\"2nd April\"",
     "people[0].birth_date: is no day of the calendar"},
};

static Str replaced(const char *whole, const char *old, const char *new) {
    size_t at = 0;
    Str text = str_z(whole);
    cr_assert(str_find(text, str_z(old), &at), "%s", old);
    return arena_printf(arena, "%.*s%s%s", (int)at, whole, new, whole + at + strlen(old));
}

Test(preview, a_wrong_file_is_told_where_and_what_would_be_right) {
    cr_assert(preview_text(str_z(good), "text").code == 0);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        Run r = preview_text(replaced(good, wrong[i].old, wrong[i].new), "text");
        size_t at, lines = 0;
        for (size_t k = 0; k < r.err.len; k++) lines += r.err.at[k] == '\n';
        cr_expect(r.code == 1 && r.out.len == 0 && lines == 1, "case %zu: %d, %zu lines", i, r.code,
                  lines);
        cr_expect(str_find(r.err, str_z(wrong[i].sentence), &at), "case %zu: %.*s", i,
                  STR_ARG(r.err));
    }
}

Test(preview, a_list_or_a_text_that_is_too_long_is_told) {
    Str much = arena_printf(arena, "%*s", 20001, "x"), many = STR("");
    size_t at;
    Str text = replaced(good, "alone", much.at);
    Run r = preview_text(text, "text");
    cr_expect(r.code == 1);
    cr_expect(str_find(r.err, STR("items[0].text: is longer than 20000 bytes"), &at));
    for (int i = 0; i < 257; i++) many = arena_printf(arena, "%.*s{},", STR_ARG(many));
    many = arena_printf(arena, "\"items\":[%.*s", STR_ARG(many));
    r = preview_text(replaced(good, "\"items\":[", many.at), "text");
    cr_expect(r.code == 1 && str_find(r.err, STR("items: has more than 256 elements"), &at));
}

/* ---- awkward words that leave -------------------------------------------------------------------
 */

/* Whatever an agency writes, the FHIR form is one JSON document of the same shape, its divisions
 * hold no other element, and no form holds what steers a screen. */
Test(preview, no_words_break_out_of_a_form) {
    static const char *const awkward[] = {
        "\\\"}],\\\"resourceType\\\":\\\"Bundle\\\"",
        "<script>alert(1)</script>",
        "</div></p>&#x41;]]>",
        "MSH|^~\\\\&|x\\rPID|1",
        "a\\u202eb\\u2066c\\u0085d\\u0007e\\uffff",
        "\\u2028\\u2029\\ttab\\nline",
        "e\\u0301\\u200d",
    };
    static const char *const marks[] = {"\xe2\x80\xae", "\xe2\x81\xa6", "\xc2\x85", "\x07",
                                        "<script"};
    size_t at;
    for (size_t i = 0; i < COUNT_OF(awkward); i++) {
        Str text = replaced(good, "alone", awkward[i]);
        for (size_t k = 0; k < COUNT_OF(all_forms); k++) {
            Run r = preview_text(text, all_forms[k]);
            cr_assert(r.code == 0, "case %zu: %.*s", i, STR_ARG(r.err));
            bool rendered = strcmp(all_forms[k], "msgpack") && strcmp(all_forms[k], "json");
            for (size_t m = 0; rendered && m < COUNT_OF(marks); m++) {
                bool plain = !strcmp(all_forms[k], "text") && marks[m][0] == '<';
                cr_expect(plain || !str_find(r.out, str_z(marks[m]), &at), "case %zu as %s", i,
                          all_forms[k]);
            }
            if (strcmp(all_forms[k], "fhir") && strcmp(all_forms[k], "json")) continue;
            json_t *json = json_loadb(r.out.at, r.out.len, JSON_REJECT_DUPLICATES, NULL);
            cr_assert(json, "case %zu is no JSON as %s", i, all_forms[k]);
            json_t *entries = json_object_get(json, "entry");
            cr_expect(!entries || json_array_size(entries) == 2, "case %zu", i);
            json_decref(json);
        }
    }
}

/* ---- what stays in does not show ------------------------------------------------------------- */

/* Another text, summary, tier or item that stays in, or another order: nobody can tell. */
static const struct {
    const char *old, *new;
} withheld[] = {
    {"\"text\":\"x\"", "\"text\":\"CANARY and much more of it, <b> \\\"&\\u202e\\u0007\""},
    {"\"text\":\"x\"", "\"text\":\"\""},
    {",\"text\":\"x\"", ""},
    {"\"text\":\"x\"", "\"summary\":\"CANARY\",\"tier\":\"silent\",\"text\":\"x\""},
    {"{\"id\":\"b\"", "{\"id\":\"CANARY\""},
    {",{\"id\":\"b\",\"owner\":\"police\",\"class\":\"intelligence\",\"text\":\"x\"}", ""},
    {"\"items\":[", "\"items\":[{\"id\":\"c\",\"owner\":\"education\",\"class\":\"concern\","
                    "\"text\":\"CANARY\"},"},
    {"\"items\":[", "\"items\":[{\"id\":\"c\",\"owner\":\"police\",\"class\":\"offence\","
                    "\"text\":\"CANARY\"},"},
    {"\"people\":[", "\"people\":[{\"ref\":\"n\",\"roles\":[\"informant\"],\"names\":[{\"family\":"
                     "\"Canaryson\"}]},"},
    {"\"agencies\":[",
     "\"agencies\":[{\"code\":\"canary\",\"name\":\"CANARY\",\"type\":\"police\"},"},
    {",\"grants\":[{\"owner\":\"police\",\"section\":"
     "\"0000000000000000000000000000000000000000000000000000000000000000\"}]",
     ""},
};

Test(preview, what_stays_in_shows_in_no_form) {
    for (size_t k = 0; k < COUNT_OF(all_forms); k++) {
        Run plain = preview_text(str_z(good), all_forms[k]);
        cr_assert(plain.code == 0 && plain.out.len > 0);
        for (size_t i = 0; i < COUNT_OF(withheld); i++) {
            Run r = preview_text(replaced(good, withheld[i].old, withheld[i].new), all_forms[k]);
            cr_expect(r.code == 0 && r.err.len == 0, "case %zu: %.*s", i, STR_ARG(r.err));
            cr_expect(str_eq(r.out, plain.out), "case %zu differs as %s", i, all_forms[k]);
        }
    }
}

Test(preview, when_nothing_may_leave_the_sentence_is_the_same_whatever_stays) {
    Str none = replaced(good, "\"tier\":\"share\"", "\"tier\":\"silent\"");
    Run plain = preview_text(none, "text");
    cr_assert(plain.code == 1 && plain.out.len == 0 && plain.err.len > 0);
    for (size_t i = 0; i < COUNT_OF(withheld); i++) {
        Run r = preview_text(replaced(none.at, withheld[i].old, withheld[i].new), "fhir");
        cr_expect(r.code == 1 && r.out.len == 0 && str_eq(r.err, plain.err), "case %zu: %.*s", i,
                  STR_ARG(r.err));
    }
}
