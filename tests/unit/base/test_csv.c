/* test_csv.c - RFC 4180 in and out. */
#include "base/csv.h"

#include "../cm.h"

/* Records as text: fields between |, records between newlines, ! in front of a malformed one. */
static enum csv_result
read_all(const char *bytes, size_t n, struct buf *out)
{
	struct str left = { bytes, n };
	struct csv csv;
	enum csv_result got;
	csv_open(&csv, csv_read_bytes, &left);
	buf_reset(out);
	while ((got = csv_next(&csv)) == CSV_ROW) {
		buf_text(out, csv.malformed ? "!" : "");
		for (size_t i = 0; i < csv.count; i++) {
			buf_text(out, i > 0 ? "|" : "");
			buf_str(out, csv_field(&csv, i));
		}
		buf_byte(out, '\n');
	}
	buf_byte(out, '\0');
	csv_close(&csv);
	return got;
}

static void
assert_reads(const char *bytes, const char *expected)
{
	struct buf out;
	buf_init(&out, 1 << 16);
	assert_int_equal(read_all(bytes, strlen(bytes), &out), CSV_END);
	assert_string_equal(out.p, expected);
	buf_free(&out);
}

static void
test_records(void **state)
{
	(void)state;
	assert_reads("", "");
	assert_reads("a,b\n1,2\n", "a|b\n1|2\n");
	assert_reads("a,b\r\n1,2\r\n", "a|b\n1|2\n");
	assert_reads("a,b\n1,2", "a|b\n1|2\n");
	assert_reads("a,\n,b\n,\n", "a|\n|b\n|\n");
	assert_reads("\"a,b\",\"c\"\"d\",\"\"\n", "a,b|c\"d|\n");
	assert_reads("\"two\r\nlines\",x\r\n", "two\r\nlines|x\n");
	assert_reads("\xEF\xBB\xBF"
	             "a,b\n",
	        "a|b\n");
	assert_reads("a\rb,c\n", "a\rb|c\n");
	assert_reads("a\n\nb\n", "a\n\nb\n");
	assert_reads("a,b,", "a|b|\n");
	assert_reads("\"\"", "\n");
}

static void
test_lenient_where_nothing_is_lost(void **state)
{
	(void)state;
	assert_reads("a\"b,c\n", "a\"b|c\n");
	assert_reads("\"a\"b,c\n", "!ab|c\n");
	assert_reads("x,\"a\" \n1,2\n", "!x|a \n1|2\n");
}

static void
test_refused(void **state)
{
	(void)state;
	struct buf out, big;
	buf_init(&out, 4 << 20);
	buf_init(&big, 4 << 20);
	assert_int_equal(read_all(STR("a,b\n1,\"2\n").p, 9, &out), CSV_OPEN_QUOTE);
	assert_string_equal(out.p, "a|b\n");
	for (int i = 0; i < CSV_FIELDS_MAX - 1; i++)
		buf_byte(&big, ',');
	assert_int_equal(read_all(big.p, big.n, &out), CSV_END);
	buf_byte(&big, ',');
	assert_int_equal(read_all(big.p, big.n, &out), CSV_TOO_LARGE);
	buf_reset(&big);
	for (int i = 0; i <= CSV_ROW_MAX; i++)
		buf_byte(&big, 'x');
	assert_int_equal(read_all(big.p, big.n, &out), CSV_TOO_LARGE);
	buf_free(&out);
	buf_free(&big);
}

static ssize_t
fails(void *arg, char *to, size_t room)
{
	int *calls = arg;
	assert_true(room > 4);
	memcpy(to, "a,b\n", 4);
	return (*calls)++ == 0 ? 4 : -1;
}

static void
test_source_that_fails(void **state)
{
	(void)state;
	struct csv csv;
	int calls = 0;
	csv_open(&csv, fails, &calls);
	assert_int_equal(csv_next(&csv), CSV_ROW);
	assert_int_equal(csv_next(&csv), CSV_READ_FAILED);
	csv_close(&csv);
}

static void
test_what_is_known_of_a_record(void **state)
{
	(void)state;
	struct str left = STR("a,b\r\n\"1\n2\",3\n\n\"\"\n");
	struct csv csv;
	csv_open(&csv, csv_read_bytes, &left);
	assert_int_equal(csv_next(&csv), CSV_ROW);
	assert_true(csv.crlf && csv.line == 1);
	assert_int_equal(csv_next(&csv), CSV_ROW);
	assert_true(!csv.crlf && csv.line == 2 && csv.count == 2);
	assert_int_equal(csv_next(&csv), CSV_ROW);
	assert_true(csv.blank && csv.line == 4 && csv.count == 1);
	assert_int_equal(csv_next(&csv), CSV_ROW);
	assert_true(!csv.blank && csv_field(&csv, 0).n == 0);
	csv_close(&csv);
}

/* What is written reads back alike, whatever the bytes. */
static void
test_round_trip(void **state)
{
	(void)state;
	static const struct str rows[][3] = {
		{ STR("plain"), STR("with,comma"), STR("with \"quotes\"") },
		{ STR("cr\rlf\n"), STR(""), STR(" blanks ") },
		{ STR("\""), STR("\"\""), STR("ç\0x") },
	};
	struct buf b;
	struct csv csv;
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < COUNT(rows); i++)
		csv_write(&b, rows[i], 3, i % 2 == 0);
	struct str left = buf_view(&b);
	csv_open(&csv, csv_read_bytes, &left);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(csv_next(&csv), CSV_ROW);
		assert_true(csv.count == 3 && !csv.malformed && csv.crlf == (i % 2 == 0));
		for (size_t k = 0; k < 3; k++)
			assert_true(str_eq(csv_field(&csv, k), rows[i][k]));
	}
	assert_int_equal(csv_next(&csv), CSV_END);
	csv_close(&csv);
	buf_free(&b);
}

static void
test_quotes_only_where_needed(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 1 << 16);
	csv_write(&b, (struct str[]){ STR("a b"), STR("x,y"), { 0 } }, 3, true);
	csv_write(&b, (struct str[]){ STR("") }, 1, false);
	assert_true(str_is(buf_view(&b), "a b,\"x,y\",\r\n\"\"\n"));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_lenient_where_nothing_is_lost),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_source_that_fails),
		cmocka_unit_test(test_what_is_known_of_a_record),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_quotes_only_where_needed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
