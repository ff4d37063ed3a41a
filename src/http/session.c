/* session.c - opaque tokens: 32 random bytes to the client, their SHA-256 in the
 * store, so that neither a stolen database nor a log opens an account. */
#include "http/session.h"
#include "session_sql.h"
#include "sys/crypto.h"

const struct id TENANT_PLATFORM = { { 0x01, 0x8c, 0xc2, 0x51, 0xf4, 0x00, 0x70, 0x00, 0x80, 0, 0, 0, 0, 0, 0,
	1 } };

static const struct field identity_fields[] = {
	FIELD(session_identity, id),
	FIELD(session_identity, tenant_id),
	FIELD(session_identity, user_id),
	FIELD(session_identity, patient_id),
	FIELD(session_identity, role),
	FIELD(session_identity, expires_at),
	FIELD(session_identity, seen_at),
	FIELD(session_identity, suspended_at),
	FIELD(session_identity, created_at),
	FIELD(session_identity, password_must_change),
	FIELD(session_identity, reset_id),
};
const struct type session_identity_type = TYPE(session_identity, identity_fields);

static struct str
cookie_value(struct str cookies, const char *name)
{
	size_t name_n = strlen(name);

	while (cookies.n > 0) {
		struct str one = cookies;
		const char *end = memchr(cookies.p, ';', cookies.n);

		one.n = end ? (size_t)(end - cookies.p) : cookies.n;
		cookies.p += one.n + (end != NULL);
		cookies.n -= one.n + (end != NULL);
		one = str_trim(one);
		if (one.n > name_n && str_starts(one, name) && one.p[name_n] == '=')
			return (struct str){ one.p + name_n + 1, one.n - name_n - 1 };
	}
	return (struct str){ 0 };
}

struct str
session_token(struct str authorization, struct str cookie, bool *by_cookie)
{
	*by_cookie = false;
	if (str_is_set(authorization)) {
		if (authorization.n > 7 && strncasecmp(authorization.p, "Bearer ", 7) == 0)
			return str_trim((struct str){ authorization.p + 7, authorization.n - 7 });
		return STR("?"); /* a scheme we do not speak: never fall back to the cookie */
	}
	if (!str_is_set(cookie))
		return cookie;
	cookie = cookie_value(cookie, SESSION_COOKIE);
	*by_cookie = str_is_set(cookie);
	return cookie;
}

static struct blob
token_sha256(struct ctx *ctx, struct str token)
{
	unsigned char *sum = arena_fixed(ctx->arena, SHA256_SIZE);

	sha256(token.p, token.n, sum);
	return (struct blob){ sum, SHA256_SIZE };
}

static bool
session_over(const struct session_identity *s, struct instant now, int64_t idle_minutes)
{
	return s->expires_at.ms <= now.ms || s->seen_at.ms + idle_minutes * 60000 <= now.ms;
}

enum err
session_identify(struct ctx *ctx, struct str token, int64_t idle_minutes, struct session_identity **out)
{
	struct session_identity *s = NEW(ctx, struct session_identity);
	enum err err;

	if (token.n != SESSION_TOKEN_TEXT)
		return fail(ctx, ERR_UNAUTHENTICATED, "token of %zu characters", token.n);
	err = sql_session_find(ctx, &(struct session_find_in){ .token_sha256 = token_sha256(ctx, token) }, s);
	if (err == ERR_NOT_FOUND || (err == OK && session_over(s, ctx->now, idle_minutes)))
		return fail(ctx, ERR_UNAUTHENTICATED, "no living session");
	if (err != OK)
		return err;
	ctx->tenant = s->tenant_id;
	ctx->actor = s->user_id;
	ctx->patient = s->patient_id;
	ctx->role = (int)role_parse(s->role);
	ctx->reach = role_reach((enum role)ctx->role);
	*out = s;
	return OK;
}

enum err
session_touch(struct ctx *ctx, struct id session)
{
	return sql_session_seen(ctx, &(struct session_seen_in){ .id = session });
}

enum err
session_new(struct ctx *ctx, struct instant expires, struct str address, struct str agent, char *token,
        struct id *session)
{
	unsigned char secret[SESSION_TOKEN_BYTES];

	random_bytes(secret, sizeof secret);
	base64url_print(secret, sizeof secret, token);
	wipe(secret, sizeof secret);
	*session = id_new(ctx->now);
	return sql_session_add(
	        ctx, &(struct session_add_in){ .token_sha256 = token_sha256(ctx, str_of(token)),
	                     .id = *session,
	                     .expires_at = expires,
	                     .address = address,
	                     .agent = { agent.p ? agent.p : "", agent.n > 200 ? 200 : agent.n } });
}

enum err
session_end(struct ctx *ctx, struct id session)
{
	enum err err = sql_session_remove(ctx, &(struct session_remove_in){ .id = session });

	return err == ERR_STALE ? fail(ctx, ERR_NOT_FOUND, "no such session of this account") : err;
}

enum err
session_end_all(struct ctx *ctx, struct id user, struct id except)
{
	return sql_session_remove_all(
	        ctx, &(struct session_remove_all_in){ .user_id = user, .except_id = except });
}
