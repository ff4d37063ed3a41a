/* test_breaker.c - opens, tries one, closes; the pause grows and has an end. */
#include "features/assistant/breaker.h"

#include "../cm.h"

static const uint64_t S = UINT64_C(1000000000);

static void
fail_times(struct breaker *b, int n, uint64_t now_ns)
{
	for (int i = 0; i < n; i++) {
		assert_true(breaker_may(b, now_ns));
		assert_int_equal(breaker_went(b, false, now_ns), BREAKER_SAME);
	}
}

static void
open_it(struct breaker *b, uint64_t now_ns)
{
	fail_times(b, BREAKER_FAILURES - 1, now_ns);
	assert_int_equal(breaker_went(b, false, now_ns), BREAKER_OPENED);
}

static void
test_only_failures_in_a_row_open_it(void **state)
{
	struct breaker b = BREAKER_INIT;
	(void)state;
	fail_times(&b, BREAKER_FAILURES - 1, S);
	assert_int_equal(breaker_went(&b, true, S), BREAKER_SAME);
	open_it(&b, S);
	assert_false(breaker_may(&b, S));
}

static void
test_one_tries_after_the_pause(void **state)
{
	struct breaker b = BREAKER_INIT;
	(void)state;
	open_it(&b, S);
	assert_false(breaker_may(&b, S + BREAKER_FIRST_S * S - 1));
	assert_true(breaker_may(&b, S + BREAKER_FIRST_S * S));
	assert_false(breaker_may(&b, S + BREAKER_FIRST_S * S)); /* one only */
	assert_int_equal(breaker_went(&b, true, S + BREAKER_FIRST_S * S), BREAKER_CLOSED);
	assert_true(breaker_may(&b, S + BREAKER_FIRST_S * S));
	open_it(&b, S); /* and it counts from the beginning */
}

static void
test_the_pause_doubles_up_to_a_limit(void **state)
{
	struct breaker b = BREAKER_INIT;
	uint64_t now_ns = S, pause_ns = BREAKER_FIRST_S * S;
	(void)state;
	open_it(&b, now_ns);
	for (int i = 0; i < 12; i++) {
		assert_false(breaker_may(&b, now_ns + pause_ns - 1));
		now_ns += pause_ns;
		assert_true(breaker_may(&b, now_ns));
		assert_int_equal(breaker_went(&b, false, now_ns), BREAKER_SAME);
		pause_ns = 2 * pause_ns < BREAKER_LONGEST_S * S ? 2 * pause_ns : BREAKER_LONGEST_S * S;
	}
	assert_int_equal(pause_ns, BREAKER_LONGEST_S * S);
}

static void
test_who_began_before_it_opened_does_not_prolong(void **state)
{
	struct breaker b = BREAKER_INIT;
	(void)state;
	assert_true(breaker_may(&b, S));
	open_it(&b, S);
	assert_int_equal(breaker_went(&b, false, S + 4 * S), BREAKER_SAME);
	assert_true(breaker_may(&b, S + BREAKER_FIRST_S * S));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_failures_in_a_row_open_it),
		cmocka_unit_test(test_one_tries_after_the_pause),
		cmocka_unit_test(test_the_pause_doubles_up_to_a_limit),
		cmocka_unit_test(test_who_began_before_it_opened_does_not_prolong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
