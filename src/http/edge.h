/* edge.h - between the files of the edge alone: threads, connections, exchanges.
 *
 * An edge thread owns its connections: nobody else reads, writes, times out or
 * closes them.  A connection has at most one exchange, and none while it idles.
 * From the call of server_request_fn until exchange_send the exchange belongs to
 * whoever answers; exchange_send puts it on the thread's `sent` stack, and the
 * thread takes it from there.  An answer in parts leaves the exchange with its
 * maker until the last part, whatever becomes of the connection: `gone` tells. */
#ifndef HTTP_EDGE_H
#define HTTP_EDGE_H

#include "http/address.h"
#include "http/http1.h"
#include "http/server.h"
#include "http/tls.h"

#include <pthread.h>
#include <stdatomic.h>

enum { EXCHANGE_IN = 3072, EXCHANGE_OUT = 4096, EXCHANGE_SLOT = 64, EXCHANGES_KEPT = 512 };

/* What a connection is doing; each phase has one absolute time limit. */
enum phase {
	PHASE_HANDSHAKE, /* TLS */
	PHASE_IDLE,      /* nothing of a request has come: no exchange */
	PHASE_HEADER,
	PHASE_BODY,
	PHASE_WORK,   /* somebody makes the answer; no limit of ours */
	PHASE_WRITE,  /* the limit begins anew with each WRITE_STRIDE the client takes */
	PHASE_STREAM, /* parts wait to be taken; anew with each one taken.  None waits: PHASE_WORK */
	PHASE_LINGER, /* all is said; reads away what the client still sends, so that it sees our last words
	               */
	PHASE__MAX
};

struct conn {
	struct conn *next, *prev; /* of its phase, the first limit first */
	struct edge *edge;
	struct exchange *x;
	struct tls *tls;
	uint64_t limit_ns;
	int fd;
	uint8_t phase;
	bool can_read, can_write; /* false: epoll will say */
	bool end_seen;            /* the client sends no more, once what is buffered is read */
	bool trusted, counted;    /* a proxy of ours; in the counts of its address */
	struct address peer;
	char peer_text[ADDRESS_TEXT];
};

/* Of an answer that comes bit by bit: its maker puts it on the thread's `parts` stack. */
struct part {
	struct part *next;
	struct exchange *x;
	const char *p; /* behind the part itself; the head's and the tail's are the exchange's */
	size_t n, sent;
	bool last;
};

struct exchange {
	struct exchange *next; /* on `sent`, or among the spare ones */
	struct edge *edge;
	struct conn *conn;
	uint64_t arrived_ns;
	void *slot[EXCHANGE_SLOT / sizeof(void *)];
	struct http1 h;
	char *data;           /* in, or larger and our own */
	size_t n, room;       /* bytes received: the header, perhaps the body and what is behind */
	struct buf collected; /* a body that came in pieces */
	size_t charged;       /* what it counts for in server.bodies */
	struct str body;
	bool body_in_data; /* it stands behind the header */
	size_t used;       /* bytes of data that belong to this request, once it is complete */
	char client_text[ADDRESS_TEXT];

	/* the answer: first, then rest */
	char *first; /* out, or larger and our own */
	size_t first_n, sent;
	struct str rest;
	struct buf answer_body; /* what rest stands in, to be freed */
	bool keep, refused;

	/* an answer in parts: */
	struct part head, tail;
	struct part *parts, *parts_last; /* the edge's: what waits to be written */
	bool chunked, cut;               /* the maker's; cut: it is not whole, and must not look so */
	atomic_bool gone;                /* the client is */

	char in[EXCHANGE_IN];
	char out[EXCHANGE_OUT];
};

struct conn_list {
	struct conn *first, *last;
};

struct edge {
	struct server *server;
	pthread_t thread;
	int epoll, wake;
	int spare_fd;    /* given up to be able to accept, and close, when there are no more */
	uint64_t now_ns; /* of this turn */
	bool listening;
	struct conn_list phases[PHASE__MAX];
	unsigned phase_counts[PHASE__MAX];
	struct exchange *spare;
	unsigned spare_count;
	_Alignas(64) _Atomic(struct exchange *) sent;
	_Atomic(struct part *) parts;
	atomic_bool sleeping;
	_Alignas(64) _Atomic uint64_t requests, refused_framing, refused_connections;
	atomic_uint open_exchanges; /* handed out and not yet back */
};

struct server {
	struct server_conf conf;
	server_request_fn *request;
	server_problem_fn *problem;
	void *arg;
	struct tls_server *tls;
	struct networks trusted;
	struct address_counts *counts;
	uint64_t limits_ns[PHASE__MAX];
	atomic_int listen_fd;
	int port;
	unsigned edge_count, started;
	struct edge *edges;
	atomic_uint connections, listeners;
	atomic_size_t bodies; /* bytes of all collected bodies, at most bodies_max */
	size_t bodies_max;
	atomic_bool draining, stopping, closing;
	pthread_mutex_t lock; /* of running */
	pthread_cond_t ended;
	unsigned running; /* threads */
};

/* conn.c */
void conn_open(struct edge *, int fd, const struct sockaddr_storage *);
void conn_event(struct conn *, uint32_t epoll_events);
void conn_answered(struct conn *);            /* its exchange came back */
void conn_part(struct conn *, struct part *); /* of its answer; takes it */
void conn_expire(struct edge *);              /* closes what is over its limit */
int conn_next_limit_ms(const struct edge *);  /* -1: none; for epoll_wait */
void conn_close_phase(struct edge *, enum phase);

/* Between conn.c and conn_request.c.  A step does what it can without waiting;
 * true: the connection is alive and the step of its phase may go on at once. */
bool conn_enter(struct conn *, enum phase);                    /* true */
bool conn_close(struct conn *);                                /* false; the connection is gone */
bool conn_refuse(struct conn *, enum err, const char *detail); /* true; answers and ends it */
bool conn_step_idle(struct conn *);
bool conn_step_header(struct conn *);
bool conn_step_body(struct conn *);

/* conn_io.c */
enum { IO_AGAIN = -1, IO_BROKEN = -2 };
ssize_t conn_handshake(struct conn *);                     /* 1 when done, or IO_ */
ssize_t conn_read(struct conn *, void *, size_t);          /* bytes, 0 at the end, or IO_ */
ssize_t conn_write(struct conn *, struct str, struct str); /* of the two, one after the other */

/* edge.c */
bool edge_open(struct server *, struct edge *) MUST_CHECK; /* false: errno; edge_free all the same */
bool edge_start(struct edge *) MUST_CHECK;
void edge_wake(struct edge *);
void edge_free(struct edge *);

/* exchange.c */
struct exchange *exchange_take(struct edge *, struct conn *); /* NULL without memory */
void exchange_give_back(struct exchange *);
void exchange_restart(struct exchange *); /* for the request whose bytes came behind this one's */
bool exchange_make_room(struct exchange *, size_t room) MUST_CHECK;
/* After collected has grown.  false: it could not, or all bodies together are too large. */
bool exchange_charge(struct exchange *) MUST_CHECK;

/* answer.c: the answer's bytes, on whatever thread.  Takes the body. */
void answer_prepare(struct exchange *, struct answer *);
void answer_prepare_head(struct exchange *, struct answer *); /* of one that comes in parts */

/* parts.c */
void parts_reset(struct exchange *);
void parts_take(struct exchange *, struct part *); /* to those that wait */
/* The first that waits, or NULL; and done with it.  true: it was the last one of all. */
struct part *parts_first(struct exchange *);
bool parts_drop_first(struct exchange *);
bool parts_drop_all(struct exchange *);
/* What the makers put there since, in their order. */
struct part *parts_collect(struct edge *);
void edge_rouse(struct edge *); /* it sleeps, and there is something for it */

#endif
