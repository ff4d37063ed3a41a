/* fiber.h - a second line of work in one thread: it runs until it waits for something,
 * and goes on from there when whoever started it says so.  For straight-line code that
 * asks a database, many at once: see db_abreast.
 *
 * A fiber stays in the thread that started it.  What runs in it sees FIBER_STACK bytes
 * of stack and the thread's own variables. */
#ifndef SYS_FIBER_H
#define SYS_FIBER_H

#include "base/base.h"

enum { FIBER_STACK = 512 << 10 }; /* of address space: only what is touched takes memory */

struct fiber;
typedef void fiber_fn(void *arg);

struct fiber *fiber_new(void);   /* NULL: no memory */
void fiber_free(struct fiber *); /* not while it waits; NULL is fine */
/* Makes it ready to run fn(arg) from the beginning; a fiber may be used again when its work has ended. */
void fiber_set(struct fiber *, fiber_fn *, void *arg);
/* Runs it until it waits (true) or its work has ended (false). */
bool fiber_go(struct fiber *) MUST_CHECK;
/* From within: back to who called fiber_go, until it is called again. */
void fiber_wait(struct fiber *);

#endif
