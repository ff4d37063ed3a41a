/* backup_folder.c - where things rest in a base's folder. */
#include "ops/backup_folder.h"
#include "ops/backup_file.h"
#include "sys/files.h"

#include <dirent.h>
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
	char text[INSTANT_TEXT + 1];
	struct instant t;

	if (strlen(name) != 20 || name[8] != 'T' || name[15] != '.')
		return false;
	snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%.5s", name, name + 4, name + 6, name + 9,
	        name + 11, name + 13, name + 15);
	if (!instant_parse(str_of(text), &t))
		return false;
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
	        !digits(&p, &at) || *p)
		return false;
	*out = (struct segment){ (unsigned)generation, (unsigned)number, at, "" };
	snprintf(out->name, sizeof out->name, "%s", name);
	return true;
}

void
folder_path(const struct backup *b, const char *folder, const char *file, char *out)
{
	snprintf(out, PATH_MAX, "%s/%s%s%s", b->dir, folder, file[0] ? "/" : "", file);
}

void
folder_bound(const char *folder, const char *file, char *out)
{
	snprintf(out, 128, "%s/%s", folder, file);
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
	char path[PATH_MAX], place[128];
	enum err err;

	folder_path(b, folder, "", path);
	TRY(file_make_dir(path, 0700, why));
	random_bytes(key, KEY_SIZE);
	err = keyring_wrap(b->keys, key_place(folder, place), key, wrapped);
	if (err != OK) {
		snprintf(why, 200, "the backup key cannot wrap");
		return err;
	}
	folder_path(b, folder, "key", path);
	return file_create(path, wrapped, sizeof wrapped, 0600, why);
}

enum err
folder_key(const struct backup *b, const char *folder, unsigned char key[KEY_SIZE], char *why)
{
	unsigned char wrapped[WRAP_SIZE];
	char path[PATH_MAX], place[128];
	enum err err;
	size_t n;

	folder_path(b, folder, "key", path);
	TRY(file_read_into(path, wrapped, sizeof wrapped, &n, why));
	err = keyring_unwrap(b->keys, key_place(folder, place), (struct blob){ wrapped, n }, key);
	if (err != OK)
		snprintf(why, 200, "%.150s does not open with this backup key", path);
	return err;
}

/* ---- segments */

static int
by_place(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	if (x->generation != y->generation)
		return x->generation < y->generation ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

enum err
folder_segments(const struct backup *b, const char *folder, struct segment **out, size_t *count, char *why)
{
	struct segment *all = NULL, one;
	size_t n = 0, room = 0;
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	folder_path(b, folder, "", path);
	if ((d = opendir(path)) == NULL) {
		snprintf(why, 200, "cannot open %.150s: %s", path, strerror(errno));
		return ERR_STORE_UNAVAILABLE;
	}
	while ((e = readdir(d)) != NULL) {
		if (!segment_parse(e->d_name, &one))
			continue;
		if (n == room) {
			struct segment *more = realloc(all, (room = room ? room * 2 : 64) * sizeof *all);

			if (more == NULL)
				break;
			all = more;
		}
		all[n++] = one;
	}
	closedir(d);
	if (n > 0)
		qsort(all, n, sizeof *all, by_place);
	*out = all;
	*count = n;
	return OK;
}

/* ---- the base */

enum err
folder_base(const struct backup *b, const char *folder, const unsigned char key[KEY_SIZE],
        struct store *store, char *why)
{
	char plain[PATH_MAX], path[PATH_MAX], bound[128];
	struct stat st;
	enum err err;
	int fd;

	snprintf(plain, sizeof plain, "%s.copy-%s", store_file(store), folder);
	unlink(plain);
	err = store_copy(store, plain, why);
	if (err == OK && ((fd = open(plain, O_RDONLY | O_CLOEXEC)) < 0 || fstat(fd, &st) != 0)) {
		snprintf(why, 200, "cannot read %.150s: %s", plain, strerror(errno));
		err = ERR_STORE_UNAVAILABLE;
	} else if (err == OK) {
		folder_path(b, folder, "base", path);
		folder_bound(folder, "base", bound);
		err = backup_file_write(path, bound, key, fd, 0, (uint64_t)st.st_size, why);
		close(fd);
	}
	unlink(plain);
	return err;
}
