/* What agencies say in an enquiry: whom they mention, and their items. See show.h. */
#include "broker/hub/show.h"

#include "schemas/codec.h"

enum { DETAILS_MOST = 300 * 1000 }; /* of one person: JSON bytes */

/* Of door.hub_mended; whose message it is stands behind them. */
static const Column mended_columns[] = {
    {"by", COLUMN_text},
    {"at", COLUMN_text},
    {"instead_of", COLUMN_id},
    {"corrected", COLUMN_yes},
};
enum { MENDED_agency = COUNT_OF(mended_columns), MENDED_message };

/* What this page may have room for, by its size when sealed. */
typedef struct Chosen {
    Slice *slices; /* an agency each, in the order of their first rows */
    size_t slice_count;
    Id *ids;
    size_t id_count;
} Chosen;

static Slice *slice_find(Chosen *x, Str agency) {
    for (size_t i = 0; i < x->slice_count; i++) {
        if (str_eq(x->slices[i].agency, agency)) return &x->slices[i];
    }
    return NULL;
}

/* Who says anything here, and in how many rows. */
static int agencies_count(Call *c, const Rows *rows, Chosen *ret) {
    ret->slices = arena_array(c->arena, rows_count(rows) + 1, sizeof(*ret->slices));
    ret->ids = arena_array(c->arena, rows_count(rows) + 1, sizeof(*ret->ids));
    if (!ret->slices || !ret->ids) return ERR_MEMORY;
    for (size_t i = 0; i < rows_count(rows); i++) {
        Slice *s = slice_find(ret, row_text(rows, i, 1));
        if (!s) {
            s = &ret->slices[ret->slice_count++];
            s->agency = arena_str(c->arena, row_text(rows, i, 1));
        }
        s->total++;
    }
    return 0;
}

/* Those of the slice's rows that come first, for as long as there is room. */
static void rows_choose(const Rows *rows, Chosen *x, const Slice *s) {
    size_t room = s->room, at = s->total;
    for (size_t i = rows_count(rows); i-- > 0;) {
        if (!str_eq(row_text(rows, i, 1), s->agency) || at-- > s->from) continue;
        size_t size = (size_t)row_number(rows, i, 2);
        if (size > room) return;
        room -= size;
        x->ids[x->id_count++] = row_id(rows, i, 0);
    }
}

/* `sql`: id, agency and size of every row; what is to be shown first stands last. */
static int choose(Call *c, const char *sql, const Cursor *k, size_t share, Chosen *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows, sql, p_id(c->enquiry));
    if (r == 0) r = agencies_count(c, rows, ret);
    if (r) return r;
    if (k->list.len) {
        const Slice *only = slice_find(ret, k->agency);
        if (!only) return cursor_wrong(c);
        ret->slices[0] = *only;
        ret->slice_count = 1;
    }
    for (size_t i = 0; i < ret->slice_count; i++) {
        Slice *s = &ret->slices[i];
        *s = slice_of(k, s->agency, s->total, share / ret->slice_count);
        rows_choose(rows, ret, s);
    }
    return 0;
}

/* The number staff use for a child; 0 for anybody else. */
static int64_t subject_number(const Rows *subjects, Id person) {
    for (size_t i = 0; i < rows_count(subjects); i++) {
        if (id_eq(row_id(subjects, i, 1), person)) return row_number(subjects, i, 0);
    }
    return 0;
}

static json_t *person_row(Call *c, const HubPerson *p, int64_t number) {
    json_t *row = json_object();
    Str told = p->value ? codec_json(c->arena, STRUCT_person, p->value) : (Str){0};
    json_object_set_new(row, "person", json_id(p->person_id));
    if (!p->value) json_object_set_new(row, "erased", json_true());
    if (number) json_object_set_new(row, "subject", json_integer(number));
    json_object_set_new(row, "agency", json_str(p->agency));
    json_object_set_new(row, "roles", json_str(p->roles));
    bool too_long = told.len > DETAILS_MOST;
    if (too_long) json_object_set_new(row, "too_long", json_true());
    json_t *details = told.at && !too_long ? json_loadb(told.at, told.len, 0, NULL) : NULL;
    if (details) json_object_set_new(row, "details", details);
    return row;
}

int persons_show(Call *c, const Cursor *k) {
    _cleanup_(rows_freep) Rows *subjects = NULL;
    HubPerson *persons = NULL;
    Chosen x = {0};
    size_t count = 0;
    int r = choose(c,
                   "SELECT mention_id, agency, octet_length(sealed)::bigint "
                   "FROM door.hub_mentions($1) WHERE NOT held",
                   k, SHARE_persons, &x);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &subjects,
                       "SELECT number, person_id FROM door.hub_subjects($1)", p_id(c->enquiry));
    }
    if (r == 0) {
        r = persons_open_some(c->hub, c->arena, c->enquiry, x.ids, x.id_count, &persons, &count);
    }
    if (r) return r;
    json_t *list = json_array();
    json_object_set_new(c->result, "persons", list);
    for (Slice *s = x.slices; s < x.slices + x.slice_count; s++) {
        for (size_t i = count; i-- > 0;) {
            if (!str_eq(persons[i].agency, s->agency)) continue;
            int64_t number = subject_number(subjects, persons[i].person_id);
            if (!slice_put(s, list, person_row(c, &persons[i], number))) break;
        }
        slice_tell(c, "persons", s);
    }
    return 0;
}

/* Held at source: that it is, and nothing of what it is. */
static json_t *held_row(const Item *item) {
    json_t *row = json_object();
    json_object_set_new(row, "item", json_id(item->id));
    json_object_set_new(row, "held_at_source", json_true());
    return row;
}

static json_t *item_row(const HubItem *h) {
    const Item *item = &h->item;
    if (item->held) return held_row(item);
    json_t *row = json_object();
    Tier tier = item->tier != TIER_none ? item->tier : class_default_tier(item->class);
    json_object_set_new(row, "item", json_id(item->id));
    json_object_set_new(row, "class", json_string(class_name(item->class)));
    json_object_set_new(row, "sensitivity",
                        json_sprintf("K%d", (int)class_sensitivity(item->class)));
    json_object_set_new(row, "tier", json_string(tier_name(tier)));
    json_object_set_new(row, "tier_by", json_string(h->tier_by));
    if (!id_eq(h->chosen_for, h->message_id)) {
        json_object_set_new(row, "chosen_for", json_id(h->chosen_for));
    }
    json_object_set_new(row, "free_text", json_boolean(item->free_text));
    json_object_set_new(row, "arrived_at", json_str(h->arrived_at));
    json_object_set_new(row, "message", json_id(h->message_id));
    if (!item->text.at) json_object_set_new(row, "erased", json_true());
    if (item->text.at) json_object_set_new(row, "text", json_str(item->text));
    if (item->summary.len) json_object_set_new(row, "summary", json_str(item->summary));
    return row;
}

/* Whose words these are: of an item whose message the hub put through under a new id, by whom,
 * when, instead of which message, and whether that person corrected it. */
static json_t *mended_row(const Rows *mended, const HubItem *h) {
    for (size_t i = 0; i < rows_count(mended); i++) {
        if (!id_eq(row_id(mended, i, MENDED_message), h->message_id)) continue;
        if (!str_eq(row_text(mended, i, MENDED_agency), h->item.owner)) continue;
        return json_row(mended, i, mended_columns, COUNT_OF(mended_columns));
    }
    return NULL;
}

static const HubItem *item_find(const HubItem *items, size_t count, Id id) {
    for (size_t i = 0; i < count; i++) {
        if (id_eq(items[i].item.id, id)) return &items[i];
    }
    return NULL;
}

/* The newest message first, and its items in the order in which they stand there. */
static json_t *owner_show(Slice *s, const Chosen *x, const HubItem *items, size_t count,
                          const Rows *mended) {
    json_t *entry = json_object(), *list = json_array();
    json_object_set_new(entry, "owner", json_str(s->agency));
    json_object_set_new(entry, "items", list);
    for (size_t i = 0; i < x->id_count; i++) {
        const HubItem *item = item_find(items, count, x->ids[i]);
        if (!item || !str_eq(item->item.owner, s->agency)) continue;
        json_t *row = item_row(item);
        json_t *how = item->item.held ? NULL : mended_row(mended, item);
        if (how) json_object_set_new(row, "mended", how);
        if (!slice_put(s, list, row)) break;
    }
    return entry;
}

int items_show(Call *c, const Cursor *k) {
    _cleanup_(rows_freep) Rows *mended = NULL;
    HubItem *items = NULL;
    Chosen x = {0};
    size_t count = 0;
    int r = choose(c,
                   "SELECT item_id, owner, octet_length(sealed)::bigint "
                   "FROM door.hub_items($1) ORDER BY arrived_at, message_id, item_id DESC",
                   k, SHARE_items, &x);
    if (r == 0) {
        r = items_open_some(c->hub, c->arena, c->enquiry, x.ids, x.id_count, &items, &count);
    }
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &mended,
                       "SELECT by, at, original, corrected, agency, message_id "
                       "FROM door.hub_mended($1)",
                       p_id(c->enquiry));
    }
    if (r) return r;
    json_t *owners = json_array();
    json_object_set_new(c->result, "owners", owners);
    for (Slice *s = x.slices; s < x.slices + x.slice_count; s++) {
        json_array_append_new(owners, owner_show(s, &x, items, count, mended));
        slice_tell(c, "items", s);
    }
    return 0;
}
