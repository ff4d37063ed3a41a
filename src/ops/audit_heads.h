/* audit_heads.h - the list of signed heads outside the store, where whoever can write
 * the store cannot: a file that is only appended to (chattr +a, a mount of another
 * host, write-once storage).  Against it a trail that was cut off at its end is seen. */
#ifndef OPS_AUDIT_HEADS_H
#define OPS_AUDIT_HEADS_H

#include <stdio.h>

#include "store/trail.h"

/* Appends to path, one line each, every head behind its last, durable when it returns.
 * ERR_STATE: the store no longer has the last head of the list.  Outside a transaction;
 * appended may be NULL. */
enum err audit_heads_append(struct ctx *, struct db *, const char *path, int64_t *appended) MUST_CHECK;

/* The lines of such a list, in order. */
struct audit_heads {
	FILE *file;
	char *line;
	size_t room;
	int64_t line_number;
};
enum err audit_heads_open(struct audit_heads *, const char *path, char *why) MUST_CHECK;
/* number 0: the list ends. ERR_MALFORMED: the line is no head, and not the beginning
 * of the next one either (which a crash while appending leaves behind). */
enum err audit_heads_next(struct audit_heads *, struct ctx *, struct trail_head *out) MUST_CHECK;
void audit_heads_close(struct audit_heads *);

#endif
