/* login.c - sign-in and sign-out.  The slow part (argon2id) runs before the
 * writer's turn.  An unknown account costs the same time, counts the same
 * failures and gets the same answers as a wrong password. */
#include "features/auth/auth_rows.h"
#include "features/auth/auth_http.h"
#include "features/users/users.h"
#include "auth_sql.h"
#include "http/session.h"
#include "store/seal.h"
#include "sys/conf.h"
#include "sys/crypto.h"
#include "sys/metrics.h"

enum { FREE_FAILURES = 5, DELAY_FIRST_MS = 30000, DELAY_MAX_MS = 900000, DOUBLINGS_MAX = 5 };

static const struct conf *conf;

void
auth_init(const struct conf *c)
{
	conf = c;
}

static const struct field login_fields[] = {
	FIELD(login_body, email, .sens = SENS_IDENTITY, .required = true, .max = 254),
	FIELD(login_body, password, .sens = SENS_SECRET, .required = true, .max = 1024),
	FIELD(login_body, totp, .sens = SENS_SECRET, .max = 16,
	        .summary = "Code of the second factor, when one is set up"),
};
const struct type login_body_type = TYPE(login_body, login_fields);

static const struct field attempt_fields[] = { FIELD(login_attempt, failures),
	FIELD(login_attempt, locked_until) };
const struct type login_attempt_type = TYPE(login_attempt, attempt_fields);

static const struct field login_user_fields[] = {
	FIELD(login_user, id, .sens = SENS_PLAIN),
	FIELD(login_user, name, .sens = SENS_PLAIN),
	FIELD(login_user, email, .sens = SENS_PLAIN),
	FIELD(login_user, role, .sens = SENS_PLAIN),
	FIELD(login_user, tenant_id, .sens = SENS_PLAIN),
	FIELD(login_user, patient_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(login_user, totp, .sens = SENS_PLAIN),
	FIELD(login_user, password_must_change, .sens = SENS_PLAIN),
	FIELD(login_user, reset_pending, .sens = SENS_PLAIN,
	        .summary = "An administrator replaced the password; nothing opens until it is confirmed who "
	                   "chose the new one"),
	FIELD(login_user, reset_code, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "To be read to the data-protection officer, who confirms by it"),
	FIELD(login_user, reset_at, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "When an administrator last replaced the password"),
	FIELD(login_user, last_login_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(login_user, program, .sens = SENS_PLAIN, .summary = "Program and version, for what is printed"),
};
const struct type login_user_type = TYPE(login_user, login_user_fields);

static const struct field login_reply_fields[] = {
	FIELD(login_reply, token, .sens = SENS_PLAIN),
	FIELD(login_reply, expires_at, .sens = SENS_PLAIN),
	FIELD_OBJECT(login_reply, user, &login_user_type, .sens = SENS_PLAIN),
	FIELD(login_reply, failures, .sens = SENS_PLAIN, .summary = "Failed attempts since the last sign-in"),
};
const struct type login_reply_type = TYPE(login_reply, login_reply_fields);

/* What the slow half found out. */
struct login_found {
	struct blob email_token;
	struct login_attempt attempt;
	struct user_secret *secret; /* NULL: no such account, or it is disabled */
	bool password_fine;
	enum err totp; /* OK, ERR_TOTP_REQUIRED or ERR_CREDENTIALS */
	int64_t totp_step;
};

int64_t
lockout_ms(int64_t failures)
{
	int64_t doublings = failures - FREE_FAILURES;

	if (doublings < 0)
		return 0;
	if (doublings > DOUBLINGS_MAX)
		return DELAY_MAX_MS;
	return (int64_t)DELAY_FIRST_MS << doublings;
}

/* As long as a real check takes; never the right password. */
static void
verify_nobody(struct str password)
{
	static _Thread_local char phc[PASSWORD_PHC];
	bool ignored = phc[0] != 0 || password_hash(STR("nobody"), phc);

	if (ignored)
		ignored = password_verify(password, phc);
	(void)ignored;
}

static enum err
open_totp_secret(struct ctx *ctx, const struct user_secret *s, struct blob *out)
{
	struct place place = { "app_user", "totp", s->id };
	struct ctx as = *ctx;
	struct str plain;
	enum err err;

	as.tenant = s->tenant_id;
	err = unseal(&as, (struct id){ { 0 } }, &place, s->totp_sealed, &plain);
	if (err != OK)
		return fail(ctx, err, "%s", as.why);
	*out = (struct blob){ (const unsigned char *)plain.p, plain.n };
	return OK;
}

static enum err
check_totp(struct ctx *ctx, const struct login_body *b, struct login_found *found)
{
	struct blob secret = { 0 };

	found->totp = OK;
	found->totp_step = found->secret->totp_last_step;
	if (found->secret->totp_confirmed_at.ms == 0)
		return OK;
	if (!str_is_set(b->totp)) {
		found->totp = ERR_TOTP_REQUIRED;
		return OK;
	}
	TRY(open_totp_secret(ctx, found->secret, &secret));
	/* A code opens once: a repeat within its half minute is a replay. */
	if (!totp_verify(secret, b->totp, ctx->now, &found->totp_step) ||
	        found->totp_step <= found->secret->totp_last_step)
		found->totp = ERR_CREDENTIALS;
	return OK;
}

static enum err
find_attempt(struct ctx *ctx, struct login_found *found)
{
	enum err err = sql_attempt_get(
	        ctx, &(struct attempt_get_in){ .email_token = found->email_token }, &found->attempt);

	if (err == ERR_NOT_FOUND)
		found->attempt = (struct login_attempt){ 0 };
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err
login_prepare(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	const struct login_body *b = req_body(req);
	struct login_found *found = NEW(ctx, struct login_found);
	enum err err;

	memset(found, 0, sizeof *found);
	req_keep(req, found);
	TRY(email_token(ctx, b->email, &found->email_token));
	TRY(find_attempt(ctx, found));
	if (found->attempt.locked_until.ms > ctx->now.ms)
		return OK; /* not even hashed: a locked account costs nothing */
	err = user_by_email(ctx, b->email, &found->secret);
	if (err == ERR_NOT_FOUND || (err == OK && found->secret->disabled_at.ms != 0)) {
		found->secret = NULL;
		verify_nobody(b->password);
		return OK;
	}
	TRY(err);
	found->password_fine = password_verify(
	        b->password, arena_printf(ctx->arena, "%.*s", STR_FMT(found->secret->password_phc)));
	return found->password_fine ? check_totp(ctx, b, found) : OK;
}

static enum err
refuse(struct req *req, struct login_found *found, enum err err)
{
	struct ctx *ctx = req_ctx(req);
	int64_t failures = found->attempt.failures + 1, delay_ms = lockout_ms(failures);

	if (err == ERR_TOTP_REQUIRED)
		return req_refuse(req, err); /* the password was right: no failure */
	metric_add(M_LOGIN_FAILURES, 0, 1);
	TRY(sql_attempt_put(ctx, &(struct attempt_put_in){ .email_token = found->email_token,
	                                 .failures = failures,
	                                 .locked_until = { ctx->now.ms + delay_ms } })); /* now: not locked */
	if (found->secret != NULL)
		req_actor(req, found->secret->tenant_id, found->secret->id, role_parse(found->secret->role));
	return req_refuse(req, err);
}

static enum err
reply(struct req *req, const struct user_secret *s, int64_t failures)
{
	struct ctx *ctx = req_ctx(req);
	struct login_reply *out = NEW(ctx, struct login_reply);
	char *token = arena_fixed(ctx->arena, SESSION_TOKEN_TEXT + 1);
	struct id session;

	out->expires_at.ms = ctx->now.ms + conf->session_hours * 3600000;
	TRY(auth_login_user(ctx, s->id, &out->user));
	TRY(session_new(
	        ctx, out->expires_at, req_address(req), req_header(req, "User-Agent"), token, &session));
	out->token = str_of(token);
	out->failures = failures;
	req_set_cookie(req,
	        arena_printf(ctx->arena,
	                SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", token,
	                (long long)conf->session_hours * 3600,
	                conf->tls_cert_file[0] || strncmp(conf->public_origin, "https:", 6) == 0 ? "; Secure"
	                                                                                         : ""));
	req_subject(req, s->id, (struct id){ { 0 } });
	return req_reply(req, out);
}

enum err
login(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct login_found *found = req_kept(req);
	struct user_secret *s = found->secret;
	int64_t left_ms = found->attempt.locked_until.ms - ctx->now.ms;

	if (left_ms > 0) {
		req_retry_after(req, (int)((left_ms + 999) / 1000));
		return req_refuse(req, ERR_LOCKED_OUT);
	}
	if (s == NULL || !found->password_fine)
		return refuse(req, found, ERR_CREDENTIALS);
	if (found->totp != OK)
		return refuse(req, found, found->totp);
	req_actor(req, s->tenant_id, s->id, role_parse(s->role));
	if (s->suspended_at.ms != 0 && !str_is(s->role, "SUPERADMIN"))
		return req_refuse(req, ERR_SUBSCRIPTION);
	TRY(sql_attempt_clear(ctx, &(struct attempt_clear_in){ .email_token = found->email_token }));
	/* A second factor stays shut while a reset is open, so this one is older: it proves the person. */
	if (id_is_set(s->reset_id) && s->totp_confirmed_at.ms != 0)
		TRY(reset_proven(ctx, s->id, "OWN_FACTOR"));
	TRY(reply(req, s, found->attempt.failures));
	return sql_login_done(
	        ctx, &(struct login_done_in){ .id = s->id, .totp_last_step = found->totp_step });
}

enum err
logout(struct req *req)
{
	enum err err;

	req_set_cookie(req, SESSION_COOKIE "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
	req_subject(req, req_ctx(req)->actor, (struct id){ { 0 } });
	err = session_end(req_ctx(req), req_session(req));
	return err == ERR_NOT_FOUND ? OK : err; /* ended by another door meanwhile */
}
