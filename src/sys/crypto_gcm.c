/* crypto_gcm.c - AES-256-GCM, by the functions of the provider that libcrypto chose.
 *
 * A field is some 50 bytes, and of what EVP spends on one, three quarters are its own: it
 * asks the provider for the nonce's length at each, and hands the tag through lists of named
 * parameters.  So EVP chooses the implementation, and its dispatch table is called directly
 * (OSSL_PROVIDER_query_operation(3), provider-cipher(7)).  This file alone does so. */
#include "sys/crypto_openssl.h"

#include <limits.h>
#include <openssl/core_dispatch.h>
#include <openssl/provider.h>
#include <stdlib.h>

enum { SEAL_VERSION = 1 };

/* One direction, and the key it was made ready with: the fields of a row share one. */
struct side {
	void *context;
	unsigned char key[KEY_SIZE];
	bool keyed;
};

struct gcm {
	struct side seal, open;
};

static void *provider;
static OSSL_FUNC_cipher_newctx_fn *context_new;
static OSSL_FUNC_cipher_freectx_fn *context_free;
static OSSL_FUNC_cipher_encrypt_init_fn *seal_init;
static OSSL_FUNC_cipher_decrypt_init_fn *open_init;
static OSSL_FUNC_cipher_update_fn *update;
static OSSL_FUNC_cipher_final_fn *final;
static OSSL_FUNC_cipher_get_ctx_params_fn *params_get;

/* ---- finding it */

static void
take_function(const OSSL_DISPATCH *f)
{
	switch (f->function_id) {
	case OSSL_FUNC_CIPHER_NEWCTX: context_new = OSSL_FUNC_cipher_newctx(f); break;
	case OSSL_FUNC_CIPHER_FREECTX: context_free = OSSL_FUNC_cipher_freectx(f); break;
	case OSSL_FUNC_CIPHER_ENCRYPT_INIT: seal_init = OSSL_FUNC_cipher_encrypt_init(f); break;
	case OSSL_FUNC_CIPHER_DECRYPT_INIT: open_init = OSSL_FUNC_cipher_decrypt_init(f); break;
	case OSSL_FUNC_CIPHER_UPDATE: update = OSSL_FUNC_cipher_update(f); break;
	case OSSL_FUNC_CIPHER_FINAL: final = OSSL_FUNC_cipher_final(f); break;
	case OSSL_FUNC_CIPHER_GET_CTX_PARAMS: params_get = OSSL_FUNC_cipher_get_ctx_params(f); break;
	default: break;
	}
}

/* Names stand one behind another with colons between. */
static bool
is_named(const OSSL_ALGORITHM *a, const char *name)
{
	size_t n = strlen(name);

	return strncmp(a->algorithm_names, name, n) == 0 &&
	       (a->algorithm_names[n] == ':' || a->algorithm_names[n] == 0);
}

void
gcm_fetch(void)
{
	EVP_CIPHER *aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL); /* kept: it holds its provider */
	const OSSL_PROVIDER *of = aes ? EVP_CIPHER_get0_provider(aes) : NULL;
	const OSSL_ALGORITHM *all = NULL;
	int no_cache;

	crypto_must(of != NULL, "AES-256-GCM");
	provider = OSSL_PROVIDER_get0_provider_ctx(of);
	all = OSSL_PROVIDER_query_operation(of, OSSL_OP_CIPHER, &no_cache);
	for (const OSSL_ALGORITHM *a = all; a != NULL && a->algorithm_names != NULL; a++)
		if (is_named(a, "AES-256-GCM"))
			for (const OSSL_DISPATCH *f = a->implementation; f->function_id != 0; f++)
				take_function(f);
	OSSL_PROVIDER_unquery_operation(of, OSSL_OP_CIPHER, all);
	crypto_must(context_new && context_free && seal_init && open_init && update && final && params_get,
	        "AES-256-GCM's functions");
}

struct gcm *
gcm_new(void)
{
	struct gcm *g = calloc(1, sizeof *g);

	crypto_must(g != NULL, "memory");
	g->seal.context = context_new(provider);
	g->open.context = context_new(provider);
	crypto_must(g->seal.context && g->open.context, "AES-256-GCM");
	return g;
}

void
gcm_free(struct gcm *g)
{
	context_free(g->seal.context);
	context_free(g->open.context);
	wipe(g, sizeof *g);
	free(g);
}

/* ---- the key */

/* In the same time whatever they hold. */
static bool
same_key(const unsigned char a[KEY_SIZE], const unsigned char b[KEY_SIZE])
{
	uint64_t x, y, odd = 0;

	for (size_t i = 0; i < KEY_SIZE; i += sizeof x) {
		memcpy(&x, a + i, sizeof x);
		memcpy(&y, b + i, sizeof y);
		odd |= x ^ y;
	}
	return odd == 0;
}

/* NULL: the key in the context is the one. */
static const unsigned char *
new_key(struct side *side, const unsigned char key[KEY_SIZE])
{
	if (side->keyed && same_key(side->key, key))
		return NULL;
	memcpy(side->key, key, KEY_SIZE);
	side->keyed = true;
	return key;
}

/* ---- sealing and opening */

/* out NULL: authenticated, not sealed. */
static bool
pass(void *context, const void *in, size_t n, unsigned char *out)
{
	size_t done = 0;

	return n == 0 || update(context, out, &done, n, in, n) == 1;
}

static bool
finish(void *context)
{
	unsigned char none[16];
	size_t n = 0;

	return final(context, none, &n, sizeof none) == 1;
}

void
gcm_seal(const unsigned char key[KEY_SIZE], struct str aad, struct str plain, unsigned char *out)
{
	struct side *side = &crypto_gcm()->seal;
	unsigned char *nonce = out + 1, *text = nonce + SEAL_NONCE, *tag = text + plain.n;
	const unsigned char *fresh = new_key(side, key);
	OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, SEAL_TAG),
		OSSL_PARAM_construct_end() };

	assert(plain.n <= INT_MAX && aad.n <= INT_MAX);
	out[0] = SEAL_VERSION;
	random_bytes(nonce, SEAL_NONCE);
	bool ok = seal_init(side->context, fresh, fresh ? KEY_SIZE : 0, nonce, SEAL_NONCE, NULL) == 1;
	ok = ok && pass(side->context, aad.p, aad.n, NULL) && pass(side->context, plain.p, plain.n, text);
	crypto_must(ok && finish(side->context) && params_get(side->context, params) == 1, "sealing");
}

bool
gcm_open(const unsigned char key[KEY_SIZE], struct str aad, struct blob sealed, unsigned char *out)
{
	struct side *side = &crypto_gcm()->open;
	unsigned char tag[SEAL_TAG];
	OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, SEAL_TAG),
		OSSL_PARAM_construct_end() };

	if (sealed.p == NULL || sealed.n < SEAL_OVERHEAD || sealed.p[0] != SEAL_VERSION)
		return false;
	size_t size = sealed.n - SEAL_OVERHEAD;
	const unsigned char *nonce = sealed.p + 1, *text = nonce + SEAL_NONCE;
	const unsigned char *fresh = new_key(side, key);

	assert(size <= INT_MAX && aad.n <= INT_MAX);
	memcpy(tag, text + size, SEAL_TAG);
	bool ok = open_init(side->context, fresh, fresh ? KEY_SIZE : 0, nonce, SEAL_NONCE, params) == 1;
	crypto_must(ok && pass(side->context, aad.p, aad.n, NULL) && pass(side->context, text, size, out),
	        "opening");
	if (finish(side->context))
		return true;
	wipe(out, size); /* text that is not authentic is nobody's */
	return false;
}
