/* The file transport: a watched folder <dir>/in whose files each hold many records. What becomes of
 * a file is the same for every format:
 *
 *   every record is in the spool   <dir>/receipts/<file>.receipt.json; the file is removed
 *   some records were rejected     the same, and the file is kept in <dir>/rejects: a malformed
 *                                  concern is still a concern that a person has to look at
 *   the file cannot be read        <dir>/rejects/<file> beside <file>.reason.json
 *
 * The receipt names records by the sender's own reference and by message id; a rejected one by its
 * place, the field and the reason. It never repeats anything else of the content. */
#ifndef MASH_INTAKE_FOLDER_H
#define MASH_INTAKE_FOLDER_H

#include "adapters/common/adapter.h"
#include "adapters/common/form.h"

typedef struct IntakeFolder IntakeFolder;

/* One file being taken: a reader maps each record and hands it here. */
typedef struct Batch {
    Adapter *adapter;
    const char *name; /* of the file */
    Arena *arena;     /* of the record in hand; reset by batch_keep and batch_reject */
    int64_t now_ms;
    json_t *stored, *rejected;
    const char *receipts; /* the folder, for what a reader adds */
} Batch;

/* Reads every record of `content`. 0, a REFUSE_* in ret_fault when the whole is unreadable (then
 * nothing may have been kept), negative to try the file again later. */
typedef int (*BatchRead)(Batch *b, Bytes content, Fault *ret_fault);

/* The record as a draft in b->arena, into the spool. `reference` is the sender's own. */
int batch_keep(Batch *b, Draft *d, Str reference, size_t position) _must_check_;
/* A record that cannot be taken; the path is within the record. */
int batch_reject(Batch *b, Str reference, size_t position, const Fault *fault) _must_check_;

/* `read` is chosen by the file's ending. The table ends with a NULL ending. */
typedef struct BatchFormat {
    const char *ending;
    BatchRead read;
} BatchFormat;

int intake_folder_open(Adapter *adapter, const BatchFormat *formats,
                       IntakeFolder **ret) _must_check_;
void intake_folder_close(IntakeFolder *f);
void intake_folder_scan(IntakeFolder *f);

DEFINE_FREEP(IntakeFolder, intake_folder_close)

#endif
