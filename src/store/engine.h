/* engine.h - between the door (db.c) and the two engines behind it.  An engine
 * knows statements and plain values; types, sealing and promises are db.c's. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include <stdatomic.h>

#include "store/db.h"

/* One parameter or one column.  Bytes belong to whoever made the value: those of
 * a column are gone when its row function returns. */
struct value {
	enum { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB } kind;
	int64_t i;
	const void *p;
	size_t n;
};

struct key_batch;
/* Where the rows of a result go; an engine calls row for each, with as many
 * cells as the statement has columns. */
struct sink {
	enum err (*row)(struct ctx *, struct sink *, const struct value *cells);
	/* NULL, or called for all rows before row is, and then once with NULL, by an
	 * engine that has them all at hand and for which each further question is far. */
	enum err (*ahead)(struct ctx *, struct sink *, const struct value *cells);
	struct key_batch *keys;
	const struct stmt *stmt;
	void *out;
	size_t count, room;
};

enum { COLUMNS_MAX = 64 };

struct engine_ops {
	enum engine engine;
	bool far; /* an answer is a round trip: see db_abreast */
	enum err (*store_open)(const struct store_conf *, struct store **, char *why);
	void (*store_close)(struct store *);
	enum err (*open)(struct store *, struct db **);
	void (*close)(struct db *);
	/* Called with ctx->tx set; a failed begin leaves nothing to roll back. */
	enum err (*begin)(struct ctx *);
	enum err (*commit)(struct ctx *);
	/* NULL: a commit that returned is durable. */
	uint64_t (*committed)(struct store *);
	enum err (*durable)(struct store *, uint64_t upto);
	void (*rollback)(struct ctx *);
	/* May there be a standby? NULL: never. */
	bool (*aside_may)(struct store *);
	/* A connection to one, for readings alone. */
	enum err (*open_aside)(struct store *, struct db **);
	void (*unfit)(struct db *);          /* of such a connection */
	enum err (*impatient)(struct ctx *); /* NULL: it never waits for another's rows */
	enum err (*mark)(struct ctx *);
	enum err (*keep)(struct ctx *);
	enum err (*undo)(struct ctx *);
	/* sink is NULL for statements without rows; then changed counts. */
	enum err (*run)(
	        struct ctx *, const struct stmt *, const struct value *args, struct sink *, int64_t *changed);
	/* Sends a writing statement whose result nobody waits for; settle waits for all
	 * that were sent. A failure told by settle, or by any later call, cannot be
	 * laid to one request: the transaction is broken. SQLite runs it at once. */
	enum err (*queue)(struct ctx *, const struct stmt *, const struct value *args);
	/* NULL, or queues n inputs of a `together` statement; args has n times stmt->bind_count. */
	enum err (*queue_many)(struct ctx *, const struct stmt *, const struct value *args, size_t n);
	enum err (*settle)(struct ctx *);
	enum err (*prepare_check)(struct db *, const struct stmt *, char *why);
	/* Fixed text of this program with several statements: migrations only. */
	enum err (*script)(struct ctx *, const char *text);
};
extern const struct engine_ops engine_sqlite, engine_postgres;

/* First members of what each engine allocates. */
struct keys;
struct store {
	const struct engine_ops *ops;
	struct keys *keys; /* seal.c's, NULL until seal_init */
	atomic_bool lost;  /* the last operation failed for want of the database */
	int statement_timeout_ms;
};

/* ctx->tx points into its connection: a connection has one transaction at a time. */
struct tx {
	struct db *db;
	enum tx_mode mode;
	bool open;
	bool failed;     /* a statement failed: as on PostgreSQL, only db_undo or the end may follow */
	enum err broken; /* not OK: only the end may follow, and this is what all hear */
	bool key_made;   /* seal.c: a data key was made here, so none enters the cache */
	struct tx *near; /* not NULL: this one reads aside, and that is the one it stands beside */
	struct abreast *abreast; /* not NULL: one of several works side by side runs */
};
struct fresh_key;
struct db {
	struct store *store;
	struct tx tx;
	struct fresh_key *fresh; /* seal.c's: the key made last in this transaction */
	struct abreast *abreast; /* abreast.c's stacks, NULL until they are needed */
	struct db *aside;        /* to a standby, NULL until it is needed */
	int timeout_ms;          /* of its statements; 0: the store's */
};

static inline int
db_timeout_ms(const struct db *db)
{
	return db->timeout_ms ? db->timeout_ms : db->store->statement_timeout_ms;
}

/* abreast.c: the running work waits until settle has received what it asked. */
void abreast_wait(struct tx *);
void abreast_free(struct db *);

/* values.c: a statement's parameters; sealed bytes go to the arena. */
enum err values_bind(struct ctx *, const struct stmt *, const void *in,
        struct value args[static STMT_BINDS_MAX]) MUST_CHECK;
/* One row into a struct of t, zeroed first; bytes are copied to the arena. */
enum err values_read(struct ctx *, const struct type *t, const struct value *cells, void *obj) MUST_CHECK;

/* Whose key opens this row's sealed values; absent: the tenant's, or nothing is sealed. */
struct id values_owner(const struct ctx *, const struct type *t, const struct value *cells);

/* Says once in the log that the database was lost, and once that it is back. */
void store_lost(struct store *, const char *code);
void store_back(struct store *);

/* The fields that are columns, in order: lists and objects are none. */
size_t type_columns(const struct type *, const struct field **out);
/* NULL, or the name the n-th column should have had. */
const char *column_misnamed(const struct field *, const char *column);

#endif
