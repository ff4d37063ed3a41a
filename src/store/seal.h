/* seal.h - sensitive columns at rest.  AES-256-GCM; a data key per patient,
 * wrapped by the tenant's key, wrapped by the master key.  The place (tenant,
 * table, column, row) is authenticated: a value moved elsewhere does not open.
 * The SQL door calls this for every .sealed field; features call only the tokens. */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "store/db.h"
#include "sys/keyring.h"

/* Attaches the master key; before it, sealing answers ERR_KEYS_UNAVAILABLE. The
 * keyring must outlive the store. store_close calls seal_close. */
enum err seal_init(struct store *, struct keyring *) MUST_CHECK;
void seal_close(struct store *);
struct keyring *seal_keyring(const struct ctx *); /* of the transaction's store; NULL: none was attached */
/* A new tenant's key, wrapped for its row. ctx->tenant is the new tenant. */
enum err seal_tenant_new(struct ctx *, struct blob *wrapped) MUST_CHECK;

/* Wraps ctx->tenant's key anew when it rests under an older master key; *changed says
 * whether it did.  In a write transaction; safe to repeat, and beside running servers. */
enum err seal_tenant_rewrap(struct ctx *, bool *changed) MUST_CHECK;
/* Is ctx->tenant's key wrapped under the newest master key? */
enum err seal_tenant_current(struct ctx *, bool *current) MUST_CHECK;
/* Ed25519 over text with the tenant's signing key, derived from its own key. */
enum err seal_sign(struct ctx *, struct str text, unsigned char pub[32], unsigned char sig[64]) MUST_CHECK;

struct place {
	const char *table, *column;
	struct id row;
};

/* key_owner: a patient of ctx->tenant, or all zero for the tenant's own key.
 * The patient's key is made by seal_key_new when the patient is created and is
 * read through a bounded cache.  ERR_NOT_FOUND: the key was destroyed (erasure), or,
 * when sealing, there is no such patient;
 * ERR_INTERNAL: the bytes do not open at this place (tampered). Absent text seals to absent. */
enum err seal(struct ctx *, struct id key_owner, const struct place *, struct str plain,
        struct blob *out) MUST_CHECK;
enum err unseal(struct ctx *, struct id key_owner, const struct place *, struct blob sealed,
        struct str *out) MUST_CHECK;
/* The same for the fields of one row, whose key is looked for once: zero but for its owner
 * before the first, row_key_forget after the last. */
struct row_key {
	struct id owner;
	bool held;
	unsigned char key[KEY_SIZE];
};
enum err seal_under(
        struct ctx *, struct row_key *, const struct place *, struct str plain, struct blob *out) MUST_CHECK;
enum err unseal_under(
        struct ctx *, struct row_key *, const struct place *, struct blob sealed, struct str *out) MUST_CHECK;
void row_key_forget(struct row_key *);
enum err seal_key_new(struct ctx *, struct id patient) MUST_CHECK; /* inside the caller's transaction */
enum err seal_key_destroy(struct ctx *, struct id patient) MUST_CHECK;

/* ---- keyed tokens: equality and word search over sealed text, no plaintext
 * index.  The beginning of an HMAC-SHA-256 under the tenant's index key: of 16 bytes where
 * equality must identify, of 6 for words, of which there are many. */
enum { TOKEN_SIZE = 16, WORD_TOKEN_SIZE = 6 };
/* Equality: domain e.g. "patient.cpf"; text already normalised by the caller. */
enum err token_exact(struct ctx *, const char *domain, struct str text, struct blob *out) MUST_CHECK;
/* The distinct words of a text, folded (case, accents), Portuguese-stemmed with
 * -ão/-ões/-ães/-ãos joined; out: struct blob items. Same call for index and query. */
enum err token_words(struct ctx *, const char *domain, struct str text, struct list *out) MUST_CHECK;
/* For names, found while one types: the index holds every beginning (2 letters on)
 * of every folded word, unstemmed; a query holds its words whole. */
enum err token_prefixes(struct ctx *, const char *domain, struct str text, struct list *out) MUST_CHECK;
enum err token_query(struct ctx *, const char *domain, struct str text, struct list *out) MUST_CHECK;

#endif
