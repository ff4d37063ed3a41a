/* test_str.c - comparing, numbers, UTF-8, ids. */
#include "base/base.h"

#include <stdio.h>

#include "../cm.h"

static void
test_comparing(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), STR("abc")));
	assert_false(str_eq(STR("abc"), STR("abd")));
	assert_false(str_eq(STR("abc"), STR("ab")));
	assert_false(str_eq(STR(""), (struct str){ 0 }));
	assert_true(str_eq((struct str){ 0 }, (struct str){ 0 }));
	assert_true(str_is(STR("HIGH"), "HIGH"));
	assert_false(str_is(STR("HIGH"), "HIGHER"));
	assert_true(str_starts(STR("Bearer x"), "Bearer "));
	assert_false(str_starts(STR("Bear"), "Bearer "));
	assert_false(str_starts((struct str){ 0 }, ""));
	assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
	assert_true(str_is(str_trim(STR(" \n")), ""));
}

static void
test_numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
		int64_t v;
	} cases[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "+17", true, 17 }, { "007", true, 7 },
		{ "9223372036854775807", true, INT64_MAX }, { "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
		{ "99999999999999999999999", false, 0 }, { "", false, 0 }, { "-", false, 0 },
		{ "+-1", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 }, { "1.0", false, 0 },
		{ "1e3", false, 0 }, { "0x10", false, 0 }, { "\xD9\xA1", false, 0 }, /* an Arabic digit */
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t v = 42;
		assert_int_equal(str_int(str_of(cases[i].text), &v), cases[i].ok);
		assert_int_equal(v, cases[i].ok ? cases[i].v : 42);
	}
}

static void
test_parts(void **state)
{
	(void)state;
	static const char *const expected[] = { "", "a=1", "", "b" };
	struct str rest = STR("&a=1&&b&"), part;
	size_t n = 0;

	while (str_part(&rest, '&', &part))
		assert_true(n < COUNT(expected) && str_is(part, expected[n++]));
	assert_int_equal(n, COUNT(expected));
	rest = (struct str){ 0 };
	assert_false(str_part(&rest, '&', &part));
}

static void
test_numbers_are_written(void **state)
{
	(void)state;
	static const int64_t cases[] = { 0, 7, -1, 200, 1234567890123, INT64_MAX, INT64_MIN };
	char room[INT_TEXT], expected[32];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str text = int_text(cases[i], room);

		snprintf(expected, sizeof expected, "%lld", (long long)cases[i]);
		assert_true(str_is(text, expected));
	}
}

static void
test_utf8(void **state)
{
	(void)state;
	static const char *const good[] = { "", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
		"\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
		"Hanseníase \xF0\x9F\xA9\xBA" };
	static const char *const bad[] = { "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41",
		"\xE0\x80\x80", "\xE0\x9F\xBF", "\xE1\x80", "\xE1\x80\x41", "\xED\xA0\x80", "\xED\xBF\xBF",
		"\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80", "\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF", "a\xE9z" };
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(utf8_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	assert_false(utf8_valid("a\0b", 3));
	assert_int_equal(utf8_length(STR("ação \xF0\x9F\xA9\xBA")), 6);
}

/* Every code point there is, and every two-byte text, against the definition. */
static void
test_utf8_whole(void **state)
{
	(void)state;
	for (uint32_t c = 1; c < 0x110000; c++) {
		char p[4];
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
		uint32_t rest = c;
		for (size_t i = n - 1; i > 0; i--, rest >>= 6)
			p[i] = (char)(0x80 | (rest & 0x3F));
		p[0] = (char)(lead[n] | rest);
		if (utf8_valid(p, n) != (c < 0xD800 || c > 0xDFFF))
			fail_msg("code point %x", c);
	}
	for (unsigned v = 0; v < 0x10000; v++) {
		char p[2] = { (char)(v >> 8), (char)v };
		unsigned a = v >> 8, b = v & 0xFF;
		bool ascii = a > 0 && a < 0x80 && b > 0 && b < 0x80,
		     pair = a >= 0xC2 && a < 0xE0 && b >= 0x80 && b < 0xC0;
		if (utf8_valid(p, 2) != (ascii || pair))
			fail_msg("bytes %04x", v);
	}
}

static void
test_ids(void **state)
{
	(void)state;
	struct id id = { 0 };
	char text[ID_TEXT + 1];
	assert_false(id_is_set(id));
	assert_true(id_parse(STR("0193F7E2-6a4b-7c1d-8e9f-0123456789aB"), &id));
	assert_true(id_is_set(id));
	id_print(id, text);
	assert_string_equal(text, "0193f7e2-6a4b-7c1d-8e9f-0123456789ab");
	assert_int_equal(id.b[0], 0x01);
	assert_int_equal(id.b[15], 0xAB);
	static const char *const bad[] = { "", "0193f7e26a4b7c1d8e9f0123456789ab",
		"0193f7e2-6a4b-7c1d-8e9f-0123456789a", "0193f7e2-6a4b-7c1d-8e9f-0123456789abc",
		"0193f7e2-6a4b-7c1d-8e9f-0123456789ag", "0193f7e2 6a4b-7c1d-8e9f-0123456789ab",
		"0193f7e-26a4b-7c1d-8e9f-0123456789ab", "{193f7e2-6a4b-7c1d-8e9f-0123456789a}" };
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(id_parse(str_of(bad[i]), &id));
	struct id other = id;
	assert_true(id_eq(id, other));
	other.b[15]++;
	assert_true(id_cmp(id, other) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comparing),
		cmocka_unit_test(test_numbers_are_written),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_utf8_whole),
		cmocka_unit_test(test_ids),
	};
	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
