/* backup_pg.c - plantao backup on PostgreSQL: the same words, pgBackRest's work. */
#include "cmd/backup.h"
#include "ops/ha.h"
#include "sys/files.h"
#include "sys/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	FULL_EVERY_MS = 7 * 86400000,
	HOUR_MS = 3600000,
	LOOK_S = 30,
	AGAIN_MS = 300000,
	PROOFS_LOOKED_AT = 10
};

/* ---- who takes it */

enum part { PART_NONE, PART_ALONE, PART_STANDBY };

/* In a cluster the standby takes it, since nobody waits for it there; a primary without one does
 * itself.  Two at once are two backups too many, no harm. */
static enum part
part_of(const struct conf *conf, char *why)
{
	char ha_why[HA_WHY] = "";
	struct ha_place place;
	struct ha_view view = { 0 };
	enum err err;

	if (conf->ha_dir[0] == 0)
		return PART_ALONE;
	pgb_be_root(conf);
	err = ha_place_open(conf->ha_dir, &place, ha_why);
	if (err == OK)
		err = ha_look(&place, &view, ha_why);
	pgb_be_server(conf);
	if (err != OK) {
		snprintf(why, 200, "%.190s", ha_why);
		return PART_NONE;
	}
	if (strcmp(view.standby, ha_host_name(place.host)) == 0)
		return PART_STANDBY;
	snprintf(why, 200, "the standby (%.15s) takes the backups", view.standby);
	return view.standby[0] == 0 && strcmp(view.leader, ha_host_name(place.host)) == 0 ? PART_ALONE
	                                                                                  : PART_NONE;
}

/* ---- init */

static int
init(const struct conf *conf, bool new_key)
{
	struct app app = { .conf = conf, .name = "backup" };
	char why[200] = "";
	enum err err;

	if (access(backup_key_path(conf), F_OK) != 0 && backup_make_key(conf, new_key) != EXIT_DONE)
		return EXIT_FAILED;
	pgb_be_root(conf);
	err = pgb_init(conf, why);
	pgb_be_server(conf);
	if (err != OK)
		return app_say(&app, "%s", why);
	printf("%s: pgBackRest's configuration; it holds the key of the backups: keep a copy away from "
	       "this machine.\n"
	       "PostgreSQL archives its log with these settings; archive_mode needs a restart:\n"
	       "  archive_mode = on\n"
	       "  archive_command = 'pgbackrest --config=%s --stanza=" PGB_STANZA " archive-push %%p'\n"
	       "  archive_timeout = 60\n"
	       "Then `plantao backup run`, and `plantao backup watch` as a service.\n",
	        conf->backup_pgbackrest_file, conf->backup_pgbackrest_file);
	return EXIT_DONE;
}

/* ---- run */

/* A full one a week, the others hold what changed since. */
static enum err
due_kind(const struct conf *conf, enum pgb_kind *kind, int64_t *newest_ms, char *why)
{
	struct pgb_set *all = calloc(PGB_SETS_MAX, sizeof *all);
	int64_t now_ms = clock_now().ms;
	size_t n = 0;
	enum err err = all ? pgb_list(conf, all, &n, why) : ERR_BUSY;

	*kind = PGB_FULL;
	*newest_ms = n > 0 ? all[0].at_ms : 0;
	for (size_t i = 0; i < n; i++)
		if (all[i].kind == PGB_FULL && now_ms - all[i].at_ms < FULL_EVERY_MS)
			*kind = PGB_DIFF;
	free(all);
	return err;
}

static int
run(const struct app *app, enum pgb_kind kind)
{
	char label[PGB_LABEL + 1] = "", why[200] = "";
	int64_t newest_ms;
	enum part part = part_of(app->conf, why);
	enum err err = OK;

	if (part == PART_NONE)
		return app_say(app, "not here: %s", why);
	if (kind == PGB_UNSET)
		err = due_kind(app->conf, &kind, &newest_ms, why);
	if (err == OK)
		err = pgb_take(app->conf, kind, part == PART_STANDBY, label, why);
	if (err != OK)
		return app_say(app, "%s", why);
	printf("%s\n", label);
	return EXIT_DONE;
}

/* ---- list */

static void
print_set(const struct pgb_set *s, bool json, bool first)
{
	char at[INSTANT_TEXT + 1], done[INSTANT_TEXT + 1];

	backup_time_text(s->at_ms, at);
	backup_time_text(s->done_ms, done);
	if (json)
		printf("%s{\"name\":\"%s\",\"type\":\"%s\",\"at\":\"%s\",\"upTo\":\"%s\",\"bytes\":%lld,"
		       "\"databaseBytes\":%lld,\"damaged\":%s}",
		        first ? "" : ",\n", s->label, pgb_kind_name(s->kind), at, done,
		        (long long)s->own_bytes, (long long)s->bytes, s->broken ? "true" : "false");
	else
		printf("%-33s  %s  up to %s  %12lld bytes of %lld%s\n", s->label, pgb_kind_name(s->kind),
		        done, (long long)s->own_bytes, (long long)s->bytes,
		        s->broken ? "  damaged: pages with a wrong checksum" : "");
}

static int
list(const struct app *app, bool json)
{
	struct pgb_set *all = calloc(PGB_SETS_MAX, sizeof *all);
	char why[200] = "";
	size_t n = 0;
	enum err err = all ? pgb_list(app->conf, all, &n, why) : ERR_BUSY;

	if (err == OK) {
		printf("%s", json ? "[" : "");
		for (size_t i = 0; i < n; i++)
			print_set(&all[i], json, i == 0);
		printf("%s", json ? "]\n" : n ? "" : "no backups\n");
	}
	free(all);
	return err == OK ? EXIT_DONE : app_say(app, "%s", why);
}

static int
prune(const struct app *app, const struct backup *b)
{
	char proven[PGB_LABEL + 1], why[200] = "";
	unsigned removed = 0;

	if (backup_newest_proven(b, proven, why) != OK || pgb_prune(app->conf, proven, &removed, why) != OK)
		return app_say(app, "%s", why);
	printf("%u removed\n", removed);
	return EXIT_DONE;
}

static int
status(const struct app *app, const struct backup *b, bool json)
{
	struct pgb_set *all = calloc(PGB_SETS_MAX, sizeof *all);
	struct backup_state state = { .newest = "" };
	char why[200] = "out of memory";
	size_t n = 0;
	enum err err = all ? pgb_list(app->conf, all, &n, why) : ERR_BUSY;

	if (err == OK && n > 0) {
		memcpy(state.newest, all[0].label, sizeof state.newest);
		state.at_ms = all[0].at_ms;
		state.up_to_ms = all[0].done_ms;
		state.bytes = all[0].own_bytes;
	}
	free(all);
	return err == OK ? backup_status(app, b, &state, json) : app_say(app, "%s", why);
}

/* ---- watch */

static volatile sig_atomic_t ended;

static void
on_end(int signal)
{
	(void)signal;
	ended = 1;
}

enum outcome { NOT_DUE, DONE, FAILED };

static enum outcome
take_if_due(const struct app *app)
{
	const struct conf *conf = app->conf;
	char label[PGB_LABEL + 1] = "", why[200] = "";
	enum pgb_kind kind = PGB_FULL;
	int64_t newest_ms = 0;
	enum part part;
	enum err err = due_kind(conf, &kind, &newest_ms, why);

	if (err == OK && clock_now().ms - newest_ms < conf->backup_base_hours * HOUR_MS)
		return NOT_DUE;
	/* Asked last: it asks the whole cluster. */
	if (err == OK && (part = part_of(conf, why)) == PART_NONE)
		return NOT_DUE;
	if (err == OK)
		err = pgb_take(conf, kind, part == PART_STANDBY, label, why);
	if (err != OK) {
		log_event(EV_BACKUP_FAILING, { "why", LOG_S(why) });
		return FAILED;
	}
	log_event(EV_BACKUP_BASE, { "backup", LOG_S(label) });
	return DONE;
}

/* What was proven last is in the target: whichever host took or proved it. */
static int64_t
proven_ms(const struct backup *b)
{
	struct arena *arena = arena_new(1 << 20);
	struct proof_record last[PROOFS_LOOKED_AT];
	const struct proof *good = NULL;
	char why[200];
	size_t n = 0;
	int64_t at_ms = 0;

	if (arena != NULL && backup_proofs(b, arena, last, PROOFS_LOOKED_AT, &n, why) == OK &&
	        !proofs_failed_last(last, n))
		good = proofs_newest_good(last, n);
	if (good != NULL)
		at_ms = good->at.ms;
	arena_free(arena);
	return at_ms;
}

static enum outcome
prove_if_due(const struct app *app, const struct backup *b, bool took)
{
	const struct conf *conf = app->conf;
	char why[200];

	if (conf->backup_prove_hours == 0)
		return NOT_DUE;
	if (!took && (clock_now().ms - proven_ms(b) < conf->backup_prove_hours * HOUR_MS ||
	                     part_of(conf, why) == PART_NONE))
		return NOT_DUE;
	if (backup_verify(app, b, false, true) != EXIT_DONE)
		return FAILED;
	(void)prune(app, b);
	return DONE;
}

/* Every host has its watch; what is due is done by the one whose part it is, and after a
 * failure again in five minutes. */
static int
watch(const struct app *app, const struct backup *b)
{
	struct sigaction act = { .sa_handler = on_end };
	int64_t again_ms = 0;

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	while (!ended) {
		enum outcome took = NOT_DUE, proved = NOT_DUE;

		if (clock_now().ms >= again_ms) {
			took = take_if_due(app);
			if (took != FAILED && !ended)
				proved = prove_if_due(app, b, took == DONE);
			fflush(stdout);
		}
		if (took == FAILED || proved == FAILED)
			again_ms = clock_now().ms + AGAIN_MS;
		for (int i = 0; i < LOOK_S && !ended; i++)
			nanosleep(&(struct timespec){ 1, 0 }, NULL);
	}
	return EXIT_DONE;
}

int
backup_pg(const struct conf *conf, const struct backup_wish *w)
{
	struct app app = { .conf = conf, .name = "backup" };
	struct backup b = { 0 };
	char why[200] = "";
	int exit;

	if (strcmp(w->verb, "init") == 0)
		return init(conf, w->new_key);
	pgb_be_server(conf);
	if (strcmp(w->verb, "list") == 0)
		return list(&app, w->json);
	if (strcmp(w->verb, "run") == 0)
		return run(&app, w->kind);
	if (backup_open(conf, &b, why) != OK)
		return app_say(&app, "%s", why);
	if (strcmp(w->verb, "verify") == 0)
		exit = backup_verify(&app, &b, w->json, false);
	else if (strcmp(w->verb, "status") == 0)
		exit = status(&app, &b, w->json);
	else if (strcmp(w->verb, "watch") == 0)
		exit = watch(&app, &b);
	else
		exit = prune(&app, &b);
	backup_close(&b);
	return exit;
}
