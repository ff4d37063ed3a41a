/* sqlite_store.c - the database file and the one server on it. */
#include "store/sqlite_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_TRIES = 10, LOCK_PAUSE_US = 50000 };

/* The database is readable by its owner alone; SQLite gives the log and the shared
 * memory the database's mode. */
static enum err
file_make(const char *path, char *why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		snprintf(why, WHY_SIZE, "cannot open the database %.120s: %s", path, strerror(errno));
		return ERR_STORE_UNAVAILABLE;
	}
	close(fd);
	return OK;
}

/* PATH.lock is held by the running server: a kill -9 releases it with the process.
 * A command only looks whether somebody holds it, for an instant; so a server that
 * finds it held looks again before it believes in another. */
static enum err
lock_take(struct sqlite_store *s, bool exclusive, char *why)
{
	char name[4096];
	enum err err;

	if (snprintf(name, sizeof name, "%s.lock", s->path) >= (int)sizeof name) {
		snprintf(why, WHY_SIZE, "the database's path is too long");
		return ERR_INVALID;
	}
	err = file_lock(name, &s->lock, why);
	for (int i = 0; exclusive && err == ERR_BUSY && i < LOCK_TRIES; i++) {
		pause_us(LOCK_PAUSE_US);
		err = file_lock(name, &s->lock, why);
	}
	s->locked = err == OK;
	if (exclusive)
		return err;
	s->beside = err == ERR_BUSY;
	if (s->locked)
		file_unlock(&s->lock);
	s->locked = false;
	return s->beside ? OK : err;
}

bool
store_claim(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	char why[WHY_SIZE];

	if (store->ops != &engine_sqlite || s->locked)
		return true;
	if (lock_take(s, true, why) != OK)
		return false;
	s->beside = false;
	return true;
}

void
lite_store_close(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	copier_stop(s);
	syncer_stop(s);
	lite_close(&s->writer);
	turn_destroy(&s->turn);
	if (s->locked)
		file_unlock(&s->lock);
	free(s->path);
	free(s->log_path);
	free(s);
}

/* What stands in a log beside the file would be passed over. */
static enum err
start_frozen(const struct sqlite_store *s, char *why)
{
	struct stat st;

	if (access(s->path, R_OK) != 0) {
		snprintf(why, WHY_SIZE, "cannot read the database %.120s: %s", s->path, strerror(errno));
		return ERR_NOT_FOUND;
	}
	if (stat(s->log_path, &st) == 0 && st.st_size > 0) {
		snprintf(why, WHY_SIZE, "%.120s has a log beside it: it is in use, or was not closed",
		        s->path);
		return ERR_BUSY;
	}
	return OK;
}

static enum err
store_start(struct sqlite_store *s, bool exclusive, char *why)
{
	int rc;

	if (s->frozen)
		return start_frozen(s, why);
	TRY(file_make(s->path, why));
	TRY(lock_take(s, exclusive, why));
	rc = lite_open_writer(s);
	if (rc != SQLITE_OK) {
		snprintf(why, WHY_SIZE, "cannot open the database %.100s: %s", s->path, sqlite3_errstr(rc));
		return ERR_STORE_UNAVAILABLE;
	}
	why[0] = 0;
	return OK;
}

enum err
lite_store_open(const struct store_conf *conf, struct store **out, char *why)
{
	struct sqlite_store *s;
	enum err err;

	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* one lock less in every allocation */
	s = calloc(1, sizeof *s);
	if (s == NULL || (s->path = strdup(conf->url + strlen("sqlite:"))) == NULL ||
	        asprintf(&s->log_path, "%s-wal", s->path) < 0) {
		snprintf(why, WHY_SIZE, "out of memory");
		if (s != NULL)
			free(s->path);
		free(s);
		return ERR_BUSY;
	}
	copier_init(s);
	syncer_init(s);
	s->store.ops = &engine_sqlite;
	s->store.statement_timeout_ms = conf->statement_timeout_ms;
	s->frozen = conf->frozen;
	turn_init(&s->turn);
	err = store_start(s, conf->exclusive, why);
	if (err != OK) {
		lite_store_close(&s->store);
		return err;
	}
	*out = &s->store;
	return OK;
}
