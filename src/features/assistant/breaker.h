/* breaker.h - leaves a model alone that has failed again and again, and tries it anew after a
 * pause that grows.  The caller gives the time; one breaker may be used by many threads. */
#ifndef FEATURES_ASSISTANT_BREAKER_H
#define FEATURES_ASSISTANT_BREAKER_H

#include "base/base.h"

#include <pthread.h>

enum { BREAKER_FAILURES = 5, BREAKER_FIRST_S = 5, BREAKER_LONGEST_S = 300 };

enum breaker_news { BREAKER_SAME = 0, BREAKER_OPENED, BREAKER_CLOSED };

struct breaker {
	pthread_mutex_t lock;
	unsigned failures;  /* in a row */
	uint64_t pause_ns;  /* 0: closed, everybody may */
	uint64_t opened_ns; /* when it opened last */
	bool probing;       /* one is trying */
};
#define BREAKER_INIT ((struct breaker){ .lock = PTHREAD_MUTEX_INITIALIZER })

/* true: the caller may try, and says afterwards how it went.  While open: one, once the pause is over. */
bool breaker_may(struct breaker *, uint64_t now_ns) MUST_CHECK;
/* OPENED: of a closed one, by the failure BREAKER_FAILURES in a row.  CLOSED: of an open one. */
enum breaker_news breaker_went(struct breaker *, bool well, uint64_t now_ns) MUST_CHECK;

#endif
