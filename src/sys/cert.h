/* cert.h - X.509 certificates of a cluster's own authority: made, issued, looked at.
 * Keys are EC P-256, files are PEM. */
#ifndef SYS_CERT_H
#define SYS_CERT_H

#include "base/buf.h"

struct cert_want {
	const char *name;      /* common name */
	const char *alt_names; /* as OpenSSL writes them: "IP:10.0.0.11,DNS:node1" */
	int days;
};

/* An authority that signs itself, good for name alone. */
enum err cert_make_authority(const struct cert_want *, struct buf *cert, struct buf *key) MUST_CHECK;
/* For servers and clients. ERR_INVALID: the authority's PEM cannot be read, or alt_names. */
enum err cert_issue(struct str authority, struct str authority_key, const struct cert_want *,
        struct buf *cert, struct buf *key) MUST_CHECK;
/* When the first certificate of the file ends; why (200 bytes) when it cannot be read. */
enum err cert_ends(const char *path, struct instant *ends, char *why) MUST_CHECK;

#endif
