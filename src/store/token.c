/* token.c - keyed tokens for equality and word search over sealed text.
 *
 * A word is folded (NFKD, case, accents gone), brought to the singular, stemmed by
 * Snowball's Portuguese rules, and hashed under the tenant's index key.  The index
 * then holds neither words nor anything that can be computed without the key.
 *
 * Folding comes first, because people type without accents: everything after it,
 * the rules for the plural too, works on plain letters. */
#include <libstemmer.h>
#include <pthread.h>
#include <utf8proc.h>

#include "store/keys.h"
#include "store/seal.h"
#include "store/tokenmemo.h"
#include "store/words.h"

enum { WORDS_MAX = 2000, WORD_BYTES_MAX = 120, DOMAIN_MAX = 64, ASCII = 0x80 };

/* ---- hashing */

static void
token_of(const unsigned char index[KEY_SIZE], const char *domain, struct str text, unsigned char *out,
        size_t size, char *scratch)
{
	size_t n = strlen(domain) + 1;
	unsigned char mac[SHA256_SIZE];

	memcpy(scratch, domain, n); /* with its 0: no domain is another's beginning */
	memcpy(scratch + n, text.p, text.n);
	hmac_sha256(index, KEY_SIZE, (struct str){ scratch, n + text.n }, mac);
	memcpy(out, mac, size);
}

enum err
token_exact(struct ctx *ctx, const char *domain, struct str text, struct blob *out)
{
	struct tenant_keys keys;
	unsigned char *token;
	char *scratch;

	assert(strlen(domain) < DOMAIN_MAX);
	if (!str_is_set(text)) {
		*out = (struct blob){ NULL, 0 };
		return OK;
	}
	token = arena_take(ctx->arena, TOKEN_SIZE);
	scratch = arena_take(ctx->arena, DOMAIN_MAX + text.n);
	if (token == NULL || scratch == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for a token");
	TRY(keys_tenant(ctx, &keys));
	token_of(keys.index, domain, text, token, TOKEN_SIZE, scratch);
	wipe(&keys, sizeof keys);
	*out = (struct blob){ token, TOKEN_SIZE };
	return OK;
}

/* ---- stems */

static pthread_key_t stemmer_key;
static pthread_once_t stemmer_once = PTHREAD_ONCE_INIT;

static void
stemmer_free(void *p)
{
	sb_stemmer_delete(p);
}

static void
stemmer_make_key(void)
{
	int rc = pthread_key_create(&stemmer_key, stemmer_free);

	assert(rc == 0);
	(void)rc;
}

/* One for each thread: a stemmer keeps the word it works on. */
static struct sb_stemmer *
stemmer(void)
{
	struct sb_stemmer *s;

	pthread_once(&stemmer_once, stemmer_make_key);
	s = pthread_getspecific(stemmer_key);
	if (s == NULL) {
		s = sb_stemmer_new("portuguese", "UTF_8");
		if (s != NULL)
			pthread_setspecific(stemmer_key, s);
	}
	return s;
}

/* Endings of the plural that Snowball leaves apart from their singular, on folded
 * letters, first match wins.  least: letters that must stand before, so that short
 * words stay whole.  -il and -el share one form, since -eis is the plural of both. */
static const struct ending {
	const char *plural, *singular;
	size_t least;
} endings[] = {
	{ "oes", "ao", 1 },   /* lesões, lesão */
	{ "aes", "ao", 1 },   /* alemães, alemão */
	{ "aos", "ao", 1 },   /* órgãos, órgão */
	{ "ais", "al", 2 },   /* sinais, sinal */
	{ "eis", "il", 2 },   /* papéis, fáceis */
	{ "ois", "ol", 2 },   /* lençóis, lençol */
	{ "uis", "ul", 2 },   /* azuis, azul */
	{ "is", "il", 2 },    /* febris, febril */
	{ "el", "il", 2 },    /* papel */
	{ "ns", "m", 1 },     /* imagens, imagem; rins, rim */
	{ "gues", "gue", 2 }, /* sangues, sangue */
	{ "ques", "que", 2 }, /* choques, choque */
	{ "as", "a", 2 },     /* unhas, unha: too short a word for Snowball's regions */
	{ "os", "o", 2 },     /* ossos, osso */
	{ "ts", "t", 2 },     /* stents, stent */
	{ "ps", "p", 2 },     /* chips, chip */
};

/* Whole words that the endings would join with the wrong one, or not at all. */
static const struct irregular {
	const char *plural, *singular;
} irregulars[] = {
	{ "maes", "mae" },
	{ "pes", "pe" },
	{ "sais", "sal" },
	{ "leis", "lei" },
	{ "reis", "rei" },
	{ "pais", "pai" },
	{ "sois", "sol" },
	{ "geis", "gel" },
	{ "aneis", "anil" },
};

/* Rewrites the word in place: no singular is longer than its plural. */
static size_t
singular(char *word, size_t n)
{
	for (size_t i = 0; i < COUNT(irregulars); i++)
		if (str_is((struct str){ word, n }, irregulars[i].plural)) {
			size_t s = strlen(irregulars[i].singular);

			memcpy(word, irregulars[i].singular, s);
			return s;
		}
	for (size_t i = 0; i < COUNT(endings); i++) {
		size_t e = strlen(endings[i].plural), s = strlen(endings[i].singular);

		if (n < e + endings[i].least || memcmp(word + n - e, endings[i].plural, e) != 0)
			continue;
		memcpy(word + n - e, endings[i].singular, s);
		return n - e + s;
	}
	return n;
}

/* ---- words */

enum shape {
	SHAPE_STEM,     /* what a word means, for search in prose */
	SHAPE_WHOLE,    /* as it stands, for a query among beginnings */
	SHAPE_PREFIXES, /* every beginning from two letters on, for names */
};

/* What a text's words become, each once; bounded by WORDS_MAX. */
struct words {
	struct ctx *ctx;
	enum shape shape;
	const struct tenant_keys *keys;
	const char *domain;
	unsigned char salt[MEMO_SALT]; /* of the memo: key, domain and shape */
	const unsigned char **seen;    /* tokens, by their own bits; slots is a power of two and
	                                * never more than half full */
	struct blob *tokens;
	struct word *plain; /* instead of tokens: the words themselves (words.h) */
	size_t slots, room, count;
};

static enum err
words_add(struct words *w, const unsigned char token[static WORD_TOKEN_SIZE])
{
	unsigned char *kept;
	uint32_t bits;
	size_t at;

	memcpy(&bits, token, sizeof bits); /* as good as a hash */
	for (at = bits & (w->slots - 1); w->seen[at] != NULL; at = (at + 1) & (w->slots - 1))
		if (memcmp(w->seen[at], token, WORD_TOKEN_SIZE) == 0)
			return OK;
	kept = arena_take(w->ctx->arena, WORD_TOKEN_SIZE);
	if (kept == NULL)
		return fail(w->ctx, ERR_TOO_LARGE, "no room for a token");
	memcpy(kept, token, WORD_TOKEN_SIZE);
	w->seen[at] = kept;
	w->tokens[w->count++] = (struct blob){ kept, WORD_TOKEN_SIZE };
	return OK;
}

/* The token of text, which is what word has become. */
static enum err
words_hash(struct words *w, struct str word, struct str text)
{
	char scratch[DOMAIN_MAX + WORD_BYTES_MAX];
	unsigned char token[WORD_TOKEN_SIZE];

	token_of(w->keys->index, w->domain, text, token, WORD_TOKEN_SIZE, scratch);
	tokenmemo_put(w->salt, word, token);
	return words_add(w, token);
}

/* The stem rests in the thread's stemmer until its next word. */
static enum err
stem_of(struct words *w, struct str word, struct str *stem)
{
	char text[WORD_BYTES_MAX];
	struct sb_stemmer *s = stemmer();
	const sb_symbol *found;

	if (s == NULL)
		return fail(w->ctx, ERR_BUSY, "no memory for a stemmer");
	memcpy(text, word.p, word.n);
	found = sb_stemmer_stem(s, (const sb_symbol *)text, (int)singular(text, word.n));
	if (found == NULL)
		return fail(w->ctx, ERR_BUSY, "no memory to stem a word");
	*stem = (struct str){ (const char *)found, (size_t)sb_stemmer_length(s) };
	return OK;
}

static enum err
take_plain(struct words *w, struct str word)
{
	struct word *out = &w->plain[w->count];
	struct str stem = { 0 };

	TRY(stem_of(w, word, &stem));
	out->whole = arena_str(w->ctx->arena, word);
	out->stem = arena_str(w->ctx->arena, stem);
	if (!str_is_set(out->whole) || !str_is_set(out->stem))
		return fail(w->ctx, ERR_TOO_LARGE, "no room for a word");
	w->count++;
	return OK;
}

static enum err
take_token(struct words *w, struct str word)
{
	unsigned char token[WORD_TOKEN_SIZE];
	struct str text = word;

	if (tokenmemo_get(w->salt, word, token))
		return words_add(w, token);
	if (w->shape == SHAPE_STEM)
		TRY(stem_of(w, word, &text));
	return words_hash(w, word, text);
}

static bool
letter_ends(const char *word, size_t n, size_t at)
{
	return at == n || ((unsigned char)word[at] & 0xc0) != 0x80;
}

static enum err
take_prefixes(struct words *w, const char *word, size_t n)
{
	size_t letters = 0;

	for (size_t at = 1; at <= n && w->count < w->room; at++) {
		if (!letter_ends(word, n, at))
			continue;
		letters++;
		if (letters >= 2 || at == n)
			TRY(take_token(w, (struct str){ word, at }));
	}
	return OK;
}

static enum err
words_take(struct words *w, const char *word, size_t n)
{
	if (w->plain != NULL)
		return take_plain(w, (struct str){ word, n });
	if (w->shape == SHAPE_PREFIXES)
		return take_prefixes(w, word, n);
	return take_token(w, (struct str){ word, n });
}

static bool
in_word(utf8proc_int32_t c)
{
	if (c < ASCII)
		return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); /* folded: there are no capitals */
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO: return true;
	default: return false;
	}
}

static size_t
put_point(utf8proc_int32_t c, char *at)
{
	if (c >= ASCII)
		return (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)at);
	*at = (char)c;
	return 1;
}

/* Code points of the folded text; a word longer than WORD_BYTES_MAX is cut there,
 * the same for index and query. */
static enum err
words_split(struct words *w, const utf8proc_int32_t *points, size_t count)
{
	char word[WORD_BYTES_MAX];
	size_t n = 0;

	for (size_t i = 0; i <= count && w->count < w->room; i++) {
		if (i < count && in_word(points[i])) {
			if (n + 4 <= sizeof word)
				n += put_point(points[i], word + n);
			continue;
		}
		if (n > 0)
			TRY(words_take(w, word, n));
		n = 0;
	}
	return OK;
}

/* What ASCII folds to is known without asking, and most of a text is that: utf8proc folds what
 * lies between. Each code point folds for itself, marks fall away, so the pieces are the whole. */
static utf8proc_ssize_t
fold_into(struct str text, utf8proc_int32_t *out, utf8proc_ssize_t room)
{
	const utf8proc_option_t how = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
	                              UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;
	const unsigned char *p = (const unsigned char *)text.p, *end = p + text.n, *start;
	utf8proc_ssize_t count = 0, n;

	while (p < end) {
		if (*p < ASCII) {
			if (count < room)
				out[count] = *p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p;
			count++;
			p++;
			continue;
		}
		for (start = p; p < end && *p >= ASCII;)
			p++;
		n = utf8proc_decompose(start, p - start, count < room ? out + count : NULL,
		        count < room ? room - count : 0, how);
		if (n < 0)
			return n;
		count += n;
	}
	return count;
}

static enum err
fold(struct ctx *ctx, struct str text, utf8proc_int32_t **out, size_t *count)
{
	utf8proc_ssize_t room = (utf8proc_ssize_t)text.n + 32, n;

	for (;;) {
		*out = arena_take(ctx->arena, (size_t)room * sizeof **out);
		if (*out == NULL)
			return fail(ctx, ERR_TOO_LARGE, "no room to fold a text");
		n = fold_into(text, *out, room);
		if (n < 0)
			return fail(ctx, ERR_INTERNAL, "a text is not UTF-8");
		if (n <= room)
			break;
		room = n; /* compatibility forms may be longer than their source */
	}
	*count = (size_t)n;
	return OK;
}

static enum err
words_of(struct words *w, struct str text)
{
	utf8proc_int32_t *points;
	size_t count = 0;

	TRY(fold(w->ctx, text, &points, &count));
	w->room = w->shape == SHAPE_PREFIXES ? count + 1 : count / 2 + 1;
	if (w->room > WORDS_MAX)
		w->room = WORDS_MAX;
	for (w->slots = 16; w->slots < 2 * w->room;)
		w->slots *= 2;
	w->seen = NEW_ARRAY(w->ctx, const unsigned char *, w->slots);
	w->tokens = NEW_ARRAY(w->ctx, struct blob, w->room);
	if (w->seen == NULL || w->tokens == NULL)
		return fail(w->ctx, ERR_TOO_LARGE, "no room for a text's words");
	return words_split(w, points, count);
}

static void
salt_of(struct words *w)
{
	char scratch[DOMAIN_MAX + 1], shape = (char)w->shape;

	token_of(w->keys->index, w->domain, (struct str){ &shape, 1 }, w->salt, MEMO_SALT, scratch);
}

static enum err
tokens(struct ctx *ctx, enum shape shape, const char *domain, struct str text, struct list *out)
{
	struct tenant_keys keys;
	struct words w = { .ctx = ctx, .shape = shape, .keys = &keys, .domain = domain };
	enum err err;

	assert(strlen(domain) < DOMAIN_MAX);
	*out = (struct list){ NULL, 0 };
	if (text.n == 0)
		return OK;
	TRY(keys_tenant(ctx, &keys));
	salt_of(&w);
	err = words_of(&w, text);
	wipe(&keys, sizeof keys);
	TRY(err);
	*out = (struct list){ w.tokens, w.count };
	return OK;
}

enum err
token_words(struct ctx *ctx, const char *domain, struct str text, struct list *out)
{
	return tokens(ctx, SHAPE_STEM, domain, text, out);
}

enum err
token_prefixes(struct ctx *ctx, const char *domain, struct str text, struct list *out)
{
	return tokens(ctx, SHAPE_PREFIXES, domain, text, out);
}

enum err
token_query(struct ctx *ctx, const char *domain, struct str text, struct list *out)
{
	return tokens(ctx, SHAPE_WHOLE, domain, text, out);
}

enum err
text_words(struct ctx *ctx, struct str text, struct list *out)
{
	struct words w = { .ctx = ctx, .shape = SHAPE_STEM };
	utf8proc_int32_t *points = NULL;
	size_t count = 0;

	*out = (struct list){ NULL, 0 };
	if (text.n == 0)
		return OK;
	TRY(fold(ctx, text, &points, &count));
	w.room = count / 2 + 1 < WORDS_MAX ? count / 2 + 1 : WORDS_MAX;
	w.plain = NEW_ARRAY(ctx, struct word, w.room);
	if (w.plain == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for a text's words");
	TRY(words_split(&w, points, count));
	*out = (struct list){ w.plain, w.count };
	return OK;
}
