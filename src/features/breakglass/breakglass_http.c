/* breakglass_http.c - the door that opens a chart outside care, and the review queue.
 * Finding the patient takes a whole CPF or CNS: nobody browses strangers here. */
#include "features/breakglass/breakglass.h"
#include "features/patients/patients.h"
#include "features/users/users.h"
#include "breakglass_sql.h"
#include "base/brazil.h"
#include "http/page.h"
#include "http/route.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "sys/metrics.h"

enum { MINUTES_DEFAULT = 60, MINUTES_MAX = 480, REASON_MIN = 10, REASON_MAX = 1000 };

static const char *const verdicts[] = { "JUSTIFIED", "UNJUSTIFIED", NULL };

static const struct field glass_fields[] = {
	FIELD(break_glass, id, .sens = SENS_PLAIN),
	FIELD(break_glass, patient_id, .sens = SENS_PLAIN),
	FIELD(break_glass, user_id, .sens = SENS_PLAIN),
	FIELD(break_glass, reason, .sens = SENS_PLAIN, .sealed = true),
	FIELD(break_glass, at, .sens = SENS_PLAIN),
	FIELD(break_glass, until, .sens = SENS_PLAIN),
	FIELD(break_glass, reviewed_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(break_glass, reviewed_by, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(break_glass, verdict, .sens = SENS_PLAIN, .nullable_only = true, .one_of = verdicts),
	FIELD(break_glass, note, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true),
	FIELD(break_glass, user_name, .sens = SENS_PLAIN),
	FIELD(break_glass, patient_name, .sens = SENS_IDENTITY, .nullable_only = true,
	        .partial = patient_name_part),
};
enum { GLASS_READ = COUNT(glass_fields) - 2 };
const struct type break_glass_type = { .name = "break_glass",
	.size = sizeof(struct break_glass),
	.fields = glass_fields,
	.count = GLASS_READ,
	.table = "break_glass",
	.row_field = "id",
	.key_field = "patient_id" };
static const struct type glass_shown_type = TYPE(break_glass, glass_fields, .table = "break_glass",
        .row_field = "id", .key_field = "patient_id", .masks = true);

static const struct field count_fields[] = { FIELD(break_glass_count, n) };
const struct type break_glass_count_type = TYPE(break_glass_count, count_fields);
static const struct field located_fields[] = { FIELD(located, id, .sens = SENS_PLAIN) };
const struct type located_type = TYPE(located, located_fields);

struct locate_body {
	struct str cpf, cns;
};
static const struct field locate_fields[] = {
	FIELD(locate_body, cpf, .sens = SENS_IDENTITY, .max = 14, .check = check_cpf),
	FIELD(locate_body, cns, .sens = SENS_IDENTITY, .max = 18, .check = check_cns),
};
static const struct type locate_body_type = TYPE(locate_body, locate_fields);

struct located_reply {
	struct id id;
	bool in_care;
};
static const struct field located_reply_fields[] = {
	FIELD(located_reply, id, .sens = SENS_PLAIN),
	FIELD(located_reply, in_care, .sens = SENS_PLAIN),
};
static const struct type located_reply_type = TYPE(located_reply, located_reply_fields);

struct glass_body {
	struct str reason;
	struct opt_int minutes;
};
static const struct field glass_body_fields[] = {
	FIELD(glass_body, reason, .sens = SENS_CLINICAL, .required = true, .min = REASON_MIN,
	        .max = REASON_MAX, .summary = "Why this chart must be opened; a person reads it"),
	FIELD(glass_body, minutes, .sens = SENS_PLAIN, .min = 5, .max = MINUTES_MAX),
};
static const struct type glass_body_type = TYPE(glass_body, glass_body_fields);

struct glass_query {
	bool pending;
	struct opt_int limit;
	struct str cursor;
};
static const struct field glass_query_fields[] = {
	FIELD(glass_query, pending, .sens = SENS_PLAIN, .summary = "Only those not reviewed yet"),
	FIELD(glass_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(glass_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type glass_query_type = TYPE(glass_query, glass_query_fields);

struct glass_page {
	struct list items;
	struct str next_cursor;
};
static const struct field glass_page_fields[] = {
	FIELD(glass_page, items, .sens = SENS_PLAIN, .of = &glass_shown_type),
	FIELD(glass_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type glass_page_type = TYPE(glass_page, glass_page_fields);

struct review_body {
	struct str verdict, note;
};
static const struct field review_fields[] = {
	FIELD(review_body, verdict, .sens = SENS_PLAIN, .required = true, .one_of = verdicts),
	FIELD(review_body, note, .sens = SENS_CLINICAL, .max = REASON_MAX),
};
static const struct type review_body_type = TYPE(review_body, review_fields);

static handler_fn post_locate, post_glass, get_glass, post_review;

#define TAG "Break-glass"
static const struct route glass_routes[] = {
	{ POST, "/api/patients/locate", post_locate, .perm = PERM_BREAK_GLASS, .audit = AUDIT_PATIENT_LOCATED,
	        .rate = RATE_WRITE, .reads = true, .in = &locate_body_type, .out = &located_reply_type,
	        .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Find a patient outside care by a whole CPF or CNS", .tag = TAG },
	{ POST, "/api/patients/{id}/break-glass", post_glass, .perm = PERM_BREAK_GLASS,
	        .audit = AUDIT_BREAK_GLASS, .rate = RATE_WRITE, .status = 201, .in = &glass_body_type,
	        .out = &glass_shown_type, .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE),
	        .summary = "Open a chart outside care, with a reason, for a limited time", .tag = TAG },
	{ GET, "/api/break-glass", get_glass, .perm = PERM_BREAK_GLASS_REVIEW,
	        .audit = AUDIT_BREAK_GLASS_READ, .rate = RATE_READ, .query = &glass_query_type,
	        .out = &glass_page_type, .errors = ERRORS(ERR_CURSOR),
	        .summary = "Openings outside care, newest first", .tag = TAG },
	{ POST, "/api/break-glass/{id}/review", post_review, .perm = PERM_BREAK_GLASS_REVIEW,
	        .audit = AUDIT_BREAK_GLASS_REVIEWED, .rate = RATE_WRITE, .in = &review_body_type,
	        .out = &glass_shown_type, .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE),
	        .summary = "Judge an opening", .tag = TAG },
};
const struct routes glass_route_table = { glass_routes, COUNT(glass_routes) };

static enum err
in_care(struct ctx *ctx, struct id patient, bool *out)
{
	struct break_glass_count count;

	TRY(sql_glass_in_care(ctx, &(struct glass_in_care_in){ .patient_id = patient }, &count));
	*out = count.n > 0;
	return OK;
}

static enum err
post_locate(struct req *req)
{
	const struct locate_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct located_reply *out = NEW(ctx, struct located_reply);

	if (str_is_set(b->cpf))
		TRY(patient_by_cpf(ctx, b->cpf, &out->id));
	else if (str_is_set(b->cns))
		TRY(patient_by_cns(ctx, b->cns, &out->id));
	else
		return invalid(ctx, "cpf", "cpf_or_cns");
	req_subject(req, out->id, out->id);
	TRY(in_care(ctx, out->id, &out->in_care));
	return req_reply(req, out);
}

static void
alert(struct id glass)
{
	char text[ID_TEXT + 1];

	id_print(glass, text);
	metric_add(M_BREAK_GLASS, 0, 1);
	log_event(EV_BREAK_GLASS, { "id", LOG_S(text) });
}

static enum err
add_names(struct ctx *ctx, struct list *rows)
{
	struct break_glass *row = rows->items;

	for (size_t i = 0; i < rows->count; i++)
		row[i].user_name = STR("—"); /* until found */
	TRY(names_fill(ctx, rows, NAMES_PLACE(break_glass, patient_id, patient_name), patient_names));
	return names_fill(ctx, rows, NAMES_PLACE(break_glass, user_id, user_name), user_names);
}

static enum err
reply(struct req *req, struct id id)
{
	struct break_glass *out = NEW(req_ctx(req), struct break_glass);

	TRY(sql_glass_get(req_ctx(req), &(struct glass_get_in){ .id = id }, out));
	TRY(add_names(req_ctx(req), &(struct list){ out, 1 }));
	req_subject(req, id, out->patient_id);
	return req_reply(req, out);
}

static enum err
post_glass(struct req *req)
{
	const struct glass_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct id patient = req_id(req, "id"), id = id_new(ctx->now);
	struct instant until = { ctx->now.ms + 60000 * (b->minutes.set ? b->minutes.v : MINUTES_DEFAULT) };
	struct located row;
	bool cares;

	req_subject(req, id, patient);
	req_reason(req, b->reason);
	TRY(sql_glass_patient(ctx, &(struct glass_patient_in){ .id = patient }, &row));
	TRY(in_care(ctx, patient, &cares));
	if (cares)
		return fail(ctx, ERR_STATE, "in care already");
	TRY(sql_glass_add(
	        ctx, &(struct glass_add_in){
	                     .id = id, .patient_id = patient, .reason = b->reason, .until = until }));
	TRY(care_add(ctx, ctx->actor, patient, "BREAK_GLASS", until));
	alert(id);
	return reply(req, id);
}

static enum err
get_glass(struct req *req)
{
	const struct glass_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct glass_page *page = NEW(ctx, struct glass_page);
	int64_t limit = page_limit(q->limit);
	struct id before;

	TRY(page_open(req, q->cursor, &before));
	TRY(sql_glass_list(ctx,
	        &(struct glass_list_in){ .before = before, .pending = q->pending, .row_limit = limit + 1 },
	        &page->items));
	TRY(page_close(req, &page->items, sizeof(struct break_glass), offsetof(struct break_glass, id), limit,
	        &page->next_cursor));
	TRY(add_names(ctx, &page->items));
	return req_reply(req, page);
}

static enum err
post_review(struct req *req)
{
	const struct review_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct break_glass *before = NEW(ctx, struct break_glass);
	struct id id = req_id(req, "id");

	TRY(sql_glass_get(ctx, &(struct glass_get_in){ .id = id }, before));
	req_subject(req, id, before->patient_id);
	if (before->reviewed_at.ms != 0)
		return fail(ctx, ERR_STATE, "reviewed already");
	if (id_eq(before->user_id, ctx->actor))
		return fail(ctx, ERR_STATE, "nobody reviews himself");
	TRY(sql_glass_review(ctx, &(struct glass_review_in){ .id = id,
	                                  .patient_id = before->patient_id,
	                                  .verdict = b->verdict,
	                                  .note = b->note }));
	return reply(req, id);
}
