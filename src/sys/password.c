/* password.c - argon2id (RFC 9106) over libargon2; the parameters are OWASP's
 * first choice (19 MiB, two passes, one lane: 13-16 ms a core).  The text form
 * names them, so that they can be raised and old hashes still verify. */
#include "sys/crypto.h"

#include <argon2.h>
#include <stdlib.h>

enum { PASS_COUNT = 2, MEMORY_KIB = 19456, LANES = 1, SALT_SIZE = 16, HASH_SIZE = 32, PASSWORD_MAX = 4096 };

bool
password_hash(struct str password, char out[PASSWORD_PHC])
{
	unsigned char salt[SALT_SIZE];

	if (password.n > PASSWORD_MAX)
		return false;
	random_bytes(salt, sizeof salt);
	return argon2id_hash_encoded(PASS_COUNT, MEMORY_KIB, LANES, password.p, password.n, salt, sizeof salt,
	               HASH_SIZE, out, PASSWORD_PHC) == ARGON2_OK;
}

/* Reads the number behind name; false: another text, or more than most. */
static bool
parameter(const char **at, const char *name, unsigned long most)
{
	size_t n = strlen(name);
	char *end;

	if (strncmp(*at, name, n) != 0 || (*at)[n] < '0' || (*at)[n] > '9')
		return false;
	unsigned long v = strtoul(*at + n, &end, 10);
	*at = end;
	return v <= most;
}

/* A hash from the database must not be able to ask for gigabytes. */
static bool
parameters_sane(const char *phc)
{
	return parameter(&phc, "$argon2id$v=", 19) && parameter(&phc, "$m=", 256 * 1024) &&
	       parameter(&phc, ",t=", 16) && parameter(&phc, ",p=", 8);
}

bool
password_verify(struct str password, const char *phc)
{
	if (phc == NULL || password.n > PASSWORD_MAX || !parameters_sane(phc))
		return false;
	return argon2id_verify(phc, password.p, password.n) == ARGON2_OK;
}
