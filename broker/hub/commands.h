/* What a member of staff can ask of the hub: schemas/commands.def names each command, who may, and
 * its handler here. A handler gets a Call, fills `result` (a JSON object), and answers 0, a refusal
 * or an ERR_*. Who asks is the CURVE key's owner, never an argument. Refusals are recorded by the
 * one caller of handlers. */
#ifndef MASH_COMMANDS_H
#define MASH_COMMANDS_H

#include "broker/hub/hub.h"

#include <jansson.h>

typedef struct Call {
    Hub *hub;
    Arena *arena;
    const RegisteredKey *who;
    const Value *command; /* STRUCT_command */
    json_t *result;       /* object; the handler adds to it */
    Id enquiry;           /* the one that was named, once found: a refusal is recorded on it */
    char sentence[1200];  /* for the person; before a refusal's reason, or instead of it */
} Call;

typedef int (*CommandRun)(Call *c);

typedef struct Command {
    const char *name;
    const char *roles; /* "triage_officer+decision_maker", or "any" */
    CommandRun run;
    const char *usage;
    const char *doc;
} Command;

/* {0} when the argument is not there. */
Str call_text(const Call *c, const char *argument);
/* REFUSE_argument_missing, naming it in the sentence. */
int call_need(Call *c, const char *argument, Str *ret) _must_check_;
/* An id, as an answer printed it. REFUSE_argument_missing, REFUSE_argument_wrong, naming it. */
int call_need_id(Call *c, const char *argument, Id *ret) _must_check_;
/* The same of one that may be left out. */
int call_may_id(Call *c, const char *argument, Id *ret, bool *ret_given) _must_check_;
int call_need_number(Call *c, const char *argument, int64_t *ret) _must_check_;
/* What `claim` gave. REFUSE_not_claimed when it is not there. */
int call_need_token(Call *c, int64_t *ret) _must_check_;
/* An enquiry by its reference ("7K3M-QX2P"). REFUSE_not_found. */
int call_need_enquiry(Call *c, Id *ret) _must_check_;
Str call_staff(const Call *c); /* the user name */
void call_say(Call *c, const char *format, ...) _printf_(2, 3);
/* Text into JSON; invalid UTF-8 cannot come here. */
json_t *json_str(Str s);
json_t *json_id(Id id);

/* Rows into JSON by a table of columns, in the order of the SELECT. NULLs are left out. */
typedef enum ColumnKind { COLUMN_text, COLUMN_number, COLUMN_yes, COLUMN_id } ColumnKind;
typedef struct Column {
    const char *name;
    ColumnKind kind;
} Column;
json_t *json_row(const Rows *rows, size_t row, const Column *columns, size_t count);
json_t *json_rows(const Rows *rows, const Column *columns, size_t count);

/* Somebody's own words, sealed under the vault (whose key is committed first) with a salt before
 * them; the commitment is SHA-256(salt || content) and stands in the leaf. */
typedef struct Words {
    Id id;
    const Sealed *sealed;
    Hash commitment;
} Words;
int words_seal(Call *c, Str use, Bytes content, Words *ret) _must_check_;
/* Opens what words_seal made; {0} when the key was erased. */
int words_open(Call *c, Str use, Id id, Bytes sealed, Bytes *ret_content) _must_check_;

/* Why an act was done, sealed as a decision_content, opened into its row: rationale and necessity,
 * or that they are erased. (decide.c) */
int reasons_open(Call *c, Str use, Id id, Bytes sealed, json_t *row) _must_check_;

/* What the asker looks for: a code of the list reveal, and where none was given the task of her
 * role, to decide or to sort. REFUSE_argument_wrong. */
int call_purpose(Call *c, Str *ret) _must_check_;
/* Revealing: `read` fills the result within a transaction whose last act is the view's leaf, with
 * that purpose; nothing is answered unless that was committed (S47). What is too large to be
 * answered is refused before: nobody looked. */
int call_reveal(Call *c, const char *what, int (*read)(Call *c)) _must_check_;

/* Handlers, by file. queue.c */
int cmd_whoami(Call *c);
int cmd_queue(Call *c);
/* enquiry.c */
int cmd_claim(Call *c);
int cmd_renew(Call *c);
int cmd_release(Call *c);
int cmd_take_back(Call *c);
int cmd_rate(Call *c);
/* show.c */
int cmd_show(Call *c);
/* check.c */
int cmd_check(Call *c);
/* decide.c */
int cmd_decide(Call *c);
int cmd_decisions(Call *c); /* "what did we know when": the frozen set, with who decided and why */
/* share.c, product.c */
int cmd_preview(Call *c);
int cmd_share(Call *c);
int cmd_product(Call *c);
/* authorise.c */
int cmd_authorise_ask(Call *c);
int cmd_authorisations(Call *c);
int cmd_authorise_show(Call *c);
int cmd_authorise(Call *c);
/* For the queue: how many owners' words are late, and what can be supplemented; empty when none. */
Str authorisations_say(Call *c);
/* policies.c */
int cmd_policy_load(Call *c);
int cmd_policy_roll_back(Call *c);
int cmd_policy_list(Call *c);
int cmd_policy_text(Call *c);
/* rehearse.c, explain.c */
int cmd_policy_rehearse(Call *c);
int cmd_explain(Call *c);
/* emergency.c */
int cmd_emergency(Call *c);
int cmd_justify(Call *c);
int cmd_emergencies(Call *c);
/* people.c */
int cmd_people(Call *c);
int cmd_people_change(Call *c);
/* withholding.c */
int cmd_withholding(Call *c);
int cmd_refusals(Call *c);
/* terms.c */
int cmd_term(Call *c);
int cmd_terms(Call *c);
int cmd_agreement(Call *c);
int cmd_agreements(Call *c);
/* quarantine.c, quarantine_put.c */
int cmd_quarantine(Call *c);
int cmd_quarantine_show(Call *c);
int cmd_quarantine_reject(Call *c);
int cmd_quarantine_replay(Call *c);
int cmd_quarantine_mend(Call *c);

/* registers.c */
int cmd_signposts(Call *c);
int cmd_recalls(Call *c);

/* deadlines.c */
int cmd_deadlines(Call *c);

/* watch.c */
int cmd_intake(Call *c);
int cmd_limits(Call *c);
int cmd_limit(Call *c);

/* commands.c: the table's end has a NULL name. */
const Command *command_table(void);
/* Takes one waiting message from the router, runs it, answers. For the loop. */
int commands_serve(void *hub);

#endif
