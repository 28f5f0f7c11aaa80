/* Attacks below ZeroMQ: sockets that say too little, and streams that are wrong. */
#include "tests/hostile/hostile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { GREETING = 64, TRICKLE_MS = 1000, ANSWER_MS = 200, STREAM_MOST = 4096 };

/* ZMTP 3.1's greeting, for CURVE, as a client says it. */
static void greeting(uint8_t out[GREETING], const char *mechanism) {
    memset(out, 0, GREETING);
    out[0] = 0xff;
    out[8] = 1;
    out[9] = 0x7f;
    out[10] = 3;
    out[11] = 1;
    (void)snprintf((char *)out + 12, 20, "%s", mechanism);
}

/* -1 when there is no room. */
static int dial(int port, bool wait) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);
    if (fd < 0) return -1;
    int r = connect(fd, (struct sockaddr *)&to, sizeof(to));
    if (r == 0 || (!wait && errno == EINPROGRESS)) return fd;
    (void)close(fd);
    return -1;
}

/* ---- slow loris ------------------------------------------------------------------------------ */

typedef struct Slow {
    int fd;
    size_t said; /* of the greeting; half of them never say anything */
} Slow;

typedef struct Loris {
    Slow *at;
    size_t count, opened, refused, closed, most;
    int port;
} Loris;

/* True when it still stands. */
static bool slow_step(Slow *s, bool speaks) {
    uint8_t hello[GREETING], heard[GREETING];
    ssize_t n = recv(s->fd, heard, sizeof(heard), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return false;
    if (!speaks || s->said + 1 == GREETING) return true;
    greeting(hello, "CURVE");
    if (send(s->fd, hello + s->said, 1, MSG_DONTWAIT) == 1) s->said++;
    return true;
}

static void round_of(Loris *l) {
    size_t standing = 0;
    for (size_t i = 0; i < l->count; i++) {
        Slow *s = &l->at[i];
        if (s->fd >= 0 && !slow_step(s, i % 2)) {
            (void)close(s->fd);
            *s = (Slow){.fd = -1};
            l->closed++;
        }
        if (s->fd < 0) {
            *s = (Slow){.fd = dial(l->port, false)};
            if (s->fd >= 0) l->opened++;
            if (s->fd < 0) l->refused++;
        }
        standing += s->fd >= 0;
    }
    if (standing > l->most) l->most = standing;
}

void loris(const Against *a) {
    Loris l = {.count = a->count, .port = a->port, .at = calloc(a->count, sizeof(*l.at))};
    int64_t until = clock_mono_ms() + a->ms;
    NEEDED(l.at);
    for (size_t i = 0; i < l.count; i++) l.at[i].fd = -1;
    while (clock_mono_ms() < until) {
        int64_t next = clock_mono_ms() + TRICKLE_MS;
        round_of(&l);
        int64_t left = next - clock_mono_ms();
        if (left > 0) (void)poll(NULL, 0, (int)left); /* the slowness is the attack */
    }
    for (size_t i = 0; i < l.count; i++) {
        if (l.at[i].fd >= 0) (void)close(l.at[i].fd);
    }
    free(l.at);
    (void)printf("most_at_once=%zu opened=%zu closed_by_hub=%zu not_opened=%zu\n", l.most, l.opened,
                 l.closed, l.refused);
}

/* ---- malformed streams ----------------------------------------------------------------------- */

/* Legend: what follows a greeting (or none), and how it is wrong. */
static const struct {
    const char *mechanism; /* NULL: no greeting */
    uint8_t at[24];
    size_t len, noise; /* then so many random bytes */
} streams[] = {
    {NULL, {0}, 0, STREAM_MOST},                                        /* nothing of ZMTP */
    {NULL, {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 0}, 12, 200},        /* version 1 */
    {NULL, {0x01, 0x00}, 2, 300},                                       /* version 0's framing */
    {"NULL", {0x04, 0x26, 5, 'R', 'E', 'A', 'D', 'Y'}, 8, 32},          /* no encryption */
    {"PLAIN", {0x04, 0x0b, 5, 'H', 'E', 'L', 'L', 'O'}, 8, 5},          /* a password */
    {"GSSAPI", {0x04, 0x05, 5, 'I', 'N', 'I', 'T', 'X'}, 8, 5},         /* another mechanism */
    {"WHATEVER", {0}, 0, 64},                                           /* none of them */
    {"CURVE", {0x04, 0xc8, 5, 'H', 'E', 'L', 'L', 'O', 1, 0}, 10, 192}, /* a hello, sealed wrong */
    {"CURVE", {0x04, 0x08, 5, 'H', 'E', 'L', 'L', 'O', 1, 0}, 10, 0},   /* a short hello */
    {"CURVE", {0x04, 0xc8, 8, 'I', 'N', 'I', 'T', 'I', 'A', 'T', 'E'}, 11, 189},
    {"CURVE", {0x06, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 9, 512}, /* 2^63 bytes */
    {"CURVE", {0x06, 0, 0, 0, 0, 0x40, 0, 0, 0}, 9, STREAM_MOST},       /* a gigabyte */
    {"CURVE", {0x02, 0, 0, 0, 0, 0x10, 0, 0, 0}, 9, STREAM_MOST},       /* a long message at once */
    {"CURVE", {0x00, 0xff}, 2, 255},                                    /* a message at once */
    {"CURVE", {0xff, 0xff, 0xff}, 3, 100},                              /* flags that are none */
    {"CURVE", {0x04, 0x00}, 2, 40},                                     /* an empty command */
};

static bool say(int fd, const uint8_t *at, size_t len) {
    return len == 0 || send(fd, at, len, MSG_DONTWAIT) == (ssize_t)len;
}

/* True when the hub hung up within a moment, as it should sooner or later. */
static bool hangs_up(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    uint8_t heard[512];
    while (poll(&p, 1, ANSWER_MS) > 0) {
        if (recv(fd, heard, sizeof(heard), MSG_DONTWAIT) <= 0) return true;
    }
    return false;
}

void malformed(const Against *a) {
    uint8_t noise[STREAM_MOST], hello[GREETING];
    size_t sent = 0, hung = 0;
    int64_t until = clock_mono_ms() + a->ms;
    for (size_t i = 0; i < a->count && clock_mono_ms() < until; i++) {
        size_t k = i % COUNT_OF(streams);
        int fd = dial(a->port, true);
        if (fd < 0) continue;
        NEEDED(random_bytes(noise, sizeof(noise)) == 0);
        bool said = true;
        if (streams[k].mechanism) {
            greeting(hello, streams[k].mechanism);
            said = say(fd, hello, sizeof(hello));
        }
        said = said && say(fd, streams[k].at, streams[k].len) && say(fd, noise, streams[k].noise);
        sent += said;
        /* Each kind is looked at in its first round; afterwards one side just goes. */
        if (i < COUNT_OF(streams)) hung += hangs_up(fd);
        (void)close(fd);
    }
    (void)printf("streams=%zu kinds=%zu hung_up_at_once=%zu\n", sent, COUNT_OF(streams), hung);
}
