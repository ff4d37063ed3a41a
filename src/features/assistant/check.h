/* check.h - are a model's words no more and no less than what it was given?
 *
 * Each sentence names one source and may use that source's words alone, beside articles,
 * prepositions and the like.  A number stands between the same neighbours as in the source, so that
 * it keeps its unit and its drug; what the source denies stays denied, and nothing else is; and of
 * each source every number, every denial, every word of limit ("até", "somente") and four fifths of
 * the words must come back.  Strict on purpose: a refusal costs fluency, nothing else. */
#ifndef FEATURES_ASSISTANT_CHECK_H
#define FEATURES_ASSISTANT_CHECK_H

#include "base/base.h"
#include "features/assistant/fallback.h"

enum { SENTENCES_MAX = 24, SENTENCE_BYTES_MAX = 2000 };

struct sentence {
	size_t source; /* index into sources */
	struct str text;
};

/* sources: struct str items, the texts as they were sent.  *out is FALLBACK_NONE, or the first CHECK_ reason
 * in the order of fallback.def.  ERR_TOO_LARGE: the arena is full; ERR_INTERNAL: a text is not UTF-8. */
enum err check_words(struct ctx *, const struct str *sources, size_t source_count,
        const struct sentence *sentences, size_t count, enum fallback *out) MUST_CHECK;

#endif
