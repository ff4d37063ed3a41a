/* knowledge.h - the passages as rows, and retrieval over them (BM25 on folded stems). */
#ifndef FEATURES_ASSISTANT_KNOWLEDGE_H
#define FEATURES_ASSISTANT_KNOWLEDGE_H

#include "store/words.h"

struct passage {
	const char *id, *document, *section, *page; /* page may be NULL */
	const char *keywords;                       /* how people ask for it */
	const char *technical, *plain;              /* one text for each persona */
};
extern const struct passage passages[];
extern const size_t passage_count;

struct hit {
	const struct passage *passage;
	double score;
	unsigned words;  /* of the question that the passage has */
	double coverage; /* share of the question's weight that the passage knows, 0 to 1 */
};

/* The best passages first; returns how many, at most max. words: of text_words. */
enum err knowledge_search(
        struct ctx *, const struct list *words, struct hit *out, size_t max, size_t *found) MUST_CHECK;
/* Is it a word of the program's own: of a passage, of how people ask for one, or a common one? */
bool knowledge_knows(const struct word *);
/* NULL, or what is wrong with the rows. */
const char *knowledge_check(void);

#endif
