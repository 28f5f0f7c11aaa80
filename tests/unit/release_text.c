/* The net on the labelled notes never finds less than it did when tests/text/RECORD.md was written.
 * `make text` shows each category, and with -v each fault. */
#include "tests/text/notes.h"

#include <criterion/criterion.h>

static const struct {
    const char *path;
    double recall, precision;
} floors[] = {
    {"tests/text/labelled/held-out.txt", 0.99, 0.96},
    {"tests/text/labelled/tuned.txt", 0.99, 0.99},
};

Test(text, the_net_finds_as_much_as_was_recorded_and_no_more_than_it_should) {
    size_t notes = 0, negative = 0;
    for (size_t i = 0; i < COUNT_OF(floors); i++) {
        Measured m;
        notes_measure(floors[i].path, &m, NULL);
        cr_expect(recall(&m.all) >= floors[i].recall, "%s: recall %.3f", floors[i].path,
                  recall(&m.all));
        cr_expect(precision(&m.all) >= floors[i].precision, "%s: precision %.3f", floors[i].path,
                  precision(&m.all));
        notes += m.all.notes;
        for (size_t k = 0; k < m.categories; k++) {
            if (m.of[k].labels == 0) negative += m.of[k].notes;
        }
    }
    cr_expect(notes >= 300 && negative >= 60, "%zu notes, %zu of them with nothing to cut", notes,
              negative);
}
