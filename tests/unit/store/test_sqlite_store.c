/* test_sqlite_store.c - one server on a file, which is its owner's alone. */
#include "../cm.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/store/fixture.h"

static struct fixture f;

static int
setup(void **state)
{
	(void)state;
	fixture_open(&f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static void
test_a_second_server_refuses(void **state)
{
	(void)state;
	char why[200], pid[32];
	struct store *server = fixture_open_again(&f, true, OK, why), *command;

	fixture_open_again(&f, true, ERR_BUSY, why);
	snprintf(pid, sizeof pid, "%d", getpid());
	if (strstr(why, pid) == NULL || strstr(why, f.dir) == NULL)
		fail_msg("not a clear line: %s", why);
	command = fixture_open_again(&f, false, OK, why);
	store_close(command);
	store_close(server);
	server = fixture_open_again(&f, true, OK, why);
	store_close(server);
}

static void
test_what_cannot_be_opened_says_why(void **state)
{
	(void)state;
	char why[200];
	struct store *store;

	assert_int_not_equal(store_open(&(struct store_conf){ .url = "sqlite:/nonexistent/x.db",
	                                        .statement_timeout_ms = 100 },
	                             &store, why),
	        OK);
	assert_non_null(strstr(why, "/nonexistent/x.db"));
	assert_int_not_equal(store_open(&(struct store_conf){ .url = "mysql://x" }, &store, why), OK);
	assert_non_null(strstr(why, "database_url"));
	snprintf(f.url, sizeof f.url, "sqlite:%s/garbage.db", f.dir);
	FILE *file = fopen(f.url + 7, "w");
	for (int i = 0; i < 5000; i++)
		fputs("garbage!", file);
	fclose(file);
	fixture_open_again(&f, false, ERR_STORE_UNAVAILABLE, why);
	assert_non_null(strstr(why, "garbage.db"));
}

static void
test_files_are_their_owners_alone(void **state)
{
	(void)state;
	static const char *const names[] = { "t.db", "t.db-wal", "t.db-shm" };
	struct stat st;
	char path[128];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof path, "%s/%s", f.dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_a_second_server_refuses),
		T(test_what_cannot_be_opened_says_why),
		T(test_files_are_their_owners_alone),
	};

	return cmocka_run_group_tests_name("sqlite_store", tests, NULL, NULL);
}
