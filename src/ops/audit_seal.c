/* audit_seal.c - see audit_seal.h.
 *
 * On SQLite entries are read and hashed beside the writer, for what is committed is
 * complete up to its last number, and only the head is written in the writer's turn.
 * On PostgreSQL all happens in one transaction under an advisory lock: the horizon
 * is the oldest transaction still running, and nothing below it can still appear.
 *
 * A sealer remembers the head it saw last.  If that is gone or altered, somebody
 * rewrites the trail, and signing on would cover it up: it says so and signs no more.
 *
 * The clock only dates heads.  Should it step back, a head bears the time of the one
 * before it; the order is the ranges' alone. */
#include "ops/audit_seal.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "gen/audit_ops_sql.h"
#include "ops/audit_heads.h"
#include "sys/files.h"
#include "sys/log.h"
#include "sys/metrics.h"

enum {
	EVERY_MS = 1000,
	BATCH_ENTRIES = 4096, /* what waits beyond makes the next batch, at once */
	KEY_AGE_MS = 60000,   /* a new key is taken up after so long */
	ARENA_CEILING = 256 << 20,
	TRIES = 4,           /* of one batch, while others are faster */
	WAITING_MAX = 10000, /* counted up to here */
	RUN_ENTRIES = 4096,  /* of one run of the trail by patient */
};

/* What one sealing stands on; used by one thread at a time. */
struct seal {
	struct keyring *ring;
	struct db *db;
	enum engine engine;
	struct ctx ctx;
	struct buf scratch;
	unsigned char *records;
	size_t count, room;
	struct trail_signer *signer;
	uint64_t signer_ns;
	struct trail_head last; /* number 0: none seen */
	bool broken;
	int64_t made, runs_at; /* batches; so many when runs were last looked for */
};

struct audit_sealer {
	struct seal seal;
	const char *heads_file;
	bool failing, broken; /* said so in the log */
	pthread_t thread;
	pthread_mutex_t mutex; /* guards stopping */
	pthread_cond_t wake;
	bool stopping;
};

/* ---- one batch */

static enum err
add_record(struct seal *s, const struct trail_entry *e)
{
	struct trail_record r;

	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : BATCH_ENTRIES;
		void *p = realloc(s->records, room * TRAIL_RECORD_SIZE);

		if (p == NULL)
			return fail(&s->ctx, ERR_BUSY, "no memory for %zu records", room);
		s->records = p;
		s->room = room;
	}
	trail_record_of(&s->scratch, e, &r);
	if (buf_failed(&s->scratch))
		return fail(&s->ctx, ERR_TOO_LARGE, "entry %lld", (long long)e->seq);
	trail_record_write(&r, s->records + s->count++ * TRAIL_RECORD_SIZE);
	return OK;
}

/* Entries of [from, horizon); a batch that is full ends where the order changes. */
static enum err
gather(struct seal *s, int64_t from, int64_t horizon, int64_t *to)
{
	const struct trail_entry *e;
	struct trail_reader reader;
	int64_t order = from;

	s->count = 0;
	trail_reader_init(&reader, &s->ctx, s->db, from);
	for (;;) {
		TRY(trail_peek(&reader, &e));
		if (e == NULL || trail_order(s->engine, e) >= horizon) {
			*to = horizon;
			return OK;
		}
		if (s->count >= BATCH_ENTRIES && trail_order(s->engine, e) != order) {
			*to = trail_order(s->engine, e);
			return OK;
		}
		order = trail_order(s->engine, e);
		TRY(add_record(s, e));
		trail_taken(&reader);
	}
}

static void
root_of(const struct seal *s, struct hash *out)
{
	struct merkle tree;
	struct hash leaf;

	merkle_init(&tree);
	for (size_t i = 0; i < s->count; i++) {
		trail_leaf(s->records + i * TRAIL_RECORD_SIZE, &leaf);
		merkle_add(&tree, &leaf);
	}
	merkle_root(&tree, out);
}

static enum err
signer_ready(struct seal *s)
{
	struct trail_signer *fresh;

	if (s->signer != NULL && clock_mono_ns() - s->signer_ns < (uint64_t)KEY_AGE_MS * 1000000)
		return OK;
	TRY(trail_signer_open(&s->ctx, s->ring, &fresh));
	trail_signer_close(s->signer);
	s->signer = fresh;
	s->signer_ns = clock_mono_ns();
	return OK;
}

static enum err
write_head(struct seal *s, const struct trail_head *h)
{
	return sql_audit_batch_add(
	        &s->ctx, &(struct audit_batch_add_in){ .number = h->number,
	                         .range_from = h->from,
	                         .range_to = h->to,
	                         .entry_count = h->count,
	                         .at = h->at,
	                         .root = { h->root.b, sizeof h->root.b },
	                         .previous = { h->previous.b, sizeof h->previous.b },
	                         .key_id = { h->key_id, sizeof h->key_id },
	                         .signature = { h->signature, sizeof h->signature },
	                         .records = { s->records, s->count * TRAIL_RECORD_SIZE } });
}

/* number 0: there is no batch yet. */
static enum err
head_at(struct seal *s, const struct list *rows, struct trail_head *out)
{
	struct trail_tomb tomb;

	*out = (struct trail_head){ .number = 0 };
	if (rows->count == 0 || trail_head_of(rows->items, out, &tomb))
		return OK;
	s->broken = true;
	return fail(&s->ctx, ERR_INTERNAL, "a head has columns that no head has");
}

static bool
same_head(const struct trail_head *a, const struct trail_head *b)
{
	struct hash x, y;

	trail_head_hash(a, &x);
	trail_head_hash(b, &y);
	return a->number == b->number && hash_eq(&x, &y);
}

/* The last head, and that the one seen before is still what it was. */
static enum err
look_back(struct seal *s, struct trail_head *last)
{
	struct trail_head seen;
	struct list rows;

	TRY(sql_audit_last_batch(&s->ctx, &rows));
	TRY(head_at(s, &rows, last));
	if (s->last.number == 0)
		return OK;
	TRY(sql_audit_batches(
	        &s->ctx, &(struct audit_batches_in){ .number = s->last.number, .row_limit = 1 }, &rows));
	TRY(head_at(s, &rows, &seen));
	if (same_head(&seen, &s->last))
		return OK;
	s->broken = true;
	return fail(
	        &s->ctx, ERR_INTERNAL, "head %lld is not the one that was signed", (long long)s->last.number);
}

/* Makes the next head without its signature; count 0: there is nothing to seal. */
static enum err
prepare(struct seal *s, struct trail_head *out)
{
	struct trail_head last;
	struct trail_number horizon;

	TRY(look_back(s, &last));
	s->last = last;
	s->count = 0;
	TRY(sql_audit_horizon(&s->ctx, &horizon));
	*out = (struct trail_head){ .number = last.number + 1, .from = last.to };
	out->at = last.at.ms > s->ctx.now.ms ? last.at : s->ctx.now;
	if (last.number > 0)
		trail_head_hash(&last, &out->previous);
	if (horizon.n <= last.to)
		return OK;
	TRY(gather(s, out->from, horizon.n, &out->to));
	out->count = (int64_t)s->count;
	root_of(s, &out->root);
	return OK;
}

static enum err
finish(struct seal *s, struct trail_head *h)
{
	TRY(signer_ready(s));
	trail_head_sign(s->signer, h);
	return write_head(s, h);
}

static enum err
end_tx(struct seal *s, enum err err)
{
	if (err == OK)
		return db_commit(&s->ctx);
	if (s->ctx.tx != NULL)
		db_rollback(&s->ctx);
	return err;
}

/* SQLite: read beside the writer, then write in its turn. A head that somebody else
 * wrote in between has the same number: ERR_DUPLICATE. */
static enum err
seal_beside(struct seal *s, struct trail_head *h)
{
	enum err err;

	TRY(db_begin(&s->ctx, s->db, TX_READ));
	err = prepare(s, h);
	db_rollback(&s->ctx);
	if (err != OK || h->count == 0)
		return err;
	TRY(db_begin(&s->ctx, s->db, TX_WRITE));
	return end_tx(s, finish(s, h));
}

static enum err
seal_locked(struct seal *s, struct trail_head *h)
{
	struct trail_number mine;

	h->count = 0;
	TRY(sql_audit_lock(&s->ctx, &mine));
	if (mine.n == 0)
		return OK; /* another node is at it */
	TRY(prepare(s, h));
	return h->count > 0 ? finish(s, h) : OK;
}

static enum err
seal_batch(struct seal *s, struct trail_head *h)
{
	arena_reset(s->ctx.arena);
	s->ctx.now = clock_now();
	s->ctx.why[0] = 0;
	if (s->engine == ENGINE_SQLITE)
		return seal_beside(s, h);
	TRY(db_begin(&s->ctx, s->db, TX_WRITE));
	return end_tx(s, seal_locked(s, h));
}

/* ---- all that waits */

static void
note_made(struct seal *s, const struct trail_head *h)
{
	if (h->count > 0) {
		s->last = *h;
		s->made++;
		metric_add(M_AUDIT_HEADS, 0, 1);
	}
	metric_set(M_AUDIT_HEAD_TIME, 0, s->last.at.ms / 1000);
}

static enum err
seal_all(struct seal *s)
{
	struct trail_head head = { 0 };
	enum err err;
	int tries = 0;

	if (s->broken)
		return ERR_STATE;
	do {
		err = seal_batch(s, &head);
		if (err == OK) {
			note_made(s, &head);
			tries = 0;
		} else if ((err == ERR_DUPLICATE || err == ERR_REPLAY) && ++tries < TRIES) {
			err = OK;
		}
	} while (err == OK && (head.count >= BATCH_ENTRIES || tries > 0));
	return err;
}

/* ---- the trail by patient (migration 0009) */

/* *made: a run was written; false: too few sealed entries wait for one, or another node is at it. */
static enum err
add_run(struct seal *s, bool *made)
{
	struct trail_number from, to, mine;

	*made = false;
	TRY(sql_audit_lock(&s->ctx, &mine));
	if (mine.n == 0)
		return OK;
	TRY(sql_audit_runs_end(&s->ctx, &from));
	TRY(sql_audit_run_end(
	        &s->ctx, &(struct audit_run_end_in){ .range_from = from.n, .size = RUN_ENTRIES }, &to));
	if (to.n == 0 || to.n > s->last.to)
		return OK;
	*made = true;
	TRY(sql_audit_run_fill(
	        &s->ctx, &(struct audit_run_fill_in){ .range_from = from.n, .range_to = to.n }));
	return sql_audit_run_add(
	        &s->ctx, &(struct audit_run_add_in){ .range_from = from.n, .range_to = to.n });
}

static enum err
add_runs(struct seal *s)
{
	bool made = s->made > s->runs_at;

	for (s->runs_at = s->made; made;) {
		arena_reset(s->ctx.arena);
		TRY(db_begin(&s->ctx, s->db, TX_WRITE));
		TRY(end_tx(s, add_run(s, &made)));
	}
	return OK;
}

static enum err
count_waiting(struct seal *s)
{
	struct trail_number waiting;
	enum err err;

	arena_reset(s->ctx.arena);
	TRY(db_begin(&s->ctx, s->db, TX_READ));
	err = sql_audit_waiting(&s->ctx,
	        &(struct audit_waiting_in){ .range_from = s->last.to, .row_limit = WAITING_MAX }, &waiting);
	db_rollback(&s->ctx);
	if (err == OK)
		metric_set(M_AUDIT_UNSEALED, 0, waiting.n);
	return err;
}

static void
seal_close(struct seal *s)
{
	trail_signer_close(s->signer);
	buf_free(&s->scratch);
	free(s->records);
	db_close(s->db);
	arena_free(s->ctx.arena);
}

static enum err
prepare_trail(struct seal *s)
{
	TRY(trail_open(&s->ctx, s->db));
	TRY(db_begin(&s->ctx, s->db, TX_WRITE));
	return end_tx(s, signer_ready(s));
}

/* Two nodes that start for the first time may both make the first key: one tries again. */
static enum err
seal_open(struct seal *s, struct store *store, struct keyring *ring, char *why)
{
	enum err err = OK;

	*s = (struct seal){ .ring = ring, .engine = store_engine(store) };
	s->ctx = (struct ctx){ .arena = arena_new(ARENA_CEILING), .reach = REACH_TENANT, .now = clock_now() };
	buf_init(&s->scratch, ARENA_CEILING);
	if (s->ctx.arena == NULL)
		err = ERR_BUSY;
	if (err == OK)
		err = db_open(store, &s->db);
	for (int i = 0; err == OK && i < TRIES; i++) {
		err = prepare_trail(s);
		if (err != ERR_DUPLICATE && err != ERR_REPLAY)
			break;
		err = OK;
	}
	if (err == OK)
		return OK;
	snprintf(why, WHY_SIZE, "the audit trail cannot be sealed: %.150s",
	        s->ctx.why[0] ? s->ctx.why : "no connection or no memory");
	seal_close(s);
	return err;
}

enum err
audit_seal_now(struct store *store, struct keyring *ring, int64_t *batches, char *why)
{
	struct seal s;
	enum err err;

	TRY(seal_open(&s, store, ring, why));
	err = seal_all(&s);
	*batches = s.made;
	if (err != OK)
		snprintf(why, WHY_SIZE, "the audit trail could not be sealed: %.150s", s.ctx.why);
	seal_close(&s);
	return err;
}

/* ---- the thread */

static void
tell(struct audit_sealer *a, enum err err)
{
	const char *why = a->seal.ctx.why;

	if (a->seal.broken && !a->broken)
		log_event(EV_AUDIT_BROKEN, { "why", LOG_S(why) });
	else if (err != OK && !a->failing && !a->broken)
		log_event(EV_AUDIT_UNSEALED, { "why", LOG_S(why) });
	else if (err == OK && a->failing)
		log_event(EV_AUDIT_SEALING);
	a->failing = err != OK;
	a->broken = a->seal.broken;
}

/* The list first: what it has and the store has not must not be covered by new heads. */
static enum err
follow(struct audit_sealer *a)
{
	enum err err;

	if (a->heads_file[0] == 0)
		return OK;
	err = audit_heads_append(&a->seal.ctx, a->seal.db, a->heads_file, NULL);
	if (err == ERR_STATE)
		a->seal.broken = true;
	return err;
}

/* A list that cannot be written does not keep the trail from being sealed. */
static void
pass(struct audit_sealer *a)
{
	enum err listed = a->seal.made == 0 ? follow(a) : OK, err = seal_all(&a->seal);

	if (err == OK)
		err = add_runs(&a->seal);
	if (err == OK)
		err = count_waiting(&a->seal);
	if (err == OK)
		err = listed == OK ? follow(a) : listed;
	metric_set(M_AUDIT_BROKEN, 0, a->seal.broken);
	if (err == OK)
		metric_set(M_AUDIT_SEALED_TIME, 0, clock_now().ms / 1000);
	tell(a, err);
}

static bool
wait_or_stop(struct audit_sealer *a)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += EVERY_MS % 1000 * 1000000L;
	until.tv_sec += EVERY_MS / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&a->mutex);
	while (!a->stopping && pthread_cond_clockwait(&a->wake, &a->mutex, CLOCK_MONOTONIC, &until) == 0)
		;
	stop = a->stopping;
	pthread_mutex_unlock(&a->mutex);
	return stop;
}

static void *
sealer_main(void *arg)
{
	struct audit_sealer *a = arg;
	bool stop;

	crypto_thread();
	do {
		stop = wait_or_stop(a);
		pass(a);
	} while (!stop);
	return NULL;
}

enum err
audit_seal_start(struct store *store, struct keyring *ring, const char *heads_file, struct audit_sealer **out,
        char *why)
{
	struct audit_sealer *a = calloc(1, sizeof *a);
	enum err err;

	if (a == NULL)
		return ERR_BUSY;
	err = seal_open(&a->seal, store, ring, why);
	if (err != OK) {
		free(a);
		return err;
	}
	a->heads_file = heads_file;
	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->wake, NULL);
	pass(a);
	if (pthread_create(&a->thread, NULL, sealer_main, a) != 0) {
		snprintf(why, WHY_SIZE, "no thread to seal the audit trail");
		seal_close(&a->seal);
		free(a);
		return ERR_BUSY;
	}
	*out = a;
	return OK;
}

void
audit_seal_stop(struct audit_sealer *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->mutex);
	a->stopping = true;
	pthread_mutex_unlock(&a->mutex);
	pthread_cond_signal(&a->wake);
	pthread_join(a->thread, NULL);
	seal_close(&a->seal);
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->mutex);
	free(a);
}
