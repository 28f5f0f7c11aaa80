/* See notice_xml.h. */
#include "adapters/police/notice_xml.h"

#include "adapters/police/notice.h"
#include "broker/base/err.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

static const char profile_namespace[] = "urn:example:force:ppn:1";

/* Legend: an element with text, and where it goes. */
typedef struct Element {
    const char *name;
    size_t offset;
} Element;

static const Element notice_elements[] = {
    {"Force", offsetof(Notice, force)},
    {"Occurrence", offsetof(Notice, occurrence)},
    {"CrimeReference", offsetof(Notice, crime)},
    {"BraRating", offsetof(Notice, bra)},
    {"ConsentToShare", offsetof(Notice, consent)},
    {"Marking", offsetof(Notice, marking)},
    {"Circumstances", offsetof(Notice, circumstances)},
    {"Summary", offsetof(Notice, summary)},
    {"Intelligence", offsetof(Notice, intelligence)},
    {"CriminalHistory", offsetof(Notice, criminal_history)},
    {NULL, 0},
};
static const Element incident_elements[] = {
    {"Type", offsetof(Notice, type)}, {"DashRisk", offsetof(Notice, dash)}, {NULL, 0}};
static const Element location_elements[] = {
    {"Paon", offsetof(Notice, paon)}, {"Street", offsetof(Notice, street)},
    {"Town", offsetof(Notice, town)}, {"PostCode", offsetof(Notice, postcode)},
    {"Uprn", offsetof(Notice, uprn)}, {NULL, 0},
};
static const Element officer_elements[] = {
    {"Collar", offsetof(Notice, collar)}, {"Team", offsetof(Notice, team)}, {NULL, 0}};
static const Element informant_elements[] = {{"Name", offsetof(Notice, informant_name)},
                                             {"Account", offsetof(Notice, informant_account)},
                                             {NULL, 0}};
static const Element person_elements[] = {
    {"Surname", offsetof(NoticePerson, surname)},
    {"Forenames", offsetof(NoticePerson, forenames)},
    {"DOB", offsetof(NoticePerson, dob)},
    {"Sex", offsetof(NoticePerson, sex)},
    {"Ethnicity", offsetof(NoticePerson, ethnicity)},
    {"SchoolName", offsetof(NoticePerson, school)},
    {"RelationshipToChild", offsetof(NoticePerson, relationship)},
    {"NHSNumber", offsetof(NoticePerson, nhs_number)},
    {"UPN", offsetof(NoticePerson, upn)},
    {"PNCID", offsetof(NoticePerson, pnc)},
    {"Phone", offsetof(NoticePerson, phone)},
    {"VoiceOfChild", offsetof(NoticePerson, voice_of_child)},
    {NULL, 0},
};

/* Legend: an element with elements in it, and their table; all go into the notice. */
static const struct {
    const char *name;
    const Element *elements;
} parts[] = {
    {"Incident", incident_elements},
    {"Location", location_elements},
    {"Officer", officer_elements},
    {"Informant", informant_elements},
};

static inline void doc_freep(xmlDoc **doc) {
    xmlFreeDoc(*doc);
}

static bool is(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static Str text_copy(Arena *a, xmlChar *text) {
    Str copy = text ? arena_str(a, str_trim(str_z((const char *)text))) : (Str){0};
    xmlFree(text);
    return copy;
}

static Str node_text(Arena *a, const xmlNode *node) {
    return text_copy(a, xmlNodeGetContent(node));
}

static Str attribute(Arena *a, const xmlNode *node, const char *name) {
    return text_copy(a, xmlGetNoNsProp(node, (const xmlChar *)name));
}

/* True when the element is in the table and was taken. */
static bool element_take(Arena *a, const xmlNode *node, const Element *elements, void *into) {
    for (; elements->name; elements++) {
        if (!is(node, elements->name)) continue;
        *(Str *)(void *)((uint8_t *)into + elements->offset) = node_text(a, node);
        return true;
    }
    return false;
}

/* True when every element in it was in the table. */
static bool elements_take(Arena *a, const xmlNode *node, const Element *elements, void *into) {
    bool all = true;
    for (const xmlNode *at = node->children; at; at = at->next) {
        if (at->type == XML_ELEMENT_NODE && !element_take(a, at, elements, into)) all = false;
    }
    return all;
}

static int person_take(Arena *a, const xmlNode *node, Notice *n, Fault *fault) {
    if (n->person_count == NOTICE_PERSONS) return form_fault(fault, REFUSE_too_many, "Person");
    NoticePerson *p = &n->persons[n->person_count++];
    p->role = attribute(a, node, "role");
    Str present = attribute(a, node, "present");
    p->present_said = present.len > 0;
    p->present = str_is(present, "true");
    for (const xmlNode *at = node->children; at; at = at->next) {
        if (at->type != XML_ELEMENT_NODE || element_take(a, at, person_elements, p)) continue;
        bool marker = is(at, "WarningMarker");
        if (!marker) n->unknown_fields = true;
        if (!marker) continue;
        if (p->marker_count == NOTICE_MARKERS) {
            return form_fault(fault, REFUSE_too_many, "Person.WarningMarker");
        }
        p->markers[p->marker_count++] = node_text(a, at);
    }
    return 0;
}

static bool part_take(Arena *a, const xmlNode *node, Notice *n) {
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!is(node, parts[i].name)) continue;
        if (is(node, "Incident")) n->at = attribute(a, node, "at");
        return elements_take(a, node, parts[i].elements, n);
    }
    return false;
}

static int notice_from_xml(Arena *a, const xmlNode *node, Notice *ret, Fault *fault) {
    *ret = (Notice){.reference = attribute(a, node, "ref")};
    ret->encompass = str_is(attribute(a, node, "encompass"), "true");
    ret->police_protection = str_is(attribute(a, node, "policeProtection"), "true");
    for (const xmlNode *at = node->children; at; at = at->next) {
        if (at->type != XML_ELEMENT_NODE) continue;
        if (is(at, "Person")) {
            int r = person_take(a, at, ret, fault);
            if (r) return r;
        } else if (!element_take(a, at, notice_elements, ret) && !part_take(a, at, ret)) {
            ret->unknown_fields = true;
        }
    }
    return 0;
}

static int notice_bytes(Arena *a, xmlDoc *doc, xmlNode *node, Bytes *ret) {
    xmlBuffer *buffer = xmlBufferCreate();
    if (!buffer) return ERR_MEMORY;
    int len = xmlNodeDump(buffer, doc, node, 0, 0);
    if (len >= 0) *ret = arena_copy(a, bytes_of(xmlBufferContent(buffer), (size_t)len));
    xmlBufferFree(buffer);
    return len >= 0 && ret->at ? 0 : ERR_MEMORY;
}

static int notice_take(Batch *b, xmlDoc *doc, xmlNode *node, size_t position) {
    Notice n;
    Fault fault = {0};
    Draft draft;
    Bytes native;
    int r = notice_bytes(b->arena, doc, node, &native);
    if (r == 0) r = notice_from_xml(b->arena, node, &n, &fault);
    if (r == 0) {
        r = notice_map(b->arena, &b->adapter->self, &n, native, b->now_ms, &draft, &fault);
    }
    if (r < 0) return r;
    return r ? batch_reject(b, n.reference, position, &fault)
             : batch_keep(b, &draft, n.reference, position);
}

static void ignore_error(void *context, xmlErrorPtr error) {
    (void)context, (void)error; /* libxml2's words quote the document */
}

/* NULL unless it is well formed, small in every way that libxml2 bounds, and has no DOCTYPE. */
static xmlDoc *document_load(Bytes content) {
    if (content.len > INT32_MAX) return NULL;
    xmlSetStructuredErrorFunc(NULL, ignore_error);
    _cleanup_(doc_freep) xmlDoc *doc = xmlReadMemory(
        (const char *)content.at, (int)content.len, NULL, NULL,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    if (!doc || xmlGetIntSubset(doc)) return NULL;
    return TAKE(doc);
}

/* A DOCTYPE is seen before the parser is: entities are not even declared. */
static bool has_doctype(Bytes content) {
    size_t at;
    return str_find(bytes_str(content), STR("<!DOCTYPE"), &at) ||
           str_find(bytes_str(content), STR("<!ENTITY"), &at);
}

int notices_xml(Batch *b, Bytes content, Fault *ret_fault) {
    if (has_doctype(content)) return form_fault(ret_fault, REFUSE_message_not_allowed, "DOCTYPE");
    _cleanup_(doc_freep) xmlDoc *doc = document_load(content);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    bool batch = root && is(root, "PPNBatch") && root->ns &&
                 strcmp((const char *)root->ns->href, profile_namespace) == 0;
    size_t position = 0;
    if (!batch) return form_fault(ret_fault, REFUSE_wrong_type, "PPNBatch");
    for (xmlNode *at = root->children; at; at = at->next) {
        if (!is(at, "PPN")) continue;
        int r = notice_take(b, doc, at, position++);
        if (r < 0) return r;
    }
    return position ? 0 : form_fault(ret_fault, REFUSE_missing_field, "PPN");
}
