/* limit.c - GCRA in a fixed table.  Each key has one theoretical arrival time;
 * a slot whose time has passed is free.  When a bucket is full of busy keys the
 * least busy one is taken over: memory is bounded, and an attacker with many
 * addresses can at worst make others' counts forgotten, never wrongly refused. */
#include "http/limit.h"

#include <pthread.h>

enum { BUCKETS = 1 << 13, WAYS = 8, STRIPES = 64 };
static const uint64_t MINUTE_NS = 60000000000ULL;

struct slot {
	uint64_t key, tat_ns;
};

static struct slot table[BUCKETS][WAYS];
static pthread_mutex_t locks[STRIPES] = { [0 ... STRIPES - 1] = PTHREAD_MUTEX_INITIALIZER };

static uint64_t
hash(struct str key)
{
	uint64_t h = 14695981039346656037ULL;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 1099511628211ULL;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static struct slot *
slot_of(struct slot *bucket, uint64_t key)
{
	struct slot *least = bucket;

	for (int i = 0; i < WAYS; i++) {
		if (bucket[i].key == key)
			return &bucket[i];
		if (bucket[i].tat_ns < least->tat_ns)
			least = &bucket[i];
	}
	*least = (struct slot){ key, 0 };
	return least;
}

static int
seconds_up(uint64_t ns)
{
	return (int)((ns + 999999999ULL) / 1000000000ULL);
}

struct limit_answer
limit_take(struct str key, int64_t quota_per_min, uint64_t now_ns)
{
	uint64_t h = hash(key), each_ns = MINUTE_NS / (uint64_t)quota_per_min;
	uint64_t burst_ns = each_ns * (uint64_t)quota_per_min, tat;
	unsigned bucket = (unsigned)(h % BUCKETS);
	struct limit_answer a = { 0 };
	struct slot *slot;

	pthread_mutex_lock(&locks[bucket % STRIPES]);
	slot = slot_of(table[bucket], h);
	tat = slot->tat_ns > now_ns ? slot->tat_ns : now_ns;
	a.allowed = tat + each_ns - now_ns <= burst_ns;
	if (a.allowed)
		slot->tat_ns = tat = tat + each_ns;
	else
		a.retry_after_s = seconds_up(tat + each_ns - now_ns - burst_ns);
	pthread_mutex_unlock(&locks[bucket % STRIPES]);
	a.left = (int64_t)((burst_ns - (tat - now_ns)) / each_ns);
	a.reset_s = seconds_up(tat - now_ns);
	return a;
}
