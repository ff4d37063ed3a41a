/* crypto.c - AES-256-GCM, SHA-256, HMAC and HKDF from libcrypto.  Algorithms are
 * fetched once and every thread keeps its contexts: making one costs more than
 * sealing a field.  A context holds the last key until the thread's next call
 * or end; the process is not dumpable.  What can fail here is lack of memory
 * or a broken libcrypto when a thread makes its contexts: both abort. */
#include "sys/crypto_openssl.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEAL_VERSION = 1, MAC_KEY_MAX = 64 };

struct contexts {
	EVP_CIPHER_CTX *seal, *open;
	EVP_MD_CTX *digest;
	EVP_MAC_CTX *mac;
	unsigned char mac_key[MAC_KEY_MAX];                   /* what mac was made ready with */
	size_t mac_key_n;                                     /* 0: nothing that is kept */
	unsigned char seal_key[KEY_SIZE], open_key[KEY_SIZE]; /* likewise */
	bool seal_keyed, open_keyed;
	EVP_KDF_CTX *kdf;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts_key;
static EVP_CIPHER *aes;
static EVP_MD *sha;
static EVP_MAC *hmac;
static EVP_KDF *kdf;
static __thread struct contexts *mine;

void
crypto_must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "plantao: libcrypto failed: %s\n", what);
	abort();
}

static void
contexts_free(void *p)
{
	struct contexts *c = p;

	mine = NULL;
	EVP_CIPHER_CTX_free(c->seal);
	EVP_CIPHER_CTX_free(c->open);
	EVP_MD_CTX_free(c->digest);
	EVP_MAC_CTX_free(c->mac);
	EVP_KDF_CTX_free(c->kdf);
	wipe(c, sizeof *c);
	free(c);
}

static void
algorithms_fetch(void)
{
	/* Without its exit handler: that would free what threads still use. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	sha = EVP_MD_fetch(NULL, "SHA256", NULL);
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	crypto_must(aes && sha && hmac && kdf, "algorithms");
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
	c->seal = EVP_CIPHER_CTX_new();
	c->open = EVP_CIPHER_CTX_new();
	c->digest = EVP_MD_CTX_new();
	c->mac = EVP_MAC_CTX_new(hmac);
	c->kdf = EVP_KDF_CTX_new(kdf);
	crypto_must(c->seal && c->open && c->digest && c->mac && c->kdf, "contexts");
	crypto_must(EVP_EncryptInit_ex2(c->seal, aes, NULL, NULL, NULL) == 1, "AES-256-GCM");
	crypto_must(EVP_DecryptInit_ex2(c->open, aes, NULL, NULL, NULL) == 1, "AES-256-GCM");
	crypto_must(EVP_MAC_CTX_set_params(c->mac, params) == 1, "HMAC-SHA-256");
	crypto_must(pthread_setspecific(contexts_key, c) == 0, "thread key");
	return mine = c;
}

static struct contexts *
contexts(void)
{
	return mine ? mine : contexts_make();
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

/* A row's fields are under one key: it is made ready once. NULL: the key in the context is the one. */
static const unsigned char *
new_key(unsigned char held[KEY_SIZE], bool *holds, const unsigned char key[KEY_SIZE])
{
	if (*holds && equal_secret(held, key, KEY_SIZE))
		return NULL;
	memcpy(held, key, KEY_SIZE);
	*holds = true;
	return key;
}

void
gcm_seal(const unsigned char key[KEY_SIZE], struct str aad, struct str plain, unsigned char *out)
{
	struct contexts *mine_now = contexts();
	EVP_CIPHER_CTX *c = mine_now->seal;
	unsigned char *nonce = out + 1, *text = nonce + SEAL_NONCE, *tag = text + plain.n;
	int n = 0;

	assert(plain.n <= INT_MAX && aad.n <= INT_MAX);
	out[0] = SEAL_VERSION;
	random_bytes(nonce, SEAL_NONCE);
	bool ok = EVP_EncryptInit_ex2(
	                  c, NULL, new_key(mine_now->seal_key, &mine_now->seal_keyed, key), nonce, NULL) == 1;
	if (aad.n > 0)
		ok = ok && EVP_EncryptUpdate(c, NULL, &n, (const unsigned char *)aad.p, (int)aad.n) == 1;
	if (plain.n > 0)
		ok = ok && EVP_EncryptUpdate(c, text, &n, (const unsigned char *)plain.p, (int)plain.n) == 1;
	ok = ok && EVP_EncryptFinal_ex(c, tag, &n) == 1;
	ok = ok && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, tag) == 1;
	crypto_must(ok, "sealing");
}

bool
gcm_open(const unsigned char key[KEY_SIZE], struct str aad, struct blob sealed, unsigned char *out)
{
	struct contexts *mine_now = contexts();
	EVP_CIPHER_CTX *c = mine_now->open;
	unsigned char tag[SEAL_TAG];
	int n = 0;

	if (sealed.p == NULL || sealed.n < SEAL_OVERHEAD || sealed.p[0] != SEAL_VERSION)
		return false;
	size_t size = sealed.n - SEAL_OVERHEAD;
	const unsigned char *nonce = sealed.p + 1, *text = nonce + SEAL_NONCE;
	assert(size <= INT_MAX && aad.n <= INT_MAX);
	memcpy(tag, text + size, SEAL_TAG);
	bool ok = EVP_DecryptInit_ex2(
	                  c, NULL, new_key(mine_now->open_key, &mine_now->open_keyed, key), nonce, NULL) == 1;
	if (aad.n > 0)
		ok = ok && EVP_DecryptUpdate(c, NULL, &n, (const unsigned char *)aad.p, (int)aad.n) == 1;
	if (size > 0)
		ok = ok && EVP_DecryptUpdate(c, out, &n, text, (int)size) == 1;
	ok = ok && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) == 1;
	crypto_must(ok, "opening");
	unsigned char none[1];
	if (EVP_DecryptFinal_ex(c, none, &n) == 1)
		return true;
	wipe(out, size); /* text that is not authentic is nobody's */
	return false;
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
