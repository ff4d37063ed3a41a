/* dose.h - questions for a dose with a weight: the calculators answer, never a text. */
#ifndef FEATURES_ASSISTANT_DOSE_H
#define FEATURES_ASSISTANT_DOSE_H

#include "features/assistant/assistant.h"
#include "features/assistant/scope.h"

struct dose_answer {
	bool asked;           /* the question names a weight and wants a dose */
	enum refusal refusal; /* why there is none */
	struct statement statement;
};

enum err dose_answer(struct ctx *, struct str question, const struct list *words, bool plain,
        struct dose_answer *out) MUST_CHECK;

#endif
