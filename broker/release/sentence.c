/* Policy sentences, the form that staff read, compare and sign:
 *
 *   <owner> allow <class> to go to <recipient> for <purpose> when rating is <rating>;
 *       show <show>; [owner authorises;] from <day> until <day>
 *   <owner> never allow <class> to go to <recipient> [for <purpose>] [; signpost] [; from <day>]
 *
 *   recipient   any <agency type> | agency <agency> | anyone (never only)
 *   rating      any | green or higher | amber or higher | red
 *
 * There is one spelling of each rule and no freedom but white space, so that what was signed can
 * mean only one thing. Nothing is guessed: one word that does not fit refuses the whole text. */
#include "broker/release/rule.h"
#include "broker/release/words.h"

#define WORD(z) \
    { .at = (z), .len = sizeof(z) - 1 }
#define NEXT_WORD "the next word of the sentence"
#define CHOICE(array) \
    { .what = NEXT_WORD, .at = (array), .count = COUNT_OF(array) }

static const Str act_words[] = {WORD("allow"), WORD("never")};
static const Str recipient_words[] = {WORD("any"), WORD("agency"), WORD("anyone")};
static const Str rating_words[] = {WORD("any"), WORD("green"), WORD("amber"), WORD("red")};
static const Str show_words[] = {WORD("full"), WORD("summary"), WORD("fact")};
static const Str allow_tail_words[] = {WORD("from"), WORD("owner")};
static const Str never_tail_words[] = {WORD("from"), WORD("signpost")};

static const Words acts = CHOICE(act_words);
static const Words recipients = CHOICE(recipient_words);
static const Words ratings = {"a rating", rating_words, COUNT_OF(rating_words)};
static const Words shows = {"something to show", show_words, COUNT_OF(show_words)};
static const Words allow_tails = CHOICE(allow_tail_words);
static const Words never_tails = CHOICE(never_tail_words);

typedef struct Parser {
    Str rest; /* of the line */
    size_t line;
    PolicyFault *fault;
    Words owner, agencies, classes, types, purposes;
} Parser;

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

/* A semicolon is a word of its own; empty at the end of the line. */
static Str peek(Parser *p) {
    while (p->rest.len && is_space(p->rest.at[0])) {
        p->rest.at++;
        p->rest.len--;
    }
    size_t len = 0;
    while (len < p->rest.len && !is_space(p->rest.at[len]) && p->rest.at[len] != ';') len++;
    if (len == 0 && p->rest.len) len = 1;
    return (Str){.at = p->rest.at, .len = len};
}

static Str next(Parser *p) {
    Str word = peek(p);
    p->rest.at += word.len;
    p->rest.len -= word.len;
    return word;
}

static bool refuse(Parser *p, Str word, const char *sentence) {
    fault_say(p->fault, p->line, word, sentence);
    return false;
}

/* Takes the next word when it is `z`. */
static bool accept(Parser *p, const char *z) {
    bool is = str_is(peek(p), z);
    if (is) (void)next(p); /* looked at already */
    return is;
}

/* Takes the next word, which must be one of `w`. */
static bool choose(Parser *p, const Words *w, size_t *ret_index, Str *ret_word) {
    Str word = next(p);
    if (!words_find(w, word, ret_index)) {
        fault_word(p->fault, p->line, word, w);
        return false;
    }
    *ret_word = word;
    return true;
}

static bool code(Parser *p, const Words *w, Str *ret) {
    size_t i;
    return choose(p, w, &i, ret);
}

/* Takes these very words. */
static bool phrase(Parser *p, const char *words) {
    Str rest = str_z(words), one, word;
    while (str_split(&rest, ' ', &one)) {
        Words only = {.what = NEXT_WORD, .at = &one, .count = 1};
        if (!code(p, &only, &word)) return false;
    }
    return true;
}

static bool day(Parser *p, Str *ret) {
    *ret = next(p);
    return day_valid(*ret) || refuse(p, *ret, "is not a day of the calendar, written YYYY-MM-DD");
}

static bool end(Parser *p) {
    Str word = peek(p);
    return word.len == 0 || refuse(p, word, "comes after the end of the rule");
}

static bool parse_class(Parser *p, Rule *r) {
    Str word;
    size_t i;
    if (!choose(p, &p->classes, &i, &word)) return false;
    r->class = class_by_name(word);
    return true;
}

static bool parse_recipient(Parser *p, Rule *r) {
    static const RecipientKind kinds[] = {RECIPIENT_type, RECIPIENT_agency, RECIPIENT_anyone};
    Str word;
    size_t i;
    if (!choose(p, &recipients, &i, &word)) return false;
    r->recipient_kind = kinds[i];
    switch (r->recipient_kind) {
    case RECIPIENT_type: return code(p, &p->types, &r->recipient);
    case RECIPIENT_agency: return code(p, &p->agencies, &r->recipient);
    case RECIPIENT_anyone:
        return r->never || refuse(p, word, "may stand only in a rule that says never");
    }
    return false;
}

static bool parse_rating(Parser *p, Rule *r) {
    Str word;
    size_t i;
    if (!choose(p, &ratings, &i, &word)) return false;
    r->least = (Rating)i; /* rating_words stand in the order of Rating */
    bool open = r->least == RATING_green || r->least == RATING_amber;
    return !open || phrase(p, "or higher");
}

static bool parse_show(Parser *p, Rule *r) {
    Str word;
    size_t i;
    if (!choose(p, &shows, &i, &word)) return false;
    r->show = (Show)(i + 1); /* show_words stand in the order of Show, which begins with none */
    return true;
}

static bool parse_validity(Parser *p, Rule *r) {
    Str word;
    size_t i;
    if (!choose(p, &allow_tails, &i, &word)) return false;
    r->owner_authorises = i == 1;
    if (r->owner_authorises && !phrase(p, "authorises ; from")) return false;
    if (!day(p, &r->from) || !phrase(p, "until") || !day(p, &r->until)) return false;
    long days = days_between(r->from, r->until);
    if (days < 0) return refuse(p, r->until, "is before the day on which the rule begins");
    bool short_enough = days <= RULE_DAYS_MAX;
    return short_enough || refuse(p, r->until, "is more than 366 days after the first day");
}

static bool parse_allow(Parser *p, Rule *r) {
    return phrase(p, "for") && code(p, &p->purposes, &r->purpose) && phrase(p, "when rating is") &&
           parse_rating(p, r) && phrase(p, "; show") && parse_show(p, r) && phrase(p, ";") &&
           parse_validity(p, r) && end(p);
}

static bool parse_never(Parser *p, Rule *r) {
    Str word;
    size_t i;
    if (accept(p, "for") && !code(p, &p->purposes, &r->purpose)) return false;
    if (!accept(p, ";")) return end(p);
    if (!choose(p, &never_tails, &i, &word)) return false;
    r->signpost = i == 1;
    if (r->signpost && !accept(p, ";")) return end(p);
    if (r->signpost && !phrase(p, "from")) return false;
    return day(p, &r->from) && end(p);
}

static bool parse_rule(Parser *p, Rule *r) {
    Str word;
    size_t act;
    if (!code(p, &p->owner, &r->owner) || !choose(p, &acts, &act, &word)) return false;
    r->never = act == 1;
    if (r->never && !phrase(p, "allow")) return false;
    if (!parse_class(p, r) || !phrase(p, "to go to") || !parse_recipient(p, r)) return false;
    return r->never ? parse_never(p, r) : parse_allow(p, r);
}

/* The never-rule forbids, at equal scope, some day of what the allow-rule allows. A never-rule of
 * wider scope (anyone, or any school against one school) is no contradiction: it simply wins. */
static bool contradicts(const Rule *never, const Rule *allow) {
    if (!never->never || allow->never || never->class != allow->class) return false;
    bool scope = never->recipient_kind == allow->recipient_kind &&
                 str_eq(never->recipient, allow->recipient);
    bool purpose = never->purpose.len == 0 || str_eq(never->purpose, allow->purpose);
    bool later = never->from.len && day_before(allow->until, never->from);
    return scope && purpose && !later;
}

static bool consistent(Parser *p, const Rule *rules, size_t count) {
    char sentence[sizeof(p->fault->sentence)];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!contradicts(&rules[i], &rules[k]) && !contradicts(&rules[k], &rules[i])) continue;
            p->line = rules[i].line;
            (void)snprintf(sentence, sizeof(sentence),
                           "is allowed and never allowed to the same recipient: lines %zu and %zu "
                           "contradict each other; remove one",
                           rules[k].line, rules[i].line);
            return refuse(p, str_z(class_name(rules[i].class)), sentence);
        }
    }
    return true;
}

int policy_parse(Arena *a, Str text, Str owner, const Str *agencies, size_t agency_count,
                 Rule **ret, size_t *ret_count, PolicyFault *ret_fault) {
    *ret_fault = (PolicyFault){0};
    Str rest = arena_str(a, text), line; /* rules borrow from this copy, and live with the arena */
    Rule *rules = arena_array(a, RULES_MAX, sizeof(*rules));
    size_t count = 0;
    Parser p = {
        .fault = ret_fault,
        .owner = {"the agency whose policy this is", &owner, 1},
        .agencies = {"an agency known here", agencies, agency_count},
        .classes = words_classes(a),
        .types = words_codes(a, LIST_agency_type, "a type of agency"),
        .purposes = words_codes(a, LIST_purpose, "a purpose"),
    };
    if (arena_failed(a)) return ERR_MEMORY;
    for (p.line = 1; str_split(&rest, '\n', &line); p.line++) {
        p.rest = str_trim(line);
        if (p.rest.len == 0 || p.rest.at[0] == '#') continue;
        if (count == RULES_MAX) {
            (void)refuse(&p, (Str){0}, "a policy holds at most 512 rules");
            return REFUSE_policy_wrong;
        }
        rules[count].line = p.line;
        if (!parse_rule(&p, &rules[count++])) return REFUSE_policy_wrong;
    }
    if (!consistent(&p, rules, count)) return REFUSE_policy_wrong;
    *ret = rules;
    *ret_count = count;
    return 0;
}

static Str print_recipient(Arena *a, const Rule *r) {
    switch (r->recipient_kind) {
    case RECIPIENT_anyone: return arena_str(a, STR("anyone"));
    case RECIPIENT_type: return arena_printf(a, "any %.*s", STR_ARG(r->recipient));
    case RECIPIENT_agency: return arena_printf(a, "agency %.*s", STR_ARG(r->recipient));
    }
    return (Str){0};
}

static Str print_never(Arena *a, const Rule *r, Str to) {
    return arena_printf(a, "%.*s never allow %s to go to %.*s%s%.*s%s%s%.*s", STR_ARG(r->owner),
                        class_name(r->class), STR_ARG(to), r->purpose.len ? " for " : "",
                        STR_ARG(r->purpose), r->signpost ? "; signpost" : "",
                        r->from.len ? "; from " : "", STR_ARG(r->from));
}

Str rule_print(Arena *a, const Rule *r) {
    Str to = print_recipient(a, r);
    if (!to.at || !rule_sound(r)) return (Str){0};
    if (r->never) return print_never(a, r, to);
    bool open = r->least == RATING_green || r->least == RATING_amber;
    return arena_printf(a,
                        "%.*s allow %s to go to %.*s for %.*s when rating is %s%s; show %s;%s from "
                        "%.*s until %.*s",
                        STR_ARG(r->owner), class_name(r->class), STR_ARG(to), STR_ARG(r->purpose),
                        rating_name(r->least), open ? " or higher" : "", show_name(r->show),
                        r->owner_authorises ? " owner authorises;" : "", STR_ARG(r->from),
                        STR_ARG(r->until));
}
