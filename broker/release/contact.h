/* The letters that go on after a product: a professional asks the owner whom a signpost named, and
 * is answered; what was received is taken back; a referrer is told what was decided. Like every
 * letter each is a Shareable, made from what stands in its request and nothing else; what people
 * wrote must hold no word that hides (detect.h), but may name others.
 *
 *   question.c  question: to the owner, from the professional
 *   reply.c     reply: back to the professional, in the owner's own words
 *   recall.c    recall: to everybody who received what is corrected or withdrawn
 *   notice.c    notice: to the referrer */
#ifndef MASH_CONTACT_H
#define MASH_CONTACT_H

#include "broker/release/letters.h"

/* Whom a letter is about, and in which words nobody must be told who hides. */
typedef struct About {
    const Subject *subjects;
    size_t subject_count;
    const NetWord *words; /* of everybody in the enquiry; see forbidden_words */
    size_t word_count;
} About;

typedef struct QuestionRequest {
    Id question_id;
    Str owner, owner_name;              /* it goes to */
    Str asking_name;                    /* the agency that asks */
    Str name, role, phone, email;       /* the professional; may be empty */
    Str question, answer_by;
    About about;
} QuestionRequest;

/* REFUSE_question_names; schema_check's. */
int question_shareable(Arena *a, const QuestionRequest *q, const Shareable **ret) _must_check_;

typedef struct ReplyRequest {
    Id question_id, product_id;
    Str asking, asking_name; /* it goes to */
    Str owner_name, outcome, reason, reply;
    About about; /* the subjects are not in the letter: the asker knows whom it asked about */
} ReplyRequest;

/* REFUSE_missing_field: an answer without words, a refusal without its reason;
 * REFUSE_argument_wrong: either with what belongs to the other; REFUSE_reply_names;
 * schema_check's. */
int reply_shareable(Arena *a, const ReplyRequest *q, const Shareable **ret) _must_check_;

typedef struct RecallRequest {
    Id recall_id, product_id;
    Str agency, agency_name; /* it goes to */
    Str owner_name, kind;    /* corrected, withdrawn */
    InfoClass class;
    Str old, new; /* as it was received; as far as the owner's rules let it out, may be empty */
    Str confirm_by;
    About about;
} RecallRequest;

/* The old words are not said again when by now they hold what hides: a fixed sentence says which
 * they were. New ones that do are left out. Schema_check's refusals. */
int recall_shareable(Arena *a, const RecallRequest *q, const Shareable **ret) _must_check_;

typedef struct NoticeRequest {
    Id notice_id, message_id; /* the referrer's own message */
    Str agency, agency_name;  /* it goes to */
    Str outcome, decided_at;
} NoticeRequest;

/* Nobody's name and nobody's words: the outcome is a code. Schema_check's refusals. */
int notice_shareable(Arena *a, const NoticeRequest *q, const Shareable **ret) _must_check_;

#endif
