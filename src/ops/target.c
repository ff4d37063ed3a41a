/* target.c - chooses the kind of target and hands calls on. */
#include "ops/target.h"

#include <stdio.h>
#include <unistd.h>

enum err
target_open(const struct conf *conf, struct target **out, char *why)
{
	bool dir = conf->backup_dir[0] != 0, s3 = conf->backup_s3_url[0] != 0;

	if (dir && s3) {
		snprintf(why, 200, "backup_dir and backup_s3_url are both set: choose one");
		return ERR_INVALID;
	}
	if (!dir && !s3) {
		snprintf(why, 200, "neither backup_dir nor backup_s3_url is set: where backups rest");
		return ERR_NOT_FOUND;
	}
	return dir ? target_dir_open(conf, out, why) : target_s3_open(conf, out, why);
}

void
target_close(struct target *t)
{
	if (t != NULL)
		t->ops->close(t);
}

enum err
target_begin(struct target *t, struct target_part *part, char *why)
{
	return t->ops->begin(t, part, why);
}

enum err
target_put(struct target *t, struct target_part *part, const char *name, char *why)
{
	return t->ops->put(t, part, name, why);
}

void
target_drop(struct target_part *part)
{
	close(part->fd);
	unlink(part->path);
}

enum err
target_get(struct target *t, const char *name, int *fd, char *why)
{
	return t->ops->get(t, name, fd, why);
}

enum err
target_list(struct target *t, const char *folder, target_seen_fn *seen, void *arg, char *why)
{
	return t->ops->list(t, folder, seen, arg, why);
}

enum err
target_remove(struct target *t, const char *name, char *why)
{
	return t->ops->remove(t, name, why);
}
