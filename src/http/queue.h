/* queue.h - requests waiting for a worker.  A lane has one first-in-first-out line
 * for each class of shed.def; workers take from the first lines first, and always
 * leave a share to the others.
 *
 * Overload is told by waiting, not by length (as CoDel does): while the oldest
 * request at each taking has waited longer than a target, and that for a whole
 * interval, the queue stands.  Then those who have waited longer than their class's
 * patience are refused, the last class first, down to a number that is always let
 * wait: so many clients are a busy day and no overload.  The oldest of a class go first: a
 * crowd that has left must not cost those who came after it their place.  A stall (a slow fsync, a
 * database that fails over) ends before any interval is over and refuses nobody.
 *
 * A refusal is held back a little: whoever asks again at once would otherwise take the
 * processor from those who are served. */
#ifndef HTTP_QUEUE_H
#define HTTP_QUEUE_H

#include "http/route.h"
#include "http/server.h"

#include <pthread.h>

struct queue_line {
	struct exchange *first, *last;
	unsigned length;
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct queue_line lines[SHED__MAX];
	struct queue_line held; /* to be refused */
	enum lane lane;
	unsigned takers;                /* among whom what waits is divided */
	unsigned length, max, sleeping; /* length: of the lines, without held */
	uint64_t standing_since_ns;     /* 0: it does not stand */
	bool closed;
};

struct queue_late {
	struct exchange *x;
	enum shed shed;
};
enum { QUEUE_LATE_MAX = 128 };

void queue_init(struct queue *, enum lane, unsigned takers, unsigned max);
/* Who is to be refused at once: NULL; x itself, when the queue is full or closed; or the oldest of a
 * later class that had to make room.  The refused one's class is *shed. */
struct exchange *queue_put(struct queue *, struct exchange *x, enum shed *shed) MUST_CHECK;
/* Waits for at least one.  Gives up to max to be served (few when the queue stands), a taker's share of what
 * waits, and up to QUEUE_LATE_MAX to be refused; false when the queue is closed and empty. */
bool queue_take(struct queue *, struct exchange **out, unsigned max, unsigned few, unsigned *n,
        struct queue_late *late, unsigned *late_n) MUST_CHECK;
/* Does anybody wait? Only a hint: it changes at any moment. */
bool queue_waits(struct queue *);
void queue_close(struct queue *);

#endif
