/* `mashctl product preview`: what would leave, on paper. No hub runs and no key is used; policies
 * and enquiry are files, and what redact and the renderings make of them is exactly what they would
 * make of the same in the hub. Standard output gets the bytes that would leave and nothing else;
 * what was withheld is told in the files of --cuts and --wanted alone. */
#include "broker/ctl/preview.h"

#include "broker/ctl/ctl.h"
#include "broker/ctl/policy.h"
#include "broker/io/clock.h"
#include "broker/release/rule.h"

#include <argp.h>

enum {
    EXIT_DONE,
    EXIT_REFUSED,
    EXIT_USAGE,
    POLICIES_MOST = 32,
    MEMORY = 512 * 1024 * 1024,
    AGENCIES_MOST = 256,
};

typedef struct Options {
    const char *policy[POLICIES_MOST];
    size_t policy_count;
    const char *enquiry, *recipient, *purpose, *format, *cuts, *wanted, *today, *seed;
} Options;

/* Everything between the command line and the bytes. */
typedef struct Preview {
    Arena *a;
    const Options *o;
    Enquiry enquiry;
    Policy *policies;
    const char **policy_file; /* beside each */
    size_t policy_count;
    Request request;
    Redacted redacted;
} Preview;

/* ---- saying why not -------------------------------------------------------------------------- */

static int refuse(const char *file, const char *sentence) {
    (void)fprintf(stderr, "mashctl: %s%s%s\n", file ? file : "", file ? ": " : "", sentence);
    return EXIT_REFUSED;
}

static int no_memory(void) {
    return refuse(NULL, "there is not enough memory for this; nothing was printed");
}

/* An option's value that is none. */
static int refuse_option(const char *option, const char *sentence) {
    (void)refuse(option, sentence);
    return EXIT_USAGE;
}

/* A word of the command line that is none of these: all of them are told. */
static int refuse_word(Arena *a, const char *option, const char *word, const Words *w) {
    Str all = arena_printf(a, "\"%s\" is not %s. Valid are: ", word, w->what);
    for (size_t i = 0; i < w->count; i++) {
        all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "", STR_ARG(w->at[i]));
    }
    return all.at ? refuse_option(option, all.at) : no_memory();
}

/* ---- reading --------------------------------------------------------------------------------- */

static int read_enquiry(Preview *p) {
    EnquiryFault fault;
    Str text;
    if (text_read(p->a, p->o->enquiry, LIMIT_RESULT, &text) != 0) return EXIT_REFUSED;
    int r = enquiry_read(p->a, text, &p->enquiry, &fault);
    if (r < 0) return no_memory();
    return r ? refuse(p->o->enquiry, fault.sentence) : 0;
}

static int policy_add(Preview *p, const Policy *policy, const char *file) {
    char sentence[120];
    for (size_t i = 0; i < p->policy_count; i++) {
        if (!str_eq(p->policies[i].owner, policy->owner)) continue;
        (void)snprintf(sentence, sizeof(sentence),
                       "%.*s has rules in another file already; one owner has one policy",
                       STR_ARG(policy->owner));
        return refuse(file, sentence);
    }
    if (p->policy_count == AGENCIES_MOST) return refuse(file, "there are more than 256 owners");
    p->policies[p->policy_count] = *policy;
    p->policy_file[p->policy_count++] = file;
    return 0;
}

static int read_policy(Preview *p, const char *file) {
    PolicyFault fault;
    Policy *its = NULL;
    size_t count = 0;
    Str text;
    if (text_read(p->a, file, PAPER_MOST, &text) != 0) return EXIT_REFUSED;
    int r = policies_parse(p->a, text, NULL, 0, &its, &count, &fault);
    if (r > 0) return refuse(file, fault.sentence);
    if (r < 0) return no_memory();
    for (size_t i = 0; i < count; i++) {
        r = policy_add(p, &its[i], file);
        if (r) return r;
    }
    return 0;
}

static int read_policies(Preview *p) {
    p->policies = arena_array(p->a, AGENCIES_MOST, sizeof(*p->policies));
    p->policy_file = arena_array(p->a, AGENCIES_MOST, sizeof(*p->policy_file));
    if (!p->policies || !p->policy_file) return no_memory();
    for (size_t i = 0; i < p->o->policy_count; i++) {
        int r = read_policy(p, p->o->policy[i]);
        if (r) return r;
    }
    return 0;
}

/* ---- the request ----------------------------------------------------------------------------- */

/* A random id would differ at every run: this one is as random to look at. */
static bool seeded_id(const char *seed, Id *ret) {
    Bytes parts[] = {BYTES_OF("mashctl product preview "), str_bytes(str_z(seed))};
    uint64_t number;
    Hash hash;
    if (!str_u64(str_z(seed), &number) || sha256(parts, 2, &hash) != 0) return false;
    memcpy(ret->at, hash.at, sizeof(ret->at));
    ret->at[6] = (uint8_t)((ret->at[6] & 0x0f) | 0x40);
    ret->at[8] = (uint8_t)((ret->at[8] & 0x3f) | 0x80);
    return true;
}

static int request_day(Preview *p) {
    char now[CLOCK_TEXT];
    p->request.today = p->enquiry.today.len ? p->enquiry.today : str_z(p->o->today);
    if (p->request.today.len == 0) {
        clock_text(clock_ms(), now);
        p->request.today = arena_str(p->a, (Str){.at = now, .len = 10});
    }
    bool valid = day_valid(p->request.today);
    return valid ? 0 : refuse_option("--today", "must be a day, written YYYY-MM-DD");
}

static int request_words(Preview *p) {
    const Options *o = p->o;
    Words known = {"an agency of this enquiry", p->enquiry.codes, p->enquiry.agency_count};
    Words purposes = words_codes(p->a, LIST_purpose, "a purpose");
    size_t at, purpose;
    if (!words_find(&known, str_z(o->recipient), &at)) {
        return refuse_word(p->a, "--recipient", o->recipient, &known);
    }
    if (!words_find(&purposes, str_z(o->purpose), &purpose)) {
        return refuse_word(p->a, "--purpose", o->purpose, &purposes);
    }
    p->request.recipient = p->enquiry.codes[at];
    p->request.recipient_name = p->enquiry.names[at];
    p->request.recipient_type = p->enquiry.types[at];
    p->request.purpose = purposes.at[purpose];
    bool seeded = seeded_id(o->seed, &p->request.product_id);
    return seeded ? 0 : refuse_option("--seed", "must be a whole number");
}

static void request_rest(Preview *p) {
    p->request.rating = p->enquiry.rating;
    p->request.grants = p->enquiry.grants;
    p->request.grant_count = p->enquiry.grant_count;
}

/* ---- redacting ------------------------------------------------------------------------------- */

static int run(Preview *p) {
    const Enquiry *e = &p->enquiry;
    Known known = {e->persons, e->person_count, e->about, e->about_count};
    return redact_about(p->a, &p->request, &known, e->items, e->item_count, p->policies,
                        p->policy_count, &p->redacted);
}

/* The grants that the file says in words: of each owner in `authorised`, what it would be asked. */
static bool grants_add(Preview *p) {
    const Redacted *r = &p->redacted;
    Words said = {"", p->enquiry.authorised, p->enquiry.authorised_count};
    Grant *grants = arena_array(p->a, p->enquiry.grant_count + r->wanted_count, sizeof(*grants));
    size_t count = p->enquiry.grant_count, index;
    if (!grants || r->wanted_count == 0) return false;
    if (count) memcpy(grants, p->enquiry.grants, count * sizeof(*grants));
    for (size_t i = 0; i < r->wanted_count; i++) {
        if (!words_find(&said, r->wanted[i].owner, &index)) continue;
        grants[count++] = (Grant){r->wanted[i].owner, r->wanted[i].digest};
    }
    p->request.grants = grants;
    p->request.grant_count = count;
    return count > p->enquiry.grant_count;
}

static int preview_run(Preview *p) {
    int r = run(p);
    if (r >= 0 && grants_add(p)) r = run(p);
    if (r < 0) return no_memory();
    return r;
}

/* ---- what is printed ------------------------------------------------------------------------- */

static Str form_msgpack(Arena *a, const Shareable *s) {
    StructKind kind;
    Bytes bytes;
    const Value *v = shareable_value(s, &kind);
    return codec_encode(a, v, &bytes) == 0 ? bytes_str(bytes) : (Str){0};
}

static Str form_json(Arena *a, const Shareable *s) {
    StructKind kind;
    const Value *v = shareable_value(s, &kind);
    Str json = codec_json(a, kind, v);
    return json.at ? arena_printf(a, "%.*s\n", STR_ARG(json)) : json;
}

static Str form_html(Arena *a, const Shareable *s) {
    (void)a;
    return shareable_html(s);
}

static Str form_text(Arena *a, const Shareable *s) {
    (void)a;
    return shareable_text(s);
}

static const Str form_names[] = {
    {"msgpack", 7}, {"json", 4}, {"html", 4}, {"text", 4}, {"fhir", 4}};
static Str (*const forms[])(Arena *a, const Shareable *s) = {form_msgpack, form_json, form_html,
                                                             form_text, shareable_fhir};

static int print_product(Preview *p, size_t form) {
    Str out = forms[form](p->a, p->redacted.product);
    if (!out.at) return no_memory();
    bool written = fwrite(out.at, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    return written ? EXIT_DONE : refuse("standard output", "cannot be written");
}

static json_t *json_text(Str s) {
    return json_stringn(s.at ? s.at : "", s.len);
}

static json_t *cut_rule(const Preview *p, const Rule *rule) {
    json_t *v = json_object();
    for (size_t i = 0; i < p->policy_count; i++) {
        if (!str_eq(p->policies[i].owner, rule->owner)) continue;
        json_object_set_new(v, "file", json_string(p->policy_file[i]));
    }
    json_object_set_new(v, "line", json_integer((json_int_t)rule->line));
    json_object_set_new(v, "sentence", json_text(rule_print(p->a, rule)));
    return v;
}

/* What was cut out of the words that leave, as bytes of the text or summary in the file. */
static json_t *cut_spans(const Cut *cut) {
    json_t *list = json_array();
    for (size_t i = 0; i < cut->span_count; i++) {
        const Span *span = &cut->spans[i];
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:s}", "from", (json_int_t)span->from, "len",
                                        (json_int_t)span->len, "kind", net_kind(span->kind)));
    }
    return list;
}

static json_t *cut_warnings(const Cut *cut) {
    json_t *list = json_array();
    for (size_t i = 0; i < cut->warning_count; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "sentence", json_string(cut->warnings[i].sentence));
        json_object_set_new(one, "words", json_text(cut->warnings[i].words));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *cut_row(const Preview *p, size_t i) {
    const Item *item = &p->enquiry.items[i];
    const Cut *cut = &p->redacted.cuts[i];
    json_t *row = json_object();
    json_object_set_new(row, "item", json_text(p->enquiry.item_ids[i]));
    json_object_set_new(row, "owner", json_text(item->owner));
    json_object_set_new(row, "class", json_string(class_name(item->class)));
    json_object_set_new(row, "verdict", json_string(verdict_name(cut->kind)));
    json_object_set_new(row, "reason", json_string(cut->reason));
    if (cut->rule) json_object_set_new(row, "rule", cut_rule(p, cut->rule));
    if (cut->span_count) json_object_set_new(row, "cut", cut_spans(cut));
    if (cut->warning_count) json_object_set_new(row, "warnings", cut_warnings(cut));
    return row;
}

static json_t *wanted_row(const Preview *p, size_t i) {
    const Wanted *w = &p->redacted.wanted[i];
    char hex[2 * HASH_LEN + 1];
    Str json = codec_json(p->a, STRUCT_rendering, w->rendering);
    hex_encode(BYTES_OF(w->digest.at), hex);
    json_t *row = json_object();
    json_object_set_new(row, "owner", json_text(w->owner));
    json_object_set_new(row, "section", json_string(hex));
    json_object_set_new(row, "rendering", json_loadb(json.at ? json.at : "", json.len, 0, NULL));
    return row;
}

/* One JSON object a line. */
static int rows_write(const Preview *p, const char *path, size_t count,
                      json_t *(*row)(const Preview *p, size_t i)) {
    FILE *out = path ? fopen(path, "we") : NULL;
    bool done = true;
    if (!path) return 0;
    for (size_t i = 0; out && i < count; i++) {
        json_t *one = row(p, i);
        done = json_dumpf(one, out, JSON_COMPACT) == 0 && putc('\n', out) != EOF && done;
        json_decref(one);
    }
    done = out && fclose(out) == 0 && done;
    return done ? 0 : refuse(path, "cannot be written");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static const char nothing[] =
    "No owner's rule lets anything of this go to that recipient for that purpose. Nothing leaves. "
    "With --cuts FILE it is written down of each item why it stays in";

static int preview(const Options *o) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Preview p = {.a = a, .o = o};
    Words known = {"a form", form_names, COUNT_OF(form_names)};
    size_t form;
    if (!a) return no_memory();
    if (!words_find(&known, str_z(o->format), &form)) {
        return refuse_word(a, "--format", o->format, &known);
    }
    int r = read_enquiry(&p);
    if (r == 0) r = read_policies(&p);
    if (r == 0) r = request_day(&p);
    if (r == 0) r = request_words(&p);
    if (r == 0) request_rest(&p);
    if (r) return r;
    r = preview_run(&p);
    const char *why = r > 0 ? reason_sentence(r) : NULL;
    if (r == REFUSE_nothing_to_share) why = nothing; /* the hub's speaks of a command of the hub */
    if (r > 0 && !p.redacted.cuts) return refuse(NULL, why);
    int e = rows_write(&p, o->cuts, p.enquiry.item_count, cut_row);
    if (e == 0) e = rows_write(&p, o->wanted, p.redacted.wanted_count, wanted_row);
    if (e) return e;
    return r ? refuse(NULL, why) : print_product(&p, form);
}

static const struct argp_option options[] = {
    {"policy", 'p', "FILE", 0, "rules, of one owner or of several; may be given again", 0},
    {"enquiry", 'e', "FILE", 0, "JSON; see schemas/examples/README.md", 0},
    {"recipient", 'r', "AGENCY", 0, "code of one of the enquiry's agencies", 0},
    {"purpose", 'u', "PURPOSE", 0, "code of the list in schemas/PROTOCOL.md", 0},
    {"format", 'f', "FORM", 0, "msgpack, json, html, text (the default) or fhir", 0},
    {"cuts", 'c', "FILE", 0, "write there what became of every item, one JSON object a line", 0},
    {"wanted", 'w', "FILE", 0, "write there what owners would be asked to authorise", 0},
    {"today", 't', "DAY", 0, "the day, where the enquiry says none; otherwise the clock's", 0},
    {"seed", 's', "N", 0, "another reference number; 1 by default", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Options *o = state->input;
    switch (key) {
    case 'p':
        if (o->policy_count == POLICIES_MOST) argp_error(state, "at most 32 policies");
        o->policy[o->policy_count++] = arg;
        return 0;
    case 'e': o->enquiry = arg; return 0;
    case 'r': o->recipient = arg; return 0;
    case 'u': o->purpose = arg; return 0;
    case 'f': o->format = arg; return 0;
    case 'c': o->cuts = arg; return 0;
    case 'w': o->wanted = arg; return 0;
    case 't': o->today = arg; return 0;
    case 's': o->seed = arg; return 0;
    case ARGP_KEY_END:
        if (!o->policy_count || !o->enquiry || !o->recipient || !o->purpose) {
            argp_error(state, "--policy, --enquiry, --recipient and --purpose are needed");
        }
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .doc = "Prints exactly the bytes that would leave for one recipient and one purpose, out of an "
           "enquiry and policies in files. No hub is asked.\v"
           "Ends with 0 when something may leave, 1 with a sentence when nothing may or a file is "
           "wrong, 2 when called wrongly.",
};

int product_preview(int argc, char **argv) {
    Options o = {.format = "text", .seed = "1"};
    argp_err_exit_status = EXIT_USAGE;
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &o); /* ends the program when it fails */
    return preview(&o);
}
