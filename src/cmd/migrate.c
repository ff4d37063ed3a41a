/* migrate.c - plantao migrate: brings the database to this program's version. */
#include "cmd/app.h"

#include <stdio.h>

int
cmd_migrate(const struct conf *conf, int argc, char **argv)
{
	struct app app;
	int exit;

	(void)argv;
	if (argc > 1)
		return cmd_usage("migrate", "takes no arguments");
	exit = app_open(&app, "migrate", conf, &(struct app_needs){ 0 });
	if (exit == EXIT_DONE)
		printf("the database is at version %d\n", app.version);
	app_close(&app);
	return exit;
}
