/* test_random.c - nobody gets the same bytes twice, also across fork; ids grow; time does not go back. */
#include "../cm.h"
#include "sys/crypto.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 20000 };

static int
compare16(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

static void
assert_distinct(unsigned char (*all)[16], size_t n)
{
	qsort(all, n, 16, compare16);
	for (size_t i = 1; i < n; i++)
		assert_memory_not_equal(all[i - 1], all[i], 16);
}

static void
bytes_differ(void **state)
{
	unsigned char(*all)[16] = malloc(MANY * 16), big[5000], zero[16] = { 0 };

	(void)state;
	assert_non_null(all);
	for (size_t i = 0; i < MANY; i++)
		random_bytes(all[i], 16);
	assert_distinct(all, MANY);
	free(all);

	memset(big, 0, sizeof big);
	random_bytes(big, sizeof big);
	for (size_t i = 0; i + 16 <= sizeof big; i += 16)
		assert_memory_not_equal(big + i, zero, 16);
	random_bytes(big, 0);
}

/* A ones count far from half would mean that a part of a draw was not filled. */
static void
bits_are_even(void **state)
{
	long ones = 0, total = 0;

	(void)state;
	for (size_t n = 1; n < 600; n++) {
		unsigned char b[600] = { 0 };
		random_bytes(b, n);
		for (size_t i = 0; i < n; i++)
			ones += __builtin_popcount(b[i]);
		total += (long)n * 8;
	}
	assert_in_range(ones * 1000 / total, 495, 505);
}

static void
fork_shares_nothing(void **state)
{
	unsigned char(*all)[16] = malloc(2 * 100 * 16);
	int fds[2];

	(void)state;
	assert_non_null(all);
	random_bytes(all[0], 16); /* the pool is full when the child is made */
	assert_int_equal(pipe(fds), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	for (int i = 0; i < 100; i++)
		random_bytes(all[i], 16);
	if (child == 0)
		_exit(write(fds[1], all, 1600) == 1600 ? 0 : 1);
	int status;
	assert_int_equal(read(fds[0], all[100], 1600), 1600);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	close(fds[0]);
	close(fds[1]);
	assert_distinct(all, 200);
	free(all);
}

static void
ids_grow(void **state)
{
	struct instant now = clock_now(), earlier = { now.ms - 5000 };
	struct id last = id_new(now);

	(void)state;
	for (int i = 0; i < MANY; i++) {
		struct id next = id_new(i % 3 ? now : earlier);
		assert_true(id_cmp(last, next) < 0);
		assert_int_equal(next.b[6] >> 4, 7);
		assert_int_equal(next.b[8] >> 6, 2);
		last = next;
	}
}

static void
ids_carry_time(void **state)
{
	struct instant now = { clock_now().ms + 60000 }; /* ahead of what other tests have used */
	struct id id = id_new(now);
	int64_t ms = 0;

	(void)state;
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.b[i];
	assert_int_equal(ms, now.ms);
}

/* Ids of the past sort by their time, from year 1 on, and differ within it. */
static void
ids_of_the_past(void **state)
{
	static const int64_t ms[] = { -62135596800000, -600000000001, -600000000000, -1, 0, 1, 1000,
		1700000000000, 253402300799000 };
	unsigned char all[100][16];
	struct id last = { { 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(ms); i++) {
		struct id most = last;
		for (int k = 0; k < 100; k++) {
			struct id id = id_at((struct instant){ ms[i] });
			assert_int_equal(id.b[6] >> 4, 7);
			assert_int_equal(id.b[8] >> 6, 2);
			assert_true(id_cmp(last, id) < 0);
			if (id_cmp(most, id) < 0)
				most = id;
			memcpy(all[k], id.b, 16);
		}
		assert_distinct(all, 100);
		last = most;
	}
}

static void
ids_of_a_seed(void **state)
{
	struct instant at = { 1704067200000 };

	(void)state;
	assert_true(id_eq(id_fixed(at, STR("a")), id_fixed(at, STR("a"))));
	assert_false(id_eq(id_fixed(at, STR("a")), id_fixed(at, STR("b"))));
	assert_true(id_cmp(id_fixed(at, STR("a")), id_fixed((struct instant){ at.ms + 1 }, STR("a"))) < 0);
	assert_int_equal(id_fixed(at, STR("a")).b[6] >> 4, 7);
}

static void *
make_ids(void *arg)
{
	unsigned char(*all)[16] = arg;

	for (size_t i = 0; i < MANY; i++) {
		struct id id = id_new(clock_now());
		memcpy(all[i], id.b, 16);
		if (i > 0 && memcmp(all[i - 1], all[i], 16) >= 0)
			return arg;
	}
	return NULL;
}

static void
ids_of_threads(void **state)
{
	unsigned char(*all)[16] = malloc(4 * MANY * 16);
	pthread_t t[4];
	void *failed;

	(void)state;
	assert_non_null(all);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, make_ids, all + i * MANY), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	/* The first 60 bits (time and counter) alone must differ. */
	for (size_t i = 0; i < 4 * MANY; i++)
		memset(all[i] + 8, 0, 8);
	assert_distinct(all, 4 * MANY);
	free(all);
}

static void
time_does_not_go_back(void **state)
{
	struct instant last = clock_now();
	uint64_t mono = clock_mono_ns();

	(void)state;
	assert_true(last.ms > 1700000000000);
	for (int i = 0; i < MANY; i++) {
		struct instant now = clock_now();
		uint64_t ns = clock_mono_ns();
		assert_true(now.ms >= last.ms && ns >= mono);
		last = now;
		mono = ns;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_differ),
		cmocka_unit_test(bits_are_even),
		cmocka_unit_test(fork_shares_nothing),
		cmocka_unit_test(ids_grow),
		cmocka_unit_test(ids_carry_time),
		cmocka_unit_test(ids_of_the_past),
		cmocka_unit_test(ids_of_a_seed),
		cmocka_unit_test(ids_of_threads),
		cmocka_unit_test(time_does_not_go_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
