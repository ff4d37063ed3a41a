/* metrics.c - numbers for Prometheus.  Every request touches several of them
 * from several threads, so there are no locks and no shared cache line: each
 * thread adds to one of a few stripes, and printing sums the stripes.  Sums of
 * different cells may be of slightly different moments; each is exact. */
#include "sys/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum kind_of_metric { COUNTER, GAUGE, SECONDS };
enum { STRIPES = 8, BOUNDS = METRIC_BOUNDS, CELL_SUM = BOUNDS + 1, CELLS = BOUNDS + 2, HOOKS_MAX = 16 };

static const struct row {
	const char *name;
	enum kind_of_metric kind;
	const char *label, *help;
} rows[] = {
#define METRIC(id, name, kind, label, help) { name, kind, label, help },
#include "sys/metrics.def"
#undef METRIC
};

static const struct bound {
	uint64_t ns;
	const char *text;
} bounds[BOUNDS] = {
	{ 500000, "0.0005" },
	{ 1000000, "0.001" },
	{ 2500000, "0.0025" },
	{ 5000000, "0.005" },
	{ 10000000, "0.01" },
	{ 25000000, "0.025" },
	{ 50000000, "0.05" },
	{ 100000000, "0.1" },
	{ 250000000, "0.25" },
	{ 500000000, "0.5" },
	{ 1000000000, "1" },
	{ 2500000000, "2.5" },
	{ 5000000000, "5" },
	{ 10000000000, "10" },
};

typedef _Atomic int64_t cell;

/* The cells of a metric: [stripe][label][cell].  A histogram's are one count a
 * bucket (the last: above all bounds) and the sum of nanoseconds. */
struct table {
	const char *const *names; /* NULL: one series without a label */
	unsigned count;
	size_t stride; /* cells of a stripe, rounded up to whole cache lines */
	cell cells[];
};

static _Atomic(struct table *) tables[M__MAX];
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static struct {
	void (*fn)(void *);
	void *arg;
} hooks[HOOKS_MAX];
static _Atomic unsigned hook_count; /* a hook comes while others may print: it is counted when it is whole */

static unsigned
width(enum metric m)
{
	return rows[m].kind == SECONDS ? CELLS : 1;
}

static struct table *
table_make(enum metric m, const char *const *names, unsigned count)
{
	size_t stride = ((size_t)count * width(m) + 7) / 8 * 8;
	struct table *t = calloc(1, sizeof *t + STRIPES * stride * sizeof(cell));

	if (t == NULL)
		return NULL;
	t->names = names;
	t->count = count;
	t->stride = stride;
	return t;
}

/* NULL where there is no memory or the labels are not known yet: then the
 * number is not kept.  Metrics never stop work. */
static struct table *
table_of(enum metric m)
{
	struct table *t = atomic_load_explicit(&tables[m], memory_order_acquire);

	if (t || rows[m].label)
		return t;
	pthread_mutex_lock(&making);
	t = atomic_load(&tables[m]);
	if (t == NULL)
		atomic_store_explicit(&tables[m], t = table_make(m, NULL, 1), memory_order_release);
	pthread_mutex_unlock(&making);
	return t;
}

void
metric_labels(enum metric m, const char *const *names, unsigned count)
{
	assert(m < M__MAX && rows[m].label && names && atomic_load(&tables[m]) == NULL);
	atomic_store_explicit(&tables[m], table_make(m, names, count), memory_order_release);
}

static unsigned
my_stripe(void)
{
	static _Atomic unsigned next;
	static __thread unsigned mine; /* 0: not given yet */

	if (mine == 0)
		mine = atomic_fetch_add(&next, 1) % STRIPES + 1;
	return mine - 1;
}

static cell *
cell_at(enum metric m, unsigned label, unsigned stripe)
{
	assert(m < M__MAX);
	struct table *t = table_of(m);

	if (t == NULL || label >= t->count)
		return NULL;
	return &t->cells[stripe * t->stride + (size_t)label * width(m)];
}

void
metric_add(enum metric m, unsigned label, int64_t n)
{
	assert(rows[m].kind != SECONDS);
	/* A gauge lives in one stripe, or setting it would forget the others. */
	cell *c = cell_at(m, label, rows[m].kind == GAUGE ? 0 : my_stripe());

	if (c)
		atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

void
metric_set(enum metric m, unsigned label, int64_t v)
{
	assert(rows[m].kind == GAUGE);
	cell *c = cell_at(m, label, 0);

	if (c)
		atomic_store_explicit(c, v, memory_order_relaxed);
}

void
metric_time(enum metric m, unsigned label, uint64_t ns)
{
	assert(rows[m].kind == SECONDS);
	cell *c = cell_at(m, label, my_stripe());
	unsigned i = 0;

	if (c == NULL)
		return;
	while (i < BOUNDS && ns > bounds[i].ns)
		i++;
	atomic_fetch_add_explicit(&c[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&c[CELL_SUM], (int64_t)ns, memory_order_relaxed);
}

static int64_t
sum(enum metric m, unsigned label, unsigned at)
{
	int64_t total = 0;

	for (unsigned s = 0; s < STRIPES; s++) {
		cell *c = cell_at(m, label, s);
		if (c)
			total += atomic_load_explicit(&c[at], memory_order_relaxed);
	}
	return total;
}

int64_t
metric_value(enum metric m, unsigned label)
{
	assert(rows[m].kind != SECONDS);
	return sum(m, label, 0);
}

void
metric_times(enum metric m, int64_t counts[METRIC_BOUNDS + 1], int64_t *ns)
{
	struct table *t = table_of(m);

	assert(rows[m].kind == SECONDS);
	*ns = 0;
	for (unsigned i = 0; i <= BOUNDS; i++)
		counts[i] = 0;
	for (unsigned label = 0; t != NULL && label < t->count; label++) {
		for (unsigned i = 0; i <= BOUNDS; i++)
			counts[i] += sum(m, label, i);
		*ns += sum(m, label, CELL_SUM);
	}
}

uint64_t
metric_bound_ns(unsigned i)
{
	assert(i < BOUNDS);
	return bounds[i].ns;
}

void
metrics_on_print(void (*fn)(void *), void *arg)
{
	unsigned n = atomic_load_explicit(&hook_count, memory_order_relaxed);

	assert(n < HOOKS_MAX);
	hooks[n].fn = fn;
	hooks[n].arg = arg;
	atomic_store_explicit(&hook_count, n + 1, memory_order_release);
}

/* Backslash and line end as the text format wants them, the quote in label values only. */
static void
print_escaped(struct buf *b, const char *z, bool quote)
{
	for (; *z; z++) {
		if (*z == '\n')
			buf_text(b, "\\n");
		else if (*z == '\\' || (quote && *z == '"'))
			buf_printf(b, "\\%c", *z);
		else
			buf_byte(b, *z);
	}
}

/* name{label="value",le="bound"} with what there is of it. */
static void
print_series(struct buf *b, enum metric m, const char *suffix, const char *value, const char *le)
{
	buf_text(b, rows[m].name);
	buf_text(b, suffix);
	if (value || le)
		buf_byte(b, '{');
	if (value) {
		buf_printf(b, "%s=\"", rows[m].label);
		print_escaped(b, value, true);
		buf_byte(b, '"');
	}
	if (le)
		buf_printf(b, "%sle=\"%s\"", value ? "," : "", le);
	if (value || le)
		buf_byte(b, '}');
	buf_byte(b, ' ');
}

static void
print_number(struct buf *b, enum metric m, unsigned label, const char *value)
{
	print_series(b, m, "", value, NULL);
	buf_int(b, sum(m, label, 0));
	buf_byte(b, '\n');
}

/* The count is the sum of the buckets just read, so that +Inf equals it. */
static void
print_histogram(struct buf *b, enum metric m, unsigned label, const char *value)
{
	int64_t ns = sum(m, label, CELL_SUM), seen = 0;

	for (unsigned i = 0; i <= BOUNDS; i++) {
		seen += sum(m, label, i);
		print_series(b, m, "_bucket", value, i < BOUNDS ? bounds[i].text : "+Inf");
		buf_int(b, seen);
		buf_byte(b, '\n');
	}
	print_series(b, m, "_sum", value, NULL);
	buf_printf(b, "%lld.%09lld\n", (long long)(ns / 1000000000), (long long)(ns % 1000000000));
	print_series(b, m, "_count", value, NULL);
	buf_int(b, seen);
	buf_byte(b, '\n');
}

/* A labelled histogram that nothing was measured in is left out: there are
 * seventeen lines to each route, and most routes rest. */
static bool
untouched(enum metric m, unsigned label)
{
	for (unsigned i = 0; i <= BOUNDS; i++)
		if (sum(m, label, i) != 0)
			return false;
	return true;
}

static void
print_metric(struct buf *b, enum metric m)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	struct table *t = table_of(m);

	if (t == NULL)
		return;
	buf_printf(b, "# HELP %s ", rows[m].name);
	print_escaped(b, rows[m].help, false);
	buf_printf(b, "\n# TYPE %s %s\n", rows[m].name, types[rows[m].kind]);
	for (unsigned i = 0; i < t->count; i++) {
		const char *value = t->names ? t->names[i] : NULL;
		if (t->names && value == NULL)
			continue;
		if (rows[m].kind != SECONDS)
			print_number(b, m, i, value);
		else if (value == NULL || !untouched(m, i))
			print_histogram(b, m, i, value);
	}
}

void
metrics_print(struct buf *b)
{
	unsigned n = atomic_load_explicit(&hook_count, memory_order_acquire);

	for (unsigned i = 0; i < n; i++)
		hooks[i].fn(hooks[i].arg);
	for (enum metric m = 0; m < M__MAX; m++)
		print_metric(b, m);
}
