/* spine.c - the steps of spine.h.  Nothing here knows a feature; nothing in a
 * feature can skip a step. */
#include "http/spine.h"
#include "http/admit.h"
#include "http/aged.h"
#include "http/audit_write.h"
#include "http/idem.h"
#include "http/limit.h"
#include "http/parse.h"
#include "http/problem.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <stdio.h>
#include <strings.h>

enum { ANSWER_MAX = 64 << 20, SEEN_EVERY_MS = 60000 };

static const struct conf *conf;
static int64_t quotas[RATE__MAX];
static const char *const rate_names[RATE__MAX] = {
	[RATE_READ] = "read", [RATE_WRITE] = "write", [RATE_LOGIN] = "login", [RATE_ASK] = "ask"
};

void
spine_init(const struct conf *c)
{
	conf = c;
	quotas[RATE_READ] = c->rate_limit_read_per_min;
	quotas[RATE_WRITE] = c->rate_limit_write_per_min;
	quotas[RATE_LOGIN] = c->rate_limit_login_per_min;
	quotas[RATE_ASK] = c->rate_limit_ask_per_min;
	aged_init(c);
}

/* ---- opening */

static bool
needs_store(const struct route *r)
{
	return r->perm != PERM_PUBLIC || r->audit != AUDIT_NONE;
}

static void
answer_json(struct req *req, int status)
{
	req->answer.status = status;
	req->answer.content_type = "application/json";
	buf_init(&req->answer.body, ANSWER_MAX);
}

void
spine_refuse(struct req *req, enum err err)
{
	struct problem p = { .err = err,
		.request_id = req->request_id,
		.invalid = err == ERR_INVALID || err == ERR_DISCHARGE_UNMET ? req->ctx.invalid : NULL,
		.int_name = req->problem_int.name,
		.int_value = req->problem_int.v,
		.state = req->problem_state,
		.allowed = req->problem_allowed };

	/* A ceiling is the client's fault, an empty machine is not. */
	if (err == ERR_TOO_LARGE && arena_starved(req->ctx.arena))
		p.err = err = ERR_BUSY;
	buf_free(&req->answer.body);
	req->answer = (struct answer){ 0 };
	answer_json(req, err_status(err));
	req->answer.content_type = PROBLEM_TYPE;
	problem_write(&req->answer.body, &p, lang_of(req_header(req, "Accept-Language")));
	if (req->retry_after_s == 0)
		req->retry_after_s = err_retry_after_s(err);
	if (req->retry_after_s > 0)
		answer_header(
		        &req->answer, "Retry-After", arena_printf(req->ctx.arena, "%d", req->retry_after_s));
	req->err = err;
	req->step = STEP_DONE;
	if (err_status(err) < 500)
		return;
	log_request(req->request_id);
	log_event(EV_REQUEST_FAILED, { "code", LOG_S(err_name(err)) }, { "why", LOG_S(req->ctx.why) },
	        { "route", LOG_S(req->route ? req->route->path : "-") });
	log_request(NULL);
}

static void
open_unrouted(struct req *req)
{
	char allow[64];
	bool options = str_is(exchange_method(req->x), "OPTIONS");

	if (req->match.allowed == 0 && !(options && str_is(exchange_path(req->x), "*"))) {
		spine_refuse(req, ERR_NOT_FOUND);
		return;
	}
	method_list(req->match.allowed ? req->match.allowed : ~0u, allow);
	if (options)
		req->answer.status = 204;
	else
		spine_refuse(req, ERR_METHOD);
	answer_header(&req->answer, "Allow", arena_printf(req->ctx.arena, "%s", allow));
	req->step = STEP_DONE;
}

static bool
request_id_fine(struct str s)
{
	if (s.n == 0 || s.n > REQUEST_ID)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_", s.p[i]))
			return false;
	return true;
}

static void encode(struct req *);

/* The client's own, when it is fit for a log line; else a new one. */
static void
request_id_choose(struct exchange *x, struct instant now, char out[static REQUEST_ID + 1])
{
	struct str given = exchange_header(x, "X-Request-Id");

	if (str_is_set(given) && request_id_fine(given))
		snprintf(out, REQUEST_ID + 1, "%.*s", STR_FMT(given));
	else
		id_print(id_new(now), out);
}

void
spine_open(struct req *req, struct exchange *x, const struct route_match *match)
{
	req->x = x;
	req->match = *match;
	req->route = match->route;
	req->ctx.now = clock_now();
	request_id_choose(x, req->ctx.now, req->request_id);
	if (req->route == NULL) {
		open_unrouted(req);
		return;
	}
	if (needs_store(req->route))
		return;
	req->err = parse_path(req);
	if (req->err == OK)
		req->err = parse_query(req);
	if (req->err == OK)
		req->err = req->route->handler(req);
	if (req->err == OK)
		encode(req);
	if (req->err != OK)
		spine_refuse(req, req->err);
	req->step = STEP_DONE;
}

/* ---- the quotas */

static enum err
take_quota(struct req *req, int64_t quota, char who, const void *key, size_t key_n)
{
	char text[96] = { (char)req->route->rate, who };
	struct limit_answer a;

	if (key_n > sizeof text - 2)
		key_n = sizeof text - 2;
	memcpy(text + 2, key, key_n);
	a = limit_take((struct str){ text, 2 + key_n }, quota, clock_mono_ns());
	req->rate_name = rate_names[req->route->rate];
	req->rate_quota = quota;
	req->rate_left = a.left;
	req->rate_reset_s = a.reset_s;
	if (a.allowed)
		return OK;
	req->retry_after_s = a.retry_after_s;
	metric_add(M_RATE_LIMITED, 0, 1);
	return fail(&req->ctx, ERR_RATE, "quota %s of %c", req->rate_name, who);
}

static enum err
quota_address(struct req *req)
{
	struct str address = exchange_address(req->x);
	enum rate rate = req->route->rate;
	int64_t quota = quotas[rate];

	if (rate == RATE_NONE || quota == 0)
		return OK;
	if (rate != RATE_LOGIN)
		quota *= conf->rate_limit_address_factor;
	return take_quota(req, quota, 'a', address.p, address.n);
}

static enum err
quota_user(struct req *req)
{
	enum rate rate = req->route->rate;

	if (rate == RATE_NONE || quotas[rate] == 0 || !id_is_set(req->ctx.actor))
		return OK;
	return take_quota(req, quotas[rate], 'u', req->ctx.actor.b, sizeof req->ctx.actor.b);
}

bool
spine_stale_session(const struct req *req)
{
	return id_is_set(req->session) && req->ctx.now.ms - req->session_seen.ms > SEEN_EVERY_MS;
}

/* ---- the answer */

static void
encode_object(struct req *req)
{
	json_write(&req->ctx, &req->answer.body, req->route->out, req->reply,
	        req->ctx.role != ROLE_UNSET ? role_mask((enum role)req->ctx.role) : NULL);
	buf_byte(&req->answer.body, '\n');
}

static bool
not_modified(struct req *req, const char *etag)
{
	struct str held = req_header(req, "If-None-Match");
	size_t n = strlen(etag);

	if (req->route->method != GET || !str_is_set(held))
		return false;
	if (str_is(str_trim(held), "*"))
		return true;
	for (size_t i = 0; i + n <= held.n; i++)
		if (memcmp(held.p + i, etag, n) == 0)
			return true;
	return false;
}

static void
encode_headers(struct req *req)
{
	struct answer *a = &req->answer;

	if (req->location)
		answer_header(a, "Location", req->location);
	if (req->cookie)
		answer_header(a, "Set-Cookie", req->cookie);
	if (req->filename)
		answer_header(a, "Content-Disposition",
		        arena_printf(req->ctx.arena, "attachment; filename=\"%s\"", req->filename));
	if (req->version > 0) {
		const char *etag = arena_printf(req->ctx.arena, "\"%lld\"", (long long)req->version);

		answer_header(a, "ETag", etag);
		if (not_modified(req, etag)) {
			buf_free(&a->body);
			a->content_type = NULL;
			a->status = 304;
		}
	}
}

static int
success_status(const struct req *req)
{
	const struct route *r = req->route;

	if (req->status)
		return req->status;
	if (r->status)
		return r->status;
	return r->out == NULL && r->produces == NULL ? 204 : 200;
}

/* The mask is applied here and only here: handlers never build JSON. */
static void
encode(struct req *req)
{
	answer_json(req, success_status(req));
	if (req->reply != NULL) {
		encode_object(req);
	} else if (req->events != NULL) {
		req->answer.content_type = req->route->produces;
		for (const struct event *e = req->events; e != NULL; e = e->next)
			buf_str(&req->answer.body, e->bytes);
	} else if (req->bytes.p != NULL) {
		req->answer.content_type = req->route->produces;
		buf_str(&req->answer.body, req->bytes);
	} else {
		req->answer.content_type = NULL;
	}
	encode_headers(req);
	if (buf_failed(&req->answer.body))
		req->err = fail(&req->ctx, buf_err(&req->answer.body), "answer of %zu bytes, at most %d",
		        req->answer.body.n, ANSWER_MAX);
	req->step = STEP_DONE;
}

/* ---- the halves */

/* A repetition is not prepared: what it would check (the old password) the first call has changed. */
static enum err
run_prepare(struct req *req)
{
	if (req->idem)
		TRY(idem_known(req, &req->unprepared));
	return req->unprepared ? OK : req->route->prepare(req);
}

static enum err
run_read_half(struct req *req)
{
	TRY(quota_address(req));
	TRY(admit_identify(req, conf));
	TRY(parse_path(req)); /* first, so that a refusal's audit entry names its subject */
	TRY(admit_permit(req, conf));
	TRY(quota_user(req));
	TRY(parse_query(req));
	TRY(parse_body(req));
	/* A POST that reads may work with what it does not show (an extract counts diagnoses). */
	if (req->route->method == GET && req->ctx.role != ROLE_UNSET)
		req->ctx.mask = role_mask((enum role)req->ctx.role);
	if (route_reads(req->route))
		return req->route->aged ? aged_run(req) : req->route->handler(req);
	if (req->route->perm != PERM_PUBLIC)
		TRY(idem_begin(req));
	return req->route->prepare ? run_prepare(req) : OK;
}

void
spine_read_half(struct req *req)
{
	enum err err = run_read_half(req);

	if (err == OK && req->err != OK)
		err = req->err;
	if (err == OK && route_reads(req->route)) {
		encode(req);
		err = req->err;
	}
	if (err != OK)
		spine_refuse(req, err);
	else if (req->step != STEP_DONE)
		req->step = STEP_READY;
}

enum err
spine_write_half(struct req *req)
{
	bool found = false;
	enum err err;

	if (req->idem)
		TRY(idem_find(req, &found));
	if (found) {
		req->step = STEP_DONE;
		return OK;
	}
	if (req->unprepared)
		return fail(&req->ctx, ERR_BUSY, "the first answer was forgotten at this moment");
	TRY(req->route->handler(req));
	if (req->err != OK) { /* req_refuse: keeps what was written, answers the error */
		spine_refuse(req, req->err);
		return OK;
	}
	encode(req);
	TRY(req->err);
	if (!req->idem)
		return OK;
	/* The same call came by another way at this moment (a balancer repeats it): its answer is ours too.
	 */
	err = idem_store(req);
	return err == ERR_DUPLICATE ? ERR_REPLAY : err;
}

/* ---- audit */

/* Refusals by quota and by framing make no entry: a flood must not fill the trail. */
bool
spine_needs_audit(const struct req *req)
{
	if (req->route == NULL || req->route->audit == AUDIT_NONE)
		return false;
	if (req->replayed || req->err == ERR_RATE || req->err == ERR_STORE_UNAVAILABLE ||
	        req->err == ERR_BUSY)
		return false;
	return req->err != ERR_MALFORMED && req->err != ERR_MEDIA_TYPE;
}

void
spine_note(const struct req *req, struct audit_note *out)
{
	bool refused = req->err == ERR_UNAUTHENTICATED || req->err == ERR_CSRF;

	*out = (struct audit_note){ .event = refused ? AUDIT_REFUSED : req->route->audit,
		.subject = id_is_set(req->subject) ? req->subject : req->ids[0],
		.patient = req->patient,
		.status = req->answer.status,
		.route = route_name(req->match.number),
		.request_id = req->request_id,
		.address = exchange_address(req->x),
		.reason = req->reason,
		.change_type = req->change_type,
		.before = req->err == OK ? req->before : NULL,
		.after = req->err == OK ? req->after : NULL,
		.shown = req->shown,
		.shown_count = req->shown_count };
}

/* ---- out */

static void
common_headers(struct answer *a, bool tls)
{
	answer_header(a, "X-Content-Type-Options", "nosniff");
	answer_header(a, "X-Frame-Options", "DENY");
	answer_header(a, "Referrer-Policy", "no-referrer");
	answer_header(a, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	answer_header(a, "Cache-Control", "no-store");
	if (tls)
		answer_header(a, "Strict-Transport-Security", "max-age=15552000; includeSubDomains");
}

static void
rate_headers(struct req *req)
{
	struct arena *arena = req->ctx.arena;

	answer_header(&req->answer, "RateLimit-Policy",
	        arena_printf(arena, "\"%s\";q=%lld;w=60", req->rate_name, (long long)req->rate_quota));
	answer_header(&req->answer, "RateLimit",
	        arena_printf(arena, "\"%s\";r=%lld;t=%d", req->rate_name, (long long)req->rate_left,
	                req->rate_reset_s));
}

static void
own_headers(struct req *req)
{
	answer_header(&req->answer, "X-Request-Id", req->request_id);
	common_headers(&req->answer, exchange_tls(req->x));
	if (req->err == ERR_UNAUTHENTICATED)
		answer_header(&req->answer, "WWW-Authenticate", "Bearer");
	if (req->err == ERR_REAUTHENTICATION_REQUIRED) /* RFC 9470 */
		answer_header(&req->answer, "WWW-Authenticate",
		        arena_printf(req->ctx.arena,
		                "Bearer error=\"insufficient_user_authentication\", max_age=\"%lld\"",
		                (long long)conf->reauthentication_minutes * 60));
	if (req->rate_name)
		rate_headers(req);
}

/* Before the answer leaves: the exchange is gone afterwards. */
static void
count_answer(struct req *req)
{
	uint64_t took_ns = clock_mono_ns() - exchange_arrived_ns(req->x);

	metric_add(M_HTTP_REQUESTS, req->match.number, 1);
	metric_add(M_HTTP_STATUS, (unsigned)req->answer.status, 1);
	metric_time(M_HTTP_SECONDS, req->match.number, took_ns);
	log_request(req->request_id);
	log_event(EV_REQUEST, { "method", LOG_S(req->route ? method_name(req->route->method) : "-") },
	        { "route", LOG_S(req->route ? req->route->path : "-") },
	        { "status", LOG_I(req->answer.status) }, { "us", LOG_I(took_ns / 1000) });
	log_request(NULL);
}

void
spine_send(struct req *req)
{
	assert(req->step == STEP_DONE);
	own_headers(req);
	count_answer(req);
	if (req->route != NULL && !route_reads(req->route))
		aged_wrote(req->ctx.actor);
	exchange_send(req->x, &req->answer);
	req->step = STEP_ANSWERED;
}

/* ---- later */

static bool
is_event_stream(const struct route *r)
{
	return r->produces != NULL && strcmp(r->produces, EVENT_STREAM) == 0;
}

/* What the handler said so far leaves, and what follows as it is made. */
static void
stream(struct req *req)
{
	const struct event *e = req->events;

	own_headers(req);
	exchange_begin(req->x, &req->answer);
	req->begun = true;
	while (e != NULL && exchange_part(req->x, e->bytes))
		e = e->next;
	req->later(req, true);
	count_answer(req);
	exchange_end(req->x);
	req->step = STEP_ANSWERED;
}

void
spine_later(struct req *req, bool may_wait)
{
	assert(req->step == STEP_DONE && req->err == OK && req->later != NULL);
	if (may_wait && is_event_stream(req->route)) {
		stream(req);
		return;
	}
	req->later(req, may_wait);
	buf_free(&req->answer.body);
	req->answer = (struct answer){ 0 };
	encode(req);
	if (req->err != OK)
		spine_refuse(req, req->err);
	spine_send(req);
}

const char *
spine_edge_request_id(struct exchange *x)
{
	static _Thread_local char id[REQUEST_ID + 1];

	request_id_choose(x, clock_now(), id);
	return id;
}

void
spine_edge_problem(void *arg, enum err err, const char *detail, struct exchange *x, struct answer *answer)
{
	struct problem p = { .err = err, .request_id = spine_edge_request_id(x) };

	(void)arg;
	(void)detail;
	answer->status = err_status(err);
	answer->content_type = PROBLEM_TYPE;
	buf_init(&answer->body, 4096);
	problem_write(&answer->body, &p, lang_of(exchange_header(x, "Accept-Language")));
	if (err_retry_after_s(err) > 0)
		answer_header(answer, "Retry-After", "1");
	answer_header(answer, "X-Request-Id", p.request_id);
	common_headers(answer, exchange_tls(x));
}
