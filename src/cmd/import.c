/* import.c - plantao import fhir: files of others into this store, each patient's
 * chart in a transaction of its own.  Bundles that hold all they cite are imported
 * and dropped one by one; loose files wait for each other until the last one. */
#include "cmd/app.h"
#include "base/gunzip.h"
#include "features/fhir/fhir.h"
#include "features/tenants/tenants.h"
#include "features/users/users.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A chart or two change no plan. */
enum { STATISTICS_FROM = 10 };
enum { TRIES = 5, CHARTS_ARENA_MAX = 1 << 30, PENDING_BYTES_MAX = 512 << 20, OUTPUT_MAX = 8 << 20 };

struct wish {
	const char *tenant, *care;
	bool json, english;
};

struct running {
	struct app app;
	struct wish wish;
	struct fhir_import how;
	struct id author;
	struct fhir_tally tally;
	struct fhir_set *pending; /* loose files */
	struct buf failed;        /* JSON rows of the files that could not be read */
	int files, read, bad;
	long long patients;
	bool stopped; /* the store is gone: what is done stays done */
};

/* ---- who and where */

static enum err
find_tenant(struct ctx *ctx, struct institution *out)
{
	struct list all;

	TRY(tenant_list(ctx, &all));
	const struct institution *t = all.items;
	for (size_t i = 0; i < all.count; i++)
		if (id_eq(t[i].id, ctx->tenant)) {
			*out = t[i];
			return OK;
		}
	return ERR_NOT_FOUND;
}

/* The one in whose name the records stand. Without --care the tenant's administrator
 * answers for them and nobody's care is touched; a demo has its doctor. */
static enum err
find_author(struct running *r, const char **email, struct user_secret **out)
{
	struct ctx *ctx = &r->app.ctx;
	struct institution t;
	struct id admin;

	*email = r->wish.care;
	TRY(find_tenant(ctx, &t));
	if (!*email && t.demo)
		*email = arena_printf(ctx->arena, "doctor@%.*s.test", STR_FMT(t.slug));
	if (*email)
		return user_by_email(ctx, str_of(*email), out);
	TRY(user_first_admin(ctx, &admin));
	return user_secret_get(ctx, admin, out);
}

static int
take_author(struct running *r)
{
	struct user_secret *user = NULL;
	const char *email = NULL;
	enum err e = db_begin(&r->app.ctx, r->app.db, TX_READ);

	if (e == OK) {
		e = find_author(r, &email, &user);
		db_rollback(&r->app.ctx);
	}
	if (e == ERR_NOT_FOUND)
		return app_say(&r->app, email ? "nobody signs in as %s" : "the tenant has no administrator%s",
		        email ? email : "");
	if (e != OK)
		return app_say(&r->app, "%s", r->app.ctx.why);
	enum role role = role_parse(user->role);
	if (!id_eq(user->tenant_id, r->app.ctx.tenant))
		return app_say(&r->app, "%s belongs to another tenant", email);
	if (user->disabled_at.ms != 0 || (email && role != ROLE_DOCTOR && role != ROLE_NURSE))
		return app_say(&r->app, "%s is no active doctor or nurse", email);
	r->author = r->how.author = r->app.ctx.actor = user->id;
	r->how.carers = &r->author;
	r->how.carer_count = email != NULL;
	r->app.ctx.role = (int)role;
	return EXIT_DONE;
}

/* --care alone says the tenant as well. */
static int
take_tenant(struct running *r)
{
	struct user_secret *user;

	if (r->wish.tenant || !r->wish.care)
		return app_tenant(&r->app, r->wish.tenant);
	enum err e = db_begin(&r->app.ctx, r->app.db, TX_READ);
	if (e == OK) {
		e = user_by_email(&r->app.ctx, str_of(r->wish.care), &user);
		db_rollback(&r->app.ctx);
	}
	if (e != OK)
		return app_say(&r->app, "nobody signs in as %s", r->wish.care);
	r->app.ctx.tenant = user->tenant_id;
	return EXIT_DONE;
}

/* ---- charts */

static enum err
import_once(struct running *r, const struct fhir_chart *chart, struct fhir_tally *tally)
{
	struct ctx *ctx = &r->app.ctx;

	arena_reset(ctx->arena);
	ctx->invalid = NULL;
	ctx->why[0] = 0;
	ctx->now = clock_now();
	*tally = (struct fhir_tally){ 0 };
	TRY(db_begin(ctx, r->app.db, TX_WRITE));
	r->app.wrote = true;
	enum err e = fhir_import_chart(ctx, &r->how, chart, tally);
	if (e == OK)
		return db_commit(ctx);
	db_rollback(ctx);
	return e;
}

/* Another writer was in the way: the same work once more may go through. */
static bool
worth_again(enum err e)
{
	return e == ERR_REPLAY || e == ERR_BUSY || e == ERR_DUPLICATE || e == ERR_STALE;
}

static bool
rules_refused(enum err e)
{
	return e == ERR_INVALID || e == ERR_TOO_LARGE || e == ERR_DUPLICATE || e == ERR_STALE;
}

static void
import_chart(struct running *r, const struct fhir_chart *chart)
{
	static struct fhir_tally tally; /* tens of KiB: not for the stack */
	enum err e = import_once(r, chart, &tally);

	for (int i = 1; i < TRIES && worth_again(e); i++) {
		nanosleep(&(struct timespec){ .tv_nsec = i * 50000000L }, NULL);
		e = import_once(r, chart, &tally);
	}
	if (e == OK) {
		fhir_tally_add(&r->tally, &tally);
		r->patients++;
		return;
	}
	if (rules_refused(e)) {
		fhir_chart_refused(chart, FHIR_R_REFUSED, &r->tally);
		return;
	}
	r->stopped = true;
	app_say(&r->app, "stopped: %s; what was imported so far is stored, run again for the rest",
	        r->app.ctx.why[0] ? r->app.ctx.why : "the database does not answer");
}

static void
show_progress(const struct running *r, int file)
{
	if (!r->wish.json && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%d/%d %s, %lld %s ", file, r->files,
		        r->wish.english ? "files" : "arquivos", r->patients,
		        r->wish.english ? "patients" : "pacientes");
}

static void
import_set(struct running *r, struct fhir_set *set, int file)
{
	struct arena *arena = arena_new(CHARTS_ARENA_MAX);
	struct list charts = { 0 };
	enum err e = arena ? fhir_charts(set, arena, instant_date(clock_now()), &charts) : ERR_TOO_LARGE;

	if (e != OK) {
		r->bad++;
		app_say(&r->app, "more text than there is memory for: import fewer files at once");
	}
	const struct fhir_chart *all = charts.items;
	for (size_t i = 0; i < charts.count && !r->stopped; i++) {
		import_chart(r, &all[i]);
		show_progress(r, file);
	}
	arena_free(arena);
}

/* ---- files */

static void
refuse_file(struct running *r, const char *path, const char *why)
{
	buf_text(&r->failed, r->bad++ ? ",{\"file\":" : "{\"file\":");
	json_write_text(&r->failed, utf8_valid(path, strlen(path)) ? str_of(path) : STR("?"));
	buf_text(&r->failed, ",\"reason\":");
	json_write_text(&r->failed, str_of(why));
	buf_byte(&r->failed, '}');
	app_say(&r->app, "%s: %s", path, why);
}

/* Reads and unpacks a file into a set of its own; NULL: said why. */
static struct fhir_set *
read_file(struct running *r, const char *path)
{
	struct buf file, plain;
	char why[WHY_SIZE] = "";
	struct fhir_set *set = fhir_set_new(&r->tally);

	buf_init(&file, JSON_TREE_BYTES_MAX);
	buf_init(&plain, JSON_TREE_BYTES_MAX);
	enum err e = set ? file_read(path, JSON_TREE_BYTES_MAX, &file, why) : ERR_TOO_LARGE;
	struct str text = buf_view(&file);
	if (e == OK && gzip_is(text)) {
		e = gunzip(text, &plain);
		snprintf(why, sizeof why,
		        e == ERR_TOO_LARGE ? "unpacks to more than 256 MiB" : "damaged gzip file");
		text = buf_view(&plain);
	}
	if (e == OK)
		e = fhir_set_add(set, text, why);
	if (e != OK) {
		refuse_file(r, path, why[0] ? why : "no memory");
		fhir_set_free(set);
		set = NULL;
	}
	buf_free(&file);
	buf_free(&plain);
	return set;
}

static void
import_file(struct running *r, const char *path, int file)
{
	struct fhir_set *set = read_file(r, path);

	if (!set)
		return;
	r->read++;
	if (fhir_set_closed(set))
		import_set(r, set, file);
	else if (fhir_set_bytes(r->pending) + fhir_set_bytes(set) > PENDING_BYTES_MAX ||
	         fhir_set_merge(r->pending, set) != OK)
		refuse_file(r, path, "cites patients of other files, and these are too many at once");
	fhir_set_free(set);
	show_progress(r, file);
}

static int
import_files(struct running *r, char **paths, int count)
{
	r->files = count;
	r->pending = fhir_set_new(&r->tally);
	if (!r->pending)
		return app_say(&r->app, "no memory");
	for (int i = 0; i < count && !r->stopped; i++)
		import_file(r, paths[i], i + 1);
	if (!r->stopped)
		import_set(r, r->pending, count);
	fhir_set_free(r->pending);
	if (r->patients >= STATISTICS_FROM && !r->stopped)
		app_statistics(&r->app);
	if (!r->wish.json && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	return r->bad || r->stopped || fhir_tally_all_rejected(&r->tally) ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the final count */

static void
print_count(const struct running *r)
{
	struct buf b;

	buf_init(&b, OUTPUT_MAX);
	if (r->wish.json) {
		buf_printf(&b, "{\"files\":{\"read\":%d,\"failed\":[%.*s]},\"complete\":%s,", r->read,
		        (int)r->failed.n, r->failed.n ? r->failed.p : "", r->stopped ? "false" : "true");
		fhir_tally_json(&b, &r->tally);
		buf_text(&b, "}\n");
	} else {
		buf_printf(&b,
		        r->wish.english ? "files: %d read, %d failed\n\n"
		                        : "arquivos: %d lidos, %d com erro\n\n",
		        r->read, r->bad);
		fhir_tally_print(&b, &r->tally, r->wish.english);
	}
	fwrite(b.p, 1, b.n, stdout);
	buf_free(&b);
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = { { "tenant", 1, 0, 't' }, { "care", 1, 0, 'c' },
		{ "json", 0, 0, 'j' }, { 0 } };
	int c;

	*w = (struct wish){ .english = !app_speaks_portuguese() };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 't': w->tenant = optarg; break;
		case 'c': w->care = optarg; break;
		case 'j': w->json = true; break;
		default: return cmd_usage("import", "unknown option");
		}
	if (optind >= argc || strcmp(argv[optind], "fhir") != 0)
		return cmd_usage("import", "say what: import fhir FILE...");
	if (++optind >= argc)
		return cmd_usage("import", "no files");
	return EXIT_DONE;
}

int
cmd_import(const struct conf *conf, int argc, char **argv)
{
	static struct running r; /* the tally is large */
	int exit = parse(argc, argv, &r.wish);

	if (exit != EXIT_DONE)
		return exit;
	r.how.route = "plantao import fhir";
	buf_init(&r.failed, OUTPUT_MAX);
	exit = app_open(&r.app, "import", conf, &(struct app_needs){ 0 });
	if (exit == EXIT_DONE)
		exit = take_tenant(&r);
	if (exit == EXIT_DONE)
		exit = take_author(&r);
	if (exit == EXIT_DONE) {
		exit = import_files(&r, argv + optind, argc - optind);
		print_count(&r);
	}
	buf_free(&r.failed);
	app_close(&r.app);
	return exit;
}
