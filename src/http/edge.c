/* edge.c - one thread of the edge: accepts, waits, is woken, goes. */
#include "http/edge.h"

#include "sys/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_A_TURN = 256, ACCEPTS_A_TURN = 64, ACCEPTS_AT_END = 8192 };

/* ---- accepting */

/* No descriptor is left: one held back lets us take the connection off the queue and close it. */
static void
refuse_connection(struct edge *e, int listen_fd)
{
	close(e->spare_fd);
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	else /* nor has the whole machine one: the connection stays in the queue, and we must not spin on it
	      */
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	e->spare_fd = fcntl(e->wake, F_DUPFD_CLOEXEC, 0);
	atomic_fetch_add_explicit(&e->refused_connections, 1, memory_order_relaxed);
}

static bool
accept_one(struct edge *e)
{
	struct sockaddr_storage from;
	socklen_t n = sizeof from;
	int listen_fd = atomic_load(&e->server->listen_fd);
	int fd = accept4(listen_fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		conn_open(e, fd, &from);
	else if (errno == EMFILE || errno == ENFILE)
		refuse_connection(e, listen_fd);
	else
		return errno == ECONNABORTED || errno == EINTR;
	return true;
}

static void
accept_some(struct edge *e)
{
	for (int i = 0; e->listening && i < ACCEPTS_A_TURN && accept_one(e); i++)
		;
}

/* The last thread to go closes the socket, so that new clients are refused, not left waiting. */
static void
stop_listening(struct edge *e)
{
	struct server *s = e->server;
	int fd = atomic_load(&s->listen_fd);
	for (int i = 0; i < ACCEPTS_AT_END && accept_one(e); i++) /* whom the kernel let in is served */
		;
	epoll_ctl(e->epoll, EPOLL_CTL_DEL, fd, NULL);
	e->listening = false;
	if (atomic_fetch_sub(&s->listeners, 1) == 1) {
		atomic_store(&s->listen_fd, -1);
		close(fd);
	}
}

/* ---- a thread's turn */

void
exchange_send(struct exchange *x, struct answer *a)
{
	struct edge *e = x->edge;
	answer_prepare(x, a);
	x->next = atomic_load(&e->sent);
	while (!atomic_compare_exchange_weak(&e->sent, &x->next, x))
		;
	/* x is gone. */
	edge_rouse(e);
	atomic_fetch_sub(&e->open_exchanges, 1); /* last: now the thread may go too */
}

/* One wake-up does for all that is sent until the thread is up. */
void
edge_rouse(struct edge *e)
{
	if (atomic_load(&e->sleeping) && atomic_exchange(&e->sleeping, false))
		eventfd_write(e->wake, 1);
}

/* Answers, in the order they were sent. */
static void
collect_sent(struct edge *e)
{
	struct exchange *x = atomic_exchange(&e->sent, NULL), *in_order = NULL;
	while (x) {
		struct exchange *next = x->next;
		x->next = in_order;
		in_order = x;
		x = next;
	}
	while (in_order) {
		struct exchange *next = in_order->next;
		conn_answered(in_order->conn);
		in_order = next;
	}
}

static void
collect_parts(struct edge *e)
{
	for (struct part *p = parts_collect(e), *next; p; p = next) {
		next = p->next;
		conn_part(p->x->conn, p);
	}
}

/* Whoever sends after `sleeping` is set wakes us; what was sent before is seen here. */
static int
sleep_for_events(struct edge *e, struct epoll_event *events)
{
	int timeout_ms = conn_next_limit_ms(e);
	atomic_store(&e->sleeping, true);
	if (atomic_load(&e->sent) || atomic_load(&e->parts))
		timeout_ms = 0;
	int n = epoll_wait(e->epoll, events, EVENTS_A_TURN, timeout_ms);
	atomic_store(&e->sleeping, false);
	e->now_ns = clock_mono_ns();
	return n;
}

static void
take_event(struct edge *e, const struct epoll_event *event)
{
	if (event->data.ptr == e)
		accept_some(e);
	else if (event->data.ptr) /* NULL: only to wake us */
		conn_event(event->data.ptr, event->events);
}

static void
obey(struct edge *e)
{
	struct server *s = e->server;
	if (e->listening && atomic_load(&s->draining))
		stop_listening(e);
	if (!atomic_load(&s->stopping))
		return;
	conn_close_phase(e, PHASE_HANDSHAKE);
	conn_close_phase(e, PHASE_IDLE);
	conn_close_phase(e, PHASE_HEADER);
	conn_close_phase(e, PHASE_LINGER);
}

static bool
is_done(const struct edge *e)
{
	if (atomic_load(&e->server->closing))
		return true;
	return atomic_load(&e->server->stopping) && !e->listening && e->phase_counts[PHASE_BODY] == 0 &&
	       e->phase_counts[PHASE_WORK] == 0 && e->phase_counts[PHASE_WRITE] == 0 &&
	       e->phase_counts[PHASE_STREAM] == 0;
}

static void *
edge_main(void *arg)
{
	struct edge *e = arg;
	struct epoll_event events[EVENTS_A_TURN];
	while (!is_done(e)) {
		int n = sleep_for_events(e, events);
		for (int i = 0; i < n; i++)
			take_event(e, &events[i]);
		collect_sent(e);
		collect_parts(e);
		conn_expire(e);
		obey(e);
	}
	for (enum phase p = 0; p < PHASE__MAX; p++)
		conn_close_phase(e, p);
	pthread_mutex_lock(&e->server->lock);
	e->server->running--;
	pthread_cond_signal(&e->server->ended);
	pthread_mutex_unlock(&e->server->lock);
	return NULL;
}

/* ---- starting a thread */

static bool
watch(struct edge *e, int fd, uint32_t events, void *what)
{
	struct epoll_event event = { .events = events, .data.ptr = what };
	return epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool
edge_open(struct server *s, struct edge *e)
{
	e->server = s;
	e->now_ns = clock_mono_ns();
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	e->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	e->spare_fd = fcntl(e->wake, F_DUPFD_CLOEXEC, 0);
	e->listening = true;
	return e->epoll >= 0 && e->wake >= 0 && e->spare_fd >= 0 &&
	       watch(e, e->wake, EPOLLIN | EPOLLET, NULL) && /* never read: each write is news */
	       watch(e, atomic_load(&s->listen_fd), EPOLLIN | EPOLLEXCLUSIVE, e);
}

void
edge_free(struct edge *e)
{
	for (struct exchange *x = e->spare, *next; x; x = next) {
		next = x->next;
		free(x);
	}
	close(e->epoll);
	close(e->wake);
	close(e->spare_fd);
}

/* With every signal blocked: they are for the main thread, and SIGPIPE for nobody. */
bool
edge_start(struct edge *e)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&e->thread, NULL, edge_main, e) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

void
edge_wake(struct edge *e)
{
	eventfd_write(e->wake, 1);
}
