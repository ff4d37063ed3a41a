/* postgres.c - PostgreSQL below the door; the only file that knows libpq.
 *
 * Each thread has one connection, always in pipeline mode.  What nobody waits for
 * (BEGIN, savepoints, `later` statements, the end of a reading transaction) is only
 * queued and travels with the next statement whose result is needed: a request
 * costs as many round trips as it has questions, and one for its commit.
 *
 * What was sent stands in a queue of items until its result is read; results come
 * in order.  An item that fails makes the server skip all up to the next sync.
 *
 * When COMMIT is on its way nothing is cancelled: a lost answer is an unknown
 * outcome, told as ERR_STORE_UNAVAILABLE.  A connection lost before that has
 * written nothing, so the work may simply run again: ERR_REPLAY.
 *
 * A commit that was not replicated as the server was told to is not acknowledged:
 * it arrives as success with a warning from SyncRepWaitForLSN. */
#include "store/engine.h"

#include <endian.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sys/crypto.h"
#include "sys/metrics.h"

enum {
	LOCK_TIMEOUT_MS = 500,   /* below deadlock_timeout: two batches that block each other replay soon */
	ANSWER_MARGIN_MS = 2000, /* beyond statement_timeout: then the server hangs, not the statement */
	ITEMS_MAX = 512,         /* sent without waiting */
	PAUSE_LEAST_MS = 100,    /* between attempts to connect, plus up to twice as much by chance */
	VERSION_LEAST = 130000,
};

/* pg_type.h's numbers; fixed since for ever. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_VARCHAR = 1043
};

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
/* Reading sees one moment, as on SQLite.  Writing is READ COMMITTED: statements
 * that decide by what they read say so in their WHERE or lock it. */
static const char *const control_text[CONTROL__MAX] = {
	[CONTROL_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	[CONTROL_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLLBACK] = "ROLLBACK",
	[CONTROL_MARK] = "SAVEPOINT mark",
	[CONTROL_KEEP] = "RELEASE SAVEPOINT mark",
	[CONTROL_UNDO] = "ROLLBACK TO SAVEPOINT mark",
};

struct item {
	enum { ITEM_SYNC, ITEM_PREPARE, ITEM_RUN } kind;
	unsigned slot;
	unsigned tx; /* which transaction of the connection it belongs to */
	bool late;   /* nobody was told of it: its failure breaks the transaction */
};

enum prepared { PREPARED_NOT, PREPARED_SENT, PREPARED_YES };

struct postgres_store {
	struct store store;
	char *url;
	int connect_timeout_ms;
};

struct postgres_db {
	struct db db;
	PGconn *conn; /* NULL: lost, or not yet made */
	unsigned tx;
	unsigned char *prepared; /* enum prepared by slot, the controls behind the statements */
	unsigned char *checked;  /* the columns fit the type, by slot */
	unsigned slots;
	struct item items[ITEMS_MAX + 16];
	size_t sent, read; /* items[read..sent) wait for their results */
	bool unsynced;     /* something was sent after the last sync */
	bool unreplicated; /* a notice said so */
};

static struct postgres_db *
db_of(const struct ctx *ctx)
{
	return (struct postgres_db *)ctx->tx->db;
}

/* ---- errors */

/* What the server says about what it lost; the message itself may hold values of a
 * patient and is never used. */
static enum err
err_of(const char *state)
{
	static const struct {
		const char *state;
		enum err err;
	} rows[] = {
		{ "23505", ERR_DUPLICATE }, { "40001", ERR_REPLAY }, /* serialization */
		{ "40P01", ERR_REPLAY },                             /* deadlock */
		{ "55P03", ERR_REPLAY },                             /* lock_timeout */
		{ "57014", ERR_BUSY },                               /* statement_timeout */
		{ "25006", ERR_REPLAY },                             /* a primary that was demoted */
		{ "25P03", ERR_REPLAY },                             /* idle in transaction too long */
		{ "57P", ERR_REPLAY },                               /* shutdown, crash, starting up */
		{ "08", ERR_REPLAY },                                /* connection */
		{ "53", ERR_STORE_UNAVAILABLE }, /* disk full, out of memory, too many connections */
		{ "58", ERR_STORE_UNAVAILABLE }, /* input/output */
		{ "XX", ERR_STORE_UNAVAILABLE }, /* corruption */
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strncmp(state, rows[i].state, strlen(rows[i].state)) == 0)
			return rows[i].err;
	return ERR_INTERNAL;
}

static bool
ends_connection(const char *state)
{
	return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0 ||
	       strcmp(state, "25P03") == 0;
}

static void
forget_connection(struct postgres_db *p)
{
	PQfinish(p->conn);
	p->conn = NULL;
	p->sent = p->read = 0;
	p->unsynced = false;
	memset(p->prepared, PREPARED_NOT, p->slots);
}

/* Nothing was committed: the whole work may run again. */
static enum err
connection_lost(struct ctx *ctx, const char *what)
{
	struct postgres_db *p = db_of(ctx);

	forget_connection(p);
	ctx->tx->broken = ERR_REPLAY;
	store_lost(p->db.store, what);
	return fail(ctx, ERR_REPLAY, "connection lost: %s", what);
}

static enum err
result_failed(struct ctx *ctx, const struct item *item, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE),
	           *at = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	enum err err;

	if (state == NULL)
		return connection_lost(ctx, "no answer");
	err = err_of(state);
	ctx->tx->failed = true;
	if (item->late || err == ERR_STORE_UNAVAILABLE || err == ERR_REPLAY)
		ctx->tx->broken = item->late && err == ERR_DUPLICATE ? ERR_INTERNAL : err;
	if (err == ERR_STORE_UNAVAILABLE)
		store_lost(ctx->tx->db->store, state);
	if (ends_connection(state)) {
		forget_connection(db_of(ctx));
		store_lost(ctx->tx->db->store, state);
	}
	return fail(ctx, err, "postgresql %s %s", state, at != NULL ? at : "");
}

static void
on_notice(void *arg, const PGresult *r)
{
	struct postgres_db *p = arg;
	const char *function = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);

	if (function != NULL && strcmp(function, "SyncRepWaitForLSN") == 0)
		p->unreplicated = true;
}

/* ---- connections */

/* The URL may set anything but what the program's promises rest on. */
static PGconn *
connect_once(const struct postgres_store *s)
{
	char timeout[16];
	const char *const names[] = { "application_name", "connect_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname",
		"target_session_attrs", "client_encoding", NULL };
	const char *const values[] = { "plantao", timeout, "2", "1", "2", "3000", s->url, "read-write",
		"UTF8", NULL };

	snprintf(timeout, sizeof timeout, "%d", (s->connect_timeout_ms + 999) / 1000);
	return PQconnectdbParams(names, values, 1);
}

static bool
settle_session(PGconn *conn, int statement_timeout_ms)
{
	char text[400];
	PGresult *r;
	bool ok;

	snprintf(text, sizeof text,
	        "SET statement_timeout = %d; SET lock_timeout = %d; SET idle_in_transaction_session_timeout "
	        "= 60000;"
	        "SET client_min_messages = warning; SET jit = off; SET timezone = 'UTC'; SET "
	        "synchronous_commit = "
	        "'on'",
	        statement_timeout_ms, LOCK_TIMEOUT_MS);
	r = PQexec(conn, text);
	ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	return ok;
}

static bool
connection_make(struct postgres_db *p)
{
	const struct postgres_store *s = (const struct postgres_store *)p->db.store;

	p->conn = connect_once(s);
	if (PQstatus(p->conn) == CONNECTION_OK && PQserverVersion(p->conn) >= VERSION_LEAST &&
	        settle_session(p->conn, s->store.statement_timeout_ms) && PQsetnonblocking(p->conn, 1) == 0 &&
	        PQenterPipelineMode(p->conn) == 1) {
		PQsetNoticeReceiver(p->conn, on_notice, p);
		return true;
	}
	forget_connection(p);
	return false;
}

static void
pause_by_chance(void)
{
	uint16_t chance;
	long ms;

	random_bytes(&chance, sizeof chance);
	ms = PAUSE_LEAST_MS + chance % (2 * PAUSE_LEAST_MS);
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* A server that was stopped has said so, or closed the socket, while we were idle. */
static bool
went_away(struct postgres_db *p)
{
	struct pollfd fd = { .fd = PQsocket(p->conn), .events = POLLIN };

	for (int i = 0; i < 3 && p->sent == p->read; i++) {
		if (poll(&fd, 1, 0) == 0)
			return PQstatus(p->conn) != CONNECTION_OK;
		if (PQconsumeInput(p->conn) == 0)
			return true;
		(void)PQisBusy(p->conn);
	}
	return PQstatus(p->conn) != CONNECTION_OK;
}

static enum err
connected(struct ctx *ctx)
{
	struct postgres_db *p = db_of(ctx);
	const struct postgres_store *s = (const struct postgres_store *)p->db.store;
	uint64_t deadline = clock_mono_ns() + (uint64_t)s->connect_timeout_ms * 1000000;

	if (p->conn != NULL && went_away(p))
		forget_connection(p);
	while (p->conn == NULL && !connection_make(p)) {
		if (clock_mono_ns() >= deadline) {
			store_lost(p->db.store, "connect");
			return fail(ctx, ERR_STORE_UNAVAILABLE, "cannot connect");
		}
		pause_by_chance();
	}
	return OK;
}

/* ---- sending */

static void
push(struct postgres_db *p, int kind, unsigned slot, bool late)
{
	assert(p->sent < COUNT(p->items));
	p->items[p->sent++] = (struct item){
		.kind = (typeof(p->items[0].kind))kind, .slot = slot, .tx = p->tx, .late = late
	};
	p->unsynced = kind != ITEM_SYNC;
}

/* A statement's name on the server is its slot. */
struct wire {
	const char *values[STMT_BINDS_MAX];
	int lengths[STMT_BINDS_MAX], formats[STMT_BINDS_MAX];
	int64_t numbers[STMT_BINDS_MAX];
};

static void
wire_fill(struct wire *w, const struct value *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		w->formats[i] = 1;
		switch (args[i].kind) {
		case VALUE_NULL:
			w->values[i] = NULL;
			w->lengths[i] = 0;
			break;
		case VALUE_INT:
			w->numbers[i] = (int64_t)htobe64((uint64_t)args[i].i);
			w->values[i] = (const char *)&w->numbers[i];
			w->lengths[i] = sizeof w->numbers[i];
			break;
		case VALUE_TEXT:
		case VALUE_BLOB:
			w->values[i] = args[i].p;
			w->lengths[i] = (int)args[i].n;
			break;
		}
	}
}

static Oid
oid_of(const struct stmt *stmt, const struct bind *b)
{
	if (b->from == BIND_TENANT || b->from == BIND_ACTOR || b->from == BIND_SELF)
		return OID_BYTEA;
	if (b->from != BIND_IN)
		return OID_INT8;
	if (stmt->in->fields[b->at].sealed)
		return OID_BYTEA;
	switch (stmt->in->fields[b->at].kind) {
	case KIND_ID:
	case KIND_BLOB: return OID_BYTEA;
	case KIND_TEXT:
	case KIND_JSON: return OID_TEXT;
	default: return OID_INT8;
	}
}

static bool
send_prepare(struct postgres_db *p, unsigned slot, const char *text, const Oid *oids, size_t n)
{
	char name[16];

	if (p->prepared[slot] != PREPARED_NOT)
		return true;
	snprintf(name, sizeof name, "s%u", slot);
	if (PQsendPrepare(p->conn, name, text, (int)n, oids) != 1)
		return false;
	p->prepared[slot] = PREPARED_SENT;
	push(p, ITEM_PREPARE, slot, false);
	return true;
}

static bool
send_stmt_prepare(struct postgres_db *p, const struct stmt *stmt)
{
	Oid oids[STMT_BINDS_MAX];

	if (p->prepared[stmt->slot] != PREPARED_NOT)
		return true;
	for (size_t i = 0; i < stmt->bind_count; i++)
		oids[i] = oid_of(stmt, &stmt->binds[i]);
	return send_prepare(p, stmt->slot, stmt->text[ENGINE_POSTGRES], oids, stmt->bind_count);
}

static bool
send_run(struct postgres_db *p, unsigned slot, const struct value *args, size_t n, bool late)
{
	struct wire w;
	char name[16];

	wire_fill(&w, args, n);
	snprintf(name, sizeof name, "s%u", slot);
	if (PQsendQueryPrepared(p->conn, name, (int)n, w.values, w.lengths, w.formats, 1) != 1)
		return false;
	push(p, ITEM_RUN, slot, late);
	return true;
}

static bool
send_control(struct postgres_db *p, enum control what)
{
	unsigned slot = p->slots - CONTROL__MAX + what;

	return send_prepare(p, slot, control_text[what], NULL, 0) && send_run(p, slot, NULL, 0, true);
}

static bool
send_sync(struct postgres_db *p)
{
	if (PQpipelineSync(p->conn) != 1)
		return false;
	push(p, ITEM_SYNC, 0, true);
	return true;
}

/* ---- receiving */

/* Waits until PQgetResult would not block, writing what is left to write. */
static bool
answer_ready(struct postgres_db *p, uint64_t deadline)
{
	for (;;) {
		int left = PQflush(p->conn);
		struct pollfd fd = { .fd = PQsocket(p->conn),
			.events = (short)(POLLIN | (left == 1 ? POLLOUT : 0)) };
		uint64_t now;

		if (left < 0)
			return false;
		if (PQisBusy(p->conn) == 0)
			return true;
		now = clock_mono_ns();
		if (now >= deadline || poll(&fd, 1, (int)((deadline - now) / 1000000 + 1)) == 0)
			return false;
		if (PQconsumeInput(p->conn) == 0)
			return false;
	}
}

/* The one result of an item; NULL when the connection is lost. */
static PGresult *
item_result(struct postgres_db *p, const struct item *item, uint64_t deadline)
{
	PGresult *r, *more;

	if (!answer_ready(p, deadline) || (r = PQgetResult(p->conn)) == NULL)
		return NULL;
	if (item->kind == ITEM_SYNC)
		return r;
	while (answer_ready(p, deadline) && (more = PQgetResult(p->conn)) != NULL)
		PQclear(more);
	return r;
}

static bool
result_ok(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || s == PGRES_PIPELINE_SYNC;
}

static void
note_prepared(struct postgres_db *p, const struct item *item, const PGresult *r)
{
	if (item->kind == ITEM_PREPARE)
		p->prepared[item->slot] = result_ok(r) ? PREPARED_YES : PREPARED_NOT;
}

/* Takes one result: the first failure of this transaction decides; of an earlier
 * one, that was rolled back, nobody waits. */
static enum err
take(struct ctx *ctx, const struct item *item, PGresult *r, enum err before)
{
	struct postgres_db *p = db_of(ctx);

	note_prepared(p, item, r);
	if (result_ok(r) || before != OK || item->tx != p->tx)
		return before;
	if (PQresultStatus(r) == PGRES_PIPELINE_ABORTED)
		return fail(ctx, ERR_INTERNAL, "skipped behind an earlier failure");
	return result_failed(ctx, item, r);
}

/* Reads all that was sent.  *last is the result of the last statement (the caller
 * clears it), untouched on failure. */
static enum err
receive(struct ctx *ctx, PGresult **last)
{
	struct postgres_db *p = db_of(ctx);
	uint64_t deadline = clock_mono_ns() +
	                    (uint64_t)(p->db.store->statement_timeout_ms + ANSWER_MARGIN_MS) * 1000000;
	PGresult *kept = NULL;
	enum err err = OK;

	while (p->conn != NULL && p->read < p->sent) {
		struct item item = p->items[p->read++];
		PGresult *r = item_result(p, &item, deadline);

		if (r == NULL) {
			err = connection_lost(ctx, "no answer");
			break;
		}
		err = take(ctx, &item, r, err);
		if (item.kind == ITEM_RUN) {
			PQclear(kept);
			kept = r;
		} else {
			PQclear(r);
		}
	}
	p->sent = p->read = 0;
	if (err == OK && last != NULL) {
		*last = kept;
		kept = NULL;
	}
	PQclear(kept);
	return err;
}

static enum err
sync_and_receive(struct ctx *ctx, PGresult **last)
{
	if (!send_sync(db_of(ctx)))
		return connection_lost(ctx, "send");
	return receive(ctx, last);
}

/* Sends without waiting; before too many are on their way, their results are read. */
static enum err
queued(struct ctx *ctx, bool sent)
{
	if (!sent)
		return connection_lost(ctx, "send");
	if (db_of(ctx)->sent >= ITEMS_MAX)
		return sync_and_receive(ctx, NULL);
	return OK;
}

/* ---- transactions */

static enum err
postgres_begin(struct ctx *ctx)
{
	struct postgres_db *p = db_of(ctx);

	TRY(connected(ctx));
	p->tx++;
	p->unreplicated = false;
	return queued(ctx, send_control(p, ctx->tx->mode == TX_WRITE ? CONTROL_WRITE : CONTROL_READ));
}

/* Ends a transaction whose result is of no interest.  The sync first: behind a
 * failure the server would skip the ROLLBACK too. */
static void
end_quietly(struct ctx *ctx, enum control how)
{
	struct postgres_db *p = db_of(ctx);

	if (p->conn == NULL)
		return;
	if ((p->unsynced && !send_sync(p)) || !send_control(p, how) || !send_sync(p) || PQflush(p->conn) < 0)
		forget_connection(p);
	p->tx++; /* results that come later are not the next transaction's */
}

static void
postgres_rollback(struct ctx *ctx)
{
	end_quietly(ctx, CONTROL_ROLLBACK);
}

static enum err
commit_answer(struct ctx *ctx, const PGresult *r)
{
	struct postgres_db *p = db_of(ctx);

	if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)r), "COMMIT") != 0)
		return fail(ctx, ERR_INTERNAL, "the server rolled back instead");
	if (p->unreplicated) {
		store_lost(p->db.store, "not replicated");
		return fail(ctx, ERR_STORE_UNAVAILABLE, "committed, but not replicated");
	}
	return OK;
}

static enum err
commit_write(struct ctx *ctx)
{
	struct postgres_db *p = db_of(ctx);
	uint64_t start = clock_mono_ns();
	PGresult *r = NULL;
	enum err err;

	if (!send_control(p, CONTROL_COMMIT))
		return connection_lost(ctx, "send");
	err = sync_and_receive(ctx, &r);
	if (err == OK) {
		err = commit_answer(ctx, r);
		PQclear(r);
		metric_time(M_COMMIT_SECONDS, 0, clock_mono_ns() - start);
		return err;
	}
	if (p->conn == NULL)
		return fail(ctx, ERR_STORE_UNAVAILABLE, "the outcome of a commit is unknown");
	end_quietly(ctx, CONTROL_ROLLBACK);
	return err;
}

static enum err
postgres_commit(struct ctx *ctx)
{
	if (ctx->tx->mode == TX_WRITE)
		return commit_write(ctx);
	end_quietly(ctx, CONTROL_COMMIT);
	return OK;
}

static enum err
postgres_mark(struct ctx *ctx)
{
	return queued(ctx, send_control(db_of(ctx), CONTROL_MARK));
}
static enum err
postgres_keep(struct ctx *ctx)
{
	return queued(ctx, send_control(db_of(ctx), CONTROL_KEEP));
}

static enum err
postgres_undo(struct ctx *ctx)
{
	struct postgres_db *p = db_of(ctx);

	return queued(ctx, send_control(p, CONTROL_UNDO) && send_control(p, CONTROL_KEEP));
}

/* ---- statements */

static enum err
column_fits(struct ctx *ctx, const struct stmt *stmt, const struct field *f, const char *name, Oid type)
{
	bool bytes = f->sealed || f->kind == KIND_ID || f->kind == KIND_BLOB,
	     text = f->kind == KIND_TEXT || f->kind == KIND_JSON;
	bool fits;

	if (column_misnamed(f, name) != NULL)
		return fail(ctx, ERR_INTERNAL, "%s: a column is %s, the field %s", stmt->name, name, f->name);
	if (bytes)
		fits = type == OID_BYTEA;
	else if (text)
		fits = type == OID_TEXT || type == OID_VARCHAR;
	else
		fits = type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL;
	return fits ? OK : fail(ctx, ERR_INTERNAL, "%s: column %s has type %u", stmt->name, name, type);
}

static enum err
columns_fit(struct ctx *ctx, const struct stmt *stmt, const PGresult *r)
{
	const struct field *columns[COLUMNS_MAX];
	size_t n = stmt->out == NULL ? 0 : type_columns(stmt->out, columns);

	if (db_of(ctx)->checked[stmt->slot])
		return OK;
	if ((size_t)PQnfields(r) != n)
		return fail(ctx, ERR_INTERNAL, "%s: %d columns, %zu fields", stmt->name, PQnfields(r), n);
	for (size_t i = 0; i < n; i++)
		TRY(column_fits(ctx, stmt, columns[i], PQfname(r, (int)i), PQftype(r, (int)i)));
	db_of(ctx)->checked[stmt->slot] = true;
	return OK;
}

static int64_t
number_at(const char *p, int n)
{
	uint64_t big;
	uint32_t middle;
	uint16_t small;

	switch (n) {
	case 8: memcpy(&big, p, 8); return (int64_t)be64toh(big);
	case 4: memcpy(&middle, p, 4); return (int32_t)be32toh(middle);
	case 2: memcpy(&small, p, 2); return (int16_t)be16toh(small);
	default: return *p != 0;
	}
}

static struct value
cell_at(const PGresult *r, int row, int column)
{
	const char *p = PQgetvalue(r, row, column);
	int n = PQgetlength(r, row, column);

	if (PQgetisnull(r, row, column))
		return (struct value){ .kind = VALUE_NULL };
	switch (PQftype(r, column)) {
	case OID_BYTEA: return (struct value){ VALUE_BLOB, 0, p, (size_t)n };
	case OID_TEXT:
	case OID_VARCHAR: return (struct value){ VALUE_TEXT, 0, p, (size_t)n };
	default: return (struct value){ VALUE_INT, number_at(p, n), NULL, 0 };
	}
}

static enum err
deliver(struct ctx *ctx, const struct stmt *stmt, const PGresult *r, struct sink *sink)
{
	struct value cells[COLUMNS_MAX];
	int rows = PQntuples(r), columns = PQnfields(r);

	TRY(columns_fit(ctx, stmt, r));
	if (stmt->rows == ROWS_ONE && rows > 1)
		rows = 1;
	for (int row = 0; row < rows; row++) {
		for (int i = 0; i < columns; i++)
			cells[i] = cell_at(r, row, i);
		TRY(sink->row(ctx, sink, cells));
	}
	return OK;
}

static enum err
postgres_run(struct ctx *ctx, const struct stmt *stmt, const struct value *args, struct sink *sink,
        int64_t *changed)
{
	struct postgres_db *p = db_of(ctx);
	PGresult *r = NULL;
	enum err err = OK;

	if (!send_stmt_prepare(p, stmt) || !send_run(p, stmt->slot, args, stmt->bind_count, false))
		return connection_lost(ctx, "send");
	TRY(sync_and_receive(ctx, &r));
	if (sink != NULL)
		err = deliver(ctx, stmt, r, sink);
	else
		*changed = atoll(PQcmdTuples(r));
	PQclear(r);
	return err;
}

static enum err
postgres_queue(struct ctx *ctx, const struct stmt *stmt, const struct value *args)
{
	struct postgres_db *p = db_of(ctx);

	return queued(ctx,
	        send_stmt_prepare(p, stmt) && send_run(p, stmt->slot, args, stmt->bind_count, stmt->later));
}

static enum err
postgres_settle(struct ctx *ctx)
{
	return sync_and_receive(ctx, NULL);
}

static enum err
described(struct ctx *ctx, const struct stmt *stmt)
{
	struct postgres_db *p = db_of(ctx);
	PGresult *r = NULL;
	char name[16];
	enum err err;

	snprintf(name, sizeof name, "s%u", stmt->slot);
	if (!send_stmt_prepare(p, stmt) || PQsendDescribePrepared(p->conn, name) != 1)
		return connection_lost(ctx, "send");
	push(p, ITEM_RUN, stmt->slot, false);
	TRY(sync_and_receive(ctx, &r));
	err = columns_fit(ctx, stmt, r);
	if (err == OK && (size_t)PQnparams(r) != stmt->bind_count)
		err = fail(ctx, ERR_INTERNAL, "%s: %d parameters, %zu bound", stmt->name, PQnparams(r),
		        stmt->bind_count);
	PQclear(r);
	return err;
}

static enum err
postgres_prepare_check(struct db *db, const struct stmt *stmt, char *why)
{
	struct tx tx = { .db = db, .mode = TX_READ };
	struct ctx ctx = { .tx = &tx };
	enum err err = connected(&ctx);

	if (err == OK)
		err = described(&ctx, stmt);
	snprintf(why, 200, "%.199s", ctx.why);
	return err;
}

/* Several statements in one text need the simple protocol, outside the pipeline. */
static enum err
postgres_script(struct ctx *ctx, const char *text)
{
	struct postgres_db *p = db_of(ctx);
	enum err err = OK;
	PGresult *r;

	TRY(sync_and_receive(ctx, NULL));
	if (PQexitPipelineMode(p->conn) != 1)
		return connection_lost(ctx, "pipeline");
	r = PQexec(p->conn, text);
	if (!result_ok(r))
		err = result_failed(ctx, &(struct item){ .tx = p->tx }, r);
	PQclear(r);
	if (p->conn != NULL && PQenterPipelineMode(p->conn) != 1)
		return connection_lost(ctx, "pipeline");
	return err;
}

/* ---- process level */

static void
first_line(const char *message, char *why)
{
	snprintf(why, 200, "cannot use the database: %.*s", (int)strcspn(message, "\n"), message);
}

static enum err
check_server(const struct postgres_store *s, char *why)
{
	PGconn *conn = connect_once(s);
	enum err err = OK;

	if (PQstatus(conn) != CONNECTION_OK) {
		first_line(PQerrorMessage(conn), why);
		err = ERR_STORE_UNAVAILABLE;
	} else if (PQserverVersion(conn) < VERSION_LEAST) {
		snprintf(why, 200, "PostgreSQL %d is too old: %d or newer is needed",
		        PQserverVersion(conn) / 10000, VERSION_LEAST / 10000);
		err = ERR_INVALID;
	}
	PQfinish(conn);
	return err;
}

static void
postgres_store_close(struct store *store)
{
	struct postgres_store *s = (struct postgres_store *)store;

	if (s->url != NULL)
		wipe(s->url, strlen(s->url));
	free(s->url);
	free(s);
}

static enum err
postgres_store_open(const struct store_conf *conf, struct store **out, char *why)
{
	struct postgres_store *s = calloc(1, sizeof *s);
	enum err err;

	if (s == NULL || (s->url = strdup(conf->url)) == NULL) {
		snprintf(why, 200, "out of memory");
		free(s);
		return ERR_BUSY;
	}
	s->store.ops = &engine_postgres;
	s->store.statement_timeout_ms = conf->statement_timeout_ms;
	s->connect_timeout_ms = conf->connect_timeout_ms;
	err = check_server(s, why);
	if (err != OK) {
		postgres_store_close(&s->store);
		return err;
	}
	*out = &s->store;
	return OK;
}

static void
postgres_close(struct db *db)
{
	struct postgres_db *p = (struct postgres_db *)db;

	PQfinish(p->conn);
	free(p->prepared);
	free(p->checked);
	free(p);
}

/* Connects when it is first used, so that a server can start its threads while the
 * database fails over. */
static enum err
postgres_open(struct store *store, struct db **out)
{
	struct postgres_db *p = calloc(1, sizeof *p);
	size_t count;

	(void)store;
	if (p == NULL)
		return ERR_BUSY;
	stmts_all(&count);
	p->slots = (unsigned)count + SLOTS_SPARE + CONTROL__MAX;
	p->prepared = calloc(p->slots, 1);
	p->checked = calloc(p->slots, 1);
	if (p->prepared == NULL || p->checked == NULL) {
		postgres_close(&p->db);
		return ERR_BUSY;
	}
	*out = &p->db;
	return OK;
}

const struct engine_ops engine_postgres = {
	.engine = ENGINE_POSTGRES,
	.store_open = postgres_store_open,
	.store_close = postgres_store_close,
	.open = postgres_open,
	.close = postgres_close,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.mark = postgres_mark,
	.keep = postgres_keep,
	.undo = postgres_undo,
	.run = postgres_run,
	.queue = postgres_queue,
	.settle = postgres_settle,
	.prepare_check = postgres_prepare_check,
	.script = postgres_script,
};
