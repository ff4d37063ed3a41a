/* backup_folder.c - where things rest in a base's folder. */
#include "ops/backup_folder.h"
#include "ops/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* 2026-11-30T12:00:00.123Z without what a file name should not have. */
void
folder_name(int64_t at_ms, char out[static BACKUP_NAME + 1])
{
	char text[INSTANT_TEXT + 1];
	size_t n = 0;

	instant_print((struct instant){ at_ms }, text);
	for (const char *p = text; *p; p++)
		if (*p != '-' && *p != ':')
			out[n++] = *p;
	out[n] = 0;
}

bool
folder_time(const char *name, int64_t *at_ms)
{
	char text[INSTANT_TEXT + 1], again[BACKUP_NAME + 1];
	struct instant t;

	if (strlen(name) != 20 || name[8] != 'T' || name[15] != '.')
		return false;
	snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%.5s", name, name + 4, name + 6, name + 9,
	        name + 11, name + 13, name + 15);
	if (!instant_parse(str_of(text), &t))
		return false;
	folder_name(t.ms, again);
	if (strcmp(again, name) != 0)
		return false; /* another way to write a time of ours is no name of ours */
	*at_ms = t.ms;
	return true;
}

void
segment_name(const struct segment *s, char out[static 64])
{
	snprintf(out, 64, "log-%04u-%08u-%015lld", s->generation, s->number, (long long)s->at_ms);
}

static bool
digits(const char **p, int64_t *out)
{
	size_t n = strspn(*p, "0123456789");

	if (n == 0 || !str_int((struct str){ *p, n }, out))
		return false;
	*p += n;
	return true;
}

bool
segment_parse(const char *name, struct segment *out)
{
	const char *p = name + 4;
	int64_t generation, number, at;

	if (strncmp(name, "log-", 4) != 0 || strlen(name) >= sizeof out->name)
		return false;
	if (!digits(&p, &generation) || *p++ != '-' || !digits(&p, &number) || *p++ != '-' ||
	        !digits(&p, &at) || *p || generation > UINT_MAX || number > UINT_MAX)
		return false;
	*out = (struct segment){ (unsigned)generation, (unsigned)number, at, "" };
	segment_name(out, out->name);
	return strcmp(out->name, name) == 0; /* or two names would be one segment */
}

void
folder_file(const char *folder, const char *file, char *out)
{
	snprintf(out, 128, "%.40s/%.80s", folder, file);
}

enum err
folder_put(const struct backup *b, const char *folder, const char *file, const unsigned char key[KEY_SIZE],
        int fd, uint64_t offset, uint64_t n, char *why)
{
	struct target_part part;
	char name[128];
	enum err err;

	folder_file(folder, file, name);
	TRY(target_begin(b->target, &part, why));
	err = backup_file_write(part.fd, name, key, fd, offset, n, why);
	if (err == OK)
		return target_put(b->target, &part, name, why);
	target_drop(&part);
	return err;
}

enum err
folder_get(const struct backup *b, const char *folder, const char *file, const unsigned char key[KEY_SIZE],
        int fd, char *why)
{
	char name[128];
	enum err err;
	int in;

	folder_file(folder, file, name);
	TRY(target_get(b->target, name, &in, why));
	err = backup_file_read(in, name, key, fd, why);
	close(in);
	return err;
}

/* ---- the folder's data key */

static struct str
key_place(const char *folder, char out[static 128])
{
	int n = snprintf(out, 128, "plantao backup key|%s", folder);

	return (struct str){ out, (size_t)n };
}

enum err
folder_make(const struct backup *b, const char *folder, unsigned char key[KEY_SIZE], char *why)
{
	unsigned char wrapped[WRAP_SIZE];
	char name[128], place[128];
	struct target_part part;

	random_bytes(key, KEY_SIZE);
	if (keyring_wrap(b->keys, key_place(folder, place), key, wrapped) != OK) {
		snprintf(why, 200, "the backup key cannot wrap");
		return ERR_KEYS_UNAVAILABLE;
	}
	TRY(target_begin(b->target, &part, why));
	if (write(part.fd, wrapped, sizeof wrapped) != (ssize_t)sizeof wrapped) {
		snprintf(why, 200, "cannot write a folder's key: %s", strerror(errno));
		target_drop(&part);
		return ERR_STORE_UNAVAILABLE;
	}
	folder_file(folder, "key", name);
	return target_put(b->target, &part, name, why);
}

enum err
folder_key(const struct backup *b, const char *folder, unsigned char key[KEY_SIZE], char *why)
{
	unsigned char wrapped[WRAP_SIZE];
	char name[128], place[128];
	enum err err;
	ssize_t n;
	int fd;

	folder_file(folder, "key", name);
	TRY(target_get(b->target, name, &fd, why));
	n = pread(fd, wrapped, sizeof wrapped, 0);
	close(fd);
	err = keyring_unwrap(
	        b->keys, key_place(folder, place), (struct blob){ wrapped, n > 0 ? (size_t)n : 0 }, key);
	if (err != OK)
		snprintf(why, 200, "%.150s does not open with this backup key", name);
	return err;
}

/* ---- segments */

static int
by_place(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	if (x->generation != y->generation)
		return x->generation < y->generation ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms;
}

struct looking {
	struct folder_seen *out;
	size_t room;
	bool full;
};

static void
see(void *arg, const char *name, int64_t bytes)
{
	struct looking *l = arg;
	struct segment one;

	if (strcmp(name, "base") == 0)
		l->out->base_bytes = bytes;
	if (strcmp(name, "base") == 0 || strncmp(name, "log-", 4) == 0)
		l->out->bytes += bytes;
	if (!segment_parse(name, &one) || l->full)
		return;
	if (l->out->count == l->room) {
		size_t room = l->room ? l->room * 2 : 64;
		struct segment *more = realloc(l->out->segments, room * sizeof *more);

		if ((l->full = more == NULL))
			return;
		l->out->segments = more;
		l->room = room;
	}
	l->out->segments[l->out->count++] = one;
}

enum err
folder_look(const struct backup *b, const char *folder, struct folder_seen *out, char *why)
{
	struct looking l = { .out = out };
	enum err err;

	*out = (struct folder_seen){ .base_bytes = -1 };
	err = target_list(b->target, folder, see, &l, why);
	if (err == OK && l.full) {
		snprintf(why, 200, "out of memory");
		err = ERR_BUSY;
	}
	if (err != OK) {
		free(out->segments);
		out->segments = NULL;
	} else if (out->count > 0) {
		qsort(out->segments, out->count, sizeof *out->segments, by_place);
	}
	return err;
}

/* ---- the base */

enum err
folder_base(const struct backup *b, const char *folder, const unsigned char key[KEY_SIZE],
        struct store *store, char *why)
{
	char plain[PATH_MAX], *slash;
	struct stat st;
	enum err err;
	int fd;

	snprintf(plain, sizeof plain, "%s", store_file(store));
	slash = strrchr(plain, '/');
	if (slash != NULL)
		*slash = 0;
	TRY(backup_scratch(slash ? plain : ".", folder, plain, why));
	unlink(plain);
	err = store_copy(store, plain, why);
	if (err == OK && ((fd = open(plain, O_RDONLY | O_CLOEXEC)) < 0 || fstat(fd, &st) != 0)) {
		snprintf(why, 200, "cannot read %.150s: %s", plain, strerror(errno));
		err = ERR_STORE_UNAVAILABLE;
	} else if (err == OK) {
		err = folder_put(b, folder, "base", key, fd, 0, (uint64_t)st.st_size, why);
		close(fd);
	}
	unlink(plain);
	return err;
}
