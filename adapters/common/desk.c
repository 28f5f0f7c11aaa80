/* See desk.h. */
#include "adapters/common/desk.h"

#include "adapters/common/word_desk.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "schemas/json_read.h"

/* Legend: a name that the form may hold, and whether it is a text (or null). */
typedef struct FormName {
    const char *name;
    bool text;
} FormName;

static const FormName form_names[] = {
    {"question", false},   {"check_id", true}, {"outcome", true},       {"reason", true},
    {"answered_by", true}, {"items", false},   {"risk_factors", false},
};
static const FormName item_names[] = {
    {"class", true},
    {"text", true},
    {"summary", true},
    {"tier", true},
};

struct Desk {
    const Identity *self;
    Spool *spool;
    Folder *folder;
    char questions[PATH_LEN], authorise[PATH_LEN]; /* what came here to be answered */
    char reply[PATH_LEN], rejected[PATH_LEN];
};

/* ---- the form -------------------------------------------------------------------------------- */

/* A closed world: a name that is not known may be a misspelt one, and is not passed over. */
static int names_check(json_t *object, const FormName *names, size_t count, const char *place,
                       Fault *fault) {
    const char *name;
    json_t *value;
    if (!json_is_object(object)) return form_fault(fault, REFUSE_wrong_type, "%s", place);
    json_object_foreach(object, name, value) {
        size_t i = 0;
        while (i < count && strcmp(name, names[i].name) != 0) i++;
        if (i == count) return form_fault(fault, REFUSE_argument_wrong, "%s", place);
        if (!names[i].text || json_is_string(value) || json_is_null(value)) continue;
        return form_fault(fault, REFUSE_wrong_type, "%s%s%s", place, place[0] ? "." : "",
                          names[i].name);
    }
    return 0;
}

static int item_read(Arena *a, size_t i, json_t *item, Value *answer, Fault *fault) {
    char place[32];
    (void)snprintf(place, sizeof(place), "items[%zu]", i);
    int r = names_check(item, item_names, COUNT_OF(item_names), place, fault);
    if (r) return r;
    Str text = form_text(a, item, "text"), class = form_text(a, item, "class");
    Str tier = form_text(a, item, "tier"), summary = form_text(a, item, "summary");
    if (text.len + class.len + summary.len == 0) return 0; /* the form's own empty one */
    if (text.len == 0) return form_fault(fault, REFUSE_missing_field, "%s.text", place);
    if (class_by_name(class) == CLASS_none) {
        return form_fault(fault, REFUSE_code_unknown, "%s.class", place);
    }
    if (tier.len && tier_by_name(tier) == TIER_none) {
        return form_fault(fault, REFUSE_code_unknown, "%s.tier", place);
    }
    Value *n = value_add_map(a, answer, F_answer_narrative);
    value_set_text(a, n, F_narrative_class, class);
    value_set_text(a, n, F_narrative_text, text);
    value_set_text(a, n, F_narrative_summary, summary);
    value_set_text(a, n, F_narrative_tier, tier);
    return 0;
}

static int items_read(Arena *a, json_t *items, Value *answer, Fault *fault) {
    json_t *item;
    size_t i;
    if (items && !json_is_array(items)) return form_fault(fault, REFUSE_wrong_type, "items");
    json_array_foreach(items, i, item) {
        int r = item_read(a, i, item, answer, fault);
        if (r) return r;
    }
    return 0;
}

static int risks_read(Arena *a, json_t *risks, Value *answer, Fault *fault) {
    json_t *risk;
    size_t i;
    if (risks && !json_is_array(risks)) return form_fault(fault, REFUSE_wrong_type, "risk_factors");
    json_array_foreach(risks, i, risk) {
        Str code = arena_str(a, str_z(json_is_string(risk) ? json_string_value(risk) : ""));
        if (!code_known(LIST_risk_factor, code)) {
            return form_fault(fault, REFUSE_code_unknown, "risk_factors[%zu]", i);
        }
        Value *r = value_add_map(a, answer, F_answer_risk_factor);
        value_set_text(a, r, F_risk_factor_code, code);
        value_set_text(a, r, F_risk_factor_certainty, STR("stated"));
    }
    return 0;
}

/* Each outcome and what has to be with it, or must not be. */
static int outcome_fits(const Value *answer, Fault *fault) {
    Str outcome = value_text(answer, F_answer_outcome);
    bool items = value_count(answer, F_answer_narrative) > 0;
    bool risks = value_count(answer, F_answer_risk_factor) > 0;
    if (!code_known(LIST_answer_outcome, outcome)) {
        return form_fault(fault, REFUSE_code_unknown, "outcome");
    }
    bool answered = str_is(outcome, "answered");
    if (answered && !items && !risks) return form_fault(fault, REFUSE_missing_field, "items");
    if (!answered && items) return form_fault(fault, REFUSE_argument_wrong, "items");
    if (!answered && risks) return form_fault(fault, REFUSE_argument_wrong, "risk_factors");
    bool refused = str_is(outcome, "refused");
    Str reason = value_text(answer, F_answer_reason);
    if (refused != (reason.len > 0)) {
        return form_fault(fault, refused ? REFUSE_missing_field : REFUSE_argument_wrong, "reason");
    }
    bool listed = !refused || code_known(LIST_refusal_reason, reason);
    return listed ? 0 : form_fault(fault, REFUSE_code_unknown, "reason");
}

static int answer_build(Arena *a, Id check_id, json_t *form, int64_t now_ms, Value **ret,
                        Fault *fault) {
    Value *answer = value_map(a);
    char *now = arena_alloc(a, CLOCK_TEXT);
    if (!now) return ERR_MEMORY;
    clock_text(now_ms, now);
    value_set_id(a, answer, F_answer_check_id, &check_id);
    value_set_text(a, answer, F_answer_outcome, form_text(a, form, "outcome"));
    value_set_text(a, answer, F_answer_reason, form_text(a, form, "reason"));
    value_set_text(a, answer, F_answer_answered_at, str_z(now));
    Str by = form_text(a, form, "answered_by");
    if (by.len) {
        Value *contact = value_set_map(a, answer, F_answer_answered_by);
        value_set_text(a, contact, F_contact_name, by);
    }
    int r = items_read(a, json_object_get(form, "items"), answer, fault);
    if (r == 0) r = risks_read(a, json_object_get(form, "risk_factors"), answer, fault);
    if (r == 0) r = arena_failed(a) ? ERR_MEMORY : outcome_fits(answer, fault);
    if (r == 0) *ret = answer;
    return r;
}

int desk_read(Arena *a, Id check_id, Bytes form, int64_t now_ms, Value **ret, Fault *ret_fault) {
    _cleanup_(json_freep) json_t *j = form_load(form);
    char id[ID_TEXT];
    *ret_fault = (Fault){0};
    int r = names_check(j, form_names, COUNT_OF(form_names), "", ret_fault);
    if (r) return r;
    id_text(check_id, id);
    Str written = form_text(a, j, "check_id");
    if (written.len && !str_is(written, id)) {
        return form_fault(ret_fault, REFUSE_argument_wrong, "check_id");
    }
    r = answer_build(a, check_id, j, now_ms, ret, ret_fault);
    return r ? r : schema_check(STRUCT_answer, *ret, ret_fault);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static int reply_reject(const Desk *d, const char *name, const Fault *fault) {
    int r = form_reason(d->rejected, name, ".reason", fault);
    if (r == 0) r = file_move(d->reply, name, d->rejected);
    log_event(LOG_warn, "reply_rejected", "reason=%s path=%s", reason_name((int)fault->reason),
              fault->path);
    return r;
}

static int reply_receipt(const Desk *d, const char *of, const char *id, const Kept *kept) {
    char message[ID_TEXT], at[CLOCK_TEXT];
    id_text(kept->message_id, message);
    clock_text(kept->stored_ms, at);
    return form_write(d->reply, id, ".receipt",
                      json_pack("{s:s, s:s, s:s, s:s}", of, id, "message_id", message, "stored_at",
                                at, "state", kept_word(kept->as)));
}

/* What a reply is to: its name in native references, the field with its id, what it becomes. */
typedef struct ReplyTo {
    const char *native, *id_name;
    StructKind kind;
    int (*read)(Arena *a, Id id, Bytes content, const Value **ret, Fault *fault);
} ReplyTo;

static int answer_read(Arena *a, Id id, Bytes content, const Value **ret, Fault *fault) {
    Value *answer = NULL;
    int r = desk_read(a, id, content, clock_ms(), &answer, fault);
    *ret = answer;
    return r;
}

/* As a person signed it (authorise.h): nothing of it is written here. */
static int signed_read(Arena *a, Id id, Bytes content, const Value **ret, Fault *fault) {
    Id written;
    int r = json_read(a, STRUCT_authorisation, bytes_str(content), ret, fault);
    if (r) return r;
    bool same = value_id(*ret, F_authorisation_request_id, &written) && id_eq(written, id);
    return same ? 0 : form_fault(fault, REFUSE_argument_wrong, "request_id");
}

static const ReplyTo to_check = {"check", "check_id", STRUCT_answer, answer_read};
static const ReplyTo to_authorise = {"authorisation", "request_id", STRUCT_authorisation,
                                     signed_read};

/* By its name, which is the id of something that came here; NULL: of nothing. */
static const ReplyTo *reply_to(const Desk *d, const char *name, Id *ret, char id[ID_TEXT]) {
    Str text = str_z(name);
    if (text.len < ID_TEXT || !id_parse((Str){.at = name, .len = ID_TEXT - 1}, ret)) return NULL;
    id_text(*ret, id);
    if (strcmp(name + ID_TEXT - 1, ".json") != 0) return NULL;
    if (file_exists(d->questions, name)) return &to_check;
    return file_exists(d->authorise, name) ? &to_authorise : NULL;
}

/* Whether what was asked is a professional's question, not the hub's check. */
static bool reply_asked(const Desk *d, Arena *a, const char *name) {
    char path[PATH_LEN];
    Bytes blank;
    if (path_join(path, d->questions, name) < 0 || file_read(a, path, &blank) != 0) return false;
    _cleanup_(json_freep) json_t *form = form_load(blank);
    return form && word_is(&form_reply, form);
}

/* What it is to, as content of its kind; into the spool. */
static int reply_keep(const Desk *d, Arena *a, const char *name, const ReplyTo *to, Id id,
                      const char *id_words, Bytes content, Kept *ret, Fault *fault) {
    const Value *reply = NULL;
    if (to == &to_check && reply_asked(d, a, name)) {
        return word_keep(d->self, d->spool, a, &form_reply, content, ret, fault);
    }
    int r = to->read(a, id, content, &reply, fault);
    if (r) return r;
    Str native = arena_printf(a, "%s\n%s", to->native, id_words);
    return keep_content(d->spool, a, to->kind, native, content, reply, clock_ms(), ret, fault);
}

static int reply_take(void *context, Arena *a, const char *name, Bytes content, bool too_large) {
    Desk *d = context;
    char text[ID_TEXT];
    Fault fault = {0};
    Kept kept;
    Id id;
    const ReplyTo *to = reply_to(d, name, &id, text);
    int r = 0;
    if (too_large) {
        r = form_fault(&fault, REFUSE_too_large, "%s", "");
    } else if (!to) {
        r = form_fault(&fault, REFUSE_not_found, "%s", "");
    }
    if (r == 0) r = reply_keep(d, a, name, to, id, text, content, &kept, &fault);
    if (r > 0) return reply_reject(d, name, &fault);
    if (r == 0) r = reply_receipt(d, to->id_name, text, &kept);
    return r < 0 ? r : file_remove(d->reply, name);
}

int desk_open(Loop *l, const Identity *self, Spool *spool, Desk **ret) {
    _cleanup_(desk_closep) Desk *d = calloc(1, sizeof(*d));
    if (!d) return ERR_MEMORY;
    d->self = self;
    d->spool = spool;
    int r = path_join(d->questions, self->dir, "desk/questions");
    if (r == 0) r = path_join(d->authorise, self->dir, "desk/authorise");
    if (r == 0) r = path_join(d->reply, self->dir, "desk/reply");
    if (r == 0) r = path_join(d->rejected, self->dir, "desk/reply/rejected");
    if (r == 0) r = dir_make(d->rejected);
    if (r == 0) r = folder_open(l, d->reply, ".json", reply_take, d, &d->folder);
    if (r < 0) return r;
    *ret = TAKE(d);
    return 0;
}

void desk_close(Desk *d) {
    if (!d) return;
    folder_close(d->folder);
    free(d);
}

void desk_scan(Desk *d) {
    folder_scan(d->folder);
}
