/* keycache.c - see keycache.h.  Sets of a few slots, found by the owner's id, in
 * shards with a lock each; nothing is allocated after the start. */
#include "store/keycache.h"

#include <pthread.h>
#include <stdlib.h>

#include "sys/crypto.h"
#include "sys/keyring.h"

enum { SHARDS = 16 };

struct slot {
	struct id tenant, owner;
	uint64_t since_ms; /* 0: empty */
	bool barred;
	unsigned char key[];
};

struct keycache {
	pthread_rwlock_t locks[SHARDS];
	unsigned char *slots; /* secret memory */
	size_t buckets, size, stride;
	uint64_t age_ms;
};

static uint64_t
now_ms(void)
{
	return clock_mono_ns() / 1000000 + 1;
}

struct keycache *
keycache_new(size_t buckets, size_t size, uint64_t age_ms)
{
	struct keycache *c = calloc(1, sizeof *c);

	assert(buckets >= SHARDS && (buckets & (buckets - 1)) == 0);
	if (c == NULL)
		return NULL;
	c->buckets = buckets;
	c->size = size;
	c->age_ms = age_ms;
	c->stride = (sizeof(struct slot) + size + 7) & ~(size_t)7;
	c->slots = secret_new(buckets * KEYCACHE_WAYS * c->stride);
	if (c->slots == NULL) {
		free(c);
		return NULL;
	}
	for (size_t i = 0; i < SHARDS; i++)
		pthread_rwlock_init(&c->locks[i], NULL);
	return c;
}

void
keycache_free(struct keycache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_rwlock_destroy(&c->locks[i]);
	secret_free(c->slots, c->buckets * KEYCACHE_WAYS * c->stride);
	free(c);
}

/* The tail of a UUIDv7 is random; of other ids good enough after mixing. */
static size_t
bucket_of(const struct keycache *c, struct id tenant, struct id owner)
{
	uint64_t a, b;

	memcpy(&a, tenant.b + 8, sizeof a);
	memcpy(&b, owner.b + 8, sizeof b);
	a = (a * 3 ^ b) * 0x9e3779b97f4a7c15ull;
	return (size_t)(a >> 32) & (c->buckets - 1);
}

static struct slot *
slot_at(const struct keycache *c, size_t bucket, size_t way)
{
	return (struct slot *)(void *)(c->slots + (bucket * KEYCACHE_WAYS + way) * c->stride);
}

static struct slot *
slot_find(const struct keycache *c, size_t bucket, struct id tenant, struct id owner)
{
	for (size_t i = 0; i < KEYCACHE_WAYS; i++) {
		struct slot *s = slot_at(c, bucket, i);

		if (s->since_ms != 0 && id_eq(s->owner, owner) && id_eq(s->tenant, tenant))
			return s;
	}
	return NULL;
}

static bool
fresh(const struct keycache *c, const struct slot *s, uint64_t now)
{
	return now - s->since_ms < c->age_ms;
}

bool
keycache_get(struct keycache *c, struct id tenant, struct id owner, void *out)
{
	size_t bucket = bucket_of(c, tenant, owner);
	pthread_rwlock_t *lock = &c->locks[bucket % SHARDS];
	const struct slot *s;
	bool found;

	pthread_rwlock_rdlock(lock);
	s = slot_find(c, bucket, tenant, owner);
	found = s != NULL && !s->barred && fresh(c, s, now_ms());
	if (found)
		memcpy(out, s->key, c->size);
	pthread_rwlock_unlock(lock);
	return found;
}

/* The owner's own slot, an empty one, or the oldest; a bar goes only to a bar. */
static struct slot *
slot_for(const struct keycache *c, size_t bucket, struct id tenant, struct id owner, uint64_t now)
{
	struct slot *best = slot_find(c, bucket, tenant, owner);

	if (best != NULL)
		return best;
	for (size_t i = 0; i < KEYCACHE_WAYS; i++) {
		struct slot *s = slot_at(c, bucket, i);

		if (s->barred && fresh(c, s, now))
			continue;
		if (best == NULL || s->since_ms < best->since_ms)
			best = s;
	}
	return best;
}

static void
store_slot(struct keycache *c, struct id tenant, struct id owner, const void *key)
{
	size_t bucket = bucket_of(c, tenant, owner);
	pthread_rwlock_t *lock = &c->locks[bucket % SHARDS];
	uint64_t now = now_ms();
	struct slot *s;

	pthread_rwlock_wrlock(lock);
	s = slot_for(c, bucket, tenant, owner, now);
	if (s == NULL && key == NULL)
		s = slot_at(c, bucket, now % KEYCACHE_WAYS);
	if (s != NULL && !(key != NULL && s->barred && fresh(c, s, now))) {
		s->tenant = tenant;
		s->owner = owner;
		s->since_ms = now;
		s->barred = key == NULL;
		if (key != NULL)
			memcpy(s->key, key, c->size);
		else
			wipe(s->key, c->size);
	}
	pthread_rwlock_unlock(lock);
}

void
keycache_put(struct keycache *c, struct id tenant, struct id owner, const void *key)
{
	assert(key != NULL);
	store_slot(c, tenant, owner, key);
}

void
keycache_bar(struct keycache *c, struct id tenant, struct id owner)
{
	store_slot(c, tenant, owner, NULL);
}
