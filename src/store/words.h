/* words.h - the words of a text, folded and stemmed, for search in memory.  What rests
 * in the database is searched by keyed tokens (seal.h); these words never rest there. */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "base/base.h"

struct word {
	struct str whole; /* folded: case and accents gone */
	struct str stem;  /* Portuguese, plural joined with singular */
};

/* In their order, with repetitions, at most 2000; out: struct word items in the arena.
 * ERR_INTERNAL: the text is not UTF-8. */
enum err text_words(struct ctx *, struct str text, struct list *out) MUST_CHECK;

#endif
