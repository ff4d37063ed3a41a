/* test_brazil.c - every row of the vectors, then what they do not cover. */
#include "base/brazil.h"

#include "../csv.h"

static void
every_row(const char *name, bool (*valid)(struct str), size_t rows)
{
	struct csv csv = csv_open(name);
	while (csv_next(&csv)) {
		struct str input = csv_cell(&csv, "input"), expected = csv_cell(&csv, "expected");
		assert_true(str_is(expected, "valid") || str_is(expected, "invalid"));
		if (valid(input) != str_is(expected, "valid"))
			fail_msg("%s: %s is %s", name, input.p, expected.p);
	}
	assert_int_equal(csv_close(&csv), rows);
}

static void
test_vectors(void **state)
{
	(void)state;
	every_row("vectors/cpf.csv", cpf_valid, 26);
	every_row("vectors/cnpj.csv", cnpj_valid, 35);
	every_row("vectors/cns.csv", cns_valid, 29);
	every_row("vectors/ibge_municipio.csv", ibge_municipio_valid, 22);
	every_row("vectors/gtin.csv", gtin_valid, 20);
}

static void
test_check_digit_vectors(void **state)
{
	(void)state;
	struct csv csv = csv_open("vectors/cpf_dv.csv");
	char digits[3] = { 0 };
	while (csv_next(&csv)) {
		cpf_digits(csv_cell(&csv, "base9").p, digits);
		assert_string_equal(digits, csv_cell(&csv, "expected_dv").p);
	}
	assert_int_equal(csv_close(&csv), 15);
	csv = csv_open("vectors/cnpj_dv.csv");
	while (csv_next(&csv)) {
		cnpj_digits(csv_cell(&csv, "base12").p, digits);
		assert_string_equal(digits, csv_cell(&csv, "expected_dv").p);
	}
	assert_int_equal(csv_close(&csv), 16);
}

/* Of the hundred endings of nine digits exactly one is right. */
static void
test_one_ending_is_right(void **state)
{
	(void)state;
	unsigned seed = 7;
	for (int i = 0; i < 300; i++) {
		char text[CPF_TEXT + 1];
		int right = 0;
		seed = seed * 1103515245 + 12345;
		for (unsigned end = 0; end < 100; end++) {
			snprintf(text, sizeof text, "%09u%02u", seed % 1000000000, end);
			right += cpf_valid(str_of(text));
		}
		assert_int_equal(right, 1);
	}
}

static void
test_plain(void **state)
{
	(void)state;
	char cpf[CPF_TEXT + 1], cnpj[CNPJ_TEXT + 1], cns[CNS_TEXT + 1], cep[CEP_TEXT + 1];
	assert_true(cpf_plain(STR("529.982.247-25"), cpf));
	assert_string_equal(cpf, "52998224725");
	assert_true(cnpj_plain(STR("12.abc.345/01de-35"), cnpj));
	assert_string_equal(cnpj, "12ABC34501DE35");
	assert_true(cnpj_valid(STR("12abc34501de35")));
	assert_true(cns_plain(STR("712 3456 7890 1236"), cns));
	assert_string_equal(cns, "712345678901236");
	assert_true(cep_plain(STR("01310-100"), cep));
	assert_string_equal(cep, "01310100");
	static const char *const bad[] = { "", "529982247-25", "529.982.24725", "5299822472",
		"529.982.247-2x", " 52998224725", "52998224725 ", "529 982 247 25", "529-982-247.25",
		"\xD9\xA1\xD9\xA1\xD9\xA1\xD9\xA1\xD9\xA1\x31" };
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(cpf_plain(str_of(bad[i]), cpf));
	assert_false(cnpj_plain(STR("12ABC34501DEA5"), cnpj)); /* the check digits are digits */
	assert_false(cpf_valid((struct str){ 0 }));
	assert_false(cpf_valid((struct str){ "5299822472\0", 11 }));
}

static void
test_cep(void **state)
{
	(void)state;
	assert_true(cep_valid(STR("01310-100")));
	assert_true(cep_valid(STR("70150900")));
	assert_false(cep_valid(STR("00000-000")));
	assert_false(cep_valid(STR("0131-0100")));
	assert_false(cep_valid(STR("0131010")));
	assert_string_equal(check_cep(STR("x")), "cep");
	assert_null(check_cep(STR("01310-100")));
}

static void
test_phone(void **state)
{
	(void)state;
	static const char *const good[] = { "11987654321", "(11) 98765-4321", "+55 11 98765-4321",
		"5511987654321", "+5511987654321", "(61) 3333-4444", "6133334444", "011 98765-4321",
		"1187654321", "+1 202 555 0123", "+351 912 345 678", "55 55 3220-8000", "5532208000",
		"(55) 99999-0000", "+55.11.98765.4321" };
	static const char *const bad[] = { "", "+", "12345", "987654321", "(10) 98765-4321",
		"(23) 98765-4321", "11887654321", "1107654321", "119876543210", "+55 20 98765-4321",
		"+0 123456789", "+1234567", "+1234567890123456", "11 98765-4321 ramal 2", "11987654321\n",
		"++5511987654321", "n/a", "98765-4321" };
	for (size_t i = 0; i < COUNT(good); i++)
		if (!phone_valid(str_of(good[i])))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (phone_valid(str_of(bad[i])))
			fail_msg("%s", bad[i]);
	assert_false(phone_valid((struct str){ "1198765432\0", 11 }));
	int codes = 0;
	for (int ddd = 0; ddd < 100; ddd++) {
		char text[12];
		snprintf(text, sizeof text, "%02d33334444", ddd);
		codes += phone_valid(str_of(text));
	}
	assert_int_equal(codes, 67); /* Anatel's area codes */
	assert_string_equal(check_phone(STR("x")), "phone");
}

static void
test_email(void **state)
{
	(void)state;
	static const char *const good[] = { "a@b.co", "maria.silva+sus@hospital.sp.gov.br", "o'neil@x-y.com",
		"root@demo.test", "joão@saúde.com.br", "a@1.com", "x_y%z@d.museum", "a-@b.c" };
	static const char *const bad[] = { "", "@", "a", "a@", "@b.co", "a@b", "a@localhost", "a b@c.co",
		"a@b c.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a@.co", "a@b.", "a@b..co", "a@-b.co",
		"a@b-.co", "a@b.co-", "a@b.-co", "a@[127.0.0.1]", "a@127.0.0.1", "a@b@c.co", "\"a b\"@c.co",
		"a@b.co\r\nBcc: x@y.co", "<a@b.co>", "a,b@c.co", "a@b_c.co", "\xFF@b.co" };
	for (size_t i = 0; i < COUNT(good); i++)
		if (!email_valid(str_of(good[i])))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (email_valid(str_of(bad[i])))
			fail_msg("%s", bad[i]);
	char text[400];
	for (int n = 63; n <= 65; n++) {
		snprintf(text, sizeof text, "%0*d@b.co", n, 0);
		assert_int_equal(email_valid(str_of(text)), n <= 64);
		snprintf(text, sizeof text, "a@%0*d.co", n, 0);
		assert_int_equal(email_valid(str_of(text)), n <= 63);
	}
	for (int n = 50; n <= 62; n++) {
		snprintf(text, sizeof text, "%064d@%060d.%060d.%0*d.co", 0, 0, 0, n, 0);
		assert_int_equal(email_valid(str_of(text)), strlen(text) <= 254);
	}
	assert_false(email_valid((struct str){ "a\0b@c.co", 8 }));
	assert_string_equal(check_email(STR("x")), "email");
}

static void
test_municipalities(void **state)
{
	(void)state;
	static const char *const exceptions[] = { "2201919", "2201988", "2202251", "2611533", "3117836",
		"3152131", "4305871", "5203939", "5203962" };
	for (size_t i = 0; i < COUNT(exceptions); i++) {
		int right = 0;
		for (char last = '0'; last <= '9'; last++) {
			char text[8];
			snprintf(text, sizeof text, "%.6s%c", exceptions[i], last);
			right += ibge_municipio_valid(str_of(text));
		}
		assert_true(ibge_municipio_valid(str_of(exceptions[i])));
		assert_int_equal(right, 1);
	}
	assert_false(ibge_municipio_valid(STR("355030"))); /* the six digits of DATASUS */
	assert_false(ibge_municipio_valid(STR("3450308")));
	assert_true(gtin_valid(STR("SEM GTIN")));
	assert_false(gtin_valid(STR("0000000000000")));
	assert_false(gtin_valid(STR("")));
}

static void
test_masks(void **state)
{
	(void)state;
	struct ctx ctx = { .arena = arena_new(1 << 16) };
	assert_true(str_is(mask_cpf(&ctx, STR("12345678909")), "***.456.789-**"));
	assert_true(str_is(mask_cns(&ctx, STR("712345678901236")), "*** **** **** 1236"));
	assert_false(str_is_set(mask_cpf(&ctx, STR("1234567890"))));
	assert_false(str_is_set(mask_cpf(&ctx, (struct str){ 0 })));
	assert_false(str_is_set(mask_cns(&ctx, STR("x"))));
	assert_null(check_cpf(STR("529.982.247-25")));
	assert_string_equal(check_cpf(STR("529.982.247-26")), "cpf");
	assert_string_equal(check_cns(STR("1")), "cns");
	assert_string_equal(check_cnpj(STR("1")), "cnpj");
	arena_free(ctx.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_check_digit_vectors),
		cmocka_unit_test(test_one_ending_is_right),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_cep),
		cmocka_unit_test(test_phone),
		cmocka_unit_test(test_email),
		cmocka_unit_test(test_municipalities),
		cmocka_unit_test(test_masks),
	};
	return cmocka_run_group_tests_name("brazil", tests, NULL, NULL);
}
