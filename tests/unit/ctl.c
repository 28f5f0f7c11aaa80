/* mashctl's pure parts: what is shown cannot steer a terminal, claims are remembered, signatures
 * verify. */
#include "broker/ctl/ctl.h"

#include "broker/base/crypto.h"
#include "broker/io/keyfile.h"
#include "schemas/envelope.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- show ------------------------------------------------------------------------------------ */

static char *shown(const char *command, const char *json) {
    char *text = NULL;
    size_t len = 0;
    json_t *result = json_loads(json, 0, NULL);
    cr_assert(result);
    FILE *f = open_memstream(&text, &len);
    show_result(f, command, result);
    (void)fclose(f);
    json_decref(result);
    return text;
}

static const struct {
    const char *what, *json, *holds, *lacks;
} cases_terminal[] = {
    {"escape sequences", "{\"text\":\"\\u001b[2Jgone\"}", "?[2Jgone", "\x1b"},
    {"carriage returns", "{\"text\":\"safe\\rover\"}", "safe?over", "\r"},
    {"C1 controls", "{\"text\":\"a\\u009bb\"}", "a?b", "\xc2\x9b"},
    {"direction overrides", "{\"text\":\"a\\u202eb\"}", "a?b", "\xe2\x80\xae"},
    {"Arabic letter marks", "{\"text\":\"a\\u061cb\"}", "a?b", "\xd8\x9c"},
    {"names keep their accents", "{\"text\":\"Si\\u00e2n\"}", "Si\xc3\xa2n", "?"},
    {"in tables, too", "{\"rows\":[{\"a\":\"x\\u001b[31m\"}]}", "x?[31m", "\x1b"},
    {"columns stand", "{\"rows\":[{\"a\":\"x\\u061cy\",\"b\":\"z\"}]}", "x?y  z", "\xd8\x9c"},
    {"tabs move none", "{\"rows\":[{\"a\":\"x\\ty\",\"b\":\"z\"}]}", "x y  z", "\t"},
    {"pages for browsers are left out", "{\"html\":\"<p>\",\"text\":\"t\"}", "t", "<p>"},
};

Test(ctl, shows_nothing_that_steers_a_terminal) {
    for (size_t i = 0; i < COUNT_OF(cases_terminal); i++) {
        char *text = shown("product", cases_terminal[i].json);
        cr_expect(strstr(text, cases_terminal[i].holds), "%s: %s", cases_terminal[i].what, text);
        cr_expect_not(strstr(text, cases_terminal[i].lacks), "%s: %s", cases_terminal[i].what,
                      text);
        free(text);
    }
}

static const struct {
    int minutes;
    const char *text;
} cases_minutes[] = {
    {1, " 1 min"},        {59, " 59 min"},         {60, " 1 h 00"},
    {239, " 3 h 59"},     {0, "late 0 min"},       {-5, "late 5 min"},
    {-61, "late 1 h 01"}, {2 * 24 * 60, "2 days"}, {-3 * 24 * 60, "late 3 days"},
};

Test(ctl, tells_the_time_left_in_words) {
    for (size_t i = 0; i < COUNT_OF(cases_minutes); i++) {
        char json[200];
        (void)snprintf(
            json, sizeof(json),
            "{\"enquiries\":[{\"reference\":\"A\",\"rating\":\"red\",\"lane\":\"routine\","
            "\"product_minutes\":%d,\"decision_minutes\":600}]}",
            cases_minutes[i].minutes);
        char *text = shown("queue", json);
        cr_expect(strstr(text, cases_minutes[i].text), "%d: %s", cases_minutes[i].minutes, text);
        free(text);
    }
}

Test(ctl, lines_up_columns_by_characters_not_bytes) {
    char *text =
        shown("any", "{\"rows\":[{\"n\":\"Si\\u00e2n\",\"x\":1},{\"n\":\"Rhys\",\"x\":2}]}");
    cr_expect(strstr(text, "Si\xc3\xa2n  1\nRhys  2\n"), "%s", text);
    free(text);
}

Test(ctl, lists_every_command) {
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    show_help(f);
    (void)fclose(f);
#define COMMAND(name, handler, roles, usage, doc) cr_expect(strstr(text, name), "%s", name);
#include "schemas/commands.def"
#undef COMMAND
    free(text);
}

/* ---- claims and signatures ------------------------------------------------------------------- */

static char place[64];

static void make_place(void) {
    (void)snprintf(place, sizeof(place), "/tmp/mash-ctl.XXXXXX");
    cr_assert(mkdtemp(place));
}

static void path_in(char out[PATH_MAX], const char *name) {
    (void)snprintf(out, PATH_MAX, "%s/%s", place, name);
}

static void remove_place(void) {
    static const char *const names[] = {"s.ini.claims", "policy", "policy.sig", "choice", "key"};
    char path[PATH_MAX];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        path_in(path, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(place);
}

TestSuite(ctl_files, .init = make_place, .fini = remove_place);

Test(ctl_files, remembers_claims_and_forgets_them) {
    char settings[PATH_MAX];
    path_in(settings, "s.ini");
    cr_expect(claim_read(settings, STR("AAAA-0001")).token == 0);
    cr_assert(claim_write(settings, STR("AAAA-0001"), (Claim){7, 3}) == 0);
    cr_assert(claim_write(settings, STR("AAAA-0002"), (Claim){9, 0}) == 0);
    cr_assert(claim_write(settings, STR("AAAA-0001"), (Claim){8, 4}) == 0);
    Claim one = claim_read(settings, STR("AAAA-0001")),
          two = claim_read(settings, STR("AAAA-0002"));
    cr_expect(one.token == 8 && one.version == 4);
    cr_expect(two.token == 9 && two.version == 0);
    cr_assert(claim_write(settings, STR("AAAA-0001"), (Claim){0}) == 0);
    cr_expect(claim_read(settings, STR("AAAA-0001")).token == 0);
    cr_expect(claim_read(settings, STR("AAAA-0002")).token == 9);
}

Test(ctl_files, keeps_no_reference_with_a_blank_in_it) {
    char settings[PATH_MAX];
    path_in(settings, "s.ini");
    cr_expect(claim_write(settings, STR("A B"), (Claim){1, 1}) != 0);
    cr_expect(claim_write(settings, STR("A\nB"), (Claim){1, 1}) != 0);
}

#define POLICY "police never allow intelligence to go to anyone\n"

static const PolicyName second = {{"live", 4}, {"police", 6}, 2, {0}};

Test(ctl_files, signs_a_policy_so_that_it_verifies_and_only_once) {
    char text[PATH_MAX], sig[PATH_MAX], key[PATH_MAX], id[KEY_ID_LEN + 1], line[256] = "";
    KeyPair pair;
    uint8_t raw[SIG_LEN];
    path_in(text, "policy");
    path_in(sig, "policy.sig");
    path_in(key, "key");
    cr_assert(ed25519_pair(&pair) == 0 && key_id(&pair.public, id) == 0);
    cr_assert(keyfile_save(key, "ed25519-secret", &pair.secret) == 0);
    cr_assert(policy_sign(text, STR(POLICY), key, &second) == 0);
    cr_expect(policy_sign(text, STR(POLICY), key, &second) != 0, "a second signature by one key");

    FILE *f = fopen(sig, "r");
    cr_assert(f && fgets(line, sizeof(line), f));
    cr_expect_null(fgets(line + 200, 56, f), "more than one line");
    (void)fclose(f);
    cr_expect(strncmp(line, id, KEY_ID_LEN) == 0);
    Str hex = {.at = line + KEY_ID_LEN + 1, .len = 2 * SIG_LEN};
    cr_assert(hex_decode(hex, raw, sizeof(raw)));
    Str message = STR("mash/1 policy\nlive\npolice\n2\n" POLICY);
    cr_expect(ed25519_verify(&pair.public, str_bytes(message), BYTES_OF(raw)));
}

Test(ctl_files, signs_with_no_key_that_others_can_read) {
    char text[PATH_MAX], key[PATH_MAX];
    KeyPair pair;
    path_in(text, "policy");
    path_in(key, "key");
    cr_assert(ed25519_pair(&pair) == 0);
    cr_assert(keyfile_save(key, "ed25519-secret", &pair.secret) == 0);
    cr_assert(chmod(key, 0644) == 0);
    cr_expect(policy_sign(text, STR(POLICY), key, &second) != 0);
}

static void file_is(const char *path, const char *holds, bool whole) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    size_t at;
    Str text;
    cr_assert(file_read(a, path, 65536, &text) == 0);
    cr_expect(whole ? str_is(text, holds) : str_find(text, str_z(holds), &at), "%.*s",
              STR_ARG(text));
}

/* A disk that is full is a file that may not grow. */
Test(ctl_files, endorses_a_choice_and_loses_nothing_of_it_when_the_disk_is_full) {
    static const char choice[] =
        "{\"message_id\":\"0193a1b2-0000-7000-8000-000000000001\",\"tier\":\"share\","
        "\"chosen_at\":\"2026-11-21T10:00:00.000Z\"}";
    struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
    char path[PATH_MAX], beside[PATH_MAX], key[PATH_MAX], id[KEY_ID_LEN + 1];
    struct stat after;
    KeyPair pair;
    path_in(path, "choice");
    path_in(beside, "choice.new");
    path_in(key, "key");
    cr_assert(ed25519_pair(&pair) == 0 && key_id(&pair.public, id) == 0);
    cr_assert(keyfile_save(key, "ed25519-secret", &pair.secret) == 0);
    FILE *f = fopen(path, "w");
    cr_assert(f && fputs(choice, f) >= 0 && fclose(f) == 0 && chmod(path, 0640) == 0);

    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert(setrlimit(RLIMIT_FSIZE, &none) == 0);
    int r = choice_sign(path, key, &second);
    cr_assert(setrlimit(RLIMIT_FSIZE, &all) == 0);
    cr_expect(r == ERR_FILE);
    file_is(path, choice, true);
    cr_expect(access(beside, F_OK) != 0, "nothing is left beside it");

    cr_expect(choice_sign(path, key, &second) == 0);
    file_is(path, id, false);
    cr_expect(stat(path, &after) == 0 && (after.st_mode & 0777) == 0640, "its mode stays");
}

static const PolicyName cases_name[] = {
    {{"live", 4}, {"police", 6}, 3, {0}},
    {{"live", 4}, {"health", 6}, 2, {0}},
    {{"demonstration", 13}, {"police", 6}, 2, {0}},
    {{"live", 4}, {"police", 6}, 2, {"2026-12-01", 10}},
};

Test(ctl, a_signature_is_for_one_version_of_one_owner_in_one_realm) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    Str text = STR("police never allow intelligence to go to anyone\n");
    Str one = policy_message(a, second.realm, second.owner, second.version, second.from, text);
    for (size_t i = 0; i < COUNT_OF(cases_name); i++) {
        const PolicyName *n = &cases_name[i];
        Str other = policy_message(a, n->realm, n->owner, n->version, n->from, text);
        cr_expect_not(str_eq(one, other), "case %zu", i);
    }
}

Test(ctl, shows_the_question_of_a_check) {
    char *text = shown("show", "{\"checks\":[{\"agency\":\"health\",\"state\":\"asked\","
                               "\"question\":\"Any injuries?\\nSince when?\"}]}");
    cr_expect(strstr(text, "CHECKS\n  health  asked"), "%s", text);
    cr_expect(strstr(text, "\n    Any injuries?\n    Since when?\n"), "%s", text);
    free(text);
}

Test(ctl, shows_why_an_emergency_share_was_made) {
    char *text = shown("show", "{\"emergencies\":[{\"recipient\":\"police\","
                               "\"released_by\":\"t\","
                               "\"state\":\"justified by t\",\"rationale\":\"She was\\nin "
                               "danger.\","
                               "\"necessity\":\"Nothing less.\",\"lapsed\":true},"
                               "{\"recipient\":\"health\",\"state\":\"unjustified\"}]}");
    cr_expect(strstr(text, "EMERGENCY SHARES\n  to police, by t , by a lapsed rule"), "%s", text);
    cr_expect(strstr(text, "    Why: She was\n    in danger.\n"), "%s", text);
    cr_expect(strstr(text, "    Why nothing less would do: Nothing less.\n  to health"), "%s",
              text);
    free(text);
}
