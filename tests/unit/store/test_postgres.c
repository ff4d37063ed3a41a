/* test_postgres.c - connections that die, servers that hang, transactions that collide,
 * commits that were not replicated.  Needs PLANTAO_TEST_POSTGRES_URL and _ADMIN. */
#include "../cm.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/store/fixture.h"

#include "door_sql.h"
#include "sys/crypto.h"

static struct fixture f;
static PGconn *admin;

/* The first value of a statement run beside the store, as superuser. */
static const char *
ask(const char *text)
{
	static char value[200];
	PGresult *r = PQexec(admin, text);

	if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", text, PQerrorMessage(admin));
	snprintf(value, sizeof value, "%s", PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	return value;
}

static int
setup(void **state)
{
	(void)state;
	fixture_open(&f);
	admin = PQconnectdb(getenv("PLANTAO_TEST_POSTGRES_ADMIN"));
	assert_int_equal(PQstatus(admin), CONNECTION_OK);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	PQfinish(admin);
	fixture_close(&f);
	return 0;
}

#define OURS "application_name = 'plantao'"

static void
kill_ours(void)
{
	ask("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE " OURS);
}

static struct id
add(struct ctx *ctx, int64_t n)
{
	struct id id = id_new(clock_now());

	assert_int_equal(sql_door_add_later(ctx, &(struct door_add_later_in){ .id = id, .n = n }), OK);
	return id;
}

static int64_t
rows(void)
{
	int64_t n = -1;

	assert_true(str_int(str_of(ask("SELECT count(*) FROM door")), &n));
	return n;
}

static void
test_an_idle_connection_that_died_is_not_noticed(void **state)
{
	(void)state;
	kill_ours();
	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	add(&f.ctx, 1);
	assert_int_equal(db_commit(&f.ctx), OK);
	assert_int_equal(rows(), 1);
}

static void
test_a_connection_that_dies_in_its_work_asks_for_a_replay(void **state)
{
	(void)state;
	struct door_total t;

	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	add(&f.ctx, 1);
	assert_int_equal(sql_door_sum(&f.ctx, &t), OK);
	kill_ours();
	assert_int_equal(sql_door_sum(&f.ctx, &t), ERR_REPLAY);
	assert_true(db_broken(&f.ctx));
	assert_int_equal(sql_door_sum(&f.ctx, &t), ERR_REPLAY);
	db_rollback(&f.ctx);
	assert_int_equal(rows(), 0);
	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	add(&f.ctx, 1);
	assert_int_equal(db_commit(&f.ctx), OK);
	assert_int_equal(rows(), 1);
}

static void
test_a_connection_that_dies_before_its_commit_acknowledges_nothing(void **state)
{
	(void)state;
	struct door_total t;

	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	add(&f.ctx, 1);
	assert_int_equal(sql_door_sum(&f.ctx, &t), OK);
	kill_ours();
	assert_int_equal(db_commit(&f.ctx), ERR_STORE_UNAVAILABLE);
	assert_null(f.ctx.tx);
	assert_int_equal(rows(), 0);
}

/* ---- the second wall */

/* What is read before the tenant is known, or across tenants. */
static const char unwalled[] = "'app_user', 'session', 'idempotency', 'audit_entry'";

static void
test_every_table_of_a_tenant_is_walled(void **state)
{
	(void)state;
	char query[700];
	const char *open;

	snprintf(query, sizeof query,
	        "SELECT string_agg(c.relname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
	        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = "
	        "'tenant_id'"
	        " AND c.relname NOT IN (%s) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
	        unwalled);
	open = ask(query);
	if (open[0] != 0)
		fail_msg("not walled: %s", open);
	assert_string_equal(ask("SELECT count(*) FROM pg_policies WHERE qual NOT LIKE '(tenant_id = "
	                        "decode(current_setting%'"),
	        "0");
}

/* ---- a server that hangs */

static pid_t
our_backend(void)
{
	int64_t pid = 0;

	assert_true(str_int(str_of(ask("SELECT pid FROM pg_stat_activity WHERE " OURS
	                               " AND state = 'idle in transaction'")),
	        &pid));
	return (pid_t)pid;
}

static void
test_a_hanging_server_is_left(void **state)
{
	(void)state;
	struct door_total t;
	uint64_t start;
	pid_t backend;

	f.store->statement_timeout_ms = 300;
	for (int commit = 0; commit < 2; commit++) {
		assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
		add(&f.ctx, 1);
		assert_int_equal(sql_door_sum(&f.ctx, &t), OK);
		backend = our_backend();
		assert_true(backend > 1);
		assert_int_equal(kill(backend, SIGSTOP), 0);
		start = clock_mono_ns();
		if (commit) {
			assert_int_equal(db_commit(&f.ctx), ERR_STORE_UNAVAILABLE);
		} else {
			assert_int_equal(sql_door_sum(&f.ctx, &t), ERR_REPLAY);
			db_rollback(&f.ctx);
		}
		assert_true(clock_mono_ns() - start < 5000000000u);
		kill(backend, SIGCONT);
		assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
		assert_int_equal(sql_door_sum(&f.ctx, &t), OK);
		assert_int_equal(db_commit(&f.ctx), OK);
	}
}

/* ---- nobody there */

static void
test_an_unreachable_server_is_told_without_secrets(void **state)
{
	(void)state;
	struct store_conf conf = { .url = "postgresql://someone:geheim@127.0.0.1:1,127.0.0.1:2/x",
		.connect_timeout_ms = 500,
		.statement_timeout_ms = 500 };
	struct store *store;
	char why[200];

	assert_int_equal(store_open(&conf, &store, why), ERR_STORE_UNAVAILABLE);
	assert_non_null(strstr(why, "refused"));
	assert_null(strstr(why, "geheim"));
}

static void
test_the_second_host_is_found(void **state)
{
	(void)state;
	char url[400], why[200];
	const char *at = strchr(f.url, '@');
	struct store_conf conf = { .url = url, .connect_timeout_ms = 2000, .statement_timeout_ms = 2000 };
	struct store *store;

	snprintf(url, sizeof url, "%.*s@127.0.0.1:1,%s", (int)(at - f.url), f.url, at + 1);
	assert_int_equal(store_open(&conf, &store, why), OK);
	store_close(store);
}

/* A host that takes the connection and says nothing, as one behind a cut cable: the other one is
 * asked meanwhile. One after another, the time would be over at the first. */
static void
test_a_silent_host_holds_up_nobody(void **state)
{
	(void)state;
	char url[400], why[200];
	const char *at = strchr(f.url, '@');
	struct store_conf conf = { .url = url, .connect_timeout_ms = 1400, .statement_timeout_ms = 2000 };
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof sa;
	struct store *store;
	int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(silent, (struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(silent, 8), 0);
	assert_int_equal(getsockname(silent, (struct sockaddr *)&sa, &n), 0);
	snprintf(url, sizeof url, "%.*s@127.0.0.1:%d,%s", (int)(at - f.url), f.url, ntohs(sa.sin_port),
	        at + 1);
	assert_int_equal(store_open(&conf, &store, why), OK);
	store_close(store);
	close(silent);
}

static void
test_no_connection_left_is_unavailable_and_comes_back(void **state)
{
	(void)state;
	struct store_conf conf = fixture_conf(&f);
	struct ctx ctx = f.ctx;
	struct store *store;
	struct db *db;
	char why[200];
	uint64_t start;

	conf.connect_timeout_ms = 400;
	assert_int_equal(store_open(&conf, &store, why), OK);
	assert_int_equal(db_open(store, &db), OK);
	ask("ALTER ROLE app NOLOGIN");
	start = clock_mono_ns();
	assert_int_equal(db_begin(&ctx, db, TX_READ), ERR_STORE_UNAVAILABLE);
	assert_true(clock_mono_ns() - start < 3000000000u);
	assert_null(ctx.tx);
	ask("ALTER ROLE app LOGIN");
	assert_int_equal(db_begin(&ctx, db, TX_READ), OK);
	assert_int_equal(db_commit(&ctx), OK);
	db_close(db);
	store_close(store);
}

/* ---- collisions */

struct crosser {
	pthread_t thread;
	struct id first, second;
	pthread_barrier_t *both;
	enum err err;
};

static void *
cross(void *arg)
{
	struct crosser *c = arg;
	struct arena *arena = arena_new(1 << 20);
	struct ctx ctx = fixture_ctx(&f, arena);
	struct db *db;

	assert_int_equal(db_open(f.store, &db), OK);
	assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
	assert_int_equal(sql_door_bump(&ctx, &(struct door_bump_in){ c->first, 0 }), OK);
	pthread_barrier_wait(c->both);
	c->err = sql_door_bump(&ctx, &(struct door_bump_in){ c->second, 0 });
	if (c->err == OK)
		c->err = db_commit(&ctx);
	else
		db_rollback(&ctx);
	db_close(db);
	arena_free(arena);
	return NULL;
}

static void
test_crossed_locks_ask_for_a_replay(void **state)
{
	(void)state;
	pthread_barrier_t both;
	struct crosser c[2];
	struct id a, b;
	int replays = 0;

	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	a = add(&f.ctx, 0);
	b = add(&f.ctx, 0);
	assert_int_equal(db_commit(&f.ctx), OK);
	pthread_barrier_init(&both, NULL, 2);
	for (int i = 0; i < 2; i++) {
		c[i] = (struct crosser){ .first = i ? b : a, .second = i ? a : b, .both = &both };
		assert_int_equal(pthread_create(&c[i].thread, NULL, cross, &c[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(c[i].thread, NULL);
		replays += c[i].err == ERR_REPLAY;
		assert_true(c[i].err == ERR_REPLAY || c[i].err == OK);
	}
	assert_true(replays >= 1);
	pthread_barrier_destroy(&both);
}

/* ---- replication */

/* Cancels every commit that waits for a standby, until told to stop. */
static void *
cancel_waiting_commits(void *arg)
{
	atomic_bool *stop = arg;
	PGconn *conn = PQconnectdb(getenv("PLANTAO_TEST_POSTGRES_ADMIN"));

	while (!atomic_load(stop)) {
		PQclear(PQexec(conn,
		        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"));
		nap_us(20000);
	}
	PQfinish(conn);
	return NULL;
}

static enum err
commit_one(void)
{
	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	add(&f.ctx, 1);
	return db_commit(&f.ctx);
}

/* SHOW answers for its own session only; commits wait for a standby from the moment the checkpointer has read
 * the setting too, which nothing tells. So commits are made until one answers as it must. */
static enum err
commit_until(enum err wanted)
{
	enum err err = wanted == OK ? ERR_STORE_UNAVAILABLE : OK;

	for (int i = 0; i < 500 && err != wanted; i++) {
		err = commit_one();
		if (err != wanted)
			nap_us(20000);
	}
	return err;
}

static void
test_a_commit_that_was_not_replicated_is_not_acknowledged(void **state)
{
	(void)state;
	pthread_t t;
	atomic_bool stop = false;
	enum err waiting, after;

	ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	ask("SELECT pg_reload_conf()");
	assert_int_equal(pthread_create(&t, NULL, cancel_waiting_commits, &stop), 0);
	waiting = commit_until(ERR_STORE_UNAVAILABLE);
	ask("ALTER SYSTEM RESET synchronous_standby_names");
	ask("SELECT pg_reload_conf()");
	/* The next one is replicated as asked, which is: not at all. */
	after = commit_until(OK);
	atomic_store(&stop, true);
	pthread_join(t, NULL);
	assert_int_equal(waiting, ERR_STORE_UNAVAILABLE);
	assert_int_equal(after, OK);
}

/* ---- the pipeline */

/* Reading transactions end without waiting; hundreds of them must not pile up. */
static void
test_nothing_piles_up(void **state)
{
	(void)state;
	struct door_total t;

	for (int i = 0; i < 2000; i++) {
		assert_int_equal(db_begin(&f.ctx, f.db, i % 3 == 0 ? TX_WRITE : TX_READ), OK);
		if (i % 5 == 0)
			assert_int_equal(sql_door_sum(&f.ctx, &t), OK);
		if (i % 2 == 0)
			db_rollback(&f.ctx);
		else
			assert_int_equal(db_commit(&f.ctx), OK);
	}
	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(db_mark(&f.ctx), OK);
		add(&f.ctx, 1);
		assert_int_equal(i % 3 == 0 ? db_undo(&f.ctx) : db_keep(&f.ctx), OK);
	}
	assert_int_equal(db_commit(&f.ctx), OK);
	assert_int_equal(rows(), 2000);
}

/* Statements are prepared in the pipeline too: what a failure skipped is prepared again. */
static void
test_a_failure_does_not_lose_a_prepared_statement(void **state)
{
	(void)state;
	struct door_total t;
	struct db *db;
	struct ctx ctx = f.ctx;
	struct id id;

	assert_int_equal(db_begin(&f.ctx, f.db, TX_WRITE), OK);
	id = add(&f.ctx, 1);
	assert_int_equal(db_commit(&f.ctx), OK);
	assert_int_equal(db_open(f.store, &db), OK);
	assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
	assert_int_equal(sql_door_add_later(&ctx, &(struct door_add_later_in){ .id = id }), OK);
	assert_int_not_equal(sql_door_sum(&ctx, &t), OK);
	db_rollback(&ctx);
	assert_int_equal(db_begin(&ctx, db, TX_WRITE), OK);
	assert_int_equal(sql_door_sum(&ctx, &t), OK);
	assert_int_equal(t.rows, 1);
	assert_int_equal(db_commit(&ctx), OK);
	db_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_an_idle_connection_that_died_is_not_noticed),
		T(test_a_connection_that_dies_in_its_work_asks_for_a_replay),
		T(test_a_connection_that_dies_before_its_commit_acknowledges_nothing),
		T(test_every_table_of_a_tenant_is_walled),
		T(test_a_hanging_server_is_left),
		T(test_an_unreachable_server_is_told_without_secrets),
		T(test_the_second_host_is_found),
		T(test_a_silent_host_holds_up_nobody),
		T(test_no_connection_left_is_unavailable_and_comes_back),
		T(test_crossed_locks_ask_for_a_replay),
		T(test_a_commit_that_was_not_replicated_is_not_acknowledged),
		T(test_nothing_piles_up),
		T(test_a_failure_does_not_lose_a_prepared_statement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
