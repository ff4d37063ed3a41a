/* fixture.c - see fixture.h. */
#include "../cm.h"

#include "unit/store/fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "door_sql.h"
#include "sys/crypto.h"

static const struct field door_fields[] = {
	FIELD(door, id),
	FIELD(door, patient_id),
	FIELD(door, name),
	FIELD(door, n),
	FIELD(door, o),
	FIELD(door, flag),
	FIELD(door, at),
	FIELD(door, day),
	FIELD(door, bytes),
	FIELD(door, secret, .sealed = true),
	FIELD(door, birth, .sealed = true),
	FIELD(door, made_by),
	FIELD(door, made_at),
};
const struct type door_type = TYPE(
        door, door_fields, .table = "door", .row_field = "id", .key_field = "patient_id");
static const struct field door_number_fields[] = { FIELD(door_number, id), FIELD(door_number, n) };
const struct type door_number_type = TYPE(door_number, door_number_fields);
static const struct field door_bytes_fields[] = { FIELD(door_bytes, bytes) };
const struct type door_bytes_type = TYPE(door_bytes, door_bytes_fields);
static const struct field door_total_fields[] = { FIELD(door_total, rows), FIELD(door_total, total) };
const struct type door_total_type = TYPE(door_total, door_total_fields);

#define DOOR(blob, bigint)                                                                                   \
	"CREATE TABLE door (tenant_id " blob " NOT NULL, id " blob " NOT NULL PRIMARY KEY, patient_id " blob \
	", name TEXT UNIQUE, n " bigint " NOT NULL, o " bigint ", flag " bigint " NOT NULL, at " bigint      \
	", day " bigint ", bytes " blob ", secret_sealed " blob ", birth_sealed " blob ", made_by " blob     \
	", made_at " bigint " NOT NULL)"

/* As in the program's own migrations. */
#define WALL                                                                                                 \
	"; ALTER TABLE door ENABLE ROW LEVEL SECURITY; ALTER TABLE door FORCE ROW LEVEL SECURITY;"           \
	"CREATE POLICY tenant ON door USING (tenant_id = decode(current_setting('plantao.tenant', true), "   \
	"'hex'))"

const struct migration *
fixture_migrations(void)
{
	static struct migration all[200];
	size_t n = 0;

	for (; migrations[n].number != 0; n++) {
		assert(n + 2 < COUNT(all));
		all[n] = migrations[n];
	}
	all[n] = (struct migration){ .number = (int)n + 1,
		.name = "test",
		.text = { DOOR("BLOB", "INTEGER"), DOOR("BYTEA", "BIGINT") WALL } };
	return all;
}

bool
fixture_is_postgres(void)
{
	return getenv("PLANTAO_TEST_POSTGRES_URL") != NULL;
}

struct store_conf
fixture_conf(const struct fixture *f)
{
	return (struct store_conf){ .url = f->url, .connect_timeout_ms = 3000, .statement_timeout_ms = 3000 };
}

static void
wipe_postgres(struct fixture *f)
{
	struct ctx ctx = { .arena = f->arena };
	struct db *db;

	assert_int_equal(db_open(f->store, &db), OK);
	assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
	assert_int_equal(f->store->ops->script(&ctx, "SET LOCAL client_min_messages = warning;"
	                                             "DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
	        OK);
	assert_int_equal(db_commit(&ctx), OK);
	db_close(db);
}

void
fixture_empty(struct fixture *f)
{
	char why[200];
	enum err err;

	*f = (struct fixture){ .arena = arena_new(64 << 20) };
	strcpy(f->dir, "/tmp/plantao-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	if (fixture_is_postgres())
		snprintf(f->url, sizeof f->url, "%s", getenv("PLANTAO_TEST_POSTGRES_URL"));
	else
		snprintf(f->url, sizeof f->url, "sqlite:%s/t.db", f->dir);
	err = store_open(
	        &(struct store_conf){
	                .url = f->url, .connect_timeout_ms = 3000, .statement_timeout_ms = 3000 },
	        &f->store, why);
	if (err != OK)
		fail_msg("store_open: %s", why);
	if (fixture_is_postgres())
		wipe_postgres(f);
}

static void
attach_keys(struct fixture *f)
{
	char path[128], why[200];

	snprintf(path, sizeof path, "%s/master.key", f->dir);
	assert_int_equal(keyring_make_file(path, why), OK);
	assert_int_equal(keyring_open_file(path, &f->ring, why), OK);
	assert_int_equal(seal_init(f->store, f->ring), OK);
}

struct ctx
fixture_ctx(const struct fixture *f, struct arena *arena)
{
	return (struct ctx){ .arena = arena,
		.tenant = f->tenant,
		.actor = f->user,
		.reach = REACH_TENANT,
		.now = clock_now() };
}

struct id
fixture_tenant(struct fixture *f, const char *slug)
{
	struct ctx ctx = { .arena = f->arena, .now = clock_now(), .tenant = id_new(clock_now()) };
	struct blob wrapped;

	assert_int_equal(db_begin(&ctx, f->db, TX_WRITE), OK);
	assert_int_equal(seal_tenant_new(&ctx, &wrapped), OK);
	assert_int_equal(
	        sql_door_tenant(&ctx, &(struct door_tenant_in){ ctx.tenant, wrapped, str_of(slug) }), OK);
	assert_int_equal(db_commit(&ctx), OK);
	return ctx.tenant;
}

void
fixture_open(struct fixture *f)
{
	char why[200];
	int from, to;

	fixture_empty(f);
	if (store_migrate_to(f->store, fixture_migrations(), &from, &to, why) != OK)
		fail_msg("migrate: %s", why);
	attach_keys(f);
	assert_int_equal(db_open(f->store, &f->db), OK);
	f->tenant = fixture_tenant(f, "one");
	f->user = id_new(clock_now());
	f->ctx = fixture_ctx(f, f->arena);
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

struct store *
fixture_open_again(const struct fixture *f, bool exclusive, enum err expected, char *why)
{
	struct store_conf conf = fixture_conf(f);
	struct store *store = NULL;

	conf.exclusive = exclusive;
	assert_int_equal(store_open(&conf, &store, why), expected);
	return store;
}

void
fixture_close(struct fixture *f)
{
	/* A test that failed inside a transaction left it open. */
	if (f->db != NULL && f->db->tx.open)
		db_rollback(&(struct ctx){ .tx = &f->db->tx });
	db_close(f->db);
	store_close(f->store);
	keyring_close(f->ring);
	arena_free(f->arena);
	nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
nap_us(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}
