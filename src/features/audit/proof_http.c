/* proof_http.c - the doors to the proof that the trail was not altered: the signed
 * heads, the key that signed them, and for one entry its way up to a head's root.
 * Whoever holds a head from earlier can check today's answer against it, without
 * trusting the server: docs/audit.md says how. */
#include "features/audit/find.h"
#include "http/route.h"
#include "proof_sql.h"
#include "store/seal.h"

struct head_shown {
	int64_t number, from, to, count;
	struct instant at;
	struct str root, previous, key_id, signature;
	struct instant pruned_at;
};
static const struct field head_fields[] = {
	FIELD(head_shown, number, .sens = SENS_PLAIN, .summary = "Batches are numbered without gaps from 1"),
	FIELD(head_shown, from, .sens = SENS_PLAIN, .summary = "First key of the batch's range"),
	FIELD(head_shown, to, .sens = SENS_PLAIN, .summary = "First key behind it"),
	FIELD(head_shown, count, .sens = SENS_PLAIN, .summary = "Entries in the batch"),
	FIELD(head_shown, at, .sens = SENS_PLAIN, .summary = "When it was sealed"),
	FIELD(head_shown, root, .sens = SENS_PLAIN, .summary = "Merkle root (RFC 9162) in hex"),
	FIELD(head_shown, previous, .sens = SENS_PLAIN,
	        .summary = "SHA-256 of the head before and its signature"),
	FIELD(head_shown, key_id, .sens = SENS_PLAIN),
	FIELD(head_shown, signature, .sens = SENS_PLAIN, .summary = "Ed25519, in hex"),
	FIELD(head_shown, pruned_at, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "When the entries were removed, their time being over"),
};
static const struct type head_type = { .name = "audit_head",
	.size = sizeof(struct head_shown),
	.fields = head_fields,
	.count = COUNT(head_fields) };

struct hash_shown {
	struct str hash;
};
static const struct field hash_fields[] = { FIELD(hash_shown, hash, .sens = SENS_PLAIN) };
static const struct type hash_type = { .name = "audit_hash",
	.size = sizeof(struct hash_shown),
	.fields = hash_fields,
	.count = 1,
	.bare = true };

struct proof_shown {
	struct id id;
	int64_t seq, epoch;
	struct str content, digest;
	int64_t leaf_index, tree_size;
	struct str leaf_hash;
	struct list audit_path;
	struct head_shown *head;
};
static const struct field proof_fields[] = {
	FIELD(proof_shown, id, .sens = SENS_PLAIN),
	FIELD(proof_shown, seq, .sens = SENS_PLAIN),
	FIELD(proof_shown, epoch, .sens = SENS_PLAIN, .summary = "0 on SQLite"),
	FIELD(proof_shown, content, .sens = SENS_PLAIN,
	        .summary = "The entry's columns as they are hashed (hex); sealed values are there as hashes "
	                   "alone"),
	FIELD(proof_shown, digest, .sens = SENS_PLAIN, .summary = "SHA-256 of content"),
	FIELD(proof_shown, leaf_index, .sens = SENS_PLAIN),
	FIELD(proof_shown, tree_size, .sens = SENS_PLAIN),
	FIELD(proof_shown, leaf_hash, .sens = SENS_PLAIN, .summary = "SHA-256 of 0x00, seq, epoch, digest"),
	FIELD(proof_shown, audit_path, .sens = SENS_PLAIN, .of = &hash_type, .max = MERKLE_DEPTH_MAX,
	        .summary = "Siblings from the leaf up (RFC 9162, 2.1.3)"),
	FIELD_OBJECT(proof_shown, head, &head_type, .sens = SENS_PLAIN),
};
static const struct type proof_type = { .name = "audit_proof",
	.size = sizeof(struct proof_shown),
	.fields = proof_fields,
	.count = COUNT(proof_fields) };

struct heads_query {
	struct opt_int after, limit;
};
static const struct field heads_query_fields[] = {
	FIELD(heads_query, after, .sens = SENS_PLAIN, .summary = "Heads of higher number"),
	FIELD(heads_query, limit, .sens = SENS_PLAIN, .min = 1, .max = 1000),
};
static const struct type heads_query_type = TYPE(heads_query, heads_query_fields);

struct heads_shown {
	struct list items;
};
static const struct field heads_fields[] = {
	FIELD(heads_shown, items, .sens = SENS_PLAIN, .of = &head_type),
};
static const struct type heads_type = { .name = "audit_heads",
	.size = sizeof(struct heads_shown),
	.fields = heads_fields,
	.count = COUNT(heads_fields) };

struct key_shown {
	struct str id, public_key;
	struct instant since;
};
static const struct field key_fields[] = {
	FIELD(key_shown, id, .sens = SENS_PLAIN, .summary = "First 8 bytes of the public key's SHA-256"),
	FIELD(key_shown, public_key, .sens = SENS_PLAIN, .summary = "Ed25519, 32 bytes in hex"),
	FIELD(key_shown, since, .sens = SENS_PLAIN),
};
static const struct type key_type = { .name = "audit_key",
	.size = sizeof(struct key_shown),
	.fields = key_fields,
	.count = COUNT(key_fields) };

struct keys_shown {
	struct list items;
};
static const struct field keys_fields[] = {
	FIELD(keys_shown, items, .sens = SENS_PLAIN, .of = &key_type),
};
static const struct type keys_type = { .name = "audit_keys",
	.size = sizeof(struct keys_shown),
	.fields = keys_fields,
	.count = COUNT(keys_fields) };

static handler_fn get_proof, get_heads, get_keys;

enum { HEADS_DEFAULT = 100 };

static const struct route proof_routes[] = {
	{ GET, "/api/audit/{id}/proof", get_proof, .perm = PERM_AUDIT_READ, .audit = AUDIT_AUDIT_READ,
	        .rate = RATE_READ, .out = &proof_type, .errors = ERRORS(ERR_NOT_FOUND, ERR_UNSEALED),
	        .summary = "That an entry is what was sealed: its way to a signed head", .tag = "Audit" },
	{ GET, "/api/audit/heads", get_heads, .perm = PERM_AUDIT_READ, .audit = AUDIT_AUDIT_READ,
	        .rate = RATE_READ, .query = &heads_query_type, .out = &heads_type,
	        .summary = "The signed heads of the trail, oldest first", .tag = "Audit" },
	{ GET, "/api/audit/keys", get_keys, .perm = PERM_AUDIT_READ, .audit = AUDIT_AUDIT_READ,
	        .rate = RATE_READ, .out = &keys_type, .summary = "The public keys of the heads, oldest first",
	        .tag = "Audit" },
};
const struct routes audit_proof_route_table = { proof_routes, COUNT(proof_routes) };

static struct str
hex_text(struct ctx *ctx, const void *bytes, size_t n)
{
	char *out = arena_take(ctx->arena, 2 * n + 1);

	if (out == NULL)
		return (struct str){ NULL, 0 };
	hex_print(bytes, n, out);
	return (struct str){ out, 2 * n };
}

static void
show_head(struct ctx *ctx, const struct trail_batch *b, struct head_shown *out)
{
	*out = (struct head_shown){ b->number, b->range_from, b->range_to, b->entry_count, b->at,
		hex_text(ctx, b->root.p, b->root.n), hex_text(ctx, b->previous.p, b->previous.n),
		hex_text(ctx, b->key_id.p, b->key_id.n), hex_text(ctx, b->signature.p, b->signature.n),
		b->pruned_at };
}

/* ---- one entry */

/* The leaves of the batch, and which is the entry's. */
static enum err
leaves_of(struct ctx *ctx, const struct trail_batch *b, const struct trail_record *wanted,
        struct hash **leaves, size_t *index)
{
	size_t count = b->records.n / TRAIL_RECORD_SIZE;
	unsigned char bytes[TRAIL_RECORD_SIZE];
	bool found = false;

	*leaves = NEW_ARRAY(ctx, struct hash, count);
	if (*leaves == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu leaves", count);
	trail_record_write(wanted, bytes);
	for (size_t i = 0; i < count; i++) {
		const unsigned char *record = b->records.p + i * sizeof bytes;

		trail_leaf(record, &(*leaves)[i]);
		if (memcmp(record, bytes, sizeof bytes) == 0) {
			*index = i;
			found = true;
		}
	}
	return found ? OK
	             : fail(ctx, ERR_INTERNAL, "audit entry %lld is not what was sealed",
	                       (long long)wanted->seq);
}

static enum err
show_path(struct ctx *ctx, const struct hash *leaves, size_t count, size_t index, struct list *out)
{
	struct hash path[MERKLE_DEPTH_MAX];
	size_t n = merkle_path(leaves, count, index, path);
	struct hash_shown *items = NEW_ARRAY(ctx, struct hash_shown, n);

	if (n > 0 && items == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for a path");
	for (size_t i = 0; i < n; i++)
		items[i].hash = hex_text(ctx, path[i].b, sizeof path[i].b);
	*out = (struct list){ items, n };
	return OK;
}

static enum err
prove(struct ctx *ctx, const struct trail_entry *e, const struct trail_batch *b, struct buf *content,
        struct proof_shown *out)
{
	struct trail_record record;
	struct hash *leaves;
	size_t index = 0, count = b->records.n / TRAIL_RECORD_SIZE;

	trail_record_of(content, e, &record);
	TRY(leaves_of(ctx, b, &record, &leaves, &index));
	TRY(show_path(ctx, leaves, count, index, &out->audit_path));
	memcpy(out->id.b, e->id.p, sizeof out->id.b);
	out->seq = record.seq;
	out->epoch = record.epoch;
	out->content = hex_text(ctx, content->p, content->n);
	out->digest = hex_text(ctx, record.digest.b, sizeof record.digest.b);
	out->leaf_index = (int64_t)index;
	out->tree_size = (int64_t)count;
	out->leaf_hash = hex_text(ctx, leaves[index].b, sizeof leaves[index].b);
	out->head = NEW(ctx, struct head_shown);
	show_head(ctx, b, out->head);
	return OK;
}

static enum err
get_proof(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct proof_shown *out = NEW(ctx, struct proof_shown);
	const struct trail_entry *e;
	const struct trail_batch *b;
	struct list rows;
	struct buf content;
	int64_t key;
	enum err err;

	req_subject(req, req_id(req, "id"), (struct id){ { 0 } });
	TRY(audit_find(ctx, req_id(req, "id"), &e));
	key = trail_order(e->epoch.set ? ENGINE_POSTGRES : ENGINE_SQLITE, e);
	TRY(sql_proof_batch(ctx, &(struct proof_batch_in){ .key = key }, &rows));
	b = rows.items;
	if (rows.count == 0 || b->range_to <= key) {
		req_retry_after(req, 1);
		return fail(ctx, ERR_UNSEALED, "entry %lld waits for its batch", (long long)e->seq);
	}
	buf_init(&content, 16 << 20);
	err = prove(ctx, e, b, &content, out);
	buf_free(&content);
	return err == OK ? req_reply(req, out) : err;
}

/* ---- heads and keys */

static enum err
get_heads(struct req *req)
{
	const struct heads_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct heads_shown *out = NEW(ctx, struct heads_shown);
	struct head_shown *items;
	const struct trail_batch *b;
	struct list rows;

	TRY(sql_proof_heads(ctx,
	        &(struct proof_heads_in){
	                .after = q->after.v, .row_limit = q->limit.set ? q->limit.v : HEADS_DEFAULT },
	        &rows));
	b = rows.items;
	items = NEW_ARRAY(ctx, struct head_shown, rows.count + 1);
	if (items == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu heads", rows.count);
	for (size_t i = 0; i < rows.count; i++)
		show_head(ctx, &b[i], &items[i]);
	out->items = (struct list){ items, rows.count };
	return req_reply(req, out);
}

static enum err
get_keys(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct keys_shown *out = NEW(ctx, struct keys_shown);
	struct key_shown *items;
	struct trail_keys keys;

	TRY(trail_keys_read(ctx, seal_keyring(ctx), &keys));
	items = NEW_ARRAY(ctx, struct key_shown, keys.count + 1);
	if (items == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu keys", keys.count);
	for (size_t i = 0; i < keys.count; i++)
		items[i] = (struct key_shown){ hex_text(ctx, keys.items[i].id, sizeof keys.items[i].id),
			hex_text(ctx, keys.items[i].public_key, sizeof keys.items[i].public_key),
			keys.items[i].since };
	out->items = (struct list){ items, keys.count };
	return req_reply(req, out);
}
