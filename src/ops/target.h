/* target.h - where a backup's files rest: a directory, or a bucket that speaks S3.  Names
 * are FOLDER/FILE of letters, digits, '.' and '-'.  A file appears whole or not at all.
 * One thread at a time; another thread opens its own.  why: 200 bytes, without secrets. */
#ifndef OPS_TARGET_H
#define OPS_TARGET_H

#include <limits.h>

#include "sys/conf.h"

struct target;

/* A file while it is being made; only target_*.c know more of it. */
struct target_part {
	int fd; /* write here */
	char path[PATH_MAX];
};
typedef void target_seen_fn(void *arg, const char *name, int64_t bytes);

struct target_ops {
	enum err (*begin)(struct target *, struct target_part *, char *why);
	enum err (*put)(struct target *, struct target_part *, const char *name, char *why);
	enum err (*get)(struct target *, const char *name, int *fd, char *why);
	enum err (*list)(struct target *, const char *folder, target_seen_fn *, void *arg, char *why);
	enum err (*remove)(struct target *, const char *name, char *why);
	void (*close)(struct target *);
};
/* First member of each. */
struct target {
	const struct target_ops *ops;
	char text[256]; /* the directory or the bucket's address, for messages */
};

/* backup_dir or backup_s3_url of the configuration, exactly one of them.
 * ERR_NOT_FOUND: neither is set. Reaches nothing yet. */
enum err target_open(const struct conf *, struct target **, char *why) MUST_CHECK;
void target_close(struct target *); /* NULL is fine */

/* A place to write the bytes of a new file; target_put or target_drop ends it. */
enum err target_begin(struct target *, struct target_part *, char *why) MUST_CHECK;
/* What was written is the file name from now on, durably; it replaces one of that name. */
enum err target_put(struct target *, struct target_part *, const char *name, char *why) MUST_CHECK;
void target_drop(struct target_part *);
/* A descriptor to read the file from; the caller closes it. ERR_NOT_FOUND. */
enum err target_get(struct target *, const char *name, int *fd, char *why) MUST_CHECK;
/* The files of a folder; of "" the names of the folders (bytes -1). In no order. */
enum err target_list(struct target *, const char *folder, target_seen_fn *, void *arg, char *why) MUST_CHECK;
/* Removing what is not there is no failure. The folder goes with its last file. */
enum err target_remove(struct target *, const char *name, char *why) MUST_CHECK;

/* The two kinds. */
enum err target_dir_open(const struct conf *, struct target **, char *why) MUST_CHECK;
enum err target_s3_open(const struct conf *, struct target **, char *why) MUST_CHECK;

#endif
