/* seal.c - fields sealed and opened, and the data keys they need.
 *
 * A key made in a transaction that is then rolled back must never seal anything
 * else, so keys enter the cache only from transactions that made none; the one
 * made last is at hand beside it (db->fresh) until its work ends. */
#include "store/seal.h"

#include <stdlib.h>

#include "gen/seal_sql.h"
#include "store/keycache.h"
#include "store/keys.h"

enum { PATIENT_BUCKETS = 16384, TENANT_BUCKETS = 64, WRAPPED_PATIENT_KEY = KEY_SIZE + SEAL_OVERHEAD };

struct keys {
	struct keyring *ring;
	struct keycache *tenants, *patients;
};

struct fresh_key {
	struct id tenant, patient; /* patient absent: none */
	unsigned char key[KEY_SIZE];
};

static const struct field wrapped_key_fields[] = {
	FIELD(wrapped_key, wrapped_key, .sens = SENS_SECRET),
};
const struct type wrapped_key_type = TYPE(wrapped_key, wrapped_key_fields);

static const struct field owned_key_fields[] = {
	FIELD(owned_key, patient_id, .sens = SENS_PLAIN),
	FIELD(owned_key, wrapped_key, .sens = SENS_SECRET),
};
const struct type owned_key_type = TYPE(owned_key, owned_key_fields);

enum err
seal_init(struct store *store, struct keyring *ring)
{
	struct keys *k = calloc(1, sizeof *k);

	assert(store->keys == NULL);
	if (k == NULL)
		return ERR_BUSY;
	k->ring = ring;
	k->tenants = keycache_new(TENANT_BUCKETS, sizeof(struct tenant_keys), KEY_AGE_MS);
	k->patients = keycache_new(PATIENT_BUCKETS, KEY_SIZE, KEY_AGE_MS);
	store->keys = k;
	if (k->tenants != NULL && k->patients != NULL)
		return OK;
	seal_close(store);
	return ERR_BUSY;
}

void
seal_close(struct store *store)
{
	if (store->keys == NULL)
		return;
	keycache_free(store->keys->tenants);
	keycache_free(store->keys->patients);
	free(store->keys);
	store->keys = NULL;
}

struct keyring *
seal_keyring(const struct ctx *ctx)
{
	assert(ctx->tx != NULL);
	return ctx->tx->db->store->keys != NULL ? ctx->tx->db->store->keys->ring : NULL;
}

static enum err
keys_of(struct ctx *ctx, struct keys **out)
{
	assert(ctx->tx != NULL);
	*out = ctx->tx->db->store->keys;
	return *out != NULL ? OK : fail(ctx, ERR_KEYS_UNAVAILABLE, "no master key was attached");
}

/* ---- the authenticated place */

enum { PLACE_MAX = 160 };

static char *
put(char *at, const void *p, size_t n)
{
	memcpy(at, p, n);
	return at + n;
}

/* tenant | table | column | row; the names hold no '|' and the ids have one length. */
static struct str
place_text(char out[static PLACE_MAX], struct id tenant, const struct place *place)
{
	size_t table = strlen(place->table), column = strlen(place->column);
	char *at = out;

	assert(table + column + 2 * sizeof(struct id) + 3 <= PLACE_MAX);
	at = put(at, tenant.b, sizeof tenant.b);
	at = put(at, "|", 1);
	at = put(at, place->table, table);
	at = put(at, "|", 1);
	at = put(at, place->column, column);
	at = put(at, "|", 1);
	at = put(at, place->row.b, sizeof place->row.b);
	return (struct str){ out, (size_t)(at - out) };
}

static struct str
tenant_place(char out[static PLACE_MAX], struct id tenant)
{
	return place_text(out, tenant, &(struct place){ "tenant", "wrapped_key", tenant });
}

static struct str
patient_place(char out[static PLACE_MAX], struct id tenant, struct id patient)
{
	return place_text(out, tenant, &(struct place){ "patient_key", "wrapped_key", patient });
}

/* ---- keys */

static enum err
read_tenant(struct ctx *ctx, struct keys *k, struct tenant_keys *out)
{
	struct wrapped_key row;
	char place[PLACE_MAX];

	TRY(sql_tenant_key_read(ctx, &row));
	TRY(keyring_unwrap(k->ring, tenant_place(place, ctx->tenant), row.wrapped_key, out->seal));
	hkdf_sha256(out->seal, "plantao search index v1", out->index);
	if (!ctx->tx->key_made)
		keycache_put(k->tenants, ctx->tenant, (struct id){ { 0 } }, out);
	return OK;
}

enum err
keys_tenant(struct ctx *ctx, struct tenant_keys *out)
{
	struct keys *k;

	TRY(keys_of(ctx, &k));
	if (!id_is_set(ctx->tenant))
		return fail(ctx, ERR_INTERNAL, "a key was asked for without a tenant");
	if (keycache_get(k->tenants, ctx->tenant, (struct id){ { 0 } }, out))
		return OK;
	return read_tenant(ctx, k, out);
}

static enum err
unwrap_patient(
        struct ctx *ctx, struct keys *k, struct id patient, struct blob wrapped, unsigned char out[KEY_SIZE])
{
	struct tenant_keys tenant;
	char place[PLACE_MAX];
	bool opens;

	if (wrapped.p == NULL)
		return fail(ctx, ERR_NOT_FOUND, "the patient's key was destroyed");
	TRY(keys_tenant(ctx, &tenant));
	opens = wrapped.n == WRAPPED_PATIENT_KEY &&
	        gcm_open(tenant.seal, patient_place(place, ctx->tenant, patient), wrapped, out);
	wipe(&tenant, sizeof tenant);
	if (!opens)
		return fail(ctx, ERR_INTERNAL, "a patient's key does not open under its tenant's");
	if (!ctx->tx->key_made)
		keycache_put(k->patients, ctx->tenant, patient, out);
	return OK;
}

static enum err
read_patient(struct ctx *ctx, struct keys *k, struct id patient, unsigned char out[KEY_SIZE])
{
	struct wrapped_key row;
	enum err err = sql_patient_key_read(ctx, &(struct patient_key_read_in){ .patient = patient }, &row);

	if (err != OK)
		return err == ERR_NOT_FOUND ? fail(ctx, ERR_STATE, "there is no such patient's key") : err;
	return unwrap_patient(ctx, k, patient, row.wrapped_key, out);
}

enum err
keys_patient(struct ctx *ctx, struct id patient, unsigned char out[KEY_SIZE])
{
	const struct fresh_key *fresh = ctx->tx->db->fresh;
	struct keys *k;

	TRY(keys_of(ctx, &k));
	if (fresh != NULL && id_eq(fresh->patient, patient) && id_eq(fresh->tenant, ctx->tenant)) {
		memcpy(out, fresh->key, KEY_SIZE);
		return OK;
	}
	if (keycache_get(k->patients, ctx->tenant, patient, out))
		return OK;
	return read_patient(ctx, k, patient, out);
}

/* One key that does not open is not yet a failure: it is when its row is read. */
static enum err
read_batch(struct ctx *ctx, struct keys *k, const struct key_batch *b)
{
	struct patient_key_batch_in in = { 0 };
	unsigned char key[KEY_SIZE];
	const struct owned_key *rows;
	struct list list;

	memcpy(&in, b->owners, b->count * sizeof *b->owners);
	TRY(sql_patient_key_batch(ctx, &in, &list));
	rows = list.items;
	for (size_t i = 0; i < list.count; i++)
		(void)unwrap_patient(ctx, k, rows[i].patient_id, rows[i].wrapped_key, key);
	wipe(key, sizeof key);
	return OK;
}
_Static_assert(sizeof(struct patient_key_batch_in) == KEY_BATCH * sizeof(struct id), "one input an owner");

static bool
batch_holds(const struct key_batch *b, struct id owner)
{
	for (size_t i = 0; i < b->count; i++)
		if (id_eq(b->owners[i], owner))
			return true;
	return false;
}

enum err
keys_ahead(struct ctx *ctx, struct key_batch *b, struct id owner)
{
	unsigned char key[KEY_SIZE];
	struct keys *k;
	enum err err = OK;

	TRY(keys_of(ctx, &k));
	if (ctx->tx->key_made)
		return OK; /* what is read now may not be remembered */
	if (id_is_set(owner) && !batch_holds(b, owner) && !keycache_get(k->patients, ctx->tenant, owner, key))
		b->owners[b->count++] = owner;
	wipe(key, sizeof key);
	if (b->count == KEY_BATCH || (!id_is_set(owner) && b->count > 0)) {
		err = read_batch(ctx, k, b);
		b->count = 0;
	}
	return err;
}

enum err
seal_tenant_new(struct ctx *ctx, struct blob *wrapped)
{
	unsigned char key[KEY_SIZE], *out = (unsigned char *)arena_fixed(ctx->arena, WRAP_SIZE);
	char place[PLACE_MAX];
	struct keys *k;
	enum err err;

	TRY(keys_of(ctx, &k));
	assert(id_is_set(ctx->tenant));
	random_bytes(key, sizeof key);
	err = keyring_wrap(k->ring, tenant_place(place, ctx->tenant), key, out);
	wipe(key, sizeof key);
	TRY(err);
	ctx->tx->key_made = true;
	*wrapped = (struct blob){ out, WRAP_SIZE };
	return OK;
}

enum err
seal_tenant_current(struct ctx *ctx, bool *current)
{
	struct wrapped_key row;
	struct keys *k;

	TRY(keys_of(ctx, &k));
	TRY(sql_tenant_key_read(ctx, &row));
	*current = keyring_is_current(k->ring, row.wrapped_key);
	return OK;
}

enum err
seal_tenant_rewrap(struct ctx *ctx, bool *changed)
{
	unsigned char key[KEY_SIZE], *out = (unsigned char *)arena_fixed(ctx->arena, WRAP_SIZE);
	struct wrapped_key row;
	char place[PLACE_MAX];
	struct keys *k;
	enum err err;

	*changed = false;
	TRY(keys_of(ctx, &k));
	TRY(sql_tenant_key_read(ctx, &row));
	if (keyring_is_current(k->ring, row.wrapped_key))
		return OK;
	TRY(keyring_unwrap(k->ring, tenant_place(place, ctx->tenant), row.wrapped_key, key));
	err = keyring_wrap(k->ring, tenant_place(place, ctx->tenant), key, out);
	wipe(key, sizeof key);
	TRY(err);
	*changed = true;
	return sql_tenant_key_replace(ctx,
	        &(struct tenant_key_replace_in){ .wrapped_key = { out, WRAP_SIZE }, .old = row.wrapped_key });
}

enum err
seal_sign(struct ctx *ctx, struct str text, unsigned char pub[32], unsigned char sig[64])
{
	struct tenant_keys tenant;
	unsigned char seed[KEY_SIZE];

	TRY(keys_tenant(ctx, &tenant));
	hkdf_sha256(tenant.seal, "plantao signing v1", seed);
	wipe(&tenant, sizeof tenant);
	ed25519_public(seed, pub);
	ed25519_sign(seed, text, sig);
	wipe(seed, sizeof seed);
	return OK;
}

static enum err
remember_fresh(struct ctx *ctx, struct id patient, const unsigned char key[KEY_SIZE])
{
	struct db *db = ctx->tx->db;

	if (db->fresh == NULL && (db->fresh = secret_new(sizeof *db->fresh)) == NULL)
		return fail(ctx, ERR_BUSY, "no memory for a key");
	db->fresh->tenant = ctx->tenant;
	db->fresh->patient = patient;
	memcpy(db->fresh->key, key, KEY_SIZE);
	return OK;
}

enum err
seal_key_new(struct ctx *ctx, struct id patient)
{
	unsigned char key[KEY_SIZE], wrapped[WRAPPED_PATIENT_KEY];
	struct tenant_keys tenant;
	char place[PLACE_MAX];
	enum err err;

	assert(id_is_set(patient));
	TRY(keys_tenant(ctx, &tenant));
	random_bytes(key, sizeof key);
	gcm_seal(tenant.seal, patient_place(place, ctx->tenant, patient),
	        (struct str){ (const char *)key, sizeof key }, wrapped);
	wipe(&tenant, sizeof tenant);
	ctx->tx->key_made = true;
	err = remember_fresh(ctx, patient, key);
	wipe(key, sizeof key);
	TRY(err);
	return sql_patient_key_add(ctx, &(struct patient_key_add_in){ .patient = patient,
	                                        .wrapped_key = { wrapped, sizeof wrapped } });
}

enum err
seal_key_destroy(struct ctx *ctx, struct id patient)
{
	int64_t changed;
	struct keys *k;

	TRY(keys_of(ctx, &k));
	TRY(sql_patient_key_destroy_count(
	        ctx, &(struct patient_key_destroy_in){ .patient = patient }, &changed));
	keycache_bar(k->patients, ctx->tenant, patient);
	keys_forget_fresh(ctx->tx->db);
	return changed == 1 ? OK : fail(ctx, ERR_NOT_FOUND, "the patient has no key to destroy");
}

void
keys_forget_fresh(struct db *db)
{
	if (db->fresh != NULL)
		wipe(db->fresh, sizeof *db->fresh);
}

void
keys_close_db(struct db *db)
{
	if (db->fresh != NULL)
		secret_free(db->fresh, sizeof *db->fresh);
	db->fresh = NULL;
}

/* ---- fields */

static enum err
key_find(struct ctx *ctx, struct row_key *row)
{
	struct tenant_keys tenant;

	if (row->held)
		return OK;
	if (id_is_set(row->owner)) {
		TRY(keys_patient(ctx, row->owner, row->key));
	} else {
		TRY(keys_tenant(ctx, &tenant));
		memcpy(row->key, tenant.seal, KEY_SIZE);
		wipe(&tenant, sizeof tenant);
	}
	row->held = true;
	return OK;
}

void
row_key_forget(struct row_key *row)
{
	if (row->held)
		wipe(row->key, sizeof row->key);
	row->held = false;
}

enum err
seal_under(
        struct ctx *ctx, struct row_key *row, const struct place *place, struct str plain, struct blob *out)
{
	unsigned char *bytes;
	char text[PLACE_MAX];
	enum err err;

	if (!str_is_set(plain)) {
		*out = (struct blob){ NULL, 0 };
		return OK;
	}
	bytes = arena_take(ctx->arena, plain.n + SEAL_OVERHEAD);
	if (bytes == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room to seal %s.%s", place->table, place->column);
	err = key_find(ctx, row);
	if (err != OK)
		return err == ERR_STATE ? ERR_NOT_FOUND : err;
	gcm_seal(row->key, place_text(text, ctx->tenant, place), plain, bytes);
	*out = (struct blob){ bytes, plain.n + SEAL_OVERHEAD };
	return OK;
}

enum err
unseal_under(
        struct ctx *ctx, struct row_key *row, const struct place *place, struct blob sealed, struct str *out)
{
	unsigned char *bytes;
	char text[PLACE_MAX];
	enum err err;
	size_t n;

	if (sealed.p == NULL) {
		*out = (struct str){ NULL, 0 };
		return OK;
	}
	if (sealed.n < SEAL_OVERHEAD)
		return fail(ctx, ERR_INTERNAL, "%s.%s is too short", place->table, place->column);
	n = sealed.n - SEAL_OVERHEAD;
	bytes = arena_take(ctx->arena, n + 1);
	if (bytes == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room to open %s.%s", place->table, place->column);
	err = key_find(ctx, row);
	if (err != OK)
		return err == ERR_STATE ? ERR_INTERNAL : err;
	if (!gcm_open(row->key, place_text(text, ctx->tenant, place), sealed, bytes))
		return fail(
		        ctx, ERR_INTERNAL, "%s.%s does not open at its place", place->table, place->column);
	bytes[n] = 0;
	*out = (struct str){ (const char *)bytes, n };
	return OK;
}

enum err
seal(struct ctx *ctx, struct id owner, const struct place *place, struct str plain, struct blob *out)
{
	struct row_key row = { .owner = owner };
	enum err err = seal_under(ctx, &row, place, plain, out);

	row_key_forget(&row);
	return err;
}

enum err
unseal(struct ctx *ctx, struct id owner, const struct place *place, struct blob sealed, struct str *out)
{
	struct row_key row = { .owner = owner };
	enum err err = unseal_under(ctx, &row, place, sealed, out);

	row_key_forget(&row);
	return err;
}
