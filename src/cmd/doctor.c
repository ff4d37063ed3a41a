/* doctor.c - plantao doctor: looks at the whole installation and says what it saw. */
#include "ops/checks.h"
#include "base/json.h"
#include "cmd/app.h"
#include "cmd/claims.h"
#include "store/migrate.h"
#include "store/seal.h"
#include "sys/keyring_conf.h"
#include "sys/proc.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

/* Unlike other commands it goes on when something does not open: that is what it is for. */
static void
open_what_opens(struct app *app, struct checked *c)
{
	struct store_conf sc = { .url = app_database_url(app->conf),
		.connect_timeout_ms = (int)app->conf->database_connect_timeout_ms,
		.statement_timeout_ms = (int)app->conf->database_statement_timeout_ms };
	bool embedded = strncmp(sc.url, "sqlite:", 7) == 0;

	checks_as_server(app->conf, true);
	if (keyring_open_conf(app->conf, &app->keyring, c->key_why) == OK)
		c->keyring = app->keyring;
	checks_as_server(app->conf, false);
	/* Opening an embedded database that is not there would make it: a look changes nothing. */
	if (embedded && access(sc.url + 7, F_OK) != 0) {
		snprintf(c->why, sizeof c->why, "there is no %.150s", sc.url + 7);
		return;
	}
	if (store_open(&sc, &app->store, c->why) != OK || db_open(app->store, &app->db) != OK ||
	        store_version(app->db, &c->version, c->why) != OK)
		return;
	c->store = app->store;
	c->db = app->db;
}

static void
put_json(struct buf *b, const struct check *check, enum check_result result, const char *evidence)
{
	buf_printf(b, "{\"check\":\"%s\",\"result\":\"%s\",\"evidence\":", check->name,
	        check_result_name(result));
	json_write_text(b, str_of(evidence));
	if (result == CHECK_FAIL || result == CHECK_WARN) {
		buf_text(b, ",\"remedy\":");
		json_write_text(b, str_of(check->remedy_en));
	}
	buf_byte(b, '}');
}

static void
put_text(const struct check *check, enum check_result result, const char *evidence)
{
	printf("%-7s %-20s %s\n", check_result_name(result), check->name, evidence);
	if (result == CHECK_FAIL || result == CHECK_WARN)
		printf("        -> %s\n", check->remedy_en);
}

static int
look(struct checked *c, const struct check *rows, bool json)
{
	unsigned counts[CHECK_SKIPPED + 1] = { 0 };
	char evidence[200];
	struct buf b;

	buf_init(&b, 1 << 20);
	for (const struct check *check = rows; check->name; check++) {
		enum check_result result = check->run(c, evidence);

		counts[result]++;
		if (json) {
			buf_text(&b, b.n ? ",\n" : "[");
			put_json(&b, check, result, evidence);
		} else {
			put_text(check, result, evidence);
		}
	}
	if (json)
		printf("%.*s]\n", (int)b.n, b.p);
	else
		printf("%u ok, %u warn, %u fail, %u skipped\n", counts[CHECK_OK], counts[CHECK_WARN],
		        counts[CHECK_FAIL], counts[CHECK_SKIPPED]);
	buf_free(&b);
	return counts[CHECK_FAIL] ? EXIT_FAILED : EXIT_DONE;
}

int
cmd_doctor(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "json", 0, 0, 'j' }, { "installation", 0, 0, 'i' },
		{ "privacy", 0, 0, 'p' }, { 0 } };
	struct app app = { .conf = conf, .name = "doctor" };
	struct checked checked = { .conf = conf, .ctx = &app.ctx };
	bool json = false, privacy = false;
	int c, exit;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j' && c != 'i' && c != 'p')
			return cmd_usage("doctor", "unknown option");
		privacy |= c == 'p';
		json |= c == 'j';
	}
	if (optind < argc)
		return cmd_usage("doctor", "unexpected \"%s\"", argv[optind]);
	app.ctx.arena = arena_new(16 << 20);
	app.ctx.now = clock_now();
	proc_harden();
	open_what_opens(&app, &checked);
	if (privacy)
		claims_prepare(&checked);
	exit = look(&checked, privacy ? claims : checks, json);
	app_close(&app);
	return exit;
}
