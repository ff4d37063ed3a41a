/* http1_chunk.c - the strict reader of chunked bodies; see http1.h. */
#include "http/http1_words.h"

static unsigned
hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* chunk-size [ ";" extension ]; extensions are read over. */
static enum http1_step
take_size(struct http1 *h, struct str line)
{
	size_t digits = 0;
	uint64_t size = 0;
	while (digits < line.n && http1_classes[(unsigned char)line.p[digits]] & HEX) {
		if (size > h->body_max)
			return http1_refuse(h, ERR_TOO_LARGE, "chunk too large");
		size = size * 16 + hex_value(line.p[digits++]);
	}
	struct str extension = { line.p + digits, line.n - digits };
	if (digits == 0 || (extension.n && (extension.p[0] != ';' || !http1_all_of(extension, VALUE))))
		return http1_refuse(h, ERR_MALFORMED, "not a chunk size");
	if (size > h->body_max - h->chunked_n)
		return http1_refuse(h, ERR_TOO_LARGE, "body too large");
	h->chunk_left = size;
	h->chunked_n += size;
	h->state = size ? STATE_DATA : STATE_TRAILER;
	return HTTP1_MORE;
}

/* Trailers are checked like headers and thrown away. */
static enum http1_step
take_trailer(struct http1 *h, struct str line)
{
	if (line.n == 0) {
		h->state = STATE_END;
		return HTTP1_DONE;
	}
	struct str name, value;
	enum http1_step step = http1_split_field(h, line, &name, &value);
	if (step != HTTP1_MORE)
		return step;
	if (http1_is_known_field(name))
		return http1_refuse(h, ERR_MALFORMED, "header not allowed in a trailer");
	return HTTP1_MORE;
}

static enum http1_step
take_chunk_line(struct http1 *h, struct str line)
{
	if (!line.p)
		return http1_refuse(h, ERR_MALFORMED, "line does not end in CRLF");
	if (h->state == STATE_SIZE)
		return take_size(h, line);
	if (h->state == STATE_TRAILER)
		return take_trailer(h, line);
	if (line.n)
		return http1_refuse(h, ERR_MALFORMED, "chunk longer than its size");
	h->state = STATE_SIZE;
	return HTTP1_MORE;
}

static enum http1_step
take_piece(struct http1 *h, const char *in, size_t n, size_t *used, struct str *piece)
{
	*piece = (struct str){ in + *used, n - *used };
	if (piece->n > h->chunk_left)
		piece->n = (size_t)h->chunk_left;
	h->chunk_left -= piece->n;
	*used += piece->n;
	if (h->chunk_left == 0)
		h->state = STATE_DATA_END;
	return HTTP1_PIECE;
}

/* How long the line being read may be, with its CRLF. */
static size_t
chunk_line_max(const struct http1 *h)
{
	if (h->state == STATE_TRAILER)
		return HTTP1_TRAILER_MAX - h->trailer_n;
	return h->state == STATE_SIZE ? HTTP1_CHUNK_LINE_MAX : 2;
}

static enum http1_step
chunk_line_too_long(struct http1 *h)
{
	if (h->state == STATE_TRAILER)
		return http1_refuse(h, ERR_HEADERS_TOO_LARGE, "trailer too large");
	return http1_refuse(
	        h, ERR_MALFORMED, h->state == STATE_SIZE ? "not a chunk size" : "chunk longer than its size");
}

enum http1_step
http1_chunk(struct http1 *h, const char *in, size_t n, size_t *used, struct str *piece)
{
	*used = 0;
	while (*used < n) {
		if (h->state == STATE_DATA)
			return take_piece(h, in, n, used, piece);
		const char *lf = memchr(in + *used, '\n', n - *used);
		size_t line_n = lf ? (size_t)(lf + 1 - (in + *used)) : n - *used;
		if (line_n > chunk_line_max(h))
			return chunk_line_too_long(h);
		if (!lf)
			return HTTP1_MORE;
		bool trailer = h->state == STATE_TRAILER;
		enum http1_step step = take_chunk_line(h, http1_line_before(in + *used, lf));
		if (step == HTTP1_REFUSED)
			return step;
		h->trailer_n += trailer ? (uint32_t)line_n : 0;
		*used += line_n;
		if (step == HTTP1_DONE)
			return step;
	}
	return HTTP1_MORE;
}
