/* assistant.h - answers about the hanseníase protocol, from passages written for it
 * and from the calculators, each statement with its source.  A model may word what was
 * found, when one is configured (wording.h).
 *
 * Asks nothing of the store: what is asked is masked before it leaves this door,
 * and a text that gives orders is only a text. */
#ifndef FEATURES_ASSISTANT_ASSISTANT_H
#define FEATURES_ASSISTANT_ASSISTANT_H

#include "base/type.h"

enum persona { PERSONA_UNSET = 0, PERSONA_GASNELIO, PERSONA_GA, PERSONA__MAX };
enum { QUESTION_MAX = 2000 };

struct citation {
	struct str document, section, page;
};
struct statement {
	struct str passage; /* its id, or calc:NAME */
	struct str text;
	struct list citations;
};
struct assistant_answer {
	struct str persona;
	struct str question; /* as it may be kept or sent: identifying data masked */
	struct str answer;
	struct list statements;
	bool refused;
	struct str reason;   /* a row of scope.def, absent when answered */
	bool deterministic;  /* the words are the program's own */
	struct str fallback; /* a row of fallback.def: a model is configured, but these are not its words */
	struct str sent;     /* what the model is told of this question; absent when it is not asked */
	struct str guard;
};
extern const struct type assistant_answer_type;

/* "dr_gasnelio" or "ga"; UNSET for another. */
enum persona persona_of(struct str name);
/* question is valid UTF-8 of at most QUESTION_MAX code points. Everything lives in ctx's arena.
 * A refusal is an answer and OK; ERR_TOO_LARGE: the arena is full; ERR_PROTOCOL_UNAVAILABLE,
 * ERR_CALCULATION: a dose was asked and may not be computed. */
enum err assistant_ask(
        struct ctx *, enum persona, struct str question, struct assistant_answer *out) MUST_CHECK;

/* Makes out->answer from its other members, once more. */
enum err assistant_say(struct ctx *, struct assistant_answer *out) MUST_CHECK;

#endif
