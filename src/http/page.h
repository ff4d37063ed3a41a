/* page.h - keyset paging: a cursor is the last id shown, bound to who asked and
 * with which filter, so that it cannot be carried elsewhere. */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include "http/route.h"

enum { PAGE_DEFAULT = 20, PAGE_MAX = 100 };

/* `before` for the first page is the largest id. ERR_CURSOR when it is not ours. */
enum err page_open(struct req *, struct str cursor, struct id *before) MUST_CHECK;
/* Lists ask for limit + 1 rows; cuts the extra one off and says the next cursor, or absent.
 * id_offset: where a row's id stands in items of size bytes. */
enum err page_close(struct req *, struct list *items, size_t size, size_t id_offset, int64_t limit,
        struct str *next_cursor) MUST_CHECK;
/* The cursor that goes on after `last`; for lists that are no list of ids. */
enum err page_next(struct req *, struct id last, struct str *next_cursor) MUST_CHECK;
static inline int64_t
page_limit(struct opt_int asked)
{
	return asked.set ? asked.v : PAGE_DEFAULT;
}

#endif
