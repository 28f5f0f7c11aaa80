/* See status.h. One table of pages; a connection reads its request, is answered, and is closed.
 * Everything is non-blocking: what the kernel does not take now is written when it can be. */
#include "broker/io/status.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum {
    CONNECTIONS_MAX = 8,
    CONNECTION_MS = 2000,
    REQUEST_MAX = 4096,
    ADDRESS_MAX = 160,
    SWEEP_MS = 500,
    LOOK_EVERY_MS = 1000, /* how often the hooks are asked, however often somebody else asks */
};

typedef struct Connection {
    Status *status;
    int fd; /* -1: free */
    int64_t until_ms;
    char request[REQUEST_MAX];
    size_t request_len;
    char *answer; /* NULL while the request is being read */
    size_t answer_len, sent;
} Connection;

struct Status {
    Loop *loop;
    Metrics *metrics;
    StatusHooks hooks;
    int fd;
    char address[ADDRESS_MAX];
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* to be removed; empty for a port */
    Unready unready;
    int64_t refreshed_ms, asked_ms;
    Connection connections[CONNECTIONS_MAX];
};

void unready_because(Unready *u, Str codes) {
    Str code;
    while (str_split(&codes, ' ', &code)) {
        if (code.len == 0 || u->count == UNREADY_MAX) continue;
        (void)snprintf(u->codes[u->count++], UNREADY_CODE_MAX, "%.*s", STR_ARG(code)); /* cut */
    }
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Each writes its body, to be freed, and says the HTTP status; negative ends the program. */
static int page_metrics(Status *s, char **ret, size_t *ret_len) {
    int64_t now = clock_mono_ms();
    int r = 0;
    if (s->hooks.refresh && now - s->refreshed_ms >= LOOK_EVERY_MS) {
        r = s->hooks.refresh(s->hooks.context, s->metrics);
        s->refreshed_ms = now;
    }
    if (r < 0) return r;
    r = s->metrics ? metrics_text(s->metrics, ret, ret_len) : 0;
    return r < 0 ? r : 200;
}

static int page_live(Status *s, char **ret, size_t *ret_len) {
    (void)s; /* whoever reads this has seen the loop turn */
    *ret = strdup("live\n");
    *ret_len = *ret ? strlen(*ret) : 0;
    return 200;
}

static int page_ready(Status *s, char **ret, size_t *ret_len) {
    int64_t now = clock_mono_ms();
    Unready fresh = {0};
    if (s->hooks.ready && now - s->asked_ms >= LOOK_EVERY_MS) {
        int r = s->hooks.ready(s->hooks.context, &fresh);
        if (r < 0) return r;
        s->unready = fresh;
        s->asked_ms = now;
    }
    FILE *out = open_memstream(ret, ret_len);
    if (!out) return ERR_MEMORY;
    if (s->unready.count == 0) fputs("ready\n", out);
    for (size_t i = 0; i < s->unready.count; i++) fprintf(out, "%s\n", s->unready.codes[i]);
    if (fclose(out) != 0) return ERR_MEMORY;
    return s->unready.count == 0 ? 200 : 503;
}

static const struct {
    const char *path, *type;
    int (*page)(Status *s, char **ret, size_t *ret_len);
} pages[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", page_metrics},
    {"/live", "text/plain; charset=utf-8", page_live},
    {"/ready", "text/plain; charset=utf-8", page_ready},
};

static const char *phrase(int status) {
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {{200, "OK"},
                   {400, "Bad Request"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {503, "Service Unavailable"}};
    for (size_t i = 0; i < COUNT_OF(phrases); i++) {
        if (phrases[i].status == status) return phrases[i].phrase;
    }
    return "";
}

/* ---- a connection ---------------------------------------------------------------------------- */

static void connection_close(Connection *c) {
    if (c->fd < 0) return;
    loop_remove_fd(c->status->loop, c->fd);
    fd_closep(&c->fd);
    free(c->answer);
    *c = (Connection){.status = c->status, .fd = -1};
}

/* "GET /path HTTP/1.x" -> what to do; the page's index by `ret`. */
static int request_read(Str request, size_t *ret) {
    Str line, method, path;
    if (!str_split(&request, '\n', &line)) return 400;
    if (!str_split(&line, ' ', &method) || !str_split(&line, ' ', &path)) return 400;
    if (!str_starts(path, STR("/")) || !str_starts(line, STR("HTTP/1."))) return 400;
    if (!str_is(method, "GET")) return 405;
    Str whole = path;
    if (!str_split(&whole, '?', &path)) return 400;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        *ret = i;
        if (str_is(path, pages[i].path)) return 200;
    }
    return 404;
}

static int connection_write(Connection *c) {
    while (c->sent < c->answer_len) {
        ssize_t n =
            send(c->fd, c->answer + c->sent, c->answer_len - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            loop_want_write(c->status->loop, c->fd, true);
            return 0;
        }
        if (n <= 0) break; /* it went: nothing is owed to it */
        c->sent += (size_t)n;
    }
    connection_close(c);
    return 0;
}

static int connection_answer(Connection *c) {
    _cleanup_(mem_freep) char *body = NULL;
    const char *type = "text/plain; charset=utf-8";
    size_t body_len = 0, page = 0;
    int status = request_read((Str){c->request, c->request_len}, &page);
    if (status == 200) {
        type = pages[page].type;
        status = pages[page].page(c->status, &body, &body_len);
    }
    if (status < 0) return status;
    FILE *out = open_memstream(&c->answer, &c->answer_len);
    if (!out) return ERR_MEMORY;
    fprintf(out, "HTTP/1.0 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", status,
            phrase(status), type, body_len);
    fputs("Cache-Control: no-store\r\nConnection: close\r\n\r\n", out);
    if (body_len > 0) (void)fwrite(body, 1, body_len, out); /* fclose tells */
    if (fclose(out) != 0) return ERR_MEMORY;
    return connection_write(c);
}

static bool request_whole(const Connection *c) {
    Str request = {c->request, c->request_len};
    size_t at = 0;
    return str_find(request, STR("\r\n\r\n"), &at) || str_find(request, STR("\n\n"), &at) ||
           c->request_len == REQUEST_MAX; /* answered as it stands: 400 unless its line was good */
}

static int on_connection(void *context) {
    Connection *c = context;
    if (c->answer) return connection_write(c);
    ssize_t n = recv(c->fd, c->request + c->request_len, REQUEST_MAX - c->request_len,
                     MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (n <= 0) {
        connection_close(c);
        return 0;
    }
    c->request_len += (size_t)n;
    return request_whole(c) ? connection_answer(c) : 0;
}

/* ---- the door -------------------------------------------------------------------------------- */

static int on_door(void *context) {
    Status *s = context;
    _cleanup_(fd_closep) int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return 0; /* gone again, or no descriptor left: it may come again */
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        Connection *c = &s->connections[i];
        if (c->fd >= 0) continue;
        if (loop_add_fd(s->loop, fd, on_connection, c) < 0) return 0; /* the loop is full */
        c->fd = fd;
        c->until_ms = clock_mono_ms() + CONNECTION_MS;
        fd = -1;
        return 0;
    }
    return 0; /* all taken: closed unheard */
}

static int sweep(void *context) {
    Status *s = context;
    int64_t now = clock_mono_ms();
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (now >= s->connections[i].until_ms) connection_close(&s->connections[i]);
    }
    return 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

typedef union Address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

static bool port_read(Str text, in_port_t *ret) {
    uint64_t port = 0;
    if (!str_u64(text, &port) || port > 65535) return false;
    *ret = htons((uint16_t)port);
    return true;
}

/* The one place that says where a program may be asked: a path, or this machine's loopback. */
static bool address_read(Str text, Address *ret, socklen_t *ret_len) {
    const Str un = STR("unix:"), v4 = STR("127.0.0.1:"), v6 = STR("[::1]:");
    *ret = (Address){0};
    if (str_starts(text, un)) {
        Str path = {text.at + un.len, text.len - un.len};
        if (path.len == 0 || path.len >= sizeof(ret->un.sun_path)) return false;
        ret->un.sun_family = AF_UNIX;
        memcpy(ret->un.sun_path, path.at, path.len);
        *ret_len = sizeof(ret->un);
        return true;
    }
    if (str_starts(text, v4)) {
        ret->v4.sin_family = AF_INET;
        ret->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        *ret_len = sizeof(ret->v4);
        return port_read((Str){text.at + v4.len, text.len - v4.len}, &ret->v4.sin_port);
    }
    if (!str_starts(text, v6)) return false;
    ret->v6.sin6_family = AF_INET6;
    ret->v6.sin6_addr = in6addr_loopback;
    *ret_len = sizeof(ret->v6);
    return port_read((Str){text.at + v6.len, text.len - v6.len}, &ret->v6.sin6_port);
}

static int wrong(const char *sentence) {
    log_event(LOG_error, "settings_wrong", "setting=hub.status error=\"%s\"", sentence);
    return ERR_CONFIG;
}

/* A socket that nobody listens at is what a killed predecessor left: taken away. A file is not
 * ours, though connect gives the same answer for it. */
static bool path_is_free(const Address *a, socklen_t len) {
    struct stat is;
    if (lstat(a->un.sun_path, &is) != 0) return errno == ENOENT;
    if (!S_ISSOCK(is.st_mode)) return false;
    _cleanup_(fd_closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    if (connect(fd, &a->any, len) == 0 || errno == EAGAIN) return false;
    return errno == ECONNREFUSED && unlink(a->un.sun_path) == 0;
}

static int door_open(Status *s, const char *text) {
    Address a;
    socklen_t len = 0;
    if (!address_read(str_z(text), &a, &len)) {
        return wrong("it is unix:PATH (at most 107 bytes), 127.0.0.1:PORT or [::1]:PORT: numbers "
                     "are told on this machine only");
    }
    bool path = a.any.sa_family == AF_UNIX;
    if (path && !path_is_free(&a, len)) return wrong("the path is somebody else's");
    s->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) return ERR_FILE;
    (void)setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)); /* else: a wait */
    if (bind(s->fd, &a.any, len) != 0 || listen(s->fd, CONNECTIONS_MAX) != 0) {
        return wrong("it cannot be listened at");
    }
    if (path) memcpy(s->path, a.un.sun_path, sizeof(s->path));
    if (!path && getsockname(s->fd, &a.any, &len) != 0) return ERR_FILE;
    const char *host = a.any.sa_family == AF_INET ? "127.0.0.1" : "[::1]";
    in_port_t port = a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port;
    if (path) (void)snprintf(s->address, sizeof(s->address), "unix:%s", s->path);
    if (!path) (void)snprintf(s->address, sizeof(s->address), "%s:%u", host, ntohs(port));
    return 0;
}

int status_open(Loop *l, const char *address, Metrics *metrics, const StatusHooks *hooks,
                Status **ret) {
    if (!address || !address[0]) return 0;
    _cleanup_(status_closep) Status *s = calloc(1, sizeof(*s));
    if (!s) return ERR_MEMORY;
    *s = (Status){.loop = l, .metrics = metrics, .hooks = *hooks, .fd = -1};
    s->refreshed_ms = s->asked_ms = -LOOK_EVERY_MS;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        s->connections[i] = (Connection){.status = s, .fd = -1};
    }
    int r = door_open(s, address);
    if (r == 0) r = loop_add_fd(l, s->fd, on_door, s);
    if (r == 0) r = loop_add_timer(l, SWEEP_MS, sweep, s);
    if (r < 0) return r;
    *ret = TAKE(s);
    return 0;
}

void status_close(Status *s) {
    if (!s) return;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) connection_close(&s->connections[i]);
    if (s->fd >= 0) loop_remove_fd(s->loop, s->fd);
    fd_closep(&s->fd);
    if (s->path[0]) (void)unlink(s->path); /* a left one is taken away at the next start */
    free(s);
}

const char *status_address(const Status *s) {
    return s->address;
}
