/* masters.c - several master keys in memory: the first wraps, and all unwrap
 * what carries their id, so that a rotation needs no moment where everything
 * is wrapped anew. */
#include "sys/keyring_provider.h"

enum { HEX_SIZE = 2 * KEY_SIZE };

static void
id_of(const unsigned char key[KEY_SIZE], unsigned char id[KEY_ID_SIZE])
{
	static const char label[] = "plantao master key id";
	unsigned char text[sizeof label + KEY_SIZE], hash[SHA256_SIZE];

	memcpy(text, label, sizeof label);
	memcpy(text + sizeof label, key, KEY_SIZE);
	sha256(text, sizeof text, hash);
	memcpy(id, hash, KEY_ID_SIZE);
	wipe(text, sizeof text);
}

static const struct master *
find(const struct masters *m, const unsigned char id[KEY_ID_SIZE])
{
	for (size_t i = 0; i < m->count; i++)
		if (memcmp(m->all[i].id, id, KEY_ID_SIZE) == 0)
			return &m->all[i];
	return NULL;
}

/* An empty disk block is no key. */
static bool
is_blank(const unsigned char key[KEY_SIZE])
{
	unsigned char any = 0;

	for (size_t i = 0; i < KEY_SIZE; i++)
		any |= (unsigned char)(key[i] ^ key[0]);
	return any == 0;
}

/* Makes the key already copied into the next place count. */
static const char *
add(struct masters *m)
{
	struct master *next = &m->all[m->count];

	if (is_blank(next->key))
		return "all bytes are the same: that is no key";
	id_of(next->key, next->id);
	if (find(m, next->id))
		return "holds the same key twice";
	m->count++;
	return NULL;
}

static const char *
parse_lines(struct masters *m, struct str text)
{
	const char *wrong = NULL;

	while (text.n > 0 && wrong == NULL) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;
		struct str line = str_trim((struct str){ text.p, n });
		n += end != NULL;
		text = (struct str){ text.p + n, text.n - n };
		if (line.n == 0)
			continue;
		if (m->count == MASTERS_MAX)
			return "holds more than 8 keys";
		if (line.n != HEX_SIZE || !hex_parse(line, m->all[m->count].key, KEY_SIZE))
			return "must hold 32 bytes, or lines of 64 hex digits";
		wrong = add(m);
	}
	return wrong;
}

const char *
masters_parse(struct masters *m, struct str text)
{
	const char *wrong;

	m->count = 0;
	if (text.n == KEY_SIZE) {
		memcpy(m->all[0].key, text.p, KEY_SIZE);
		wrong = add(m);
	} else
		wrong = parse_lines(m, text);
	return wrong == NULL && m->count == 0 ? "is empty" : wrong;
}

enum err
masters_wrap(const struct masters *m, struct str aad, const unsigned char key[KEY_SIZE],
        unsigned char out[WRAP_SIZE])
{
	memcpy(out, m->all[0].id, KEY_ID_SIZE);
	gcm_seal(m->all[0].key, aad, (struct str){ (const char *)key, KEY_SIZE }, out + KEY_ID_SIZE);
	return OK;
}

/* A key that we do not hold may come back with the right file; bytes that do
 * not open were changed. */
enum err
masters_unwrap(const struct masters *m, struct str aad, const unsigned char wrapped[WRAP_SIZE],
        unsigned char key[KEY_SIZE])
{
	const struct master *by = find(m, wrapped);
	unsigned char plain[KEY_SIZE];

	if (by == NULL)
		return ERR_KEYS_UNAVAILABLE;
	if (!gcm_open(by->key, aad, (struct blob){ wrapped + KEY_ID_SIZE, WRAP_SIZE - KEY_ID_SIZE }, plain))
		return ERR_INTERNAL;
	memcpy(key, plain, KEY_SIZE);
	wipe(plain, sizeof plain);
	return OK;
}
