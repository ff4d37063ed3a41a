/* state.h - between calc.c and selftest.c alone. */
#ifndef FEATURES_CALC_STATE_H
#define FEATURES_CALC_STATE_H

#include "features/calc/calc.h"

/* calc_run without asking whether the self-test found the calculator broken. */
enum err calc_compute(
        const struct calculator *, struct arena *, const struct str *inputs, struct calc *) MUST_CHECK;
void calc_set_broken(const struct calculator *, bool);

/* One file of tests/data/vectors, compiled in without notes and sources; rows x columns cells. */
struct golden {
	const char *calculator;
	const char *const *header;
	size_t columns;
	const char *const *cells;
	size_t rows;
};
extern const struct golden golden_files[];
extern const size_t golden_count;

#endif
