/* What is known in an enquiry, opened: items and people, through the vault. A thing that does not
 * open (its key was erased) says nothing any more, and nothing else fails for it (R21); that it was
 * there is still told, because who cannot be read cannot be kept from being named. The look is
 * recorded by the caller's door; see hub.h. */
#include "broker/hub/choices.h"
#include "broker/hub/hub.h"

#include "broker/io/log.h"
#include "schemas/leaf.h"

static const char items_sql[] =
    "SELECT item_id, owner, class, message_id, sealed, arrived_at, leaf, "
    "replaced, corrected, taken_back, ties, alone FROM door.hub_items($1) "
    "WHERE $2::uuid[] IS NULL OR item_id = ANY ($2)";
enum { ROW_id, ROW_owner, ROW_class, ROW_message, ROW_sealed, ROW_arrived_at, ROW_leaf,
       ROW_replaced, ROW_corrected, ROW_taken_back, ROW_ties, ROW_alone };

static const char mentions_sql[] =
    "SELECT mention_id, agency, sealed, person_id, message_id, held FROM door.hub_mentions($1) "
    "WHERE $2::uuid[] IS NULL OR mention_id = ANY ($2)";
enum { MENTION_id, MENTION_agency, MENTION_sealed, MENTION_person, MENTION_message,
       MENTION_held };

static Str copy(Arena *a, const Rows *rows, size_t row, int column) {
    return arena_str(a, row_text(rows, row, column));
}

/* Every row's thing, opened, but for those that stay `shut`: id in the first column, the owner in
 * the second. */
static int rows_open(Hub *h, Arena *a, const Rows *rows, const char *use, int sealed_column,
                     const bool *shut, VaultThing **ret) {
    size_t count = rows_count(rows), n = 0;
    VaultThing *things = arena_array(a, count + 1, sizeof(*things));
    VaultThing *open = arena_array(a, count + 1, sizeof(*open));
    Bytes *sealed = arena_array(a, count + 1, sizeof(*sealed));
    if (!things || !open || !sealed) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (shut && shut[i]) continue;
        open[n] = (VaultThing){
            .id = row_id(rows, i, 0), .use = str_z(use), .agency = row_text(rows, i, 1)};
        sealed[n++] = row_bytes(rows, i, sealed_column);
    }
    int r = vault_open(h, a, open, sealed, n);
    if (r) return r;
    for (size_t i = count; i-- > 0;) {
        if (!shut || !shut[i]) things[i] = open[--n];
    }
    *ret = things;
    return 0;
}

/* The tree of an opened thing; NULL when it was erased. ERR_BROKEN when it opens and is not what
 * the pipeline wrote: nothing may be decided without knowing what it says (R25). */
static int tree(Arena *a, const VaultThing *t, const Value **ret) {
    Fault fault;
    *ret = NULL;
    int r = t->plain.at ? codec_decode(a, t->plain, ret, &fault) : 0;
    return r > 0 ? ERR_BROKEN : r;
}

/* The item's own sealed words and the ledger must agree that it came in this message and that the
 * message belongs to this enquiry: a row moved or relabelled in the database is not obeyed. Nor is
 * an update, or what corrects one, of which no other message is known any more: what it inherits
 * could not be found. */
static bool item_placed(const Rows *rows, size_t i, Id enquiry, const Value *content) {
    Id message = row_id(rows, i, ROW_message), said;
    Str leaf = row_text(rows, i, ROW_leaf);
    if (row_yes(rows, i, ROW_alone)) return false;
    return value_id(content, F_item_content_message_id, &said) && id_eq(said, message) &&
           leaf_says_id(leaf, "message", message) && leaf_says_id(leaf, "enquiry", enquiry);
}

static int choices_load(Hub *h, Arena *a, Id enquiry, Choices *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    *ret = (Choices){0};
    int r = STORE_CALL(h->store, &rows,
                       "SELECT owner, of, ties, leaf FROM door.hub_choices($1)",
                       p_id(enquiry));
    if (r) return r;
    ret->at = arena_array(a, rows_count(rows) + 1, sizeof(*ret->at));
    if (!ret->at) return ERR_MEMORY;
    for (size_t i = 0; i < rows_count(rows); i++) {
        Choice *c = &ret->at[ret->count++];
        Origin of = {row_text(rows, i, 0), row_id(rows, i, 1), row_text(rows, i, 2)};
        if (choice_read(a, &of, row_text(rows, i, 3), c)) continue;
        log_event(LOG_error, "choice_not_understood", "owner=%.*s", STR_ARG(of.owner));
    }
    choices_link(ret);
    return arena_failed(a) ? ERR_MEMORY : 0;
}

static Origin item_origin(const Rows *rows, size_t i) {
    return (Origin){row_text(rows, i, ROW_owner), row_id(rows, i, ROW_message),
                    row_text(rows, i, ROW_ties)};
}

static const char *tier_by(const Will *will, Tier sent) {
    if (will->tier == TIER_none) return "class";
    if (will->choice) return "choice";
    return will->tier == sent ? "owner" : "class";
}

/* Whether its owner has taken it back since, by the class that was sealed: "health+concern", or "*"
 * for all that the message says. */
static bool item_taken_back(const Rows *rows, size_t i, Str class) {
    Str rest = row_text(rows, i, ROW_taken_back), one;
    while (str_split(&rest, '+', &one)) {
        if (str_is(one, "*") || str_eq(one, class)) return true;
    }
    return false;
}

/* Of what its owner holds at source nothing is known here, but that. */
static HubItem item_held(Arena *a, const Rows *rows, size_t i) {
    return (HubItem){
        .item = {.id = row_id(rows, i, ROW_id),
                 .owner = copy(a, rows, i, ROW_owner),
                 .class = class_by_name(row_text(rows, i, ROW_class)),
                 .tier = TIER_silent,
                 .held = true,
                 .free_text = true},
        .message_id = row_id(rows, i, ROW_message),
        .arrived_at = copy(a, rows, i, ROW_arrived_at),
    };
}

/* Class, tier and whether it is prose are what was sealed, and what the owner chose since; the
 * columns are copies for statistics. */
static HubItem item_of(Arena *a, const Rows *rows, size_t i, Id enquiry, const Value *content,
                       const Choices *choices) {
    bool placed = item_placed(rows, i, enquiry, content);
    Str class = content ? value_text(content, F_item_content_class) : row_text(rows, i, ROW_class);
    Origin origin = item_origin(rows, i);
    Tier sent = content ? tier_by_name(value_text(content, F_item_content_tier)) : TIER_none;
    Will will = choice_will(choices, &origin, class_by_name(class), sent);
    char id[ID_TEXT];
    id_text(row_id(rows, i, ROW_id), id);
    if (content && !placed) log_event(LOG_error, "item_not_obeyed", "item=%s", id);
    if (will.held) return item_held(a, rows, i);
    return (HubItem){
        .item = {.id = row_id(rows, i, ROW_id),
                 .owner = copy(a, rows, i, ROW_owner),
                 .replaced = row_yes(rows, i, ROW_replaced) ||
                             item_taken_back(rows, i, class),
                 .corrected = row_yes(rows, i, ROW_corrected),
                 .class = class_by_name(class),
                 .tier = placed ? will.tier : TIER_silent,
                 .free_text = !placed || value_yes(content, F_item_content_free_text),
                 .text = value_text(content, F_item_content_text),
                 .summary = value_text(content, F_item_content_summary)},
        .message_id = origin.message,
        .arrived_at = copy(a, rows, i, ROW_arrived_at),
        .tier_by = tier_by(&will, sent),
        .chosen_for = will.choice ? will.choice->of.message : origin.message,
    };
}

/* What is held at source is not even opened, as far as the rows' classes tell. */
static int items_shut(Arena *a, const Rows *rows, const Choices *choices, bool **ret) {
    *ret = arena_array(a, rows_count(rows) + 1, sizeof(**ret));
    if (!*ret) return ERR_MEMORY;
    for (size_t i = 0; i < rows_count(rows); i++) {
        Origin origin = item_origin(rows, i);
        (*ret)[i] = choice_holds(choices, &origin, class_by_name(row_text(rows, i, ROW_class)));
    }
    return 0;
}

static int items_read(Hub *h, Arena *a, Id enquiry, Param only, HubItem **ret, size_t *ret_count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    VaultThing *things = NULL;
    Choices choices;
    bool *shut = NULL;
    int r = STORE_CALL(h->store, &rows, items_sql, p_id(enquiry), only);
    if (r == 0) r = choices_load(h, a, enquiry, &choices);
    if (r == 0) r = items_shut(a, rows, &choices, &shut);
    if (r == 0) r = rows_open(h, a, rows, "item", ROW_sealed, shut, &things);
    if (r) return r;
    HubItem *items = arena_array(a, rows_count(rows) + 1, sizeof(*items));
    if (!items) return ERR_MEMORY;
    for (size_t i = 0; i < rows_count(rows); i++) {
        const Value *content = NULL;
        r = tree(a, &things[i], &content);
        if (r < 0) return r;
        items[i] = shut[i] ? item_held(a, rows, i)
                           : item_of(a, rows, i, enquiry, content, &choices);
    }
    *ret = items;
    *ret_count = rows_count(rows);
    return arena_failed(a) ? ERR_MEMORY : 0;
}

int items_open(Hub *h, Arena *a, Id enquiry, HubItem **ret, size_t *ret_count) {
    return items_read(h, a, enquiry, p_null(), ret, ret_count);
}

int items_open_some(Hub *h, Arena *a, Id enquiry, const Id *ids, size_t count, HubItem **ret,
                    size_t *ret_count) {
    return items_read(h, a, enquiry, p_id_list(a, ids, count), ret, ret_count);
}

static bool has_role(const HubPerson *p, const char *role) {
    for (size_t i = 0; p->value && i < value_count(p->value, F_person_role); i++) {
        if (str_is(value_item_text(p->value, F_person_role, i), role)) return true;
    }
    return false;
}

static bool is_child(const HubPerson *p) {
    return has_role(p, "child") || has_role(p, "unborn");
}

static bool same_message(const Rows *rows, size_t a, size_t b) {
    return id_eq(row_id(rows, a, MENTION_message), row_id(rows, b, MENTION_message)) &&
           str_eq(row_text(rows, a, MENTION_agency), row_text(rows, b, MENTION_agency));
}

static int id_order(const void *a, const void *b) {
    return memcmp(a, b, sizeof(Id));
}

/* Whom a message is about: the children in it; where it has none, and everybody in it can be read,
 * the children of the home. As they were sealed: a row makes nobody a child. Whoever is one by one
 * mention is one by each. A message's mentions stand together. */
static int subjects_mark(Arena *a, const Rows *rows, HubPerson *persons) {
    size_t count = rows_count(rows), n = 0;
    Id *children = arena_array(a, count + 1, sizeof(*children));
    if (!children) return ERR_MEMORY;
    for (size_t from = 0, to; from < count; from = to) {
        bool home = true;
        for (to = from; to < count && same_message(rows, from, to); to++) {
            home = home && persons[to].value && !is_child(&persons[to]);
        }
        for (size_t i = from; i < to; i++) {
            bool subject = home ? has_role(&persons[i], "sibling") : is_child(&persons[i]);
            if (subject) children[n++] = persons[i].person_id;
        }
    }
    qsort(children, n, sizeof(*children), id_order);
    for (size_t i = 0; i < count; i++) {
        persons[i].subject =
            bsearch(&persons[i].person_id, children, n, sizeof(*children), id_order) != NULL;
    }
    return arena_failed(a) ? ERR_MEMORY : 0;
}

bool persons_subject(const HubPerson *persons, size_t count, Id person) {
    for (size_t i = 0; i < count; i++) {
        if (persons[i].subject && id_eq(persons[i].person_id, person)) return true;
    }
    return false;
}

static int persons_read(Hub *h, Arena *a, Id enquiry, Param only, HubPerson **ret,
                        size_t *ret_count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    VaultThing *things = NULL;
    bool broken = false;
    int r = STORE_CALL(h->store, &rows, mentions_sql, p_id(enquiry), only);
    if (r == 0) r = rows_open(h, a, rows, "mention", MENTION_sealed, NULL, &things);
    if (r) return r;
    HubPerson *persons = arena_array(a, rows_count(rows) + 1, sizeof(*persons));
    if (!persons) return ERR_MEMORY;
    persons[rows_count(rows)] = (HubPerson){0};
    for (size_t i = 0; i < rows_count(rows); i++) {
        HubPerson *p = &persons[i];
        *p = (HubPerson){.person_id = row_id(rows, i, MENTION_person),
                         .held = row_yes(rows, i, MENTION_held),
                         .agency = copy(a, rows, i, MENTION_agency)};
        r = tree(a, &things[i], &p->value);
        if (r < 0) return r;
        p->roles = roles_text(a, p->value);
        broken = broken || things[i].broken || row_null(rows, i, MENTION_sealed);
    }
    if (broken) log_event(LOG_error, "mention_not_obeyed", "rows=%zu", rows_count(rows));
    *ret = persons;
    *ret_count = rows_count(rows) + broken;
    return subjects_mark(a, rows, persons);
}

int persons_open(Hub *h, Arena *a, Id enquiry, HubPerson **ret, size_t *ret_count) {
    return persons_read(h, a, enquiry, p_null(), ret, ret_count);
}

int persons_open_some(Hub *h, Arena *a, Id enquiry, const Id *ids, size_t count, HubPerson **ret,
                      size_t *ret_count) {
    return persons_read(h, a, enquiry, p_id_list(a, ids, count), ret, ret_count);
}
