/* protocol_search.c - finds rows by words, as a person types them: case and the
 * accents of Portuguese do not matter, every word must stand somewhere. */
#include "features/hansen/protocol.h"

enum { WORD_MAX = 64 };

/* U+00C0 to U+00FF without their accents; 0 where there is no plain letter. */
static char
plain_latin(unsigned char second)
{
	static const char letters[] =
	        "aaaaaa\0ceeeeiiii\0nooooo\0\0uuuuy\0\0aaaaaa\0ceeeeiiii\0nooooo\0\0uuuuy\0y";
	return letters[second - 0x80];
}

/* The folded character at p and how many bytes it had. */
static char
fold(const char *p, size_t *bytes)
{
	unsigned char c = (unsigned char)*p;
	*bytes = 1;
	if (c >= 'A' && c <= 'Z')
		return (char)(c + 32);
	if (c != 0xC3 || (p[1] & 0xC0) != 0x80)
		return (char)c;
	char plain = plain_latin((unsigned char)p[1]);
	if (plain == '\0')
		return (char)c;
	*bytes = 2;
	return plain;
}

static bool
begins_with(const char *text, const char *word)
{
	size_t bytes;
	for (; *word; word++, text += bytes) {
		if (fold(text, &bytes) != *word)
			return false;
	}
	return true;
}

static bool
contains(const char *text, const char *word)
{
	for (; text && *text; text++)
		if (begins_with(text, word))
			return true;
	return false;
}

static bool
row_has(const struct protocol_row *r, const char *word)
{
	const char *const texts[] = { r->id, r->band, r->drug, r->give, r->interval, r->condition, r->flag,
		r->instead, r->pt, r->en, topic_pt(r->topic), topic_en(r->topic), r->source.document };
	for (size_t i = 0; i < COUNT(texts); i++)
		if (contains(texts[i], word))
			return true;
	return false;
}

/* Folds the next word of q into out; false when there is none. A longer word is cut. */
static bool
next_word(struct str *q, char out[static WORD_MAX + 5])
{
	*q = str_trim(*q);
	size_t n = 0, bytes;
	while (q->n > 0 && *q->p != ' ' && *q->p != '\t') {
		char pair[3] = { q->p[0], q->n > 1 ? q->p[1] : '\0', '\0' };
		char c = fold(pair, &bytes);
		if (n < WORD_MAX)
			out[n++] = c;
		q->p += bytes;
		q->n -= bytes;
	}
	out[n] = '\0';
	return n > 0;
}

bool
protocol_row_matches(const struct protocol_row *row, struct str q)
{
	char word[WORD_MAX + 5];
	while (next_word(&q, word))
		if (!row_has(row, word))
			return false;
	return true;
}
