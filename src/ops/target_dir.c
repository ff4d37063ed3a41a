/* target_dir.c - a directory as target, best on another disk or machine.  A file is
 * written under a name that no listing shows, fsynced, renamed, and the rename fsynced. */
#include "ops/target.h"
#include "sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct target_dir {
	struct target target;
	const char *path;
};

static const char *
path_of(const struct target *t)
{
	return ((const struct target_dir *)t)->path;
}

static enum err
failed(const char *what, const char *path, char *why)
{
	int code = errno;

	snprintf(why, 200, "%s %.130s: %s", what, path, strerror(code));
	return code == ENOENT ? ERR_NOT_FOUND : ERR_STORE_UNAVAILABLE;
}

static enum err
dir_begin(struct target *t, struct target_part *part, char *why)
{
	if (snprintf(part->path, sizeof part->path, "%s/.part-XXXXXX", path_of(t)) >=
	        (int)sizeof part->path) {
		snprintf(why, 200, "backup_dir is too long");
		return ERR_INVALID;
	}
	part->fd = mkostemp(part->path, O_CLOEXEC); /* mode 0600 */
	return part->fd >= 0 ? OK : failed("cannot write to", path_of(t), why);
}

static bool
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fine = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return fine;
}

static enum err
dir_put(struct target *t, struct target_part *part, const char *name, char *why)
{
	char folder[PATH_MAX], path[PATH_MAX + 256];
	int cut = (int)strcspn(name, "/");
	enum err err;

	snprintf(folder, sizeof folder, "%s/%.*s", path_of(t), cut, name);
	snprintf(path, sizeof path, "%s%s", folder, name + cut);
	err = access(folder, F_OK) == 0 ? OK : file_make_dir(folder, 0700, why);
	if (err == OK && (fsync(part->fd) != 0 || rename(part->path, path) != 0 || !sync_folder(folder)))
		err = failed("cannot write", path, why);
	target_drop(part);
	return err;
}

static enum err
dir_get(struct target *t, const char *name, int *fd, char *why)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", path_of(t), name);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? OK : failed("cannot open", path, why);
}

static enum err
dir_list(struct target *t, const char *folder, target_seen_fn *seen, void *arg, char *why)
{
	char path[PATH_MAX];
	struct dirent *e;
	struct stat st;
	DIR *d;

	snprintf(path, sizeof path, "%s/%s", path_of(t), folder);
	if ((d = opendir(path)) == NULL)
		return failed("cannot open", path, why);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, 0) != 0 ||
		        S_ISDIR(st.st_mode) != (folder[0] == 0))
			continue;
		seen(arg, e->d_name, folder[0] ? (int64_t)st.st_size : -1);
	}
	closedir(d);
	return OK;
}

static enum err
dir_remove(struct target *t, const char *name, char *why)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", path_of(t), name);
	if (unlink(path) != 0 && errno != ENOENT)
		return failed("cannot remove", path, why);
	snprintf(path, sizeof path, "%s/%.*s", path_of(t), (int)strcspn(name, "/"), name);
	(void)rmdir(path); /* until it is empty it stays */
	return OK;
}

static void
dir_close(struct target *t)
{
	free(t);
}

static const struct target_ops dir_ops = { dir_begin, dir_put, dir_get, dir_list, dir_remove, dir_close };

enum err
target_dir_open(const struct conf *conf, struct target **out, char *why)
{
	struct target_dir *d;

	TRY(file_make_dir(conf->backup_dir, 0700, why));
	if ((d = calloc(1, sizeof *d)) == NULL) {
		snprintf(why, 200, "out of memory");
		return ERR_BUSY;
	}
	d->target.ops = &dir_ops;
	d->path = conf->backup_dir;
	snprintf(d->target.text, sizeof d->target.text, "%s", conf->backup_dir);
	*out = &d->target;
	return OK;
}
