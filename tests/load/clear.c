/* clear.c - the program that seals nothing, to measure what sealing costs: the same reads, the
 * same audit entries, but fields rest as they are, no data key is looked up, and the trail's
 * batches are not signed.  bench/bench.py compares it with the real one in one run.
 *
 * Nothing of this is in src/: the linker puts these functions in place of the program's
 * (--wrap, tests/meson.build), into a second program, plantao_clear, which is not installed and
 * does not start unless PLANTAO_TEST_CLEAR says what it is for.  Its stores are its own: the real
 * program opens none of their values, and it none of the real one's. */
#include "ops/audit_seal.h"
#include "store/keycache.h"
#include "store/keys.h"
#include "sys/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void __wrap_gcm_seal(const unsigned char key[KEY_SIZE], struct str aad, struct str plain, unsigned char *out);
bool __wrap_gcm_open(
        const unsigned char key[KEY_SIZE], struct str aad, struct blob sealed, unsigned char *out);
bool __wrap_keycache_get(struct keycache *, struct id tenant, struct id owner, void *out);
enum err __real_audit_seal_start(
        struct store *, struct keyring *, const char *heads_file, struct audit_sealer **out, char *why);
enum err __wrap_audit_seal_start(
        struct store *, struct keyring *, const char *heads_file, struct audit_sealer **out, char *why);

__attribute__((constructor)) static void
refuse_to_be_used(void)
{
	const char *said = getenv("PLANTAO_TEST_CLEAR");

	if (said != NULL && strcmp(said, "measure") == 0)
		return;
	fputs("plantao_clear seals nothing: it measures, it keeps no data of anybody\n", stderr);
	_exit(2);
}

/* As long as a sealed one, so that the rows and pages are as many. */
void
__wrap_gcm_seal(const unsigned char key[KEY_SIZE], struct str aad, struct str plain, unsigned char *out)
{
	(void)key, (void)aad;
	memset(out, 0, SEAL_OVERHEAD);
	if (plain.n > 0)
		memcpy(out + SEAL_OVERHEAD, plain.p, plain.n);
}

bool
__wrap_gcm_open(const unsigned char key[KEY_SIZE], struct str aad, struct blob sealed, unsigned char *out)
{
	(void)key, (void)aad;
	if (sealed.n < SEAL_OVERHEAD)
		return false;
	memcpy(out, sealed.p + SEAL_OVERHEAD, sealed.n - SEAL_OVERHEAD);
	return true;
}

/* Every key is at hand and costs nothing. */
bool
__wrap_keycache_get(struct keycache *c, struct id tenant, struct id owner, void *out)
{
	(void)c, (void)tenant;
	memset(out, 0, id_is_set(owner) ? KEY_SIZE : sizeof(struct tenant_keys));
	return true;
}

/* Opened in order, as a server must; then nothing is signed any more. */
enum err
__wrap_audit_seal_start(struct store *store, struct keyring *ring, const char *heads_file,
        struct audit_sealer **out, char *why)
{
	enum err err = __real_audit_seal_start(store, ring, heads_file, out, why);

	if (err != OK)
		return err;
	audit_seal_stop(*out);
	*out = NULL;
	return OK;
}
