/* test_audit_trail.c - what takes years or a clock to happen to the audit trail:
 * removal when its time is over, a clock that steps back, keys that follow each
 * other, and sealers that race.  Tampering is tests/audit/test_audit_verify.py's. */
#include "../cm.h"

#include <pthread.h>
#include <stdio.h>

#include "gen/audit_ops_sql.h"
#include "http/audit_write.h"
#include "ops/audit_prune.h"
#include "ops/audit_seal.h"
#include "ops/audit_verify.h"
#include "sys/files.h"
#include "unit/store/fixture.h"

#define DAY_MS INT64_C(86400000)
enum { BATCH = 5, SEALERS = 4, ROUNDS = 20 };

static struct fixture f;
static char why[WHY_SIZE];

static int
open_store(void **state)
{
	(void)state;
	fixture_open(&f);
	return 0;
}

static int
close_store(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static int64_t
years_ago_ms(int years)
{
	return clock_now().ms - years * 366 * DAY_MS;
}

/* ---- making a trail of any age */

static void
add_entries(int count, int64_t at_ms)
{
	struct ctx ctx = f.ctx;

	ctx.now.ms = at_ms;
	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	for (int i = 0; i < count; i++)
		assert_int_equal(audit_note_add(&ctx, &(struct audit_note){ .event = AUDIT_RECORD_READ,
		                                              .subject = f.user,
		                                              .status = 200 + i,
		                                              .route = "GET /test",
		                                              .request_id = "",
		                                              .address = STR("10.0.0.7") }),
		        OK);
	assert_int_equal(db_commit(&ctx), OK);
}

static int64_t
seal_now(void)
{
	int64_t batches;

	if (audit_seal_now(f.store, f.ring, &batches, why) != OK)
		fail_msg("%s", why);
	return batches;
}

static struct trail_head
last_head(void)
{
	struct ctx ctx = f.ctx;
	struct trail_head head = { .number = 0 };
	struct trail_tomb tomb;
	struct list rows;

	assert_int_equal(db_begin(&ctx, f.db, TX_READ), OK);
	assert_int_equal(sql_audit_last_batch(&ctx, &rows), OK);
	if (rows.count > 0)
		assert_true(trail_head_of(rows.items, &head, &tomb));
	db_rollback(&ctx);
	return head;
}

static void script(const char *fmt, ...) PRINTF(1, 2);

static void
script(const char *fmt, ...)
{
	struct ctx ctx = f.ctx;
	char text[500];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	assert_int_equal(f.store->ops->script(&ctx, text), OK);
	assert_int_equal(db_commit(&ctx), OK);
}

/* The last batch's head, as it would be had it been sealed then: signed by our own key. */
static void
date_last_head(int64_t at_ms)
{
	struct ctx ctx = f.ctx;
	struct trail_head head = last_head();
	struct trail_signer *signer;
	char hex[2 * TRAIL_SIGNATURE + 1], text[400];

	head.at.ms = at_ms;
	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	assert_int_equal(trail_signer_open(&ctx, f.ring, &signer), OK);
	trail_head_sign(signer, &head);
	trail_signer_close(signer);
	hex_print(head.signature, sizeof head.signature, hex);
	snprintf(text, sizeof text, "UPDATE audit_batch SET at = %lld, signature = %s%s' WHERE number = %lld",
	        (long long)at_ms, fixture_is_postgres() ? "'\\x" : "x'", hex, (long long)head.number);
	assert_int_equal(f.store->ops->script(&ctx, text), OK);
	assert_int_equal(db_commit(&ctx), OK);
}

/* Two batches of eight years ago, one of today. */
static void
old_trail(void)
{
	for (int i = 0; i < 2; i++) {
		add_entries(BATCH, years_ago_ms(8));
		assert_int_equal(seal_now(), 1);
		date_last_head(years_ago_ms(8));
	}
	add_entries(BATCH, clock_now().ms);
	assert_int_equal(seal_now(), 1);
}

static struct audit_verdict
verify(void)
{
	struct ctx ctx = f.ctx;
	struct trail_keys keys;
	struct audit_verdict verdict;
	enum err err;

	assert_int_equal(db_begin(&ctx, f.db, TX_READ), OK);
	assert_int_equal(trail_keys_read(&ctx, f.ring, &keys), OK);
	db_rollback(&ctx);
	err = audit_verify_store(
	        f.store, &(struct audit_verify_conf){ .keys = &keys, .live = true }, &verdict, why);
	if (err != OK)
		fail_msg("%s", why);
	return verdict;
}

static void
assert_whole(int64_t entries, int64_t pruned)
{
	struct audit_verdict v = verify();

	if (v.first.fault != FAULT_NONE)
		fail_msg("%s: %s", audit_fault_word(v.first.fault), v.first.detail);
	assert_int_equal(v.entries, entries);
	assert_int_equal(v.pruned, pruned);
	assert_int_equal(v.unsealed, 0);
}

static void
assert_fault(enum audit_fault fault, int64_t batch)
{
	struct audit_verdict v = verify();

	if (v.first.fault != fault || v.first.batch != batch)
		fail_msg("fault %d in batch %lld: %s", v.first.fault, (long long)v.first.batch,
		        v.first.detail);
}

static enum err
prune(struct audit_prune *p)
{
	struct ctx ctx = f.ctx;
	enum err err = OK;

	*p = (struct audit_prune){ .before = audit_prune_limit(clock_now()), .next = 1 };
	while (err == OK && !p->done) {
		ctx.now = clock_now();
		assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
		err = audit_prune_some(&ctx, f.db, f.ring, p);
		if (err == OK)
			assert_int_equal(db_commit(&ctx), OK);
		else
			db_rollback(&ctx);
	}
	return err;
}

/* ---- bytes, as tests/lib/trail.py has them */

static void
assert_hex(const void *got, size_t n, const char *want)
{
	char hex[600];

	assert_true(2 * n < sizeof hex);
	hex_print(got, n, hex);
	assert_string_equal(hex, want);
}

static const unsigned char ids[32] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
	20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
static const unsigned char nines[16] = { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 };

static void
test_entry_bytes(void **state)
{
	struct trail_entry e = { .seq = 7,
		.id = { ids, 16 },
		.tenant_id = { ids + 16, 16 },
		.at = { 1700000000123, true },
		.event = STR("record.read"),
		.role = STR("DOCTOR"),
		.subject_id = { nines, 16 },
		.status = { 200, true },
		.route = STR("GET /api/x/{id}"),
		.request_id = STR(""),
		.address = STR("10.0.0.7"),
		.before_sealed = { (const unsigned char *)"\1\2\3", 3 },
		.after_sealed = { (const unsigned char *)"", 0 },
		.extra = STR("{\"shown\":[]}") };
	unsigned char bytes[TRAIL_RECORD_SIZE];
	struct trail_record r, back;
	struct hash leaf;
	struct buf scratch;

	(void)state;
	buf_init(&scratch, 4096);
	trail_content(&scratch, &e);
	assert_hex(scratch.p, scratch.n,
	        "01000300000010000102030405060708090a0b0c0d0e0f0300000010101112131415161718191a1b1c1d1e1f0100"
	        "00018bcf"
	        "e5687b020000000b7265636f72642e72656164000200000006444f43544f52030000001009090909090909090909"
	        "09090909"
	        "0909000100000000000000c8020000000f474554202f6170692f782f7b69647d0200000000020000000831302e30"
	        "2e302e37"
	        "0004039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb8104e3b0c44298fc1c149afbf4"
	        "c8996fb9"
	        "2427ae41e4649b934ca495991b7852b855020000000c7b2273686f776e223a5b5d7d");
	trail_record_of(&scratch, &e, &r);
	trail_record_write(&r, bytes);
	assert_hex(bytes, sizeof bytes,
	        "00000000000000070000000000000000e04fb491a971c1656f19b98772a714ff7b3d0c9eb5f334a82ee86277baa1"
	        "5112");
	trail_record_read(bytes, &back);
	assert_true(back.seq == r.seq && back.epoch == r.epoch && hash_eq(&back.digest, &r.digest));
	trail_leaf(bytes, &leaf);
	assert_hex(leaf.b, sizeof leaf.b, "931f96075e4c0ba92aab470c159ec6a37815089fc1702e4076d53f20163a9764");
	e.epoch = (struct opt_int){ 0, true };
	trail_record_of(&scratch, &e, &r);
	assert_hex(r.digest.b, sizeof r.digest.b,
	        "a5533ba7814ac0a1efbde8b818bc297868c6f5edb67ab97936275c2fea209096");
	buf_free(&scratch);
}

static void
test_head_bytes(void **state)
{
	struct trail_head h = { .number = 3, .from = 5, .to = 9, .count = 4, .at = { 1700000001000 } };
	struct trail_tomb t = { .at = { 1900000000000 } };
	char head[TRAIL_HEAD_SIZE], tomb[TRAIL_TOMB_SIZE];
	struct hash sum;

	(void)state;
	memset(h.root.b, 1, sizeof h.root.b);
	memset(h.previous.b, 2, sizeof h.previous.b);
	memset(h.key_id, 3, sizeof h.key_id);
	memset(h.signature, 4, sizeof h.signature);
	memset(t.key_id, 5, sizeof t.key_id);
	trail_head_bytes(&h, head);
	sha256(head, sizeof head, sum.b);
	assert_hex(sum.b, sizeof sum.b, "d622d275db50e994a951fbe2a5060d94dee811f0d3dfe6b10b5ce386fdae3d8f");
	trail_head_hash(&h, &sum);
	assert_hex(sum.b, sizeof sum.b, "7a72f33747843e8ddae485a7c1c161271ec978cd17ec1e3f2aae678c44e6a7e6");
	trail_tomb_bytes(&h, &t, tomb);
	sha256(tomb, sizeof tomb, sum.b);
	assert_hex(sum.b, sizeof sum.b, "fb1b9c5d74264f2e716c496e6e661206db994df8a0004a31a0442fad7ba67afc");
}

static void
test_keys_as_pem(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct trail_key two[2] = { { .id = { 0 } }, { .id = { 0 } } };
	struct trail_keys keys = { two, 2 }, back;
	struct buf pem;

	(void)state;
	random_bytes(two[0].public_key, 32);
	random_bytes(two[1].public_key, 32);
	buf_init(&pem, 4096);
	trail_keys_print(&pem, &keys);
	assert_true(trail_keys_parse(arena, buf_view(&pem), &back));
	assert_int_equal(back.count, 2);
	for (int i = 0; i < 2; i++)
		assert_memory_equal(back.items[i].public_key, two[i].public_key, 32);
	pem.p[40] = pem.p[40] == 'A' ? 'B' : 'A'; /* inside what says Ed25519 */
	assert_false(trail_keys_parse(arena, buf_view(&pem), &back));
	assert_false(trail_keys_parse(arena, STR("no key"), &back));
	assert_false(trail_keys_parse(arena, STR(""), &back));
	buf_free(&pem);
	arena_free(arena);
}

/* ---- keeping and removal */

static void
test_prune(void **state)
{
	struct audit_prune p;

	(void)state;
	old_trail();
	assert_whole(3 * BATCH, 0);
	assert_int_equal(prune(&p), OK);
	assert_int_equal(p.batches, 2);
	assert_int_equal(p.entries, 2 * BATCH);
	assert_whole(BATCH, 2 * BATCH);
	assert_int_equal(prune(&p), OK);
	assert_int_equal(p.batches, 0);
	add_entries(1, clock_now().ms);
	assert_int_equal(seal_now(), 1);
	assert_whole(BATCH + 1, 2 * BATCH);
}

/* A head's time is old, but one of its entries is not. */
static void
test_prune_spares_young_entries(void **state)
{
	struct audit_prune p;

	(void)state;
	add_entries(BATCH, years_ago_ms(8));
	add_entries(1, years_ago_ms(6));
	assert_int_equal(seal_now(), 1);
	date_last_head(years_ago_ms(8));
	assert_int_equal(prune(&p), OK);
	assert_int_equal(p.batches, 0);
	assert_whole(BATCH + 1, 0);
}

static void
test_prune_spares_evidence(void **state)
{
	struct audit_prune p;

	(void)state;
	old_trail();
	script("UPDATE audit_entry SET status = 999 WHERE status = 202 AND at < %lld",
	        (long long)years_ago_ms(7));
	assert_int_equal(prune(&p), ERR_STATE);
	assert_int_equal(p.entries, 0);
	assert_fault(FAULT_CHANGED, 1);
}

static void
test_prune_spares_what_is_signed_by_others(void **state)
{
	struct audit_prune p;

	(void)state;
	old_trail();
	script("UPDATE audit_batch SET signature = (SELECT signature FROM audit_batch WHERE number = 2)"
	       " WHERE number = %d",
	        1);
	assert_int_equal(prune(&p), ERR_STATE);
	assert_int_equal(p.entries, 0);
}

static void
test_pruned_too_early(void **state)
{
	struct audit_prune p;
	struct ctx ctx = f.ctx;
	struct trail_signer *signer;
	struct trail_head head;
	struct trail_tomb tomb = { .at = { 0 } };

	(void)state;
	old_trail();
	assert_int_equal(prune(&p), OK);
	head = last_head();
	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	assert_int_equal(trail_signer_open(&ctx, f.ring, &signer), OK);
	tomb.at = clock_now(); /* signed well, and six years too soon */
	trail_tomb_sign(signer, &head, &tomb);
	trail_signer_close(signer);
	assert_int_equal(
	        sql_audit_entries_remove(&ctx,
	                &(struct audit_entries_remove_in){ .range_from = head.from, .range_to = head.to }),
	        OK);
	assert_int_equal(
	        sql_audit_batch_prune(&ctx, &(struct audit_batch_prune_in){ .number = head.number,
	                                            .pruned_at = tomb.at,
	                                            .key_id = { tomb.key_id, sizeof tomb.key_id },
	                                            .signature = { tomb.signature, sizeof tomb.signature } }),
	        OK);
	assert_int_equal(db_commit(&ctx), OK);
	assert_fault(FAULT_REMOVED, head.number);
}

static void
test_altered_tombstone(void **state)
{
	struct audit_prune p;

	(void)state;
	old_trail();
	assert_int_equal(prune(&p), OK);
	script("UPDATE audit_batch SET pruned_at = pruned_at + %d WHERE number = 2", 1);
	assert_fault(FAULT_REMOVED, 2);
}

static void
test_entry_in_a_pruned_batch(void **state)
{
	struct audit_prune p;
	struct trail_head head;

	(void)state;
	old_trail();
	head = last_head();
	assert_int_equal(prune(&p), OK);
	if (fixture_is_postgres())
		script("UPDATE audit_entry SET epoch = (SELECT range_from FROM audit_batch WHERE number = 2)"
		       " WHERE seq = (SELECT MAX(seq) FROM audit_entry WHERE epoch < %lld)",
		        (long long)head.to);
	else
		script("UPDATE audit_entry SET seq = (SELECT range_from FROM audit_batch WHERE number = 2)"
		       " WHERE seq = %lld - 1",
		        (long long)head.to);
	assert_fault(FAULT_INSERTED, 2);
}

/* ---- clock and keys */

static void
test_clock_steps_back(void **state)
{
	int64_t ahead_ms = clock_now().ms + DAY_MS;

	(void)state;
	add_entries(BATCH, ahead_ms);
	assert_int_equal(seal_now(), 1);
	date_last_head(ahead_ms);
	add_entries(BATCH, clock_now().ms);
	assert_int_equal(seal_now(), 1);
	assert_int_equal(last_head().at.ms, ahead_ms);
	assert_whole(2 * BATCH, 0);
}

static void
new_key(void)
{
	struct ctx ctx = f.ctx;

	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	assert_int_equal(trail_key_new(&ctx, f.ring), OK);
	assert_int_equal(db_commit(&ctx), OK);
}

/* Two batches under each of two keys; then a head signed by the key that had been replaced. */
static void
test_replaced_key_signs_no_more(void **state)
{
	struct trail_head first;

	(void)state;
	add_entries(BATCH, clock_now().ms);
	assert_int_equal(seal_now(), 1);
	first = last_head();
	new_key();
	add_entries(BATCH, clock_now().ms);
	assert_int_equal(seal_now(), 1);
	assert_memory_not_equal(last_head().key_id, first.key_id, TRAIL_KEY_ID);
	assert_whole(2 * BATCH, 0);
	script("UPDATE audit_key SET number = %d - number", 10); /* the thief makes the old one the newest */
	add_entries(BATCH, clock_now().ms);
	assert_int_equal(seal_now(), 1);
	assert_memory_equal(last_head().key_id, first.key_id, TRAIL_KEY_ID);
	script("UPDATE audit_key SET number = %d - number", 10);
	assert_fault(FAULT_FORGED, 3);
}

/* ---- sealers that race */

static const char *
write_one(struct ctx *ctx, struct db *db)
{
	enum err err = db_begin(ctx, db, TX_WRITE);

	if (err == OK)
		err = audit_note_add(ctx, &(struct audit_note){ .event = AUDIT_RECORD_READ,
		                                  .status = 200,
		                                  .route = "GET /test",
		                                  .request_id = "",
		                                  .address = STR("10.0.0.7") });
	return err == OK && db_commit(ctx) == OK ? NULL : "an entry was not written";
}

static const char *
seal_and_write(struct ctx *ctx, struct db *db)
{
	char reason[WHY_SIZE];
	const char *said = NULL;
	int64_t batches;

	for (int i = 0; i < ROUNDS && said == NULL; i++) {
		enum err err = audit_seal_now(f.store, f.ring, &batches, reason);

		if (err != OK && err != ERR_BUSY && err != ERR_DUPLICATE && err != ERR_REPLAY)
			return "a sealer failed";
		said = write_one(ctx, db);
	}
	return said;
}

static void *
seal_again_and_again(void *arg)
{
	struct arena *arena = arena_new(8 << 20);
	struct ctx ctx = fixture_ctx(&f, arena);
	const char *said = "no connection";
	struct db *db;

	(void)arg;
	if (db_open(f.store, &db) == OK) {
		said = seal_and_write(&ctx, db);
		db_close(db);
	}
	arena_free(arena);
	return (void *)said;
}

static void
test_sealers_race(void **state)
{
	pthread_t threads[SEALERS];
	void *said;

	(void)state;
	add_entries(BATCH, clock_now().ms);
	for (int i = 0; i < SEALERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, seal_again_and_again, NULL), 0);
	for (int i = 0; i < SEALERS; i++) {
		assert_int_equal(pthread_join(threads[i], &said), 0);
		assert_null(said);
	}
	seal_now();
	assert_whole(BATCH + SEALERS * ROUNDS, 0);
}

#define ON_STORE(test) cmocka_unit_test_setup_teardown(test, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entry_bytes),
		cmocka_unit_test(test_head_bytes),
		cmocka_unit_test(test_keys_as_pem),
		ON_STORE(test_prune),
		ON_STORE(test_prune_spares_young_entries),
		ON_STORE(test_prune_spares_evidence),
		ON_STORE(test_prune_spares_what_is_signed_by_others),
		ON_STORE(test_pruned_too_early),
		ON_STORE(test_altered_tombstone),
		ON_STORE(test_entry_in_a_pruned_batch),
		ON_STORE(test_clock_steps_back),
		ON_STORE(test_replaced_key_signs_no_more),
		ON_STORE(test_sealers_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
