/* buf.h - bytes that grow up to a ceiling.  After the ceiling is met nothing
 * more is added and buf_failed says so: writers need not check each call. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/base.h"

struct buf {
	char *p;
	size_t n, room, ceiling;
	bool failed;
};

void buf_init(struct buf *, size_t ceiling);   /* no memory until the first byte */
void buf_free(struct buf *);
void buf_reset(struct buf *);                  /* keeps the memory */
void buf_add(struct buf *, const void *, size_t);
void buf_byte(struct buf *, char);
void buf_text(struct buf *, const char *z);
void buf_str(struct buf *, struct str);
void buf_int(struct buf *, int64_t);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3);
/* n writable bytes at the end, already counted; NULL when the ceiling is met. */
void *buf_grow(struct buf *, size_t n);
static inline bool buf_failed(const struct buf *b) { return b->failed; }
static inline struct str buf_view(const struct buf *b) { return (struct str){ b->p, b->n }; }

#endif
