/* audit_source.c - batches and entries out of a store, each page in a transaction of
 * its own: a trail of years is verified without holding anything up. */
#include "ops/audit_source.h"

#include <stdio.h>
#include <stdlib.h>

#include "gen/audit_ops_sql.h"
#include "sys/files.h"

enum { BATCHES = 16, ARENA_CEILING = 512 << 20 };

struct store_source {
	struct audit_source source;
	struct db *db;
	struct ctx entries; /* its arena holds the entries' page */
	struct trail_reader reader;
	struct list page; /* of trail_batch, in source.ctx.arena */
	size_t at;
	int64_t next, to; /* number of the next batch; the end of the last one's range */
	int64_t page_rows;
};

static struct store_source *
of(struct audit_source *s)
{
	return (struct store_source *)s;
}

static enum err
read_batches(struct store_source *s)
{
	struct ctx *ctx = &s->source.ctx;
	enum err err;

	arena_reset(ctx->arena);
	s->page = (struct list){ 0 };
	s->at = 0;
	TRY(db_begin(ctx, s->db, TX_READ));
	err = sql_audit_batches_whole(ctx,
	        &(struct audit_batches_whole_in){ .number = s->next, .row_limit = s->page_rows }, &s->page);
	db_rollback(ctx);
	return err;
}

static void
batch_of(const struct trail_batch *row, struct source_batch *out)
{
	*out = (struct source_batch){ .records = row->records };
	out->damaged = !trail_head_of(row, &out->head, &out->tomb);
}

static enum err
store_next_batch(struct audit_source *source, struct source_batch *out)
{
	struct store_source *s = of(source);
	enum err err = OK;

	*out = (struct source_batch){ .damaged = false };
	if (s->at == s->page.count)
		err = read_batches(s);
	while (err == ERR_TOO_LARGE && s->page_rows > 1) {
		s->page_rows = 1;
		err = read_batches(s);
	}
	if (err != OK)
		return err == ERR_INTERNAL || err == ERR_TOO_LARGE ? ERR_MALFORMED : err;
	s->to = INT64_MAX;
	if (s->page.count == 0)
		return OK;
	batch_of((const struct trail_batch *)s->page.items + s->at++, out);
	s->next = out->head.number + 1;
	s->to = out->head.to;
	return OK;
}

static enum err
store_peek(struct audit_source *source, const struct trail_entry **out)
{
	struct store_source *s = of(source);
	enum err err = trail_peek(&s->reader, out);

	if (err == OK && *out != NULL && s->to != INT64_MAX && trail_order(source->engine, *out) >= s->to)
		*out = NULL;
	return err == ERR_INTERNAL || err == ERR_TOO_LARGE ? ERR_MALFORMED : err;
}

static void
store_taken(struct audit_source *source)
{
	trail_taken(&of(source)->reader);
}

static int64_t
store_stuck_seq(struct audit_source *source)
{
	return trail_stuck_seq(&of(source)->reader);
}

static enum err
store_horizon(struct audit_source *source, int64_t *out)
{
	struct ctx *ctx = &of(source)->entries;
	struct trail_number horizon;
	enum err err;

	TRY(db_begin(ctx, of(source)->db, TX_READ));
	err = sql_audit_horizon(ctx, &horizon);
	db_rollback(ctx);
	if (err == OK)
		*out = horizon.n;
	return err;
}

static void
store_source_close(struct audit_source *source)
{
	struct store_source *s = of(source);

	db_close(s->db);
	arena_free(s->source.ctx.arena);
	arena_free(s->entries.arena);
	free(s);
}

static const struct audit_source_ops store_ops = {
	.next_batch = store_next_batch,
	.peek = store_peek,
	.taken = store_taken,
	.stuck_seq = store_stuck_seq,
	.horizon = store_horizon,
	.close = store_source_close,
};

/* Finds the first batch wanted, and reads the head before it. */
static enum err
seek(struct store_source *s, struct instant since, struct source_batch *before)
{
	struct ctx *ctx = &s->source.ctx;
	struct list rows = { 0 };
	const struct trail_batch *row;
	enum err err;

	TRY(db_begin(ctx, s->db, TX_READ));
	err = sql_audit_batches_since(
	        ctx, &(struct audit_batches_since_in){ .since = since, .row_limit = 1 }, &rows);
	if (err == OK && rows.count == 0) /* nothing since: the last head and what is unsealed */
		err = sql_audit_last_batch(ctx, &rows);
	row = rows.items;
	s->next = rows.count == 0 ? 1 : row->number;
	if (err == OK && s->next > 1)
		err = sql_audit_batches(
		        ctx, &(struct audit_batches_in){ .number = s->next - 1, .row_limit = 1 }, &rows);
	db_rollback(ctx);
	TRY(err);
	row = rows.items;
	if (s->next > 1 && rows.count == 1 && row->number == s->next - 1)
		batch_of(row, before);
	return OK;
}

enum err
audit_source_store(struct store *store, struct instant since, struct audit_source **out,
        struct source_batch *before, char *why)
{
	struct store_source *s = calloc(1, sizeof *s);
	enum err err = ERR_BUSY;

	*before = (struct source_batch){ .damaged = false };
	if (s == NULL)
		return ERR_BUSY;
	s->source = (struct audit_source){ .ops = &store_ops, .engine = store_engine(store) };
	s->source.ctx.arena = arena_new(ARENA_CEILING);
	s->entries.arena = arena_new(ARENA_CEILING);
	s->next = 1;
	s->page_rows = BATCHES;
	if (s->source.ctx.arena != NULL && s->entries.arena != NULL)
		err = db_open(store, &s->db);
	if (err == OK && since.ms != 0)
		err = seek(s, since, before);
	if (err != OK) {
		snprintf(why, WHY_SIZE, "the trail cannot be read: %.150s",
		        s->source.ctx.why[0] ? s->source.ctx.why : "no connection or no memory");
		store_source_close(&s->source);
		return err;
	}
	trail_reader_init(
	        &s->reader, &s->entries, s->db, since.ms != 0 && s->next > 1 ? before->head.to : INT64_MIN);
	*out = &s->source;
	return OK;
}

void
audit_source_close(struct audit_source *source)
{
	if (source != NULL)
		source->ops->close(source);
}
