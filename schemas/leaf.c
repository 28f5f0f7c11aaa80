/* See leaf.h. */
#include "schemas/leaf.h"

bool leaf_says(Str leaf, const char *name, Str value) {
    for (Str line; str_split(&leaf, '\n', &line);) {
        Str word;
        if (str_split(&line, ' ', &word) && str_is(word, name) && str_eq(line, value)) return true;
    }
    return false;
}

bool leaf_says_id(Str leaf, const char *name, Id id) {
    char text[ID_TEXT];
    id_text(id, text);
    return leaf_says(leaf, name, str_z(text));
}

Str leaf_word(Str leaf, const char *name) {
    for (Str line; str_split(&leaf, '\n', &line);) {
        Str word;
        if (str_split(&line, ' ', &word) && str_is(word, name)) return line;
    }
    return (Str){0};
}
