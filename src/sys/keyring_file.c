/* keyring_file.c - master keys in a file that its owner alone may read, or in a
 * credential that systemd hands to the service.  The file is read once;
 * keyring_healthy reads it again, because a file that is gone is found out
 * best while the server still holds its keys. */
#include "sys/keyring_provider.h"

#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_SIZE = 2 * KEY_SIZE + 1, TEXT_MAX = 2 * MASTERS_MAX * LINE_SIZE };

/* All of it in locked memory. */
struct file {
	struct masters masters;
	struct masters again; /* the file read once more */
	pthread_mutex_t checking;
	pthread_rwlock_t guard; /* of masters: replaced when the file has got a newer key */
	size_t n;
	char text[TEXT_MAX]; /* the file's bytes, while they are looked at */
	char path[PATH_MAX];
};

static enum err
refuse_private(const char *kind, const char *path, const char *what, char *why)
{
	snprintf(why, WHY_SIZE, "%s %.110s: %s", kind, path, what);
	return ERR_KEYS_UNAVAILABLE;
}

static const char KIND[] = "master key";

static enum err
refuse(const char *path, const char *what, char *why)
{
	return refuse_private(KIND, path, what, why);
}

/* systemd keeps a service's credentials in memory behind a directory that only
 * the service may enter; the files there are root's, readable by ACL. */
static bool
is_credential(const char *path)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	size_t n = dir ? strlen(dir) : 0;

	return n > 1 && strncmp(path, dir, n) == 0 && path[n] == '/' && strchr(path + n + 1, '/') == NULL;
}

static const char *
wrong_with(const char *path, const struct stat *st)
{
	unsigned mode = st->st_mode & 07777;

	if (!S_ISREG(st->st_mode))
		return "is not a file";
	if (is_credential(path))
		return mode & 0337 ? "must be a credential of mode 0440 or 0400" : NULL;
	if (st->st_uid != geteuid())
		return "belongs to another user";
	return mode == 0600 || mode == 0400 ? NULL : "must have mode 0600 or 0400";
}

static int
open_directly(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static int (*_Atomic open_key)(const char *path) = open_directly;

void
keyring_open_with(int (*by)(const char *path))
{
	atomic_store(&open_key, by ? by : open_directly);
}

/* Checks what was opened, not the name: nobody can put another file between. */
static enum err
open_private(const char *kind, const char *path, int *fd, char *why)
{
	struct stat st;
	char reason[64];

	*fd = atomic_load(&open_key)(path);
	if (*fd < 0)
		return refuse_private(kind, path, strerror_r(errno, reason, sizeof reason), why);
	const char *wrong = fstat(*fd, &st) == 0 ? wrong_with(path, &st) : "cannot be looked at";
	if (wrong == NULL)
		return OK;
	close(*fd);
	return refuse_private(kind, path, wrong, why);
}

enum err
private_read(const char *kind, const char *path, char *out, size_t room, size_t *n, char *why)
{
	int fd;

	TRY(open_private(kind, path, &fd, why));
	ssize_t got = read(fd, out, room);
	close(fd);
	const char *wrong = got < 0 ? "cannot be read" : got == (ssize_t)room ? "is too large" : NULL;
	if (wrong != NULL) {
		wipe(out, room);
		return refuse_private(kind, path, wrong, why);
	}
	*n = (size_t)got;
	return OK;
}

static enum err
read_masters(struct file *f, struct masters *out, char *why)
{
	size_t n;

	TRY(private_read(KIND, f->path, f->text, sizeof f->text, &n, why));
	const char *wrong = masters_parse(out, (struct str){ f->text, n });
	wipe(f->text, sizeof f->text);
	return wrong ? refuse(f->path, wrong, why) : OK;
}

static enum err
wrap(void *self, struct str aad, const unsigned char key[KEY_SIZE], unsigned char out[WRAP_SIZE])
{
	struct file *f = self;

	pthread_rwlock_rdlock(&f->guard);
	enum err e = masters_wrap(&f->masters, aad, key, out);
	pthread_rwlock_unlock(&f->guard);
	return e;
}

static enum err
try_unwrap(
        struct file *f, struct str aad, const unsigned char wrapped[WRAP_SIZE], unsigned char key[KEY_SIZE])
{
	pthread_rwlock_rdlock(&f->guard);
	enum err e = masters_unwrap(&f->masters, aad, wrapped, key);
	pthread_rwlock_unlock(&f->guard);
	return e;
}

/* A rotation elsewhere has put a newer key into the file: take it up while running. */
static void
reload(struct file *f)
{
	char why[WHY_SIZE];

	pthread_mutex_lock(&f->checking);
	if (read_masters(f, &f->again, why) == OK) {
		pthread_rwlock_wrlock(&f->guard);
		f->masters = f->again;
		pthread_rwlock_unlock(&f->guard);
	}
	wipe(&f->again, sizeof f->again);
	pthread_mutex_unlock(&f->checking);
}

static enum err
unwrap(void *self, struct str aad, const unsigned char wrapped[WRAP_SIZE], unsigned char key[KEY_SIZE])
{
	struct file *f = self;
	enum err e = try_unwrap(f, aad, wrapped, key);

	if (e != ERR_KEYS_UNAVAILABLE)
		return e;
	reload(f);
	return try_unwrap(f, aad, wrapped, key);
}

static void
current(void *self, unsigned char id[KEY_ID_SIZE])
{
	struct file *f = self;

	pthread_rwlock_rdlock(&f->guard);
	memcpy(id, f->masters.all[0].id, KEY_ID_SIZE);
	pthread_rwlock_unlock(&f->guard);
}

/* The file may have got a newer key meanwhile; ours must still be among them. */
static bool
healthy(void *self)
{
	struct file *f = self;
	char why[WHY_SIZE];
	bool found = false;

	pthread_mutex_lock(&f->checking);
	if (read_masters(f, &f->again, why) == OK)
		for (size_t i = 0; i < f->again.count; i++)
			found |= equal_secret(f->again.all[i].key, f->masters.all[0].key, KEY_SIZE);
	wipe(&f->again, sizeof f->again);
	pthread_mutex_unlock(&f->checking);
	return found;
}

static void
file_close(void *self)
{
	struct file *f = self;

	pthread_mutex_destroy(&f->checking);
	pthread_rwlock_destroy(&f->guard);
	secret_free(f, sizeof *f);
}

static const struct keyring_provider provider = { "file", wrap, unwrap, current, healthy, file_close };

enum err
keyring_open_file(const char *path, struct keyring **out, char *why)
{
	struct file *f = secret_new(sizeof *f);

	if (f == NULL)
		return refuse(path, "there is no memory for it", why);
	pthread_mutex_init(&f->checking, NULL);
	pthread_rwlock_init(&f->guard, NULL);
	snprintf(f->path, sizeof f->path, "%s", path);
	enum err e = read_masters(f, &f->masters, why);
	if (e != OK) {
		file_close(f);
		return e;
	}
	e = keyring_open(&provider, f, out);
	return e == OK ? OK : refuse(path, "there is no memory for it", why);
}

/* A new key as a line of hex: a person can copy it into a safe. */
static void
make_line(char line[LINE_SIZE + 1])
{
	unsigned char key[KEY_SIZE];

	random_bytes(key, sizeof key);
	hex_print(key, sizeof key, line);
	memcpy(line + LINE_SIZE - 1, "\n", 2);
	wipe(key, sizeof key);
}

enum err
keyring_make_file(const char *path, char *why)
{
	char line[LINE_SIZE + 1];

	make_line(line);
	enum err e = file_create(path, line, LINE_SIZE, 0600, why);
	wipe(line, sizeof line);
	return e;
}

/* The new text of the file: a new key, then those that it holds, at most MASTERS_MAX. */
static enum err
prepend_key(struct file *f, char *why)
{
	TRY(read_masters(f, &f->masters, why));
	if (f->masters.count == MASTERS_MAX)
		return refuse(f->path, "holds 8 keys: take out those that nothing is wrapped under", why);
	make_line(f->text);
	f->n = LINE_SIZE;
	for (size_t i = 0; i < f->masters.count; i++, f->n += LINE_SIZE) {
		hex_print(f->masters.all[i].key, KEY_SIZE, f->text + f->n);
		f->text[f->n + LINE_SIZE - 1] = '\n';
	}
	return OK;
}

enum err
keyring_rotate_file(const char *path, char *why)
{
	struct file *f = secret_new(sizeof *f);

	if (f == NULL)
		return refuse(path, "there is no memory for it", why);
	snprintf(f->path, sizeof f->path, "%s", path);
	enum err e = prepend_key(f, why);
	if (e == OK)
		e = file_write(path, f->text, f->n, 0600, why);
	secret_free(f, sizeof *f);
	return e;
}
