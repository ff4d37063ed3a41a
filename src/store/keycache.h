/* keycache.h - a bounded table of keys in locked memory.  It forgets by itself:
 * what is too old, and what others need the room for. */
#ifndef STORE_KEYCACHE_H
#define STORE_KEYCACHE_H

#include "base/base.h"

struct keycache;

/* buckets: a power of two; each holds KEYCACHE_WAYS keys of size bytes. */
enum { KEYCACHE_WAYS = 6 };
struct keycache *keycache_new(size_t buckets, size_t size, uint64_t age_ms);
void keycache_free(struct keycache *); /* NULL is fine */

bool keycache_get(struct keycache *, struct id tenant, struct id owner, void *out) MUST_CHECK;
/* Does nothing while the owner's key is barred. */
void keycache_put(struct keycache *, struct id tenant, struct id owner, const void *key);
/* Forgets the key and refuses to take it again for the cache's age: one who still
 * reads the old row, in a transaction begun before, must not bring it back. */
void keycache_bar(struct keycache *, struct id tenant, struct id owner);

#endif
