/* postgres_wire.c - connections, sending and receiving; with postgres.c the only file
 * that knows libpq.
 *
 * What was sent stands in a queue of items until its result is read; results come in
 * order.  An item that fails makes the server skip all up to the next sync. */
#include "store/postgres_wire.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>

#include "sys/crypto.h"

enum {
	IDLE_TIMEOUT_MS = 60000, /* in a transaction */
	LOCK_TIMEOUT_MS = 500,   /* below deadlock_timeout: two that block each other replay soon */
	ANSWER_MARGIN_MS = 2000, /* beyond statement_timeout: then the server hangs, not the statement */
	FIRST_ASIDE_MS = 1000,   /* a standby's first answer, which is small: then it hangs */
};

/* Reading sees one moment, as on SQLite.  Writing is READ COMMITTED: statements
 * that decide by what they read say so in their WHERE or lock it. */
static const char *const control_text[CONTROL__MAX] = {
	[CONTROL_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	[CONTROL_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLLBACK] = "ROLLBACK",
	[CONTROL_IMPATIENT] = "SET LOCAL lock_timeout = 50",
	[CONTROL_MARK] = "SAVEPOINT mark",
	[CONTROL_KEEP] = "RELEASE SAVEPOINT mark",
	[CONTROL_UNDO] = "ROLLBACK TO SAVEPOINT mark",
	[CONTROL_TENANT] = "SELECT set_config('plantao.tenant', $1, false)",
};

/* pg_type.h's numbers, as they are bound. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };
static const struct {
	Oid one, many;
} array_oids[] = { { OID_BYTEA, 1001 }, { OID_INT8, 1016 }, { OID_TEXT, 1009 } };

enum prepared { PREPARED_NOT, PREPARED_SENT, PREPARED_YES };

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

void
wire_forget(struct postgres_db *p)
{
	PQfinish(p->conn);
	p->conn = NULL;
	p->sent = p->read = 0;
	p->unsynced = p->tenant_known = false;
	memset(p->prepared, PREPARED_NOT, p->slots);
}

void
wire_away(struct postgres_db *p, const char *code)
{
	if (p->aside)
		p->db.store->ops->unfit(&p->db);
	else
		store_lost(p->db.store, code);
}

/* Nothing was committed: the whole work may run again. */
enum err
wire_lost(struct ctx *ctx, const char *what)
{
	struct postgres_db *p = wire_db(ctx);

	wire_forget(p);
	ctx->tx->broken = ERR_REPLAY;
	wire_away(p, what);
	return fail(ctx, ERR_REPLAY, "connection lost: %s", what);
}

enum err
wire_failed(struct ctx *ctx, const struct item *item, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE),
	           *at = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	enum err err;

	if (state == NULL)
		return wire_lost(ctx, "no answer");
	err = err_of(state);
	ctx->tx->failed = true;
	wire_db(ctx)->tenant_known = false;
	if (item->late || err == ERR_STORE_UNAVAILABLE || err == ERR_REPLAY)
		ctx->tx->broken = item->late && err == ERR_DUPLICATE ? ERR_INTERNAL : err;
	if (err == ERR_STORE_UNAVAILABLE)
		wire_away(wire_db(ctx), state);
	if (ends_connection(state)) {
		wire_forget(wire_db(ctx));
		wire_away(wire_db(ctx), state);
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

/* A plan is made once and kept.  One made while a table was small would read the whole of it ever after:
 * it is found by an index from the beginning, where there is one. */
static bool
settle_session(PGconn *conn, int statement_timeout_ms)
{
	char text[400];
	PGresult *r;
	bool ok;

	snprintf(text, sizeof text,
	        "SET statement_timeout = %d; SET lock_timeout = %d; SET idle_in_transaction_session_timeout "
	        "= %d;"
	        "SET client_min_messages = warning; SET jit = off; SET plan_cache_mode = force_generic_plan; "
	        "SET enable_seqscan = off; SET timezone = 'UTC'; SET synchronous_commit = 'on'",
	        statement_timeout_ms, LOCK_TIMEOUT_MS,
	        statement_timeout_ms > IDLE_TIMEOUT_MS ? statement_timeout_ms : IDLE_TIMEOUT_MS);
	r = PQexec(conn, text);
	ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	return ok;
}

static bool
connection_make(struct postgres_db *p)
{
	struct postgres_store *s = (struct postgres_store *)p->db.store;

	p->conn = p->aside ? wire_seek_aside(s) : wire_seek(s);
	if (p->conn != NULL && PQserverVersion(p->conn) >= POSTGRES_VERSION &&
	        settle_session(p->conn, db_timeout_ms(&p->db)) && PQsetnonblocking(p->conn, 1) == 0 &&
	        PQenterPipelineMode(p->conn) == 1) {
		PQsetNoticeReceiver(p->conn, on_notice, p);
		return true;
	}
	wire_forget(p);
	return false;
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

enum err
wire_ready(struct ctx *ctx)
{
	struct postgres_db *p = wire_db(ctx);

	if (p->conn != NULL && went_away(p))
		wire_forget(p);
	if (p->conn != NULL || connection_make(p))
		return OK;
	wire_away(p, "connect");
	return fail(ctx, ERR_STORE_UNAVAILABLE, "cannot connect");
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
	unsigned char numbers[STMT_BINDS_MAX][8];
};

static void
put_number(unsigned char out[static 8], int64_t v)
{
	for (int i = 0; i < 8; i++)
		out[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
}

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
			put_number(w->numbers[i], args[i].i);
			w->values[i] = (const char *)w->numbers[i];
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

unsigned
wire_oid(const struct stmt *stmt, const struct bind *b)
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

static Oid
array_of(Oid one)
{
	for (size_t i = 0; i < COUNT(array_oids); i++)
		if (array_oids[i].one == one)
			return array_oids[i].many;
	assert(false && "a type without arrays");
	return 0;
}

static bool
send_prepare(struct postgres_db *p, unsigned slot, const char *text, const Oid *oids, size_t n)
{
	if (p->prepared[slot] != PREPARED_NOT)
		return true;
	if (PQsendPrepare(p->conn, p->names[slot], text, (int)n, oids) != 1)
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
		oids[i] = stmt->together ? array_of(wire_oid(stmt, &stmt->binds[i]))
		                         : wire_oid(stmt, &stmt->binds[i]);
	return send_prepare(p, stmt->slot, stmt->text[ENGINE_POSTGRES], oids, stmt->bind_count);
}

static bool
send_run(struct postgres_db *p, unsigned slot, const struct value *args, size_t n, bool late, PGresult **out)
{
	struct wire w;

	wire_fill(&w, args, n);
	if (PQsendQueryPrepared(p->conn, p->names[slot], (int)n, w.values, w.lengths, w.formats, 1) != 1)
		return false;
	push(p, ITEM_RUN, slot, late);
	p->items[p->sent - 1].out = out;
	return true;
}

static unsigned
control_slot(const struct postgres_db *p, enum control what)
{
	return p->slots - CONTROL__MAX + what;
}

bool
wire_control(struct postgres_db *p, enum control what, PGresult **out)
{
	unsigned slot = control_slot(p, what);

	return send_prepare(p, slot, control_text[what], NULL, 0) && send_run(p, slot, NULL, 0, true, out);
}

/* A setting of the connection, not of the transaction: most connections serve one
 * tenant for a long time.  What rolls back may take it back: then it is unknown. */
static bool
send_tenant(struct postgres_db *p, struct id tenant)
{
	unsigned slot = control_slot(p, CONTROL_TENANT);
	char hex[2 * sizeof tenant.b + 1];
	Oid text = OID_TEXT;
	struct value arg = { VALUE_TEXT, 0, hex, sizeof hex - 1 };

	if (p->tenant_known && id_eq(p->tenant, tenant))
		return true;
	hex_print(tenant.b, sizeof tenant.b, hex);
	p->tenant = tenant;
	p->tenant_known = true;
	return send_prepare(p, slot, control_text[CONTROL_TENANT], &text, 1) &&
	       send_run(p, slot, &arg, 1, true, NULL);
}

bool
wire_stmt(struct postgres_db *p, const struct stmt *stmt, struct id tenant, const struct value *args,
        PGresult **out)
{
	if (stmt->tenant && !send_tenant(p, tenant))
		return false;
	return send_stmt_prepare(p, stmt) &&
	       send_run(p, stmt->slot, args, stmt->bind_count, stmt->later, out);
}

bool
wire_describe(struct postgres_db *p, const struct stmt *stmt, PGresult **out)
{
	if (!send_stmt_prepare(p, stmt) || PQsendDescribePrepared(p->conn, p->names[stmt->slot]) != 1)
		return false;
	push(p, ITEM_RUN, stmt->slot, false);
	p->items[p->sent - 1].out = out;
	return true;
}

bool
wire_sync(struct postgres_db *p)
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
	struct postgres_db *p = wire_db(ctx);

	note_prepared(p, item, r);
	if (result_ok(r) || before != OK || item->tx != p->tx)
		return before;
	if (PQresultStatus(r) == PGRES_PIPELINE_ABORTED)
		return fail(ctx, ERR_INTERNAL, "skipped behind an earlier failure");
	return wire_failed(ctx, item, r);
}

/* A failure of one of several side by side is one of all that have not ended: they run again, one by one. */
static void
break_all(struct ctx *ctx, enum err err)
{
	if (ctx->tx->abreast != NULL && err != OK)
		ctx->tx->broken = ERR_REPLAY;
}

static int
patience_ms(const struct postgres_db *p)
{
	return p->aside && p->fresh ? FIRST_ASIDE_MS : db_timeout_ms(&p->db) + ANSWER_MARGIN_MS;
}

/* Reads all that was sent.  Each result goes where its statement wanted it, untouched on
 * failure; the caller clears it. */
static enum err
receive(struct ctx *ctx)
{
	struct postgres_db *p = wire_db(ctx);
	uint64_t deadline = clock_mono_ns() + (uint64_t)patience_ms(p) * 1000000;
	enum err err = OK;

	while (p->conn != NULL && p->read < p->sent) {
		struct item item = p->items[p->read++];
		PGresult *r = item_result(p, &item, deadline);

		if (r == NULL) {
			err = wire_lost(ctx, "no answer");
			break;
		}
		err = take(ctx, &item, r, err);
		if (err == OK && item.out != NULL)
			*item.out = r;
		else
			PQclear(r);
	}
	p->sent = p->read = 0;
	p->fresh = false;
	break_all(ctx, err);
	return err;
}

enum err
wire_settle(struct ctx *ctx)
{
	if (!wire_sync(wire_db(ctx)))
		return wire_lost(ctx, "send");
	return receive(ctx);
}

/* Sends without waiting; before too many are on their way, their results are read. */
enum err
wire_queued(struct ctx *ctx, bool sent)
{
	if (!sent)
		return wire_lost(ctx, "send");
	if (wire_db(ctx)->sent >= ITEMS_MAX)
		return wire_settle(ctx);
	return OK;
}
