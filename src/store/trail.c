/* trail.c - the rows of trail.h. */
#include "store/trail.h"

#include "gen/trail_sql.h"
#include "sys/log.h"

static const struct field trail_entry_fields[] = {
	FIELD(trail_entry, seq),
	FIELD(trail_entry, epoch),
	FIELD(trail_entry, id),
	FIELD(trail_entry, tenant_id),
	FIELD(trail_entry, at),
	FIELD(trail_entry, event),
	FIELD(trail_entry, actor_id),
	FIELD(trail_entry, role),
	FIELD(trail_entry, subject_id),
	FIELD(trail_entry, patient_id),
	FIELD(trail_entry, status),
	FIELD(trail_entry, route),
	FIELD(trail_entry, request_id),
	FIELD(trail_entry, address),
	FIELD(trail_entry, reason_sealed),
	FIELD(trail_entry, before_sealed),
	FIELD(trail_entry, after_sealed),
	FIELD(trail_entry, extra),
};
const struct type trail_entry_type = TYPE(trail_entry, trail_entry_fields);

static const struct field trail_batch_fields[] = {
	FIELD(trail_batch, number),
	FIELD(trail_batch, range_from),
	FIELD(trail_batch, range_to),
	FIELD(trail_batch, entry_count),
	FIELD(trail_batch, at),
	FIELD(trail_batch, root),
	FIELD(trail_batch, previous),
	FIELD(trail_batch, key_id),
	FIELD(trail_batch, signature),
	FIELD(trail_batch, pruned_at),
	FIELD(trail_batch, prune_key_id),
	FIELD(trail_batch, prune_signature),
	FIELD(trail_batch, records),
};
const struct type trail_batch_type = TYPE(trail_batch, trail_batch_fields);

static const struct field trail_number_fields[] = { FIELD(trail_number, n) };
const struct type trail_number_type = TYPE(trail_number, trail_number_fields);

static const struct field trail_key_row_fields[] = {
	FIELD(trail_key_row, number),
	FIELD(trail_key_row, id),
	FIELD(trail_key_row, wrapped_seed),
	FIELD(trail_key_row, created_at),
};
const struct type trail_key_row_type = TYPE(trail_key_row, trail_key_row_fields);

enum { PAGE_ROWS = 512 };

/* Only PostgreSQL counts its transactions anew after a restore. */
enum err
trail_open(struct ctx *ctx, struct db *db)
{
	struct trail_number lifted = { 0 };
	enum err err;

	if (store_engine(db_store(db)) == ENGINE_SQLITE)
		return OK;
	TRY(db_begin(ctx, db, TX_WRITE));
	err = sql_trail_epoch_raise(ctx, &lifted);
	if (err != OK) {
		db_rollback(ctx);
		return err;
	}
	TRY(db_commit(ctx));
	if (lifted.n > 0)
		log_event(EV_AUDIT_EPOCH, { "lifted", LOG_I(lifted.n) });
	return OK;
}

int64_t
trail_order(enum engine engine, const struct trail_entry *e)
{
	return engine == ENGINE_SQLITE || !e->epoch.set ? e->seq : e->epoch.v;
}

/* ---- the reader */

/* The place just before the first entry whose order is at least from. */
static struct trail_pos
before(enum engine engine, int64_t from)
{
	if (from == INT64_MIN)
		return (struct trail_pos){ INT64_MIN, INT64_MIN };
	return engine == ENGINE_SQLITE ? (struct trail_pos){ 0, from - 1 }
	                               : (struct trail_pos){ from - 1, INT64_MAX };
}

void
trail_reader_init(struct trail_reader *r, struct ctx *ctx, struct db *db, int64_t from)
{
	*r = (struct trail_reader){
		.ctx = ctx, .db = db, .pos = before(store_engine(db_store(db)), from), .page_rows = PAGE_ROWS
	};
}

static enum err
read_page(struct trail_reader *r)
{
	struct trail_page_in in = { .epoch = r->pos.epoch, .seq = r->pos.seq, .row_limit = r->page_rows };
	bool own = r->ctx->tx == NULL;
	enum err err = own ? db_begin(r->ctx, r->db, TX_READ) : OK;

	if (err != OK)
		return err;
	err = sql_trail_page(r->ctx, &in, &r->page);
	if (own)
		db_rollback(r->ctx);
	return err;
}

/* Entries can be large, and one can be of a kind that no program of ours wrote:
 * then smaller pages, down to one, find the entries around it. */
static enum err
next_page(struct trail_reader *r)
{
	enum err err;

	for (;;) {
		arena_reset(r->ctx->arena);
		r->at = 0;
		r->page = (struct list){ 0 };
		err = read_page(r);
		if ((err != ERR_TOO_LARGE && err != ERR_INTERNAL) || r->page_rows == 1)
			break;
		r->page_rows = r->page_rows > 8 ? r->page_rows / 8 : 1;
	}
	r->end = err == OK && r->page.count < (size_t)r->page_rows;
	return err;
}

enum err
trail_peek(struct trail_reader *r, const struct trail_entry **out)
{
	if (r->at == r->page.count && !r->end)
		TRY(next_page(r));
	*out = r->at < r->page.count ? (const struct trail_entry *)r->page.items + r->at : NULL;
	return OK;
}

void
trail_taken(struct trail_reader *r)
{
	const struct trail_entry *e = (const struct trail_entry *)r->page.items + r->at++;

	assert(r->at <= r->page.count);
	r->pos = (struct trail_pos){ trail_order(ENGINE_POSTGRES, e), e->seq };
}

int64_t
trail_stuck_seq(struct trail_reader *r)
{
	struct trail_next_seq_in in = { .epoch = r->pos.epoch, .seq = r->pos.seq };
	struct trail_number seq = { 0 };
	bool own = r->ctx->tx == NULL;

	if (own && db_begin(r->ctx, r->db, TX_READ) != OK)
		return 0;
	if (sql_trail_next_seq(r->ctx, &in, &seq) != OK)
		seq.n = 0;
	if (own)
		db_rollback(r->ctx);
	return seq.n;
}
