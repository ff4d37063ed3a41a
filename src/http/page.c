/* page.c - a cursor is id (16 bytes) and the first 12 of a keyed token over
 * reader, path and filter, in base64url. */
#include "http/page.h"
#include "http/req.h"
#include "store/seal.h"

enum { BOUND = 12, CURSOR_BYTES = 16 + BOUND, CURSOR_TEXT = (CURSOR_BYTES * 4 + 2) / 3 };

/* The query without cursor and limit: those may differ between pages. */
static struct str
filter_of(struct req *req)
{
	struct str rest = exchange_query(req->x), pair;
	const char *text = "";

	while (str_part(&rest, '&', &pair))
		if (pair.n > 0 && !str_starts(pair, "cursor=") && !str_starts(pair, "limit="))
			text = arena_printf(req->ctx.arena, "%s&%.*s", text, STR_FMT(pair));
	return str_of(text);
}

static enum err
bound_of(struct req *req, struct blob *out)
{
	char actor[ID_TEXT + 1];
	struct str path = exchange_path(req->x), filter = filter_of(req);

	id_print(req->ctx.actor, actor);
	return token_exact(&req->ctx, "cursor",
	        str_of(arena_printf(req->ctx.arena, "%s %.*s %.*s", actor, STR_FMT(path), STR_FMT(filter))),
	        out);
}

enum err
page_open(struct req *req, struct str cursor, struct id *before)
{
	unsigned char raw[CURSOR_BYTES + 3];
	struct blob bound;
	size_t n;

	memset(before->b, 0xff, sizeof before->b);
	if (!str_is_set(cursor))
		return OK;
	if (cursor.n != CURSOR_TEXT || !base64url_parse(cursor, raw, sizeof raw, &n) || n != CURSOR_BYTES)
		return fail(&req->ctx, ERR_CURSOR, "cursor of %zu characters", cursor.n);
	TRY(bound_of(req, &bound));
	if (!equal_secret(bound.p, raw + 16, BOUND))
		return fail(&req->ctx, ERR_CURSOR, "cursor of another reader or filter");
	memcpy(before->b, raw, sizeof before->b);
	return OK;
}

enum err
page_next(struct req *req, struct id last, struct str *next_cursor)
{
	unsigned char raw[CURSOR_BYTES];
	char *text = arena_fixed(req->ctx.arena, CURSOR_TEXT + 1);
	struct blob bound;

	TRY(bound_of(req, &bound));
	memcpy(raw, last.b, 16);
	memcpy(raw + 16, bound.p, BOUND);
	*next_cursor = (struct str){ text, base64url_print(raw, sizeof raw, text) };
	return OK;
}

enum err
page_close(struct req *req, struct list *items, size_t size, size_t id_offset, int64_t limit,
        struct str *next_cursor)
{
	bool more = items->count > (size_t)limit;
	const char *ids = (const char *)items->items + id_offset;

	*next_cursor = (struct str){ 0 };
	if (more)
		items->count = (size_t)limit;
	for (size_t i = 0; i < items->count; i++)
		req_shown(req, *(const struct id *)(ids + i * size));
	return more ? page_next(req, *(const struct id *)(ids + (items->count - 1) * size), next_cursor) : OK;
}
