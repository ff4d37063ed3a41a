/* keyring_vault.c - the master key in HashiCorp Vault or OpenBao: their transit engine
 * wraps and unwraps and never gives the key away.
 *
 * A wrapped key is Vault's ciphertext "vault:vN:BASE64" in our shape: 4 bytes of the
 * key's name, N in 4 bytes, our version byte, then its 60 bytes of nonce, text and tag.
 * What was opened once stays in locked memory, so that charts wait for no network and a
 * Vault that is gone while the server runs stops nobody who works already; a thread
 * looks whether it still answers.  The request's and answer's own buffers inside libcurl
 * are neither locked nor wiped.
 * API: https://developer.hashicorp.com/vault/api-docs/secret/transit */
#include "sys/keyring_conf.h"
#include "sys/keyring_provider.h"

#include "base/json.h"
#include "sys/client.h"
#include "sys/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	NAME_HASH = 4,
	TEXT_AT = KEY_ID_SIZE + 1, /* behind it Vault's own bytes */
	TEXT_SIZE = WRAP_SIZE - TEXT_AT,
	B64_MAX = 512,
	TOKEN_MAX = 4096,
	ANSWER_MAX = 64 << 10,
	ARENA = 1 << 20,
	HELD_MAX = 256,
	VERSION_MAX = 100000000
};

/* Opened for one place only: the place is as much a part of it as the bytes. */
struct held {
	unsigned char place[SHA256_SIZE], wrapped[WRAP_SIZE], key[KEY_SIZE];
};

/* All of it in locked memory. */
struct vault {
	const struct conf *conf;
	char base[640]; /* ADDRESS/v1/MOUNT */
	const char *name;
	unsigned char name_hash[NAME_HASH];
	atomic_uint version; /* of the key, the newest */
	atomic_bool fine;
	pthread_mutex_t lock; /* of what stands below */
	pthread_cond_t wake;
	pthread_t thread;
	bool running, stop;
	size_t held_count, held_next;
	struct held held[HELD_MAX];
};

/* ---- one call */

static const char *
words_of(int status)
{
	switch (status) {
	case 400: return "the request was refused (400)";
	case 403:
		return "permission denied (403): the token has expired, was revoked, or its policy lacks "
		       "this path";
	case 404: return "there is no such key or mount (404)";
	case 429:
	case 472:
	case 473: return "it is a standby that does not answer (429)";
	case 503: return "it is sealed or in maintenance (503)";
	default: return "an unexpected status";
	}
}

static enum err
error_of(int status)
{
	return status == 400 ? ERR_INTERNAL : ERR_KEYS_UNAVAILABLE;
}

static enum err
token_header(const struct vault *v, char *out, size_t room, char *why)
{
	static const char label[] = "X-Vault-Token: ";
	size_t n, at = sizeof label - 1;

	memcpy(out, label, at);
	TRY(private_read("Vault token", v->conf->vault_token_file, out + at, room - at, &n, why));
	while (n > 0 && strchr("\r\n ", out[at + n - 1]) != NULL)
		n--;
	out[at + n] = 0;
	return OK;
}

/* The answer's "data", in the arena; absent for an answer without a body. */
static enum err
call(const struct vault *v, const char *method, const char *path, struct str body, struct arena *arena,
        const struct json_node **data, char *why)
{
	char url[1024], token[TOKEN_MAX + 64], reason[WHY_SIZE];
	const char *headers[] = { token, "X-Vault-Request: true", NULL };
	struct client_call c = { .method = method,
		.url = url,
		.body = body,
		.headers = headers,
		.ca_file = v->conf->vault_ca_file,
		.timeout_ms = (int)v->conf->vault_timeout_ms };
	const struct json_node *root = NULL;
	struct buf answer;
	int status = 0;
	enum err err;

	snprintf(url, sizeof url, "%s/%s/%s", v->base, path, v->name);
	TRY(token_header(v, token, sizeof token, why));
	buf_init(&answer, ANSWER_MAX);
	err = client_run(&c, &answer, &status, reason);
	wipe(token, sizeof token);
	if (err != OK || status / 100 != 2) {
		snprintf(why, WHY_SIZE, "Vault at %.60s: %.120s", v->conf->vault_address,
		        err != OK ? reason : words_of(status));
		err = err != OK ? ERR_KEYS_UNAVAILABLE : error_of(status);
	} else if (answer.n > 0 && json_tree_read(arena, buf_view(&answer), &root, reason) != OK) {
		snprintf(why, WHY_SIZE, "Vault at %.60s: its answer is not JSON", v->conf->vault_address);
		err = ERR_KEYS_UNAVAILABLE;
	}
	if (answer.n > 0)
		wipe(answer.p, answer.n);
	buf_free(&answer);
	*data = node_member(root, "data");
	return err;
}

/* The text of a member is gone from memory after its use. */
static void
forget(struct str s)
{
	if (s.n > 0)
		wipe((void *)(uintptr_t)s.p, s.n);
}

/* ---- wrapping */

static void
id_of(const struct vault *v, unsigned version, unsigned char id[KEY_ID_SIZE])
{
	memcpy(id, v->name_hash, NAME_HASH);
	for (int i = 0; i < 4; i++)
		id[NAME_HASH + i] = (unsigned char)(version >> (24 - 8 * i));
}

static unsigned
version_of(const unsigned char *wrapped)
{
	unsigned version = 0;

	for (int i = 0; i < 4; i++)
		version = version << 8 | wrapped[NAME_HASH + i];
	return version;
}

/* "vault:v3:BASE64" into our shape. */
static bool
take_ciphertext(const struct vault *v, struct str text, unsigned char out[WRAP_SIZE])
{
	unsigned version = 0;
	size_t at = 7, n;

	if (!str_starts(text, "vault:v"))
		return false;
	for (; at < text.n && text.p[at] >= '0' && text.p[at] <= '9' && version < VERSION_MAX; at++)
		version = version * 10 + (unsigned)(text.p[at] - '0');
	if (version == 0 || at >= text.n || text.p[at] != ':')
		return false;
	id_of(v, version, out);
	out[KEY_ID_SIZE] = 1;
	return base64_parse((struct str){ text.p + at + 1, text.n - at - 1 }, out + TEXT_AT, TEXT_SIZE, &n) &&
	       n == TEXT_SIZE;
}

static bool
body_of(struct buf *b, const char *member, const char *text, struct str aad)
{
	char where[B64_MAX];

	if (aad.n > B64_MAX / 4 * 3 - 3)
		return false;
	base64_print(aad.p, aad.n, where);
	buf_printf(b, "{\"%s\":\"%s\",\"associated_data\":\"%s\"}", member, text, where);
	return !buf_failed(b);
}

static void
hold(struct vault *v, struct str aad, const unsigned char wrapped[WRAP_SIZE],
        const unsigned char key[KEY_SIZE])
{
	unsigned char place[SHA256_SIZE];

	sha256(aad.p, aad.n, place);
	pthread_mutex_lock(&v->lock);
	struct held *h = &v->held[v->held_next];
	v->held_next = (v->held_next + 1) % HELD_MAX;
	v->held_count += v->held_count < HELD_MAX;
	memcpy(h->place, place, sizeof place);
	memcpy(h->wrapped, wrapped, WRAP_SIZE);
	memcpy(h->key, key, KEY_SIZE);
	pthread_mutex_unlock(&v->lock);
}

static bool
find_held(
        struct vault *v, struct str aad, const unsigned char wrapped[WRAP_SIZE], unsigned char key[KEY_SIZE])
{
	unsigned char place[SHA256_SIZE];
	bool found = false;

	sha256(aad.p, aad.n, place);
	pthread_mutex_lock(&v->lock);
	for (size_t i = 0; i < v->held_count && !found; i++)
		if (memcmp(v->held[i].wrapped, wrapped, WRAP_SIZE) == 0 &&
		        memcmp(v->held[i].place, place, sizeof place) == 0) {
			memcpy(key, v->held[i].key, KEY_SIZE);
			found = true;
		}
	pthread_mutex_unlock(&v->lock);
	return found;
}

static enum err
encrypt(struct vault *v, struct str aad, const unsigned char key[KEY_SIZE], unsigned char out[WRAP_SIZE],
        struct arena *arena, char *why)
{
	char text[B64_MAX];
	unsigned char wrapped[WRAP_SIZE];
	const struct json_node *data;
	struct buf b;
	enum err err = ERR_INTERNAL;

	buf_init(&b, 4096);
	base64_print(key, KEY_SIZE, text);
	if (body_of(&b, "plaintext", text, aad))
		err = call(v, "POST", "encrypt", buf_view(&b), arena, &data, why);
	wipe(text, sizeof text);
	if (b.n > 0)
		wipe(b.p, b.n);
	buf_free(&b);
	if (err != OK)
		return err;
	if (!take_ciphertext(v, node_text(node_member(data, "ciphertext")), wrapped)) {
		snprintf(why, WHY_SIZE,
		        "Vault: a ciphertext of an unknown form; the key must be aes256-gcm96");
		return ERR_KEYS_UNAVAILABLE;
	}
	memcpy(out, wrapped, WRAP_SIZE);
	return OK;
}

static enum err
decrypt(struct vault *v, struct str aad, const unsigned char wrapped[WRAP_SIZE], unsigned char key[KEY_SIZE],
        struct arena *arena, char *why)
{
	char text[B64_MAX] = "", full[B64_MAX + 32];
	unsigned char plain[KEY_SIZE + 1];
	const struct json_node *data = NULL;
	struct str said;
	struct buf b;
	size_t n = 0;
	enum err err = ERR_INTERNAL;

	buf_init(&b, 4096);
	base64_print(wrapped + TEXT_AT, TEXT_SIZE, text);
	snprintf(full, sizeof full, "vault:v%u:%s", version_of(wrapped), text);
	if (body_of(&b, "ciphertext", full, aad))
		err = call(v, "POST", "decrypt", buf_view(&b), arena, &data, why);
	buf_free(&b);
	if (err != OK)
		return err;
	said = node_text(node_member(data, "plaintext"));
	bool fine = str_is_set(said) && base64_parse(said, plain, sizeof plain, &n) && n == KEY_SIZE;
	forget(said);
	if (fine)
		memcpy(key, plain, KEY_SIZE);
	wipe(plain, sizeof plain);
	return fine ? OK : ERR_INTERNAL;
}

/* ---- the provider */

static enum err
vault_wrap(void *self, struct str aad, const unsigned char key[KEY_SIZE], unsigned char out[WRAP_SIZE])
{
	struct arena *arena = arena_new(ARENA);
	struct vault *v = self;
	char why[WHY_SIZE];
	enum err err = arena ? encrypt(v, aad, key, out, arena, why) : ERR_KEYS_UNAVAILABLE;

	arena_free(arena);
	if (err != OK)
		return ERR_KEYS_UNAVAILABLE;
	hold(v, aad, out, key);
	if (version_of(out) > atomic_load(&v->version))
		atomic_store(&v->version, version_of(out));
	return OK;
}

static enum err
vault_unwrap(void *self, struct str aad, const unsigned char wrapped[WRAP_SIZE], unsigned char key[KEY_SIZE])
{
	struct vault *v = self;
	struct arena *arena;
	char why[WHY_SIZE];
	enum err err;

	if (memcmp(wrapped, v->name_hash, NAME_HASH) != 0)
		return ERR_KEYS_UNAVAILABLE;
	if (find_held(v, aad, wrapped, key))
		return OK;
	if ((arena = arena_new(ARENA)) == NULL)
		return ERR_KEYS_UNAVAILABLE;
	err = decrypt(v, aad, wrapped, key, arena, why);
	arena_free(arena);
	if (err == OK)
		hold(v, aad, wrapped, key);
	return err;
}

static void
vault_current(void *self, unsigned char id[KEY_ID_SIZE])
{
	struct vault *v = self;

	id_of(v, atomic_load(&v->version), id);
}

/* Is the key there, of the right kind, and at which version? */
static enum err
look(struct vault *v, char *why)
{
	struct arena *arena = arena_new(ARENA);
	const struct json_node *data = NULL;
	double version = 0;
	enum err err = ERR_KEYS_UNAVAILABLE;

	if (arena == NULL) {
		snprintf(why, WHY_SIZE, "no memory");
		return err;
	}
	err = call(v, "GET", "keys", (struct str){ 0 }, arena, &data, why);
	if (err == OK && (!str_is(node_text(node_member(data, "type")), "aes256-gcm96") ||
	                         node_true(node_member(data, "derived")) ||
	                         !node_number(node_member(data, "latest_version"), &version))) {
		snprintf(why, WHY_SIZE, "Vault key %.80s: must be aes256-gcm96 and not derived",
		        v->conf->vault_key);
		err = ERR_KEYS_UNAVAILABLE;
	} else if (err == OK && !(version >= 1 && version < VERSION_MAX)) {
		snprintf(why, WHY_SIZE, "Vault key %.80s: its version is no number from 1 on",
		        v->conf->vault_key);
		err = ERR_KEYS_UNAVAILABLE;
	}
	if (err == OK)
		atomic_store(&v->version, (unsigned)version);
	arena_free(arena);
	return err;
}

static bool
wait_or_stop(struct vault *v)
{
	struct timespec until;
	int64_t ms = v->conf->vault_check_ms;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&v->lock);
	while (!v->stop && pthread_cond_timedwait(&v->wake, &v->lock, &until) != ETIMEDOUT)
		;
	stop = v->stop;
	pthread_mutex_unlock(&v->lock);
	return stop;
}

static void *
watch(void *arg)
{
	struct vault *v = arg;
	char why[WHY_SIZE];

	while (!wait_or_stop(v))
		atomic_store(&v->fine, look(v, why) == OK);
	return NULL;
}

/* The looking begins with the first question: a server confines itself before it has
 * threads, and asks after that. */
static bool
vault_healthy(void *self)
{
	struct vault *v = self;

	pthread_mutex_lock(&v->lock);
	if (!v->running)
		v->running = pthread_create(&v->thread, NULL, watch, v) == 0;
	pthread_mutex_unlock(&v->lock);
	return atomic_load(&v->fine);
}

static void
vault_close(void *self)
{
	struct vault *v = self;

	if (v->running) {
		pthread_mutex_lock(&v->lock);
		v->stop = true;
		pthread_mutex_unlock(&v->lock);
		pthread_cond_signal(&v->wake);
		pthread_join(v->thread, NULL);
	}
	pthread_cond_destroy(&v->wake);
	pthread_mutex_destroy(&v->lock);
	secret_free(v, sizeof *v);
}

static const struct keyring_provider provider = { "vault", vault_wrap, vault_unwrap, vault_current,
	vault_healthy, vault_close };

/* Both halves of the policy, before anything depends on them. */
static enum err
round_trip(struct vault *v, char *why)
{
	static const struct str aad = { "plantao start", 13 };
	unsigned char key[KEY_SIZE], back[KEY_SIZE], wrapped[WRAP_SIZE];
	struct arena *arena = arena_new(ARENA);
	enum err err = arena ? OK : ERR_KEYS_UNAVAILABLE;

	snprintf(why, WHY_SIZE, "Vault: what was encrypted does not come back");
	random_bytes(key, sizeof key);
	if (err == OK)
		err = encrypt(v, aad, key, wrapped, arena, why);
	if (err == OK)
		err = decrypt(v, aad, wrapped, back, arena, why);
	if (err == OK && !equal_secret(key, back, KEY_SIZE))
		err = ERR_KEYS_UNAVAILABLE;
	arena_free(arena);
	return err == OK ? OK : ERR_KEYS_UNAVAILABLE;
}

static struct vault *
vault_new(const struct conf *conf)
{
	struct vault *v = secret_new(sizeof *v);
	unsigned char hash[SHA256_SIZE];
	size_t mount = strcspn(conf->vault_key, "/");

	if (v == NULL)
		return NULL;
	v->conf = conf;
	v->name = conf->vault_key + mount + 1;
	snprintf(v->base, sizeof v->base, "%.400s/v1/%.*s", conf->vault_address, (int)mount, conf->vault_key);
	sha256(conf->vault_key, strlen(conf->vault_key), hash);
	memcpy(v->name_hash, hash, NAME_HASH);
	atomic_store(&v->fine, true);
	pthread_mutex_init(&v->lock, NULL);
	pthread_cond_init(&v->wake, NULL);
	return v;
}

enum err
keyring_open_vault(const struct conf *conf, struct keyring **out, char *why)
{
	struct vault *v = vault_new(conf);
	enum err err;

	if (v == NULL) {
		snprintf(why, WHY_SIZE, "no memory");
		return ERR_KEYS_UNAVAILABLE;
	}
	err = look(v, why);
	if (err == OK)
		err = round_trip(v, why);
	if (err != OK) {
		vault_close(v);
		return ERR_KEYS_UNAVAILABLE;
	}
	return keyring_open(&provider, v, out);
}

static enum err
change(const struct conf *conf, const char *path, const char *suffix, char *why)
{
	struct vault *v = vault_new(conf);
	struct arena *arena = arena_new(ARENA);
	const struct json_node *data;
	char name[256];
	enum err err = ERR_KEYS_UNAVAILABLE;

	if (v != NULL && arena != NULL) {
		snprintf(name, sizeof name, "%s%s", v->name, suffix);
		v->name = name;
		err = call(v, "POST", path, STR("{\"type\":\"aes256-gcm96\"}"), arena, &data, why);
	}
	arena_free(arena);
	if (v != NULL)
		vault_close(v);
	return err == OK ? OK : ERR_KEYS_UNAVAILABLE;
}

enum err
keyring_make_vault(const struct conf *conf, char *why)
{
	return change(conf, "keys", "", why);
}

enum err
keyring_rotate_vault(const struct conf *conf, char *why)
{
	return change(conf, "keys", "/rotate", why);
}
