/* sqlite_kept.c - rows that need not be read again: who a token belongs to is asked with
 * every request, and changes hardly ever.
 *
 * A statement marked `kept` has its row remembered beside the writer's connection, by its
 * parameters, as long as nothing it read can have changed:
 *   - before a statement of this connection runs that writes a table which kept statements
 *     read, all is forgotten. SQLite itself says which tables those are, when it prepares a
 *     statement (foreign keys' and triggers' included);
 *   - all else that is committed to the file comes by another connection, and moves
 *     PRAGMA data_version, which each transaction reads in its own snapshot before it
 *     trusts a row.
 * Rows enter from reading transactions alone, so nothing is remembered that may be rolled
 * back. What depends on the time (an expiry) is in the row and weighed by who reads it.
 *
 * All of it is the connection's, so the writer's turn guards it. */
#include <sqlite3.h>
#include <stdlib.h>

#include "store/sqlite_conn.h"

enum {
	ENTRIES = 4096, /* a row displaces the one at its place */
	TABLES_MAX = 128,
	KEY_MAX = 256,
	ROW_MAX = 1024,
	CELLS_MAX = 16,
};

struct tables {
	uint64_t bits[TABLES_MAX / 64];
};

struct entry {
	uint64_t age;
	const struct stmt *stmt;
	size_t key_n, cells_n;
	struct value cells[CELLS_MAX]; /* their bytes behind the key */
	unsigned char bytes[];
};

struct kept {
	struct entry *entries[ENTRIES];
	uint64_t age; /* of what is remembered now; entries of another are forgotten */
	int64_t version;
	bool version_read; /* in this transaction */
	struct sqlite3_stmt *data_version;
	char *names[TABLES_MAX];
	size_t name_count;
	struct tables reads;        /* of all kept statements */
	struct tables now, written; /* by the statement that is being prepared */
	struct tables *writes;      /* by slot */
};

/* ---- tables */

/* Its number; TABLES_MAX: there is no telling. */
static size_t
table_number(struct kept *k, const char *name)
{
	for (size_t i = 0; i < k->name_count; i++)
		if (strcmp(k->names[i], name) == 0)
			return i;
	if (k->name_count == TABLES_MAX || (k->names[k->name_count] = strdup(name)) == NULL)
		return TABLES_MAX;
	return k->name_count++;
}

static void
add_table(struct kept *k, struct tables *t, const char *name)
{
	size_t i = table_number(k, name);

	if (i == TABLES_MAX)
		memset(t, 0xff, sizeof *t);
	else
		t->bits[i / 64] |= (uint64_t)1 << i % 64;
}

static bool
meet(const struct tables *a, const struct tables *b)
{
	uint64_t both = 0;

	for (size_t i = 0; i < COUNT(a->bits); i++)
		both |= a->bits[i] & b->bits[i];
	return both != 0;
}

static int
on_authorize(void *arg, int action, const char *one, const char *two, const char *schema, const char *trigger)
{
	struct kept *k = arg;

	(void)two;
	(void)schema;
	(void)trigger;
	if (one != NULL && action == SQLITE_READ)
		add_table(k, &k->now, one);
	if (one != NULL && (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE))
		add_table(k, &k->written, one);
	return SQLITE_OK;
}

void
kept_prepare(struct lite *c)
{
	if (c->kept == NULL)
		return;
	c->kept->now = c->kept->written = (struct tables){ { 0 } };
}

void
kept_prepared(struct lite *c, const struct stmt *stmt)
{
	struct kept *k = c->kept;

	if (k == NULL)
		return;
	k->writes[stmt->slot] = k->written;
	for (size_t i = 0; stmt->kept && i < COUNT(k->reads.bits); i++)
		k->reads.bits[i] |= k->now.bits[i];
}

/* ---- forgetting */

void
kept_forget(struct lite *c)
{
	if (c->kept != NULL)
		c->kept->age++;
}

void
kept_begin(struct lite *c)
{
	if (c->kept != NULL)
		c->kept->version_read = false;
}

void
kept_writes(struct lite *c, const struct stmt *stmt)
{
	if (c->kept != NULL && stmt->writes && meet(&c->kept->writes[stmt->slot], &c->kept->reads))
		kept_forget(c);
}

/* The snapshot begins with this statement at the latest. */
static bool
is_current(struct kept *k)
{
	int64_t version;

	if (k->version_read)
		return true;
	if (sqlite3_step(k->data_version) != SQLITE_ROW) {
		sqlite3_reset(k->data_version);
		return false;
	}
	version = sqlite3_column_int64(k->data_version, 0);
	sqlite3_reset(k->data_version);
	if (version != k->version)
		k->age++;
	k->version = version;
	k->version_read = true;
	return true;
}

/* ---- finding and remembering */

static size_t
key_write(const struct stmt *stmt, const struct value *args, unsigned char out[static KEY_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < stmt->bind_count; i++) {
		const struct value *v = &args[i];
		const void *p = v->kind == VALUE_INT ? &v->i : v->p;
		size_t size = v->kind == VALUE_INT ? sizeof v->i : v->kind == VALUE_NULL ? 0 : v->n;

		if (n + 1 + sizeof size + size > KEY_MAX)
			return 0;
		out[n++] = (unsigned char)v->kind;
		memcpy(out + n, &size, sizeof size);
		n += sizeof size;
		if (size > 0)
			memcpy(out + n, p, size);
		n += size;
	}
	return n;
}

/* FNV-1a; the keys that matter are hashes already, and a wrong place only displaces. */
static size_t
place_of(const struct stmt *stmt, const unsigned char *key, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u ^ stmt->slot;

	for (size_t i = 0; i < n; i++)
		h = (h ^ key[i]) * 0x100000001b3u;
	return (size_t)(h >> 32) % ENTRIES;
}

const struct value *
kept_find(struct lite *c, const struct stmt *stmt, const struct value *args)
{
	unsigned char key[KEY_MAX];
	const struct entry *e;
	size_t n;

	if (c->kept == NULL || !stmt->kept || !is_current(c->kept) || (n = key_write(stmt, args, key)) == 0)
		return NULL;
	e = c->kept->entries[place_of(stmt, key, n)];
	if (e == NULL || e->age != c->kept->age || e->stmt != stmt || e->key_n != n ||
	        memcmp(e->bytes, key, n) != 0)
		return NULL;
	return e->cells;
}

static size_t
size_of(const struct value *v)
{
	return v->kind == VALUE_TEXT || v->kind == VALUE_BLOB ? v->n : 0;
}

void
kept_add(struct lite *c, const struct stmt *stmt, const struct value *args, const struct value *cells,
        size_t cells_n)
{
	unsigned char key[KEY_MAX], *at;
	struct entry *e, **place;
	size_t n, row = 0;

	if (c->kept == NULL || !stmt->kept || !c->kept->version_read || cells_n > CELLS_MAX ||
	        (n = key_write(stmt, args, key)) == 0)
		return;
	for (size_t i = 0; i < cells_n; i++)
		row += size_of(&cells[i]);
	if (row > ROW_MAX || (e = malloc(sizeof *e + n + row)) == NULL)
		return;
	*e = (struct entry){ .age = c->kept->age, .stmt = stmt, .key_n = n, .cells_n = cells_n };
	at = (unsigned char *)mempcpy(e->bytes, key, n);
	for (size_t i = 0; i < cells_n; i++) {
		e->cells[i] = cells[i];
		if (cells[i].kind == VALUE_TEXT || cells[i].kind == VALUE_BLOB) {
			e->cells[i].p = at;
			at = (unsigned char *)mempcpy(at, cells[i].p, cells[i].n);
		}
	}
	place = &c->kept->entries[place_of(stmt, key, n)];
	free(*place);
	*place = e;
}

/* ---- with the connection */

int
kept_open(struct lite *c)
{
	struct kept *k = calloc(1, sizeof *k);

	if (k == NULL)
		return SQLITE_NOMEM;
	c->kept = k;
	k->writes = calloc(c->stmt_count, sizeof *k->writes);
	if (k->writes == NULL)
		return SQLITE_NOMEM;
	sqlite3_set_authorizer(c->raw, on_authorize, k);
	return sqlite3_prepare_v3(
	        c->raw, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT, &k->data_version, NULL);
}

void
kept_close(struct lite *c)
{
	struct kept *k = c->kept;

	if (k == NULL)
		return;
	sqlite3_finalize(k->data_version);
	for (size_t i = 0; i < ENTRIES; i++)
		free(k->entries[i]);
	for (size_t i = 0; i < k->name_count; i++)
		free(k->names[i]);
	free(k->writes);
	free(k);
	c->kept = NULL;
}
