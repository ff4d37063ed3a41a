/* keys.h - data keys in memory, for seal.c and token.c alone: read from their rows,
 * unwrapped, and remembered in locked memory for KEY_AGE_MS. */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "store/engine.h"
#include "sys/keyring.h"

/* A key destroyed by another process or node is still used here for at most so long. */
enum { KEY_AGE_MS = 30000 };

struct wrapped_key {
	struct blob wrapped_key; /* absent: destroyed */
};
extern const struct type wrapped_key_type;
struct owned_key {
	struct id patient_id;
	struct blob wrapped_key;
};
extern const struct type owned_key_type;

/* What a tenant's key makes: one key seals, another makes search tokens. */
struct tenant_keys {
	unsigned char seal[KEY_SIZE], index[KEY_SIZE];
};

/* Copies; wipe them after use. Of a patient: ERR_NOT_FOUND: destroyed; ERR_STATE: there
 * never was one, so what is sealed there is not erased but broken. */
enum err keys_tenant(struct ctx *, struct tenant_keys *out) MUST_CHECK;
enum err keys_patient(struct ctx *, struct id patient, unsigned char out[KEY_SIZE]) MUST_CHECK;
/* Keys of several patients in one question, for a list that will open them all: owners
 * are collected, and read when the batch is full or with an absent owner. */
enum { KEY_BATCH = 16 };
struct key_batch {
	struct id owners[KEY_BATCH];
	size_t count;
};
enum err keys_ahead(struct ctx *, struct key_batch *, struct id owner) MUST_CHECK;
/* Called by db.c whenever work may have been undone: keys made in it are forgotten. */
void keys_forget_fresh(struct db *);
void keys_close_db(struct db *);

#endif
