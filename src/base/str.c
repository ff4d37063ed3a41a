/* str.c - text that is not zero terminated: comparing, numbers, UTF-8. */
#include "base/base.h"

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.p != NULL) == (b.p != NULL) && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
str_is(struct str s, const char *z)
{
	return str_eq(s, str_of(z));
}

bool
str_starts(struct str s, const char *z)
{
	size_t n = strlen(z);
	return s.p && s.n >= n && memcmp(s.p, z, n) == 0;
}

bool
str_part(struct str *rest, char sep, struct str *part)
{
	const char *end = rest->n > 0 ? memchr(rest->p, sep, rest->n) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->n;

	if (rest->n == 0)
		return false;
	*part = (struct str){ rest->p, n };
	rest->p += n + (end != NULL);
	rest->n -= n + (end != NULL);
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	while (s.n > 0 && is_blank(*s.p)) {
		s.p++;
		s.n--;
	}
	return s;
}

struct str
int_text(int64_t v, char room[static INT_TEXT])
{
	char *p = room + INT_TEXT;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	return (struct str){ p, (size_t)(room + INT_TEXT - p) };
}

bool
str_int(struct str s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	size_t i = minus || (s.n > 0 && s.p[0] == '+');
	if (i == s.n)
		return false;
	int64_t v = 0; /* gathered below zero, where one more number fits */
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
			return false;
	}
	if (!minus && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*out = v;
	return true;
}

/* Bytes of the code point that starts at p, 0 when it is not one (RFC 3629). */
static size_t
utf8_step(const unsigned char *p, size_t n)
{
	unsigned char lead = p[0];
	if (lead < 0x80)
		return lead != 0;
	size_t len = lead >= 0xC2 && lead <= 0xDF   ? 2
	             : (lead & 0xF0) == 0xE0        ? 3
	             : lead >= 0xF0 && lead <= 0xF4 ? 4
	                                            : 0;
	if (len == 0 || n < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	bool overlong = (lead == 0xE0 && p[1] < 0xA0) || (lead == 0xF0 && p[1] < 0x90);
	bool surrogate = lead == 0xED && p[1] > 0x9F;
	bool beyond = lead == 0xF4 && p[1] > 0x8F;
	return overlong || surrogate || beyond ? 0 : len;
}

bool
utf8_valid(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	for (size_t i = 0, step; i < n; i += step) {
		step = utf8_step(p + i, n - i);
		if (step == 0)
			return false;
	}
	return true;
}

size_t
utf8_length(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xC0) != 0x80;
	return n;
}
