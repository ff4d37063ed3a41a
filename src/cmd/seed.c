/* seed.c - plantao seed: a demo store of any size, with tokens and ids for a load driver. */
#include "cmd/app.h"
#include "features/demo/demo.h"
#include "features/demo/volume.h"
#include "features/tenants/tenants.h"
#include "features/users/users.h"
#include "http/session.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 1000, SESSION_DAYS = 30 };

struct seed {
	struct volume v;
	unsigned long entries, entries_done; /* of the audit trail; not 0: nothing else is made */
	const char *out;
	FILE *tokens;
};

static enum err
begin(struct ctx *ctx, void *arg)
{
	struct seed *s = arg;
	struct user_secret *admin;

	TRY(user_by_email(ctx, STR("admin@demo.test"), &admin));
	ctx->actor = admin->id;
	return volume_doctors(ctx, &s->v);
}

static enum err
step(struct ctx *ctx, void *arg)
{
	struct seed *s = arg;

	return volume_step(ctx, &s->v, STEP);
}

static enum err
entries(struct ctx *ctx, void *arg)
{
	struct seed *s = arg;
	struct user_secret *doctor;
	unsigned long left = s->entries - s->entries_done;
	unsigned n = left < STEP ? (unsigned)left : STEP;

	TRY(user_by_email(ctx, STR("doctor@demo.test"), &doctor));
	ctx->actor = doctor->id;
	ctx->role = ROLE_DOCTOR;
	TRY(volume_entries(ctx, n));
	s->entries_done += n;
	return OK;
}

/* A session a doctor, so that a driver need not sign in. */
static enum err
sessions(struct ctx *ctx, void *arg)
{
	struct seed *s = arg;
	char token[SESSION_TOKEN_TEXT + 1];
	struct id session;

	for (unsigned i = 0; i < s->v.doctors; i++) {
		ctx->actor = s->v.doctor_ids[i];
		TRY(session_new(ctx, (struct instant){ ctx->now.ms + SESSION_DAYS * 86400000LL },
		        STR("127.0.0.1"), STR("seed"), token, &session));
		fprintf(s->tokens, "%s\n", token);
	}
	return OK;
}

/* Before the filling, which takes minutes. */
static int
make_out(struct app *app, const struct seed *s)
{
	if (s->out == NULL || (mkdir(s->out, 0700) == 0 || errno == EEXIST))
		return EXIT_DONE;
	return app_say(app, "%s cannot be made: %s", s->out, strerror(errno));
}

static FILE *
open_out(struct app *app, const struct seed *s, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", s->out, name);
	if ((f = fopen(path, "we")) == NULL)
		app_say(app, "%s cannot be written: %s", path, strerror(errno));
	return f;
}

static int
write_ids(struct app *app, struct seed *s, const char *name, const struct id *ids, unsigned n)
{
	FILE *f = open_out(app, s, name);
	char text[ID_TEXT + 1];

	if (f == NULL)
		return EXIT_FAILED;
	for (unsigned i = 0; i < n; i++) {
		id_print(ids[i], text);
		fprintf(f, "%s\n", text);
	}
	return fclose(f) == 0 ? EXIT_DONE : app_say(app, "%s could not be written", name);
}

static int
fill(struct app *app, struct seed *s)
{
	int exit = app_write(app, begin, s);

	while (exit == EXIT_DONE && !volume_done(&s->v)) {
		arena_reset(app->ctx.arena);
		exit = app_write(app, step, s);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%u patients, %u records", s->v.patients_done, s->v.records_done);
	}
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (exit == EXIT_DONE)
		app_statistics(app);
	return exit;
}

static int
fill_trail(struct app *app, struct seed *s)
{
	int exit = EXIT_DONE;

	while (exit == EXIT_DONE && s->entries_done < s->entries) {
		arena_reset(app->ctx.arena);
		exit = app_write(app, entries, s);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%lu entries", s->entries_done);
	}
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	return exit;
}

static int
write_driver_files(struct app *app, struct seed *s)
{
	int exit;

	if ((s->tokens = open_out(app, s, "tokens.txt")) == NULL)
		return EXIT_FAILED;
	exit = app_write(app, sessions, s);
	if (fclose(s->tokens) != 0 || exit != EXIT_DONE)
		return EXIT_FAILED;
	if ((exit = write_ids(app, s, "doctors.txt", s->v.doctor_ids, s->v.doctors)) != EXIT_DONE ||
	        (exit = write_ids(app, s, "patients.txt", s->v.patient_ids, s->v.patients)) != EXIT_DONE)
		return exit;
	return write_ids(app, s, "records.txt", s->v.record_ids, s->v.records);
}

static int
parse(int argc, char **argv, struct seed *s)
{
	static const struct option options[] = { { "doctors", 1, 0, 'd' }, { "patients", 1, 0, 'p' },
		{ "records", 1, 0, 'r' }, { "out", 1, 0, 'o' }, { "entries", 1, 0, 'e' }, { 0 } };
	int c;

	*s = (struct seed){ .v = { .doctors = 40, .patients = 10000, .records = 100000 } };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'd': s->v.doctors = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'p': s->v.patients = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'r': s->v.records = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'e': s->entries = strtoul(optarg, NULL, 10); break;
		case 'o': s->out = optarg; break;
		default: return cmd_usage("seed", "unknown option");
		}
	if (optind < argc)
		return cmd_usage("seed", "unexpected \"%s\"", argv[optind]);
	if (s->v.doctors == 0 || s->v.patients == 0 || s->v.records == 0)
		return cmd_usage("seed", "--doctors, --patients and --records are whole numbers from 1");
	return EXIT_DONE;
}

int
cmd_seed(const struct conf *conf, int argc, char **argv)
{
	struct seed s;
	struct app app;
	int exit = parse(argc, argv, &s);

	if (exit != EXIT_DONE)
		return exit;
	s.v.doctor_ids = calloc(s.v.doctors, sizeof(struct id));
	s.v.patient_ids = calloc(s.v.patients, sizeof(struct id));
	s.v.record_ids = calloc(s.v.records, sizeof(struct id));
	exit = app_open(&app, "seed", conf, &(struct app_needs){ .make_key = true });
	if (exit == EXIT_DONE)
		exit = make_out(&app, &s);
	if (exit == EXIT_DONE)
		exit = serve_demo(&app); /* makes the demo in an empty store, refuses a real one */
	if (exit == EXIT_DONE && (exit = app_tenant(&app, "demo")) == EXIT_DONE)
		exit = s.entries ? fill_trail(&app, &s) : fill(&app, &s);
	if (exit == EXIT_DONE && s.out && !s.entries)
		exit = write_driver_files(&app, &s);
	app_close(&app);
	free(s.v.doctor_ids);
	free(s.v.patient_ids);
	free(s.v.record_ids);
	return exit;
}
