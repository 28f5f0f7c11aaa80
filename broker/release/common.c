/* Which parts of names mean something else in English, too. */
#include "broker/release/lexicon.h"
#include "broker/release/net.h"

static const char *const common_rows[] = {
#define COMMON(trust, words) words,
#include "broker/release/common.def"
#undef COMMON
};
LEXICON(common, common_rows)

static const Trust common_trust[] = {
#define COMMON(trust, words) TRUST_##trust,
#include "broker/release/common.def"
#undef COMMON
};

bool word_in(Str word, const char *list) {
    if (word.len == 0) return false;
    for (const char *at = list; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        /* nearly every word is told by its first letter */
        bool same = *at == word.at[0] && strncmp(at, word.at, word.len) == 0;
        if (same && (at[word.len] == ' ' || at[word.len] == '\0')) return true;
    }
    return false;
}

static bool trust_listed(Str word, Trust *ret) {
    const LexiconWord *place = lexicon_find(&common, word);
    if (place) *ret = common_trust[place->row];
    return place != NULL;
}

Trust word_trust(Str folded) {
    Trust trust = TRUST_name;
    if (trust_listed(folded, &trust)) return trust;
    Str one = {.at = folded.at, .len = folded.len ? folded.len - 1 : 0};
    if (one.len > 2 && folded.at[one.len] == 's' && trust_listed(one, &trust)) {
        return trust == TRUST_small ? TRUST_name : trust;
    }
    return folded.len < 3 ? TRUST_noun : TRUST_name;
}
