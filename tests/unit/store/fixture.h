/* fixture.h - a fresh store for a test: SQLite in a directory of its own, or the
 * empty PostgreSQL database that PLANTAO_TEST_POSTGRES_URL names. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "store/engine.h"
#include "store/migrate.h"
#include "store/seal.h"

struct door {
	struct id id, patient_id;
	struct str name;
	int64_t n;
	struct opt_int o;
	bool flag;
	struct instant at;
	struct date day;
	struct blob bytes;
	struct str secret;
	struct date birth;
	struct id made_by;
	struct instant made_at;
};
extern const struct type door_type;
struct door_number {
	struct id id;
	int64_t n;
};
extern const struct type door_number_type;
struct door_bytes {
	struct blob bytes;
};
extern const struct type door_bytes_type;
struct door_total {
	int64_t rows, total;
};
extern const struct type door_total_type;

struct fixture {
	char dir[64], url[256];
	struct store *store;
	struct keyring *ring;
	struct db *db;
	struct arena *arena;
	struct ctx ctx; /* of tenant, acting as user, reaching the tenant */
	struct id tenant, user;
};

bool fixture_is_postgres(void);
struct store_conf fixture_conf(const struct fixture *);
/* An empty database, nothing migrated. */
void fixture_empty(struct fixture *);
/* Migrated, with the table door, a master key and one tenant. */
void fixture_open(struct fixture *);
void fixture_close(struct fixture *);
/* The same database once more; why has 200 bytes. */
struct store *fixture_open_again(const struct fixture *, bool exclusive, enum err expected, char *why);
/* Another context on another connection. */
struct ctx fixture_ctx(const struct fixture *, struct arena *);
struct id fixture_tenant(struct fixture *, const char *slug);
/* The program's migrations and the test's own table behind them. */
const struct migration *fixture_migrations(void);

void nap_us(long us); /* below a second */

#endif
