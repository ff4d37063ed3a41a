/* audit_verify.c - see audit_verify.h.
 *
 * Each head holds the hash of the head before it and of that one's signature, so a
 * good signature under the last head vouches for all: the first run checks only that
 * and the chain.  If it finds anything, a second run checks every signature, to name
 * what comes first; which also clears a batch that was pruned while it was read. */
#include "ops/audit_judge.h"

#include <stdio.h>

#include "sys/files.h"

enum { SCRATCH_CEILING = 256 << 20, LIST_ARENA = 1 << 20 };

static const struct {
	const char *word, *text[2];
} fault_rows[FAULT__MAX] = {
#define FAULT(name, word, pt, en) [FAULT_##name] = { word, { pt, en } },
#include "ops/audit_faults.def"
#undef FAULT
};

const char *
audit_fault_word(enum audit_fault f)
{
	assert(f > FAULT_NONE && f < FAULT__MAX);
	return fault_rows[f].word;
}

const char *
audit_fault_text(enum audit_fault f, bool english)
{
	assert(f > FAULT_NONE && f < FAULT__MAX);
	return fault_rows[f].text[english];
}

/* ---- heads */

static bool
same_head(const struct trail_head *a, const struct trail_head *b)
{
	struct hash x, y;

	trail_head_hash(a, &x);
	trail_head_hash(b, &y);
	return hash_eq(&x, &y);
}

static bool
signed_well(const struct judge *j, const struct trail_head *h)
{
	return trail_head_signed(j->conf->keys, h);
}

/* The two do not fit together: the one that is not signed well is to blame. */
static void
broken_chain(struct judge *j, const struct trail_head *h, const char *how)
{
	if (!signed_well(j, &j->last))
		judge_found(j, FAULT_FORGED, j->last.number, "the head's signature is wrong");
	else if (!signed_well(j, h))
		judge_found(j, FAULT_FORGED, h->number, "the head's signature is wrong");
	else
		judge_found(j, FAULT_FORGED, h->number, "%s", how);
}

static void
check_link(struct judge *j, const struct trail_head *h)
{
	struct hash previous;

	if (h->number != j->last.number + 1) {
		judge_found(j, FAULT_REMOVED, j->last.number + 1,
		        "the head is gone; the next one there is %lld", (long long)h->number);
		return;
	}
	trail_head_hash(&j->last, &previous);
	if (!hash_eq(&previous, &h->previous))
		broken_chain(j, h, "it does not name the head before it");
	else if (h->from != j->last.to || h->at.ms < j->last.at.ms)
		broken_chain(j, h, "its range or time does not follow the head before it");
}

/* Of the first head of a run there is nothing before it, or what an export left out. */
static void
check_first(struct judge *j, const struct trail_head *h)
{
	static const struct hash none;

	if (h->number != 1 && !j->source->files)
		judge_found(j, FAULT_REMOVED, 1, "the head is gone; the first one there is %lld",
		        (long long)h->number);
	else if (h->number == 1 && (h->from != 0 || !hash_eq(&h->previous, &none)))
		judge_found(j, FAULT_FORGED, 1, "the first head names one before it");
}

/* Keys follow each other: one that was replaced signs no more. */
static void
check_key(struct judge *j, const struct trail_head *h)
{
	const struct trail_key *key = trail_key_find(j->conf->keys, h->key_id);
	size_t at = key != NULL ? (size_t)(key - j->conf->keys->items) : 0;
	bool change = key != NULL && at != j->key_at;

	if (key == NULL)
		judge_found(j, FAULT_FORGED, h->number, "signed by an unknown key");
	else if (at < j->key_at)
		judge_found(j, FAULT_FORGED, h->number, "signed by a key that had been replaced");
	else if ((j->thorough || change || j->last.number == 0) && !signed_well(j, h))
		judge_found(j, FAULT_FORGED, h->number, "the head's signature is wrong");
	else if (change && j->last.number > 0 && !signed_well(j, &j->last))
		judge_found(j, FAULT_FORGED, j->last.number, "the head's signature is wrong");
	j->key_at = at;
}

static void
check_head(struct judge *j, const struct source_batch *b)
{
	const struct trail_head *h = &b->head;

	if (j->last.number == 0)
		check_first(j, h);
	else
		check_link(j, h);
	if (!judge_is_found(j) && (b->damaged || h->to <= h->from || h->count <= 0))
		judge_found(j, FAULT_FORGED, h->number, "the head has values that no head has");
	if (!judge_is_found(j))
		check_key(j, h);
}

/* ---- the list of heads outside */

static enum err
list_next(struct judge *j)
{
	enum err err;

	arena_reset(j->list_ctx.arena);
	err = audit_heads_next(&j->list, &j->list_ctx, &j->listed);
	if (err != ERR_MALFORMED)
		return err;
	judge_found(j, FAULT_CHANGED, 0, "line %lld of the list of heads is no head",
	        (long long)j->list.line_number);
	return OK;
}

/* Lines before the batch are of batches before the run, or written twice by a crash. */
static enum err
check_listed(struct judge *j, const struct trail_head *h)
{
	while (!judge_is_found(j) && j->listed.number != 0 && j->listed.number < h->number)
		TRY(list_next(j));
	if (judge_is_found(j) || j->listed.number != h->number || same_head(&j->listed, h))
		return OK;
	judge_found(j, FAULT_FORGED, h->number, "it is not the head in the list, whose signature is %s",
	        signed_well(j, &j->listed) ? "right" : "wrong as well");
	return OK;
}

static enum err
check_batch(struct judge *j, const struct source_batch *b)
{
	bool pruned = b->tomb.at.ms != 0;

	check_head(j, b);
	if (!judge_is_found(j))
		TRY(check_listed(j, &b->head));
	if (judge_is_found(j))
		return OK;
	TRY(judge_entries(j, b));
	if (judge_is_found(j))
		return OK;
	j->last = b->head;
	j->out->batches++;
	*(pruned ? &j->out->pruned : &j->out->entries) += b->head.count;
	return OK;
}

/* ---- behind the last head */

static enum err
check_unsealed(struct judge *j)
{
	const struct trail_entry *e;
	struct trail_record r;
	struct trail_entry oldest = { .seq = 0 };
	const struct source_batch none = { .damaged = false };
	int64_t horizon, newest = j->conf->live ? clock_now().ms : 0;

	TRY(j->source->ops->horizon(j->source, &horizon));
	for (;; j->source->ops->taken(j->source)) {
		TRY(judge_peek(j, &none, &e, &r));
		if (judge_is_found(j))
			return OK;
		if (e == NULL)
			break;
		j->out->unsealed++;
		if (e->at.v > newest)
			newest = e->at.v;
		if (trail_order(j->source->engine, e) < horizon && (oldest.seq == 0 || e->at.v < oldest.at.v))
			oldest = (struct trail_entry){ .seq = e->seq, .at = e->at };
	}
	if (oldest.seq == 0 || newest - oldest.at.v <= j->conf->grace_ms)
		return OK;
	judge_found(j, FAULT_TRUNCATED, 0,
	        "entries without a signed head: heads were removed, or nothing has sealed them yet");
	judge_name(j, &oldest);
	return OK;
}

static void
check_end(struct judge *j)
{
	if (j->last.number > 0 && !j->thorough && !signed_well(j, &j->last))
		judge_found(j, FAULT_FORGED, j->last.number, "the head's signature is wrong");
	else if (j->listed.number > j->last.number)
		judge_found(j, FAULT_TRUNCATED, j->listed.number,
		        "the head is in the list, and no more in the trail");
	else if (j->source->files && !j->source->ended)
		judge_found(j, FAULT_TRUNCATED, 0, "the export breaks off");
	else if (j->source->files && j->out->batches == 0)
		judge_found(j, FAULT_TRUNCATED, 0, "the export has no head");
}

/* ---- a run */

static enum err
list_open(struct judge *j, char *why)
{
	if (j->conf->heads_file == NULL)
		return OK;
	j->list_ctx.arena = arena_new(LIST_ARENA);
	if (j->list_ctx.arena == NULL)
		return ERR_BUSY;
	TRY(audit_heads_open(&j->list, j->conf->heads_file, why));
	return list_next(j);
}

/* Lines below the last batch, and those a live store's sealer wrote since: it wrote
 * the store before the list, so the store is asked again. */
static enum err
list_beyond(struct judge *j, bool *again)
{
	while (!judge_is_found(j) && j->listed.number != 0 && j->listed.number <= j->last.number)
		TRY(list_next(j));
	*again = !judge_is_found(j) && j->listed.number > j->last.number;
	return OK;
}

static enum err
judge_all(struct judge *j)
{
	struct source_batch b;
	bool again = false;
	enum err err;

	for (;;) {
		err = j->source->ops->next_batch(j->source, &b);
		if (err != OK)
			return judge_unreadable(j, err, j->last.number + 1);
		if (b.head.number == 0 && again)
			break;
		if (b.head.number == 0) {
			TRY(list_beyond(j, &again));
			if (judge_is_found(j))
				return OK;
			if (!again)
				break;
			continue;
		}
		again = false;
		TRY(check_batch(j, &b));
		if (judge_is_found(j))
			return OK;
	}
	check_end(j);
	return judge_is_found(j) || j->source->files ? OK : check_unsealed(j);
}

/* The head before the first wanted one is taken for granted only if it is signed. */
static void
start_at(struct judge *j, const struct source_batch *before)
{
	if (before->head.number == 0)
		return;
	if (before->damaged || !signed_well(j, &before->head))
		judge_found(j, FAULT_FORGED, before->head.number, "the head's signature is wrong");
	else
		check_key(j, &before->head);
	j->last = before->head;
}

static enum err
run(struct audit_source *source, const struct source_batch *before, const struct audit_verify_conf *conf,
        bool thorough, struct audit_verdict *out, char *why)
{
	struct judge j = { .conf = conf, .source = source, .out = out, .thorough = thorough };
	enum err err;

	*out = (struct audit_verdict){ .batches = 0 };
	buf_init(&j.scratch, SCRATCH_CEILING);
	start_at(&j, before);
	err = list_open(&j, why);
	if (err == OK && !judge_is_found(&j))
		err = judge_all(&j);
	out->last = j.last;
	if (err != OK && why[0] == 0)
		snprintf(why, WHY_SIZE, "the trail cannot be read: %.150s", source->ctx.why);
	if (j.list.file != NULL)
		audit_heads_close(&j.list);
	arena_free(j.list_ctx.arena);
	buf_free(&j.scratch);
	return err;
}

enum err
audit_verify_store(
        struct store *store, const struct audit_verify_conf *conf, struct audit_verdict *out, char *why)
{
	struct audit_source *source;
	struct source_batch before;
	enum err err = OK;

	why[0] = 0;
	for (int thorough = 0; thorough < 2 && err == OK; thorough++) {
		TRY(audit_source_store(store, conf->since, &source, &before, why));
		err = run(source, &before, conf, thorough, out, why);
		audit_source_close(source);
		if (out->first.fault == FAULT_NONE)
			break;
	}
	return err;
}

enum err
audit_verify_export(
        const char *path, const struct audit_verify_conf *conf, struct audit_verdict *out, char *why)
{
	static const struct source_batch none;
	struct audit_source *source;
	enum err err = OK;

	why[0] = 0;
	for (int thorough = 0; thorough < 2 && err == OK; thorough++) {
		TRY(audit_source_export(path, &source, why));
		err = run(source, &none, conf, thorough, out, why);
		audit_source_close(source);
		if (out->first.fault == FAULT_NONE)
			break;
	}
	return err;
}
