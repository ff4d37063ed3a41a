/* merkle.h - trees of RFC 9162, section 2.1: one hash that stands for a list of
 * entries, and short proofs that an entry is in it.  A leaf is hashed behind a
 * byte 0 and a node behind a byte 1, so that neither can be taken for the other. */
#ifndef SYS_MERKLE_H
#define SYS_MERKLE_H

#include "sys/crypto.h"

struct hash {
	unsigned char b[SHA256_SIZE];
};

enum { MERKLE_LEAF_MARK = 0, MERKLE_NODE_MARK = 1, MERKLE_DEPTH_MAX = 63 };

static inline bool
hash_eq(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* marked is MERKLE_LEAF_MARK and the entry's bytes behind it: so nothing is copied to hash it. */
void merkle_leaf(struct str marked, struct hash *out);

/* A tree that grows leaf by leaf in constant memory. */
struct merkle {
	struct hash stack[MERKLE_DEPTH_MAX + 1]; /* roots of the full trees so far, largest first */
	uint64_t count;
	unsigned height;
};
void merkle_init(struct merkle *);
void merkle_add(struct merkle *, const struct hash *leaf);
/* The root of what was added, which may grow on; of nothing it is the hash of no bytes. */
void merkle_root(const struct merkle *, struct hash *out);

/* The siblings on the way from leaf `index` up to the root of `leaves` (count of
 * them, index < count < 2^63), nearest first; returns how many. */
size_t merkle_path(
        const struct hash *leaves, size_t count, size_t index, struct hash path[static MERKLE_DEPTH_MAX]);

#endif
