/* queue.c - a mutex, a condition and lists threaded through the exchanges' slots:
 * putting and taking allocate nothing. */
#include "http/queue.h"

#include "sys/crypto.h"
#include "sys/metrics.h"

enum { NS_PER_MS = 1000000, SHARE = 8, HOLD_MS = 400 };

struct waiting {
	struct exchange *next;
	enum shed shed;
};

static const struct {
	unsigned spared; /* so many may wait, if not as many more have just been refused: see is_crowd */
	int target_ms, interval_ms;
} lanes[LANE__MAX] = {
	[LANE_FAST] = { 224, 5, 100 },
	[LANE_SEARCH] = { 224, 50, 1000 },
	[LANE_SLOW] = { 8, 50, 1000 },
	[LANE_OPEN] = { 224, 5, 100 },
};

static const int patience_ms[SHED__MAX][LANE__MAX] = {
#define SHED(name, label, fast_ms, slow_ms, what)                                                            \
	[SHED_##name] = { [LANE_FAST] = (fast_ms),                                                           \
		[LANE_SEARCH] = (fast_ms),                                                                   \
		[LANE_SLOW] = (slow_ms),                                                                     \
		[LANE_OPEN] = (fast_ms) },
#include "http/shed.def"
};

static struct waiting *
link_of(struct exchange *x)
{
	return exchange_slot(x);
}

void
queue_init(struct queue *q, enum lane lane, unsigned takers, unsigned max)
{
	*q = (struct queue){ .lane = lane, .takers = takers, .max = max };
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->filled, NULL);
}

/* ---- the lines */

static void
append(struct queue_line *l, struct exchange *x)
{
	link_of(x)->next = NULL;
	if (l->last)
		link_of(l->last)->next = x;
	else
		l->first = x;
	l->last = x;
	l->length++;
}

static struct exchange *
pop(struct queue_line *l)
{
	struct exchange *x = l->first;

	l->first = link_of(x)->next;
	if (l->first == NULL)
		l->last = NULL;
	l->length--;
	return x;
}

static struct exchange *
pop_class(struct queue *q, enum shed shed)
{
	q->length--;
	return pop(&q->lines[shed]);
}

/* How long the oldest of a line has waited; arrivals may carry a time just ahead of ours. */
static uint64_t
age_ns(const struct queue_line *l, uint64_t now_ns)
{
	uint64_t arrived_ns = l->first ? exchange_arrived_ns(l->first) : now_ns;

	return now_ns > arrived_ns ? now_ns - arrived_ns : 0;
}

/* ---- overload */

static uint64_t
ns(int ms)
{
	return (uint64_t)ms * NS_PER_MS;
}

static void
look(struct queue *q, uint64_t now_ns)
{
	uint64_t oldest_ns = 0;

	for (enum shed s = SHED_UNSET + 1; s < SHED__MAX; s++)
		if (age_ns(&q->lines[s], now_ns) > oldest_ns)
			oldest_ns = age_ns(&q->lines[s], now_ns);
	if (oldest_ns <= ns(lanes[q->lane].target_ms) && q->held.length == 0)
		q->standing_since_ns = 0;
	else if (q->standing_since_ns == 0)
		q->standing_since_ns = now_ns;
}

/* Who was refused and is held counts as one who waits, beyond as many again: a busy day's clients may have
 * gone and left so many requests behind. */
static bool
is_crowd(const struct queue *q)
{
	unsigned spared = lanes[q->lane].spared;

	return q->length > spared || q->length + q->held.length > 2 * spared;
}

static bool
stands(const struct queue *q, uint64_t now_ns)
{
	return q->standing_since_ns != 0 && is_crowd(q) &&
	       now_ns > q->standing_since_ns + ns(lanes[q->lane].interval_ms);
}

static bool
is_late(const struct queue *q, enum shed shed, uint64_t now_ns)
{
	return stands(q, now_ns) && age_ns(&q->lines[shed], now_ns) > ns(patience_ms[shed][q->lane]);
}

/* ---- putting */

/* A full queue: the oldest of the last class behind this one makes room. */
static struct exchange *
make_room(struct queue *q, enum shed *shed)
{
	for (enum shed s = SHED__MAX - 1; s > *shed; s--)
		if (q->lines[s].length > 0) {
			*shed = s;
			return pop_class(q, s);
		}
	return NULL;
}

static struct exchange *
put(struct queue *q, struct exchange *x, enum shed *shed)
{
	enum shed own = *shed;
	struct exchange *refused = NULL;

	if (q->closed)
		return x;
	link_of(x)->shed = own;
	if (is_late(q, own, exchange_arrived_ns(x))) {
		if (q->held.length >= q->max)
			return x;
		/* The oldest goes, not who has just come: it may have been given up, and what is
		 * served then has waited the least. */
		append(&q->held, pop_class(q, own));
	}
	if (q->length >= q->max && (refused = make_room(q, shed)) == NULL)
		return x;
	append(&q->lines[own], x);
	q->length++;
	return refused;
}

struct exchange *
queue_put(struct queue *q, struct exchange *x, enum shed *shed)
{
	struct exchange *refused;
	bool wake;

	pthread_mutex_lock(&q->lock);
	refused = put(q, x, shed);
	wake = refused != x && q->sleeping > 0;
	pthread_mutex_unlock(&q->lock);
	if (wake)
		pthread_cond_signal(&q->filled);
	if (refused == NULL)
		metric_add(M_QUEUE_LENGTH, q->lane, 1);
	return refused;
}

/* ---- taking */

static void
hold_late(struct queue *q, uint64_t now_ns)
{
	for (enum shed s = SHED__MAX - 1; s > SHED_UNSET; s--)
		while (q->lines[s].length > 0 && is_late(q, s, now_ns))
			append(&q->held, pop_class(q, s));
}

/* Those held long enough, or all when nobody is to be protected from them. */
static unsigned
let_go(struct queue *q, uint64_t now_ns, struct queue_late *late)
{
	unsigned n = 0;

	while (n < QUEUE_LATE_MAX && q->held.length > 0 &&
	        (q->length == 0 || age_ns(&q->held, now_ns) > ns(HOLD_MS))) {
		struct exchange *x = pop(&q->held);

		late[n++] = (struct queue_late){ x, link_of(x)->shed };
	}
	return n;
}

/* What the classes behind this one are left of a handful. */
static unsigned
left_to_others(const struct queue *q, enum shed shed, unsigned max)
{
	unsigned left = 0;

	for (enum shed s = shed + 1; s < SHED__MAX; s++)
		left += q->lines[s].length < max / SHARE ? q->lines[s].length : max / SHARE;
	return left;
}

static unsigned
pick(struct queue *q, struct exchange **out, unsigned max)
{
	unsigned n = 0;

	for (enum shed s = SHED_UNSET + 1; s < SHED__MAX; s++)
		while (q->lines[s].length > 0 && n + left_to_others(q, s, max) < max)
			out[n++] = pop_class(q, s);
	return n;
}

/* What waits is for all who take, so that none does it all while another sleeps. */
static unsigned
fair_share(const struct queue *q, unsigned max)
{
	unsigned share = (q->length + q->takers - 1) / q->takers;

	return share < max ? share : max;
}

bool
queue_take(struct queue *q, struct exchange **out, unsigned max, unsigned few, unsigned *n,
        struct queue_late *late, unsigned *late_n)
{
	uint64_t now_ns;

	pthread_mutex_lock(&q->lock);
	while (q->length + q->held.length == 0 && !q->closed) {
		q->standing_since_ns = 0;
		q->sleeping++;
		pthread_cond_wait(&q->filled, &q->lock);
		q->sleeping--;
	}
	now_ns = clock_mono_ns();
	look(q, now_ns);
	hold_late(q, now_ns);
	*late_n = let_go(q, now_ns, late);
	*n = pick(q, out, fair_share(q, stands(q, now_ns) && few < max ? few : max));
	pthread_mutex_unlock(&q->lock);
	if (*n + *late_n > 0)
		metric_add(M_QUEUE_LENGTH, q->lane, -(int64_t)(*n + *late_n));
	return *n + *late_n > 0;
}

bool
queue_waits(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	bool any = q->length + q->held.length > 0;
	pthread_mutex_unlock(&q->lock);
	return any;
}

void
queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_mutex_unlock(&q->lock);
	pthread_cond_broadcast(&q->filled);
}
