/* scope.h - what the assistant does not answer, and whom to ask instead. */
#ifndef FEATURES_ASSISTANT_SCOPE_H
#define FEATURES_ASSISTANT_SCOPE_H

#include "base/base.h"

enum refusal {
	REFUSAL_NONE = 0,
#define REFUSAL(name, ...) REFUSAL_##name,
#include "features/assistant/scope.def"
#undef REFUSAL
	REFUSAL__MAX
};

/* The first rule that a text's words meet.  words: of text_words. */
enum refusal scope_of(const struct list *words);
const char *refusal_code(enum refusal);
enum refusal refusal_of(struct str code); /* NONE for another */
const char *refusal_text(enum refusal, bool plain);
/* Do the words hold one of the phrases between '|'?  A phrase's last word may end in '*'. */
bool words_have(const struct list *words, const char *phrases);

#endif
