/* calculators.h - one calculator asked by name, from a test:
 *
 *	struct calc c = ask("pqtu_dose", "weight_kg", "29.9", "class", "MB", NULL);
 *	assert_string_equal(result(&c, "band"), "INFANTIL_MENOR_30");
 *
 * An answer lives until the next question. */
#ifndef TESTS_CALCULATORS_H
#define TESTS_CALCULATORS_H

#include "features/calc/calc.h"

#include <stdarg.h>
#include <stdio.h>

#include "../cm.h"

static struct arena *arena;

static inline size_t
column_at(const struct calc_column *columns, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(columns[i].name, name) == 0)
			return i;
	fail_msg("no column %s", name);
	return 0;
}

static inline struct calc
ask(const char *name, ...)
{
	struct str inputs[CALC_IN_MAX] = { { 0 } };
	struct calc c;
	va_list args;
	const struct calculator *def = calc_find(str_of(name));
	if (!arena)
		arena = arena_new(1 << 20);
	assert_non_null(def);
	va_start(args, name);
	for (const char *column; (column = va_arg(args, const char *));)
		inputs[column_at(def->in, def->in_count, column)] = str_of(va_arg(args, const char *));
	va_end(args);
	arena_reset(arena);
	assert_int_equal(calc_run(def, arena, inputs, &c), OK);
	return c;
}

static inline const char *
result(const struct calc *c, const char *column)
{
	return c->out[column_at(c->def->out, c->def->out_count, column)];
}

static inline bool
flagged(const struct calc *c, enum calc_flag code)
{
	for (size_t i = 0; i < c->flag_count; i++)
		if (c->flags[i].code == code)
			return true;
	return false;
}

/* No result column but the verdict says anything. */
static inline void
assert_no_result(const struct calc *c)
{
	for (size_t i = 0; i < c->def->out_count; i++)
		if (i != c->def->verdict)
			assert_string_equal(c->out[i], "");
	assert_true(c->flag_count > 0);
}

static inline void
assert_refused(const struct calc *c, enum calc_flag code)
{
	assert_int_equal(c->status, CALC_REFUSED);
	assert_no_result(c);
	assert_true(flagged(c, code));
}

static inline void
assert_invalid(const struct calc *c, enum calc_flag code)
{
	assert_int_equal(c->status, CALC_INVALID);
	assert_no_result(c);
	assert_true(flagged(c, code));
}

#endif
