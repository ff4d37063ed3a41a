/* scope.c - rules of refusal over folded words: exact, readable, and blind to orders
 * that a text may give. */
#include "features/assistant/scope.h"

#include "store/words.h"

static const struct rule {
	const char *code, *rules, *technical, *plain;
} table[] = {
	[REFUSAL_NONE] = { "", "", "", "" },
#define REFUSAL(name, rules_, technical_, plain_) [REFUSAL_##name] = { #name, rules_, technical_, plain_ },
#include "features/assistant/scope.def"
#undef REFUSAL
};

/* The part of *left before one of the marks; takes it and the mark off. */
static struct str
cut(struct str *left, char mark)
{
	const char *at = left->n > 0 ? memchr(left->p, mark, left->n) : NULL;
	struct str part = { left->p, at ? (size_t)(at - left->p) : left->n };
	size_t taken = part.n + (at != NULL);
	*left = (struct str){ left->p + taken, left->n - taken };
	return part;
}

static bool
word_is(struct str word, struct str wanted)
{
	if (wanted.n > 0 && wanted.p[wanted.n - 1] == '*')
		return word.n >= wanted.n - 1 && memcmp(word.p, wanted.p, wanted.n - 1) == 0;
	return str_eq(word, wanted);
}

static bool
phrase_at(const struct list *words, size_t at, struct str phrase)
{
	const struct word *w = words->items;
	for (; phrase.n > 0; at++) {
		struct str wanted = cut(&phrase, ' ');
		if (at == words->count || !word_is(w[at].whole, wanted))
			return false;
	}
	return true;
}

static bool
have_any(const struct list *words, struct str phrases)
{
	while (phrases.n > 0) {
		struct str phrase = cut(&phrases, '|');
		for (size_t at = 0; at < words->count; at++)
			if (phrase_at(words, at, phrase))
				return true;
	}
	return false;
}

bool
words_have(const struct list *words, const char *phrases)
{
	return have_any(words, str_of(phrases));
}

static bool
meets(const struct list *words, struct str rule)
{
	bool all = rule.n > 0;
	while (all && rule.n > 0)
		all = have_any(words, cut(&rule, '&'));
	return all;
}

enum refusal
scope_of(const struct list *words)
{
	for (int r = REFUSAL_NONE + 1; r < REFUSAL__MAX; r++)
		for (struct str rules = str_of(table[r].rules); rules.n > 0;)
			if (meets(words, cut(&rules, ';')))
				return (enum refusal)r;
	return REFUSAL_NONE;
}

const char *
refusal_code(enum refusal r)
{
	return table[r].code;
}

enum refusal
refusal_of(struct str code)
{
	for (int r = REFUSAL_NONE + 1; r < REFUSAL__MAX; r++)
		if (str_is(code, table[r].code))
			return (enum refusal)r;
	return REFUSAL_NONE;
}

const char *
refusal_text(enum refusal r, bool plain)
{
	return plain ? table[r].plain : table[r].technical;
}
