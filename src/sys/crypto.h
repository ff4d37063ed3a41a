/* crypto.h - primitives.  crypto*.c are the only files that know libcrypto,
 * password.c the only one that knows libargon2.  Contexts are per thread and reused. */
#ifndef SYS_CRYPTO_H
#define SYS_CRYPTO_H

#include "base/base.h"

enum {
	KEY_SIZE = 32,
	SEAL_NONCE = 12,
	SEAL_TAG = 16,
	SEAL_OVERHEAD = 1 + SEAL_NONCE + SEAL_TAG,
	SHA256_SIZE = 32
};

/* Takes libcrypto's exit handler away, which would free what threads still use. Of its first user alone:
 * libcurl and libpq start it too, so this comes before anything of theirs. */
void crypto_start(void);

/* Makes what the calling thread needs for all of this, so that nothing is to be had later, when memory may be
 * short: a thread that works for others calls it first. Aborts without memory. */
void crypto_thread(void);

void random_bytes(void *, size_t);    /* pooled; aborts when the kernel gives none */
struct id id_new(struct instant now); /* UUIDv7, monotonic within a process */
/* UUIDv7 of something that happened at another time (an import): sorts by that time,
 * also before 1970, when its 48 bits of milliseconds are 0; unique by randomness alone. */
struct id id_at(struct instant);
/* The same with bits of the seed's SHA-256 for randomness: equal seeds, equal ids. */
struct id id_fixed(struct instant, struct str seed);
struct instant clock_now(void); /* wall clock; never before an instant already given in this process */
uint64_t clock_mono_ns(void);
void wipe(void *, size_t);
bool equal_secret(const void *, const void *, size_t); /* constant time */

/* AES-256-GCM.  out: version byte 1, nonce, ciphertext, tag = n + SEAL_OVERHEAD bytes. */
void gcm_seal(const unsigned char key[KEY_SIZE], struct str aad, struct str plain, unsigned char *out);
/* out: sealed.n - SEAL_OVERHEAD bytes; false when it does not open. */
bool gcm_open(
        const unsigned char key[KEY_SIZE], struct str aad, struct blob sealed, unsigned char *out) MUST_CHECK;

void sha256(const void *, size_t, unsigned char out[SHA256_SIZE]);
void hmac_sha256(const unsigned char *key, size_t key_n, struct str text, unsigned char out[SHA256_SIZE]);
/* RFC 5869 with SHA-256, extract and expand; n up to 255 * 32. */
void hkdf(struct blob secret, struct blob salt, struct str info, unsigned char *out, size_t n);
/* One key from another: no salt; info names the use. */
void hkdf_sha256(const unsigned char key[KEY_SIZE], const char *info, unsigned char out[KEY_SIZE]);

/* Ed25519; seed is the private key. */
void ed25519_public(const unsigned char seed[32], unsigned char pub[32]);
void ed25519_sign(const unsigned char seed[32], struct str text, unsigned char sig[64]);
bool ed25519_verify(const unsigned char pub[32], struct str text, const unsigned char sig[64]) MUST_CHECK;

/* argon2id, 19 MiB, t = 2, as one PHC string.  About 15 ms of CPU. */
enum { PASSWORD_PHC = 128 };
bool password_hash(struct str password, char out[PASSWORD_PHC]) MUST_CHECK;
bool password_verify(struct str password, const char *phc) MUST_CHECK;

/* RFC 6238, SHA-1, 30 s, 6 digits; accepts one step either side; step: the counter that matched (refuse
 * replays). */
bool totp_verify(struct blob secret, struct str code, struct instant now, int64_t *step) MUST_CHECK;

/* hex/base32/base64url into the arena or a buffer sized by the caller */
void hex_print(const void *, size_t n, char *out); /* 2n + 1 bytes */
bool hex_parse(struct str, unsigned char *out, size_t n) MUST_CHECK;
size_t base64url_print(const void *, size_t n, char *out); /* (n*4+2)/3 + 1 bytes, no padding */
bool base64url_parse(struct str, unsigned char *out, size_t room, size_t *n) MUST_CHECK;
/* With + and /, padded, as other programs' APIs want it: (n+2)/3*4 + 1 bytes; reads at most 4096. */
size_t base64_print(const void *, size_t n, char *out);
bool base64_parse(struct str, unsigned char *out, size_t room, size_t *n) MUST_CHECK;
size_t base32_print(const void *, size_t n, char *out); /* no padding */

#endif
