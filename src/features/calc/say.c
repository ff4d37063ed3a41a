/* say.c - what a calculator says: results, flags, steps, sources; and the texts
 * of an answer.  Numbers leave as exact decimal text, never through a double. */
#include "features/calc/calc.h"

#include "base/type.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const struct flag_text {
	const char *code, *pt, *en;
} flag_texts[FLAG__MAX] = {
#define FLAG(code, pt, en) [FLAG_##code] = { #code, pt, en },
#include "features/calc/flags.def"
#undef FLAG
};

static const char *const status_names[] = {
	[CALC_STATUS_UNSET] = "",
	[CALC_ANSWERED] = "RESPONDIDO",
	[CALC_REFUSED] = "RECUSADO",
	[CALC_INVALID] = "INVALIDO",
};

bool
calc_column_is(const struct calc_column *column, struct str name)
{
	if (str_is(name, column->name))
		return true;
	for (size_t i = 0; column->also && column->also[i]; i++)
		if (str_is(name, column->also[i]))
			return true;
	return false;
}

static const char *const kind_names[CALC_KIND__MAX] = {
	[CALC_TEXT] = "text",
	[CALC_CHOICE] = "choice",
	[CALC_INT] = "integer",
	[CALC_DECIMAL] = "decimal",
	[CALC_WEIGHT] = "weight",
	[CALC_YESNO] = "yesno",
	[CALC_DATE] = "date",
	[CALC_LIST] = "integers",
};

const char *
calc_kind_name(enum calc_kind kind)
{
	return kind_names[kind];
}

const char *
calc_json_name(struct arena *arena, const struct calc_column *column)
{
	enum { PREFIX = sizeof "expected_" - 1 };
	const char *name = column->name;
	if (strcmp(name, "expected") == 0)
		return "verdict";
	if (strncmp(name, "expected_", PREFIX) == 0)
		name += PREFIX;
	if (strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return name;
	char *text = arena_take(arena, strlen(name) + 1);
	if (!text)
		return name;
	camel(name, text);
	return text;
}

const char *
calc_status_name(enum calc_status status)
{
	return status_names[status];
}

const char *
calc_flag_pt(enum calc_flag code)
{
	return flag_texts[code].pt;
}

const char *
calc_flag_en(enum calc_flag code)
{
	return flag_texts[code].en;
}

/* ---- what was found */

static bool
has_flag(const struct calc *c, enum calc_flag code, const char *column)
{
	for (size_t i = 0; i < c->flag_count; i++)
		if (c->flags[i].code == code && c->flags[i].column == column)
			return true;
	return false;
}

static void
add_flag(struct calc *c, enum calc_flag code, const char *column)
{
	if (has_flag(c, code, column) || c->flag_count == CALC_FLAGS_MAX)
		return;
	c->flags[c->flag_count++] = (struct calc_flagged){ code, column };
}

void
calc_flag(struct calc *c, enum calc_flag code)
{
	add_flag(c, code, NULL);
}

void
calc_refuse(struct calc *c, enum calc_flag code)
{
	if (c->status == CALC_STATUS_UNSET)
		c->status = CALC_REFUSED;
	add_flag(c, code, NULL);
}

void
calc_invalid(struct calc *c, enum calc_flag code, const char *column)
{
	c->status = CALC_INVALID;
	add_flag(c, code, column);
}

static char *vprint(struct calc *, const char *fmt, va_list) PRINTF(2, 0);

static char *
vprint(struct calc *c, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	assert(n >= 0);
	char *text = arena_take(c->arena, (size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	static char none[1];
	c->full |= text == NULL;
	return text ? text : none;
}

const char *
calc_printf(struct calc *c, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = vprint(c, fmt, args);
	va_end(args);
	return text;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Portuguese writes a decimal comma.  Codes (A30.1) and numbers of laws (13.709/2018) keep their point. */
static void
put_commas(char *text)
{
	char *start = NULL;
	for (char *p = text; *p; p++) {
		if (is_digit(*p)) {
			start = start ? start : p;
			continue;
		}
		char *end = p + 1;
		while (is_digit(*end))
			end++;
		char before = start && start > text ? start[-1] : ' ';
		bool code = before == '.' || ((before | 0x20) >= 'a' && (before | 0x20) <= 'z');
		if (*p == '.' && start && end > p + 1 && !code && *end != '.' &&
		        (*end != '/' || !is_digit(end[1])))
			*p = ',';
		start = NULL;
	}
}

void
calc_step(struct calc *c, const char *fmt, ...)
{
	assert(c->step_count < CALC_STEPS_MAX);
	va_list args;
	va_start(args, fmt);
	char *text = vprint(c, fmt, args);
	va_end(args);
	put_commas(text);
	c->steps[c->step_count++] = text;
}

void
calc_cite(struct calc *c, const struct source *source)
{
	for (size_t i = 0; i < c->cited_count; i++)
		if (c->cited[i] == source || (strcmp(c->cited[i]->document, source->document) == 0 &&
		                                     strcmp(c->cited[i]->section, source->section) == 0))
			return;
	if (c->cited_count < CALC_CITED_MAX)
		c->cited[c->cited_count++] = source;
}

void
calc_text(struct calc *c, size_t out, const char *text)
{
	assert(out < c->def->out_count);
	c->out[out] = text;
}

void
calc_int(struct calc *c, size_t out, int64_t v)
{
	calc_text(c, out, calc_printf(c, "%" PRId64, v));
}

void
calc_date(struct calc *c, size_t out, struct date d)
{
	char text[DATE_TEXT + 1];
	date_print(d, text);
	calc_text(c, out, calc_printf(c, "%s", text));
}

static const char *
print(struct calc *c, struct decimal d, uint8_t places)
{
	char text[DECIMAL_TEXT + 1];
	bool fits = decimal_print(d, places, text);
	assert(fits);
	return calc_printf(c, "%s", text);
}

void
calc_rounded(struct calc *c, size_t out, struct decimal d, uint8_t places)
{
	calc_text(c, out, print(c, d, places));
}

void
calc_exact(struct calc *c, size_t out, struct decimal d, uint8_t places)
{
	struct decimal trimmed = decimal_trim(d);
	calc_text(c, out, print(c, trimmed, trimmed.scale > places ? trimmed.scale : places));
}

const char *
calc_number(struct calc *c, struct decimal d)
{
	struct decimal trimmed = decimal_trim(d);
	return print(c, trimmed, trimmed.scale);
}

struct decimal
calc_times(struct decimal a, struct decimal b)
{
	struct decimal product;
	bool fits = decimal_mul(a, b, &product);
	assert(fits);
	return decimal_trim(product);
}

struct decimal
calc_plus(struct decimal a, struct decimal b)
{
	struct decimal sum;
	bool fits = decimal_add(a, b, &sum);
	assert(fits);
	return sum;
}

struct decimal
calc_over(struct decimal a, struct decimal b, uint8_t places)
{
	struct decimal quotient;
	bool fits = decimal_div(a, b, places, &quotient);
	assert(fits);
	return quotient;
}

/* ---- the answer's texts */

const char *
calc_flag_code(struct calc *c, struct calc_flagged f)
{
	const char *code = flag_texts[f.code].code;
	return f.column ? calc_printf(c, "%s:%s", code, f.column) : code;
}

/* first|second|third */
static const char *
join(struct calc *c, const char *first, const char *between, const char *second)
{
	return *first ? calc_printf(c, "%s%s%s", first, between, second) : second;
}

const char *
calc_flags_text(struct calc *c)
{
	const char *text = c->status == CALC_ANSWERED ? "" : calc_status_name(c->status);
	for (size_t i = 0; i < c->flag_count; i++)
		text = join(c, text, "|", calc_flag_code(c, c->flags[i]));
	return text;
}

const char *
calc_source_text(struct calc *c, const struct source *s)
{
	if (s->page)
		return calc_printf(c, "%s, %s, p. %s", s->document, s->section, s->page);
	return calc_printf(c, "%s, %s", s->document, s->section);
}

const char *
calc_sources_text(struct calc *c)
{
	const char *text = "";
	for (size_t i = 0; i < c->cited_count; i++)
		text = join(c, text, "; ", calc_source_text(c, c->cited[i]));
	return text;
}
