/* test_sqlite.c - writers in turn, a failing disk, a kill. */
#include "../cm.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/store/disk.h"
#include "unit/store/fixture.h"

#include "door_sql.h"
#include "sys/crypto.h"
#include "sys/log.h"

static struct fixture f;

static int
setup(void **state)
{
	(void)state;
	disk_mend();
	disk_lazy(true);
	fixture_open(&f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	disk_mend();
	fixture_close(&f);
	return 0;
}

/* ---- writers */

static struct door_number
read_row(struct ctx *ctx, struct id id)
{
	struct door row;

	assert_int_equal(sql_door_get(ctx, &(struct door_get_in){ id }, &row), OK);
	return (struct door_number){ row.id, row.n };
}

struct writer {
	pthread_t thread;
	struct store *store;
	struct id row;
	int times;
	uint64_t worst_ns;
};

/* Reads and writes the same row: without turns, or with stale reading, one would fail. */
static void *
write_often(void *arg)
{
	struct writer *w = arg;
	struct arena *arena = arena_new(1 << 20);
	struct db *db;

	assert_int_equal(db_open(w->store, &db), OK);
	for (int i = 0; i < w->times; i++) {
		struct ctx ctx = fixture_ctx(&f, arena);
		uint64_t start = clock_mono_ns(), took;

		arena_reset(arena);
		assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
		struct door_number row = read_row(&ctx, w->row);
		assert_int_equal(sql_door_bump(&ctx, &(struct door_bump_in){ w->row, row.n }), OK);
		assert_int_equal(db_commit(&ctx), OK);
		took = clock_mono_ns() - start;
		if (took > w->worst_ns)
			w->worst_ns = took;
	}
	db_close(db);
	arena_free(arena);
	return NULL;
}

static struct id
add_row(int64_t n)
{
	struct id id = id_new(clock_now());

	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	assert_int_equal(sql_door_add_later(&f.ctx, &(struct door_add_later_in){ .id = id, .n = n }), OK);
	assert_int_equal(db_commit(&f.ctx), OK);
	return id;
}

static int64_t
number(struct id id)
{
	struct door_number row;

	assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
	row = read_row(&f.ctx, id);
	assert_int_equal(db_commit(&f.ctx), OK);
	return row.n;
}

static void
test_writers_take_turns(void **state)
{
	(void)state;
	struct writer w[8];
	struct id row = add_row(0);

	for (size_t i = 0; i < COUNT(w); i++) {
		w[i] = (struct writer){ .store = f.store, .row = row, .times = 400 };
		assert_int_equal(pthread_create(&w[i].thread, NULL, write_often, &w[i]), 0);
	}
	for (size_t i = 0; i < COUNT(w); i++)
		pthread_join(w[i].thread, NULL);
	assert_int_equal(number(row), 8 * 400);
}

static void
test_a_command_writes_beside_the_server(void **state)
{
	(void)state;
	char why[200];
	struct store *server = fixture_open_again(&f, true, OK, why),
	             *command = fixture_open_again(&f, false, OK, why);
	struct id row = add_row(0);
	struct writer w[2] = { { .store = server, .row = row, .times = 300 },
		{ .store = command, .row = row, .times = 300 } };

	for (size_t i = 0; i < COUNT(w); i++)
		assert_int_equal(pthread_create(&w[i].thread, NULL, write_often, &w[i]), 0);
	for (size_t i = 0; i < COUNT(w); i++)
		pthread_join(w[i].thread, NULL);
	assert_int_equal(number(row), 600);
	store_close(command);
	store_close(server);
}

static void *
want_turn(void *arg)
{
	struct arena *arena = arena_new(1 << 20);
	struct ctx ctx = fixture_ctx(&f, arena);
	struct db *db;
	enum err err;

	assert_int_equal(db_open(f.store, &db), OK);
	err = db_begin(&ctx, db, TX_WRITE);
	if (err == OK)
		db_rollback(&ctx);
	db_close(db);
	arena_free(arena);
	*(enum err *)arg = err;
	return NULL;
}

static void
test_no_turn_in_time_is_busy(void **state)
{
	(void)state;
	enum err err = OK;
	pthread_t t;

	f.store->statement_timeout_ms = 200;
	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	assert_int_equal(pthread_create(&t, NULL, want_turn, &err), 0);
	pthread_join(t, NULL);
	assert_int_equal(err, ERR_BUSY);
	db_rollback(&f.ctx);
	assert_int_equal(pthread_create(&t, NULL, want_turn, &err), 0);
	pthread_join(t, NULL);
	assert_int_equal(err, OK);
}

/* It sees what others committed, nobody writes beside it, and it gives the turn back. */
static void
test_reading_as_the_writer_takes_the_turn(void **state)
{
	(void)state;
	struct id row = add_row(7);
	struct ctx ctx = fixture_ctx(&f, f.ctx.arena);
	enum err err = OK;
	struct db *db;
	pthread_t t;

	f.store->statement_timeout_ms = 200;
	assert_int_equal(db_open(f.store, &db), OK);
	db_read_as_writer(db);
	assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
	assert_int_equal(read_row(&ctx, row).n, 7);
	assert_int_equal(pthread_create(&t, NULL, want_turn, &err), 0);
	pthread_join(t, NULL);
	assert_int_equal(err, ERR_BUSY);
	db_rollback(&ctx);
	assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
	assert_int_equal(sql_door_bump(&ctx, &(struct door_bump_in){ row, 7 }), OK);
	assert_int_equal(db_commit(&ctx), OK);
	assert_int_equal(number(row), 8);
	db_close(db);
}

/* With readers all the time the log is still copied back and begun anew. */
static void *
read_always(void *arg)
{
	atomic_bool *stop = arg;
	struct arena *arena = arena_new(1 << 20);
	struct ctx ctx = fixture_ctx(&f, arena);
	struct door_total t;
	struct db *db;

	assert_int_equal(db_open(f.store, &db), OK);
	while (!atomic_load(stop)) {
		assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
		assert_int_equal(sql_door_sum(&ctx, &t), OK);
		assert_int_equal(db_commit(&ctx), OK);
	}
	db_close(db);
	arena_free(arena);
	return NULL;
}

static void
test_the_log_stays_short(void **state)
{
	(void)state;
	static unsigned char bytes[100000];
	atomic_bool stop = false;
	pthread_t readers[2];
	struct stat st;
	char path[128];

	for (size_t i = 0; i < COUNT(readers); i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_always, &stop), 0);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
		struct id id = id_new(clock_now());
		assert_int_equal(sql_door_add(&f.ctx,
		                         &(struct door_add_in){ .id = id, .bytes = { bytes, sizeof bytes } }),
		        OK);
		assert_int_equal(db_commit(&f.ctx), OK);
		arena_reset(f.arena);
		if (i % 50 == 0)
			nap_us(20000);
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < COUNT(readers); i++)
		pthread_join(readers[i], NULL);
	/* 300 MB were written; the log may be as long as its longest stretch between two copies. */
	snprintf(path, sizeof path, "%s/t.db-wal", f.dir);
	assert_int_equal(stat(path, &st), 0);
	if (st.st_size > 150 << 20)
		fail_msg("the log grew to %ld MiB", (long)st.st_size >> 20);
}

/* ---- a failing disk */

enum { ROWS = 6 };

/* Writes ROWS rows, each in a transaction of its own; says which were acknowledged. */
static int
write_rows(struct id rows[ROWS], bool acknowledged[ROWS])
{
	int refused = 0;

	for (int i = 0; i < ROWS; i++) {
		enum err err;

		rows[i] = id_new(clock_now());
		arena_reset(f.arena);
		err = db_begin(&f.ctx, f.db, TX_WRITE);
		if (err == OK) {
			err = sql_door_add(&f.ctx,
			        &(struct door_add_in){
			                .id = rows[i], .n = i, .secret = STR("acknowledged or not there") });
			if (err == OK)
				err = db_commit(&f.ctx);
			else
				db_rollback(&f.ctx);
		}
		if (err != OK && err != ERR_STORE_UNAVAILABLE)
			fail_msg("a failing disk was told as error %d: %s", err, f.ctx.why);
		acknowledged[i] = err == OK;
		refused += err != OK;
	}
	return refused;
}

static enum err
look_for(struct id row)
{
	struct door got;
	enum err err;

	assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
	err = sql_door_get(&f.ctx, &(struct door_get_in){ row }, &got);
	assert_int_equal(db_commit(&f.ctx), OK);
	return err;
}

/* unknown: what was not acknowledged may be there all the same. */
static void
check_rows(const struct id rows[ROWS], const bool acknowledged[ROWS], bool unknown)
{
	for (int i = 0; i < ROWS; i++) {
		enum err err = look_for(rows[i]);

		if (err != OK || acknowledged[i] || !unknown)
			assert_int_equal(err, acknowledged[i] ? OK : ERR_NOT_FOUND);
	}
}

/* The n-th operation fails and all after it, for n = 1, 2, … until a run meets none.
 * What was acknowledged is there and nothing else is (of what no sync was had for, nobody knows),
 * while the disk fails, after it is mended without a new start, and after one. */
static void
suffer(enum disk_fault kind)
{
	bool acknowledged[ROWS], again[ROWS], unknown = kind == DISK_SYNC_REFUSED;
	struct id rows[ROWS], later[ROWS];
	char why[200];
	int refused;

	for (long n = 1;; n++) {
		disk_fail(kind, n);
		refused = write_rows(rows, acknowledged);
		if (!disk_met()) {
			assert_int_equal(refused, 0);
			assert_true(n > ROWS);
			return;
		}
		assert_true(refused > 0);
		check_rows(rows, acknowledged, unknown);
		disk_mend();
		check_rows(rows, acknowledged, unknown);
		assert_int_equal(write_rows(later, again), 0);
		check_rows(rows, acknowledged, unknown);
		db_close(f.db);
		store_close(f.store);
		f.store = fixture_open_again(&f, false, OK, why);
		assert_int_equal(seal_init(f.store, f.ring), OK);
		assert_int_equal(db_open(f.store, &f.db), OK);
		check_rows(rows, acknowledged, unknown);
		check_rows(later, again, false);
	}
}

static void
test_refused_writes(void **state)
{
	(void)state;
	suffer(DISK_WRITE_REFUSED);
}

static void
test_a_full_disk(void **state)
{
	(void)state;
	suffer(DISK_FULL);
}

static void
test_refused_syncs(void **state)
{
	(void)state;
	suffer(DISK_SYNC_REFUSED);
}

/* A batch whose commit fails takes all of its requests with it. */
static void
test_a_failed_batch_leaves_none_of_its_requests(void **state)
{
	(void)state;
	struct door_total before, after;

	assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
	assert_int_equal(sql_door_sum(&f.ctx, &before), OK);
	assert_int_equal(db_commit(&f.ctx), OK);
	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(db_mark(&f.ctx), OK);
		assert_int_equal(sql_door_add_later(&f.ctx,
		                         &(struct door_add_later_in){ .id = id_new(clock_now()), .n = 1 }),
		        OK);
		assert_int_equal(db_keep(&f.ctx), OK);
	}
	disk_fail(DISK_WRITE_REFUSED, 1);
	assert_int_equal(db_commit(&f.ctx), ERR_STORE_UNAVAILABLE);
	disk_mend();
	assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
	assert_int_equal(sql_door_sum(&f.ctx, &after), OK);
	assert_int_equal(db_commit(&f.ctx), OK);
	assert_int_equal(after.rows, before.rows);
}

static struct id
add_early(void)
{
	struct id id = id_new(clock_now());

	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	assert_int_equal(sql_door_add_later(&f.ctx, &(struct door_add_later_in){ .id = id, .n = 1 }), OK);
	assert_int_equal(db_commit_early(&f.ctx), OK);
	return id;
}

/* In the database's file alone, without the log that holds what came last. */
static int
rows_without_log(void)
{
	char name[300], command[700];
	sqlite3 *raw;
	sqlite3_stmt *st;
	int n;

	snprintf(name, sizeof name, "%.200s/alone.db", f.dir);
	snprintf(command, sizeof command, "cp '%.200s' '%s'", f.url + strlen("sqlite:"), name);
	assert_int_equal(system(command), 0);
	assert_int_equal(sqlite3_open_v2(name, &raw, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(raw, "SELECT count(*) FROM door", -1, &st, NULL) != SQLITE_OK)
		n = 0; /* the table, too, stands in the log yet */
	else
		n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
	sqlite3_finalize(st);
	sqlite3_close(raw);
	return n;
}

/* The kernel tells of a refused sync once and may have dropped what it could not write, so another
 * sync proves nothing: all of it goes into the database itself. */
static void
test_a_refused_sync_is_not_believed_the_next_time(void **state)
{
	(void)state;

	(void)add_early();
	assert_int_equal(store_durable(f.store, store_committed(f.store)), OK);
	assert_int_equal(rows_without_log(), 0);
	(void)add_early();
	disk_fail_once(DISK_SYNC_REFUSED);
	assert_int_equal(store_durable(f.store, store_committed(f.store)), OK);
	assert_true(disk_met());
	assert_int_equal(rows_without_log(), 2);
}

/* Threads that wait together share one sync; who comes when it is on disk needs none. */
static void
test_one_sync_for_all_that_was_committed(void **state)
{
	(void)state;
	long before;

	for (int i = 0; i < 5; i++)
		(void)add_early();
	before = disk_syncs();
	assert_int_equal(store_durable(f.store, store_committed(f.store)), OK);
	assert_int_equal(disk_syncs(), before + 1);
	assert_int_equal(store_durable(f.store, store_committed(f.store)), OK);
	assert_int_equal(disk_syncs(), before + 1);
}

/* Nobody knows what is on disk: nobody is told that it is, not even of what is read, until it is. */
static void
test_nothing_is_told_of_what_no_sync_was_had_for(void **state)
{
	(void)state;
	struct id id = add_early();

	disk_fail(DISK_SYNC_REFUSED, 1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_durable(f.store, store_committed(f.store)), ERR_STORE_UNAVAILABLE);
	assert_true(store_away(f.store));
	disk_mend();
	assert_int_equal(store_durable(f.store, store_committed(f.store)), OK);
	assert_false(store_away(f.store));
	assert_int_equal(look_for(id), OK);
}

static void
test_every_commit_is_synced(void **state)
{
	(void)state;
	bool acknowledged[ROWS];
	struct id rows[ROWS];
	long before = disk_syncs();

	write_rows(rows, acknowledged);
	assert_true(disk_syncs() - before >= ROWS);
}

/* ---- a kill */

/* In a child of its own: writes and tells each acknowledged row through the pipe. */
static void
child_writes(int out)
{
	struct arena *arena = arena_new(1 << 20);
	struct ctx ctx = fixture_ctx(&f, arena);
	struct store_conf conf = fixture_conf(&f);
	struct store *store;
	struct db *db;
	char why[200];

	conf.exclusive = true;
	if (store_open(&conf, &store, why) != OK || db_open(store, &db) != OK)
		_exit(1);
	for (;;) {
		struct id id = id_new(clock_now());

		arena_reset(arena);
		if (db_begin(&ctx, db, TX_WRITE) != OK ||
		        sql_door_add_later(&ctx, &(struct door_add_later_in){ .id = id }) != OK ||
		        db_commit(&ctx) != OK || write(out, &id, sizeof id) != sizeof id)
			_exit(2);
	}
}

static void
test_a_kill_loses_nothing(void **state)
{
	(void)state;
	struct id told[20000];
	size_t n = 0;

	disk_lazy(false);
	db_close(f.db);
	store_close(f.store);
	for (int round = 0; round < 5; round++) {
		int pipes[2], status;
		pid_t pid;

		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		if (pid == 0)
			child_writes(pipes[1]);
		close(pipes[1]);
		nap_us(100000 + round * 37000);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		while (n < COUNT(told) && read(pipes[0], &told[n], sizeof told[n]) == sizeof told[n])
			n++;
		close(pipes[0]);
	}
	char why[200];
	f.store = fixture_open_again(&f, true, OK, why);
	assert_int_equal(db_open(f.store, &f.db), OK);
	assert_true(n > 0);
	assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
	for (size_t i = 0; i < n; i++) {
		arena_reset(f.arena);
		read_row(&f.ctx, told[i]);
	}
	assert_int_equal(db_commit(&f.ctx), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_writers_take_turns),
		T(test_a_command_writes_beside_the_server),
		T(test_no_turn_in_time_is_busy),
		T(test_reading_as_the_writer_takes_the_turn),
		T(test_the_log_stays_short),
		T(test_refused_writes),
		T(test_a_full_disk),
		T(test_refused_syncs),
		T(test_a_failed_batch_leaves_none_of_its_requests),
		T(test_every_commit_is_synced),
		T(test_a_refused_sync_is_not_believed_the_next_time),
		T(test_one_sync_for_all_that_was_committed),
		T(test_nothing_is_told_of_what_no_sync_was_had_for),
		T(test_a_kill_loses_nothing),
	};

	disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
