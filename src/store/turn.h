/* turn.h - a lock for one writer at a time, with a deadline and without
 * starvation.  Whoever finds it free takes it at once, which keeps the writer
 * busy while a sleeper wakes; but one who has waited TURN_PATIENCE_NS is handed
 * the lock before anybody else. */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include <pthread.h>

#include "base/base.h"

enum { TURN_PATIENCE_NS = 1000000 };

struct turn_wait;
struct turn {
	pthread_mutex_t mutex; /* guards the rest; held for a few instructions */
	bool taken;
	struct turn_wait *first, *last;
};

void turn_init(struct turn *);
void turn_destroy(struct turn *);
/* false: the deadline (monotonic) passed first. */
bool turn_take(struct turn *, uint64_t deadline_ns) MUST_CHECK;
void turn_give(struct turn *);

#endif
