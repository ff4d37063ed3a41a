/* keyring_provider.h - what a holder of master keys must do, for the files that
 * are one.  A holder either has the keys in memory (struct masters: file,
 * systemd credential) or asks somebody who never gives them away (Vault's
 * transit API: its 60 bytes of nonce, text and tag fit behind id and version). */
#ifndef SYS_KEYRING_PROVIDER_H
#define SYS_KEYRING_PROVIDER_H

#include "sys/keyring.h"

enum { KEY_ID_SIZE = 8, MASTERS_MAX = 8 };

struct keyring_provider {
	const char *name;
	/* As keyring_wrap and keyring_unwrap; wrapped is WRAP_SIZE bytes. */
	enum err (*wrap)(
	        void *, struct str aad, const unsigned char key[KEY_SIZE], unsigned char out[WRAP_SIZE]);
	enum err (*unwrap)(
	        void *, struct str aad, const unsigned char wrapped[WRAP_SIZE], unsigned char key[KEY_SIZE]);
	void (*current)(void *, unsigned char id[KEY_ID_SIZE]);
	bool (*healthy)(void *);
	void (*close)(void *);
};

/* Takes self over, also on failure. */
enum err keyring_open(const struct keyring_provider *, void *self, struct keyring **) MUST_CHECK;

/* A secret that its owner alone may read: a file of this user with mode 0600 or 0400, or
 * a systemd credential; fewer than room bytes.  kind names it in why: "master key". */
enum err private_read(
        const char *kind, const char *path, char *out, size_t room, size_t *n, char *why) MUST_CHECK;

/* Master keys in memory: the first wraps, all unwrap.  Lives in secret_new. */
struct masters {
	size_t count;
	struct master {
		unsigned char id[KEY_ID_SIZE]; /* first bytes of SHA-256 of a label and the key */
		unsigned char key[KEY_SIZE];
	} all[MASTERS_MAX];
};
/* Reads 32 raw bytes, or lines of 64 hex digits, the newest first; NULL or what is wrong. */
const char *masters_parse(struct masters *, struct str text);
enum err masters_wrap(const struct masters *, struct str aad, const unsigned char key[KEY_SIZE],
        unsigned char out[WRAP_SIZE]);
enum err masters_unwrap(const struct masters *, struct str aad, const unsigned char wrapped[WRAP_SIZE],
        unsigned char key[KEY_SIZE]);

#endif
