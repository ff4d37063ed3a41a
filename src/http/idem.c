/* idem.c - first answers kept for a day, so that clients and load balancers may
 * repeat an unsafe call whose answer was lost.  Only successes are kept: a
 * refused call wrote nothing and may be repeated as it is. */
#include "http/idem.h"
#include "idem_sql.h"
#include "store/seal.h"

#include <stdio.h>

static const struct field answer_fields[] = {
	FIELD(idem_answer, request_sha256),
	FIELD(idem_answer, status),
	FIELD(idem_answer, headers),
	FIELD(idem_answer, body),
};
const struct type idem_answer_type = TYPE(idem_answer, answer_fields);

static bool
printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return true;
}

/* What makes two requests "the same": method, path, query and body. */
static void
request_sha256(struct req *req, unsigned char out[SHA256_SIZE])
{
	struct str parts[] = { exchange_method(req->x), exchange_path(req->x), exchange_query(req->x),
		exchange_body(req->x) };
	unsigned char sums[COUNT(parts)][SHA256_SIZE];

	for (size_t i = 0; i < COUNT(parts); i++)
		sha256(parts[i].p ? parts[i].p : "", parts[i].n, sums[i]);
	sha256(sums, sizeof sums, out);
}

enum err
idem_begin(struct req *req)
{
	struct str key = req_header(req, "Idempotency-Key");

	if (!str_is_set(key))
		return OK;
	if (key.n == 0 || key.n > IDEM_KEY_MAX || !printable(key))
		return invalid(&req->ctx, "Idempotency-Key", key.n > IDEM_KEY_MAX ? "too_long" : "format");
	req->idem = true;
	req->idem_key = key;
	request_sha256(req, req->idem_sha256);
	return OK;
}

static struct id
place_row(struct blob key_token)
{
	struct id row;

	memcpy(row.b, key_token.p, sizeof row.b);
	return row;
}

/* "Name: value\n" lines into the answer. */
static void
headers_load(struct req *req, struct str text)
{
	while (text.n > 0) {
		const char *colon = memchr(text.p, ':', text.n), *end = memchr(text.p, '\n', text.n);

		if (colon == NULL || end == NULL || colon > end)
			return;
		answer_header(&req->answer,
		        arena_printf(req->ctx.arena, "%.*s", (int)(colon - text.p), text.p),
		        arena_printf(req->ctx.arena, "%.*s", (int)(end - colon - 1), colon + 1));
		text.n -= (size_t)(end + 1 - text.p);
		text.p = end + 1;
	}
}

static enum err
answer_load(struct req *req, const struct idem_answer *a, struct blob key_token)
{
	struct place place = { "idempotency", "body", place_row(key_token) };
	struct str body = { 0 };

	TRY(unseal(&req->ctx, (struct id){ { 0 } }, &place, a->body, &body));
	req->answer = (struct answer){ .status = (int)a->status };
	buf_init(&req->answer.body, body.n + 1);
	buf_str(&req->answer.body, body);
	if (body.n > 0)
		req->answer.content_type = "application/json";
	headers_load(req, a->headers);
	answer_header(&req->answer, "Idempotency-Replayed", "true");
	req->replayed = true;
	return OK;
}

static struct instant
kept_since(const struct ctx *ctx)
{
	return (struct instant){ ctx->now.ms - IDEM_HOURS * 3600000LL };
}

/* *found: the first answer to this key is in *out. */
static enum err
look_up(struct ctx *ctx, struct blob token, struct idem_answer *out, bool *found)
{
	enum err err = sql_idem_get(
	        ctx, &(struct idem_get_in){ .key_token = token, .since = kept_since(ctx) }, out);

	*found = err == OK;
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err
idem_known(struct req *req, bool *known)
{
	struct ctx *ctx = &req->ctx;
	struct blob token;

	TRY(token_exact(ctx, "idempotency", req->idem_key, &token));
	return look_up(ctx, token, NEW(ctx, struct idem_answer), known);
}

enum err
idem_find(struct req *req, bool *found)
{
	struct ctx *ctx = &req->ctx;
	struct idem_answer *a = NEW(ctx, struct idem_answer);
	struct blob token;
	bool there;

	*found = false;
	TRY(token_exact(ctx, "idempotency", req->idem_key, &token));
	TRY(sql_idem_forget(ctx, &(struct idem_forget_in){ .key_token = token, .before = kept_since(ctx) }));
	TRY(look_up(ctx, token, a, &there));
	if (!there)
		return OK;
	if (a->request_sha256.n != SHA256_SIZE ||
	        memcmp(a->request_sha256.p, req->idem_sha256, SHA256_SIZE) != 0)
		return fail(ctx, ERR_IDEMPOTENCY_REUSED, "key used with another request");
	TRY(sql_idem_hold(ctx, &(struct idem_hold_in){ .key_token = token }));
	*found = true;
	return answer_load(req, a, token);
}

static struct str
headers_text(struct req *req)
{
	static const char *const kept[] = { "Location", "ETag" };
	const struct answer *a = &req->answer;
	const char *text = "";

	for (unsigned i = 0; i < a->header_count; i++)
		for (size_t k = 0; k < COUNT(kept); k++)
			if (strcmp(a->headers[i].name, kept[k]) == 0)
				text = arena_printf(
				        req->ctx.arena, "%s%s:%s\n", text, kept[k], a->headers[i].value);
	return str_of(text);
}

enum err
idem_store(struct req *req)
{
	struct ctx *ctx = &req->ctx;
	struct blob token, body = { 0 };
	struct place place;

	TRY(token_exact(ctx, "idempotency", req->idem_key, &token));
	place = (struct place){ "idempotency", "body", place_row(token) };
	if (req->answer.body.n > 0)
		TRY(seal(ctx, (struct id){ { 0 } }, &place, buf_view(&req->answer.body), &body));
	return sql_idem_add(ctx, &(struct idem_add_in){ .key_token = token,
	                                 .request_sha256 = { req->idem_sha256, SHA256_SIZE },
	                                 .status = req->answer.status,
	                                 .headers = headers_text(req),
	                                 .body = body });
}
