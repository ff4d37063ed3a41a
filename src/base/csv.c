/* csv.c - a reader that looks at each byte once and a writer that quotes only
 * where RFC 4180 asks for it.
 *
 * Lenient where nothing is lost: a quote inside an unquoted field is a
 * character, and text behind a closing quote is kept but the record says
 * `malformed`.  A file that ends inside quotes is refused: how many records
 * were meant cannot be known. */
#include "base/csv.h"

enum { AT_END = -1 };
enum where { FIELD_START, BARE, QUOTED, QUOTE_SEEN };

void
csv_open(struct csv *c, csv_read_fn *read, void *arg)
{
	*c = (struct csv){ .read = read, .arg = arg, .next_line = 1 };
	buf_init(&c->text, CSV_ROW_MAX);
}

ssize_t
csv_read_bytes(void *arg, char *to, size_t room)
{
	struct str *left = arg;
	size_t n = left->n < room ? left->n : room;
	if (n > 0)
		memcpy(to, left->p, n);
	left->p += n;
	left->n -= n;
	return (ssize_t)n;
}

void
csv_close(struct csv *c)
{
	buf_free(&c->text);
}

static void
fill(struct csv *c)
{
	ssize_t n = c->ended ? 0 : c->read(c->arg, c->chunk, sizeof c->chunk);
	c->failed |= n < 0;
	c->ended |= n <= 0;
	c->at = 0;
	c->filled = n > 0 ? (size_t)n : 0;
}

static int
peek(struct csv *c)
{
	if (c->at == c->filled)
		fill(c);
	return c->at < c->filled ? (unsigned char)c->chunk[c->at] : AT_END;
}

static int
take(struct csv *c)
{
	int byte = peek(c);
	if (byte != AT_END)
		c->at++;
	if (byte == '\n')
		c->next_line++;
	return byte;
}

/* The mark some programs write in front of UTF-8; anything else stays. */
static void
drop_mark(struct csv *c)
{
	(void)peek(c);
	if (c->filled >= 3 && memcmp(c->chunk, "\xEF\xBB\xBF", 3) == 0)
		c->at = 3;
}

static bool
end_field(struct csv *c)
{
	if (c->count == CSV_FIELDS_MAX)
		return false;
	c->ends[c->count++] = c->text.n;
	return true;
}

/* At a line end: LF, or CR with LF behind it (then both are taken). */
static bool
at_line_end(struct csv *c, int byte)
{
	if (byte == '\r' && peek(c) == '\n') {
		(void)take(c);
		c->crlf = true;
		return true;
	}
	return byte == '\n';
}

static enum where
step(struct csv *c, enum where where, int byte)
{
	if (where == QUOTED) {
		if (byte == '"')
			return QUOTE_SEEN;
		buf_byte(&c->text, (char)byte);
		return QUOTED;
	}
	if (byte == '"' && where == FIELD_START)
		return QUOTED;
	if (byte == '"' && where == QUOTE_SEEN) {
		buf_byte(&c->text, '"');
		return QUOTED;
	}
	c->malformed |= where == QUOTE_SEEN;
	buf_byte(&c->text, (char)byte);
	return BARE;
}

static enum csv_result
at_end(struct csv *c, enum where where)
{
	if (c->failed)
		return CSV_READ_FAILED;
	if (where == QUOTED)
		return CSV_OPEN_QUOTE;
	if (where == FIELD_START && c->count == 0)
		return CSV_END;
	return end_field(c) ? CSV_ROW : CSV_TOO_LARGE;
}

static enum csv_result
read_record(struct csv *c)
{
	enum where where = FIELD_START;
	for (;;) {
		int byte = take(c);
		if (byte == AT_END)
			return at_end(c, where);
		if (where != QUOTED && byte == ',') {
			if (!end_field(c))
				return CSV_TOO_LARGE;
			where = FIELD_START;
			continue;
		}
		if (where != QUOTED && at_line_end(c, byte)) {
			c->blank = where == FIELD_START && c->count == 0;
			return end_field(c) ? CSV_ROW : CSV_TOO_LARGE;
		}
		where = step(c, where, byte);
		if (buf_failed(&c->text))
			return CSV_TOO_LARGE;
	}
}

enum csv_result
csv_next(struct csv *c)
{
	if (c->next_line == 1 && c->at == 0 && c->filled == 0)
		drop_mark(c);
	buf_reset(&c->text);
	c->line = c->next_line;
	c->count = 0;
	c->crlf = c->blank = c->malformed = false;
	return read_record(c);
}

struct str
csv_field(const struct csv *c, size_t i)
{
	assert(i < c->count);
	size_t start = i > 0 ? c->ends[i - 1] : 0;
	return (struct str){ c->text.p ? c->text.p + start : "", c->ends[i] - start };
}

static bool
needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\r' || s.p[i] == '\n')
			return true;
	return false;
}

static void
write_quoted(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_byte(b, '"');
		buf_byte(b, s.p[i]);
	}
	buf_byte(b, '"');
}

void
csv_write(struct buf *b, const struct str *fields, size_t count, bool crlf)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(b, ',');
		/* A lone empty field would read back as a blank line. */
		if (needs_quotes(fields[i]) || (count == 1 && fields[i].n == 0))
			write_quoted(b, fields[i]);
		else
			buf_add(b, fields[i].p, fields[i].n);
	}
	buf_text(b, crlf ? "\r\n" : "\n");
}
