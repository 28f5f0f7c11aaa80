/* The grid of a policy: what of each class may go to whom, at best, for one purpose on one day; and
 * its three forms. */
#ifndef MASH_POLICY_MATRIX_H
#define MASH_POLICY_MATRIX_H

#include "broker/release/domain.h"

/* What an item whose owner chose no tier, with a summary and a desk, shows; from which rating on.
 */
typedef struct Cell {
    Str text; /* "summary from amber", "-", ... : one form for all three */
} Cell;

typedef struct Grid {
    Str owner, purpose, day;
    const Recipient *columns;
    size_t column_count;
    Cell *cells;   /* class by class, a row each; classes from 1 on */
    bool *named;   /* of each class: a rule is about it */
    bool releases; /* anything at all */
} Grid;

/* The columns are the agencies and types that the rules name; UNNAMED with the empty type stands
 * for every other. ERR_MEMORY. */
int grid_make(Arena *a, const Policy *p, const Domain *d, Str purpose, Str day,
              Grid *ret) _must_check_;
const Cell *grid_cell(const Grid *g, InfoClass class, size_t column);
Str column_text(Arena *a, const Recipient *r);

extern const char *const grid_legend, *const grid_without;

/* Complete documents, for any number of grids. */
void grids_text(Arena *a, const Grid *g, size_t count);
void grids_csv(Arena *a, const Grid *g, size_t count);
void grids_html(Arena *a, const Grid *g, size_t count);

#endif
