/* hansen.c - plantao hansen: the institution's hanseníase indicators from the command line. */
#include "base/checks.h"
#include "base/json.h"
#include "cmd/app.h"
#include "features/hansen_cases/hansen_cases.h"
#include "http/audit_write.h"

#include <getopt.h>
#include <stdio.h>

enum { OUTPUT_MAX = 1 << 20 };

struct wish {
	const char *tenant;
	struct indicator_query query;
	bool json;
	struct buf out;
};

static enum err
print(struct ctx *ctx, struct wish *w, const struct indicator_report *report)
{
	struct str table;

	if (w->json) {
		json_write(ctx, &w->out, &indicator_report_type, report, NULL);
		buf_byte(&w->out, '\n');
		return buf_failed(&w->out) ? ERR_TOO_LARGE : OK;
	}
	TRY(indicators_csv(ctx, report, &table));
	buf_str(&w->out, table);
	return buf_failed(&w->out) ? ERR_TOO_LARGE : OK;
}

/* A reading that the trail remembers: hence in a write transaction. */
static enum err
indicators(struct ctx *ctx, void *arg)
{
	struct wish *w = arg;
	struct indicator_report report;

	TRY(indicators_make(ctx, &w->query, &report));
	TRY(audit_note_add(ctx, &(struct audit_note){ .event = AUDIT_HANSEN_INDICATORS,
	                                .status = 200,
	                                .route = "plantao hansen",
	                                .request_id = "",
	                                .address = STR("local") }));
	return print(ctx, w, &report);
}

static bool
read_count(const char *text, struct opt_int *out)
{
	enum { PEOPLE_MAX = 1000000000 };

	out->set = str_int(str_of(text), &out->v) && out->v > 0 && out->v <= PEOPLE_MAX;
	return out->set;
}

static const char *
take(struct wish *w, int option, const char *text)
{
	struct indicator_query *q = &w->query;

	switch (option) {
	case 't': w->tenant = text; return NULL;
	case 'f': return date_parse(str_of(text), &q->from) ? NULL : "--from is no day (2026-01-01)";
	case 'o': return date_parse(str_of(text), &q->to) ? NULL : "--to is no day (2026-12-31)";
	case 'u': q->unit = str_of(text); return check_cnes(q->unit) ? "--unit is no CNES" : NULL;
	case 'm':
		q->municipality = str_of(text);
		return check_municipality(q->municipality) ? "--municipality is no IBGE code" : NULL;
	case 'p': return read_count(text, &q->population) ? NULL : "--population is no number above 0";
	case 'c':
		return read_count(text, &q->population_0_14) ? NULL
		                                             : "--population-0-14 is no number above 0";
	case 'x': q->publish = true; return NULL;
	case 'j': w->json = true; return NULL;
	default: return "unknown option";
	}
}

static int
parse(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = { { "tenant", 1, 0, 't' }, { "from", 1, 0, 'f' },
		{ "to", 1, 0, 'o' }, { "unit", 1, 0, 'u' }, { "municipality", 1, 0, 'm' },
		{ "population", 1, 0, 'p' }, { "population-0-14", 1, 0, 'c' }, { "publish", 0, 0, 'x' },
		{ "json", 0, 0, 'j' }, { 0 } };
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		const char *wrong = take(w, c, optarg);
		if (wrong)
			return cmd_usage("hansen", "%s", wrong);
	}
	if (optind + 1 != argc || strcmp(argv[optind], "indicators") != 0)
		return cmd_usage("hansen", "say indicators");
	if (!date_is_set(w->query.from) || !date_is_set(w->query.to))
		return cmd_usage("hansen", "--from DAY and --to DAY are needed");
	if (date_cmp(w->query.from, w->query.to) > 0)
		return cmd_usage("hansen", "--to lies before --from");
	return EXIT_DONE;
}

int
cmd_hansen(const struct conf *conf, int argc, char **argv)
{
	struct wish wish = { 0 };
	struct app app;
	int exit = parse(argc, argv, &wish);

	if (exit != EXIT_DONE)
		return exit;
	buf_init(&wish.out, OUTPUT_MAX);
	exit = app_open(&app, "hansen", conf, &(struct app_needs){ 0 });
	if (exit == EXIT_DONE)
		exit = app_tenant(&app, wish.tenant);
	if (exit == EXIT_DONE)
		exit = app_write(&app, indicators, &wish);
	if (exit == EXIT_DONE && fwrite(wish.out.p, 1, wish.out.n, stdout) != wish.out.n)
		exit = EXIT_FAILED;
	buf_free(&wish.out);
	app_close(&app);
	return exit;
}
