/* fuzz_query.c - any bytes as the target of a request: the path to its route, its
 * parameters and its query by the rows of the route's types.
 *
 * What must hold: no crash; a refusal names a field by one of its codes; what is taken is
 * written by the same type as JSON; the same query twice over is refused; and a
 * target is read alike twice. */
#include "fuzz.h"
#include "request.h"

#include "base/json.h"
#include "http/parse.h"

enum { ARENA = 4 << 20 };

static void
refused(const struct ctx *ctx, enum err err)
{
	MUST(err == ERR_INVALID && ctx->invalid != NULL);
	for (const struct invalid *v = ctx->invalid; v; v = v->next)
		MUST(v->field && v->code && v->code[0] && utf8_valid(v->field, strlen(v->field)));
}

/* What was taken, as JSON; absent when the route takes no query. */
static struct str
taken(struct req *req)
{
	const struct json_node *root;
	struct buf b;
	char why[200];

	if (req->query == NULL)
		return (struct str){ 0 };
	buf_init(&b, ARENA);
	json_write(&req->ctx, &b, req->route->query, req->query, NULL);
	MUST(!buf_failed(&b));
	MUST(json_tree_read(req->ctx.arena, buf_view(&b), &root, why) == OK);
	struct str text = arena_str(req->ctx.arena, buf_view(&b));
	buf_free(&b);
	return text;
}

static enum err
parse(struct req *req)
{
	req->ctx.invalid = NULL;
	enum err path = parse_path(req), query = parse_query(req);
	return path != OK ? path : query;
}

static bool
has_pair(struct str query)
{
	for (size_t i = 0; i < query.n; i++)
		if (query.p[i] != '&')
			return true;
	return false;
}

static void
said_twice(struct req *req, const char *method, struct str target, struct str query)
{
	struct buf b;
	bool pairs = has_pair(query);

	buf_init(&b, 1 << 16);
	buf_str(&b, target);
	buf_byte(&b, '&');
	buf_str(&b, query);
	if (!buf_failed(&b) && request_read(req, method, buf_view(&b), (struct str){ 0 })) {
		req->ctx.invalid = NULL;
		MUST(parse_query(req) == (pairs ? ERR_INVALID : OK));
	}
	buf_free(&b);
}

static void
one_route(struct req *req, enum method method, struct str target)
{
	struct route_match found;

	route_find(method, exchange_path(req->x), &found);
	MUST(found.route && found.route->method == method && found.param_count <= ROUTE_PARAMS_MAX);
	req->route = found.route;
	req->match = found;
	enum err err = parse(req);
	if (err != OK) {
		refused(&req->ctx, err);
		return;
	}
	struct str once = taken(req);
	req->match = found;
	MUST(parse(req) == OK && str_eq(once, taken(req)));
	struct str query = arena_str(req->ctx.arena, exchange_query(req->x));
	if (query.n > 0)
		said_twice(req, method_name(method), target, query);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool ready;
	static struct req req;
	struct str target = { (const char *)data, n };
	struct route_match found;

	MUST(ready || router_init() == NULL);
	ready = true;
	req = (struct req){ .ctx = { .arena = arena_new(ARENA) } };
	MUST(req.ctx.arena);
	if (request_read(&req, "GET", target, (struct str){ 0 })) {
		route_find(METHOD_UNSET, exchange_path(req.x), &found);
		unsigned allowed = found.allowed;
		for (enum method m = GET; m <= PATCH; m++)
			if (allowed & 1u << m &&
			        request_read(&req, method_name(m), target, (struct str){ 0 }))
				one_route(&req, m, target);
	}
	arena_free(req.ctx.arena);
	return 0;
}
