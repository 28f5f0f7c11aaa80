/* See notice_json.h. The tables are the format: a name that is not in them is kept in the native
 * message only, and gets a warning. */
#include "adapters/police/notice_json.h"

#include "adapters/police/notice.h"
#include "broker/base/err.h"

typedef enum Shape { SHAPE_text, SHAPE_yes, SHAPE_part } Shape;

/* Legend: the name, what it is, where it goes; a part is read by its own table. */
typedef struct Place {
    const char *name;
    Shape shape;
    size_t offset;
} Place;

#define TEXT_AT(name, type, field) \
    { name, SHAPE_text, offsetof(type, field) }
#define YES_AT(name, type, field) \
    { name, SHAPE_yes, offsetof(type, field) }
#define PART(name) \
    { name, SHAPE_part, 0 }

static const Place notice_places[] = {
    TEXT_AT("notice_ref", Notice, reference),
    TEXT_AT("force_code", Notice, force),
    TEXT_AT("occurrence_number", Notice, occurrence),
    TEXT_AT("crime_reference", Notice, crime),
    TEXT_AT("incident_datetime", Notice, at),
    TEXT_AT("incident_type", Notice, type),
    TEXT_AT("dash_risk", Notice, dash),
    TEXT_AT("bra_rating", Notice, bra),
    TEXT_AT("consent_to_share", Notice, consent),
    TEXT_AT("gpms", Notice, marking),
    YES_AT("operation_encompass", Notice, encompass),
    YES_AT("police_protection_s46", Notice, police_protection),
    TEXT_AT("circumstances", Notice, circumstances),
    TEXT_AT("summary", Notice, summary),
    TEXT_AT("intelligence", Notice, intelligence),
    TEXT_AT("criminal_history", Notice, criminal_history),
    PART("location"),
    PART("persons"),
    PART("officer"),
    PART("informant"),
    {NULL, SHAPE_part, 0},
};
static const Place location_places[] = {
    TEXT_AT("paon", Notice, paon), TEXT_AT("street", Notice, street),
    TEXT_AT("town", Notice, town), TEXT_AT("postcode", Notice, postcode),
    TEXT_AT("uprn", Notice, uprn), {NULL, SHAPE_part, 0},
};
static const Place officer_places[] = {
    TEXT_AT("collar", Notice, collar), TEXT_AT("team", Notice, team), {NULL, SHAPE_part, 0}};
static const Place informant_places[] = {TEXT_AT("name", Notice, informant_name),
                                         TEXT_AT("account", Notice, informant_account),
                                         {NULL, SHAPE_part, 0}};
static const Place person_places[] = {
    TEXT_AT("role", NoticePerson, role),
    TEXT_AT("surname", NoticePerson, surname),
    TEXT_AT("forenames", NoticePerson, forenames),
    TEXT_AT("dob", NoticePerson, dob),
    TEXT_AT("sex", NoticePerson, sex),
    TEXT_AT("self_defined_ethnicity", NoticePerson, ethnicity),
    TEXT_AT("school_name", NoticePerson, school),
    TEXT_AT("relationship_to_child", NoticePerson, relationship),
    TEXT_AT("nhs_number", NoticePerson, nhs_number),
    TEXT_AT("upn", NoticePerson, upn),
    TEXT_AT("pnc_id", NoticePerson, pnc),
    TEXT_AT("phone", NoticePerson, phone),
    TEXT_AT("voice_of_child", NoticePerson, voice_of_child),
    YES_AT("present", NoticePerson, present),
    PART("warning_markers"),
    {NULL, SHAPE_part, 0},
};

static const Place *place_of(const Place *places, const char *name) {
    for (; places->name; places++) {
        if (strcmp(places->name, name) == 0) return places;
    }
    return NULL;
}

/* A text, or a whole number written without quotes; null is not there. */
static bool text_take(Arena *a, const json_t *j, Str *ret) {
    if (json_is_string(j)) {
        *ret = arena_str(a, (Str){.at = json_string_value(j), .len = json_string_length(j)});
    } else if (json_is_integer(j)) {
        *ret = arena_printf(a, "%" JSON_INTEGER_FORMAT, json_integer_value(j));
    }
    return json_is_string(j) || json_is_integer(j) || json_is_null(j);
}

static bool place_take(Arena *a, const Place *p, const json_t *j, void *into) {
    void *at = (uint8_t *)into + p->offset;
    if (p->shape == SHAPE_text) return text_take(a, j, at);
    if (p->shape == SHAPE_yes) {
        *(bool *)at = json_is_true(j);
        return json_is_boolean(j) || json_is_null(j);
    }
    return true;
}

/* The object's own fields; parts are left to the caller. */
static int object_take(Arena *a, json_t *object, const Place *places, const char *path, void *into,
                       bool *unknown, Fault *fault) {
    const char *name, *dot = path[0] ? "." : "";
    json_t *value;
    if (!object || json_is_null(object)) return 0;
    if (!json_is_object(object)) return form_fault(fault, REFUSE_wrong_type, "%s", path);
    json_object_foreach(object, name, value) {
        const Place *p = place_of(places, name);
        if (!p) {
            *unknown = true;
            continue;
        }
        if (place_take(a, p, value, into)) continue;
        return form_fault(fault, REFUSE_wrong_type, "%s%s%s", path, dot, p->name);
    }
    return 0;
}

static int markers_take(Arena *a, json_t *markers, NoticePerson *p, const char *path,
                        Fault *fault) {
    json_t *marker;
    size_t i;
    if (json_array_size(markers) > NOTICE_MARKERS) {
        return form_fault(fault, REFUSE_too_many, "%s.warning_markers", path);
    }
    json_array_foreach(markers, i, marker) {
        if (!text_take(a, marker, &p->markers[i])) {
            return form_fault(fault, REFUSE_wrong_type, "%s.warning_markers[%zu]", path, i);
        }
        p->marker_count++;
    }
    return 0;
}

static int persons_take(Arena *a, json_t *persons, Notice *n, Fault *fault) {
    json_t *person;
    size_t i;
    char path[32];
    if (json_array_size(persons) > NOTICE_PERSONS) {
        return form_fault(fault, REFUSE_too_many, "persons");
    }
    json_array_foreach(persons, i, person) {
        NoticePerson *p = &n->persons[n->person_count++];
        (void)snprintf(path, sizeof(path), "persons[%zu]", i);
        int r = object_take(a, person, person_places, path, p, &n->unknown_fields, fault);
        if (r) return r;
        p->present_said = json_is_boolean(json_object_get(person, "present"));
        r = markers_take(a, json_object_get(person, "warning_markers"), p, path, fault);
        if (r) return r;
    }
    return 0;
}

static int notice_from_json(Arena *a, json_t *object, Notice *ret, Fault *ret_fault) {
    /* Legend: the part and its table, read into the same notice. */
    static const struct {
        const char *name;
        const Place *places;
    } parts[] = {{"location", location_places},
                 {"officer", officer_places},
                 {"informant", informant_places}};
    *ret = (Notice){0};
    *ret_fault = (Fault){0};
    if (!json_is_object(object)) return form_fault(ret_fault, REFUSE_wrong_type, "%s", "");
    bool *unknown = &ret->unknown_fields;
    int r = object_take(a, object, notice_places, "", ret, unknown, ret_fault);
    for (size_t i = 0; r == 0 && i < COUNT_OF(parts); i++) {
        r = object_take(a, json_object_get(object, parts[i].name), parts[i].places, parts[i].name,
                        ret, unknown, ret_fault);
    }
    return r ? r : persons_take(a, json_object_get(object, "persons"), ret, ret_fault);
}

/* The notice's own bytes: its object written one way, so that the same notice in another file, or
 * with other blanks, is the same message. */
static int notice_bytes(Arena *a, const json_t *object, Bytes *ret) {
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (!text) return ERR_MEMORY;
    *ret = str_bytes(arena_str(a, str_z(text)));
    free(text);
    return ret->at ? 0 : ERR_MEMORY;
}

static int notice_take(Batch *b, json_t *object, size_t position) {
    Notice n;
    Fault fault;
    Draft draft;
    Bytes native;
    int r = notice_bytes(b->arena, object, &native);
    if (r == 0) r = notice_from_json(b->arena, object, &n, &fault);
    if (r == 0) {
        r = notice_map(b->arena, &b->adapter->self, &n, native, b->now_ms, &draft, &fault);
    }
    if (r < 0) return r;
    const char *reference = json_string_value(json_object_get(object, "notice_ref"));
    Str known = str_z(reference ? reference : "");
    return r ? batch_reject(b, known, position, &fault) : batch_keep(b, &draft, known, position);
}

int notices_json(Batch *b, Bytes content, Fault *ret_fault) {
    _cleanup_(json_freep) json_t *root = form_load(content);
    json_t *notice;
    size_t i;
    if (json_is_object(root)) return notice_take(b, root, 0);
    if (!json_is_array(root)) return form_fault(ret_fault, REFUSE_wrong_type, "JSON");
    if (json_array_size(root) == 0) return form_fault(ret_fault, REFUSE_missing_field, "JSON");
    json_array_foreach(root, i, notice) {
        int r = notice_take(b, notice, i);
        if (r < 0) return r;
    }
    return 0;
}
