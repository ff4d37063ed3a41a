/* fuzz_http1.c - the HTTP/1.1 reader: any bytes, cut anywhere, must give the
 * same requests or the same refusal, and what is accepted must be well framed by
 * rules written down here a second time, more simply.
 *
 * The first two bytes choose the limits and the cut; the rest is what a client sends. */
#include "http/http1.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(what)                                                                                           \
	do {                                                                                                 \
		if (!(what)) {                                                                               \
			fprintf(stderr, "not so: %s\n", #what);                                              \
			abort();                                                                             \
		}                                                                                            \
	} while (0)

/* All that came out of one reading. */
struct outcome {
	uint64_t hash;
	size_t at; /* bytes that belong to complete requests */
	unsigned requests;
	enum http1_step last;
	enum err err;
};

static void
note(struct outcome *o, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++)
		o->hash = (o->hash ^ p[i]) * 1099511628211u;
	o->hash = (o->hash ^ n) * 1099511628211u;
}

/* The bytes in memory of exactly their size, so that the sanitizer sees a step beyond. */
static char *
exact(const char *p, size_t n)
{
	char *copy = malloc(n ? n : 1);
	MUST(copy);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

/* ---- the second opinion */

static unsigned
count_lines(const char *head, size_t n, const char *start)
{
	unsigned count = 0;
	size_t start_n = strlen(start);
	for (size_t i = 1; i + start_n < n; i++)
		count += head[i - 1] == '\n' && strncasecmp(head + i, start, start_n) == 0;
	return count;
}

static void
check_head(const struct http1 *h, const char *head)
{
	size_t n = h->head_n;
	MUST(n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)head[i];
		MUST(c >= ' ' || c == '\r' || c == '\n' || c == '\t');
		MUST(c != 0x7f);
		MUST(c != '\n' || (i > 0 && head[i - 1] == '\r'));
		MUST(c != '\r' || (i + 1 < n && head[i + 1] == '\n'));
		MUST(c != '\n' || i + 1 == n || (head[i + 1] != ' ' && head[i + 1] != '\t'));
	}
	unsigned hosts = count_lines(head, n, "host:"), lengths = count_lines(head, n, "content-length:");
	unsigned codings = count_lines(head, n, "transfer-encoding:");
	MUST(count_lines(head, n, "transfer-encoding ") + count_lines(head, n, "transfer-encoding\t") == 0);
	MUST(count_lines(head, n, "content-length ") + count_lines(head, n, "content-length\t") == 0);
	MUST(h->http10 ? hosts <= 1 : hosts == 1);
	MUST(lengths + codings <= 1);
	MUST(h->chunked == (codings == 1) && h->has_length == (lengths == 1));
	MUST(h->length <= h->body_max && n <= h->header_max);
	MUST(h->field_count <= HTTP1_FIELDS_MAX);
}

static void
note_head(struct outcome *o, const struct http1 *h, const char *head)
{
	note(o, head + h->method.at, h->method.n);
	note(o, head + h->path.at, h->path.n);
	note(o, head + h->query.at, h->query.n);
	note(o, head + h->host.at, h->host.n);
	note(o, &h->length, sizeof h->length);
	for (unsigned i = 0; i < h->field_count; i++) {
		note(o, head + h->fields[i].name.at, h->fields[i].name.n);
		note(o, head + h->fields[i].value.at, h->fields[i].value.n);
	}
	bool flags[] = { h->has_query, h->http10, h->keep_alive, h->chunked, h->expects_continue };
	note(o, flags, sizeof flags);
}

/* ---- reading as a connection does, with step more bytes each time */

static size_t
more(size_t come, size_t n, size_t step)
{
	return n - come < step ? n : come + step;
}

static bool
read_head(struct http1 *h, const char *p, size_t n, size_t step, struct outcome *o)
{
	for (size_t come = more(o->at, n, step);; come = more(come, n, step)) {
		char *copy = exact(p + o->at, come - o->at);
		o->last = http1_head(h, copy, come - o->at);
		if (o->last == HTTP1_DONE) {
			check_head(h, copy);
			note_head(o, h, copy);
		}
		free(copy);
		if (o->last != HTTP1_MORE || come == n)
			return o->last == HTTP1_DONE;
	}
}

/* One call; what it took is added to *at. */
static enum http1_step
read_some(struct http1 *h, const char *p, size_t come, size_t *at, struct outcome *o, uint64_t *total)
{
	char *copy = exact(p + *at, come - *at);
	size_t used;
	struct str piece;
	enum http1_step step = http1_chunk(h, copy, come - *at, &used, &piece);
	MUST(used <= come - *at);
	if (step == HTTP1_PIECE) {
		MUST(piece.n > 0 && piece.p >= copy && piece.p + piece.n <= copy + used);
		*total += piece.n;
		for (size_t i = 0; i < piece.n; i++) /* byte by byte: the same however it was cut */
			note(o, piece.p + i, 1);
	}
	*at += used;
	free(copy);
	return step;
}

static bool
read_chunks(struct http1 *h, const char *p, size_t n, size_t step, struct outcome *o)
{
	uint64_t total = 0;
	size_t at = o->at + h->head_n;
	for (size_t come = more(at, n, step);; come = more(come, n, step)) {
		do
			o->last = read_some(h, p, come, &at, o, &total);
		while (o->last == HTTP1_PIECE);
		MUST(total <= h->body_max);
		if (o->last == HTTP1_DONE)
			o->at = at;
		if (o->last != HTTP1_MORE || come == n)
			return o->last == HTTP1_DONE;
	}
}

static bool
read_request(struct http1 *h, const char *p, size_t n, size_t step, struct outcome *o)
{
	http1_reset(h);
	if (!read_head(h, p, n, step, o))
		return false;
	if (h->chunked)
		return read_chunks(h, p, n, step, o);
	if (n - o->at - h->head_n < h->length)
		return false;
	note(o, p + o->at + h->head_n, (size_t)h->length);
	o->at += h->head_n + (size_t)h->length;
	return true;
}

static struct outcome
read_all(const char *p, size_t n, size_t header_max, uint64_t body_max, size_t step)
{
	struct http1 *h = malloc(sizeof *h);
	MUST(h);
	http1_init(h, header_max, body_max);
	struct outcome o = { .last = HTTP1_MORE };
	while (o.at < n && read_request(h, p, n, step, &o))
		o.requests++;
	if (o.last == HTTP1_REFUSED) {
		o.err = h->err;
		MUST(h->err != OK && h->detail);
	}
	free(h);
	return o;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2)
		return 0;
	const char *p = (const char *)data + 2;
	size_t header_max = data[0] & 1 ? 200 : 16384, step = data[1] ? data[1] : 1;
	uint64_t body_max = data[0] & 2 ? 50 : 1 << 20;
	struct outcome whole = read_all(p, n - 2, header_max, body_max, n);
	struct outcome cut = read_all(p, n - 2, header_max, body_max, step);
	MUST(whole.requests == cut.requests && whole.at == cut.at);
	MUST(whole.last == cut.last && whole.err == cut.err && whole.hash == cut.hash);
	return 0;
}
