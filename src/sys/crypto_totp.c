/* crypto_totp.c - the second factor's six digits (RFC 6238 over RFC 4226), as
 * the common authenticator programs make them: SHA-1, 30 seconds.  Refusing a
 * step that was used before is the caller's, who stores it. */
#include "sys/crypto_openssl.h"

enum { TOTP_STEP_MS = 30000, TOTP_DIGITS = 6, TOTP_DRIFT = 1 };

static bool
code_at(struct blob secret, int64_t step, char out[TOTP_DIGITS])
{
	unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
	size_t n = 0;

	for (int i = 0; i < 8; i++)
		counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
	if (EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, secret.p, secret.n, counter, sizeof counter, mac,
	            sizeof mac, &n) == NULL ||
	        n != 20)
		return false;
	const unsigned char *p = mac + (mac[19] & 15);
	uint32_t v = (uint32_t)(p[0] & 0x7f) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	for (int i = TOTP_DIGITS - 1; i >= 0; i--, v /= 10)
		out[i] = (char)('0' + v % 10);
	wipe(mac, sizeof mac);
	return true;
}

bool
totp_verify(struct blob secret, struct str code, struct instant now, int64_t *step)
{
	char want[TOTP_DIGITS];
	int64_t found = -1, at = now.ms / TOTP_STEP_MS;

	if (secret.p == NULL || secret.n == 0 || code.n != TOTP_DIGITS || now.ms < 0)
		return false;
	/* Every step is tried, found or not: how long it takes says nothing. */
	for (int64_t s = at - TOTP_DRIFT; s <= at + TOTP_DRIFT; s++)
		if (s >= 0 && code_at(secret, s, want) && equal_secret(want, code.p, TOTP_DIGITS))
			found = s;
	wipe(want, sizeof want);
	if (found < 0)
		return false;
	*step = found;
	return true;
}
