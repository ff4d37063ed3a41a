/* postgres_move.c - the side of move.h that is filled.  How far a table has come is written
 * in the same transaction as its rows, in a table store_move that goes at the end; as long
 * as the move has not ended a row in schema_migration keeps every server away. */
#include "store/move.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/migrate.h"

struct move_to {
	PGconn *conn;
};

/* Of the server's message the first line is shown: it names tables, roles and hosts, and no values. */
static enum err
failed(struct move_to *t, const char *what, char *why)
{
	const char *said = PQerrorMessage(t->conn);

	snprintf(why, 200, "%.60s: %.*s", what, (int)(strcspn(said, "\n") < 120 ? strcspn(said, "\n") : 120),
	        said);
	return ERR_STORE_UNAVAILABLE;
}

static enum err
run(struct move_to *t, const char *sql, const char *what, char *why)
{
	PGresult *r = PQexec(t->conn, sql);
	ExecStatusType s = PQresultStatus(r);

	PQclear(r);
	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK ? OK : failed(t, what, why);
}

/* The first cell of the last statement's result; no row: "". */
static enum err
ask(struct move_to *t, const char *sql, const char *parameter, char *out, size_t room, char *why)
{
	PGresult *r = PQexecParams(t->conn, sql, parameter ? 1 : 0, NULL, &parameter, NULL, NULL, 0);
	bool fine = PQresultStatus(r) == PGRES_TUPLES_OK;

	out[0] = 0;
	if (fine && PQntuples(r) > 0)
		snprintf(out, room, "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
	return fine ? OK : failed(t, "PostgreSQL", why);
}

enum err
move_to_open(const char *url, struct move_to **out, char *why)
{
	struct move_to *t = calloc(1, sizeof *t);
	enum err err;

	if (t == NULL) {
		snprintf(why, 200, "out of memory");
		return ERR_BUSY;
	}
	t->conn = PQconnectdb(url);
	if (PQstatus(t->conn) != CONNECTION_OK)
		err = failed(t, "cannot connect", why);
	else
		err = run(t,
		        "SET client_encoding = 'UTF8'; SET client_min_messages = warning; SET "
		        "synchronous_commit = "
		        "on; SET bytea_output = hex; SET statement_timeout = 0",
		        "PostgreSQL", why);
	if (err != OK) {
		move_to_close(t);
		return err;
	}
	*out = t;
	return OK;
}

void
move_to_close(struct move_to *t)
{
	if (t == NULL)
		return;
	PQfinish(t->conn);
	free(t);
}

/* ---- state */

/* Walled tables show no row here; that one has an institution is enough. */
enum err
move_to_state(struct move_to *t, enum move_state *out, char mark[static MOVE_MARK], char *why)
{
	char found[64];

	mark[0] = 0;
	TRY(ask(t, "SELECT to_regclass('store_move')", NULL, found, sizeof found, why));
	if (found[0] != 0) {
		TRY(ask(t, "SELECT mark FROM store_move WHERE name = ''", NULL, mark, MOVE_MARK, why));
		*out = MOVE_OURS;
		return OK;
	}
	*out = MOVE_EMPTY;
	TRY(ask(t, "SELECT to_regclass('tenant')", NULL, found, sizeof found, why));
	if (found[0] == 0)
		return OK;
	TRY(ask(t,
	        "SELECT 1 WHERE EXISTS (SELECT 1 FROM tenant) OR EXISTS (SELECT 1 FROM app_user) OR EXISTS "
	        "(SELECT 1 FROM audit_entry)",
	        NULL, found, sizeof found, why));
	if (found[0] != 0)
		*out = MOVE_FILLED;
	return OK;
}

static enum err
empty_tables(struct move_to *t, const struct move_table *tables, size_t count, char *why)
{
	char sql[128];

	for (size_t i = 0; i < count; i++) {
		snprintf(sql, sizeof sql, "TRUNCATE %s", tables[i].name);
		TRY(run(t, sql, tables[i].name, why));
	}
	return OK;
}

enum err
move_to_begin(struct move_to *t, const char *mark, const struct move_table *tables, size_t count, char *why)
{
	char sql[600], ignored[8];

	snprintf(sql, sizeof sql,
	        "BEGIN; CREATE TABLE store_move (name TEXT PRIMARY KEY, rows BIGINT NOT NULL, mark TEXT);"
	        "INSERT INTO schema_migration (number, name, sha256, applied_at) VALUES (%d, 'store_move', "
	        "'', 0)",
	        MIGRATION_MOVING);
	TRY(run(t, sql, "the target cannot be marked", why));
	TRY(empty_tables(t, tables, count, why));
	TRY(ask(t, "INSERT INTO store_move VALUES ('', 0, $1) RETURNING rows", mark, ignored, sizeof ignored,
	        why));
	return run(t, "COMMIT", "the target cannot be marked", why);
}

enum err
move_to_done(struct move_to *t, const struct move_table *table, int64_t *rows, char *why)
{
	char text[32];

	TRY(ask(t, "SELECT rows FROM store_move WHERE name = $1", table->name, text, sizeof text, why));
	*rows = strtoll(text, NULL, 10);
	return OK;
}

/* ---- rows */

/* The owner's rows are walled from himself (FORCE); for this transaction they are not. */
static enum err
begin_unwalled(struct move_to *t, const struct move_table *table, bool *walled, char *why)
{
	char sql[256], found[8];

	TRY(run(t, "BEGIN", table->name, why));
	TRY(ask(t, "SELECT 1 FROM pg_class WHERE oid = $1::regclass AND relforcerowsecurity", table->name,
	        found, sizeof found, why));
	*walled = found[0] != 0;
	snprintf(sql, sizeof sql, "ALTER TABLE %s NO FORCE ROW LEVEL SECURITY", table->name);
	return *walled ? run(t, sql, table->name, why) : OK;
}

static enum err
end_copy(struct move_to *t, const struct move_table *table, char *why)
{
	enum err err = OK;
	PGresult *r;

	if (PQputCopyEnd(t->conn, NULL) != 1)
		err = failed(t, table->name, why);
	while ((r = PQgetResult(t->conn)) != NULL) {
		if (PQresultStatus(r) != PGRES_COMMAND_OK && err == OK)
			err = failed(t, table->name, why);
		PQclear(r);
	}
	return err;
}

static enum err
copy_in(struct move_to *t, const struct move_table *table, struct str lines, char *why)
{
	char sql[MOVE_COLUMNS + 256];
	PGresult *r;
	bool fine;

	snprintf(sql, sizeof sql, "COPY %s (%s) FROM STDIN", table->name, table->columns);
	r = PQexec(t->conn, sql);
	fine = PQresultStatus(r) == PGRES_COPY_IN;
	PQclear(r);
	if (!fine || PQputCopyData(t->conn, lines.p, (int)lines.n) != 1)
		return failed(t, table->name, why);
	return end_copy(t, table, why);
}

static enum err
add_all(struct move_to *t, const struct move_table *table, struct str lines, int64_t rows_then, char *why)
{
	char sql[512];
	bool walled;

	TRY(begin_unwalled(t, table, &walled, why));
	TRY(copy_in(t, table, lines, why));
	snprintf(sql, sizeof sql, "ALTER TABLE %s FORCE ROW LEVEL SECURITY", table->name);
	if (walled)
		TRY(run(t, sql, table->name, why));
	snprintf(sql, sizeof sql,
	        "INSERT INTO store_move VALUES ('%s', %lld) ON CONFLICT (name) DO UPDATE SET rows = "
	        "excluded.rows; COMMIT",
	        table->name, (long long)rows_then);
	return run(t, sql, table->name, why);
}

enum err
move_to_add(struct move_to *t, const struct move_table *table, struct str lines, int64_t rows_then, char *why)
{
	char ignored[200];
	enum err err = add_all(t, table, lines, rows_then, why);

	if (err != OK && run(t, "ROLLBACK", "", ignored) != OK)
		return err;
	return err;
}

static enum err
sum_lines(struct move_to *t, const struct move_table *table, struct move_sum *sum, char *why)
{
	char sql[MOVE_COLUMNS + 256], *line;
	PGresult *r;
	bool fine;
	int n;

	snprintf(sql, sizeof sql, "COPY %s (%s) TO STDOUT", table->name, table->columns);
	r = PQexec(t->conn, sql);
	fine = PQresultStatus(r) == PGRES_COPY_OUT;
	PQclear(r);
	if (!fine)
		return failed(t, table->name, why);
	while ((n = PQgetCopyData(t->conn, &line, 0)) > 0) {
		move_sum_add(sum, (struct str){ line, (size_t)n });
		PQfreemem(line);
	}
	while ((r = PQgetResult(t->conn)) != NULL)
		PQclear(r);
	return n == -1 ? OK : failed(t, table->name, why);
}

enum err
move_to_sum(struct move_to *t, const struct move_table *table, struct move_sum *out, char *why)
{
	char ignored[200];
	bool walled;
	enum err err;

	*out = (struct move_sum){ .rows = 0 };
	err = begin_unwalled(t, table, &walled, why);
	if (err == OK)
		err = sum_lines(t, table, out, why);
	if (run(t, "ROLLBACK", table->name, ignored) != OK && err == OK)
		return failed(t, table->name, why);
	return err;
}

enum err
move_to_end(struct move_to *t, char *why)
{
	char sql[512];

	snprintf(sql, sizeof sql,
	        "BEGIN; SELECT setval(pg_get_serial_sequence('audit_entry', 'seq'), GREATEST((SELECT "
	        "max(seq) FROM "
	        "audit_entry), 1)); DROP TABLE store_move; DELETE FROM schema_migration WHERE number = %d; "
	        "COMMIT;"
	        "ANALYZE",
	        MIGRATION_MOVING);
	return run(t, sql, "the move cannot be ended", why);
}
