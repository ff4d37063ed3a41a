/* upgrade.c - what a migration left to do because it needs the keys (migration 0009).
 * Page by page, so that a large register holds up no other writer for long; a crash in
 * the middle begins again, and doing a page twice changes nothing. */
#include "cmd/upgrade.h"
#include "features/patients/patients.h"
#include "features/tenants/tenants.h"

struct upgrade {
	struct list tenants;
	struct id before; /* patients of this one's id and newer are done */
	bool due, more;
};

static enum err
look(struct ctx *ctx, void *arg)
{
	struct upgrade *u = arg;

	TRY(patient_shown_due(ctx, &u->due));
	return u->due ? tenant_list(ctx, &u->tenants) : OK;
}

static enum err
index_page(struct ctx *ctx, void *arg)
{
	struct upgrade *u = arg;

	return patient_index_shown(ctx, &u->before, &u->more);
}

static enum err
done(struct ctx *ctx, void *arg)
{
	(void)arg;
	return patient_shown_done(ctx);
}

static int
index_tenant(struct app *app, struct upgrade *u, struct id tenant)
{
	struct arena *whole = app->ctx.arena;
	int exit = EXIT_DONE;

	memset(u->before.b, 0xff, sizeof u->before.b);
	app->ctx.tenant = tenant;
	app->ctx.arena = arena_new(PAGE_ARENA);
	if (app->ctx.arena == NULL)
		exit = app_say(app, "no memory");
	for (u->more = true; u->more && exit == EXIT_DONE; arena_reset(app->ctx.arena))
		exit = app_write(app, index_page, u);
	arena_free(app->ctx.arena);
	app->ctx.arena = whole;
	app->ctx.tenant = (struct id){ { 0 } };
	return exit;
}

int
upgrade_run(struct app *app)
{
	struct upgrade u = { 0 };
	const struct institution *t;
	bool wrote = app->wrote;
	int exit = app_read(app, look, &u);

	t = u.tenants.items;
	for (size_t i = 0; i < u.tenants.count && exit == EXIT_DONE; i++)
		exit = index_tenant(app, &u, t[i].id);
	if (u.due && exit == EXIT_DONE)
		exit = app_write(app, done, NULL);
	app->wrote = wrote; /* nothing of this is in the audit trail */
	return exit;
}
