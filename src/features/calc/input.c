/* input.c - from text to the values a calculator works on, by the column rows.
 *
 * Strict on purpose: a weight of 70000, "70kg" or 1e2 is refused with a flag
 * and never mended.  The one courtesy is the decimal comma in a weight, which
 * cannot be mistaken: read as thousands it would be the same mass in grams. */
#include "features/calc/input.h"

enum {
	WEIGHT_PLACES = 3,
	YEAR_MIN = 1900,
	YEAR_MAX = 2200,
	WEIGHT_MIN = 3,
	WEIGHT_LOW = 5,
	WEIGHT_HIGH = 200,
	WEIGHT_MAX = 300,
	GRAMS_FROM = 1000
};

static bool
same_letters(struct str s, const char *z)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		char d = z[i];
		if (d >= 'A' && d <= 'Z')
			d = (char)(d + 32);
		if (d == '\0' || c != d)
			return false;
	}
	return z[s.n] == '\0';
}

static void
read_choice(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	for (int64_t i = 0; col->one_of[i]; i++) {
		if (!same_letters(v->text, col->one_of[i]))
			continue;
		v->whole = i;
		return;
	}
	calc_invalid(c, FLAG_ENTRADA_INVALIDA, col->name);
}

static void
read_int(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	if (!str_int(v->text, &v->whole))
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, col->name);
	else if (v->whole < col->min || v->whole > col->max)
		calc_invalid(c, FLAG_ENTRADA_FORA_DO_LIMITE, col->name);
}

static void
read_decimal(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	if (!decimal_parse(v->text, &v->number))
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, col->name);
	else if (decimal_cmp(v->number, decimal_of(col->min)) < 0 ||
	         decimal_cmp(v->number, decimal_of(col->max)) > 0 ||
	         decimal_trim(v->number).scale > col->places)
		calc_invalid(c, FLAG_ENTRADA_FORA_DO_LIMITE, col->name);
}

/* 29,9 as 29.9; anything with two separators stays as it is and will not parse. */
static struct str
comma_to_point(struct arena *arena, struct str s)
{
	const char *comma = memchr(s.p, ',', s.n);
	if (!comma || memchr(s.p, '.', s.n))
		return s;
	struct str copy = arena_str(arena, s);
	if (copy.p)
		((char *)copy.p)[comma - s.p] = '.';
	return copy.p ? copy : s;
}

static void
read_weight(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	if (!decimal_parse(comma_to_point(c->arena, v->text), &v->number)) {
		calc_invalid(c, FLAG_PESO_INVALIDO, col->name);
		return;
	}
	v->number = decimal_trim(v->number);
	if (decimal_cmp(v->number, decimal_of(0)) <= 0)
		calc_invalid(c, FLAG_PESO_NAO_POSITIVO, col->name);
	else if (decimal_cmp(v->number, decimal_of(WEIGHT_MIN)) < 0 ||
	         decimal_cmp(v->number, decimal_of(WEIGHT_MAX)) > 0)
		calc_invalid(c, FLAG_PESO_IMPLAUSIVEL, col->name);
	else if (v->number.scale > WEIGHT_PLACES)
		calc_invalid(c, FLAG_PESO_INVALIDO, col->name);
	else if (decimal_cmp(v->number, decimal_of(WEIGHT_LOW)) < 0)
		calc_flag(c, FLAG_PESO_BAIXO_CONFIRMAR);
	else if (decimal_cmp(v->number, decimal_of(WEIGHT_HIGH)) > 0)
		calc_flag(c, FLAG_PESO_ALTO_CONFIRMAR);
	if (decimal_cmp(v->number, decimal_of(GRAMS_FROM)) >= 0)
		calc_invalid(c, FLAG_UNIDADE_SUSPEITA, col->name);
}

static void
read_yesno(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	static const char *const yes[] = { "1", "true", "sim" }, *const no[] = { "0", "false", "nao" };
	for (size_t i = 0; i < COUNT(yes); i++) {
		if (same_letters(v->text, yes[i]) || same_letters(v->text, no[i])) {
			v->whole = same_letters(v->text, yes[i]);
			return;
		}
	}
	calc_invalid(c, FLAG_ENTRADA_INVALIDA, col->name);
}

static void
read_date(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	if (!date_parse(v->text, &v->date))
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, col->name);
	else if (v->date.year < YEAR_MIN || v->date.year > YEAR_MAX)
		calc_invalid(c, FLAG_ENTRADA_FORA_DO_LIMITE, col->name);
}

/* The next run of bytes that are not blanks; false at the end. */
static bool
next_word(struct str *left, struct str *word)
{
	*left = str_trim(*left);
	size_t n = 0;
	while (n < left->n && left->p[n] != ' ' && left->p[n] != '\t')
		n++;
	*word = (struct str){ left->p, n };
	left->p += n;
	left->n -= n;
	return n > 0;
}

static void
read_list(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	int64_t *items = NEW_ARRAY(c, int64_t, CALC_LIST_MAX);
	struct str left = v->text, word;
	while (items && next_word(&left, &word)) {
		int64_t item;
		if (v->count == CALC_LIST_MAX || !str_int(word, &item)) {
			calc_invalid(c, FLAG_ENTRADA_INVALIDA, col->name);
			return;
		}
		if (item < col->min || item > col->max) {
			calc_invalid(c, FLAG_ENTRADA_FORA_DO_LIMITE, col->name);
			return;
		}
		items[v->count++] = item;
	}
	v->items = items;
}

static void
read_text(struct calc *c, const struct calc_column *col, struct calc_value *v)
{
	(void)c, (void)col, (void)v;
}

typedef void read_fn(struct calc *, const struct calc_column *, struct calc_value *);
static read_fn *const readers[CALC_KIND__MAX] = {
	[CALC_TEXT] = read_text,
	[CALC_CHOICE] = read_choice,
	[CALC_INT] = read_int,
	[CALC_DECIMAL] = read_decimal,
	[CALC_WEIGHT] = read_weight,
	[CALC_YESNO] = read_yesno,
	[CALC_DATE] = read_date,
	[CALC_LIST] = read_list,
};

static void
read_input(struct calc *c, const struct calc_column *col, struct str given, struct calc_value *v)
{
	struct str text = given.p ? given : STR("");
	if (col->kind != CALC_TEXT)
		text = str_trim(text);
	v->text = text;
	v->set = text.n > 0;
	if (v->set)
		readers[col->kind](c, col, v);
	else if (!col->optional)
		calc_invalid(
		        c, col->kind == CALC_WEIGHT ? FLAG_PESO_AUSENTE : FLAG_ENTRADA_AUSENTE, col->name);
}

void
calc_read_inputs(struct calc *c, const struct str *inputs)
{
	for (size_t i = 0; i < c->def->in_count; i++)
		read_input(c, &c->def->in[i], inputs[i], &c->in[i]);
}
