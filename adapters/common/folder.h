/* A watched folder: complete files are handed over one by one, by name. A file counts as complete
 * once it is closed or renamed into place; names that start with a dot or end in .tmp or .part are
 * left alone. Whoever writes should write under such a name and rename.
 *
 * The folder is looked through at start, at every change, and on folder_scan (the adapter's slow
 * timer), so that a missed event or a passing failure delays a file and never loses it (R25). */
#ifndef MASH_FOLDER_H
#define MASH_FOLDER_H

#include "adapters/common/files.h"
#include "broker/io/loop.h"

typedef struct Folder Folder;

/* The content is wiped after the call, which must have moved or removed the file when it gives 0.
 * Negative: the file stays, and is handed over again later. `too_large`: there is no content. */
typedef int (*FolderCall)(void *context, Arena *a, const char *name, Bytes content, bool too_large);

/* Only names with this ending; NULL for all. Makes the folder when it is absent. */
int folder_open(Loop *l, const char *path, const char *ending, FolderCall call, void *context,
                Folder **ret) _must_check_;
void folder_close(Folder *f);
void folder_scan(Folder *f);

DEFINE_FREEP(Folder, folder_close)

#endif
