/* inih into a small table; see config.h. */
#include "broker/base/config.h"

#include "broker/base/err.h"

#include <ini.h>

enum { SETTINGS_MAX = 64 };

struct Config {
    const Setting *known;
    char *value[SETTINGS_MAX];
    char *why;
    size_t why_len;
};

static int setting_index(const Setting *known, const char *key) {
    for (int i = 0; i < SETTINGS_MAX && known[i].key; i++) {
        if (strcmp(known[i].key, key) == 0) return i;
    }
    return -1;
}

static int config_line(void *user, const char *section, const char *name, const char *value) {
    Config *c = user;
    char key[128];
    (void)snprintf(key, sizeof(key), "%s.%s", section, name);
    int i = setting_index(c->known, key);
    if (i < 0) {
        (void)snprintf(c->why, c->why_len, "the setting \"%s\" is not known; remove or correct it",
                       key);
        return 0;
    }
    if (c->value[i]) { /* also how inih reports an indented or an overlong line */
        (void)snprintf(c->why, c->why_len, "the setting \"%s\" is given twice", key);
        return 0;
    }
    c->value[i] = strdup(value);
    return c->value[i] != NULL;
}

int config_load(const char *path, const Setting *known, Config **ret, char *why, size_t why_len) {
    _cleanup_(config_freep) Config *c = calloc(1, sizeof(*c));
    if (!c) return ERR_MEMORY;
    *c = (Config){.known = known, .why = why, .why_len = why_len};
    why[0] = '\0';
    int line = ini_parse(path, config_line, c);
    if (line != 0) {
        if (!why[0] && line < 0) (void)snprintf(why, why_len, "cannot read the settings %s", path);
        if (!why[0]) (void)snprintf(why, why_len, "%s: line %d is not understood", path, line);
        return ERR_CONFIG;
    }
    for (int i = 0; i < SETTINGS_MAX && known[i].key; i++) {
        if (c->value[i] || known[i].fallback) continue;
        (void)snprintf(why, why_len, "%s: the setting \"%s\" is missing (%s)", path, known[i].key,
                       known[i].doc);
        return ERR_CONFIG;
    }
    *ret = TAKE(c);
    return 0;
}

void config_free(Config *c) {
    if (!c) return;
    for (int i = 0; i < SETTINGS_MAX; i++) free(c->value[i]);
    free(c);
}

const char *config_text(const Config *c, const char *key) {
    int i = setting_index(c->known, key);
    if (i < 0) return NULL;
    return c->value[i] ? c->value[i] : c->known[i].fallback;
}

int64_t config_number(const Config *c, const char *key, int64_t least, int64_t most) {
    uint64_t number = 0;
    const char *text = config_text(c, key);
    if (!text || !str_u64(str_z(text), &number) || number > INT64_MAX) return least;
    if ((int64_t)number < least) return least;
    return (int64_t)number > most ? most : (int64_t)number;
}
