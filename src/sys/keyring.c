/* keyring.c - wraps and unwraps under master keys, whoever holds them.  The
 * kinds of holders are tables of functions (keyring_provider.h). */
#include "sys/keyring_provider.h"

#include <stdlib.h>

struct keyring {
	const struct keyring_provider *provider;
	void *self;
	struct keyring *older; /* opens what this one does not hold; or NULL */
};

enum err
keyring_open(const struct keyring_provider *provider, void *self, struct keyring **out)
{
	struct keyring *k = malloc(sizeof *k);

	if (k == NULL) {
		provider->close(self);
		return ERR_KEYS_UNAVAILABLE;
	}
	k->provider = provider;
	k->self = self;
	k->older = NULL;
	*out = k;
	return OK;
}

void
keyring_follow(struct keyring *newer, struct keyring *older)
{
	assert(newer->older == NULL);
	newer->older = older;
}

void
keyring_close(struct keyring *k)
{
	if (k == NULL)
		return;
	keyring_close(k->older);
	k->provider->close(k->self);
	free(k);
}

enum err
keyring_wrap(
        struct keyring *k, struct str aad, const unsigned char key[KEY_SIZE], unsigned char out[WRAP_SIZE])
{
	return k->provider->wrap(k->self, aad, key, out);
}

enum err
keyring_unwrap(struct keyring *k, struct str aad, struct blob wrapped, unsigned char key[KEY_SIZE])
{
	enum err err;

	if (wrapped.p == NULL || wrapped.n != WRAP_SIZE)
		return ERR_INTERNAL;
	err = k->provider->unwrap(k->self, aad, wrapped.p, key);
	if (err == ERR_KEYS_UNAVAILABLE && k->older != NULL)
		return keyring_unwrap(k->older, aad, wrapped, key);
	return err;
}

bool
keyring_is_current(struct keyring *k, struct blob wrapped)
{
	unsigned char id[KEY_ID_SIZE];

	k->provider->current(k->self, id);
	return wrapped.n == WRAP_SIZE && memcmp(wrapped.p, id, sizeof id) == 0;
}

bool
keyring_healthy(struct keyring *k)
{
	return k->provider->healthy(k->self);
}
