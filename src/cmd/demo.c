/* demo.c - serve --demo: fictional clinics in an empty database, kept when started
 * again, refused in a database that is somebody's. */
#include "cmd/app.h"
#include "features/demo/demo.h"
#include "features/tenants/tenants.h"

#include <stdio.h>

static int
look(struct app *app, bool *empty)
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
		if (!t[i].demo)
			return app_say(
			        app, "--demo is refused: this database belongs to a real installation");
	*empty = all.count == 0;
	return EXIT_DONE;
}

static enum err
create(struct ctx *ctx, void *arg)
{
	(void)arg;
	return demo_create(ctx);
}

static int
count(struct app *app)
{
	struct demo_figures f;
	int exit = app_tenant(app, "demo");
	enum err err = exit == EXIT_DONE ? db_begin(&app->ctx, app->db, TX_READ) : OK;

	if (exit != EXIT_DONE)
		return exit;
	if (err == OK) {
		err = demo_count(&app->ctx, &f);
		db_rollback(&app->ctx);
	}
	if (err != OK)
		return app_say(app, "%s", app->ctx.why);
	printf("demo: %lld patients, %lld imported lives (Synthea), %lld medical records, %lld cases of "
	       "hanseníase\n",
	        (long long)f.typed, (long long)f.imported, (long long)f.records, (long long)f.cases);
	return EXIT_DONE;
}

static void
print_accounts(const struct demo_account *a)
{
	for (; a->email != NULL; a++)
		printf("  %-22s %s\n", a->email, a->role);
}

int
serve_demo(struct app *app)
{
	bool empty = false;
	int exit = look(app, &empty);

	if (exit == EXIT_DONE && empty)
		exit = app_write(app, create, NULL);
	if (exit == EXIT_DONE)
		exit = count(app);
	if (exit != EXIT_DONE)
		return exit;
	printf("demo: sign in with the password " DEMO_PASSWORD " as\n");
	print_accounts(demo_accounts);
	print_accounts(demo_other_accounts);
	return EXIT_DONE;
}
