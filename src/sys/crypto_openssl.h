/* crypto_openssl.h - libcrypto for crypto*.c alone.  Its ERR_STATE, a type, is
 * renamed: errors.def has a row of that name. */
#ifndef SYS_CRYPTO_OPENSSL_H
#define SYS_CRYPTO_OPENSSL_H

#include "sys/crypto.h"

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#undef ERR_STATE

/* Aborts, naming what failed. */
_Noreturn void crypto_failed(const char *what);

/* For what holds in every run or in none. */
static inline void
crypto_must(bool ok, const char *what)
{
	if (!ok)
		crypto_failed(what);
}

/* crypto_gcm.c's part of a thread's contexts; gcm_fetch once, before the first. */
struct gcm;
void gcm_fetch(void);
struct gcm *gcm_new(void);
void gcm_free(struct gcm *);
struct gcm *crypto_gcm(void); /* this thread's */

#endif
