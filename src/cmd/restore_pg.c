/* restore_pg.c - plantao restore on PostgreSQL: in place, or into a directory to look at. */
#include "cmd/backup.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool empty = true;

	if (d == NULL)
		return errno == ENOENT;
	while ((e = readdir(d)) != NULL)
		empty &= strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	closedir(d);
	return empty;
}

/* The way is free: nobody works there, and what is there may go aside. */
static int
clear(const struct app *app, const char *dir, const struct restore_wish *w)
{
	int64_t pid = pgb_works_on(app->conf, dir);

	pgb_be_root(app->conf);
	if (pid != 0)
		return app_say(
		        app, "PostgreSQL (process %lld) works on %s: stop it first", (long long)pid, dir);
	if (is_empty(dir))
		return EXIT_DONE;
	return w->yes || restore_confirmed(dir) ? restore_move_aside(app, dir)
	                                        : app_say(app, "nothing was changed");
}

/* The newest thing that is in it: what the restore reached. */
static enum err
reached(const struct app *app, const struct pgb_restored *r, int64_t *ms, char *why)
{
	char url[PATH_MAX];
	struct store_conf conf = { .url = url, .connect_timeout_ms = 5000, .statement_timeout_ms = 600000 };
	struct store *store = NULL;
	enum err err = store_url_copy(app->conf->database_url, r->socket, url, sizeof url);

	if (err != OK)
		snprintf(why, 200, "database_url names no role and database");
	if (err == OK)
		err = store_open(&conf, &store, why);
	if (err == OK)
		err = prove_newest(store, ms, why);
	store_close(store);
	return err;
}

int
restore_pg(struct app *app, const struct restore_wish *w)
{
	const struct conf *conf = app->conf;
	const char *dir = w->into ? w->into : conf->backup_pg_path;
	char at[INSTANT_TEXT + 1], full[PATH_MAX], cwd[PATH_MAX], why[200] = "";
	struct pgb_restored r;
	int64_t at_ms = 0;

	if (dir[0] == 0)
		return app_say(app, "backup_pg_path is missing: PostgreSQL's data directory on this host");
	if (dir[0] != '/' && getcwd(cwd, sizeof cwd) != NULL) {
		snprintf(full, sizeof full, "%.2000s/%.2000s", cwd, dir);
		dir = full;
	}
	if (clear(app, dir, w) != EXIT_DONE)
		return EXIT_FAILED;
	fprintf(stderr, "restoring to %s; PostgreSQL takes in the log behind the backup\n", dir);
	pgb_be_server(conf);
	if (pgb_restore(conf, w->to_ms, dir, w->into == NULL, &r, why) != OK)
		return app_say(app, "%s", why);
	if (reached(app, &r, &at_ms, why) != OK) {
		char ignored[200];

		if (pgb_shut(conf, &r, ignored) != OK)
			app_say(app, "%s", ignored);
		return app_say(app, "%s", why);
	}
	if (pgb_shut(conf, &r, why) != OK)
		return app_say(app, "%s", why);
	backup_time_text(at_ms, at);
	printf("restored %s to %s: its newest entry is of %s\n", r.label, dir, at);
	if (w->into == NULL)
		printf("Start PostgreSQL, then `plantao backup run full`: the way back leads over this "
		       "restore from now on.\n");
	return EXIT_DONE;
}
