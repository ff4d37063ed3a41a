/* migrate.c - brings a database to this program's version, one transaction a
 * migration.  Several programs may start at once: SQLite's writer lock or an
 * advisory lock of PostgreSQL lets them pass one after another, and each looks
 * again at what is there. */
#include "store/migrate.h"

#include <stdio.h>

#include "gen/migrate_sql.h"
#include "store/engine.h"
#include "sys/crypto.h"

enum { MIGRATE_ARENA = 4 << 20 };

static const struct field applied_migration_fields[] = {
	FIELD(applied_migration, number, .sens = SENS_PLAIN),
	FIELD(applied_migration, name, .sens = SENS_PLAIN),
	FIELD(applied_migration, sha256, .sens = SENS_PLAIN),
	FIELD(applied_migration, applied_at, .sens = SENS_PLAIN),
};
const struct type applied_migration_type = TYPE(applied_migration, applied_migration_fields);

/* Before any table there is this one; the number of the lock is "plantao" in ASCII. */
static const char *const prologue[ENGINE__MAX] = {
	[ENGINE_SQLITE] = "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT NOT NULL PRIMARY KEY,"
	                  " name TEXT NOT NULL, sha256 BLOB NOT NULL, applied_at BIGINT NOT NULL)",
	[ENGINE_POSTGRES] = "SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = 0;"
	                    "SET LOCAL statement_timeout = 0;"
	                    "SELECT pg_advisory_xact_lock(31644363112341871);"
	                    "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT NOT NULL PRIMARY KEY,"
	                    " name TEXT NOT NULL, sha256 BYTEA NOT NULL, applied_at BIGINT NOT NULL)",
};

static int
newest(const struct migration *all)
{
	int n = 0;

	while (all[n].number != 0)
		n++;
	return n;
}

static enum err
row_check(const struct migration *all, int64_t position, const struct applied_migration *row, char *why)
{
	const struct migration *own;

	if (row->number == MIGRATION_MOVING) {
		snprintf(why, 200,
		        "a move from the embedded database into this one has not ended: plantao "
		        "migrate-store");
		return ERR_STATE;
	}
	if (row->number > newest(all)) {
		snprintf(why, 200,
		        "the database is newer than this program: it has migration %lld, the program %d",
		        (long long)row->number, newest(all));
		return ERR_STATE;
	}
	own = &all[position];
	if (row->number != own->number || row->sha256.n != sizeof own->sha256 ||
	        memcmp(row->sha256.p, own->sha256, sizeof own->sha256) != 0) {
		snprintf(why, 200, "migration %04lld_%.60s of the database differs from the program's",
		        (long long)row->number, own->name);
		return ERR_STATE;
	}
	return OK;
}

int
store_version_newest(void)
{
	return newest(migrations);
}

static enum err
version_read(struct ctx *ctx, int *version, char *why)
{
	const struct applied_migration *rows;
	struct trail_number tables;
	struct list list;

	TRY(sql_migration_table(ctx, &tables));
	if (tables.n == 0) {
		*version = 0;
		return OK;
	}
	TRY(sql_migration_list(ctx, &list));
	rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		TRY(row_check(migrations, (int64_t)i, &rows[i], why));
	*version = (int)list.count;
	return OK;
}

enum err
store_version(struct db *db, int *version, char *why)
{
	struct ctx ctx = { .arena = arena_new(MIGRATE_ARENA), .now = clock_now() };
	enum err err = ctx.arena != NULL ? db_begin(&ctx, db, TX_READ) : ERR_BUSY;

	why[0] = 0;
	if (err == OK) {
		err = version_read(&ctx, version, why);
		db_rollback(&ctx);
	}
	if (err != OK && why[0] == 0)
		snprintf(why, 200, "the version cannot be read: %.160s", ctx.why);
	arena_free(ctx.arena);
	return err;
}

/* Under the lock: *done is how many were applied before. */
static enum err
applied_count(struct ctx *ctx, const struct migration *all, int *done, char *why)
{
	const struct applied_migration *rows;
	struct list list;

	TRY(ctx->tx->db->store->ops->script(ctx, prologue[store_engine(ctx->tx->db->store)]));
	TRY(sql_migration_list(ctx, &list));
	rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		TRY(row_check(all, (int64_t)i, &rows[i], why));
	*done = (int)list.count;
	return OK;
}

static enum err
apply(struct ctx *ctx, const struct migration *m)
{
	struct store *store = ctx->tx->db->store;

	if (m->text[store_engine(store)][0] != 0)
		TRY(store->ops->script(ctx, m->text[store_engine(store)]));
	return sql_migration_add(ctx, &(struct migration_add_in){ .number = m->number,
	                                      .name = str_of(m->name),
	                                      .sha256 = { m->sha256, sizeof m->sha256 } });
}

/* One transaction: looks, and applies the next. *done counts what is there after it. */
static enum err
step(struct ctx *ctx, struct db *db, const struct migration *all, int *done, bool *more, char *why)
{
	enum err err;
	int n = 0;

	TRY(db_begin(ctx, db, TX_WRITE));
	err = applied_count(ctx, all, &n, why);
	*done = n;
	*more = err == OK && all[n].number != 0;
	if (err == OK && *more)
		err = apply(ctx, &all[n]);
	if (err != OK) {
		db_rollback(ctx);
		return err;
	}
	TRY(db_commit(ctx));
	*done = n + *more;
	return OK;
}

enum err
store_migrate_to(struct store *store, const struct migration *all, int *from, int *to, char *why)
{
	struct ctx ctx = { .arena = arena_new(MIGRATE_ARENA), .now = clock_now() };
	struct db *db = NULL;
	enum err err = ctx.arena != NULL ? db_open(store, &db) : ERR_BUSY;
	bool more = true, first = true;

	why[0] = 0;
	*from = 0;
	for (*to = 0; err == OK && more; first = false) {
		err = step(&ctx, db, all, to, &more, why);
		if (first)
			*from = more ? *to - 1 : *to;
		arena_reset(ctx.arena);
	}
	if (err != OK && why[0] == 0)
		snprintf(why, 200, "migration after %04d failed: %.160s", *to,
		        ctx.why[0] != 0 ? ctx.why : "the database cannot be reached");
	db_close(db);
	arena_free(ctx.arena);
	return err;
}

enum err
store_migrate(struct store *store, int *from, int *to, char *why)
{
	return store_migrate_to(store, migrations, from, to, why);
}
