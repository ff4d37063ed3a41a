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

/* The transaction is over whatever the engine says: an error means that nothing
 * was written, and the engine has rolled back. */
enum err
db_commit(struct ctx *ctx)
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
	if (err == OK && tx->mode == TX_WRITE &&
	        atomic_load_explicit(&tx->db->store->lost, memory_order_relaxed))
		store_back(tx->db->store);
	return err;
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

/* ---- parameters */

static struct value
value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .i = i };
}

static struct value
value_bytes(int kind, const void *p, size_t n)
{
	if (p == NULL)
		return (struct value){ VALUE_NULL, 0, NULL, 0 };
	return (struct value){ (typeof(((struct value *)0)->kind))kind, 0, p, n };
}

static struct value
value_id(const struct id *id)
{
	return value_bytes(VALUE_BLOB, id_is_set(*id) ? id->b : NULL, sizeof id->b);
}

/* Where a type's sealed values rest and whose key opens them. */
struct seat {
	struct place place;
	struct id owner;
};

static struct id
id_named(const struct type *t, const char *name, const void *obj)
{
	const struct field *f = type_field(t, name);

	assert(f != NULL && f->kind == KIND_ID);
	return *(const struct id *)field_at(f, obj);
}

static struct seat
seat_of(const struct type *t, const void *obj)
{
	struct seat seat = { .place = { .table = t->table } };

	assert(t->table != NULL && t->row_field != NULL);
	seat.place.row = id_named(t, t->row_field, obj);
	if (t->key_field != NULL)
		seat.owner = id_named(t, t->key_field, obj);
	return seat;
}

static enum err
value_sealed(struct ctx *ctx, const struct type *t, const struct field *f, const void *in, struct value *out)
{
	struct seat seat = seat_of(t, in);
	char day[DATE_TEXT + 1];
	struct str plain = { NULL, 0 };
	struct blob sealed;

	seat.place.column = f->name;
	if (f->kind == KIND_DATE) {
		const struct date *date = field_at(f, in);

		if (date_is_set(*date)) {
			date_print(*date, day);
			plain = (struct str){ day, DATE_TEXT };
		}
	} else {
		assert(f->kind == KIND_TEXT);
		plain = *(const struct str *)field_at(f, in);
	}
	TRY(seal(ctx, seat.owner, &seat.place, plain, &sealed));
	*out = value_bytes(VALUE_BLOB, sealed.p, sealed.n);
	return OK;
}

static struct value
value_plain(const struct field *f, const void *in)
{
	const void *at = field_at(f, in);

	switch (f->kind) {
	case KIND_ID: return value_id(at);
	case KIND_INT: return value_int(*(const int64_t *)at);
	case KIND_BOOL: return value_int(*(const bool *)at);
	case KIND_TEXT:
	case KIND_JSON:
		return value_bytes(VALUE_TEXT, ((const struct str *)at)->p, ((const struct str *)at)->n);
	case KIND_BLOB:
		return value_bytes(VALUE_BLOB, ((const struct blob *)at)->p, ((const struct blob *)at)->n);
	case KIND_OPT_INT:
		return ((const struct opt_int *)at)->set ? value_int(((const struct opt_int *)at)->v)
		                                         : (struct value){ .kind = VALUE_NULL };
	case KIND_TIME:
		return ((const struct instant *)at)->ms != 0 ? value_int(((const struct instant *)at)->ms)
		                                             : (struct value){ .kind = VALUE_NULL };
	case KIND_DATE:
		return date_is_set(*(const struct date *)at) ? value_int(date_days(*(const struct date *)at))
		                                             : (struct value){ .kind = VALUE_NULL };
	case KIND_UNSET:
	case KIND_LIST:
	case KIND_OBJECT:
	case KIND__MAX: break;
	}
	assert(!"a kind that no parameter has");
	return (struct value){ .kind = VALUE_NULL };
}

static enum err
value_of(struct ctx *ctx, const struct stmt *stmt, const struct bind *bind, const void *in, struct value *out)
{
	const struct field *f;

	switch (bind->from) {
	case BIND_IN:
		f = &stmt->in->fields[bind->at];
		if (f->sealed)
			return value_sealed(ctx, stmt->in, f, in, out);
		*out = value_plain(f, in);
		return OK;
	case BIND_TENANT: *out = value_id(&ctx->tenant); return OK;
	case BIND_ACTOR: *out = value_id(&ctx->actor); return OK;
	case BIND_REACH: *out = value_int(ctx->reach); return OK;
	case BIND_SELF: *out = value_id(&ctx->patient); return OK;
	case BIND_NOW: *out = value_int(ctx->now.ms); return OK;
	}
	assert(!"a parameter from nowhere");
	return ERR_INTERNAL;
}

static enum err
arguments(struct ctx *ctx, const struct stmt *stmt, const void *in, struct value args[static STMT_BINDS_MAX])
{
	assert(stmt->bind_count <= STMT_BINDS_MAX);
	for (size_t i = 0; i < stmt->bind_count; i++)
		TRY(value_of(ctx, stmt, &stmt->binds[i], in, &args[i]));
	return OK;
}

/* ---- results */

size_t
type_columns(const struct type *t, const struct field **out)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (t->fields[i].kind == KIND_LIST || t->fields[i].kind == KIND_OBJECT)
			continue;
		assert(n < COLUMNS_MAX);
		out[n++] = &t->fields[i];
	}
	return n;
}

const char *
column_misnamed(const struct field *f, const char *column)
{
	size_t n = strlen(f->name);

	if (strncmp(column, f->name, n) != 0)
		return f->name;
	if (f->sealed)
		return strcmp(column + n, "_sealed") == 0 ? NULL : f->name;
	return column[n] == 0 ? NULL : f->name;
}

static enum err
keep_bytes(struct ctx *ctx, const struct field *f, const struct value *v, struct str *out)
{
	char *p = arena_take(ctx->arena, v->n + 1);

	if (p == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for %s", f->name);
	if (v->n > 0)
		memcpy(p, v->p, v->n);
	p[v->n] = 0;
	*out = (struct str){ p, v->n };
	return OK;
}

static enum err
misfit(struct ctx *ctx, const struct field *f)
{
	return fail(ctx, ERR_INTERNAL, "column %s holds another kind of value", f->name);
}

static enum err
read_number(struct ctx *ctx, const struct field *f, const struct value *v, void *at)
{
	if (v->kind != VALUE_INT)
		return misfit(ctx, f);
	switch (f->kind) {
	case KIND_INT: *(int64_t *)at = v->i; return OK;
	case KIND_OPT_INT: *(struct opt_int *)at = (struct opt_int){ v->i, true }; return OK;
	case KIND_BOOL: *(bool *)at = v->i != 0; return OK;
	case KIND_TIME: *(struct instant *)at = (struct instant){ v->i }; return OK;
	case KIND_DATE: *(struct date *)at = date_from_days(v->i); return OK;
	default: return misfit(ctx, f);
	}
}

static enum err
read_plain(struct ctx *ctx, const struct field *f, const struct value *v, void *obj)
{
	void *at = field_in(f, obj);
	struct str bytes;

	if (v->kind == VALUE_NULL)
		return OK;
	switch (f->kind) {
	case KIND_ID:
		if (v->kind != VALUE_BLOB || v->n != sizeof(struct id))
			return misfit(ctx, f);
		memcpy(at, v->p, v->n);
		return OK;
	case KIND_TEXT:
	case KIND_JSON: return v->kind == VALUE_TEXT ? keep_bytes(ctx, f, v, at) : misfit(ctx, f);
	case KIND_BLOB:
		if (v->kind != VALUE_BLOB)
			return misfit(ctx, f);
		TRY(keep_bytes(ctx, f, v, &bytes));
		*(struct blob *)at = (struct blob){ (const unsigned char *)bytes.p, bytes.n };
		return OK;
	default: return read_number(ctx, f, v, at);
	}
}

static enum err
read_sealed(struct ctx *ctx, const struct seat *seat, const struct field *f, const struct value *v, void *obj)
{
	struct place place = seat->place;
	struct str plain;

	if (v->kind == VALUE_NULL)
		return OK;
	if (v->kind != VALUE_BLOB)
		return misfit(ctx, f);
	place.column = f->name;
	TRY(unseal(ctx, seat->owner, &place, (struct blob){ v->p, v->n }, &plain));
	if (f->kind == KIND_DATE)
		return date_parse(plain, field_in(f, obj)) ? OK : misfit(ctx, f);
	assert(f->kind == KIND_TEXT || f->kind == KIND_JSON);
	*(struct str *)field_in(f, obj) = plain;
	return OK;
}

/* Plain columns first: they say the place of the sealed ones. */
static enum err
read_row(struct ctx *ctx, const struct type *t, const struct value *cells, void *obj)
{
	const struct field *columns[COLUMNS_MAX];
	size_t n = type_columns(t, columns);
	bool sealed = false;
	struct seat seat;

	memset(obj, 0, t->size);
	for (size_t i = 0; i < n; i++) {
		if (columns[i]->sealed)
			sealed = true;
		else
			TRY(read_plain(ctx, columns[i], &cells[i], obj));
	}
	if (!sealed)
		return OK;
	seat = seat_of(t, obj);
	for (size_t i = 0; i < n; i++)
		if (columns[i]->sealed)
			TRY(read_sealed(ctx, &seat, columns[i], &cells[i], obj));
	return OK;
}

static enum err
row_one(struct ctx *ctx, struct sink *sink, const struct value *cells)
{
	if (sink->count++ > 0)
		return OK;
	return read_row(ctx, sink->stmt->out, cells, sink->out);
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
	TRY(read_row(ctx, sink->stmt->out, cells, (char *)sink->out + sink->count * sink->stmt->out->size));
	sink->count++;
	return OK;
}

/* ---- the door */

static enum err
run(struct ctx *ctx, const struct stmt *stmt, const void *in, struct sink *sink, int64_t *changed)
{
	struct value args[STMT_BINDS_MAX];

	TRY(usable(ctx));
	if (stmt->writes && ctx->tx->mode != TX_WRITE)
		return fail(ctx, ERR_INTERNAL, "%s writes in a reading transaction", stmt->name);
	TRY(arguments(ctx, stmt, in, args));
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
	for (size_t i = 0; i < n; i++) {
		TRY(arguments(ctx, stmt, (const char *)ins + i * stmt->in->size, args));
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
	struct sink sink = { .row = row_many, .stmt = stmt };

	assert(stmt->rows == ROWS_MANY);
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
db_close(struct db *db)
{
	if (db == NULL)
		return;
	assert(!db->tx.open);
	keys_close_db(db);
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
