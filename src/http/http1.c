/* http1.c - the strict reader of request headers; see http1.h. */
#include "http/http1_words.h"

#include <strings.h>

enum { URI_MAX = 8192, METHOD_MAX = 16, VERSION_N = 8 };

static struct http1_span
span(const char *data, const char *p, size_t n)
{
	return (struct http1_span){ (uint16_t)(p - data), (uint16_t)n };
}

static struct str
text(const char *data, struct http1_span s)
{
	return (struct str){ data + s.at, s.n };
}

void
http1_init(struct http1 *h, size_t header_max, uint64_t body_max)
{
	h->header_max = header_max < HTTP1_HEADER_MAX ? header_max : HTTP1_HEADER_MAX;
	h->uri_max = h->header_max < URI_MAX ? h->header_max : URI_MAX;
	h->body_max = body_max;
	http1_reset(h);
}

void
http1_reset(struct http1 *h)
{
	size_t from = offsetof(struct http1, line);
	memset((char *)h + from, 0, offsetof(struct http1, fields) - from);
}

struct str
http1_field(const struct http1 *h, const char *data, struct str name)
{
	for (unsigned i = 0; i < h->field_count; i++) {
		const struct http1_field *f = &h->fields[i];
		if (f->name.n == name.n && strncasecmp(data + f->name.at, name.p, name.n) == 0)
			return text(data, f->value);
	}
	return (struct str){ 0 };
}

/* ---- the request line */

/* The scheme's length in "http://" or "https://"; 0 when it is neither. */
static size_t
scheme_length(struct str target)
{
	static const char *const schemes[] = { "http://", "https://" };
	for (size_t i = 0; i < COUNT(schemes); i++) {
		size_t n = strlen(schemes[i]);
		if (target.n >= n && strncasecmp(target.p, schemes[i], n) == 0)
			return n;
	}
	return 0;
}

/* Absolute form: its authority counts instead of Host (RFC 9112, 3.2.2). */
static bool
take_authority(struct http1 *h, const char *data, struct str *target)
{
	size_t n = scheme_length(*target);
	target->p += n;
	target->n -= n;
	size_t host_n = 0;
	while (host_n < target->n && http1_classes[(unsigned char)target->p[host_n]] & HOST)
		host_n++;
	if (n == 0 || host_n == 0)
		return false;
	h->has_authority = true;
	h->host = span(data, target->p, host_n);
	target->p += host_n;
	target->n -= host_n;
	return target->n == 0 || *target->p == '/' || *target->p == '?';
}

static enum http1_step
take_target(struct http1 *h, const char *data, struct str target)
{
	if (target.n > h->uri_max)
		return http1_refuse(h, ERR_URI_TOO_LONG, "request target too long");
	if (target.n == 0 || !http1_all_of(target, TARGET))
		return http1_refuse(h, ERR_MALFORMED, "character not allowed in the request target");
	bool asterisk = target.n == 1 && *target.p == '*' && str_is(text(data, h->method), "OPTIONS");
	if (*target.p != '/' && !asterisk && !take_authority(h, data, &target))
		return http1_refuse(h, ERR_MALFORMED, "request target is neither a path nor a URL");
	const char *mark = target.n ? memchr(target.p, '?', target.n) : NULL;
	size_t path_n = mark ? (size_t)(mark - target.p) : target.n;
	h->path = span(data, target.p, path_n);
	h->has_query = mark != NULL;
	if (mark)
		h->query = span(data, mark + 1, target.n - path_n - 1);
	return HTTP1_MORE;
}

static bool
is_known_method(struct str m)
{
	static const char *const known[] = { "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS" };
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_is(m, known[i]))
			return true;
	return false;
}

static enum http1_step
take_version(struct http1 *h, struct str v)
{
	if (v.n != VERSION_N || memcmp(v.p, "HTTP/", 5) != 0 || v.p[6] != '.' ||
	        !(http1_classes[(unsigned char)v.p[5]] & DIGIT) ||
	        !(http1_classes[(unsigned char)v.p[7]] & DIGIT))
		return http1_refuse(h, ERR_MALFORMED, "no HTTP version in the request line");
	if (v.p[5] != '1' || v.p[7] > '1')
		return http1_refuse(h, ERR_HTTP_VERSION, "HTTP version other than 1.0 and 1.1");
	h->http10 = v.p[7] == '0';
	return HTTP1_MORE;
}

static enum http1_step
take_request_line(struct http1 *h, const char *data, struct str line)
{
	if (line.n == 0 && !h->blank_seen) {
		h->blank_seen = true; /* one is allowed: old clients send it behind a body */
		return HTTP1_MORE;
	}
	const char *first = memchr(line.p, ' ', line.n);
	const char *last = first ? memrchr(line.p, ' ', line.n) : NULL;
	if (!first || first == last)
		return http1_refuse(h, ERR_MALFORMED, "request line is not method, target and version");
	struct str method = { line.p, (size_t)(first - line.p) };
	struct str target = { first + 1, (size_t)(last - first - 1) };
	struct str version = { last + 1, line.n - (size_t)(last + 1 - line.p) };
	if (method.n == 0 || !http1_all_of(method, TOKEN))
		return http1_refuse(h, ERR_MALFORMED, "character not allowed in the method");
	enum http1_step step = take_version(h, version);
	if (step != HTTP1_MORE)
		return step;
	if (!is_known_method(method))
		return http1_refuse(h, ERR_NOT_IMPLEMENTED, "unknown method");
	h->method = span(data, method.p, method.n);
	h->state = STATE_FIELDS;
	return take_target(h, data, target);
}

/* ---- fields that say how the message is framed */

static enum http1_step
take_length(struct http1 *h, struct str v)
{
	if (v.n == 0 || v.n > 18 || !http1_all_of(v, DIGIT))
		return http1_refuse(h, ERR_MALFORMED, "Content-Length is not a number");
	h->has_length = true;
	for (size_t i = 0; i < v.n; i++)
		h->length = h->length * 10 + (uint64_t)(v.p[i] - '0');
	return HTTP1_MORE;
}

/* RFC 9112, 6.1 and 6.3: chunked must be the last coding (400), others are not supported (501). */
static enum http1_step
take_coding(struct http1 *h, struct str v)
{
	h->has_coding = true;
	if (str_is(v, "chunked")) {
		h->chunked = true;
		return HTTP1_MORE;
	}
	struct str last, before;
	if (!http1_last_item(&v, &last) || !http1_is(last, "chunked") || !http1_last_item(&v, &before))
		return http1_refuse(h, ERR_MALFORMED, "Transfer-Encoding is not chunked");
	if (http1_is(before, "chunked"))
		return http1_refuse(h, ERR_MALFORMED, "Transfer-Encoding names chunked twice");
	return http1_refuse(h, ERR_NOT_IMPLEMENTED, "Transfer-Encoding other than chunked");
}

static enum http1_step
take_host(struct http1 *h, struct str v)
{
	if (v.n == 0 || !http1_all_of(v, HOST))
		return http1_refuse(h, ERR_MALFORMED, "Host is not a name and a port");
	h->has_host = true;
	return HTTP1_MORE;
}

static enum http1_step
take_connection(struct http1 *h, struct str v)
{
	for (struct str item; http1_first_item(&v, &item);) {
		h->close |= http1_is(item, "close");
		h->keep_alive |= http1_is(item, "keep-alive");
	}
	return HTTP1_MORE;
}

static enum http1_step
take_expect(struct http1 *h, struct str v)
{
	if (!http1_is(v, "100-continue"))
		return http1_refuse(h, ERR_EXPECTATION, "Expect other than 100-continue");
	h->expects_continue = true;
	return HTTP1_MORE;
}

static const struct known_field {
	struct str name;
	enum http1_step (*take)(struct http1 *, struct str value);
	bool repeats;
	bool frames; /* never in a trailer */
} known_fields[] = {
	{ STR("host"), take_host, false, true },
	{ STR("connection"), take_connection, true, true },
	{ STR("content-length"), take_length, false, true },
	{ STR("transfer-encoding"), take_coding, false, true },
	{ STR("expect"), take_expect, false, true },
	/* Two of these and two programs could choose differently whom or what they believe. */
	{ STR("authorization"), NULL, false, true },
	{ STR("content-type"), NULL, false, true },
	{ STR("content-encoding"), NULL, false, true },
	{ STR("origin"), NULL, false, true },
	{ STR("idempotency-key"), NULL, false, true },
	{ STR("x-forwarded-proto"), NULL, false, true },
};

static const struct known_field *
find_known(struct str name)
{
	for (size_t i = 0; i < COUNT(known_fields); i++)
		if (known_fields[i].name.n == name.n &&
		        strncasecmp(known_fields[i].name.p, name.p, name.n) == 0)
			return &known_fields[i];
	return NULL;
}

/* ---- any field */

bool
http1_is_known_field(struct str name)
{
	return find_known(name) != NULL;
}

static enum http1_step
take_field(struct http1 *h, const char *data, struct str line)
{
	struct str name, value;
	enum http1_step step = http1_split_field(h, line, &name, &value);
	if (step != HTTP1_MORE)
		return step;
	if (h->field_count == HTTP1_FIELDS_MAX)
		return http1_refuse(h, ERR_HEADERS_TOO_LARGE, "too many header lines");
	h->fields[h->field_count++] = (struct http1_field){ span(data, name.p, name.n),
		span(data, value.p, value.n) };
	const struct known_field *known = find_known(name);
	if (!known)
		return HTTP1_MORE;
	unsigned bit = 1u << (known - known_fields);
	if (!known->repeats && h->singles & bit)
		return http1_refuse(h, ERR_MALFORMED, "a header that may stand once stands twice");
	h->singles |= bit;
	return known->take ? known->take(h, value) : HTTP1_MORE;
}

/* In absolute form the field must not say otherwise than the target. */
static bool
hosts_agree(struct http1 *h, const char *data)
{
	struct str field = http1_field(h, data, STR("host"));
	if (!field.p)
		return true;
	if (!h->has_authority)
		h->host = span(data, field.p, field.n);
	return field.n == h->host.n && strncasecmp(field.p, data + h->host.at, field.n) == 0;
}

static enum http1_step
finish_head(struct http1 *h, const char *data)
{
	if (h->has_length && h->has_coding)
		return http1_refuse(h, ERR_MALFORMED, "Content-Length beside Transfer-Encoding");
	if (h->http10 && h->has_coding)
		return http1_refuse(h, ERR_MALFORMED, "Transfer-Encoding in HTTP/1.0");
	if (!h->http10 && !h->has_host)
		return http1_refuse(h, ERR_MALFORMED, "no Host header");
	if (!hosts_agree(h, data))
		return http1_refuse(h, ERR_MALFORMED, "Host differs from the request target");
	if (h->length > h->body_max)
		return http1_refuse(h, ERR_TOO_LARGE, "body too large");
	h->expects_continue &= !h->http10 && (h->chunked || h->length > 0);
	h->keep_alive = !h->close && (h->keep_alive || !h->http10);
	h->state = h->chunked ? STATE_SIZE : STATE_HEAD_DONE;
	return HTTP1_DONE;
}

/* ---- the header, line by line as it comes */

/* Before a line is read, whole or as far as it has come: the outcome must not depend on how it was cut.
 * data[0..n) ends with it. */
static enum http1_step
check_line(struct http1 *h, const char *data, size_t n)
{
	size_t line_n = n - h->line;
	bool first = h->state == STATE_REQUEST_LINE;
	bool may_begin = line_n == 0 || data[h->line] == '\r' ||
	                 http1_classes[(unsigned char)data[h->line]] & TOKEN;
	if (!may_begin)
		return http1_refuse(h, ERR_MALFORMED, "line does not begin as HTTP/1.1 does");
	if (first && (n > h->header_max || line_n > h->uri_max + METHOD_MAX + VERSION_N + 4))
		return http1_refuse(h, ERR_URI_TOO_LONG, "request line too long");
	if (n > h->header_max)
		return http1_refuse(h, ERR_HEADERS_TOO_LARGE, "header too large");
	return HTTP1_MORE;
}

static enum http1_step
take_line(struct http1 *h, const char *data, struct str line)
{
	if (!line.p)
		return http1_refuse(h, ERR_MALFORMED, "line does not end in CRLF");
	if (h->state == STATE_REQUEST_LINE)
		return take_request_line(h, data, line);
	return line.n ? take_field(h, data, line) : finish_head(h, data);
}

enum http1_step
http1_head(struct http1 *h, const char *data, size_t n)
{
	for (const char *lf; h->seen < n && (lf = memchr(data + h->seen, '\n', n - h->seen));) {
		size_t end = (size_t)(lf + 1 - data);
		enum http1_step step = check_line(h, data, end);
		if (step == HTTP1_MORE)
			step = take_line(h, data, http1_line_before(data + h->line, lf));
		h->line = h->seen = (uint32_t)end;
		if (step == HTTP1_DONE)
			h->head_n = (uint32_t)end;
		if (step != HTTP1_MORE)
			return step;
	}
	h->seen = (uint32_t)n;
	return check_line(h, data, n);
}
