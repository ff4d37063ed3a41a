/* resets_http.c - an administrator hands over a password; the data-protection officer
 * says whose hands it came into. */
#include "features/users/resets.h"
#include "resets_sql.h"
#include "http/page.h"
#include "http/route.h"

static const char *const verdicts[] = { "REFUSED", "CONFIRMED", NULL };
static const char *const ends[] = { "REFUSED", "CONFIRMED", "OWN_FACTOR", "OPERATOR", "OVERTAKEN", NULL };

static const char *const nothing[] = { NULL };
static const char *const refusal[] = { "REFUSED", NULL };

static const struct field reset_fields[] = {
	FIELD(account_reset, id, .sens = SENS_PLAIN),
	FIELD(account_reset, user_id, .sens = SENS_PLAIN),
	FIELD(account_reset, asked_by, .sens = SENS_PLAIN),
	FIELD(account_reset, at, .sens = SENS_PLAIN),
	FIELD(account_reset, decided_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(account_reset, decided_by, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(account_reset, verdict, .sens = SENS_PLAIN, .nullable_only = true, .one_of = ends),
	FIELD(account_reset, waiting, .sens = SENS_PLAIN,
	        .summary = "The person has not signed in and chosen a password yet"),
	FIELD(account_reset, user_name, .sens = SENS_PLAIN),
	FIELD(account_reset, asked_by_name, .sens = SENS_PLAIN),
};
const struct type account_reset_type = { .name = "account_reset",
	.size = sizeof(struct account_reset),
	.fields = reset_fields,
	.count = COUNT(reset_fields) - 2 };
static const struct type reset_shown_type = TYPE(account_reset, reset_fields);

struct reset_body {
	struct str password;
};
static const struct field body_fields[] = {
	FIELD(reset_body, password, .sens = SENS_SECRET, .required = true, .max = 128,
	        .summary = "Handed over; opens nothing but its own change"),
};
static const struct type reset_body_type = TYPE(reset_body, body_fields);

struct reset_query {
	bool pending;
	struct opt_int limit;
	struct str cursor;
};
static const struct field query_fields[] = {
	FIELD(reset_query, pending, .sens = SENS_PLAIN, .summary = "Only those not decided yet"),
	FIELD(reset_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(reset_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type reset_query_type = TYPE(reset_query, query_fields);

struct reset_page {
	struct list items;
	struct str next_cursor;
};
static const struct field page_fields[] = {
	FIELD(reset_page, items, .sens = SENS_PLAIN, .of = &reset_shown_type),
	FIELD(reset_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type reset_page_type = TYPE(reset_page, page_fields);

struct decision_body {
	struct str verdict, code;
};
static const struct field decision_fields[] = {
	FIELD(decision_body, verdict, .sens = SENS_PLAIN, .required = true, .one_of = verdicts),
	FIELD(decision_body, code, .sens = SENS_SECRET, .max = 16,
	        .summary = "What the person reads from his own account's screen; needed to confirm"),
};
static const struct type decision_body_type = TYPE(decision_body, decision_fields);

static handler_fn post_reset, get_resets, post_decision;

static const struct route reset_routes[] = {
	{ POST, "/api/users/{id}/resets", post_reset, .perm = PERM_USER_ADMIN, .audit = AUDIT_RESET_ASKED,
	        .rate = RATE_WRITE, .lane = LANE_SLOW, .status = 201, .in = &reset_body_type,
	        .out = &reset_shown_type, .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE),
	        .summary = "Hand over a password; ends all sessions, and opens no chart until the person is "
	                   "confirmed",
	        .tag = "Users" },
	{ GET, "/api/resets", get_resets, .perm = PERM_RESET_REVIEW, .audit = AUDIT_RESET_READ,
	        .rate = RATE_READ, .query = &reset_query_type, .out = &reset_page_type,
	        .errors = ERRORS(ERR_CURSOR),
	        .summary = "Passwords that administrators replaced, newest first", .tag = "Users" },
	{ POST, "/api/resets/{id}/decision", post_decision, .perm = PERM_RESET_REVIEW,
	        .audit = AUDIT_RESET_DECIDED, .rate = RATE_WRITE, .lane = LANE_SLOW,
	        .in = &decision_body_type, .out = &reset_shown_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE),
	        .summary = "Say whether the person himself holds the account", .tag = "Users" },
};
const struct routes reset_route_table = { reset_routes, COUNT(reset_routes) };

static enum err
add_names(struct ctx *ctx, struct list *rows)
{
	struct account_reset *row = rows->items;

	for (size_t i = 0; i < rows->count; i++)
		row[i].user_name = row[i].asked_by_name = STR("—"); /* until found */
	TRY(names_fill(ctx, rows, NAMES_PLACE(account_reset, user_id, user_name), user_names));
	return names_fill(ctx, rows, NAMES_PLACE(account_reset, asked_by, asked_by_name), user_names);
}

static enum err
reply(struct req *req, struct id id)
{
	struct account_reset *out = NEW(req_ctx(req), struct account_reset);

	TRY(sql_reset_get(req_ctx(req), &(struct reset_get_in){ .id = id }, out));
	TRY(add_names(req_ctx(req), &(struct list){ out, 1 }));
	return req_reply(req, out);
}

static enum err
post_reset(struct req *req)
{
	const struct reset_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct id user_id = req_id(req, "id"), id;
	struct user *user;

	req_subject(req, user_id, (struct id){ { 0 } });
	TRY(user_within_reach(ctx, user_id, &user));
	if (id_eq(user_id, ctx->actor)) {
		req_problem_state(req, "OWN", nothing); /* his own, he changes with the present one */
		return fail(ctx, ERR_STATE, "one's own password");
	}
	TRY(password_check(ctx, "password", b->password, user_id, user->email, user->name));
	TRY(reset_ask(ctx, user, b->password, &id));
	return reply(req, id);
}

static enum err
get_resets(struct req *req)
{
	const struct reset_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct reset_page *page = NEW(ctx, struct reset_page);
	int64_t limit = page_limit(q->limit);
	struct id before;

	TRY(page_open(req, q->cursor, &before));
	TRY(sql_reset_list(ctx,
	        &(struct reset_list_in){ .before = before, .pending = q->pending, .row_limit = limit + 1 },
	        &page->items));
	TRY(page_close(req, &page->items, sizeof(struct account_reset), offsetof(struct account_reset, id),
	        limit, &page->next_cursor));
	TRY(add_names(ctx, &page->items));
	return req_reply(req, page);
}

/* Why this one cannot confirm now; NULL: he can. */
static enum err
obstacle(struct ctx *ctx, const struct account_reset *reset, const char **out)
{
	struct id mine, theirs;

	TRY(user_root(ctx, ctx->actor, &mine));
	TRY(user_root(ctx, reset->asked_by, &theirs));
	if (id_eq(mine, theirs))
		*out = "SAME_ROOT";
	else
		*out = reset->waiting ? "WAITING" : NULL;
	return OK;
}

static enum err
post_decision(struct req *req)
{
	const struct decision_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct account_reset *reset = NEW(ctx, struct account_reset);
	struct id id = req_id(req, "id");
	const char *why = NULL, *const *may = nothing;

	TRY(sql_reset_get(ctx, &(struct reset_get_in){ .id = id }, reset));
	req_subject(req, reset->user_id, (struct id){ { 0 } });
	if (str_is_set(reset->verdict))
		why = "DECIDED";
	else if (id_eq(reset->user_id, ctx->actor))
		why = "OWN";
	else if (str_is(b->verdict, "CONFIRMED")) {
		TRY(obstacle(ctx, reset, &why));
		may = refusal;
	}
	if (why) {
		req_problem_state(req, why, may);
		return fail(ctx, ERR_STATE, "%s", why);
	}
	if (str_is(b->verdict, "CONFIRMED"))
		TRY(reset_confirm(ctx, reset, b->code));
	else
		TRY(reset_refuse(ctx, reset));
	return reply(req, id);
}
