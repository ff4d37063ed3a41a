/* http1_words.c - bytes, lines and words of HTTP/1.1; see http1_words.h. */
#include "http/http1_words.h"

#include <strings.h>

#define ALNUM_CLASS (TOKEN | TARGET | VALUE | HOST)
/* What a byte may be part of.  Values also take HTAB and what is above ASCII. */
const unsigned char http1_classes[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = TOKEN | TARGET | VALUE,
	['"'] = TARGET | VALUE,
	['#'] = TOKEN | VALUE,
	['$' ... '\''] = TOKEN | TARGET | VALUE,
	['('] = TARGET | VALUE,
	[')'] = TARGET | VALUE,
	['*' ... '+'] = TOKEN | TARGET | VALUE,
	[','] = TARGET | VALUE,
	['-' ... '.'] = ALNUM_CLASS,
	['/'] = TARGET | VALUE,
	['0' ... '9'] = ALNUM_CLASS | DIGIT | HEX,
	[':'] = TARGET | VALUE | HOST,
	[';' ... '@'] = TARGET | VALUE,
	['A' ... 'F'] = ALNUM_CLASS | HEX,
	['G' ... 'Z'] = ALNUM_CLASS,
	['['] = TARGET | VALUE | HOST,
	['\\'] = TARGET | VALUE,
	[']'] = TARGET | VALUE | HOST,
	['^'] = TOKEN | TARGET | VALUE,
	['_'] = ALNUM_CLASS,
	['`'] = TOKEN | TARGET | VALUE,
	['a' ... 'f'] = ALNUM_CLASS | HEX,
	['g' ... 'z'] = ALNUM_CLASS,
	['{'] = TARGET | VALUE,
	['|'] = TOKEN | TARGET | VALUE,
	['}'] = TARGET | VALUE,
	['~'] = TOKEN | TARGET | VALUE,
	[0x80 ... 0xff] = VALUE,
};

bool
http1_all_of(struct str s, unsigned char class)
{
	unsigned char common = class;
	for (size_t i = 0; i < s.n; i++)
		common &= http1_classes[(unsigned char)s.p[i]];
	return common != 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

enum http1_step
http1_refuse(struct http1 *h, enum err err, const char *detail)
{
	h->err = err;
	h->detail = detail;
	return HTTP1_REFUSED;
}

struct str
http1_trim(struct str s)
{
	for (; s.n && is_blank(s.p[0]); s.p++)
		s.n--;
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
http1_is(struct str s, const char *lower)
{
	return s.n == strlen(lower) && strncasecmp(s.p, lower, s.n) == 0;
}

bool
http1_last_item(struct str *rest, struct str *item)
{
	while (rest->n) {
		const char *comma = memrchr(rest->p, ',', rest->n);
		const char *from = comma ? comma + 1 : rest->p;
		*item = http1_trim((struct str){ from, (size_t)(rest->p + rest->n - from) });
		rest->n = comma ? (size_t)(comma - rest->p) : 0;
		if (item->n)
			return true;
	}
	return false;
}

bool
http1_first_item(struct str *rest, struct str *item)
{
	while (rest->n) {
		const char *comma = memchr(rest->p, ',', rest->n);
		size_t n = comma ? (size_t)(comma - rest->p) : rest->n;
		*item = http1_trim((struct str){ rest->p, n });
		n += comma ? 1 : 0;
		rest->p += n;
		rest->n -= n;
		if (item->n)
			return true;
	}
	return false;
}

struct str
http1_line_before(const char *from, const char *lf)
{
	if (lf == from || lf[-1] != '\r')
		return (struct str){ 0 };
	return (struct str){ from, (size_t)(lf - 1 - from) };
}

enum http1_step
http1_split_field(struct http1 *h, struct str line, struct str *name, struct str *value)
{
	if (is_blank(line.p[0]))
		return http1_refuse(h, ERR_MALFORMED, "folded header line");
	const char *colon = memchr(line.p, ':', line.n);
	size_t name_n = colon ? (size_t)(colon - line.p) : 0;
	if (name_n == 0)
		return http1_refuse(h, ERR_MALFORMED, "header line without a name");
	*name = (struct str){ line.p, name_n };
	*value = (struct str){ colon + 1, line.n - name_n - 1 };
	if (!http1_all_of(*name, TOKEN))
		return http1_refuse(h, ERR_MALFORMED, "character not allowed in a header name");
	if (!http1_all_of(*value, VALUE))
		return http1_refuse(h, ERR_MALFORMED, "control character in a header value");
	*value = http1_trim(*value);
	return HTTP1_MORE;
}
