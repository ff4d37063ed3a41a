/* postgres_wire.h - a connection to PostgreSQL as a pipeline: what is sent without
 * waiting, and the results in their order.  Between postgres_wire.c and postgres.c. */
#ifndef STORE_POSTGRES_WIRE_H
#define STORE_POSTGRES_WIRE_H

#include <pthread.h>

#include "store/engine.h"

struct pg_conn; /* libpq's */
struct pg_result;

enum {
	ITEMS_MAX = 512, /* sent without waiting */
	/* Beyond it, all that those side by side may send before one of them looks: the tenant's
	 * setting and a statement each, with their preparing. */
	ITEMS_MARGIN = 4 * DB_ABREAST_MAX + 16,
	POSTGRES_VERSION = 130000, /* the oldest server */
	POSTGRES_HOSTS = 8,        /* of one URL */
	POSTGRES_HOST = 256,       /* a host's name */
};

/* What is said beside statements; each is prepared once like them. */
enum control {
	CONTROL_READ,
	CONTROL_WRITE,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_IMPATIENT, /* does not wait long for another's locks */
	CONTROL_MARK,
	CONTROL_KEEP,
	CONTROL_UNDO,
	CONTROL_TENANT, /* whose rows this connection may see */
	CONTROL__MAX
};

struct item {
	enum { ITEM_SYNC, ITEM_PREPARE, ITEM_RUN } kind;
	unsigned slot;
	unsigned tx;            /* which transaction of the connection it belongs to */
	bool late;              /* nobody was told of it: its failure breaks the transaction */
	struct pg_result **out; /* NULL, or where its result goes */
};

/* A row that one of several works side by side asks for; those of one statement and tenant are
 * sent as one.  Lies on the stack of the work that waits. */
struct asked {
	const struct stmt *stmt;
	struct id tenant;
	const struct value *args;
	struct answers *answers; /* NULL until it was sent; shared by all that were sent with it */
	int64_t place;           /* among them, from 1 */
};

struct postgres_store {
	struct store store;
	char *url;
	int connect_timeout_ms;
	struct {
		char name[POSTGRES_HOST], port[POSTGRES_HOST];
	} hosts[POSTGRES_HOSTS];
	unsigned host_count; /* 0: the URL as it is */
	pthread_mutex_t lock;
	pthread_cond_t seat;
	bool seeking;                    /* somebody looks for the server that was lost */
	_Atomic uint64_t unfit_until_ns; /* so long no standby is asked */
};

struct postgres_db {
	struct db db;
	struct pg_conn *conn; /* NULL: lost, or not yet made */
	unsigned tx;
	unsigned char *prepared; /* by slot, the controls behind the statements */
	unsigned char *checked;  /* by slot: the columns fit the type */
	unsigned slots;
	char (*names)[12]; /* by slot: what the server calls the statement */
	struct item items[ITEMS_MAX + ITEMS_MARGIN];
	size_t sent, read;                    /* items[read..sent) wait for their results */
	bool unsynced;                        /* something was sent after the last sync */
	bool unreplicated;                    /* the server said so of this transaction */
	bool aside;                           /* to a standby: its loss is not the database's */
	bool fresh;                           /* nothing was answered yet in this transaction */
	struct asked *asking[DB_ABREAST_MAX]; /* not sent yet */
	size_t asking_count;
	bool tenant_known; /* the connection is set to this tenant's rows */
	struct id tenant;
};

static inline struct postgres_db *
wire_db(const struct ctx *ctx)
{
	return (struct postgres_db *)ctx->tx->db;
}

/* ---- postgres_connect.c */
/* The hosts of s->url. */
void postgres_hosts(struct postgres_store *);
/* A connection to the server that takes writes, the caller finishes it; NULL: there is none,
 * and why (200 bytes) says so without secrets. again: until the time is up, not only once. */
struct pg_conn *wire_connect(const struct postgres_store *, int timeout_ms, bool again, char *why);
/* The same for a connection that is needed now; while the database is away, in turn. */
struct pg_conn *wire_seek(struct postgres_store *);
/* One to a standby, asked once; NULL: there is none. */
struct pg_conn *wire_seek_aside(const struct postgres_store *);

/* ---- postgres_array.c */
/* How many of n inputs go into one statement, at least one. */
size_t array_fit(const struct stmt *, const struct value *args, size_t n);
/* One value for each parameter of a `together` statement, holding n inputs; bytes in the arena. */
enum err array_pack(struct ctx *, const struct stmt *, const struct value *args, size_t n,
        struct value arrays[static STMT_BINDS_MAX]) MUST_CHECK;

/* ---- postgres_ask.c */
/* The question goes out with the next ask_send; both its and the args' bytes stay until then. */
void ask(struct postgres_db *, struct asked *);
/* Sends what is asked; the answers are there after wire_settle. */
enum err ask_send(struct ctx *) MUST_CHECK;
/* The result that was sent for it, and its row there, -1: none.  To be let go, also on failure. */
const struct pg_result *ask_result(const struct asked *, int *row);
void ask_done(struct asked *);

/* ---- postgres_wire.c */
/* Connects when there is no connection, or the server has closed it meanwhile. */
enum err wire_ready(struct ctx *) MUST_CHECK;
void wire_forget(struct postgres_db *);
/* The server was lost: the database, or of a connection aside only a standby. */
void wire_away(struct postgres_db *, const char *code);
/* Before COMMIT is sent nothing is written: the whole work may run again (ERR_REPLAY). */
enum err wire_lost(struct ctx *, const char *what) MUST_CHECK;
enum err wire_failed(struct ctx *, const struct item *, const struct pg_result *) MUST_CHECK;

/* false: the connection cannot take it.  out: where the result goes, NULL when nobody wants it. */
bool wire_control(struct postgres_db *, enum control, struct pg_result **out) MUST_CHECK;
bool wire_sync(struct postgres_db *) MUST_CHECK;
bool wire_stmt(struct postgres_db *, const struct stmt *, struct id tenant, const struct value *args,
        struct pg_result **out) MUST_CHECK;
bool wire_describe(struct postgres_db *, const struct stmt *, struct pg_result **out) MUST_CHECK;
/* The type a parameter is bound as; of a `together` statement that of its elements. */
unsigned wire_oid(const struct stmt *, const struct bind *);
/* A number as the server sends it: big-endian, of 8, 4 or 2 bytes with a sign, or a boolean's one. */
int64_t wire_number(const char *, int n);
/* Was it sent?  Before too many are on their way, their results are read. */
enum err wire_queued(struct ctx *, bool sent) MUST_CHECK;

/* Sync, and read the results of all that was sent into their places (`out` above), which are
 * untouched on failure; the caller clears them. */
enum err wire_settle(struct ctx *) MUST_CHECK;

#endif
