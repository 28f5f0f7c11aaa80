/* A letter holds so much and no more. Where the owners let out more than that, the fullest owner's
 * words give way to whom to ask for them, so that nobody's volume keeps the others' words in. See
 * section.h. */
#include "broker/release/section.h"

/* Before each value of the letter: its key, its type and its length, at most. */
enum { BEFORE = 8 };

static Room section_takes(const Section *s) {
    Room r = {.text = text_section_len(s), .page = html_section_len(s)};
    r.value = r.text + r.page + 4 * BEFORE + s->owner_name.len + s->signpost.len;
    for (size_t i = 0; i < s->line_count; i++) {
        r.value += 3 * BEFORE + strlen(class_doc(s->lines[i].class)) + s->lines[i].text.len;
    }
    return r;
}

/* Whether any letter could hold it. */
static bool section_sound(const Section *s) {
    size_t most = schema_field(STRUCT_product_line, F_product_line_text)->max;
    for (size_t i = 0; i < s->line_count; i++) {
        if (s->lines[i].text.len > most) return false;
    }
    return s->line_count <= LIMIT_LIST;
}

static void section_give_way(Section *s) {
    s->line_count = 0;
    if (s->signpost.len == 0) s->signpost = s->instead;
}

/* The fullest that has words, or NULL when all of them fit. */
static Section *too_much(Room room, Section *sections, size_t count) {
    Room all = {0};
    Section *fullest = NULL;
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        Room one = section_takes(&sections[i]);
        all.text += one.text;
        all.page += one.page;
        all.value += one.value;
        if (sections[i].line_count == 0 || one.text <= most) continue;
        fullest = &sections[i];
        most = one.text;
    }
    bool fits = all.text <= room.text && all.page <= room.page && all.value <= room.value;
    return fits ? NULL : fullest;
}

void sections_fit(Room room, Section *sections, size_t count) {
    Section *fullest;
    for (size_t i = 0; i < count; i++) {
        if (!section_sound(&sections[i])) section_give_way(&sections[i]);
    }
    while ((fullest = too_much(room, sections, count))) section_give_way(fullest);
}
