/* server.c - the edge as a whole: its socket, its threads, its end. */
#include "http/edge.h"

#include "sys/crypto.h"
#include "sys/log.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* All bodies that are not yet answered share this much memory, or that of so many of the largest. */
enum { BODIES_MAX = 64 << 20, BODIES_AT_LEAST = 8 };
enum { BACKLOG = 4096, OTHER_DESCRIPTORS = 256, LINGER_MS = 2000, WHY_SIZE = 200, HOST_SIZE = 256 };

static enum err
explain(char *why, const char *what, const char *reason)
{
	snprintf(why, WHY_SIZE, "%s: %s", what, reason);
	return ERR_INTERNAL;
}

/* ---- the listening socket */

/* "host:port", "[v6]:port"; ":port" is every address. */
static bool
split_listen(const char *listen, char host[static HOST_SIZE], const char **port)
{
	const char *colon = strrchr(listen, ':');
	size_t n = colon ? (size_t)(colon - listen) : 0;
	if (!colon || n >= HOST_SIZE)
		return false;
	bool bracketed = n >= 2 && listen[0] == '[' && listen[n - 1] == ']';
	snprintf(host, HOST_SIZE, "%.*s", (int)(bracketed ? n - 2 : n), listen + bracketed);
	*port = colon + 1;
	int64_t number; /* getaddrinfo would take 99999 for another */
	return str_int(str_of(*port), &number) && number >= 0 && number <= 65535 &&
	       (bracketed || !strchr(host, ':'));
}

static int
open_socket(const struct addrinfo *a)
{
	int one = 1, fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static enum err
open_listener(const char *where, int *fd, char *why)
{
	char host[HOST_SIZE];
	const char *port;
	if (!split_listen(where, host, &port))
		return explain(why, where, "not an address and a port");
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV },
	                *found;
	int failed = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
	if (failed)
		return explain(why, where, gai_strerror(failed));
	*fd = open_socket(found);
	int error = errno;
	freeaddrinfo(found);
	return *fd >= 0 ? OK : explain(why, where, strerrordesc_np(error));
}

static enum err
take_listener(struct server *s, char *why)
{
	int fd = s->conf.listen_fd;
	if (fd < 0)
		TRY(open_listener(s->conf.listen, &fd, why));
	atomic_store(&s->listen_fd, fd);
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { 0 };
	socklen_t n = sizeof at;
	if (getsockname(fd, &at.any, &n) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		return explain(why, "listening socket", strerrordesc_np(errno));
	s->port = ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
	/* Connections inherit both. */
	int one = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
	return OK;
}

/* ---- starting */

static void
raise_descriptor_limit(unsigned connections)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections + OTHER_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	struct rlimit more = { wanted, limit.rlim_max > wanted ? limit.rlim_max : wanted };
	if (setrlimit(RLIMIT_NOFILE, &more) == 0)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < wanted)
		log_event(EV_FD_LIMIT, { "limit", LOG_I(limit.rlim_cur) }, { "wanted", LOG_I(wanted) });
}

static uint64_t
ns(int ms)
{
	return (uint64_t)ms * 1000000;
}

static void
set_limits(struct server *s)
{
	s->limits_ns[PHASE_HANDSHAKE] = s->limits_ns[PHASE_HEADER] = ns(s->conf.header_timeout_ms);
	s->limits_ns[PHASE_BODY] = s->limits_ns[PHASE_WRITE] = s->limits_ns[PHASE_STREAM] = ns(
	        s->conf.body_timeout_ms);
	s->limits_ns[PHASE_IDLE] = ns(s->conf.idle_timeout_ms);
	s->limits_ns[PHASE_LINGER] = ns(LINGER_MS);
}

static enum err
read_conf(struct server *s, char *why)
{
	struct str bad;
	if (!networks_parse(s->conf.trusted_proxies, &s->trusted, &bad)) {
		snprintf(why, WHY_SIZE, "trusted_proxies: not an address or network: %.*s", STR_FMT(bad));
		return ERR_INTERNAL;
	}
	bool cert = s->conf.tls_cert && *s->conf.tls_cert, key = s->conf.tls_key && *s->conf.tls_key;
	if (cert != key)
		return explain(why, "TLS", "certificate and key go together");
	if (cert && !(s->tls = tls_server_new(s->conf.tls_cert, s->conf.tls_key, why)))
		return ERR_INTERNAL;
	s->counts = address_counts_new();
	s->edge_count = s->conf.threads ? s->conf.threads : 1;
	s->edges = aligned_alloc(64, s->edge_count * sizeof *s->edges);
	if (!s->counts || !s->edges)
		return explain(why, "edge", strerrordesc_np(ENOMEM));
	for (unsigned i = 0; i < s->edge_count; i++)
		s->edges[i] = (struct edge){ .epoll = -1, .wake = -1, .spare_fd = -1 };
	s->bodies_max = s->conf.body_max > BODIES_MAX / BODIES_AT_LEAST ? s->conf.body_max * BODIES_AT_LEAST
	                                                                : BODIES_MAX;
	set_limits(s);
	return OK;
}

static enum err
start_edges(struct server *s, char *why)
{
	atomic_store(&s->listeners, s->edge_count);
	for (unsigned i = 0; i < s->edge_count; i++)
		if (!edge_open(s, &s->edges[i]))
			return explain(why, "edge thread", strerrordesc_np(errno));
	s->running = s->edge_count;
	for (; s->started < s->edge_count; s->started++)
		if (!edge_start(&s->edges[s->started])) {
			pthread_mutex_lock(&s->lock);
			s->running -= s->edge_count - s->started;
			pthread_mutex_unlock(&s->lock);
			return explain(why, "edge thread", strerrordesc_np(errno));
		}
	return OK;
}

static enum err
prepare(struct server *s, char *why)
{
	TRY(read_conf(s, why));
	raise_descriptor_limit(s->conf.connections_max);
	return take_listener(s, why);
}

/* Waiting is by the monotonic clock: time_in. */
static void
init_lock(struct server *s)
{
	pthread_condattr_t attr;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->ended, &attr);
	pthread_condattr_destroy(&attr);
}

enum err
server_open(const struct server_conf *conf, struct server **out, char *why)
{
	struct server *s = calloc(1, sizeof *s);
	if (!s)
		return explain(why, "edge", strerrordesc_np(ENOMEM));
	s->conf = *conf;
	atomic_store(&s->listen_fd, -1);
	init_lock(s);
	enum err err = prepare(s, why);
	if (err != OK) {
		server_stop(s, 0);
		return err;
	}
	*out = s;
	return OK;
}

enum err
server_run(struct server *s, server_request_fn *request, server_problem_fn *problem, void *arg, char *why)
{
	s->request = request;
	s->problem = problem;
	s->arg = arg;
	enum err err = start_edges(s, why);
	if (err != OK)
		server_stop(s, 0);
	return err;
}

enum err
server_start(const struct server_conf *conf, server_request_fn *request, server_problem_fn *problem,
        void *arg, struct server **out, char *why)
{
	struct server *s;
	TRY(server_open(conf, &s, why));
	TRY(server_run(s, request, problem, arg, why));
	*out = s;
	return OK;
}

/* ---- asking */

int
server_port(const struct server *s)
{
	return s->port;
}

int
server_listen_fd(const struct server *s)
{
	return atomic_load(&s->listen_fd);
}

struct server_figures
server_figures(const struct server *s)
{
	struct server_figures f = { .connections = atomic_load(&s->connections) };
	for (unsigned i = 0; i < s->edge_count; i++) {
		f.requests += atomic_load(&s->edges[i].requests);
		f.refused_framing += atomic_load(&s->edges[i].refused_framing);
		f.refused_connections += atomic_load(&s->edges[i].refused_connections);
	}
	return f;
}

/* ---- stopping */

static void
tell(struct server *s, atomic_bool *what)
{
	atomic_store(what, true);
	for (unsigned i = 0; i < s->started; i++)
		edge_wake(&s->edges[i]);
}

void
server_drain(struct server *s)
{
	tell(s, &s->draining);
}

static struct timespec
time_in(int timeout_ms)
{
	uint64_t at = clock_mono_ns() + ns(timeout_ms);
	return (struct timespec){ (time_t)(at / 1000000000), (long)(at % 1000000000) };
}

static void
join_edges(struct server *s, int timeout_ms)
{
	struct timespec until = time_in(timeout_ms);
	pthread_mutex_lock(&s->lock);
	while (s->running > 0 && pthread_cond_timedwait(&s->ended, &s->lock, &until) == 0)
		;
	pthread_mutex_unlock(&s->lock);
	tell(s, &s->closing);
	for (unsigned i = 0; i < s->started; i++)
		pthread_join(s->edges[i].thread, NULL);
}

/* Exchanges that others hold, or are just sending. */
static unsigned
open_exchanges(const struct server *s)
{
	unsigned n = 0;
	for (unsigned i = 0; i < s->started; i++)
		n += atomic_load(&s->edges[i].open_exchanges);
	return n;
}

static void
server_free(struct server *s)
{
	for (unsigned i = 0; s->edges && i < s->edge_count; i++)
		edge_free(&s->edges[i]);
	if (atomic_load(&s->listen_fd) >= 0)
		close(atomic_load(&s->listen_fd));
	address_counts_free(s->counts);
	tls_server_free(s->tls);
	pthread_cond_destroy(&s->ended);
	pthread_mutex_destroy(&s->lock);
	free(s->edges);
	free(s);
}

void
server_stop(struct server *s, int timeout_ms)
{
	server_drain(s);
	tell(s, &s->stopping);
	join_edges(s, timeout_ms);
	for (int i = 0; i < 1000 && open_exchanges(s); i++)
		sched_yield(); /* who is in the last lines of exchange_send */
	if (open_exchanges(s) == 0)
		server_free(s); /* else the process is ending with an answer unfinished: its memory stays */
}
