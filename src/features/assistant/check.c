/* check.c - a model's words against their source, token by token: see check.h. */
#include "features/assistant/check.h"

#include "base/buf.h"
#include "store/words.h"

enum { NEGATION_REACH = 3, TEXT_BYTES_MAX = 32 << 10 };
static const double KEPT_MIN = 0.8, FOREIGN_MAX = 0.4;

/* Marks that stand for what splitting into words would lose. */
#define BREAK "zzfim"
#define PAUSE "zzpausa"

/* What a sentence may add of its own: says nothing by itself. */
static const char glue[] =
        "|a|o|as|os|um|uma|uns|umas|de|do|da|dos|das|em|no|na|nos|nas|por|para|pra|com|e|que|se|ao|aos|pelo|"
        "pela|pelos|pelas|sao|ser|esta|estao|ha|tem|isto|isso|este|esse|essa|seu|sua|voce|quando|como|"
        "tambem|ja|assim|entao|onde|qual|quais|";
static const char negations[] = "|nao|nunca|jamais|sem|nem|nenhum|nenhuma|";
/* None of these may be lost. */
static const char limits[] =
        "|ate|somente|so|apenas|abaixo|acima|menos|mais|menor|maior|antes|depois|apos|exceto|salvo|minimo|"
        "maximo|cada|ou|entre|partir|sempre|todos|todas|";
static const char drugs[] =
        "|rifampicina|dapsona|clofazimina|ofloxacino|minociclina|claritromicina|prednisona|talidomida|"
        "pentoxifilina|ivermectina|albendazol|aas|aspirina|rifapentina|moxifloxacino|levofloxacino|"
        "amoxicilina|azitromicina|ibuprofeno|dipirona|paracetamol|isoniazida|pirazinamida|etambutol|"
        "metotrexato|azatioprina|ciclosporina|colchicina|penicilina|doxiciclina|cloroquina|bcg|";

struct token {
	struct str whole, stem;
	bool number, negation, glue, mark, negated;
};
struct text {
	struct token *items;
	size_t count;
};

static bool
is_in(struct str w, const char *list)
{
	for (const char *at = list; (at = memmem(at, strlen(at), w.p, w.n)); at++)
		if (at > list && at[-1] == '|' && at[w.n] == '|')
			return true;
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- tokens */

/* What a sign means, where words alone would lose it; NULL: the sign stays. */
static const char *
meaning_of(char c)
{
	static const struct {
		const char *signs, *word;
	} rows[] = { { ".;!?\n", " " BREAK " " }, { ",:()", " " PAUSE " " }, { "%", " porcento " },
		{ "/", " barra " }, { "<", " menor " }, { ">", " maior " }, { "+", " positivos " } };
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strchr(rows[i].signs, c))
			return rows[i].word;
	return NULL;
}

/* A decimal number stays one word. */
static void
spell(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool inside = i > 0 && i + 1 < s.n && is_digit(s.p[i - 1]) && is_digit(s.p[i + 1]);
		const char *word = c ? meaning_of(c) : " ";
		if ((c == ',' || c == '.') && inside)
			buf_byte(b, 'v');
		else if (word)
			buf_text(b, word);
		else
			buf_byte(b, c);
	}
}

static struct token
token_of(const struct word *w)
{
	struct token t = { .whole = w->whole, .stem = w->stem };
	t.mark = str_is(w->whole, BREAK) || str_is(w->whole, PAUSE);
	for (size_t i = 0; i < w->whole.n; i++) /* a code too: A30.1 */
		t.number |= is_digit(w->whole.p[i]);
	t.negation = is_in(w->whole, negations);
	t.glue = is_in(w->whole, glue);
	return t;
}

/* A denial reaches the next words of its clause. */
static void
mark_negated(struct text *x)
{
	size_t left = 0;
	for (size_t i = 0; i < x->count; i++) {
		struct token *t = &x->items[i];
		if (t->negation || t->mark)
			left = t->negation ? NEGATION_REACH : 0;
		else if (!t->glue && left > 0) {
			t->negated = true;
			left--;
		}
	}
}

static enum err
read(struct ctx *ctx, struct str s, struct text *out)
{
	struct list words;
	struct buf b;
	buf_init(&b, TEXT_BYTES_MAX);
	spell(&b, s);
	struct str spelt = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	if (!str_is_set(spelt))
		return fail(ctx, ERR_TOO_LARGE, "no room to check a text");
	TRY(text_words(ctx, spelt, &words));
	const struct word *w = words.items;
	out->items = NEW_ARRAY(ctx, struct token, words.count + 1);
	if (!out->items)
		return fail(ctx, ERR_TOO_LARGE, "no room to check a text");
	for (size_t i = 0; i < words.count; i++)
		out->items[i] = token_of(&w[i]);
	out->count = words.count;
	for (size_t i = 1; i + 1 < out->count; i++) /* "1 a 5" is not "1 e 5" */
		if (out->items[i - 1].number && out->items[i + 1].number)
			out->items[i].glue = false;
	mark_negated(out);
	return OK;
}

/* ---- what is asked of two texts */

static bool
has_whole(const struct text *x, struct str whole)
{
	for (size_t i = 0; i < x->count; i++)
		if (str_eq(x->items[i].whole, whole))
			return true;
	return false;
}

static bool
has_stem(const struct text *x, struct str stem)
{
	for (size_t i = 0; i < x->count; i++)
		if (str_eq(x->items[i].stem, stem))
			return true;
	return false;
}

static bool
has_denied(const struct text *x, struct str stem, bool negated)
{
	for (size_t i = 0; i < x->count; i++)
		if (str_eq(x->items[i].stem, stem) && x->items[i].negated == negated)
			return true;
	return false;
}

static bool
is_content(const struct token *t)
{
	return !t->mark && !t->glue && !t->negation;
}

static bool
is_skipped(const struct token *t)
{
	return t->glue || str_is(t->whole, PAUSE);
}

/* The word next to a number, over articles and commas; BREAK at either end. */
static struct str
neighbour(const struct text *x, size_t i, int step)
{
	for (i += (size_t)step; i < x->count; i += (size_t)step) /* below 0 it wraps */
		if (!is_skipped(&x->items[i]))
			return x->items[i].number || x->items[i].mark ? x->items[i].whole : x->items[i].stem;
	return STR(BREAK);
}

/* The same number between the same neighbours. */
static bool
has_number(const struct text *source, const struct text *x, size_t i)
{
	struct str before = neighbour(x, i, -1), behind = neighbour(x, i, 1);
	for (size_t k = 0; k < source->count; k++)
		if (str_eq(source->items[k].whole, x->items[i].whole) &&
		        str_eq(neighbour(source, k, -1), before) && str_eq(neighbour(source, k, 1), behind))
			return true;
	return false;
}

static size_t
count_whole(const struct text *x, struct str whole)
{
	size_t n = 0;
	for (size_t i = 0; i < x->count; i++)
		n += str_eq(x->items[i].whole, whole);
	return n;
}

/* ---- one sentence */

/* How many words there are, and how many the source does not know. */
static void
count_foreign(const struct text *source, const struct text *x, size_t *words, size_t *foreign)
{
	*words = *foreign = 0;
	for (size_t i = 0; i < x->count; i++)
		if (!x->items[i].mark && !x->items[i].number) {
			++*words;
			*foreign += !x->items[i].glue && !has_stem(source, x->items[i].stem);
		}
}

static enum fallback
judge_token(const struct text *source, const struct text *x, size_t i)
{
	const struct token *t = &x->items[i];
	if (t->number)
		return has_number(source, x, i) ? FALLBACK_NONE : FALLBACK_CHECK_NUMBER;
	if (is_in(t->whole, drugs) && !has_whole(source, t->whole))
		return FALLBACK_CHECK_DRUG;
	if (t->negation)
		return has_whole(source, t->whole) ? FALLBACK_NONE : FALLBACK_CHECK_NEGATION;
	if (!is_content(t))
		return FALLBACK_NONE;
	if (!has_stem(source, t->stem))
		return FALLBACK_CHECK_WORDS;
	return has_denied(source, t->stem, t->negated) ? FALLBACK_NONE : FALLBACK_CHECK_NEGATION;
}

static enum fallback
worse(enum fallback a, enum fallback b)
{
	return a == FALLBACK_NONE || (b != FALLBACK_NONE && b < a) ? b : a;
}

static enum fallback
judge_sentence(const struct text *source, const struct text *x)
{
	enum fallback found = FALLBACK_NONE;
	size_t words, foreign;
	for (size_t i = 0; i < x->count; i++)
		found = worse(found, judge_token(source, x, i));
	count_foreign(source, x, &words, &foreign);
	if (found == FALLBACK_CHECK_WORDS && (double)foreign > FOREIGN_MAX * (double)words)
		found = FALLBACK_CHECK_LANGUAGE;
	return found;
}

/* ---- one source against all that was said of it */

static bool
is_lost(const struct text *source, const struct text *said, size_t i)
{
	const struct token *t = &source->items[i];
	if (t->number || is_in(t->whole, limits) || t->negation)
		return count_whole(said, t->whole) < count_whole(source, t->whole);
	return is_content(t) && t->negated && !has_denied(said, t->stem, true);
}

static enum fallback
judge_source(const struct text *source, const struct text *said)
{
	size_t content = 0, kept = 0;
	for (size_t i = 0; i < source->count; i++) {
		if (is_lost(source, said, i))
			return FALLBACK_CHECK_MISSING;
		if (is_content(&source->items[i])) {
			content++;
			kept += has_stem(said, source->items[i].stem);
		}
	}
	return (double)kept >= KEPT_MIN * (double)content ? FALLBACK_NONE : FALLBACK_CHECK_MISSING;
}

/* ---- all of it */

/* A citation is the program's: a sentence brings none of its own. */
static bool
has_marks(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("[]{}<>|\\`*#_", s.p[i], 12) || (unsigned char)s.p[i] < ' ')
			return true;
	return false;
}

static enum fallback
judge_shape(const struct sentence *s, size_t count, size_t source_count)
{
	if (count == 0 || count > SENTENCES_MAX)
		return FALLBACK_CHECK_FORMAT;
	for (size_t i = 0; i < count; i++) {
		if (s[i].source >= source_count)
			return FALLBACK_CHECK_SOURCE;
		if (str_trim(s[i].text).n == 0 || s[i].text.n > SENTENCE_BYTES_MAX || has_marks(s[i].text))
			return FALLBACK_CHECK_FORMAT;
	}
	return FALLBACK_NONE;
}

/* All that was said of a source, as one text. */
static enum err
join(struct ctx *ctx, const struct sentence *s, size_t count, size_t source, struct text *out)
{
	struct buf b;
	buf_init(&b, TEXT_BYTES_MAX / 2);
	for (size_t i = 0; i < count; i++)
		if (s[i].source == source) {
			buf_str(&b, s[i].text);
			buf_byte(&b, '\n');
		}
	enum err err = buf_failed(&b) ? fail(ctx, ERR_TOO_LARGE, "a model's answer of %zu bytes", b.n)
	               : b.n == 0     ? OK
	                              : read(ctx, buf_view(&b), out);
	buf_free(&b);
	return err;
}

enum err
check_words(struct ctx *ctx, const struct str *sources, size_t source_count, const struct sentence *sentences,
        size_t count, enum fallback *out)
{
	enum fallback found = judge_shape(sentences, count, source_count);
	for (size_t k = 0; k < source_count && (found == FALLBACK_NONE || found >= FALLBACK_CHECK_NUMBER);
	        k++) {
		struct text source = { 0 }, said = { 0 };
		TRY(read(ctx, sources[k], &source));
		TRY(join(ctx, sentences, count, k, &said));
		enum fallback judged = judge_sentence(&source, &said);
		found = worse(found, judged != FALLBACK_NONE ? judged : judge_source(&source, &said));
	}
	*out = found;
	return OK;
}
