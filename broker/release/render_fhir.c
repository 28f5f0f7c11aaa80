/* A letter as a FHIR R4 document (https://hl7.org/fhir/R4/documents.html): a Bundle of one
 * Composition and the Patients that it is about. It says what text and page say, in the same order;
 * the ids inside are made from the letter's own, so that nothing else shows in them. */
#include "broker/base/crypto.h"
#include "broker/base/mark.h"
#include "broker/release/page.h"
#include "broker/release/shareable.h"

#define XHTML "<div xmlns=\"http://www.w3.org/1999/xhtml\">"

/* ---- JSON ------------------------------------------------------------------------------------ */

/* A JSON text. What is no character to show is a space here, too. */
static void put_json(Page *p, Str s) {
    size_t from = 0;
    put_z(p, "\"");
    for (size_t i = 0; i < s.len;) {
        char c = s.at[i];
        size_t mark = mark_len(s, i);
        size_t len = mark ? mark : c == '"' || c == '\\' || c == '\n' || c == '\t';
        i += len ? len : 1;
        if (len == 0) continue;
        put(p, (Str){.at = s.at + from, .len = i - len - from});
        put_z(p, mark ? " " : c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == '\n' ? "\\n" : "\\t");
        from = i;
    }
    put(p, (Str){.at = s.at + from, .len = s.len - from});
    put_z(p, "\"");
}

/* `before` is all that stands between the last value and this one: comma, name and colon. */
static void put_member(Page *p, const char *before, Str words) {
    put_z(p, before);
    put_json(p, words);
}

/* "urn:uuid:..." of the letter (`number` 0) or of its n-th subject. */
static Str urn(Arena *a, const Shareable *s, size_t number) {
    uint8_t n[2] = {(uint8_t)(number >> 8), (uint8_t)number};
    Bytes parts[] = {BYTES_OF("mash fhir"), id_bytes(&s->id), BYTES_OF(n)};
    char text[ID_TEXT];
    Hash hash;
    Id id = s->id;
    if (number && sha256(parts, COUNT_OF(parts), &hash) != 0) return (Str){0};
    if (number) {
        memcpy(id.at, hash.at, sizeof(id.at));
        id.at[6] = (uint8_t)((id.at[6] & 0x0f) | 0x40);
        id.at[8] = (uint8_t)((id.at[8] & 0x3f) | 0x80);
    }
    id_text(id, text);
    return arena_printf(a, "urn:uuid:%s", text);
}

/* ---- the Composition ------------------------------------------------------------------------- */

static void narrative(Page *p, Page *div) {
    put_z(div, "</div>");
    put_member(p, ",\"text\":{\"status\":\"generated\",\"div\":", page_join(div));
    put_z(p, "}");
}

static void section_open(Page *p, bool first, Str title) {
    put_member(p, first ? "{\"title\":" : ",{\"title\":", title);
}

static void owner_section(Page *p, bool first, const Section *s) {
    Page div = {.arena = p->arena};
    section_open(p, first, s->owner_name);
    put_member(p, ",\"author\":[{\"display\":", s->owner_name);
    put_z(p, "}]");
    put_z(&div, XHTML);
    for (size_t i = 0; i < s->line_count; i++) {
        if (opens_class(s, i)) put_element(&div, "h3", str_z(class_doc(s->lines[i].class)));
        put_element(&div, "p", s->lines[i].text);
    }
    if (s->signpost.len) put_element(&div, "p", s->signpost);
    narrative(p, &div);
    put_z(p, "}");
}

static void block_section(Page *p, bool first, const Pair *block) {
    Page div = {.arena = p->arena};
    section_open(p, first, str_z(block->label));
    put_z(&div, XHTML);
    put_element(&div, "p", block->words);
    narrative(p, &div);
    put_z(p, "}");
}

/* Whom it is about: every Patient of the document is referred to from here. */
static void about_section(Page *p, const Shareable *s) {
    Page div = {.arena = p->arena};
    section_open(p, true, STR("About"));
    put_z(&div, XHTML);
    for (size_t i = 0; i < s->subject_count; i++) {
        put_element(&div, "p", subject_line(p->arena, &s->subjects[i]));
    }
    narrative(p, &div);
    put_z(p, ",\"entry\":[");
    for (size_t i = 0; i < s->subject_count; i++) {
        put_member(p, i ? ",{\"reference\":" : "{\"reference\":", urn(p->arena, s, i + 2));
        put_z(p, "}");
    }
    put_z(p, "]}");
}

static void sections(Page *p, const Shareable *s) {
    bool first = s->subject_count == 0;
    put_z(p, ",\"section\":[");
    if (!first) about_section(p, s);
    for (size_t i = 0; i < s->section_count; i++, first = false) {
        owner_section(p, first, &s->sections[i]);
    }
    for (size_t i = 0; i < BLOCKS_MOST && s->blocks[i].label; i++) {
        if (s->blocks[i].words.len == 0) continue;
        block_section(p, first, &s->blocks[i]);
        first = false;
    }
    put_z(p, "]");
}

/* The head and the caution: what no section says. */
static void head(Page *p, const Shareable *s) {
    Page div = {.arena = p->arena};
    Pair pairs[HEAD_MOST + 2];
    size_t count = head_pairs(p->arena, s, pairs);
    put_z(&div, XHTML "<dl>\n");
    for (size_t i = 0; i < count; i++) {
        put_element(&div, "dt", str_z(pairs[i].label));
        put_element(&div, "dd", pairs[i].words);
    }
    put_z(&div, "</dl>\n");
    put_element(&div, "p", str_z(letter_caution));
    put_element(&div, "p", str_z(letter_marking));
    narrative(p, &div);
}

static void composition(Page *p, const Shareable *s) {
    put_member(p, "{\"fullUrl\":", urn(p->arena, s, 1));
    put_z(p, ",\"resource\":{\"resourceType\":\"Composition\"");
    head(p, s);
    put_z(p, ",\"identifier\":{\"system\":\"urn:ietf:rfc:3986\"");
    put_member(p, ",\"value\":", urn(p->arena, s, 0));
    put_member(p, "},\"status\":\"final\",\"type\":{\"text\":", str_z(s->title));
    put_z(p, "}");
    if (s->subject_count == 1) {
        put_member(p, ",\"subject\":{\"reference\":", urn(p->arena, s, 2));
        put_z(p, "}");
    }
    if (s->day.len) {
        put_member(p, ",\"date\":", s->day);
    } else {
        put_z(p, ",\"_date\":{\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
                 "data-absent-reason\",\"valueCode\":\"unknown\"}]}");
    }
    put_z(p, ",\"author\":[{\"display\":\"Multi-Agency Safeguarding Hub\"}]");
    put_member(p, ",\"title\":", str_z(s->title));
    put_z(p, ",\"confidentiality\":\"R\"");
    sections(p, s);
    put_z(p, "}}");
}

/* ---- the Patients ---------------------------------------------------------------------------- */

static void patient(Page *p, const Shareable *s, size_t i) {
    const Subject *subject = &s->subjects[i];
    put_member(p, ",{\"fullUrl\":", urn(p->arena, s, i + 2));
    put_z(p, ",\"resource\":{\"resourceType\":\"Patient\"");
    if (subject->identifier.len) {
        bool nhs = str_is(subject->identifier_scheme, "nhs_number");
        put_member(p, ",\"identifier\":[{\"type\":{\"text\":", subject->identifier_scheme);
        put_z(p, nhs ? "},\"system\":\"https://fhir.nhs.uk/Id/nhs-number\"" : "}");
        put_member(p, ",\"value\":", subject->identifier);
        put_z(p, "}]");
    }
    put_member(p, ",\"name\":[{\"text\":", subject->name);
    put_z(p, "}]");
    if (subject->birth_date.len) put_member(p, ",\"birthDate\":", subject->birth_date);
    put_z(p, "}}");
}

Str shareable_fhir(Arena *a, const Shareable *s) {
    Page p = {.arena = a};
    put_member(&p, "{\"resourceType\":\"Bundle\",\"identifier\":{\"system\":\"urn:ietf:rfc:3986\","
                   "\"value\":", urn(a, s, 0));
    put_z(&p, "},\"type\":\"document\"");
    if (s->day.len) {
        put_member(&p, ",\"timestamp\":", arena_printf(a, "%.*sT00:00:00Z", STR_ARG(s->day)));
    }
    put_z(&p, ",\"entry\":[");
    composition(&p, s);
    for (size_t i = 0; i < s->subject_count; i++) patient(&p, s, i);
    put_z(&p, "]}\n");
    return page_join(&p);
}
