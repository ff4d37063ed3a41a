/* db.c - the promises common to both engines: transactions, parameters from the
 * input's rows and the context, results into structs, sealing on the way in and
 * opening on the way out.  It knows no engine's library. */
#include "store/engine.h"

#include <stdio.h>

#include "store/keys.h"
#include "store/seal.h"
#include "sys/log.h"
#include "sys/metrics.h"

enum { ROWS_FIRST = 32 }; /* room for a page of a list without growing */

/* ---- transactions */

enum err
db_begin(struct ctx *ctx, struct db *db, enum tx_mode mode)
{
	enum err err;

	assert(ctx->tx == NULL && !db->tx.open);
	db->tx = (struct tx){ .db = db, .mode = mode };
	ctx->tx = &db->tx;
	err = db->store->ops->begin(ctx);
	if (err != OK) {
		ctx->tx = NULL;
		return err;
	}
	db->tx.open = true;
	return OK;
}

static void
is_back(struct store *store)
{
	if (store_away(store))
		store_back(store);
}

/* The transaction is over whatever the engine says: an error means that nothing
 * was written, and the engine has rolled back. */
enum err
db_commit_early(struct ctx *ctx)
{
	struct tx *tx = ctx->tx;
	enum err err;

	assert(tx != NULL && tx->open);
	if (tx->broken != OK || tx->failed) {
		enum err why = tx->broken != OK ? tx->broken : ERR_INTERNAL;

		db_rollback(ctx);
		return fail(ctx, why, "commit of a failed transaction");
	}
	err = tx->db->store->ops->commit(ctx);
	keys_forget_fresh(tx->db);
	tx->open = false;
	ctx->tx = NULL;
	if (err == OK && tx->mode == TX_WRITE && tx->db->store->ops->durable == NULL)
		is_back(tx->db->store);
	return err;
}

enum err
db_commit(struct ctx *ctx)
{
	struct store *store = ctx->tx->db->store;
	bool wrote = ctx->tx->mode == TX_WRITE;

	TRY(db_commit_early(ctx));
	return wrote ? store_durable(store, store_committed(store)) : OK;
}

uint64_t
store_committed(struct store *store)
{
	return store->ops->committed == NULL ? 0 : store->ops->committed(store);
}

enum err
store_durable(struct store *store, uint64_t upto)
{
	if (store->ops->durable == NULL)
		return OK;
	TRY(store->ops->durable(store, upto));
	is_back(store);
	return OK;
}

void
db_rollback(struct ctx *ctx)
{
	struct tx *tx = ctx->tx;

	assert(tx != NULL && tx->open);
	tx->db->store->ops->rollback(ctx);
	keys_forget_fresh(tx->db);
	tx->open = false;
	ctx->tx = NULL;
}

/* ---- aside */

bool
db_aside_may(const struct ctx *ctx)
{
	struct store *store = ctx->tx->db->store;

	return store->ops->aside_may != NULL && store->ops->aside_may(store);
}

bool
db_aside_begin(struct ctx *ctx)
{
	struct tx *near = ctx->tx;
	struct db *db = near->db;

	assert(near->open && near->near == NULL && near->abreast == NULL);
	if (db->aside == NULL) {
		if (!db_aside_may(ctx) || db->store->ops->open_aside(db->store, &db->aside) != OK)
			return false;
		db->aside->store = db->store;
	}
	ctx->tx = NULL;
	if (db_begin(ctx, db->aside, TX_READ) != OK) {
		ctx->tx = near;
		return false;
	}
	ctx->tx->near = near;
	ctx->tx->key_made = true;
	return true;
}

void
db_aside_end(struct ctx *ctx)
{
	struct tx *near = ctx->tx->near;

	assert(near != NULL);
	db_rollback(ctx);
	ctx->tx = near;
}

void
db_aside_unfit(struct ctx *ctx)
{
	assert(ctx->tx->near != NULL);
	ctx->tx->db->store->ops->unfit(ctx->tx->db);
}

bool
db_failed(const struct ctx *ctx)
{
	return ctx->tx != NULL && (ctx->tx->failed || ctx->tx->broken != OK);
}

bool
db_broken(const struct ctx *ctx)
{
	return ctx->tx != NULL && ctx->tx->broken != OK;
}

static enum err
usable(struct ctx *ctx)
{
	assert(ctx->tx != NULL && ctx->tx->open);
	if (ctx->tx->broken != OK)
		return fail(ctx, ctx->tx->broken, "the transaction is broken");
	if (ctx->tx->failed)
		return fail(ctx, ERR_INTERNAL, "used after a failed statement, without db_undo");
	return OK;
}

enum err
db_impatient(struct ctx *ctx)
{
	TRY(usable(ctx));
	assert(ctx->tx->mode == TX_WRITE);
	return ctx->tx->db->store->ops->impatient ? ctx->tx->db->store->ops->impatient(ctx) : OK;
}

/* SQLite plans by its indexes alone, the same way in every store: with statistics no request was
 * cheaper among a million records. */
static const char *const statistics_text[ENGINE__MAX] = {
	[ENGINE_POSTGRES] = "SET LOCAL client_min_messages = error; SET LOCAL lock_timeout = '10s';"
	                    "SET LOCAL statement_timeout = 0; ANALYZE",
};

enum err
db_statistics(struct ctx *ctx, struct db *db)
{
	const char *text = statistics_text[db->store->ops->engine];
	enum err err;

	if (text == NULL)
		return OK;
	TRY(db_begin(ctx, db, TX_WRITE));
	err = db->store->ops->script(ctx, text);
	if (err == OK)
		return db_commit(ctx);
	db_rollback(ctx);
	return err;
}

enum err
db_mark(struct ctx *ctx)
{
	TRY(usable(ctx));
	return ctx->tx->db->store->ops->mark(ctx);
}

enum err
db_keep(struct ctx *ctx)
{
	TRY(usable(ctx));
	return ctx->tx->db->store->ops->keep(ctx);
}

enum err
db_undo(struct ctx *ctx)
{
	ctx->tx->failed = false;
	TRY(usable(ctx));
	keys_forget_fresh(ctx->tx->db);
	return ctx->tx->db->store->ops->undo(ctx);
}

/* ---- rows */

static enum err
row_one(struct ctx *ctx, struct sink *sink, const struct value *cells)
{
	if (sink->count++ > 0)
		return OK;
	return values_read(ctx, sink->stmt->out, cells, sink->out);
}

static enum err
list_grow(struct ctx *ctx, struct sink *sink)
{
	size_t size = sink->stmt->out->size, room = sink->room == 0 ? ROWS_FIRST : sink->room * 2;
	void *items;

	if (sink->room >= DB_ROWS_MAX)
		return fail(ctx, ERR_TOO_LARGE, "%s: more than %d rows", sink->stmt->name, DB_ROWS_MAX);
	items = arena_take(ctx->arena, room * size);
	if (items == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%s: no room for %zu rows", sink->stmt->name, room);
	if (sink->count > 0)
		memcpy(items, sink->out, sink->count * size);
	sink->out = items;
	sink->room = room;
	return OK;
}

static enum err
row_many(struct ctx *ctx, struct sink *sink, const struct value *cells)
{
	if (sink->count == sink->room)
		TRY(list_grow(ctx, sink));
	TRY(values_read(
	        ctx, sink->stmt->out, cells, (char *)sink->out + sink->count * sink->stmt->out->size));
	sink->count++;
	return OK;
}

static enum err
row_ahead(struct ctx *ctx, struct sink *sink, const struct value *cells)
{
	struct id owner = { { 0 } };

	if (cells == NULL)
		return keys_ahead(ctx, sink->keys, owner);
	owner = values_owner(ctx, sink->stmt->out, cells);
	return id_is_set(owner) ? keys_ahead(ctx, sink->keys, owner) : OK;
}

static bool
opens_patients(const struct type *t)
{
	for (size_t i = 0; t->key_field != NULL && i < t->count; i++)
		if (t->fields[i].sealed)
			return true;
	return false;
}

/* ---- the door */

/* Who cares for whom is asked of the primary alone: a relation that has just ended opens nothing any more. */
static bool
asks_for_care(const struct stmt *stmt)
{
	for (size_t i = 0; i < stmt->bind_count; i++)
		if (stmt->binds[i].from == BIND_REACH || stmt->binds[i].from == BIND_SELF)
			return true;
	return false;
}

static enum err
run(struct ctx *ctx, const struct stmt *stmt, const void *in, struct sink *sink, int64_t *changed)
{
	struct value args[STMT_BINDS_MAX];

	TRY(usable(ctx));
	if (ctx->tx->near != NULL && asks_for_care(stmt))
		return fail(ctx, ERR_INTERNAL, "%s asks for care aside", stmt->name);
	if (stmt->writes && ctx->tx->mode != TX_WRITE)
		return fail(ctx, ERR_INTERNAL, "%s writes in a reading transaction", stmt->name);
	ctx->written += stmt->writes;
	TRY(values_bind(ctx, stmt, in, args));
	if (stmt->together && stmt->later && ctx->tx->db->store->ops->queue_many != NULL)
		return ctx->tx->db->store->ops->queue_many(ctx, stmt, args, 1);
	if (stmt->later)
		return ctx->tx->db->store->ops->queue(ctx, stmt, args);
	return ctx->tx->db->store->ops->run(ctx, stmt, args, sink, changed);
}

enum err
db_run(struct ctx *ctx, const struct stmt *stmt, const void *in)
{
	int64_t changed = 0;

	assert(stmt->rows == ROWS_NONE || stmt->rows == ROWS_CHANGE);
	TRY(run(ctx, stmt, in, NULL, &changed));
	if (stmt->rows == ROWS_CHANGE && changed != 1)
		return fail(ctx, ERR_STALE, "%s changed %lld rows", stmt->name, (long long)changed);
	return OK;
}

enum err
db_count(struct ctx *ctx, const struct stmt *stmt, const void *in, int64_t *changed)
{
	int64_t n = 0;

	assert(stmt->rows == ROWS_NONE && !stmt->later);
	TRY(run(ctx, stmt, in, NULL, &n));
	*changed = n;
	return OK;
}

static enum err
run_together(struct ctx *ctx, const struct stmt *stmt, const void *ins, size_t n)
{
	struct value *args = arena_take_array(ctx->arena, sizeof *args, n * stmt->bind_count);

	if (args == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%s: no room for %zu inputs", stmt->name, n);
	for (size_t i = 0; i < n; i++)
		TRY(values_bind(
		        ctx, stmt, (const char *)ins + i * stmt->in->size, args + i * stmt->bind_count));
	return ctx->tx->db->store->ops->queue_many(ctx, stmt, args, n);
}

enum err
db_run_many(struct ctx *ctx, const struct stmt *stmt, const void *ins, size_t n)
{
	const struct engine_ops *ops;
	struct value args[STMT_BINDS_MAX];

	assert(stmt->rows == ROWS_NONE && stmt->writes && stmt->in != NULL);
	TRY(usable(ctx));
	ops = ctx->tx->db->store->ops;
	if (ctx->tx->mode != TX_WRITE)
		return fail(ctx, ERR_INTERNAL, "%s writes in a reading transaction", stmt->name);
	ctx->written++;
	if (n > 0 && stmt->together && ops->queue_many != NULL)
		return run_together(ctx, stmt, ins, n);
	for (size_t i = 0; i < n; i++) {
		TRY(values_bind(ctx, stmt, (const char *)ins + i * stmt->in->size, args));
		TRY(ops->queue(ctx, stmt, args));
	}
	return stmt->later ? OK : ops->settle(ctx);
}

enum err
db_one(struct ctx *ctx, const struct stmt *stmt, const void *in, void *out)
{
	struct sink sink = { .row = row_one, .stmt = stmt, .out = out };

	assert(stmt->rows == ROWS_ONE);
	TRY(run(ctx, stmt, in, &sink, NULL));
	if (sink.count == 0)
		return fail(ctx, ERR_NOT_FOUND, "%s: no row", stmt->name);
	return OK;
}

enum err
db_many(struct ctx *ctx, const struct stmt *stmt, const void *in, struct list *out)
{
	struct key_batch keys = { .count = 0 };
	struct sink sink = { .row = row_many, .stmt = stmt, .keys = &keys };

	assert(stmt->rows == ROWS_MANY);
	if (opens_patients(stmt->out))
		sink.ahead = row_ahead;
	TRY(run(ctx, stmt, in, &sink, NULL));
	*out = (struct list){ sink.out, sink.count };
	return OK;
}

/* ---- process level */

enum err
store_open(const struct store_conf *conf, struct store **out, char *why)
{
	const struct engine_ops *ops = NULL;
	struct store *store;

	why[0] = 0;
	if (strncmp(conf->url, "sqlite:", 7) == 0)
		ops = &engine_sqlite;
	else if (strncmp(conf->url, "postgresql://", 13) == 0 || strncmp(conf->url, "postgres://", 11) == 0)
		ops = &engine_postgres;
	if (ops == NULL) {
		snprintf(why, 200, "database_url must begin with sqlite: or postgresql://");
		return ERR_INVALID;
	}
	TRY(ops->store_open(conf, &store, why));
	store->ops = ops;
	*out = store;
	return OK;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	seal_close(store);
	store->ops->store_close(store);
}

enum engine
store_engine(const struct store *store)
{
	return store->ops->engine;
}

enum err
db_open(struct store *store, struct db **out)
{
	struct db *db;

	TRY(store->ops->open(store, &db));
	db->store = store;
	*out = db;
	return OK;
}

void
db_unhurried(struct db *db, int statement_timeout_ms)
{
	db->timeout_ms = statement_timeout_ms;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	assert(!db->tx.open);
	db_close(db->aside);
	keys_close_db(db);
	abreast_free(db);
	db->store->ops->close(db);
}

struct store *
db_store(struct db *db)
{
	return db->store;
}

enum err
db_prepare_check(struct db *db, const struct stmt *stmt, char *why)
{
	why[0] = 0;
	return db->store->ops->prepare_check(db, stmt, why);
}

static const char *
engine_name(const struct store *store)
{
	return store_engine(store) == ENGINE_SQLITE ? "sqlite" : "postgresql";
}

bool
store_away(const struct store *store)
{
	return atomic_load_explicit(&store->lost, memory_order_relaxed);
}

void
store_lost(struct store *store, const char *code)
{
	metric_add(M_STORE_ERRORS, 0, 1);
	if (!atomic_exchange(&store->lost, true))
		log_event(EV_STORE_LOST, { "engine", LOG_S(engine_name(store)) }, { "code", LOG_S(code) });
}

void
store_back(struct store *store)
{
	if (atomic_exchange(&store->lost, false))
		log_event(EV_STORE_BACK, { "engine", LOG_S(engine_name(store)) });
}
