/* A program's settings: one INI file (inih), read once at start. Unknown keys are refused so that
 * a misspelt one is not silently ignored. Secrets are not here: settings name key files. */
#ifndef MASH_CONFIG_H
#define MASH_CONFIG_H

#include "broker/base/arena.h"

typedef struct Setting {
    const char *key;      /* "section.key" */
    const char *fallback; /* NULL: required */
    const char *doc;
} Setting;

typedef struct Config Config;

/* `known` ends with a NULL key. ERR_CONFIG with a sentence for the person in `why` when the file
 * cannot be read, a key is unknown, or a required one is missing. */
int config_load(const char *path, const Setting *known, Config **ret, char *why, size_t why_len)
    _must_check_;
void config_free(Config *c);

/* The value or the fallback; the key must be one of `known`. */
const char *config_text(const Config *c, const char *key);
/* A decimal number between least and most; `least` when it is not one (config_load has checked
 * nothing about numbers). */
int64_t config_number(const Config *c, const char *key, int64_t least, int64_t most);

DEFINE_FREEP(Config, config_free)

#endif
