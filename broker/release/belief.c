/* Whether what looks like a name is one. A name that is no other word is believed wherever it
 * stands; one that is (Will, May, Rose) where it is written as a name, by what stands beside it.
 * What was found already, and the token of an earlier cut, count as a name beside it: so that
 * looking again, after cutting, finds nothing more. */
#include "broker/release/net.h"

enum { WORD_MOST = 24, GAP_MOST = 3, ALIKE_LEAST = 5, MIXED_LEAST = 4 };

/* Who is called by name after it. */
static const char titles[] =
    "mr mrs ms miss mx master dr prof rev sir lady pc dc ds di ps sgt insp wpc aunt aunty auntie "
    "uncle nan nana nanny gran granny grandma grandpa grandad grandfather grandmother cousin "
    "brother sister stepbrother stepsister friend partner boyfriend girlfriend husband wife ex mum "
    "mother dad father stepdad stepfather stepmother stepmum son daughter baby twin sibling "
    "neighbour tenant colleague carer called named alias aka known nurse midwife teacher worker "
    "officer detective child pupil student patient hv sw";
/* Of whom no child is called so: after it a name that the child shares is another's. */
static const char adult_titles[] = "mr mrs ms mx dr prof rev sir lady";
/* Beside months and seasons that are dates. */
static const char before_dates[] =
    "in since until till by early late last next this during from of mid every before after end "
    "through to the between and for on each over around about all following previous end of "
    "monday tuesday wednesday thursday friday saturday sunday easter bank whitsun";
static const char after_dates[] =
    "half bank term holiday holidays school camp fair break fete ball day week onwards and time";
/* A name that is a street's, a school's, an animal's is nobody's here. */
static const char after_places[] =
    "street st road rd avenue ave lane ln close drive crescent cres gardens gdns grove place "
    "square "
    "terrace court way park hill row walk mews green view rise estate house lodge primary "
    "secondary "
    "junior infant infants nursery school academy college university hospital infirmary hospice "
    "surgery clinic centre center ward practice church station hotel arms pub stadium library "
    "county council borough district city town village bridge farm russell terrier spaniel";
static const char before_things[] = "the a an some any no every each";
static const char families[] = "family families household children child boys girls brothers "
                               "sisters twins siblings home house "
                               "s";
/* After a capitalised word where a sentence begins: then it was no name. */
static const char after_things[] =
    "of to that for from with in on at by into and or is are be been have not he she they you we i "
    "it the this these those there a an his her their my our all only also still so as if when "
    "which any no more size petals bush hood  out up off down over about around";
/* After "Will" and "Mark": then it was one. */
static const char after_names[] =
    "s was is has had said says told went got came did does left ran who also would could should "
    "and or with lives lived works worked appears appeared became stated reported denied disclosed "
    "attended asked admitted seems seemed looked looks";

/* ---- what stands beside --------------------------------------------------------------------- */

static bool wall_before(Str text, size_t end) {
    Str token = STR(CUT_TOKEN);
    return end >= token.len && memcmp(text.at + end - token.len, token.at, token.len) == 0;
}

bool soft(char c) {
    return c == ' ' || c == ',' || c == '-' || c == '\'';
}

static bool found_before(const Search *s, size_t begin) {
    Str text = s->stream.text;
    const Letter *at = s->stream.at;
    size_t from = at[begin].from, least = from > GAP_MOST ? from - GAP_MOST : 0;
    while (from > least && soft(text.at[from - 1])) from--;
    if (wall_before(text, from)) return true;
    return begin && at[begin - 1].found && at[begin - 1].to == from;
}

static bool found_after(const Search *s, size_t end) {
    Str text = s->stream.text;
    const Letter *at = s->stream.at;
    size_t to = at[end - 1].to, most = to + GAP_MOST;
    while (to < text.len && to < most && soft(text.at[to])) to++;
    Str rest = {.at = text.at + to, .len = text.len - to};
    if (str_starts(rest, STR(CUT_TOKEN))) return true;
    return end < s->stream.count && at[end].found && at[end].from == to;
}

bool beside_found(const Search *s, size_t begin, size_t end) {
    return found_before(s, begin) || found_after(s, end);
}

/* The word before, or {0}: none, or it was cut. */
static Str word_before(const Search *s, size_t begin, char buffer[WORD_MOST]) {
    const Letter *at = s->stream.at;
    if (begin == 0 || (at[begin].gap & GAP_WALL) || at[begin - 1].found) return (Str){0};
    return token_plain(&s->stream, token_begin(&s->stream, begin), buffer, WORD_MOST);
}

static Str word_after(const Search *s, size_t end, char buffer[WORD_MOST]) {
    const Letter *at = s->stream.at;
    if (end >= s->stream.count || (at[end].gap & GAP_WALL) || at[end].found) return (Str){0};
    return token_plain(&s->stream, end, buffer, WORD_MOST);
}

static bool among(Str word, const char *list) {
    return word.len && word_in(word, list);
}

/* A sentence begins here: the text does, or a mark that ends one stands before. */
static bool sentence_begins(const Search *s, size_t begin) {
    if (begin == 0) return true;
    size_t from = s->stream.at[begin - 1].to, to = s->stream.at[begin].from;
    for (size_t i = from; i < to; i++) {
        if (strchr(".!?:;\n\r\"*|/(>", s->stream.text.at[i])) return true;
    }
    return false;
}

/* All of a token in capitals, and more than one. */
static bool shouted(const Search *s, size_t i) {
    size_t end = token_end(&s->stream, i);
    if (end - i < 2) return false;
    for (; i < end; i++) {
        if (!stream_upper(&s->stream, i)) return false;
    }
    return true;
}

/* Where everything is in capitals, capitals say nothing. */
static bool shouting(const Search *s, size_t begin, size_t end) {
    if (!shouted(s, begin)) return false;
    bool before = begin && shouted(s, token_begin(&s->stream, begin));
    return before || (end < s->stream.count && shouted(s, end));
}

static bool digit_starts(Str word) {
    return word.len && word.at[0] >= '0' && word.at[0] <= '9';
}

/* ---- words that are names and English, too -------------------------------------------------- */

static bool is_date(const Search *s, const Hit *h) {
    char one[WORD_MOST], two[WORD_MOST];
    Str before = word_before(s, h->begin, one), after = word_after(s, h->end, two);
    return digit_starts(before) || digit_starts(after) || among(before, before_dates) ||
           among(after, after_dates);
}

static bool is_thing(const Search *s, const Hit *h) {
    char one[WORD_MOST], two[WORD_MOST];
    Str before = word_before(s, h->begin, one), after = word_after(s, h->end, two);
    return among(before, before_things) && !among(after, families);
}

static bool ends_as_told(Str word) {
    return word.len > 3 && (word.at[word.len - 1] == 's' ||
                            (word.at[word.len - 1] == 'd' && word.at[word.len - 2] == 'e'));
}

/* The first word of a sentence has its capital anyhow: what follows tells. */
static bool begins_as_name(const Search *s, const Hit *h) {
    char one[WORD_MOST];
    Str after = word_after(s, h->end, one);
    if (h->pattern->trust == TRUST_verb) {
        bool cased = h->end < s->stream.count && after.len && stream_upper(&s->stream, h->end);
        return cased || ends_as_told(after) || among(after, after_names);
    }
    return !among(after, after_things) && !digit_starts(after);
}

/* "Garnet Street", "Victoria Primary School": nobody's name, unless somebody hides behind it. */
static bool is_place(const Search *s, const Hit *h) {
    char one[WORD_MOST];
    const Stream *t = &s->stream;
    if (h->pattern->hides || h->end >= t->count || !stream_upper(t, h->end)) return false;
    return among(word_after(s, h->end, one), after_places) && !sentence_begins(s, h->end);
}

static bool common_believed(const Search *s, const Hit *h) {
    char one[WORD_MOST];
    bool upper = stream_upper(&s->stream, h->begin);
    bool called = among(word_before(s, h->begin, one), titles);
    if (!upper) return false;
    if (called || found_before(s, h->begin)) return true;
    if (shouting(s, h->begin, h->end)) return false;
    if (found_after(s, h->end)) return true;
    if (h->pattern->trust == TRUST_small) return false;
    if (h->pattern->hides) return true;
    if (h->pattern->trust == TRUST_month && is_date(s, h)) return false;
    if (is_thing(s, h)) return false;
    return !sentence_begins(s, h->begin) || begins_as_name(s, h);
}

/* ---- other patterns ------------------------------------------------------------------------- */

static const char short_forms[] =
#define SHORT(words) words " "
#include "broker/release/short.def"
#undef SHORT
    ;

/* Capitals alone, each a token or all one token; a short form that everybody uses is none. */
static bool initials_believed(const Search *s, const Hit *h) {
    const Letter *at = s->stream.at;
    char one[WORD_MOST];
    size_t tokens = 1;
    for (size_t i = h->begin; i < h->end; i++) {
        if (!stream_upper(&s->stream, i)) return false;
        tokens += i > h->begin && at[i].gap != 0;
    }
    if (tokens > 1) { /* "R P" needs its dots */
        return tokens > 2 || s->stream.text.at[at[h->begin].to] == '.';
    }
    if (shouting(s, h->begin, h->end)) return false;
    return !among(token_plain(&s->stream, h->begin, one, WORD_MOST), short_forms);
}

/* Of a house's name the first may be "the". */
static bool parts_upper(const Search *s, const Hit *h) {
    for (size_t i = h->begin; i < h->end; i++) {
        bool part = i == h->begin ? h->pattern->kind == NET_name : s->stream.at[i].gap != 0;
        if (part && !stream_upper(&s->stream, i)) return false;
    }
    return true;
}

/* What only looks like the name: no word, or a capital and long enough. */
static bool alike_believed(const Search *s, const Hit *h) {
    const Letter *at = s->stream.at;
    size_t digits = 0, len = h->end - h->begin;
    for (size_t i = h->begin; i < h->end; i++) digits += letter_digit(&at[i]);
    if (h->pattern->trust == TRUST_number) return len >= 8 && 2 * digits > len;
    if (h->pattern->trust == TRUST_code) return len >= 6;
    if (h->pattern->trust == TRUST_initials) return false;
    if (digits) return len >= MIXED_LEAST && 2 * digits <= len;
    return len >= ALIKE_LEAST && stream_upper(&s->stream, h->begin);
}

/* "W. Abbott", where the child is Leo. */
static bool initial_beside(const Stream *t, const Hit *h) {
    uint32_t mask = h->pattern->initials;
    return (h->begin && initial_near(t, h->begin - 1, h->begin, mask)) ||
           (h->end < t->count && initial_near(t, h->end, h->end, mask));
}

static bool own_beside(const Hit *o, const Hit *h) {
    bool beside = o->end == h->begin || o->begin == h->end;
    return beside && o->pattern->subject && !o->taken && o->pattern != h->pattern;
}

/* A subject's own name, in part also somebody else's: found beside what is found of the others,
 * not where it is the subject's: beside her own. */
static bool shared_believed(const Search *s, const Hit *h) {
    char one[WORD_MOST];
    if (h->pattern->word == NET_WORD_NONE) return false;
    if (initial_beside(&s->stream, h)) return true;
    if (among(word_before(s, h->begin, one), adult_titles)) return true;
    if (!beside_found(s, h->begin, h->end)) return false;
    for (const Hit *o = h; o-- > s->hits && o->end >= h->begin;) {
        if (own_beside(o, h)) return false;
    }
    for (const Hit *o = h + 1; o < s->hits + s->hit_count && o->end < h->end + WORD_MOST; o++) {
        if (own_beside(o, h)) return false;
    }
    return true;
}

bool hit_believed(const Search *s, const Hit *h) {
    if (h->pattern->subject) return shared_believed(s, h);
    if (!h->exact && !alike_believed(s, h)) return false;
    switch (h->pattern->trust) {
    case TRUST_name: return !is_place(s, h) || found_before(s, h->begin);
    case TRUST_phrase:
    case TRUST_number:
    case TRUST_code: return true;
    case TRUST_pair: return parts_upper(s, h);
    case TRUST_initials: return initials_believed(s, h);
    case TRUST_noun:
    case TRUST_verb:
    case TRUST_month:
    case TRUST_small:
        return common_believed(s, h) && (!is_place(s, h) || found_before(s, h->begin));
    }
    return true;
}
