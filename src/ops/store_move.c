/* store_move.c - see store_move.h.  Until the very end the target is marked, so that no server
 * starts on half of it; the embedded database is only read. */
#include "ops/store_move.h"
#include "ops/prove.h"
#include "store/backup.h"
#include "store/migrate.h"
#include "store/move.h"
#include "store/seal.h"
#include "sys/crypto.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	BATCH_ROWS = 5000,
	BATCH_BYTES = 4 << 20,
	LINES_MAX = 256 << 20,
	STATEMENT_TIMEOUT_MS = 600000,
	SHOWN_EVERY = 20000
};

struct moving {
	const struct store_move_conf *conf;
	struct store_move_result *out;
	struct move_from *from;
	struct move_to *to;
	struct move_table *tables;
	size_t count;
	struct buf lines;
	char *why;
};

static void
show(const struct moving *m, const char *what, const struct move_table *t, int64_t done)
{
	if (m->conf->progress)
		m->conf->progress(what, t->name, done, t->rows);
}

/* ---- the target's tables */

static enum err
open_target(struct moving *m, struct store **out)
{
	struct store_conf sc = { .url = m->conf->to_url,
		.connect_timeout_ms = m->conf->connect_timeout_ms,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS };

	return store_open(&sc, out, m->why);
}

static enum err
make_tables(struct moving *m)
{
	struct store *target = NULL;
	int from, to;
	enum err err = open_target(m, &target);

	if (err == OK)
		err = store_migrate(target, &from, &to, m->why);
	store_close(target);
	return err;
}

static enum err
take_target(struct moving *m)
{
	char mark[MOVE_MARK], theirs[MOVE_MARK];
	enum move_state state;

	TRY(move_from_mark(m->from, mark, m->why));
	TRY(move_to_state(m->to, &state, theirs, m->why));
	if (state == MOVE_FILLED) {
		snprintf(m->why, 200, "the target holds data: name an empty database");
		return ERR_STATE;
	}
	if (state == MOVE_OURS && strcmp(mark, theirs) != 0) {
		snprintf(m->why, 200,
		        "the target holds a move of another state of a database: name an empty one");
		return ERR_STATE;
	}
	if (state == MOVE_OURS)
		return OK;
	TRY(make_tables(m));
	return move_to_begin(m->to, mark, m->tables, m->count, m->why);
}

/* ---- rows */

/* Fills the buffer with the next batch; *n: its rows, 0 at the end. */
static enum err
next_batch(struct moving *m, int64_t *n)
{
	bool more = true;

	*n = 0;
	buf_reset(&m->lines);
	while (more && *n < BATCH_ROWS && m->lines.n < BATCH_BYTES) {
		TRY(move_from_next(m->from, &m->lines, &more, m->why));
		*n += more;
	}
	return OK;
}

static enum err
copy_table(struct moving *m, const struct move_table *t)
{
	int64_t done = 0, n;

	TRY(move_to_done(m->to, t, &done, m->why));
	m->out->resumed += done;
	TRY(move_from_rows(m->from, t, done, m->why));
	for (;;) {
		TRY(next_batch(m, &n));
		if (n == 0)
			break;
		done += n;
		TRY(move_to_add(m->to, t, buf_view(&m->lines), done, m->why));
		show(m, "copied", t, done);
	}
	m->out->rows += done;
	return OK;
}

/* ---- verification */

static enum err
sum_source(struct moving *m, const struct move_table *t, struct move_sum *sum)
{
	bool more = true;

	*sum = (struct move_sum){ .rows = 0 };
	TRY(move_from_rows(m->from, t, 0, m->why));
	while (more) {
		buf_reset(&m->lines);
		TRY(move_from_next(m->from, &m->lines, &more, m->why));
		if (more)
			move_sum_add(sum, buf_view(&m->lines));
		if (more && sum->rows % SHOWN_EVERY == 0)
			show(m, "compared", t, sum->rows);
	}
	return OK;
}

static enum err
compare_table(struct moving *m, const struct move_table *t)
{
	struct move_sum ours, theirs;

	TRY(sum_source(m, t, &ours));
	TRY(move_to_sum(m->to, t, &theirs, m->why));
	show(m, "compared", t, ours.rows);
	if (move_sum_eq(&ours, &theirs))
		return OK;
	snprintf(m->why, 200, "%s differs: %lld rows here, %lld there, or their bytes", t->name,
	        (long long)ours.rows, (long long)theirs.rows);
	return ERR_STATE;
}

/* As a server would see it: the trail verifies, charts open, counts are the same. */
static enum err
prove(struct moving *m)
{
	struct proof proof = { .reached = clock_now() };
	struct store *target = NULL;
	enum err err = open_target(m, &target);

	if (err == OK && seal_init(target, m->conf->keyring) != OK)
		err = ERR_BUSY;
	if (err == OK)
		err = prove_store(target, m->conf->from, m->conf->keyring, &proof, m->why);
	if (target != NULL)
		seal_close(target);
	store_close(target);
	m->out->audit_entries = proof.audit_entries;
	m->out->charts_opened = proof.charts_opened;
	return err;
}

static enum err
move_all(struct moving *m)
{
	TRY(move_from_tables(m->from, m->tables, &m->count, m->why));
	TRY(take_target(m));
	for (size_t i = 0; i < m->count; i++)
		TRY(copy_table(m, &m->tables[i]));
	for (size_t i = 0; i < m->count; i++)
		TRY(compare_table(m, &m->tables[i]));
	m->out->tables = (int64_t)m->count;
	TRY(prove(m));
	return move_to_end(m->to, m->why);
}

enum err
store_move(const struct store_move_conf *conf, struct store_move_result *out, char *why)
{
	struct moving m = { .conf = conf, .out = out, .why = why };
	enum err err = ERR_BUSY;

	*out = (struct store_move_result){ .rows = 0 };
	snprintf(why, 200, "out of memory");
	buf_init(&m.lines, LINES_MAX);
	m.tables = calloc(MOVE_TABLES_MAX, sizeof *m.tables);
	if (m.tables != NULL)
		err = move_from_open(store_file(conf->from), &m.from, why);
	if (err == OK)
		err = move_to_open(conf->to_url, &m.to, why);
	if (err == OK)
		err = move_all(&m);
	move_to_close(m.to);
	move_from_close(m.from);
	buf_free(&m.lines);
	free(m.tables);
	return err;
}
