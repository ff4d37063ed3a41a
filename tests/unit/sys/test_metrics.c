/* test_metrics.c - exact sums over threads, buckets and their bounds, and that
 * Prometheus' own checker takes the text. */
#include "../cm.h"
#include "sys/metrics.h"

#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUTES = 3, STATUSES = 600, THREADS = 12, EACH = 20000 };

static const char *const routes[ROUTES] = { "GET /api/patients/{id}", "hostile \"\\\n{} é", "never" };
static const char *statuses[STATUSES];
static struct buf text;

static int
set_up(void **state)
{
	(void)state;
	statuses[200] = "200";
	statuses[503] = "503";
	metric_labels(M_HTTP_REQUESTS, routes, ROUTES);
	metric_labels(M_HTTP_SECONDS, routes, ROUTES);
	metric_labels(M_HTTP_STATUS, statuses, STATUSES);
	buf_init(&text, 1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&text);
	return 0;
}

static const char *
printed(void)
{
	buf_reset(&text);
	metrics_print(&text);
	buf_byte(&text, 0);
	assert_false(buf_failed(&text));
	return text.p;
}

static void
has_line(const char *line)
{
	const char *at = strstr(printed(), line);

	if (at == NULL || (at != text.p && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("no line %s in:\n%s", line, text.p);
}

static void *
count_much(void *arg)
{
	for (int i = 0; i < EACH; i++) {
		metric_add(M_AUDIT_ENTRIES, 0, 1); /* no labels were given: not kept, no harm */
		metric_add(M_RATE_LIMITED, 0, 2);
		metric_add(M_HTTP_REQUESTS, 0, 1);
		metric_add(M_HTTP_CONNECTIONS, 0, i % 2 ? -1 : 1);
		metric_time(M_COMMIT_SECONDS, 0, 3000000);
	}
	return arg;
}

/* More threads than stripes, reading all the while. */
static void
sums(void **state)
{
	pthread_t t[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, count_much, NULL), 0);
	for (int i = 0; i < 20; i++)
		printed();
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(metric_value(M_RATE_LIMITED, 0), 2 * THREADS * EACH);
	assert_int_equal(metric_value(M_HTTP_REQUESTS, 0), THREADS * EACH);
	assert_int_equal(metric_value(M_HTTP_CONNECTIONS, 0), 0);
	assert_int_equal(metric_value(M_AUDIT_ENTRIES, 0), 0);
	has_line("plantao_rate_limited_total 480000");
	has_line("plantao_commit_seconds_bucket{le=\"0.0025\"} 0");
	has_line("plantao_commit_seconds_bucket{le=\"0.005\"} 240000");
	has_line("plantao_commit_seconds_bucket{le=\"+Inf\"} 240000");
	has_line("plantao_commit_seconds_sum 720.000000000");
	has_line("plantao_commit_seconds_count 240000");
	assert_null(strstr(text.p, "plantao_audit_entries_total"));
}

static void
labels(void **state)
{
	(void)state;
	metric_add(M_HTTP_REQUESTS, 1, 7);
	metric_add(M_HTTP_REQUESTS, ROUTES, 9); /* beyond the labels: not kept */
	metric_add(M_HTTP_STATUS, 503, 4);
	metric_add(M_HTTP_STATUS, 504, 4); /* a gap */
	has_line("plantao_http_requests_total{route=\"hostile \\\"\\\\\\n{} é\"} 7");
	has_line("plantao_http_requests_total{route=\"never\"} 0");
	has_line("plantao_http_responses_total{status=\"503\"} 4");
	has_line("plantao_http_responses_total{status=\"200\"} 0");
	assert_null(strstr(text.p, "504"));
	assert_null(strstr(text.p, "(null)"));
}

/* A bound belongs to its bucket; what is above all bounds is in +Inf alone. */
static void
buckets(void **state)
{
	(void)state;
	metric_time(M_HTTP_SECONDS, 1, 500000);
	metric_time(M_HTTP_SECONDS, 1, 500001);
	metric_time(M_HTTP_SECONDS, 1, 10000000000);
	metric_time(M_HTTP_SECONDS, 1, 10000000001);
#define SERIES(part, rest) "plantao_http_request_seconds" part "{route=\"hostile \\\"\\\\\\n{} é\"" rest
	has_line(SERIES("_bucket", ",le=\"0.0005\"} 1"));
	has_line(SERIES("_bucket", ",le=\"0.001\"} 2"));
	has_line(SERIES("_bucket", ",le=\"5\"} 2"));
	has_line(SERIES("_bucket", ",le=\"10\"} 3"));
	has_line(SERIES("_bucket", ",le=\"+Inf\"} 4"));
	has_line(SERIES("_count", "} 4"));
	has_line(SERIES("_sum", "} 20.001000002"));
	assert_null(strstr(text.p, "plantao_http_request_seconds_count{route=\"never\"}"));

	int64_t counts[METRIC_BOUNDS + 1], ns;
	metric_time(M_HTTP_SECONDS, 0, 500000); /* another label: summed with the first */
	metric_times(M_HTTP_SECONDS, counts, &ns);
	assert_int_equal(counts[0], 2);
	assert_int_equal(counts[1], 1);
	assert_int_equal(counts[METRIC_BOUNDS - 1], 1);
	assert_int_equal(counts[METRIC_BOUNDS], 1);
	assert_int_equal(ns, 20001500002);
	assert_int_equal(metric_bound_ns(METRIC_BOUNDS - 1), 10000000000);
}

static void
refresh(void *arg)
{
	metric_set(M_RSS, 0, ++*(int *)arg);
}

/* Prints until the hook has been seen to run. */
static void *
print_until_called(void *arg)
{
	const _Atomic bool *called = arg;
	struct buf own;

	buf_init(&own, 1 << 20);
	while (!*called) {
		buf_reset(&own);
		metrics_print(&own);
	}
	buf_free(&own);
	return NULL;
}

static void
note_call(void *arg)
{
	*(_Atomic bool *)arg = true;
}

/* The server registers when it is already answering. */
static void
hooks_while_printing(void **state)
{
	static _Atomic bool called;
	pthread_t printer;

	(void)state;
	assert_int_equal(pthread_create(&printer, NULL, print_until_called, &called), 0);
	metrics_on_print(note_call, &called);
	pthread_join(printer, NULL);
	assert_true(called);
}

static void
hooks(void **state)
{
	static int calls;

	(void)state;
	metrics_on_print(refresh, &calls);
	has_line("plantao_resident_memory_bytes 1");
	has_line("plantao_resident_memory_bytes 2");
	has_line("# TYPE plantao_resident_memory_bytes gauge");
	has_line("# TYPE plantao_rate_limited_total counter");
	has_line("# TYPE plantao_commit_seconds histogram");
	has_line("# HELP plantao_resident_memory_bytes Resident memory");
}

/* `promtool check metrics` reads the text and complains of names and types; 0 is silence. */
static void
promtool_accepts(void **state)
{
	char name[] = "/tmp/test_metrics.XXXXXX", *argv[] = { "promtool", "check", "metrics", NULL };
	posix_spawn_file_actions_t files;
	int fd = mkstemp(name), status;
	pid_t child;

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	printed();
	assert_int_equal(write(fd, text.p, text.n - 1), text.n - 1);
	lseek(fd, 0, SEEK_SET);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd, 0);
	posix_spawn_file_actions_adddup2(&files, 2, 1); /* stdout is the test protocol's */
	if (posix_spawnp(&child, argv[0], &files, NULL, argv, environ) != 0)
		fail_msg("promtool is missing: package prometheus");
	waitpid(child, &status, 0);
	posix_spawn_file_actions_destroy(&files);
	close(fd);
	assert_int_equal(status, 0);
}

static void
ceiling(void **state)
{
	struct buf small;

	(void)state;
	buf_init(&small, 100);
	metrics_print(&small);
	assert_true(buf_failed(&small));
	buf_free(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums),
		cmocka_unit_test(labels),
		cmocka_unit_test(buckets),
		cmocka_unit_test(hooks_while_printing),
		cmocka_unit_test(hooks),
		cmocka_unit_test(promtool_accepts),
		cmocka_unit_test(ceiling),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
