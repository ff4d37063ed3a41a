/* sqlite_conn.h - connections to one SQLite database, and the copying of its log; between
 * the files sqlite*.c. */
#ifndef STORE_SQLITE_CONN_H
#define STORE_SQLITE_CONN_H

#include <pthread.h>

#include "store/backup.h"
#include "store/engine.h"
#include "store/turn.h"
#include "sys/files.h"

struct sqlite3; /* SQLite's */
struct sqlite3_stmt;

/* What every connection can be told, prepared once. */
enum control {
	CONTROL_READ,
	CONTROL_WRITE,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_MARK,
	CONTROL_KEEP,
	CONTROL_UNDO,
	CONTROL__MAX
};
extern const char *const control_text[CONTROL__MAX];

struct lite {
	struct sqlite3 *raw; /* NULL: to be opened before use */
	struct sqlite3_stmt *control[CONTROL__MAX];
	struct sqlite3_stmt **stmts; /* by slot; NULL until first used */
	size_t stmt_count;
	uint64_t deadline_ns; /* for its locks and its statement */
	struct kept *kept;    /* rows that are remembered; NULL: none are */
};

/* Copies the log back into the database, in a thread of its own. */
struct copier {
	struct lite conn;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards the rest */
	pthread_cond_t wake;
	int frames; /* of the log, when it is long enough; else 0 */
	bool stopping, running;
	store_before_anew_fn *before_anew; /* asked before the log begins anew */
	void *before_anew_arg;
};

/* Brings what was committed to the disk, for all that wait at once (sqlite_sync.c). */
struct syncer {
	_Atomic uint64_t committed; /* counted in the writer's turn */
	pthread_mutex_t mutex;      /* guards the rest */
	pthread_cond_t done;
	uint64_t durable;           /* all commits up to this one are on disk */
	uint64_t refused, refusals; /* the last sync that was refused was to cover this; how many were */
	bool busy;                  /* a thread syncs; conn and doubtful are its own meanwhile */
	bool doubtful; /* a sync was refused: the kernel may have dropped what it could not write */
	struct lite conn;
};

struct sqlite_store {
	struct store store;
	char *path, *log_path;
	struct file_lock lock; /* the server's */
	bool locked;
	bool beside;      /* a command next to a running server */
	bool frozen;      /* read-only; there is no writer */
	struct turn turn; /* guards writer */
	struct lite writer;
	struct copier copier;
	struct syncer syncer;
	_Atomic(store_after_commit_fn *) after_commit; /* NULL: a commit is acknowledged at once */
};

struct sqlite_db {
	struct db db;
	struct lite reader; /* closed while it reads as the writer */
	bool as_writer;     /* see db_read_as_writer */
};

enum err lite_store_open(const struct store_conf *, struct store **, char *why) MUST_CHECK;
void lite_store_close(struct store *);

/* SQLite's result codes; a connection that could not be opened is closed all the same. */
int lite_open(struct lite *, const char *path, int cache_kib, int timeout_ms) MUST_CHECK;
int lite_open_reader(struct lite *, const struct sqlite_store *) MUST_CHECK;
int lite_open_writer(struct sqlite_store *) MUST_CHECK;
void lite_close(struct lite *);
int lite_do(struct lite *, enum control) MUST_CHECK;
/* SQLite said this, and the database cannot be used. */
void lite_lost(struct sqlite_store *, int code);

/* Its thread is made when it has something to do, and again after a rest. */
void copier_init(struct sqlite_store *);
void copier_rest(struct sqlite_store *);
void copier_stop(struct sqlite_store *);
/* After each commit: how long the log has become. */
void copier_told(struct sqlite_store *, int frames);

void syncer_init(struct sqlite_store *);
void syncer_stop(struct sqlite_store *);
/* In the writer's turn: one more commit is in the log. */
void syncer_told(struct sqlite_store *);
uint64_t lite_committed(struct store *);
enum err lite_durable(struct store *, uint64_t upto) MUST_CHECK;

/* After a durable commit: is that enough? The backup may want it first (store_after_commit). */
enum err lite_acknowledged(struct sqlite_store *) MUST_CHECK;

/* sqlite_kept.c; without rows remembered nothing happens. Around each preparation: */
void kept_prepare(struct lite *);
void kept_prepared(struct lite *, const struct stmt *);
/* Before a transaction, before a statement, and after what no statement has told of: */
void kept_begin(struct lite *);
void kept_writes(struct lite *, const struct stmt *);
void kept_forget(struct lite *);
/* The cells of a kept statement's row, until the next call; NULL: to be read. */
const struct value *kept_find(struct lite *, const struct stmt *, const struct value *args);
/* In a reading transaction, after a kept_find that found nothing. */
void kept_add(struct lite *, const struct stmt *, const struct value *args, const struct value *cells,
        size_t cells_n);
int kept_open(struct lite *) MUST_CHECK; /* SQLite's result codes */
void kept_close(struct lite *);

uint64_t deadline_in(int ms);
void pause_us(long us);

#endif
