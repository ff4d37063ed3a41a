/* chart_http.c - the door of access and portability.  The file holds the document as
 * text, its SHA-256 and an Ed25519 signature over that text with the institution's key. */
#include "features/privacy/chart.h"
#include "base/json.h"
#include "http/route.h"
#include "http/signed.h"

enum { DOCUMENT_MAX = 48 << 20 };

static const char *const formats[] = { "json", "fhir", "html", NULL };
struct chart_query {
	struct str format;
};
static const struct field query_fields[] = { FIELD(
	chart_query, format, .sens = SENS_PLAIN, .one_of = formats) };
static const struct type chart_query_type = TYPE(chart_query, query_fields);

struct encrypted_body {
	struct str format, passphrase;
};
static const struct field encrypted_fields[] = {
	FIELD(encrypted_body, format, .sens = SENS_PLAIN, .one_of = formats),
	PASSPHRASE_FIELD(encrypted_body, passphrase),
};
static const struct type encrypted_body_type = TYPE(encrypted_body, encrypted_fields);

static handler_fn get_chart, post_encrypted;

static const struct route chart_routes[] = {
	{ GET, "/api/patients/{id}/export", get_chart, .perm = PERM_CHART_EXPORT, .signin = SIGNIN_RECENT,
	        .audit = AUDIT_CHART_EXPORTED, .rate = RATE_WRITE, .lane = LANE_SLOW, .shed = SHED_BULK,
	        .query = &chart_query_type, .out = &signed_document_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_TOO_LARGE),
	        .summary = "A whole chart in one signed file: json, fhir or html (LGPD art. 18 II and V)",
	        .tag = "Privacy" },
	{ POST, "/api/patients/{id}/encrypted-export", post_encrypted, .perm = PERM_CHART_EXPORT,
	        .signin = SIGNIN_RECENT, .audit = AUDIT_CHART_EXPORTED, .rate = RATE_WRITE, .lane = LANE_SLOW,
	        .shed = SHED_BULK, .reads = true, .in = &encrypted_body_type, .produces = PASSPHRASE_PRODUCES,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_BUSY),
	        .summary = "The same file under a passphrase, in the open format age v1", .tag = "Privacy" },
};
const struct routes chart_route_table = { chart_routes, COUNT(chart_routes) };

static enum err
as_json(struct ctx *ctx, const struct chart *chart, struct str *out)
{
	struct buf b;

	buf_init(&b, DOCUMENT_MAX);
	json_write(ctx, &b, &chart_type, chart, role_mask((enum role)ctx->role));
	*out = arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	return str_is_set(*out) ? OK : fail(ctx, ERR_TOO_LARGE, "chart beyond %d bytes", DOCUMENT_MAX);
}

static enum err
make(struct req *req, struct str format, struct signed_document **made)
{
	struct ctx *ctx = req_ctx(req);
	struct signed_document *out = NEW(ctx, struct signed_document);
	struct id id = req_id(req, "id");
	struct chart *chart;

	req_subject(req, id, id);
	TRY(chart_read(ctx, id, &chart));
	out->format = str_is_set(format) ? format : STR("json");
	out->media_type = str_is(out->format, "html")   ? STR("text/html")
	                  : str_is(out->format, "fhir") ? STR("application/fhir+json")
	                                                : STR("application/json");
	if (str_is(out->format, "html"))
		TRY(chart_html(ctx, chart, &out->document));
	else if (str_is(out->format, "fhir"))
		TRY(chart_fhir(ctx, chart, &out->document));
	else
		TRY(as_json(ctx, chart, &out->document));
	*made = out;
	return document_sign(ctx, out);
}

static enum err
get_chart(struct req *req)
{
	const struct chart_query *q = req_query(req);
	struct signed_document *out;

	TRY(make(req, q->format, &out));
	return req_reply(req, out);
}

static enum err
post_encrypted(struct req *req)
{
	const struct encrypted_body *b = req_body(req);
	struct signed_document *out;

	TRY(make(req, b->format, &out));
	return req_encrypted(req, b->passphrase, &signed_document_type, out, "prontuario.json.age");
}
