/* inotify tells that something changed; the listing tells what there is. See folder.h. */
#include "adapters/common/folder.h"

#include "broker/base/err.h"
#include "broker/io/log.h"
#include "schemas/schema.h"

#include <dirent.h>
#include <sys/inotify.h>

enum { FILE_ARENA = 8 * FILE_MOST };

struct Folder {
    Loop *loop;
    char path[PATH_LEN];
    const char *ending;
    FolderCall call;
    void *context;
    Arena *arena;
    int fd;
};

static bool ends_in(const char *name, const char *ending) {
    size_t n = strlen(name), e = strlen(ending);
    return n >= e && strcmp(name + n - e, ending) == 0;
}

static bool folder_wants(const Folder *f, const char *name) {
    if (name[0] == '.' || ends_in(name, ".tmp") || ends_in(name, ".part")) return false;
    return !f->ending || ends_in(name, f->ending);
}

static int folder_take(Folder *f, const char *name) {
    char path[PATH_LEN];
    Bytes content = {0};
    int r = path_join(path, f->path, name);
    if (r < 0) return r;
    r = file_read(f->arena, path, &content);
    if (r >= 0) r = f->call(f->context, f->arena, name, content, r > 0);
    arena_reset(f->arena);
    return r;
}

void folder_scan(Folder *f) {
    struct dirent **found = NULL;
    int count = scandir(f->path, &found, NULL, alphasort), waiting = 0;
    for (int i = 0; i < count; i++) {
        bool file = found[i]->d_type == DT_REG || found[i]->d_type == DT_UNKNOWN;
        if (file && folder_wants(f, found[i]->d_name) && folder_take(f, found[i]->d_name) < 0) {
            waiting++;
        }
        free(found[i]);
    }
    free(found);
    if (count < 0) log_event(LOG_error, "folder_unreadable", "%s", "");
    if (waiting) log_event(LOG_warn, "folder_waits", "files=%d", waiting);
}

static int folder_event(void *context) {
    Folder *f = context;
    char events[4096];
    if (read(f->fd, events, sizeof(events)) < 0) return 0; /* woken for nothing */
    folder_scan(f);
    return 0;
}

int folder_open(Loop *l, const char *path, const char *ending, FolderCall call, void *context,
                Folder **ret) {
    int r = dir_make(path);
    if (r < 0) return r;
    _cleanup_(folder_closep) Folder *f = calloc(1, sizeof(*f));
    if (!f) return ERR_MEMORY;
    *f = (Folder){.loop = l, .ending = ending, .call = call, .context = context, .fd = -1};
    int n = snprintf(f->path, sizeof(f->path), "%s", path);
    f->arena = arena_new(FILE_ARENA);
    f->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (!f->arena || n < 0 || n >= PATH_LEN) return ERR_MEMORY;
    if (f->fd < 0 || inotify_add_watch(f->fd, path, IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
        return ERR_FILE;
    }
    r = loop_add_fd(l, f->fd, folder_event, f);
    if (r < 0) return r;
    *ret = TAKE(f);
    return 0;
}

void folder_close(Folder *f) {
    if (!f) return;
    if (f->fd >= 0) loop_remove_fd(f->loop, f->fd);
    fd_closep(&f->fd);
    arena_free(f->arena);
    free(f);
}
