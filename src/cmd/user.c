/* user.c - plantao user: accounts from the command line, for whoever lost the way in. */
#include "cmd/app.h"
#include "base/brazil.h"
#include "features/users/users.h"
#include "http/audit_write.h"
#include "http/session.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>

enum { PASSWORD_FILE_MAX = 4096 };

struct wish {
	const char *verb, *tenant, *email, *name, *role, *cpf, *password_file;
	struct str password;
	struct buf file;
};

static enum err
note(struct ctx *ctx, struct id user)
{
	return audit_note_add(ctx, &(struct audit_note){ .event = AUDIT_USER_CHANGED,
	                                   .subject = user,
	                                   .status = 200,
	                                   .route = "plantao user",
	                                   .request_id = "",
	                                   .address = STR("local") });
}

static enum err
add(struct ctx *ctx, void *arg)
{
	const struct wish *w = arg;
	struct user_new user = { .email = str_of(w->email),
		.name = str_of(w->name),
		.cpf = w->cpf ? str_of(w->cpf) : (struct str){ NULL, 0 },
		.password = w->password,
		.role = role_parse(str_of(w->role)),
		.must_change = true };
	struct id id;

	if (w->cpf && check_cpf(user.cpf) != NULL)
		return invalid(ctx, "cpf", "cpf");
	TRY(password_check(ctx, "password", w->password, (struct id){ { 0 } }, user.email, user.name));
	TRY(user_add(ctx, &user, &id));
	return note(ctx, id);
}

static enum err
reset(struct ctx *ctx, void *arg)
{
	const struct wish *w = arg;
	struct user_secret *found;
	struct user *user;

	TRY(user_by_email(ctx, str_of(w->email), &found));
	ctx->tenant = found->tenant_id;
	TRY(user_get(ctx, found->id, &user));
	TRY(password_check(ctx, "password", w->password, user->id, user->email, user->name));
	TRY(password_set(ctx, user->id, w->password, true));
	TRY(reset_proven(ctx, user->id, "OPERATOR"));
	TRY(session_end_all(ctx, user->id, (struct id){ { 0 } }));
	return note(ctx, user->id);
}

/* An institution whose officer is the administrator's own making has nobody else to ask. */
static enum err
confirm(struct ctx *ctx, void *arg)
{
	const struct wish *w = arg;
	struct user_secret *found;

	TRY(user_by_email(ctx, str_of(w->email), &found));
	ctx->tenant = found->tenant_id;
	if (!id_is_set(found->reset_id))
		return fail(ctx, ERR_STATE, "no reset of this account waits");
	TRY(reset_proven(ctx, found->id, "OPERATOR"));
	return note(ctx, found->id);
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = { { "tenant", 1, 0, 't' }, { "email", 1, 0, 'e' },
		{ "name", 1, 0, 'n' }, { "role", 1, 0, 'r' }, { "cpf", 1, 0, 'c' },
		{ "password-file", 1, 0, 'p' }, { 0 } };
	int c;

	*w = (struct wish){ 0 };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 't': w->tenant = optarg; break;
		case 'e': w->email = optarg; break;
		case 'n': w->name = optarg; break;
		case 'r': w->role = optarg; break;
		case 'c': w->cpf = optarg; break;
		case 'p': w->password_file = optarg; break;
		default: return cmd_usage("user", "unknown option");
		}
	if (optind + 1 != argc)
		return cmd_usage("user", "say add, password or confirm");
	w->verb = argv[optind];
	if (strcmp(w->verb, "add") != 0 && strcmp(w->verb, "password") != 0 &&
	        strcmp(w->verb, "confirm") != 0)
		return cmd_usage("user", "\"%s\": say add, password or confirm", w->verb);
	if (!w->email || check_email(str_of(w->email)) != NULL)
		return cmd_usage("user", "--email ADDRESS is needed");
	if (!w->password_file && strcmp(w->verb, "confirm") != 0)
		return cmd_usage("user", "--password-file FILE is needed");
	if (strcmp(w->verb, "add") == 0 &&
	        (!w->name || !w->role || role_parse(str_of(w->role)) == ROLE_UNSET))
		return cmd_usage("user",
		        "--name and --role (ADMIN, DOCTOR, NURSE, RECEPTIONIST, AUDITOR, DPO) are needed");
	return EXIT_DONE;
}

static int
run(struct app *app, struct wish *w)
{
	char why[WHY_SIZE] = "";
	bool adds = strcmp(w->verb, "add") == 0;
	int exit;

	if (adds && (exit = app_tenant(app, w->tenant)) != EXIT_DONE)
		return exit;
	if (strcmp(w->verb, "confirm") == 0) {
		exit = app_write(app, confirm, w);
		if (exit == EXIT_DONE)
			printf("%s: confirmed; the reset is over\n", w->email);
		return exit;
	}
	if (file_read(w->password_file, PASSWORD_FILE_MAX, &w->file, why) != OK)
		return app_say(app, "%s", why);
	w->password = str_trim(buf_view(&w->file));
	exit = app_write(app, adds ? add : reset, w);
	if (exit == EXIT_DONE)
		printf("%s: done; the password must be changed at the first sign-in\n", w->email);
	return exit;
}

int
cmd_user(const struct conf *conf, int argc, char **argv)
{
	struct wish wish;
	struct app app;
	int exit = parse(argc, argv, &wish);

	if (exit != EXIT_DONE)
		return exit;
	buf_init(&wish.file, PASSWORD_FILE_MAX);
	exit = app_open(&app, "user", conf, &(struct app_needs){ 0 });
	if (exit == EXIT_DONE)
		exit = run(&app, &wish);
	if (wish.file.n > 0)
		wipe(wish.file.p, wish.file.n);
	buf_free(&wish.file);
	app_close(&app);
	return exit;
}
