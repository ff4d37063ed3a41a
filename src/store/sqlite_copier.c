/* sqlite_copier.c - the log's way back into the database.  A checkpoint costs two fsyncs
 * and some copying; a thread of its own pays it, so that a commit rarely does. */
#include <sqlite3.h>
#include <time.h>

#include "store/sqlite_conn.h"

enum {
	WAL_FRAMES_MAX = 4000, /* 16 MiB of log wake the copier */
	COPY_PAUSE_MS = 100,   /* at least so long between two copies */
	COPY_WAIT_MS = 20,     /* so long the writer is held up for readers to leave the log, and as
	                        * many times longer as the log is too long */
	COPY_WAIT_MAX_MS = 1000,
	COPIER_CACHE_KIB = 256,
	ROUNDS_MAX = 6,
	FEW_FRAMES = 400, /* are copied in the writer's turn: a few milliseconds */
};

static void *copier_main(void *);

void
copier_told(struct sqlite_store *s, int frames)
{
	struct copier *c = &s->copier;

	if (frames < WAL_FRAMES_MAX)
		return;
	pthread_mutex_lock(&c->mutex);
	c->frames = frames;
	if (!c->running && !c->stopping) /* no thread to be had: the next commit tries again */
		c->running = pthread_create(&c->thread, NULL, copier_main, s) == 0;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->mutex);
}

/* A backup wants the log kept until it has shipped the whole of it. */
static bool
has_shipper(struct copier *c, bool ask)
{
	store_before_anew_fn *fn;
	void *arg;

	pthread_mutex_lock(&c->mutex);
	fn = c->before_anew;
	arg = c->before_anew_arg;
	pthread_mutex_unlock(&c->mutex);
	return fn != NULL && (!ask || fn(arg));
}

/* Most is copied while the writer goes on; only the rest, and the wait for the
 * last readers of the log, happens in the writer's turn.  Then the next commit
 * begins the log anew and it stays short.
 * With a backup nothing is copied outside the turn: once all is copied back, any
 * writer may begin the log anew, also over what was not shipped yet.
 * The log begins anew on the writer's own connection: done on another, it would look
 * like somebody else's commit, and the writer would drop its whole page cache. */
static void
begin_anew(struct sqlite_store *s, int wait_ms)
{
	struct lite *c = s->writer.raw != NULL ? &s->writer : &s->copier.conn;

	c->deadline_ns = deadline_in(wait_ms < COPY_WAIT_MAX_MS ? wait_ms : COPY_WAIT_MAX_MS);
	(void)sqlite3_wal_checkpoint_v2(c->raw, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
}

/* What a checkpoint copied beside a busy writer it does not sync: the frames that came meanwhile may
 * have the same pages. */
static int
sync_database(struct lite *c)
{
	sqlite3_file *file = NULL;
	int rc = sqlite3_file_control(c->raw, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	return rc != SQLITE_OK ? rc : file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

static int
frames_told(struct copier *c)
{
	pthread_mutex_lock(&c->mutex);
	int frames = c->frames;
	pthread_mutex_unlock(&c->mutex);
	return frames;
}

/* While the writer goes on; and again what came meanwhile, until little is left for its turn. */
static int
copy_most(struct sqlite_store *s)
{
	struct lite *c = &s->copier.conn;
	int copied = 0, rc = SQLITE_OK;

	for (int i = 0; rc == SQLITE_OK && i < ROUNDS_MAX; i++) {
		rc = sqlite3_wal_checkpoint_v2(c->raw, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &copied);
		if (rc == SQLITE_OK)
			rc = sync_database(c);
		if (frames_told(&s->copier) < copied + FEW_FRAMES)
			break;
	}
	return rc;
}

static void
copy_back(struct sqlite_store *s, int frames)
{
	struct lite *c = &s->copier.conn;
	int wait_ms = COPY_WAIT_MS * (frames / WAL_FRAMES_MAX);
	bool shipped = has_shipper(&s->copier, false);

	if (c->raw == NULL && lite_open(c, s->path, COPIER_CACHE_KIB, COPY_WAIT_MS) != SQLITE_OK)
		return;
	c->deadline_ns = deadline_in(s->store.statement_timeout_ms);
	if (!shipped && copy_most(s) != SQLITE_OK)
		return;
	if (!turn_take(&s->turn, deadline_in(COPY_PAUSE_MS)))
		return;
	if (!shipped || has_shipper(&s->copier, true))
		begin_anew(s, wait_ms);
	turn_give(&s->turn);
}

/* With the mutex held: a pause that only the end cuts short. */
static void
rest(struct copier *c)
{
	uint64_t at = deadline_in(COPY_PAUSE_MS);
	struct timespec until = { (time_t)(at / 1000000000), (long)(at % 1000000000) };

	while (!c->stopping && pthread_cond_clockwait(&c->wake, &c->mutex, CLOCK_MONOTONIC, &until) == 0)
		;
}

static void *
copier_main(void *arg)
{
	struct sqlite_store *s = arg;
	struct copier *c = &s->copier;
	int frames;

	pthread_mutex_lock(&c->mutex);
	while (!c->stopping) {
		if (c->frames == 0) {
			pthread_cond_wait(&c->wake, &c->mutex);
			continue;
		}
		frames = c->frames;
		c->frames = 0;
		pthread_mutex_unlock(&c->mutex);
		copy_back(s, frames);
		pthread_mutex_lock(&c->mutex);
		rest(c);
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

void
copier_init(struct sqlite_store *s)
{
	pthread_mutex_init(&s->copier.mutex, NULL);
	pthread_cond_init(&s->copier.wake, NULL);
}

void
copier_rest(struct sqlite_store *s)
{
	struct copier *c = &s->copier;
	bool running;

	pthread_mutex_lock(&c->mutex);
	running = c->running;
	c->stopping = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->mutex);
	if (running)
		pthread_join(c->thread, NULL);
	pthread_mutex_lock(&c->mutex);
	c->running = c->stopping = false;
	pthread_mutex_unlock(&c->mutex);
}

void
copier_stop(struct sqlite_store *s)
{
	struct copier *c = &s->copier;

	copier_rest(s);
	lite_close(&c->conn);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->mutex);
}

void
store_rest(struct store *store)
{
	if (store->ops == &engine_sqlite)
		copier_rest((struct sqlite_store *)store);
}
