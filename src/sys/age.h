/* age.h - bytes under a passphrase, in the open format age v1 (age-encryption.org/v1, C2SP): what leaves here
 * is opened by `age -d` and its kin anywhere, and by `plantao open`.  docs/decisions/0016 says why this one.
 *
 * scrypt (N = 2^AGE_WORK, r = 8, p = 1) makes the key that wraps the file's own; HMAC-SHA-256 over the
 * header; ChaCha20-Poly1305 over chunks of 64 KiB, each bound to its number and to whether it is the last. */
#ifndef SYS_AGE_H
#define SYS_AGE_H

#include "base/buf.h"

enum {
	AGE_WORK = 16,     /* 64 MiB and a fifth of a second */
	AGE_WORK_MAX = 20, /* of what is opened: a file must not be able to ask for more than a gigabyte */
	PASSPHRASE_MIN = 12,
	PASSPHRASE_MAX = 128
};

/* Adds the whole file to out; the caller looks at buf_failed.  ERR_BUSY: no memory for scrypt. */
enum err age_seal(struct str passphrase, struct str plain, struct buf *out) MUST_CHECK;
/* Adds what it holds to out. ERR_CREDENTIALS: another passphrase, or a changed header; ERR_MALFORMED: no such
 * file, cut or changed; ERR_BUSY: as above. On an error out is as it was. */
enum err age_open(struct str passphrase, struct str sealed, struct buf *out) MUST_CHECK;

#endif
