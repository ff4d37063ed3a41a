/* db.h - the only door to SQL.  Callers name a statement that was compiled into
 * the program (x.sql -> gen/x_sql.h by tools/sqlgen.py); there is no way to hand
 * over text at run time.  sqlite.c and postgres.c stand behind it.
 *
 * Times rest as BIGINT milliseconds, days as BIGINT days since 1970, booleans as
 * BIGINT 0/1, ids as 16 bytes, text as TEXT, sealed text as bytes. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/type.h"

enum engine { ENGINE_SQLITE, ENGINE_POSTGRES, ENGINE__MAX };

/* What a statement promises; db.c turns a broken promise into an error, so no
 * caller counts rows. */
enum rows {
	ROWS_NONE,   /* any number of rows changed */
	ROWS_CHANGE, /* exactly one row changed, else ERR_STALE */
	ROWS_ONE,    /* one row, else ERR_NOT_FOUND */
	ROWS_MANY,   /* a list, possibly empty */
};

/* Where a parameter's value comes from.  The context's own are bound by the
 * door, so no feature can name another tenant or a wider reach. */
enum bind_from { BIND_IN, BIND_TENANT, BIND_ACTOR, BIND_REACH, BIND_SELF, BIND_NOW };

struct bind {
	enum bind_from from;
	unsigned char at; /* index into stmt.in->fields for BIND_IN */
};

enum { STMT_BINDS_MAX = 40 };

struct stmt {
	const char *name;
	enum rows rows;
	bool writes;
	bool tenant;   /* it mentions :tenant: PostgreSQL's second wall is put up for it */
	bool kept;     /* its row is asked for again and again: SQLite may remember it until a
	                * table it reads is written */
	bool together; /* on PostgreSQL each parameter is an array: of db_run_many's inputs, or of a
	                * row's (ROWS_ONE) that several works side by side ask for */
	bool later;    /* its failure may be told by a later statement or the commit, which
	                * saves PostgreSQL a round trip; only for what fails by our fault alone */
	const char *text[ENGINE__MAX];
	const struct bind *binds; /* one per ?N / $N, in order */
	size_t bind_count;
	const struct type *in;  /* NULL when nothing is taken; .sealed fields are sealed while
	                         * binding: in->table, row_field and key_field say the place */
	const struct type *out; /* NULL unless ROWS_ONE or ROWS_MANY; .sealed fields are opened */
	unsigned slot;          /* dense number, index of each connection's prepared statements */
};

struct store; /* one database, shared by all threads */
struct db;    /* one thread's connection(s) to it */

/* Begin modes.  On SQLite TX_WRITE waits for the one writer lock, in turn. */
enum tx_mode { TX_READ, TX_WRITE };

/* What may come out of any call below: ERR_STORE_UNAVAILABLE (nothing can be read
 * or written now), ERR_BUSY (no turn or no time left), ERR_REPLAY (a conflict with
 * another transaction: roll back and run the whole work again), ERR_DUPLICATE (a
 * unique key), ERR_INTERNAL (our own fault). */
enum err db_begin(struct ctx *, struct db *, enum tx_mode) MUST_CHECK;
/* Durable when it returns OK; on any error nothing was written, only that ERR_STORE_UNAVAILABLE
 * may also be an unknown outcome (PostgreSQL: after a sent COMMIT, or of one that was not copied as
 * it must be; SQLite: the disk refused the sync), which is why unsafe calls carry idempotency
 * keys. */
enum err db_commit(struct ctx *) MUST_CHECK;
/* As db_commit, only that what was written may still be on its way to the disk: nobody may hear of it
 * before store_durable has said OK.  For a thread that has better to do than to wait. */
enum err db_commit_early(struct ctx *) MUST_CHECK;
void db_rollback(struct ctx *);
/* The writing transaction that has just begun is that of many works: where another transaction
 * holds what it wants it gives up soon (ERR_REPLAY), instead of making them all wait. */
enum err db_impatient(struct ctx *) MUST_CHECK;
/* One request's share of a shared transaction: mark, then keep or undo. */
enum err db_mark(struct ctx *) MUST_CHECK;
enum err db_keep(struct ctx *) MUST_CHECK;
enum err db_undo(struct ctx *) MUST_CHECK;
/* A statement failed: as PostgreSQL has it, nothing more is done in this
 * transaction until db_undo, db_rollback or db_commit (which then fails). Broken
 * promises (ERR_NOT_FOUND, ERR_STALE) and a full arena are no such failure. */
bool db_failed(const struct ctx *);
/* Not even db_undo helps: the connection or the whole transaction was lost, or a
 * `later` statement failed and no one knows whose it was. */
bool db_broken(const struct ctx *);

/* Behind much that was written at once, outside a transaction: PostgreSQL's planner takes its statistics
 * of every table anew, else it plans for the tables as they were until its own turn comes. On SQLite nothing.
 */
enum err db_statistics(struct ctx *, struct db *) MUST_CHECK;

/* Used through the typed one-line calls that sqlgen writes (sql_patient_get…). */
enum err db_run(struct ctx *, const struct stmt *, const void *in) MUST_CHECK;
/* Like db_run for ROWS_NONE, and says how many rows changed. */
enum err db_count(struct ctx *, const struct stmt *, const void *in, int64_t *changed) MUST_CHECK;
enum err db_one(struct ctx *, const struct stmt *, const void *in, void *out) MUST_CHECK;
/* Rows into one arena array of stmt->out->size each; at most DB_ROWS_MAX. */
enum err db_many(struct ctx *, const struct stmt *, const void *in, struct list *out) MUST_CHECK;
enum { DB_ROWS_MAX = 100000 };
/* Many inputs of one ROWS_NONE write, one after another in memory: one
 * round trip on PostgreSQL. All or none: after an error undo or roll back. */
enum err db_run_many(struct ctx *, const struct stmt *, const void *ins, size_t n) MUST_CHECK;

/* Runs work(arg, 0) to work(arg, n - 1) of the current transaction, each with a ctx of its own.
 * On PostgreSQL side by side: while one waits for an answer the others run, and what they all ask is
 * one round trip. So none may rely on another's being before or behind it. A statement that fails breaks
 * the transaction for all that have not ended: they hear ERR_REPLAY, roll back and run one by one. */
typedef void db_piece_fn(void *arg, size_t i);
enum { DB_ABREAST_MAX = 64 };
void db_abreast(struct ctx *, size_t n, db_piece_fn *work, void *arg);

/* A reading whose answer may be a little old: until db_aside_end the statements go to a standby, in a reading
 * transaction of its own beside the one that is open. false: nothing has changed, as there is no standby (one
 * host, the embedded database) or it was not fit a moment ago. How old what it says is, is asked by the
 * caller. Data keys that are read there are not remembered: they may be destroyed meanwhile. */
bool db_aside_begin(struct ctx *) MUST_CHECK;
bool db_aside_may(const struct ctx *); /* else the next begin is in vain: asks nobody */
void db_aside_end(struct ctx *);
/* It may say old things from now on (it does not follow any more): not used again for a while. */
void db_aside_unfit(struct ctx *);

/* ---- process level */
struct store_conf {
	const char *url; /* sqlite:PATH or postgresql://… (several hosts allowed) */
	int connect_timeout_ms;
	int statement_timeout_ms; /* also the longest wait for the writer's turn */
	/* SQLite: this process is the server and refuses a second one on the same file;
	 * commands leave it false and work beside a running server. */
	bool exclusive;
	/* SQLite: a backup's file, which nothing else uses: read and never written, and nothing
	 * is made beside it. */
	bool frozen;
};
/* why (200 bytes) says what is wrong for a person, without secrets. */
enum err store_open(const struct store_conf *, struct store **, char *why) MUST_CHECK;
/* The same PostgreSQL database and role as url's, on a server that listens in a directory
 * (port 5432, no password): a restored copy. ERR_INVALID: url is none, or room is too small. */
enum err store_url_copy(const char *url, const char *socket_dir, char *out, size_t room) MUST_CHECK;
/* A successor opened without exclusive takes the server's lock once its predecessor has let
 * it go; true when it holds it (always, on PostgreSQL). */
bool store_claim(struct store *);
/* The last operation failed for want of the database, and none has succeeded since. */
bool store_away(const struct store *);
/* What was committed up to this moment, or read from such a commit, as a number for store_durable. */
uint64_t store_committed(struct store *);
/* Waits until all commits up to this one are on disk; threads that wait together share a sync.
 * ERR_STORE_UNAVAILABLE: nobody knows whether they are. On PostgreSQL the commit has waited. */
enum err store_durable(struct store *, uint64_t upto) MUST_CHECK;
/* Ends the store's own threads; they are made again when they have something to do. */
void store_rest(struct store *);
void store_close(struct store *); /* every db closed before; NULL is fine */
enum engine store_engine(const struct store *);
enum err db_open(struct store *, struct db **) MUST_CHECK;
/* Statements of this connection may take so long instead, for work that nobody waits for;
 * before its first use. */
void db_unhurried(struct db *, int statement_timeout_ms);
/* This thread does most of the reading and the writing: it reads in the writer's turn and on the
 * writer's connection, whose pages stay warm over a commit (any other connection's are dropped
 * by it). Nobody else writes meanwhile. Embedded database only; on PostgreSQL nothing changes. */
void db_read_as_writer(struct db *);
void db_close(struct db *); /* NULL is fine */
struct store *db_store(struct db *);

/* All statements of the program, for "every statement prepares on both engines". */
const struct stmt *const *stmts_all(size_t *count);
enum { SLOTS_SPARE = 64 }; /* of each connection, for statements that a test brings along */
enum err db_prepare_check(struct db *, const struct stmt *, char *why) MUST_CHECK;

#endif
