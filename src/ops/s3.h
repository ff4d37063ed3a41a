/* s3.h - signed calls to a bucket that speaks S3 (AWS Signature Version 4, path style).
 * s3.c is the only file of operations that knows libcurl.  One thread at a time. */
#ifndef OPS_S3_H
#define OPS_S3_H

#include "base/buf.h"

struct s3;
struct s3_conf {
	const char *url; /* https://HOST[:PORT]/BUCKET[/PREFIX] */
	const char *region, *access_key, *secret;
	const char *ca_file; /* "": the system's */
};
enum err s3_open(const struct s3_conf *, struct s3 **, char *why) MUST_CHECK;
void s3_close(struct s3 *);

struct s3_call {
	const char *method; /* GET PUT POST DELETE */
	const char *key;    /* below PREFIX; NULL: the bucket itself */
	const char *query;  /* encoded, its names in order, each with '='; or NULL */
	struct str body;
	int to_fd;          /* GET: the answer's bytes go there; -1: into answer */
	struct buf *answer; /* NULL: of no interest */
	char *etag;         /* NULL, or 130 bytes for the answer's ETag with its quotes */
};
/* Refusals that may pass (5xx, 429, a broken connection) are tried again a few times, each
 * time later.  ERR_NOT_FOUND; ERR_FORBIDDEN: key or secret are wrong; ERR_STORE_UNAVAILABLE;
 * why (200 bytes) has the server's own code. */
enum err s3_call(struct s3 *, const struct s3_call *, char *why) MUST_CHECK;

const char *s3_prefix(const struct s3 *); /* "" or "a/b/" */
/* Percent-encoded for a query, '/' too; out has room for 3 * strlen + 1. */
void s3_encode(const char *text, char *out);

#endif
