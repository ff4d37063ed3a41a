/* breaker.c - closed, open, one trial: see breaker.h. */
#include "features/assistant/breaker.h"

static const uint64_t S = UINT64_C(1000000000);

bool
breaker_may(struct breaker *b, uint64_t now_ns)
{
	bool may = true;

	pthread_mutex_lock(&b->lock);
	if (b->pause_ns > 0) {
		may = !b->probing && now_ns - b->opened_ns >= b->pause_ns;
		b->probing |= may;
	}
	pthread_mutex_unlock(&b->lock);
	return may;
}

static enum breaker_news
went_well(struct breaker *b)
{
	bool was_open = b->pause_ns > 0;

	b->failures = 0;
	b->pause_ns = 0;
	b->probing = false;
	return was_open ? BREAKER_CLOSED : BREAKER_SAME;
}

static enum breaker_news
failed(struct breaker *b, uint64_t now_ns)
{
	bool was_open = b->pause_ns > 0;

	if (was_open && !b->probing)
		return BREAKER_SAME; /* begun before it opened */
	if (!was_open && ++b->failures < BREAKER_FAILURES)
		return BREAKER_SAME;
	b->pause_ns = was_open ? 2 * b->pause_ns : BREAKER_FIRST_S * S;
	if (b->pause_ns > BREAKER_LONGEST_S * S)
		b->pause_ns = BREAKER_LONGEST_S * S;
	b->opened_ns = now_ns;
	b->probing = false;
	return was_open ? BREAKER_SAME : BREAKER_OPENED;
}

enum breaker_news
breaker_went(struct breaker *b, bool well, uint64_t now_ns)
{
	pthread_mutex_lock(&b->lock);
	enum breaker_news news = well ? went_well(b) : failed(b, now_ns);
	pthread_mutex_unlock(&b->lock);
	return news;
}
