/* system_http.c - the doors of operations: health, readiness, figures, documents.
 * They touch no person's data, so they are public and leave no audit entry. */
#include "features/system/health.h"
#include "features/system/health_rows.h"
#include "features/system/uptime.h"
#include "http/openapi.h"
#include "http/route.h"
#include "sys/metrics.h"

static const struct field check_fields[] = {
	FIELD(health_check, status, .sens = SENS_PLAIN),
	FIELD(health_check, value, .sens = SENS_PLAIN),
	FIELD(health_check, unit, .sens = SENS_PLAIN),
};
static const struct type check_type = TYPE(health_check, check_fields);

/* The checks rest inside the struct; the answer wants pointers. */
struct checks_shown {
	struct health_check *database, *disk, *memory, *clock, *keys, *audit, *backup, *replication, *reports,
	        *confinement;
};
static const struct field checks_fields[] = {
	FIELD_OBJECT(checks_shown, database, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, disk, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, memory, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, clock, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, keys, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, audit, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, backup, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, replication, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, reports, &check_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(checks_shown, confinement, &check_type, .sens = SENS_PLAIN),
};
static const struct type checks_type = { .name = "health_checks",
	.size = sizeof(struct checks_shown),
	.fields = checks_fields,
	.count = COUNT(checks_fields) };

struct health_shown {
	struct str status, engine, role;
	int64_t timeline;
	bool draining;
	struct checks_shown *checks;
};
static const struct field health_fields[] = {
	FIELD(health_shown, status, .sens = SENS_PLAIN, .summary = "ok, or fail with 503"),
	FIELD(health_shown, engine, .sens = SENS_PLAIN),
	FIELD(health_shown, role, .sens = SENS_PLAIN,
	        .summary = "Of the database: primary, embedded, or unknown while none takes writes"),
	FIELD(health_shown, timeline, .sens = SENS_PLAIN,
	        .summary = "Grows with each fail-over; 0: embedded"),
	FIELD(health_shown, draining, .sens = SENS_PLAIN),
	FIELD_OBJECT(health_shown, checks, &checks_type, .sens = SENS_PLAIN),
};
static const struct type health_shown_type = { .name = "health",
	.size = sizeof(struct health_shown),
	.fields = health_fields,
	.count = COUNT(health_fields) };

struct alive {
	struct str status;
};
static const struct field alive_fields[] = { FIELD(alive, status, .sens = SENS_PLAIN) };
static const struct type alive_type = TYPE(alive, alive_fields);

static handler_fn get_health, get_history, get_ready, get_live, get_metrics, get_openapi, get_docs;

#define OPEN                                                                                                 \
	.perm = PERM_PUBLIC, .audit = AUDIT_NONE, .rate = RATE_NONE, .lane = LANE_OPEN, .tag = "Operations"
static const struct route system_routes[] = {
	{ GET, "/health", get_health, OPEN, .shed = SHED_VITAL, .out = &health_shown_type,
	        .summary = "Every check with its figure; 503 when one fails" },
	{ GET, "/api/service/history", get_history, OPEN, .shed = SHED_VITAL, .out = &service_history_type,
	        .summary = "Readiness and answer times: a day by quarter hours, a week by hours" },
	{ GET, "/ready", get_ready, OPEN, .shed = SHED_VITAL, .out = &alive_type,
	        .summary = "Fit to take requests? 503 when not" },
	{ GET, "/live", get_live, OPEN, .shed = SHED_VITAL, .out = &alive_type,
	        .summary = "The process answers" },
	{ GET, "/metrics", get_metrics, OPEN, .shed = SHED_VITAL,
	        .produces = "text/plain; version=0.0.4; charset=utf-8", .summary = "Figures for Prometheus" },
	{ GET, "/api/openapi.json", get_openapi, OPEN, .shed = SHED_BULK, .produces = "application/json",
	        .summary = "This document" },
	{ GET, "/api/docs", get_docs, OPEN, .shed = SHED_BULK, .produces = "text/html; charset=utf-8",
	        .summary = "The API for people" },
};
const struct routes system_route_table = { system_routes, COUNT(system_routes) };

static enum err
get_health(struct req *req)
{
	struct health *seen = NEW(req_ctx(req), struct health);
	struct health_shown *out = NEW(req_ctx(req), struct health_shown);
	struct checks_shown *c = NEW(req_ctx(req), struct checks_shown);

	if (!health_look(req_ctx(req), seen))
		req_status(req, 503);
	*c = (struct checks_shown){ &seen->checks->database, &seen->checks->disk, &seen->checks->memory,
		&seen->checks->clock, &seen->checks->keys, &seen->checks->audit, &seen->checks->backup,
		&seen->checks->replication, &seen->checks->reports, &seen->checks->confinement };
	*out = (struct health_shown){ seen->status, seen->engine, seen->role, seen->timeline, seen->draining,
		c };
	return req_reply(req, out);
}

/* From memory, as it was a minute ago at most: a status page must not need the store. */
static enum err
get_history(struct req *req)
{
	struct service_history *out = NEW(req_ctx(req), struct service_history);

	TRY(uptime_look(req_ctx(req), out));
	return req_reply(req, out);
}

static enum err
alive(struct req *req, bool fine)
{
	struct alive *out = NEW(req_ctx(req), struct alive);

	out->status = fine ? STR("ok") : STR("fail");
	if (!fine)
		req_status(req, 503);
	return req_reply(req, out);
}

static enum err
get_ready(struct req *req)
{
	return alive(req, health_ready());
}
static enum err
get_live(struct req *req)
{
	return alive(req, true);
}

/* Bytes made by a writer, moved into the request's memory. */
static enum err
written(struct req *req, void (*write)(struct buf *))
{
	struct buf buf;
	struct str copy;

	buf_init(&buf, 8 << 20);
	write(&buf);
	copy = arena_str(req_ctx(req)->arena, buf_view(&buf));
	buf_free(&buf);
	return str_is_set(copy) ? req_bytes(req, copy, NULL) : fail(req_ctx(req), ERR_TOO_LARGE, "document");
}

static enum err
get_metrics(struct req *req)
{
	return written(req, metrics_print);
}
static enum err
get_openapi(struct req *req)
{
	return written(req, openapi_write);
}
static enum err
get_docs(struct req *req)
{
	return written(req, openapi_write_html);
}
