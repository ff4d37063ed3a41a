/* crypto.c - SHA-256, HMAC and HKDF from libcrypto (AES-256-GCM: crypto_gcm.c).  Algorithms are
 * fetched once and every thread keeps its contexts: making one costs more than
 * sealing a field.  A context holds the last key until the thread's next call
 * or end; the process is not dumpable.  What can fail here is lack of memory
 * or a broken libcrypto when a thread makes its contexts: both abort. */
#include "sys/crypto_openssl.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAC_KEY_MAX = 64 };

struct contexts {
	struct gcm *gcm;
	EVP_MD_CTX *digest;
	EVP_MAC_CTX *mac;
	unsigned char mac_key[MAC_KEY_MAX]; /* what mac was made ready with */
	size_t mac_key_n;                   /* 0: nothing that is kept */
	EVP_KDF_CTX *kdf;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts_key;
static EVP_MD *sha;
static EVP_MAC *hmac;
static EVP_KDF *kdf;
static __thread struct contexts *mine;

void
crypto_failed(const char *what)
{
	fprintf(stderr, "plantao: libcrypto failed: %s\n", what);
	abort();
}

static void
contexts_free(void *p)
{
	struct contexts *c = p;

	mine = NULL;
	gcm_free(c->gcm);
	EVP_MD_CTX_free(c->digest);
	EVP_MAC_CTX_free(c->mac);
	EVP_KDF_CTX_free(c->kdf);
	wipe(c, sizeof *c);
	free(c);
}

void
crypto_start(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

static void
algorithms_fetch(void)
{
	crypto_start();
	sha = EVP_MD_fetch(NULL, "SHA256", NULL);
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	crypto_must(sha && hmac && kdf, "algorithms");
	gcm_fetch();
	crypto_must(pthread_key_create(&contexts_key, contexts_free) == 0, "thread key");
}

static struct contexts *
contexts_make(void)
{
	struct contexts *c = calloc(1, sizeof *c);
	char name[] = "SHA256";
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end() };

	crypto_must(c != NULL, "memory");
	pthread_once(&once, algorithms_fetch);
	c->gcm = gcm_new();
	c->digest = EVP_MD_CTX_new();
	c->mac = EVP_MAC_CTX_new(hmac);
	c->kdf = EVP_KDF_CTX_new(kdf);
	crypto_must(c->digest && c->mac && c->kdf, "contexts");
	crypto_must(EVP_MAC_CTX_set_params(c->mac, params) == 1, "HMAC-SHA-256");
	crypto_must(pthread_setspecific(contexts_key, c) == 0, "thread key");
	return mine = c;
}

static struct contexts *
contexts(void)
{
	return mine ? mine : contexts_make();
}

struct gcm *
crypto_gcm(void)
{
	return contexts()->gcm;
}

void
crypto_thread(void)
{
	(void)contexts();
}

void
wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

bool
equal_secret(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void
sha256(const void *p, size_t n, unsigned char out[SHA256_SIZE])
{
	EVP_MD_CTX *c = contexts()->digest;

	crypto_must(EVP_DigestInit_ex2(c, sha, NULL) == 1 && EVP_DigestUpdate(c, p, n) == 1 &&
	                    EVP_DigestFinal_ex(c, out, NULL) == 1,
	        "SHA-256");
}

/* The words of a text go through one key, one after another: making the context
 * ready for a key costs as much as the text, and is left out for the same key. */
static bool
mac_ready(struct contexts *c, const unsigned char *key, size_t n)
{
	if (n == c->mac_key_n && equal_secret(c->mac_key, key, n))
		return EVP_MAC_init(c->mac, NULL, 0, NULL) == 1;
	c->mac_key_n = n <= MAC_KEY_MAX ? n : 0;
	memcpy(c->mac_key, key, c->mac_key_n);
	return EVP_MAC_init(c->mac, key, n, NULL) == 1;
}

void
hmac_sha256(const unsigned char *key, size_t key_n, struct str text, unsigned char out[SHA256_SIZE])
{
	struct contexts *c = contexts();
	size_t n = 0;

	assert(key_n > 0);
	crypto_must(mac_ready(c, key, key_n), "HMAC-SHA-256 key");
	crypto_must(EVP_MAC_update(c->mac, (const unsigned char *)text.p, text.n) == 1 &&
	                    EVP_MAC_final(c->mac, out, &n, SHA256_SIZE) == 1 && n == SHA256_SIZE,
	        "HMAC-SHA-256");
}

void
hkdf(struct blob secret, struct blob salt, struct str info, unsigned char *out, size_t n)
{
	EVP_KDF_CTX *c = contexts()->kdf;
	char name[] = "SHA256";
	OSSL_PARAM params[5], *p = params;

	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret.p, secret.n);
	if (salt.n > 0)
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.p, salt.n);
	if (info.n > 0)
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info.p, info.n);
	*p = OSSL_PARAM_construct_end();
	crypto_must(EVP_KDF_derive(c, out, n, params) == 1, "HKDF-SHA-256");
	EVP_KDF_CTX_reset(c); /* forgets the secret and the salt */
}

void
hkdf_sha256(const unsigned char key[KEY_SIZE], const char *info, unsigned char out[KEY_SIZE])
{
	hkdf((struct blob){ key, KEY_SIZE }, (struct blob){ 0 }, str_of(info), out, KEY_SIZE);
}
