/* server.h - the edge: sockets, TLS, HTTP/1.1 framing.  Complete, well-framed
 * requests come out; whole answers go in.  What is not certainly well framed is
 * refused here and its connection closed (http1.h says what that means). */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/buf.h"

struct server;
struct exchange; /* one request and its answer; belongs to the edge */

struct server_conf {
	const char *listen;             /* "127.0.0.1:8080", "[::1]:0" */
	int listen_fd;                  /* -1, or an already listening socket (LISTEN_FDS, hand-over) */
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain */
	unsigned threads;
	size_t body_max, header_max;                             /* 413, 431 */
	int header_timeout_ms, body_timeout_ms, idle_timeout_ms; /* absolute per phase; 408 and close */
	unsigned connections_max, connections_per_address_max;
	const char *trusted_proxies; /* comma-separated addresses or networks (10.0.0.0/8) whose X-Forwarded-*
	                                is believed */
};

/* Called on an edge thread for each complete request; must not block: it puts
 * the exchange on a queue.  Framing errors never get here: the edge answers
 * them itself with a problem document made by server_problem. */
typedef void server_request_fn(void *arg, struct exchange *);
/* A framing refusal (400, 408, 413, 414, 417, 431, 501, 503, 505): adds body, content type and headers
 * to the answer, whose status is set.  On an edge thread; the exchange may hold no more than the
 * header fields read so far, its method and path may be absent.  detail is static English. */
struct answer;
typedef void server_problem_fn(void *arg, enum err, const char *detail, struct exchange *, struct answer *);

/* In two steps: certificate, key and listening socket before the process is confined, the threads
 * afterwards.  why (200 bytes) is for a person: which address, what failed; the server is gone then. */
enum err server_open(const struct server_conf *, struct server **, char *why) MUST_CHECK;
enum err server_run(
        struct server *, server_request_fn *, server_problem_fn *, void *arg, char *why) MUST_CHECK;
/* Both. */
enum err server_start(const struct server_conf *, server_request_fn *, server_problem_fn *, void *arg,
        struct server **, char *why) MUST_CHECK;
int server_port(const struct server *);
int server_listen_fd(const struct server *); /* for hand-over to a successor */
void server_drain(struct server *);          /* stop accepting; answers say Connection: close */
/* Closes idle connections, waits until no request is open or the time is over, then closes all.  An
 * exchange still held by a worker then may be sent later: its answer goes nowhere. */
void server_stop(struct server *, int timeout_ms);
struct server_figures {
	unsigned connections;
	uint64_t requests, refused_framing, refused_connections;
};
struct server_figures server_figures(const struct server *);

/* ---- a request; valid until exchange_send */
struct str exchange_method(const struct exchange *);
struct str exchange_path(const struct exchange *);  /* raw, without query; percent-decoding is the router's */
struct str exchange_query(const struct exchange *); /* raw, after '?'; absent when there is none */
/* The first of that name, absent when there is none; no control characters, but not certainly UTF-8. */
struct str exchange_header(const struct exchange *, const char *name);
struct str exchange_body(const struct exchange *);
struct str exchange_address(const struct exchange *); /* client's, after trusted proxies: "10.0.0.7" */
bool exchange_tls(const struct exchange *);           /* also X-Forwarded-Proto: https of a trusted proxy */
bool exchange_accepts_gzip(const struct exchange *);
uint64_t exchange_arrived_ns(const struct exchange *); /* monotonic; for latency and queue shedding */
void *exchange_slot(struct exchange *);                /* 64 bytes of the queue's own, zeroed */

/* ---- the answer, once, from any thread */
struct answer {
	int status;
	const char *content_type; /* NULL: no body */
	struct buf body;          /* ownership passes */
	struct {
		const char *name, *value;
	} headers[24]; /* copied by exchange_send */
	unsigned header_count;
	const void *fixed; /* instead of body: static memory, never freed (UI assets) */
	size_t fixed_size;
	bool close;
};
/* Both must live until exchange_send; a value with a control character is left out of the answer. */
void answer_header(struct answer *, const char *name, const char *value);
/* Takes the body; the exchange must not be touched afterwards.  Large compressible answers are
 * compressed on the calling thread; Date, Content-Length, Connection and Vary are added. */
void exchange_send(struct exchange *, struct answer *);

/* ---- or in parts, when the answer comes bit by bit: its head, parts, the end, all from one thread.
 * The answer's body is not looked at.  Each part leaves at once, as a chunk (for HTTP/1.0 as it is, and
 * the connection closes); a HEAD gets the head alone.  What a slow client has not taken waits in memory. */
void exchange_begin(struct exchange *, struct answer *);
/* false: the client is gone, or there was no memory and the answer is cut off: stop making it. */
bool exchange_part(struct exchange *, struct str) MUST_CHECK;
/* Must follow each exchange_begin; the exchange must not be touched afterwards. */
void exchange_end(struct exchange *);

#endif
