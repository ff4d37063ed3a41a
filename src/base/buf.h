/* buf.h - bytes that grow up to a ceiling.  After the ceiling is met nothing
 * more is added and buf_failed says so: writers need not check each call. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/base.h"

struct buf {
	char *p;
	size_t n, room, ceiling;
	bool failed, starved; /* starved: for want of memory, not at the ceiling */
};

void buf_init(struct buf *, size_t ceiling); /* no memory until the first byte */
void buf_free(struct buf *);
void buf_reset(struct buf *); /* keeps the memory */
void buf_add(struct buf *, const void *, size_t);
void buf_str(struct buf *, struct str);
void buf_int(struct buf *, int64_t);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3);
void *buf_grow_slow(struct buf *, size_t n); /* for buf_grow alone */

/* n writable bytes at the end, already counted; NULL when the ceiling is met. */
static inline void *
buf_grow(struct buf *b, size_t n)
{
	if (b->failed || !b->p || b->room - b->n < n)
		return buf_grow_slow(b, n);
	void *p = b->p + b->n;
	b->n += n;
	return p;
}
static inline void
buf_byte(struct buf *b, char c)
{
	char *p = buf_grow(b, 1);
	if (p)
		*p = c;
}
/* Here, so that the length of a literal is known to the compiler. */
static inline void
buf_text(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}
static inline bool
buf_failed(const struct buf *b)
{
	return b->failed;
}
/* ERR_TOO_LARGE at the ceiling, ERR_BUSY when there was no memory. */
static inline enum err
buf_err(const struct buf *b)
{
	return !b->failed ? OK : b->starved ? ERR_BUSY : ERR_TOO_LARGE;
}
static inline struct str
buf_view(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

#endif
