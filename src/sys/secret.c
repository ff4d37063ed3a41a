/* secret.c - memory for keys: locked (never in swap), left out of core dumps,
 * between two pages that nobody may touch, so that a read past the end of a
 * neighbour stops the program instead of leaking a key. */
#include "sys/keyring.h"

#include "sys/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t
page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t
inner_size(size_t n)
{
	return (n + page() - 1) / page() * page();
}

/* Once: a system that does not lock one region does not lock the next. */
static void
warn_unlocked(int error)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&said))
		log_event(EV_MLOCK, { "errno", LOG_I(error) });
}

void *
secret_new(size_t n)
{
	size_t inner = inner_size(n);

	if (n == 0 || inner < n)
		return NULL;
	unsigned char *p = mmap(NULL, inner + 2 * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p + page(), inner, PROT_READ | PROT_WRITE) != 0) {
		munmap(p, inner + 2 * page());
		return NULL;
	}
	madvise(p + page(), inner, MADV_DONTDUMP);
	if (mlock(p + page(), inner) != 0)
		warn_unlocked(errno);
	return p + page();
}

void
secret_free(void *secret, size_t n)
{
	unsigned char *p = secret;

	if (p == NULL)
		return;
	wipe(p, inner_size(n));
	munmap(p - page(), inner_size(n) + 2 * page());
}
