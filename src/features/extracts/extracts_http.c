/* extracts_http.c - the data-protection officer's door to extracts. */
#include "features/extracts/extracts.h"
#include "http/route.h"

static handler_fn post_extract;

static const struct route extract_routes[] = {
	{ POST, "/api/privacy/extracts", post_extract, .perm = PERM_RESEARCH_EXTRACT,
	        .audit = AUDIT_EXTRACT_MADE, .rate = RATE_WRITE, .lane = LANE_SLOW, .reads = true,
	        .aged = true, .in = &extract_body_type, .out = &extract_report_type,
	        .errors = ERRORS(ERR_STATE),
	        .summary = "An extract for research: k-anonymous, l-diverse, with a report of what was lost",
	        .tag = "Privacy", .activity = ACTIVITY_RESEARCH },
};
const struct routes extract_route_table = { extract_routes, COUNT(extract_routes) };

static enum err
post_extract(struct req *req)
{
	const struct extract_body *b = req_body(req);
	struct extract_report *report;

	req_reason(req, b->project);
	TRY(extract_make(req_ctx(req), b, &report));
	return req_reply(req, report);
}
