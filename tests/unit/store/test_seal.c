/* test_seal.c - sealed fields open at their place alone, and a destroyed key opens nothing. */
#include "../cm.h"

#include <stdio.h>

#include "unit/store/fixture.h"

#include "door_sql.h"
#include "store/keys.h"
#include "sys/crypto.h"

static struct fixture f;
static struct id patient, other, row;

static void
begin(enum tx_mode mode)
{
	assert_int_equal(db_begin(&f.ctx, f.db, mode), OK);
}

static void
commit(void)
{
	assert_int_equal(db_commit(&f.ctx), OK);
}

static int
setup(void **state)
{
	(void)state;
	fixture_open(&f);
	patient = id_new(clock_now());
	other = id_new(clock_now());
	row = id_new(clock_now());
	begin(TX_WRITE);
	assert_int_equal(seal_key_new(&f.ctx, patient), OK);
	assert_int_equal(seal_key_new(&f.ctx, other), OK);
	assert_int_equal(
	        sql_door_add(&f.ctx,
	                &(struct door_add_in){ .id = row, .patient = patient, .secret = STR("segredo") }),
	        OK);
	commit();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static struct blob
raw(struct id id)
{
	struct door_bytes got;

	begin(TX_READ);
	assert_int_equal(sql_door_raw(&f.ctx, &(struct door_raw_in){ id }, &got), OK);
	commit();
	return got.bytes;
}

static void
put(struct id id, struct blob bytes)
{
	begin(TX_WRITE);
	assert_int_equal(sql_door_misplace(&f.ctx, &(struct door_misplace_in){ id, bytes }), OK);
	commit();
}

static enum err
get(struct id id, struct door *out)
{
	enum err err;

	begin(TX_READ);
	err = sql_door_get(&f.ctx, &(struct door_get_in){ id }, out);
	commit();
	return err;
}

static void
test_the_bytes_are_sealed(void **state)
{
	(void)state;
	struct blob bytes = raw(row), again;
	struct door got;

	assert_int_equal(bytes.n, 7 + SEAL_OVERHEAD);
	assert_null(memmem(bytes.p, bytes.n, "segredo", 7));
	assert_int_equal(get(row, &got), OK);
	assert_true(str_is(got.secret, "segredo"));
	/* The same text sealed again is other bytes. */
	begin(TX_WRITE);
	struct id second = id_new(clock_now());
	assert_int_equal(
	        sql_door_add(&f.ctx,
	                &(struct door_add_in){ .id = second, .patient = patient, .secret = STR("segredo") }),
	        OK);
	commit();
	again = raw(second);
	assert_memory_not_equal(again.p, bytes.p, bytes.n);
}

static void
test_moved_bytes_do_not_open(void **state)
{
	(void)state;
	struct blob bytes = raw(row);
	struct id second = id_new(clock_now()), third = id_new(clock_now());
	struct door got;

	begin(TX_WRITE);
	assert_int_equal(sql_door_add(&f.ctx, &(struct door_add_in){ .id = second, .patient = patient }), OK);
	assert_int_equal(sql_door_add(&f.ctx, &(struct door_add_in){ .id = third, .patient = other }), OK);
	commit();
	put(second, bytes);
	assert_int_equal(get(second, &got), ERR_INTERNAL);
	put(third, bytes);
	assert_int_equal(get(third, &got), ERR_INTERNAL);
	assert_int_equal(get(row, &got), OK);
}

static void
test_changed_bytes_do_not_open(void **state)
{
	(void)state;
	struct blob bytes = raw(row);
	struct door got;

	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char copy[64];

		memcpy(copy, bytes.p, bytes.n);
		copy[i] ^= 1;
		put(row, (struct blob){ copy, bytes.n });
		assert_int_equal(get(row, &got), ERR_INTERNAL);
	}
	for (size_t n = 0; n < bytes.n; n += 5) {
		put(row, (struct blob){ bytes.p, n });
		assert_int_equal(get(row, &got), ERR_INTERNAL);
	}
	put(row, bytes);
	assert_int_equal(get(row, &got), OK);
}

static void
test_the_place_is_all_of_it(void **state)
{
	(void)state;
	struct place place = { "patient", "name", row }, column = { "patient", "phone", row },
	             table = { "user", "name", row }, elsewhere = { "patient", "name", other };
	struct id two = fixture_tenant(&f, "two");
	struct blob sealed;
	struct str plain;

	begin(TX_READ);
	assert_int_equal(seal(&f.ctx, patient, &place, STR("x"), &sealed), OK);
	assert_int_equal(unseal(&f.ctx, patient, &place, sealed, &plain), OK);
	assert_true(str_is(plain, "x"));
	assert_int_equal(unseal(&f.ctx, patient, &column, sealed, &plain), ERR_INTERNAL);
	assert_int_equal(unseal(&f.ctx, patient, &table, sealed, &plain), ERR_INTERNAL);
	assert_int_equal(unseal(&f.ctx, patient, &elsewhere, sealed, &plain), ERR_INTERNAL);
	assert_int_equal(unseal(&f.ctx, other, &place, sealed, &plain), ERR_INTERNAL);
	assert_int_equal(unseal(&f.ctx, (struct id){ { 0 } }, &place, sealed, &plain), ERR_INTERNAL);
	f.ctx.tenant = two;
	assert_int_equal(unseal(&f.ctx, patient, &place, sealed, &plain), ERR_INTERNAL);
	assert_int_equal(seal(&f.ctx, patient, &place, STR("x"), &sealed), ERR_NOT_FOUND);
	assert_int_equal(unseal(&f.ctx, (struct id){ { 0 } }, &place, sealed, &plain), ERR_INTERNAL);
	commit();
	f.ctx.tenant = f.tenant;
}

static void
test_a_destroyed_key_opens_nothing(void **state)
{
	(void)state;
	struct door got;

	assert_int_equal(get(row, &got), OK);
	begin(TX_WRITE);
	assert_int_equal(seal_key_destroy(&f.ctx, patient), OK);
	assert_int_equal(sql_door_get(&f.ctx, &(struct door_get_in){ row }, &got), OK);
	assert_false(str_is_set(got.secret));
	commit();
	assert_int_equal(get(row, &got), OK);
	assert_false(str_is_set(got.secret));
	begin(TX_WRITE);
	assert_int_equal(seal_key_destroy(&f.ctx, patient), ERR_NOT_FOUND);
	db_rollback(&f.ctx);
}

/* One who began before the destruction still reads the old row: what he reads must
 * not stay behind for those who come after. */
static void
test_an_older_reader_does_not_bring_a_key_back(void **state)
{
	(void)state;
	struct ctx late = f.ctx;
	struct db *db;
	struct door got;

	assert_int_equal(db_open(f.store, &db), OK);
	assert_int_equal(db_begin(&late, db, TX_READ), OK);
	struct list list;
	assert_int_equal(sql_door_list(&late, &(struct door_list_in){ 0 }, &list), OK);
	begin(TX_WRITE);
	assert_int_equal(seal_key_destroy(&f.ctx, patient), OK);
	commit();
	assert_int_equal(sql_door_get(&late, &(struct door_get_in){ row }, &got), OK);
	assert_true(str_is(got.secret, "segredo"));
	assert_int_equal(db_commit(&late), OK);
	db_close(db);
	assert_int_equal(get(row, &got), OK);
	assert_false(str_is_set(got.secret));
}

static void
test_a_destruction_rolled_back_did_not_happen(void **state)
{
	(void)state;
	struct door got;

	begin(TX_WRITE);
	assert_int_equal(seal_key_destroy(&f.ctx, patient), OK);
	db_rollback(&f.ctx);
	assert_int_equal(get(row, &got), OK);
}

/* A key of a transaction that was undone must not seal what comes later. */
static void
test_a_key_rolled_back_is_forgotten(void **state)
{
	(void)state;
	struct id fresh = id_new(clock_now()), first = id_new(clock_now()), second = id_new(clock_now());
	struct door got;

	for (int undo = 0; undo < 2; undo++) {
		begin(TX_WRITE);
		assert_int_equal(db_mark(&f.ctx), OK);
		assert_int_equal(seal_key_new(&f.ctx, fresh), OK);
		assert_int_equal(
		        sql_door_add(&f.ctx,
		                &(struct door_add_in){ .id = first, .patient = fresh, .secret = STR("a") }),
		        OK);
		assert_int_equal(sql_door_get(&f.ctx, &(struct door_get_in){ first }, &got), OK);
		if (undo) {
			assert_int_equal(db_undo(&f.ctx), OK);
			struct place place = { "door", "secret", first };
			struct blob sealed;
			assert_int_equal(db_mark(&f.ctx), OK);
			assert_int_equal(seal(&f.ctx, fresh, &place, STR("a"), &sealed), ERR_NOT_FOUND);
			assert_int_equal(db_keep(&f.ctx), OK);
		}
		db_rollback(&f.ctx);
	}
	begin(TX_WRITE);
	assert_int_equal(seal_key_new(&f.ctx, fresh), OK);
	assert_int_equal(sql_door_add(&f.ctx,
	                         &(struct door_add_in){ .id = second, .patient = fresh, .secret = STR("b") }),
	        OK);
	commit();
	/* As another process would see it: without this one's cache. */
	seal_close(f.store);
	assert_int_equal(seal_init(f.store, f.ring), OK);
	assert_int_equal(get(second, &got), OK);
	assert_true(str_is(got.secret, "b"));
}

/* Many patients in one list: their keys come in few questions, one destroyed, one broken. */
static void
test_a_list_of_many_patients_opens(void **state)
{
	(void)state;
	enum { N = 40 };
	struct id patients[N], broken = id_new(clock_now());
	const struct door *rows;
	struct list list;

	begin(TX_WRITE);
	for (int i = 0; i < N; i++) {
		char text[32];

		patients[i] = id_new(clock_now());
		snprintf(text, sizeof text, "segredo %d", i);
		assert_int_equal(seal_key_new(&f.ctx, patients[i]), OK);
		for (int k = 0; k < 2; k++)
			assert_int_equal(
			        sql_door_add(&f.ctx, &(struct door_add_in){ .id = id_new(clock_now()),
			                                     .patient = patients[i],
			                                     .n = 1000 + i,
			                                     .secret = str_of(text) }),
			        OK);
	}
	assert_int_equal(seal_key_destroy(&f.ctx, patients[7]), OK);
	commit();
	for (int warm = 0; warm < 2; warm++) {
		if (!warm) {
			seal_close(f.store);
			assert_int_equal(seal_init(f.store, f.ring), OK);
		}
		begin(TX_READ);
		assert_int_equal(sql_door_list_all(&f.ctx, &list), OK);
		commit();
		assert_int_equal(list.count, 1 + 2 * N);
		rows = list.items;
		for (int i = 0; i < 2 * N; i++) {
			char text[32];

			snprintf(text, sizeof text, "segredo %d", i / 2);
			if (i / 2 == 7)
				assert_false(str_is_set(rows[1 + i].secret));
			else
				assert_true(str_is(rows[1 + i].secret, text));
		}
	}
	begin(TX_WRITE);
	assert_int_equal(
	        sql_door_add(&f.ctx, &(struct door_add_in){ .id = broken, .patient = patients[0] }), OK);
	commit();
	put(broken, raw(row));
	begin(TX_READ);
	assert_int_equal(sql_door_list_all(&f.ctx, &list), ERR_INTERNAL);
	commit();
}

static void
test_without_keys_nothing_opens(void **state)
{
	(void)state;
	struct door got;

	seal_close(f.store);
	assert_int_equal(get(row, &got), ERR_KEYS_UNAVAILABLE);
	assert_int_equal(seal_init(f.store, f.ring), OK);
	assert_int_equal(get(row, &got), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_the_bytes_are_sealed),
		T(test_moved_bytes_do_not_open),
		T(test_changed_bytes_do_not_open),
		T(test_the_place_is_all_of_it),
		T(test_a_destroyed_key_opens_nothing),
		T(test_an_older_reader_does_not_bring_a_key_back),
		T(test_a_destruction_rolled_back_did_not_happen),
		T(test_a_key_rolled_back_is_forgotten),
		T(test_a_list_of_many_patients_opens),
		T(test_without_keys_nothing_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
