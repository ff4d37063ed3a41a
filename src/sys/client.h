/* client.h - one HTTP request to somebody else and its answer.  client.c is the
 * only file that knows libcurl.  No redirects, no proxies, no cookies; TLS 1.2 and
 * newer with the certificate and the name checked; never more than asked for. */
#ifndef SYS_CLIENT_H
#define SYS_CLIENT_H

#include "base/buf.h"

struct client_call {
	const char *method; /* "GET", "POST" */
	const char *url;    /* http:// or https:// */
	struct str body;    /* absent: none; else sent as application/json */
	/* "X-Vault-Token: ..."; NULL-terminated, NULL: none.  Never logged. */
	const char *const *headers;
	const char *ca_file; /* PEM; NULL: the system's */
	int timeout_ms;      /* for everything together */
};

/* The answer's body is appended (the buffer's ceiling is the largest one taken) and
 * its status given.  ERR_BUSY: no whole answer came; why (200 bytes) says what went
 * wrong, without the body, the headers or the URL's path. */
enum err client_run(const struct client_call *, struct buf *body, int *status, char *why) MUST_CHECK;

#endif
