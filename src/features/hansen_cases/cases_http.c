/* cases_http.c - the doors to a case: open, look, correct, close; and the board. */
#include "features/hansen_cases/codes.h"
#include "features/hansen_cases/doors.h"
#include "features/hansen_cases/view.h"
#include "features/patients/patients.h"
#include "http/names.h"
#include "http/page.h"
#include "http/problem.h"

struct case_query {
	struct id patient_id;
	struct str state;
	bool names;
	struct opt_int limit;
	struct str cursor;
};
static const struct field query_fields[] = {
	FIELD(case_query, patient_id, .sens = SENS_PLAIN),
	FIELD(case_query, state, .sens = SENS_PLAIN, .one_of = case_state_names),
	FIELD(case_query, names, .sens = SENS_PLAIN, .summary = "Also the patients' names"),
	FIELD(case_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(case_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type query_type = TYPE(case_query, query_fields);

struct case_page {
	struct list items;
	struct str next_cursor;
};
static const struct field page_fields[] = {
	FIELD(case_page, items, .sens = SENS_PLAIN, .of = &listed_case_type),
	FIELD(case_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type page_type = TYPE(case_page, page_fields);

struct board_query {
	struct str unit;
	bool overdue;
};
static const struct field board_query_fields[] = {
	FIELD(board_query, unit, .sens = SENS_PLAIN, .max = 7, .summary = "CNES"),
	FIELD(board_query, overdue, .sens = SENS_PLAIN, .summary = "Only cases with something overdue"),
};
static const struct type board_query_type = TYPE(board_query, board_query_fields);

struct discharge_body {
	struct date on;
	struct str discharge, reason, destination;
	bool clinical_evaluation, outside_window;
};
static const struct field discharge_fields[] = {
	FIELD(discharge_body, on, .sens = SENS_PLAIN, .required = true),
	FIELD(discharge_body, discharge, .sens = SENS_CLINICAL, .required = true, .one_of = discharge_names),
	FIELD(discharge_body, reason, .sens = SENS_CLINICAL, .max = 5000),
	FIELD(discharge_body, destination, .sens = SENS_CLINICAL, .max = 200,
	        .summary = "Of a transfer: unit or municipality"),
	FIELD(discharge_body, clinical_evaluation, .sens = SENS_CLINICAL,
	        .summary = "The clinical evaluation for cure was made"),
	FIELD(discharge_body, outside_window, .sens = SENS_CLINICAL,
	        .summary = "A doctor decides for cure although the doses did not fit the window; reason says "
	                   "why"),
};
static const struct type discharge_type = TYPE(discharge_body, discharge_fields);

struct reopen_body {
	struct date on;
	struct str reason;
};
static const struct field reopen_fields[] = {
	FIELD(reopen_body, on, .sens = SENS_PLAIN, .required = true),
	FIELD(reopen_body, reason, .sens = SENS_CLINICAL, .required = true, .min = 1, .max = 5000),
};
static const struct type reopen_type = TYPE(reopen_body, reopen_fields);

struct notify_body {
	struct date notified_on;
	struct str sinan_number;
};
static const struct field notify_fields[] = {
	FIELD(notify_body, notified_on, .sens = SENS_PLAIN, .required = true),
	FIELD(notify_body, sinan_number, .sens = SENS_IDENTITY, .max = 20,
	        .summary = "The notification's number, when SINAN gave it"),
};
static const struct type notify_type = TYPE(notify_body, notify_fields);

struct code_item {
	struct str name, text;
	struct opt_int sinan;
};
static const struct field code_fields[] = {
	FIELD(code_item, name, .sens = SENS_PLAIN),
	FIELD(code_item, text, .sens = SENS_PLAIN),
	FIELD(code_item, sinan, .sens = SENS_PLAIN, .nullable_only = true, .summary = "The form's number"),
};
static const struct type code_type = TYPE(code_item, code_fields);
struct code_set_item {
	struct str name, field;
	struct list codes;
};
static const struct field set_fields[] = {
	FIELD(code_set_item, name, .sens = SENS_PLAIN),
	FIELD(code_set_item, field, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "Of the SINAN file"),
	FIELD(code_set_item, codes, .sens = SENS_PLAIN, .of = &code_type),
};
static const struct type set_type = TYPE(code_set_item, set_fields);
struct code_list {
	struct str source;
	struct list items;
};
static const struct field code_list_fields[] = {
	FIELD(code_list, source, .sens = SENS_PLAIN),
	FIELD(code_list, items, .sens = SENS_PLAIN, .of = &set_type),
};
static const struct type code_list_type = TYPE(code_list, code_list_fields);

static handler_fn post_case, get_cases, get_case, put_case, post_notification, post_discharge, post_reopen,
        get_board, get_codes;

static const struct route case_routes[] = {
	{ POST, "/api/hansen/cases", post_case, CASE_WRITES, .audit = AUDIT_HANSEN_CASE_OPENED, .status = 201,
	        .in = &case_body_type, .out = &hansen_case_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_DUPLICATE, CASE_ERRORS),
	        .summary = "Open a case on a patient; class, grade and index are computed" },
	{ GET, "/api/hansen/cases", get_cases, CASE_READS, .audit = AUDIT_HANSEN_CASE_LISTED,
	        .query = &query_type, .out = &page_type, .errors = ERRORS(ERR_CURSOR),
	        .summary = "Cases in reach, newest first" },
	{ GET, "/api/hansen/cases/{id}", get_case, CASE_READS, .audit = AUDIT_HANSEN_CASE_READ,
	        .out = &case_view_type, .errors = ERRORS(ERR_NOT_FOUND, CASE_ERRORS),
	        .summary = "One case: findings, dose calendar, next steps, events, contacts" },
	{ PUT, "/api/hansen/cases/{id}", put_case, CASE_WRITES, .audit = AUDIT_HANSEN_CASE_UPDATED,
	        .in = &case_change_type, .out = &hansen_case_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STALE, ERR_STATE, ERR_PRECONDITION, ERR_VERSION_CONFLICT,
	                CASE_ERRORS),
	        .summary = "Correct a case's data while it is followed up" },
	{ POST, "/api/hansen/cases/{id}/notification", post_notification, CASE_WRITES,
	        .audit = AUDIT_HANSEN_NOTIFIED, .in = &notify_type, .out = &hansen_case_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE, CASE_ERRORS),
	        .summary = "The case was notified to SINAN" },
	{ POST, "/api/hansen/cases/{id}/discharge", post_discharge, CASE_WRITES,
	        .audit = AUDIT_HANSEN_DISCHARGED, .in = &discharge_type, .out = &hansen_case_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE, ERR_DISCHARGE_UNMET, CASE_ERRORS),
	        .summary = "Discharge: cure by the protocol's condition, transfer, death, abandonment" },
	{ POST, "/api/hansen/cases/{id}/reopen", post_reopen, CASE_WRITES, .audit = AUDIT_HANSEN_REOPENED,
	        .in = &reopen_type, .out = &hansen_case_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE, ERR_DUPLICATE, CASE_ERRORS),
	        .summary = "Take back a discharge written by mistake" },
	{ GET, "/api/hansen/board", get_board, CASE_READS, .audit = AUDIT_HANSEN_BOARD,
	        .query = &board_query_type, .out = &board_type, .errors = ERRORS(CASE_ERRORS),
	        .summary = "Active cases in reach with what is due, most overdue first" },
	{ GET, "/api/hansen/codes", get_codes, .perm = PERM_PROTOCOL_READ, .audit = AUDIT_NONE,
	        .rate = RATE_READ, .tag = CASE_TAG, .out = &code_list_type, .errors = ERRORS(ERR_TOO_LARGE),
	        .summary = "Coded values of a case with their SINAN numbers" },
};
const struct routes hansen_case_route_table = { case_routes, COUNT(case_routes) };

bool
door_english(struct req *req)
{
	return lang_of(req_header(req, "Accept-Language")) == LANG_EN;
}

enum err
door_case(struct req *req, struct id id, struct hansen_case **out)
{
	TRY(case_get(req_ctx(req), id, out));
	req_subject(req, (*out)->id, (*out)->patient_id);
	req_version(req, (*out)->version);
	return OK;
}

enum err
door_refused(struct req *req, const struct hansen_case *c, enum err err)
{
	struct ctx *ctx = req_ctx(req);
	enum case_state state = case_state_parse(c->state);
	const char **allowed;
	size_t n = 0;

	if (err != ERR_STATE || (allowed = NEW_ARRAY(ctx, const char *, ACT__MAX + 1)) == NULL)
		return err;
	for (enum case_act act; (act = case_allowed(state, n)) != ACT_UNSET; n++)
		allowed[n] = case_act_name(act);
	req_problem_state(req, case_state_name(state), allowed);
	return err;
}

enum err
door_held(struct req *req, int64_t sent, int64_t is)
{
	int64_t held;

	TRY(req_held_version(req, sent, &held));
	if (held == is)
		return OK;
	req_problem_int(req, "currentVersion", is);
	return fail(req_ctx(req), ERR_STALE, "held %lld, is %lld", (long long)held, (long long)is);
}

static enum err
reply(struct req *req, const struct hansen_case *before, const struct hansen_case *after)
{
	req_subject(req, after->id, after->patient_id);
	req_change(req, &hansen_case_type, before, after);
	req_version(req, after->version);
	return req_reply(req, after);
}

static enum err
post_case(struct req *req)
{
	const struct case_body *body = req_body(req);
	struct hansen_case *c;
	char id[ID_TEXT + 1];

	req_subject(req, (struct id){ { 0 } }, body->patient_id);
	TRY(case_add(req_ctx(req), body, (struct id){ { 0 } }, &c));
	id_print(c->id, id);
	req_location(req, arena_printf(req_ctx(req)->arena, "/api/hansen/cases/%s", id));
	return reply(req, NULL, c);
}

static enum err
get_cases(struct req *req)
{
	const struct case_query *q = req_query(req);
	struct case_page *page = NEW(req_ctx(req), struct case_page);
	struct case_filter f = {
		.patient_id = q->patient_id, .state = q->state, .limit = page_limit(q->limit) + 1
	};

	req_subject(req, (struct id){ { 0 } }, q->patient_id);
	TRY(page_open(req, q->cursor, &f.before));
	TRY(case_list(req_ctx(req), &f, &page->items));
	TRY(page_close(req, &page->items, sizeof(struct hansen_case), offsetof(struct hansen_case, id),
	        f.limit - 1, &page->next_cursor));
	if (q->names)
		TRY(names_fill(req_ctx(req), &page->items, NAMES_PLACE(hansen_case, patient_id, patient_name),
		        patient_names));
	return req_reply(req, page);
}

static enum err
get_case(struct req *req)
{
	struct case_view *view = NEW(req_ctx(req), struct case_view);
	struct hansen_case *c;

	TRY(door_case(req, req_id(req, "id"), &c));
	TRY(view_make(req_ctx(req), c, door_english(req), view));
	return req_reply(req, view);
}

static enum err
put_case(struct req *req)
{
	const struct case_body *body = req_body(req);
	struct hansen_case *before, *after;

	TRY(door_case(req, req_id(req, "id"), &before));
	TRY(door_held(req, body->version, before->version));
	TRY(door_refused(req, before, case_correct(req_ctx(req), before, body, &after)));
	return reply(req, before, after);
}

/* The case as it is, and a copy to be changed. */
static enum err
to_change(struct req *req, struct hansen_case **before, struct hansen_case **c)
{
	TRY(door_case(req, req_id(req, "id"), before));
	*c = NEW(req_ctx(req), struct hansen_case);
	**c = **before;
	return OK;
}

static enum err
post_notification(struct req *req)
{
	const struct notify_body *body = req_body(req);
	struct hansen_case *before, *c;

	TRY(to_change(req, &before, &c));
	TRY(door_refused(req, before, case_notify(req_ctx(req), c, body->notified_on, body->sinan_number)));
	return reply(req, before, c);
}

static enum err
post_discharge(struct req *req)
{
	const struct discharge_body *body = req_body(req);
	const struct state_change change = { .on = body->on,
		.discharge = body->discharge,
		.reason = body->reason,
		.destination = body->destination,
		.clinical_evaluation = body->clinical_evaluation,
		.outside_window = body->outside_window };
	struct hansen_case *before, *c;
	struct hansen_event *event;

	TRY(to_change(req, &before, &c));
	req_reason(req, body->reason);
	TRY(door_refused(
	        req, before, case_discharge(req_ctx(req), c, &change, (struct id){ { 0 } }, &event)));
	return reply(req, before, c);
}

static enum err
post_reopen(struct req *req)
{
	const struct reopen_body *body = req_body(req);
	struct hansen_case *before, *c;
	struct hansen_event *event;

	TRY(to_change(req, &before, &c));
	req_reason(req, body->reason);
	TRY(door_refused(req, before, case_reopen(req_ctx(req), c, body->on, body->reason, &event)));
	return reply(req, before, c);
}

static enum err
get_board(struct req *req)
{
	const struct board_query *q = req_query(req);
	struct board *board = NEW(req_ctx(req), struct board);

	TRY(board_make(req_ctx(req), q->unit, q->overdue, door_english(req), board));
	const struct board_item *item = board->items.items;
	for (size_t i = 0; i < board->items.count; i++)
		req_shown(req, item[i].id);
	return req_reply(req, board);
}

/* ---- codes */

static enum err
codes_of(struct ctx *ctx, const struct code_set *set, bool english, struct code_set_item *out)
{
	struct code_item *items = NEW_ARRAY(ctx, struct code_item, set->count);

	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for codes");
	for (size_t i = 0; i < set->count; i++) {
		const struct code *c = &set->codes[i];
		items[i] = (struct code_item){ str_of(c->name), str_of(english ? c->en : c->pt),
			{ c->sinan, set->field && c->sinan > 0 } };
	}
	*out = (struct code_set_item){ str_of(set->name), str_of(set->field), { items, set->count } };
	return OK;
}

static enum err
get_codes(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct code_list *list = NEW(ctx, struct code_list);
	struct code_set_item *items;
	size_t n = 0;

	while (code_sets[n].name)
		n++;
	if ((items = NEW_ARRAY(ctx, struct code_set_item, n)) == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for sets");
	for (size_t i = 0; i < n; i++)
		TRY(codes_of(ctx, &code_sets[i], door_english(req), &items[i]));
	*list = (struct code_list){ STR("SINAN NET v5, dicionário de dados da hanseníase"), { items, n } };
	return req_reply(req, list);
}
