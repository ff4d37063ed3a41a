/* backup.c - plantao backup: the embedded database's copies; backup_proof.c has verify and status. */
#include "cmd/backup.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

struct wish {
	const char *verb;
	bool json;
};

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
		backup_time_text(all[i].at_ms, at);
		backup_time_text(all[i].last_ms, last);
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

static int
prune(const struct app *app, const struct backup *b)
{
	struct backup_keep keep = backup_keep_of(app->conf);
	char why[200] = "";
	unsigned removed;

	if (backup_newest_proven(b, keep.kept, why) != OK)
		return app_say(app, "%s", why);
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
		exit = backup_verify(&app, &b, w->json);
	else if (strcmp(w->verb, "status") == 0)
		exit = backup_status(&app, &b, w->json);
	else
		exit = prune(&app, &b);
	backup_close(&b);
	return exit;
}

int
cmd_backup(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "json", 0, 0, 'j' }, { 0 } };
	static const char *const verbs[] = { "init", "run", "list", "verify", "prune", "status" };
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
	return cmd_usage("backup", "say init, run, list, verify, prune or status");
}
