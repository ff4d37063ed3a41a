/* tokenmemo.h - the tokens of words met lately. Clinical prose repeats its words, and each
 * costs a stem and an HMAC. One memo a thread, of fixed size, in secret memory: it holds
 * words. What it cannot take, or forgot, is computed again. */
#ifndef STORE_TOKENMEMO_H
#define STORE_TOKENMEMO_H

#include "store/seal.h"

enum { MEMO_SALT = 16 };

/* salt: of the tenant's index key, the domain and the kind of token; words of different salts
 * do not meet. */
bool tokenmemo_get(const unsigned char salt[static MEMO_SALT], struct str word,
        unsigned char token[static WORD_TOKEN_SIZE]) MUST_CHECK;
void tokenmemo_put(const unsigned char salt[static MEMO_SALT], struct str word,
        const unsigned char token[static WORD_TOKEN_SIZE]);

#endif
