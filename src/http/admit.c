/* admit.c - who asks, and may they: the session, its origin, the permission, how recent the sign-in is. */
#include "http/admit.h"
#include "http/session.h"

static bool
same_origin(struct req *req, const struct conf *conf)
{
	struct str origin = req_header(req, "Origin"), site = req_header(req, "Sec-Fetch-Site");
	struct str host = req_header(req, "Host");
	const char *scheme = exchange_tls(req->x) ? "https://" : "http://";

	if (str_is_set(origin)) {
		if (conf->public_origin[0] != 0)
			return str_is(origin, conf->public_origin);
		return str_starts(origin, scheme) && origin.n == strlen(scheme) + host.n &&
		       memcmp(origin.p + strlen(scheme), host.p, host.n) == 0;
	}
	return str_is_set(site) && str_is(site, "same-origin");
}

enum err
admit_identify(struct req *req, const struct conf *conf)
{
	struct str token = session_token(
	        req_header(req, "Authorization"), req_header(req, "Cookie"), &req->by_cookie);
	struct session_identity *s;

	if (req->route->perm == PERM_PUBLIC)
		return OK;
	if (!str_is_set(token))
		return fail(&req->ctx, ERR_UNAUTHENTICATED, "no token");
	TRY(session_identify(&req->ctx, token, conf->session_idle_minutes, &s));
	req->session = s->id;
	req->session_seen = s->seen_at;
	req->signed_in = s->created_at;
	if (req->by_cookie && req->route->method != GET && !same_origin(req, conf))
		return fail(&req->ctx, ERR_CSRF, "cookie from another origin");
	if (s->suspended_at.ms != 0 && req->ctx.role != ROLE_SUPERADMIN)
		return fail(&req->ctx, ERR_SUBSCRIPTION, "tenant suspended");
	if (req->route->perm == PERM_OWN_PASSWORD)
		return OK;
	if (s->password_must_change)
		return fail(&req->ctx, ERR_PASSWORD_CHANGE, "password was set by somebody else");
	if (id_is_set(s->reset_id))
		return fail(&req->ctx, ERR_RESET_PENDING, "who chose the password is not confirmed");
	return OK;
}

/* A session left open on a desk does not change accounts or take charts away: who acts signs in again. */
static bool
signed_in_recently(const struct req *req, const struct conf *conf)
{
	return req->ctx.now.ms - req->signed_in.ms < conf->reauthentication_minutes * 60000;
}

enum err
admit_permit(struct req *req, const struct conf *conf)
{
	if (!role_may((enum role)req->ctx.role, req->route->perm))
		return fail(&req->ctx, ERR_FORBIDDEN, "%s needs %s", req->route->path,
		        perm_name(req->route->perm));
	if (route_signin(req->route) == SIGNIN_RECENT && !signed_in_recently(req, conf))
		return fail(&req->ctx, ERR_REAUTHENTICATION_REQUIRED, "an old sign-in");
	return OK;
}
