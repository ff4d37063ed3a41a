/* backup.c - plantao backup and restore: the embedded database's copies. */
#include "ops/backup.h"
#include "cmd/app.h"
#include "sys/files.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct wish {
	const char *verb, *into;
	int64_t to_ms;
	bool json, yes;
};

static void
progress(const char *what, unsigned done, unsigned of)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s %u/%u%s", what, done, of, done == of ? "\n" : "");
}

static void
time_text(int64_t ms, char out[static INSTANT_TEXT + 1])
{
	instant_print((struct instant){ ms }, out);
}

static void
remove_database(const char *path)
{
	char beside[PATH_MAX + 64];

	unlink(path);
	snprintf(beside, sizeof beside, "%s-wal", path);
	unlink(beside);
	snprintf(beside, sizeof beside, "%s-shm", path);
	unlink(beside);
}

/* ---- backup */

static int
init(const struct conf *conf)
{
	struct app app = { .conf = conf, .name = "backup" };
	char why[WHY_SIZE] = "";

	if (file_make_dir(conf->data_dir, 0700, why) != OK ||
	        keyring_make_file(backup_key_path(conf), why) != OK)
		return app_say(&app, "%s", why);
	printf("%s: made. Without it no backup opens: keep a copy away from this machine.\n",
	        backup_key_path(conf));
	return EXIT_DONE;
}

static int
run(const struct conf *conf, const struct backup *b)
{
	char name[BACKUP_NAME + 1], why[200] = "";
	struct app app;
	int exit = app_open(&app, "backup", conf, &(struct app_needs){ 0 });

	if (exit == EXIT_DONE && store_engine(app.store) != ENGINE_SQLITE)
		exit = app_say(&app, "this is PostgreSQL: its backups are pgBackRest's");
	if (exit == EXIT_DONE && backup_take(b, app.store, name, why) != OK)
		exit = app_say(&app, "%s", why);
	if (exit == EXIT_DONE)
		printf("%s\n", name);
	app_close(&app);
	return exit;
}

static int
list(const struct app *app, const struct backup *b, bool json)
{
	struct backup_base *all = calloc(BACKUPS_MAX, sizeof *all);
	char why[200] = "", at[INSTANT_TEXT + 1], last[INSTANT_TEXT + 1];
	size_t n = 0;

	if (all == NULL || backup_list(b, all, &n, why) != OK) {
		free(all);
		return app_say(app, "%s", why);
	}
	printf("%s", json ? "[" : "");
	for (size_t i = 0; i < n; i++) {
		time_text(all[i].at_ms, at);
		time_text(all[i].last_ms, last);
		if (json)
			printf("%s{\"name\":\"%s\",\"at\":\"%s\",\"upTo\":\"%s\",\"bytes\":%lld,\"segments\":"
			       "%u}",
			        i ? ",\n" : "", all[i].name, at, last, (long long)all[i].bytes,
			        all[i].segments);
		else
			printf("%s  up to %s  %10lld bytes  %u segments\n", all[i].name, last,
			        (long long)all[i].bytes, all[i].segments);
	}
	printf("%s", json ? "]\n" : n ? "" : "no backups\n");
	free(all);
	return EXIT_DONE;
}

/* Restores the newest into a scratch place: what does not open there would not open in need. */
static int
verify(const struct app *app, const struct backup *b, bool json)
{
	char path[PATH_MAX], at[INSTANT_TEXT + 1], why[200] = "";
	uint64_t began_ns = clock_mono_ns();
	int64_t at_ms = 0;
	enum err err;

	snprintf(path, sizeof path, "%s/.prove-%d.db", app->conf->data_dir, (int)getpid());
	err = backup_restore(b, INT64_MAX, path, &at_ms, progress, why);
	remove_database(path);
	if (err != OK)
		return app_say(app, "not proven: %s", why);
	time_text(at_ms, at);
	printf(json ? "{\"proven\":true,\"upTo\":\"%s\",\"seconds\":%.3f}\n"
	            : "proven: restores up to %s in %.3f s\n",
	        at, (double)(clock_mono_ns() - began_ns) / 1e9);
	return EXIT_DONE;
}

static int
prune(const struct app *app, const struct backup *b)
{
	struct backup_keep keep = backup_keep_of(app->conf);
	char why[200] = "";
	unsigned removed;

	if (backup_prune(b, &keep, clock_now().ms, &removed, why) != OK)
		return app_say(app, "%s", why);
	printf("%u removed\n", removed);
	return EXIT_DONE;
}

static int
dispatch(const struct conf *conf, const struct wish *w)
{
	struct app app = { .conf = conf, .name = "backup" };
	struct backup b = { 0 };
	char why[200] = "";
	int exit;

	if (strcmp(w->verb, "init") == 0)
		return init(conf);
	if (backup_open(conf, &b, why) != OK)
		return app_say(&app, "%s", why);
	if (strcmp(w->verb, "run") == 0)
		exit = run(conf, &b);
	else if (strcmp(w->verb, "list") == 0)
		exit = list(&app, &b, w->json);
	else if (strcmp(w->verb, "verify") == 0)
		exit = verify(&app, &b, w->json);
	else
		exit = prune(&app, &b);
	backup_close(&b);
	return exit;
}

int
cmd_backup(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "json", 0, 0, 'j' }, { 0 } };
	static const char *const verbs[] = { "init", "run", "list", "verify", "prune" };
	struct wish w = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j')
			return cmd_usage("backup", "unknown option");
		w.json = true;
	}
	w.verb = optind + 1 == argc ? argv[optind] : "";
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(w.verb, verbs[i]) == 0)
			return dispatch(conf, &w);
	return cmd_usage("backup", "say init, run, list, verify or prune");
}

/* ---- restore */

static bool
confirmed(const char *path)
{
	char line[16] = "";

	fprintf(stderr, "%s exists and will be moved aside. Go on? (yes/no) ", path);
	return fgets(line, sizeof line, stdin) != NULL && strcmp(line, "yes\n") == 0;
}

static int
move_aside(const struct app *app, const char *path)
{
	char aside[PATH_MAX + 64], stamp[INSTANT_TEXT + 1];

	time_text(clock_now().ms, stamp);
	snprintf(aside, sizeof aside, "%s.before-restore-%s", path, stamp);
	if (rename(path, aside) != 0)
		return app_say(app, "%s cannot be moved: %s", path, strerror(errno));
	fprintf(stderr, "the former database is %s\n", aside);
	snprintf(aside, sizeof aside, "%s-wal", path);
	unlink(aside);
	snprintf(aside, sizeof aside, "%s-shm", path);
	unlink(aside);
	return EXIT_DONE;
}

static int
restore(struct app *app, const struct backup *b, const struct wish *w)
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
		exit = w->yes || confirmed(path) ? move_aside(app, path)
		                                 : app_say(app, "nothing was changed");
	if (exit == EXIT_DONE && backup_restore(b, w->to_ms, path, &at_ms, progress, why) != OK) {
		remove_database(path);
		exit = app_say(app, "%s", why);
	}
	file_unlock(&held);
	if (exit != EXIT_DONE)
		return exit;
	time_text(at_ms, at);
	printf("restored to %s: as it was at %s\n", path, at);
	return EXIT_DONE;
}

static int
parse_restore(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = { { "to", 1, 0, 't' }, { "into", 1, 0, 'i' },
		{ "yes", 0, 0, 'y' }, { 0 } };
	struct instant to;
	int c;

	*w = (struct wish){ .to_ms = INT64_MAX };
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
	struct wish w;
	char why[200] = "";
	int exit = parse_restore(argc, argv, &w);

	if (exit != EXIT_DONE)
		return exit;
	if (backup_open(conf, &b, why) != OK)
		return app_say(&app, "%s", why);
	exit = restore(&app, &b, &w);
	backup_close(&b);
	return exit;
}
