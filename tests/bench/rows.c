/* See rows.h. */
#include "tests/bench/rows.h"

#include <endian.h>
#include <string.h>

/* PostgreSQL's binary COPY: a signature, flags and extension length; tuples; a count of -1. */
static const char copy_head[19] = "PGCOPY\n\377\r\n";
static const char copy_end[2] = "\377\377";

PGconn *rows_connect(const char *conninfo) {
    PGconn *db = PQconnectdb(conninfo);
    if (PQstatus(db) != CONNECTION_OK) die("no database: %s", PQerrorMessage(db));
    return db;
}

void rows_run(PGconn *db, const char *sql) {
    PGresult *r = PQexec(db, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        die("%.60s...: %s", sql, PQerrorMessage(db));
    }
    PQclear(r);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Which messages, in the order of their leaves, and their new names: ids in the order of time. */
static const char pick_sql[] =
    "SET work_mem = '256MB'; SET client_min_messages = warning;"
    "DROP TABLE IF EXISTS pick;"
    "CREATE TEMP TABLE pick AS"
    " WITH seed AS MATERIALIZED (SELECT md5(random()::text) AS salt,"
    "        (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms),"
    " leaf AS MATERIALIZED (SELECT row_number() OVER (ORDER BY l.idx) - 1 AS n, l.*"
    "   FROM (SELECT idx, agencies[1] AS agency, subject AS old, body FROM mash.ledger_leaf"
    "          WHERE act = 'accept' AND agencies[1] LIKE 'bench-%%' AND idx <= %lld"
    "          ORDER BY idx DESC LIMIT %zu) l),"
    " sent AS (SELECT l.*, m.submission_id AS old_submission,"
    "        min(n) OVER (PARTITION BY l.agency, m.submission_id) AS first"
    "   FROM leaf l JOIN mash.message m ON m.agency = l.agency AND m.message_id = l.old),"
    " named AS (SELECT s.*,"
    "        (lpad(to_hex(ms + n / 16), 12, '0') || '7' || lpad(to_hex(n %% 4096), 3, '0')"
    "         || '8' || substr(md5(salt || n), 1, 15))::uuid AS new,"
    "        (lpad(to_hex(ms + first / 16), 12, '0') || '7' || lpad(to_hex(first %% 4096), 3, '0')"
    "         || '9' || substr(md5(salt || first), 1, 15))::uuid AS new_submission"
    "   FROM sent s, seed)"
    " SELECT n, idx, agency, old, new, old_submission, new_submission, first,"
    "        (SELECT size FROM mash.ledger_head) + n AS new_idx,"
    "        convert_to(replace(replace(replace(convert_from(body, 'UTF8'), old::text, new::text),"
    "          old_submission::text, new_submission::text), 'agency bench', 'agency limit'),"
    "          'UTF8') AS new_body"
    "   FROM named;"
    "ANALYZE pick";

/* The tables that taking in writes, the columns that are written, and what stands in them now. */
static const char tables_sql[] =
    "SELECT c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),"
    "       string_agg(CASE a.attname"
    "           WHEN 'agency' THEN 'replace(t.agency, ''bench'', ''limit'')'"
    "           WHEN 'message_id' THEN 'p.new' WHEN 'submission_id' THEN 'p.new_submission'"
    "           WHEN 'idx' THEN 'p.new_idx' WHEN 'body' THEN 'p.new_body'"
    "           WHEN 'hash' THEN 'sha256(''\\x00''::bytea || p.new_body)'"
    "           ELSE 't.' || quote_ident(a.attname) END, ', ' ORDER BY a.attnum),"
    "       CASE c.relname WHEN 'submission' THEN"
    "           'p.n = p.first AND (t.agency, t.submission_id) = (p.agency, p.old_submission)'"
    "         WHEN 'ledger_row' THEN 't.idx = p.idx'"
    "         ELSE '(t.agency, t.message_id) = (p.agency, p.old)' END,"
    "       c.relname = 'submission',"
    "       string_agg(format('$%s::%s[]', a.nth, format_type(a.atttypid, NULL)), ', ' ORDER BY "
    "a.nth),"
    "       string_agg(a.atttypid::text, ' ' ORDER BY a.attnum)"
    "  FROM unnest(ARRAY['submission', 'message', 'message_todo', 'ledger_row'])"
    "         WITH ORDINALITY AS w (name, nth)"
    "  JOIN pg_class c ON c.oid = to_regclass('mash.' || w.name)"
    "  CROSS JOIN LATERAL (SELECT x.*, row_number() OVER (ORDER BY x.attnum) AS nth"
    "       FROM pg_attribute x WHERE x.attrelid = c.oid AND x.attnum > 0 AND NOT x.attisdropped"
    "        AND x.attgenerated = '' AND x.attidentity = '') a"
    " GROUP BY c.oid, c.relname, w.nth ORDER BY w.nth";

static void table_append(Table *t, const void *at, size_t len) {
    if (t->len + len > t->cap) {
        t->cap = 2 * (t->len + len) + 65536;
        t->bytes = realloc(t->bytes, t->cap);
        if (!t->bytes) die("no memory for %s", t->name);
    }
    memcpy(t->bytes + t->len, at, len);
    t->len += len;
}

/* A tuple: how many fields (16 bits), then each after its length (32 bits). The first is the
 * message's number and is taken off. Returns that number. */
static size_t take_tuple(Table *t, const char *at, size_t len) {
    enum { FIRST_FIELD = 2 + 4 + 8 };
    uint16_t fields;
    uint64_t number;
    if (len < FIRST_FIELD) die("%s: a tuple is too short", t->name);
    memcpy(&fields, at, sizeof(fields));
    memcpy(&number, at + 6, sizeof(number));
    fields = htobe16((uint16_t)(be16toh(fields) - 1));
    table_append(t, &fields, sizeof(fields));
    table_append(t, at + FIRST_FIELD, len - FIRST_FIELD);
    return (size_t)be64toh(number);
}

/* One message of the protocol is one tuple; the first also has the head, the last is the end. */
static size_t read_tuples(PGconn *db, Table *t, size_t rows) {
    size_t count = 0, filled = 0;
    char *at;
    int len;
    while ((len = PQgetCopyData(db, &at, 0)) > 0) {
        size_t skip = 0, before = t->len;
        if (len >= (int)sizeof(copy_head) && memcmp(at, copy_head, 11) == 0)
            skip = sizeof(copy_head);
        bool tuple = (size_t)len - skip > sizeof(copy_end);
        size_t number = tuple ? take_tuple(t, at + skip, (size_t)len - skip) : 0;
        if (tuple && (number < filled - (filled > 0) || number >= rows)) die("tuples out of order");
        while (tuple && filled <= number) t->at[filled++] = before;
        count += tuple;
        PQfreemem(at);
    }
    if (len == -2) die("%s cannot be read: %s", t->name, PQerrorMessage(db));
    while (filled <= rows) t->at[filled++] = t->len;
    return count;
}

static void read_types(Table *t, const char *arrays, const char *numbers) {
    (void)snprintf(t->arrays, sizeof(t->arrays), "%s", arrays);
    for (char *end; *numbers; numbers = end) {
        if (t->column_count == COLUMNS_MOST) die("%s has too many columns", t->name);
        t->types[t->column_count++] = (uint32_t)strtoul(numbers, &end, 10);
    }
}

static void read_table(PGconn *db, RowSet *s, const PGresult *about, int row) {
    char sql[4096];
    Table *t = &s->tables[s->table_count++];
    (void)snprintf(t->name, sizeof(t->name), "%s", PQgetvalue(about, row, 0));
    (void)snprintf(t->columns, sizeof(t->columns), "%s", PQgetvalue(about, row, 1));
    read_types(t, PQgetvalue(about, row, 5), PQgetvalue(about, row, 6));
    (void)snprintf(sql, sizeof(sql),
                   "COPY (SELECT p.n, %s FROM pick p JOIN %s t ON %s ORDER BY p.n) TO STDOUT "
                   "(FORMAT binary)",
                   PQgetvalue(about, row, 2), t->name, PQgetvalue(about, row, 3));
    t->at = must_alloc((s->rows + 1) * sizeof(*t->at));
    PGresult *r = PQexec(db, sql);
    if (PQresultStatus(r) != PGRES_COPY_OUT) die("%s: %s", t->name, PQerrorMessage(db));
    PQclear(r);
    size_t count = read_tuples(db, t, s->rows);
    while ((r = PQgetResult(db))) PQclear(r);
    bool a_message_each = PQgetvalue(about, row, 4)[0] == 'f';
    if (a_message_each && count != s->rows) {
        die("%s has %zu of %zu rows: the hub's last run was shorter", t->name, count, s->rows);
    }
}

static int64_t number_of(PGconn *db, const char *sql) {
    PGresult *r = PQexec(db, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) die("%s: %s", sql, PQerrorMessage(db));
    int64_t n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    return n;
}

void rows_prepare(PGconn *db, size_t rows, int64_t newest, RowSet *ret) {
    char sql[sizeof(pick_sql) + 64];
    *ret = (RowSet){.rows = rows};
    (void)snprintf(sql, sizeof(sql), pick_sql, (long long)newest, rows);
    rows_run(db, sql);
    ret->newest = number_of(db, "SELECT max(idx) FROM pick");
    PGresult *about = PQexec(db, tables_sql);
    int count = PQntuples(about);
    if (count < 4 || count > TABLES_MOST) die("not the tables that were expected");
    for (int i = 0; i < count; i++) read_table(db, ret, about, i);
    PQclear(about);
    for (size_t i = 0, at = 0; i < ret->table_count; i++) {
        const Table *t = &ret->tables[i];
        at += (size_t)snprintf(ret->copy + at, sizeof(ret->copy) - at,
                               "COPY %s (%s) FROM STDIN (FORMAT binary);", t->name, t->columns);
    }
}

void rows_free(RowSet *s) {
    for (size_t i = 0; i < s->table_count; i++) {
        free(s->tables[i].bytes);
        free(s->tables[i].at);
    }
    *s = (RowSet){0};
}

/* ---- writing -------------------------------------------------------------------------------- */

static void put(PGconn *db, const void *at, size_t len) {
    if (PQputCopyData(db, at, (int)len) != 1) die("COPY: %s", PQerrorMessage(db));
}

static void expect(PGconn *db, ExecStatusType status) {
    PGresult *r = PQgetResult(db);
    if (PQresultStatus(r) != status) die("COPY: %s", PQerrorMessage(db));
    PQclear(r);
}

void rows_copy(PGconn *db, const RowSet *s, size_t from, size_t to) {
    char sql[sizeof(s->copy) + 128];
    (void)snprintf(sql, sizeof(sql), "%sUPDATE mash.ledger_head SET size = size + %zu", s->copy,
                   to - from);
    if (PQsendQuery(db, sql) != 1) die("COPY: %s", PQerrorMessage(db));
    for (size_t i = 0; i < s->table_count; i++) {
        const Table *t = &s->tables[i];
        expect(db, PGRES_COPY_IN);
        put(db, copy_head, sizeof(copy_head));
        put(db, t->bytes + t->at[from], t->at[to] - t->at[from]);
        put(db, copy_end, sizeof(copy_end));
        if (PQputCopyEnd(db, NULL) != 1) die("COPY: %s", PQerrorMessage(db));
        expect(db, PGRES_COMMAND_OK);
    }
    expect(db, PGRES_COMMAND_OK);
    if (PQgetResult(db)) die("COPY said more than was asked");
}
