/* What a member of staff can ask of the hub. One table (commands.c): name, who may, handler, usage. A
 * handler gets a Call, fills `result` (a JSON object), and answers 0, a REFUSE_* or an ERR_*. Who asks is
 * the CURVE key's owner, never an argument. Refusals are recorded by the one caller of handlers. */
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
    char sentence[1200];  /* for the person; a refusal's is put before the reason's own */
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
int call_need_number(Call *c, const char *argument, int64_t *ret) _must_check_;
/* An enquiry by its reference ("7K3M-QX2P"). REFUSE_not_found. */
int call_need_enquiry(Call *c, Id *ret) _must_check_;
Str call_staff(const Call *c); /* the user name */
void call_say(Call *c, const char *format, ...) _printf_(2, 3);
/* Text into JSON; invalid UTF-8 cannot come here. */
json_t *json_str(Str s);
json_t *json_id(Id id);

/* Handlers, by file. queue.c */
int cmd_whoami(Call *c);
int cmd_queue(Call *c);
/* enquiry.c */
int cmd_claim(Call *c);
int cmd_renew(Call *c);
int cmd_release(Call *c);
int cmd_show(Call *c);
int cmd_rate(Call *c);
/* check.c */
int cmd_check(Call *c);
/* decide.c */
int cmd_decide(Call *c);
int cmd_decisions(Call *c); /* "what did we know when": the frozen set, with who decided and why */
/* share.c */
int cmd_preview(Call *c);
int cmd_share(Call *c);
int cmd_product(Call *c);
/* policies.c */
int cmd_policy_load(Call *c);
int cmd_policy_list(Call *c);
int cmd_policy_text(Call *c);
/* quarantine.c */
int cmd_quarantine(Call *c);
int cmd_quarantine_show(Call *c);
int cmd_quarantine_replay(Call *c);
int cmd_quarantine_reject(Call *c);

/* commands.c: the table's end has a NULL name. */
const Command *command_table(void);
/* Takes one waiting message from the router, runs it, answers. For the loop. */
int commands_serve(void *hub);

#endif
