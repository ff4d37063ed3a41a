/* metrics.h - counters, gauges and histograms as rows of metrics.def; updated
 * without locks (striped by thread), printed in Prometheus text by metrics_print. */
#ifndef SYS_METRICS_H
#define SYS_METRICS_H

#include "base/buf.h"

enum metric {
#define METRIC(name, ...) M_##name,
#include "sys/metrics.def"
#undef METRIC
	M__MAX
};

/* Label 0 when the metric has none.  A label that metric_labels did not name is not counted. */
void metric_add(enum metric, unsigned label, int64_t n);    /* counters; gauges also down */
void metric_set(enum metric, unsigned label, int64_t v);    /* gauges */
void metric_time(enum metric, unsigned label, uint64_t ns); /* histograms of seconds */
int64_t metric_value(enum metric, unsigned label);          /* of a counter or gauge, for checks and tests */
/* Of all labels together since the start: numbers up to each bound of metric_bound_ns, one more for what
 * was longer than all, and the sum of all times in nanoseconds. */
enum { METRIC_BOUNDS = 14 };
void metric_times(enum metric, int64_t counts[METRIC_BOUNDS + 1], int64_t *ns);
uint64_t metric_bound_ns(unsigned i); /* i < METRIC_BOUNDS */
/* Names of a metric's label values, given once at start and living for ever:
 * routes, statuses, events.  A NULL name is a gap that is not printed. */
void metric_labels(enum metric, const char *const *names, unsigned count);
/* Called by metrics_print before printing, to refresh gauges.  One thread registers; others may print
 * meanwhile. */
void metrics_on_print(void (*fn)(void *), void *arg);
void metrics_print(struct buf *);

#endif
