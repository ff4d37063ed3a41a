/* answer.c - the bytes of an answer: status line, headers, body or none.  Small
 * bodies are copied behind the headers, so that one write carries both. */
#include "base/gzip.h"
#include "http/edge.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { GZIP_FROM = 1024, OWN_HEADERS = 320, DATE_N = 29 };

static const struct status {
	int code;
	const char *reason;
} statuses[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 423, "Locked" },
	{ 425, "Too Early" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *
reason_of(int code)
{
	for (size_t i = 0; i < COUNT(statuses); i++)
		if (statuses[i].code == code)
			return statuses[i].reason;
	return "";
}

/* "Sun, 06 Nov 1994 08:49:37 GMT"; made once a second and thread. */
static const char *
http_date(void)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static _Thread_local char text[DATE_N + 32];
	static _Thread_local time_t made;
	time_t now = time(NULL);
	struct tm t;
	if (now == made || !gmtime_r(&now, &t))
		return text;
	snprintf(text, sizeof text, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * t.tm_wday,
	        t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
	made = now;
	return text;
}

/* ---- compression */

static bool
ends(struct str s, const char *tail)
{
	size_t n = strlen(tail);
	return s.n >= n && memcmp(s.p + s.n - n, tail, n) == 0;
}

static bool
is_compressible(const char *content_type)
{
	struct str type = { content_type, strcspn(content_type, "; ") };
	return str_starts(type, "text/") || ends(type, "json") || ends(type, "xml") ||
	       ends(type, "javascript");
}

static bool
has_header(const struct answer *a, const char *name)
{
	for (unsigned i = 0; i < a->header_count; i++)
		if (http1_is(str_of(a->headers[i].name), name))
			return true;
	return false;
}

/* Compresses when it may and helps; *varies: the answer depends on Accept-Encoding. */
static bool
compress(const struct exchange *x, struct answer *a, struct str *body, bool *varies)
{
	*varies = body->n >= GZIP_FROM && is_compressible(a->content_type) &&
	          !has_header(a, "content-encoding");
	if (!*varies || !exchange_accepts_gzip(x) || !gzip_shorten(&a->body, *body))
		return false;
	*body = buf_view(&a->body);
	return true;
}

/* ---- headers */

struct writer {
	char *p;
};

static void
add(struct writer *w, const char *text, size_t n)
{
	memcpy(w->p, text, n);
	w->p += n;
}

static void
add_text(struct writer *w, const char *text)
{
	add(w, text, strlen(text));
}

static void
add_int(struct writer *w, int64_t v)
{
	char room[INT_TEXT];
	struct str text = int_text(v, room);

	add(w, text.p, text.n);
}

static void
add_header(struct writer *w, const char *name, const char *value)
{
	add_text(w, name);
	add(w, ": ", 2);
	add_text(w, value);
	add(w, "\r\n", 2);
}

/* Nothing that could end a header line, or the header, before its time. */
static bool
is_clean(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < ' ' && *value != '\t')
			return false;
	return true;
}

static size_t
header_room(const struct answer *a)
{
	size_t n = OWN_HEADERS + (a->content_type ? strlen(a->content_type) : 0);
	for (unsigned i = 0; i < a->header_count; i++)
		n += strlen(a->headers[i].name) + strlen(a->headers[i].value) + 4;
	return n;
}

struct shape {
	bool has_length, chunked, compressed, varies;
	size_t length;
};

static void
add_own_headers(struct writer *w, const struct exchange *x, const struct answer *a, const struct shape *s)
{
	add_text(w, "HTTP/1.1 ");
	add_int(w, a->status);
	add(w, " ", 1);
	add_text(w, reason_of(a->status));
	add(w, "\r\n", 2);
	add_header(w, "Date", http_date());
	if (a->content_type)
		add_header(w, "Content-Type", a->content_type);
	if (s->has_length) {
		add_text(w, "Content-Length: ");
		add_int(w, (int64_t)s->length);
		add(w, "\r\n", 2);
	}
	if (s->chunked)
		add_header(w, "Transfer-Encoding", "chunked");
	if (s->compressed)
		add_header(w, "Content-Encoding", "gzip");
	if (s->varies)
		add_header(w, "Vary", "Accept-Encoding");
	if (!x->keep)
		add_header(w, "Connection", "close");
	else if (x->h.http10)
		add_header(w, "Connection", "keep-alive");
}

static void
add_headers(struct writer *w, const struct exchange *x, const struct answer *a, const struct shape *s)
{
	add_own_headers(w, x, a, s);
	for (unsigned i = 0; i < a->header_count; i++)
		if (is_clean(a->headers[i].value))
			add_header(w, a->headers[i].name, a->headers[i].value);
	add(w, "\r\n", 2);
}

/* ---- all of it */

static bool
take_room(struct exchange *x, size_t room)
{
	x->first = room <= sizeof x->out ? x->out : malloc(room);
	if (x->first)
		return true;
	x->first = x->out; /* no memory: nothing is sent, the connection closes */
	x->keep = false;
	return false;
}

static struct str
body_of(const struct answer *a)
{
	if (!a->content_type || a->status == 204 || a->status == 304)
		return (struct str){ 0 };
	return a->fixed ? (struct str){ a->fixed, a->fixed_size } : buf_view(&a->body);
}

static bool
lay_out_head(struct exchange *x, const struct answer *a, const struct shape *shape)
{
	size_t room = header_room(a);
	if (!take_room(x, room))
		return false;
	struct writer w = { x->first };
	add_headers(&w, x, a, shape);
	x->first_n = (size_t)(w.p - x->first);
	assert(x->first_n <= room);
	return true;
}

static void
lay_out(struct exchange *x, struct answer *a, struct str body, const struct shape *shape)
{
	if (!lay_out_head(x, a, shape) || str_is(exchange_method(x), "HEAD"))
		return;
	if (x->first == x->out && body.n && body.n <= sizeof x->out - x->first_n) {
		memcpy(x->first + x->first_n, body.p, body.n);
		x->first_n += body.n;
		return;
	}
	x->rest = body;
	x->answer_body = a->body;
	a->body = (struct buf){ 0 };
}

static bool
may_keep(const struct exchange *x, const struct answer *a)
{
	return x->h.keep_alive && !a->close && !x->refused && !atomic_load(&x->edge->server->draining);
}

void
answer_prepare_head(struct exchange *x, struct answer *a)
{
	assert(a->status >= 200 && a->status <= 599 && a->status != 204 && a->status != 304);
	x->chunked = !x->h.http10;
	x->keep = x->chunked && may_keep(x, a);
	x->cut = !lay_out_head(x, a, &(struct shape){ .chunked = x->chunked });
	buf_free(&a->body);
}

void
answer_prepare(struct exchange *x, struct answer *a)
{
	assert(a->status >= 200 && a->status <= 599);
	struct str body = body_of(a);
	struct shape shape = { .has_length = a->status != 204 && a->status != 304 };
	if (body.n)
		shape.compressed = compress(x, a, &body, &shape.varies);
	shape.length = body.n;
	x->keep = may_keep(x, a);
	lay_out(x, a, body, &shape);
	buf_free(&a->body);
}
