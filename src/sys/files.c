/* files.c - see files.h.  Knows nothing of what is inside the files. */
#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Notes "path: what: reason of errno" and says which error that is. */
static enum err
refuse(const char *path, const char *what, char *why)
{
	int e = errno;
	char reason[64];

	snprintf(why, WHY_SIZE, "%.110s: %s: %s", path, what, strerror_r(e, reason, sizeof reason));
	return e == ENOENT ? ERR_NOT_FOUND : e == EEXIST ? ERR_DUPLICATE : ERR_INTERNAL;
}

/* Reads until the end or until room is full; -1: errno says why. */
static ssize_t
read_all(int fd, char *out, size_t room)
{
	size_t n = 0;

	while (n < room) {
		ssize_t got = read(fd, out + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/* A directory opens and then does not read: say so at once. */
static enum err
open_regular(const char *path, int *fd, char *why)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd < 0)
		return refuse(path, "cannot open", why);
	if (fstat(*fd, &st) == 0 && !S_ISDIR(st.st_mode))
		return OK;
	close(*fd);
	errno = EISDIR;
	return refuse(path, "cannot read", why);
}

static enum err
too_large(const char *path, size_t ceiling, char *why)
{
	snprintf(why, WHY_SIZE, "%.120s: larger than %zu bytes", path, ceiling);
	return ERR_TOO_LARGE;
}

static enum err
read_rest(const char *path, int fd, size_t ceiling, struct buf *out, char *why)
{
	enum { STEP = 65536 };
	char more;
	size_t step;

	for (size_t left = ceiling; left > 0; left -= step) {
		step = left < STEP ? left : STEP;
		char *room = buf_grow(out, step);
		if (room == NULL)
			return too_large(path, out->n, why);
		ssize_t got = read_all(fd, room, step);
		out->n -= got < 0 ? step : step - (size_t)got;
		if (got < 0)
			return refuse(path, "cannot read", why);
		if ((size_t)got < step)
			return OK;
	}
	ssize_t behind = read_all(fd, &more, 1);
	return behind == 0  ? OK
	       : behind < 0 ? refuse(path, "cannot read", why)
	                    : too_large(path, ceiling, why);
}

enum err
file_read(const char *path, size_t ceiling, struct buf *out, char *why)
{
	int fd;

	TRY(open_regular(path, &fd, why));
	enum err e = read_rest(path, fd, ceiling, out, why);
	close(fd);
	return e;
}

enum err
file_read_into(const char *path, void *out, size_t room, size_t *n, char *why)
{
	char more;
	int fd;

	TRY(open_regular(path, &fd, why));
	ssize_t got = read_all(fd, out, room);
	ssize_t behind = got < 0 ? got : read_all(fd, &more, 1);
	enum err e = OK;
	if (behind < 0)
		e = refuse(path, "cannot read", why);
	else if (behind > 0)
		e = too_large(path, room, why);
	close(fd);
	if (e == OK)
		*n = (size_t)got;
	return e;
}

static bool
sync_dir_of(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(dir, sizeof dir, ".");
	else
		snprintf(dir, sizeof dir, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

/* The bytes, on disk, under a name of their own beside path. */
static enum err
write_beside(const char *path, const void *p, size_t n, unsigned mode, char tmp[PATH_MAX], char *why)
{
	if (snprintf(tmp, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return refuse(path, "cannot make", why);
	}
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return refuse(path, "cannot make", why);
	bool ok = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, p, n) && fsync(fd) == 0;
	enum err e = ok ? OK : refuse(path, "cannot write", why);
	if (close(fd) != 0 && e == OK)
		e = refuse(path, "cannot write", why);
	if (e != OK)
		unlink(tmp);
	return e;
}

enum err
file_write(const char *path, const void *p, size_t n, unsigned mode, char *why)
{
	char tmp[PATH_MAX];

	TRY(write_beside(path, p, n, mode, tmp, why));
	if (rename(tmp, path) == 0)
		return sync_dir_of(path) ? OK : refuse(path, "cannot write its directory", why);
	enum err e = refuse(path, "cannot replace", why);
	unlink(tmp);
	return e;
}

/* link, unlike rename, does not replace. */
enum err
file_create(const char *path, const void *p, size_t n, unsigned mode, char *why)
{
	char tmp[PATH_MAX];

	TRY(write_beside(path, p, n, mode, tmp, why));
	enum err e = link(tmp, path) == 0 ? OK : refuse(path, "cannot make", why);
	unlink(tmp);
	if (e == OK && !sync_dir_of(path))
		e = refuse(path, "cannot write its directory", why);
	return e;
}

enum err
file_make_dir(const char *path, unsigned mode, char *why)
{
	char part[PATH_MAX];
	struct stat st;

	if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) {
		errno = ENAMETOOLONG;
		return refuse(path, "cannot make", why);
	}
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			return refuse(part, "cannot make", why);
		*p = '/';
	}
	if (mkdir(part, (mode_t)mode) == 0 ||
	        (errno == EEXIST && stat(part, &st) == 0 && S_ISDIR(st.st_mode)))
		return OK;
	errno = errno == EEXIST ? ENOTDIR : errno;
	return refuse(path, "cannot make", why);
}

static enum err
held(const char *path, int fd, char *why)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
	long holder = n > 0 ? strtol(pid, NULL, 10) : 0;

	if (holder > 0)
		snprintf(why, WHY_SIZE, "%.120s: in use by process %ld", path, holder);
	else
		snprintf(why, WHY_SIZE, "%.120s: in use by another process", path);
	return ERR_BUSY;
}

enum err
file_lock(const char *path, struct file_lock *lock, char *why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return refuse(path, "cannot open", why);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		enum err e = errno == EWOULDBLOCK ? held(path, fd, why) : refuse(path, "cannot lock", why);
		close(fd);
		return e;
	}
	/* The pid is for people; the lock holds also where it cannot be written. */
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%ld\n", (long)getpid());
	lock->fd = fd;
	return OK;
}

/* The file is not removed: another process may have it open and lock a name that is gone. */
void
file_unlock(struct file_lock *lock)
{
	if (lock->fd < 0)
		return;
	close(lock->fd);
	lock->fd = -1;
}

int64_t
file_disk_free(const char *path)
{
	struct statvfs s;

	if (statvfs(path, &s) != 0)
		return -1;
	return (int64_t)s.f_bavail * (int64_t)s.f_frsize;
}
