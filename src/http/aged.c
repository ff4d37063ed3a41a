/* aged.c - see aged.h.  Who asks, may they, and the audit entry are the primary's as ever; only the handler's
 * own reading goes aside.
 *
 * How old the standby is: nothing when it has replayed all that the primary had written at the moment of the
 * question, else as old as the last commit that it has replayed.  Both times are of the primary's clock, so
 * the nodes' clocks need not agree.
 *
 * One's own writes: whoever wrote through this node within that age reads on the primary; a table without
 * locks remembers when, by a hash, so that two who share a row only read on the primary more often.  Of
 * writes through the other node their idempotency keys tell, within a margin for how long a request may take
 * and clocks differ. */
#include "http/aged.h"

#include <stdatomic.h>

#include "aged_sql.h"
#include "sys/metrics.h"

enum { WRITERS = 4096, MARGIN_MS = 20000 };

static int64_t max_age_ms;
static _Atomic int64_t last_ms;
static _Atomic uint64_t wrote_ns[WRITERS];

static const struct field aged_here_fields[] = {
	FIELD(aged_here, wrote, .sens = SENS_PLAIN),
	FIELD(aged_here, lsn, .sens = SENS_PLAIN),
	FIELD(aged_here, clock_ms, .sens = SENS_PLAIN),
};
const struct type aged_here_type = TYPE(aged_here, aged_here_fields);

static const struct field aged_there_fields[] = {
	FIELD(aged_there, standby, .sens = SENS_PLAIN),
	FIELD(aged_there, streaming, .sens = SENS_PLAIN),
	FIELD(aged_there, lsn, .sens = SENS_PLAIN),
	FIELD(aged_there, commit_ms, .sens = SENS_PLAIN),
};
const struct type aged_there_type = TYPE(aged_there, aged_there_fields);

/* ---- who wrote when */

/* The tail of a UUIDv7 is random. */
static _Atomic uint64_t *
row_of(struct id actor)
{
	uint64_t tail;

	memcpy(&tail, actor.b + 8, sizeof tail);
	return &wrote_ns[tail % WRITERS];
}

/* What was written through a process before this one nobody knows: as if all had written now. */
void
aged_init(const struct conf *conf)
{
	static const char *const names[AGED__MAX] = { [AGED_STANDBY] = "standby",
		[AGED_WROTE] = "wrote",
		[AGED_AWAY] = "away",
		[AGED_LATE] = "late",
		[AGED_AGAIN] = "again" };

	max_age_ms = conf->standby_max_age_ms;
	for (unsigned i = 0; i < WRITERS; i++)
		atomic_store(&wrote_ns[i], clock_mono_ns());
	metric_labels(M_AGED_READS, names, AGED__MAX);
}

void
aged_wrote(struct id actor)
{
	atomic_store(row_of(actor), clock_mono_ns());
}

static bool
wrote_here(struct id actor)
{
	return clock_mono_ns() - atomic_load(row_of(actor)) <= (uint64_t)max_age_ms * 1000000;
}

/* ---- fit? */

int64_t
aged_ms(const struct aged_here *here, const struct aged_there *there)
{
	if (here->lsn < 0 || !there->standby || !there->streaming)
		return -1;
	if (there->lsn >= here->lsn)
		return 0;
	if (there->commit_ms == 0)
		return -1;
	return here->clock_ms > there->commit_ms ? here->clock_ms - there->commit_ms : 0;
}

int64_t
aged_last_ms(void)
{
	return last_ms;
}

/* In the standby's transaction. */
static enum aged
look_there(struct ctx *ctx, const struct aged_here *here)
{
	struct aged_there there;
	int64_t age_ms;

	if (sql_aged_there_look(ctx, &there) != OK)
		return AGED_AWAY;
	age_ms = aged_ms(here, &there);
	if (age_ms < 0) {
		db_aside_unfit(ctx);
		return AGED_AWAY;
	}
	last_ms = age_ms;
	metric_time(M_AGED_SECONDS, 0, (uint64_t)age_ms * 1000000);
	return age_ms <= max_age_ms ? AGED_STANDBY : AGED_LATE;
}

/* AGED_STANDBY: the standby's transaction is open. The primary is asked first: what has been replayed
 * afterwards holds all that it had written. */
static enum err
choose(struct ctx *ctx, enum aged *out)
{
	struct aged_here_look_in in = { .since = { ctx->now.ms - max_age_ms - MARGIN_MS } };
	struct aged_here here;

	*out = AGED_AWAY;
	if (!db_aside_may(ctx))
		return OK;
	TRY(sql_aged_here_look(ctx, &in, &here));
	*out = here.wrote ? AGED_WROTE : AGED_AWAY;
	if (here.wrote || !db_aside_begin(ctx))
		return OK;
	*out = look_there(ctx, &here);
	if (*out != AGED_STANDBY)
		db_aside_end(ctx);
	return OK;
}

/* ---- running */

/* As if the handler had not run. */
static void
forget(struct req *req)
{
	req->reply = NULL;
	req->bytes = (struct str){ 0 };
	req->filename = req->location = req->cookie = NULL;
	req->status = 0;
	req->version = 0;
	req->shown_count = 0;
	req->subject = req->patient = (struct id){ { 0 } };
	req->events = req->events_last = NULL;
	req->later = NULL;
	req->ctx.invalid = NULL;
	req->err = OK;
}

static enum err
run_aside(struct req *req)
{
	enum err err = req->route->handler(req);

	if (err == OK)
		err = req->err;
	db_aside_end(&req->ctx);
	return err;
}

enum err
aged_run(struct req *req)
{
	enum aged how = AGED_WROTE;

	if (max_age_ms == 0)
		return req->route->handler(req);
	if (!wrote_here(req->ctx.actor))
		TRY(choose(&req->ctx, &how));
	if (how == AGED_STANDBY && run_aside(req) != OK) {
		how = AGED_AGAIN;
		forget(req);
	}
	metric_add(M_AGED_READS, how, 1);
	return how == AGED_STANDBY ? OK : req->route->handler(req);
}
