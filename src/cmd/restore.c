/* restore.c - plantao restore: the embedded database comes back from a backup; PostgreSQL's is
 * restore_pg.c's. */
#include "cmd/backup.h"
#include "sys/files.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

bool
restore_confirmed(const char *path)
{
	char line[16] = "";

	fprintf(stderr, "%s exists and will be moved aside. Go on? (yes/no) ", path);
	return fgets(line, sizeof line, stdin) != NULL && strcmp(line, "yes\n") == 0;
}

int
restore_move_aside(const struct app *app, const char *path)
{
	char aside[PATH_MAX + 64], log[PATH_MAX + 8], stamp[INSTANT_TEXT + 1];

	backup_time_text(clock_now().ms, stamp);
	snprintf(aside, sizeof aside, "%s.before-restore-%s", path, stamp);
	if (rename(path, aside) != 0)
		return app_say(app, "%s cannot be moved: %s", path, strerror(errno));
	fprintf(stderr, "the former database is %s\n", aside);
	/* What SQLite's log holds and its file does not yet is of the former database too. */
	snprintf(log, sizeof log, "%s-wal", path);
	snprintf(aside + strlen(aside), sizeof aside - strlen(aside), "-wal");
	if (rename(log, aside) != 0 && errno != ENOENT)
		return app_say(app, "%s cannot be moved: %s", log, strerror(errno));
	return EXIT_DONE;
}

/* A log and an index beside it belong to what is gone, not to the one that comes. */
static void
drop_beside(const char *path)
{
	char beside[PATH_MAX + 64];

	snprintf(beside, sizeof beside, "%s-wal", path);
	unlink(beside);
	snprintf(beside, sizeof beside, "%s-shm", path);
	unlink(beside);
}

static int
restore(struct app *app, const struct backup *b, const struct restore_wish *w)
{
	const char *dir = w->into ? w->into : app->conf->data_dir;
	char path[PATH_MAX], lock[PATH_MAX + 64], at[INSTANT_TEXT + 1], why[WHY_SIZE] = "";
	struct file_lock held;
	int64_t at_ms = 0;
	int exit = EXIT_DONE;

	if (file_make_dir(dir, 0700, why) != OK)
		return app_say(app, "%s", why);
	snprintf(path, sizeof path, "%s/plantao.db", dir);
	snprintf(lock, sizeof lock, "%s.lock", path);
	if (file_lock(lock, &held, why) != OK)
		return app_say(app, "a server runs on this database: %s", why);
	if (access(path, F_OK) == 0)
		exit = w->yes || restore_confirmed(path) ? restore_move_aside(app, path)
		                                         : app_say(app, "nothing was changed");
	if (exit == EXIT_DONE)
		drop_beside(path);
	if (exit == EXIT_DONE && backup_restore(b, w->to_ms, path, &at_ms, backup_show_progress, why) != OK) {
		unlink(path);
		drop_beside(path);
		exit = app_say(app, "%s", why);
	}
	file_unlock(&held);
	if (exit != EXIT_DONE)
		return exit;
	backup_time_text(at_ms, at);
	printf("restored to %s: as it was at %s\n", path, at);
	return EXIT_DONE;
}

static int
parse_restore(int argc, char **argv, struct restore_wish *w)
{
	static const struct option options[] = { { "to", 1, 0, 't' }, { "into", 1, 0, 'i' },
		{ "yes", 0, 0, 'y' }, { 0 } };
	struct instant to;
	int c;

	*w = (struct restore_wish){ .to_ms = INT64_MAX };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 't':
			if (!instant_parse(str_of(optarg), &to))
				return cmd_usage(
				        "restore", "--to %s: a time such as 2026-11-30T12:00:00Z", optarg);
			w->to_ms = to.ms;
			break;
		case 'i': w->into = optarg; break;
		case 'y': w->yes = true; break;
		default: return cmd_usage("restore", "unknown option");
		}
	return optind < argc ? cmd_usage("restore", "unexpected \"%s\"", argv[optind]) : EXIT_DONE;
}

int
cmd_restore(const struct conf *conf, int argc, char **argv)
{
	struct app app = { .conf = conf, .name = "restore" };
	struct backup b = { 0 };
	struct restore_wish w;
	char why[200] = "";
	int exit = parse_restore(argc, argv, &w);

	if (exit != EXIT_DONE)
		return exit;
	if (pgb_is_used(conf))
		return restore_pg(&app, &w);
	if (backup_open(conf, &b, why) != OK)
		return app_say(&app, "%s", why);
	exit = restore(&app, &b, &w);
	backup_close(&b);
	return exit;
}
