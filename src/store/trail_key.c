/* trail_key.c - the keys that sign heads.  The seed is made here and rests wrapped
 * under the master key; its public half is known by the hash of itself, so a key
 * cannot be taken for another. */
#include "store/trail.h"

#include <stdio.h>

#include "gen/trail_sql.h"

struct trail_signer {
	unsigned char seed[KEY_SIZE], id[TRAIL_KEY_ID];
};

/* The DER of an Ed25519 public key (RFC 8410) but for the key itself. */
static const unsigned char spki[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21,
	0x00 };
static const char pem_begin[] = "-----BEGIN PUBLIC KEY-----\n", pem_end[] = "-----END PUBLIC KEY-----\n";
enum { SPKI_SIZE = sizeof spki + 32, KEYS_MAX = 1000 };

static const struct str place = { "audit_key", 9 };

static void
key_of(const unsigned char public_key[32], struct instant since, struct trail_key *out)
{
	unsigned char sum[SHA256_SIZE];

	sha256(public_key, 32, sum);
	memcpy(out->id, sum, sizeof out->id);
	memcpy(out->public_key, public_key, sizeof out->public_key);
	out->since = since;
}

static enum err
unwrap(struct ctx *ctx, struct keyring *ring, const struct trail_key_row *row, unsigned char seed[KEY_SIZE],
        struct trail_key *out)
{
	unsigned char public_key[32];

	if (keyring_unwrap(ring, place, row->wrapped_seed, seed) != OK)
		return fail(ctx, ERR_KEYS_UNAVAILABLE, "audit key %lld does not open under this master key",
		        (long long)row->number);
	ed25519_public(seed, public_key);
	key_of(public_key, row->created_at, out);
	if (row->id.n == sizeof out->id && memcmp(row->id.p, out->id, sizeof out->id) == 0)
		return OK;
	wipe(seed, KEY_SIZE);
	return fail(ctx, ERR_KEYS_UNAVAILABLE, "audit key %lld bears another's id", (long long)row->number);
}

/* A row that somebody else put there is no key of ours; but if none is one, the master
 * key is another. */
enum err
trail_keys_read(struct ctx *ctx, struct keyring *ring, struct trail_keys *out)
{
	const struct trail_key_row *rows;
	unsigned char seed[KEY_SIZE];
	struct trail_keys keys = { NULL, 0 };
	struct list list;

	if (ring == NULL)
		return fail(ctx, ERR_KEYS_UNAVAILABLE, "no master key was attached");
	TRY(sql_trail_key_list(ctx, &list));
	rows = list.items;
	keys.items = NEW_ARRAY(ctx, struct trail_key, list.count + 1);
	if (keys.items == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu audit keys", list.count);
	for (size_t i = 0; i < list.count; i++)
		if (unwrap(ctx, ring, &rows[i], seed, &keys.items[keys.count]) == OK)
			keys.count++;
	wipe(seed, sizeof seed);
	if (keys.count == 0 && list.count > 0)
		return fail(ctx, ERR_KEYS_UNAVAILABLE, "no audit key opens under this master key");
	*out = keys;
	return OK;
}

/* Two that make the same number at once: one of them fails by it. */
static enum err
key_make(struct ctx *ctx, struct keyring *ring, int64_t number)
{
	unsigned char seed[KEY_SIZE], public_key[32], wrapped[WRAP_SIZE];
	struct trail_key key;
	enum err err;

	random_bytes(seed, sizeof seed);
	ed25519_public(seed, public_key);
	key_of(public_key, ctx->now, &key);
	err = keyring_wrap(ring, place, seed, wrapped);
	wipe(seed, sizeof seed);
	TRY(err);
	return sql_trail_key_add(ctx, &(struct trail_key_add_in){ .number = number,
	                                      .id = { key.id, sizeof key.id },
	                                      .wrapped_seed = { wrapped, sizeof wrapped } });
}

enum err
trail_key_new(struct ctx *ctx, struct keyring *ring)
{
	const struct trail_key_row *rows;
	struct list list;

	TRY(sql_trail_key_list(ctx, &list));
	rows = list.items;
	return key_make(ctx, ring, list.count > 0 ? rows[list.count - 1].number + 1 : 1);
}

static enum err
rewrap(struct ctx *ctx, struct keyring *ring, const struct trail_key_row *row)
{
	unsigned char seed[KEY_SIZE], wrapped[WRAP_SIZE];
	enum err err;

	TRY(keyring_unwrap(ring, place, row->wrapped_seed, seed));
	err = keyring_wrap(ring, place, seed, wrapped);
	wipe(seed, sizeof seed);
	TRY(err);
	return sql_trail_key_replace(ctx, &(struct trail_key_replace_in){ .number = row->number,
	                                          .wrapped_seed = { wrapped, sizeof wrapped },
	                                          .old = row->wrapped_seed });
}

static enum err
each_wrap(struct ctx *ctx, struct keyring *ring, bool change, struct trail_wraps *out)
{
	const struct trail_key_row *rows;
	struct list list;

	*out = (struct trail_wraps){ .total = 0 };
	TRY(sql_trail_key_list(ctx, &list));
	rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		bool current = keyring_is_current(ring, rows[i].wrapped_seed);

		out->total++;
		out->current += current;
		if (current || !change)
			continue;
		TRY(rewrap(ctx, ring, &rows[i]));
		out->changed++;
	}
	return OK;
}

enum err
trail_keys_wraps(struct ctx *ctx, struct keyring *ring, struct trail_wraps *out)
{
	return each_wrap(ctx, ring, false, out);
}

enum err
trail_keys_rewrap(struct ctx *ctx, struct keyring *ring, struct trail_wraps *out)
{
	return each_wrap(ctx, ring, true, out);
}

enum err
trail_signer_open(struct ctx *ctx, struct keyring *ring, struct trail_signer **out)
{
	const struct trail_key_row *rows;
	struct trail_signer *s;
	struct trail_key key;
	struct list list;
	enum err err;

	TRY(sql_trail_key_list(ctx, &list));
	if (list.count == 0) {
		TRY(key_make(ctx, ring, 1));
		TRY(sql_trail_key_list(ctx, &list));
	}
	rows = list.items;
	if (list.count == 0 || (s = secret_new(sizeof *s)) == NULL)
		return fail(ctx, ERR_KEYS_UNAVAILABLE, "no audit key");
	err = unwrap(ctx, ring, &rows[list.count - 1], s->seed, &key);
	if (err != OK) {
		trail_signer_close(s);
		return err;
	}
	memcpy(s->id, key.id, sizeof s->id);
	*out = s;
	return OK;
}

void
trail_signer_close(struct trail_signer *s)
{
	secret_free(s, sizeof *s);
}

void
trail_head_sign(const struct trail_signer *s, struct trail_head *h)
{
	char bytes[TRAIL_HEAD_SIZE];

	memcpy(h->key_id, s->id, sizeof h->key_id);
	trail_head_bytes(h, bytes);
	ed25519_sign(s->seed, (struct str){ bytes, sizeof bytes }, h->signature);
}

void
trail_tomb_sign(const struct trail_signer *s, const struct trail_head *h, struct trail_tomb *t)
{
	char bytes[TRAIL_TOMB_SIZE];

	memcpy(t->key_id, s->id, sizeof t->key_id);
	trail_tomb_bytes(h, t, bytes);
	ed25519_sign(s->seed, (struct str){ bytes, sizeof bytes }, t->signature);
}

const struct trail_key *
trail_key_find(const struct trail_keys *keys, const unsigned char id[TRAIL_KEY_ID])
{
	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->items[i].id, id, TRAIL_KEY_ID) == 0)
			return &keys->items[i];
	return NULL;
}

bool
trail_head_signed(const struct trail_keys *keys, const struct trail_head *h)
{
	const struct trail_key *key = trail_key_find(keys, h->key_id);
	char bytes[TRAIL_HEAD_SIZE];

	trail_head_bytes(h, bytes);
	return key != NULL &&
	       ed25519_verify(key->public_key, (struct str){ bytes, sizeof bytes }, h->signature);
}

bool
trail_tomb_signed(const struct trail_keys *keys, const struct trail_head *h, const struct trail_tomb *t)
{
	const struct trail_key *key = trail_key_find(keys, t->key_id);
	char bytes[TRAIL_TOMB_SIZE];

	trail_tomb_bytes(h, t, bytes);
	return key != NULL &&
	       ed25519_verify(key->public_key, (struct str){ bytes, sizeof bytes }, t->signature);
}

/* ---- PEM */

/* PEM's base64 has two other digits than URLs, and is filled up to groups of four. */
enum { BASE64_SIZE = (SPKI_SIZE + 2) / 3 * 4 };
static_assert(SPKI_SIZE % 3 == 2, "one sign of filling");

static void
der_print(const unsigned char der[SPKI_SIZE], char out[static BASE64_SIZE + 1])
{
	base64url_print(der, SPKI_SIZE, out);
	for (char *p = out; *p; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	memcpy(out + BASE64_SIZE - 1, "=", 2);
}

static bool
der_parse(struct str text, unsigned char der[SPKI_SIZE])
{
	char url[BASE64_SIZE];
	size_t n;

	if (text.n != BASE64_SIZE || text.p[BASE64_SIZE - 1] != '=')
		return false;
	for (size_t i = 0; i < BASE64_SIZE - 1; i++)
		url[i] = text.p[i] == '+' ? '-' : text.p[i] == '/' ? '_' : text.p[i];
	return base64url_parse((struct str){ url, BASE64_SIZE - 1 }, der, SPKI_SIZE, &n) && n == SPKI_SIZE;
}

void
trail_keys_print(struct buf *b, const struct trail_keys *keys)
{
	unsigned char der[SPKI_SIZE];
	char text[BASE64_SIZE + 1];

	memcpy(der, spki, sizeof spki);
	for (size_t i = 0; i < keys->count; i++) {
		memcpy(der + sizeof spki, keys->items[i].public_key, 32);
		der_print(der, text);
		buf_printf(b, "%s%s\n%s", pem_begin, text, pem_end);
	}
}

static const char *
find(struct str in, const char *what)
{
	return in.n == 0 ? NULL : memmem(in.p, in.n, what, strlen(what));
}

/* Takes the next block off the text's front. */
static bool
next_block(struct str *text, struct str *block)
{
	const char *from = find(*text, pem_begin), *to;

	if (from == NULL)
		return false;
	from += sizeof pem_begin - 1;
	*text = (struct str){ from, text->n - (size_t)(from - text->p) };
	to = find(*text, pem_end);
	if (to == NULL)
		return false;
	*block = str_trim((struct str){ from, (size_t)(to - from) });
	*text = (struct str){ to, text->n - (size_t)(to - text->p) };
	return true;
}

bool
trail_keys_parse(struct arena *arena, struct str pem, struct trail_keys *out)
{
	struct trail_keys keys = { arena_take_array(arena, sizeof *keys.items, KEYS_MAX), 0 };
	unsigned char der[SPKI_SIZE];
	struct str block;

	if (keys.items == NULL)
		return false;
	while (keys.count < KEYS_MAX && next_block(&pem, &block)) {
		if (!der_parse(block, der) || memcmp(der, spki, sizeof spki) != 0)
			return false;
		key_of(der + sizeof spki, (struct instant){ 0 }, &keys.items[keys.count++]);
	}
	*out = keys;
	return keys.count > 0;
}
