/* health.c - the watcher behind /health and /ready. It has a connection of its
 * own, so a database that hangs makes the last good write old, and old is unfit. */
#include "features/system/archiver.h"
#include "features/system/health.h"
#include "features/system/health_rows.h"
#include "features/system/uptime.h"
#include "features/system/housekeeping.h"
#include "http/aged.h"
#include "system_sql.h"
#include "sys/files.h"
#include "sys/keyring.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum {
	UNSEALED_S = 60, /* so long may entries of the audit trail wait */
	PROBE_EVERY_MS = 250,
	PROBE_STALE_MS = 1000, /* /ready says no a second after the last good write */
	REPLICATION_EVERY_MS = 2000,
	START_GRACE_MS = 5000,
	ARENA = 1 << 20,
	CLOCK_JUMP_MS = 2000
};

static struct {
	const struct conf *conf;
	struct store *store;
	struct keyring *keyring;
	struct db *db;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop;
	atomic_bool draining;
	_Atomic uint64_t written_ns;   /* monotonic time of the last good write */
	_Atomic int64_t write_us;      /* how long it took */
	_Atomic int64_t clock_jump_ms; /* wall clock against monotonic since the last look */
	_Atomic bool keys_fine;
	pthread_mutex_t replication_lock;
	struct replication replication; /* as it was last seen */
	uint64_t replication_ns;
} h = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER,
	.replication_lock = PTHREAD_MUTEX_INITIALIZER };

static const struct field replication_fields[] = {
	FIELD(replication, role, .sens = SENS_PLAIN),
	FIELD(replication, timeline, .sens = SENS_PLAIN),
	FIELD(replication, standbys, .sens = SENS_PLAIN),
	FIELD(replication, synchronous, .sens = SENS_PLAIN),
	FIELD(replication, lag_bytes, .sens = SENS_PLAIN),
	FIELD(replication, wanted, .sens = SENS_PLAIN),
};
const struct type replication_type = TYPE(replication, replication_fields);

static enum err
probe_write(struct ctx *ctx)
{
	enum err err = db_begin(ctx, h.db, TX_WRITE);

	if (err != OK)
		return err;
	err = sql_health_probe(ctx);
	if (err == OK)
		return db_commit(ctx);
	db_rollback(ctx);
	return err;
}

/* The connection was lost, or a lock was in the way: that says nothing yet. */
static enum err
probe_again(struct ctx *ctx)
{
	enum err err = ERR_REPLAY;

	for (int i = 0; i < 3 && err == ERR_REPLAY; i++)
		err = probe_write(ctx);
	return err;
}

/* Roles are words of the statement's own text: what is kept points to them, not to the arena. */
static void
keep_replication(const struct replication *seen)
{
	static const char *const roles[] = { "primary", "standby", "embedded" };
	struct replication kept = *seen;

	kept.role = (struct str){ 0 };
	for (size_t i = 0; i < COUNT(roles); i++)
		if (str_is(seen->role, roles[i]))
			kept.role = str_of(roles[i]);
	pthread_mutex_lock(&h.replication_lock);
	h.replication = kept;
	pthread_mutex_unlock(&h.replication_lock);
}

static void
look_at_replication(struct ctx *ctx)
{
	struct replication *seen = NEW(ctx, struct replication);
	enum err err;

	if (clock_mono_ns() - h.replication_ns < REPLICATION_EVERY_MS * 1000000ull ||
	        db_begin(ctx, h.db, TX_READ) != OK)
		return;
	err = sql_replication_look(ctx, seen);
	db_rollback(ctx);
	if (err != OK)
		return;
	h.replication_ns = clock_mono_ns();
	keep_replication(seen);
}

static void
probe_store(struct ctx *ctx)
{
	uint64_t before_ns = clock_mono_ns();
	bool was_fine = health_ready();
	enum err err;

	arena_reset(ctx->arena);
	ctx->now = clock_now();
	if (h.db == NULL && db_open(h.store, &h.db) != OK)
		return;
	err = probe_again(ctx);
	if (err == OK) {
		atomic_store(&h.written_ns, clock_mono_ns());
		atomic_store(&h.write_us, (int64_t)(clock_mono_ns() - before_ns) / 1000);
		if (!was_fine && !atomic_load(&h.draining))
			log_event(EV_STORE_BACK);
		look_at_replication(ctx);
	} else if (was_fine) {
		log_event(EV_STORE_LOST, { "why", LOG_S(ctx->why) });
	}
}

static void
probe_keys(void)
{
	bool fine = keyring_healthy(h.keyring);

	if (!fine && atomic_exchange(&h.keys_fine, fine))
		log_event(EV_KEYS_UNREADABLE);
	atomic_store(&h.keys_fine, fine);
}

static int64_t
wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
probe_clock(void)
{
	static int64_t offset_ms;
	int64_t now_ms = wall_ms() - (int64_t)(clock_mono_ns() / 1000000);

	if (offset_ms != 0)
		atomic_store(&h.clock_jump_ms, now_ms - offset_ms);
	offset_ms = now_ms;
}

static bool
wait_or_stop(void)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PROBE_EVERY_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&h.lock);
	if (!h.stop)
		pthread_cond_timedwait(&h.wake, &h.lock, &until);
	stop = h.stop;
	pthread_mutex_unlock(&h.lock);
	return stop;
}

static void *
watch(void *arg)
{
	struct ctx ctx = { .arena = arg };

	crypto_thread();
	do {
		probe_store(&ctx);
		if (h.db != NULL) {
			housekeeping_tick(&ctx, h.db);
			archiver_tick(&ctx, h.db);
			uptime_tick(&ctx, h.db, health_ready());
		}
		probe_keys();
		probe_clock();
	} while (!wait_or_stop());
	if (h.db != NULL)
		uptime_end(&ctx, h.db);
	db_close(h.db);
	arena_free(ctx.arena);
	return NULL;
}

enum err
health_start(const struct conf *conf, struct store *store, struct keyring *keyring, char *why)
{
	struct arena *arena = arena_new(ARENA);

	h.conf = conf;
	h.store = store;
	h.keyring = keyring;
	atomic_store(&h.written_ns, clock_mono_ns()); /* migrations have just written */
	atomic_store(&h.keys_fine, true);
	if (arena == NULL || pthread_create(&h.thread, NULL, watch, arena) != 0) {
		snprintf(why, 200, "no thread for the health watcher");
		return ERR_BUSY;
	}
	h.running = true;
	return OK;
}

void
health_stop(void)
{
	if (!h.running)
		return;
	pthread_mutex_lock(&h.lock);
	h.stop = true;
	pthread_mutex_unlock(&h.lock);
	pthread_cond_signal(&h.wake);
	pthread_join(h.thread, NULL);
}

void
health_drain(void)
{
	atomic_store(&h.draining, true);
}

static int64_t
write_age_ms(void)
{
	return (int64_t)(clock_mono_ns() - atomic_load(&h.written_ns)) / 1000000;
}

bool
health_ready(void)
{
	return !atomic_load(&h.draining) && write_age_ms() < PROBE_STALE_MS;
}

/* ---- what the doors show */

static const char *
state(bool fine)
{
	return fine ? "ok" : "fail";
}

static void
look_at_machine(struct health_checks *c)
{
	int64_t free_mib = file_disk_free(h.conf->data_dir) >> 20;
	int percent = proc_memory_percent();

	c->disk = (struct health_check){ str_of(state(free_mib >= h.conf->health_disk_free_mib)), free_mib,
		STR("MiB free") };
	c->memory = (struct health_check){ str_of(state(percent <= h.conf->health_memory_percent)), percent,
		STR("percent used") };
}

/* Requests are served on whatever becomes of sealing: a warning, never a failure. */
static void
look_at_audit(struct ctx *ctx, struct health_checks *c)
{
	int64_t age_s = ctx->now.ms / 1000 - metric_value(M_AUDIT_SEALED_TIME, 0);
	bool broken = metric_value(M_AUDIT_BROKEN, 0) != 0;

	c->audit = (struct health_check){ str_of(broken || age_s > UNSEALED_S ? "warn" : "ok"),
		age_s > 0 ? age_s : 0,
		broken ? STR("s; a signed head is gone or altered") : STR("s since all was sealed") };
}

/* PostgreSQL archives a segment when it is full or archive_timeout is over: an old one is no
 * fault of an idle server, a failing archiver is. */
static void
look_at_archive(struct ctx *ctx, struct health_checks *c)
{
	int64_t age_s = ctx->now.ms / 1000 - metric_value(M_BACKUP_SHIPPED, 0);
	int64_t start_s = metric_value(M_UP_SINCE, 0), proven_s = metric_value(M_BACKUP_PROVEN, 0);
	bool on = archiver_is_on(), failing = metric_value(M_BACKUP_FAILING, 0) != 0;
	bool configured = h.conf->backup_dir[0] || h.conf->backup_s3_url[0];
	bool disproven = configured && metric_value(M_BACKUP_UNPROVEN, 0) != 0;
	bool old = configured && h.conf->backup_prove_hours &&
	           ctx->now.ms / 1000 - (proven_s ? proven_s : start_s) >
	                   h.conf->backup_prove_max_hours * 3600;
	struct str unit = !on         ? STR("s; the log is not archived: no point in time can be restored")
	                  : failing   ? STR("s since the log was archived; it fails")
	                  : disproven ? STR("s since the log was archived; the last restore did not prove it")
	                  : old ? STR("s since the log was archived; not proven by a restore for too long")
	                        : STR("s since the log was archived");

	c->backup = (struct health_check){ str_of(on && !failing && !disproven && !old ? "ok" : "warn"),
		metric_value(M_BACKUP_SHIPPED, 0) && age_s > 0 ? age_s : 0, unit };
}

/* Without a backup requests are served all the same: a warning, never a failure.  Before the
 * first base and the first proof the time since the start counts. */
static void
look_at_backup(struct ctx *ctx, struct health_checks *c)
{
	bool configured = h.conf->backup_dir[0] || h.conf->backup_s3_url[0];
	int64_t now_s = ctx->now.ms / 1000, start_s = metric_value(M_UP_SINCE, 0);
	int64_t shipped_s = metric_value(M_BACKUP_SHIPPED, 0), proven_s = metric_value(M_BACKUP_PROVEN, 0);
	int64_t behind_s = now_s - (shipped_s ? shipped_s : start_s);
	int64_t unproven_s = now_s - (proven_s ? proven_s : start_s);
	const char *status = "warn";
	struct str unit;

	if (!configured)
		unit = STR("s; no backup is configured");
	else if (metric_value(M_BACKUP_FAILING, 0))
		unit = STR("s behind; it cannot be written");
	else if (behind_s > h.conf->backup_late_seconds)
		unit = STR("s behind");
	else if (metric_value(M_BACKUP_UNPROVEN, 0))
		unit = STR("s behind; the last restore did not prove it");
	else if (h.conf->backup_prove_hours && unproven_s > h.conf->backup_prove_max_hours * 3600)
		unit = STR("s behind; not proven by a restore for too long");
	else
		unit = STR("s behind"), status = "ok";
	c->backup = (struct health_check){ str_of(status), configured && behind_s > 0 ? behind_s : 0, unit };
}

/* One that is wanted and missing makes the next loss of the primary a stop: a warning. */
static struct replication
look_at_standbys(struct ctx *ctx, bool database, struct health_checks *c)
{
	struct replication r;

	pthread_mutex_lock(&h.replication_lock);
	r = h.replication;
	pthread_mutex_unlock(&h.replication_lock);
	if (!database || !str_is_set(r.role))
		r.role = STR("unknown");
	c->replication = (struct health_check){ str_of(r.wanted && r.synchronous == 0 ? "warn" : "ok"),
		r.lag_bytes,
		str_of(arena_printf(ctx->arena, "bytes behind; %lld standby, %lld synchronous",
		        (long long)r.standbys, (long long)r.synchronous)) };
	return r;
}

/* Where reports are read is nobody's fault: what is wrong with a standby is said above. */
static void
look_at_reports(struct ctx *ctx, struct health_checks *c)
{
	int64_t there = metric_value(M_AGED_READS, AGED_STANDBY), here = 0;

	for (unsigned i = AGED_STANDBY + 1; i < AGED__MAX; i++)
		here += metric_value(M_AGED_READS, i);
	c->reports = (struct health_check){ STR("ok"), aged_last_ms(),
		str_of(arena_printf(ctx->arena,
		        "ms behind was the standby last; %lld reports read there, %lld on the primary",
		        (long long)there, (long long)here)) };
}

/* Served on without it: a warning, never a failure. */
static void
look_at_confinement(struct health_checks *c)
{
	struct sandbox s = sandbox_state();

	c->confinement = (struct health_check){ str_of(s.on && s.landlock > 0 ? "ok" : "warn"), s.landlock,
		!s.on            ? STR("switched off")
		: s.landlock > 0 ? STR("version of landlock; system calls and capabilities too")
		                 : STR("this kernel has no landlock: system calls and capabilities only") };
}

bool
health_look(struct ctx *ctx, struct health *out)
{
	struct replication r;
	int64_t age_ms = write_age_ms(), jump_ms = atomic_load(&h.clock_jump_ms);
	bool database = age_ms<PROBE_STALE_MS, clock = jump_ms> - CLOCK_JUMP_MS && jump_ms < CLOCK_JUMP_MS;
	struct health_checks *c = NEW(ctx, struct health_checks);
	bool fine;

	c->database = (struct health_check){ str_of(state(database)),
		database ? atomic_load(&h.write_us) : age_ms,
		database ? STR("µs for a durable write") : STR("ms without a write") };
	look_at_machine(c);
	c->clock = (struct health_check){ str_of(state(clock)), jump_ms, STR("ms jumped") };
	c->keys = (struct health_check){ str_of(atomic_load(&h.keys_fine) ? "ok" : "warn"), 0, STR("") };
	look_at_audit(ctx, c);
	if (store_engine(h.store) == ENGINE_POSTGRES)
		look_at_archive(ctx, c);
	else
		look_at_backup(ctx, c);
	r = look_at_standbys(ctx, database, c);
	look_at_reports(ctx, c);
	look_at_confinement(c);
	fine = database && clock && str_is(c->disk.status, "ok") && str_is(c->memory.status, "ok");
	*out = (struct health){ str_of(fine ? "ok" : "fail"),
		str_of(store_engine(h.store) == ENGINE_SQLITE ? "sqlite" : "postgres"), r.role, r.timeline,
		atomic_load(&h.draining), c };
	return fine;
}
