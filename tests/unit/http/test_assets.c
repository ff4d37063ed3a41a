/* The embedded front end: found by path, whole again when inflated, empty in a build without it. */
#include "http/assets.h"

#include "../cm.h"

static void
finds_every_row_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < asset_count; i++)
		assert_ptr_equal(asset_find((struct str){ asset_rows[i].path, strlen(asset_rows[i].path) }),
		        &asset_rows[i]);
	assert_null(asset_rows[asset_count].path);
	assert_null(asset_find(STR("/assets/none.js")));
	assert_null(asset_find(STR("")));
	assert_null(asset_find(STR("/index.htm")));
	assert_null(asset_find(STR("/index.html/")));
	assert_null(asset_find((struct str){ 0 }));
}

static void
inflates_to_what_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < asset_count; i++) {
		struct buf out;

		buf_init(&out, 8 << 20);
		assert_true(asset_plain(&asset_rows[i], &out));
		assert_int_equal(buf_view(&out).n, asset_rows[i].size);
		buf_free(&out);
	}
}

static void
a_ceiling_is_said(void **state)
{
	struct buf out;

	(void)state;
	if (asset_count == 0)
		skip();
	buf_init(&out, 16);
	assert_false(asset_plain(asset_index(), &out));
	buf_free(&out);
}

static void
the_page_may_not_be_kept_but_its_parts_may(void **state)
{
	(void)state;
	if (asset_count == 0)
		skip();
	assert_non_null(asset_index());
	assert_false(asset_index()->immutable);
	for (size_t i = 0; i < asset_count; i++)
		if (strncmp(asset_rows[i].path, "/assets/", 8) == 0)
			assert_true(asset_rows[i].immutable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_every_row_and_nothing_else),
		cmocka_unit_test(inflates_to_what_it_was),
		cmocka_unit_test(a_ceiling_is_said),
		cmocka_unit_test(the_page_may_not_be_kept_but_its_parts_may),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
