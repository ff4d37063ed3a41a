/* clock.c - what time it is.  The wall clock may be set back by NTP or a person;
 * records and audit entries must not be, so clock_now holds at the latest
 * instant it has given until the clock has caught up. */
#include "sys/crypto.h"

#include <stdatomic.h>
#include <time.h>

struct instant
clock_now(void)
{
	static _Atomic int64_t latest;
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	int64_t now = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	int64_t seen = atomic_load_explicit(&latest, memory_order_relaxed);
	while (now > seen)
		if (atomic_compare_exchange_weak(&latest, &seen, now))
			return (struct instant){ now };
	return (struct instant){ seen };
}

uint64_t
clock_mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}
