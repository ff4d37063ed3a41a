/* conn.c - what a connection does in each of its phases.  A step does what it
 * can without waiting and says whether the next step may go on at once. */
#include "http/edge.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { WRITE_STRIDE = 64 << 10, SCRATCH = 16 << 10, LINGER_READS = 1024 };

/* ---- phases and their limits: one list a phase, as all in it have the same time */

static void
leave_phase(struct conn *c)
{
	struct conn_list *l = &c->edge->phases[c->phase];
	*(c == l->first ? &l->first : &c->prev->next) = c->next;
	*(c == l->last ? &l->last : &c->next->prev) = c->prev;
	c->edge->phase_counts[c->phase]--;
}

static void
join_phase(struct conn *c, enum phase phase)
{
	struct edge *e = c->edge;
	struct conn_list *l = &e->phases[phase];
	c->phase = (uint8_t)phase;
	c->limit_ns = e->now_ns + e->server->limits_ns[phase];
	c->next = NULL;
	c->prev = l->last;
	*(l->last ? &l->last->next : &l->first) = c;
	l->last = c;
	e->phase_counts[phase]++;
}

bool
conn_enter(struct conn *c, enum phase phase)
{
	leave_phase(c);
	join_phase(c, phase);
	return true;
}

/* ---- the end */

static void
drop_exchange(struct conn *c)
{
	if (c->x)
		exchange_give_back(c->x);
	c->x = NULL;
}

static void
forget(struct conn *c)
{
	struct server *s = c->edge->server;
	if (c->counted)
		address_leave(s->counts, c->peer);
	tls_free(c->tls);
	close(c->fd);
	free(c);
	atomic_fetch_sub(&s->connections, 1);
}

bool
conn_close(struct conn *c)
{
	assert(c->phase != PHASE_WORK);
	leave_phase(c);
	drop_exchange(c);
	forget(c);
	return false;
}

/* Closing with bytes unread would make the kernel throw away what the client has not yet read of ours. */
static bool
linger(struct conn *c)
{
	drop_exchange(c);
	if (c->tls)
		tls_end(c->tls);
	shutdown(c->fd, SHUT_WR);
	return conn_enter(c, PHASE_LINGER);
}

static bool
linger_step(struct conn *c)
{
	char scratch[SCRATCH];
	for (int i = 0; i < LINGER_READS; i++) {
		ssize_t n = recv(c->fd, scratch, sizeof scratch, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return false;
		if (n <= 0)
			break;
	}
	return conn_close(c);
}

/* ---- refusing */

static int
status_of(enum err err)
{
	static const int statuses[ERR__MAX] = {
#define ERR(name, http, ...) [ERR_##name] = http,
#include "base/errors.def"
#undef ERR
	};
	return statuses[err];
}

/* Answers the error and ends the connection: where the next request begins is not known. */
bool
conn_refuse(struct conn *c, enum err err, const char *detail)
{
	struct exchange *x = c->x;
	struct server *s = c->edge->server;
	atomic_fetch_add_explicit(&c->edge->refused_framing, 1, memory_order_relaxed);
	struct answer a = { .status = status_of(err) };
	buf_init(&a.body, HTTP1_HEADER_MAX);
	x->refused = true;
	s->problem(s->arg, err, detail, x, &a);
	answer_prepare(x, &a);
	return conn_enter(c, PHASE_WRITE);
}

static bool
handshake_step(struct conn *c)
{
	ssize_t done = conn_handshake(c);
	if (done == IO_AGAIN)
		return false;
	return done == 1 ? conn_enter(c, PHASE_IDLE) : conn_close(c);
}

/* ---- the answer */

static bool
next_request(struct conn *c)
{
	if (c->x->n > c->x->used) {
		exchange_restart(c->x);
		return conn_enter(c, PHASE_HEADER);
	}
	drop_exchange(c);
	return conn_enter(c, PHASE_IDLE);
}

static bool
answer_ended(struct conn *c)
{
	const struct exchange *x = c->x;
	if (x->keep)
		return next_request(c);
	bool unread = x->refused || c->can_read || x->n > x->used;
	return unread ? linger(c) : conn_close(c);
}

static struct str
after(const char *p, size_t n, size_t sent)
{
	return sent < n ? (struct str){ p + sent, n - sent } : (struct str){ 0 };
}

static bool
write_step(struct conn *c)
{
	struct exchange *x = c->x;
	while (x->sent < x->first_n + x->rest.n) {
		if (!c->can_write)
			return false;
		size_t rest_sent = x->sent > x->first_n ? x->sent - x->first_n : 0;
		ssize_t n = conn_write(
		        c, after(x->first, x->first_n, x->sent), after(x->rest.p, x->rest.n, rest_sent));
		if (n < 0)
			return n == IO_AGAIN ? false : conn_close(c);
		if (x->sent / WRITE_STRIDE != (x->sent + (size_t)n) / WRITE_STRIDE)
			conn_enter(c, PHASE_WRITE);
		x->sent += (size_t)n;
	}
	return answer_ended(c);
}

/* Whoever makes the answer still holds the exchange: until its last part the connection waits. */
static bool
lose_stream(struct conn *c)
{
	atomic_store(&c->x->gone, true);
	return parts_drop_all(c->x) ? conn_close(c) : conn_enter(c, PHASE_WORK);
}

static bool
stream_step(struct conn *c)
{
	for (struct part *p; (p = parts_first(c->x));) {
		while (p->sent < p->n) {
			if (!c->can_write)
				return false;
			ssize_t n = conn_write(c, after(p->p, p->n, p->sent), (struct str){ 0 });
			if (n < 0)
				return n == IO_AGAIN ? false : lose_stream(c);
			p->sent += (size_t)n;
		}
		if (parts_drop_first(c->x))
			return answer_ended(c);
		conn_enter(c, PHASE_STREAM);
	}
	return conn_enter(c, PHASE_WORK);
}

static bool
work_step(struct conn *c)
{
	(void)c;
	return false;
}

static void
run(struct conn *c)
{
	static bool (*const steps[PHASE__MAX])(struct conn *) = {
		[PHASE_HANDSHAKE] = handshake_step,
		[PHASE_IDLE] = conn_step_idle,
		[PHASE_HEADER] = conn_step_header,
		[PHASE_BODY] = conn_step_body,
		[PHASE_WORK] = work_step,
		[PHASE_WRITE] = write_step,
		[PHASE_STREAM] = stream_step,
		[PHASE_LINGER] = linger_step,
	};
	while (steps[c->phase](c))
		;
}

/* ---- what the thread calls */

void
conn_event(struct conn *c, uint32_t events)
{
	c->can_read |= (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	c->can_write |= (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
	c->end_seen |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	run(c);
}

void
conn_answered(struct conn *c)
{
	conn_enter(c, PHASE_WRITE);
	run(c);
}

void
conn_part(struct conn *c, struct part *p)
{
	parts_take(c->x, p);
	if (c->phase == PHASE_WORK)
		conn_enter(c, PHASE_STREAM);
	if (!atomic_load(&c->x->gone) || lose_stream(c))
		run(c);
}

static void
expire(struct conn *c)
{
	bool halfway = c->phase == PHASE_HEADER || c->phase == PHASE_BODY;
	if (c->phase == PHASE_STREAM)
		(void)lose_stream(c);
	else if (!halfway)
		conn_close(c);
	else if (conn_refuse(c, ERR_TIMEOUT,
	                 c->phase == PHASE_HEADER ? "header took too long" : "body took too long"))
		run(c);
}

static void
expire_phase(struct edge *e, enum phase phase)
{
	for (struct conn *c = e->phases[phase].first, *next; c && c->limit_ns <= e->now_ns; c = next) {
		next = c->next;
		expire(c);
	}
}

void
conn_expire(struct edge *e)
{
	for (enum phase p = 0; p < PHASE__MAX; p++)
		if (p != PHASE_WORK)
			expire_phase(e, p);
}

int
conn_next_limit_ms(const struct edge *e)
{
	uint64_t next = UINT64_MAX;
	for (enum phase p = 0; p < PHASE__MAX; p++) {
		const struct conn *c = p == PHASE_WORK ? NULL : e->phases[p].first;
		if (c && c->limit_ns < next)
			next = c->limit_ns;
	}
	if (next == UINT64_MAX)
		return -1;
	return next <= e->now_ns ? 0 : (int)((next - e->now_ns) / 1000000 + 1);
}

/* Those whose exchange is still with somebody lose their socket only: it may yet be asked about them. */
void
conn_close_phase(struct edge *e, enum phase phase)
{
	for (struct conn *c, *next = e->phases[phase].first; (c = next);) {
		next = c->next;
		if (phase == PHASE_WORK || phase == PHASE_STREAM)
			close(c->fd);
		else
			conn_close(c);
	}
}

static bool
admit(struct edge *e, struct conn *c)
{
	struct server *s = e->server;
	c->trusted = networks_hold(&s->trusted, c->peer);
	unsigned max = s->conf.connections_per_address_max;
	if (max == 0 || c->trusted || address_is_loopback(c->peer))
		return true;
	c->counted = address_enter(s->counts, c->peer, max);
	return c->counted;
}

static bool
watch(struct conn *c)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
	return epoll_ctl(c->edge->epoll, EPOLL_CTL_ADD, c->fd, &event) == 0;
}

static bool
begin_tls(struct conn *c)
{
	struct tls_server *tls = c->edge->server->tls;
	if (tls)
		c->tls = tls_new(tls, c->fd);
	return !tls || c->tls;
}

void
conn_open(struct edge *e, int fd, const struct sockaddr_storage *from)
{
	unsigned before = atomic_fetch_add(&e->server->connections, 1);
	struct conn *c = before < e->server->conf.connections_max ? calloc(1, sizeof *c) : NULL;
	if (!c) {
		atomic_fetch_sub(&e->server->connections, 1);
		atomic_fetch_add_explicit(&e->refused_connections, 1, memory_order_relaxed);
		close(fd);
		return;
	}
	c->edge = e;
	c->fd = fd;
	c->peer = address_of_socket(from);
	address_print(c->peer, c->peer_text);
	if (admit(e, c) && begin_tls(c) && watch(c)) {
		join_phase(c, c->tls ? PHASE_HANDSHAKE : PHASE_IDLE);
		return;
	}
	atomic_fetch_add_explicit(&e->refused_connections, 1, memory_order_relaxed);
	forget(c);
}
