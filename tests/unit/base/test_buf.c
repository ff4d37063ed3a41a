/* test_buf.c - growing, the ceiling, numbers. */
#include "base/buf.h"

#include <stdio.h>

#include "../cm.h"

static void
test_growing(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 5000; i++) {
		buf_text(&b, "abc");
		buf_byte(&b, 'd');
		buf_str(&b, STR("efgh"));
		buf_str(&b, (struct str){ 0 });
	}
	assert_false(buf_failed(&b));
	assert_int_equal(b.n, 40000);
	for (size_t i = 0; i < b.n; i++)
		assert_int_equal(b.p[i], "abcdefgh"[i % 8]);
	size_t room = b.room;
	buf_reset(&b);
	assert_int_equal(b.room, room);
	assert_int_equal(buf_view(&b).n, 0);
	buf_free(&b);
	assert_null(b.p);
	buf_text(&b, "again");
	assert_true(str_is(buf_view(&b), "again"));
	buf_free(&b);
}

static void
test_the_ceiling(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 10);
	buf_text(&b, "12345678");
	assert_false(buf_failed(&b));
	buf_text(&b, "abc");
	assert_true(buf_failed(&b));
	buf_byte(&b, 'x'); /* would fit, but what is missing before it stays missing */
	assert_null(buf_grow(&b, 1));
	assert_true(str_is(buf_view(&b), "12345678"));
	buf_reset(&b);
	assert_false(buf_failed(&b));
	buf_text(&b, "1234567890");
	assert_false(buf_failed(&b));
	buf_printf(&b, "%d", 1);
	assert_true(buf_failed(&b));
	buf_free(&b);
	buf_init(&b, 10);
	assert_null(buf_grow(&b, SIZE_MAX));
	assert_true(buf_failed(&b));
	buf_free(&b);
}

static void
test_numbers(void **state)
{
	(void)state;
	static const int64_t v[] = { 0, 1, -1, 9, 10, -10, 99, 100, 1234567890, INT64_MAX, INT64_MIN };
	struct buf b;
	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(v); i++) {
		char text[32];
		snprintf(text, sizeof text, "%lld", (long long)v[i]);
		buf_reset(&b);
		buf_int(&b, v[i]);
		assert_true(str_is(buf_view(&b), text));
	}
	buf_reset(&b);
	buf_printf(&b, "%05d|%s", 42, "x");
	buf_printf(&b, "%s", "");
	buf_byte(&b, '.');
	assert_true(str_is(buf_view(&b), "00042|x."));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growing),
		cmocka_unit_test(test_the_ceiling),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
