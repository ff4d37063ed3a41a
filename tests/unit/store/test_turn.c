/* test_turn.c - one at a time, in time, and nobody is forgotten. */
#include "../cm.h"

#include <pthread.h>
#include <time.h>

#include "store/turn.h"
#include "sys/crypto.h"

enum { MS = 1000000 };

static void
nap_us(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

static struct turn turn;
static int inside, worst_inside;

static int
setup(void **state)
{
	(void)state;
	turn_init(&turn);
	inside = worst_inside = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	turn_destroy(&turn);
	return 0;
}

struct taker {
	pthread_t thread;
	int times, hold_us;
	uint64_t deadline_ns, worst_ns;
	int missed;
};

static void *
take_often(void *arg)
{
	struct taker *t = arg;

	for (int i = 0; i < t->times; i++) {
		uint64_t start = clock_mono_ns(), waited;

		if (!turn_take(&turn, start + t->deadline_ns)) {
			t->missed++;
			continue;
		}
		waited = clock_mono_ns() - start;
		if (waited > t->worst_ns)
			t->worst_ns = waited;
		if (++inside > worst_inside)
			worst_inside = inside;
		if (t->hold_us > 0)
			nap_us(t->hold_us);
		inside--;
		turn_give(&turn);
	}
	return NULL;
}

static void
run(struct taker *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pthread_create(&t[i].thread, NULL, take_often, &t[i]), 0);
	for (size_t i = 0; i < n; i++)
		pthread_join(t[i].thread, NULL);
}

static void
test_one_at_a_time(void **state)
{
	(void)state;
	struct taker t[8];

	for (size_t i = 0; i < COUNT(t); i++)
		t[i] = (struct taker){ .times = 3000, .deadline_ns = 30000ull * MS };
	run(t, COUNT(t));
	assert_int_equal(worst_inside, 1);
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(t[i].missed, 0);
}

/* Three greedy takers come back at once, a patient one must still get in between. */
static void
test_nobody_starves(void **state)
{
	(void)state;
	struct taker t[4];

	for (size_t i = 0; i < COUNT(t); i++)
		t[i] = (struct taker){
			.times = i == 0 ? 20 : 200, .hold_us = 2000, .deadline_ns = 30000ull * MS
		};
	run(t, COUNT(t));
	assert_int_equal(worst_inside, 1);
	assert_int_equal(t[0].missed, 0);
	assert_true(t[0].worst_ns < 500ull * MS);
}

static void
test_the_deadline_holds(void **state)
{
	(void)state;
	struct taker t = { .times = 1, .deadline_ns = 50ull * MS };

	assert_true(turn_take(&turn, clock_mono_ns()));
	run(&t, 1);
	assert_int_equal(t.missed, 1);
	turn_give(&turn);
	run(&t, 1);
	assert_int_equal(t.missed, 1);
}

/* Many give up at about the moment the lock is given: it is never lost. */
static void
test_giving_up_loses_no_turn(void **state)
{
	(void)state;
	struct taker t[8];
	int missed = 0;

	for (size_t i = 0; i < COUNT(t); i++)
		t[i] = (struct taker){
			.times = 300, .hold_us = 300, .deadline_ns = (uint64_t)(200 + 150 * i) * 1000
		};
	run(t, COUNT(t));
	for (size_t i = 0; i < COUNT(t); i++)
		missed += t[i].missed;
	assert_true(missed > 0);
	assert_int_equal(worst_inside, 1);
	assert_true(turn_take(&turn, clock_mono_ns()));
	turn_give(&turn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_one_at_a_time),
		T(test_nobody_starves),
		T(test_the_deadline_holds),
		T(test_giving_up_loses_no_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
