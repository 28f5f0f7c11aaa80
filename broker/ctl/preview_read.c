/* An enquiry on paper. The schema says what may stand where; here is what it cannot say: that names
 * are unique, that what is referred to is there, and that a class is one of the closed list. */
#include "broker/ctl/preview.h"

#include "broker/base/fold.h"
#include "broker/release/rule.h"
#include "schemas/json_read.h"

typedef struct Reader {
    Arena *arena;
    Enquiry *enquiry;
    EnquiryFault *fault;
    Str *refs; /* of the people */
} Reader;

static void path_to(char path[60], const char *list, size_t i, const char *field) {
    (void)snprintf(path, 60, "%s[%zu]%s%s", list, i, field[0] ? "." : "", field);
}

/* ---- what the schema cannot say -------------------------------------------------------------- */

/* The last of `list` is like none before it. */
static int need_unique(Reader *r, const Str *list, size_t i, const char *name, const char *field) {
    char path[60], sentence[120];
    for (size_t k = 0; k < i; k++) {
        if (!str_eq(list[k], list[i])) continue;
        path_to(path, name, i, field);
        (void)snprintf(sentence, sizeof(sentence),
                       "%s[%zu] has the same already; give each its own", name, k);
        return fault_enquiry(r->fault, path, sentence);
    }
    return 0;
}

static int need_agency(Reader *r, Str code, const char *list, size_t i, const char *field) {
    Words known = {"an agency of this enquiry", r->enquiry->codes, r->enquiry->agency_count};
    char path[60];
    size_t index;
    if (enquiry_agency_find(r->enquiry, code, &index)) return 0;
    path_to(path, list, i, field);
    return fault_choice(r->fault, path, code, &known);
}

bool enquiry_agency_find(const Enquiry *p, Str code, size_t *ret_index) {
    for (*ret_index = 0; *ret_index < p->agency_count; ++*ret_index) {
        if (str_eq(p->codes[*ret_index], code)) return true;
    }
    return false;
}

/* ---- agencies -------------------------------------------------------------------------------- */

static int read_agencies(Reader *r, const Value *v) {
    Enquiry *p = r->enquiry;
    size_t count = value_count(v, F_enquiry_agencies);
    Str **columns[] = {&p->codes, &p->names, &p->types, &p->desks};
    static const uint32_t keys[] = {F_enquiry_agency_code, F_enquiry_agency_name,
                                    F_enquiry_agency_type, F_enquiry_agency_desk};
    for (size_t k = 0; k < COUNT_OF(keys); k++) {
        *columns[k] = arena_array(r->arena, count, sizeof(Str));
        if (!*columns[k]) return ERR_MEMORY;
        for (size_t i = 0; i < count; i++) {
            (*columns[k])[i] = value_text(value_item(v, F_enquiry_agencies, i), keys[k]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        int e = need_unique(r, p->codes, i, "agencies", "code");
        if (e) return e;
    }
    p->agency_count = count;
    return 0;
}

/* ---- people ---------------------------------------------------------------------------------- */

/* As the hub would have taken it: with the word of the check digit, made here. */
static void read_identifiers(Arena *a, const Value *person, Value *ret) {
    for (size_t i = 0; i < value_count(person, F_enquiry_person_identifiers); i++) {
        const Value *from = value_item(person, F_enquiry_person_identifiers, i);
        Str scheme = value_text(from, F_enquiry_identifier_scheme);
        Str number = value_text(from, F_enquiry_identifier_value);
        bool bad = (str_is(scheme, "nhs_number") && !nhs_number_valid(number)) ||
                   (str_is(scheme, "upn") && !upn_valid(number));
        Value *to = value_add_map(a, ret, F_person_identifier);
        value_set_text(a, to, F_identifier_scheme, scheme);
        value_set_text(a, to, F_identifier_value, number);
        value_set_text(a, to, F_identifier_check, bad ? STR("bad") : STR("ok"));
    }
}

static void copy_list(Arena *a, const Value *from, uint32_t key, Value *to, uint32_t to_key) {
    const Value *list = value_get(from, key);
    Value *copy = list ? arena_alloc(a, sizeof(*copy)) : NULL;
    if (!copy) return; /* none, or the arena has failed and says so */
    *copy = *list;
    value_set(a, to, to_key, copy);
}

static const Value *person_value(Arena *a, const Value *from) {
    Value *v = value_map(a);
    value_set_text(a, v, F_person_ref, value_text(from, F_enquiry_person_ref));
    value_set_text(a, v, F_person_birth_date, value_text(from, F_enquiry_person_birth_date));
    copy_list(a, from, F_enquiry_person_roles, v, F_person_role);
    copy_list(a, from, F_enquiry_person_names, v, F_person_name);
    copy_list(a, from, F_enquiry_person_addresses, v, F_person_address);
    copy_list(a, from, F_enquiry_person_telecom, v, F_person_telecom);
    read_identifiers(a, from, v);
    return v;
}

static int read_people(Reader *r, const Value *v) {
    Enquiry *p = r->enquiry;
    p->person_count = value_count(v, F_enquiry_people);
    p->persons = arena_array(r->arena, p->person_count, sizeof(*p->persons));
    p->about = arena_array(r->arena, p->person_count, sizeof(*p->about));
    r->refs = arena_array(r->arena, p->person_count, sizeof(*r->refs));
    if (!p->persons || !p->about || !r->refs) return ERR_MEMORY;
    for (size_t i = 0; i < p->person_count; i++) {
        const Value *from = value_item(v, F_enquiry_people, i);
        Person *person = &p->persons[i];
        person->value = person_value(r->arena, from);
        person->person_id.at[0] = (uint8_t)(i + 1); /* at most 256 people */
        person->person_id.at[1] = (uint8_t)((i + 1) >> 8);
        person->subject = value_yes(from, F_enquiry_person_subject);
        r->refs[i] = value_text(from, F_enquiry_person_ref);
        int e = need_unique(r, r->refs, i, "people", "ref");
        if (e) return e;
        if (person->subject) p->about[p->about_count++] = person->person_id;
    }
    return p->about_count ? 0
                          : fault_enquiry(r->fault, "people",
                                          "nobody is the subject; say \"subject\": true of the "
                                          "child whom the product is about");
}

/* ---- items ----------------------------------------------------------------------------------- */

static int item_about(Reader *r, const Value *from, size_t i) {
    Words known = {"the ref of somebody in people", r->refs, r->enquiry->person_count};
    char path[60], field[32];
    size_t index;
    for (size_t k = 0; k < value_count(from, F_enquiry_item_about); k++) {
        Str ref = value_item_text(from, F_enquiry_item_about, k);
        if (words_find(&known, ref, &index)) continue;
        (void)snprintf(field, sizeof(field), "about[%zu]", k);
        path_to(path, "items", i, field);
        return fault_choice(r->fault, path, ref, &known);
    }
    return 0;
}

static int item_class(Reader *r, Str word, size_t i, InfoClass *ret) {
    char path[60];
    *ret = class_by_name(word);
    if (*ret != CLASS_none) return 0;
    Words classes = words_classes(r->arena);
    path_to(path, "items", i, "class");
    return fault_choice(r->fault, path, word, &classes);
}

static int read_item(Reader *r, const Value *from, size_t i) {
    Enquiry *p = r->enquiry;
    InfoClass class = CLASS_none;
    size_t owner = 0;
    Str code = value_text(from, F_enquiry_item_owner);
    p->item_ids[i] = value_text(from, F_enquiry_item_id);
    int e = need_unique(r, p->item_ids, i, "items", "id");
    if (e == 0) e = need_agency(r, code, "items", i, "owner");
    if (e == 0) e = item_class(r, value_text(from, F_enquiry_item_class), i, &class);
    if (e == 0) e = item_about(r, from, i);
    if (e) return e;
    (void)enquiry_agency_find(p, code, &owner); /* it is one: need_agency */
    const Value *free_text = value_get(from, F_enquiry_item_free_text);
    p->items[i] = (Item){
        .owner = p->codes[owner],
        .owner_name = p->names[owner],
        .owner_desk = p->desks[owner],
        .class = class,
        .tier = tier_by_name(value_text(from, F_enquiry_item_tier)),
        .free_text = !free_text || value_yes(from, F_enquiry_item_free_text),
        .replaced = value_yes(from, F_enquiry_item_replaced),
        .corrected = value_yes(from, F_enquiry_item_corrected),
        .text = value_text(from, F_enquiry_item_text),
        .summary = value_text(from, F_enquiry_item_summary),
    };
    return 0;
}

static int read_items(Reader *r, const Value *v) {
    Enquiry *p = r->enquiry;
    p->item_count = value_count(v, F_enquiry_items);
    p->items = arena_array(r->arena, p->item_count, sizeof(*p->items));
    p->item_ids = arena_array(r->arena, p->item_count, sizeof(*p->item_ids));
    if (!p->items || !p->item_ids) return ERR_MEMORY;
    for (size_t i = 0; i < p->item_count; i++) {
        int e = read_item(r, value_item(v, F_enquiry_items, i), i);
        if (e) return e;
    }
    return 0;
}

/* ---- the owners' word ------------------------------------------------------------------------ */

static int read_grants(Reader *r, const Value *v) {
    Enquiry *p = r->enquiry;
    p->grant_count = value_count(v, F_enquiry_grants);
    p->authorised_count = value_count(v, F_enquiry_authorised);
    p->grants = arena_array(r->arena, p->grant_count, sizeof(*p->grants));
    p->authorised = arena_array(r->arena, p->authorised_count, sizeof(*p->authorised));
    if (!p->grants || !p->authorised) return ERR_MEMORY;
    for (size_t i = 0; i < p->grant_count; i++) {
        const Value *from = value_item(v, F_enquiry_grants, i);
        p->grants[i].owner = value_text(from, F_enquiry_grant_owner);
        (void)value_hash(from, F_enquiry_grant_section, &p->grants[i].section); /* the schema's */
        int e = need_agency(r, p->grants[i].owner, "grants", i, "owner");
        if (e) return e;
    }
    for (size_t i = 0; i < p->authorised_count; i++) {
        p->authorised[i] = value_item_text(v, F_enquiry_authorised, i);
        int e = need_agency(r, p->authorised[i], "authorised", i, "");
        if (e) return e;
    }
    return 0;
}

int enquiry_read(Arena *a, Str text, Enquiry *ret, EnquiryFault *ret_fault) {
    Reader r = {.arena = a, .enquiry = ret, .fault = ret_fault};
    const Value *v = NULL;
    Fault fault;
    *ret = (Enquiry){0};
    if (str_starts(text, STR("\xef\xbb\xbf"))) { /* as some editors begin every file */
        text = (Str){.at = text.at + 3, .len = text.len - 3};
    }
    int e = json_read(a, STRUCT_enquiry, text, &v, &fault);
    if (e > 0) fault_json(a, text, &fault, ret_fault);
    if (e) return e > 0 ? REFUSE_argument_wrong : e;
    ret->today = value_text(v, F_enquiry_today);
    ret->rating = rating_by_name(value_text(v, F_enquiry_rating));
    if (ret->today.len && !day_valid(ret->today)) {
        return fault_enquiry(ret_fault, "today", "must be a whole day, written YYYY-MM-DD");
    }
    e = read_agencies(&r, v);
    if (e == 0) e = read_people(&r, v);
    if (e == 0) e = read_items(&r, v);
    if (e == 0) e = read_grants(&r, v);
    return e == 0 && arena_failed(a) ? ERR_MEMORY : e;
}
