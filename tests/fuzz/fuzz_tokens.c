/* fuzz_tokens.c - any lines as header fields: who asks (bearer, cookie), the held
 * version, the idempotency key, and six digits of a second factor.
 *
 * What must hold: no crash; a token lies inside what was sent; nobody has a session by
 * chance; a version is above 0; a key that is taken is printable and short; a code
 * is right only when it is one of the three that are. */
#include "fuzz.h"
#include "request.h"

#include "http/idem.h"
#include "http/route.h"
#include "http/session.h"

enum { IDLE_MINUTES = 60, TOTP_SECRET = 20 };

static void
session(struct req *req)
{
	struct session_identity *who;
	bool by_cookie;
	struct str authorization = req_header(req, "Authorization"), cookie = req_header(req, "Cookie");
	struct str token = session_token(authorization, cookie, &by_cookie);

	MUST(!by_cookie || !str_is_set(authorization));
	MUST(!by_cookie || (token.p >= cookie.p && token.p + token.n <= cookie.p + cookie.n));
	MUST(str_is_set(token) || !str_is_set(authorization));
	if (str_is_set(token))
		MUST(session_identify(&req->ctx, token, IDLE_MINUTES, &who) == ERR_UNAUTHENTICATED);
}

static void
version(struct req *req)
{
	int64_t held = -1;
	enum err err = req_held_version(req, 0, &held);

	MUST(err == OK ? held > 0 : err == ERR_PRECONDITION || err == ERR_INVALID);
	MUST((err == ERR_PRECONDITION) == !str_is_set(req_header(req, "If-Match")));
	if (err == OK)
		MUST(req_held_version(req, held == INT64_MAX ? 1 : held + 1, &held) == ERR_VERSION_CONFLICT);
}

static void
idempotency(struct req *req)
{
	enum err err = idem_begin(req);
	bool known = true;

	MUST(err == OK || err == ERR_INVALID);
	if (!req->idem)
		return;
	MUST(err == OK && req->idem_key.n > 0 && req->idem_key.n <= IDEM_KEY_MAX);
	for (size_t i = 0; i < req->idem_key.n; i++)
		MUST(req->idem_key.p[i] > ' ' && req->idem_key.p[i] <= '~');
	MUST(idem_known(req, &known) == OK && !known);
}

/* A second factor's code against a secret and a time that the code itself decides. */
static void
second_factor(struct str code)
{
	unsigned char secret[SHA256_SIZE];
	int64_t step = -1;

	sha256(code.p ? code.p : "", code.n, secret);
	struct instant now = { (int64_t)secret[0] << 24 | secret[1] << 16 | secret[2] };
	bool right = totp_verify((struct blob){ secret, TOTP_SECRET }, code, now, &step);
	MUST(!right ||
	        (code.n == 6 && step >= 0 && step <= now.ms / 30000 + 1 && step >= now.ms / 30000 - 1));
	for (size_t i = 0; right && i < code.n; i++)
		MUST(code.p[i] >= '0' && code.p[i] <= '9');
	MUST(!totp_verify((struct blob){ NULL, 0 }, code, now, &step));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct req req;
	struct str fields = { (const char *)data, n };

	req = (struct req){ .ctx = *request_store() };
	arena_reset(req.ctx.arena);
	if (!request_read(&req, "POST", STR("/api/patients"), fields))
		return 0;
	session(&req);
	version(&req);
	idempotency(&req);
	second_factor(req_header(&req, "X-Code"));
	return 0;
}
