/* See mllp.h. */
#include "adapters/health/mllp.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <sys/socket.h>

enum { START = 0x0b, END = 0x1c, CR = 0x0d, LF = 0x0a, MESSAGE_ARENA = 32 * 1024 * 1024 };

typedef struct Peer {
    Mllp *server;
    int fd; /* -1: free */
    uint8_t *buffer;
    size_t len, cap;
    int64_t since_ms; /* of the frame's first byte, or of the last answer */
} Peer;

struct Mllp {
    Loop *loop;
    int fd;
    MllpCall call;
    void *context;
    Arena *arena;
    struct in_addr allowed[MLLP_ALLOWED];
    size_t allowed_count;
    size_t strangers, displaced; /* since they were last logged */
    Peer peers[MLLP_CONNECTIONS];
};

int64_t mllp_frame(Bytes in, Bytes *ret_message) {
    size_t start = 0;
    while (start < in.len && (in.at[start] == CR || in.at[start] == LF)) start++;
    if (start == in.len) return 0;
    if (in.at[start] != START) return -1;
    for (size_t i = start + 1; i < in.len; i++) {
        if (in.at[i] == START) return -1;
        if (in.at[i] != END) continue;
        if (i + 1 == in.len) return 0;
        if (in.at[i + 1] != CR) return -1;
        *ret_message = bytes_of(in.at + start + 1, i - start - 1);
        return (int64_t)(i + 2);
    }
    return in.len - start > MLLP_FRAME_MOST ? -1 : 0;
}

/* ---- one peer -------------------------------------------------------------------------------- */

static void peer_close(Peer *p) {
    if (p->fd < 0) return;
    loop_remove_fd(p->server->loop, p->fd);
    fd_closep(&p->fd);
    if (p->buffer) OPENSSL_cleanse(p->buffer, p->cap);
    free(p->buffer);
    *p = (Peer){.server = p->server, .fd = -1};
}

static bool peer_room(Peer *p) {
    enum { LEAST = 16 * 1024, MOST = MLLP_FRAME_MOST + 16 };
    if (p->len < p->cap) return true;
    size_t cap = p->cap ? 2 * p->cap : LEAST;
    if (cap > MOST) cap = MOST;
    if (cap == p->cap) return false;
    uint8_t *at = malloc(cap);
    if (!at) return false;
    if (p->len) memcpy(at, p->buffer, p->len);
    if (p->buffer) OPENSSL_cleanse(p->buffer, p->cap);
    free(p->buffer);
    p->buffer = at;
    p->cap = cap;
    return true;
}

/* All at once or not at all: an answer is small, and a peer that has no room is not reading. */
static bool peer_answer(Peer *p, Str answer) {
    Arena *a = p->server->arena;
    uint8_t *frame = arena_alloc(a, answer.len + 3);
    if (!frame || answer.len == 0) return false;
    frame[0] = START;
    memcpy(frame + 1, answer.at, answer.len);
    frame[answer.len + 1] = END;
    frame[answer.len + 2] = CR;
    ssize_t n = send(p->fd, frame, answer.len + 3, MSG_NOSIGNAL | MSG_DONTWAIT);
    return n == (ssize_t)answer.len + 3;
}

/* Every whole frame that is there; false to hang up. */
static bool peer_frames(Peer *p) {
    for (;;) {
        Bytes message;
        int64_t used = mllp_frame(bytes_of(p->buffer, p->len), &message);
        if (used < 0) log_event(LOG_warn, "mllp_framing", "bytes=%zu", p->len);
        if (used <= 0) return used == 0;
        Mllp *m = p->server;
        Str answer = m->call(m->context, m->arena, message);
        FAULT_POINT(answer_before_send);
        bool ok = peer_answer(p, answer);
        FAULT_POINT(answer_after_send);
        arena_reset(m->arena);
        if (!ok) return false;
        p->len -= (size_t)used;
        memmove(p->buffer, p->buffer + used, p->len);
        p->since_ms = clock_mono_ms();
    }
}

/* Nothing new can be whole without an END: slow dribbling is not scanned over and over. */
static bool peer_waits(const Peer *p, size_t fresh) {
    size_t from = p->len - fresh ? p->len - fresh - 1 : 0;
    bool framed = p->buffer[0] == START && p->len <= MLLP_FRAME_MOST;
    return framed && !memchr(p->buffer + from, END, p->len - from);
}

static int peer_read(void *context) {
    Peer *p = context;
    if (!peer_room(p)) {
        peer_close(p);
        return 0;
    }
    ssize_t n = recv(p->fd, p->buffer + p->len, p->cap - p->len, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (n <= 0) {
        peer_close(p);
        return 0;
    }
    if (p->len == 0) p->since_ms = clock_mono_ms();
    p->len += (size_t)n;
    if (!peer_waits(p, (size_t)n) && !peer_frames(p)) peer_close(p);
    return 0;
}

/* ---- the server ------------------------------------------------------------------------------ */

static bool mllp_allows(const Mllp *m, const struct sockaddr_in *from) {
    for (size_t i = 0; i < m->allowed_count; i++) {
        if (m->allowed[i].s_addr == from->sin_addr.s_addr) return true;
    }
    return false;
}

/* Incomplete before silent, then the oldest. */
static bool goes_before(const Peer *a, const Peer *b) {
    if ((a->len > 0) != (b->len > 0)) return a->len > 0;
    return a->since_ms < b->since_ms;
}

/* A free place, or one made free (mllp.h). */
static Peer *mllp_place(Mllp *m) {
    Peer *worst = &m->peers[0];
    for (size_t i = 0; i < MLLP_CONNECTIONS; i++) {
        Peer *p = &m->peers[i];
        if (p->fd < 0) return p;
        if (goes_before(p, worst)) worst = p;
    }
    peer_close(worst);
    m->displaced++;
    return worst;
}

static int mllp_accept(void *context) {
    Mllp *m = context;
    struct sockaddr_in from = {0};
    socklen_t len = sizeof(from);
    int fd = accept4(m->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return 0; /* it went away again */
    if (!mllp_allows(m, &from)) {
        m->strangers++;
        (void)close(fd);
        return 0;
    }
    Peer *p = mllp_place(m);
    *p = (Peer){.server = m, .fd = fd, .since_ms = clock_mono_ms()};
    if (loop_add_fd(m->loop, fd, peer_read, p) < 0) peer_close(p);
    return 0;
}

/* In sums, so that whoever knocks cannot fill the log. */
static void mllp_count(Mllp *m) {
    if (m->strangers) log_event(LOG_warn, "mllp_strangers", "closed=%zu", m->strangers);
    if (m->displaced) log_event(LOG_warn, "mllp_full", "displaced=%zu", m->displaced);
    m->strangers = m->displaced = 0;
}

void mllp_expire(Mllp *m) {
    int64_t now = clock_mono_ms();
    mllp_count(m);
    for (size_t i = 0; i < MLLP_CONNECTIONS; i++) {
        Peer *p = &m->peers[i];
        if (p->fd < 0 || now - p->since_ms < (p->len ? MLLP_FRAME_MS : MLLP_IDLE_MS)) continue;
        log_event(LOG_info, "mllp_expired", "bytes=%zu", p->len);
        peer_close(p);
    }
}

static bool address_parse(Str text, struct in_addr *ret) {
    char name[INET_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof(name)) return false;
    memcpy(name, text.at, text.len);
    name[text.len] = '\0';
    return inet_pton(AF_INET, name, ret) == 1;
}

static bool endpoint_parse(const char *text, struct sockaddr_in *ret) {
    Str rest = str_z(text), host = {0};
    uint64_t port = 0;
    if (!str_split(&rest, ':', &host) || !str_u64(rest, &port) || port > 65535) return false;
    *ret = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return address_parse(host, &ret->sin_addr);
}

static bool allowed_parse(Mllp *m, const char *text) {
    Str rest = str_z(text);
    for (Str one; str_split(&rest, ',', &one);) {
        if (m->allowed_count == MLLP_ALLOWED) return false;
        if (!address_parse(str_trim(one), &m->allowed[m->allowed_count++])) return false;
    }
    return true;
}

static int mllp_listen(Mllp *m, const char *endpoint, char ret_endpoint[MLLP_ENDPOINT]) {
    struct sockaddr_in at;
    socklen_t len = sizeof(at);
    char host[INET_ADDRSTRLEN];
    int on = 1;
    if (!endpoint_parse(endpoint, &at)) return ERR_CONFIG;
    m->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m->fd < 0) return ERR_WIRE;
    (void)setsockopt(m->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)); /* a comfort at restart */
    if (bind(m->fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(m->fd, 64) != 0 ||
        getsockname(m->fd, (struct sockaddr *)&at, &len) != 0 ||
        !inet_ntop(AF_INET, &at.sin_addr, host, sizeof(host))) {
        return ERR_WIRE;
    }
    (void)snprintf(ret_endpoint, MLLP_ENDPOINT, "%s:%u", host, (unsigned)ntohs(at.sin_port));
    return loop_add_fd(m->loop, m->fd, mllp_accept, m);
}

int mllp_open(Loop *l, const char *endpoint, const char *allowed, MllpCall call, void *context,
              char ret_endpoint[MLLP_ENDPOINT], Mllp **ret) {
    _cleanup_(mllp_closep) Mllp *m = calloc(1, sizeof(*m));
    if (!m) return ERR_MEMORY;
    *m = (Mllp){.loop = l, .fd = -1, .call = call, .context = context};
    for (size_t i = 0; i < MLLP_CONNECTIONS; i++) m->peers[i] = (Peer){.server = m, .fd = -1};
    if (!allowed_parse(m, allowed)) return ERR_CONFIG;
    m->arena = arena_new(MESSAGE_ARENA);
    if (!m->arena) return ERR_MEMORY;
    int r = mllp_listen(m, endpoint, ret_endpoint);
    if (r == 0) *ret = TAKE(m);
    return r;
}

void mllp_close(Mllp *m) {
    if (!m) return;
    for (size_t i = 0; i < MLLP_CONNECTIONS; i++) peer_close(&m->peers[i]);
    if (m->fd >= 0) loop_remove_fd(m->loop, m->fd);
    fd_closep(&m->fd);
    arena_free(m->arena);
    free(m);
}
