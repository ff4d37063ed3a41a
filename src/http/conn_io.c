/* conn_io.c - bytes in and out of a connection, plain or TLS.  epoll tells only
 * of changes, so can_read and can_write hold what it said until the kernel
 * says otherwise. */
#include "http/edge.h"

#include <errno.h>
#include <sys/uio.h>

static ssize_t
tls_outcome(struct conn *c, ssize_t result)
{
	if (result >= 0)
		return result;
	if (result == TLS_WANTS_READ)
		c->can_read = false;
	if (result == TLS_WANTS_WRITE)
		c->can_write = false;
	return result == TLS_BROKEN ? IO_BROKEN : IO_AGAIN;
}

static ssize_t
failure(bool *can)
{
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return IO_BROKEN;
	*can = false;
	return IO_AGAIN;
}

ssize_t
conn_handshake(struct conn *c)
{
	return tls_outcome(c, tls_handshake(c->tls));
}

ssize_t
conn_read(struct conn *c, void *p, size_t n)
{
	if (c->tls)
		return tls_outcome(c, tls_read(c->tls, p, n));
	ssize_t got = recv(c->fd, p, n, 0);
	if (got < 0)
		return failure(&c->can_read);
	if ((size_t)got < n && !c->end_seen)
		c->can_read = false; /* that was all: saves asking again */
	return got;
}

ssize_t
conn_write(struct conn *c, struct str first, struct str rest)
{
	if (c->tls)
		return tls_outcome(
		        c, first.n ? tls_write(c->tls, first.p, first.n) : tls_write(c->tls, rest.p, rest.n));
	struct iovec parts[2] = {
		{ (void *)first.p, first.n },
		{ (void *)rest.p, rest.n },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = rest.n ? 2 : 1 };
	ssize_t put = sendmsg(c->fd, &message, MSG_NOSIGNAL);
	if (put < 0)
		return failure(&c->can_write);
	if ((size_t)put < first.n + rest.n)
		c->can_write = false;
	return put;
}
