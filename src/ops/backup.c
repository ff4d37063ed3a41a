/* backup.c - listing, taking, restoring and pruning backups of the embedded database. */
#include "ops/backup_folder.h"
#include "ops/backup_file.h"
#include "ops/wal.h"
#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *
backup_key_path(const struct conf *conf)
{
	return conf->backup_key_file[0] ? conf->backup_key_file : conf_path(conf, "backup.key");
}

enum err
backup_open(const struct conf *conf, struct backup *out, char *why)
{
	enum err err;

	TRY(target_open(conf, &out->target, why));
	err = keyring_open_file(backup_key_path(conf), &out->keys, why);
	if (err != OK)
		target_close(out->target);
	return err;
}

enum err
backup_scratch(const char *dir, const char *name, char *out, char *why)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%.4000s/scratch", dir) < 0 || file_make_dir(path, 0700, why) != OK)
		return ERR_STORE_UNAVAILABLE;
	snprintf(out, PATH_MAX, "%.4040s/%.50s", path, name);
	return OK;
}

bool
backup_is_configured(const struct conf *conf)
{
	return conf->backup_dir[0] != 0 || conf->backup_s3_url[0] != 0;
}

void
backup_close(struct backup *b)
{
	keyring_close(b->keys);
	target_close(b->target);
	*b = (struct backup){ NULL, NULL };
}

/* ---- list */

/* ERR_NOT_FOUND: a base that was never finished is none. */
static enum err
look_at(const struct backup *b, const char *name, struct backup_base *out, char *why)
{
	struct folder_seen seen;

	*out = (struct backup_base){ .segments = 0 };
	if (!folder_time(name, &out->at_ms))
		return ERR_NOT_FOUND;
	TRY(folder_look(b, name, &seen, why));
	snprintf(out->name, sizeof out->name, "%.*s", BACKUP_NAME, name);
	out->bytes = seen.bytes;
	out->segments = (unsigned)seen.count;
	out->first_ms = INT64_MAX;
	out->last_ms = out->at_ms;
	for (size_t i = 0; i < seen.count; i++) {
		int64_t at_ms = seen.segments[i].at_ms;

		out->last_ms = at_ms > out->last_ms ? at_ms : out->last_ms;
		out->first_ms = at_ms < out->first_ms ? at_ms : out->first_ms;
	}
	free(seen.segments);
	return seen.base_bytes >= 0 ? OK : ERR_NOT_FOUND;
}

static int
newest_first(const void *a, const void *b)
{
	return strcmp(((const struct backup_base *)b)->name, ((const struct backup_base *)a)->name);
}

struct names {
	struct backup_base *out;
	size_t count;
};

static void
see_name(void *arg, const char *name, int64_t bytes)
{
	struct names *n = arg;
	int64_t at_ms;

	(void)bytes;
	if (n->count < BACKUPS_MAX && folder_time(name, &at_ms))
		snprintf(n->out[n->count++].name, BACKUP_NAME + 1, "%s", name);
}

/* Names alone, newest first: of a bucket, details cost a call each. */
static enum err
list_names(const struct backup *b, struct backup_base *out, size_t *count, char *why)
{
	struct names n = { .out = out };

	TRY(target_list(b->target, "", see_name, &n, why));
	qsort(out, n.count, sizeof *out, newest_first);
	*count = n.count;
	return OK;
}

enum err
backup_list(const struct backup *b, struct backup_base *out, size_t *count, char *why)
{
	size_t n = 0;

	*count = 0;
	TRY(list_names(b, out, &n, why));
	for (size_t i = 0; i < n; i++) {
		char name[BACKUP_NAME + 1];
		enum err err;

		snprintf(name, sizeof name, "%s", out[i].name);
		err = look_at(b, name, &out[*count], why);
		if (err == OK)
			(*count)++;
		else if (err != ERR_NOT_FOUND)
			return err;
	}
	return OK;
}

static void
see_former(void *arg, const char *name, int64_t bytes)
{
	struct backup_former *f = arg;
	int64_t at_ms;

	(void)bytes;
	f->proofs |= strcmp(name, PROOFS_FOLDER) == 0;
	if (!folder_time(name, &at_ms))
		return;
	f->count++;
	if (f->oldest[0] == 0 || strcmp(name, f->oldest) < 0)
		snprintf(f->oldest, sizeof f->oldest, "%s", name);
	if (strcmp(name, f->newest) > 0)
		snprintf(f->newest, sizeof f->newest, "%s", name);
}

enum err
backup_look_former(const struct backup *b, struct backup_former *out, char *why)
{
	*out = (struct backup_former){ .count = 0 };
	return target_list(b->target, "", see_former, out, why);
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

/* Writes the segments one behind the other. */
static enum err
gather_log(const struct backup *b, const char *folder, const unsigned char key[KEY_SIZE],
        const struct segment *s, size_t n, int fd, char *why)
{
	unsigned next = 0;

	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && s[i + 1].number == s[i].number)
			continue; /* it was sent again, and holds more then */
		if (s[i].number != next) {
			snprintf(why, 200, "%s: segment %u of generation %u is missing", folder, next,
			        s[i].generation);
			return ERR_INTERNAL;
		}
		TRY(folder_get(b, folder, s[i].name, key, fd, why));
		next++;
	}
	return OK;
}

/* One generation: its segments up to to_ms become the log, and SQLite takes it in. */
static enum err
settle_generation(const struct backup *b, const char *folder, const unsigned char key[KEY_SIZE],
        const struct segment *s, size_t n, const char *path, char *why)
{
	char log[PATH_MAX];
	enum err err;
	int fd;

	snprintf(log, sizeof log, "%s-wal", path);
	fd = open(log, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed("cannot make", log, why);
	err = gather_log(b, folder, key, s, n, fd, why);
	close(fd);
	if (err == OK)
		err = check_log(log, why);
	return err == OK ? store_settle(path, why) : err;
}

static enum err
settle_all(const struct backup *b, const char *folder, const unsigned char key[KEY_SIZE], int64_t to_ms,
        const char *path, int64_t *at_ms, backup_progress_fn *progress, char *why)
{
	struct folder_seen seen;
	enum err err = folder_look(b, folder, &seen, why);
	const struct segment *all = seen.segments;
	size_t n = seen.count, first = 0;

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
	free(seen.segments);
	return err;
}

/* The newest base at or before to_ms.  While a base is made the one before it goes on
 * growing, so a time before the newer one's first segment is finer in the older. */
static enum err
choose(const struct backup *b, int64_t to_ms, struct backup_base *out, char *why)
{
	struct backup_base *all = calloc(BACKUPS_MAX, sizeof *all), one;
	size_t n = 0;
	bool found = false;
	enum err err = all ? list_names(b, all, &n, why) : ERR_BUSY;

	for (size_t i = 0; i < n && err == OK; i++) {
		err = look_at(b, all[i].name, &one, why);
		if (err == ERR_NOT_FOUND || (err == OK && one.at_ms > to_ms)) {
			err = OK;
			continue;
		}
		if (err != OK || (found && one.last_ms < out->at_ms))
			break;
		*out = one;
		if (found || (one.segments > 0 && one.first_ms <= to_ms))
			break;
		found = true;
	}
	free(all);
	if (err == OK && out->name[0] == 0) {
		snprintf(why, 200, n ? "no base is as old as that" : "%.150s holds no backup",
		        b->target->text);
		err = ERR_NOT_FOUND;
	}
	return err;
}

static enum err
restore_base(const struct backup *b, const struct backup_base *base, const unsigned char key[KEY_SIZE],
        const char *path, char *why)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	enum err err;

	if (fd < 0)
		return failed("cannot make", path, why);
	err = folder_get(b, base->name, "base", key, fd, why);
	if (err == OK && fsync(fd) != 0)
		err = failed("cannot write", path, why);
	close(fd);
	return err == OK ? store_settle(path, why) : err;
}

enum err
backup_newest(const struct backup *b, char name[static BACKUP_NAME + 1], char *why)
{
	struct backup_base one = { .at_ms = 0 };

	TRY(choose(b, INT64_MAX, &one, why));
	memcpy(name, one.name, sizeof one.name);
	return OK;
}

enum err
backup_restore(const struct backup *b, int64_t to_ms, const char *path, int64_t *at_ms,
        backup_progress_fn *progress, char *why)
{
	struct backup_base base = { .at_ms = 0 };
	unsigned char key[KEY_SIZE];
	enum err err;

	TRY(choose(b, to_ms, &base, why));
	err = folder_key(b, base.name, key, why);
	if (err == OK)
		err = restore_base(b, &base, key, path, why);
	if (err == OK) {
		*at_ms = base.at_ms;
		if (progress)
			progress("base", 1, 1);
		err = settle_all(b, base.name, key, to_ms, path, at_ms, progress, why);
	}
	if (err == OK && progress)
		progress("check", 0, 1);
	/* Once, of what comes out: what was amiss in between stands there too. */
	if (err == OK)
		err = store_check(path, why);
	if (err == OK && progress)
		progress("check", 1, 1);
	wipe(key, sizeof key);
	return err;
}
