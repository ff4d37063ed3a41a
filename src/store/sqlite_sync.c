/* sqlite_sync.c - commits on their way to the disk.  A commit returns when the log has it; whoever must
 * be sure waits here, outside the writer's turn, so that the next batch runs during the sync.  One thread
 * of those that wait syncs for all commits made so far.
 *
 * A refused sync is not asked again: the kernel reports it once and may drop what it could not write, so
 * a second one would say too much.  All pages are copied back into the database instead, which writes them
 * once more and syncs that file; when this is refused too, nobody knows what a power failure would leave,
 * and all that wait hear so. */
#include <sqlite3.h>

#include "store/sqlite_conn.h"

enum { SYNCER_CACHE_KIB = 64 };

void
syncer_init(struct sqlite_store *s)
{
	pthread_mutex_init(&s->syncer.mutex, NULL);
	pthread_cond_init(&s->syncer.done, NULL);
}

void
syncer_stop(struct sqlite_store *s)
{
	assert(!s->syncer.busy);
	lite_close(&s->syncer.conn);
	pthread_cond_destroy(&s->syncer.done);
	pthread_mutex_destroy(&s->syncer.mutex);
}

void
syncer_told(struct sqlite_store *s)
{
	atomic_fetch_add(&s->syncer.committed, 1);
}

uint64_t
lite_committed(struct store *store)
{
	return atomic_load(&((struct sqlite_store *)store)->syncer.committed);
}

/* A connection of its own, which has read once and so has the log open. */
static int
syncer_ready(struct sqlite_store *s)
{
	struct lite *c = &s->syncer.conn;
	int rc;

	if (c->raw != NULL)
		return SQLITE_OK;
	rc = lite_open(c, s->path, SYNCER_CACHE_KIB, s->store.statement_timeout_ms);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(c->raw, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
	return rc;
}

static int
sync_log(struct lite *c)
{
	sqlite3_file *log = NULL;
	int rc = sqlite3_file_control(c->raw, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

	if (rc != SQLITE_OK || log == NULL || log->pMethods == NULL)
		return SQLITE_IOERR_FSYNC;
	return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

static int
copy_all_back(struct lite *c)
{
	int frames = 0, copied = -1, rc;

	rc = sqlite3_wal_checkpoint_v2(c->raw, NULL, SQLITE_CHECKPOINT_FULL, &frames, &copied);
	return rc != SQLITE_OK || copied == frames ? rc : SQLITE_BUSY;
}

static bool
sync_once(struct sqlite_store *s)
{
	struct syncer *y = &s->syncer;
	int rc = syncer_ready(s);

	if (rc == SQLITE_OK && !y->doubtful) {
		rc = sync_log(&y->conn);
		if (rc == SQLITE_OK)
			return true;
	}
	y->doubtful = true;
	if (y->conn.raw != NULL) {
		y->conn.deadline_ns = deadline_in(s->store.statement_timeout_ms);
		rc = copy_all_back(&y->conn);
	}
	if (rc == SQLITE_OK) {
		y->doubtful = false;
		return true;
	}
	lite_close(&y->conn);
	lite_lost(s, rc);
	return false;
}

/* With the mutex held. */
static void
sync_for_all(struct sqlite_store *s)
{
	struct syncer *y = &s->syncer;

	y->busy = true;
	uint64_t upto = atomic_load(&y->committed);
	pthread_mutex_unlock(&y->mutex);
	bool well = sync_once(s);
	pthread_mutex_lock(&y->mutex);
	y->busy = false;
	if (well) {
		y->durable = upto;
	} else {
		y->refused = upto;
		y->refusals++;
	}
	pthread_cond_broadcast(&y->done);
}

enum err
lite_durable(struct store *store, uint64_t upto)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	struct syncer *y = &s->syncer;

	pthread_mutex_lock(&y->mutex);
	uint64_t refusals = y->refusals;
	while (y->durable < upto && (y->refusals == refusals || y->refused < upto))
		if (y->busy)
			pthread_cond_wait(&y->done, &y->mutex);
		else
			sync_for_all(s);
	bool durable = y->durable >= upto;
	pthread_mutex_unlock(&y->mutex);
	return durable ? lite_acknowledged(s) : ERR_STORE_UNAVAILABLE;
}
