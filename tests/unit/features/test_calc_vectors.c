/* test_calc_vectors.c - every row of every vector file through the calculators,
 * read here by the tests' own CSV reader, not the program's. */
#include "calculators.h"

#include "../csv.h"

#include <dirent.h>

static const char *
cell_or_null(const struct csv *csv, const char *column)
{
	for (size_t i = 0; i < csv->column_count; i++)
		if (strcmp(csv->columns[i], column) == 0)
			return csv->cells[i];
	return NULL;
}

static void
test_row(const struct calculator *def, const struct csv *csv)
{
	struct str inputs[CALC_IN_MAX] = { { 0 } };
	struct calc c;
	for (size_t i = 0; i < def->in_count; i++)
		inputs[i] = str_of(cell_or_null(csv, def->in[i].name));
	arena_reset(arena);
	assert_int_equal(calc_run(def, arena, inputs, &c), OK);
	for (size_t i = 0; i < def->out_count; i++) {
		const char *expected = cell_or_null(csv, def->out[i].name);
		if (!expected || strcmp(expected, c.out[i]) != 0)
			fail_msg("%s row %zu: %s is \"%s\", expected \"%s\"", def->name, csv->rows,
			        def->out[i].name, c.out[i], expected ? expected : "(no such column)");
	}
	assert_int_equal(c.status, CALC_ANSWERED);
	assert_true(c.cited_count > 0);
}

static size_t
test_file(const char *file)
{
	char path[300];
	const struct calculator *def = calc_find((struct str){ file, strlen(file) - strlen(".csv") });
	if (!def)
		fail_msg("no calculator for %s", file);
	snprintf(path, sizeof path, "vectors/%s", file);
	struct csv csv = csv_open(path);
	while (csv_next(&csv))
		test_row(def, &csv);
	return csv_close(&csv);
}

static void
test_every_row(void **state)
{
	(void)state;
	char path[1000];
	const char *root = getenv("PLANTAO_SOURCE");
	size_t files = 0, rows = 0;
	snprintf(path, sizeof path, "%s/tests/data/vectors", root ? root : ".");
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (!strstr(entry->d_name, ".csv"))
			continue;
		rows += test_file(entry->d_name);
		files++;
	}
	closedir(dir);
	assert_int_equal(files, 31);
	assert_int_equal(rows, 606);
}

static void
test_rows_of_the_table(void **state)
{
	(void)state;
	const char *wrong = calc_check();
	size_t n = 0;
	if (wrong)
		fail_msg("%s", wrong);
	for (; calc_at(n); n++)
		if (n > 0)
			assert_true(strcmp(calc_at(n - 1)->name, calc_at(n)->name) < 0);
	assert_int_equal(n, 32);
	assert_null(calc_find(STR("")));
	assert_null(calc_find(STR("pqtu")));
}

static void
test_self_test_passes(void **state)
{
	(void)state;
	char why[300] = "";
	if (calc_self_test(why) != OK)
		fail_msg("%s", why);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_of_the_table),
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_self_test_passes),
	};
	arena = arena_new(1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
