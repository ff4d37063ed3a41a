/* backup_ship.c - the thread that ships the log.  Every interval, and in the writer's turn
 * before the log begins anew, the committed frames that are not in the target yet become
 * one more segment.  When the log turns out to have begun anew without us (a crash
 * between), nothing is guessed: a new base is taken. */
#include "ops/backup_folder.h"
#include "ops/backup_file.h"
#include "ops/wal.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const int64_t DAY_MS = 86400000;

/* We let the log begin anew: its next header is no surprise. Guarded by s.lock. */
static bool anew_allowed;

static struct {
	struct backup backup;
	struct store *store;
	int interval_ms;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows; held while shipping */
	pthread_cond_t wake;
	bool on, stop;
	char folder[BACKUP_NAME + 1]; /* empty: a base is needed */
	unsigned char key[KEY_SIZE];
	int64_t base_ms;
	struct wal wal;
	bool in_wal; /* wal is that of the current generation */
	unsigned generation, number;
	uint64_t shipped; /* bytes of this generation in the target */
	bool failing;
	_Atomic int64_t shipped_ms;
} s = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };

static bool
trouble(const char *why)
{
	if (!s.failing)
		log_event(EV_BACKUP_FAILING, { "why", LOG_S(why) });
	s.failing = true;
	return false;
}

static bool
new_base(void)
{
	char why[200] = "";

	s.base_ms = clock_now().ms;
	s.in_wal = false;
	s.generation = 0;
	folder_name(s.base_ms, s.folder);
	/* The log is shipped from its beginning afterwards: frames that the copy holds
	 * already are taken in twice without harm. */
	if (folder_make(&s.backup, s.folder, s.key, why) != OK ||
	        folder_base(&s.backup, s.folder, s.key, s.store, why) != OK) {
		s.folder[0] = 0;
		return trouble(why);
	}
	log_event(EV_BACKUP_BASE, { "name", LOG_S(s.folder) });
	return true;
}

static bool
ship_bytes(int fd, uint64_t from, uint64_t n)
{
	struct segment segment = { s.generation, s.number, clock_now().ms, "" };
	char name[64], path[PATH_MAX], bound[128], why[200] = "";

	segment_name(&segment, name);
	folder_path(&s.backup, s.folder, name, path);
	folder_bound(s.folder, name, bound);
	if (backup_file_write(path, bound, s.key, fd, from, n, why) != OK)
		return trouble(why);
	s.number++;
	s.shipped = from + n;
	metric_add(M_BACKUP_BYTES, 0, (int64_t)n);
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

/* With the lock held.  All that is committed goes to the target. */
static bool
ship_log(void)
{
	int fd = open(store_log_file(s.store), O_RDONLY | O_CLOEXEC);
	int64_t now_ms = clock_now().ms;
	bool fine;
	uint64_t end;

	if (fd < 0) {
		atomic_store(&s.shipped_ms, now_ms);
		return true; /* no log file: nothing committed since */
	}
	if (!s.in_wal || !wal_same(&s.wal, fd)) {
		/* Only we let it begin anew, after everything was shipped. */
		if (s.in_wal && !anew_allowed) {
			close(fd);
			s.folder[0] = 0;
			return trouble("the log began anew before it was shipped: a new base follows");
		}
		anew_allowed = false;
		if (!enter_generation(fd)) {
			close(fd);
			atomic_store(&s.shipped_ms, now_ms);
			return true;
		}
	}
	fine = wal_follow(&s.wal, fd, &end);
	if (fine && end > s.shipped && end > WAL_HEADER)
		fine = ship_bytes(fd, s.shipped, end - s.shipped);
	close(fd);
	if (fine) {
		s.failing = false;
		atomic_store(&s.shipped_ms, now_ms);
		metric_set(M_BACKUP_SHIPPED, 0, now_ms / 1000);
	}
	return fine;
}

/* In the writer's turn: nothing can be committed while this runs. */
static bool
before_anew(void *arg)
{
	bool fine;

	(void)arg;
	if (pthread_mutex_trylock(&s.lock) != 0)
		return false; /* a base is being taken: writers need not wait for it */
	fine = s.folder[0] == 0 || ship_log();
	if (fine)
		anew_allowed = true;
	pthread_mutex_unlock(&s.lock);
	return fine;
}

static void
tick(void)
{
	pthread_mutex_lock(&s.lock);
	if (s.folder[0] != 0 && clock_now().ms - s.base_ms > DAY_MS)
		s.folder[0] = 0;
	if (s.folder[0] != 0 || new_base())
		(void)ship_log();
	pthread_mutex_unlock(&s.lock);
}

static bool
wait_or_stop(void)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)(s.interval_ms % 1000) * 1000000;
	until.tv_sec += s.interval_ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&s.lock);
	if (!s.stop)
		pthread_cond_timedwait(&s.wake, &s.lock, &until);
	stop = s.stop;
	pthread_mutex_unlock(&s.lock);
	return stop;
}

static void *
ship(void *arg)
{
	(void)arg;
	do
		tick();
	while (!wait_or_stop());
	tick(); /* what was committed while we waited */
	return NULL;
}

enum err
backup_ship_start(const struct conf *conf, struct store *store, char *why)
{
	TRY(backup_open(conf, &s.backup, why));
	s.store = store;
	s.interval_ms = (int)conf->backup_interval_ms;
	store_before_anew(store, before_anew, NULL);
	if (pthread_create(&s.thread, NULL, ship, NULL) != 0) {
		snprintf(why, 200, "no thread for the backup");
		return ERR_BUSY;
	}
	s.on = true;
	return OK;
}

void
backup_ship_stop(void)
{
	if (!s.on)
		return;
	pthread_mutex_lock(&s.lock);
	s.stop = true;
	pthread_mutex_unlock(&s.lock);
	pthread_cond_signal(&s.wake);
	pthread_join(s.thread, NULL);
	store_before_anew(s.store, NULL, NULL);
	wipe(s.key, sizeof s.key);
	backup_close(&s.backup);
	s.on = false;
}

struct backup_state
backup_state(void)
{
	return (struct backup_state){
		.on = s.on, .shipped_ms = atomic_load(&s.shipped_ms), .failing = s.failing
	};
}
