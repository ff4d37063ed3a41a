/* test_log.c - every line is one JSON object whatever its values hold; nothing escapes its field. */
#include "../cm.h"
#include "capture.h"
#include "sys/log.h"

#include "sys/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <jansson.h>

static char out[1 << 20];
static struct capture sink;

static void
capture(enum log_level level, bool json)
{
	sink = capture_start(2);
	log_init(level, json);
}

static const char *
captured(void)
{
	capture_end(&sink, out, sizeof out);
	return out;
}

static json_t *
only_line(const char *text)
{
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(j);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	return j;
}

static void
shape(void **state)
{
	struct instant at;

	(void)state;
	capture(LOG_INFO, true);
	log_request("0192f3a4");
	log_event(EV_STARTED, { "port", LOG_I(8080) }, { "engine", LOG_S("sqlite") }, { "none", LOG_S(NULL) },
	        { "low", LOG_I(INT64_MIN) });
	log_request(NULL);
	json_t *j = only_line(captured());
	assert_string_equal(json_string_value(json_object_get(j, "event")), "started");
	assert_string_equal(json_string_value(json_object_get(j, "level")), "info");
	assert_string_equal(json_string_value(json_object_get(j, "requestId")), "0192f3a4");
	assert_int_equal(json_integer_value(json_object_get(j, "port")), 8080);
	assert_string_equal(json_string_value(json_object_get(j, "engine")), "sqlite");
	assert_true(json_is_null(json_object_get(j, "none")));
	assert_true(json_integer_value(json_object_get(j, "low")) == INT64_MIN);
	assert_true(instant_parse(str_of(json_string_value(json_object_get(j, "time"))), &at));
	assert_true(at.ms > 1700000000000);
	json_decref(j);
}

static void
levels(void **state)
{
	(void)state;
	capture(LOG_WARN, true);
	log_event(EV_STARTED);
	assert_string_equal(captured(), "");
	capture(LOG_WARN, true);
	log_event(EV_FD_LIMIT);
	json_t *j = only_line(captured());
	assert_null(json_object_get(j, "requestId"));
	assert_int_equal(json_object_size(j), 3);
	json_decref(j);
}

/* A value made of bytes that break naive writers comes back as it was, broken UTF-8 as U+FFFD. */
static void
hostile_strings(void **state)
{
	static const struct {
		const char *in, *back;
	} cases[] = {
		{ "\"}\n{\"event\":\"forged\"", "\"}\n{\"event\":\"forged\"" },
		{ "a\\", "a\\" },
		{ "\x1b[2J\a\b\t\r\n\x7f", "\x1b[2J\a\b\t\r\n\x7f" },
		{ "\xc2\x9b"
		  "31m",
		        "\xc2\x9b"
		        "31m" },
		{ "não, 患者 🩺", "não, 患者 🩺" },
		{ "x\xff\xfe", "x\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "cut \xf0\x9f", "cut \xef\xbf\xbd\xef\xbf\xbd" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		capture(LOG_INFO, true);
		log_event(EV_REFUSED_START, { "why", LOG_S(cases[i].in) });
		json_t *j = only_line(captured());
		assert_string_equal(json_string_value(json_object_get(j, "why")), cases[i].back);
		assert_int_equal(json_object_size(j), 4);
		json_decref(j);
	}
}

/* The same numbers in every run. */
static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static void
random_strings(void **state)
{
	static const char nasty[] = "\"\\\n\xc2\xe2\xf0\x80";

	(void)state;
	unsigned seed = 7;
	for (int i = 0; i < 3000; i++) {
		char text[600];
		size_t n = next(&seed) % sizeof text;
		for (size_t k = 0; k < n; k++)
			text[k] = next(&seed) % 3 ? (char)next(&seed) : nasty[next(&seed) % 7];
		text[n < sizeof text ? n : n - 1] = 0;
		capture(LOG_INFO, true);
		log_event(EV_REFUSED_START, { "why", LOG_S(text) }, { "after", LOG_I(i) });
		json_t *j = only_line(captured());
		assert_int_equal(json_integer_value(json_object_get(j, "after")), i);
		json_decref(j);
	}
}

static void
long_values(void **state)
{
	static char huge[100000];

	(void)state;
	memset(huge, 1, sizeof huge - 1);
	capture(LOG_INFO, true);
	log_event(EV_REFUSED_START, { "a", LOG_S(huge) }, { "b", LOG_S(huge) });
	json_t *j = only_line(captured());
	assert_non_null(json_object_get(j, "a"));
	assert_null(json_object_get(j, "b"));
	assert_true(json_is_true(json_object_get(j, "cut")));
	assert_true(strlen(out) <= 4096);
	json_decref(j);

	/* A character parted by the ceiling is left out, not broken. */
	for (size_t i = 0; i + 4 < sizeof huge; i += 4)
		memcpy(huge + i, "🩺", 4);
	for (int shift = 0; shift < 4; shift++) {
		memmove(huge + 1, huge, 1000);
		huge[0] = '.';
		capture(LOG_INFO, true);
		log_event(EV_REFUSED_START, { "a", LOG_S(huge) });
		j = only_line(captured());
		assert_null(strstr(json_string_value(json_object_get(j, "a")), "\xef\xbf\xbd"));
		json_decref(j);
	}
}

static void
text_for_terminals(void **state)
{
	(void)state;
	capture(LOG_INFO, false);
	log_event(EV_STARTED, { "port", LOG_I(80) }, { "x", LOG_S("a b\n\x1b[2Jforged") });
	const char *line = captured();
	assert_non_null(strstr(line, "INFO  started port=80 x=\"a b\\u000a\\u001b[2Jforged\"\n"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_null(strchr(line, 0x1b));
}

static void *
log_much(void *arg)
{
	log_request(arg);
	for (int i = 0; i < 1000; i++)
		log_event(EV_STARTED, { "n", LOG_I(i) }, { "path", LOG_S("/api/medical-records/:id") });
	return NULL;
}

/* Lines of many threads in one file stay whole and carry their own thread's id. */
static void
threads_do_not_mix(void **state)
{
	pthread_t t[4];
	char ids[4][2] = { "a", "b", "c", "d" };
	int seen[4] = { 0 };

	(void)state;
	capture(LOG_INFO, true);
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, log_much, ids[i]), 0);
	for (size_t i = 0; i < COUNT(t); i++)
		pthread_join(t[i], NULL);
	char *text = strdup(captured()), *rest = text;
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		json_t *j = json_loads(line, 0, NULL);
		assert_non_null(j);
		seen[json_string_value(json_object_get(j, "requestId"))[0] - 'a']++;
		json_decref(j);
	}
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(seen[i], 1000);
	free(text);
}

static void
lost_lines_are_counted(void **state)
{
	int64_t before = metric_value(M_LOG_LOST, 0);
	int keep = dup(2);

	(void)state;
	log_init(LOG_INFO, true);
	close(2);
	log_event(EV_STARTED);
	dup2(keep, 2);
	close(keep);
	assert_int_equal(metric_value(M_LOG_LOST, 0), before + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shape),
		cmocka_unit_test(levels),
		cmocka_unit_test(hostile_strings),
		cmocka_unit_test(random_strings),
		cmocka_unit_test(long_values),
		cmocka_unit_test(text_for_terminals),
		cmocka_unit_test(threads_do_not_mix),
		cmocka_unit_test(lost_lines_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
