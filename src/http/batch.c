/* batch.c - the group commit.  A worker takes what waits (up to BATCH_MAX) and
 *   1. runs every reading half inside one reading transaction,
 *   2. takes the writer's turn once: each writing half under its own mark, then
 *      the audit entries of all, then one commit,
 *   3. sends the answers when they are on disk; on SQLite, while others wait, depart.c does that.
 * So 200 clients cost one fsync a handful, and no answer leaves before its audit
 * entry is on disk.
 *
 * On PostgreSQL a question costs a round trip: the reading halves run side by side
 * (db_abreast); of writing there, batch_write.c tells. */
#include "http/batch.h"
#include "http/batch_worker.h"
#include "http/later.h"
#include "http/queue.h"
#include "http/spine.h"
#include "http/static.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	WORKERS_MAX = 128,
	ARENA_CEILING = 96 << 20,
	REPLAYS_MAX = 4,
	UNDER_WAY = 2,  /* handfuls that wait for the disk, beside those that run */
	BREATH_MS = 20, /* between further replays */
};
static const uint64_t SHED_LOG_NS = 10000000000;

struct batch_pool {
	struct store *store;
	uint64_t patience_ns;
	struct queue queues[LANE__MAX];
	struct later *later;
	struct departures *departures; /* NULL: on PostgreSQL several workers wait beside each other */
	struct worker workers[WORKERS_MAX];
	unsigned worker_count;
};

/* ---- patience: PostgreSQL fails over in seconds, and a request can wait for that */

/* Waits for a database that is away; a request whose time is over does not ask again. */
enum err
worker_begin(struct worker *w, enum tx_mode mode)
{
	enum err err = ERR_STORE_UNAVAILABLE;

	if (w->pool->patience_ns == 0)
		return db_begin(&w->ctx, w->db, mode);
	while (err == ERR_STORE_UNAVAILABLE) {
		bool over = clock_mono_ns() >= w->until_ns;

		if (over && store_away(w->pool->store))
			return err;
		err = db_begin(&w->ctx, w->db, mode);
		if (over)
			return err;
	}
	return err;
}

/* Run the whole work again?  tries: how often it was run. */
bool
worker_again(const struct worker *w, enum err err, int tries)
{
	if (err != ERR_REPLAY)
		return false;
	if (tries < REPLAYS_MAX)
		return true;
	if (clock_mono_ns() >= w->until_ns)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = BREATH_MS * 1000000 }, NULL);
	return true;
}

void
worker_be_patient(struct worker *w, const struct exchange *x)
{
	w->until_ns = exchange_arrived_ns(x) + w->pool->patience_ns;
}

/* ---- one request's audit entry */

/* On an error the answer is its refusal already. */
enum err
worker_note_entry(struct worker *w, struct req *req)
{
	struct audit_note note;
	struct audit_add_in row;
	enum err err;

	if (!spine_needs_audit(req))
		return OK;
	spine_note(req, &note);
	err = audit_prepare(&req->ctx, &note, &row);
	if (err != OK) {
		spine_refuse(req, err == ERR_TOO_LARGE ? err : ERR_STORE_UNAVAILABLE);
		return err;
	}
	w->rows[w->row_count++] = row; /* only now: others may have run while a key was read */
	return OK;
}

/* ---- reading */

void
worker_fail_open(struct worker *w, unsigned n, enum err err)
{
	for (unsigned i = 0; i < n; i++)
		if (w->reqs[i].step != STEP_ANSWERED)
			spine_refuse(&w->reqs[i], err);
}

static void req_reset(struct req *, struct exchange *);

/* The connection was lost under this reading: it begins anew, as if it had just come. */
static enum err
read_again(struct worker *w, struct req *req)
{
	db_rollback(&w->ctx);
	buf_free(&req->answer.body);
	req_reset(req, req->x);
	return ERR_REPLAY;
}

static enum err
read_one(struct worker *w, struct req *req)
{
	req->ctx.tx = w->ctx.tx;
	spine_read_half(req);
	if (req->err == ERR_REPLAY && db_broken(&w->ctx) && clock_mono_ns() < w->until_ns)
		return read_again(w, req);
	if (req->step == STEP_DONE)
		(void)worker_note_entry(w, req);
	if (!db_failed(&w->ctx))
		return OK;
	/* The transaction ended with this request's statement: the next ones get a new one. */
	db_rollback(&w->ctx);
	return worker_begin(w, TX_READ);
}

static enum err
read_open(struct worker *w, unsigned n)
{
	enum err err = worker_begin(w, TX_READ);

	for (unsigned i = 0; i < n && err == OK; i++)
		if (w->reqs[i].step == STEP_NEW)
			err = read_one(w, &w->reqs[i]);
	if (err == OK)
		db_rollback(&w->ctx);
	return err;
}

/* One of several side by side.  When one has failed, those that had not ended begin anew. */
static void
read_beside(void *arg, size_t i)
{
	struct worker *w = arg;
	struct req *req = &w->reqs[i];

	if (req->step != STEP_NEW || req->route->aged) /* that one may wait for another server */
		return;
	req->ctx.tx = w->ctx.tx;
	spine_read_half(req);
	if (req->step == STEP_DONE && (req->err == OK || !db_broken(&w->ctx)))
		(void)worker_note_entry(w, req);
	if (req->err == OK || !db_broken(&w->ctx))
		return;
	buf_free(&req->answer.body);
	req_reset(req, req->x);
}

/* What is left unread is read one by one. */
static void
read_abreast(struct worker *w, unsigned n)
{
	if (n < 2 || !w->far || worker_begin(w, TX_READ) != OK)
		return;
	db_abreast(&w->ctx, n, read_beside, w);
	db_rollback(&w->ctx);
}

static bool
any_unread(const struct worker *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (w->reqs[i].step == STEP_NEW)
			return true;
	return false;
}

/* What was answered stays so; a replay goes on with the one that met it. */
static enum err
read_all(struct worker *w, unsigned n)
{
	enum err err = OK;
	int tries = 0;

	read_abreast(w, n);
	if (!any_unread(w, n))
		return OK;
	do {
		err = read_open(w, n);
	} while (worker_again(w, err, ++tries));
	return err;
}

void
worker_send_done(struct worker *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (w->reqs[i].step == STEP_DONE)
			request_send(w->pool->later, &w->reqs[i]);
}

/* What was read or written may still be on its way to the disk. */
static void
send_durable(struct worker *w, unsigned n)
{
	w->hand->n = n;
	w->hand->upto = store_committed(w->pool->store);
	if (w->departures != NULL && queue_waits(w->queue)) {
		departures_give(w->departures, w->hand);
		w->hand = departures_room(w->departures);
		w->reqs = w->hand->reqs;
	} else {
		handful_send(w->hand, w->pool->store, w->pool->later);
	}
}

/* ---- a batch */

static void
req_reset(struct req *req, struct exchange *x)
{
	struct arena *arena = req->ctx.arena;
	struct route_match match;

	arena_reset(arena);
	memset(req, 0, offsetof(struct req, shown));
	memset((char *)req + offsetof(struct req, shown_count), 0,
	        sizeof *req - offsetof(struct req, shown_count));
	req->ctx.arena = arena;
	route_find(method_parse(exchange_method(x)), exchange_path(x), &match);
	spine_open(req, x, &match);
}

static void
batch_run(struct worker *w, struct exchange **x, unsigned n)
{
	enum err err = OK;
	bool store = false;

	arena_reset(w->ctx.arena);
	w->ctx.tx = NULL;
	w->row_count = 0;
	for (unsigned i = 0; i < n; i++) {
		req_reset(&w->reqs[i], x[i]);
		store |= w->reqs[i].step == STEP_NEW;
	}
	worker_send_done(w, n);
	if (!store)
		return;
	worker_be_patient(w, x[0]);
	err = read_all(w, n);
	if (err != OK)
		worker_fail_open(w, n, ERR_STORE_UNAVAILABLE);
	else
		batch_write(w, n);
	send_durable(w, n);
	metric_add(M_BATCHES, 0, 1);
	metric_add(M_BATCH_REQUESTS, 0, n);
}

/* ---- more than can be served */

/* One line for each ten seconds of it: a flood must not fill the log. */
static void
log_shed(enum shed shed)
{
	static _Atomic uint64_t next_ns;
	uint64_t now_ns = clock_mono_ns(), due_ns = atomic_load(&next_ns);

	if (now_ns >= due_ns && atomic_compare_exchange_strong(&next_ns, &due_ns, now_ns + SHED_LOG_NS))
		log_event(EV_SHED, { "class", LOG_S(shed_name(shed)) });
}

static void
refuse_busy(struct exchange *x, enum shed shed)
{
	struct answer answer = { 0 };

	metric_add(M_SHED, shed, 1);
	log_shed(shed);
	spine_edge_problem(NULL, ERR_BUSY, NULL, x, &answer);
	exchange_send(x, &answer);
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct exchange *x[BATCH_MAX];
	struct queue_late late[QUEUE_LATE_MAX];
	unsigned n, late_n;

	crypto_thread();
	while (queue_take(w->queue, x, w->take, w->few, &n, late, &late_n)) {
		for (unsigned i = 0; i < late_n; i++)
			refuse_busy(late[i].x, late[i].shed);
		if (n > 0)
			batch_run(w, x, n);
	}
	return NULL;
}

void
batch_request(void *arg, struct exchange *x)
{
	struct batch_pool *pool = arg;
	struct route_match match;
	enum shed shed;

	route_find(method_parse(exchange_method(x)), exchange_path(x), &match);
	if (match.allowed == 0 && static_serve(x))
		return;
	shed = route_shed(match.route);
	x = queue_put(&pool->queues[route_lane(match.route, exchange_query(x))], x, &shed);
	if (x != NULL)
		refuse_busy(x, shed);
}

/* ---- the pool */

static enum err
worker_start(struct batch_pool *pool, enum lane lane, unsigned take, char *why)
{
	struct worker *w = &pool->workers[pool->worker_count];

	w->pool = pool;
	w->queue = &pool->queues[lane];
	w->far = store_engine(pool->store) == ENGINE_POSTGRES;
	w->take = take;
	w->few = w->far ? (take + 3) / 4 : take;
	w->ctx.arena = arena_new(ARENA_CEILING);
	w->departures = lane == LANE_FAST ? pool->departures : NULL;
	w->hand = w->departures ? departures_room(w->departures) : handful_new(take, ARENA_CEILING);
	if (w->ctx.arena == NULL || w->hand == NULL || db_open(pool->store, &w->db) != OK) {
		snprintf(why, 200, "worker %u: no connection or no memory", pool->worker_count);
		return ERR_STORE_UNAVAILABLE;
	}
	w->reqs = w->hand->reqs;
	if (pthread_create(&w->thread, NULL, worker_main, w) != 0)
		return ERR_BUSY;
	pool->worker_count++;
	return OK;
}

static void
worker_free(struct worker *w)
{
	if (w->departures != NULL)
		departures_keep(w->departures, w->hand);
	else
		handful_free(w->hand);
	arena_free(w->ctx.arena);
	db_close(w->db);
}

static void
name_labels(void)
{
	static const char *const lane_names[LANE__MAX] = {
		[LANE_FAST] = "fast", [LANE_SEARCH] = "search", [LANE_SLOW] = "slow", [LANE_OPEN] = "open"
	};
	static const char *shed_names[SHED__MAX];

	for (enum shed s = SHED_UNSET + 1; s < SHED__MAX; s++)
		shed_names[s] = shed_name(s);
	metric_labels(M_QUEUE_LENGTH, lane_names, LANE__MAX);
	metric_labels(M_SHED, shed_names, SHED__MAX);
}

/* PostgreSQL works while we wait for it: one more than there are processors.  More would share what
 * came among smaller batches, each with a commit and round trips of its own. */
static unsigned
far_workers(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 3 ? 3 : cores > 5 ? 6 : (unsigned)cores + 1;
}

enum err
batch_start(const struct conf *conf, struct store *store, unsigned later, struct batch_pool **out, char *why)
{
	struct batch_pool *pool = calloc(1, sizeof *pool);
	bool sqlite = store_engine(store) == ENGINE_SQLITE;
	unsigned fast = conf->workers ? (unsigned)conf->workers : sqlite ? 1 : far_workers();

	if (fast > WORKERS_MAX / 2)
		fast = WORKERS_MAX / 2;

	if (pool == NULL)
		return ERR_BUSY;
	pool->store = store;
	pool->patience_ns = sqlite ? 0 : (uint64_t)conf->database_patience_ms * 1000000;
	for (int lane = 0; lane < LANE__MAX; lane++)
		queue_init(&pool->queues[lane], (enum lane)lane,
		        lane == LANE_SEARCH ? (unsigned)conf->search_workers : 1, (unsigned)conf->queue_max);
	name_labels();
	if (later_start(later, ARENA_CEILING, &pool->later) != OK) {
		snprintf(why, 200, "no memory or no thread for those who wait");
		return ERR_BUSY;
	}
	if (sqlite && departures_start(
	                      store, pool->later, fast + UNDER_WAY, ARENA_CEILING, &pool->departures) != OK) {
		snprintf(why, 200, "no memory or no thread for those who leave");
		return ERR_BUSY;
	}
	for (unsigned i = 0; i < fast; i++)
		TRY(worker_start(pool, LANE_FAST, BATCH_MAX, why));
	if (fast == 1)
		db_read_as_writer(pool->workers[0].db);
	for (unsigned i = 0; i < (unsigned)conf->search_workers; i++)
		TRY(worker_start(pool, LANE_SEARCH, sqlite ? BATCH_MAX : BATCH_MAX / 4, why));
	for (unsigned i = 0; i < (unsigned)conf->slow_workers; i++)
		TRY(worker_start(pool, LANE_SLOW, 1, why));
	TRY(worker_start(pool, LANE_OPEN, 1, why));
	*out = pool;
	return OK;
}

void
batch_stop(struct batch_pool *pool)
{
	for (int lane = 0; lane < LANE__MAX; lane++)
		queue_close(&pool->queues[lane]);
	for (unsigned i = 0; i < pool->worker_count; i++)
		pthread_join(pool->workers[i].thread, NULL);
	for (unsigned i = 0; i < pool->worker_count; i++)
		worker_free(&pool->workers[i]);
	departures_stop(pool->departures);
	later_stop(pool->later);
	free(pool);
}
