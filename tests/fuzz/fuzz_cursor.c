/* fuzz_cursor.c - a line as a cursor, and the rest as the target it comes with.
 *
 * What must hold: only what was given out for this reader, path and filter opens, and gives
 * the id that it was made of; other values of limit and cursor do not matter; with one
 * changed character it is refused, or begins at another id; for another reader, or with
 * one more filter, it is refused. */
#include "fuzz.h"
#include "request.h"

#include "http/page.h"

enum { ARENA = 4 << 20 };

static enum err
opened(struct req *req, struct str cursor, struct id *out)
{
	enum err err = page_open(req, cursor, out);

	MUST(err == OK || err == ERR_CURSOR);
	return err;
}

/* The last id shown, any that the input says. */
static struct id
some_id(struct str bytes)
{
	struct id id = { { 0 } };

	memcpy(id.b, bytes.p, bytes.n < sizeof id.b ? bytes.n : sizeof id.b);
	return id;
}

/* Each character another one: of the alphabet or not, what it decodes to may not open. */
static void
changed(struct req *req, struct str good, struct id last, struct str how)
{
	char text[64];
	struct id id;

	MUST(good.n < sizeof text);
	for (size_t i = 0; i + 1 < how.n && i < 64; i += 2) {
		memcpy(text, good.p, good.n);
		text[(unsigned char)how.p[i] % good.n] = how.p[i + 1];
		struct str other = { text, good.n };
		MUST(str_eq(other, good) || opened(req, other, &id) == ERR_CURSOR || !id_eq(id, last));
	}
}

static void
other_reader(struct req *req, struct str good)
{
	struct id id, actor = req->ctx.actor;

	req->ctx.actor.b[15] ^= 1;
	MUST(opened(req, good, &id) == ERR_CURSOR);
	req->ctx.actor = actor;
	MUST(opened(req, good, &id) == OK);
}

static void
other_query(struct req *req, struct str good, struct str target, const char *more, enum err want)
{
	struct buf b;
	struct id id;

	buf_init(&b, 1 << 16);
	buf_str(&b, target);
	buf_text(&b, exchange_query(req->x).p ? "&" : "?");
	buf_text(&b, more);
	if (request_read(req, "GET", buf_view(&b), (struct str){ 0 }))
		MUST(opened(req, good, &id) == want);
	buf_free(&b);
}

static void
made_here(struct req *req, struct str line, struct str target)
{
	struct id last = some_id(line), got;
	struct str good;

	MUST(page_next(req, last, &good) == OK);
	MUST(opened(req, good, &got) == OK && id_eq(got, last));
	changed(req, good, last, line);
	other_reader(req, good);
	other_query(req, good, target, "cursor=x&limit=7", OK);
	MUST(request_read(req, "GET", target, (struct str){ 0 }));
	other_query(req, good, target, "a=b", ERR_CURSOR);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct req req;
	struct str rest = { (const char *)data, n }, line = fuzz_line(&rest);
	struct id id;

	req = (struct req){ .ctx = *request_store() };
	arena_reset(req.ctx.arena);
	if (line.n == 0 || !request_read(&req, "GET", rest, (struct str){ 0 }))
		return 0;
	MUST(opened(&req, line, &id) == ERR_CURSOR);
	made_here(&req, line, rest);
	return 0;
}
