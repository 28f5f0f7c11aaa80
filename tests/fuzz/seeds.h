/* What writes the seeds: seeds.c holds the table of harnesses, seeds_hub.c and seeds_agency.c the
 * messages that go one way and the other. */
#ifndef MASH_FUZZ_SEEDS_H
#define MASH_FUZZ_SEEDS_H

#include "tests/fuzz/cast.h"
#include "tests/fuzz/frames.h"
#include "tests/unit/sample.h"

typedef struct Seeds {
    Arena *arena;
    const char *folder;
    bool failed;
} Seeds;

void seed_write(Seeds *s, const char *name, Bytes content);
/* The first byte of a harness that has one, then the frames. */
void seed_frames(Seeds *s, const char *name, uint8_t first, const Bytes *parts, size_t count);
Bytes seed_encode(Seeds *s, const Value *head);
Bytes seed_signature(Seeds *s); /* that counts as good */
/* A head of this kind with every field, in our realm and of our agency. */
Value *seed_head(Seeds *s, StructKind kind);

void seeds_envelope(Seeds *s);
void seeds_mail(Seeds *s);
void seeds_command(Seeds *s);
void seeds_frames(Seeds *s);
void seeds_zap(Seeds *s);
void seeds_answer(Seeds *s);
void seeds_letter(Seeds *s);

#endif
