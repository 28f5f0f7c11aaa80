/* A tree against schemas/fields.def; see codec.h. Paths name fields and positions, never values. */
#include "schemas/codec.h"

#include <ctype.h>

static int check_struct(StructKind kind, const Value *v, Fault *fault);

/* Puts `part` before what the path holds already: paths are built while unwinding. */
static int fault_at(Fault *fault, const char *part, const char *index, int reason) {
    char path[2 * sizeof(fault->path)];
    const char *dot = fault->path[0] ? "." : "";
    (void)snprintf(path, sizeof(path), "%s%s%s%s", part, index, dot, fault->path);
    (void)snprintf(fault->path, sizeof(fault->path), "%.119s", path); /* deepest part is cut */
    fault->reason = (Reason)reason;
    return reason;
}

static bool digits(Str s, size_t at, size_t count, int *ret) {
    *ret = 0;
    if (at + count > s.len) return false;
    for (size_t i = at; i < at + count; i++) {
        if (!isdigit((unsigned char)s.at[i])) return false;
        *ret = *ret * 10 + (s.at[i] - '0');
    }
    return true;
}

static int month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool date_valid(Str s) {
    int year, month, day;
    if (s.len != 4 && s.len != 7 && s.len != 10) return false;
    if (!digits(s, 0, 4, &year) || year < 1800) return false;
    if (s.len == 4) return true;
    if (s.at[4] != '-' || !digits(s, 5, 2, &month) || month < 1 || month > 12) return false;
    if (s.len == 7) return true;
    return s.at[7] == '-' && digits(s, 8, 2, &day) && day >= 1 && day <= month_days(year, month);
}

bool time_valid(Str s) {
    int hour, minute, second, off_hour, off_minute;
    if (s.len < 20 || !date_valid((Str){.at = s.at, .len = 10}) || s.at[10] != 'T') return false;
    if (!digits(s, 11, 2, &hour) || s.at[13] != ':' || !digits(s, 14, 2, &minute)) return false;
    if (s.at[16] != ':' || !digits(s, 17, 2, &second)) return false;
    if (hour > 23 || minute > 59 || second > 60) return false;
    size_t at = 19;
    if (s.at[at] == '.') {
        size_t first = ++at;
        while (at < s.len && isdigit((unsigned char)s.at[at])) at++;
        if (at == first || at - first > 9) return false;
    }
    if (at < s.len && s.at[at] == 'Z') return at + 1 == s.len;
    if (s.len - at != 6 || (s.at[at] != '+' && s.at[at] != '-')) return false;
    return digits(s, at + 1, 2, &off_hour) && s.at[at + 3] == ':' &&
           digits(s, at + 4, 2, &off_minute) && off_hour <= 14 && off_minute <= 59;
}

static int check_text(const Field *f, const Value *v) {
    if (v->kind != VALUE_text) return REFUSE_wrong_type;
    if (f->type == TYPE_code) return code_known(f->list, v->text) ? 0 : REFUSE_code_unknown;
    if (f->type == TYPE_time) return time_valid(v->text) ? 0 : REFUSE_bad_time;
    if (f->type == TYPE_date) return date_valid(v->text) ? 0 : REFUSE_bad_time;
    if (v->text.len == 0) return REFUSE_missing_field;
    return v->text.len <= f->max ? 0 : REFUSE_too_long;
}

static int check_bytes(const Field *f, const Value *v) {
    if (v->kind != VALUE_bytes) return REFUSE_wrong_type;
    if (f->type == TYPE_id) return v->bytes.len == sizeof(Id) ? 0 : REFUSE_wrong_type;
    if (f->type == TYPE_hash) return v->bytes.len == HASH_LEN ? 0 : REFUSE_wrong_type;
    return v->bytes.len <= f->max ? 0 : REFUSE_too_long;
}

/* Up to 2^53 - 1, so that every JSON reader can hold it exactly. */
static int check_number(const Value *v) {
    bool fits = v->kind == VALUE_number && v->number >= 0 && v->number < INT64_C(1) << 53;
    return fits ? 0 : REFUSE_wrong_type;
}

static int check_one(const Field *f, const Value *v, Fault *fault) {
    switch (f->type) {
    case TYPE_none: return REFUSE_wrong_type;
    case TYPE_text:
    case TYPE_code:
    case TYPE_time:
    case TYPE_date: return check_text(f, v);
    case TYPE_id:
    case TYPE_bytes:
    case TYPE_hash: return check_bytes(f, v);
    case TYPE_number: return check_number(v);
    case TYPE_yes: return v->kind == VALUE_yes ? 0 : REFUSE_wrong_type;
    case TYPE_map: return check_struct(f->of, v, fault);
    }
    return REFUSE_wrong_type;
}

static int check_field(const Field *f, const Value *v, Fault *fault) {
    bool list = f->count == COUNT_many || f->count == COUNT_some;
    if (!list) {
        int r = check_one(f, v, fault);
        return r ? fault_at(fault, f->name, "", r) : 0;
    }
    if (v->kind != VALUE_list) return fault_at(fault, f->name, "", REFUSE_wrong_type);
    size_t most = f->of == STRUCT_entry ? LIMIT_ENTRIES : LIMIT_LIST;
    if (v->list.count > most) return fault_at(fault, f->name, "", REFUSE_too_many);
    if (v->list.count == 0 && f->count == COUNT_some) {
        return fault_at(fault, f->name, "", REFUSE_missing_field);
    }
    for (size_t i = 0; i < v->list.count; i++) {
        int r = check_one(f, v->list.at[i], fault);
        if (r == 0) continue;
        char index[24];
        (void)snprintf(index, sizeof(index), "[%zu]", i);
        return fault_at(fault, f->name, index, r);
    }
    return 0;
}

static int check_struct(StructKind kind, const Value *v, Fault *fault) {
    uint32_t missing = schema_needed(kind);
    if (v->kind != VALUE_map) return REFUSE_wrong_type;
    for (size_t i = 0; i < v->map.count; i++) {
        const Field *f = schema_field(kind, v->map.at[i].key);
        if (!f) {
            fault->unknown_fields = true;
            continue;
        }
        int r = check_field(f, v->map.at[i].value, fault);
        if (r) return r;
        missing &= ~(UINT32_C(1) << v->map.at[i].key);
    }
    if (!missing) return 0;
    const Field *first = schema_field(kind, (uint32_t)__builtin_ctz(missing));
    return fault_at(fault, first->name, "", REFUSE_missing_field);
}

int schema_check(StructKind kind, const Value *v, Fault *ret_fault) {
    *ret_fault = (Fault){0};
    int r = check_struct(kind, v, ret_fault);
    if (r) ret_fault->reason = (Reason)r;
    return r;
}
