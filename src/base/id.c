/* id.c - ids as text.  Making them is sys/crypto's: it needs randomness. */
#include "base/base.h"

/* Bytes before which a hyphen stands: 8-4-4-4-12 digits. */
static bool
hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void
id_print(struct id id, char out[static ID_TEXT + 1])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;
	for (size_t i = 0; i < sizeof id.b; i++) {
		if (hyphen_before(i))
			*p++ = '-';
		*p++ = digits[id.b[i] >> 4];
		*p++ = digits[id.b[i] & 15];
	}
	*p = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
id_parse(struct str s, struct id *out)
{
	struct id id;
	if (s.n != ID_TEXT)
		return false;
	const char *p = s.p;
	for (size_t i = 0; i < sizeof id.b; i++) {
		if (hyphen_before(i) && *p++ != '-')
			return false;
		int high = hex_value(p[0]), low = hex_value(p[1]);
		if (high < 0 || low < 0)
			return false;
		id.b[i] = (unsigned char)(high << 4 | low);
		p += 2;
	}
	*out = id;
	return true;
}
