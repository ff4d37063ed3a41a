/* keyring.h - the master key and what wraps under it.  A provider gives the
 * master key's wrap and unwrap (a 0600 file first; systemd credentials, Vault's
 * transit API behind the same interface).  Key memory is locked and wiped. */
#ifndef SYS_KEYRING_H
#define SYS_KEYRING_H

#include "sys/crypto.h"

struct keyring;

/* A file of 32 raw bytes, or of lines of 64 hex digits: the first key wraps, the
 * others (older ones) still unwrap.  It must belong to this user with mode 0600
 * or 0400.  why (200 bytes): which file, what is wrong.  ERR_KEYS_UNAVAILABLE. */
enum err keyring_open_file(const char *path, struct keyring **, char *why) MUST_CHECK;
/* One new key, mode 0600, fsynced; ERR_DUPLICATE when the file exists. */
enum err keyring_make_file(const char *path, char *why) MUST_CHECK;
/* A new key before those of the file, at once or not at all; running servers
 * keep theirs until they start again, and unwrap the new one's wraps from then on. */
enum err keyring_rotate_file(const char *path, char *why) MUST_CHECK;
/* Files of keys are opened by this from now on (a descriptor, or -1 and errno), for a process that may
 * no longer open them itself; NULL: as before.  Checks of owner and mode stay ours. */
void keyring_open_with(int (*open_key)(const char *path));
/* What newer does not open, older may: the holder before a move. Takes older over (NULL is fine), once. */
void keyring_follow(struct keyring *newer, struct keyring *older);
void keyring_close(struct keyring *); /* NULL is fine */

/* Wrapped keys carry the master key's id, so that after a rotation old wraps still
 * open.  Unwrapping: ERR_KEYS_UNAVAILABLE when that master key is not held,
 * ERR_INTERNAL when the bytes or the aad were changed; key is then untouched. */
enum { WRAP_SIZE = 8 + KEY_SIZE + SEAL_OVERHEAD };
enum err keyring_wrap(struct keyring *, struct str aad, const unsigned char key[KEY_SIZE],
        unsigned char out[WRAP_SIZE]) MUST_CHECK;
enum err keyring_unwrap(
        struct keyring *, struct str aad, struct blob wrapped, unsigned char key[KEY_SIZE]) MUST_CHECK;
/* Whether it is wrapped under the newest master key; if not, wrap it anew. */
bool keyring_is_current(struct keyring *, struct blob wrapped);
bool keyring_healthy(struct keyring *); /* the provider still answers */

/* A locked, never dumped region for n bytes, zeroed, with unreadable pages on both
 * sides; NULL when there is no memory.  Wiped by secret_free, which takes the same n. */
void *secret_new(size_t n);
void secret_free(void *, size_t n);

#endif
