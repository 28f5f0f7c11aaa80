/* See word_desk.h. */
#include "adapters/common/word_desk.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

static const struct {
    const char *path;
    const WordForm *form;
} places[] = {
    {"desk/ask", &form_ask},
    {"desk/confirm", &form_confirm},
    {"desk/correct", &form_correct},
};

typedef struct Place {
    const Identity *self;
    Spool *spool;
    const WordForm *form;
    Folder *folder;
    char dir[PATH_LEN], rejected[PATH_LEN];
} Place;

struct WordDesk {
    Place place[COUNT_OF(places)];
};

/* The same form has the same id for ever, which tells nothing to who has not the spool's key. */
static int id_minted(const Identity *self, const WordForm *f, Bytes content, Id *ret) {
    Bytes parts[] = {str_bytes(STR("minted for ")), str_bytes(str_z(schema_struct_name(f->kind))),
                     str_bytes(STR("\n")), content};
    Hash h;
    int r = hmac_sha256(&self->spool, parts, COUNT_OF(parts), &h);
    if (r < 0) return r;
    memcpy(ret->at, h.at, sizeof(ret->at));
    ret->at[6] = (uint8_t)((ret->at[6] & 0x0f) | 0x40);
    ret->at[8] = (uint8_t)((ret->at[8] & 0x3f) | 0x80);
    return 0;
}

int word_keep(const Identity *self, Spool *spool, Arena *a, const WordForm *f, Bytes content,
              Kept *ret, Fault *ret_fault) {
    Value *v = NULL;
    Id minted, about;
    char text[ID_TEXT];
    int r = id_minted(self, f, content, &minted);
    if (r == 0) r = word_read(a, f, &minted, content, clock_ms(), &v, ret_fault);
    if (r) return r;
    if (!value_id(v, f->minted ? f->minted : f->subject, &about)) return ERR_BROKEN;
    id_text(about, text);
    Str native = arena_printf(a, "%s\n%s", schema_struct_name(f->kind), text);
    return keep_content(spool, a, f->kind, native, content, v, clock_ms(), ret, ret_fault);
}

int word_receipt(const char *dir, const char *name, const Kept *kept) {
    char message[ID_TEXT], at[CLOCK_TEXT];
    id_text(kept->message_id, message);
    clock_text(kept->stored_ms, at);
    return form_write(dir, name, ".receipt",
                      json_pack("{s:s, s:s, s:s}", "message_id", message, "stored_at", at, "state",
                                kept_word(kept->as)));
}

static int place_reject(const Place *p, const char *name, const Fault *fault) {
    int r = form_reason(p->rejected, name, ".reason", fault);
    if (r == 0) r = file_move(p->dir, name, p->rejected);
    log_event(LOG_warn, "form_rejected", "content=%s reason=%s path=%s",
              schema_struct_name(p->form->kind), reason_name((int)fault->reason), fault->path);
    return r;
}

static int place_take(void *context, Arena *a, const char *name, Bytes content, bool too_large) {
    Place *p = context;
    Fault fault = {0};
    Kept kept;
    int r = too_large ? form_fault(&fault, REFUSE_too_large, "%s", "")
                      : word_keep(p->self, p->spool, a, p->form, content, &kept, &fault);
    if (r > 0) return place_reject(p, name, &fault);
    Str stem = str_z(name);
    stem.len -= sizeof(".json") - 1; /* the folder hands over no other */
    Str bare = arena_printf(a, "%.*s", STR_ARG(stem));
    if (r == 0 && arena_failed(a)) r = ERR_MEMORY;
    if (r == 0) r = word_receipt(p->dir, bare.at, &kept);
    return r < 0 ? r : file_remove(p->dir, name);
}

static int place_open(Loop *l, Place *p, const char *path) {
    int r = path_join(p->dir, p->self->dir, path);
    if (r == 0) r = path_join(p->rejected, p->dir, "rejected");
    if (r == 0) r = dir_make(p->rejected);
    return r < 0 ? r : folder_open(l, p->dir, ".json", place_take, p, &p->folder);
}

int word_desk_open(Loop *l, const Identity *self, Spool *spool, WordDesk **ret) {
    _cleanup_(word_desk_closep) WordDesk *d = calloc(1, sizeof(*d));
    if (!d) return ERR_MEMORY;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        d->place[i] = (Place){.self = self, .spool = spool, .form = places[i].form};
        int r = place_open(l, &d->place[i], places[i].path);
        if (r < 0) return r;
    }
    *ret = TAKE(d);
    return 0;
}

void word_desk_close(WordDesk *d) {
    if (!d) return;
    for (size_t i = 0; i < COUNT_OF(places); i++) folder_close(d->place[i].folder);
    free(d);
}

void word_desk_scan(WordDesk *d) {
    for (size_t i = 0; i < COUNT_OF(places); i++) folder_scan(d->place[i].folder);
}
