/* keys.c - plantao keys: the master key's making, rotation and state.  A rotation puts a
 * new key before the old ones and wraps every tenant's key anew; it may be repeated
 * after a crash, and running servers take the new key up by themselves. */
#include "cmd/app.h"
#include "features/tenants/tenants.h"
#include "features/users/users.h"
#include "http/audit_write.h"
#include "store/seal.h"
#include "store/trail.h"
#include "sys/keyring_conf.h"

#include <getopt.h>
#include <stdio.h>

/* Of the tenants' keys and those that sign the audit trail. */
struct wraps {
	int64_t keys, changed, current;
};

/* The platform's tenant is not among those of the list. */
static enum err
each_tenant(struct ctx *ctx, enum err (*work)(struct ctx *, struct wraps *), struct wraps *wraps)
{
	struct list all;
	const struct institution *t;

	TRY(tenant_list(ctx, &all));
	t = all.items;
	ctx->tenant = TENANT_PLATFORM;
	TRY(work(ctx, wraps));
	for (size_t i = 0; i < all.count; i++) {
		ctx->tenant = t[i].id;
		TRY(work(ctx, wraps));
	}
	return OK;
}

static enum err
rewrap_one(struct ctx *ctx, struct wraps *wraps)
{
	bool changed;

	wraps->keys++;
	TRY(seal_tenant_rewrap(ctx, &changed));
	wraps->changed += changed;
	return OK;
}

static enum err
look_at_one(struct ctx *ctx, struct wraps *wraps)
{
	bool current;

	wraps->keys++;
	TRY(seal_tenant_current(ctx, &current));
	wraps->current += current;
	return OK;
}

static enum err
rewrap(struct ctx *ctx, void *arg)
{
	struct wraps *wraps = arg;
	struct trail_wraps audit;

	TRY(each_tenant(ctx, rewrap_one, wraps));
	TRY(trail_keys_rewrap(ctx, seal_keyring(ctx), &audit));
	wraps->keys += audit.total;
	wraps->changed += audit.changed;
	ctx->tenant = TENANT_PLATFORM;
	return audit_note_add(ctx, &(struct audit_note){ .event = AUDIT_KEYS_ROTATED,
	                                   .status = 200,
	                                   .route = "plantao keys rotate",
	                                   .request_id = "",
	                                   .address = STR("local") });
}

static enum err
look(struct ctx *ctx, void *arg)
{
	struct wraps *wraps = arg;
	struct trail_wraps audit;

	TRY(each_tenant(ctx, look_at_one, wraps));
	TRY(trail_keys_wraps(ctx, seal_keyring(ctx), &audit));
	wraps->keys += audit.total;
	wraps->current += audit.current;
	return OK;
}

static int
init(const struct conf *conf)
{
	struct app app = { .conf = conf, .name = "keys" };
	char why[200] = "";

	if (keyring_make_conf(conf, why) != OK)
		return app_say(&app, "%s", why);
	printf("%s: made; keep a copy where this machine's loss does not reach it\n", keyring_place(conf));
	return EXIT_DONE;
}

static int
rotate(struct app *app, bool resume)
{
	struct wraps wraps = { 0 };
	char why[200] = "";
	int exit;

	if (!resume && keyring_rotate_conf(app->conf, why) != OK)
		return app_say(app, "%s", why);
	keyring_close(app->keyring);
	app->keyring = NULL;
	seal_close(app->store);
	if (keyring_open_conf(app->conf, &app->keyring, why) != OK)
		return app_say(app, "%s", why);
	if (seal_init(app->store, app->keyring) != OK)
		return app_say(app, "no memory");
	exit = app_write(app, rewrap, &wraps);
	if (exit == EXIT_DONE)
		printf("%lld of %lld keys wrapped anew; the old master key stays for older backups\n",
		        (long long)wraps.changed, (long long)wraps.keys);
	return exit;
}

static int
status(struct app *app, bool json)
{
	struct wraps wraps = { 0 };
	int exit = app_write(app, look, &wraps);

	if (exit != EXIT_DONE)
		return exit;
	printf(json ? "{\"tenants\":%lld,\"current\":%lld,\"healthy\":%s}\n"
	            : "%lld keys, %lld under the newest master key; the master key's holder answers: %s\n",
	        (long long)wraps.keys, (long long)wraps.current,
	        keyring_healthy(app->keyring) ? "true" : "false");
	return wraps.current == wraps.keys && keyring_healthy(app->keyring) ? EXIT_DONE : EXIT_FAILED;
}

int
cmd_keys(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "json", 0, 0, 'j' }, { "resume", 0, 0, 'r' }, { 0 } };
	bool json = false, resume = false;
	const char *verb;
	struct app app;
	int c, exit;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j' && c != 'r')
			return cmd_usage("keys", "unknown option");
		json |= c == 'j';
		resume |= c == 'r';
	}
	verb = optind + 1 == argc ? argv[optind] : "";
	if (strcmp(verb, "init") == 0)
		return init(conf);
	if (strcmp(verb, "rotate") != 0 && strcmp(verb, "status") != 0)
		return cmd_usage("keys", "say init, rotate or status");
	exit = app_open(&app, "keys", conf, &(struct app_needs){ 0 });
	if (exit == EXIT_DONE)
		exit = strcmp(verb, "rotate") == 0 ? rotate(&app, resume) : status(&app, json);
	app_close(&app);
	return exit;
}
