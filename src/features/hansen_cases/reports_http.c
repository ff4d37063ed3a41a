/* reports_http.c - the doors of notification and surveillance: the SINAN form of a
 * case, the month's bulletin, indicators. */
#include "features/hansen_cases/doors.h"
#include "features/hansen_cases/bulletin.h"
#include "features/hansen_cases/sinan.h"
#include "base/checks.h"
#include "http/signed.h"

static const char *const formats[] = { "html", "json", "csv", NULL };
struct form_query {
	struct str format;
};
static const struct field form_fields[] = { FIELD(form_query, format, .sens = SENS_PLAIN, .one_of = formats,
	.summary = "Absent: html, to be printed") };
static const struct type form_type = TYPE(form_query, form_fields);

struct month_query {
	struct str month, unit;
};
static const struct field month_fields[] = {
	FIELD(month_query, month, .sens = SENS_PLAIN, .max = 7, .check = check_month,
	        .summary = "AAAA-MM; absent: this one"),
	FIELD(month_query, unit, .sens = SENS_PLAIN, .max = 7, .check = check_cnes, .summary = "CNES"),
};
static const struct type month_type = TYPE(month_query, month_fields);

static const struct field indicator_fields[] = {
	FIELD(indicator_query, from, .sens = SENS_PLAIN, .required = true),
	FIELD(indicator_query, to, .sens = SENS_PLAIN, .required = true,
	        .summary = "Inclusive; cohorts are those of its year"),
	FIELD(indicator_query, unit, .sens = SENS_PLAIN, .max = 7, .check = check_cnes, .summary = "CNES"),
	FIELD(indicator_query, municipality, .sens = SENS_PLAIN, .max = 7, .check = check_municipality,
	        .summary = "Of residence, IBGE"),
	FIELD(indicator_query, population, .sens = SENS_PLAIN, .min = 1, .max = 1000000000,
	        .summary = "Of the municipality; without it rates are not computed"),
	FIELD(indicator_query, population_0_14, .json = "populationUnder15", .sens = SENS_PLAIN, .min = 1,
	        .max = 1000000000),
	FIELD(indicator_query, publish, .sens = SENS_PLAIN, .summary = "Leaves out cells of 1 to 4 cases"),
};
static const struct type indicator_type = TYPE(indicator_query, indicator_fields);

static handler_fn get_form, get_bulletin, get_bulletin_csv, get_indicators;

static const struct route report_routes[] = {
	{ GET, "/api/hansen/cases/{id}/notification", get_form, CASE_READS, .audit = AUDIT_HANSEN_FORM,
	        .query = &form_type, .out = &signed_document_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_TOO_LARGE),
	        .summary = "The SINAN form of a case: html to be printed, json or csv; signed" },
	{ GET, "/api/hansen/bulletin", get_bulletin, .perm = PERM_HANSEN_WRITE, .rate = RATE_READ,
	        .tag = CASE_TAG, .audit = AUDIT_HANSEN_BULLETIN, .query = &month_type, .out = &bulletin_type,
	        .errors = ERRORS(ERR_TOO_LARGE),
	        .summary = "Monthly follow-up bulletin of the cases in reach" },
	{ GET, "/api/hansen/bulletin.csv", get_bulletin_csv, .perm = PERM_HANSEN_WRITE, .rate = RATE_READ,
	        .tag = CASE_TAG, .audit = AUDIT_HANSEN_BULLETIN, .query = &month_type,
	        .produces = "text/csv; charset=utf-8", .errors = ERRORS(ERR_TOO_LARGE),
	        .summary = "The same as a table" },
	{ GET, "/api/hansen/indicators", get_indicators, .perm = PERM_HANSEN_REPORT, .rate = RATE_READ,
	        .tag = CASE_TAG, .audit = AUDIT_HANSEN_INDICATORS, .aged = true, .query = &indicator_type,
	        .out = &indicator_report_type, .errors = ERRORS(CASE_ERRORS),
	        .summary = "Indicators of a period, unit and municipality with the ministry's bands" },
};
const struct routes hansen_report_route_table = { report_routes, COUNT(report_routes) };

static enum err
get_form(struct req *req)
{
	const struct form_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct signed_document *out = NEW(ctx, struct signed_document);
	struct sinan_case form;

	TRY(sinan_read(ctx, req_id(req, "id"), &form));
	req_subject(req, form.c->id, form.c->patient_id);
	*out = (struct signed_document){ .format = str_is_set(q->format) ? q->format : STR("html") };
	if (str_is(out->format, "json")) {
		out->media_type = STR("application/json");
		TRY(sinan_json(ctx, &form, &out->document));
	} else if (str_is(out->format, "csv")) {
		out->media_type = STR("text/csv");
		TRY(sinan_csv(ctx, &form, &out->document));
	} else {
		out->media_type = STR("text/html");
		TRY(sinan_html(ctx, &form, &out->document));
	}
	TRY(document_sign(ctx, out));
	return req_reply(req, out);
}

static enum err
make_bulletin(struct req *req, struct bulletin **out)
{
	const struct month_query *q = req_query(req);

	*out = NEW(req_ctx(req), struct bulletin);
	TRY(bulletin_make(req_ctx(req), q->month, q->unit, *out));
	const struct bulletin_item *item = (*out)->items.items;
	for (size_t i = 0; i < (*out)->items.count; i++)
		req_shown(req, item[i].case_id);
	return OK;
}

static enum err
get_bulletin(struct req *req)
{
	struct bulletin *b;

	TRY(make_bulletin(req, &b));
	return req_reply(req, b);
}

static enum err
get_bulletin_csv(struct req *req)
{
	struct bulletin *b;
	struct str table;

	TRY(make_bulletin(req, &b));
	TRY(bulletin_csv(req_ctx(req), b, &table));
	return req_bytes(req, table, "boletim-hanseniase.csv");
}

static enum err
get_indicators(struct req *req)
{
	struct indicator_report *out = NEW(req_ctx(req), struct indicator_report);

	TRY(indicators_make(req_ctx(req), req_query(req), out));
	return req_reply(req, out);
}
