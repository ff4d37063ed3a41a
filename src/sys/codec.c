/* codec.c - bytes as text: hex, base64url (RFC 4648, section 5, no padding) and
 * base32 (section 6).  base64url_parse takes exactly one spelling of a value,
 * so that a token or cursor cannot be altered and still mean the same. */
#include "sys/crypto.h"

void
hex_print(const void *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_parse(struct str text, unsigned char *out, size_t n)
{
	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (hex_digit(text.p[2 * i]) < 0 || hex_digit(text.p[2 * i + 1]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)(hex_digit(text.p[2 * i]) << 4 | hex_digit(text.p[2 * i + 1]));
	return true;
}

/* Writes the bits in groups of width from the front; the last group is filled with zeros. */
static size_t
groups_print(const unsigned char *p, size_t n, unsigned width, const char *digits, char *out)
{
	char *o = out;
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (held += 8; held >= width; held -= width)
			*o++ = digits[bits >> (held - width) & ((1u << width) - 1)];
	}
	if (held > 0)
		*o++ = digits[bits << (width - held) & ((1u << width) - 1)];
	*o = 0;
	return (size_t)(o - out);
}

size_t
base64url_print(const void *bytes, size_t n, char *out)
{
	return groups_print(
	        bytes, n, 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", out);
}

size_t
base32_print(const void *bytes, size_t n, char *out)
{
	return groups_print(bytes, n, 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", out);
}

static int
base64url_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool
base64url_parse(struct str text, unsigned char *out, size_t room, size_t *n)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t size = text.n / 4 * 3 + text.n % 4 * 3 / 4, at = 0;

	if (text.n % 4 == 1 || size > room)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int d = base64url_digit(text.p[i]);
		if (d < 0)
			return false;
		bits = bits << 6 | (uint32_t)d;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[at++] = (unsigned char)(bits >> held);
		}
	}
	if ((bits & ((1u << held) - 1)) != 0)
		return false; /* left-over bits must be zero, or two texts would mean the same */
	*n = at;
	return true;
}

/* The same digits but the last two, and the padding, which says nothing new. */
static void
swap(char *p, size_t n, const char from[2], const char to[2])
{
	for (size_t i = 0; i < n; i++)
		p[i] = p[i] == from[0] ? to[0] : p[i] == from[1] ? to[1] : p[i];
}

size_t
base64_print(const void *bytes, size_t n, char *out)
{
	size_t size = base64url_print(bytes, n, out);

	swap(out, size, "-_", "+/");
	while (size % 4 != 0)
		out[size++] = '=';
	out[size] = 0;
	return size;
}

bool
base64_parse(struct str text, unsigned char *out, size_t room, size_t *n)
{
	enum { LONGEST = 4096 };
	char plain[LONGEST];
	bool fine;

	if (text.n > sizeof plain || text.n % 4 != 0 || memchr(text.p, '-', text.n) ||
	        memchr(text.p, '_', text.n))
		return false;
	for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++)
		text.n--; /* more of them would be another text for the same bytes */
	memcpy(plain, text.p, text.n);
	swap(plain, text.n, "+/", "-_");
	fine = base64url_parse((struct str){ plain, text.n }, out, room, n);
	wipe(plain, text.n);
	return fine;
}
