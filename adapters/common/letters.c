/* See letters.h. Rendering for people is in letters_text.c. */
#include "adapters/common/letters.h"

#include "adapters/common/files.h"
#include "adapters/common/letters_text.h"
#include "adapters/common/word_form.h"
#include "broker/base/err.h"
#include "broker/base/seal.h"
#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

enum { RESUME_ARENA = 8 * 1024 * 1024 };

struct Letters {
    const Identity *self;
    Spool *spool;
    char inbox[PATH_LEN], questions[PATH_LEN], authorise[PATH_LEN];
};

int letters_open(const Identity *self, Spool *spool, Letters **ret) {
    _cleanup_(letters_closep) Letters *l = calloc(1, sizeof(*l));
    if (!l) return ERR_MEMORY;
    l->self = self;
    l->spool = spool;
    int r = path_join(l->inbox, self->dir, "inbox");
    if (r == 0) r = path_join(l->questions, self->dir, "desk/questions");
    if (r == 0) r = path_join(l->authorise, self->dir, "desk/authorise");
    if (r == 0) r = dir_make(l->inbox);
    if (r == 0) r = dir_make(l->authorise);
    if (r == 0) r = dir_make(l->questions);
    if (r == 0) *ret = TAKE(l);
    return r;
}

void letters_close(Letters *l) {
    free(l);
}

/* ---- into the agency's folders --------------------------------------------------------------- */

static int id_file(const char *dir, Id id, const char *ending, Str content) {
    char text[ID_TEXT], name[ID_TEXT + 16];
    id_text(id, text);
    (void)snprintf(name, sizeof(name), "%s.%s", text, ending);
    return file_write(dir, name, str_bytes(content));
}

/* Whom a product says one may ask; {0}: nobody. */
static Str signpost_owner(const Value *product) {
    for (size_t i = 0; i < value_count(product, F_product_section); i++) {
        const Value *section = value_item(product, F_product_section, i);
        if (value_text(section, F_section_signpost).len) {
            return value_text(section, F_section_owner);
        }
    }
    return (Str){0};
}

/* What comes with it: the blank form to ask, to confirm or to reply. */
static int form_lay(const Letters *l, Arena *a, StructKind kind, Id id, const Value *v, Str json) {
    if (kind == STRUCT_product) {
        Str owner = signpost_owner(v);
        if (owner.len == 0) return 0;
        return id_file(l->inbox, id, "ask.json", word_blank(a, &form_ask, id, owner, NULL));
    }
    const WordForm *form = kind == STRUCT_recall ? &form_confirm
                           : kind == STRUCT_asked ? &form_reply
                                                  : NULL;
    if (!form) return 0;
    json_t *told = json_loadb(json.at, json.len, 0, NULL);
    (void)json_object_del(told, "html"); /* a page is no reading in a form; it lies beside */
    Str blank = told ? word_blank(a, form, id, (Str){0}, told) : (Str){0};
    if (!blank.at) return ERR_MEMORY;
    bool asked = kind == STRUCT_asked;
    return id_file(asked ? l->questions : l->inbox, id, asked ? "json" : "confirm.json", blank);
}

/* Legend: the letter's field, its structure, and of that the id, the text and the page. */
static const struct {
    uint32_t field;
    StructKind kind;
    uint32_t id, text, html;
} rendered[] = {
    {F_letter_product, STRUCT_product, F_product_product_id, F_product_text, F_product_html},
    {F_letter_notice, STRUCT_notice, F_notice_notice_id, F_notice_text, F_notice_html},
    {F_letter_signpost_question, STRUCT_asked, F_asked_question_id, F_asked_text, F_asked_html},
    {F_letter_signpost_reply, STRUCT_replied, F_replied_question_id, F_replied_text,
     F_replied_html},
    {F_letter_recall, STRUCT_recall, F_recall_recall_id, F_recall_text, F_recall_html},
};

/* What the hub has rendered. The text is written last: whoever sees it finds the rest. */
static int rendered_write(const Letters *l, Arena *a, size_t which, const Value *v) {
    bool asked = rendered[which].kind == STRUCT_asked;
    const char *dir = asked ? l->questions : l->inbox;
    Str html = value_text(v, rendered[which].html);
    Id id;
    if (!value_id(v, rendered[which].id, &id)) return ERR_BROKEN;
    Str json = codec_json(a, rendered[which].kind, v);
    if (arena_failed(a)) return ERR_MEMORY;
    int r = form_lay(l, a, rendered[which].kind, id, v, json);
    if (r == 0 && html.len) r = id_file(dir, id, "html", html);
    if (r == 0 && !asked) r = id_file(dir, id, "json", json);
    return r < 0 ? r : id_file(dir, id, "txt", value_text(v, rendered[which].text));
}

static int check_write(const Letters *l, Arena *a, const Value *check) {
    Id id;
    if (!value_id(check, F_check_check_id, &id)) return ERR_BROKEN;
    Str text = check_text(a, check), form = check_form(a, check);
    if (arena_failed(a)) return ERR_MEMORY;
    int r = id_file(l->questions, id, "txt", text);
    return r < 0 ? r : id_file(l->questions, id, "json", form);
}

/* The whole letter as JSON: it says where it is from and to whom, which is signed, too. */
static int authorise_write(const Letters *l, Arena *a, const Value *letter) {
    Id id;
    const Value *asked = value_get(letter, F_letter_authorise);
    if (!value_id(asked, F_authorise_request_id, &id)) return ERR_BROKEN;
    Str text = authorise_text(a, asked), json = codec_json(a, STRUCT_letter, letter);
    if (arena_failed(a)) return ERR_MEMORY;
    int r = id_file(l->authorise, id, "txt", text);
    return r < 0 ? r : id_file(l->authorise, id, "json", json);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Sealed lie the hub's signature and then the letter. NULL unless it is ours and the hub's. */
static const Value *letter_read(const Letters *l, Arena *a, Id letter_id, Bytes sealed) {
    const Identity *self = l->self;
    SealFor purpose = {
        .realm = self->realm, .use = STR("letter"), .agency = self->agency, .id = letter_id};
    const Value *letter = NULL;
    Bytes plain;
    Fault fault;
    Id inner;
    if (!letter_open(a, &self->letter, purpose, sealed, &plain) || plain.len < SIG_LEN) return NULL;
    Bytes body = bytes_of(plain.at + SIG_LEN, plain.len - SIG_LEN);
    Bytes signature = bytes_of(plain.at, SIG_LEN);
    if (!head_verify(a, &self->letter_sign_public, STRUCT_letter, body, signature)) return NULL;
    if (codec_decode(a, body, &letter, &fault) != 0) return NULL;
    if (schema_check(STRUCT_letter, letter, &fault) != 0) return NULL;
    bool ours = value_id(letter, F_letter_letter_id, &inner) && id_eq(inner, letter_id) &&
                str_eq(value_text(letter, F_letter_realm), self->realm) &&
                str_eq(value_text(letter, F_letter_agency), self->agency);
    return ours ? letter : NULL;
}

/* Written and synced, or `*ret_readable` false. */
static int letter_deliver(const Letters *l, Arena *a, const Value *letter, bool *ret_readable) {
    const Value *check = value_get(letter, F_letter_check);
    const Value *authorise = value_get(letter, F_letter_authorise);
    Str kind = value_text(letter, F_letter_kind);
    *ret_readable = true;
    if (check && str_is(kind, "check")) return check_write(l, a, check);
    if (authorise && str_is(kind, "authorise")) return authorise_write(l, a, letter);
    for (size_t i = 0; i < COUNT_OF(rendered); i++) {
        const Field *field = schema_field(STRUCT_letter, rendered[i].field);
        const Value *v = value_get(letter, rendered[i].field);
        if (v && str_is(kind, field->name)) return rendered_write(l, a, i, v);
    }
    *ret_readable = false;
    return 0;
}

/* ---- receipts -------------------------------------------------------------------------------- */

static int receipt_make(const Letters *l, Arena *a, const SpoolLetter *letter, bool readable,
                        Bytes *ret_head, Bytes *ret_signature) {
    Value *head = head_new(a, STRUCT_receipt);
    Signature *signature = arena_alloc(a, sizeof(*signature));
    char *received = arena_alloc(a, CLOCK_TEXT);
    if (!signature || !received) return ERR_MEMORY;
    clock_text(letter->received_ms, received);
    value_set_text(a, head, F_receipt_realm, l->self->realm);
    value_set_text(a, head, F_receipt_agency, l->self->agency);
    value_set_id(a, head, F_receipt_letter_id, &letter->letter_id);
    value_set_text(a, head, F_receipt_outcome, readable ? STR("delivered") : STR("unreadable"));
    value_set_hash(a, head, F_receipt_digest, &letter->digest);
    value_set_text(a, head, F_receipt_received_at, str_z(received));
    value_set_text(a, head, F_receipt_origin_key, str_z(l->self->origin_id));
    if (arena_failed(a)) return ERR_MEMORY;
    int r = codec_encode(a, head, ret_head);
    if (r == 0) r = head_sign(a, &l->self->origin, STRUCT_receipt, *ret_head, signature);
    if (r == 0) *ret_signature = BYTES_OF(signature->at);
    return r;
}

static int letter_finish(const Letters *l, Arena *a, const SpoolLetter *stored, Bytes *ret_head,
                         Bytes *ret_signature) {
    char id[ID_TEXT];
    const Value *letter = letter_read(l, a, stored->letter_id, stored->sealed);
    bool readable = false;
    if (arena_failed(a)) return ERR_MEMORY; /* ours to blame, not the letter */
    int r = letter ? letter_deliver(l, a, letter, &readable) : 0;
    if (r == 0) r = receipt_make(l, a, stored, readable, ret_head, ret_signature);
    FAULT_POINT(letter_before_receipt);
    if (r == 0) {
        r = spool_receipt_put(l->spool, stored->letter_id, &stored->digest, *ret_head,
                              *ret_signature);
    }
    FAULT_POINT(letter_after_receipt);
    if (r < 0) return r;
    id_text(stored->letter_id, id);
    log_event(readable ? LOG_info : LOG_error, "letter", "letter=%s outcome=%s", id,
              readable ? "delivered" : "unreadable");
    return 0;
}

int letters_take(Letters *l, Arena *a, Id letter_id, Bytes sealed, Bytes *ret_head,
                 Bytes *ret_signature) {
    SpoolLetter letter = {.letter_id = letter_id, .sealed = sealed, .received_ms = clock_ms()};
    int r = sha256(&sealed, 1, &letter.digest);
    if (r == 0) r = spool_receipt(l->spool, a, letter_id, &letter.digest, ret_head, ret_signature);
    if (r < 0 || ret_head->at) return r;
    FAULT_POINT(letter_before_store);
    r = spool_letter_put(l->spool, letter_id, &letter.digest, sealed, letter.received_ms);
    FAULT_POINT(letter_after_store);
    return r < 0 ? r : letter_finish(l, a, &letter, ret_head, ret_signature);
}

int letters_resume(Letters *l) {
    for (;;) {
        _cleanup_(arena_freep) Arena *a = arena_new(RESUME_ARENA);
        SpoolLetter letter;
        Bytes head, signature;
        bool found = false;
        if (!a) return ERR_MEMORY;
        int r = spool_letter_open(l->spool, a, &found, &letter);
        if (r < 0 || !found) return r;
        r = letter_finish(l, a, &letter, &head, &signature);
        if (r < 0) return r;
    }
}
