/* backup.c - plantao backup: the embedded database's copies, and the way to PostgreSQL's
 * (backup_pg.c); backup_proof.c has verify and status. */
#include "cmd/backup.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- backup */

static int
say_former(const struct app *app, const struct backup_former *f, const char *target)
{
	const char *key = backup_key_path(app->conf);
	bool pt = app_speaks_portuguese();

	if (pt)
		app_say(app,
		        "%s já guarda %zu cópias (%s a %s)%s que nenhuma chave nova abre; nada foi mudado.",
		        target, f->count, f->count ? f->oldest : "-", f->count ? f->newest : "-",
		        f->proofs ? " e registros de provas" : "");
	else
		app_say(app, "%s holds %zu backups (%s to %s)%s that no new key opens; nothing was changed.",
		        target, f->count, f->count ? f->oldest : "-", f->count ? f->newest : "-",
		        f->proofs ? " and records of proofs" : "");
	fprintf(stderr,
	        pt ? "  A chave que os selou existe? Ponha a cópia dela em %s (modo 0600) e não rode init.\n"
	             "  Não existe mais? Comece em lugar vazio (outro backup_dir ou prefixo de "
	             "backup_s3_url),\n"
	             "  ou rode `plantao backup init --new-key`: as cópias antigas ficam, ilegíveis sem a "
	             "chave antiga.\n"
	           : "  Is there a copy of the key that sealed them? Put it at %s (mode 0600), without "
	             "init.\n"
	             "  There is none? Begin in an empty place (another backup_dir or prefix of "
	             "backup_s3_url),\n"
	             "  or run `plantao backup init --new-key`: the old ones stay, unreadable without the "
	             "old key.\n",
	        key);
	return EXIT_FAILED;
}

/* Is there something in the target that a new key would leave unreadable? */
static int
look_former(const struct app *app, struct backup *b, struct backup_former *f)
{
	const struct conf *conf = app->conf;
	char why[200] = "";

	*f = (struct backup_former){ .count = 0 };
	/* A directory that is not there is not made here: on PostgreSQL another account owns it. */
	if (!backup_is_configured(conf) ||
	        (conf->backup_s3_url[0] == 0 && access(conf->backup_dir, F_OK) != 0))
		return EXIT_DONE;
	if (target_open(conf, &b->target, why) == OK && backup_look_former(b, f, why) == OK)
		return EXIT_DONE;
	return app_say(app,
	        app_speaks_portuguese()
	                ? "não se vê se o destino já guarda cópias de outra chave: %s"
	                : "whether the target holds backups of another key cannot be seen: %s",
	        why);
}

static int
make_key(const struct app *app, struct backup *b, const struct backup_former *former)
{
	const char *path = backup_key_path(app->conf);
	char why[WHY_SIZE] = "";

	if (file_make_dir(app->conf->data_dir, 0700, why) != OK || keyring_make_file(path, why) != OK)
		return app_say(app, "%s", why);
	if (former->proofs && proofs_begin_anew(b, why) != OK) {
		unlink(path); /* just made, nothing is sealed with it */
		return app_say(app, "%s", why);
	}
	printf("%s: made. Without it no backup opens: keep a copy away from this machine.\n", path);
	return EXIT_DONE;
}

int
backup_make_key(const struct conf *conf, bool new_key)
{
	struct app app = { .conf = conf, .name = "backup" };
	struct backup b = { 0 };
	struct backup_former former = { 0 };
	int exit = EXIT_DONE;

	if (access(backup_key_path(conf), F_OK) == 0)
		return app_say(&app,
		        app_speaks_portuguese() ? "%s já existe; nada foi mudado"
		                                : "%s exists already; nothing was changed",
		        backup_key_path(conf));
	exit = look_former(&app, &b, &former);
	if (exit == EXIT_DONE && !new_key && (former.count > 0 || former.proofs))
		exit = say_former(&app, &former, b.target->text);
	if (exit == EXIT_DONE)
		exit = make_key(&app, &b, &former);
	backup_close(&b);
	return exit;
}

static int
run(const struct conf *conf, const struct backup *b)
{
	char name[BACKUP_NAME + 1], why[200] = "";
	struct app app;
	int exit = app_open(&app, "backup", conf, &(struct app_needs){ 0 });

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
status(const struct app *app, const struct backup *b, bool json)
{
	struct backup_base *all = calloc(BACKUPS_MAX, sizeof *all);
	struct backup_state state = { .newest = "" };
	char why[200] = "out of memory";
	size_t n = 0;
	enum err err = all ? backup_list(b, all, &n, why) : ERR_BUSY;

	if (err == OK && n > 0) {
		snprintf(state.newest, sizeof state.newest, "%s", all[0].name);
		state.at_ms = all[0].at_ms;
		state.up_to_ms = all[0].last_ms;
		state.bytes = all[0].bytes;
		state.segments = all[0].segments;
	}
	free(all);
	return err == OK ? backup_status(app, b, &state, json) : app_say(app, "%s", why);
}

static int
embedded(const struct conf *conf, const struct backup_wish *w)
{
	struct app app = { .conf = conf, .name = "backup" };
	struct backup b = { 0 };
	char why[200] = "";
	int exit;

	if (strcmp(w->verb, "init") == 0)
		return backup_make_key(conf, w->new_key);
	if (backup_open(conf, &b, why) != OK)
		return app_say(&app, "%s", why);
	if (strcmp(w->verb, "run") == 0)
		exit = run(conf, &b);
	else if (strcmp(w->verb, "list") == 0)
		exit = list(&app, &b, w->json);
	else if (strcmp(w->verb, "verify") == 0)
		exit = backup_verify(&app, &b, w->json, false);
	else if (strcmp(w->verb, "status") == 0)
		exit = status(&app, &b, w->json);
	else
		exit = prune(&app, &b);
	backup_close(&b);
	return exit;
}

int
cmd_backup(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "json", 0, 0, 'j' }, { "new-key", 0, 0, 'n' }, { 0 } };
	static const char *const verbs[] = { "init", "run", "list", "verify", "prune", "status", "watch" };
	struct backup_wish w = { 0 };
	bool postgres = pgb_is_used(conf);
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'j')
			w.json = true;
		else if (c == 'n')
			w.new_key = true;
		else
			return cmd_usage("backup", "unknown option");
	}
	w.verb = optind < argc ? argv[optind++] : "";
	if (optind < argc && strcmp(w.verb, "run") == 0 && !pgb_kind_parse(argv[optind++], &w.kind))
		return cmd_usage("backup", "a backup is full, diff or incr, not %s", argv[optind - 1]);
	if (w.new_key && strcmp(w.verb, "init") != 0)
		return cmd_usage("backup", "--new-key is init's");
	if (optind < argc)
		return cmd_usage("backup", "unexpected \"%s\"", argv[optind]);
	if (!postgres && (w.kind != PGB_UNSET || strcmp(w.verb, "watch") == 0))
		return cmd_usage("backup", "the server itself does that for the embedded database");
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(w.verb, verbs[i]) == 0)
			return postgres ? backup_pg(conf, &w) : embedded(conf, &w);
	return cmd_usage("backup", "say init, run, list, verify, prune, status or watch");
}
