/* backup_watch.c - the server's own eye on its backups, in a thread of its own.  A proof
 * reads the live database beside the requests, and yields to them.  PostgreSQL's backups are
 * taken and proven by `plantao backup watch` under other accounts; here it is seen whether
 * that happened. */
#include "ops/backup_proof.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOK_MS = 2000,
	AGAIN_MS = 60000,
	OTHERS_MS = 10000,
	HOUR_MS = 3600000,
	ARENA_CEILING = 16 << 20,
	NICE = 10,
	RECORDS = 32
};

static struct {
	const struct conf *conf;
	struct store *store;
	struct keyring *keyring;
	struct backup backup;
	struct arena *arena;
	pthread_t thread;
	pthread_mutex_t lock; /* guards stop */
	pthread_cond_t wake;
	bool on, stop;
	bool others; /* PostgreSQL: another process proves */
	/* of the thread */
	char proven[BACKUP_LABEL + 1]; /* the base of the last good proof */
	int64_t base_s;                /* of the base proven last or tried last */
	int64_t tried_ms, proven_ms, alarm_ms, start_ms;
	bool failed;
} w = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };

/* What was proven before this start, or by another process. */
static void
remember(void)
{
	struct proof_record records[RECORDS];
	const struct proof *good;
	char why[200];
	size_t n = 0;

	if (backup_proofs(&w.backup, w.arena, records, RECORDS, &n, why) != OK)
		return;
	w.proven_ms = 0;
	good = proofs_newest_good(records, n);
	if (good != NULL) {
		w.proven_ms = good->at.ms;
		snprintf(w.proven, sizeof w.proven, "%.*s", STR_FMT(good->backup));
		proof_tell(good);
	}
	if (n > 0)
		metric_set(M_BACKUP_UNPROVEN, 0, good == NULL || proofs_failed_last(records, n));
}

/* Says a failure once. */
static void
look_at_others(int64_t now_ms)
{
	bool before = metric_value(M_BACKUP_UNPROVEN, 0) != 0;

	if (now_ms - w.tried_ms < OTHERS_MS)
		return;
	w.tried_ms = now_ms;
	remember();
	if (!before && metric_value(M_BACKUP_UNPROVEN, 0))
		log_event(EV_BACKUP_UNPROVEN, { "why", LOG_S("the last restore did not prove it") });
}

static void
prune(void)
{
	struct backup_keep keep = backup_keep_of(w.conf);
	char why[200] = "";
	unsigned removed = 0;

	memcpy(keep.kept, w.proven, sizeof keep.kept);
	if (backup_prune(&w.backup, &keep, clock_now().ms, &removed, why) != OK)
		log_event(EV_BACKUP_FAILING, { "why", LOG_S(why) });
	if (removed > 0)
		log_event(EV_BACKUP_PRUNED, { "removed", LOG_I(removed) });
}

static void
prove(int64_t base_s)
{
	struct backup_proof_conf c = { &w.backup, w.conf->data_dir, w.store, w.keyring, NULL };
	char why[200] = "", text[200];
	struct proof p;
	enum err err = backup_prove(w.arena, &c, &p, why);

	w.tried_ms = clock_now().ms;
	w.base_s = base_s;
	w.failed = err != OK || !p.proven;
	if (w.failed) {
		snprintf(text, sizeof text, "%.*s", p.proven ? (int)sizeof text - 1 : (int)p.why.n,
		        p.proven ? why : p.why.p);
		log_event(EV_BACKUP_UNPROVEN, { "why", LOG_S(text) });
		return;
	}
	w.proven_ms = p.at.ms;
	snprintf(w.proven, sizeof w.proven, "%.*s", STR_FMT(p.backup));
	log_event(EV_BACKUP_PROVEN, { "backup", LOG_S(w.proven) }, { "rto_ms", LOG_I(p.rto_ms) },
	        { "rpo_ms", LOG_I(p.rpo_ms) }, { "charts", LOG_I(p.charts_compared) });
	prune();
}

static bool
is_due(int64_t base_s, int64_t now_ms)
{
	if (base_s == 0 || w.conf->backup_prove_hours == 0)
		return false;
	if (w.failed)
		return now_ms - w.tried_ms > AGAIN_MS || base_s != w.base_s;
	return base_s != w.base_s || now_ms - w.proven_ms > w.conf->backup_prove_hours * HOUR_MS;
}

/* Once an hour while the limit is passed. */
static void
alarm_when_old(int64_t now_ms)
{
	int64_t since_ms = w.proven_ms ? w.proven_ms : w.start_ms;

	if (w.conf->backup_prove_hours == 0 || now_ms - since_ms < w.conf->backup_prove_max_hours * HOUR_MS ||
	        now_ms - w.alarm_ms < HOUR_MS)
		return;
	w.alarm_ms = now_ms;
	log_event(EV_BACKUP_UNPROVEN,
	        { "why", LOG_S(w.proven_ms ? "the last proof is too old" : "never proven") });
}

static bool
wait_or_stop(void)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LOOK_MS / 1000;
	pthread_mutex_lock(&w.lock);
	if (!w.stop)
		pthread_cond_timedwait(&w.wake, &w.lock, &until);
	stop = w.stop;
	pthread_mutex_unlock(&w.lock);
	return stop;
}

static void *
watch(void *arg)
{
	(void)arg;
	crypto_thread();
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	remember();
	while (!wait_or_stop()) {
		int64_t base_s = metric_value(M_BACKUP_BASE, 0), now_ms = clock_now().ms;

		arena_reset(w.arena);
		if (w.others)
			look_at_others(now_ms);
		else if (is_due(base_s, now_ms))
			prove(base_s);
		alarm_when_old(now_ms);
	}
	return NULL;
}

enum err
backup_watch_open(const struct conf *conf, struct store *store, struct keyring *keyring, char *why)
{
	backup_proof_sweep(conf->data_dir);
	TRY(backup_open(conf, &w.backup, why));
	w.conf = conf;
	w.store = store;
	w.keyring = keyring;
	w.others = store_engine(store) == ENGINE_POSTGRES;
	w.start_ms = clock_now().ms;
	w.arena = arena_new(ARENA_CEILING);
	if (w.arena != NULL)
		return OK;
	backup_close(&w.backup);
	snprintf(why, 200, "out of memory");
	return ERR_BUSY;
}

enum err
backup_watch_start(char *why)
{
	w.on = pthread_create(&w.thread, NULL, watch, NULL) == 0;
	if (!w.on)
		snprintf(why, 200, "no thread for the watch over backups");
	return w.on ? OK : ERR_BUSY;
}

static void
end_thread(void)
{
	pthread_mutex_lock(&w.lock);
	w.stop = true;
	pthread_cond_signal(&w.wake);
	pthread_mutex_unlock(&w.lock);
	pthread_join(w.thread, NULL);
	w.on = false;
}

void
backup_watch_stop(void)
{
	if (w.on)
		end_thread();
	if (w.arena == NULL)
		return;
	arena_free(w.arena);
	w.arena = NULL;
	backup_close(&w.backup);
}
