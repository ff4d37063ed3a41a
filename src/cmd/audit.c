/* audit.c - plantao audit: the trail verified, exported, listed, pruned. */
#include "cmd/app.h"
#include "features/tenants/tenants.h"
#include "http/audit_write.h"
#include "http/session.h"
#include "ops/audit_export.h"
#include "ops/audit_heads.h"
#include "ops/audit_prune.h"
#include "ops/audit_seal.h"
#include "ops/audit_verify.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>

enum { KEY_FILE_MAX = 1 << 20, GRACE_S = 30 };

struct wish {
	const char *verb, *argument;
	struct instant since, until;
	struct date before;
	const char *key, *export, *database, *heads, *append, *reason;
	int64_t grace_s;
	bool json, fresh_key;
};

/* ---- verify */

static void
print_json(const struct audit_verdict *v, uint64_t took_ns)
{
	const struct audit_finding *f = &v->first;
	char id[ID_TEXT + 1], at[INSTANT_TEXT + 1];

	printf("{\"ok\":%s,\"entries\":%lld,\"batches\":%lld,\"pruned\":%lld,\"unsealed\":%lld,\"lastHead\":%"
	       "lld,"
	       "\"seconds\":%.3f,\"first\":",
	        f->fault == FAULT_NONE ? "true" : "false", (long long)v->entries, (long long)v->batches,
	        (long long)v->pruned, (long long)v->unsealed, (long long)v->last.number,
	        (double)took_ns / 1e9);
	if (f->fault == FAULT_NONE) {
		printf("null}\n");
		return;
	}
	id_print(f->id, id);
	instant_print(f->at, at);
	printf("{\"kind\":\"%s\",\"batch\":%lld,\"seq\":%lld,\"line\":%lld,\"id\":",
	        audit_fault_word(f->fault), (long long)f->batch, (long long)f->seq, (long long)f->line);
	printf(id_is_set(f->id) ? "\"%s\"" : "null", id);
	printf(",\"at\":");
	printf(f->at.ms != 0 ? "\"%s\"" : "null", at);
	printf(",\"detail\":\"%s\"}}\n", f->detail);
}

static void
print_text(const struct audit_verdict *v, uint64_t took_ns)
{
	const struct audit_finding *f = &v->first;
	char id[ID_TEXT + 1];

	if (f->fault == FAULT_NONE) {
		printf("whole: %lld entries in %lld batches up to head %lld, %lld removed in order, %lld not "
		       "yet sealed "
		       "(%.1f s)\n",
		        (long long)v->entries, (long long)v->batches, (long long)v->last.number,
		        (long long)v->pruned, (long long)v->unsealed, (double)took_ns / 1e9);
		return;
	}
	printf("BROKEN: %s", audit_fault_text(f->fault, true));
	if (f->batch != 0)
		printf(", batch %lld", (long long)f->batch);
	if (f->seq != 0)
		printf(", entry %lld", (long long)f->seq);
	id_print(f->id, id);
	if (id_is_set(f->id))
		printf(" (%s)", id);
	if (f->line != 0)
		printf(", line %lld", (long long)f->line);
	printf(": %s\n%lld entries in %lld batches before it are whole\n", f->detail, (long long)v->entries,
	        (long long)v->batches);
}

static int
keys_from_file(struct app *app, const char *path, struct trail_keys *out)
{
	struct buf pem;
	char why[WHY_SIZE] = "";
	int exit = EXIT_DONE;

	buf_init(&pem, KEY_FILE_MAX);
	if (file_read(path, KEY_FILE_MAX, &pem, why) != OK)
		exit = app_say(app, "%s", why);
	else if (!trail_keys_parse(app->ctx.arena, buf_view(&pem), out))
		exit = app_say(
		        app, "%s: no Ed25519 public keys (PEM) as `plantao audit key` prints them", path);
	buf_free(&pem);
	return exit;
}

static int
keys_from_store(struct app *app, struct trail_keys *out)
{
	enum err err = db_begin(&app->ctx, app->db, TX_READ);

	if (err == OK) {
		err = trail_keys_read(&app->ctx, app->keyring, out);
		db_rollback(&app->ctx);
	}
	return err == OK ? EXIT_DONE : app_say(app, "the audit keys cannot be read: %s", app->ctx.why);
}

static int
verify_opened(struct app *app, const struct wish *w)
{
	struct trail_keys keys;
	struct audit_verdict verdict;
	struct audit_verify_conf vc = { .keys = &keys,
		.since = w->since,
		.heads_file = w->heads,
		.grace_ms = w->grace_s * 1000,
		.live = w->database == NULL };
	uint64_t began_ns = clock_mono_ns();
	char why[WHY_SIZE] = "";
	enum err err;
	int exit = w->key ? keys_from_file(app, w->key, &keys) : keys_from_store(app, &keys);

	if (exit != EXIT_DONE)
		return exit;
	err = w->export ? audit_verify_export(w->export, &vc, &verdict, why)
	                : audit_verify_store(app->store, &vc, &verdict, why);
	if (err != OK)
		return app_say(app, "%s", why);
	(w->json ? print_json : print_text)(&verdict, clock_mono_ns() - began_ns);
	return verdict.first.fault == FAULT_NONE ? EXIT_DONE : EXIT_FAILED;
}

static int
verify(struct app *app, const struct conf *conf, const struct wish *w)
{
	char url[4200];
	struct app_needs needs = { .evidence = true, .no_key = w->key != NULL };
	int exit = EXIT_DONE;

	if (w->export && w->database)
		return cmd_usage("audit", "verify takes --export or --database, not both");
	if (w->export && w->since.ms != 0)
		return cmd_usage("audit", "an export is verified whole: --since is for a store");
	if (w->database) {
		snprintf(url, sizeof url, "sqlite:%s", w->database);
		needs.database = url;
	}
	if (w->export && w->key) /* nothing but the file and the key */
		*app = (struct app){ .conf = conf, .name = "audit", .ctx = { .arena = arena_new(64 << 20) } };
	else
		exit = app_open(app, "audit", conf, &needs);
	return exit == EXIT_DONE ? verify_opened(app, w) : exit;
}

/* ---- what leaves an entry */

static enum err
note(struct ctx *ctx, enum audit event, const char *reason)
{
	TRY(tenant_platform(ctx));
	ctx->tenant = TENANT_PLATFORM;
	return audit_note_add(ctx, &(struct audit_note){ .event = event,
	                                   .status = 200,
	                                   .route = "plantao audit",
	                                   .request_id = "",
	                                   .address = STR("local"),
	                                   .reason = str_of(reason) });
}

static enum err
note_export(struct ctx *ctx, void *arg)
{
	const struct wish *w = arg;

	return note(ctx, AUDIT_AUDIT_EXPORTED, w->reason);
}

static int export(struct app *app, const struct conf *conf, struct wish *w)
{
	struct audit_end end = { 0 };
	char why[WHY_SIZE] = "";
	int exit;

	if (w->argument == NULL)
		return cmd_usage("audit", "export needs the name of a new file");
	exit = app_open(app, "audit", conf, &(struct app_needs){ 0 });
	if (exit == EXIT_DONE)
		exit = app_write(app, note_export, w); /* who reads the audit is audited, before it is read */
	if (exit != EXIT_DONE)
		return exit;
	if (audit_export(app->store,
	            &(struct audit_export_conf){ .path = w->argument, .since = w->since, .until = w->until },
	            &end, why) != OK)
		return app_say(app, "%s: %s", w->argument, why);
	printf("%lld entries in %lld batches\n", (long long)end.entries, (long long)end.batches);
	return EXIT_DONE;
}

/* ---- heads, key, seal */

static int
heads(struct app *app, const struct conf *conf, const struct wish *w)
{
	const char *path = w->append ? w->append : conf->audit_heads_file;
	int64_t appended;
	int exit;

	if (path[0] == 0)
		return cmd_usage(
		        "audit", "heads needs --append FILE, or audit_heads_file in the configuration");
	exit = app_open(app, "audit", conf, &(struct app_needs){ .evidence = true, .no_key = true });
	if (exit != EXIT_DONE)
		return exit;
	if (audit_heads_append(&app->ctx, app->db, path, &appended) != OK)
		return app_say(app, "%s: %s", path, app->ctx.why);
	printf("%lld heads appended\n", (long long)appended);
	return EXIT_DONE;
}

struct key_work {
	struct keyring *ring;
	const char *reason;
};

static enum err
make_key(struct ctx *ctx, void *arg)
{
	const struct key_work *work = arg;

	TRY(trail_key_new(ctx, work->ring));
	return note(ctx, AUDIT_AUDIT_KEY, work->reason);
}

static int
print_keys(struct app *app)
{
	struct trail_keys keys = { 0 };
	struct buf pem;
	int exit = keys_from_store(app, &keys);

	if (exit != EXIT_DONE)
		return exit;
	if (keys.count == 0)
		return app_say(app, "there is no key yet: `plantao serve` makes it at its first start");
	buf_init(&pem, KEY_FILE_MAX);
	trail_keys_print(&pem, &keys);
	printf("%.*s", STR_FMT(buf_view(&pem)));
	buf_free(&pem);
	return EXIT_DONE;
}

static int
key(struct app *app, const struct conf *conf, const struct wish *w)
{
	int exit = app_open(app, "audit", conf, &(struct app_needs){ .evidence = !w->fresh_key });
	struct key_work work = { app->keyring, w->reason };

	if (exit == EXIT_DONE && w->fresh_key)
		exit = app_write(app, make_key, &work);
	return exit == EXIT_DONE ? print_keys(app) : exit;
}

static int
seal_now(struct app *app, const struct conf *conf)
{
	char why[WHY_SIZE] = "";
	int64_t batches;
	int exit = app_open(app, "audit", conf, &(struct app_needs){ 0 });

	if (exit != EXIT_DONE)
		return exit;
	if (audit_seal_now(app->store, app->keyring, &batches, why) != OK)
		return app_say(app, "%s", why);
	printf("%lld batches sealed\n", (long long)batches);
	return EXIT_DONE;
}

/* ---- prune */

struct prune_work {
	struct app *app;
	struct audit_prune prune;
	const char *reason;
};

static enum err
prune_step(struct ctx *ctx, void *arg)
{
	struct prune_work *work = arg;
	struct audit_prune next = work->prune;

	TRY(audit_prune_some(ctx, work->app->db, work->app->keyring, &next));
	if (next.batches > work->prune.batches)
		TRY(note(ctx, AUDIT_AUDIT_PRUNED,
		        arena_printf(ctx->arena, "batches up to %lld; %s", (long long)next.next - 1,
		                work->reason)));
	work->prune = next;
	return OK;
}

static int
prune(struct app *app, const struct conf *conf, const struct wish *w)
{
	struct prune_work work = {
		.app = app, .prune = { .before = w->before, .next = 1 }, .reason = w->reason
	};
	char limit[DATE_TEXT + 1];
	int exit;

	date_print(audit_prune_limit(clock_now()), limit);
	if (!date_is_set(w->before))
		return cmd_usage("audit", "prune needs --before DATE");
	if (date_cmp(w->before, audit_prune_limit(clock_now())) > 0)
		return cmd_usage("audit", "entries are kept for %d years: --before %s at the latest",
		        TRAIL_KEEP_YEARS, limit);
	exit = app_open(app, "audit", conf, &(struct app_needs){ 0 });
	while (exit == EXIT_DONE && !work.prune.done)
		exit = app_write(app, prune_step, &work);
	printf("%lld entries in %lld batches removed\n", (long long)work.prune.entries,
	        (long long)work.prune.batches);
	return exit;
}

/* ---- the command line */

static bool
parse_time(const char *text, struct instant *out)
{
	struct date day;

	if (instant_parse(str_of(text), out))
		return true;
	if (!date_parse(str_of(text), &day))
		return false;
	out->ms = date_days(day) * 86400000 + 3 * 3600000; /* midnight in Brasília */
	return true;
}

static int
parse_option(int c, struct wish *w)
{
	switch (c) {
	case 's':
		return parse_time(optarg, &w->since) ? EXIT_DONE
		                                     : cmd_usage("audit", "--since %s: no time", optarg);
	case 'u':
		return parse_time(optarg, &w->until) ? EXIT_DONE
		                                     : cmd_usage("audit", "--until %s: no time", optarg);
	case 'b':
		return date_parse(str_of(optarg), &w->before)
		               ? EXIT_DONE
		               : cmd_usage("audit", "--before %s: no date", optarg);
	case 'g':
		return str_int(str_of(optarg), &w->grace_s) && w->grace_s >= 0 && w->grace_s < 1000000000
		               ? EXIT_DONE
		               : cmd_usage("audit", "--grace %s: no number of seconds", optarg);
	case 'k': w->key = optarg; return EXIT_DONE;
	case 'e': w->export = optarg; return EXIT_DONE;
	case 'd': w->database = optarg; return EXIT_DONE;
	case 'h': w->heads = optarg; return EXIT_DONE;
	case 'a': w->append = optarg; return EXIT_DONE;
	case 'r': w->reason = optarg; return EXIT_DONE;
	case 'j': w->json = true; return EXIT_DONE;
	case 'n': w->fresh_key = true; return EXIT_DONE;
	default: return cmd_usage("audit", "unknown option");
	}
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = { { "since", 1, 0, 's' }, { "until", 1, 0, 'u' },
		{ "before", 1, 0, 'b' }, { "grace", 1, 0, 'g' }, { "key", 1, 0, 'k' },
		{ "export", 1, 0, 'e' }, { "database", 1, 0, 'd' }, { "heads", 1, 0, 'h' },
		{ "append", 1, 0, 'a' }, { "reason", 1, 0, 'r' }, { "json", 0, 0, 'j' }, { "new", 0, 0, 'n' },
		{ 0 } };
	int c, exit;

	*w = (struct wish){ .grace_s = GRACE_S, .reason = "plantao audit" };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if ((exit = parse_option(c, w)) != EXIT_DONE)
			return exit;
	if (optind >= argc)
		return cmd_usage("audit", "say verify, export, heads, key, seal or prune");
	w->verb = argv[optind++];
	w->argument = argv[optind];
	if (optind < argc && (strcmp(w->verb, "export") != 0 || optind + 1 < argc))
		return cmd_usage("audit", "unexpected \"%s\"", argv[argc - 1]);
	return EXIT_DONE;
}

static int
run(struct app *app, const struct conf *conf, struct wish *w)
{
	assert(w->verb != NULL);
	if (strcmp(w->verb, "verify") == 0)
		return verify(app, conf, w);
	if (strcmp(w->verb, "export") == 0)
		return export(app, conf, w);
	if (strcmp(w->verb, "heads") == 0)
		return heads(app, conf, w);
	if (strcmp(w->verb, "key") == 0)
		return key(app, conf, w);
	if (strcmp(w->verb, "seal") == 0)
		return seal_now(app, conf);
	if (strcmp(w->verb, "prune") == 0)
		return prune(app, conf, w);
	return cmd_usage("audit", "\"%s\": say verify, export, heads, key, seal or prune", w->verb);
}

int
cmd_audit(const struct conf *conf, int argc, char **argv)
{
	struct app app = { 0 };
	struct wish wish;
	int exit = parse(argc, argv, &wish);

	if (exit == EXIT_DONE)
		exit = run(&app, conf, &wish);
	app_close(&app);
	return exit;
}
