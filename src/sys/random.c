/* random.c - random bytes and ids.  getrandom(2) costs a system call each time,
 * and every sealed field needs a nonce, so each thread keeps a page of bytes
 * drawn in bulk.  Handed-out bytes are wiped at once, and the kernel zeroes
 * the page in a forked child (MADV_WIPEONFORK): zero bytes left means empty,
 * so parent and child never hand out the same bytes. */
#include "sys/crypto.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

enum { POOL_PAGE = 4096, POOL_BYTES = POOL_PAGE - sizeof(uint32_t), POOL_LARGEST = 256 };

struct pool {
	uint32_t left; /* the last bytes[] that nobody has had yet */
	unsigned char bytes[POOL_BYTES];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t pool_key;
static __thread struct pool *mine;

static void
pool_free(void *p)
{
	mine = NULL;
	wipe(p, POOL_PAGE);
	munmap(p, POOL_PAGE);
}

static void
key_make(void)
{
	if (pthread_key_create(&pool_key, pool_free) != 0)
		abort();
}

/* Aborts: without randomness there are no nonces, and going on would leak. */
static void
kernel_bytes(void *out, size_t n)
{
	unsigned char *p = out;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			fputs("plantao: the kernel gives no random bytes\n", stderr);
			abort();
		}
		p += got;
		n -= (size_t)got;
	}
}

/* NULL where memory is short or the kernel (before 4.14) cannot wipe on fork:
 * then every call goes to the kernel. */
static struct pool *
pool_make(void)
{
	struct pool *p = mmap(NULL, POOL_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	pthread_once(&once, key_make);
	if (madvise(p, POOL_PAGE, MADV_WIPEONFORK) != 0 || pthread_setspecific(pool_key, p) != 0) {
		munmap(p, POOL_PAGE);
		return NULL;
	}
	madvise(p, POOL_PAGE, MADV_DONTDUMP);
	return mine = p;
}

void
random_bytes(void *out, size_t n)
{
	struct pool *p = mine ? mine : pool_make();

	if (p == NULL || n > POOL_LARGEST) {
		kernel_bytes(out, n);
		return;
	}
	if (p->left < n) {
		kernel_bytes(p->bytes, sizeof p->bytes);
		p->left = sizeof p->bytes;
	}
	unsigned char *from = p->bytes + sizeof p->bytes - p->left;
	memcpy(out, from, n);
	wipe(from, n);
	p->left -= (uint32_t)n;
}

/* The parts of a UUIDv7: 48 bits of time, 12 bits, and 62 of the 64 bits in r. */
static struct id
id_of(uint64_t ms, unsigned twelve, const unsigned char r[8])
{
	struct id id;

	for (int i = 0; i < 6; i++)
		id.b[i] = (unsigned char)(ms >> (40 - 8 * i));
	id.b[6] = (unsigned char)(0x70 | (twelve >> 8 & 0x0f));
	id.b[7] = (unsigned char)twelve;
	memcpy(id.b + 8, r, 8);
	id.b[8] = (unsigned char)((id.b[8] & 0x3f) | 0x80);
	return id;
}

/* RFC 9562, section 6.2: 12 bits behind the milliseconds are a counter that
 * starts at random (11 bits, room to count) and, when it runs over, borrows
 * from the next millisecond.  So ids of one process strictly grow, also when
 * many threads ask or now goes back. */
struct id
id_new(struct instant now)
{
	static _Atomic uint64_t last;
	unsigned char r[10];

	assert(now.ms >= 0 && now.ms < (int64_t)1 << 48);
	random_bytes(r, sizeof r);
	uint64_t wish = (uint64_t)now.ms << 12 | (uint64_t)(r[8] & 7) << 8 | r[9];
	uint64_t seen = atomic_load_explicit(&last, memory_order_relaxed), next;
	do
		next = wish > seen ? wish : seen + 1;
	while (!atomic_compare_exchange_weak(&last, &seen, next));
	return id_of(next >> 12, (unsigned)(next & 0xfff), r);
}

/* Before 1970 the milliseconds since year 1 (46 bits) stand in the 12 and the first
 * 35 of the 62 bits that are otherwise random; 27 random ones are left. */
static struct id
id_with(struct instant at, unsigned char r[10])
{
	assert(at.ms > -((int64_t)1 << 46) && at.ms < (int64_t)1 << 48);
	if (at.ms > 0)
		return id_of((uint64_t)at.ms, (unsigned)(r[8] << 4 | r[9] >> 4), r);
	uint64_t since = (uint64_t)(at.ms + ((int64_t)1 << 46));
	for (int i = 0; i < 4; i++) /* the variant takes the first two bits */
		r[i] = (unsigned char)((since & 0x7ffffffff) << 27 >> (56 - 8 * i));
	r[4] = (unsigned char)((since << 3 & 0xf8) | (r[4] & 7));
	return id_of(0, (unsigned)(since >> 35), r);
}

struct id
id_at(struct instant at)
{
	unsigned char r[10];

	random_bytes(r, sizeof r);
	return id_with(at, r);
}

struct id
id_fixed(struct instant at, struct str seed)
{
	unsigned char sum[SHA256_SIZE];

	sha256(seed.p, seed.n, sum);
	return id_with(at, sum);
}
