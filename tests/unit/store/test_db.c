/* test_db.c - the door's promises, kinds, transactions and many rows, on the engine
 * that the fixture opens. */
#include "../cm.h"

#include "unit/store/fixture.h"

#include "door_sql.h"
#include "sys/crypto.h"

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
begin(enum tx_mode mode)
{
	arena_reset(f.arena);
	assert_int_equal(db_begin(&f.ctx, f.db, mode), OK);
}

static void
commit(void)
{
	assert_int_equal(db_commit(&f.ctx), OK);
}

static struct id
add(const char *name, int64_t n)
{
	struct id id = id_new(clock_now());

	assert_int_equal(
	        sql_door_add(&f.ctx, &(struct door_add_in){ .id = id, .name = str_of(name), .n = n }), OK);
	return id;
}

static struct door_total
total(void)
{
	struct door_total t;

	begin(TX_READ);
	assert_int_equal(sql_door_sum(&f.ctx, &t), OK);
	commit();
	return t;
}

static void
test_every_kind_comes_back(void **state)
{
	(void)state;
	struct door got;
	struct door_add_in in = {
		.id = id_new(clock_now()),
		.patient = id_new(clock_now()),
		.name = STR("São José \"'%"),
		.n = INT64_MIN,
		.o = { -7, true },
		.flag = true,
		.at = { 1790000000123 },
		.day = { 1899, 12, 31 },
		.bytes = { (const unsigned char *)"\0\1\xff", 3 },
		.secret = STR("hanseníase"),
		.birth = { 2000, 2, 29 },
	};

	begin(TX_WRITE);
	assert_int_equal(seal_key_new(&f.ctx, in.patient), OK);
	assert_int_equal(sql_door_add(&f.ctx, &in), OK);
	commit();
	begin(TX_READ);
	assert_int_equal(sql_door_get(&f.ctx, &(struct door_get_in){ in.id }, &got), OK);
	commit();
	assert_true(id_eq(got.id, in.id) && id_eq(got.patient_id, in.patient) && id_eq(got.made_by, f.user));
	assert_true(str_eq(got.name, in.name) && str_eq(got.secret, in.secret));
	assert_true(got.n == INT64_MIN && got.o.set && got.o.v == -7 && got.flag);
	assert_true(got.at.ms == in.at.ms && date_cmp(got.day, in.day) == 0 &&
	            date_cmp(got.birth, in.birth) == 0);
	assert_int_equal(got.bytes.n, 3);
	assert_memory_equal(got.bytes.p, in.bytes.p, 3);
	assert_int_equal(got.made_at.ms, f.ctx.now.ms);
}

static void
test_absent_values_come_back_absent(void **state)
{
	(void)state;
	struct door got;
	struct id id = id_new(clock_now()), empty = id_new(clock_now());

	begin(TX_WRITE);
	assert_int_equal(sql_door_add(&f.ctx, &(struct door_add_in){ .id = id }), OK);
	assert_int_equal(sql_door_add(&f.ctx, &(struct door_add_in){ .id = empty,
	                                              .name = STR(""),
	                                              .bytes = { (const unsigned char *)"", 0 },
	                                              .secret = STR("") }),
	        OK);
	assert_int_equal(sql_door_get(&f.ctx, &(struct door_get_in){ id }, &got), OK);
	assert_false(id_is_set(got.patient_id) || str_is_set(got.name) || got.o.set || got.flag);
	assert_true(got.at.ms == 0 && got.day.year == 0 && got.bytes.p == NULL && got.secret.p == NULL &&
	            got.birth.year == 0);
	assert_int_equal(sql_door_get(&f.ctx, &(struct door_get_in){ empty }, &got), OK);
	assert_true(str_is_set(got.name) && got.name.n == 0 && str_is_set(got.secret) && got.secret.n == 0);
	assert_true(got.bytes.p != NULL && got.bytes.n == 0);
	commit();
}

static void
test_promises(void **state)
{
	(void)state;
	struct door got = { .n = 4711 };
	int64_t changed = -1;

	begin(TX_WRITE);
	struct id id = add("promises", 5);
	assert_int_equal(sql_door_get(&f.ctx, &(struct door_get_in){ f.user }, &got), ERR_NOT_FOUND);
	assert_int_equal(got.n, 4711);
	assert_int_equal(sql_door_bump(&f.ctx, &(struct door_bump_in){ id, 4 }), ERR_STALE);
	assert_int_equal(sql_door_bump(&f.ctx, &(struct door_bump_in){ id, 5 }), OK);
	assert_int_equal(sql_door_bump_all_count(&f.ctx, &changed), OK);
	assert_int_equal(changed, 1);
	struct door_number row;
	assert_int_equal(
	        sql_door_insert_returning(&f.ctx, &(struct door_insert_returning_in){ f.user, 9 }, &row), OK);
	assert_true(id_eq(row.id, f.user) && row.n == 9);
	commit();
	assert_int_equal(total().rows, 2);
}

static void
test_a_statement_must_fit_its_rows(void **state)
{
	(void)state;
	char why[200];

	assert_int_equal(db_prepare_check(f.db, &door_get_stmt, why), OK);
	assert_int_equal(db_prepare_check(f.db, &door_misnamed_stmt, why), ERR_INTERNAL);
	assert_non_null(strstr(why, "the field id"));
	assert_int_equal(db_prepare_check(f.db, &door_miscounted_stmt, why), ERR_INTERNAL);
	begin(TX_READ);
	assert_int_equal(sql_door_bump_all(&f.ctx), ERR_INTERNAL);
	db_rollback(&f.ctx);
}

static void
test_rollback_leaves_nothing(void **state)
{
	(void)state;
	begin(TX_WRITE);
	add("gone", 1);
	db_rollback(&f.ctx);
	assert_int_equal(total().rows, 0);
}

static void
test_marks_are_kept_and_undone(void **state)
{
	(void)state;
	begin(TX_WRITE);
	assert_int_equal(db_mark(&f.ctx), OK);
	add("first", 1);
	assert_int_equal(db_keep(&f.ctx), OK);
	assert_int_equal(db_mark(&f.ctx), OK);
	add("second", 10);
	assert_int_equal(db_undo(&f.ctx), OK);
	assert_int_equal(db_mark(&f.ctx), OK);
	add("third", 100);
	assert_int_equal(sql_door_add(&f.ctx, &(struct door_add_in){ .id = f.user, .name = STR("first") }),
	        ERR_DUPLICATE);
	assert_false(db_broken(&f.ctx));
	assert_int_equal(db_undo(&f.ctx), OK);
	assert_int_equal(db_mark(&f.ctx), OK);
	add("fourth", 1000);
	assert_int_equal(db_mark(&f.ctx), OK);
	add("fifth", 10000);
	assert_int_equal(db_undo(&f.ctx), OK);
	assert_int_equal(db_keep(&f.ctx), OK);
	commit();
	assert_int_equal(total().total, 1001);
}

/* PostgreSQL aborts a transaction with its first failed statement; SQLite would go on,
 * and so hide a mistake. The door makes them alike. */
static void
test_a_failed_statement_ends_the_work(void **state)
{
	(void)state;
	struct door_total t;

	begin(TX_WRITE);
	struct id id = add("once", 1);
	assert_false(db_failed(&f.ctx));
	assert_int_equal(
	        sql_door_add(&f.ctx, &(struct door_add_in){ .id = id, .name = STR("twice") }), ERR_DUPLICATE);
	assert_true(db_failed(&f.ctx));
	assert_int_equal(sql_door_sum(&f.ctx, &t), ERR_INTERNAL);
	assert_int_equal(db_mark(&f.ctx), ERR_INTERNAL);
	assert_int_equal(db_commit(&f.ctx), ERR_INTERNAL);
	assert_int_equal(total().rows, 0);
}

static void
test_lists(void **state)
{
	(void)state;
	struct list list;

	begin(TX_WRITE);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(sql_door_add_later(&f.ctx,
		                         &(struct door_add_later_in){ .id = id_new(clock_now()), .n = i }),
		        OK);
	assert_int_equal(sql_door_list(&f.ctx, &(struct door_list_in){ 1000 }, &list), OK);
	commit();
	assert_int_equal(list.count, 2000);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(((struct door_number *)list.items)[i].n, 1000 + i);
	begin(TX_READ);
	assert_int_equal(sql_door_list(&f.ctx, &(struct door_list_in){ 3000 }, &list), OK);
	assert_int_equal(list.count, 0);
	commit();
}

static void
test_a_list_beyond_the_arena_is_refused(void **state)
{
	(void)state;
	struct arena *small = arena_new(20000);
	struct ctx ctx = fixture_ctx(&f, small);
	struct list list;

	begin(TX_WRITE);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(sql_door_add_later(&f.ctx,
		                         &(struct door_add_later_in){ .id = id_new(clock_now()), .n = i }),
		        OK);
	commit();
	assert_int_equal(db_begin(&ctx, f.db, TX_READ), OK);
	assert_int_equal(sql_door_list(&ctx, &(struct door_list_in){ 0 }, &list), ERR_TOO_LARGE);
	assert_int_equal(sql_door_list(&ctx, &(struct door_list_in){ 2990 }, &list), OK);
	assert_int_equal(list.count, 10);
	assert_int_equal(db_commit(&ctx), OK);
	arena_free(small);
}

static void
test_many_rows_at_once(void **state)
{
	(void)state;
	enum { N = 5000 };
	struct door_add_in *rows = calloc(N, sizeof *rows);

	for (int i = 0; i < N; i++)
		rows[i] = (struct door_add_in){ .id = id_new(clock_now()), .n = i, .secret = STR("x") };
	begin(TX_WRITE);
	assert_int_equal(sql_door_add_many(&f.ctx, rows, N), OK);
	assert_int_equal(sql_door_add_many(&f.ctx, rows, 0), OK);
	commit();
	assert_int_equal(total().total, (int64_t)N * (N - 1) / 2);
	/* One bad row refuses all of them. */
	rows[0].id = id_new(clock_now());
	begin(TX_WRITE);
	assert_int_not_equal(sql_door_add_many(&f.ctx, rows, 3), OK);
	db_rollback(&f.ctx);
	assert_int_equal(total().rows, N);
	free(rows);
}

/* On PostgreSQL arrays: absent values and empty ones stay apart, and what is too large for one statement is
 * parted. */
static void
test_many_rows_together(void **state)
{
	(void)state;
	enum { N = 40, BIG = 30000 };
	static const unsigned char big[BIG] = { 1, 2, 3 };
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct door_add_together_in rows[N];
	struct door got;

	for (int i = 0; i < N; i++)
		rows[i] = (struct door_add_together_in){ .owner = f.tenant,
			.id = id_new(clock_now()),
			.n = i - 1,
			.name = i % 3 == 0 ? (struct str){ 0 } : (struct str){ letters + i, 1 },
			.o = { i, i % 2 },
			.bytes = { i % 5 == 0 ? NULL : big, (size_t)(i % 5 < 2 ? 0 : BIG) } };
	begin(TX_WRITE);
	add("the wall is set to the tenant", 0);
	assert_int_equal(sql_door_add_together_many(&f.ctx, rows, N), OK);
	assert_int_equal(sql_door_add_together_many(&f.ctx, rows, 0), OK);
	rows[0].id = id_new(clock_now());
	assert_int_equal(sql_door_add_together(&f.ctx, &rows[0]), OK);
	commit();
	assert_int_equal(total().rows, N + 2);
	begin(TX_READ);
	for (int i = 0; i < N; i++) {
		assert_int_equal(sql_door_get(&f.ctx, &(struct door_get_in){ rows[i].id }, &got), OK);
		assert_int_equal(got.n, i - 1);
		assert_int_equal(str_is_set(got.name), i % 3 != 0);
		if (i % 3 != 0)
			assert_true(str_eq(got.name, rows[i].name));
		assert_int_equal(got.o.set, i % 2);
		assert_int_equal(got.bytes.p != NULL, i % 5 != 0);
		assert_int_equal(got.bytes.n, rows[i].bytes.n);
		if (got.bytes.n > 0)
			assert_memory_equal(got.bytes.p, big, BIG);
	}
	commit();
}

/* What a `later` statement did wrong shows at the latest in the commit. */
static void
test_a_late_failure_is_never_lost(void **state)
{
	(void)state;
	begin(TX_WRITE);
	struct id id = add("twice", 1);
	enum err err = sql_door_add_later(&f.ctx, &(struct door_add_later_in){ .id = id });
	if (err == OK)
		err = db_commit(&f.ctx);
	else
		db_rollback(&f.ctx);
	assert_int_not_equal(err, OK);
	assert_int_equal(total().rows, 0);
	begin(TX_WRITE);
	id = add("twice", 1);
	err = sql_door_add_later(&f.ctx, &(struct door_add_later_in){ .id = id });
	struct door got;
	if (err == OK)
		err = sql_door_get(&f.ctx, &(struct door_get_in){ id }, &got);
	assert_int_not_equal(err, OK);
	db_rollback(&f.ctx);
	assert_int_equal(total().rows, 0);
}

static void
test_the_tenant_is_the_contexts(void **state)
{
	(void)state;
	struct id other = fixture_tenant(&f, "two");
	struct door got;

	begin(TX_WRITE);
	struct id id = add("mine", 1);
	commit();
	struct ctx ctx = f.ctx;
	ctx.tenant = other;
	assert_int_equal(db_begin(&ctx, f.db, TX_READ), OK);
	assert_int_equal(sql_door_get(&ctx, &(struct door_get_in){ id }, &got), ERR_NOT_FOUND);
	assert_int_equal(db_commit(&ctx), OK);
}

/* SQLite has no such wall: there the first one, in each statement, is all. */
static void
test_the_second_wall(void **state)
{
	(void)state;
	struct id other = fixture_tenant(&f, "two");
	struct door_total t;
	int64_t changed;

	if (!fixture_is_postgres())
		return;
	begin(TX_WRITE);
	add("mine", 1);
	add("mine too", 1);
	f.ctx.tenant = other;
	add("another's", 10);
	f.ctx.tenant = f.tenant;
	assert_int_equal(sql_door_careless(&f.ctx, &t), OK);
	assert_int_equal(t.total, 2);
	assert_int_equal(sql_door_careless_write_count(&f.ctx, &changed), OK);
	assert_int_equal(changed, 2);
	commit();
	begin(TX_READ);
	f.ctx.tenant = other;
	assert_int_equal(sql_door_careless(&f.ctx, &t), OK);
	assert_int_equal(t.total, 10);
	commit();
	/* The setting follows when work is undone. */
	begin(TX_WRITE);
	assert_int_equal(db_mark(&f.ctx), OK);
	f.ctx.tenant = f.tenant;
	assert_int_equal(sql_door_careless(&f.ctx, &t), OK);
	assert_int_equal(db_undo(&f.ctx), OK);
	assert_int_equal(sql_door_careless(&f.ctx, &t), OK);
	assert_int_equal(t.rows, 2);
	db_rollback(&f.ctx);
	begin(TX_READ);
	f.ctx.tenant = other;
	assert_int_equal(sql_door_careless(&f.ctx, &t), OK);
	assert_int_equal(t.rows, 1);
	commit();
	f.ctx.tenant = f.tenant;
	/* A fresh connection that names no tenant sees nothing. */
	struct ctx ctx = f.ctx;
	struct db *db;
	assert_int_equal(db_open(f.store, &db), OK);
	assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
	assert_int_equal(sql_door_unwalled(&ctx, &t), OK);
	assert_int_equal(t.rows, 0);
	assert_int_equal(db_commit(&ctx), OK);
	db_close(db);
}

static size_t
seen(enum reach reach, struct id actor, struct id self)
{
	struct ctx ctx = f.ctx;
	struct list list;

	ctx.reach = reach;
	ctx.actor = actor;
	ctx.patient = self;
	assert_int_equal(db_begin(&ctx, f.db, TX_READ), OK);
	assert_int_equal(sql_door_list_care(&ctx, &list), OK);
	assert_int_equal(db_commit(&ctx), OK);
	return list.count;
}

static void
test_reach_decides_what_is_seen(void **state)
{
	(void)state;
	struct id patient = id_new(clock_now()), other = id_new(clock_now()), stranger = id_new(clock_now());
	struct id none = { { 0 } };

	begin(TX_WRITE);
	assert_int_equal(
	        sql_door_add(&f.ctx, &(struct door_add_in){ .id = id_new(clock_now()), .patient = patient }),
	        OK);
	assert_int_equal(
	        sql_door_add(&f.ctx, &(struct door_add_in){ .id = id_new(clock_now()), .patient = other }),
	        OK);
	assert_int_equal(
	        sql_door_care(&f.ctx, &(struct door_care_in){ f.user, patient, { f.ctx.now.ms + 1 } }), OK);
	assert_int_equal(sql_door_care(&f.ctx, &(struct door_care_in){ f.user, other, f.ctx.now }), OK);
	commit();
	assert_int_equal(seen(REACH_TENANT, f.user, none), 2);
	assert_int_equal(seen(REACH_CARE, f.user, none), 1);
	assert_int_equal(seen(REACH_CARE, stranger, none), 0);
	assert_int_equal(seen(REACH_SELF, stranger, patient), 1);
	assert_int_equal(seen(REACH_SELF, stranger, none), 0);
	assert_int_equal(seen(REACH_NOTHING, f.user, patient), 0);
}

static void
test_a_long_statement_is_stopped(void **state)
{
	(void)state;
	struct door_total t;

	f.store->statement_timeout_ms = 300;
	struct db *db;
	assert_int_equal(db_open(f.store, &db), OK);
	struct ctx ctx = f.ctx;
	assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
	uint64_t start = clock_mono_ns();
	assert_int_equal(sql_door_slow(&ctx, &t), ERR_BUSY);
	assert_true(clock_mono_ns() - start < 2000000000u);
	db_rollback(&ctx);
	assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
	assert_int_equal(sql_door_sum(&ctx, &t), OK);
	assert_int_equal(db_commit(&ctx), OK);
	db_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_every_kind_comes_back),
		T(test_absent_values_come_back_absent),
		T(test_promises),
		T(test_a_statement_must_fit_its_rows),
		T(test_rollback_leaves_nothing),
		T(test_marks_are_kept_and_undone),
		T(test_a_failed_statement_ends_the_work),
		T(test_lists),
		T(test_a_list_beyond_the_arena_is_refused),
		T(test_many_rows_at_once),
		T(test_many_rows_together),
		T(test_a_late_failure_is_never_lost),
		T(test_the_tenant_is_the_contexts),
		T(test_the_second_wall),
		T(test_reach_decides_what_is_seen),
		T(test_a_long_statement_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
