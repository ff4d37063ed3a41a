/* queue.c - a mutex, a condition and a list threaded through the exchanges'
 * slots: putting and taking allocate nothing. */
#include "http/queue.h"

struct waiting {
	struct exchange *next;
};

static struct waiting *
link_of(struct exchange *x)
{
	return exchange_slot(x);
}

void
queue_init(struct queue *q, unsigned max)
{
	*q = (struct queue){ .max = max };
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->filled, NULL);
}

bool
queue_put(struct queue *q, struct exchange *x)
{
	bool wake, fits;

	link_of(x)->next = NULL;
	pthread_mutex_lock(&q->lock);
	fits = !q->closed && q->length < q->max;
	if (fits) {
		if (q->last)
			link_of(q->last)->next = x;
		else
			q->first = x;
		q->last = x;
		q->length++;
	}
	wake = fits && q->sleeping > 0;
	pthread_mutex_unlock(&q->lock);
	if (wake)
		pthread_cond_signal(&q->filled);
	return fits;
}

unsigned
queue_take(struct queue *q, struct exchange **out, unsigned max)
{
	unsigned n = 0;

	pthread_mutex_lock(&q->lock);
	while (q->first == NULL && !q->closed) {
		q->sleeping++;
		pthread_cond_wait(&q->filled, &q->lock);
		q->sleeping--;
	}
	while (n < max && q->first != NULL) {
		out[n] = q->first;
		q->first = link_of(out[n])->next;
		n++;
	}
	if (q->first == NULL)
		q->last = NULL;
	q->length -= n;
	pthread_mutex_unlock(&q->lock);
	return n;
}

void
queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_mutex_unlock(&q->lock);
	pthread_cond_broadcast(&q->filled);
}

unsigned
queue_length(struct queue *q)
{
	unsigned n;

	pthread_mutex_lock(&q->lock);
	n = q->length;
	pthread_mutex_unlock(&q->lock);
	return n;
}
