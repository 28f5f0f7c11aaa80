/* See form.h. */
#include "adapters/common/form.h"

#include "adapters/common/files.h"
#include "broker/base/err.h"

#include <stdarg.h>

static bool form_flat(const json_t *j, int depth) {
    const char *name;
    json_t *part;
    size_t i;
    if (depth == 0) return false;
    json_object_foreach((json_t *)(uintptr_t)j, name, part) {
        if (!form_flat(part, depth - 1)) return false;
    }
    json_array_foreach(j, i, part) {
        if (!form_flat(part, depth - 1)) return false;
    }
    return true;
}

/* For want of memory the program ends and comes again: that a text could not be read now is no
 * reason to set aside what it says. */
json_t *form_load(Bytes text) {
    json_error_t why = {0};
    json_t *j = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, &why);
    if (!j && json_error_code(&why) == json_error_out_of_memory) exit(EXIT_FAILURE);
    if (j && form_flat(j, FORM_DEPTH)) return j;
    json_decref(j);
    return NULL;
}

int form_fault(Fault *fault, Reason reason, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault->path, sizeof(fault->path), format, args); /* a longer path is cut */
    va_end(args);
    fault->reason = reason;
    return (int)reason;
}

Str form_text(Arena *a, const json_t *object, const char *name) {
    const json_t *j = json_object_get(object, name);
    if (!json_is_string(j)) return (Str){0};
    return arena_str(a, (Str){.at = json_string_value(j), .len = json_string_length(j)});
}

int form_write(const char *dir, const char *name, const char *ending, json_t *j) {
    _cleanup_(json_freep) json_t *taken = j;
    char file[PATH_LEN];
    int n = snprintf(file, sizeof(file), "%s%s", name, ending);
    char *text = taken ? json_dumps(taken, JSON_INDENT(2)) : NULL;
    if (!text) return ERR_MEMORY;
    bool fits = n > 0 && n < (int)sizeof(file);
    int r = fits ? file_write(dir, file, str_bytes(str_z(text))) : ERR_CONFIG;
    free(text);
    return r;
}

static const char no_form[] =
    "The file is not one JSON object, as the form is, or holds a name twice. Look for a missing "
    "quotation mark, comma or bracket, mend it, and drop it again.";

int form_reason(const char *dir, const char *name, const char *ending, const Fault *fault) {
    bool whole = fault->reason == REFUSE_wrong_type && fault->path[0] == '\0';
    return form_write(dir, name, ending,
                      json_pack("{s:s, s:s, s:s, s:s}", "file", name, "reason",
                                reason_name((int)fault->reason), "path", fault->path, "sentence",
                                whole ? no_form : reason_sentence((int)fault->reason)));
}
