/* extract.c - plantao extract: the extract for research that the data-protection officer may
 * also make over the API, for whoever runs the installation; it is in the trail all the same. */
#include "cmd/app.h"
#include "cmd/passphrase.h"
#include "features/extracts/extracts.h"
#include "base/json.h"
#include "http/audit_write.h"

#include <getopt.h>
#include <stdio.h>

enum { OUTPUT_MAX = 256 << 20 };

struct extracting {
	struct extract_body body;
	struct extract_report *report;
};

static enum err
make(struct ctx *ctx, void *arg)
{
	struct extracting *e = arg;

	TRY(extract_make(ctx, &e->body, &e->report));
	return audit_note_add(ctx, &(struct audit_note){ .event = AUDIT_EXTRACT_MADE,
	                                   .status = 200,
	                                   .route = "plantao extract",
	                                   .request_id = "",
	                                   .reason = e->body.project });
}

static int
print(struct ctx *ctx, const struct extract_report *report, struct str passphrase)
{
	struct buf b, sealed;
	const struct buf *out = &b;
	bool fine = true;

	buf_init(&b, OUTPUT_MAX);
	buf_init(&sealed, OUTPUT_MAX);
	json_write(ctx, &b, &extract_report_type, report, NULL);
	buf_byte(&b, '\n');
	if (str_is_set(passphrase)) {
		fine = !buf_failed(&b) && age_seal(passphrase, buf_view(&b), &sealed) == OK;
		out = &sealed;
	}
	fine = fine && !buf_failed(out) && fwrite(out->p, 1, out->n, stdout) == out->n && fflush(stdout) == 0;
	buf_free(&sealed);
	buf_free(&b);
	return fine ? EXIT_DONE : EXIT_FAILED;
}

static bool
number(const char *text, int64_t least, struct opt_int *out)
{
	out->set = str_int(str_of(text), &out->v) && out->v >= least && out->v <= 1000;
	return out->set;
}

int
cmd_extract(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "project", 1, 0, 'p' }, { "k", 1, 0, 'k' },
		{ "l", 1, 0, 'l' }, { "pseudonyms", 0, 0, 's' }, { "tenant", 1, 0, 't' },
		{ "passphrase-file", 1, 0, 'f' }, { 0 } };
	struct extracting e = { 0 };
	struct passphrase passphrase = { .text = { NULL, 0 } };
	const char *tenant = NULL, *file = NULL;
	struct app app;
	int c, exit;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'p': e.body.project = str_of(optarg); break;
		case 's': e.body.pseudonyms = true; break;
		case 't': tenant = optarg; break;
		case 'f': file = optarg; break;
		case 'k':
			if (!number(optarg, EXTRACT_K_MIN, &e.body.k))
				return cmd_usage("extract", "k must be %d to 1000", EXTRACT_K_MIN);
			break;
		case 'l':
			if (!number(optarg, EXTRACT_L_MIN, &e.body.l))
				return cmd_usage("extract", "l must be %d to 1000", EXTRACT_L_MIN);
			break;
		default: return cmd_usage("extract", "unknown option");
		}
	if (optind < argc || e.body.project.n < 2 || e.body.project.n > 60)
		return cmd_usage("extract", "needs --project, 2 to 60 characters, and nothing else");
	if (file != NULL && (exit = passphrase_read("extract", file, &passphrase)) != EXIT_DONE)
		return exit;
	exit = app_open(&app, "extract", conf, &(struct app_needs){ 0 });
	if (exit == EXIT_DONE)
		exit = app_tenant(&app, tenant);
	if (exit == EXIT_DONE)
		exit = app_write(&app, make, &e);
	if (exit == EXIT_DONE)
		exit = print(&app.ctx, e.report, passphrase.text);
	passphrase_wipe(&passphrase);
	app_close(&app);
	return exit;
}
