/* sqlite.c - SQLite below the door: transactions and statements.
 *
 * WAL: each thread reads on a connection of its own beside one writer connection
 * that all share, one at a time and in turn (turn.h); a thread may read there too.  Competing writers would
 * only slow each other; here they wait for a lock of ours, not for SQLite's.
 *
 * A commit writes the log; that it is on disk is waited for outside the writer's turn,
 * by all whose commits one sync covers (sqlite_sync.c).  Copying the log back into the
 * database is the work of a thread of its own, so that a commit rarely pays for it.
 * Nothing is memory-mapped: a failing disk must be an error, not a SIGBUS.
 *
 * A full disk or a refused write breaks the transaction, nothing of it remains,
 * and the connection is opened afresh before it is used again.
 *
 * Lock order: turn, then SQLite's own locks. */
#include "store/sqlite_conn.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	POLITE_PAUSE_US = 1000, /* after a command's commit, so that a server beside it gets its turn */
};

static struct sqlite_store *
store_of(const struct ctx *ctx)
{
	return (struct sqlite_store *)ctx->tx->db->store;
}

static bool
on_writer(const struct ctx *ctx)
{
	return ctx->tx->mode == TX_WRITE || ((const struct sqlite_db *)ctx->tx->db)->as_writer;
}

static struct lite *
conn_of(const struct ctx *ctx)
{
	if (on_writer(ctx))
		return &store_of(ctx)->writer;
	return &((struct sqlite_db *)ctx->tx->db)->reader;
}

/* ---- errors */

static enum err
err_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT: return ERR_BUSY;
	case SQLITE_CONSTRAINT:
		return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
		                       code == SQLITE_CONSTRAINT_ROWID
		               ? ERR_DUPLICATE
		               : ERR_INTERNAL;
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
	case SQLITE_MISMATCH:
	case SQLITE_SCHEMA:
	case SQLITE_TOOBIG:
	case SQLITE_AUTH: return ERR_INTERNAL;
	default: return ERR_STORE_UNAVAILABLE; /* FULL, IOERR, CANTOPEN, READONLY, CORRUPT, NOMEM, … */
	}
}

/* SQLite's texts name tables and columns, never values: they may be logged. */
static enum err
failed(struct ctx *ctx, struct lite *c, int code, const char *what)
{
	enum err err = err_of(code);

	if (err == ERR_STORE_UNAVAILABLE) {
		ctx->tx->broken = err;
		lite_lost(store_of(ctx), code);
	}
	ctx->tx->failed = true;
	if (ctx->tx->open && sqlite3_get_autocommit(c->raw) && ctx->tx->broken == OK)
		ctx->tx->broken = err;
	return fail(ctx, err, "%s: sqlite %d %s", what, code, sqlite3_errmsg(c->raw));
}

/* ---- transactions */

/* A connection that met a failing disk is closed and opened again. */
static enum err
lite_ready(struct ctx *ctx, struct lite *c)
{
	struct sqlite_store *s = store_of(ctx);
	int rc;

	if (c->raw != NULL)
		return OK;
	rc = on_writer(ctx) ? lite_open_writer(s) : lite_open_reader(c, s);
	if (rc == SQLITE_OK)
		return OK;
	lite_lost(s, rc);
	return fail(ctx, ERR_STORE_UNAVAILABLE, "open: sqlite %d", rc);
}

/* The transaction is over; a broken one leaves a connection nobody trusts. */
static void
lite_done(struct ctx *ctx, struct lite *c)
{
	if (c->raw != NULL && !sqlite3_get_autocommit(c->raw) && lite_do(c, CONTROL_ROLLBACK) != SQLITE_OK)
		ctx->tx->broken = ERR_STORE_UNAVAILABLE;
	if (ctx->tx->broken != OK)
		lite_close(c);
	if (on_writer(ctx))
		turn_give(&store_of(ctx)->turn);
}

static enum err
sqlite_begin(struct ctx *ctx)
{
	struct sqlite_store *s = store_of(ctx);
	struct lite *c = conn_of(ctx);
	uint64_t deadline = deadline_in(db_timeout_ms(ctx->tx->db));
	enum err err;
	int rc;

	if (ctx->tx->mode == TX_WRITE && s->frozen)
		return fail(ctx, ERR_STORE_UNAVAILABLE, "a backup is not written to");
	if (on_writer(ctx) && !turn_take(&s->turn, deadline))
		return fail(ctx, ERR_BUSY, "no turn on the writer's connection");
	err = lite_ready(ctx, c);
	if (err == OK) {
		c->deadline_ns = deadline;
		kept_begin(c);
		rc = lite_do(c, ctx->tx->mode == TX_WRITE ? CONTROL_WRITE : CONTROL_READ);
		if (rc == SQLITE_OK)
			return OK;
		err = failed(ctx, c, rc, "begin");
	}
	lite_done(ctx, c);
	return err;
}

/* A commit can fail when all of it stands in the log already (its index could not grow, say):
 * after a kill it would be found there and taken for committed, though its client was told that
 * nothing was written.  Another small transaction at the same place makes what is left of it
 * unreadable. */
static void
overwrite_log(struct lite *c)
{
	if (!sqlite3_get_autocommit(c->raw) && lite_do(c, CONTROL_ROLLBACK) != SQLITE_OK)
		return;
	(void)sqlite3_exec(c->raw, "PRAGMA user_version=1", NULL, NULL, NULL);
	(void)sqlite3_exec(c->raw, "PRAGMA user_version=2", NULL, NULL, NULL);
}

static enum err
sqlite_commit(struct ctx *ctx)
{
	struct sqlite_store *s = store_of(ctx);
	struct lite *c = conn_of(ctx);
	enum err err = OK;
	int rc;

	c->deadline_ns = deadline_in(db_timeout_ms(ctx->tx->db));
	rc = lite_do(c, CONTROL_COMMIT);
	if (rc != SQLITE_OK)
		err = failed(ctx, c, rc, "commit");
	if (err != OK && ctx->tx->mode == TX_WRITE)
		overwrite_log(c);
	if (err == OK && ctx->tx->mode == TX_WRITE)
		syncer_told(s);
	lite_done(ctx, c);
	if (s->beside && ctx->tx->mode == TX_WRITE)
		pause_us(POLITE_PAUSE_US);
	return err;
}

static void
sqlite_rollback(struct ctx *ctx)
{
	lite_done(ctx, conn_of(ctx));
}

static enum err
control(struct ctx *ctx, enum control what)
{
	struct lite *c = conn_of(ctx);
	int rc = lite_do(c, what);

	return rc == SQLITE_OK ? OK : failed(ctx, c, rc, control_text[what]);
}

static enum err
sqlite_mark(struct ctx *ctx)
{
	return control(ctx, CONTROL_MARK);
}
static enum err
sqlite_keep(struct ctx *ctx)
{
	return control(ctx, CONTROL_KEEP);
}

static enum err
sqlite_undo(struct ctx *ctx)
{
	TRY(control(ctx, CONTROL_UNDO));
	return control(ctx, CONTROL_KEEP);
}

/* ---- statements */

static enum err
columns_fit(struct ctx *ctx, const struct stmt *stmt, sqlite3_stmt *st)
{
	const struct field *columns[COLUMNS_MAX];
	size_t n = stmt->out == NULL ? 0 : type_columns(stmt->out, columns);

	if ((size_t)sqlite3_column_count(st) != n)
		return fail(ctx, ERR_INTERNAL, "%s: %d columns, %zu fields", stmt->name,
		        sqlite3_column_count(st), n);
	for (size_t i = 0; i < n; i++)
		if (column_misnamed(columns[i], sqlite3_column_name(st, (int)i)) != NULL)
			return fail(ctx, ERR_INTERNAL, "%s: column %zu is %s, the field %s", stmt->name,
			        i + 1, sqlite3_column_name(st, (int)i), columns[i]->name);
	if ((size_t)sqlite3_bind_parameter_count(st) != stmt->bind_count)
		return fail(ctx, ERR_INTERNAL, "%s: %d parameters, %zu bound", stmt->name,
		        sqlite3_bind_parameter_count(st), stmt->bind_count);
	if (!stmt->writes && !sqlite3_stmt_readonly(st))
		return fail(ctx, ERR_INTERNAL, "%s writes and does not say so", stmt->name);
	return OK;
}

static enum err
prepared(struct ctx *ctx, struct lite *c, const struct stmt *stmt, sqlite3_stmt **out)
{
	sqlite3_stmt *st = c->stmts[stmt->slot];
	enum err err;
	int rc;

	assert(stmt->slot < c->stmt_count);
	if (st == NULL) {
		kept_prepare(c);
		rc = sqlite3_prepare_v3(
		        c->raw, stmt->text[ENGINE_SQLITE], -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);
		if (rc != SQLITE_OK)
			return failed(ctx, c, rc, stmt->name);
		err = columns_fit(ctx, stmt, st);
		if (err != OK) {
			sqlite3_finalize(st);
			return err;
		}
		c->stmts[stmt->slot] = st;
		kept_prepared(c, stmt);
	}
	*out = st;
	return OK;
}

/* Every parameter is bound every time, and the bytes outlive the step: so SQLite
 * need not copy them, and nothing need be cleared. */
static int
bind_all(sqlite3_stmt *st, const struct value *args, size_t n)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
		const struct value *v = &args[i];
		int at = (int)i + 1;

		switch (v->kind) {
		case VALUE_NULL: rc = sqlite3_bind_null(st, at); break;
		case VALUE_INT: rc = sqlite3_bind_int64(st, at, v->i); break;
		case VALUE_TEXT:
			rc = sqlite3_bind_text64(st, at, v->p, v->n, SQLITE_STATIC, SQLITE_UTF8);
			break;
		case VALUE_BLOB: rc = sqlite3_bind_blob64(st, at, v->p, v->n, SQLITE_STATIC); break;
		}
	}
	return rc;
}

static void
read_cells(sqlite3_stmt *st, struct value *cells)
{
	int n = sqlite3_column_count(st);

	for (int i = 0; i < n; i++) {
		struct value v = { .kind = VALUE_NULL };

		switch (sqlite3_column_type(st, i)) {
		case SQLITE_INTEGER:
			v = (struct value){ VALUE_INT, sqlite3_column_int64(st, i), NULL, 0 };
			break;
		case SQLITE_TEXT:
			v = (struct value){ VALUE_TEXT, 0, sqlite3_column_text(st, i), 0 };
			v.n = (size_t)sqlite3_column_bytes(st, i);
			break;
		case SQLITE_BLOB:
			v = (struct value){ VALUE_BLOB, 0, sqlite3_column_blob(st, i), 0 };
			v.n = (size_t)sqlite3_column_bytes(st, i);
			if (v.n == 0)
				v.p = ""; /* empty is not absent */
			break;
		case SQLITE_FLOAT: v.kind = VALUE_TEXT; break; /* no column is one: misfit */
		default: break;
		}
		cells[i] = v;
	}
}

static enum err
step_rows(struct ctx *ctx, struct lite *c, const struct stmt *stmt, sqlite3_stmt *st,
        const struct value *args, struct sink *sink)
{
	struct value cells[COLUMNS_MAX];
	int rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		read_cells(st, cells);
		if (stmt->kept && ctx->tx->mode == TX_READ)
			kept_add(c, stmt, args, cells, (size_t)sqlite3_column_count(st));
		TRY(sink->row(ctx, sink, cells));
		if (stmt->rows == ROWS_ONE)
			return OK;
	}
	return rc == SQLITE_DONE ? OK : failed(ctx, c, rc, stmt->name);
}

static enum err
step_change(struct ctx *ctx, struct lite *c, const struct stmt *stmt, sqlite3_stmt *st, int64_t *changed)
{
	int rc = sqlite3_step(st);

	if (rc != SQLITE_DONE)
		return failed(ctx, c, rc, stmt->name);
	*changed = sqlite3_changes64(c->raw);
	return OK;
}

static enum err
sqlite_run(struct ctx *ctx, const struct stmt *stmt, const struct value *args, struct sink *sink,
        int64_t *changed)
{
	struct lite *c = conn_of(ctx);
	const struct value *known;
	sqlite3_stmt *st = NULL;
	enum err err;
	int rc;

	TRY(prepared(ctx, c, stmt, &st));
	kept_writes(c, stmt);
	known = sink != NULL ? kept_find(c, stmt, args) : NULL;
	if (known != NULL)
		return sink->row(ctx, sink, known);
	c->deadline_ns = deadline_in(db_timeout_ms(ctx->tx->db));
	rc = bind_all(st, args, stmt->bind_count);
	if (rc != SQLITE_OK)
		return failed(ctx, c, rc, stmt->name);
	err = sink != NULL ? step_rows(ctx, c, stmt, st, args, sink) : step_change(ctx, c, stmt, st, changed);
	sqlite3_reset(st);
	return err;
}

static enum err
sqlite_queue(struct ctx *ctx, const struct stmt *stmt, const struct value *args)
{
	int64_t changed;

	return sqlite_run(ctx, stmt, args, NULL, &changed);
}

static enum err
sqlite_settle(struct ctx *ctx)
{
	(void)ctx;
	return OK;
}

static enum err
sqlite_prepare_check(struct db *db, const struct stmt *stmt, char *why)
{
	struct tx tx = { .db = db, .mode = TX_READ };
	struct ctx ctx = { .tx = &tx };
	struct lite *c = conn_of(&ctx);
	sqlite3_stmt *st = NULL;
	enum err err = lite_ready(&ctx, c);

	if (err == OK)
		err = prepared(&ctx, c, stmt, &st);
	snprintf(why, WHY_SIZE, "%.199s", ctx.why);
	return err;
}

/* Migrations alone are scripts: they take the time they need. */
static enum err
sqlite_script(struct ctx *ctx, const char *text)
{
	struct lite *c = conn_of(ctx);
	int rc;

	c->deadline_ns = UINT64_MAX;
	kept_forget(c);
	rc = sqlite3_exec(c->raw, text, NULL, NULL, NULL);
	return rc == SQLITE_OK ? OK : failed(ctx, c, rc, "script");
}

/* ---- one thread's connections */

static enum err
sqlite_open(struct store *store, struct db **out)
{
	struct sqlite_db *db = calloc(1, sizeof *db);
	int rc;

	if (db == NULL)
		return ERR_BUSY;
	rc = lite_open_reader(&db->reader, (struct sqlite_store *)store);
	if (rc != SQLITE_OK) {
		lite_lost((struct sqlite_store *)store, rc);
		free(db);
		return ERR_STORE_UNAVAILABLE;
	}
	*out = &db->db;
	return OK;
}

void
db_read_as_writer(struct db *db)
{
	struct sqlite_db *d = (struct sqlite_db *)db;

	if (db->store->ops != &engine_sqlite || ((const struct sqlite_store *)db->store)->frozen)
		return;
	lite_close(&d->reader);
	d->as_writer = true;
}

static void
sqlite_close(struct db *db)
{
	lite_close(&((struct sqlite_db *)db)->reader);
	free(db);
}

const struct engine_ops engine_sqlite = {
	.engine = ENGINE_SQLITE,
	.store_open = lite_store_open,
	.store_close = lite_store_close,
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.committed = lite_committed,
	.durable = lite_durable,
	.rollback = sqlite_rollback,
	.mark = sqlite_mark,
	.keep = sqlite_keep,
	.undo = sqlite_undo,
	.run = sqlite_run,
	.queue = sqlite_queue,
	.settle = sqlite_settle,
	.prepare_check = sqlite_prepare_check,
	.script = sqlite_script,
};
