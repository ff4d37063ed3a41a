/* backup_prune.c - which backups stay, and for how long. */
#include "ops/backup_folder.h"

#include <stdlib.h>

static const int64_t HOUR_MS = 3600000, DAY_MS = 86400000;

/* The base first: without it the folder is no backup any more, whatever happens next. */
static enum err
remove_folder(const struct backup *b, const char *folder, char *why)
{
	struct folder_seen seen;
	char name[128];
	enum err err;

	TRY(folder_look(b, folder, &seen, why));
	folder_file(folder, "base", name);
	err = target_remove(b->target, name, why);
	for (size_t i = 0; i < seen.count && err == OK; i++) {
		folder_file(folder, seen.segments[i].name, name);
		err = target_remove(b->target, name, why);
	}
	free(seen.segments);
	folder_file(folder, "key", name);
	return err == OK ? target_remove(b->target, name, why) : err;
}

struct backup_keep
backup_keep_of(const struct conf *conf)
{
	return (struct backup_keep){ conf->backup_keep_hours, conf->backup_keep_days, conf->backup_keep_weeks,
		conf->backup_keep_months, "" };
}

static bool
same_month(int64_t a_ms, int64_t b_ms)
{
	struct date a = date_from_days(a_ms / DAY_MS), b = date_from_days(b_ms / DAY_MS);

	return a.year == b.year && a.month == b.month;
}

/* Weeks begin on Monday; 1970 began on a Thursday. */
static int64_t
week(int64_t ms)
{
	return (ms / DAY_MS + 3) / 7;
}

/* Each class is asked in turn: the first whose time is not over decides. */
bool
backup_may_go(const struct backup_base *one, const struct backup_base *newer, const struct backup_keep *keep,
        int64_t now_ms)
{
	int64_t age_ms = now_ms - one->at_ms;

	if (strcmp(one->name, keep->kept) == 0 || age_ms < keep->hours * HOUR_MS)
		return false;
	if (age_ms < keep->days * DAY_MS)
		return one->at_ms / DAY_MS == newer->at_ms / DAY_MS;
	if (age_ms < keep->weeks * 7 * DAY_MS)
		return week(one->at_ms) == week(newer->at_ms);
	return age_ms >= keep->months * 31 * DAY_MS || same_month(one->at_ms, newer->at_ms);
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
		if (!backup_may_go(&all[i], &all[kept], keep, now_ms)) {
			kept = i;
			continue;
		}
		err = remove_folder(b, all[i].name, why);
		*removed += err == OK;
	}
	free(all);
	return err;
}
