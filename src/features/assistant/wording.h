/* wording.h - a configured model may word an answer that stands already; what it says is checked
 * before anybody sees it, and in doubt the answer stays as it was and says why.
 *
 * What leaves the program: the retrieved passages, and of the question only words of the knowledge
 * base (names, documents, numbers and whatever else the asker wrote are none of those). */
#ifndef FEATURES_ASSISTANT_WORDING_H
#define FEATURES_ASSISTANT_WORDING_H

#include "features/assistant/assistant.h"
#include "features/assistant/fallback.h"
#include "sys/conf.h"

/* Before the first question.  ERR_INVALID: why (200 bytes) says what is missing. */
enum err wording_init(const struct conf *, char *why) MUST_CHECK;
/* Threads that may wait for the model; 0 when none is configured. */
unsigned wording_threads(void);
/* Would the model be asked?  An answer of passages, and a model that is configured; sets out->sent. */
bool wording_wanted(struct ctx *, struct assistant_answer *) MUST_CHECK;
/* Called with each stage as it begins; may be NULL. */
typedef void wording_stage_fn(void *arg, const char *stage);
/* Asks, checks, and gives the answer in the model's words, or as it was with out->fallback.  began_ns: when
 * the question came (monotonic); the budget counts from there. */
enum err wording_do(
        struct ctx *, uint64_t began_ns, wording_stage_fn *, void *arg, struct assistant_answer *) MUST_CHECK;
/* The answer as it was, for this reason. */
enum err wording_skip(struct ctx *, enum fallback, struct assistant_answer *) MUST_CHECK;
/* Counts an answer that no model was asked for. */
void wording_none(void);

#endif
