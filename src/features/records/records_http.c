/* records_http.c - the doors to medical records. */
#include "features/records/records_rows.h"
#include "http/page.h"
#include "http/route.h"

struct record_query {
	struct id patient_id, doctor_id;
	struct str priority, q;
	struct instant from, to;
	bool deleted, names;
	struct opt_int limit;
	struct str cursor;
};
static const char *const priorities[] = { "CRITICAL", "HIGH", "NORMAL", "LOW", NULL };
#define NAMES_SUMMARY "Also the names of patient and author, beside their ids"
static const struct field query_fields[] = {
	FIELD(record_query, patient_id, .sens = SENS_PLAIN),
	FIELD(record_query, doctor_id, .sens = SENS_PLAIN),
	FIELD(record_query, priority, .sens = SENS_PLAIN, .one_of = priorities),
	FIELD(record_query, q, .sens = SENS_CLINICAL, .max = 200,
	        .summary = "Words of title, diagnosis, treatment or notes; every one must match"),
	FIELD(record_query, from, .sens = SENS_PLAIN, .summary = "Written at or after"),
	FIELD(record_query, to, .sens = SENS_PLAIN, .summary = "Written before"),
	FIELD(record_query, deleted, .sens = SENS_PLAIN, .summary = "Only those put aside (ADMIN)"),
	FIELD(record_query, names, .sens = SENS_PLAIN, .summary = NAMES_SUMMARY),
	FIELD(record_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(record_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type record_query_type = TYPE(record_query, query_fields);

struct record_page {
	struct list items;
	struct str next_cursor;
};
static const struct field page_fields[] = {
	FIELD(record_page, items, .sens = SENS_PLAIN, .of = &record_shown_type),
	FIELD(record_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type record_page_type = TYPE(record_page, page_fields);

struct record_version_page {
	struct list items;
};
static const struct field version_page_fields[] = {
	FIELD(record_version_page, items, .sens = SENS_PLAIN, .of = &record_version_type),
};
static const struct type record_version_page_type = TYPE(record_version_page, version_page_fields);

struct record_get_query {
	bool deleted, names;
};
static const struct field get_fields[] = {
	FIELD(record_get_query, deleted, .sens = SENS_PLAIN, .summary = "Also when it was put aside (ADMIN)"),
	FIELD(record_get_query, names, .sens = SENS_PLAIN, .summary = NAMES_SUMMARY),
};
static const struct type record_get_query_type = TYPE(record_get_query, get_fields);

struct record_reason_query {
	struct str reason;
};
static const struct field reason_fields[] = { FIELD(
	record_reason_query, reason, .sens = SENS_CLINICAL, .max = 500) };
static const struct type record_reason_query_type = TYPE(record_reason_query, reason_fields);

static handler_fn post_record, get_records, get_record, put_record, delete_record, restore_record,
        get_versions;

#define TAG "Medical records"
static const struct route record_routes[] = {
	{ POST, "/api/medical-records", post_record, .perm = PERM_RECORD_WRITE, .audit = AUDIT_RECORD_CREATED,
	        .rate = RATE_WRITE, .apart = true, .status = 201, .in = &record_body_type,
	        .out = &record_shown_type, .errors = ERRORS(ERR_NOT_FOUND), .summary = "Write a record",
	        .tag = TAG },
	{ GET, "/api/medical-records", get_records, .perm = PERM_RECORD_READ, .audit = AUDIT_RECORD_LISTED,
	        .rate = RATE_READ, .query = &record_query_type, .out = &record_page_type,
	        .errors = ERRORS(ERR_CURSOR), .summary = "List or search records, newest first", .tag = TAG },
	{ GET, "/api/medical-records/{id}", get_record, .perm = PERM_RECORD_READ, .audit = AUDIT_RECORD_READ,
	        .rate = RATE_READ, .query = &record_get_query_type, .out = &record_shown_type,
	        .errors = ERRORS(ERR_NOT_FOUND), .summary = "Read one record", .tag = TAG },
	{ PUT, "/api/medical-records/{id}", put_record, .perm = PERM_RECORD_WRITE,
	        .audit = AUDIT_RECORD_UPDATED, .rate = RATE_WRITE, .in = &record_change_type,
	        .out = &record_shown_type,
	        .errors = ERRORS(
	                ERR_NOT_FOUND, ERR_STALE, ERR_NOT_AUTHOR, ERR_PRECONDITION, ERR_VERSION_CONFLICT),
	        .summary = "Correct a record; the old version stays", .tag = TAG },
	{ DELETE, "/api/medical-records/{id}", delete_record, .perm = PERM_RECORD_REMOVE,
	        .audit = AUDIT_RECORD_REMOVED, .rate = RATE_WRITE, .query = &record_reason_query_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_NOT_AUTHOR, ERR_STALE),
	        .summary = "Put a record aside (nothing is erased)", .tag = TAG },
	{ POST, "/api/medical-records/{id}/restore", restore_record, .perm = PERM_RECORD_REMOVE,
	        .audit = AUDIT_RECORD_RESTORED, .rate = RATE_WRITE, .out = &record_shown_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_NOT_AUTHOR, ERR_STALE), .summary = "Bring a record back",
	        .tag = TAG },
	{ GET, "/api/medical-records/{id}/versions", get_versions, .perm = PERM_RECORD_READ,
	        .audit = AUDIT_RECORD_VERSIONS, .rate = RATE_READ, .out = &record_version_page_type,
	        .errors = ERRORS(ERR_NOT_FOUND), .summary = "Every version, oldest first", .tag = TAG },
};
const struct routes record_route_table = { record_routes, COUNT(record_routes) };

static enum err
reply(struct req *req, const struct record *r)
{
	req_subject(req, r->id, r->patient_id);
	req_version(req, r->version);
	return req_reply(req, r);
}

static enum err
post_record(struct req *req)
{
	const struct record_body *body = req_body(req);
	struct record *r;
	char id[ID_TEXT + 1];

	req_subject(req, (struct id){ { 0 } }, body->patient_id);
	TRY(record_add(req_ctx(req), body, &r));
	id_print(r->id, id);
	req_location(req, arena_printf(req_ctx(req)->arena, "/api/medical-records/%s", id));
	req_change(req, &record_type, NULL, r);
	return reply(req, r);
}

static enum err
get_records(struct req *req)
{
	const struct record_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct record_page *page = NEW(ctx, struct record_page);
	struct record_filter f = { .patient_id = q->patient_id,
		.doctor_id = q->doctor_id,
		.priority = q->priority,
		.q = q->q,
		.from = q->from,
		.to = q->to,
		.deleted = q->deleted,
		.limit = page_limit(q->limit) + 1 };

	if (q->deleted && ctx->role != ROLE_ADMIN)
		return fail(ctx, ERR_FORBIDDEN, "only ADMIN lists what was put aside");
	req_subject(req, (struct id){ { 0 } }, q->patient_id);
	TRY(page_open(req, q->cursor, &f.before));
	/* Who may not see a field must not learn from a search what is in it. */
	if (!str_is_set(q->q) || role_mask((enum role)ctx->role)->shows[SENS_CLINICAL])
		TRY(record_list(ctx, &f, &page->items));
	TRY(page_close(req, &page->items, sizeof(struct record), offsetof(struct record, id), f.limit - 1,
	        &page->next_cursor));
	if (q->names)
		TRY(record_add_names(ctx, &page->items));
	return req_reply(req, page);
}

static enum err
get_record(struct req *req)
{
	const struct record_get_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct record *r;

	TRY(record_get(ctx, req_id(req, "id"), q->deleted && ctx->role == ROLE_ADMIN, &r));
	if (q->names)
		TRY(record_add_names(ctx, &(struct list){ r, 1 }));
	return reply(req, r);
}

static enum err
put_record(struct req *req)
{
	const struct record_change *change = req_body(req);
	struct record *before, *after;
	int64_t version;

	TRY(req_held_version(req, change->version, &version));
	TRY(record_get(req_ctx(req), req_id(req, "id"), false, &before));
	req_subject(req, before->id, before->patient_id);
	if (before->version != version) {
		req_problem_int(req, "currentVersion", before->version);
		return fail(req_ctx(req), ERR_STALE, "held %lld, is %lld", (long long)version,
		        (long long)before->version);
	}
	TRY(record_correct(req_ctx(req), before, change, &after));
	req_change(req, &record_type, before, after);
	return reply(req, after);
}

static enum err
set_removed(struct req *req, bool removed, struct str reason, struct record **after)
{
	struct record *before;

	TRY(record_get(req_ctx(req), req_id(req, "id"), !removed, &before));
	req_subject(req, before->id, before->patient_id);
	req_reason(req, reason);
	TRY(record_set_removed(req_ctx(req), before, removed, reason, after));
	req_change(req, &record_type, before, *after);
	return OK;
}

static enum err
delete_record(struct req *req)
{
	const struct record_reason_query *q = req_query(req);
	struct record *after;

	return set_removed(req, true, q->reason, &after);
}

static enum err
restore_record(struct req *req)
{
	struct record *after;

	TRY(set_removed(req, false, (struct str){ 0 }, &after));
	return reply(req, after);
}

static enum err
get_versions(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct record_version_page *page = NEW(ctx, struct record_version_page);
	struct record_version *all;
	struct record *r;

	TRY(record_get(ctx, req_id(req, "id"), ctx->role == ROLE_ADMIN, &r));
	req_subject(req, r->id, r->patient_id);
	TRY(record_versions(ctx, r->id, &page->items));
	all = NEW_ARRAY(ctx, struct record_version, page->items.count + 1);
	if (all == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%zu versions", page->items.count);
	if (page->items.count > 0)
		memcpy(all, page->items.items, page->items.count * sizeof *all);
	all[page->items.count] = (struct record_version){ .id = r->id,
		.record_id = r->id,
		.patient_id = r->patient_id,
		.author_id = r->doctor_id,
		.version = r->version,
		.title = r->title,
		.diagnosis = r->diagnosis,
		.treatment = r->treatment,
		.notes = r->notes,
		.priority = r->priority,
		.at = r->updated_at };
	page->items = (struct list){ all, page->items.count + 1 };
	return req_reply(req, page);
}
