/* req.c - what a handler may ask of its request and say in return. */
#include "http/req.h"

#include "base/json.h"

enum { EVENT_BYTES_MAX = 1 << 20 };

struct ctx *
req_ctx(struct req *req)
{
	return &req->ctx;
}
const void *
req_body(struct req *req)
{
	return req->body;
}
const void *
req_query(struct req *req)
{
	return req->query;
}
struct str
req_header(struct req *req, const char *name)
{
	return exchange_header(req->x, name);
}
struct str
req_address(struct req *req)
{
	return exchange_address(req->x);
}
struct id
req_session(struct req *req)
{
	return req->session;
}
void
req_keep(struct req *req, void *in_arena)
{
	req->kept = in_arena;
}
void *
req_kept(struct req *req)
{
	return req->kept;
}

static unsigned
param_index(struct req *req, const char *name)
{
	bool text;

	for (unsigned i = 0; i < req->match.param_count; i++)
		if (str_is(route_param_name(req->route, i, &text), name))
			return i;
	assert(false && "the route's path has no such part");
	return 0;
}

struct id
req_id(struct req *req, const char *name)
{
	return req->ids[param_index(req, name)];
}

struct str
req_text(struct req *req, const char *name)
{
	return req->match.params[param_index(req, name)];
}

enum err
req_reply(struct req *req, const void *obj)
{
	assert(req->route->out != NULL);
	req->reply = obj;
	return OK;
}

enum err
req_bytes(struct req *req, struct str bytes, const char *filename)
{
	assert(req->route->produces != NULL);
	req->bytes = bytes;
	req->filename = filename;
	return OK;
}

/* In the arena, or on its way. */
static enum err
take_event(struct req *req, struct str bytes)
{
	struct event *e;

	if (req->begun)
		return exchange_part(req->x, bytes) ? OK : ERR_BUSY;
	e = NEW(&req->ctx, struct event);
	e->bytes = arena_str(req->ctx.arena, bytes);
	if (e->bytes.p == NULL)
		return fail(&req->ctx, ERR_TOO_LARGE, "no room for an event");
	*(req->events ? &req->events_last->next : &req->events) = e;
	req->events_last = e;
	return OK;
}

enum err
req_event(struct req *req, const char *name, const struct type *t, const void *obj)
{
	enum role role = (enum role)req->ctx.role;
	enum err err;
	struct buf b;

	assert(strcmp(req->route->produces, EVENT_STREAM) == 0);
	buf_init(&b, EVENT_BYTES_MAX);
	buf_printf(&b, "event: %s\ndata: ", name);
	json_write(
	        &req->ctx, &b, t, obj, role != ROLE_UNSET ? role_mask(role) : NULL); /* no line break in it */
	buf_text(&b, "\n\n");
	err = buf_failed(&b) ? fail(&req->ctx, buf_err(&b), "an event of %zu bytes", b.n)
	                     : take_event(req, buf_view(&b));
	buf_free(&b);
	return err;
}

void
req_later(struct req *req, later_fn *fn)
{
	assert(route_reads(req->route));
	req->later = fn;
}

uint64_t
req_arrived_ns(struct req *req)
{
	return exchange_arrived_ns(req->x);
}

void
req_status(struct req *req, int status)
{
	req->status = status;
}
void
req_location(struct req *req, const char *path)
{
	req->location = path;
}
void
req_version(struct req *req, int64_t version)
{
	req->version = version;
}
void
req_set_cookie(struct req *req, const char *value)
{
	req->cookie = value;
}
void
req_retry_after(struct req *req, int seconds)
{
	req->retry_after_s = seconds;
}

void
req_problem_int(struct req *req, const char *name, int64_t v)
{
	req->problem_int = (struct problem_int){ name, v };
}

void
req_problem_state(struct req *req, const char *state, const char *const *allowed)
{
	req->problem_state = state;
	req->problem_allowed = allowed;
}

enum err
req_refuse(struct req *req, enum err err)
{
	assert(err != OK);
	req->err = err;
	return OK;
}

/* `"7"`, `W/"7"` or 7: the version in If-Match; false when it is none of ours. */
static bool
etag_version(struct str s, int64_t *out)
{
	s = str_trim(s);
	if (str_starts(s, "W/")) {
		s.p += 2;
		s.n -= 2;
	}
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"') {
		s.p++;
		s.n -= 2;
	}
	return str_int(s, out) && *out > 0;
}

enum err
req_held_version(struct req *req, int64_t body_version, int64_t *out)
{
	struct str header = req_header(req, "If-Match");
	int64_t held;

	if (!str_is_set(header)) {
		if (body_version == 0)
			return fail(&req->ctx, ERR_PRECONDITION, "neither version nor If-Match");
		*out = body_version;
		return OK;
	}
	if (!etag_version(header, &held))
		return invalid(&req->ctx, "If-Match", "format");
	if (body_version != 0 && body_version != held)
		return fail(&req->ctx, ERR_VERSION_CONFLICT, "version and If-Match differ");
	*out = held;
	return OK;
}

void
req_subject(struct req *req, struct id subject, struct id patient)
{
	req->subject = subject;
	req->patient = patient;
}

void
req_change(struct req *req, const struct type *t, const void *before, const void *after)
{
	req->change_type = t;
	req->before = before;
	req->after = after;
}

void
req_reason(struct req *req, struct str reason)
{
	req->reason = reason;
}

void
req_shown(struct req *req, struct id id)
{
	if (req->shown_count < AUDIT_IDS_MAX)
		req->shown[req->shown_count++] = id;
}

void
req_actor(struct req *req, struct id tenant, struct id user, enum role role)
{
	req->ctx.tenant = tenant;
	req->ctx.actor = user;
	req->ctx.role = role;
}
