/* audit_entries.c - what stands under one head: are the entries what was sealed, and
 * if not, which is the first that is not, and what became of it. */
#include "ops/audit_judge.h"

#include <stdarg.h>
#include <stdio.h>

enum { KEEP_MONTHS = 12 * TRAIL_KEEP_YEARS };

/* ---- findings */

void
judge_found(struct judge *j, enum audit_fault fault, int64_t batch, const char *fmt, ...)
{
	struct audit_finding *f = &j->out->first;
	va_list args;

	assert(f->fault == FAULT_NONE);
	*f = (struct audit_finding){ .fault = fault, .batch = batch, .line = j->source->line };
	va_start(args, fmt);
	vsnprintf(f->detail, sizeof f->detail, fmt, args);
	va_end(args);
}

bool
judge_is_found(const struct judge *j)
{
	return j->out->first.fault != FAULT_NONE;
}

void
judge_name(struct judge *j, const struct trail_entry *e)
{
	struct audit_finding *f = &j->out->first;

	f->seq = e->seq;
	f->at = (struct instant){ e->at.v };
	if (e->id.n == sizeof f->id.b)
		memcpy(f->id.b, e->id.p, sizeof f->id.b);
}

enum err
judge_unreadable(struct judge *j, enum err err, int64_t batch)
{
	if (err != ERR_MALFORMED)
		return err;
	judge_found(j, FAULT_CHANGED, batch, "cannot be read: %.150s", j->source->ctx.why);
	j->out->first.seq = j->source->ops->stuck_seq(j->source);
	return OK;
}

/* ---- entries */

static bool
record_at(const struct source_batch *b, size_t i, struct trail_record *out)
{
	if ((i + 1) * TRAIL_RECORD_SIZE > b->records.n)
		return false;
	trail_record_read(b->records.p + i * TRAIL_RECORD_SIZE, out);
	return true;
}

static bool
has_digest(const struct source_batch *b, const struct hash *digest)
{
	struct trail_record r;

	for (size_t i = 0; record_at(b, i, &r); i++)
		if (hash_eq(&r.digest, digest))
			return true;
	return false;
}

/* Which record has this number; false: none. */
static bool
find_seq(const struct source_batch *b, int64_t seq, size_t *at)
{
	struct trail_record r;

	for (*at = 0; record_at(b, *at, &r); ++*at)
		if (r.seq == seq)
			return true;
	return false;
}

static bool
records_match(const struct source_batch *b)
{
	struct merkle tree;
	struct hash leaf, root;
	size_t n = (size_t)b->head.count;

	if (b->records.n / TRAIL_RECORD_SIZE != n || b->records.n % TRAIL_RECORD_SIZE != 0)
		return false;
	merkle_init(&tree);
	for (size_t i = 0; i < n; i++) {
		trail_leaf(b->records.p + i * TRAIL_RECORD_SIZE, &leaf);
		merkle_add(&tree, &leaf);
	}
	merkle_root(&tree, &root);
	return hash_eq(&root, &b->head.root);
}

enum err
judge_peek(struct judge *j, const struct source_batch *b, const struct trail_entry **out,
        struct trail_record *record)
{
	enum err err = j->source->ops->peek(j->source, out);

	if (err != OK) {
		*out = NULL;
		return judge_unreadable(j, err, b->head.number);
	}
	if (*out == NULL)
		return OK;
	trail_record_of(&j->scratch, *out, record);
	return buf_failed(&j->scratch) ? ERR_TOO_LARGE : OK;
}

/* Does what the record says stand further down in the batch? */
static enum err
stands_later(struct judge *j, const struct source_batch *b, const struct trail_record *wanted, bool *out)
{
	const struct trail_entry *e;
	struct trail_record r;

	for (*out = false; !*out;) {
		TRY(judge_peek(j, b, &e, &r));
		if (e == NULL)
			break;
		*out = hash_eq(&r.digest, &wanted->digest);
		j->source->ops->taken(j->source);
	}
	return OK;
}

/* An entry that is not what the next record says; the records are proven by the root. */
static enum err
name_misfit(struct judge *j, const struct source_batch *b, size_t i, const struct trail_entry *e,
        const struct trail_record *r)
{
	struct trail_record wanted;
	int64_t batch = b->head.number;
	bool more = record_at(b, i, &wanted), later = false;
	size_t at;

	if (!find_seq(b, r->seq, &at)) {
		judge_found(j, has_digest(b, &r->digest) ? FAULT_REORDERED : FAULT_INSERTED, batch,
		        "the batch was sealed without an entry of this number");
		judge_name(j, e);
		return OK;
	}
	if (at == i || at < i || !more) {
		bool moved = at < i || (has_digest(b, &r->digest) && !hash_eq(&r->digest, &wanted.digest));

		judge_found(j, moved ? FAULT_REORDERED : FAULT_CHANGED, batch,
		        moved ? "another entry of the batch stands in its place"
		              : "it is not what was sealed");
		judge_name(j, e);
		return OK;
	}
	TRY(stands_later(j, b, &wanted, &later));
	if (judge_is_found(j))
		return OK;
	judge_found(j, later ? FAULT_REORDERED : FAULT_REMOVED, batch,
	        later ? "it stands at another place than when it was sealed" : "the entry is gone");
	j->out->first.seq = wanted.seq;
	return OK;
}

static enum err
compare_entries(struct judge *j, const struct source_batch *b)
{
	const struct trail_entry *e;
	struct trail_record is, wanted;
	size_t i = 0;

	for (;; i++) {
		TRY(judge_peek(j, b, &e, &is));
		if (judge_is_found(j) || e == NULL)
			break;
		if (!record_at(b, i, &wanted) || is.seq != wanted.seq || is.epoch != wanted.epoch ||
		        !hash_eq(&is.digest, &wanted.digest))
			return name_misfit(j, b, i, e, &is);
		j->source->ops->taken(j->source);
	}
	if (!judge_is_found(j) && record_at(b, i, &wanted)) {
		judge_found(j, FAULT_REMOVED, b->head.number, "the entry is gone");
		j->out->first.seq = wanted.seq;
	}
	return OK;
}

/* The records do not give the root: the entries may still. */
static enum err
compare_root(struct judge *j, const struct source_batch *b)
{
	const struct trail_entry *e;
	struct trail_record r;
	struct merkle tree;
	struct hash leaf, root;
	unsigned char bytes[TRAIL_RECORD_SIZE];
	int64_t first = 0, last = 0;

	merkle_init(&tree);
	for (;;) {
		TRY(judge_peek(j, b, &e, &r));
		if (judge_is_found(j))
			return OK;
		if (e == NULL)
			break;
		first = first != 0 ? first : r.seq;
		last = r.seq;
		trail_record_write(&r, bytes);
		trail_leaf(bytes, &leaf);
		merkle_add(&tree, &leaf);
		j->source->ops->taken(j->source);
	}
	merkle_root(&tree, &root);
	if (hash_eq(&root, &b->head.root)) {
		judge_found(j, FAULT_CHANGED, b->head.number,
		        "the batch's records are damaged; its entries are whole");
		return OK;
	}
	judge_found(j, FAULT_CHANGED, b->head.number,
	        "one of the entries %lld to %lld; the batch's records are damaged too", (long long)first,
	        (long long)last);
	j->out->first.seq = first;
	return OK;
}

/* ---- pruned batches */

static enum err
check_pruned(struct judge *j, const struct source_batch *b)
{
	const struct trail_entry *e;
	struct trail_record r;
	struct date due = date_add_months(instant_date(b->head.at), KEEP_MONTHS);

	if (!trail_tomb_signed(j->conf->keys, &b->head, &b->tomb)) {
		judge_found(
		        j, FAULT_REMOVED, b->head.number, "the entries are gone, and no key of ours says so");
		return OK;
	}
	if (date_cmp(instant_date(b->tomb.at), due) < 0) {
		judge_found(j, FAULT_REMOVED, b->head.number, "the entries are gone before %d years",
		        TRAIL_KEEP_YEARS);
		return OK;
	}
	TRY(judge_peek(j, b, &e, &r));
	if (!judge_is_found(j) && e != NULL) {
		judge_found(j, FAULT_INSERTED, b->head.number,
		        "the batch's entries were removed when their time was over");
		judge_name(j, e);
	}
	return OK;
}

enum err
judge_entries(struct judge *j, const struct source_batch *b)
{
	if (b->tomb.at.ms != 0)
		return check_pruned(j, b);
	return records_match(b) ? compare_entries(j, b) : compare_root(j, b);
}
