/* sqlite_backup.c - copies of the embedded database.  SQLite's own backup does the
 * copying and its own recovery takes the log in: no page logic of ours. */
#include "store/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "store/sqlite_conn.h"

enum { COPY_CACHE_KIB = 1024, COPY_TIMEOUT_MS = 60000 };

static struct sqlite_store *
sqlite_of(const struct store *store)
{
	return store_engine(store) == ENGINE_SQLITE ? (struct sqlite_store *)(uintptr_t)store : NULL;
}

const char *
store_file(const struct store *store)
{
	const struct sqlite_store *s = sqlite_of(store);

	return s ? s->path : NULL;
}

const char *
store_log_file(const struct store *store)
{
	const struct sqlite_store *s = sqlite_of(store);

	return s ? s->log_path : NULL;
}

void
store_before_anew(struct store *store, store_before_anew_fn *fn, void *arg)
{
	struct sqlite_store *s = sqlite_of(store);

	assert(s != NULL);
	pthread_mutex_lock(&s->copier.mutex);
	s->copier.before_anew = fn;
	s->copier.before_anew_arg = arg;
	pthread_mutex_unlock(&s->copier.mutex);
}

void
store_after_commit(struct store *store, store_after_commit_fn *fn)
{
	struct sqlite_store *s = sqlite_of(store);

	assert(s != NULL);
	atomic_store(&s->after_commit, fn);
}

enum err
lite_acknowledged(struct sqlite_store *s)
{
	store_after_commit_fn *fn = atomic_load(&s->after_commit);

	if (fn == NULL || fn())
		return OK;
	store_lost(&s->store, "not in the backup");
	return ERR_STORE_UNAVAILABLE;
}

static enum err
failed(const char *what, const char *path, int rc, char *why)
{
	snprintf(why, 200, "%s %.120s: %s", what, path, sqlite3_errstr(rc));
	return ERR_STORE_UNAVAILABLE;
}

/* One step copies all: a copy in several steps begins again at each commit of others. */
static int
copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");

	if (b == NULL)
		return sqlite3_errcode(to);
	(void)sqlite3_backup_step(b, -1);
	return sqlite3_backup_finish(b);
}

enum err
store_copy(struct store *store, const char *path, char *why)
{
	struct sqlite_store *s = sqlite_of(store);
	struct lite from = { 0 };
	sqlite3 *to = NULL;
	int fd, rc;

	assert(s != NULL);
	if ((fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)) < 0)
		return failed("cannot make", path, SQLITE_CANTOPEN, why);
	close(fd);
	if ((rc = lite_open(&from, s->path, COPY_CACHE_KIB, COPY_TIMEOUT_MS)) != SQLITE_OK)
		return failed("cannot open", s->path, rc, why);
	from.deadline_ns = deadline_in(COPY_TIMEOUT_MS);
	rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = copy_pages(from.raw, to);
	sqlite3_close(to);
	lite_close(&from);
	return rc == SQLITE_OK ? OK : failed("cannot copy to", path, rc, why);
}

/* "ok" from PRAGMA integrity_check, or its first complaint. */
static int
check(sqlite3 *db, char *why)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt, NULL);

	if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		if (text != NULL && strcmp(text, "ok") == 0) {
			sqlite3_finalize(stmt);
			return SQLITE_OK;
		}
		snprintf(why, 200, "integrity check: %.160s", text ? text : "?");
	}
	sqlite3_finalize(stmt);
	return SQLITE_CORRUPT;
}

enum err
store_settle(const char *path, char *why)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(
		        db, "PRAGMA journal_mode=WAL; PRAGMA wal_checkpoint(TRUNCATE);", NULL, NULL, NULL);
	sqlite3_close(db);
	return rc == SQLITE_OK ? OK : failed("cannot settle", path, rc, why);
}

/* With SQLite's small cache: one of 64 MiB takes half as much CPU time again (1.2 GB database). */
enum err
store_check(const char *path, char *why)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

	why[0] = 0;
	if (rc == SQLITE_OK)
		rc = check(db, why);
	sqlite3_close(db);
	if (rc == SQLITE_OK)
		return OK;
	return why[0] ? ERR_STORE_UNAVAILABLE : failed("cannot check", path, rc, why);
}
