/* conn_request.c - reading: what a connection does until a request is complete
 * and handed over. */
#include "http/edge.h"

enum { BODY_READ = 64 << 10, CHUNK_ROOM = 16 << 10 };
static_assert(CHUNK_ROOM > HTTP1_CHUNK_LINE_MAX + HTTP1_TRAILER_MAX, "an unfinished line always has room");

static bool
refuse_busy(struct conn *c)
{
	return conn_refuse(c, ERR_BUSY, "no memory for the request");
}

/* After a read that brought nothing. */
static bool
read_ended(struct conn *c, ssize_t result)
{
	if (result == IO_AGAIN)
		return false;
	return result == 0 ? conn_refuse(c, ERR_MALFORMED, "the request ends before its time")
	                   : conn_close(c);
}

/* ---- handing over */

static bool
deliver(struct conn *c, struct str body, size_t used)
{
	struct exchange *x = c->x;
	struct edge *e = c->edge;
	x->body = body;
	x->used = used;
	x->arrived_ns = e->now_ns;
	conn_enter(c, PHASE_WORK);
	atomic_fetch_add_explicit(&e->requests, 1, memory_order_relaxed);
	atomic_fetch_add(&e->open_exchanges, 1);
	e->server->request(e->server->arg, x);
	return false; /* x, and with it c, may be with another thread now */
}

/* ---- the body */

static bool
deliver_in_data(struct conn *c)
{
	struct exchange *x = c->x;
	struct str body = { x->data + x->h.head_n, (size_t)x->h.length };
	return deliver(c, body, x->h.head_n + body.n);
}

static bool
fill_data(struct conn *c)
{
	struct exchange *x = c->x;
	size_t end = x->h.head_n + (size_t)x->h.length;
	if (x->n >= end)
		return deliver_in_data(c);
	if (!c->can_read)
		return false;
	ssize_t n = conn_read(c, x->data + x->n, end - x->n);
	if (n <= 0)
		return read_ended(c, n);
	x->n += (size_t)n;
	return true;
}

/* The buffer grows with what has come, not with what Content-Length promises. */
static bool
fill_collected(struct conn *c)
{
	struct exchange *x = c->x;
	size_t wanted = (size_t)x->h.length - x->collected.n;
	if (wanted == 0)
		return deliver(c, buf_view(&x->collected), x->h.head_n);
	if (!c->can_read)
		return false;
	if (wanted > BODY_READ)
		wanted = BODY_READ;
	char *p = buf_grow(&x->collected, wanted);
	if (!exchange_charge(x))
		return refuse_busy(c);
	ssize_t n = conn_read(c, p, wanted);
	x->collected.n -= wanted - (n > 0 ? (size_t)n : 0);
	return n > 0 ? true : read_ended(c, n);
}

/* Takes what has come apart; what is left in data is a line not yet complete, or the next request. */
static enum http1_step
collect_chunks(struct exchange *x)
{
	size_t at = x->h.head_n, used;
	struct str piece;
	enum http1_step step;
	while ((step = http1_chunk(&x->h, x->data + at, x->n - at, &used, &piece)) == HTTP1_PIECE) {
		buf_str(&x->collected, piece);
		at += used;
	}
	at += used;
	x->n -= at - x->h.head_n;
	memmove(x->data + x->h.head_n, x->data + at, x->n - x->h.head_n);
	return step;
}

static bool
receive(struct conn *c)
{
	struct exchange *x = c->x;
	if (!c->can_read)
		return false;
	ssize_t n = conn_read(c, x->data + x->n, x->room - x->n);
	if (n <= 0)
		return read_ended(c, n);
	x->n += (size_t)n;
	return true;
}

static bool
fill_chunked(struct conn *c)
{
	struct exchange *x = c->x;
	enum http1_step step = collect_chunks(x);
	if (!exchange_charge(x))
		return refuse_busy(c);
	if (step == HTTP1_REFUSED)
		return conn_refuse(c, x->h.err, x->h.detail);
	return step == HTTP1_DONE ? deliver(c, buf_view(&x->collected), x->h.head_n) : receive(c);
}

bool
conn_step_body(struct conn *c)
{
	if (c->x->h.chunked)
		return fill_chunked(c);
	return c->x->body_in_data ? fill_data(c) : fill_collected(c);
}

/* Moves what has come of the body where the rest will go. */
static bool
prepare_body(struct exchange *x)
{
	if (x->h.chunked)
		return exchange_make_room(x, x->h.head_n + CHUNK_ROOM);
	x->body_in_data = x->h.head_n + x->h.length <= x->room;
	if (x->body_in_data)
		return true;
	buf_add(&x->collected, x->data + x->h.head_n, x->n - x->h.head_n);
	x->n = x->h.head_n;
	return exchange_charge(x);
}

static bool
begin_body(struct conn *c)
{
	struct exchange *x = c->x;
	size_t come = x->n - x->h.head_n;
	if (!x->h.chunked && come >= x->h.length)
		return deliver_in_data(c);
	conn_enter(c, PHASE_BODY);
	/* The socket's buffer is empty: this fits, or the connection is gone. */
	if (x->h.expects_continue && come == 0 &&
	        conn_write(c, STR("HTTP/1.1 100 Continue\r\n\r\n"), (struct str){ 0 }) < 0)
		return conn_close(c);
	return prepare_body(x) || refuse_busy(c);
}

/* ---- the header */

bool
conn_step_header(struct conn *c)
{
	struct exchange *x = c->x;
	enum http1_step step = http1_head(&x->h, x->data, x->n);
	if (step == HTTP1_DONE)
		return begin_body(c);
	if (step == HTTP1_REFUSED)
		return conn_refuse(c, x->h.err, x->h.detail);
	if (x->n == x->room && !exchange_make_room(x, 2 * x->room))
		return refuse_busy(c);
	return receive(c);
}

bool
conn_step_idle(struct conn *c)
{
	if (!c->can_read)
		return false;
	struct exchange *x = exchange_take(c->edge, c);
	if (!x)
		return conn_close(c);
	ssize_t n = conn_read(c, x->data, x->room);
	if (n <= 0) {
		exchange_give_back(x);
		return n == IO_AGAIN ? false : conn_close(c);
	}
	x->n = (size_t)n;
	c->x = x;
	return conn_enter(c, PHASE_HEADER);
}
