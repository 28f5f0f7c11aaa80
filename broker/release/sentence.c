/* Policy sentences, the form that staff read, compare and sign:
 *
 *   <owner> allow <class> to go to <recipient> for <purpose> when rating is <rating>;
 *       show <show>; [owner authorises;] [signpost;] from <day> until <day>
 *   <owner> never allow <class> to go to <recipient> [for <purpose>] [; signpost] [; from <day>]
 *
 *   recipient   any <agency type> | agency <agency> | anyone (never only)
 *   rating      any | green or higher | amber or higher | red
 *
 * There is one spelling of each rule and no freedom but white space, so that what was signed can
 * mean only one thing. Nothing is guessed: one word that does not fit refuses the whole text. */
#include "broker/release/findings.h"
#include "broker/release/rule.h"
#include "broker/release/words.h"

#define WORD(z) \
    { .at = (z), .len = sizeof(z) - 1 }
#define NEXT_WORD "the next word of the sentence"
#define KNOWN_AGENCY "an agency known here"
#define CHOICE(array) \
    { .what = NEXT_WORD, .at = (array), .count = COUNT_OF(array) }

static const Str act_words[] = {WORD("allow"), WORD("never")};
static const Str recipient_words[] = {WORD("any"), WORD("agency"), WORD("anyone")};
static const Str rating_words[] = {WORD("any"), WORD("green"), WORD("amber"), WORD("red")};
static const Str show_words[] = {WORD("full"), WORD("summary"), WORD("fact")};
enum { TAIL_from, TAIL_signpost, TAIL_owner };
static const Str tail_words[] = {WORD("from"), WORD("signpost"), WORD("owner")};

static const Words acts = CHOICE(act_words);
static const Words recipients = CHOICE(recipient_words);
static const Words ratings = {"a rating", rating_words, COUNT_OF(rating_words)};
static const Words shows = {"something to show", show_words, COUNT_OF(show_words)};
static const Words allow_tails = CHOICE(tail_words);
static const Words later_tails = {NEXT_WORD, tail_words, TAIL_owner}; /* after the owner's word */

typedef struct Parser {
    Str rest; /* of the line */
    size_t line;
    PolicyFault *fault;
    Words owner, agencies; /* no words: any well-formed code */
    Words classes, types, purposes;
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

/* An agency out of the list; where there is none, whatever is spelt like one. */
static bool agency(Parser *p, const Words *w, Str *ret) {
    if (w->at) return code(p, w, ret);
    *ret = next(p);
    return agency_code_valid(*ret) ||
           refuse(p, *ret, "is no agency's code: small letters, digits and hyphens, at most 32");
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
    if (!day_valid(*ret)) fault_day(p->fault, p->line, *ret);
    return day_valid(*ret);
}

static bool end(Parser *p) {
    Str word = peek(p);
    return word.len == 0 || refuse(p, word, "comes after the end of the rule");
}

/* "domestic abuse" for domestic_abuse: the two words that come next are one with a line between. */
static bool parted(Parser *p, const Words *w) {
    char joined[64], sentence[160];
    Parser ahead = *p;
    Str first = next(&ahead), second = next(&ahead);
    size_t i;
    int len = snprintf(joined, sizeof(joined), "%.*s_%.*s", STR_ARG(first), STR_ARG(second));
    bool is = len > 0 && (size_t)len < sizeof(joined) && words_find(w, str_z(joined), &i);
    if (!is) return false;
    (void)snprintf(sentence, sizeof(sentence), "is not %s; did you mean %s, in one word?", w->what,
                   joined);
    return !refuse(p, first, sentence);
}

static bool parse_class(Parser *p, Rule *r) {
    Str word;
    size_t i;
    if (parted(p, &p->classes) || !choose(p, &p->classes, &i, &word)) return false;
    r->class = class_by_name(word);
    return true;
}

/* "to go to education" for "agency education", "to school" for "any school". */
static bool bare_recipient(Parser *p, Str word) {
    char sentence[160];
    size_t i;
    bool type = words_find(&p->types, word, &i);
    bool code = p->agencies.at ? words_find(&p->agencies, word, &i) : agency_code_valid(word);
    PolicyFault near;
    fault_word(&near, p->line, word, &recipients);
    bool meant = !p->agencies.at && !type && strstr(near.sentence, "did you mean");
    bool known = words_find(&recipients, word, &i);
    if (known || meant || (!type && !code)) return false;
    (void)snprintf(sentence, sizeof(sentence), "is not the next word of the sentence; ");
    size_t used = strlen(sentence);
    (void)snprintf(sentence + used, sizeof(sentence) - used, "did you mean%s%.*s%s%s%.*s?",
                   code ? " agency " : "", code ? (int)word.len : 0, word.at,
                   code && type ? " or" : "", type ? " any " : "", type ? (int)word.len : 0,
                   word.at);
    return !refuse(p, word, sentence);
}

static bool parse_recipient(Parser *p, Rule *r) {
    static const RecipientKind kinds[] = {RECIPIENT_type, RECIPIENT_agency, RECIPIENT_anyone};
    Str word = peek(p);
    size_t i;
    if (bare_recipient(p, word) || !choose(p, &recipients, &i, &word)) return false;
    r->recipient_kind = kinds[i];
    switch (r->recipient_kind) {
    case RECIPIENT_type: return code(p, &p->types, &r->recipient);
    case RECIPIENT_agency: return agency(p, &p->agencies, &r->recipient);
    case RECIPIENT_anyone:
        return r->never || refuse(p, word, "may stand only in a rule that says never; say \"any\" "
                                           "and a type of agency, or \"agency\" and its code");
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
    r->owner_authorises = i == TAIL_owner;
    if (r->owner_authorises && !phrase(p, "authorises ;")) return false;
    if (r->owner_authorises && !choose(p, &later_tails, &i, &word)) return false;
    r->signpost = i == TAIL_signpost;
    if (r->signpost && !phrase(p, "; from")) return false;
    if (!day(p, &r->from) || !phrase(p, "until") || !day(p, &r->until)) return false;
    if (day_before(r->until, r->from)) {
        return refuse(p, r->until, "is before the day on which the rule begins");
    }
    return day_within_year(r->from, r->until) ||
           refuse(p, r->until, "is too late: a rule allows for twelve months at most");
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
    if (!choose(p, &later_tails, &i, &word)) return false;
    r->signpost = i == TAIL_signpost;
    if (r->signpost && !accept(p, ";")) return end(p);
    if (r->signpost && !phrase(p, "from")) return false;
    return day(p, &r->from) && end(p);
}

static bool parse_rule(Parser *p, Rule *r) {
    Str word;
    size_t act;
    if (!agency(p, &p->owner, &r->owner) || !choose(p, &acts, &act, &word)) return false;
    r->never = act == 1;
    if (r->never && !phrase(p, "allow")) return false;
    if (!parse_class(p, r) || !phrase(p, "to go to") || !parse_recipient(p, r)) return false;
    return r->never ? parse_never(p, r) : parse_allow(p, r);
}

static bool consistent(Parser *p, const Rule *rules, size_t count) {
    char sentence[sizeof(p->fault->sentence)];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!rules_contradict(&rules[i], &rules[k])) continue;
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

static int too_many(Parser *p, size_t most) {
    char sentence[64];
    (void)snprintf(sentence, sizeof(sentence), "a policy holds at most %zu rules", most);
    (void)refuse(p, (Str){0}, sentence);
    return REFUSE_policy_wrong;
}

/* Rules borrow from a copy of the text, and live with the arena. */
static int parse(Parser *p, Arena *a, Str text, size_t most, Rule **ret, size_t *ret_count) {
    Str rest = arena_str(a, text), line;
    Rule *rules = arena_array(a, most, sizeof(*rules));
    size_t count = 0;
    if (str_starts(rest, STR("\xef\xbb\xbf"))) { /* as some editors begin every file */
        rest = (Str){.at = rest.at + 3, .len = rest.len - 3};
    }
    p->classes = words_classes(a);
    p->types = words_codes(a, LIST_agency_type, "a type of agency");
    p->purposes = words_codes(a, LIST_purpose, "a purpose");
    if (arena_failed(a)) return ERR_MEMORY;
    for (p->line = 1; str_split(&rest, '\n', &line); p->line++) {
        p->rest = str_trim(line);
        if (p->rest.len == 0 || p->rest.at[0] == '#') continue;
        if (count == most) return too_many(p, most);
        rules[count].line = p->line;
        if (!parse_rule(p, &rules[count++])) return REFUSE_policy_wrong;
    }
    if (!consistent(p, rules, count)) return REFUSE_policy_wrong;
    *ret = rules;
    *ret_count = count;
    return 0;
}

int policy_parse(Arena *a, Str text, Str owner, const Str *agencies, size_t agency_count,
                 Rule **ret, size_t *ret_count, PolicyFault *ret_fault) {
    static const Str none;
    *ret_fault = (PolicyFault){0};
    Parser p = {.fault = ret_fault,
                .owner = {"the agency whose policy this is", &owner, 1},
                .agencies = {KNOWN_AGENCY, agency_count ? agencies : &none, agency_count}};
    return parse(&p, a, text, RULES_MAX, ret, ret_count);
}

/* ---- a text of several owners ---------------------------------------------------------------- */

static Policy *policy_of(Policy *at, size_t count, Str owner) {
    for (size_t i = 0; i < count; i++) {
        if (str_eq(at[i].owner, owner)) return &at[i];
    }
    return NULL;
}

/* One owner's rules in a row, in the order of lines. */
static int policy_gather(Arena *a, const Rule *rules, size_t count, Policy *p) {
    Rule *own = arena_array(a, p->count, sizeof(*own));
    size_t kept = 0;
    if (!own) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rules[i].owner, p->owner)) own[kept++] = rules[i];
    }
    p->rules = own;
    return 0;
}

int policies_parse(Arena *a, Str text, const Str *agencies, size_t agency_count, Policy **ret,
                   size_t *ret_count, PolicyFault *ret_fault) {
    Words known = {KNOWN_AGENCY, agencies, agency_count};
    Parser p = {.fault = ret_fault, .owner = known, .agencies = known};
    Bytes whole = str_bytes(text);
    Rule *rules = NULL;
    Hash digest;
    size_t count = 0, owners = 0;
    *ret_fault = (PolicyFault){0};
    int r = parse(&p, a, text, PAPER_RULES_MAX, &rules, &count);
    if (r == 0) r = sha256(&whole, 1, &digest);
    if (r) return r;
    Policy *at = arena_array(a, count + 1, sizeof(*at));
    if (!at) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        Policy *its = policy_of(at, owners, rules[i].owner);
        if (!its) its = &at[owners++];
        its->owner = rules[i].owner;
        its->digest = digest;
        if (its->count++ == RULES_MAX) {
            p.line = rules[i].line;
            return too_many(&p, RULES_MAX);
        }
    }
    for (size_t i = 0; r == 0 && i < owners; i++) r = policy_gather(a, rules, count, &at[i]);
    *ret = at;
    *ret_count = owners;
    return r;
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
                        "%.*s allow %s to go to %.*s for %.*s when rating is %s%s; show %s;%s%s "
                        "from %.*s until %.*s",
                        STR_ARG(r->owner), class_name(r->class), STR_ARG(to), STR_ARG(r->purpose),
                        rating_name(r->least), open ? " or higher" : "", show_name(r->show),
                        r->owner_authorises ? " owner authorises;" : "",
                        r->signpost ? " signpost;" : "", STR_ARG(r->from), STR_ARG(r->until));
}
