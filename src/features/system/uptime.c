/* uptime.c - minutes written, sums kept.  What is not known is not claimed: a minute without a row is a
 * minute without the service, and one that began or ended with the program counts only what was seen. */
#include "features/system/uptime.h"
#include "system_sql.h"
#include "sys/crypto.h"
#include "sys/metrics.h"

#include <pthread.h>

enum {
	MINUTE_MS = 60000,
	SEEN_MAX_MS = 5000, /* between two looks; the watcher itself may hang */
	QUARTER_MS = 15 * MINUTE_MS,
	HOUR_MS = 60 * MINUTE_MS,
	DAY_SLOTS = 96 + 1, /* the present one too */
	WEEK_SLOTS = 168 + 1
};

/* Counters since the start. */
struct work {
	int64_t counts[METRIC_BOUNDS + 1];
	int64_t ns, failures;
};

static struct {
	int64_t minute_ms; /* the minute being watched; 0: none yet */
	uint64_t looked_ns;
	int64_t up_ms;
	struct work before; /* at its beginning */
} now;

static struct {
	pthread_mutex_t lock;
	struct service_slot day[DAY_SLOTS], week[WEEK_SLOTS];
	size_t days, weeks;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const struct field slot_fields[] = {
	FIELD(service_slot, at, .sens = SENS_PLAIN, .summary = "Its beginning"),
	FIELD(service_slot, up_ms, .sens = SENS_PLAIN, .summary = "A node was ready, of watchedMs"),
	FIELD(service_slot, watched_ms, .sens = SENS_PLAIN),
	FIELD(service_slot, requests, .sens = SENS_PLAIN),
	FIELD(service_slot, failures, .sens = SENS_PLAIN, .summary = "Answers 5xx"),
	FIELD(service_slot, busy_us, .sens = SENS_PLAIN,
	        .summary = "Sum of the times from complete request to answer"),
	FIELD(service_slot, p99_us, .sens = SENS_PLAIN,
	        .summary = "99 of 100 answers of its slowest minute took no longer; 0: no answers"),
};
const struct type service_slot_type = TYPE(service_slot, slot_fields);
static const struct field first_fields[] = { FIELD(service_first, at, .sens = SENS_PLAIN) };
const struct type service_first_type = TYPE(service_first, first_fields);
static const struct field history_fields[] = {
	FIELD(service_history, day, .sens = SENS_PLAIN, .of = &service_slot_type),
	FIELD(service_history, week, .sens = SENS_PLAIN, .of = &service_slot_type),
};
const struct type service_history_type = TYPE(service_history, history_fields);

static struct work
work_so_far(void)
{
	struct work w = { 0 };

	metric_times(M_HTTP_SECONDS, w.counts, &w.ns);
	for (unsigned status = 500; status < 600; status++)
		w.failures += metric_value(M_HTTP_STATUS, status);
	return w;
}

/* The bound under which 99 of 100 lie; above the last there is none to name but itself. */
static int64_t
p99_us(const int64_t counts[METRIC_BOUNDS + 1], int64_t total)
{
	int64_t seen = 0;
	unsigned i = 0;

	if (total == 0)
		return 0;
	while (i < METRIC_BOUNDS && (seen += counts[i]) * 100 < total * 99)
		i++;
	return (int64_t)metric_bound_ns(i < METRIC_BOUNDS ? i : METRIC_BOUNDS - 1) / 1000;
}

static struct service_minute_add_in
minute_done(void)
{
	struct work after = work_so_far();
	int64_t total = 0;

	for (unsigned i = 0; i <= METRIC_BOUNDS; i++)
		total += after.counts[i] -= now.before.counts[i];
	return (struct service_minute_add_in){ .at = { now.minute_ms },
		.up_ms = now.up_ms < MINUTE_MS ? now.up_ms : MINUTE_MS,
		.requests = total,
		.failures = after.failures - now.before.failures,
		.busy_us = (after.ns - now.before.ns) / 1000,
		.p99_us = p99_us(after.counts, total) };
}

/* All slots from since on, also those of which there is no row: then the service was away. */
static size_t
fill(const struct list *seen, int64_t since_ms, int64_t before_ms, int64_t step_ms, struct service_slot *out,
        size_t max)
{
	const struct service_slot *row = seen->items, *end = row + seen->count;
	size_t n = 0;

	if (since_ms >= before_ms)
		return 0;
	for (int64_t at = since_ms - since_ms % step_ms; at < before_ms && n < max; at += step_ms) {
		int64_t from = at > since_ms ? at : since_ms;
		int64_t to = at + step_ms < before_ms ? at + step_ms : before_ms;
		while (row < end && row->at.ms < at)
			row++;
		out[n] = row < end && row->at.ms == at ? *row : (struct service_slot){ .at = { at } };
		out[n++].watched_ms = to - from;
	}
	return n;
}

static enum err
sum_up(struct ctx *ctx, int64_t first_ms, int64_t step_ms, size_t slots, struct service_slot *out, size_t *n)
{
	int64_t before_ms = now.minute_ms;
	int64_t since_ms = before_ms - before_ms % step_ms - (int64_t)(slots - 1) * step_ms;
	struct list seen;

	if (since_ms < first_ms)
		since_ms = first_ms;
	TRY(sql_service_slots(ctx,
	        &(struct service_slots_in){
	                .since = { since_ms }, .before = { before_ms }, .step_ms = step_ms },
	        &seen));
	*n = fill(&seen, since_ms, before_ms, step_ms, out, slots);
	return OK;
}

static enum err
look_back(struct ctx *ctx)
{
	static struct service_slot day[DAY_SLOTS], week[WEEK_SLOTS]; /* of this thread alone */
	struct service_first *first = NEW(ctx, struct service_first);
	size_t days, weeks;
	int64_t first_ms;

	TRY(sql_service_first(ctx, first));
	first_ms = first->at.ms != 0 ? first->at.ms + MINUTE_MS : now.minute_ms;
	TRY(sum_up(ctx, first_ms, QUARTER_MS, DAY_SLOTS, day, &days));
	TRY(sum_up(ctx, first_ms, HOUR_MS, WEEK_SLOTS, week, &weeks));
	pthread_mutex_lock(&kept.lock);
	memcpy(kept.day, day, sizeof day);
	memcpy(kept.week, week, sizeof week);
	kept.days = days;
	kept.weeks = weeks;
	pthread_mutex_unlock(&kept.lock);
	return OK;
}

/* What cannot be read now is read a minute later. */
static void
refresh(struct ctx *ctx, struct db *db)
{
	if (db_begin(ctx, db, TX_READ) != OK)
		return;
	if (look_back(ctx) != OK)
		ctx->why[0] = '\0';
	db_rollback(ctx);
}

static enum err
write_once(struct ctx *ctx, struct db *db, const struct service_minute_add_in *in)
{
	enum err err;

	TRY(db_begin(ctx, db, TX_WRITE));
	err = sql_service_minute_add(ctx, in);
	if (err == OK)
		return db_commit(ctx);
	db_rollback(ctx);
	return err;
}

/* A minute that the store does not take is missing, and so counts as one without the service. */
static void
write_minute(struct ctx *ctx, struct db *db)
{
	struct service_minute_add_in in = minute_done();
	enum err err = ERR_REPLAY;

	for (int i = 0; i < 3 && err == ERR_REPLAY; i++)
		err = write_once(ctx, db, &in);
}

/* up_ms: of it until now. */
static void
minute_begins(int64_t minute_ms, int64_t up_ms)
{
	now.minute_ms = minute_ms;
	now.up_ms = up_ms;
	now.before = work_so_far();
}

void
uptime_tick(struct ctx *ctx, struct db *db, bool ready)
{
	int64_t minute_ms = ctx->now.ms - ctx->now.ms % MINUTE_MS;
	uint64_t now_ns = clock_mono_ns();
	int64_t gone_ms = (int64_t)(now_ns - now.looked_ns) / 1000000;
	bool first = now.minute_ms == 0;

	if (!first && ready)
		now.up_ms += gone_ms < SEEN_MAX_MS ? gone_ms : SEEN_MAX_MS;
	now.looked_ns = now_ns;
	if (minute_ms == now.minute_ms)
		return;
	if (!first)
		write_minute(ctx, db);
	minute_begins(minute_ms, first || !ready                     ? 0
	                         : ctx->now.ms - minute_ms < gone_ms ? ctx->now.ms - minute_ms
	                                                             : gone_ms);
	refresh(ctx, db);
}

void
uptime_end(struct ctx *ctx, struct db *db)
{
	if (now.minute_ms != 0)
		write_minute(ctx, db);
}

static enum err
copy(struct ctx *ctx, const struct service_slot *from, size_t n, struct list *out)
{
	struct service_slot *to = NEW_ARRAY(ctx, struct service_slot, n + 1);

	if (to == NULL)
		return fail(ctx, ERR_TOO_LARGE, "history");
	memcpy(to, from, n * sizeof *to);
	*out = (struct list){ to, n };
	return OK;
}

enum err
uptime_look(struct ctx *ctx, struct service_history *out)
{
	pthread_mutex_lock(&kept.lock);
	enum err err = copy(ctx, kept.day, kept.days, &out->day);
	if (err == OK)
		err = copy(ctx, kept.week, kept.weeks, &out->week);
	pthread_mutex_unlock(&kept.lock);
	return err;
}
