/* parse.c - path parameters, query and body by the rows of the route's types;
 * all refused fields are collected before the request is turned down. */
#include "http/parse.h"

#include <strings.h>

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoding ('+' is a blank in queries); p == NULL for a broken escape, NUL or bad UTF-8. */
static struct str
decode(struct ctx *ctx, struct str in, bool plus)
{
	char *out = arena_take(ctx->arena, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; out != NULL && i < in.n; i++) {
		char c = in.p[i];

		if (c == '%') {
			int hi = i + 2 < in.n ? hex_digit(in.p[i + 1]) : -1;
			int lo = i + 2 < in.n ? hex_digit(in.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return (struct str){ 0 };
			c = (char)(hi << 4 | lo);
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		out[n++] = c;
	}
	if (out == NULL || !utf8_valid(out, n))
		return (struct str){ 0 };
	return (struct str){ out, n };
}

enum err
parse_path(struct req *req)
{
	enum err err = OK;

	for (unsigned i = 0; i < req->match.param_count; i++) {
		bool text;
		struct str name = route_param_name(req->route, i, &text);
		struct str value = decode(&req->ctx, req->match.params[i], false);

		if (text && str_is_set(value))
			req->match.params[i] = value;
		else if (text || !id_parse(value, &req->ids[i]))
			err = invalid(&req->ctx, arena_printf(req->ctx.arena, "%.*s", STR_FMT(name)), "id");
	}
	return err;
}

static const struct field *
field_by_json(const struct type *t, struct str name)
{
	char json[128];

	for (size_t i = 0; t != NULL && i < t->count; i++) {
		const struct field *f = &t->fields[i];

		if (f->json == NULL) {
			assert(strlen(f->name) < sizeof json);
			camel(f->name, json);
		}
		if (str_is(name, f->json ? f->json : json))
			return f;
	}
	return NULL;
}

/* An unknown name as an answer shows it: its beginning, never half a character. */
static const char *
shown_name(struct ctx *ctx, struct str name)
{
	enum { SHOWN_MAX = 64 };
	size_t n = name.n;

	if (n > SHOWN_MAX)
		for (n = SHOWN_MAX; ((unsigned char)name.p[n] & 0xc0) == 0x80; n--)
			;
	return name.p ? arena_printf(ctx->arena, "%.*s", (int)n, name.p) : "?";
}

static enum err
query_pair(struct req *req, struct str pair, uint64_t *seen, void *out)
{
	const struct type *t = req->route->query;
	const char *eq = memchr(pair.p, '=', pair.n);
	size_t name_n = eq ? (size_t)(eq - pair.p) : pair.n;
	struct str name = decode(&req->ctx, (struct str){ pair.p, name_n }, true);
	struct str value = eq ? decode(&req->ctx, (struct str){ eq + 1, pair.n - name_n - 1 }, true)
	                      : STR("");
	const char *shown = shown_name(&req->ctx, name);
	const struct field *f = t != NULL && str_is_set(name) ? field_by_json(t, name) : NULL;
	uint64_t bit;

	if (f == NULL)
		return invalid(&req->ctx, shown, "unknown");
	bit = 1ULL << (f - t->fields);
	if (!str_is_set(value) || (*seen & bit))
		return invalid(&req->ctx, shown, "format");
	*seen |= bit;
	if (value.n == 0 && !f->required)
		return OK; /* "?q=" is "no q" */
	return field_read_text(&req->ctx, f, value, out);
}

enum err
parse_query(struct req *req)
{
	struct str rest = exchange_query(req->x), pair;
	const struct type *t = req->route->query;
	void *out = t ? arena_fixed(req->ctx.arena, t->size) : NULL;
	uint64_t seen = 0;
	bool bad = false;

	if (t != NULL)
		memset(out, 0, t->size);
	while (str_part(&rest, '&', &pair))
		if (pair.n > 0)
			bad |= query_pair(req, pair, &seen, out) != OK;
	for (size_t i = 0; t != NULL && i < t->count; i++)
		if (t->fields[i].required && !(seen & 1ULL << i))
			bad |= invalid(&req->ctx, t->fields[i].name, "required") != OK;
	req->query = out;
	return bad ? ERR_INVALID : OK;
}

static bool
is_json(struct str content_type)
{
	static const char json[] = "application/json";

	content_type = str_trim(content_type);
	if (content_type.n < sizeof json - 1 || strncasecmp(content_type.p, json, sizeof json - 1) != 0)
		return false;
	return content_type.n == sizeof json - 1 || content_type.p[sizeof json - 1] == ';' ||
	       content_type.p[sizeof json - 1] == ' ';
}

enum err
parse_body(struct req *req)
{
	struct str body = exchange_body(req->x);
	const struct type *t = req->route->in;
	void *out;

	if (t == NULL) {
		body = str_trim(body);
		if (body.n == 0 || str_is(body, "{}"))
			return OK;
		return fail(&req->ctx, ERR_MALFORMED, "a body where none belongs");
	}
	if (!is_json(req_header(req, "Content-Type")))
		return fail(&req->ctx, ERR_MEDIA_TYPE, "not application/json");
	out = arena_fixed(req->ctx.arena, t->size);
	TRY(json_read(&req->ctx, body, t, out));
	req->body = out;
	return OK;
}
