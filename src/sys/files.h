/* files.h - whole files: read with a ceiling, replaced or made at once, locked.
 * (Not file.h: that would stand in for libc's <sys/file.h>.)
 * why (WHY_SIZE bytes) gets one line for a person that names the file.
 * Errors: ERR_NOT_FOUND, ERR_DUPLICATE, ERR_TOO_LARGE, ERR_BUSY (locked), else ERR_INTERNAL. */
#ifndef SYS_FILES_H
#define SYS_FILES_H

#include "base/buf.h"

enum { WHY_SIZE = 200 };

/* Appends the file to the buffer, whose own ceiling must leave room; more than ceiling bytes are refused. */
enum err file_read(const char *path, size_t ceiling, struct buf *, char *why) MUST_CHECK;
/* Into memory of the caller's (secrets): at most room bytes. */
enum err file_read_into(const char *path, void *out, size_t room, size_t *n, char *why) MUST_CHECK;

/* Whoever reads path, also after a power cut, sees the old or the new bytes in
 * full: a temporary file beside it, fsync, rename, fsync of the directory. */
enum err file_write(const char *path, const void *, size_t n, unsigned mode, char *why) MUST_CHECK;
/* The same for a file that must not exist yet: ERR_DUPLICATE when it does. */
enum err file_create(const char *path, const void *, size_t n, unsigned mode, char *why) MUST_CHECK;
/* The directory and those above it, as far as they are missing. */
enum err file_make_dir(const char *path, unsigned mode, char *why) MUST_CHECK;

/* One process at a time.  The kernel drops the lock when its holder ends in
 * whatever way; the file itself stays, with the last holder's pid.
 * ERR_BUSY: why names the process that holds it. */
struct file_lock {
	int fd;
};
enum err file_lock(const char *path, struct file_lock *, char *why) MUST_CHECK;
void file_unlock(struct file_lock *);

/* Bytes that this user may still write on the file system of path; -1: unknown. */
int64_t file_disk_free(const char *path);

#endif
