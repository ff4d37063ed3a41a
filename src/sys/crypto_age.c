/* crypto_age.c - see age.h.  Contexts are made per call: whole files are rare. */
#include "sys/age.h"
#include "sys/crypto_openssl.h"

#include <stdio.h>

enum {
	FILE_KEY = 16,
	SALT = 16,
	NONCE = 12,
	TAG = 16,
	WRAPPED = FILE_KEY + TAG,
	CHUNK = 64 * 1024,
	MAC = SHA256_SIZE
};
enum { SALT_TEXT = 22, WRAPPED_TEXT = 43, MAC_TEXT = 43, BASE64_ROOM = 48, HEADER_MAX = 256 };

static const char intro[] = "age-encryption.org/v1\n-> scrypt ";

struct keys {
	unsigned char file[FILE_KEY], wrap[KEY_SIZE], mac[KEY_SIZE], payload[KEY_SIZE];
};

/* ---- primitives */

static bool
scrypt(struct str passphrase, const unsigned char salt[SALT], int work, unsigned char out[KEY_SIZE])
{
	static const char label[] = "age-encryption.org/v1/scrypt";
	unsigned char labelled[sizeof label - 1 + SALT];
	uint64_t n = 1ull << work, most = (n * 128 * 8) + (64 << 20);

	crypto_thread(); /* where crypto_start() is not the first, as in a test */
	memcpy(labelled, label, sizeof label - 1);
	memcpy(labelled + sizeof label - 1, salt, SALT);
	return EVP_PBE_scrypt(passphrase.p, passphrase.n, labelled, sizeof labelled, n, 8, 1, most, out,
	               KEY_SIZE) == 1;
}

/* n bytes of in become n + TAG of out. */
static void
chacha_seal(const unsigned char key[KEY_SIZE], const unsigned char nonce[NONCE], const void *in, int n,
        unsigned char *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int got = 0;

	crypto_must(c != NULL && EVP_EncryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
	                    EVP_EncryptUpdate(c, out, &got, in, n) == 1 &&
	                    EVP_EncryptFinal_ex(c, out + got, &got) == 1 &&
	                    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG, out + n) == 1,
	        "ChaCha20-Poly1305");
	EVP_CIPHER_CTX_free(c);
}

/* n + TAG bytes of in become n of out; false: they were changed, or under another key. */
static bool
chacha_open(const unsigned char key[KEY_SIZE], const unsigned char nonce[NONCE], const unsigned char *in,
        int n, unsigned char *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int got = 0;
	bool fine;

	crypto_must(c != NULL && EVP_DecryptInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
	                    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, (void *)(in + n)) == 1 &&
	                    EVP_DecryptUpdate(c, out, &got, in, n) == 1,
	        "ChaCha20-Poly1305");
	fine = EVP_DecryptFinal_ex(c, out + got, &got) == 1;
	EVP_CIPHER_CTX_free(c);
	return fine;
}

/* ---- the header */

/* base64 as age writes it: + and /, no padding. */
static int
unpadded(const void *p, size_t n, char out[BASE64_ROOM])
{
	size_t len = base64_print(p, n, out);

	while (len > 0 && out[len - 1] == '=')
		out[--len] = 0;
	return (int)len;
}

static bool
from_unpadded(struct str text, unsigned char *out, size_t n)
{
	char padded[BASE64_ROOM];
	size_t got;
	int len = snprintf(
	        padded, sizeof padded, "%.*s%.*s", STR_FMT(text), (int)((4 - text.n % 4) % 4), "===");

	return len < (int)sizeof padded && base64_parse((struct str){ padded, (size_t)len }, out, n, &got) &&
	       got == n;
}

static void
keys_from_file(struct keys *k, const unsigned char nonce[SALT])
{
	struct blob file = { k->file, FILE_KEY };

	hkdf(file, (struct blob){ 0 }, STR("header"), k->mac, KEY_SIZE);
	hkdf(file, (struct blob){ nonce, SALT }, STR("payload"), k->payload, KEY_SIZE);
}

static const unsigned char no_nonce[NONCE];

/* Everything before the payload's chunks. */
static enum err
write_header(struct str passphrase, struct keys *k, struct buf *out)
{
	unsigned char salt[SALT], nonce[SALT], wrapped[WRAPPED], mac[MAC];
	char text[BASE64_ROOM], header[HEADER_MAX];
	int n;

	random_bytes(salt, sizeof salt);
	random_bytes(nonce, sizeof nonce);
	random_bytes(k->file, FILE_KEY);
	if (!scrypt(passphrase, salt, AGE_WORK, k->wrap))
		return ERR_BUSY;
	chacha_seal(k->wrap, no_nonce, k->file, FILE_KEY, wrapped);
	keys_from_file(k, nonce);
	unpadded(salt, sizeof salt, text);
	n = snprintf(header, sizeof header, "%s%s %d\n", intro, text, AGE_WORK);
	unpadded(wrapped, sizeof wrapped, text);
	n += snprintf(header + n, sizeof header - (size_t)n, "%s\n---", text);
	hmac_sha256(k->mac, KEY_SIZE, (struct str){ header, (size_t)n }, mac);
	unpadded(mac, sizeof mac, text);
	buf_add(out, header, (size_t)n);
	buf_printf(out, " %s\n", text);
	buf_add(out, nonce, sizeof nonce);
	return OK;
}

/* Takes n bytes off the front. */
static bool
taken(struct str *s, size_t n, struct str *out)
{
	if (s->n < n)
		return false;
	*out = (struct str){ s->p, n };
	s->p += n;
	s->n -= n;
	return true;
}

static bool
expected(struct str *s, const char *text)
{
	struct str found;

	return taken(s, strlen(text), &found) && str_is(found, text);
}

/* "16\n": one or two digits without a leading zero. */
static bool
work_factor(struct str *s, int *out)
{
	int v = 0, digits = 0;

	while (s->n > 0 && digits < 2 && s->p[0] >= '0' && s->p[0] <= '9') {
		v = v * 10 + (s->p[0] - '0');
		if (v == 0)
			return false;
		s->p++, s->n--, digits++;
	}
	*out = v;
	return digits > 0 && v <= AGE_WORK_MAX && expected(s, "\n");
}

static enum err
read_header(struct str passphrase, struct str *rest, struct keys *k)
{
	const char *start = rest->p;
	struct str salt_text, wrapped_text, mac_text, nonce;
	unsigned char salt[SALT], wrapped[WRAPPED], mac[MAC], wanted[MAC];
	int work;
	size_t signed_n;

	if (!expected(rest, intro) || !taken(rest, SALT_TEXT, &salt_text) || !expected(rest, " ") ||
	        !work_factor(rest, &work) || !taken(rest, WRAPPED_TEXT, &wrapped_text) ||
	        !expected(rest, "\n---"))
		return ERR_MALFORMED;
	signed_n = (size_t)(rest->p - start);
	if (!expected(rest, " ") || !taken(rest, MAC_TEXT, &mac_text) || !expected(rest, "\n") ||
	        !taken(rest, SALT, &nonce) || !from_unpadded(salt_text, salt, SALT) ||
	        !from_unpadded(wrapped_text, wrapped, WRAPPED) || !from_unpadded(mac_text, mac, MAC))
		return ERR_MALFORMED;
	if (!scrypt(passphrase, salt, work, k->wrap))
		return ERR_BUSY;
	if (!chacha_open(k->wrap, no_nonce, wrapped, FILE_KEY, k->file))
		return ERR_CREDENTIALS;
	keys_from_file(k, (const unsigned char *)nonce.p);
	hmac_sha256(k->mac, KEY_SIZE, (struct str){ start, signed_n }, wanted);
	return equal_secret(mac, wanted, MAC) ? OK : ERR_CREDENTIALS;
}

/* ---- the payload */

static void
chunk_nonce(uint64_t number, bool last, unsigned char out[NONCE])
{
	memset(out, 0, NONCE);
	for (int i = 0; i < 8; i++)
		out[NONCE - 2 - i] = (unsigned char)(number >> 8 * i);
	out[NONCE - 1] = last;
}

static void
write_chunks(const struct keys *k, struct str plain, struct buf *out)
{
	unsigned char nonce[NONCE], *p;

	for (uint64_t number = 0;; number++) {
		size_t n = plain.n < CHUNK ? plain.n : CHUNK;

		chunk_nonce(number, n == plain.n, nonce);
		if ((p = buf_grow(out, n + TAG)) == NULL)
			return;
		chacha_seal(k->payload, nonce, n > 0 ? plain.p : "", (int)n, p);
		plain.p += n;
		plain.n -= n;
		if (plain.n == 0)
			return;
	}
}

static enum err
read_chunks(const struct keys *k, struct str rest, struct buf *out)
{
	unsigned char nonce[NONCE], nothing[1], *p;

	for (uint64_t number = 0;; number++) {
		size_t n = rest.n < CHUNK + TAG ? rest.n : CHUNK + TAG;

		/* only an empty file ends with an empty chunk */
		if (n < TAG || (n == TAG && number > 0))
			return ERR_MALFORMED;
		chunk_nonce(number, n == rest.n, nonce);
		if ((p = n > TAG ? buf_grow(out, n - TAG) : nothing) == NULL)
			return buf_err(out);
		if (!chacha_open(k->payload, nonce, (const unsigned char *)rest.p, (int)(n - TAG), p))
			return ERR_MALFORMED;
		rest.p += n;
		rest.n -= n;
		if (rest.n == 0)
			return OK;
	}
}

enum err
age_seal(struct str passphrase, struct str plain, struct buf *out)
{
	struct keys k;
	enum err err = write_header(passphrase, &k, out);

	if (err == OK)
		write_chunks(&k, plain, out);
	wipe(&k, sizeof k);
	return err;
}

enum err
age_open(struct str passphrase, struct str sealed, struct buf *out)
{
	size_t before = out->n;
	struct keys k;
	enum err err = read_header(passphrase, &sealed, &k);

	if (err == OK)
		err = read_chunks(&k, sealed, out);
	wipe(&k, sizeof k);
	if (err == OK)
		return OK;
	if (out->p != NULL && out->n > before)
		wipe(out->p + before, out->n - before);
	out->n = before;
	return err;
}
