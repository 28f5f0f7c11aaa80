/* A TCP proxy that misbehaves on command, between adapters and intake. It forwards whoever connects
 * to the endpoint that stands in a file at that moment, and counts what it really did, so that a
 * campaign knows which faults took effect. It understands nothing of what it carries.
 *
 *   faults-chaos ENDPOINT_FILE TARGET_FILE CONTROL COUNTS [SEED]
 *
 * ENDPOINT_FILE gets where it listens (a random port of loopback); TARGET_FILE says where to
 * forward to, and is read at every connection; CONTROL becomes a FIFO that takes a command a line;
 * COUNTS gets "name number" lines whenever they change.
 *
 *   delay MS JITTER   every piece waits so long, in order   cut        resets every connection
 *   throttle RATE     bytes a second, each way              half WAY   for those there now, up or
 *   corrupt EVERY     a bit flips in every so many bytes               down stops; the rest stays
 *   hole 1|0          nothing passes, nothing is closed     and 0 ends what has a number */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 16384, HELD_MOST = 1 << 18, TICK_MS = 20, IDLE_MS = 1000, EVENTS = 64 };
enum { UP, DOWN }; /* from the adapter; to the adapter */

typedef struct Piece {
    struct Piece *next;
    int64_t due_ms;
    size_t from, to;
    uint8_t at[PIECE];
} Piece;

typedef struct Pair Pair;

/* One end, and what was read from it for the other. */
typedef struct End {
    Pair *pair;
    int fd;
    Piece *first, *last;
    size_t held;
    int64_t last_due_ms;
    bool half;    /* what comes in here stays in the kernel */
    bool counted; /* and something did */
    bool full;    /* what is for this end has to wait for it */
    uint32_t interest;
} End;

struct Pair {
    Pair *next;
    End end[2]; /* UP: the adapter's, DOWN: intake's */
    bool closing, gone;
};

enum { COUNT_connected, COUNT_cut, COUNT_delayed, COUNT_throttled, COUNT_corrupted, COUNT_half,
       COUNT_hole, COUNT_refused, COUNTS };
static const char *const count_names[COUNTS] = {"connected", "cut", "delayed", "throttled",
                                                "corrupted", "half", "hole", "refused"};

typedef struct Chaos {
    int epoll, listener, control;
    const char *target, *counts_path;
    Pair *pairs;
    int64_t delay_ms, jitter_ms, throttle, corrupt, passed;
    bool hole;
    double tokens[2];
    int64_t filled_ms;
    uint64_t counts[COUNTS];
    bool changed;
    char line[256];
    size_t line_len;
} Chaos;

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_ms(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void count(Chaos *c, int what) {
    c->counts[what]++;
    c->changed = true;
}

/* Whole or not at all, for readers that look at any time. */
static void publish(const char *path, const char *text) {
    char beside[4096];
    (void)snprintf(beside, sizeof(beside), "%s.new", path);
    FILE *f = fopen(beside, "we");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0 || rename(beside, path) != 0) die(path);
}

static void counts_publish(Chaos *c) {
    char text[512] = "";
    size_t len = 0;
    for (int i = 0; i < COUNTS; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %llu\n", count_names[i],
                                (unsigned long long)c->counts[i]);
    }
    publish(c->counts_path, text);
    c->changed = false;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static void watch(Chaos *c, int fd, void *who, uint32_t events) {
    struct epoll_event e = {.events = events, .data.ptr = who};
    if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) != 0) die("epoll");
}

static void pair_close(Pair *p, bool reset) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (p->gone) return;
    for (int i = 0; i < 2; i++) {
        if (reset) (void)setsockopt(p->end[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        (void)close(p->end[i].fd);
    }
    p->gone = true; /* its memory goes at the end of the round, when no event names it any more */
}

static void pair_free(Pair *p) {
    for (int i = 0; i < 2; i++) {
        for (Piece *at = p->end[i].first; at;) {
            Piece *next = at->next;
            free(at);
            at = next;
        }
    }
    free(p);
}

static void pairs_sweep(Chaos *c) {
    for (Pair **at = &c->pairs; *at;) {
        Pair *p = *at;
        if (!p->gone) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        pair_free(p);
    }
}

/* -1 when nobody is there. */
static int target_connect(const Chaos *c) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned port = 0;
    FILE *f = fopen(c->target, "re");
    int found = f ? fscanf(f, "tcp://127.0.0.1:%u", &port) : 0;
    if (f) (void)fclose(f);
    if (found != 1 || port == 0 || port > 65535) return -1;
    to.sin_port = htons((uint16_t)port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno == EINPROGRESS) return fd;
    (void)close(fd);
    return -1;
}

static void pair_accept(Chaos *c) {
    int fd = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int onward = target_connect(c);
    Pair *p = calloc(1, sizeof(*p));
    if (!p) die("memory");
    if (onward < 0) {
        (void)close(fd);
        free(p);
        count(c, COUNT_refused);
        return;
    }
    p->end[UP] = (End){.pair = p, .fd = fd};
    p->end[DOWN] = (End){.pair = p, .fd = onward};
    for (int i = 0; i < 2; i++) watch(c, p->end[i].fd, &p->end[i], 0);
    p->next = c->pairs;
    c->pairs = p;
    count(c, COUNT_connected);
}

/* ---- carrying -------------------------------------------------------------------------------- */

static bool stalled(const Chaos *c, const End *from) {
    return c->hole || from->half;
}

static void corrupt(Chaos *c, Piece *piece) {
    if (c->corrupt <= 0) return;
    for (size_t i = piece->from; i < piece->to; i++) {
        if (++c->passed % c->corrupt != 0) continue;
        piece->at[i] ^= 0x10;
        count(c, COUNT_corrupted);
    }
}

static void end_read(Chaos *c, End *from) {
    Piece *piece = malloc(sizeof(*piece));
    if (!piece) die("memory");
    ssize_t n = recv(from->fd, piece->at, PIECE, 0);
    if (n <= 0) {
        free(piece);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) pair_close(from->pair, true);
        from->pair->closing = true;
        return;
    }
    int64_t due = now_ms();
    if (c->delay_ms || c->jitter_ms) {
        due += c->delay_ms + (c->jitter_ms ? random() % c->jitter_ms : 0);
        count(c, COUNT_delayed);
    }
    if (due < from->last_due_ms) due = from->last_due_ms;
    piece->next = NULL;
    piece->due_ms = from->last_due_ms = due;
    piece->from = 0;
    piece->to = (size_t)n;
    corrupt(c, piece);
    if (from->last) from->last->next = piece;
    if (!from->first) from->first = piece;
    from->last = piece;
    from->held += (size_t)n;
}

static void tokens_fill(Chaos *c, int64_t now) {
    double fresh = (double)(now - c->filled_ms) * (double)c->throttle / 1000;
    double most = (double)c->throttle / 10 + 1;
    for (int i = 0; i < 2; i++) {
        c->tokens[i] = c->tokens[i] + fresh < most ? c->tokens[i] + fresh : most;
    }
    c->filled_ms = now;
}

/* How much of it may go now. */
static size_t allowed(Chaos *c, int way, size_t len) {
    if (c->throttle <= 0 || (double)len <= c->tokens[way]) return len;
    count(c, COUNT_throttled);
    return c->tokens[way] < 1 ? 0 : (size_t)c->tokens[way];
}

static void end_forward(Chaos *c, int way, End *from, End *to, int64_t now) {
    to->full = false;
    while (from->first && from->first->due_ms <= now && !stalled(c, from)) {
        Piece *piece = from->first;
        size_t len = allowed(c, way, piece->to - piece->from);
        if (len == 0) return;
        ssize_t n = send(to->fd, piece->at + piece->from, len, MSG_NOSIGNAL);
        if (n < 0) {
            to->full = errno == EAGAIN || errno == ENOTCONN;
            if (!to->full && errno != EINTR) pair_close(from->pair, true);
            return;
        }
        if (c->throttle > 0) c->tokens[way] -= (double)n;
        piece->from += (size_t)n;
        from->held -= (size_t)n;
        if (piece->from < piece->to) continue;
        from->first = piece->next;
        if (!from->first) from->last = NULL;
        free(piece);
    }
}

static void interest_set(Chaos *c, End *e) {
    bool reads = !stalled(c, e) && e->held < HELD_MOST && !e->pair->closing;
    uint32_t events = (reads ? (uint32_t)EPOLLIN : 0) | (e->full ? (uint32_t)EPOLLOUT : 0);
    if (events == e->interest) return;
    struct epoll_event change = {.events = events, .data.ptr = e};
    if (epoll_ctl(c->epoll, EPOLL_CTL_MOD, e->fd, &change) != 0) die("epoll");
    e->interest = events;
}

/* It took effect once bytes lie there that do not pass. */
static void stall_count(Chaos *c, End *e) {
    int waiting = 0;
    if (!stalled(c, e)) e->counted = false;
    if (!stalled(c, e) || e->counted || ioctl(e->fd, FIONREAD, &waiting) != 0 || !waiting) return;
    e->counted = true;
    count(c, e->half ? COUNT_half : COUNT_hole);
}

static void pair_serve(Chaos *c, Pair *p, int64_t now) {
    for (int i = 0; i < 2 && !p->gone; i++) end_forward(c, i, &p->end[i], &p->end[1 - i], now);
    if (!p->gone && p->closing && !p->end[UP].first && !p->end[DOWN].first) pair_close(p, false);
    for (int i = 0; i < 2 && !p->gone; i++) {
        stall_count(c, &p->end[i]);
        interest_set(c, &p->end[i]);
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

static void cut(Chaos *c) {
    for (Pair *p = c->pairs; p; p = p->next) {
        if (!p->gone) count(c, COUNT_cut);
        pair_close(p, true);
    }
}

static void half(Chaos *c, const char *way) {
    for (Pair *p = c->pairs; p; p = p->next) p->end[strcmp(way, "up") == 0 ? UP : DOWN].half = true;
}

static void command(Chaos *c, const char *line) {
    char word[16] = "", way[8] = "";
    long long a = 0, b = 0;
    (void)sscanf(line, "%15s %lld %lld", word, &a, &b);
    if (strcmp(word, "cut") == 0) cut(c);
    if (strcmp(word, "half") == 0 && sscanf(line, "half %7s", way) == 1) half(c, way);
    if (strcmp(word, "hole") == 0) c->hole = a != 0;
    if (strcmp(word, "corrupt") == 0) c->corrupt = a;
    if (strcmp(word, "throttle") == 0) c->throttle = a;
    if (strcmp(word, "delay") != 0) return;
    c->delay_ms = a;
    c->jitter_ms = b;
}

static void control_read(Chaos *c) {
    char at;
    while (read(c->control, &at, 1) == 1) {
        if (at != '\n') {
            if (c->line_len + 1 < sizeof(c->line)) c->line[c->line_len++] = at;
            continue;
        }
        c->line[c->line_len] = '\0';
        c->line_len = 0;
        command(c, c->line);
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void event(Chaos *c, const struct epoll_event *e) {
    if (e->data.ptr == &c->listener) {
        pair_accept(c);
    } else if (e->data.ptr == &c->control) {
        control_read(c);
    } else {
        End *end = e->data.ptr;
        if (end->pair->gone) return;
        if (e->events & EPOLLIN) {
            end_read(c, end);
        } else if (e->events & (EPOLLHUP | EPOLLERR)) {
            pair_close(end->pair, true);
        }
    }
}

static bool waiting(const Chaos *c) {
    bool any = c->hole || c->changed;
    for (const Pair *p = c->pairs; p && !any; p = p->next) {
        any = p->end[UP].first || p->end[DOWN].first || p->end[UP].half || p->end[DOWN].half;
    }
    return any;
}

static void serve(Chaos *c) {
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(c->epoll, events, EVENTS, waiting(c) ? TICK_MS : IDLE_MS);
        if (n < 0 && errno != EINTR) die("epoll");
        for (int i = 0; i < n; i++) event(c, &events[i]);
        int64_t now = now_ms();
        tokens_fill(c, now);
        for (Pair *p = c->pairs; p; p = p->next) {
            if (!p->gone) pair_serve(c, p, now);
        }
        pairs_sweep(c);
        if (c->changed) counts_publish(c);
    }
}

static void open_all(Chaos *c, char **argv) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    char endpoint[64];
    c->target = argv[2];
    c->counts_path = argv[4];
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->epoll < 0 || c->listener < 0) die("open");
    if (bind(c->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(c->listener, 128) != 0 ||
        getsockname(c->listener, (struct sockaddr *)&at, &len) != 0) {
        die("listen");
    }
    if (mkfifo(argv[3], 0600) != 0) die(argv[3]);
    c->control = open(argv[3], O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (c->control < 0) die(argv[3]);
    watch(c, c->listener, &c->listener, EPOLLIN);
    watch(c, c->control, &c->control, EPOLLIN);
    counts_publish(c);
    (void)snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u\n",
                   (unsigned)ntohs(at.sin_port));
    publish(argv[1], endpoint);
}

int main(int argc, char **argv) {
    static Chaos chaos;
    if (argc < 5) {
        (void)fprintf(stderr, "usage: faults-chaos ENDPOINT TARGET CONTROL COUNTS [SEED]\n");
        return EXIT_FAILURE;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    srandom(argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 1);
    open_all(&chaos, argv);
    serve(&chaos);
}
