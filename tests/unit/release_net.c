/* The net, case by case: what is found however it is written, what is left alone, and what comes
 * out of a cut. tests/text measures it on notes as people write them. */
#include "tests/unit/release_kit.h"

static const Subject isolde = {.name = {"Isolde Quistgaard", 17}};

/* `text` with what is found of `word` in {}; two joined spans are one. */
static Str marked(Arena *a, const NetWord *words, size_t count, const char *text) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(1 << 24);
    const Net *net = net_new(a, words, count, &isolde, 1);
    const Span *spans = NULL;
    size_t n = 0, from = 0;
    Str all = str_z(text), out = STR("");
    if (!net_find(net, scratch, all, &spans, &n)) return STR("cannot tell");
    for (size_t i = 0; i < n; i++) {
        out = arena_printf(a, "%.*s%.*s{%.*s}", STR_ARG(out), (int)(spans[i].from - from),
                           text + from, (int)spans[i].len, text + spans[i].from);
        from = spans[i].from + spans[i].len;
    }
    return arena_printf(a, "%.*s%s", STR_ARG(out), text + from);
}

static const struct {
    NetKind kind;
    const char *word, *marked;
} cases[] = {
    {NET_name, "Mei Chan", "Mrs {Chan} rang."},
    {NET_name, "Mei Chan", "MRS {CHAN} RANG"},
    {NET_name, "Mei Chan", "{Chan's} sister, {Chan\xe2\x80\x99s} friend"},
    {NET_name, "Mei Chan", "({chan})"},
    {NET_name, "Mei Chan", "a chance meeting, Merchan"},
    {NET_name, "Mei Chan", "{Chan, Mei} and {MeiChan}"},
    {NET_name, "Mei Chan", "{Mei\nChan} rang, {C h a n}"},
    {NET_name, "Mei Chan",
     "{C\xe2\x80\x8bhan} and {Ch\xc2\xad"
     "an} and {\xef\xbc\xa3han}"},
    {NET_name, "Mei Chan", "{\xd0\xa1h\xd0\xb0n} in Cyrillic"},
    {NET_name, "Pryce-Jones, Rhys", "{Pryce Jones, Rhys}; {R.P-J}.; {RPJ} said"},
    {NET_name, "Rhys Pryce-Jones", "{R. Pryce-Jones} and Mr {Pryce}, Mrs {Jones}, PC Johns"},
    {NET_name, "Rhys Pryce-Jones", "the {Pryce-Joneses} and {Jones'} car"},
    {NET_name, "O'Dowd, Sean",
     "{Sean O\xe2\x80\x99"
     "Dowd}; {ODowd}"},
    {NET_name, "Zo\xc3\xab Brandt", "{zoe} and {ZOE\xcc\x88 BRANDT}"},
    {NET_name, "Bo Li", "{Li} rang; a lie; L i"},
    {NET_name, "Oki Li", "Loki {Li} rang, and {Oki Li}"},
    {NET_name, "Elizabeth Okafor", "{Liz, Beth} and {Lizzie Okafor} but not Lizbet"},
    {NET_name, "Margaret Okafor", "{0kafor} and {0kaf0r}; {Margaret 0KAFOR}"},
    {NET_name, "Barnaby Ferncastle", "{Bamaby} and {Ferncast1e}"},
    {NET_name, "Will Okafor", "He will attend. {Will} was late; her friend {Will} will."},
    {NET_name, "Torben Vexmoor", "{Torben V}. said so; {Torben V} did. {Torben's} plan V was his"},
    {NET_name, "Torben Evans", "Seen in A&E {Torben} cried; vitamin E {Torben E}."},
    {NET_name, "May Brown", "In May 2026 the brown dog; aunt {May} came, and {Brown}"},
    {NET_name, "Garnet Victoria", "of Victoria Road, near Garnet Primary School"},
    {NET_name, "Marisol Quistgaard", "Isolde Quistgaard and {Marisol Quistgaard}"},
    {NET_name, "Marisol Quistgaard", "{Quistgaard, Marisol} told Isolde"},
    {NET_name, "Marisol Quistgaard", "Mrs {Quistgaard} told; Ms Isolde Quistgaard"},
    {NET_name, "Okafor\xe2\x80\x93Quirk, Zelda", "{Quirk} rang, and {Okafor}"},
    {NET_name, "O\xe2\x80\x99Quirk, Zelda", "{Quirk} rang"},
    {NET_name, "Okafor/Quirk, Zelda", "{Quirk} rang"},
    {NET_name,
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     ", "
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"
     "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba",
     "silences nobody"},
    {NET_identifier, "the", "the police"},
    {NET_telephone, "07700 900123", "{+44 7700 900123}; {0770-090-0123} or {00447700900123}"},
    {NET_telephone, "+44 (0)7700 900123", "{07700900123}"},
    {NET_telephone, "01632 960999", "ring {960999} or {01632-960 999}"},
    {NET_identifier, "999 304 1785", "NHS no. {9993041785}; {999-304-1785}"},
    {NET_identifier, "999 304 1785", "file {7799930417851} of ours"},
    {NET_identifier, "12/3456/Z", "file {12 3456 Z} and {123456z} but not 123456"},
    {NET_address, "14 Garnet Street", "at {14, Garnet St}."},
    {NET_address, "14 Garnet Street", "in {Garnet street}; Garner Street"},
    {NET_postcode, "ZZ99 3VZ", "of {zz993vz}"},
    {NET_name, "", "anything"},
    {NET_name, " - ", "any-thing"},
};

Test(net, finds_what_it_is_told_of_however_it_is_written) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
        NetWord word = {.text = str_z(cases[i].word), .kind = cases[i].kind};
        char text[256] = "";
        size_t used = 0;
        for (const char *c = cases[i].marked; *c; c++) {
            if (*c != '{' && *c != '}') text[used++] = *c;
        }
        Str found = marked(a, &word, 1, text);
        cr_expect(str_is(found, cases[i].marked), "%s:\n%s\n%.*s", cases[i].word, cases[i].marked,
                  STR_ARG(found));
    }
}

Test(net, finds_a_name_where_a_longer_one_begins) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    const NetWord words[] = {{STR("Oki Lina"), NET_name, false, false},
                             {STR("Bo Li"), NET_name, false, false}};
    Str found = marked(a, words, COUNT_OF(words), "Loki Li rang.");
    cr_expect(str_is(found, "Loki {Li} rang."), "%.*s", STR_ARG(found));
}

static const struct {
    const char *marked;
} codes[] = {
    {"NHS {999 304 1785}, not 999 304 1786"},
    {"nhs{9993041785}"},
    {"UPN {X920200116047}."},
    {"Ring {01632 960111}; {020 7946 0958} or {+44 (0)7700 900 123}"},
    {"{(01632) 960111}"},
    {"Crime ref 42/0770090/26 of 20/11/2026 22:15"},
    {"from {SW1A 1AA} to {e1 6an}, sat b4 3pm, code QX99 1AA"},
    {"write to {mei.chan@example.org}, or @home"},
    {"a grey car, {AB12 CDE}"},
    {"on the A12 THE LORRY"},
    {"we saw ab12 cde; at W1 2nd time"},
    {"{0044 7700 900123} and {0044 20 7946 0958}"},
    {"999 3041 785 visits"},
    {"NI QQ 12 34 56 C is never given, {AB 12 34 56 C} is"},
};

Test(net, finds_numbers_that_nobody_listed) {
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
        char text[256] = "";
        size_t used = 0;
        for (const char *c = codes[i].marked; *c; c++) {
            if (*c != '{' && *c != '}') text[used++] = *c;
        }
        Str found = marked(a, NULL, 0, text);
        cr_expect(str_is(found, codes[i].marked), "\n%s\n%.*s", codes[i].marked, STR_ARG(found));
    }
}

/* ---- what comes out ------------------------------------------------------------------------- */

static Str cut(Arena *a, const Net *net, Str text, size_t *ret_count) {
    const Span *spans = NULL;
    cr_assert(net_find(net, a, text, &spans, ret_count));
    return text_cut(a, text, spans, *ret_count);
}

Test(net, cuts_to_one_token_whatever_was_there_and_cuts_no_more_the_second_time) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    const NetWord words[] = {{STR("Okafor, Margaret"), NET_name, false, false},
                             {STR("Removed, Grace"), NET_name, false, false}};
    const Net *net = net_new(a, words, 2, NULL, 0);
    size_t count;
    Str once = cut(a, net, STR("M. Okafor's number is 07700 900123; Grace Removed."), &count);
    cr_expect(count == 3 && str_is(once, "[removed] number is [removed]; [removed]."), "%.*s",
              STR_ARG(once));
    cr_expect(str_eq(cut(a, net, once, &count), once) && count == 0);
    Str glued = cut(a, net, STR("nhs 9434765919Grace Removed"), &count);
    cr_expect(str_is(glued, "nhs [removed]"), "what a cut uncovers is cut: %.*s", STR_ARG(glued));
}

/* A short name that runs into a number is none before that is cut: what a cut uncovers on either
 * side of it is looked for again, and found where it stands. */
Test(net, what_a_cut_uncovers_is_cut) {
    static const char *const texts[][2] = {
        {"nhs 9434765919Li rang", "nhs [removed] rang"},
        {"so Li9434765919 rang", "so [removed] rang"},
        {"Okafor saw 9434765919Li of Okafor and Li9434765919Li.",
         "[removed] saw [removed] of [removed] and [removed]."},
    };
    static const NetWord words[] = {{{"Okafor, Margaret", 16}, NET_name, false, false},
                                    {{"Li, Bo", 6}, NET_name, false, false},
                                    {{"943 476 5919", 12}, NET_identifier, false, false}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
        size_t count;
        Str out = cut(a, net_new(a, words, COUNT_OF(words), NULL, 0), str_z(texts[i][0]), &count);
        cr_expect(str_is(out, texts[i][1]), "%.*s", STR_ARG(out));
    }
}

Test(net, tokens_alone_are_no_words) {
    cr_expect_not(text_left(STR("")));
    cr_expect_not(text_left(STR("[removed], [removed]...")));
    cr_expect(text_left(STR("[removed] a")));
    cr_expect(text_left(STR("7 [removed]")));
}

Test(net, what_hides_keeps_all_of_a_text_in) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    const NetWord words[] = {{STR("Okafor, Margaret"), NET_name, true, false},
                             {STR("Chan, Mei"), NET_name, false, false},
                             {STR("Isolde Quistgaard"), NET_name, true, false}};
    const Net *net = net_new(a, words, 3, &isolde, 1);
    cr_expect(net_hides(net, a, STR("Peggy said so")));
    cr_expect(net_hides(net, a, STR("Mei Chan heard that Peggy said so")));
    cr_expect_not(net_hides(net, a, STR("Mei Chan said so to Isolde, of the Quistgaards")));
    cr_expect(net_hides(net, a, STR("so said Quistgaard, Isolde")), "another of the same name");
}

Test(net, a_number_that_the_recipient_uses_itself_may_be_told) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    const Subject subject = {.name = STR("Isolde Quistgaard"), .identifier = STR("X920200116047")};
    const NetWord word = {STR("X920200116047"), NET_identifier, false, false};
    size_t count;
    (void)cut(a, net_new(a, &word, 1, &subject, 1), STR("UPN X920200116047"), &count);
    cr_expect(count == 0);
    (void)cut(a, net_new(a, &word, 1, &isolde, 1), STR("UPN X920200116047"), &count);
    cr_expect(count == 1);
}

Test(net, whatever_goes_wrong_counts_as_found) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    _cleanup_(arena_freep) Arena *small = arena_new(64);
    const NetWord good = {STR("Mei Chan"), NET_name, false, false};
    const NetWord bad = {STR("Ch\xff"
                             "an"),
                         NET_name, false, false};
    const Net *net = net_new(a, &good, 1, NULL, 0);
    cr_expect(net && !net_hides(net, a, STR("a plain text")));
    cr_expect(net_hides(net, a, STR("\xff")));
    cr_expect(net_hides(net, small, STR("a plain text")));
    cr_expect(net_new(a, &bad, 1, NULL, 0) == NULL);
    cr_expect(net_new(small, &good, 1, NULL, 0) == NULL);
    cr_expect(net_hides(NULL, a, STR("a plain text")));
    _cleanup_(arena_freep) Arena *large = arena_new(1 << 28);
    char *blank = arena_alloc(large, NET_MOST + 1);
    cr_assert(blank);
    memset(blank, ' ', NET_MOST + 1);
    cr_expect_not(net_hides(net, large, (Str){.at = blank, .len = NET_MOST}));
    cr_expect(net_hides(net, large, (Str){.at = blank, .len = NET_MOST + 1}));
}

/* What is cut together means all that each part of it means: who hides, and whose fact stays. */
Test(net, two_names_in_one_span_hide_as_either_does) {
    static const char *const together[] = {"Chan Okafor rang.", "Okafor, Chan rang."};
    for (size_t i = 0; i < COUNT_OF(together); i++) {
        for (int foreign = 0; foreign < 2; foreign++) {
            _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
            const NetWord words[] = {{STR("Mei Chan"), NET_name, false, false},
                                     {STR("Margaret Okafor"), NET_name, true, foreign}};
            const Span *spans = NULL;
            size_t count = 0;
            const Net *net = net_new(a, words, COUNT_OF(words), NULL, 0);
            cr_assert(net_find(net, a, str_z(together[i]), &spans, &count) && count == 1);
            cr_expect(spans[0].hides && spans[0].keeps == !foreign, "%s", together[i]);
        }
    }
}

/* However much memory there is, all is found or nothing is told. */
Test(net, memory_that_ends_early_finds_no_half) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    const NetWord word = {STR("Margaret Okafor"), NET_name, true, false};
    const Net *net = net_new(a, &word, 1, NULL, 0);
    char text[4096] = "";
    size_t used = 0, told = 0, untold = 0;
    for (int i = 0; i < 200; i++) used += (size_t)sprintf(text + used, "Okafor went home. ");
    for (size_t room = 4096; room < 1 << 20; room += 1024) {
        _cleanup_(arena_freep) Arena *scratch = arena_new(room);
        const Span *spans = NULL;
        size_t count = 0;
        bool found = net_find(net, scratch, (Str){.at = text, .len = used}, &spans, &count);
        cr_expect(!found || count == 200, "%zu bytes: %zu", room, count);
        told += found;
        untold += !found;
    }
    cr_expect(told && untold);
}

/* A name is found at every place of a long text, and a long text without it is clean. */
Test(net, finds_a_name_anywhere_in_a_long_text) {
    static const char *const filler[] = {"school", "mother", "seen", "2026", "with", "change"};
    Random random = random_new("finds_a_name_anywhere_in_a_long_text");
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    const NetWord word = {STR("Margaret Okafor"), NET_name, true, false};
    const NetWord other = {STR("Margarete Okoro"), NET_name, true, false};
    const Net *net = net_new(a, &word, 1, NULL, 0), *none = net_new(a, &other, 1, NULL, 0);
    for (int round = 0; round < 200; round++) {
        _cleanup_(arena_freep) Arena *scratch = arena_new(1 << 24);
        char text[20000] = "";
        size_t used = 0, place = random_below(&random, 500);
        for (size_t i = 0; i < 500; i++) {
            const char *one = filler[random_below(&random, COUNT_OF(filler))];
            used += (size_t)sprintf(text + used, "%s%s ", i == place ? "Okafor; " : "", one);
        }
        cr_assert(net_hides(net, scratch, (Str){.at = text, .len = used}));
        cr_assert(!net_hides(none, scratch, (Str){.at = text, .len = used}));
    }
}

/* ---- warnings ---------------------------------------------------------------------------------
 */

static const struct {
    const char *cut, *about; /* about: NULL none, "" the whole */
} warned[] = {
    {"The child was at home and unhurt.", NULL},
    {"[removed] was arrested at the address last night.", NULL},
    {"[removed] told [removed].", ""},
    {"Seen at home, well and happy. [removed] and [removed]. No injury was found that day.",
     " [removed] and [removed]."},
    {"The health visitor told us on Monday.", "health visitor told"},
    {"It was reported by a neighbour.", "reported by a neighbour"},
    {"An anonymous caller rang.", "anonymous"},
    {"They are now at the refuge.", "refuge"},
    {"Seen with mum's new partner.", "new partner"},
    {"He saw the health visitor. Told off at school.", NULL},
};

Test(net, warns_of_what_a_cut_spoils_and_of_what_tells_without_a_name) {
    for (size_t i = 0; i < COUNT_OF(warned); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
        const Warning *warnings = NULL;
        size_t count = 0;
        Str cut_text = str_z(warned[i].cut), about = {0};
        cr_assert(text_warnings(a, a, cut_text, &warnings, &count));
        if (count) about = warnings[0].words;
        cr_expect(warned[i].about ? count && str_is(about, warned[i].about) : count == 0,
                  "%s: %zu, %.*s", warned[i].cut, count, STR_ARG(about));
    }
}
