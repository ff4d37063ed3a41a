/* test_arena.c - ceilings, the reserve for fixed sizes, copies. */
#include "base/base.h"

#include "../cm.h"

static void
test_blocks_are_apart_and_aligned(void **state)
{
	(void)state;
	struct arena *a = arena_new(8 << 20);
	unsigned char *block[500];
	for (size_t i = 0; i < COUNT(block); i++) {
		size_t n = 1 + i * i % 9000;
		block[i] = arena_take(a, n);
		assert_non_null(block[i]);
		assert_int_equal((uintptr_t)block[i] % 16, 0);
		memset(block[i], (int)i, n);
	}
	for (size_t i = 0; i < COUNT(block); i++) {
		size_t n = 1 + i * i % 9000;
		for (size_t j = 0; j < n; j++)
			assert_int_equal(block[i][j], (unsigned char)i);
	}
	arena_free(a);
}

static void
test_the_ceiling_holds(void **state)
{
	(void)state;
	struct arena *a = arena_new(100000);
	assert_null(arena_take(a, 100001));
	assert_null(arena_take(a, SIZE_MAX));
	size_t taken = 0;
	while (arena_take(a, 1000))
		taken += 1000;
	assert_in_range(taken, 98000, 100000);
	assert_true(arena_used(a) <= 100016);
	assert_null(arena_take_array(a, 8, SIZE_MAX / 4));
	assert_null(arena_str(a, (struct str){ "x", 5000 }).p);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	assert_non_null(arena_take(a, 99000));
	arena_free(a);
}

static void
test_fixed_sizes_outlive_the_ceiling(void **state)
{
	(void)state;
	struct arena *a = arena_new(20000);
	while (arena_take(a, 16))
		;
	unsigned char *p = arena_fixed(a, 200);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(p[i], 0);
	for (int i = 0; i < 100; i++)
		memset(arena_fixed(a, 256), 0xEE, 256);
	assert_null(arena_take(a, 16));
	arena_reset(a);
	p = arena_fixed(a, 4096);
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(p[i], 0);
	arena_free(a);
}

static void
test_an_array_is_zeroed(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	memset(arena_take(a, 3000), 0xFF, 3000);
	arena_reset(a);
	struct ctx ctx = { .arena = a };
	int64_t *v = NEW_ARRAY(&ctx, int64_t, 300);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(v[i], 0);
	arena_free(a);
}

static void
test_text_is_copied_and_ended(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	char from[] = "Conceição!";
	struct str s = arena_str(a, (struct str){ from, sizeof from - 2 });
	from[0] = 'X';
	assert_string_equal(s.p, "Conceição");
	assert_int_equal(s.n, strlen("Conceição"));
	struct str empty = arena_str(a, STR(""));
	assert_true(str_is_set(empty));
	assert_string_equal(empty.p, "");
	assert_false(str_is_set(arena_str(a, (struct str){ 0 })));
	assert_string_equal(arena_printf(a, "%s[%d]", "items", 12), "items[12]");
	/* Every length there is, over the ends of several chunks. */
	for (int n = 0; n < 400; n++) {
		const char *text = arena_printf(a, "%0*d", n + 1, 7), *after = arena_printf(a, "after");

		assert_int_equal(strlen(text), n + 1);
		assert_int_equal(text[n], '7');
		assert_string_equal(after, "after");
	}
	while (arena_take(a, 16))
		;
	assert_string_equal(arena_printf(a, "%s", "no room"), "");
	arena_free(a);
	arena_free(NULL);
}

static void
test_failures_are_noted(void **state)
{
	(void)state;
	struct ctx ctx = { .arena = arena_new(1 << 16) };
	assert_int_equal(fail(&ctx, ERR_STALE, "version %d", 7), ERR_STALE);
	assert_string_equal(ctx.why, "version 7");
	for (int i = 0; i < 300; i++)
		assert_int_equal(invalid(&ctx, i ? "b" : "a", "required"), ERR_INVALID);
	assert_string_equal(ctx.invalid->field, "a");
	size_t n = 0;
	for (struct invalid *v = ctx.invalid; v; v = v->next)
		n++;
	assert_int_equal(n, 100);
	arena_free(ctx.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_are_apart_and_aligned),
		cmocka_unit_test(test_the_ceiling_holds),
		cmocka_unit_test(test_fixed_sizes_outlive_the_ceiling),
		cmocka_unit_test(test_an_array_is_zeroed),
		cmocka_unit_test(test_text_is_copied_and_ended),
		cmocka_unit_test(test_failures_are_noted),
	};
	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
