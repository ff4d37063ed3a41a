/* test_abreast.c - works side by side in one transaction: each has its own answers. */
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

enum { ABREAST = 20 };
struct abreast_test {
	struct ctx ctx[ABREAST];
	struct arena *arenas[ABREAST];
	struct id ids[ABREAST];
	enum err errs[ABREAST];
	int64_t sums[ABREAST];
	struct id twice;
	size_t bad;
};

static void
abreast_open(struct abreast_test *t)
{
	*t = (struct abreast_test){ .bad = ABREAST };
	for (size_t i = 0; i < ABREAST; i++) {
		t->arenas[i] = arena_new(1 << 20);
		t->ctx[i] = fixture_ctx(&f, t->arenas[i]);
	}
}

static void
abreast_close(struct abreast_test *t)
{
	for (size_t i = 0; i < ABREAST; i++)
		arena_free(t->arenas[i]);
}

/* Several questions, each with its own answer; sealed values ask for a key in between. */
static enum err
add_and_look(struct abreast_test *t, size_t i)
{
	struct ctx *ctx = &t->ctx[i];
	struct door got;

	t->ids[i] = i == t->bad ? t->twice : id_new(clock_now());
	TRY(sql_door_add(ctx, &(struct door_add_in){ .id = t->ids[i],
	                              .n = (int64_t)i,
	                              .secret = str_of(arena_printf(ctx->arena, "secret %zu", i)) }));
	for (size_t k = 0; k <= i % 4; k++) {
		TRY(sql_door_get(ctx, &(struct door_get_in){ t->ids[i] }, &got));
		t->sums[i] += got.n;
		if (!str_is(got.secret, arena_printf(ctx->arena, "secret %zu", i)))
			return ERR_INTERNAL;
	}
	return OK;
}

static void
abreast_piece(void *arg, size_t i)
{
	struct abreast_test *t = arg;

	t->ctx[i].tx = f.ctx.tx;
	t->errs[i] = add_and_look(t, i);
}

static void
test_side_by_side(void **state)
{
	(void)state;
	struct abreast_test t;

	abreast_open(&t);
	for (int round = 0; round < 3; round++) {
		memset(t.sums, 0, sizeof t.sums);
		begin(TX_WRITE);
		db_abreast(&f.ctx, ABREAST, abreast_piece, &t);
		for (size_t i = 0; i < ABREAST; i++) {
			assert_int_equal(t.errs[i], OK);
			assert_int_equal(t.sums[i], i * (i % 4 + 1));
		}
		db_abreast(&f.ctx, 0, abreast_piece, &t);
		commit();
	}
	assert_int_equal(total().rows, 3 * ABREAST);
	abreast_close(&t);
}

/* Whose statement failed is not told apart on PostgreSQL: all that have not ended hear ERR_REPLAY. */
static void
test_a_failure_side_by_side(void **state)
{
	(void)state;
	struct abreast_test t;

	abreast_open(&t);
	begin(TX_WRITE);
	t.twice = add("there already", 0);
	commit();
	t.bad = 7;
	begin(TX_WRITE);
	db_abreast(&f.ctx, ABREAST, abreast_piece, &t);
	assert_true(db_failed(&f.ctx));
	for (size_t i = 0; fixture_is_postgres() && i < ABREAST; i++)
		assert_int_equal(t.errs[i], ERR_REPLAY);
	if (!fixture_is_postgres())
		assert_int_equal(t.errs[t.bad], ERR_DUPLICATE);
	db_rollback(&f.ctx);
	assert_int_equal(total().rows, 1);
	t.bad = ABREAST;
	memset(t.sums, 0, sizeof t.sums);
	begin(TX_WRITE);
	db_abreast(&f.ctx, ABREAST, abreast_piece, &t);
	commit();
	assert_int_equal(total().rows, 1 + ABREAST);
	abreast_close(&t);
}

enum { UNASKED = 500 }; /* sent by one without waiting: just so many that nothing is read yet */
struct crowd {
	struct ctx ctx[DB_ABREAST_MAX];
	enum err errs[DB_ABREAST_MAX];
};

static enum err
send_much(struct ctx *ctx, size_t i)
{
	struct door got;
	struct id id = id_new(clock_now());

	for (int k = 0; i == 0 && k < UNASKED; k++)
		TRY(sql_door_add_later(
		        ctx, &(struct door_add_later_in){ .id = id_new(clock_now()), .n = 1 }));
	TRY(sql_door_add(ctx, &(struct door_add_in){ .id = id, .n = 1 }));
	return sql_door_get(ctx, &(struct door_get_in){ id }, &got);
}

static void
crowd_piece(void *arg, size_t i)
{
	struct crowd *c = arg;

	c->ctx[i] = fixture_ctx(&f, f.arena);
	c->ctx[i].tx = f.ctx.tx;
	c->errs[i] = send_much(&c->ctx[i], i);
}

/* As many as there may be, behind much that waits to be read: there is room for what all of them ask. */
static void
test_a_full_row_behind_much_unread(void **state)
{
	(void)state;
	struct crowd c;

	begin(TX_WRITE);
	db_abreast(&f.ctx, DB_ABREAST_MAX, crowd_piece, &c);
	commit();
	for (size_t i = 0; i < DB_ABREAST_MAX; i++)
		assert_int_equal(c.errs[i], OK);
	assert_int_equal(total().rows, UNASKED + DB_ABREAST_MAX);
}

/* ---- questions that are sent as one */

struct asker {
	struct ctx ctx;
	struct id own, patient;
	enum err err, none, above, number;
	struct door got;
	struct door_number largest;
};

/* Every third is of another tenant, every second has a sealed value, whose key is one more question. */
static void
asker_open(struct asker *a, size_t i, struct id other)
{
	*a = (struct asker){ .ctx = fixture_ctx(&f, f.arena), .own = id_new(clock_now()) };
	if (i % 3 == 0)
		a->ctx.tenant = other;
	a->patient = id_new(clock_now());
	a->ctx.tx = f.ctx.tx;
	assert_int_equal(seal_key_new(&a->ctx, a->patient), OK);
	assert_int_equal(
	        sql_door_add(&a->ctx, &(struct door_add_in){ .id = a->own,
	                                      .patient = a->patient,
	                                      .n = (int64_t)i,
	                                      .o = { i % 2, true },
	                                      .secret = i % 2 ? str_of(arena_printf(f.arena, "secret %zu", i))
	                                                      : (struct str){ 0 } }),
	        OK);
	a->ctx.tx = NULL;
}

static void
asker_piece(void *arg, size_t i)
{
	struct asker *a = (struct asker *)arg + i;
	struct door nothing;

	a->ctx.tx = f.ctx.tx;
	a->none = i % 5 ? ERR_NOT_FOUND
	                : sql_door_asked(&a->ctx, &(struct door_asked_in){ .id = a->patient }, &nothing);
	a->err = sql_door_asked(&a->ctx, &(struct door_asked_in){ .id = a->own }, &a->got);
	a->above = sql_door_asked(&a->ctx,
	        &(struct door_asked_in){ .id = a->own, .least = { (int64_t)i + 1, true } }, &nothing);
	a->number = sql_door_number_asked(&a->ctx, &(struct door_number_asked_in){ i % 2 }, &a->largest);
}

/* The last of this tenant, odd or even. */
static int64_t
largest_like(size_t i, size_t n)
{
	size_t last = n - 1;

	while (last % 2 != i % 2 || (last % 3 == 0) != (i % 3 == 0))
		last--;
	return (int64_t)last;
}

static void
check_asker(const struct asker *a, size_t i, size_t n)
{
	assert_int_equal(a->none, ERR_NOT_FOUND);
	assert_int_equal(a->err, OK);
	assert_true(id_eq(a->got.id, a->own) && id_eq(a->got.patient_id, a->patient));
	assert_int_equal(a->got.n, i);
	assert_true(
	        i % 2 ? str_is(a->got.secret, arena_printf(f.arena, "secret %zu", i)) : a->got.secret.n == 0);
	assert_int_equal(a->above, ERR_NOT_FOUND);
	assert_int_equal(a->number, OK);
	assert_int_equal(a->largest.n, largest_like(i, n));
}

/* Each hears what it would have heard alone: of its own tenant, none where there is none, one of several. */
static void
test_questions_sent_as_one(void **state)
{
	(void)state;
	static struct asker askers[DB_ABREAST_MAX];
	struct id other = fixture_tenant(&f, "other");

	begin(TX_WRITE);
	for (size_t i = 0; i < DB_ABREAST_MAX; i++)
		asker_open(&askers[i], i, other);
	commit();
	for (size_t n = DB_ABREAST_MAX; n > 1; n /= 2) {
		begin(TX_READ);
		db_abreast(&f.ctx, n, asker_piece, askers);
		for (size_t i = 0; i < n; i++)
			check_asker(&askers[i], i, DB_ABREAST_MAX);
		commit();
	}
	begin(TX_READ);
	asker_piece(askers, 5); /* and alone */
	check_asker(&askers[5], 5, DB_ABREAST_MAX);
	commit();
}

/* What was sent as one fails as one: all run again by themselves. */
static void
broken_piece(void *arg, size_t i)
{
	struct asker *a = (struct asker *)arg + i;

	a->ctx.tx = f.ctx.tx;
	if (i == 1 && sql_door_add(&a->ctx, &(struct door_add_in){ .id = a->own }) == OK)
		return;
	a->err = sql_door_asked(&a->ctx, &(struct door_asked_in){ .id = a->own }, &a->got);
}

static void
test_questions_that_fail_as_one(void **state)
{
	(void)state;
	static struct asker askers[ABREAST];

	begin(TX_WRITE);
	for (size_t i = 0; i < ABREAST; i++)
		asker_open(&askers[i], i, f.tenant);
	commit();
	begin(TX_WRITE);
	db_abreast(&f.ctx, ABREAST, broken_piece, askers);
	for (size_t i = 0; fixture_is_postgres() && i < ABREAST; i++)
		assert_int_equal(askers[i].err, ERR_REPLAY);
	db_rollback(&f.ctx);
	begin(TX_READ);
	db_abreast(&f.ctx, ABREAST, asker_piece, askers);
	for (size_t i = 0; i < ABREAST; i++)
		assert_int_equal(askers[i].err, OK);
	commit();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_side_by_side),
		T(test_a_failure_side_by_side),
		T(test_a_full_row_behind_much_unread),
		T(test_questions_sent_as_one),
		T(test_questions_that_fail_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
