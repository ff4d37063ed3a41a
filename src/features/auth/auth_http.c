/* auth_http.c - the doors of one's own account: sessions, password, second factor. */
#include "features/auth/auth_http.h"
#include "features/auth/auth_rows.h"
#include "features/users/users.h"
#include "auth_sql.h"
#include "http/session.h"
#include "store/seal.h"
#include "sys/crypto.h"

enum { TOTP_SECRET = 20 };

static const struct field session_fields[] = {
	FIELD(session_row, id, .sens = SENS_PLAIN),
	FIELD(session_row, created_at, .sens = SENS_PLAIN),
	FIELD(session_row, expires_at, .sens = SENS_PLAIN),
	FIELD(session_row, seen_at, .sens = SENS_PLAIN),
	FIELD(session_row, address, .sens = SENS_PLAIN),
	FIELD(session_row, agent, .sens = SENS_PLAIN),
	FIELD(session_row, current, .sens = SENS_PLAIN),
};
/* As it is read; `current` is found out afterwards. */
const struct type session_row_type = { .name = "session_row",
	.size = sizeof(struct session_row),
	.fields = session_fields,
	.count = COUNT(session_fields) - 1 };
static const struct type session_shown_type = TYPE(session_row, session_fields);

struct session_page {
	struct list items;
};
static const struct field session_page_fields[] = {
	FIELD(session_page, items, .sens = SENS_PLAIN, .of = &session_shown_type),
};
static const struct type session_page_type = TYPE(session_page, session_page_fields);

struct password_body {
	struct str current, new;
};
static const struct field password_fields[] = {
	FIELD(password_body, current, .sens = SENS_SECRET, .required = true, .max = 1024),
	FIELD(password_body, new, .sens = SENS_SECRET, .required = true, .max = 128),
};
static const struct type password_body_type = TYPE(password_body, password_fields);

struct totp_offer {
	struct str secret, uri;
};
static const struct field totp_offer_fields[] = {
	FIELD(totp_offer, secret, .sens = SENS_PLAIN, .summary = "Base32, for an authenticator; shown once"),
	FIELD(totp_offer, uri, .sens = SENS_PLAIN, .summary = "otpauth:// address, for a QR code"),
};
static const struct type totp_offer_type = TYPE(totp_offer, totp_offer_fields);

struct totp_code {
	struct str code;
};
static const struct field totp_code_fields[] = {
	FIELD(totp_code, code, .sens = SENS_SECRET, .required = true, .min = 6, .max = 6),
};
static const struct type totp_code_type = TYPE(totp_code, totp_code_fields);

struct totp_password {
	struct str password;
};
static const struct field totp_password_fields[] = {
	FIELD(totp_password, password, .sens = SENS_SECRET, .required = true, .max = 1024),
};
static const struct type totp_password_type = TYPE(totp_password, totp_password_fields);

static handler_fn get_me, get_sessions, delete_session, password_prepare, post_password, post_totp,
        confirm_totp, remove_prepare, remove_totp;

#define TAG "Account"
static const struct route auth_routes[] = {
	{ POST, "/api/auth/login", login, .prepare = login_prepare, .perm = PERM_PUBLIC, .audit = AUDIT_LOGIN,
	        .rate = RATE_LOGIN, .lane = LANE_SLOW, .shed = SHED_VITAL, .in = &login_body_type,
	        .out = &login_reply_type,
	        .errors = ERRORS(ERR_CREDENTIALS, ERR_TOTP_REQUIRED, ERR_LOCKED_OUT, ERR_SUBSCRIPTION),
	        .summary = "Sign in", .tag = TAG },
	{ POST, "/api/auth/logout", logout, .perm = PERM_OWN_PASSWORD, .audit = AUDIT_LOGOUT,
	        .rate = RATE_NONE, .summary = "End this session", .tag = TAG },
	{ GET, "/api/auth/me", get_me, .perm = PERM_OWN_PASSWORD, .audit = AUDIT_ACCOUNT_READ,
	        .rate = RATE_READ, .out = &login_user_type, .summary = "Who am I", .tag = TAG },
	{ GET, "/api/auth/sessions", get_sessions, .perm = PERM_SESSION, .audit = AUDIT_ACCOUNT_READ,
	        .rate = RATE_READ, .out = &session_page_type, .summary = "Where I am signed in", .tag = TAG },
	{ DELETE, "/api/auth/sessions/{id}", delete_session, .perm = PERM_SESSION, .audit = AUDIT_LOGOUT,
	        .rate = RATE_WRITE, .errors = ERRORS(ERR_NOT_FOUND), .summary = "End one of my sessions",
	        .tag = TAG },
	{ POST, "/api/auth/password", post_password, .prepare = password_prepare, .perm = PERM_OWN_PASSWORD,
	        .audit = AUDIT_PASSWORD, .rate = RATE_WRITE, .lane = LANE_SLOW, .status = 204,
	        .in = &password_body_type, .errors = ERRORS(ERR_CREDENTIALS),
	        .summary = "Change my password; ends my other sessions", .tag = TAG },
	{ POST, "/api/auth/totp", post_totp, .perm = PERM_SESSION, .signin = SIGNIN_RECENT,
	        .audit = AUDIT_TOTP, .rate = RATE_WRITE, .out = &totp_offer_type, .errors = ERRORS(ERR_STATE),
	        .summary = "Begin to set up a second factor", .tag = TAG },
	{ POST, "/api/auth/totp/confirm", confirm_totp, .perm = PERM_SESSION, .signin = SIGNIN_RECENT,
	        .audit = AUDIT_TOTP, .rate = RATE_WRITE, .status = 204, .in = &totp_code_type,
	        .errors = ERRORS(ERR_STATE, ERR_CREDENTIALS),
	        .summary = "Confirm the second factor with a code", .tag = TAG },
	{ POST, "/api/auth/totp/remove", remove_totp, .prepare = remove_prepare, .perm = PERM_SESSION,
	        .signin = SIGNIN_RECENT, .audit = AUDIT_TOTP, .rate = RATE_WRITE, .lane = LANE_SLOW,
	        .status = 204, .in = &totp_password_type, .errors = ERRORS(ERR_CREDENTIALS),
	        .summary = "Remove the second factor", .tag = TAG },
};
const struct routes auth_route_table = { auth_routes, COUNT(auth_routes) };

enum err
auth_login_user(struct ctx *ctx, struct id id, struct login_user **out)
{
	struct login_user *l = NEW(ctx, struct login_user);
	struct user *u;

	TRY(user_get(ctx, id, &u));
	*l = (struct login_user){ .id = u->id,
		.name = u->name,
		.email = u->email,
		.role = u->role,
		.tenant_id = u->tenant_id,
		.patient_id = u->patient_id,
		.totp = u->totp,
		.password_must_change = u->password_must_change,
		.reset_pending = u->reset_pending,
		.last_login_at = u->last_login_at,
		.program = STR(PROGRAM) };
	TRY(reset_told(ctx, u, &l->reset_code, &l->reset_at));
	*out = l;
	return OK;
}

static enum err
get_me(struct req *req)
{
	struct login_user *me;

	TRY(auth_login_user(req_ctx(req), req_ctx(req)->actor, &me));
	req_subject(req, me->id, (struct id){ { 0 } });
	return req_reply(req, me);
}

static enum err
get_sessions(struct req *req)
{
	struct session_page *page = NEW(req_ctx(req), struct session_page);
	struct session_row *row;

	TRY(sql_session_list(req_ctx(req), &page->items));
	row = page->items.items;
	for (size_t i = 0; i < page->items.count; i++)
		row[i].current = id_eq(row[i].id, req_session(req));
	return req_reply(req, page);
}

static enum err
delete_session(struct req *req)
{
	return session_end(req_ctx(req), req_id(req, "id"));
}

/* ---- password */

static enum err
password_is(struct req *req, struct str password)
{
	struct ctx *ctx = req_ctx(req);
	struct user_secret *s;

	req_subject(req, ctx->actor, (struct id){ { 0 } });
	TRY(user_secret_get(ctx, ctx->actor, &s));
	if (!password_verify(password, arena_printf(ctx->arena, "%.*s", STR_FMT(s->password_phc))))
		return fail(ctx, ERR_CREDENTIALS, "wrong current password");
	return OK;
}

static enum err
password_prepare(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	const struct password_body *b = req_body(req);
	struct user *user;

	TRY(password_is(req, b->current));
	TRY(user_get(ctx, ctx->actor, &user));
	return password_check(ctx, "new", b->new, user->id, user->email, user->name);
}

static enum err
post_password(struct req *req)
{
	const struct password_body *b = req_body(req);
	struct ctx *ctx = req_ctx(req);

	TRY(password_set(ctx, ctx->actor, b->new, false));
	return session_end_all(ctx, ctx->actor, req_session(req));
}

/* ---- second factor */

static enum err
post_totp(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct totp_offer *offer = NEW(ctx, struct totp_offer);
	unsigned char secret[TOTP_SECRET];
	char *text = arena_fixed(ctx->arena, TOTP_SECRET * 2);
	struct user *user;

	req_subject(req, ctx->actor, (struct id){ { 0 } });
	TRY(user_get(ctx, ctx->actor, &user));
	if (user->totp)
		return fail(ctx, ERR_STATE, "a second factor is set up already");
	random_bytes(secret, sizeof secret);
	TRY(sql_totp_start(ctx, &(struct totp_start_in){
	                                .id = ctx->actor, .totp = { (const char *)secret, sizeof secret } }));
	offer->secret = (struct str){ text, base32_print(secret, sizeof secret, text) };
	offer->uri = str_of(arena_printf(ctx->arena, "otpauth://totp/Plantao:%.*s?secret=%s&issuer=Plantao",
	        STR_FMT(user->email), text));
	wipe(secret, sizeof secret);
	return req_reply(req, offer);
}

static enum err
confirm_totp(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	const struct totp_code *b = req_body(req);
	struct place place = { "app_user", "totp", ctx->actor };
	struct user_secret *s;
	struct str secret;
	int64_t step;

	req_subject(req, ctx->actor, (struct id){ { 0 } });
	TRY(user_secret_get(ctx, ctx->actor, &s));
	if (s->totp_sealed.p == NULL || s->totp_confirmed_at.ms != 0)
		return fail(ctx, ERR_STATE, "nothing to confirm");
	TRY(unseal(ctx, (struct id){ { 0 } }, &place, s->totp_sealed, &secret));
	if (!totp_verify(
	            (struct blob){ (const unsigned char *)secret.p, secret.n }, b->code, ctx->now, &step))
		return fail(ctx, ERR_CREDENTIALS, "wrong code");
	return sql_totp_confirm(ctx, &(struct totp_confirm_in){ .id = ctx->actor, .step = step });
}

static enum err
remove_prepare(struct req *req)
{
	const struct totp_password *b = req_body(req);

	return password_is(req, b->password);
}

static enum err
remove_totp(struct req *req)
{
	return sql_totp_remove(req_ctx(req), &(struct totp_remove_in){ .id = req_ctx(req)->actor });
}
