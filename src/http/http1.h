/* http1.h - HTTP/1.1 requests, read strictly (RFC 9110, 9112).  Knows no socket:
 * bytes come in as they arrive, in pieces of any size, and the result does not
 * depend on how they were cut.
 *
 * What could be read in two ways is refused, never repaired: lines end in CRLF
 * alone, nothing is folded, no control character stands anywhere, no blank
 * before a colon, Host exactly once, and the length of the body is said once:
 * by Content-Length in digits or by `Transfer-Encoding: chunked`. */
#ifndef HTTP_HTTP1_H
#define HTTP_HTTP1_H

#include "base/base.h"

enum {
	HTTP1_FIELDS_MAX = 100,
	HTTP1_HEADER_MAX = 65535,
	HTTP1_CHUNK_LINE_MAX = 256,
	HTTP1_TRAILER_MAX = 1024
};

enum http1_step {
	HTTP1_MORE,  /* all that came is fine; it goes on */
	HTTP1_PIECE, /* chunked: a piece of the body */
	HTTP1_DONE,
	HTTP1_REFUSED, /* err and detail say why; nothing after it can be trusted */
};

/* Places in the bytes given to http1_head. */
struct http1_span {
	uint16_t at, n;
};
struct http1_field {
	struct http1_span name, value;
};

struct http1 {
	/* limits, set by http1_init */
	size_t header_max, uri_max;
	uint64_t body_max;

	/* progress; nobody else's business */
	uint32_t line, seen;
	uint8_t state;
	bool blank_seen;
	uint32_t trailer_n;
	uint64_t chunk_left, chunked_n;

	/* what was read, valid after HTTP1_DONE (fields also before) */
	uint32_t head_n; /* bytes of the whole header */
	struct http1_span method, path, query, host;
	bool has_query, has_host, has_authority;
	bool http10, keep_alive, close;
	bool chunked, has_length, has_coding, expects_continue;
	uint64_t length;  /* of the body, unless chunked */
	unsigned singles; /* bit per field that may stand once */
	unsigned field_count;

	enum err err;
	const char *detail;

	struct http1_field fields[HTTP1_FIELDS_MAX];
};

void http1_init(struct http1 *, size_t header_max, uint64_t body_max);
/* For the next request on the same connection. */
void http1_reset(struct http1 *);

/* data[0..n) is everything of this request that came so far: the same bytes as
 * last time and more.  HTTP1_DONE: the header ends at head_n, the body follows. */
enum http1_step http1_head(struct http1 *, const char *data, size_t n) MUST_CHECK;

/* The chunked body, from wherever the last call stopped.  *used bytes of the
 * input are done with (the caller gives the others again, with more behind);
 * HTTP1_PIECE: *piece, inside the input, belongs to the body. */
enum http1_step http1_chunk(
        struct http1 *, const char *in, size_t n, size_t *used, struct str *piece) MUST_CHECK;

/* The first field of that name, any case; absent when there is none. */
struct str http1_field(const struct http1 *, const char *data, struct str name);

/* Items of a comma-separated value, from the end: takes the last one off *rest.
 * false when nothing is left.  Empty items are skipped. */
bool http1_last_item(struct str *rest, struct str *item);
/* From the beginning. */
bool http1_first_item(struct str *rest, struct str *item);
bool http1_is(struct str, const char *lower); /* equal in any case of ASCII letters */

#endif
