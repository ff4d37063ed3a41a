/* privacy_http.c - the doors of consents, of the requests desk and of the record of
 * processing operations. */
#include "features/privacy/privacy_rows.h"
#include "features/patients/patients.h"
#include "privacy_sql.h"
#include "http/page.h"
#include "http/route.h"
#include "sys/crypto.h"

struct activity {
	struct str name, purpose, purpose_pt, basis, basis_pt, data, data_pt, retention, retention_pt,
	        sharing, sharing_pt;
};
static const struct field activity_fields[] = {
	FIELD(activity, name, .sens = SENS_PLAIN),
	FIELD(activity, purpose, .sens = SENS_PLAIN),
	FIELD(activity, purpose_pt, .sens = SENS_PLAIN),
	FIELD(activity, basis, .sens = SENS_PLAIN),
	FIELD(activity, basis_pt, .sens = SENS_PLAIN),
	FIELD(activity, data, .sens = SENS_PLAIN),
	FIELD(activity, data_pt, .sens = SENS_PLAIN),
	FIELD(activity, retention, .sens = SENS_PLAIN),
	FIELD(activity, retention_pt, .sens = SENS_PLAIN),
	FIELD(activity, sharing, .sens = SENS_PLAIN),
	FIELD(activity, sharing_pt, .sens = SENS_PLAIN),
};
static const struct type activity_type = TYPE(activity, activity_fields);
static const struct activity activities[] = {
#define TEXT(x)                                                                                              \
	{                                                                                                    \
		x, sizeof(x) - 1                                                                             \
	}
#define ACTIVITY(name, en, pt, basis, basis_pt, data, data_pt, retention, retention_pt, sharing, sharing_pt) \
	{ TEXT(#name), TEXT(en), TEXT(pt), TEXT(basis), TEXT(basis_pt), TEXT(data), TEXT(data_pt),           \
		TEXT(retention), TEXT(retention_pt), TEXT(sharing), TEXT(sharing_pt) },
#include "http/activities.def"
#undef ACTIVITY
#undef TEXT
};

#define PAGE_TYPE(page, item)                                                                                \
	struct page {                                                                                        \
		struct list items;                                                                           \
		struct str next_cursor;                                                                      \
	};                                                                                                   \
	static const struct field page##_fields[] = {                                                        \
		FIELD(page, items, .sens = SENS_PLAIN, .of = &(item)),                                       \
		FIELD(page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),                         \
	};                                                                                                   \
	static const struct type page##_type = TYPE(page, page##_fields)

PAGE_TYPE(activity_page, activity_type);
PAGE_TYPE(consent_term_page, consent_term_type);
PAGE_TYPE(consent_page, consent_type);
PAGE_TYPE(subject_request_page, subject_request_type);
PAGE_TYPE(erasure_certificate_page, erasure_certificate_type);

struct term_body {
	struct str purpose, title, body;
};
static const struct field term_body_fields[] = {
	FIELD(term_body, purpose, .sens = SENS_PLAIN, .required = true, .one_of = consent_purposes),
	FIELD(term_body, title, .sens = SENS_PLAIN, .required = true, .min = 1, .max = 200),
	FIELD(term_body, body, .sens = SENS_PLAIN, .required = true, .min = 20, .max = 20000),
};
static const struct type term_body_type = TYPE(term_body, term_body_fields);

struct consent_body {
	struct id term_id;
	struct str proof;
};
static const struct field consent_body_fields[] = {
	FIELD(consent_body, term_id, .sens = SENS_PLAIN, .required = true),
	FIELD(consent_body, proof, .sens = SENS_IDENTITY, .max = 2000,
	        .summary = "How it was given: signature on paper, in person, by the patient's own account"),
};
static const struct type consent_body_type = TYPE(consent_body, consent_body_fields);

static const char *const kinds[] = { "CONFIRMATION", "ACCESS", "PORTABILITY", "CORRECTION", "SHARING",
	"OPPOSITION", "ERASURE", "ANONYMISATION", "CONSENT_INFORMATION", "AUTOMATED_DECISION", NULL };
struct request_body {
	struct str kind, details;
};
static const struct field request_body_fields[] = {
	FIELD(request_body, kind, .sens = SENS_PLAIN, .required = true, .one_of = kinds),
	FIELD(request_body, details, .sens = SENS_CLINICAL, .max = 5000),
};
static const struct type request_body_type = TYPE(request_body, request_body_fields);

struct request_query {
	struct id patient_id;
	bool open;
	struct opt_int limit;
	struct str cursor;
};
static const struct field request_query_fields[] = {
	FIELD(request_query, patient_id, .sens = SENS_PLAIN),
	FIELD(request_query, open, .sens = SENS_PLAIN, .summary = "Only those not answered yet"),
	FIELD(request_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(request_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type request_query_type = TYPE(request_query, request_query_fields);

static handler_fn get_activities, get_terms, post_term, get_consents, post_consent, withdraw_consent,
        post_request, get_requests, get_request, decide_request, get_certificates;

#define TAG "Privacy"
static const struct route privacy_routes[] = {
	{ GET, "/api/privacy/activities", get_activities, .perm = PERM_PRIVACY_READ,
	        .audit = AUDIT_PRIVACY_READ, .rate = RATE_READ, .out = &activity_page_type,
	        .summary = "Record of processing operations (LGPD art. 37)", .tag = TAG },
	{ GET, "/api/privacy/terms", get_terms, .perm = PERM_SESSION, .audit = AUDIT_PRIVACY_READ,
	        .rate = RATE_READ, .out = &consent_term_page_type,
	        .summary = "Consent terms and their versions", .tag = TAG },
	{ POST, "/api/privacy/terms", post_term, .perm = PERM_PRIVACY_WRITE, .audit = AUDIT_TERM_PUBLISHED,
	        .rate = RATE_WRITE, .status = 201, .in = &term_body_type, .out = &consent_term_type,
	        .summary = "Publish a new version of a term", .tag = TAG },
	{ GET, "/api/patients/{id}/consents", get_consents, .perm = PERM_CONSENT, .audit = AUDIT_CONSENT_READ,
	        .rate = RATE_READ, .out = &consent_page_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "A patient's consents", .tag = TAG },
	{ POST, "/api/patients/{id}/consents", post_consent, .perm = PERM_CONSENT,
	        .audit = AUDIT_CONSENT_GIVEN, .rate = RATE_WRITE, .status = 201, .in = &consent_body_type,
	        .out = &consent_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Record a consent to one version of a term", .tag = TAG },
	{ POST, "/api/consents/{id}/withdraw", withdraw_consent, .perm = PERM_CONSENT,
	        .audit = AUDIT_CONSENT_WITHDRAWN, .rate = RATE_WRITE, .out = &consent_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STALE), .summary = "Take a consent back", .tag = TAG },
	{ POST, "/api/patients/{id}/requests", post_request, .perm = PERM_REQUEST_OPEN,
	        .audit = AUDIT_REQUEST_OPENED, .rate = RATE_WRITE, .status = 201, .in = &request_body_type,
	        .out = &subject_request_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Open a request of the data subject (LGPD art. 18)", .tag = TAG },
	{ GET, "/api/privacy/requests", get_requests, .perm = PERM_REQUEST_READ, .audit = AUDIT_REQUEST_READ,
	        .rate = RATE_READ, .query = &request_query_type, .out = &subject_request_page_type,
	        .errors = ERRORS(ERR_CURSOR), .summary = "Requests of data subjects, newest first",
	        .tag = TAG },
	{ GET, "/api/privacy/requests/{id}", get_request, .perm = PERM_REQUEST_READ,
	        .audit = AUDIT_REQUEST_READ, .rate = RATE_READ, .out = &subject_request_type,
	        .errors = ERRORS(ERR_NOT_FOUND), .summary = "One request", .tag = TAG },
	{ POST, "/api/privacy/requests/{id}/decide", decide_request, .perm = PERM_PRIVACY_WRITE,
	        .audit = AUDIT_REQUEST_DECIDED, .rate = RATE_WRITE, .in = &decide_body_type, .status = 204,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE),
	        .summary = "Answer a request; erasure is decided by the law's terms", .tag = TAG },
	{ GET, "/api/privacy/certificates", get_certificates, .perm = PERM_PRIVACY_READ,
	        .audit = AUDIT_PRIVACY_READ, .rate = RATE_READ, .out = &erasure_certificate_page_type,
	        .summary = "Certificates of erasure", .tag = TAG },
};
const struct routes privacy_route_table = { privacy_routes, COUNT(privacy_routes) };

static enum err
get_activities(struct req *req)
{
	struct activity_page *page = NEW(req_ctx(req), struct activity_page);

	page->items = (struct list){ (void *)(uintptr_t)activities, COUNT(activities) };
	return req_reply(req, page);
}

static enum err
get_terms(struct req *req)
{
	struct consent_term_page *page = NEW(req_ctx(req), struct consent_term_page);

	TRY(sql_term_list(req_ctx(req), &page->items));
	return req_reply(req, page);
}

static enum err
post_term(struct req *req)
{
	const struct term_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct consent_term *out = NEW(ctx, struct consent_term);
	struct privacy_count last;
	struct id id = id_new(ctx->now);

	TRY(sql_term_last(ctx, &(struct term_last_in){ .purpose = b->purpose }, &last));
	TRY(sql_term_add(ctx, &(struct term_add_in){ .id = id,
	                              .purpose = b->purpose,
	                              .version = last.n + 1,
	                              .title = b->title,
	                              .body = b->body }));
	TRY(sql_term_get(ctx, &(struct term_get_in){ .id = id }, out));
	req_subject(req, id, (struct id){ { 0 } });
	return req_reply(req, out);
}

static enum err
get_consents(struct req *req)
{
	struct consent_page *page = NEW(req_ctx(req), struct consent_page);
	struct id id = req_id(req, "id");

	req_subject(req, id, id);
	TRY(patient_reach(req_ctx(req), id));
	TRY(sql_consent_list(req_ctx(req), &(struct consent_list_in){ .patient_id = id }, &page->items));
	return req_reply(req, page);
}

static enum err
reply_consent(struct req *req, struct id id)
{
	struct consent *out = NEW(req_ctx(req), struct consent);

	TRY(sql_consent_get(req_ctx(req), &(struct consent_get_in){ .id = id }, out));
	req_subject(req, id, out->patient_id);
	return req_reply(req, out);
}

static enum err
post_consent(struct req *req)
{
	const struct consent_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct id patient = req_id(req, "id"), id = id_new(ctx->now);
	struct consent_term term;

	req_subject(req, id, patient);
	TRY(patient_reach(ctx, patient));
	if (sql_term_get(ctx, &(struct term_get_in){ .id = b->term_id }, &term) != OK)
		return invalid(ctx, "termId", "not_found");
	TRY(sql_consent_add(ctx, &(struct consent_add_in){ .id = id,
	                                 .patient_id = patient,
	                                 .term_id = term.id,
	                                 .purpose = term.purpose,
	                                 .proof = b->proof }));
	return reply_consent(req, id);
}

static enum err
withdraw_consent(struct req *req)
{
	struct consent *before = NEW(req_ctx(req), struct consent);
	struct id id = req_id(req, "id");

	TRY(sql_consent_get(req_ctx(req), &(struct consent_get_in){ .id = id }, before));
	req_subject(req, id, before->patient_id);
	TRY(sql_consent_withdraw(req_ctx(req), &(struct consent_withdraw_in){ .id = id }));
	return reply_consent(req, id);
}

static enum err
reply_request(struct req *req, struct id id)
{
	struct subject_request *out = NEW(req_ctx(req), struct subject_request);

	TRY(sql_request_get(req_ctx(req), &(struct request_get_in){ .id = id }, out));
	req_subject(req, id, out->patient_id);
	return req_reply(req, out);
}

static enum err
post_request(struct req *req)
{
	const struct request_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct id patient = req_id(req, "id"), id = id_new(ctx->now);

	req_subject(req, id, patient);
	TRY(patient_reach(ctx, patient));
	TRY(sql_request_add(ctx, &(struct request_add_in){ .id = id,
	                                 .patient_id = patient,
	                                 .kind = b->kind,
	                                 .due = request_due(instant_date(ctx->now)),
	                                 .details = b->details }));
	return reply_request(req, id);
}

static enum err
get_requests(struct req *req)
{
	const struct request_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct subject_request_page *page = NEW(ctx, struct subject_request_page);
	int64_t limit = page_limit(q->limit);
	struct id before;

	TRY(page_open(req, q->cursor, &before));
	req_subject(req, (struct id){ { 0 } }, q->patient_id);
	TRY(sql_request_list(ctx,
	        &(struct request_list_in){ .before = before,
	                .patient_id = q->patient_id,
	                .open = q->open,
	                .row_limit = limit + 1 },
	        &page->items));
	TRY(page_close(req, &page->items, sizeof(struct subject_request),
	        offsetof(struct subject_request, id), limit, &page->next_cursor));
	return req_reply(req, page);
}

static enum err
get_request(struct req *req)
{
	return reply_request(req, req_id(req, "id"));
}

static enum err
decide_request(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct subject_request *before = NEW(ctx, struct subject_request);

	TRY(sql_request_get(ctx, &(struct request_get_in){ .id = req_id(req, "id") }, before));
	req_subject(req, before->id, before->patient_id);
	if (!str_is(before->status, "OPEN"))
		return fail(ctx, ERR_STATE, "answered already");
	return request_decide(ctx, before, req_body(req));
}

static enum err
get_certificates(struct req *req)
{
	struct erasure_certificate_page *page = NEW(req_ctx(req), struct erasure_certificate_page);

	TRY(sql_certificate_list(req_ctx(req), &page->items));
	return req_reply(req, page);
}
