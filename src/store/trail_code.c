/* trail_code.c - the bytes that are hashed and signed.  Numbers are 8 bytes, big
 * end first; texts and bytes stand behind their length in 4; so no two entries
 * have one encoding.  Sealed values enter as their hash: an entry can be proven
 * to somebody who must not hold even the sealed bytes. */
#include "store/trail.h"

enum { CONTENT_VERSION = 1 };

/* What stands before each column. */
enum tag { TAG_NULL, TAG_INT, TAG_TEXT, TAG_BYTES, TAG_SEALED };

static const char head_mark[] = "plantao audit head 1\n", tomb_mark[] = "plantao audit tomb 1\n";

static_assert(sizeof head_mark - 1 + 5 * 8 + 2 * SHA256_SIZE + TRAIL_KEY_ID == TRAIL_HEAD_SIZE, "head");
static_assert(sizeof tomb_mark - 1 + 2 * 8 + SHA256_SIZE + TRAIL_KEY_ID == TRAIL_TOMB_SIZE, "tomb");

static void *
put(void *at, const void *p, size_t n)
{
	memcpy(at, p, n);
	return (char *)at + n;
}

static void *
put_int(void *at, int64_t v)
{
	unsigned char *p = at;

	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)((uint64_t)v >> (56 - 8 * i));
	return p + 8;
}

static int64_t
get_int(const unsigned char *at)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | at[i];
	return (int64_t)v;
}

static void
add_int(struct buf *b, struct opt_int v)
{
	char *p = buf_grow(b, v.set ? 9 : 1);

	if (p == NULL)
		return;
	*p++ = v.set ? TAG_INT : TAG_NULL;
	if (v.set)
		put_int(p, v.v);
}

static void
add_bytes(struct buf *b, enum tag tag, const void *bytes, size_t n)
{
	unsigned char *p = buf_grow(b, bytes != NULL ? 5 + n : 1);

	if (p == NULL)
		return;
	*p++ = (unsigned char)(bytes != NULL ? tag : TAG_NULL);
	if (bytes == NULL)
		return;
	for (int i = 0; i < 4; i++)
		*p++ = (unsigned char)(n >> (24 - 8 * i));
	memcpy(p, bytes, n);
}

static void
add_text(struct buf *b, struct str s)
{
	add_bytes(b, TAG_TEXT, s.p, s.n);
}

static void
add_blob(struct buf *b, struct blob v)
{
	add_bytes(b, TAG_BYTES, v.p, v.n);
}

static void
add_sealed(struct buf *b, struct blob v)
{
	unsigned char *p = buf_grow(b, v.p != NULL ? 1 + SHA256_SIZE : 1);

	if (p == NULL)
		return;
	*p++ = v.p != NULL ? TAG_SEALED : TAG_NULL;
	if (v.p != NULL)
		sha256(v.p, v.n, p);
}

void
trail_content(struct buf *b, const struct trail_entry *e)
{
	buf_reset(b);
	buf_byte(b, CONTENT_VERSION);
	buf_byte(b, e->epoch.set);
	add_blob(b, e->id);
	add_blob(b, e->tenant_id);
	add_int(b, e->at);
	add_text(b, e->event);
	add_blob(b, e->actor_id);
	add_text(b, e->role);
	add_blob(b, e->subject_id);
	add_blob(b, e->patient_id);
	add_int(b, e->status);
	add_text(b, e->route);
	add_text(b, e->request_id);
	add_text(b, e->address);
	add_sealed(b, e->reason_sealed);
	add_sealed(b, e->before_sealed);
	add_sealed(b, e->after_sealed);
	add_text(b, e->extra);
}

void
trail_record_of(struct buf *scratch, const struct trail_entry *e, struct trail_record *out)
{
	trail_content(scratch, e);
	assert(!buf_failed(scratch));
	out->seq = e->seq;
	out->epoch = e->epoch.v;
	sha256(scratch->p, scratch->n, out->digest.b);
}

void
trail_record_write(const struct trail_record *r, unsigned char out[static TRAIL_RECORD_SIZE])
{
	put(put_int(put_int(out, r->seq), r->epoch), r->digest.b, sizeof r->digest.b);
}

void
trail_record_read(const unsigned char in[static TRAIL_RECORD_SIZE], struct trail_record *out)
{
	out->seq = get_int(in);
	out->epoch = get_int(in + 8);
	memcpy(out->digest.b, in + 16, sizeof out->digest.b);
}

void
trail_leaf(const unsigned char record[static TRAIL_RECORD_SIZE], struct hash *out)
{
	char marked[1 + TRAIL_RECORD_SIZE] = { MERKLE_LEAF_MARK };

	memcpy(marked + 1, record, TRAIL_RECORD_SIZE);
	merkle_leaf((struct str){ marked, sizeof marked }, out);
}

void
trail_head_bytes(const struct trail_head *h, char out[static TRAIL_HEAD_SIZE])
{
	void *at = put(out, head_mark, sizeof head_mark - 1);

	at = put_int(at, h->number);
	at = put_int(at, h->from);
	at = put_int(at, h->to);
	at = put_int(at, h->count);
	at = put_int(at, h->at.ms);
	at = put(at, h->root.b, SHA256_SIZE);
	at = put(at, h->previous.b, SHA256_SIZE);
	put(at, h->key_id, TRAIL_KEY_ID);
}

/* With its signature: one good signature at the end of a chain vouches for all before it. */
void
trail_head_hash(const struct trail_head *h, struct hash *out)
{
	char bytes[TRAIL_HEAD_SIZE + TRAIL_SIGNATURE];

	trail_head_bytes(h, bytes);
	memcpy(bytes + TRAIL_HEAD_SIZE, h->signature, TRAIL_SIGNATURE);
	sha256(bytes, sizeof bytes, out->b);
}

void
trail_tomb_bytes(const struct trail_head *h, const struct trail_tomb *t, char out[static TRAIL_TOMB_SIZE])
{
	struct hash head;
	void *at = put(out, tomb_mark, sizeof tomb_mark - 1);

	trail_head_hash(h, &head);
	at = put_int(at, h->number);
	at = put_int(at, t->at.ms);
	at = put(at, head.b, SHA256_SIZE);
	put(at, t->key_id, TRAIL_KEY_ID);
}

static bool
fill(void *out, size_t n, struct blob from)
{
	if (from.p == NULL || from.n != n)
		return false;
	memcpy(out, from.p, n);
	return true;
}

bool
trail_head_of(const struct trail_batch *b, struct trail_head *h, struct trail_tomb *t)
{
	*h = (struct trail_head){ .number = b->number,
		.from = b->range_from,
		.to = b->range_to,
		.count = b->entry_count,
		.at = b->at };
	*t = (struct trail_tomb){ .at = b->pruned_at };
	if (b->pruned_at.ms != 0 && (!fill(t->key_id, sizeof t->key_id, b->prune_key_id) ||
	                                    !fill(t->signature, sizeof t->signature, b->prune_signature)))
		return false;
	return fill(h->root.b, sizeof h->root.b, b->root) &&
	       fill(h->previous.b, sizeof h->previous.b, b->previous) &&
	       fill(h->key_id, sizeof h->key_id, b->key_id) &&
	       fill(h->signature, sizeof h->signature, b->signature);
}
