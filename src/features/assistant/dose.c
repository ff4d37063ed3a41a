/* dose.c - reads a weight and what else a dose depends on out of a question, and asks
 * the calculator.  What it cannot read for sure it does not compute. */
#include "features/assistant/dose.h"

#include "base/buf.h"
#include "features/calc/calc.h"
#include "store/words.h"

enum { TEXT_ROOM = 8 << 10, BEFORE_MAX = 24 };

/* ---- the weight */

enum unit { UNIT_NONE, UNIT_KG, UNIT_WRONG, UNIT_OTHER };
struct weight {
	struct str number; /* as written, sign and comma too */
	enum unit unit;
	size_t count;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

/* ASCII letters in either case. */
static bool
same(struct str w, const char *z)
{
	for (size_t i = 0; i < w.n; i++)
		if (!z[i] || ((unsigned char)w.p[i] | 0x20) != (unsigned char)z[i])
			return false;
	return z[w.n] == '\0';
}

static bool
is_one_of(struct str w, const char *const *list)
{
	for (; *list; list++)
		if (same(w, *list))
			return true;
	return false;
}

static enum unit
unit_of(struct str w)
{
	static const char *const kg[] = { "kg", "kgs", "quilo", "quilos", "kilo", "kilos", "quilograma",
		"quilogramas", "kilograma", "kilogramas", NULL };
	static const char *const wrong[] = { "g", "gr", "grama", "gramas", "lb", "lbs", "libra", "libras",
		"pound", "pounds", "arroba", "arrobas", "tonelada", "toneladas", "t", "oz", NULL };
	if (w.n == 0)
		return UNIT_NONE;
	return is_one_of(w, kg) ? UNIT_KG : is_one_of(w, wrong) ? UNIT_WRONG : UNIT_OTHER;
}

static bool
ends_with(struct str s, const char *z)
{
	size_t n = strlen(z);
	return s.n >= n && same((struct str){ s.p + s.n - n, n }, z);
}

/* "abaixo de 30 kg" names a band and "30 a 50 kg" too: nobody's weight. */
static bool
is_limit(struct str before)
{
	static const char *const limits[] = { "abaixo de", "menor de", "menor que", "menos de", "menores de",
		"acima de", "maior que", "maior de", "maiores de", "mais de", "entre", "a partir de", "ate",
		"por", "inferior a", "superior a", NULL };
	before = str_trim(before);
	for (size_t i = 0; limits[i]; i++)
		if (ends_with(before, limits[i]))
			return true;
	for (int k = 0; k < 2; k++) {
		const char *link = k == 0 ? " a" : " e";
		if (!ends_with(before, link))
			continue;
		struct str head = str_trim((struct str){ before.p, before.n - 2 });
		if (head.n > 0 && (is_digit(head.p[head.n - 1]) || ends_with(head, "kg")))
			return true;
	}
	return false;
}

/* "pesa 20", "peso de 20" */
static bool
is_weighed(struct str before)
{
	static const char *const words[] = { "pesa", "pesando", "peso", "peso de", "peso e",
		"peso:", "pesava", "pesam", NULL };
	before = str_trim(before);
	for (size_t i = 0; words[i]; i++)
		if (ends_with(before, words[i]))
			return true;
	return false;
}

static size_t
number_end(struct str s, size_t at)
{
	while (at < s.n && (is_digit(s.p[at]) || ((s.p[at] == ',' || s.p[at] == '.') && at + 1 < s.n &&
	                                                 is_digit(s.p[at + 1]))))
		at++;
	return at;
}

static struct str
word_after(struct str s, size_t at)
{
	while (at < s.n && s.p[at] == ' ')
		at++;
	size_t end = at;
	while (end < s.n && is_letter(s.p[end]))
		end++;
	return (struct str){ s.p + at, end - at };
}

/* The weights of the text, the last one kept; also a number in a wrong unit that can only be one. */
static struct weight
find_weight(struct str s, bool *limits)
{
	struct weight found = { .count = 0 };
	for (size_t at = 0; at < s.n; at++) {
		if (!is_digit(s.p[at]) || (at > 0 && is_letter(s.p[at - 1])))
			continue;
		size_t end = number_end(s, at), from = at > 0 && s.p[at - 1] == '-' ? at - 1 : at;
		struct str before = { s.p, from };
		enum unit unit = unit_of(word_after(s, end));
		bool weighed = is_weighed(before);
		bool heavy = unit == UNIT_WRONG && (end - at >= 2);
		if (unit == UNIT_KG && is_limit(before))
			*limits = true;
		else if (unit == UNIT_KG || weighed || heavy) {
			found.number = (struct str){ s.p + from, end - from };
			found.unit = unit;
			found.count++;
		}
		at = end - 1;
	}
	return found;
}

/* ---- what else changes a dose */

static const char *
drug_reacted(const struct list *words)
{
	static const char *const drugs[] = { "rifampicina", "dapsona", "clofazimina", NULL };
	if (!words_have(words, "alergi*|intoleran*|reacao grave|anafila*"))
		return NULL;
	for (size_t i = 0; drugs[i]; i++)
		if (words_have(words, drugs[i]))
			return drugs[i];
	return words_have(words, "sulfona*|sulfa") ? "dapsona" : NULL;
}

/* "7 anos": absent when no age is told; months are a child below one. */
static struct str
find_age(const struct list *words)
{
	const struct word *w = words->items;
	for (size_t i = 0; i + 1 < words->count; i++)
		if (is_digit(w[i].whole.p[0]) &&
		        (str_is(w[i + 1].whole, "anos") || str_is(w[i + 1].whole, "ano")))
			return w[i].whole;
	return words_have(words, "adulto|adulta|homem|mulher|idoso|idosa") ? STR("18") : (struct str){ 0 };
}

static void
set_input(const struct calculator *def, struct str inputs[], const char *name, struct str value)
{
	for (size_t i = 0; i < def->in_count; i++)
		if (strcmp(def->in[i].name, name) == 0)
			inputs[i] = value;
}

static const char *
out_of(const struct calc *c, const char *name)
{
	for (size_t i = 0; i < c->def->out_count; i++)
		if (strcmp(c->def->out[i].name, name) == 0)
			return c->out[i];
	assert(false);
	return "";
}

/* A result as it is said in Portuguese: a decimal comma, no zeros behind it. */
static const char *
said(const struct calc *c, const char *name)
{
	const char *out = out_of(c, name), *point = strchr(out, '.');
	if (!point)
		return out;
	size_t head = (size_t)(point - out), digits = strspn(point + 1, "0123456789"), kept = digits;
	while (kept > 0 && point[kept] == '0')
		kept--;
	const char *text = arena_printf(c->arena, "%.*s%s%.*s%s", (int)head, out, kept > 0 ? "," : "",
	        (int)kept, point + 1, point + 1 + digits);
	return text ? text : out;
}

struct asked {
	const char *calculator;
	struct str weight;
	const struct list *words;
	bool plain;
};

static enum err
run(struct ctx *ctx, const struct asked *a, const char *class, struct calc *out)
{
	const struct calculator *def = calc_find(str_of(a->calculator));
	struct str inputs[CALC_IN_MAX] = { { 0 } };
	const char *drug = drug_reacted(a->words);
	assert(def);
	set_input(def, inputs, "weight_kg", a->weight);
	set_input(def, inputs, "class", str_of(class));
	set_input(def, inputs, "idade_anos", find_age(a->words));
	if (words_have(a->words, "gestante*|gravida*|gravidez|gestacao"))
		set_input(def, inputs, "gestante", STR("1"));
	if (words_have(a->words, "lactante*|amament*"))
		set_input(def, inputs, "lactante", STR("1"));
	if (drug)
		set_input(def, inputs, "reacao_grave_a", str_of(drug));
	return calc_run(def, ctx->arena, inputs, out);
}

/* ---- wording */

static void
say_flags(struct buf *b, const struct calc *c)
{
	for (size_t i = 0; i < c->flag_count; i++)
		buf_printf(b, "%s%s.", i > 0 ? " " : " Avisos: ", calc_flag_pt(c->flags[i].code));
}

static void
say_pqtu(struct buf *b, const struct asked *a, const struct calc *c)
{
	buf_printf(b,
	        a->plain ? "Para %.*s kg a calculadora dá: uma vez por mês, na unidade, "
	                 : "Peso %.*s kg, calculado: dose mensal supervisionada: ",
	        STR_FMT(a->weight));
	buf_printf(b, "rifampicina %s mg, clofazimina %s mg e dapsona %s mg; ",
	        said(c, "rifampicina_mensal_mg"), said(c, "clofazimina_mensal_mg"),
	        said(c, "dapsona_mensal_mg"));
	buf_printf(b, "%s: clofazimina %s e dapsona %s mg/dia.", a->plain ? "em casa" : "autoadministrada",
	        said(c, "clofazimina_diaria"), said(c, "dapsona_diaria_mg"));
	if (*out_of(c, "clofazimina_semanal_mg"))
		buf_printf(b, " Clofazimina por semana: %s mg, em 2 a 3 tomadas.",
		        said(c, "clofazimina_semanal_mg"));
}

static enum err
say_course(struct ctx *ctx, struct buf *b, const struct asked *a, const char *class)
{
	struct calc *c = NEW(ctx, struct calc);
	TRY(run(ctx, a, class, c));
	buf_printf(b, " %s: %s doses supervisionadas em até %s meses.", class,
	        said(c, "doses_supervisionadas"), said(c, "janela_meses"));
	return OK;
}

static void
say_other(struct buf *b, const struct asked *a, const struct calc *c)
{
	if (strcmp(a->calculator, "rifampicina_suspensao") == 0) {
		buf_printf(b, "Peso %.*s kg, calculado: rifampicina %s mg, %s mL da suspensão a 20 mg/mL.",
		        STR_FMT(a->weight), said(c, "expected_mg"), said(c, "expected_mL"));
		return;
	}
	buf_printf(b,
	        "Peso %.*s kg, calculado: prednisona inicial %s mg/dia; proposta de desmame: %s; total %s "
	        "dias.",
	        STR_FMT(a->weight), said(c, "dose_inicial_mg"), said(c, "sequencia_15_em_15_dias"),
	        said(c, "dias_total"));
}

static enum err
cite(struct ctx *ctx, const struct calc *c, struct list *out)
{
	struct citation *items = NEW_ARRAY(ctx, struct citation, c->cited_count);
	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for citations");
	for (size_t i = 0; i < c->cited_count; i++)
		items[i] = (struct citation){ str_of(c->cited[i]->document), str_of(c->cited[i]->section),
			str_of(c->cited[i]->page) };
	*out = (struct list){ items, c->cited_count };
	return OK;
}

static enum err
word_result(struct ctx *ctx, const struct asked *a, const struct calc *c, struct buf *b)
{
	bool pb = words_have(a->words, "pb|paucibacilar*"), mb = words_have(a->words, "mb|multibacilar*");
	if (c->status != CALC_ANSWERED) {
		say_flags(b, c);
		return OK;
	}
	if (strcmp(a->calculator, "pqtu_dose") != 0) {
		say_other(b, a, c);
	} else {
		say_pqtu(b, a, c);
		if (pb || !mb)
			TRY(say_course(ctx, b, a, "PB"));
		if (mb || !pb)
			TRY(say_course(ctx, b, a, "MB"));
	}
	say_flags(b, c);
	return OK;
}

static enum err
compute(struct ctx *ctx, const struct asked *a, struct dose_answer *out)
{
	struct calc *c = NEW(ctx, struct calc);
	struct buf b;
	TRY(run(ctx, a, "MB", c));
	if (c->status != CALC_ANSWERED)
		out->refusal = c->status == CALC_INVALID ? REFUSAL_WEIGHT : REFUSAL_NOT_COVERED;
	buf_init(&b, TEXT_ROOM);
	enum err err = word_result(ctx, a, c, &b);
	out->statement.text = buf_failed(&b) ? (struct str){ 0 }
	                                     : arena_str(ctx->arena, str_trim(buf_view(&b)));
	buf_free(&b);
	TRY(err);
	if (!str_is_set(out->statement.text))
		return fail(ctx, ERR_TOO_LARGE, "no room for a dose");
	out->statement.passage = str_of(arena_printf(ctx->arena, "calc:%s", a->calculator));
	return cite(ctx, c, &out->statement.citations);
}

/* Drugs and things whose amount the dose calculators do not know: the passages answer. */
static bool
is_for_passages(const struct list *words)
{
	return words_have(words, "talidomida|pentoxifilina|ofloxacino|minociclina|claritromicina|rom|bcg|"
	                         "ivermectina|albendazol|enh|eritema nodoso|aas|monofilamento*|vacina*");
}

static const char *
calculator_for(const struct list *words)
{
	if (words_have(words, "prednisona|corticoide"))
		return "prednisona_desmame";
	return words_have(words, "suspensao|xarope|ml|volume") ? "rifampicina_suspensao" : "pqtu_dose";
}

enum err
dose_answer(
        struct ctx *ctx, struct str question, const struct list *words, bool plain, struct dose_answer *out)
{
	bool limits = false;
	struct weight w = find_weight(question, &limits);
	struct asked a = { calculator_for(words), w.number, words, plain };
	*out = (struct dose_answer){ .asked = w.count > 0 && !is_for_passages(words) };
	if (!out->asked)
		return OK;
	if (w.count > 1 || w.unit != UNIT_KG || limits) {
		out->refusal = REFUSAL_WEIGHT;
		return OK;
	}
	return compute(ctx, &a, out);
}
