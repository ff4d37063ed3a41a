/* buf.c - bytes that grow by doubling up to a ceiling; see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOM_FIRST = 1024 };

void
buf_init(struct buf *b, size_t ceiling)
{
	*b = (struct buf){ .ceiling = ceiling };
}

void
buf_free(struct buf *b)
{
	free(b->p);
	buf_init(b, b->ceiling);
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = b->starved = false;
}

static bool
make_room(struct buf *b, size_t n)
{
	if (b->failed || n > b->ceiling || b->ceiling - n < b->n) {
		b->failed = true;
		return false;
	}
	size_t room = b->room ? b->room : ROOM_FIRST;
	while (room < b->n + n && room < b->ceiling)
		room *= 2;
	if (room > b->ceiling)
		room = b->ceiling; /* so that buf_grow need not look at the ceiling */
	char *p = realloc(b->p, room);
	if (!p) {
		b->failed = b->starved = true;
		return false;
	}
	b->p = p;
	b->room = room;
	return true;
}

void *
buf_grow_slow(struct buf *b, size_t n)
{
	if (!make_room(b, n))
		return NULL;
	void *p = b->p + b->n;
	b->n += n;
	return p;
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (n == 0)
		return;
	void *p = buf_grow(b, n);
	if (p)
		memcpy(p, bytes, n);
}

void
buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void
buf_int(struct buf *b, int64_t v)
{
	char room[INT_TEXT];
	struct str text = int_text(v, room);

	buf_add(b, text.p, text.n);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	/* One byte more for vsnprintf's 0, which is not kept. */
	char *p = n < 0 ? NULL : buf_grow(b, (size_t)n + 1);
	if (!p) {
		b->failed = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	b->n--;
}
