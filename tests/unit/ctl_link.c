/* A table of people from a file: what is taken, and the sentence for what is wrong. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include "broker/ctl/link.h"

enum { MEMORY = 1024 * 1024 };

static bool read_text(Arena *a, const char *text, LinkFile *ret) {
    char path[] = "/tmp/mash-link-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(close(fd), 0);
    bool done = link_file_read(a, path, ret);
    cr_assert_eq(unlink(path), 0);
    return done;
}

static const struct {
    const char *text, *sentence;
} wrong[] = {
    {"", "is empty"},
    {"forename\tsurname\nAmy\tAnt\n", "line 1, column 1: no column is called \"id\""},
    {"id\tdob\tid\n", "line 1, column 3: the column stands twice"},
    {"id\tforename\n1\tAmy\textra\n", "line 2, column 3: more fields"},
    {"id\tforename\n\tAmy\n", "line 2, column 1: the id is empty"},
    {"id\tforename\n1\tAmy\n2\tZoe\n1\tAnn\n", "line 4, column 1: the id stands in line 2, too"},
    {"id\tforename\n1\tA\xff\n", "line 2, column 2: is not UTF-8"},
    {"forename\tid\nAmy\n", "line 2, column 1: the line ends before its id"},
};

Test(link_file, says_what_is_wrong_and_where, .init = cr_redirect_stderr) {
    Arena *a = arena_new(MEMORY);
    char told[2048] = "";
    size_t used = 0;
    LinkFile file;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) cr_expect(!read_text(a, wrong[i].text, &file));
    (void)fflush(stderr);
    FILE *err = cr_get_redirected_stderr();
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        cr_assert(fgets(told + used, (int)(sizeof(told) - used), err));
        cr_expect(strstr(told + used, wrong[i].sentence), "%zu: %s", i, told + used);
        used += strlen(told + used);
    }
    arena_free(a);
}

Test(link_file, takes_columns_in_any_order_and_leaves_out_what_it_does_not_know) {
    Arena *a = arena_new(MEMORY);
    LinkFile file;
    cr_assert(read_text(a,
                        "dob\tid\tshoe\tforename\tnhs_number\r\n2015-03-02\tx1\t38\tAmy|Ame\t"
                        "9434765918\r\n\r\n\tx2\nnever\tx3\t\t\t943 476 5919",
                        &file));
    cr_assert_eq(file.count, 3);
    cr_expect(str_is(file.id[2], "x3"));
    cr_expect_eq(file.identities[0].count[TRAIT_forename], 2);
    cr_expect_eq(file.identities[0].count[TRAIT_birth], 1);
    cr_expect_eq(file.identities[2].count[TRAIT_nhs], 1);
    cr_expect_eq(file.bad_numbers, 1);
    cr_expect_eq(file.bad_births, 1);
    arena_free(a);
}
