/* `mashctl policy rehearse`: a question to the hub that is answered in pages. Here they become one
 * answer again, and whoever waits sees how far it has come. */
#include "broker/ctl/ctl.h"
#include "broker/ctl/table.h"

/* Rows come after rows, numbers are added up. */
static void totals_add(json_t *to, const json_t *page) {
    const char *key;
    json_t *number;
    json_object_foreach((json_t *)(uintptr_t)page, key, number) {
        json_int_t sum = json_integer_value(json_object_get(to, key)) + json_integer_value(number);
        json_object_set_new(to, key, json_integer(sum));
    }
}

const char *pages_add(json_t **whole, json_t *page) {
    static const char *const each[] = {"products", "done", "next"};
    const char *next = json_string_value(json_object_get(page, "next"));
    if (!*whole) {
        *whole = json_incref(page);
    } else {
        json_array_extend(json_object_get(*whole, "items"), json_object_get(page, "items"));
        totals_add(json_object_get(*whole, "totals"), json_object_get(page, "totals"));
        for (size_t i = 0; i < COUNT_OF(each); i++) {
            json_t *value = json_object_get(page, each[i]);
            if (value) json_object_set(*whole, each[i], value);
            if (!value) json_object_del(*whole, each[i]);
        }
    }
    if (!next) return NULL;
    (void)fprintf(stderr, "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " products\n",
                  json_integer_value(json_object_get(page, "done")),
                  json_integer_value(json_object_get(page, "products")));
    return next;
}

static const Heading item_table[] = {
    {"product", "PRODUCT", NULL}, {"day", "DAY", NULL},       {"recipient", "TO", NULL},
    {"purpose", "FOR", NULL},     {"class", "CLASS", NULL},   {"tier", "TIER", NULL},
    {"then", "THEN", NULL},       {"version", "BY VERSION", NULL}, {"line", "LINE", NULL},
    {"now", "BY THIS TEXT", NULL}, {"new_line", "LINE", NULL}, {"change", "CHANGE", NULL},
};

void show_rehearsal(FILE *out, const json_t *result) {
    const json_t *items = json_object_get(result, "items");
    const char *key;
    json_t *number;
    if (json_array_size(items)) put_table(out, items, item_table, COUNT_OF(item_table));
    (void)fprintf(out, "%s%" JSON_INTEGER_FORMAT " products since %s hold something of %s.\n",
                  json_array_size(items) ? "\n" : "",
                  json_integer_value(json_object_get(result, "products")), field(result, "since"),
                  field(result, "owner"));
    json_object_foreach(json_object_get(result, "totals"), key, number) {
        (void)fprintf(out, "%8" JSON_INTEGER_FORMAT "  %s\n", json_integer_value(number), key);
    }
}
