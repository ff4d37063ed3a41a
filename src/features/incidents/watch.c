/* watch.c - looks at the last minutes of the trail and opens incidents.  Reading only;
 * what it finds is judged by a person. */
#include "features/incidents/watch.h"
#include "features/incidents/incidents_rows.h"
#include "incidents_sql.h"
#include "http/audit_write.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { EVERY_S = 60, ARENA = 16 << 20 };

struct watch_rule {
	const char *name;
	const struct stmt *stmt;
	int window_min;
	int64_t threshold;
	const char *kind, *title;
};

/* All three statements take the same two inputs, declared alike. */
static const struct watch_rule rules[] = {
#define WATCH(name, stmt, window, threshold, kind, title)                                                    \
	{ #name, &stmt##_stmt, window, threshold, #kind, title },
#include "features/incidents/watch.def"
#undef WATCH
};
_Static_assert(sizeof(struct watch_mass_reading_in) == sizeof(struct watch_refusals_in) &&
                       sizeof(struct watch_refusals_in) == sizeof(struct watch_break_glass_in),
        "watch statements take the same inputs");

static enum err
open_one(struct ctx *ctx, const struct watch_rule *rule, const struct watch_hit *hit)
{
	char actor[ID_TEXT + 1], day[DATE_TEXT + 1];
	struct incident_new new = { .kind = str_of(rule->kind),
		.title = str_of(rule->title),
		.opened_by = str_of(rule->name),
		.actor = hit->actor_id,
		.occurred_at = ctx->now };
	struct id id;

	id_print(hit->actor_id, actor);
	date_print(instant_date(ctx->now), day);
	new.dedup = str_of(arena_printf(ctx->arena, "%s/%s/%s", rule->name, actor, day));
	new.description = str_of(arena_printf(ctx->arena, "%lld em %d minutos (limite %lld)",
	        (long long)hit->n, rule->window_min, (long long)rule->threshold));
	ctx->tenant = hit->tenant_id;
	TRY(incident_open(ctx, &new, &id));
	id_print(id, actor);
	log_event(EV_INCIDENT, { "id", LOG_S(actor) }, { "rule", LOG_S(rule->name) });
	metric_add(M_INCIDENTS, 0, 1);
	return audit_note_add(ctx, &(struct audit_note){ .event = AUDIT_INCIDENT_OPENED,
	                                   .subject = id,
	                                   .status = 201,
	                                   .route = "watch",
	                                   .request_id = "",
	                                   .address = STR("local") });
}

/* One incident, one transaction: a repeat of today's is no error. */
static void
open_in_transaction(
        struct ctx *ctx, struct db *db, const struct watch_rule *rule, const struct watch_hit *hit)
{
	if (db_begin(ctx, db, TX_WRITE) != OK)
		return;
	if (open_one(ctx, rule, hit) != OK || db_commit(ctx) != OK)
		db_rollback(ctx);
}

static enum err
find(struct ctx *ctx, struct db *db, const struct watch_rule *rule, struct list *hits)
{
	struct watch_mass_reading_in in = { .since = { ctx->now.ms - rule->window_min * 60000LL },
		.threshold = rule->threshold };
	enum err err = db_begin(ctx, db, TX_READ);

	if (err != OK)
		return err;
	err = db_many(ctx, rule->stmt, &in, hits);
	db_rollback(ctx);
	return err;
}

void
watch_run(struct ctx *ctx, struct db *db)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct list hits = { 0 };

		arena_reset(ctx->arena);
		if (find(ctx, db, &rules[i], &hits) != OK)
			return;
		for (size_t k = 0; k < hits.count; k++)
			open_in_transaction(ctx, db, &rules[i], &((struct watch_hit *)hits.items)[k]);
	}
}

/* ---- the thread */

static struct {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop;
} w = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };

static bool
wait_or_stop(void)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += EVERY_S;
	pthread_mutex_lock(&w.lock);
	if (!w.stop)
		pthread_cond_timedwait(&w.wake, &w.lock, &until);
	stop = w.stop;
	pthread_mutex_unlock(&w.lock);
	return stop;
}

static void *
watch_main(void *arg)
{
	struct ctx ctx = { .arena = arg, .reach = REACH_TENANT };
	struct db *db = NULL;

	crypto_thread();
	while (!wait_or_stop()) {
		ctx.now = clock_now();
		if (db != NULL || db_open(w.store, &db) == OK)
			watch_run(&ctx, db);
	}
	db_close(db);
	arena_free(arg);
	return NULL;
}

enum err
watch_start(struct store *store)
{
	struct arena *arena = arena_new(ARENA);

	w.store = store;
	if (arena == NULL || pthread_create(&w.thread, NULL, watch_main, arena) != 0)
		return ERR_BUSY;
	w.running = true;
	return OK;
}

void
watch_stop(void)
{
	if (!w.running)
		return;
	pthread_mutex_lock(&w.lock);
	w.stop = true;
	pthread_mutex_unlock(&w.lock);
	pthread_cond_signal(&w.wake);
	pthread_join(w.thread, NULL);
}
