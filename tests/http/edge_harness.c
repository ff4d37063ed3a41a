/* edge_harness.c - the edge alone, with a handful of doors behind it, for the
 * probes of this folder.  Answers are made by threads of its own, as in the
 * program.  Arguments are key=value: the members of struct server_conf, and
 * workers=N. */
#include "base/json.h"
#include "http/server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINES = 4096, LOG_LINE = 120, WORKERS_MAX = 16, BODY_CEILING = 256 << 20 };

/* ---- what was executed: a smuggled request would stand here */
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_lines[LOG_LINES][LOG_LINE];
static unsigned log_count;

static void
log_request_line(const struct exchange *x)
{
	pthread_mutex_lock(&log_lock);
	if (log_count < LOG_LINES)
		snprintf(log_lines[log_count++], LOG_LINE, "%.*s %.*s", STR_FMT(exchange_method(x)),
		        STR_FMT(exchange_path(x)));
	pthread_mutex_unlock(&log_lock);
}

/* Everything since the last time. */
static void
door_log(struct exchange *x, struct answer *a)
{
	(void)x;
	pthread_mutex_lock(&log_lock);
	buf_byte(&a->body, '[');
	for (unsigned i = 0; i < log_count; i++) {
		buf_text(&a->body, i ? "," : "");
		json_write_text(&a->body, str_of(log_lines[i]));
	}
	buf_byte(&a->body, ']');
	log_count = 0;
	pthread_mutex_unlock(&log_lock);
}

/* ---- doors */
static struct server *server;

static int64_t
number(const struct exchange *x, const char *name, int64_t otherwise)
{
	struct str query = exchange_query(x);
	size_t n = strlen(name);
	for (size_t i = 0; i + n < query.n; i++)
		if ((i == 0 || query.p[i - 1] == '&') && memcmp(query.p + i, name, n) == 0 &&
		        query.p[i + n] == '=') {
			const char *text = query.p + i + n + 1, *end = text;
			int64_t v;
			while (end < query.p + query.n && *end >= '0' && *end <= '9')
				end++;
			return str_int((struct str){ text, (size_t)(end - text) }, &v) ? v : otherwise;
		}
	return otherwise;
}

static void
member(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, "%s\"%s\":", b->n > 1 ? "," : "", name);
	json_write_text(b, value);
}

static void
door_echo(struct exchange *x, struct answer *a)
{
	static const char *const names[] = { "Host", "X-Test", "Content-Type", "X-Forwarded-For", "Cookie" };
	struct buf *b = &a->body;
	buf_byte(b, '{');
	member(b, "method", exchange_method(x));
	member(b, "path", exchange_path(x));
	member(b, "query", exchange_query(x));
	member(b, "address", exchange_address(x));
	member(b, "body", exchange_body(x));
	for (size_t i = 0; i < COUNT(names); i++)
		member(b, names[i], exchange_header(x, names[i]));
	buf_printf(b, ",\"tls\":%s,\"gzip\":%s,\"arrived\":%s,\"slot\":%s}",
	        exchange_tls(x) ? "true" : "false", exchange_accepts_gzip(x) ? "true" : "false",
	        exchange_arrived_ns(x) ? "true" : "false", exchange_slot(x) ? "true" : "false");
}

/* The body's length and a hash of it, for bodies that are too large to look at. */
static void
door_sum(struct exchange *x, struct answer *a)
{
	struct str body = exchange_body(x);
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < body.n; i++)
		hash = (hash ^ (unsigned char)body.p[i]) * 16777619u;
	buf_printf(&a->body, "{\"n\":%zu,\"fnv\":%u}", body.n, hash);
}

static void
door_slow(struct exchange *x, struct answer *a)
{
	int64_t ms = number(x, "ms", 100);
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
	door_echo(x, a);
}

static void
door_big(struct exchange *x, struct answer *a)
{
	int64_t n = number(x, "n", 1 << 20);
	if (number(x, "binary", 0))
		a->content_type = "application/octet-stream";
	size_t some = n < 4096 ? (size_t)n : 4096;
	while (a->body.n < some)
		buf_printf(&a->body, "line %zu of a large answer\n", a->body.n);
	while ((int64_t)a->body.n < n && !buf_failed(&a->body)) {
		char *p = buf_grow(&a->body, some);
		if (p)
			memcpy(p, a->body.p, some);
	}
	if (!buf_failed(&a->body))
		a->body.n = (size_t)n;
}

static void
door_status(struct exchange *x, struct answer *a)
{
	a->status = (int)number(x, "code", 200);
	a->content_type = number(x, "empty", 0) ? NULL : a->content_type;
	buf_text(&a->body, "{}");
}

static void
door_close(struct exchange *x, struct answer *a)
{
	a->close = true;
	door_echo(x, a);
}

static void
door_fixed(struct exchange *x, struct answer *a)
{
	static char asset[8192];
	(void)x;
	memset(asset, 'a', sizeof asset);
	a->fixed = asset;
	a->fixed_size = sizeof asset;
	a->content_type = "text/css; charset=utf-8";
	answer_header(a, "ETag", "\"asset\"");
}

static void
door_headers(struct exchange *x, struct answer *a)
{
	static char large[3000];
	memset(large, 'h', sizeof large - 1);
	answer_header(a, "X-Good", "yes");
	answer_header(a, "X-Evil", "a\r\nX-Injected: yes");
	if (number(x, "large", 0))
		for (int i = 0; i < 10; i++)
			answer_header(a, "X-Large", large);
	buf_text(&a->body, "{}");
}

static void
door_figures(struct exchange *x, struct answer *a)
{
	(void)x;
	struct server_figures f = server_figures(server);
	buf_printf(&a->body,
	        "{\"connections\":%u,\"requests\":%llu,\"refusedFraming\":%llu,\"refusedConnections\":%llu}",
	        f.connections, (unsigned long long)f.requests, (unsigned long long)f.refused_framing,
	        (unsigned long long)f.refused_connections);
}

/* n parts of size bytes, so many ms after each other; told is how far it came. */
static atomic_int told;

static void
answer_in_parts(struct exchange *x)
{
	struct answer a = { .status = 200, .content_type = "text/event-stream" };
	int64_t n = number(x, "n", 3), ms = number(x, "ms", 0), size = number(x, "size", 8);
	char *part = malloc((size_t)size);
	bool taken = true;
	assert(part);
	exchange_begin(x, &a);
	for (int i = 0; i < n && taken; i++) {
		nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
		memset(part, 'a' + i % 26, (size_t)size);
		taken = exchange_part(x, (struct str){ part, (size_t)size });
		atomic_store(&told, taken ? i + 1 : -1 - i);
	}
	exchange_end(x);
	free(part);
}

static void
door_told(struct exchange *x, struct answer *a)
{
	(void)x;
	buf_printf(&a->body, "%d", atomic_load(&told));
}

static void
door_drain(struct exchange *x, struct answer *a)
{
	(void)x;
	server_drain(server);
	buf_text(&a->body, "{}");
}

static const struct door {
	const char *path;
	void (*open)(struct exchange *, struct answer *);
	bool quiet; /* not in the log */
} doors[] = {
	{ "/echo", door_echo, false },
	{ "/", door_echo, false },
	{ "*", door_echo, false },
	{ "/now", door_echo, false },
	{ "/sum", door_sum, false },
	{ "/slow", door_slow, false },
	{ "/big", door_big, false },
	{ "/status", door_status, false },
	{ "/close", door_close, false },
	{ "/fixed", door_fixed, false },
	{ "/headers", door_headers, false },
	{ "/log", door_log, true },
	{ "/figures", door_figures, true },
	{ "/drain", door_drain, true },
	{ "/told", door_told, true },
};

static void
answer(struct exchange *x)
{
	if (str_is(exchange_path(x), "/parts")) {
		log_request_line(x);
		answer_in_parts(x);
		return;
	}
	struct answer a = { .status = 200, .content_type = "application/json" };
	buf_init(&a.body, BODY_CEILING);
	const struct door *door = NULL;
	for (size_t i = 0; i < COUNT(doors); i++)
		if (str_is(exchange_path(x), doors[i].path))
			door = &doors[i];
	if (!door || !door->quiet)
		log_request_line(x);
	if (door)
		door->open(x, &a);
	else
		a.status = 404;
	exchange_send(x, &a);
}

/* ---- the queue and its threads */
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static struct exchange *queue_first, *queue_last;

static struct exchange **
next_of(struct exchange *x)
{
	return exchange_slot(x);
}

static void
queue_put(void *arg, struct exchange *x)
{
	(void)arg;
	if (str_is(exchange_path(x), "/now")) {
		answer(x); /* on the edge's own thread, as a full queue does */
		return;
	}
	pthread_mutex_lock(&queue_lock);
	assert(*next_of(x) == NULL);
	*(queue_last ? next_of(queue_last) : &queue_first) = x;
	queue_last = x;
	pthread_cond_signal(&queue_filled);
	pthread_mutex_unlock(&queue_lock);
}

static struct exchange *
queue_take(void)
{
	pthread_mutex_lock(&queue_lock);
	while (!queue_first)
		pthread_cond_wait(&queue_filled, &queue_lock);
	struct exchange *x = queue_first;
	queue_first = *next_of(x);
	if (!queue_first)
		queue_last = NULL;
	pthread_mutex_unlock(&queue_lock);
	return x;
}

static void *
work(void *arg)
{
	(void)arg;
	for (;;)
		answer(queue_take());
	return NULL;
}

static void
problem(void *arg, enum err err, const char *detail, struct exchange *x, struct answer *a)
{
	(void)arg;
	a->content_type = "application/problem+json";
	answer_header(a, "X-Refused", "yes");
	buf_byte(&a->body, '{');
	member(&a->body, "detail", str_of(detail));
	member(&a->body, "method", exchange_method(x));
	member(&a->body, "path", exchange_path(x));
	member(&a->body, "language", exchange_header(x, "Accept-Language"));
	buf_printf(&a->body, ",\"status\":%d,\"err\":%d}", a->status, (int)err);
}

/* ---- start and stop */
static int workers = 4, stop_timeout_ms = 5000;

static const char *
after(const char *arg, const char *name)
{
	size_t n = strlen(name);
	return strncmp(arg, name, n) == 0 && arg[n] == '=' ? arg + n + 1 : NULL;
}

static const struct {
	const char *name;
	size_t at;
} texts[] = {
	{ "listen", offsetof(struct server_conf, listen) },
	{ "tls_cert", offsetof(struct server_conf, tls_cert) },
	{ "tls_key", offsetof(struct server_conf, tls_key) },
	{ "trusted_proxies", offsetof(struct server_conf, trusted_proxies) },
};

static bool
set_text(struct server_conf *c, const char *arg)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		const char *v = after(arg, texts[i].name);
		if (v)
			memcpy((char *)c + texts[i].at, &v, sizeof v);
		if (v)
			return true;
	}
	return false;
}

static bool
set_number(struct server_conf *c, const char *arg)
{
	const char *equals = strchr(arg, '=');
	int64_t v;
	if (!equals || !str_int(str_of(equals + 1), &v))
		return false;
	struct str name = { arg, (size_t)(equals - arg) };
#define NUMBER(m) (str_is(name, #m) && (c->m = (__typeof__(c->m))v, true))
	return NUMBER(listen_fd) || NUMBER(threads) || NUMBER(body_max) || NUMBER(header_max) ||
	       NUMBER(header_timeout_ms) || NUMBER(body_timeout_ms) || NUMBER(idle_timeout_ms) ||
	       NUMBER(connections_max) || NUMBER(connections_per_address_max) ||
	       (str_is(name, "workers") && (workers = (int)v, true)) ||
	       (str_is(name, "stop_timeout_ms") && (stop_timeout_ms = (int)v, true));
#undef NUMBER
}

static int
serve_until_signal(const struct server_conf *conf, const sigset_t *signals)
{
	char why[200];
	if (server_start(conf, queue_put, problem, NULL, &server, why) != OK) {
		fprintf(stderr, "edge_harness: %s\n", why);
		return 1;
	}
	pthread_t thread;
	for (int i = 0; i < workers && i < WORKERS_MAX; i++)
		if (pthread_create(&thread, NULL, work, NULL) != 0)
			return 1;
	printf("listening on %s://127.0.0.1:%d\n", conf->tls_cert ? "https" : "http", server_port(server));
	fflush(stdout);
	int got;
	sigwait(signals, &got);
	server_stop(server, stop_timeout_ms);
	return 0;
}

int
main(int argc, char **argv)
{
	struct server_conf conf = {
		.listen = "127.0.0.1:0",
		.listen_fd = -1,
		.threads = 1,
		.body_max = 1 << 20,
		.header_max = 16 << 10,
		.header_timeout_ms = 10000,
		.body_timeout_ms = 30000,
		.idle_timeout_ms = 75000,
		.connections_max = 12000,
		.connections_per_address_max = 256,
	};
	for (int i = 1; i < argc; i++)
		if (!set_text(&conf, argv[i]) && !set_number(&conf, argv[i])) {
			fprintf(stderr, "edge_harness: what is %s?\n", argv[i]);
			return 2;
		}
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	return serve_until_signal(&conf, &signals);
}
