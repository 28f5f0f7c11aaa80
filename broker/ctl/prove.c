/* See prove.h. In order: the rows, the signed heads over them, the witnesses; where a head does not
 * hold, down the stored tree from its signed root to the rows that differ. */
#include "broker/ctl/prove.h"

#include "broker/base/err.h"
#include "broker/ctl/worked.h"

#include <stdarg.h>

enum { SAY_MOST = 100, ARENA_CAP = 256 * 1024 };

typedef struct Level {
    Hash *node;
    size_t count, room;
} Level;

/* The heads that hold, by size: sizes[i] rows have the root roots.node[i]. */
typedef struct Heads {
    uint64_t *sizes;
    size_t room;
    Level roots;
} Heads;

struct Ledger {
    const char *folder;
    FILE *out;
    Arena *scratch;
    Level rows;     /* the hash of every row's text, up to the first gap */
    uint64_t lines; /* rows in the file, after a gap too */
    bool gap;
    Steps steps;
    Heads heads;
    uint64_t newest;         /* size of the last head that holds */
    uint64_t failed;         /* size of the first that does not; 0 for none */
    Checkpoint largest;      /* signed, whether it holds or not */
    Level tree[TREE_LEVELS]; /* as stored; read only when a row has to be found */
    size_t wrong;
};

/* ---- saying --------------------------------------------------------------------------------- */

void say_wrong(Ledger *l, const char *format, ...) {
    va_list args;
    if (l->wrong++ >= SAY_MOST) return; /* the verdict tells how many there are */
    va_start(args, format);
    (void)fputs("WRONG: ", l->out);
    (void)vfprintf(l->out, format, args);
    (void)fputs("\n", l->out);
    va_end(args);
}

static unsigned long long n(uint64_t v) {
    return v;
}

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

/* ---- memory --------------------------------------------------------------------------------- */

static int level_add(Level *level, const Hash *hash) {
    if (level->count == level->room) {
        size_t room = level->room ? 2 * level->room : 1024;
        Hash *node = reallocarray(level->node, room, sizeof(*node));
        if (!node) return ERR_MEMORY;
        level->node = node;
        level->room = room;
    }
    level->node[level->count++] = *hash;
    return 0;
}

static int heads_add(Heads *heads, uint64_t size, const Hash *root) {
    if (heads->roots.count == heads->room) {
        size_t room = heads->room ? 2 * heads->room : 1024;
        uint64_t *sizes = reallocarray(heads->sizes, room, sizeof(*sizes));
        if (!sizes) return ERR_MEMORY;
        heads->sizes = sizes;
        heads->room = room;
    }
    heads->sizes[heads->roots.count] = size;
    return level_add(&heads->roots, root);
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static const Hash *heads_find(const Heads *heads, uint64_t size) {
    const uint64_t *at =
        heads->roots.count ? bsearch(&size, heads->sizes, heads->roots.count, sizeof(size), by_size)
                           : NULL;
    return at ? &heads->roots.node[at - heads->sizes] : NULL;
}

void ledger_free(Ledger *l) {
    if (!l) return;
    steps_clear(&l->steps);
    free(l->heads.sizes);
    free(l->heads.roots.node);
    for (size_t i = 0; i < TREE_LEVELS; i++) free(l->tree[i].node);
    free(l->rows.node);
    arena_free(l->scratch);
    free(l);
}

size_t ledger_wrong(const Ledger *l) {
    return l->wrong;
}

const Hash *ledger_row(const Ledger *l, uint64_t idx) {
    return idx < l->rows.count ? &l->rows.node[idx] : NULL;
}

uint64_t ledger_newest(const Ledger *l) {
    return l->newest;
}

/* ---- trees ---------------------------------------------------------------------------------- */

/* The largest power of two smaller than `count`. */
static uint64_t split(uint64_t count) {
    uint64_t k = 1;
    while (k < count - k) k *= 2;
    return k;
}

/* The root over the rows from..to, as they are. */
static int rows_root(const Ledger *l, uint64_t from, uint64_t to, Hash *ret) {
    Frontier f = {0};
    for (uint64_t i = from; i < to; i++) {
        int r = frontier_append(&f, &l->rows.node[i]);
        if (r < 0) return r;
    }
    return frontier_root(&f, ret);
}

/* The same from the stored nodes; false when one that is needed is not there. */
static bool stored_root(const Ledger *l, uint64_t from, uint64_t to, Hash *ret) {
    size_t level = (size_t)__builtin_ctzll(to - from);
    if (to - from == (uint64_t)1 << level) {
        uint64_t at = from >> level;
        if (at >= l->tree[level].count) return false;
        *ret = l->tree[level].node[at];
        return true;
    }
    uint64_t mid = from + split(to - from);
    Hash left, right;
    return stored_root(l, from, mid, &left) && stored_root(l, mid, to, &right) &&
           node_hash(&left, &right, ret) == 0;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static void say_missing(Ledger *l, uint64_t from, uint64_t to) {
    if (to - from == 1) say_wrong(l, "Row %llu is missing.", n(from));
    if (to - from > 1) say_wrong(l, "Rows %llu to %llu are missing.", n(from), n(to - 1));
}

static int row_judge(Ledger *l, uint64_t *next, uint64_t idx, Bytes body, const Hash *stored) {
    Hash hash;
    int r = leaf_hash(body, &hash);
    if (r < 0) return r;
    if (idx < *next) say_wrong(l, "Row %llu stands twice or in the wrong place.", n(idx));
    if (idx > *next) say_missing(l, *next, idx);
    l->gap = l->gap || idx != *next;
    *next = idx + 1;
    if (!hash_eq(&hash, stored)) {
        say_wrong(l, "Row %llu was altered: its text does not give the hash stored beside it.",
                  n(idx));
    }
    return l->gap ? 0 : level_add(&l->rows, &hash); /* above a gap no root can be computed */
}

static int rows_read(Ledger *l) {
    _cleanup_(table_freep) Table *t = table_open(l->folder, "leaves.tsv");
    uint64_t idx, next = 0;
    Bytes body;
    Hash stored;
    int more, r = 0;
    if (!t) return ERR_FILE;
    while (r == 0 && (more = table_next(t, 3, 3)) != 0) {
        if (more < 0) return more;
        if (!field_number(t, 0, &idx) || !field_hash(t, 2, &stored) || !field_bytes(t, 1, &body)) {
            return table_wrong(t);
        }
        l->lines++;
        r = row_judge(l, &next, idx, body, &stored);
        if (r == 0) r = steps_add(&l->steps, idx, bytes_str(body));
    }
    return r;
}

static int count_judge(Ledger *l) {
    _cleanup_(table_freep) Table *t = table_open(l->folder, "head.tsv");
    uint64_t size;
    if (!t) return ERR_FILE;
    int r = table_next(t, 2, 2);
    if (r < 0) return r;
    if (r == 0 || !field_number(t, 0, &size)) return table_wrong(t);
    if (size != l->lines) {
        say_wrong(l, "The ledger counts %llu rows, and %llu are there.", n(size), n(l->lines));
    }
    return 0;
}

/* What was acknowledged a day ago and has no leaf that tells what became of it. */
static void work_judge(Ledger *l) {
    size_t at = 0;
    steps_sort(&l->steps);
    for (const Passed *s; (s = steps_open(&l->steps, &at));) {
        char id[ID_TEXT];
        id_text(s->message, id);
        say_wrong(l, "Row %llu: message %s of %s was acknowledged and never processed.", n(s->idx),
                  id, s->agency);
    }
}

/* ---- signed heads --------------------------------------------------------------------------- */

static int head_judge(Ledger *l, const Checkpoint *c, const Frontier *f) {
    Hash root;
    if (l->failed) return 0; /* then every later one fails, too: said once */
    int r = frontier_root(f, &root);
    if (r < 0) return r;
    if (!hash_eq(&root, &c->root)) {
        l->failed = c->size;
        return 0;
    }
    l->newest = c->size;
    return heads_add(&l->heads, c->size, &root);
}

/* One list of rows that gives every root ever signed: so all heads are consistent with each other.
 */
static int heads_judge(Ledger *l, const Trusted *trusted) {
    _cleanup_(table_freep) Table *t = table_open(l->folder, "checkpoints.tsv");
    Frontier f = {0};
    uint64_t size;
    Str note;
    int more, r = 0;
    if (!t) return ERR_FILE;
    while (r == 0 && (more = table_next(t, 2, 2)) != 0) {
        Checkpoint c;
        if (more < 0) return more;
        if (!field_number(t, 0, &size) || !field_text(t, 1, &note)) return table_wrong(t);
        arena_reset(l->scratch);
        if (!checkpoint_open(l->scratch, note, trusted->origin, &trusted->log_key, &c) ||
            c.size != size) {
            say_wrong(l, "The head of %llu rows is not one that the ledger's key signed.", n(size));
            continue;
        }
        if (c.size < l->largest.size) return table_wrong(t); /* they come in order */
        l->largest = c;
        l->largest.origin = trusted->origin; /* what was borrowed from scratch must not stay */
        while (r == 0 && f.size < c.size && f.size < l->rows.count) {
            r = frontier_append(&f, &l->rows.node[f.size]);
        }
        if (r == 0 && f.size == c.size) r = head_judge(l, &c, &f);
    }
    return r;
}

static void tail_judge(Ledger *l) {
    if (l->largest.size == 0) say_wrong(l, "There is no signed head: nothing is proven.");
    if (!l->gap && l->largest.size > l->rows.count) {
        say_missing(l, l->rows.count, l->largest.size);
    }
}

/* ---- finding the row ------------------------------------------------------------------------ */

static int tree_read(Ledger *l) {
    _cleanup_(table_freep) Table *t = table_open(l->folder, "nodes.tsv");
    uint64_t level, idx;
    Hash hash;
    int more, r = 0;
    if (!t) return ERR_FILE;
    while (r == 0 && (more = table_next(t, 3, 3)) != 0) {
        if (more < 0) return more;
        if (!field_number(t, 0, &level) || !field_number(t, 1, &idx) || !field_hash(t, 2, &hash) ||
            level >= TREE_LEVELS) {
            return table_wrong(t);
        }
        if (idx != l->tree[level].count) continue; /* after a gap the level is of no use */
        r = level_add(&l->tree[level], &hash);
    }
    return r;
}

static void say_somewhere(Ledger *l, uint64_t from, uint64_t to) {
    bool whole = from == 0 && to == l->largest.size; /* then the heads know better */
    say_wrong(l,
              "At least one of the rows %llu to %llu is not the row that was signed; which one "
              "cannot be told, because the stored tree was altered as well.",
              n(whole ? l->newest : from), n((whole ? l->failed : to) - 1));
}

/* From a root that is known to be right down to the rows that do not give it. */
static int descend(Ledger *l, uint64_t from, uint64_t to, const Hash *right_root) {
    Hash root, left, right, joined;
    if (from >= l->rows.count) return 0; /* said to be missing already */
    int r = to <= l->rows.count ? rows_root(l, from, to, &root) : 0;
    if (r < 0 || (to <= l->rows.count && hash_eq(&root, right_root))) return r;
    if (to - from == 1) {
        say_wrong(l, "Row %llu is not the row that was signed.", n(from));
        return 0;
    }
    uint64_t mid = from + split(to - from);
    if (!stored_root(l, from, mid, &left) || !stored_root(l, mid, to, &right) ||
        node_hash(&left, &right, &joined) < 0 || !hash_eq(&joined, right_root)) {
        say_somewhere(l, from, to);
        return 0;
    }
    r = descend(l, from, mid, &left);
    return r < 0 ? r : descend(l, mid, to, &right);
}

static int differing_rows(Ledger *l) {
    if (!l->failed) return 0;
    say_wrong(l, "The first %llu rows do not give the head that was signed over them.",
              n(l->failed));
    int r = tree_read(l);
    return r < 0 ? r : descend(l, 0, l->largest.size, &l->largest.root);
}

/* ---- witnesses ------------------------------------------------------------------------------ */

/* A cosignature counts for a head that our own rows gave. One whose head is not here is what
 * remains of a removed head. */
static void cosigned(Ledger *l, Trusted *trusted, uint64_t size, Str line) {
    const Hash *root = heads_find(&l->heads, size);
    if (!root && size > l->largest.size) {
        say_wrong(l, "A head of %llu rows was cosigned, and is not here.", n(size));
    }
    if (!root) return;
    Checkpoint c = {.origin = trusted->origin, .size = size, .root = *root};
    for (size_t i = 0; i < trusted->witnesses; i++) {
        Witness *w = &trusted->witness[i];
        arena_reset(l->scratch);
        if (size <= w->size) continue;
        if (cosignature_holds(l->scratch, &c, line, w->name, &w->public)) w->size = size;
    }
}

static int witnesses_judge(Ledger *l, Trusted *trusted) {
    _cleanup_(table_freep) Table *t = table_open(l->folder, "cosignatures.tsv");
    uint64_t size;
    Str line;
    size_t enough = 0;
    int more;
    if (!t) return ERR_FILE;
    while ((more = table_next(t, 3, 3)) != 0) {
        if (more < 0) return more;
        if (!field_number(t, 0, &size) || !field_text(t, 2, &line)) return table_wrong(t);
        cosigned(l, trusted, size, line);
    }
    for (size_t i = 0; i < trusted->witnesses; i++) enough += trusted->witness[i].size > 0;
    if (enough < trusted->quorum) {
        say_wrong(l, "%zu of the %zu witnesses cosigned a head that holds; %zu are needed.", enough,
                  trusted->witnesses, trusted->quorum);
    }
    return 0;
}

int ledger_prove(const char *folder, Trusted *trusted, FILE *out, Ledger **ret) {
    _cleanup_(ledger_freep) Ledger *l = calloc(1, sizeof(*l));
    if (!l) return ERR_MEMORY;
    l->folder = folder;
    l->out = out;
    l->scratch = arena_new(ARENA_CAP);
    if (!l->scratch) return ERR_MEMORY;
    int r = rows_read(l);
    if (r == 0) r = count_judge(l);
    if (r == 0) r = heads_judge(l, trusted);
    if (r < 0) return r;
    tail_judge(l);
    work_judge(l);
    r = differing_rows(l);
    if (r == 0) r = witnesses_judge(l, trusted);
    if (r < 0) return r;
    *ret = TAKE(l);
    return 0;
}

/* ---- an agency's own evidence --------------------------------------------------------------- */

int ledger_prove_head(Ledger *l, const Trusted *trusted, Str note) {
    Checkpoint c;
    Hash root;
    arena_reset(l->scratch);
    if (!checkpoint_open(l->scratch, note, trusted->origin, &trusted->log_key, &c)) {
        say_wrong(l, "Your head is not one that the ledger's key signed.");
        return 0;
    }
    if (c.size > l->rows.count) {
        say_wrong(l, "Your head counts %llu rows; here are %llu.", n(c.size), n(l->rows.count));
        return 0;
    }
    int r = rows_root(l, 0, c.size, &root);
    if (r == 0 && !hash_eq(&root, &c.root)) {
        say_wrong(l, "You were shown another ledger: the first %llu rows do not give your head.",
                  n(c.size));
    }
    return r;
}

/* ---- the verdict ---------------------------------------------------------------------------- */

static void say_witnesses(const Trusted *trusted, FILE *out) {
    for (size_t i = 0; i < trusted->witnesses; i++) {
        const Witness *w = &trusted->witness[i];
        (void)fprintf(out, "Witness %.*s cosigned up to %llu rows.\n", STR_ARG(w->name),
                      n(w->size));
    }
    if (trusted->witnesses == 0) {
        (void)fputs(
            "No witness was asked: a hub that shows different ledgers to different people would "
            "not be found.\n",
            out);
    }
}

void ledger_verdict(const Ledger *l, const Trusted *trusted) {
    say_witnesses(trusted, l->out);
    if (l->wrong) {
        (void)fprintf(l->out, "NOT PROVEN: %zu thing%s wrong.\n", l->wrong,
                      l->wrong == 1 ? " is" : "s are");
        return;
    }
    (void)fprintf(l->out, "%llu row%s read; %llu signed head%s, the newest over %llu rows.\n",
                  n(l->lines), plural(l->lines), n(l->heads.roots.count),
                  plural(l->heads.roots.count), n(l->newest));
    if (l->lines > l->newest) {
        (void)fprintf(l->out, "The last %llu are not under a signed head yet.\n",
                      n(l->lines - l->newest));
    }
    (void)fputs(
        "PROVEN: every row under a signed head is what was recorded, and none is missing.\n",
        l->out);
}
