/* sqlite_conn.c - a connection as the program needs it: durable, strict, patient with
 * locks up to a deadline, and stopped in statements that run too long. */
#include "store/sqlite_conn.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "sys/crypto.h"

enum {
	PROGRESS_STEPS = 20000, /* virtual machine steps between looks at the clock */
	BUSY_PAUSE_US = 300,    /* between tries for a lock another process holds */
	READER_CACHE_KIB = 4096,
	WRITER_CACHE_KIB = 16384,
	NAME_CEILING = 16384, /* a path as a URI */
};

const char *const control_text[CONTROL__MAX] = {
	[CONTROL_READ] = "BEGIN",
	[CONTROL_WRITE] = "BEGIN IMMEDIATE",
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLLBACK] = "ROLLBACK",
	[CONTROL_MARK] = "SAVEPOINT mark",
	[CONTROL_KEEP] = "RELEASE mark",
	[CONTROL_UNDO] = "ROLLBACK TO mark",
};

uint64_t
deadline_in(int ms)
{
	return clock_mono_ns() + (uint64_t)ms * 1000000;
}

void
pause_us(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

static int
on_busy(void *arg, int tries)
{
	const struct lite *c = arg;

	(void)tries;
	if (clock_mono_ns() >= c->deadline_ns)
		return 0;
	pause_us(BUSY_PAUSE_US);
	return 1;
}

static int
on_progress(void *arg)
{
	const struct lite *c = arg;

	return clock_mono_ns() >= c->deadline_ns;
}

void
lite_close(struct lite *c)
{
	for (size_t i = 0; i < CONTROL__MAX; i++)
		sqlite3_finalize(c->control[i]);
	for (size_t i = 0; i < c->stmt_count; i++)
		sqlite3_finalize(c->stmts[i]);
	free(c->stmts);
	kept_close(c);
	if (c->raw != NULL && sqlite3_close(c->raw) != SQLITE_OK)
		assert(false && "a statement outlives its connection");
	*c = (struct lite){ .raw = NULL };
}

/* synchronous: copying the log back syncs both files, and the log's new head; a commit is left to
 * sqlite_sync.c.
 * secure_delete: a destroyed patient key must not linger in a free page.
 * temp_store: nothing of a chart goes to a temporary file. */
static const char pragmas[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                              "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON; PRAGMA mmap_size=0;"
                              "PRAGMA trusted_schema=OFF; PRAGMA wal_autocheckpoint=0;";

static int
lite_prepare(struct lite *c)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < CONTROL__MAX; i++)
		rc = sqlite3_prepare_v3(
		        c->raw, control_text[i], -1, SQLITE_PREPARE_PERSISTENT, &c->control[i], NULL);
	return rc;
}

static const char frozen_pragmas[] =
        "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF;";

static int
lite_configure(struct lite *c, int cache_kib, bool frozen)
{
	char cache[64];
	int rc;

	sqlite3_busy_handler(c->raw, on_busy, c);
	sqlite3_progress_handler(c->raw, PROGRESS_STEPS, on_progress, c);
	sqlite3_db_config(c->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	snprintf(cache, sizeof cache, "PRAGMA cache_size=-%d", cache_kib);
	rc = sqlite3_exec(c->raw, frozen ? frozen_pragmas : pragmas, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(c->raw, cache, NULL, NULL, NULL);
	return rc == SQLITE_OK ? lite_prepare(c) : rc;
}

static int
lite_open_as(struct lite *c, const char *name, int flags, int cache_kib, int timeout_ms)
{
	int rc = SQLITE_NOMEM;

	*c = (struct lite){ .deadline_ns = deadline_in(timeout_ms) };
	stmts_all(&c->stmt_count);
	c->stmt_count += SLOTS_SPARE;
	c->stmts = calloc(c->stmt_count, sizeof(struct sqlite3_stmt *));
	if (c->stmts != NULL)
		rc = sqlite3_open_v2(
		        name, &c->raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	else
		c->stmt_count = 0;
	if (rc == SQLITE_OK)
		rc = lite_configure(c, cache_kib, (flags & SQLITE_OPEN_READONLY) != 0);
	if (rc != SQLITE_OK)
		lite_close(c);
	return rc;
}

int
lite_open(struct lite *c, const char *path, int cache_kib, int timeout_ms)
{
	return lite_open_as(c, path, SQLITE_OPEN_READWRITE, cache_kib, timeout_ms);
}

/* An immutable file is read without locks, log or shared memory beside it. */
static int
lite_open_frozen(struct lite *c, const char *path, int timeout_ms)
{
	struct buf name;
	int rc = SQLITE_NOMEM;

	buf_init(&name, NAME_CEILING);
	buf_text(&name, "file:");
	for (; *path; path++)
		buf_printf(&name, strchr("?#%", *path) ? "%%%02x" : "%c", (unsigned char)*path);
	buf_add(&name, "?immutable=1", sizeof "?immutable=1");
	if (!buf_failed(&name))
		rc = lite_open_as(
		        c, name.p, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, READER_CACHE_KIB, timeout_ms);
	buf_free(&name);
	return rc;
}

int
lite_open_reader(struct lite *c, const struct sqlite_store *s)
{
	if (s->frozen)
		return lite_open_frozen(c, s->path, s->store.statement_timeout_ms);
	return lite_open(c, s->path, READER_CACHE_KIB, s->store.statement_timeout_ms);
}

static int
on_commit(void *arg, sqlite3 *raw, const char *schema, int frames)
{
	(void)raw;
	(void)schema;
	copier_told(arg, frames);
	return SQLITE_OK;
}

int
lite_open_writer(struct sqlite_store *s)
{
	int rc = lite_open(&s->writer, s->path, WRITER_CACHE_KIB, s->store.statement_timeout_ms);

	if (rc == SQLITE_OK)
		rc = kept_open(&s->writer);
	if (rc == SQLITE_OK)
		sqlite3_wal_hook(s->writer.raw, on_commit, s);
	else
		lite_close(&s->writer);
	return rc;
}

void
lite_lost(struct sqlite_store *s, int code)
{
	char name[16];

	snprintf(name, sizeof name, "sqlite %d", code);
	store_lost(&s->store, name);
}

int
lite_do(struct lite *c, enum control what)
{
	int rc = sqlite3_step(c->control[what]);

	sqlite3_reset(c->control[what]);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
