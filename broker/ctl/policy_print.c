/* The grid's three forms: for a terminal, for a spreadsheet, and a page that a screen reader reads
 * cell by cell (no script, nothing from outside). Codes and days only stand in them: nothing needs
 * escaping. */
#include "broker/ctl/policy_matrix.h"

#include <stdio.h>

/* ---- text: only the classes that a rule is about --------------------------------------------- */

static size_t wider(size_t width, Str text) {
    return text.len > width ? text.len : width;
}

static size_t column_width(Arena *a, const Grid *g, size_t column) {
    size_t width = column_text(a, &g->columns[column]).len;
    for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
        if (g->named[c]) width = wider(width, grid_cell(g, (InfoClass)c, column)->text);
    }
    return width;
}

/* The last one is not filled up. */
static void put_column(const Grid *g, size_t column, size_t width, Str text) {
    bool last = column + 1 == g->column_count;
    (void)printf("  %-*.*s", last ? 0 : (int)width, STR_ARG(text));
}

static void grid_text(Arena *a, const Grid *g) {
    (void)printf("%.*s, for %.*s, on %.*s\n", STR_ARG(g->owner), STR_ARG(g->purpose),
                 STR_ARG(g->day));
    if (!g->releases) {
        (void)printf("  No rule lets anything out for this purpose.\n\n");
        return;
    }
    (void)printf("  %-20s", "class");
    for (size_t i = 0; i < g->column_count; i++) {
        put_column(g, i, column_width(a, g, i), column_text(a, &g->columns[i]));
    }
    (void)printf("\n");
    for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
        if (!g->named[c]) continue;
        (void)printf("  %-20s", class_name((InfoClass)c));
        for (size_t i = 0; i < g->column_count; i++) {
            Str text = grid_cell(g, (InfoClass)c, i)->text;
            put_column(g, i, column_width(a, g, i), text);
        }
        (void)printf("\n");
    }
    (void)printf("\n");
}

void grids_text(Arena *a, const Grid *g, size_t count) {
    for (size_t i = 0; i < count; i++) grid_text(a, &g[i]);
    (void)printf("%s\nA class that is not shown has no rule.\n%s\n", grid_legend, grid_without);
}

/* A dash alone is read aloud as nothing, and taken for a formula. */
static Str plain_text(const Grid *g, InfoClass class, size_t column) {
    Str text = grid_cell(g, class, column)->text;
    return str_is(text, "-") ? STR("nothing") : text;
}

/* ---- CSV: all classes ------------------------------------------------------------------------ */

void grids_csv(Arena *a, const Grid *g, size_t count) {
    (void)printf("owner,purpose,day,class,recipient,shows\r\n");
    for (size_t i = 0; i < count; i++) {
        for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
            for (size_t k = 0; k < g[i].column_count; k++) {
                Str to = column_text(a, &g[i].columns[k]);
                Str text = plain_text(&g[i], (InfoClass)c, k);
                (void)printf("%.*s,%.*s,%.*s,%s,%.*s,%.*s\r\n", STR_ARG(g[i].owner),
                             STR_ARG(g[i].purpose), STR_ARG(g[i].day), class_name((InfoClass)c),
                             STR_ARG(to), STR_ARG(text));
            }
        }
    }
}

/* ---- HTML: all classes ----------------------------------------------------------------------- */

static void grid_html(Arena *a, const Grid *g) {
    (void)printf("<table>\n<caption>%.*s, for %.*s, on %.*s</caption>\n<thead><tr><th "
                 "scope=\"col\">class</th>",
                 STR_ARG(g->owner), STR_ARG(g->purpose), STR_ARG(g->day));
    for (size_t i = 0; i < g->column_count; i++) {
        (void)printf("<th scope=\"col\">%.*s</th>", STR_ARG(column_text(a, &g->columns[i])));
    }
    (void)printf("</tr></thead>\n<tbody>\n");
    for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
        (void)printf("<tr><th scope=\"row\">%s</th>", class_name((InfoClass)c));
        for (size_t i = 0; i < g->column_count; i++) {
            (void)printf("<td>%.*s</td>", STR_ARG(plain_text(g, (InfoClass)c, i)));
        }
        (void)printf("</tr>\n");
    }
    (void)printf("</tbody>\n</table>\n");
}

void grids_html(Arena *a, const Grid *g, size_t count) {
    (void)printf("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width\">\n"
                 "<title>What may leave, class by class</title>\n<style>\n"
                 "body { font: 1rem/1.4 sans-serif; margin: 1rem; }\n"
                 "table { border-collapse: collapse; margin: 0 0 2rem; }\n"
                 "caption { font-weight: bold; text-align: left; padding: .5rem 0; }\n"
                 "th, td { border: 1px solid #555; padding: .25rem .5rem; text-align: left; }\n"
                 "</style>\n</head>\n<body>\n<main>\n<h1>What may leave, class by class</h1>\n"
                 "<p>%s</p>\n<p>%s</p>\n",
                 grid_legend, grid_without);
    for (size_t i = 0; i < count; i++) grid_html(a, &g[i]);
    (void)printf("</main>\n</body>\n</html>\n");
}
