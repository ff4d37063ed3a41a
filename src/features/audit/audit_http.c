/* audit_http.c - the doors to the audit trail and to a chart's access log.
 * Entries show ids and codes; who reads them is in the trail too. */
#include "features/audit/audit_rows.h"
#include "features/audit/find.h"
#include "features/patients/patients.h"
#include "features/users/users.h"
#include "audit_read_sql.h"
#include "http/audit_write.h"
#include "http/page.h"
#include "http/route.h"

static const struct field row_fields[] = {
	FIELD(audit_row, seq, .sens = SENS_PLAIN),
	FIELD(audit_row, id, .sens = SENS_PLAIN),
	FIELD(audit_row, at, .sens = SENS_PLAIN),
	FIELD(audit_row, event, .sens = SENS_PLAIN),
	FIELD(audit_row, actor_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(audit_row, role, .sens = SENS_PLAIN),
	FIELD(audit_row, subject_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(audit_row, patient_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(audit_row, status, .sens = SENS_PLAIN),
	FIELD(audit_row, route, .sens = SENS_PLAIN),
	FIELD(audit_row, request_id, .sens = SENS_PLAIN),
	FIELD(audit_row, address, .sens = SENS_PLAIN),
	FIELD(audit_row, has_reason, .sens = SENS_PLAIN),
	FIELD(audit_row, has_before, .sens = SENS_PLAIN),
	FIELD(audit_row, has_after, .sens = SENS_PLAIN),
	FIELD_JSON(audit_row, extra, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(audit_row, actor_name, .sens = SENS_PLAIN, .nullable_only = true),
};
enum { ENTRY_READ = COUNT(row_fields) - 1 };
const struct type audit_row_type = {
	.name = "audit_row", .size = sizeof(struct audit_row), .fields = row_fields, .count = ENTRY_READ
};
static const struct type entry_shown_type = TYPE(audit_row, row_fields);

static const struct field access_fields[] = {
	FIELD(access_row, seq, .sens = SENS_PLAIN),
	FIELD(access_row, id, .sens = SENS_PLAIN),
	FIELD(access_row, at, .sens = SENS_PLAIN),
	FIELD(access_row, event, .sens = SENS_PLAIN),
	FIELD(access_row, actor_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(access_row, role, .sens = SENS_PLAIN),
	FIELD(access_row, subject_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(access_row, status, .sens = SENS_PLAIN),
	FIELD(access_row, actor_name, .sens = SENS_PLAIN),
	FIELD(access_row, event_text, .sens = SENS_PLAIN),
};
enum { ACCESS_READ = COUNT(access_fields) - 2 };
const struct type access_row_type = {
	.name = "access_row", .size = sizeof(struct access_row), .fields = access_fields, .count = ACCESS_READ
};
static const struct type access_shown_type = TYPE(access_row, access_fields);

struct audit_query {
	struct id subject, actor;
	struct str event;
	struct instant from, to;
	struct opt_int limit;
	struct str cursor;
};
static const struct field query_fields[] = {
	FIELD(audit_query, subject, .sens = SENS_PLAIN, .summary = "Of this record, user or patient"),
	FIELD(audit_query, actor, .sens = SENS_PLAIN),
	FIELD(audit_query, event, .sens = SENS_PLAIN, .max = 64),
	FIELD(audit_query, from, .sens = SENS_PLAIN),
	FIELD(audit_query, to, .sens = SENS_PLAIN),
	FIELD(audit_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(audit_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type audit_query_type = TYPE(audit_query, query_fields);

struct access_query {
	struct opt_int limit;
	struct str cursor;
};
static const struct field access_query_fields[] = {
	FIELD(access_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(access_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type access_query_type = TYPE(access_query, access_query_fields);

struct audit_page {
	struct list items;
	struct str next_cursor;
};
static const struct field page_fields[] = {
	FIELD(audit_page, items, .sens = SENS_PLAIN, .of = &entry_shown_type),
	FIELD(audit_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type audit_page_type = TYPE(audit_page, page_fields);

struct access_page {
	struct list items;
	struct str next_cursor;
};
static const struct field access_page_fields[] = {
	FIELD(access_page, items, .sens = SENS_PLAIN, .of = &access_shown_type),
	FIELD(access_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type access_page_type = TYPE(access_page, access_page_fields);

static handler_fn get_audit, get_audit_entry, get_access_log;

static const struct route audit_routes[] = {
	{ GET, "/api/audit", get_audit, .perm = PERM_AUDIT_READ, .audit = AUDIT_AUDIT_READ, .rate = RATE_READ,
	        .aged = true, .query = &audit_query_type, .out = &audit_page_type,
	        .errors = ERRORS(ERR_CURSOR), .summary = "The audit trail, newest first", .tag = "Audit" },
	{ GET, "/api/audit/{id}", get_audit_entry, .perm = PERM_AUDIT_READ, .audit = AUDIT_AUDIT_READ,
	        .rate = RATE_READ, .out = &entry_shown_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "One entry", .tag = "Audit" },
	{ GET, "/api/patients/{id}/access-log", get_access_log, .perm = PERM_ACCESS_LOG,
	        .audit = AUDIT_ACCESS_LOG_READ, .rate = RATE_READ, .query = &access_query_type,
	        .out = &access_page_type, .errors = ERRORS(ERR_NOT_FOUND, ERR_CURSOR),
	        .summary = "Who opened this chart", .tag = "Patients" },
};
const struct routes audit_route_table = { audit_routes, COUNT(audit_routes) };

/* Entries are numbered: their cursor carries the number where others carry an id. */
static struct id
seq_id(int64_t seq)
{
	struct id id = { { 0 } };

	for (int i = 0; i < 8; i++)
		id.b[15 - i] = (unsigned char)((uint64_t)seq >> (8 * i));
	return id;
}

static int64_t
id_seq(struct id id)
{
	uint64_t seq = 0;

	for (int i = 0; i < 16; i++)
		if (i < 8 && id.b[i] != 0)
			return INT64_MAX; /* the first page's "before" */
	for (int i = 8; i < 16; i++)
		seq = seq << 8 | id.b[i];
	return (int64_t)seq;
}

/* seq stands first in both kinds of rows. */
static enum err
close_page(struct req *req, struct list *items, size_t size, int64_t limit, struct str *next)
{
	bool more = items->count > (size_t)limit;

	*next = (struct str){ 0 };
	if (!more)
		return OK;
	items->count = (size_t)limit;
	return page_next(req, seq_id(*(int64_t *)((char *)items->items + (items->count - 1) * size)), next);
}

static enum err
name_entries(struct ctx *ctx, struct list *entries)
{
	return names_fill(ctx, entries, NAMES_PLACE(audit_row, actor_id, actor_name), user_names);
}

static enum err
get_audit(struct req *req)
{
	const struct audit_query *q = req_query(req);
	struct audit_page *page = NEW(req_ctx(req), struct audit_page);
	int64_t limit = page_limit(q->limit);
	struct id before;

	TRY(page_open(req, q->cursor, &before));
	req_subject(req, q->subject, (struct id){ { 0 } });
	TRY(sql_audit_list(req_ctx(req),
	        &(struct audit_list_in){ .before = id_seq(before),
	                .event = q->event,
	                .actor_id = q->actor,
	                .subject_id = q->subject,
	                .from_at = q->from,
	                .to_at = q->to,
	                .row_limit = limit + 1 },
	        &page->items));
	TRY(close_page(req, &page->items, sizeof(struct audit_row), limit, &page->next_cursor));
	TRY(name_entries(req_ctx(req), &page->items));
	return req_reply(req, page);
}

static enum err
get_audit_entry(struct req *req)
{
	struct audit_row *row = NEW(req_ctx(req), struct audit_row);
	const struct trail_entry *found;

	TRY(audit_find(req_ctx(req), req_id(req, "id"), &found));
	TRY(sql_audit_get(req_ctx(req), &(struct audit_get_in){ .seq = found->seq }, row));
	TRY(name_entries(req_ctx(req), &(struct list){ row, 1 }));
	return req_reply(req, row);
}

static struct str
event_words(struct str event)
{
	for (enum audit a = AUDIT_NONE + 1; a < AUDIT__MAX; a++)
		if (str_is(event, audit_event(a)))
			return str_of(audit_text(a, false));
	return event;
}

static enum err
name_actors(struct ctx *ctx, struct list *rows)
{
	struct access_row *row = rows->items;

	for (size_t i = 0; i < rows->count; i++) {
		row[i].event_text = event_words(row[i].event);
		row[i].actor_name = STR("—"); /* somebody unknown to this tenant, or nobody */
	}
	return names_fill(ctx, rows, NAMES_PLACE(access_row, actor_id, actor_name), user_names);
}

static enum err
get_access_log(struct req *req)
{
	const struct access_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct access_page *page = NEW(ctx, struct access_page);
	int64_t limit = page_limit(q->limit);
	struct id before, id = req_id(req, "id");

	req_subject(req, id, id);
	TRY(patient_reach(ctx, id));
	TRY(page_open(req, q->cursor, &before));
	TRY(sql_access_list(ctx,
	        &(struct access_list_in){
	                .patient_id = id, .before = id_seq(before), .row_limit = limit + 1 },
	        &page->items));
	TRY(close_page(req, &page->items, sizeof(struct access_row), limit, &page->next_cursor));
	TRY(name_actors(ctx, &page->items));
	return req_reply(req, page);
}
