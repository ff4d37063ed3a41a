/* keyring.h - the master key and what wraps under it.  A provider gives the
 * master key's wrap and unwrap (a 0600 file first; systemd credentials, Vault's
 * transit API behind the same interface).  Key memory is locked and wiped. */
#ifndef SYS_KEYRING_H
#define SYS_KEYRING_H

#include "sys/crypto.h"

struct keyring;

/* why (200 bytes): which file, what is wrong (missing, mode, size). */
enum err keyring_open_file(const char *path, struct keyring **, char *why) MUST_CHECK;
enum err keyring_make_file(const char *path, char *why) MUST_CHECK; /* O_EXCL, 0600, fsynced */
void keyring_close(struct keyring *);

/* Wrapped keys carry the master key's id, so that after a rotation old wraps still open. */
enum { WRAP_SIZE = 8 + KEY_SIZE + SEAL_OVERHEAD };
enum err keyring_wrap(struct keyring *, struct str aad, const unsigned char key[KEY_SIZE],
        unsigned char out[WRAP_SIZE]) MUST_CHECK;
enum err keyring_unwrap(
        struct keyring *, struct str aad, struct blob wrapped, unsigned char key[KEY_SIZE]) MUST_CHECK;
bool keyring_healthy(struct keyring *); /* the provider still answers */

/* A locked, never dumped region for n bytes; wiped by secret_free. */
void *secret_new(size_t n);
void secret_free(void *, size_t n);

#endif
