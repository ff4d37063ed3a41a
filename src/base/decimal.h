/* decimal.h - exact decimal numbers: units / 10^scale.  For doses, weights and
 * money, where binary fractions would lie.  Each operation says false and leaves
 * its output alone when the exact result does not fit; nothing is ever rounded
 * but by decimal_div, decimal_round and decimal_print, and there half up (a half
 * goes away from zero: 2.5 -> 3, -2.5 -> -3). */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/base.h"

enum { DECIMAL_SCALE_MAX = 18, DECIMAL_TEXT = 21 }; /* "-0.922…" with 18 places */

struct decimal {
	int64_t units;
	uint8_t scale; /* 0 to DECIMAL_SCALE_MAX */
};

/* A constant: DECIMAL(125, 1) is 12.5. */
#define DECIMAL(units_, scale_) ((struct decimal){ (units_), (scale_) })

/* "-12.50" -> { -1250, 2 }: digits, then perhaps a point and digits.  Refuses
 * blanks, '+', a comma, exponents, and what does not fit. */
bool decimal_parse(struct str, struct decimal *out) MUST_CHECK;
/* With exactly `scale` digits behind the point, rounded half up. */
bool decimal_print(struct decimal, uint8_t scale, char out[static DECIMAL_TEXT + 1]) MUST_CHECK;

static inline struct decimal
decimal_of(int64_t whole)
{
	return (struct decimal){ whole, 0 };
}

/* The scale of a sum is the larger one; of a product the sum of both, less
 * zeros at the end where the sum does not fit. */
bool decimal_add(struct decimal, struct decimal, struct decimal *out) MUST_CHECK;
bool decimal_sub(struct decimal, struct decimal, struct decimal *out) MUST_CHECK;
bool decimal_mul(struct decimal, struct decimal, struct decimal *out) MUST_CHECK;
/* a / b with `scale` digits behind the point, rounded half up once; false also when b is 0. */
bool decimal_div(struct decimal a, struct decimal b, uint8_t scale, struct decimal *out) MUST_CHECK;
/* To `scale` digits behind the point, half up; a larger scale adds zeros. */
bool decimal_round(struct decimal, uint8_t scale, struct decimal *out) MUST_CHECK;
/* The whole number at or below (floor), at or above (ceil). */
int64_t decimal_floor(struct decimal);
int64_t decimal_ceil(struct decimal);
/* Below, at or above zero as a is less than, equal to or more than b; 1.0 equals 1. */
int decimal_cmp(struct decimal a, struct decimal b);
/* The same number without zeros at the end of its fraction. */
struct decimal decimal_trim(struct decimal);

#endif
