/* backup_ship.c - ships the log.  Every interval, and in the writer's turn before the log
 * begins anew, the committed frames that are not in the target yet become one more
 * segment.  When the log turns out to have begun anew without us (a crash between),
 * nothing is guessed: a new base is taken.
 *
 * A base is made by a thread of its own, while shipping into the folder before it goes on;
 * until it is in the target the log does not begin anew, and then the whole log is
 * shipped behind it: frames that the copy holds already are taken in twice without harm.
 *
 * A target that is away is asked again, each time later, and the log keeps what it owes;
 * only when the disk runs short is that given up, for a new base once it is back.
 *
 * Lock order: the writer's turn, s.lock, s.ack_lock. */
#include "ops/backup_ship.h"
#include "ops/backup_folder.h"
#include "ops/wal.h"
#include "sys/files.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { HOUR_MS = 3600000, BACKOFF_MAX_MS = 30000, LOOK_MS = 20000, BASE_LOOK_MS = 1000 };

static struct {
	const struct conf *conf;
	struct store *store;
	struct backup backup, base_backup; /* of the shipping thread (with the lock), of the base's */
	pthread_t shipper, base_maker;
	bool opened, on;

	pthread_mutex_t lock; /* guards what follows; held while shipping */
	pthread_cond_t base_wake, based;
	bool stop;
	char folder[BACKUP_NAME + 1]; /* empty: a base is needed */
	unsigned char key[KEY_SIZE];
	int64_t base_ms;
	bool making_base; /* the log must not begin anew */
	bool spoiled;     /* it did all the same: the base being made is none */
	unsigned base_failures;
	char base_why[200];
	struct wal wal;
	bool in_wal;       /* wal is that of the current generation */
	bool anew_allowed; /* we let the log begin anew: its next header is no surprise */
	unsigned generation, number;
	uint64_t shipped;  /* bytes of this generation in the target */
	int64_t looked_ms; /* when the target last took or gave something */
	bool failing;

	pthread_mutex_t ack_lock; /* guards what follows */
	pthread_cond_t wanted, done;
	uint64_t committed, in_target; /* commits of this process */
	bool ack_stop;
} s = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.base_wake = PTHREAD_COND_INITIALIZER,
	.based = PTHREAD_COND_INITIALIZER,
	.ack_lock = PTHREAD_MUTEX_INITIALIZER,
	.wanted = PTHREAD_COND_INITIALIZER,
	.done = PTHREAD_COND_INITIALIZER };

static struct timespec
in_ms(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static bool
trouble(const char *why)
{
	if (!s.failing)
		log_event(EV_BACKUP_FAILING, { "why", LOG_S(why) });
	s.failing = true;
	metric_set(M_BACKUP_FAILING, 0, 1);
	return false;
}

/* ---- the log */

static bool
ship_bytes(int fd, uint64_t from, uint64_t n)
{
	struct segment segment = { s.generation, s.number, clock_now().ms, "" };
	char name[64], why[200] = "";

	segment_name(&segment, name);
	if (folder_put(&s.backup, s.folder, name, s.key, fd, from, n, why) != OK)
		return trouble(why);
	s.number++;
	s.shipped = from + n;
	s.looked_ms = segment.at_ms;
	metric_add(M_BACKUP_BYTES, 0, (int64_t)n);
	return true;
}

/* With nothing to ship a target that went away would not be noticed. */
static bool
look_at_target(int64_t now_ms)
{
	char name[128], why[200] = "";
	int fd;

	if (!s.failing && now_ms - s.looked_ms < LOOK_MS)
		return true;
	folder_file(s.folder, "key", name);
	if (target_get(s.backup.target, name, &fd, why) != OK)
		return trouble(why);
	close(fd);
	s.looked_ms = now_ms;
	return true;
}

/* The log as it is now, from its beginning, is the next generation. */
static bool
enter_generation(int fd)
{
	if (!wal_open(&s.wal, fd)) {
		s.in_wal = false;
		return false; /* no log yet: nothing was committed since it began anew */
	}
	if (s.in_wal || s.generation > 0 || s.number > 0)
		s.generation++;
	s.in_wal = true;
	s.number = 0;
	s.shipped = 0;
	return true;
}

/* The log's file has another header than the one we follow, or we follow none yet. */
static bool
follow_anew(int fd, bool *empty)
{
	if (s.in_wal && !s.anew_allowed) {
		s.folder[0] = 0;
		s.spoiled = true;
		pthread_cond_signal(&s.base_wake);
		return trouble("the log began anew before it was shipped: a new base follows");
	}
	s.anew_allowed = false;
	*empty = !enter_generation(fd);
	return true;
}

static bool
ship_file(int fd, int64_t now_ms)
{
	bool empty = false;
	uint64_t end;

	if ((!s.in_wal || !wal_same(&s.wal, fd)) && !follow_anew(fd, &empty))
		return false;
	if (empty)
		return look_at_target(now_ms);
	if (!wal_follow(&s.wal, fd, &end))
		return trouble("the log cannot be read");
	if (end > s.shipped && end > WAL_HEADER)
		return ship_bytes(fd, s.shipped, end - s.shipped);
	return look_at_target(now_ms);
}

static void
shipped_up_to(int64_t now_ms, uint64_t commits)
{
	s.failing = false;
	metric_set(M_BACKUP_FAILING, 0, 0);
	metric_set(M_BACKUP_SHIPPED, 0, now_ms / 1000);
	pthread_mutex_lock(&s.ack_lock);
	s.in_target = commits;
	pthread_cond_broadcast(&s.done);
	pthread_mutex_unlock(&s.ack_lock);
}

/* With the lock held.  All that is committed goes to the target. */
static bool
ship_log(void)
{
	int64_t now_ms = clock_now().ms;
	uint64_t commits;
	bool fine;
	int fd;

	pthread_mutex_lock(&s.ack_lock);
	commits = s.committed; /* each was in the log before it was counted */
	pthread_mutex_unlock(&s.ack_lock);
	fd = open(store_log_file(s.store), O_RDONLY | O_CLOEXEC);
	fine = fd >= 0 ? ship_file(fd, now_ms) : look_at_target(now_ms);
	if (fd >= 0)
		close(fd);
	if (fine)
		shipped_up_to(now_ms, commits);
	return fine;
}

/* The log has grown long over an absent target and the disk is nearly full: serving goes
 * before shipping, and a new base will hold what was not shipped. */
static bool
give_up(void)
{
	if (file_disk_free(s.conf->data_dir) >> 20 > 2 * s.conf->health_disk_free_mib)
		return false;
	s.folder[0] = 0;
	log_event(EV_BACKUP_FAILING,
	        { "why", LOG_S("the disk runs short: the log is not kept for the backup") });
	return true;
}

/* In the writer's turn: nothing can be committed while this runs. */
static bool
before_anew(void *arg)
{
	bool fine;

	(void)arg;
	if (pthread_mutex_trylock(&s.lock) != 0)
		return false; /* it is being shipped: writers need not wait for that */
	if (s.making_base)
		fine = false;
	else if (s.folder[0] == 0)
		fine = true; /* the base to come holds it */
	else if (s.failing)
		fine = give_up();
	else
		fine = ship_log();
	if (fine)
		s.anew_allowed = true;
	pthread_mutex_unlock(&s.lock);
	return fine;
}

/* ---- before the acknowledgement */

static bool
after_commit(void)
{
	struct timespec until = in_ms(s.conf->database_statement_timeout_ms);
	uint64_t mine;
	bool there;

	pthread_mutex_lock(&s.ack_lock);
	mine = ++s.committed;
	pthread_cond_signal(&s.wanted);
	while (s.in_target < mine && pthread_cond_timedwait(&s.done, &s.ack_lock, &until) == 0)
		;
	there = s.in_target >= mine;
	pthread_mutex_unlock(&s.ack_lock);
	return there;
}

/* Until it is time to ship again: so long, or (hurry) the next commit that waits for it. */
static bool
wait_or_stop(int64_t ms, bool hurry)
{
	struct timespec until = in_ms(ms);
	bool stop;

	pthread_mutex_lock(&s.ack_lock);
	while (!s.ack_stop && !(hurry && s.committed > s.in_target))
		if (pthread_cond_timedwait(&s.wanted, &s.ack_lock, &until) != 0)
			break;
	stop = s.ack_stop;
	pthread_mutex_unlock(&s.ack_lock);
	return stop;
}

/* false: it did not work. */
static bool
tick(bool *based)
{
	bool fine;

	pthread_mutex_lock(&s.lock);
	*based = s.folder[0] != 0;
	fine = !*based || ship_log();
	pthread_mutex_unlock(&s.lock);
	return fine;
}

static int64_t
longer(int64_t backoff_ms)
{
	int64_t ms = backoff_ms ? 2 * backoff_ms : s.conf->backup_interval_ms;

	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void *
ship(void *arg)
{
	int64_t backoff_ms = 0, wait_ms;
	unsigned char chance;
	bool based;

	(void)arg;
	crypto_thread();
	do {
		backoff_ms = tick(&based) ? 0 : longer(backoff_ms);
		random_bytes(&chance, 1);
		wait_ms = backoff_ms ? backoff_ms + backoff_ms * chance / 1024 : s.conf->backup_interval_ms;
	} while (!wait_or_stop(wait_ms, s.conf->backup_before_ack && based && backoff_ms == 0));
	(void)tick(&based); /* what was committed while we waited */
	return NULL;
}

/* ---- bases */

/* The new folder is shipped into from the log's beginning. */
static void
switch_to(const char *folder, const unsigned char key[KEY_SIZE], int64_t at_ms)
{
	memcpy(s.folder, folder, sizeof s.folder);
	memcpy(s.key, key, KEY_SIZE);
	s.base_ms = s.looked_ms = at_ms;
	s.in_wal = false;
	s.generation = s.number = 0;
	s.shipped = 0;
	s.base_failures = 0;
	log_event(EV_BACKUP_BASE, { "name", LOG_S(folder) });
	metric_set(M_BACKUP_BASE, 0, at_ms / 1000);
	pthread_cond_broadcast(&s.based);
}

/* With the lock held at the beginning and at the end, and not between. */
static void
make_base(void)
{
	unsigned char key[KEY_SIZE];
	char folder[BACKUP_NAME + 1], why[200] = "";
	int64_t at_ms = clock_now().ms;
	enum err err;

	s.making_base = true;
	s.spoiled = false;
	pthread_mutex_unlock(&s.lock);
	folder_name(at_ms, folder);
	err = folder_make(&s.base_backup, folder, key, why);
	if (err == OK)
		err = folder_base(&s.base_backup, folder, key, s.store, why);
	pthread_mutex_lock(&s.lock);
	s.making_base = false;
	if (err == OK && !s.spoiled) {
		switch_to(folder, key, at_ms);
	} else if (err != OK) {
		s.base_failures++;
		snprintf(s.base_why, sizeof s.base_why, "%s", why);
		(void)trouble(why);
		pthread_cond_broadcast(&s.based);
	}
	wipe(key, sizeof key);
}

static bool
base_is_due(void)
{
	return s.folder[0] == 0 || clock_now().ms - s.base_ms > s.conf->backup_base_hours * HOUR_MS;
}

static void *
make_bases(void *arg)
{
	(void)arg;
	crypto_thread();
	pthread_mutex_lock(&s.lock);
	while (!s.stop) {
		int64_t wait_ms = BASE_LOOK_MS;
		struct timespec until;

		if (base_is_due())
			make_base();
		if (s.base_failures > 0)
			wait_ms <<= s.base_failures < 5 ? s.base_failures : 5;
		until = in_ms(wait_ms);
		if (!s.stop)
			pthread_cond_timedwait(&s.base_wake, &s.lock, &until);
	}
	pthread_mutex_unlock(&s.lock);
	return NULL;
}

/* ---- start and stop */

void
backup_ship_hold(const struct conf *conf, struct store *store)
{
	s.conf = conf;
	if (conf->backup_before_ack)
		store_after_commit(store, after_commit);
}

static enum err
wait_for_base(char *why)
{
	bool there;

	pthread_mutex_lock(&s.lock);
	while (s.folder[0] == 0 && s.base_failures == 0)
		pthread_cond_wait(&s.based, &s.lock);
	there = s.folder[0] != 0;
	if (!there)
		snprintf(why, 200, "%s", s.base_why);
	pthread_mutex_unlock(&s.lock);
	return there ? OK : ERR_STORE_UNAVAILABLE;
}

static enum err
start_threads(char *why)
{
	if (pthread_create(&s.base_maker, NULL, make_bases, NULL) == 0) {
		if (pthread_create(&s.shipper, NULL, ship, NULL) == 0)
			return OK;
		s.stop = true;
		pthread_cond_signal(&s.base_wake);
		pthread_join(s.base_maker, NULL);
	}
	snprintf(why, 200, "no thread for the backup");
	return ERR_BUSY;
}

enum err
backup_ship_open(const struct conf *conf, struct store *store, char *why)
{
	enum err err;

	TRY(backup_open(conf, &s.backup, why));
	err = backup_open(conf, &s.base_backup, why);
	if (err != OK) {
		backup_close(&s.backup);
		return err;
	}
	s.store = store;
	s.conf = conf;
	s.opened = true;
	return OK;
}

enum err
backup_ship_start(bool later, char *why)
{
	enum err err;

	store_before_anew(s.store, before_anew, NULL);
	if ((err = start_threads(why)) != OK) {
		store_before_anew(s.store, NULL, NULL);
		return err;
	}
	s.on = true;
	if (s.conf->backup_before_ack && !later && (err = wait_for_base(why)) != OK) {
		backup_ship_stop();
		return err;
	}
	backup_ship_hold(s.conf, s.store);
	return OK;
}

static void
end_threads(void)
{
	pthread_mutex_lock(&s.lock);
	s.stop = true;
	pthread_cond_signal(&s.base_wake);
	pthread_mutex_unlock(&s.lock);
	pthread_join(s.base_maker, NULL);
	pthread_mutex_lock(&s.ack_lock);
	s.ack_stop = true;
	pthread_cond_signal(&s.wanted);
	pthread_mutex_unlock(&s.ack_lock);
	pthread_join(s.shipper, NULL);
	store_after_commit(s.store, NULL);
	store_before_anew(s.store, NULL, NULL);
	wipe(s.key, sizeof s.key);
	s.on = false;
}

void
backup_ship_stop(void)
{
	if (s.on)
		end_threads();
	if (!s.opened)
		return;
	backup_close(&s.backup);
	backup_close(&s.base_backup);
	s.opened = false;
}
