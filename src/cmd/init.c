/* init.c - plantao init: a real installation with its first administrator. */
#include "cmd/app.h"
#include "base/brazil.h"
#include "features/tenants/tenants.h"
#include "features/users/users.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>

enum { PASSWORD_FILE_MAX = 4096 };

struct wish {
	const char *tenant, *name, *admin, *admin_name, *password_file;
	struct str password;
};

static enum err
make(struct ctx *ctx, void *arg)
{
	const struct wish *w = arg;
	struct user_new user = { .email = str_of(w->admin),
		.name = str_of(w->admin_name),
		.password = w->password,
		.role = ROLE_ADMIN };
	struct id id;

	TRY(tenant_platform(ctx));
	TRY(tenant_add(ctx,
	        &(struct tenant_new){
	                .slug = str_of(w->tenant), .name = str_of(w->name ? w->name : w->tenant) },
	        &ctx->tenant));
	TRY(password_check(ctx, "password", w->password, (struct id){ { 0 } }, user.email, user.name));
	return user_add(ctx, &user, &id);
}

static bool
slug_fine(const char *s)
{
	return strlen(s) >= 2 && strlen(s) <= 40 &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")] == 0;
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = { { "tenant", 1, 0, 't' }, { "name", 1, 0, 'n' },
		{ "admin", 1, 0, 'a' }, { "admin-name", 1, 0, 'm' }, { "password-file", 1, 0, 'p' }, { 0 } };
	int c;

	*w = (struct wish){ .admin_name = "Administração" };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 't': w->tenant = optarg; break;
		case 'n': w->name = optarg; break;
		case 'a': w->admin = optarg; break;
		case 'm': w->admin_name = optarg; break;
		case 'p': w->password_file = optarg; break;
		default: return cmd_usage("init", "unknown option");
		}
	if (optind < argc)
		return cmd_usage("init", "unexpected \"%s\"", argv[optind]);
	if (!w->tenant || !w->admin || !w->password_file)
		return cmd_usage("init", "--tenant, --admin and --password-file are needed");
	if (!slug_fine(w->tenant))
		return cmd_usage("init", "--tenant %s: 2 to 40 of a-z, 0-9 and -", w->tenant);
	if (check_email(str_of(w->admin)) != NULL)
		return cmd_usage("init", "--admin %s is no e-mail address", w->admin);
	return EXIT_DONE;
}

int
cmd_init(const struct conf *conf, int argc, char **argv)
{
	struct wish wish;
	struct app app;
	struct buf file;
	char why[WHY_SIZE] = "";
	int exit = parse(argc, argv, &wish);

	if (exit != EXIT_DONE)
		return exit;
	buf_init(&file, PASSWORD_FILE_MAX);
	exit = app_open(&app, "init", conf, &(struct app_needs){ .make_key = true });
	if (exit == EXIT_DONE && file_read(wish.password_file, PASSWORD_FILE_MAX, &file, why) != OK)
		exit = app_say(&app, "%s", why);
	wish.password = str_trim(buf_view(&file));
	if (exit == EXIT_DONE)
		exit = app_write(&app, make, &wish);
	if (file.n > 0)
		wipe(file.p, file.n);
	buf_free(&file);
	if (exit == EXIT_DONE)
		printf("tenant %s is ready; sign in as %s after `plantao serve`\n", wish.tenant, wish.admin);
	app_close(&app);
	return exit;
}
