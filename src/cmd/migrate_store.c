/* migrate_store.c - plantao migrate-store: from the embedded database to PostgreSQL. */
#include "ops/audit_seal.h"
#include "ops/store_move.h"
#include "cmd/app.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static void
progress(const char *what, const char *table, int64_t done, int64_t of)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s %s %lld/%lld%s", what, table, (long long)done, (long long)of,
		        done >= of ? "\n" : "");
	else if (done >= of)
		fprintf(stderr, "%s %s %lld/%lld\n", what, table, (long long)done, (long long)of);
}

/* A password does not belong into the list of processes. */
static int
read_url(const char *path, char url[static 4096])
{
	char why[200];
	size_t n = 0;

	if (file_read_into(path, url, 4095, &n, why) != OK)
		return cmd_usage("migrate-store", "--to-file: %s", why);
	url[n] = 0;
	url[strcspn(url, "\r\n")] = 0;
	return EXIT_DONE;
}

static int
move(struct app *app, const char *url)
{
	struct store_move_conf mc = { app->store, app->keyring, url,
		(int)app->conf->database_connect_timeout_ms, progress };
	struct store_move_result r;
	char why[200] = "";
	int64_t batches;

	if (audit_seal_now(app->store, app->keyring, &batches, why) != OK || store_move(&mc, &r, why) != OK)
		return app_say(app, "%s", why);
	printf("moved: %lld tables, %lld rows (%lld by an earlier run), every row compared, %lld audit "
	       "entries "
	       "verified, %lld charts opened\n"
	       "set database_url to the new database; the embedded one stays as it is: start no server on "
	       "it\n",
	        (long long)r.tables, (long long)r.rows, (long long)r.resumed, (long long)r.audit_entries,
	        (long long)r.charts_opened);
	return EXIT_DONE;
}

int
cmd_migrate_store(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "to", 1, 0, 't' }, { "to-file", 1, 0, 'f' }, { 0 } };
	char url[4096] = "";
	struct app app;
	int c, exit = EXIT_DONE;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1 && exit == EXIT_DONE)
		switch (c) {
		case 't': snprintf(url, sizeof url, "%s", optarg); break;
		case 'f': exit = read_url(optarg, url); break;
		default: return cmd_usage("migrate-store", "unknown option");
		}
	if (exit != EXIT_DONE)
		return exit;
	if (optind < argc)
		return cmd_usage("migrate-store", "unexpected \"%s\"", argv[optind]);
	if (strncmp(app_database_url(conf), "sqlite:", 7) != 0)
		return cmd_usage("migrate-store",
		        "database_url is PostgreSQL: the way back to the embedded database is not supported");
	if (strncmp(url, "postgres", 8) != 0)
		return cmd_usage(
		        "migrate-store", "--to or --to-file: postgresql://USER@HOST/DATABASE is wanted");
	exit = app_open(&app, "migrate-store", conf, &(struct app_needs){ .exclusive = true });
	if (exit == EXIT_DONE)
		exit = move(&app, url);
	app_close(&app);
	return exit;
}
