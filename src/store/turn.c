/* turn.c - see turn.h. */
#include "store/turn.h"

#include <time.h>

#include "sys/crypto.h"

struct turn_wait {
	pthread_cond_t wake;
	struct turn_wait *next;
	uint64_t since_ns;
	bool given; /* the lock was handed over; `taken` stayed true */
};

void
turn_init(struct turn *t)
{
	*t = (struct turn){ .taken = false };
	pthread_mutex_init(&t->mutex, NULL);
}

void
turn_destroy(struct turn *t)
{
	assert(!t->taken && t->first == NULL);
	pthread_mutex_destroy(&t->mutex);
}

static void
leave_queue(struct turn *t, struct turn_wait *me)
{
	struct turn_wait **at = &t->first, *before = NULL;

	while (*at != me) {
		before = *at;
		at = &before->next;
	}
	*at = me->next;
	if (t->last == me)
		t->last = before;
}

static bool
wait_turn(struct turn *t, uint64_t deadline_ns)
{
	struct turn_wait me = { .since_ns = clock_mono_ns() };
	struct timespec until = { (time_t)(deadline_ns / 1000000000), (long)(deadline_ns % 1000000000) };
	bool late = false;

	pthread_cond_init(&me.wake, NULL);
	if (t->last != NULL)
		t->last->next = &me;
	else
		t->first = &me;
	t->last = &me;
	while (!me.given && t->taken && !late)
		late = pthread_cond_clockwait(&me.wake, &t->mutex, CLOCK_MONOTONIC, &until) != 0;
	if (!me.given) {
		leave_queue(t, &me);
		late = t->taken;
		t->taken = true;
	}
	pthread_cond_destroy(&me.wake);
	return me.given || !late;
}

bool
turn_take(struct turn *t, uint64_t deadline_ns)
{
	bool mine = true;

	pthread_mutex_lock(&t->mutex);
	if (!t->taken)
		t->taken = true;
	else
		mine = wait_turn(t, deadline_ns);
	pthread_mutex_unlock(&t->mutex);
	return mine;
}

void
turn_give(struct turn *t)
{
	struct turn_wait *next;

	pthread_mutex_lock(&t->mutex);
	assert(t->taken);
	next = t->first;
	if (next != NULL && clock_mono_ns() - next->since_ns > TURN_PATIENCE_NS) {
		leave_queue(t, next);
		next->given = true;
	} else {
		t->taken = false;
	}
	if (next != NULL)
		pthread_cond_signal(&next->wake);
	pthread_mutex_unlock(&t->mutex);
}
