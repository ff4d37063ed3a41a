/* tls.h - TLS 1.2 and 1.3 over a non-blocking socket.  tls.c is the only file of
 * the edge that knows OpenSSL's libssl; this header knows libc only, so that
 * the library's names never meet ours. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls_server; /* certificate, key, rules */
struct tls;        /* one connection */

enum { TLS_WANTS_READ = -1, TLS_WANTS_WRITE = -2, TLS_BROKEN = -3 };

/* NULL: why (200 bytes) names the file and the reason. */
struct tls_server *tls_server_new(const char *cert_file, const char *key_file, char *why);
void tls_server_free(struct tls_server *); /* NULL is fine */

struct tls *tls_new(struct tls_server *, int fd); /* NULL without memory */
void tls_free(struct tls *);                      /* NULL is fine; fd stays open */
/* 1 when done, else one of the above. */
ssize_t tls_handshake(struct tls *);
/* Bytes, 0 at the peer's end, or one of the above. */
ssize_t tls_read(struct tls *, void *, size_t);
ssize_t tls_write(struct tls *, const void *, size_t);
void tls_end(struct tls *); /* says goodbye; does not wait for the peer's */

#endif
