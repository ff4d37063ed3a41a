/* later.c - a slot a thread, each with an arena to give in exchange for the request's:
 * handing over allocates and copies nothing but the request itself. */
#include "http/later.h"

#include "http/spine.h"

#include <pthread.h>
#include <stdlib.h>

struct slot {
	struct later *later;
	struct slot *next; /* of the free ones */
	pthread_t thread;
	pthread_cond_t filled;
	struct arena *arena; /* NULL while it is the request's */
	struct req req;
	bool full;
};

struct later {
	pthread_mutex_t lock;
	struct slot *free;
	bool closed;
	unsigned count;
	struct slot slots[];
};

/* Until there is a request; false: the end. */
static bool
wait_for_one(struct slot *s)
{
	struct later *l = s->later;

	pthread_mutex_lock(&l->lock);
	while (!s->full && !l->closed)
		pthread_cond_wait(&s->filled, &l->lock);
	bool full = s->full;
	pthread_mutex_unlock(&l->lock);
	return full;
}

static void
set_free(struct slot *s)
{
	struct later *l = s->later;

	pthread_mutex_lock(&l->lock);
	s->full = false;
	s->next = l->free;
	l->free = s;
	pthread_mutex_unlock(&l->lock);
}

static void *
work(void *arg)
{
	struct slot *s = arg;

	crypto_thread();
	while (wait_for_one(s)) {
		spine_later(&s->req, true);
		s->arena = s->req.ctx.arena;
		arena_reset(s->arena);
		set_free(s);
	}
	return NULL;
}

bool
later_give(struct later *l, struct req *req)
{
	pthread_mutex_lock(&l->lock);
	struct slot *s = l->closed ? NULL : l->free;
	if (s != NULL) {
		l->free = s->next;
		s->req = *req;
		s->req.ctx.tx = NULL;
		req->ctx.arena = s->arena;
		req->answer = (struct answer){ 0 };
		req->step = STEP_ANSWERED;
		s->arena = NULL;
		s->full = true;
		pthread_cond_signal(&s->filled);
	}
	pthread_mutex_unlock(&l->lock);
	return s != NULL;
}

static enum err
start_one(struct later *l, size_t ceiling)
{
	struct slot *s = &l->slots[l->count];

	s->later = l;
	s->arena = arena_new(ceiling);
	pthread_cond_init(&s->filled, NULL);
	if (s->arena == NULL || pthread_create(&s->thread, NULL, work, s) != 0) {
		arena_free(s->arena);
		return ERR_BUSY;
	}
	l->count++;
	set_free(s);
	return OK;
}

enum err
later_start(unsigned count, size_t ceiling, struct later **out)
{
	struct later *l = calloc(1, sizeof *l + count * sizeof l->slots[0]);
	enum err err = OK;

	if (l == NULL)
		return ERR_BUSY;
	pthread_mutex_init(&l->lock, NULL);
	for (unsigned i = 0; i < count && err == OK; i++)
		err = start_one(l, ceiling);
	if (err != OK)
		later_stop(l);
	else
		*out = l;
	return err;
}

void
later_stop(struct later *l)
{
	pthread_mutex_lock(&l->lock);
	l->closed = true;
	for (unsigned i = 0; i < l->count; i++)
		pthread_cond_signal(&l->slots[i].filled);
	pthread_mutex_unlock(&l->lock);
	for (unsigned i = 0; i < l->count; i++) {
		pthread_join(l->slots[i].thread, NULL);
		pthread_cond_destroy(&l->slots[i].filled);
		arena_free(l->slots[i].arena);
	}
	pthread_mutex_destroy(&l->lock);
	free(l);
}
