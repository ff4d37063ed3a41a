/* test_aged.c - how old a standby is, from what both servers say. */
#include "http/aged.h"

#include "../cm.h"

static const struct aged_here here = { .lsn = 5000, .clock_ms = 1700000010000 };

static int64_t
age(struct aged_there there)
{
	return aged_ms(&here, &there);
}

static void
test_what_has_replayed_all_is_new(void **state)
{
	(void)state;
	assert_int_equal(age((struct aged_there){ 1, 1, 5000, 1600000000000 }), 0); /* an idle primary */
	assert_int_equal(age((struct aged_there){ 1, 1, 5001, 0 }), 0);
}

static void
test_what_is_behind_is_as_old_as_its_last_commit(void **state)
{
	(void)state;
	assert_int_equal(age((struct aged_there){ 1, 1, 4999, 1700000007500 }), 2500);
	assert_int_equal(age((struct aged_there){ 1, 1, 1, 1700000010001 }), 0);
}

static void
test_what_does_not_follow_is_of_no_use(void **state)
{
	struct aged_here demoted = { .lsn = -1, .clock_ms = here.clock_ms };

	(void)state;
	assert_int_equal(age((struct aged_there){ 0, 0, 9000, 1700000010000 }), -1); /* promoted */
	assert_int_equal(age((struct aged_there){ 1, 0, 9000, 1700000010000 }), -1); /* nobody to follow */
	assert_int_equal(age((struct aged_there){ 1, 1, 4999, 0 }), -1); /* nothing replayed yet */
	assert_int_equal(aged_ms(&demoted, &(struct aged_there){ 1, 1, 9000, 1700000010000 }), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_has_replayed_all_is_new),
		cmocka_unit_test(test_what_is_behind_is_as_old_as_its_last_commit),
		cmocka_unit_test(test_what_does_not_follow_is_of_no_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
