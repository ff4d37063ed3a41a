/* test_sqlite_kept.c - rows that are remembered beside the writer's connection. */
#include "../cm.h"

#include "unit/store/fixture.h"

#include "door_sql.h"

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
kept_number(struct ctx *ctx, struct id row)
{
	struct door_number n;

	assert_int_equal(sql_door_kept(ctx, &(struct door_kept_in){ row }, &n), OK);
	assert_memory_equal(n.id.b, row.b, sizeof row.b);
	return n.n;
}

static int64_t
kept_now(struct db *db, struct id row)
{
	struct ctx ctx = fixture_ctx(&f, f.ctx.arena);
	int64_t n;

	assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
	n = kept_number(&ctx, row);
	assert_int_equal(kept_number(&ctx, row), n);
	db_rollback(&ctx);
	return n;
}

static void
bump_on(struct db *db, struct id row, int64_t n)
{
	struct ctx ctx = fixture_ctx(&f, f.ctx.arena);

	assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
	assert_int_equal(sql_door_bump(&ctx, &(struct door_bump_in){ row, n }), OK);
	assert_int_equal(kept_number(&ctx, row), n + 1); /* its own writing, before it is committed */
	assert_int_equal(db_commit(&ctx), OK);
}

/* Written by the same thread, by another one, by another process, or not at all in the end. */
static void
test_what_is_remembered_is_never_old(void **state)
{
	(void)state;
	struct id row = add_row(1), other = add_row(100);
	struct ctx ctx = fixture_ctx(&f, f.ctx.arena);
	char why[200];
	struct store *beside = fixture_open_again(&f, false, OK, why);
	struct db *db, *far;

	assert_int_equal(db_open(f.store, &db), OK);
	assert_int_equal(db_open(beside, &far), OK);
	db_read_as_writer(db);
	assert_int_equal(kept_now(db, row), 1);
	assert_int_equal(kept_now(db, other), 100);
	bump_on(db, row, 1);
	assert_int_equal(kept_now(db, row), 2);
	bump_on(f.db, row, 2);
	assert_int_equal(kept_now(db, row), 3);
	bump_on(far, row, 3);
	assert_int_equal(kept_now(db, row), 4);
	bump_on(far, row, 4);
	assert_int_equal(kept_now(db, row), 5);

	assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
	assert_int_equal(db_mark(&ctx), OK);
	assert_int_equal(sql_door_bump(&ctx, &(struct door_bump_in){ row, 5 }), OK);
	assert_int_equal(kept_number(&ctx, row), 6);
	assert_int_equal(db_undo(&ctx), OK);
	assert_int_equal(kept_number(&ctx, row), 5);
	assert_int_equal(sql_door_bump(&ctx, &(struct door_bump_in){ row, 5 }), OK);
	assert_int_equal(kept_number(&ctx, row), 6);
	db_rollback(&ctx);
	assert_int_equal(kept_now(db, row), 5);
	assert_int_equal(kept_now(db, other), 100);
	db_close(far);
	db_close(db);
	store_close(beside);
}

/* A statement that was prepared before the kept one was known counts as well. */
static void
test_who_wrote_first_counts(void **state)
{
	(void)state;
	struct id row = add_row(1);
	struct db *db;

	for (int64_t n = 1; n < 3; n++) {
		assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
		assert_int_equal(sql_door_bump(&f.ctx, &(struct door_bump_in){ row, n }), OK);
		assert_int_equal(db_commit(&f.ctx), OK);
	}
	assert_int_equal(db_open(f.store, &db), OK);
	db_read_as_writer(db);
	assert_int_equal(kept_now(db, row), 3);
	bump_on(f.db, row, 3);
	assert_int_equal(kept_now(db, row), 4);
	db_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_what_is_remembered_is_never_old),
		T(test_who_wrote_first_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
