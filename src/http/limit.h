/* limit.h - quotas by GCRA: one number a user and class, no timers.  A burst
 * equals a minute's quota.  In memory, per node. */
#ifndef HTTP_LIMIT_H
#define HTTP_LIMIT_H

#include "base/base.h"

struct limit_answer {
	bool allowed;
	int64_t left;      /* calls still allowed now */
	int retry_after_s; /* at least 1 when refused */
	int reset_s;       /* until the whole quota is there again */
};

/* key: who and for what, hashed by the caller's choice of bytes; quota_per_min > 0. */
struct limit_answer limit_take(struct str key, int64_t quota_per_min, uint64_t now_ns);

#endif
