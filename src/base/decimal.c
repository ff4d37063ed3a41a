/* decimal.c - exact decimal numbers.  Every step is taken in 128 bits, where two
 * 64-bit operands and any scale fit, and narrowed once at the end. */
#include "base/decimal.h"

static const int64_t power10[DECIMAL_SCALE_MAX + 1] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
};

static bool
narrow(__int128 units, unsigned scale, struct decimal *out)
{
	if (units < INT64_MIN || units > INT64_MAX || scale > DECIMAL_SCALE_MAX)
		return false;
	*out = (struct decimal){ (int64_t)units, (uint8_t)scale };
	return true;
}

/* Like narrow, but zeros at the end give way first. */
static bool
narrow_product(__int128 units, unsigned scale, struct decimal *out)
{
	while (scale > 0 && units % 10 == 0 &&
	        (scale > DECIMAL_SCALE_MAX || units < INT64_MIN || units > INT64_MAX)) {
		units /= 10;
		scale--;
	}
	return narrow(units, scale, out);
}

static __int128
at_scale(struct decimal d, unsigned scale)
{
	return (__int128)d.units * power10[scale - d.scale];
}

static unsigned
larger_scale(struct decimal a, struct decimal b)
{
	assert(a.scale <= DECIMAL_SCALE_MAX && b.scale <= DECIMAL_SCALE_MAX);
	return a.scale > b.scale ? a.scale : b.scale;
}

/* Half goes away from zero; d > 0. */
static __int128
divide_half_up(__int128 n, __int128 d)
{
	__int128 q = n / d, rest = n % d;
	if (rest < 0)
		rest = -rest;
	if (rest >= d - rest)
		q += n < 0 ? -1 : 1;
	return q;
}

bool
decimal_parse(struct str s, struct decimal *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	size_t start = minus, point = s.n;
	__int128 units = 0;
	for (size_t i = start; i < s.n; i++) {
		if (s.p[i] == '.' && point == s.n) {
			point = i;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		units = units * 10 + (s.p[i] - '0');
		if (units > (__int128)INT64_MAX + 1)
			return false;
	}
	size_t whole = point - start, scale = point == s.n ? 0 : s.n - point - 1;
	if (whole == 0 || (point != s.n && scale == 0) || scale > DECIMAL_SCALE_MAX)
		return false;
	return narrow(minus ? -units : units, (unsigned)scale, out);
}

bool
decimal_print(struct decimal d, uint8_t scale, char out[static DECIMAL_TEXT + 1])
{
	struct decimal r;
	if (!decimal_round(d, scale, &r))
		return false;
	uint64_t u = r.units < 0 ? 0 - (uint64_t)r.units : (uint64_t)r.units;
	char text[DECIMAL_TEXT + 1];
	char *p = text + DECIMAL_TEXT;
	*p = '\0';
	for (unsigned i = 0; i < scale; i++, u /= 10)
		*--p = (char)('0' + u % 10);
	if (scale > 0)
		*--p = '.';
	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (r.units < 0)
		*--p = '-';
	memcpy(out, p, (size_t)(text + sizeof text - p));
	return true;
}

bool
decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
	unsigned scale = larger_scale(a, b);
	return narrow(at_scale(a, scale) + at_scale(b, scale), scale, out);
}

bool
decimal_sub(struct decimal a, struct decimal b, struct decimal *out)
{
	unsigned scale = larger_scale(a, b);
	return narrow(at_scale(a, scale) - at_scale(b, scale), scale, out);
}

bool
decimal_mul(struct decimal a, struct decimal b, struct decimal *out)
{
	assert(a.scale <= DECIMAL_SCALE_MAX && b.scale <= DECIMAL_SCALE_MAX);
	return narrow_product((__int128)a.units * b.units, (unsigned)a.scale + b.scale, out);
}

bool
decimal_div(struct decimal a, struct decimal b, uint8_t scale, struct decimal *out)
{
	assert(a.scale <= DECIMAL_SCALE_MAX && b.scale <= DECIMAL_SCALE_MAX && scale <= DECIMAL_SCALE_MAX);
	if (b.units == 0)
		return false;
	/* a / b * 10^scale = a.units * 10^(scale + b.scale) / (b.units * 10^a.scale);
	 * what both powers share is taken out first. */
	int shift = (int)scale + b.scale - a.scale;
	__int128 n = a.units, d = b.units;
	for (; shift > 0; shift--)
		if (__builtin_mul_overflow(n, 10, &n))
			return false;
	for (; shift < 0; shift++)
		d *= 10; /* at most 10^18 times 2^63: fits */
	return narrow(d < 0 ? divide_half_up(-n, -d) : divide_half_up(n, d), scale, out);
}

bool
decimal_round(struct decimal d, uint8_t scale, struct decimal *out)
{
	assert(d.scale <= DECIMAL_SCALE_MAX && scale <= DECIMAL_SCALE_MAX);
	if (scale >= d.scale)
		return narrow(at_scale(d, scale), scale, out);
	return narrow(divide_half_up(d.units, power10[d.scale - scale]), scale, out);
}

int64_t
decimal_floor(struct decimal d)
{
	int64_t one = power10[d.scale];
	return d.units / one - (d.units % one < 0);
}

int64_t
decimal_ceil(struct decimal d)
{
	int64_t one = power10[d.scale];
	return d.units / one + (d.units % one > 0);
}

int
decimal_cmp(struct decimal a, struct decimal b)
{
	unsigned scale = larger_scale(a, b);
	__int128 x = at_scale(a, scale), y = at_scale(b, scale);
	return (x > y) - (x < y);
}

struct decimal
decimal_trim(struct decimal d)
{
	for (; d.scale > 0 && d.units % 10 == 0; d.scale--)
		d.units /= 10;
	return d;
}
