/* keyring.c - the master key from a file of mode 0600: 32 bytes, raw or as 64 hex
 * digits.  It stays in locked memory; wrapping derives nothing from it. */
#include "sys/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/files.h"
#include "sys/log.h"

enum { KEY_ID = 8, FILE_MAX = 2 * KEY_SIZE + 1 };

struct keyring {
	unsigned char key[KEY_SIZE], id[KEY_ID];
	char path[];
};

static size_t
whole_pages(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + page - 1) / page * page;
}

void *
secret_new(size_t n)
{
	void *p = mmap(NULL, whole_pages(n), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (mlock(p, n) != 0)
		log_event(EV_MLOCK, { "bytes", LOG_I(n) });
	(void)madvise(p, whole_pages(n), MADV_DONTDUMP);
	return p;
}

void
secret_free(void *p, size_t n)
{
	if (p == NULL)
		return;
	wipe(p, n);
	munmap(p, whole_pages(n));
}

/* What names the key without telling anything of it. */
static void
key_id(const unsigned char key[KEY_SIZE], unsigned char id[KEY_ID])
{
	unsigned char derived[KEY_SIZE];

	hkdf_sha256(key, "plantao master key id v1", derived);
	memcpy(id, derived, KEY_ID);
}

static bool
key_parse(const char *bytes, size_t n, unsigned char key[KEY_SIZE])
{
	if (n == KEY_SIZE) {
		memcpy(key, bytes, KEY_SIZE);
		return true;
	}
	if (n == 2 * KEY_SIZE + 1 && bytes[n - 1] == '\n')
		n--;
	return n == 2 * KEY_SIZE && hex_parse((struct str){ bytes, n }, key, KEY_SIZE);
}

static enum err
file_key(const char *path, unsigned char key[KEY_SIZE], char *why)
{
	char bytes[FILE_MAX];
	struct stat st;
	size_t n;
	bool good;

	TRY(file_read_into(path, bytes, sizeof bytes, &n, why));
	good = key_parse(bytes, n, key);
	wipe(bytes, sizeof bytes);
	if (!good) {
		snprintf(why, WHY_SIZE, "%.120s: not a key: 32 bytes or 64 hex digits are needed", path);
		return ERR_KEYS_UNAVAILABLE;
	}
	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0) {
		snprintf(why, WHY_SIZE, "%.120s: mode %03o lets others read the master key: 0600 is needed",
		        path, (unsigned)st.st_mode & 0777);
		return ERR_KEYS_UNAVAILABLE;
	}
	return OK;
}

enum err
keyring_open_file(const char *path, struct keyring **out, char *why)
{
	size_t n = strlen(path) + 1;
	struct keyring *k = secret_new(sizeof *k + n);
	enum err err;

	if (k == NULL) {
		snprintf(why, WHY_SIZE, "out of memory");
		return ERR_KEYS_UNAVAILABLE;
	}
	memcpy(k->path, path, n);
	err = file_key(path, k->key, why);
	if (err != OK) {
		secret_free(k, sizeof *k + n);
		return err;
	}
	key_id(k->key, k->id);
	*out = k;
	return OK;
}

enum err
keyring_make_file(const char *path, char *why)
{
	unsigned char key[KEY_SIZE];
	enum err err;

	random_bytes(key, sizeof key);
	err = file_create(path, key, sizeof key, 0600, why);
	wipe(key, sizeof key);
	return err;
}

void
keyring_close(struct keyring *k)
{
	if (k != NULL)
		secret_free(k, sizeof *k + strlen(k->path) + 1);
}

enum err
keyring_wrap(
        struct keyring *k, struct str aad, const unsigned char key[KEY_SIZE], unsigned char out[WRAP_SIZE])
{
	memcpy(out, k->id, KEY_ID);
	gcm_seal(k->key, aad, (struct str){ (const char *)key, KEY_SIZE }, out + KEY_ID);
	return OK;
}

enum err
keyring_unwrap(struct keyring *k, struct str aad, struct blob wrapped, unsigned char key[KEY_SIZE])
{
	if (wrapped.n != WRAP_SIZE || memcmp(wrapped.p, k->id, KEY_ID) != 0)
		return ERR_KEYS_UNAVAILABLE;
	if (!gcm_open(k->key, aad, (struct blob){ wrapped.p + KEY_ID, wrapped.n - KEY_ID }, key))
		return ERR_KEYS_UNAVAILABLE;
	return OK;
}

bool
keyring_healthy(struct keyring *k)
{
	unsigned char key[KEY_SIZE];
	char why[WHY_SIZE];
	bool same = file_key(k->path, key, why) == OK && equal_secret(key, k->key, KEY_SIZE);

	wipe(key, sizeof key);
	return same;
}
