/* queue.h - requests waiting for a worker: one first-in-first-out line a lane. */
#ifndef HTTP_QUEUE_H
#define HTTP_QUEUE_H

#include "http/server.h"

#include <pthread.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct exchange *first, *last;
	unsigned length, max, sleeping;
	bool closed;
};

void queue_init(struct queue *, unsigned max);
/* false: the queue is full or closed; the exchange is still the caller's. */
bool queue_put(struct queue *, struct exchange *) MUST_CHECK;
/* Waits for at least one; 0 when the queue is closed and empty. */
unsigned queue_take(struct queue *, struct exchange **out, unsigned max);
void queue_close(struct queue *);
unsigned queue_length(struct queue *);

#endif
