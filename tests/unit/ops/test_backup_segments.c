/* test_backup_segments.c - a base and segments of its log as a target may come to hold them:
 * one that was sent twice because its answer was lost, and one that is missing. */
#include "../cm.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door_sql.h"
#include "ops/backup_folder.h"
#include "store/backup.h"
#include "unit/store/fixture.h"

enum { ROWS = 3 };

static struct fixture f;
static struct backup backup;
static char folder[BACKUP_NAME + 1], why[200], target[128], key_file[128];
static unsigned char key[KEY_SIZE];
static int64_t base_ms;
static uint64_t ends[ROWS + 1]; /* of the log behind each row */

static uint64_t
log_size(void)
{
	struct stat st;

	return stat(store_log_file(f.store), &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void
add_row(int n)
{
	struct ctx ctx = f.ctx;

	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	assert_int_equal(sql_door_add_later(&ctx, &(struct door_add_later_in){ .id = id_new(ctx.now),
	                                                  .name = str_of(arena_printf(ctx.arena, "%d", n)),
	                                                  .n = n }),
	        OK);
	assert_int_equal(db_commit(&ctx), OK);
}

/* A base, and behind it ROWS commits in one generation of the log. */
static int
setup(void **state)
{
	struct conf conf = { .backup_dir = target, .backup_s3_url = "", .backup_key_file = key_file };
	struct instant now = clock_now();

	(void)state;
	fixture_open(&f);
	snprintf(target, sizeof target, "%s/copies", f.dir);
	snprintf(key_file, sizeof key_file, "%s/backup.key", f.dir);
	assert_int_equal(keyring_make_file(key_file, why), OK);
	if (backup_open(&conf, &backup, why) != OK)
		fail_msg("%s", why);
	base_ms = now.ms;
	folder_name(base_ms, folder);
	assert_int_equal(folder_make(&backup, folder, key, why), OK);
	if (folder_base(&backup, folder, key, f.store, why) != OK)
		fail_msg("%s", why);
	for (int i = 0; i < ROWS; i++) {
		add_row(i + 1);
		ends[i + 1] = log_size();
		assert_true(ends[i + 1] > ends[i]);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	backup_close(&backup);
	fixture_close(&f);
	return 0;
}

/* The log behind row `from` up to behind row `to` as a segment; sent `after` seconds behind the base. */
static void
ship(unsigned number, int from, int to, int after)
{
	struct segment s = { 0, number, base_ms + after * 1000, "" };
	int fd = open(store_log_file(f.store), O_RDONLY);
	char name[64];

	assert_true(fd >= 0);
	segment_name(&s, name);
	if (folder_put(&backup, folder, name, key, fd, ends[from], ends[to] - ends[from], why) != OK)
		fail_msg("%s", why);
	close(fd);
}

static enum err
restored(int64_t to_ms, int64_t *rows)
{
	char path[128], url[160], problem[200];
	static int count;
	struct store *store;
	struct ctx ctx = f.ctx;
	struct door_total total;
	int64_t at_ms;
	struct db *db;

	snprintf(path, sizeof path, "%s/back-%d.db", f.dir, count++);
	TRY(backup_restore(&backup, to_ms, path, &at_ms, NULL, why));
	snprintf(url, sizeof url, "sqlite:%s", path);
	assert_int_equal(store_open(&(struct store_conf){ .url = url,
	                                    .connect_timeout_ms = 3000,
	                                    .statement_timeout_ms = 3000 },
	                         &store, problem),
	        OK);
	assert_int_equal(db_open(store, &db), OK);
	assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
	assert_int_equal(sql_door_sum(&ctx, &total), OK);
	*rows = total.rows;
	db_rollback(&ctx);
	db_close(db);
	store_close(store);
	return OK;
}

static void
sent_twice(void **state)
{
	int64_t rows = 0;

	(void)state;
	ship(0, 0, 1, 1);
	ship(1, 1, 2, 2); /* the answer is lost, */
	ship(1, 1, 3, 4); /* and meanwhile there is more */
	if (restored(INT64_MAX, &rows) != OK)
		fail_msg("%s", why);
	assert_int_equal(rows, ROWS);
	assert_int_equal(restored(base_ms + 3000, &rows), OK);
	assert_int_equal(rows, 2);
}

static void
followed_by_another(void **state)
{
	int64_t rows = 0;

	(void)state;
	ship(0, 0, 1, 1);
	ship(0, 0, 2, 2);
	ship(1, 2, 3, 3);
	if (restored(INT64_MAX, &rows) != OK)
		fail_msg("%s", why);
	assert_int_equal(rows, ROWS);
}

static void
missing(void **state)
{
	int64_t rows;

	(void)state;
	ship(0, 0, 1, 1);
	ship(2, 2, 3, 3);
	assert_int_equal(restored(INT64_MAX, &rows), ERR_INTERNAL);
	assert_non_null(strstr(why, "segment 1 of generation 0 is missing"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sent_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(followed_by_another, setup, teardown),
		cmocka_unit_test_setup_teardown(missing, setup, teardown),
	};

	return cmocka_run_group_tests_name("backup segments", tests, NULL, NULL);
}
