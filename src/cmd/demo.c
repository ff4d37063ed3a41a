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

int
serve_demo(struct app *app)
{
	bool empty = false;
	int exit = look(app, &empty);

	if (exit == EXIT_DONE && empty)
		exit = app_write(app, create, NULL);
	if (exit != EXIT_DONE)
		return exit;
	printf("demo: sign in with the password " DEMO_PASSWORD " as\n");
	for (const struct demo_account *a = demo_accounts; a->email != NULL; a++)
		printf("  %-22s %s\n", a->email, a->role);
	return EXIT_DONE;
}
