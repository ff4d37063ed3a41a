/* selftest.c - every golden case through the calculators, at start and every
 * hour after it.  A calculator that gives another answer than its vectors, be it
 * a bad build or bad memory, stops answering until a later test passes. */
#include <stdio.h>

#include "features/calc/calc.h"
#include "features/calc/state.h"

enum { WHY = 300, ARENA = 1 << 20, NOWHERE = -1 };

/* Where each column of the file belongs: inputs from 0, results from CALC_IN_MAX. */
static int
place_of_column(const struct calculator *def, const char *name)
{
	for (size_t i = 0; i < def->in_count; i++)
		if (strcmp(def->in[i].name, name) == 0)
			return (int)i;
	for (size_t i = 0; i < def->out_count; i++)
		if (strcmp(def->out[i].name, name) == 0)
			return CALC_IN_MAX + (int)i;
	return NOWHERE;
}

static enum err
differs(char *why, const struct golden *g, size_t row, const char *column, const char *expected,
        const char *got)
{
	snprintf(why, WHY, "%s row %zu: %s is \"%.60s\", expected \"%.60s\"", g->calculator, row + 1, column,
	        got, expected);
	return ERR_CALCULATION;
}

static enum err
test_row(const struct calculator *def, const struct golden *g, size_t row, struct arena *arena, char *why)
{
	const char *const *cells = g->cells + row * g->columns;
	struct str inputs[CALC_IN_MAX] = { { 0 } };
	struct calc c;
	for (size_t i = 0; i < g->columns; i++) {
		int place = place_of_column(def, g->header[i]);
		if (place == NOWHERE)
			return differs(why, g, row, g->header[i], "a column of the calculator", "none");
		if (place < CALC_IN_MAX)
			inputs[place] = str_of(cells[i]);
	}
	TRY(calc_compute(def, arena, inputs, &c));
	for (size_t i = 0; i < g->columns; i++) {
		int place = place_of_column(def, g->header[i]);
		if (place >= CALC_IN_MAX && strcmp(c.out[place - CALC_IN_MAX], cells[i]) != 0)
			return differs(why, g, row, g->header[i], cells[i], c.out[place - CALC_IN_MAX]);
	}
	return OK;
}

static enum err
test_file(const struct calculator *def, const struct golden *g, char *why)
{
	struct arena *arena = arena_new(ARENA);
	enum err err = arena ? OK : ERR_BUSY;
	snprintf(why, WHY, "%s: could not be tested", g->calculator);
	for (size_t row = 0; row < g->rows && err == OK; row++) {
		err = test_row(def, g, row, arena, why);
		arena_reset(arena);
	}
	arena_free(arena);
	calc_set_broken(def, err == ERR_CALCULATION);
	return err;
}

enum err
calc_self_test_of(const struct calculator *def, char *why)
{
	for (size_t i = 0; i < golden_count; i++)
		if (strcmp(golden_files[i].calculator, def->name) == 0)
			return test_file(def, &golden_files[i], why);
	return OK; /* no vector file: the substitute regimens, which unit tests cover */
}

enum err
calc_self_test(char *why)
{
	char reason[WHY];
	enum err first = OK;
	for (size_t i = 0; i < golden_count; i++) {
		const struct calculator *def = calc_find(str_of(golden_files[i].calculator));
		enum err err = def ? test_file(def, &golden_files[i], reason) : ERR_CALCULATION;
		if (!def)
			snprintf(reason, WHY, "%s: vectors without a calculator", golden_files[i].calculator);
		if (err != OK && first == OK) {
			first = err;
			memcpy(why, reason, WHY);
		}
	}
	return first;
}
