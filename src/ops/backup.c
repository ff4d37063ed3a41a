/* backup.c - listing, taking, restoring and pruning backups of the embedded database. */
#include "ops/backup_folder.h"
#include "ops/backup_file.h"
#include "ops/wal.h"
#include "sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t DAY_MS = 86400000;

const char *
backup_key_path(const struct conf *conf)
{
	return conf->backup_key_file[0] ? conf->backup_key_file : conf_path(conf, "backup.key");
}

enum err
backup_open(const struct conf *conf, struct backup *out, char *why)
{
	if (conf->backup_dir[0] == 0) {
		snprintf(why, 200, "backup_dir is not set: where backups rest");
		return ERR_NOT_FOUND;
	}
	out->dir = conf->backup_dir;
	TRY(file_make_dir(out->dir, 0700, why));
	return keyring_open_file(backup_key_path(conf), &out->keys, why);
}

void
backup_close(struct backup *b)
{
	keyring_close(b->keys);
	b->keys = NULL;
}

/* ---- list */

static int64_t
size_of(const struct backup *b, const char *folder, const char *file)
{
	char path[PATH_MAX];
	struct stat st;

	folder_path(b, folder, file, path);
	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static bool
look_at(const struct backup *b, const char *folder, struct backup_base *out)
{
	struct segment *all = NULL;
	size_t n = 0;
	char why[200];
	int64_t base = size_of(b, folder, "base");

	*out = (struct backup_base){ .bytes = base };
	if (base < 0 || !folder_time(folder, &out->at_ms))
		return false; /* a base that was never finished is none */
	snprintf(out->name, sizeof out->name, "%.*s", BACKUP_NAME, folder);
	out->last_ms = out->at_ms;
	if (folder_segments(b, folder, &all, &n, why) != OK)
		return false;
	for (size_t i = 0; i < n; i++) {
		out->bytes += size_of(b, folder, all[i].name);
		if (all[i].at_ms > out->last_ms)
			out->last_ms = all[i].at_ms;
	}
	out->segments = (unsigned)n;
	free(all);
	return true;
}

static int
newest_first(const void *a, const void *b)
{
	return strcmp(((const struct backup_base *)b)->name, ((const struct backup_base *)a)->name);
}

enum err
backup_list(const struct backup *b, struct backup_base *out, size_t *count, char *why)
{
	DIR *d = opendir(b->dir);
	struct dirent *e;

	*count = 0;
	if (d == NULL) {
		snprintf(why, 200, "cannot open %.150s: %s", b->dir, strerror(errno));
		return ERR_STORE_UNAVAILABLE;
	}
	while (*count < BACKUPS_MAX && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && look_at(b, e->d_name, &out[*count]))
			(*count)++;
	closedir(d);
	qsort(out, *count, sizeof *out, newest_first);
	return OK;
}

/* ---- take */

enum err
backup_take(const struct backup *b, struct store *store, char name[static BACKUP_NAME + 1], char *why)
{
	unsigned char key[KEY_SIZE];
	enum err err;

	folder_name(clock_now().ms, name);
	err = folder_make(b, name, key, why);
	if (err == OK)
		err = folder_base(b, name, key, store, why);
	wipe(key, sizeof key);
	return err;
}

/* ---- restore */

static enum err
failed(const char *what, const char *path, char *why)
{
	snprintf(why, 200, "%s %.130s: %s", what, path, strerror(errno));
	return ERR_STORE_UNAVAILABLE;
}

static enum err
open_file(const struct backup *b, const char *folder, const char *file, const unsigned char key[KEY_SIZE],
        int fd, char *why)
{
	char path[PATH_MAX], bound[128];

	folder_path(b, folder, file, path);
	folder_bound(folder, file, bound);
	return backup_file_read(path, bound, key, fd, why);
}

/* The log file must be whole to its last byte: a hole between segments is found here. */
static enum err
check_log(const char *log, char *why)
{
	struct buf all;
	enum err err;

	buf_init(&all, (size_t)4 << 30);
	err = file_read(log, (size_t)4 << 30, &all, why);
	if (err == OK && wal_whole((const unsigned char *)all.p, all.n) != all.n) {
		snprintf(
		        why, 200, "the log of a generation has a hole: a segment is missing or out of order");
		err = ERR_INTERNAL;
	}
	buf_free(&all);
	return err;
}

/* One generation: its segments up to to_ms become the log, and SQLite takes it in. */
static enum err
settle_generation(const struct backup *b, const char *folder, const unsigned char key[KEY_SIZE],
        const struct segment *s, size_t n, const char *path, char *why)
{
	char log[PATH_MAX];
	enum err err = OK;
	int fd;

	snprintf(log, sizeof log, "%s-wal", path);
	fd = open(log, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed("cannot make", log, why);
	for (size_t i = 0; i < n && err == OK; i++) {
		if (s[i].number != i) {
			snprintf(why, 200, "%s: segment %zu of generation %u is missing", folder, i,
			        s[i].generation);
			err = ERR_INTERNAL;
		} else {
			err = open_file(b, folder, s[i].name, key, fd, why);
		}
	}
	close(fd);
	if (err == OK)
		err = check_log(log, why);
	return err == OK ? store_settle(path, why) : err;
}

static enum err
settle_all(const struct backup *b, const char *folder, const unsigned char key[KEY_SIZE], int64_t to_ms,
        const char *path, int64_t *at_ms, backup_progress_fn *progress, char *why)
{
	struct segment *all = NULL;
	size_t n = 0, first = 0;
	enum err err = folder_segments(b, folder, &all, &n, why);

	while (err == OK && n > 0 && all[n - 1].at_ms > to_ms)
		n--;
	while (err == OK && first < n) {
		size_t end = first;

		while (end < n && all[end].generation == all[first].generation)
			end++;
		err = settle_generation(b, folder, key, all + first, end - first, path, why);
		*at_ms = all[end - 1].at_ms;
		if (progress)
			progress("log", (unsigned)end, (unsigned)n);
		first = end;
	}
	free(all);
	return err;
}

static const struct backup_base *
choose(const struct backup_base *all, size_t n, int64_t to_ms)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].at_ms <= to_ms)
			return &all[i];
	return NULL;
}

static enum err
restore_base(const struct backup *b, const struct backup_base *base, const unsigned char key[KEY_SIZE],
        const char *path, char *why)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	enum err err;

	if (fd < 0)
		return failed("cannot make", path, why);
	err = open_file(b, base->name, "base", key, fd, why);
	if (err == OK && fsync(fd) != 0)
		err = failed("cannot write", path, why);
	close(fd);
	return err == OK ? store_settle(path, why) : err;
}

enum err
backup_restore(const struct backup *b, int64_t to_ms, const char *path, int64_t *at_ms,
        backup_progress_fn *progress, char *why)
{
	struct backup_base *all = calloc(BACKUPS_MAX, sizeof *all);
	const struct backup_base *base = NULL;
	unsigned char key[KEY_SIZE];
	size_t n = 0;
	enum err err = all ? backup_list(b, all, &n, why) : ERR_BUSY;

	if (err == OK && (base = choose(all, n, to_ms)) == NULL) {
		snprintf(why, 200, n ? "no base is as old as that" : "%.150s holds no backup", b->dir);
		err = ERR_NOT_FOUND;
	}
	if (err == OK)
		err = folder_key(b, base->name, key, why);
	if (err == OK)
		err = restore_base(b, base, key, path, why);
	if (err == OK) {
		*at_ms = base->at_ms;
		if (progress)
			progress("base", 1, 1);
		err = settle_all(b, base->name, key, to_ms, path, at_ms, progress, why);
	}
	wipe(key, sizeof key);
	free(all);
	return err;
}

/* ---- prune */

static enum err
remove_folder(const struct backup *b, const char *folder, char *why)
{
	char path[PATH_MAX], dir[PATH_MAX];
	struct dirent *e;
	DIR *d;

	/* The base first: without it the folder is no backup any more, whatever happens next. */
	folder_path(b, folder, "base", path);
	if (unlink(path) != 0)
		return failed("cannot remove", path, why);
	folder_path(b, folder, "", dir);
	if ((d = opendir(dir)) == NULL)
		return failed("cannot open", dir, why);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.') {
			folder_path(b, folder, e->d_name, path);
			unlink(path);
		}
	closedir(d);
	return rmdir(dir) == 0 ? OK : failed("cannot remove", dir, why);
}

/* `newer` is the last one kept: another of the same day, or month when it is old, may go. */
static bool
may_go(const struct backup_base *one, const struct backup_base *newer, const struct backup_keep *keep,
        int64_t now_ms)
{
	int64_t age_days = (now_ms - one->at_ms) / DAY_MS;
	size_t same = age_days < keep->days ? 8 : 6; /* YYYYMMDD or YYYYMM */

	if (age_days < 1)
		return false;
	if (age_days >= keep->days && age_days / 30 >= keep->months)
		return true;
	return strncmp(one->name, newer->name, same) == 0;
}

enum err
backup_prune(
        const struct backup *b, const struct backup_keep *keep, int64_t now_ms, unsigned *removed, char *why)
{
	struct backup_base *all = calloc(BACKUPS_MAX, sizeof *all);
	size_t n = 0, kept = 0;
	enum err err = all ? backup_list(b, all, &n, why) : ERR_BUSY;

	*removed = 0;
	for (size_t i = 1; i < n && err == OK; i++) {
		if (!may_go(&all[i], &all[kept], keep, now_ms)) {
			kept = i;
			continue;
		}
		err = remove_folder(b, all[i].name, why);
		*removed += err == OK;
	}
	free(all);
	return err;
}
