/* sqlite_move.c - the embedded side of move.h. */
#include "store/move.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "sys/crypto.h"

struct move_from {
	sqlite3 *db;
	sqlite3_stmt *rows;
};

void
move_sum_add(struct move_sum *sum, struct str line)
{
	uint64_t word[4];

	sha256(line.p, line.n, (unsigned char *)word);
	for (int i = 0; i < 4; i++)
		sum->part[i] += word[i];
	sum->rows++;
}

bool
move_sum_eq(const struct move_sum *a, const struct move_sum *b)
{
	return a->rows == b->rows && memcmp(a->part, b->part, sizeof a->part) == 0;
}

static enum err
failed(struct move_from *f, const char *what, char *why)
{
	snprintf(why, 200, "%.60s: %.130s", what, sqlite3_errmsg(f->db));
	return ERR_STORE_UNAVAILABLE;
}

enum err
move_from_open(const char *path, struct move_from **out, char *why)
{
	struct move_from *f = calloc(1, sizeof *f);

	if (f == NULL) {
		snprintf(why, 200, "out of memory");
		return ERR_BUSY;
	}
	if (sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	        sqlite3_exec(f->db, "PRAGMA query_only = 1; BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
		enum err err = failed(f, "the embedded database", why);

		move_from_close(f);
		return err;
	}
	*out = f;
	return OK;
}

void
move_from_close(struct move_from *f)
{
	if (f == NULL)
		return;
	sqlite3_finalize(f->rows);
	sqlite3_close(f->db);
	free(f);
}

/* One text of a query of ours; absent: "". */
static enum err
one_text(struct move_from *f, const char *sql, char *out, size_t room, char *why)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(f->db, sql, -1, &st, NULL);

	out[0] = 0;
	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		snprintf(out, room, "%s", text ? text : "");
	}
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : failed(f, "the embedded database", why);
}

enum err
move_from_mark(struct move_from *f, char out[static MOVE_MARK], char *why)
{
	return one_text(f,
	        "SELECT (SELECT count(*) FROM schema_migration) || ':' || (SELECT COALESCE(max(seq), 0) FROM "
	        "audit_entry) || ':' || COALESCE((SELECT number || ':' || lower(hex(root)) FROM audit_batch "
	        "ORDER BY number DESC LIMIT 1), '')",
	        out, MOVE_MARK, why);
}

/* ---- tables */

/* Joined by commas: the columns, and those of the primary key in its order. */
static enum err
describe(struct move_from *f, struct move_table *t, char *why)
{
	char sql[512];

	snprintf(sql, sizeof sql, "SELECT group_concat(name, ', ') FROM pragma_table_info('%s')", t->name);
	TRY(one_text(f, sql, t->columns, sizeof t->columns, why));
	snprintf(sql, sizeof sql,
	        "SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info('%s') WHERE pk > 0 "
	        "ORDER BY pk)",
	        t->name);
	TRY(one_text(f, sql, t->order, sizeof t->order, why));
	if (t->order[0] == 0) {
		snprintf(why, 200, "table %s has no primary key", t->name);
		return ERR_INTERNAL;
	}
	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", t->name);
	TRY(one_text(f, sql, sql, sizeof sql, why));
	t->rows = strtoll(sql, NULL, 10);
	return OK;
}

enum err
move_from_tables(struct move_from *f, struct move_table *out, size_t *count, char *why)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(f->db,
	        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE "
	        "'\\' "
	        "AND name <> 'schema_migration' ORDER BY name",
	        -1, &st, NULL);

	*count = 0;
	while (rc == SQLITE_OK && *count < MOVE_TABLES_MAX && sqlite3_step(st) == SQLITE_ROW)
		snprintf(out[(*count)++].name, MOVE_NAME, "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	if (rc != SQLITE_OK)
		return failed(f, "the embedded database", why);
	for (size_t i = 0; i < *count; i++)
		TRY(describe(f, &out[i], why));
	return OK;
}

/* ---- rows */

enum err
move_from_rows(struct move_from *f, const struct move_table *t, int64_t skip, char *why)
{
	static const char entry_columns[] = "seq, epoch, ";
	bool entries = strcmp(t->name, "audit_entry") == 0;
	char sql[MOVE_COLUMNS + 512];

	if (entries && strncmp(t->columns, entry_columns, strlen(entry_columns)) != 0) {
		snprintf(why, 200, "audit_entry does not begin with seq and epoch");
		return ERR_INTERNAL;
	}
	snprintf(sql, sizeof sql, "SELECT %s%s FROM %s ORDER BY %s LIMIT -1 OFFSET %lld",
	        entries ? "seq, seq, " : "", t->columns + (entries ? strlen(entry_columns) : 0), t->name,
	        t->order, (long long)skip);
	sqlite3_finalize(f->rows);
	f->rows = NULL;
	if (sqlite3_prepare_v2(f->db, sql, -1, &f->rows, NULL) != SQLITE_OK)
		return failed(f, t->name, why);
	return OK;
}

static void
add_text(struct buf *b, const char *p, size_t n)
{
	static const char plain[] = "\b\f\n\r\t\v\\", named[] = "bfnrtv\\";

	for (size_t i = 0; i < n; i++) {
		const char *at = p[i] ? strchr(plain, p[i]) : NULL;

		if (at != NULL) {
			buf_byte(b, '\\');
			buf_byte(b, named[at - plain]);
		} else {
			buf_byte(b, p[i]);
		}
	}
}

static void
add_blob(struct buf *b, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *out = buf_grow(b, 3 + 2 * n);

	if (out == NULL)
		return;
	memcpy(out, "\\\\x", 3);
	out += 3;
	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
}

enum err
move_from_next(struct move_from *f, struct buf *line, bool *more, char *why)
{
	int rc = f->rows ? sqlite3_step(f->rows) : SQLITE_DONE;

	*more = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW) {
		sqlite3_finalize(f->rows); /* a further step would begin anew */
		f->rows = NULL;
		return rc == SQLITE_DONE ? OK : failed(f, "the embedded database", why);
	}
	for (int i = 0, columns = sqlite3_column_count(f->rows); i < columns; i++) {
		if (i > 0)
			buf_byte(line, '\t');
		switch (sqlite3_column_type(f->rows, i)) {
		case SQLITE_NULL: buf_text(line, "\\N"); break;
		case SQLITE_INTEGER: buf_int(line, sqlite3_column_int64(f->rows, i)); break;
		case SQLITE_BLOB:
			add_blob(line, sqlite3_column_blob(f->rows, i),
			        (size_t)sqlite3_column_bytes(f->rows, i));
			break;
		default:
			add_text(line, (const char *)sqlite3_column_text(f->rows, i),
			        (size_t)sqlite3_column_bytes(f->rows, i));
		}
	}
	buf_byte(line, '\n');
	if (!buf_failed(line))
		return OK;
	snprintf(why, 200, "a row is too large to be moved");
	return ERR_TOO_LARGE;
}
