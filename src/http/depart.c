/* depart.c - one thread, two lists: handfuls to be sent, and empty ones. */
#include "http/depart.h"

#include "http/spine.h"

#include <pthread.h>
#include <stdlib.h>

#include "sys/metrics.h"

struct departures {
	struct store *store;
	struct later *later;
	pthread_t thread;
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t given, emptied;
	struct handful *first, *last, *empty;
	bool closed;
};

/* ---- a handful */

struct handful *
handful_new(unsigned room, size_t ceiling)
{
	struct handful *h = calloc(1, sizeof *h);
	bool well = h != NULL && (h->reqs = calloc(room, sizeof *h->reqs)) != NULL;

	if (well)
		h->room = room;
	for (unsigned i = 0; well && i < room; i++)
		well = (h->reqs[i].ctx.arena = arena_new(ceiling)) != NULL;
	if (!well) {
		handful_free(h);
		return NULL;
	}
	return h;
}

void
handful_free(struct handful *h)
{
	if (h == NULL)
		return;
	for (unsigned i = 0; i < h->room; i++)
		arena_free(h->reqs[i].ctx.arena);
	free(h->reqs);
	free(h);
}

void
request_send(struct later *later, struct req *req)
{
	req->ctx.tx = NULL;
	if (req->later == NULL || req->err != OK)
		spine_send(req);
	else if (!later_give(later, req))
		spine_later(req, false);
}

void
handful_send(struct handful *h, struct store *store, struct later *later)
{
	enum err err = store_durable(store, h->upto);

	if (h->since_ns > 0)
		metric_time(M_COMMIT_SECONDS, 0, clock_mono_ns() - h->since_ns);
	h->since_ns = 0;
	for (unsigned i = 0; i < h->n; i++) {
		struct req *req = &h->reqs[i];

		if (req->step != STEP_DONE)
			continue;
		if (err != OK)
			spine_refuse(req, ERR_STORE_UNAVAILABLE);
		request_send(later, req);
	}
}

/* ---- the thread */

static struct handful *
next_given(struct departures *d)
{
	struct handful *h;

	pthread_mutex_lock(&d->lock);
	while (d->first == NULL && !d->closed)
		pthread_cond_wait(&d->given, &d->lock);
	h = d->first;
	if (h != NULL)
		d->first = h->next;
	pthread_mutex_unlock(&d->lock);
	return h;
}

void
departures_keep(struct departures *d, struct handful *h)
{
	pthread_mutex_lock(&d->lock);
	h->next = d->empty;
	d->empty = h;
	pthread_cond_signal(&d->emptied);
	pthread_mutex_unlock(&d->lock);
}

static void *
send_all(void *arg)
{
	struct departures *d = arg;
	struct handful *h;

	crypto_thread();
	while ((h = next_given(d)) != NULL) {
		handful_send(h, d->store, d->later);
		departures_keep(d, h);
	}
	return NULL;
}

struct handful *
departures_room(struct departures *d)
{
	struct handful *h;

	pthread_mutex_lock(&d->lock);
	while (d->empty == NULL)
		pthread_cond_wait(&d->emptied, &d->lock);
	h = d->empty;
	d->empty = h->next;
	pthread_mutex_unlock(&d->lock);
	return h;
}

void
departures_give(struct departures *d, struct handful *h)
{
	h->next = NULL;
	pthread_mutex_lock(&d->lock);
	if (d->first == NULL)
		d->first = h;
	else
		d->last->next = h;
	d->last = h;
	pthread_cond_signal(&d->given);
	pthread_mutex_unlock(&d->lock);
}

/* ---- beginning and end */

static void
free_all(struct departures *d)
{
	for (struct handful *h = d->empty, *next; h != NULL; h = next) {
		next = h->next;
		handful_free(h);
	}
	pthread_cond_destroy(&d->given);
	pthread_cond_destroy(&d->emptied);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

enum err
departures_start(
        struct store *store, struct later *later, unsigned handfuls, size_t ceiling, struct departures **out)
{
	struct departures *d = calloc(1, sizeof *d);
	bool well = d != NULL;

	if (!well)
		return ERR_BUSY;
	d->store = store;
	d->later = later;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->given, NULL);
	pthread_cond_init(&d->emptied, NULL);
	for (unsigned i = 0; well && i < handfuls; i++) {
		struct handful *h = handful_new(BATCH_MAX, ceiling);

		well = h != NULL;
		if (well)
			departures_keep(d, h);
	}
	if (!well || pthread_create(&d->thread, NULL, send_all, d) != 0) {
		free_all(d);
		return ERR_BUSY;
	}
	*out = d;
	return OK;
}

void
departures_stop(struct departures *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->closed = true;
	pthread_cond_signal(&d->given);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	free_all(d);
}
