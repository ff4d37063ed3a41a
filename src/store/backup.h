/* backup.h - what a backup of the embedded database needs of the store: a consistent
 * copy, the log's path, and a say before the log begins anew. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/db.h"

/* The database's file and its log's; NULL on PostgreSQL. Lives as long as the store. */
const char *store_file(const struct store *);
const char *store_log_file(const struct store *);

/* A copy of the whole database as it is at one moment, into a new file of mode 0600,
 * page for page, so that the log's later frames fit on top.  The writer waits
 * meanwhile.  why: 200 bytes. */
enum err store_copy(struct store *, const char *path, char *why) MUST_CHECK;

/* Called in the writer's turn before the log begins anew (what is in it has been copied
 * back): false keeps the log as it is until the next time. NULL takes it away. */
typedef bool store_before_anew_fn(void *arg);
void store_before_anew(struct store *, store_before_anew_fn *, void *arg);

/* Called after each durable commit of this process, outside the writer's turn: false makes
 * the commit one that is not acknowledged (ERR_STORE_UNAVAILABLE). NULL takes it away. */
typedef bool store_after_commit_fn(void);
void store_after_commit(struct store *, store_after_commit_fn *);

/* For restores: opens the file at path (with its log beside it), lets SQLite take the
 * log in and closes it. Checks nothing: store_check is due at the end. why: 200 bytes. */
enum err store_settle(const char *path, char *why) MUST_CHECK;
/* SQLite's integrity_check of the whole database at path, tables against indexes too. why: 200 bytes. */
enum err store_check(const char *path, char *why) MUST_CHECK;

#endif
