/* extracts_http.c - the data-protection officer's door to extracts. */
#include "features/extracts/extracts.h"
#include "http/route.h"
#include "http/signed.h"

struct encrypted_extract {
	struct extract_body *extract;
	struct str passphrase;
};
static const struct field encrypted_fields[] = {
	FIELD_OBJECT(encrypted_extract, extract, &extract_body_type, .sens = SENS_PLAIN, .required = true),
	PASSPHRASE_FIELD(encrypted_extract, passphrase),
};
static const struct type encrypted_extract_type = TYPE(encrypted_extract, encrypted_fields);

static handler_fn post_extract, post_encrypted;

static const struct route extract_routes[] = {
	{ POST, "/api/privacy/extracts", post_extract, .perm = PERM_RESEARCH_EXTRACT,
	        .audit = AUDIT_EXTRACT_MADE, .rate = RATE_WRITE, .lane = LANE_SLOW, .reads = true,
	        .aged = true, .in = &extract_body_type, .out = &extract_report_type,
	        .errors = ERRORS(ERR_STATE),
	        .summary = "An extract for research: k-anonymous, l-diverse, with a report of what was lost",
	        .tag = "Privacy", .activity = ACTIVITY_RESEARCH },
	{ POST, "/api/privacy/encrypted-extracts", post_encrypted, .perm = PERM_RESEARCH_EXTRACT,
	        .audit = AUDIT_EXTRACT_MADE, .rate = RATE_WRITE, .lane = LANE_SLOW, .reads = true,
	        .in = &encrypted_extract_type, .produces = PASSPHRASE_PRODUCES,
	        .errors = ERRORS(ERR_STATE, ERR_TOO_LARGE, ERR_BUSY),
	        .summary = "The same under a passphrase, in the open format age v1", .tag = "Privacy",
	        .activity = ACTIVITY_RESEARCH },
};
const struct routes extract_route_table = { extract_routes, COUNT(extract_routes) };

static enum err
make(struct req *req, const struct extract_body *b, struct extract_report **out)
{
	req_reason(req, b->project);
	return extract_make(req_ctx(req), b, out);
}

static enum err
post_extract(struct req *req)
{
	struct extract_report *report;

	TRY(make(req, req_body(req), &report));
	return req_reply(req, report);
}

static enum err
post_encrypted(struct req *req)
{
	const struct encrypted_extract *b = req_body(req);
	struct extract_report *report;

	TRY(make(req, b->extract, &report));
	return req_encrypted(req, b->passphrase, &extract_report_type, report, "extrato.json.age");
}
