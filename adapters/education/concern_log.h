/* A school's concern log as CSV, in the shape that safeguarding record systems export: byte-order
 * mark, CRLF, quoted line ends, UK dates, a header row. Only rows whose actions say that a MASH
 * referral was made are sent; the rest is the school's own and is not looked at further.
 *
 * Rejected rows are listed in <dir>/receipts/<file>.rejects.csv: row number, column, reason. */
#ifndef MASH_CONCERN_LOG_H
#define MASH_CONCERN_LOG_H

#include "adapters/common/intake_folder.h"

typedef enum Column {
    COLUMN_reference,
    COLUMN_upn,
    COLUMN_forename,
    COLUMN_surname,
    COLUMN_dob,
    COLUMN_year,
    COLUMN_date,
    COLUMN_time,
    COLUMN_categories,
    COLUMN_linked,
    COLUMN_incident,
    COLUMN_body_map,
    COLUMN_actions,
    COLUMN_assigned,
    COLUMN_status,
    COLUMN_added_by,
    COLUMN_COUNT
} Column;

enum { LOG_COLUMNS = 64, LOG_ROWS = 20000 };

/* One row by what its columns mean; texts borrowed; an absent column is empty. */
typedef struct ConcernRow {
    Str at[COLUMN_COUNT];
} ConcernRow;

/* Every row of the log. `row` is called with the row's number as a person counts them in the file
 * (the header is 1); it stops at anything but 0. A REFUSE_* when the whole is not such a log. */
typedef int (*ConcernCall)(void *context, const ConcernRow *row, size_t number, bool short_row);
int concern_log_read(Arena *a, Bytes content, ConcernCall row, void *context,
                     Fault *ret_fault) _must_check_;

int concern_log(Batch *b, Bytes content, Fault *ret_fault); /* a BatchRead */

#endif
