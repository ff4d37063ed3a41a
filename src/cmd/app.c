/* app.c - opens what a command needs in one order: directory, keys, store,
 * migrations, sealing. Each refusal is one line that says what to do. */
#include "cmd/app.h"
#include "cmd/upgrade.h"
#include "features/tenants/tenants.h"
#include "http/problem.h"
#include "http/session.h"
#include "store/migrate.h"
#include "ops/audit_seal.h"
#include "store/seal.h"
#include "sys/keyring_conf.h"
#include "sys/log.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_CEILING = 512 << 20 };

int
app_say(const struct app *app, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "plantao %s: ", app->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

bool
app_speaks_portuguese(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *v = getenv(names[i]);
		if (v && *v)
			return strncmp(v, "pt", 2) == 0;
	}
	return false;
}

const char *
app_database_url(const struct conf *conf)
{
	static char url[4096];

	if (conf->database_url[0] != 0)
		return conf->database_url;
	snprintf(url, sizeof url, "sqlite:%s/plantao.db", conf->data_dir);
	return url;
}

static int
make_directory(struct app *app)
{
	const char *dir = app->conf->data_dir;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return app_say(app, "data_dir %s cannot be made: %s", dir, strerror(errno));
	if (access(dir, W_OK | X_OK) != 0)
		return app_say(app, "data_dir %s: %s", dir, strerror(errno));
	return EXIT_DONE;
}

static int
open_keys(struct app *app, bool make)
{
	char why[200] = "";
	enum err err = keyring_open_conf(app->conf, &app->keyring, why);

	if (err == ERR_NOT_FOUND && make) {
		if (keyring_make_conf(app->conf, why) != OK)
			return app_say(app, "%s", why);
		err = keyring_open_conf(app->conf, &app->keyring, why);
	}
	if (err == OK)
		return EXIT_DONE;
	return app_say(app, "%s%s", why,
	        err == ERR_NOT_FOUND ? ": `plantao init` makes an installation, `plantao serve --demo` a demo"
	                             : "");
}

/* The master key must open what the platform has sealed: better no server than one
 * that answers every call with a failure.  An empty database proves nothing yet. */
static int
prove_key(struct app *app)
{
	struct blob token;
	enum err err = db_begin(&app->ctx, app->db, TX_READ);

	if (err != OK)
		return app_say(app, "%s", app->ctx.why);
	app->ctx.tenant = TENANT_PLATFORM;
	err = token_exact(&app->ctx, "start", STR("key"), &token);
	app->ctx.tenant = (struct id){ { 0 } };
	db_rollback(&app->ctx);
	if (err == OK || err == ERR_NOT_FOUND)
		return EXIT_DONE;
	return app_say(app, "the master key does not open this database: it belongs to another "
	                    "installation, or the key file was replaced");
}

static int
migrate(struct app *app)
{
	int from, to;
	char why[200] = "";

	if (store_migrate(app->store, &from, &to, why) != OK)
		return app_say(app, "%s", why);
	app->version = to;
	if (from != to)
		log_event(EV_MIGRATED, { "from", LOG_I(from) }, { "to", LOG_I(to) });
	return EXIT_DONE;
}

static int
open_store(struct app *app, const struct app_needs *needs)
{
	const char *url = needs->database ? needs->database : app_database_url(app->conf);
	struct store_conf sc = { .url = url,
		.connect_timeout_ms = (int)app->conf->database_connect_timeout_ms,
		.statement_timeout_ms = (int)app->conf->database_statement_timeout_ms,
		.exclusive = needs->exclusive,
		.frozen = needs->database != NULL };
	char why[200] = "";
	int exit;

	if (needs->evidence && strncmp(url, "sqlite:", 7) == 0 && access(url + 7, R_OK) != 0)
		return app_say(app, "%s: %s", url + 7, strerror(errno));
	if (store_open(&sc, &app->store, why) != OK)
		return app_say(app, "%s", why);
	if (!needs->evidence && (exit = migrate(app)) != EXIT_DONE)
		return exit;
	if (app->keyring != NULL && seal_init(app->store, app->keyring) != OK)
		return app_say(app, "no memory for keys");
	if (db_open(app->store, &app->db) != OK || (!needs->evidence && trail_open(&app->ctx, app->db) != OK))
		return app_say(app, "no connection to the database");
	if (app->keyring == NULL || needs->evidence)
		return EXIT_DONE;
	exit = prove_key(app);
	return exit == EXIT_DONE ? upgrade_run(app) : exit;
}

int
app_open(struct app *app, const char *name, const struct conf *conf, const struct app_needs *needs)
{
	int exit;

	proc_harden(); /* whatever opens keys and charts leaves no core dump of them */
	*app = (struct app){ .conf = conf, .name = name, .server = needs->exclusive };
	app->ctx.arena = arena_new(ARENA_CEILING);
	app->ctx.reach = REACH_TENANT;
	app->ctx.now = clock_now();
	if (app->ctx.arena == NULL)
		return app_say(app, "no memory");
	if (!needs->evidence && (exit = make_directory(app)) != EXIT_DONE)
		return exit;
	if (!needs->no_key && (exit = open_keys(app, needs->make_key)) != EXIT_DONE)
		return exit;
	return open_store(app, needs);
}

/* What a command wrote has its signed head when the command ends, server or no server. */
static void
seal_written(struct app *app)
{
	char why[200] = "";
	int64_t batches;

	if (app->wrote && !app->server && audit_seal_now(app->store, app->keyring, &batches, why) != OK)
		app_say(app, "%s", why);
}

void
app_close(struct app *app)
{
	if (app->db != NULL)
		seal_written(app);
	db_close(app->db);
	if (app->store != NULL)
		seal_close(app->store);
	store_close(app->store);
	if (app->keyring != NULL)
		keyring_close(app->keyring);
	arena_free(app->ctx.arena);
}

static int
work_in(struct app *app, enum tx_mode mode, app_work_fn *work, void *arg)
{
	enum err err;

	app->ctx.now = clock_now();
	err = db_begin(&app->ctx, app->db, mode);
	if (err == OK) {
		err = work(&app->ctx, arg);
		if (err == OK)
			err = db_commit(&app->ctx);
		else
			db_rollback(&app->ctx);
	}
	if (err == OK)
		return EXIT_DONE;
	for (const struct invalid *v = app->ctx.invalid; err == ERR_INVALID && v != NULL; v = v->next)
		app_say(app, "%s: %s", v->field, invalid_text(v->code, LANG_EN));
	return app_say(app, "%s%s%s", err_title(err, LANG_EN), app->ctx.why[0] ? ": " : "", app->ctx.why);
}

int
app_write(struct app *app, app_work_fn *work, void *arg)
{
	app->wrote = true;
	return work_in(app, TX_WRITE, work, arg);
}

int
app_read(struct app *app, app_work_fn *work, void *arg)
{
	return work_in(app, TX_READ, work, arg);
}

void
app_statistics(struct app *app)
{
	if (db_statistics(&app->ctx, app->db) != OK)
		app_say(app, "the database's statistics were not taken (%s): lists may be slow for a while",
		        app->ctx.why);
}

int
app_tenant(struct app *app, const char *slug)
{
	struct list all = { 0 };
	const struct institution *t;
	enum err err = db_begin(&app->ctx, app->db, TX_READ);

	if (err == OK) {
		err = tenant_list(&app->ctx, &all);
		db_rollback(&app->ctx);
	}
	if (err != OK)
		return app_say(app, "%s", app->ctx.why);
	t = all.items;
	for (size_t i = 0; i < all.count; i++)
		if (slug ? str_is(t[i].slug, slug) : all.count == 1 || str_is(t[i].slug, "demo")) {
			app->ctx.tenant = t[i].id;
			return EXIT_DONE;
		}
	return slug ? app_say(app, "no tenant \"%s\"", slug)
	            : app_say(app, "several tenants: name one with --tenant");
}
