/* audit_prune.c - see audit_prune.h. */
#include "ops/audit_prune.h"

#include "gen/audit_ops_sql.h"

enum { ENTRIES_AT_ONCE = 4096, ARENA_CEILING = 256 << 20, SCRATCH_CEILING = 256 << 20 };

struct date
audit_prune_limit(struct instant now)
{
	return date_add_months(instant_date(now), -12 * TRAIL_KEEP_YEARS);
}

struct pruner {
	struct ctx ctx; /* the caller's transaction, memory of its own */
	struct db *db;
	struct trail_keys keys;
	struct trail_signer *signer;
	struct buf scratch;
};

static enum err
refuse(struct ctx *caller, int64_t batch)
{
	return fail(
	        caller, ERR_STATE, "batch %lld does not verify: nothing of it was removed", (long long)batch);
}

/* One entry's record against the batch's; false: it is another one. */
static bool
is_record(struct pruner *p, const struct trail_entry *e, const struct trail_batch *b, size_t i)
{
	unsigned char bytes[TRAIL_RECORD_SIZE];
	struct trail_record r;

	trail_record_of(&p->scratch, e, &r);
	trail_record_write(&r, bytes);
	return (i + 1) * sizeof bytes <= b->records.n &&
	       memcmp(bytes, b->records.p + i * sizeof bytes, sizeof bytes) == 0;
}

/* Root and count of the entries that are there; young: one is of the day or later. */
static enum err
look(struct pruner *p, const struct trail_batch *b, struct date before, struct merkle *tree, bool *same,
        bool *young)
{
	struct ctx pages = p->ctx;
	struct trail_reader reader;
	const struct trail_entry *e;
	struct hash leaf;
	enum err err;

	pages.arena = arena_new(ARENA_CEILING);
	if (pages.arena == NULL)
		return ERR_BUSY;
	merkle_init(tree);
	trail_reader_init(&reader, &pages, p->db, b->range_from);
	while ((err = trail_peek(&reader, &e)) == OK && e != NULL &&
	        trail_order(store_engine(db_store(p->db)), e) < b->range_to) {
		*same = *same && is_record(p, e, b, (size_t)tree->count);
		*young = *young || date_cmp(instant_date((struct instant){ e->at.v }), before) >= 0;
		if (!*same)
			break;
		trail_leaf(b->records.p + tree->count * TRAIL_RECORD_SIZE, &leaf);
		merkle_add(tree, &leaf);
		trail_taken(&reader);
	}
	arena_free(pages.arena);
	memcpy(p->ctx.why, pages.why, sizeof p->ctx.why);
	return err;
}

static enum err
remove_batch(struct pruner *p, const struct trail_head *h)
{
	struct trail_tomb tomb = { .at = p->ctx.now };
	int64_t removed;

	TRY(sql_audit_entries_remove_count(&p->ctx,
	        &(struct audit_entries_remove_in){ .range_from = h->from, .range_to = h->to }, &removed));
	if (removed != h->count)
		return fail(&p->ctx, ERR_STALE, "the batch changed while it was pruned");
	TRY(sql_audit_patients_remove(&p->ctx, &(struct audit_patients_remove_in){ .range_to = h->to }));
	TRY(sql_audit_runs_remove(&p->ctx, &(struct audit_runs_remove_in){ .range_to = h->to }));
	trail_tomb_sign(p->signer, h, &tomb);
	return sql_audit_batch_prune(
	        &p->ctx, &(struct audit_batch_prune_in){ .number = h->number,
	                         .pruned_at = tomb.at,
	                         .key_id = { tomb.key_id, sizeof tomb.key_id },
	                         .signature = { tomb.signature, sizeof tomb.signature } });
}

/* *go: the batch's time is over, and it was removed. */
static enum err
prune_batch(struct pruner *p, struct ctx *caller, const struct trail_batch *b, struct date before, bool *go)
{
	struct trail_head head;
	struct trail_tomb tomb;
	struct merkle tree;
	struct hash root;
	bool same = true, young = false;

	*go = date_cmp(instant_date(b->at), before) < 0;
	if (!*go)
		return OK;
	if (!trail_head_of(b, &head, &tomb) || !trail_head_signed(&p->keys, &head))
		return refuse(caller, b->number);
	TRY(look(p, b, before, &tree, &same, &young));
	merkle_root(&tree, &root);
	*go = !young;
	if (young)
		return OK;
	if (!same || (int64_t)tree.count != head.count || !hash_eq(&root, &head.root))
		return refuse(caller, b->number);
	return remove_batch(p, &head);
}

static enum err
next_batch(struct pruner *p, int64_t number, const struct trail_batch **out)
{
	struct list rows;

	arena_reset(p->ctx.arena);
	TRY(sql_audit_batches_kept(
	        &p->ctx, &(struct audit_batches_kept_in){ .number = number, .row_limit = 1 }, &rows));
	*out = rows.count > 0 ? rows.items : NULL;
	return OK;
}

static enum err
prune_some(struct pruner *p, struct ctx *caller, struct audit_prune *io)
{
	const struct trail_batch *b;
	int64_t entries = 0;
	bool go;

	while (entries < ENTRIES_AT_ONCE) {
		TRY(next_batch(p, io->next, &b));
		go = false;
		if (b != NULL)
			TRY(prune_batch(p, caller, b, io->before, &go));
		if (!go) {
			io->done = true;
			return OK;
		}
		io->next = b->number + 1;
		io->batches++;
		io->entries += b->entry_count;
		entries += b->entry_count;
	}
	return OK;
}

enum err
audit_prune_some(struct ctx *ctx, struct db *db, struct keyring *ring, struct audit_prune *io)
{
	struct pruner p = { .ctx = *ctx, .db = db };
	enum err err;

	assert(date_cmp(io->before, audit_prune_limit(ctx->now)) <= 0);
	TRY(trail_keys_read(ctx, ring, &p.keys));
	TRY(trail_signer_open(ctx, ring, &p.signer));
	buf_init(&p.scratch, SCRATCH_CEILING);
	p.ctx.arena = arena_new(ARENA_CEILING);
	err = p.ctx.arena != NULL ? prune_some(&p, ctx, io) : ERR_BUSY;
	if (err != OK && ctx->why[0] == 0)
		memcpy(ctx->why, p.ctx.why, sizeof ctx->why);
	arena_free(p.ctx.arena);
	buf_free(&p.scratch);
	trail_signer_close(p.signer);
	return err;
}
