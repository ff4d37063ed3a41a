/* test_codec.c - RFC 4648's vectors, every length, and that a value has one spelling. */
#include "../cm.h"
#include "sys/crypto.h"

static const struct {
	const char *text, *base64, *base32, *hex;
} cases[] = {
	{ "", "", "", "" },
	{ "f", "Zg", "MY", "66" },
	{ "fo", "Zm8", "MZXQ", "666f" },
	{ "foo", "Zm9v", "MZXW6", "666f6f" },
	{ "foob", "Zm9vYg", "MZXW6YQ", "666f6f62" },
	{ "fooba", "Zm9vYmE", "MZXW6YTB", "666f6f6261" },
	{ "foobar", "Zm9vYmFy", "MZXW6YTBOI", "666f6f626172" },
	{ "\xfb\xff\xfe", "-__-", "7P774", "fbfffe" },
};

static void
known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[32];
		unsigned char bytes[16];
		size_t n = strlen(cases[i].text), got = 99;

		assert_int_equal(base64url_print(cases[i].text, n, out), strlen(cases[i].base64));
		assert_string_equal(out, cases[i].base64);
		assert_int_equal(base32_print(cases[i].text, n, out), strlen(cases[i].base32));
		assert_string_equal(out, cases[i].base32);
		hex_print(cases[i].text, n, out);
		assert_string_equal(out, cases[i].hex);
		assert_true(base64url_parse(str_of(cases[i].base64), bytes, n, &got));
		assert_int_equal(got, n);
		assert_memory_equal(bytes, cases[i].text, n);
		assert_true(hex_parse(str_of(cases[i].hex), bytes, n));
		assert_memory_equal(bytes, cases[i].text, n);
	}
}

static void
round_trips(void **state)
{
	unsigned char in[100], back[100];
	char out[201];
	size_t got;

	(void)state;
	for (size_t n = 0; n <= sizeof in; n++) {
		random_bytes(in, n);
		size_t length = base64url_print(in, n, out);
		assert_int_equal(length, (n * 4 + 2) / 3);
		assert_true(base64url_parse((struct str){ out, length }, back, n, &got));
		assert_int_equal(got, n);
		assert_memory_equal(back, in, n);
		if (n > 0)
			assert_false(base64url_parse((struct str){ out, length }, back, n - 1, &got));
		hex_print(in, n, out);
		assert_true(hex_parse(str_of(out), back, n));
		assert_memory_equal(back, in, n);
	}
}

static void
one_spelling(void **state)
{
	static const char *const refused[] = { "Z", "Zh", "Zm9", "Zg==", "Zg=", "Zm9v\n", " Zm9", "Zm+v",
		"Zm/v", "Zm9vYh", "Zm9vZ", "\xc3\xa7zz" };
	unsigned char out[64];
	size_t n = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(base64url_parse(str_of(refused[i]), out, sizeof out, &n));
	assert_int_equal(n, 77);
	assert_false(hex_parse(STR("6"), out, 1));
	assert_false(hex_parse(STR("666"), out, 1));
	assert_false(hex_parse(STR("6g"), out, 1));
	assert_false(hex_parse(STR(" 6"), out, 1));
	assert_true(hex_parse(STR("aF"), out, 1));
	assert_int_equal(out[0], 0xaf);
}

/* RFC 4648, section 10, and what other programs' APIs must not be handed. */
static void
padded(void **state)
{
	static const char *const texts[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "+//+" } };
	static const char *const refused[] = { "Zg", "Zm8", "-__-", "Zm9v\n", "Zh==", "====", "Zm9v====" };
	unsigned char out[64];
	char text[64];
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t plain = strlen(texts[i][0]);
		assert_int_equal(base64_print(texts[i][0], plain, text), strlen(texts[i][1]));
		assert_string_equal(text, texts[i][1]);
		assert_true(base64_parse(str_of(text), out, sizeof out, &n));
		assert_int_equal(n, plain);
		assert_memory_equal(out, texts[i][0], plain);
	}
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(base64_parse(str_of(refused[i]), out, sizeof out, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(one_spelling),
		cmocka_unit_test(padded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
