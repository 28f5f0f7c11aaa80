/* bench-rabbit: what a user would build instead. A publisher with confirms puts each referral into
 * a quorum queue; a consumer takes them (prefetch, manual acknowledgement after the commit), and
 * writes the very rows that the hub writes, by COPY, a batch of whatever has come. It is flattered:
 * its rows are made beforehand, it checks no signature, seals nothing and hashes nothing. Prints
 * one JSON line. */
#include "tests/bench/arrays.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <arpa/inet.h>
#include <getopt.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

enum { CHANNEL = 1, BODY_MOST = 4096, FRAME_MOST = 131072 };

static const char queue_name[] = "referrals";

typedef struct Rabbit {
    const char *database;
    int port;
    size_t rows, batch, prefetch, window, body;
    RowSet set;
    PGconn *db;
    int64_t *published; /* when each left */
    Latencies confirms, commits;
    double confirm_seconds, seconds;
    void (*write)(PGconn *db, const RowSet *s, size_t from, size_t to);
} Rabbit;

/* ---- talking to the broker ------------------------------------------------------------------ */

static void expect_reply(amqp_connection_state_t c, const char *what) {
    amqp_rpc_reply_t r = amqp_get_rpc_reply(c);
    if (r.reply_type != AMQP_RESPONSE_NORMAL) die("the broker refused: %s", what);
}

static amqp_connection_state_t dial(int port) {
    amqp_connection_state_t c = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(c);
    if (!socket || amqp_socket_open(socket, "127.0.0.1", port) != 0) die("no broker");
    amqp_rpc_reply_t r =
        amqp_login(c, "/", 0, FRAME_MOST, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
    if (r.reply_type != AMQP_RESPONSE_NORMAL) die("the broker lets nobody in");
    amqp_channel_open(c, CHANNEL);
    expect_reply(c, "channel");
    return c;
}

static void hang_up(amqp_connection_state_t c) {
    (void)amqp_channel_close(c, CHANNEL, AMQP_REPLY_SUCCESS);
    (void)amqp_connection_close(c, AMQP_REPLY_SUCCESS);
    (void)amqp_destroy_connection(c);
}

static void declare(amqp_connection_state_t c) {
    amqp_table_entry_t quorum = {
        .key = amqp_cstring_bytes("x-queue-type"),
        .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("quorum")}};
    amqp_table_t arguments = {.num_entries = 1, .entries = &quorum};
    amqp_queue_declare(c, CHANNEL, amqp_cstring_bytes(queue_name), 0, 1, 0, 0, arguments);
    expect_reply(c, "queue");
}

/* ---- publishing ----------------------------------------------------------------------------- */

static void publish(Rabbit *b, amqp_connection_state_t c, size_t row, char *body) {
    amqp_basic_properties_t persistent = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
                                          .delivery_mode = 2};
    uint32_t number = htonl((uint32_t)row);
    memcpy(body, &number, sizeof(number)); /* which of the prepared rows it stands for */
    b->published[row] = mono_ns();
    int r = amqp_basic_publish(c, CHANNEL, amqp_cstring_bytes(""), amqp_cstring_bytes(queue_name),
                               0, 0, &persistent, (amqp_bytes_t){.len = b->body, .bytes = body});
    if (r != AMQP_STATUS_OK) die("publish: %s", amqp_error_string2(r));
}

/* Waits for confirms; returns how many messages are confirmed from now on. */
static size_t take_confirm(Rabbit *b, amqp_connection_state_t c, size_t confirmed) {
    amqp_frame_t f;
    int r = amqp_simple_wait_frame(c, &f);
    if (r != AMQP_STATUS_OK) die("confirm: %s", amqp_error_string2(r));
    if (f.frame_type != AMQP_FRAME_METHOD) die("confirm: another frame");
    if (f.payload.method.id != AMQP_BASIC_ACK_METHOD) die("the broker did not confirm");
    const amqp_basic_ack_t *ack = f.payload.method.decoded;
    size_t all = ack->multiple ? (size_t)ack->delivery_tag : confirmed + 1;
    int64_t now = mono_ns();
    for (size_t i = confirmed; i < all; i++) latency_add(&b->confirms, now - b->published[i]);
    amqp_maybe_release_buffers(c);
    return all;
}

static void *publish_all(void *context) {
    static char body[BODY_MOST];
    Rabbit *b = context;
    amqp_connection_state_t c = dial(b->port);
    memset(body, 'x', sizeof(body));
    amqp_confirm_select(c, CHANNEL);
    expect_reply(c, "confirms");
    int64_t began = mono_ns();
    for (size_t sent = 0, confirmed = 0; confirmed < b->rows;) {
        if (sent < b->rows && sent - confirmed < b->window) {
            publish(b, c, sent++, body);
        } else {
            confirmed = take_confirm(b, c, confirmed);
        }
    }
    b->confirm_seconds = (double)(mono_ns() - began) / 1e9;
    hang_up(c);
    return NULL;
}

/* ---- consuming ------------------------------------------------------------------------------ */

/* The next message's row and tag; false when none is there within `wait`. */
static bool take_one(amqp_connection_state_t c, const struct timeval *wait, size_t *ret_row,
                     uint64_t *ret_tag) {
    amqp_envelope_t e;
    uint32_t number;
    amqp_rpc_reply_t r = amqp_consume_message(c, &e, wait, 0);
    if (r.reply_type != AMQP_RESPONSE_NORMAL) {
        if (r.library_error == AMQP_STATUS_TIMEOUT) return false;
        die("consume: %s", amqp_error_string2(r.library_error));
    }
    memcpy(&number, e.message.body.bytes, sizeof(number));
    *ret_row = ntohl(number);
    *ret_tag = e.delivery_tag;
    amqp_destroy_envelope(&e);
    return true;
}

/* What has come, up to a batch, is one transaction; then it is acknowledged. */
static size_t consume_batch(Rabbit *b, amqp_connection_state_t c, size_t from) {
    const struct timeval patience = {.tv_sec = 10}, at_once = {0};
    size_t to = from, row;
    uint64_t tag = 0;
    while (to - from < b->batch && take_one(c, to == from ? &patience : &at_once, &row, &tag)) {
        if (row != to++) die("the queue changed the order");
    }
    if (to == from) die("the queue went silent after %zu of %zu", from, b->rows);
    b->write(b->db, &b->set, from, to);
    if (amqp_basic_ack(c, CHANNEL, tag, 1) != AMQP_STATUS_OK) die("the broker takes no ack");
    amqp_maybe_release_buffers(c);
    int64_t now = mono_ns();
    for (size_t i = from; i < to; i++) latency_add(&b->commits, now - b->published[i]);
    return to;
}

static void run(Rabbit *b) {
    pthread_t publisher;
    amqp_connection_state_t c = dial(b->port);
    declare(c);
    amqp_queue_purge(c, CHANNEL, amqp_cstring_bytes(queue_name));
    expect_reply(c, "purge");
    amqp_basic_qos(c, CHANNEL, 0, (uint16_t)b->prefetch, 0);
    expect_reply(c, "prefetch");
    amqp_basic_consume(c, CHANNEL, amqp_cstring_bytes(queue_name), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    expect_reply(c, "consume");
    int64_t began = mono_ns();
    if (pthread_create(&publisher, NULL, publish_all, b) != 0) die("no thread");
    for (size_t done = 0; done < b->rows;) done = consume_batch(b, c, done);
    b->seconds = (double)(mono_ns() - began) / 1e9;
    (void)pthread_join(publisher, NULL);
    hang_up(c);
}

/* ---- the command line ----------------------------------------------------------------------- */

/* Ports that are free, for a broker that cannot be told to choose its own. */
static void print_ports(size_t count) {
    int held[16];
    if (count > COUNT_OF(held)) die("too many ports");
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof(at);
        held[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(held[i], (struct sockaddr *)&at, len) != 0 ||
            getsockname(held[i], (struct sockaddr *)&at, &len) != 0) {
            die("no port is free");
        }
        printf("%u%s", ntohs(at.sin_port), i + 1 < count ? " " : "\n");
    }
    for (size_t i = 0; i < count; i++) (void)close(held[i]);
}

static const struct option options[] = {
    {"database", 1, NULL, 'd'}, {"port", 1, NULL, 'p'},     {"rows", 1, NULL, 'r'},
    {"batch", 1, NULL, 'b'},    {"prefetch", 1, NULL, 'f'}, {"window", 1, NULL, 'w'},
    {"body", 1, NULL, 's'},     {"ports", 1, NULL, 'n'},    {"copy", 0, NULL, 'k'},
    {NULL, 0, NULL, 0},
};

static void take_option(Rabbit *b, int option, const char *text) {
    size_t number = strtoull(text ? text : "", NULL, 10);
    switch (option) {
    case 'd': b->database = text; break;
    case 'p': b->port = (int)number; break;
    case 'r': b->rows = number; break;
    case 'b': b->batch = number; break;
    case 'f': b->prefetch = number; break;
    case 'w': b->window = number; break;
    case 's': b->body = number; break;
    case 'n': print_ports(number); exit(0);
    case 'k': b->write = rows_copy; break;
    default: die("usage: see tests/bench/README.md");
    }
}

static void report(Rabbit *b, Watch *backend, int64_t own) {
    Quantiles confirm = latency_quantiles(&b->confirms), commit = latency_quantiles(&b->commits);
    double rows = (double)b->rows;
    printf("{\"rows\": %zu, \"seconds\": %.3f, \"rate\": %.1f, \"confirm_rate\": %.1f, "
           "\"confirm_p50_ms\": %.3f, \"confirm_p99_ms\": %.3f, \"p50_ms\": %.3f, "
           "\"p99_ms\": %.3f, \"backend_us\": %.2f, \"own_us\": %.2f}\n",
           b->rows, b->seconds, rows / b->seconds, rows / b->confirm_seconds, confirm.p50,
           confirm.p99, commit.p50, commit.p99, watch_us(backend) / rows, (double)own / 1e3 / rows);
}

int main(int argc, char **argv) {
    static Rabbit b = {.rows = 10000,
                       .batch = 500,
                       .prefetch = 1000,
                       .window = 800,
                       .body = 1536,
                       .write = arrays_write};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        take_option(&b, option, optarg);
    }
    if (!b.database || !b.port || !b.rows || b.body < 4 || b.body > BODY_MOST) {
        die("usage: see tests/bench/README.md");
    }
    b.db = rows_connect(b.database);
    rows_prepare(b.db, b.rows, INT64_MAX, &b.set);
    if (b.write == arrays_write) arrays_prepare(b.db, &b.set);
    b.published = must_alloc(b.rows * sizeof(*b.published));
    Watch backend = {.name = "backend", .count = 1, .pids = {(pid_t)PQbackendPID(b.db)}};
    watch_start(&backend);
    int64_t own = cpu_ns();
    run(&b);
    report(&b, &backend, cpu_ns() - own);
    rows_free(&b.set);
    free(b.published);
    latency_free(&b.confirms);
    latency_free(&b.commits);
    PQfinish(b.db);
    return 0;
}
