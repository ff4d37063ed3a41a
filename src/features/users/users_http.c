/* users_http.c - the administrator's doors to the accounts of his tenant. */
#include "features/users/users_rows.h"
#include "base/brazil.h"
#include "http/page.h"
#include "http/route.h"
#include "http/session.h"
#include "sys/log.h"
#include "sys/metrics.h"

struct user_query {
	struct opt_int limit;
	struct str cursor;
};
static const struct field query_fields[] = {
	FIELD(user_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(user_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type user_query_type = TYPE(user_query, query_fields);

struct user_page {
	struct list items;
	struct str next_cursor;
};
static const struct field page_fields[] = {
	FIELD(user_page, items, .sens = SENS_PLAIN, .of = &user_type),
	FIELD(user_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type user_page_type = TYPE(user_page, page_fields);

static const char *const roles[] = { "ADMIN", "DOCTOR", "NURSE", "RECEPTIONIST", "PATIENT", "AUDITOR", "DPO",
	NULL };
struct user_body {
	struct str email, name, cpf, role, password;
	struct id patient_id;
};
static const struct field body_fields[] = {
	FIELD(user_body, email, .sens = SENS_IDENTITY, .required = true, .max = 254, .check = check_email),
	FIELD(user_body, name, .sens = SENS_IDENTITY, .required = true, .min = 1, .max = 200),
	FIELD(user_body, cpf, .sens = SENS_IDENTITY, .max = 14, .check = check_cpf,
	        .summary = "Whose account it is: one active account a person"),
	FIELD(user_body, role, .sens = SENS_PLAIN, .required = true, .one_of = roles),
	FIELD(user_body, password, .sens = SENS_SECRET, .required = true, .max = 128,
	        .summary = "Handed over by the administrator; must be changed at the first sign-in"),
	FIELD(user_body, patient_id, .sens = SENS_PLAIN, .summary = "Whose account it is, for PATIENT"),
};
static const struct type user_body_type = TYPE(user_body, body_fields);

static handler_fn get_users, post_user, get_user, put_user;

static const struct route user_routes[] = {
	{ GET, "/api/users", get_users, .perm = PERM_USER_ADMIN, .audit = AUDIT_USER_READ, .rate = RATE_READ,
	        .query = &user_query_type, .out = &user_page_type, .errors = ERRORS(ERR_CURSOR),
	        .summary = "List accounts", .tag = "Users" },
	{ POST, "/api/users", post_user, .perm = PERM_USER_ADMIN, .audit = AUDIT_USER_CHANGED,
	        .rate = RATE_WRITE, .lane = LANE_SLOW, .status = 201, .in = &user_body_type,
	        .out = &user_type, .errors = ERRORS(ERR_DUPLICATE), .summary = "Create an account",
	        .tag = "Users" },
	{ GET, "/api/users/{id}", get_user, .perm = PERM_USER_ADMIN, .audit = AUDIT_USER_READ,
	        .rate = RATE_READ, .out = &user_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Read one account", .tag = "Users" },
	{ PUT, "/api/users/{id}", put_user, .perm = PERM_USER_ADMIN, .audit = AUDIT_USER_CHANGED,
	        .rate = RATE_WRITE, .in = &user_change_type, .out = &user_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STALE, ERR_STATE, ERR_DUPLICATE, ERR_PRECONDITION,
	                ERR_VERSION_CONFLICT),
	        .summary = "Rename, change the role, disable or enable", .tag = "Users" },
};
const struct routes user_route_table = { user_routes, COUNT(user_routes) };

static enum err
get_users(struct req *req)
{
	const struct user_query *q = req_query(req);
	struct user_page *page = NEW(req_ctx(req), struct user_page);
	int64_t limit = page_limit(q->limit);
	struct id before;

	TRY(page_open(req, q->cursor, &before));
	TRY(user_list(req_ctx(req), before, limit + 1, &page->items));
	TRY(page_close(req, &page->items, sizeof(struct user), offsetof(struct user, id), limit,
	        &page->next_cursor));
	return req_reply(req, page);
}

static enum err
reply(struct req *req, const struct user *user)
{
	req_subject(req, user->id, (struct id){ { 0 } });
	req_version(req, user->version);
	return req_reply(req, user);
}

static bool
opens_charts(const struct user *u)
{
	return u != NULL && (str_is(u->role, "DOCTOR") || str_is(u->role, "NURSE"));
}

/* A doctor that does not exist is made by one hand: nothing stops it, so that others must hear of it at once.
 */
static void
alert_clinical(const struct user *before, const struct user *after)
{
	char text[ID_TEXT + 1];

	if (!opens_charts(after) || opens_charts(before))
		return;
	id_print(after->id, text);
	metric_add(M_CLINICAL_ACCOUNTS, 0, 1);
	log_event(EV_CLINICAL_ACCOUNT, { "id", LOG_S(text) });
}

static enum err
post_user(struct req *req)
{
	const struct user_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);
	enum role role = role_parse(b->role);
	char text[ID_TEXT + 1];
	struct user *user;
	struct id id, root;

	if ((role == ROLE_PATIENT) != id_is_set(b->patient_id))
		return invalid(ctx, "patientId", role == ROLE_PATIENT ? "required" : "unknown");
	TRY(password_check(ctx, "password", b->password, (struct id){ { 0 } }, b->email, b->name));
	TRY(user_root(ctx, ctx->actor, &root));
	TRY(user_add(ctx,
	        &(struct user_new){ .email = b->email,
	                .name = b->name,
	                .cpf = b->cpf,
	                .password = b->password,
	                .role = role,
	                .patient_id = b->patient_id,
	                .must_change = true,
	                .rooted_in = root },
	        &id));
	TRY(user_get(ctx, id, &user));
	id_print(id, text);
	req_location(req, arena_printf(ctx->arena, "/api/users/%s", text));
	req_change(req, &user_type, NULL, user);
	alert_clinical(NULL, user);
	return reply(req, user);
}

static enum err
get_user(struct req *req)
{
	struct user *user;

	TRY(user_within_reach(req_ctx(req), req_id(req, "id"), &user));
	return reply(req, user);
}

static enum err
put_user(struct req *req)
{
	const struct user_change *c = req_body(req);
	struct user *before, *after;
	int64_t version;

	TRY(req_held_version(req, c->version, &version));
	TRY(user_within_reach(req_ctx(req), req_id(req, "id"), &before));
	req_subject(req, before->id, (struct id){ { 0 } });
	if (before->version != version) {
		req_problem_int(req, "currentVersion", before->version);
		return fail(req_ctx(req), ERR_STALE, "held %lld", (long long)version);
	}
	TRY(user_correct(req_ctx(req), before, c, &after));
	if (after->disabled_at.ms != 0)
		TRY(session_end_all(req_ctx(req), after->id, (struct id){ { 0 } }));
	req_change(req, &user_type, before, after);
	alert_clinical(before, after);
	return reply(req, after);
}
