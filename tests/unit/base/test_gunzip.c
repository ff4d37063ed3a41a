/* test_gunzip.c - whole, many members, cut short at every byte, damaged, too large. */
#include "base/gunzip.h"

#include "../cm.h"

/* printf 'uma linha\n' | gzip -n9 */
static const unsigned char packed[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b,
	0xcd, 0x4d, 0x54, 0xc8, 0xc9, 0xcc, 0xcb, 0x48, 0xe4, 0x02, 0x00, 0xad, 0xaa, 0x20, 0x67, 0x0a, 0x00,
	0x00, 0x00 };

static struct str
whole(void)
{
	return (struct str){ (const char *)packed, sizeof packed };
}

static enum err
unpacked_is(struct str in, size_t ceiling, const char *text)
{
	struct buf out;
	buf_init(&out, ceiling);
	enum err e = gunzip(in, &out);
	if (e == OK)
		assert_true(str_is(buf_view(&out), text));
	buf_free(&out);
	return e;
}

static void
test_whole(void **state)
{
	(void)state;
	assert_true(gzip_is(whole()));
	assert_false(gzip_is(STR("{}")));
	assert_false(gzip_is(STR("")));
	assert_int_equal(unpacked_is(whole(), 1000, "uma linha\n"), OK);
}

static void
test_members(void **state)
{
	char two[2 * sizeof packed];
	(void)state;
	memcpy(two, packed, sizeof packed);
	memcpy(two + sizeof packed, packed, sizeof packed);
	assert_int_equal(unpacked_is((struct str){ two, sizeof two }, 1000, "uma linha\numa linha\n"), OK);
	two[sizeof packed] = 'x';
	assert_int_equal(unpacked_is((struct str){ two, sizeof two }, 1000, ""), ERR_MALFORMED);
}

static void
test_cut_short(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof packed; n++)
		assert_int_equal(
		        unpacked_is((struct str){ (const char *)packed, n }, 1000, ""), ERR_MALFORMED);
}

static void
test_damaged(void **state)
{
	char bad[sizeof packed];
	(void)state;
	memcpy(bad, packed, sizeof packed);
	bad[sizeof packed - 6] ^= 1; /* the checksum */
	assert_int_equal(unpacked_is((struct str){ bad, sizeof bad }, 1000, ""), ERR_MALFORMED);
}

/* The ceiling is of all members together. */
static void
test_ceiling_of_members(void **state)
{
	char many[100 * sizeof packed];
	struct buf out;
	(void)state;
	for (size_t i = 0; i < 100; i++)
		memcpy(many + i * sizeof packed, packed, sizeof packed);
	buf_init(&out, 999);
	assert_int_equal(gunzip((struct str){ many, sizeof many }, &out), ERR_TOO_LARGE);
	assert_true(out.n <= 999);
	buf_free(&out);
	buf_init(&out, 1000);
	assert_int_equal(gunzip((struct str){ many, sizeof many }, &out), OK);
	assert_int_equal(out.n, 1000);
	buf_free(&out);
}

static void
test_ceiling(void **state)
{
	(void)state;
	assert_int_equal(unpacked_is(whole(), 10, "uma linha\n"), OK);
	assert_int_equal(unpacked_is(whole(), 9, ""), ERR_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_ceiling_of_members),
		cmocka_unit_test(test_ceiling),
	};
	return cmocka_run_group_tests_name("gunzip", tests, NULL, NULL);
}
