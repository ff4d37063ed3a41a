/* merkle.c - see merkle.h. */
#include "sys/merkle.h"

void
merkle_leaf(struct str marked, struct hash *out)
{
	assert(marked.n > 0 && marked.p[0] == MERKLE_LEAF_MARK);
	sha256(marked.p, marked.n, out->b);
}

static void
node(const struct hash *left, const struct hash *right, struct hash *out)
{
	unsigned char bytes[1 + 2 * SHA256_SIZE] = { MERKLE_NODE_MARK };

	memcpy(bytes + 1, left->b, SHA256_SIZE);
	memcpy(bytes + 1 + SHA256_SIZE, right->b, SHA256_SIZE);
	sha256(bytes, sizeof bytes, out->b);
}

void
merkle_init(struct merkle *m)
{
	m->count = 0;
	m->height = 0;
}

/* Like a carry in binary: each 1 at the end of count is a full tree that the new one joins. */
void
merkle_add(struct merkle *m, const struct hash *leaf)
{
	struct hash *top = &m->stack[m->height];

	*top = *leaf;
	for (uint64_t n = m->count; n & 1; n >>= 1, top--)
		node(top - 1, top, top - 1);
	m->height = (unsigned)(top - m->stack) + 1;
	assert(m->height <= MERKLE_DEPTH_MAX);
	m->count++;
}

void
merkle_root(const struct merkle *m, struct hash *out)
{
	struct hash root;

	if (m->height == 0) {
		sha256("", 0, out->b);
		return;
	}
	root = m->stack[m->height - 1];
	for (unsigned i = m->height - 1; i > 0; i--)
		node(&m->stack[i - 1], &root, &root);
	*out = root;
}

static void
root_of(const struct hash *leaves, size_t count, struct hash *out)
{
	struct merkle m;

	merkle_init(&m);
	for (size_t i = 0; i < count; i++)
		merkle_add(&m, &leaves[i]);
	merkle_root(&m, out);
}

/* The largest power of two below count: where RFC 9162 parts a list in two. */
static size_t
part(size_t count)
{
	size_t k = 1;

	while (k < count - k)
		k *= 2;
	return k;
}

size_t
merkle_path(const struct hash *leaves, size_t count, size_t index, struct hash path[static MERKLE_DEPTH_MAX])
{
	struct hash down[MERKLE_DEPTH_MAX]; /* found from the root, told from the leaf */
	size_t n = 0;

	assert(index < count);
	while (count > 1) {
		size_t k = part(count);

		assert(n < MERKLE_DEPTH_MAX);
		if (index < k) {
			root_of(leaves + k, count - k, &down[n++]);
			count = k;
		} else {
			root_of(leaves, k, &down[n++]);
			leaves += k;
			index -= k;
			count -= k;
		}
	}
	for (size_t i = 0; i < n; i++)
		path[i] = down[n - 1 - i];
	return n;
}
