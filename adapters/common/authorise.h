/* The person who gives her agency's word: `mash-<name> authorise FILE --key KEY [--refuse REASON]`.
 * FILE is desk/authorise/<request id>.json; the reply goes into desk/reply beside it (or where
 * --reply says, so that her key can stay on another machine), and from there by the adapter to the
 * hub. What she signs is shown from what is signed, whatever else stands in the file. */
#ifndef MASH_ADAPTER_AUTHORISE_H
#define MASH_ADAPTER_AUTHORISE_H

/* `argv[0]` is "authorise". The program's exit status: 0 signed, 1 not, 2 wrongly called. */
int authorise_main(int argc, char **argv, const char *program);

#endif
