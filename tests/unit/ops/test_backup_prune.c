/* test_backup_prune.c - five years of hourly backups: what the rules keep of them. */
#include "../cm.h"

#include <stdio.h>

#include "ops/backup.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

enum { HOURS = 5 * 365 * 24 };

static const struct backup_keep keep = { .hours = 24, .days = 35, .weeks = 13, .months = 36 };
/* 2026-11-30T12:30Z, a Monday */
static const int64_t now_ms = INT64_C(1796041800000);

static struct backup_base kept[HOURS];
static int kept_count;

static void
name_it(struct backup_base *b)
{
	snprintf(b->name, sizeof b->name, "%020lld", (long long)b->at_ms);
}

/* As backup_prune goes: newest first, the newest always stays. */
static void
walk(const struct backup_keep *k)
{
	kept_count = 0;
	for (int i = 0; i < HOURS; i++) {
		struct backup_base one = { .at_ms = now_ms - 30 * 60000 - i * HOUR_MS };

		name_it(&one);
		if (i == 0 || !backup_may_go(&one, &kept[kept_count - 1], k, now_ms))
			kept[kept_count++] = one;
	}
}

static int
count_between(int64_t from_ms, int64_t to_ms)
{
	int n = 0;

	for (int i = 0; i < kept_count; i++)
		n += now_ms - kept[i].at_ms >= from_ms && now_ms - kept[i].at_ms < to_ms;
	return n;
}

static void
every_hour_of_the_last_day(void **state)
{
	(void)state;
	walk(&keep);
	assert_int_equal(count_between(0, DAY_MS), 24);
}

static void
every_day_after_that(void **state)
{
	(void)state;
	walk(&keep);
	assert_in_range(count_between(DAY_MS, 35 * DAY_MS), 33, 35);
	for (int i = 1; i < kept_count && now_ms - kept[i].at_ms < 34 * DAY_MS; i++)
		assert_true(kept[i - 1].at_ms - kept[i].at_ms <= 2 * DAY_MS);
}

static void
every_week_and_month_and_no_more(void **state)
{
	(void)state;
	walk(&keep);
	assert_in_range(count_between(35 * DAY_MS, 91 * DAY_MS), 8, 9);
	assert_in_range(count_between(91 * DAY_MS, 36 * 31 * DAY_MS), 32, 35);
	assert_int_equal(count_between(36 * 31 * DAY_MS, INT64_MAX), 0);
}

/* Pruned again and again while time goes on, nothing that a class still wants is gone. */
static void
pruning_often_keeps_the_same(void **state)
{
	struct backup_base held[400], next[400];
	int n = 0;

	(void)state;
	for (int64_t t = now_ms - 400 * DAY_MS; t <= now_ms; t += 6 * HOUR_MS) {
		int m = 0;

		memmove(held + 1, held, (size_t)n * sizeof *held);
		held[0] = (struct backup_base){ .at_ms = t };
		name_it(&held[0]);
		n++;
		for (int i = 0; i < n; i++)
			if (i == 0 || !backup_may_go(&held[i], &next[m - 1], &keep, t))
				next[m++] = held[i];
		memcpy(held, next, (size_t)m * sizeof *held);
		n = m;
		assert_in_range(n, 1, 390);
	}
	assert_in_range(n, 55, 75); /* 4 + 34 + 8 + some 11 months */
}

static void
the_proven_one_stays(void **state)
{
	struct backup_keep k = keep;
	struct backup_base old = { .at_ms = now_ms - 10 * 366 * DAY_MS }, newer = { .at_ms = now_ms };

	(void)state;
	name_it(&old);
	assert_true(backup_may_go(&old, &newer, &k, now_ms));
	snprintf(k.kept, sizeof k.kept, "%s", old.name);
	assert_false(backup_may_go(&old, &newer, &k, now_ms));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hour_of_the_last_day),
		cmocka_unit_test(every_day_after_that),
		cmocka_unit_test(every_week_and_month_and_no_more),
		cmocka_unit_test(pruning_often_keeps_the_same),
		cmocka_unit_test(the_proven_one_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
