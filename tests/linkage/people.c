/* Invented families in a table, for measuring speed: as many descriptions as asked for, of people
 * in homes, each described up to three times with mistakes. The same seed gives the same people.
 * usage: linkage-people COUNT SEED > people.tsv */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(uint64_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * UINT64_C(0x2545f4914f6cdd1d) % below;
}

static bool chance(uint64_t percent) {
    return next(100) < percent;
}

/* Names as common as names are: the n-th of `kinds` is taken as often as 1 / (n + 10) says, so that
 * the commonest is one person's in a hundred. */
static void name_make(uint64_t kinds, uint64_t salt, char out[24]) {
    static const char *const parts[] = {"an",  "bel", "car", "dor", "el",  "fi",  "gar",
                                        "han", "il",  "jo",  "ka",  "len", "mar", "ni",
                                        "ol",  "per", "ra",  "sa",  "ty",  "wen"};
    double place = (double)next(1000000) / 1e6;
    uint64_t n = (uint64_t)(10 * (pow(1 + (double)kinds / 10, place) - 1));
    uint64_t code = (n % kinds) * 2654435761u + salt;
    out[0] = '\0';
    for (int i = 0; i < 3 + (int)(code % 2); i++, code /= 20) strcat(out, parts[code % 20]);
}

typedef struct Person {
    char forename[24], surname[24], nhs[11];
    int year, month, day;
    char sex;
} Person;

static void nhs_make(char out[11]) {
    int check;
    do {
        int sum = 0;
        for (int i = 0; i < 9; i++) {
            out[i] = (char)('0' + next(10));
            sum += (out[i] - '0') * (10 - i);
        }
        check = 11 - sum % 11;
    } while (check == 10);
    out[9] = (char)('0' + check % 11);
    out[10] = '\0';
}

/* One letter changed, left out or doubled. */
static void misspell(char *text) {
    size_t len = strlen(text), at = (size_t)next(len);
    if (chance(50)) {
        text[at] = (char)('a' + next(26));
    } else if (len > 3) {
        memmove(text + at, text + at + 1, len - at);
    }
}

static void person_write(uint64_t id, const Person *p, uint64_t home, bool faults) {
    char forename[24], surname[24];
    int day = p->day, month = p->month, year = p->year;
    strcpy(forename, p->forename);
    strcpy(surname, p->surname);
    if (faults && chance(12)) misspell(forename);
    if (faults && chance(12)) misspell(surname);
    if (faults && chance(6)) day = 1 + (int)next(28);
    if (faults && chance(8)) home += 1 + next(1000000);
    printf("%" PRIu64 "\t%s\t%s\t", id, forename, surname);
    if (!chance(5)) printf("%04d%02d%02d", year, month, day);
    printf("\t%c\t", p->sex);
    uint64_t postcode = home / 12;
    printf("zq%" PRIu64 " %" PRIu64 "ab\t", postcode / 10 % 90000, postcode % 10);
    printf("%" PRIu64 " road%" PRIu64 " street\t%s\n", home % 400 + 1, home / 400,
           chance(40) ? p->nhs : "");
}

int main(int argc, char **argv) {
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000, id = 0;
    state = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1) * 2 + 1;
    for (int i = 0; i < 20; i++) (void)next(2);
    printf("id\tforename\tsurname\tdob\tsex\tpostcode\taddress\tnhs_number\n");
    for (uint64_t home = 0; id < count; home++) {
        char surname[24];
        name_make(60000, 7, surname);
        for (uint64_t k = 0, members = 1 + next(5); k < members && id < count; k++) {
            Person p = {.year = k < 2 ? 1950 + (int)next(50) : 2008 + (int)next(18),
                        .month = 1 + (int)next(12),
                        .day = 1 + (int)next(28),
                        .sex = chance(50) ? 'f' : 'm'};
            name_make(4000, 3, p.forename);
            strcpy(p.surname, surname);
            nhs_make(p.nhs);
            for (uint64_t d = 0, told = 1 + next(3); d < told && id < count; d++) {
                person_write(++id, &p, home, d > 0);
            }
        }
    }
    return 0;
}
