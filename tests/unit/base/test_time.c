/* test_time.c - days and instants against the C library and by hand. */
#include "base/base.h"

#include <stdio.h>
#include <time.h>

#include "../cm.h"

static void
test_every_day(void **state)
{
	(void)state;
	int64_t first = date_days((struct date){ 1, 1, 1 }), last = date_days((struct date){ 9999, 12, 31 });
	assert_int_equal(date_days((struct date){ 1970, 1, 1 }), 0);
	struct date before = { 0 };
	for (int64_t n = first; n <= last; n++) {
		struct date d = date_from_days(n);
		if (date_days(d) != n || date_cmp(before, d) >= 0 || date_cmp(d, before) <= 0)
			fail_msg("day %lld", (long long)n);
		before = d;
		if (n % 7 != 0)
			continue;
		struct tm tm;
		time_t t = n * 86400;
		gmtime_r(&t, &tm);
		if (tm.tm_year + 1900 != d.year || tm.tm_mon + 1 != d.month || tm.tm_mday != d.day)
			fail_msg("day %lld is not the library's", (long long)n);
	}
	assert_false(date_is_set(date_from_days(first - 1)));
	assert_false(date_is_set(date_from_days(last + 1)));
	assert_false(date_is_set(date_from_days(INT64_MIN)));
	assert_false(date_is_set(date_from_days(INT64_MAX)));
}

static void
test_date_text(void **state)
{
	(void)state;
	struct date d;
	char text[DATE_TEXT + 1];
	assert_true(date_parse(STR("2024-02-29"), &d));
	date_print(d, text);
	assert_string_equal(text, "2024-02-29");
	date_print((struct date){ 7, 3, 9 }, text);
	assert_string_equal(text, "0007-03-09");
	static const char *const bad[] = { "", "2023-02-29", "1900-02-29", "2024-04-31", "2024-00-10",
		"2024-13-10", "2024-01-00", "2024-01-32", "0000-01-01", "2024-1-01", "24-01-01", "2024/01/01",
		"2024-01-01T", "2024-01-0a", " 2024-01-01", "+024-01-01", "20240101" };
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(date_parse(str_of(bad[i]), &d));
	assert_true(date_parse(STR("2000-02-29"), &d));
}

static void
test_months(void **state)
{
	(void)state;
	static const struct {
		struct date from;
		int months;
		struct date to;
	} cases[] = {
		{ { 2024, 1, 31 }, 1, { 2024, 2, 29 } },
		{ { 2023, 1, 31 }, 1, { 2023, 2, 28 } },
		{ { 2024, 2, 29 }, 12, { 2025, 2, 28 } },
		{ { 2024, 3, 31 }, -1, { 2024, 2, 29 } },
		{ { 2024, 12, 15 }, 1, { 2025, 1, 15 } },
		{ { 2024, 1, 15 }, -1, { 2023, 12, 15 } },
		{ { 2024, 5, 10 }, 0, { 2024, 5, 10 } },
		{ { 9999, 12, 1 }, 1, { 0 } },
		{ { 1, 1, 1 }, -1, { 0 } },
		{ { 0, 0, 0 }, 5, { 0 } },
		{ { 2024, 5, 10 }, INT32_MAX, { 0 } },
		{ { 2024, 5, 10 }, INT32_MIN, { 0 } },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(date_cmp(date_add_months(cases[i].from, cases[i].months), cases[i].to), 0);
}

static void
test_instant_text(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out; /* out NULL: refused */
	} cases[] = {
		{ "2026-11-30T12:34:56.789Z", "2026-11-30T12:34:56.789Z" },
		{ "2026-11-30T12:34:56Z", "2026-11-30T12:34:56.000Z" },
		{ "2026-11-30t12:34:56.5z", "2026-11-30T12:34:56.500Z" },
		{ "2026-11-30T12:34:56.123456789-03:00", "2026-11-30T15:34:56.123Z" },
		{ "2026-11-30T23:30:00-03:30", "2026-12-01T03:00:00.000Z" },
		{ "2026-01-01T01:00:00+14:00", "2025-12-31T11:00:00.000Z" },
		{ "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },
		{ "1582-10-04T00:00:00-00:00", "1582-10-04T00:00:00.000Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z" },
		{ "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
		{ "0001-01-01T00:00:00+00:01", NULL },
		{ "9999-12-31T23:59:59-00:01", NULL },
		{ "1970-01-01T00:00:00Z", NULL },
		{ "2026-11-30T12:34:56", NULL },
		{ "2026-11-30 12:34:56Z", NULL },
		{ "2026-11-30T24:00:00Z", NULL },
		{ "2026-11-30T12:60:00Z", NULL },
		{ "2026-11-30T12:34:60Z", NULL },
		{ "2026-11-30T12:34Z", NULL },
		{ "2026-11-30T12:34:56.Z", NULL },
		{ "2026-11-30T12:34:56,5Z", NULL },
		{ "2026-11-30T12:34:56+3:00", NULL },
		{ "2026-11-30T12:34:56+0300", NULL },
		{ "2026-11-30T12:34:56+24:00", NULL },
		{ "2026-11-30T12:34:56+01:60", NULL },
		{ "2026-11-30T12:34:56ZZ", NULL },
		{ "2026-11-31T12:34:56Z", NULL },
		{ "2026-11-30", NULL },
		{ "2026-11-30T", NULL },
		{ "", NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct instant t = { 42 };
		char text[INSTANT_TEXT + 1];
		bool ok = instant_parse(str_of(cases[i].in), &t);
		if (ok != (cases[i].out != NULL))
			fail_msg("%s", cases[i].in);
		if (!ok) {
			assert_int_equal(t.ms, 42);
			continue;
		}
		instant_print(t, text);
		assert_string_equal(text, cases[i].out);
	}
	char text[INSTANT_TEXT + 1];
	instant_print((struct instant){ INT64_MAX }, text); /* no such year: still fits the text */
	assert_int_equal(strlen(text), INSTANT_TEXT);
	instant_print((struct instant){ INT64_MIN }, text);
	assert_int_equal(strlen(text), INSTANT_TEXT);
}

static void
test_brasilia_day(void **state)
{
	(void)state;
	struct instant t;
	assert_true(instant_parse(STR("2026-11-30T02:59:59.999Z"), &t));
	assert_int_equal(date_cmp(instant_date(t), (struct date){ 2026, 11, 29 }), 0);
	t.ms++;
	assert_int_equal(date_cmp(instant_date(t), (struct date){ 2026, 11, 30 }), 0);
	assert_true(instant_parse(STR("1960-03-01T00:00:00Z"), &t));
	assert_int_equal(date_cmp(instant_date(t), (struct date){ 1960, 2, 29 }), 0);
	assert_false(date_is_set(instant_date((struct instant){ INT64_MIN })));
	assert_false(date_is_set(instant_date((struct instant){ INT64_MAX })));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_date_text),
		cmocka_unit_test(test_months),
		cmocka_unit_test(test_instant_text),
		cmocka_unit_test(test_brasilia_day),
	};
	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
