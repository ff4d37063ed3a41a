/* test_fiber.c - fibers wait and go on where they were, each on a stack of its own, and are used again. */
#include "../cm.h"

#include "sys/fiber.h"

enum { FIBERS = 20, DEEP = 200 };

static struct fiber *fibers[FIBERS];
static int steps[FIBERS];

/* Touches enough stack to write into a neighbour's, were they one. */
static int
deep(int n)
{
	volatile char frame[256];

	memset((char *)frame, n, sizeof frame);
	return n == 0 ? 0 : deep(n - 1) + (frame[7] == (char)n);
}

static void
work(void *arg)
{
	int *step = arg, times = (int)(step - steps) % 4;
	volatile char frame[1000];

	memset((char *)frame, times, sizeof frame);
	for (int i = 0; i < times; i++) {
		assert_int_equal(deep(DEEP), DEEP);
		++*step;
		fiber_wait(fibers[step - steps]);
		assert_int_equal(frame[500], times);
	}
}

static int
run_all(bool waits[static FIBERS])
{
	int left = 0;

	for (int i = 0; i < FIBERS; i++)
		if (waits[i])
			left += waits[i] = fiber_go(fibers[i]);
	return left;
}

static void
test_they_take_turns(void **state)
{
	(void)state;
	for (int round = 1; round <= 3; round++) {
		bool waits[FIBERS];
		int turns = 0;

		for (int i = 0; i < FIBERS; i++) {
			if (fibers[i] == NULL)
				assert_non_null(fibers[i] = fiber_new());
			fiber_set(fibers[i], work, &steps[i]);
			waits[i] = true;
		}
		while (run_all(waits) > 0)
			turns++;
		assert_int_equal(turns, 3);
		for (int i = 0; i < FIBERS; i++)
			assert_int_equal(steps[i], round * (i % 4));
	}
	for (int i = 0; i < FIBERS; i++)
		fiber_free(fibers[i]);
	fiber_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_they_take_turns) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
