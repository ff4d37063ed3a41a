/* test_migrate.c - migrations: applied once, again, changed, newer, failing, at once. */
#include "../cm.h"

#include <pthread.h>
#include <stdio.h>

#include "unit/store/fixture.h"

#include "gen/migrate_sql.h"
#include "door_sql.h"

static struct fixture f;

static int
setup(void **state)
{
	(void)state;
	fixture_empty(&f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static int
count(const struct migration *all)
{
	int n = 0;

	while (all[n].number != 0)
		n++;
	return n;
}

static void
test_applied_once(void **state)
{
	(void)state;
	char why[200];
	int from = -1, to = -1, all = count(migrations);

	assert_true(all >= 1);
	assert_int_equal(store_migrate(f.store, &from, &to, why), OK);
	assert_int_equal(from, 0);
	assert_int_equal(to, all);
	assert_int_equal(store_migrate(f.store, &from, &to, why), OK);
	assert_int_equal(from, all);
	assert_int_equal(to, all);
}

static void
test_a_newer_database_is_refused(void **state)
{
	(void)state;
	char why[200];
	int from, to;

	assert_int_equal(store_migrate_to(f.store, fixture_migrations(), &from, &to, why), OK);
	assert_int_equal(store_migrate(f.store, &from, &to, why), ERR_STATE);
	assert_non_null(strstr(why, "newer"));
}

static void
test_a_changed_migration_is_refused(void **state)
{
	(void)state;
	struct migration changed[200];
	char why[200];
	int from, to, n = count(migrations);

	memcpy(changed, migrations, sizeof *changed * (size_t)(n + 1));
	assert_int_equal(store_migrate(f.store, &from, &to, why), OK);
	changed[0].sha256[31] ^= 1;
	assert_int_equal(store_migrate_to(f.store, changed, &from, &to, why), ERR_STATE);
	assert_non_null(strstr(why, "differs"));
	assert_int_equal(store_migrate(f.store, &from, &to, why), OK);
}

/* A step that fails in its middle leaves nothing, and can be applied when mended. */
static void
test_a_failing_migration_leaves_nothing(void **state)
{
	(void)state;
	struct migration all[] = {
		{ .number = 1,
		        .name = "good",
		        .text = { "CREATE TABLE a (n BIGINT)", "CREATE TABLE a (n BIGINT)" } },
		{ .number = 2,
		        .name = "bad",
		        .text = { "CREATE TABLE b (n BIGINT); CREATE TABLE a (n BIGINT)",
		                "CREATE TABLE b (n BIGINT); CREATE TABLE a (n BIGINT)" } },
		{ .number = 0 },
	};
	char why[200];
	int from, to;

	assert_int_not_equal(store_migrate_to(f.store, all, &from, &to, why), OK);
	assert_non_null(strstr(why, "0001"));
	all[1].text[ENGINE_SQLITE] = all[1].text[ENGINE_POSTGRES] = "CREATE TABLE b (n BIGINT)";
	assert_int_equal(store_migrate_to(f.store, all, &from, &to, why), OK);
	assert_int_equal(from, 1);
	assert_int_equal(to, 2);
}

static void *
migrate_thread(void *arg)
{
	char why[200];
	int from, to;
	enum err err = store_migrate(f.store, &from, &to, why);

	(void)arg;
	if (err != OK)
		print_error("%s\n", why);
	return (void *)(uintptr_t)err;
}

static void
test_several_at_once(void **state)
{
	(void)state;
	pthread_t t[4];

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, migrate_thread, NULL), 0);
	for (size_t i = 0; i < COUNT(t); i++) {
		void *err;

		pthread_join(t[i], &err);
		assert_null(err);
	}
}

/* Every statement of the program, against the tables that the migrations make. */
static void
test_every_statement_prepares(void **state)
{
	(void)state;
	char why[200];
	int from, to;
	size_t n;
	const struct stmt *const *all = stmts_all(&n);
	struct db *db;

	assert_int_equal(store_migrate(f.store, &from, &to, why), OK);
	assert_int_equal(db_open(f.store, &db), OK);
	assert_true(n >= 6);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(all[i]->slot, i);
		if (db_prepare_check(db, all[i], why) != OK)
			fail_msg("%s: %s", all[i]->name, why);
	}
	db_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_applied_once),
		T(test_a_newer_database_is_refused),
		T(test_a_changed_migration_is_refused),
		T(test_a_failing_migration_leaves_nothing),
		T(test_several_at_once),
		T(test_every_statement_prepares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
