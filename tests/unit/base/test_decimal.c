/* test_decimal.c - exact decimals: reading, printing, the four operations. */
#include "base/decimal.h"

#include "../cm.h"

static struct decimal
dec(const char *text)
{
	struct decimal d = { 0 };
	if (!decimal_parse(str_of(text), &d))
		fail_msg("%s does not parse", text);
	return d;
}

static void
assert_decimal(struct decimal d, const char *text)
{
	char out[DECIMAL_TEXT + 1];
	assert_true(decimal_print(d, d.scale, out));
	assert_string_equal(out, text);
}

static void
test_reading(void **state)
{
	(void)state;
	static const char *const good[] = { "0", "0.00", "-1", "12.50", "0.000000000000000001",
		"9223372036854775807", "-9223372036854775808", "-9.223372036854775808" };
	static const char *const bad[] = { "", "-", ".", ".5", "5.", "1..2", "1.2.3", "+1", " 1", "1 ", "1,5",
		"1e3", "9223372036854775808", "-9223372036854775809", "0.0000000000000000001",
		"999999999999999999999999999999999999999999", "0x1", "--1" };
	for (size_t i = 0; i < COUNT(good); i++)
		assert_decimal(dec(good[i]), good[i]);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct decimal d = { 7, 7 };
		assert_false(decimal_parse(str_of(bad[i]), &d));
		assert_int_equal(d.units, 7);
	}
	assert_decimal(dec("-0.50"), "-0.50");
	assert_decimal(dec("007.5"), "7.5");
}

static void
test_rounding(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		uint8_t scale;
		const char *out;
	} cases[] = {
		{ "2.5", 0, "3" },
		{ "-2.5", 0, "-3" },
		{ "2.4999", 0, "2" },
		{ "-2.4999", 0, "-2" },
		{ "0.5", 0, "1" },
		{ "-0.4", 0, "0" },
		{ "1.005", 2, "1.01" },
		{ "1.004", 2, "1.00" },
		{ "12", 3, "12.000" },
		{ "0.045", 1, "0.0" },
		{ "999.995", 2, "1000.00" },
		{ "9223372036854775807", 0, "9223372036854775807" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[DECIMAL_TEXT + 1];
		assert_true(decimal_print(dec(cases[i].in), cases[i].scale, out));
		assert_string_equal(out, cases[i].out);
	}
	char out[DECIMAL_TEXT + 1];
	assert_false(decimal_print(dec("9223372036854775807"), 1, out));
	assert_int_equal(decimal_floor(dec("-2.1")), -3);
	assert_int_equal(decimal_floor(dec("2.9")), 2);
	assert_int_equal(decimal_floor(dec("-2.0")), -2);
	assert_int_equal(decimal_ceil(dec("2.1")), 3);
	assert_int_equal(decimal_ceil(dec("-2.9")), -2);
	assert_int_equal(decimal_ceil(dec("2.0")), 2);
}

static void
test_operations(void **state)
{
	(void)state;
	struct decimal d;
	assert_true(decimal_add(dec("0.1"), dec("0.2"), &d));
	assert_decimal(d, "0.3");
	assert_true(decimal_add(dec("1.25"), dec("-3"), &d));
	assert_decimal(d, "-1.75");
	assert_true(decimal_sub(dec("10"), dec("0.001"), &d));
	assert_decimal(d, "9.999");
	assert_true(decimal_mul(dec("1.5"), dec("-2.25"), &d));
	assert_decimal(d, "-3.375");
	assert_true(decimal_mul(dec("0.0000000001"), dec("1000000000.0"), &d));
	assert_int_equal(decimal_cmp(d, dec("0.1")), 0);
	assert_true(decimal_mul(dec("1.000000000000"), dec("2.000000000000"), &d));
	assert_int_equal(decimal_cmp(d, dec("2")), 0);
	assert_true(decimal_div(dec("10"), dec("4"), 0, &d));
	assert_decimal(d, "3");
	assert_true(decimal_div(dec("-10"), dec("4"), 0, &d));
	assert_decimal(d, "-3");
	assert_true(decimal_div(dec("10"), dec("-4"), 1, &d));
	assert_decimal(d, "-2.5");
	assert_true(decimal_div(dec("2"), dec("3"), 6, &d));
	assert_decimal(d, "0.666667");
	assert_true(decimal_div(dec("70.5"), dec("2.9584"), 2, &d)); /* weight by height squared */
	assert_decimal(d, "23.83");
	assert_true(decimal_div(dec("0.000000000000000001"), dec("9223372036854775807"), 18, &d));
	assert_decimal(d, "0.000000000000000000");
	assert_true(decimal_div(dec("1"), dec("0.000000000000000001"), 0, &d));
	assert_decimal(d, "1000000000000000000");
	assert_decimal(decimal_trim(dec("1.2500")), "1.25");
	assert_decimal(decimal_trim(dec("0.00")), "0");
	assert_decimal(decimal_trim(dec("100")), "100");
}

static void
test_what_does_not_fit(void **state)
{
	(void)state;
	struct decimal d = { 7, 7 }, most = dec("9223372036854775807"), least = dec("-9223372036854775808");
	assert_false(decimal_add(most, dec("1"), &d));
	assert_false(decimal_add(most, dec("0.1"), &d));
	assert_false(decimal_sub(least, dec("1"), &d));
	assert_false(decimal_sub(dec("0"), least, &d));
	assert_false(decimal_mul(most, dec("2"), &d));
	assert_false(decimal_mul(least, dec("-1"), &d));
	assert_false(decimal_mul(dec("0.0000000001"), dec("0.0000000001"), &d));
	assert_false(decimal_div(dec("1"), dec("0.00"), 2, &d));
	assert_false(decimal_div(most, dec("0.1"), 0, &d));
	assert_false(decimal_div(least, dec("-1"), 0, &d));
	assert_false(decimal_div(most, dec("0.000000000000000001"), 18, &d));
	assert_false(decimal_round(most, 1, &d));
	assert_int_equal(d.units, 7);
	assert_true(decimal_div(least, least, 0, &d));
	assert_decimal(d, "1");
}

static void
test_comparing(void **state)
{
	(void)state;
	assert_int_equal(decimal_cmp(dec("1.0"), dec("1")), 0);
	assert_true(decimal_cmp(dec("1.01"), dec("1.1")) < 0);
	assert_true(decimal_cmp(dec("-1"), dec("-1.5")) > 0);
	assert_true(decimal_cmp(dec("9223372036854775807"), dec("-0.000000000000000001")) > 0);
}

/* Small numbers, all pairs, against plain integers at a common scale. */
static void
test_against_integers(void **state)
{
	(void)state;
	for (int a = -120; a <= 120; a++)
		for (int b = -120; b <= 120; b++) {
			struct decimal x = DECIMAL(a, 1), y = DECIMAL(b, 2), d;
			assert_true(decimal_add(x, y, &d));
			assert_int_equal(d.units, a * 10 + b);
			assert_true(decimal_mul(x, y, &d));
			assert_int_equal(decimal_cmp(d, DECIMAL(a * b, 3)), 0);
			if (b == 0)
				continue;
			assert_true(decimal_div(x, y, 0, &d));
			int n = a * 10 * 2, q = (abs(n) + abs(b)) / (2 * abs(b));
			assert_int_equal(d.units, (a < 0) == (b < 0) ? q : -q);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_what_does_not_fit),
		cmocka_unit_test(test_comparing),
		cmocka_unit_test(test_against_integers),
	};
	return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
