/* postgres.c - PostgreSQL below the door; postgres_wire.c holds its connections.
 *
 * Each thread has one connection, always in pipeline mode.  What nobody waits for
 * (BEGIN, savepoints, `later` statements, the end of a reading transaction) is only
 * queued and travels with the next statement whose result is needed: a request
 * costs as many round trips as it has questions, and one for its commit.
 *
 * When COMMIT is on its way nothing is cancelled: a lost answer is an unknown
 * outcome, told as ERR_STORE_UNAVAILABLE.  A connection lost before that has
 * written nothing, so the work may simply run again: ERR_REPLAY.
 *
 * A commit that was not replicated as the server was told to is not acknowledged:
 * it arrives as success with a warning from SyncRepWaitForLSN. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres_wire.h"
#include "sys/crypto.h"
#include "sys/log.h"

/* pg_type.h's numbers, as columns have them. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_VARCHAR = 1043
};

/* ---- aside */

/* Long enough that a standby which is away costs next to nothing, short enough to be of use soon again. */
static const uint64_t UNFIT_NS = 3000000000;

/* A URL of one host has no standby; one that numbers its hosts apart is left to libpq, which asks in order.
 */
static bool
postgres_aside_may(struct store *store)
{
	struct postgres_store *s = (struct postgres_store *)store;

	return s->host_count > 1 && clock_mono_ns() >= atomic_load(&s->unfit_until_ns);
}

static void
postgres_unfit(struct db *db)
{
	struct postgres_store *s = (struct postgres_store *)db->store;

	atomic_store(&s->unfit_until_ns, clock_mono_ns() + UNFIT_NS);
	wire_forget((struct postgres_db *)db);
}

/* ---- transactions */

static enum err
postgres_begin(struct ctx *ctx)
{
	struct postgres_db *p = wire_db(ctx);

	TRY(wire_ready(ctx));
	p->tx++;
	p->unreplicated = false;
	p->fresh = true;
	return wire_queued(
	        ctx, wire_control(p, ctx->tx->mode == TX_WRITE ? CONTROL_WRITE : CONTROL_READ, NULL));
}

/* Ends a transaction whose result is of no interest.  The sync first: behind a
 * failure the server would skip the ROLLBACK too. */
static void
end_quietly(struct ctx *ctx, enum control how)
{
	struct postgres_db *p = wire_db(ctx);

	if (p->conn == NULL)
		return;
	if ((p->unsynced && !wire_sync(p)) || !wire_control(p, how, NULL) || !wire_sync(p) ||
	        PQflush(p->conn) < 0)
		wire_forget(p);
	if (how == CONTROL_ROLLBACK)
		p->tenant_known = false;
	p->tx++; /* results that come later are not the next transaction's */
}

/* A reading that went well has nothing to undo: ending it keeps the connection's tenant. */
static void
postgres_rollback(struct ctx *ctx)
{
	bool well = ctx->tx->mode == TX_READ && !ctx->tx->failed && ctx->tx->broken == OK;

	end_quietly(ctx, well ? CONTROL_COMMIT : CONTROL_ROLLBACK);
}

static enum err
commit_answer(struct ctx *ctx, PGresult *r)
{
	struct postgres_db *p = wire_db(ctx);

	if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
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
	struct postgres_db *p = wire_db(ctx);
	PGresult *r = NULL;
	enum err err;

	if (!wire_control(p, CONTROL_COMMIT, &r))
		return wire_lost(ctx, "send");
	err = wire_settle(ctx);
	if (err == OK) {
		err = commit_answer(ctx, r);
		PQclear(r);
		return err;
	}
	PQclear(r);
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
postgres_impatient(struct ctx *ctx)
{
	return wire_queued(ctx, wire_control(wire_db(ctx), CONTROL_IMPATIENT, NULL));
}

static enum err
postgres_mark(struct ctx *ctx)
{
	return wire_queued(ctx, wire_control(wire_db(ctx), CONTROL_MARK, NULL));
}
static enum err
postgres_keep(struct ctx *ctx)
{
	return wire_queued(ctx, wire_control(wire_db(ctx), CONTROL_KEEP, NULL));
}

static enum err
postgres_undo(struct ctx *ctx)
{
	struct postgres_db *p = wire_db(ctx);

	p->tenant_known = false;
	return wire_queued(ctx, wire_control(p, CONTROL_UNDO, NULL) && wire_control(p, CONTROL_KEEP, NULL));
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

/* Of a `together` row the first column says which question it answers. */
static int
first_column(const struct stmt *stmt)
{
	return stmt->together && stmt->out != NULL ? 1 : 0;
}

static enum err
columns_fit(struct ctx *ctx, const struct stmt *stmt, const PGresult *r)
{
	const struct field *columns[COLUMNS_MAX];
	size_t n = stmt->out == NULL ? 0 : type_columns(stmt->out, columns);
	int first = first_column(stmt);

	if (wire_db(ctx)->checked[stmt->slot])
		return OK;
	if (PQnfields(r) - first != (int)n)
		return fail(
		        ctx, ERR_INTERNAL, "%s: %d columns, %zu fields", stmt->name, PQnfields(r) - first, n);
	for (int i = 0; i < (int)n; i++)
		TRY(column_fits(ctx, stmt, columns[i], PQfname(r, first + i), PQftype(r, first + i)));
	wire_db(ctx)->checked[stmt->slot] = true;
	return OK;
}

int64_t
wire_number(const char *p, int n)
{
	uint64_t v = (unsigned char)p[0] >= 0x80 && n > 1 ? UINT64_MAX : 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return (int64_t)v;
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
	default: return (struct value){ VALUE_INT, wire_number(p, n), NULL, 0 };
	}
}

static void
read_cells(const PGresult *r, int row, int first, struct value cells[static COLUMNS_MAX])
{
	int columns = PQnfields(r);

	for (int i = first; i < columns; i++)
		cells[i - first] = cell_at(r, row, i);
}

static enum err
deliver(struct ctx *ctx, const struct stmt *stmt, const PGresult *r, struct sink *sink)
{
	struct value cells[COLUMNS_MAX];
	int rows = PQntuples(r);

	TRY(columns_fit(ctx, stmt, r));
	if (stmt->rows == ROWS_ONE && rows > 1)
		rows = 1;
	if (sink->ahead != NULL && rows > 1) {
		for (int row = 0; row < rows; row++) {
			read_cells(r, row, 0, cells);
			TRY(sink->ahead(ctx, sink, cells));
		}
		TRY(sink->ahead(ctx, sink, NULL));
	}
	for (int row = 0; row < rows; row++) {
		read_cells(r, row, 0, cells);
		TRY(sink->row(ctx, sink, cells));
	}
	return OK;
}

/* The answer to one of the questions that were sent as one. */
static enum err
deliver_one(struct ctx *ctx, const struct asked *asked, struct sink *sink)
{
	struct value cells[COLUMNS_MAX];
	int row;
	const PGresult *r = ask_result(asked, &row);

	TRY(columns_fit(ctx, asked->stmt, r));
	if (row < 0)
		return OK;
	read_cells(r, row, first_column(asked->stmt), cells);
	return sink->row(ctx, sink, cells);
}

static int64_t
rows_changed(PGresult *r)
{
	int64_t n = 0;

	return str_int(str_of(PQcmdTuples(r)), &n) ? n : 0;
}

/* Also when not all could be sent: what was sent has its place on the stacks of those who wait. */
static enum err
postgres_settle(struct ctx *ctx)
{
	enum err sent = ask_send(ctx), err;

	if (sent != OK && ctx->tx->broken == OK)
		ctx->tx->broken = ERR_REPLAY;
	err = wire_settle(ctx);
	return sent != OK ? sent : err;
}

/* Side by side with others the answer comes when all of them have asked. */
static enum err
answered(struct ctx *ctx)
{
	struct tx *tx = ctx->tx;

	if (tx->abreast == NULL)
		return postgres_settle(ctx);
	abreast_wait(tx);
	return tx->broken == OK ? OK : fail(ctx, tx->broken, "one of those side by side failed");
}

static enum err
run_together(struct ctx *ctx, const struct stmt *stmt, const struct value *args, struct sink *sink)
{
	struct asked asked = { .stmt = stmt, .tenant = ctx->tenant, .args = args };
	enum err err;

	ask(wire_db(ctx), &asked);
	err = answered(ctx);
	if (err == OK)
		err = deliver_one(ctx, &asked, sink);
	ask_done(&asked);
	return err;
}

static enum err
postgres_run(struct ctx *ctx, const struct stmt *stmt, const struct value *args, struct sink *sink,
        int64_t *changed)
{
	PGresult *r = NULL;
	enum err err;

	if (stmt->together)
		return run_together(ctx, stmt, args, sink);
	if (!wire_stmt(wire_db(ctx), stmt, ctx->tenant, args, &r))
		return wire_lost(ctx, "send");
	err = answered(ctx);
	if (err != OK) {
		PQclear(r);
		return err;
	}
	assert(r != NULL);
	if (sink != NULL)
		err = deliver(ctx, stmt, r, sink);
	else
		*changed = rows_changed(r);
	PQclear(r);
	return err;
}

static enum err
postgres_queue(struct ctx *ctx, const struct stmt *stmt, const struct value *args)
{
	return wire_queued(ctx, wire_stmt(wire_db(ctx), stmt, ctx->tenant, args, NULL));
}

static enum err
postgres_queue_many(struct ctx *ctx, const struct stmt *stmt, const struct value *args, size_t n)
{
	struct value arrays[STMT_BINDS_MAX];

	for (size_t taken; n > 0; n -= taken, args += taken * stmt->bind_count) {
		taken = array_fit(stmt, args, n);
		TRY(array_pack(ctx, stmt, args, taken, arrays));
		TRY(wire_queued(ctx, wire_stmt(wire_db(ctx), stmt, ctx->tenant, arrays, NULL)));
	}
	return OK;
}

static enum err
described(struct ctx *ctx, const struct stmt *stmt)
{
	struct postgres_db *p = wire_db(ctx);
	PGresult *r = NULL;
	enum err err;

	if (!wire_describe(p, stmt, &r))
		return wire_lost(ctx, "send");
	err = wire_settle(ctx);
	if (err != OK) {
		PQclear(r);
		return err;
	}
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
	enum err err = wire_ready(&ctx);

	if (err == OK)
		err = described(&ctx, stmt);
	snprintf(why, 200, "%.199s", ctx.why);
	return err;
}

/* Several statements in one text need the simple protocol, outside the pipeline. */
static enum err
postgres_script(struct ctx *ctx, const char *text)
{
	struct postgres_db *p = wire_db(ctx);
	enum err err = OK;
	PGresult *r;

	TRY(wire_settle(ctx));
	if (PQexitPipelineMode(p->conn) != 1)
		return wire_lost(ctx, "pipeline");
	r = PQexec(p->conn, text);
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		err = wire_failed(ctx, &(struct item){ .tx = p->tx }, r);
	PQclear(r);
	if (p->conn != NULL && PQenterPipelineMode(p->conn) != 1)
		return wire_lost(ctx, "pipeline");
	return err;
}

/* ---- process level */

/* A superuser passes through every policy; everything else works, so it is only said. */
static void
check_wall(PGconn *conn)
{
	PGresult *r = PQexec(
	        conn, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user");

	if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 && PQgetvalue(r, 0, 0)[0] == 't')
		log_event(EV_WALL_OPEN);
	PQclear(r);
}

static enum err
check_server(const struct postgres_store *s, char *why)
{
	char reason[200];
	PGconn *conn = wire_connect(s, s->connect_timeout_ms, false, reason);
	enum err err = OK;

	if (conn == NULL) {
		snprintf(why, 200, "cannot use the database: %.170s", reason);
		err = ERR_STORE_UNAVAILABLE;
	} else if (PQserverVersion(conn) < POSTGRES_VERSION) {
		snprintf(why, 200, "PostgreSQL %d is too old: %d or newer is needed",
		        PQserverVersion(conn) / 10000, POSTGRES_VERSION / 10000);
		err = ERR_INVALID;
	} else {
		check_wall(conn);
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
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->seat);
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
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->seat, NULL);
	postgres_hosts(s);
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
	free(p->names);
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
	p->names = calloc(p->slots, sizeof *p->names);
	if (p->prepared == NULL || p->checked == NULL || p->names == NULL) {
		postgres_close(&p->db);
		return ERR_BUSY;
	}
	for (unsigned i = 0; i < p->slots; i++)
		snprintf(p->names[i], sizeof p->names[i], "s%u", i);
	*out = &p->db;
	return OK;
}

static enum err
postgres_open_aside(struct store *store, struct db **out)
{
	TRY(postgres_open(store, out));
	((struct postgres_db *)*out)->aside = true;
	return OK;
}

const struct engine_ops engine_postgres = {
	.engine = ENGINE_POSTGRES,
	.far = true,
	.store_open = postgres_store_open,
	.store_close = postgres_store_close,
	.open = postgres_open,
	.close = postgres_close,
	.aside_may = postgres_aside_may,
	.open_aside = postgres_open_aside,
	.unfit = postgres_unfit,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.impatient = postgres_impatient,
	.mark = postgres_mark,
	.keep = postgres_keep,
	.undo = postgres_undo,
	.run = postgres_run,
	.queue = postgres_queue,
	.queue_many = postgres_queue_many,
	.settle = postgres_settle,
	.prepare_check = postgres_prepare_check,
	.script = postgres_script,
};
