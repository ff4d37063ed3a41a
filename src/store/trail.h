/* trail.h - the audit trail as evidence: what an entry's bytes are, how a batch of
 * entries becomes a Merkle tree (RFC 9162) and a signed head, and who signs.
 *
 *	digest = SHA-256(the entry's columns)         what was written
 *	record = seq, epoch, digest                   and where: a leaf of the tree
 *	head   = number, range, count, time, root, SHA-256(head before and its signature)
 *
 * All of it can be computed from docs/audit.md alone.  Who writes entries is
 * http/audit_write.h, who seals and verifies is ops/audit_*.h. */
#ifndef STORE_TRAIL_H
#define STORE_TRAIL_H

#include "base/buf.h"
#include "store/db.h"
#include "sys/keyring.h"
#include "sys/merkle.h"

/* A row of audit_entry with every column as it rests, absent apart from empty. */
struct trail_entry {
	int64_t seq;
	struct opt_int epoch;
	struct blob id, tenant_id;
	struct opt_int at;
	struct str event;
	struct blob actor_id;
	struct str role;
	struct blob subject_id, patient_id;
	struct opt_int status;
	struct str route, request_id, address;
	struct blob reason_sealed, before_sealed, after_sealed;
	struct str extra;
};
extern const struct type trail_entry_type;

struct trail_record {
	int64_t seq, epoch; /* epoch 0 on SQLite */
	struct hash digest;
};

/* The two orders of entries: by seq alone, or by epoch and seq. */
struct trail_pos {
	int64_t epoch, seq;
};
#define TRAIL_BEFORE_ALL ((struct trail_pos){ INT64_MIN, INT64_MIN })

enum {
	TRAIL_KEEP_YEARS = 7, /* the trail of health data: longer than any claim about it lives */
	TRAIL_RECORD_SIZE = 48,
	TRAIL_KEY_ID = 8,
	TRAIL_SIGNATURE = 64,
	TRAIL_HEAD_SIZE = 133,
	TRAIL_TOMB_SIZE = 77
};

struct trail_head {
	int64_t number, from, to, count; /* entries with from <= key < to */
	struct instant at;
	struct hash root, previous;
	unsigned char key_id[TRAIL_KEY_ID], signature[TRAIL_SIGNATURE];
};

/* Says that a batch's entries were removed in order, when their time was over. */
struct trail_tomb {
	struct instant at; /* absent: the entries are there */
	unsigned char key_id[TRAIL_KEY_ID], signature[TRAIL_SIGNATURE];
};

/* A row of audit_batch as it rests. */
struct trail_batch {
	int64_t number, range_from, range_to, entry_count;
	struct instant at;
	struct blob root, previous, key_id, signature;
	struct instant pruned_at;
	struct blob prune_key_id, prune_signature;
	struct blob records; /* absent where the statement leaves it out, and when pruned */
};
extern const struct type trail_batch_type, trail_number_type, trail_key_row_type;

struct trail_number {
	int64_t n;
};
struct trail_key_row {
	int64_t number;
	struct blob id, wrapped_seed;
	struct instant created_at;
};

/* ---- bytes (trail_code.c) */
/* Replaces what is in buf by the entry's columns as they are hashed. */
void trail_content(struct buf *, const struct trail_entry *);
void trail_record_of(struct buf *scratch, const struct trail_entry *, struct trail_record *out);
void trail_record_write(const struct trail_record *, unsigned char out[static TRAIL_RECORD_SIZE]);
void trail_record_read(const unsigned char in[static TRAIL_RECORD_SIZE], struct trail_record *out);
void trail_leaf(const unsigned char record[static TRAIL_RECORD_SIZE], struct hash *out);
void trail_head_bytes(const struct trail_head *, char out[static TRAIL_HEAD_SIZE]);
/* What the next head names as the one before it. */
void trail_head_hash(const struct trail_head *, struct hash *out);
void trail_tomb_bytes(const struct trail_head *, const struct trail_tomb *, char out[static TRAIL_TOMB_SIZE]);
/* false: a column has a length that no head has. */
bool trail_head_of(const struct trail_batch *, struct trail_head *, struct trail_tomb *) MUST_CHECK;

/* ---- keys (trail_key.c) */
struct trail_key {
	unsigned char id[TRAIL_KEY_ID], public_key[32];
	struct instant since; /* absent when it came from a file */
};
struct trail_keys {
	struct trail_key *items; /* oldest first */
	size_t count;
};
struct trail_signer; /* the newest key, in locked memory */

/* In a write transaction: makes the first key if there is none. ERR_KEYS_UNAVAILABLE:
 * a key does not open under the master key. */
enum err trail_signer_open(struct ctx *, struct keyring *, struct trail_signer **out) MUST_CHECK;
void trail_signer_close(struct trail_signer *); /* NULL is fine */
/* Set key_id and signature. */
void trail_head_sign(const struct trail_signer *, struct trail_head *);
void trail_tomb_sign(const struct trail_signer *, const struct trail_head *, struct trail_tomb *);
/* A further key, which signs from now on; servers take it within a minute. */
enum err trail_key_new(struct ctx *, struct keyring *) MUST_CHECK;
/* Into the arena; each proven by the master key, and any other left out. */
enum err trail_keys_read(struct ctx *, struct keyring *, struct trail_keys *out) MUST_CHECK;
/* How many there are, and how many rest under the newest master key; rewrap brings
 * all there, in a write transaction. */
struct trail_wraps {
	int64_t total, current, changed;
};
enum err trail_keys_wraps(struct ctx *, struct keyring *, struct trail_wraps *) MUST_CHECK;
enum err trail_keys_rewrap(struct ctx *, struct keyring *, struct trail_wraps *) MUST_CHECK;
/* Public keys as PEM, one block a key, and back. false: a block is no Ed25519 key, or none is there. */
void trail_keys_print(struct buf *, const struct trail_keys *);
bool trail_keys_parse(struct arena *, struct str pem, struct trail_keys *out) MUST_CHECK;
/* Which of the keys, or NULL. */
const struct trail_key *trail_key_find(const struct trail_keys *, const unsigned char id[TRAIL_KEY_ID]);
bool trail_head_signed(const struct trail_keys *, const struct trail_head *) MUST_CHECK;
bool trail_tomb_signed(
        const struct trail_keys *, const struct trail_head *, const struct trail_tomb *) MUST_CHECK;

/* ---- rows (trail.c) */
/* At every start, before the first entry is written, outside a transaction: see
 * audit_epoch_raise in the migration. */
enum err trail_open(struct ctx *, struct db *) MUST_CHECK;
/* Where the entry stands in the order that batches are cut by. */
int64_t trail_order(enum engine, const struct trail_entry *);

/* The entries one by one, in their order, a page of them in memory: each page begins
 * with arena_reset(ctx->arena).  Outside a transaction each page has one of its own. */
struct trail_reader {
	struct ctx *ctx;
	struct db *db;
	struct trail_pos pos; /* the last one given; also behind an entry that cannot be read */
	struct list page;
	size_t at;
	int64_t page_rows;
	bool end;
};
/* From the first entry of a batch on; INT64_MIN: from the very first. */
void trail_reader_init(struct trail_reader *, struct ctx *, struct db *, int64_t from);
/* The next entry, which stays the next one until trail_taken; NULL: there is none.
 * ERR_INTERNAL: it cannot be read, its columns hold what no entry has. */
enum err trail_peek(struct trail_reader *, const struct trail_entry **out) MUST_CHECK;
void trail_taken(struct trail_reader *);
/* The number of the entry that could not be read; 0: unknown. */
int64_t trail_stuck_seq(struct trail_reader *);

#endif
