/* What commands share that take the signatures of an agency's people. (people.c) */
#ifndef MASH_SPEAK_H
#define MASH_SPEAK_H

#include "broker/hub/commands.h"
#include "broker/io/people.h"

/* The argument `lines` as signatures; REFUSE_argument_wrong with a sentence. */
int call_signers(Call *c, Str lines, Signer ret[SIGNERS_MAX], size_t *ret_count) _must_check_;
/* The holders of these keys (ids between blanks), each with its agency: who signed for whom. */
Str signers_text(Call *c, Str ids);

#endif
