/* batch_write.c - a batch's writing: each writing half under a mark, then the audit
 * entries of all, then one commit.
 *
 * On PostgreSQL writing halves may wait for another worker's row locks, which could
 * deadlock, and marks cost as much as small statements.  So the shared transaction there
 * is a hope: halves that add rows of their own run side by side, the others one after
 * another, none under a mark; when one meets a lock, or a refusal that would have to be
 * undone, all is undone and each runs in a transaction of its own. */
#include "http/batch_worker.h"
#include "http/session.h"
#include "http/spine.h"
#include "sys/metrics.h"

/* ---- under marks */

static void
forget_answer(struct req *req)
{
	buf_free(&req->answer.body);
	req->answer = (struct answer){ 0 };
	req->reply = NULL;
	req->ctx.invalid = NULL;
	req->err = OK;
	req->step = STEP_READY;
}

/* Runs one writing half under a mark.  A refusal is undone and audited, and so is undone what
 * cannot be audited; only a failure of the shared transaction itself comes back as an error. */
static enum err
write_one(struct worker *w, struct req *req)
{
	enum err err;

	req->ctx.tx = w->ctx.tx;
	TRY(db_mark(&w->ctx));
	err = spine_write_half(req);
	if (err == OK && worker_note_entry(w, req) == OK)
		return db_keep(&w->ctx);
	TRY(db_undo(&w->ctx));
	if (err == ERR_STORE_UNAVAILABLE || err == ERR_REPLAY)
		return err;
	if (err != OK) {
		spine_refuse(req, err);
		(void)worker_note_entry(w, req);
	}
	return OK;
}

static enum err
touch_sessions(struct worker *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct req *req = &w->reqs[i];

		if (req->step == STEP_ANSWERED || !spine_stale_session(req))
			continue;
		req->ctx.tx = w->ctx.tx;
		TRY(session_touch(&req->ctx, req->session));
		req->session_seen = req->ctx.now;
	}
	return OK;
}

static enum err
commit(struct worker *w)
{
	uint64_t before_ns = clock_mono_ns();

	if (w->row_count > 0)
		TRY(audit_add_rows(&w->ctx, w->rows, w->row_count));
	TRY(db_commit_early(&w->ctx));
	if (w->far)
		metric_time(M_COMMIT_SECONDS, 0, clock_mono_ns() - before_ns);
	else
		w->hand->since_ns = before_ns; /* until it is on disk */
	w->row_count = 0;
	return OK;
}

/* Everything of the batch that writes, in one transaction. */
static enum err
write_shared(struct worker *w, unsigned n)
{
	enum err err;

	TRY(worker_begin(w, TX_WRITE));
	err = touch_sessions(w, n);
	for (unsigned i = 0; i < n && err == OK; i++)
		if (w->reqs[i].step == STEP_READY)
			err = write_one(w, &w->reqs[i]);
	if (err == OK)
		err = commit(w);
	if (err != OK && w->ctx.tx != NULL)
		db_rollback(&w->ctx);
	return err;
}

static enum err
write_once(struct worker *w, struct req *req)
{
	enum err err;

	w->row_count = 0;
	TRY(worker_begin(w, TX_WRITE));
	err = write_one(w, req);
	if (err == OK)
		err = commit(w);
	if (err != OK && w->ctx.tx != NULL)
		db_rollback(&w->ctx);
	return err;
}

/* One request alone, again while the database asks for a replay.  When nobody knows whether
 * it was committed, its idempotency key tells: with one it runs again, without it does not. */
static void
write_alone(struct worker *w, struct req *req)
{
	enum err err;
	int tries = 0;

	assert(w->row_count == 0);
	worker_be_patient(w, req->x);
	do {
		if (tries > 0)
			forget_answer(req);
		err = write_once(w, req);
		if (err == ERR_STORE_UNAVAILABLE && req->idem && clock_mono_ns() < w->until_ns)
			err = ERR_REPLAY;
	} while (worker_again(w, err, ++tries));
	w->row_count = 0;
	if (err != OK)
		spine_refuse(req, err == ERR_REPLAY ? ERR_BUSY : ERR_STORE_UNAVAILABLE);
	spine_send(req);
}

/* ---- PostgreSQL: a hope for all, then each alone */

/* In a transaction without marks: what is refused after it has written ends the hope. */
static enum err
hope_one(struct worker *w, struct req *req)
{
	unsigned written = req->ctx.written;
	enum err err;

	req->ctx.tx = w->ctx.tx;
	err = spine_write_half(req);
	if (err == OK)
		return worker_note_entry(w, req);
	if (req->ctx.written != written || db_failed(&w->ctx))
		return ERR_REPLAY;
	spine_refuse(req, err);
	return worker_note_entry(w, req);
}

struct hopes {
	struct worker *w;
	struct req **ready;
	enum err err;
};

static void
hope_beside(void *arg, size_t i)
{
	struct hopes *h = arg;
	enum err err;

	if (!h->ready[i]->route->apart)
		return;
	err = hope_one(h->w, h->ready[i]);
	if (err != OK)
		h->err = err;
}

static enum err
hope_written(struct worker *w, unsigned n, struct req **ready, unsigned ready_n)
{
	struct hopes h = { w, ready, OK };

	TRY(db_impatient(&w->ctx));
	TRY(touch_sessions(w, n));
	db_abreast(&w->ctx, ready_n, hope_beside, &h);
	for (unsigned i = 0; i < ready_n && h.err == OK; i++)
		if (!ready[i]->route->apart)
			h.err = hope_one(w, ready[i]);
	return h.err == OK ? commit(w) : h.err;
}

/* All that the batch writes in one transaction, or none of it. */
static enum err
hope(struct worker *w, unsigned n, struct req **ready, unsigned ready_n)
{
	unsigned readings = w->row_count;
	enum err err;

	TRY(worker_begin(w, TX_WRITE));
	err = hope_written(w, n, ready, ready_n);
	if (err == OK)
		return OK;
	if (w->ctx.tx != NULL)
		db_rollback(&w->ctx);
	w->row_count = readings;
	for (unsigned i = 0; i < ready_n; i++)
		forget_answer(ready[i]);
	return err;
}

static bool
any_write(const struct worker *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (w->reqs[i].step == STEP_READY ||
		        (w->reqs[i].step == STEP_DONE && spine_stale_session(&w->reqs[i])))
			return true;
	return w->row_count > 0;
}

/* On PostgreSQL only the readings' entries and sessions are shared.  When nobody knows whether they
 * were committed they are written again: rather an entry twice, under one id, than a reading without. */
static enum err
note_readings(struct worker *w, unsigned n)
{
	enum err err;
	int tries = 0;

	do {
		err = write_shared(w, n);
		if (err == ERR_STORE_UNAVAILABLE && clock_mono_ns() < w->until_ns)
			err = ERR_REPLAY;
	} while (worker_again(w, err, ++tries));
	return err;
}

/* Also after a commit of which nobody knows whether it was: only those with an idempotency key go on. */
static void
write_each(struct worker *w, struct req **ready, unsigned ready_n, bool unknown)
{
	for (unsigned i = 0; i < ready_n; i++) {
		ready[i]->step = STEP_READY;
		if (unknown && !ready[i]->idem) {
			spine_refuse(ready[i], ERR_STORE_UNAVAILABLE);
			spine_send(ready[i]);
		} else {
			write_alone(w, ready[i]);
		}
	}
}

static void
write_far(struct worker *w, unsigned n)
{
	struct req *ready[BATCH_MAX];
	unsigned ready_n = 0;
	enum err err = ERR_REPLAY;

	for (unsigned i = 0; i < n; i++)
		if (w->reqs[i].step == STEP_READY)
			ready[ready_n++] = &w->reqs[i];
	if (ready_n + w->row_count > 1)
		err = hope(w, n, ready, ready_n);
	if (err == OK) {
		w->row_count = 0;
		return;
	}
	for (unsigned i = 0; i < ready_n; i++)
		ready[i]->step = STEP_ANSWERED; /* not part of the shared transaction */
	if (any_write(w, n)) {
		enum err noted = note_readings(w, n);

		if (noted != OK)
			worker_fail_open(w, n, noted == ERR_REPLAY ? ERR_BUSY : ERR_STORE_UNAVAILABLE);
		w->row_count = 0;
	}
	worker_send_done(w, n);
	write_each(w, ready, ready_n, err == ERR_STORE_UNAVAILABLE);
}

static void
write_near(struct worker *w, unsigned n)
{
	enum err err = any_write(w, n) ? write_shared(w, n) : OK;

	if (err != OK)
		worker_fail_open(w, n, err == ERR_REPLAY ? ERR_BUSY : ERR_STORE_UNAVAILABLE);
	w->row_count = 0;
}

void
batch_write(struct worker *w, unsigned n)
{
	if (w->far)
		write_far(w, n);
	else
		write_near(w, n);
}
