/* crypto_sign.c - Ed25519 (RFC 8032), for signed heads and tokens that others
 * verify.  Keys are made per call: signing is rare, and none stays in memory. */
#include "sys/crypto_openssl.h"

static EVP_PKEY *
key_private(const unsigned char seed[32])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);

	crypto_must(k != NULL, "Ed25519 key");
	return k;
}

void
ed25519_public(const unsigned char seed[32], unsigned char pub[32])
{
	EVP_PKEY *k = key_private(seed);
	size_t n = 32;

	crypto_must(EVP_PKEY_get_raw_public_key(k, pub, &n) == 1 && n == 32, "Ed25519 public key");
	EVP_PKEY_free(k);
}

void
ed25519_sign(const unsigned char seed[32], struct str text, unsigned char sig[64])
{
	EVP_PKEY *k = key_private(seed);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = 64;

	crypto_must(c && EVP_DigestSignInit(c, NULL, NULL, NULL, k) == 1 &&
	                    EVP_DigestSign(c, sig, &n, (const unsigned char *)text.p, text.n) == 1 && n == 64,
	        "Ed25519 signature");
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
}

bool
ed25519_verify(const unsigned char pub[32], struct str text, const unsigned char sig[64])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub, 32);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = k && c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
	          EVP_DigestVerify(c, sig, 64, (const unsigned char *)text.p, text.n) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return ok;
}
