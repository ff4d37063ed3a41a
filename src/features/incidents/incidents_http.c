/* incidents_http.c - the data-protection officer's register of incidents, with the
 * draft of what the ANPD wants to know. */
#include "features/incidents/incidents_rows.h"
#include "incidents_sql.h"
#include "http/page.h"
#include "http/route.h"

static const char *const kinds[] = { "UNAUTHORISED_ACCESS", "LEAK", "LOSS", "ALTERATION", "UNAVAILABILITY",
	"OTHER", NULL };
static const char *const statuses[] = { "OPEN", "ASSESSED", "COMMUNICATED", "CLOSED", NULL };

struct incident_body {
	struct str kind, title, description;
	struct instant occurred_at;
	bool small_agent;
};
static const struct field body_fields[] = {
	FIELD(incident_body, kind, .sens = SENS_PLAIN, .required = true, .one_of = kinds),
	FIELD(incident_body, title, .sens = SENS_PLAIN, .required = true, .min = 5, .max = 200),
	FIELD(incident_body, description, .sens = SENS_PLAIN, .max = 10000),
	FIELD(incident_body, occurred_at, .sens = SENS_PLAIN),
	FIELD(incident_body, small_agent, .sens = SENS_PLAIN,
	        .summary = "Small agent (Res. CD/ANPD 2/2022): terms doubled"),
};
static const struct type incident_body_type = TYPE(incident_body, body_fields);

struct incident_change {
	struct str status, description, risk, measures, not_communicated;
	bool relevant;
	int64_t version;
};
static const struct field change_fields[] = {
	FIELD(incident_change, status, .sens = SENS_PLAIN, .required = true, .one_of = statuses),
	FIELD(incident_change, description, .sens = SENS_PLAIN, .max = 10000),
	FIELD(incident_change, risk, .sens = SENS_PLAIN, .max = 10000,
	        .summary = "Assessment: who may be harmed, and how"),
	FIELD(incident_change, measures, .sens = SENS_PLAIN, .max = 10000,
	        .summary = "Measures before and after"),
	FIELD(incident_change, not_communicated, .sens = SENS_PLAIN, .max = 5000,
	        .summary = "Reasons, when it is closed without communicating"),
	FIELD(incident_change, relevant, .sens = SENS_PLAIN, .summary = "Relevant risk or harm (art. 48)"),
	FIELD(incident_change, version, .sens = SENS_PLAIN, .min = 1),
};
static const struct type incident_change_type = TYPE(incident_change, change_fields);

struct incident_query {
	bool open;
	struct opt_int limit;
	struct str cursor;
};
static const struct field query_fields[] = {
	FIELD(incident_query, open, .sens = SENS_PLAIN),
	FIELD(incident_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(incident_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type incident_query_type = TYPE(incident_query, query_fields);

struct incident_page {
	struct list items;
	struct str next_cursor;
};
static const struct field page_fields[] = {
	FIELD(incident_page, items, .sens = SENS_PLAIN, .of = &incident_type),
	FIELD(incident_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type incident_page_type = TYPE(incident_page, page_fields);

struct affected_query {
	struct instant from, to;
};
static const struct field affected_query_fields[] = {
	FIELD(affected_query, from, .sens = SENS_PLAIN, .required = true),
	FIELD(affected_query, to, .sens = SENS_PLAIN, .required = true),
};
static const struct type affected_query_type = TYPE(affected_query, affected_query_fields);

struct affected_page {
	struct list items;
};
static const struct field affected_page_fields[] = { FIELD(
	affected_page, items, .sens = SENS_PLAIN, .of = &affected_type) };
static const struct type affected_page_type = TYPE(affected_page, affected_page_fields);

static handler_fn post_incident, get_incidents, get_incident, put_incident, get_affected, get_draft;

#define TAG "Incidents"
static const struct route incident_routes[] = {
	{ POST, "/api/incidents", post_incident, .perm = PERM_INCIDENT, .audit = AUDIT_INCIDENT_OPENED,
	        .rate = RATE_WRITE, .status = 201, .in = &incident_body_type, .out = &incident_type,
	        .summary = "Open an incident; its clocks start", .tag = TAG },
	{ GET, "/api/incidents", get_incidents, .perm = PERM_INCIDENT, .audit = AUDIT_INCIDENT_READ,
	        .rate = RATE_READ, .query = &incident_query_type, .out = &incident_page_type,
	        .errors = ERRORS(ERR_CURSOR), .summary = "The register, newest first", .tag = TAG },
	{ GET, "/api/incidents/{id}", get_incident, .perm = PERM_INCIDENT, .audit = AUDIT_INCIDENT_READ,
	        .rate = RATE_READ, .out = &incident_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "One incident", .tag = TAG },
	{ PUT, "/api/incidents/{id}", put_incident, .perm = PERM_INCIDENT, .audit = AUDIT_INCIDENT_CHANGED,
	        .rate = RATE_WRITE, .in = &incident_change_type, .out = &incident_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STALE, ERR_STATE, ERR_PRECONDITION, ERR_VERSION_CONFLICT),
	        .summary = "Assess, communicate, complement, close", .tag = TAG },
	{ GET, "/api/incidents/{id}/affected", get_affected, .perm = PERM_INCIDENT,
	        .audit = AUDIT_INCIDENT_READ, .rate = RATE_READ, .query = &affected_query_type,
	        .out = &affected_page_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Whose charts were opened, from the audit trail", .tag = TAG },
	{ GET, "/api/incidents/{id}/draft", get_draft, .perm = PERM_INCIDENT, .audit = AUDIT_INCIDENT_READ,
	        .rate = RATE_READ, .produces = "text/plain; charset=utf-8", .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Draft of the communication to the ANPD (Res. 15/2024 art. 6)", .tag = TAG },
};
const struct routes incident_route_table = { incident_routes, COUNT(incident_routes) };

static enum err
find(struct req *req, struct id id, struct incident **out)
{
	struct incident *i = NEW(req_ctx(req), struct incident);

	TRY(sql_incident_get(req_ctx(req), &(struct incident_get_in){ .id = id }, i));
	req_subject(req, id, (struct id){ { 0 } });
	req_version(req, i->version);
	*out = i;
	return OK;
}

static enum err
post_incident(struct req *req)
{
	const struct incident_body *b = req_body(req);
	struct incident *out;
	struct id id;

	TRY(incident_open(req_ctx(req),
	        &(struct incident_new){ .kind = b->kind,
	                .title = b->title,
	                .description = b->description,
	                .opened_by = STR("PERSON"),
	                .occurred_at = b->occurred_at,
	                .small_agent = b->small_agent },
	        &id));
	TRY(find(req, id, &out));
	return req_reply(req, out);
}

static enum err
get_incidents(struct req *req)
{
	const struct incident_query *q = req_query(req);
	struct incident_page *page = NEW(req_ctx(req), struct incident_page);
	int64_t limit = page_limit(q->limit);
	struct id before;

	TRY(page_open(req, q->cursor, &before));
	TRY(sql_incident_list(req_ctx(req),
	        &(struct incident_list_in){ .before = before, .open = q->open, .row_limit = limit + 1 },
	        &page->items));
	TRY(page_close(req, &page->items, sizeof(struct incident), offsetof(struct incident, id), limit,
	        &page->next_cursor));
	return req_reply(req, page);
}

static enum err
get_incident(struct req *req)
{
	struct incident *out;

	TRY(find(req, req_id(req, "id"), &out));
	return req_reply(req, out);
}

/* Closing without communicating needs its reasons written down (Res. 15/2024 art. 10). */
static enum err
check_change(struct ctx *ctx, const struct incident *before, const struct incident_change *c)
{
	bool closes = str_is(c->status, "CLOSED"), told = before->communicated_at.ms != 0;

	if (before->closed_at.ms != 0)
		return fail(ctx, ERR_STATE, "closed already");
	if (closes && !told && !str_is_set(c->not_communicated))
		return invalid(ctx, "notCommunicated", "required");
	if (closes && !str_is_set(c->risk))
		return invalid(ctx, "risk", "required");
	return OK;
}

static enum err
put_incident(struct req *req)
{
	const struct incident_change *c = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct incident *before, *after;
	struct incident_change_in in;
	int64_t version;

	TRY(req_held_version(req, c->version, &version));
	TRY(find(req, req_id(req, "id"), &before));
	if (before->version != version) {
		req_problem_int(req, "currentVersion", before->version);
		return fail(ctx, ERR_STALE, "held %lld", (long long)version);
	}
	TRY(check_change(ctx, before, c));
	in = (struct incident_change_in){ .id = before->id,
		.version = version,
		.status = c->status,
		.description = c->description,
		.risk = c->risk,
		.measures = c->measures,
		.not_communicated = c->not_communicated,
		.relevant = c->relevant,
		.communicated_at = before->communicated_at,
		.complemented_at = before->complemented_at };
	if (str_is(c->status, "COMMUNICATED") && in.communicated_at.ms == 0)
		in.communicated_at = ctx->now;
	else if (str_is(c->status, "COMMUNICATED"))
		in.complemented_at = ctx->now;
	if (str_is(c->status, "CLOSED"))
		in.closed_at = ctx->now;
	TRY(sql_incident_change(ctx, &in));
	TRY(find(req, before->id, &after));
	req_change(req, &incident_type, before, after);
	return req_reply(req, after);
}

static enum err
get_affected(struct req *req)
{
	const struct affected_query *q = req_query(req);
	struct affected_page *page = NEW(req_ctx(req), struct affected_page);
	struct incident *i;

	TRY(find(req, req_id(req, "id"), &i));
	req_version(req, 0);
	TRY(sql_incident_affected(req_ctx(req),
	        &(struct incident_affected_in){ .actor_id = i->actor_id, .from_at = q->from, .to_at = q->to },
	        &page->items));
	return req_reply(req, page);
}

static const char *
or_missing(struct ctx *ctx, struct str s)
{
	return str_is_set(s) ? arena_printf(ctx->arena, "%.*s", STR_FMT(s)) : "[a preencher]";
}

static enum err
get_draft(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	char due[DATE_TEXT + 1], complement[DATE_TEXT + 1], known[INSTANT_TEXT + 1],
	        occurred[INSTANT_TEXT + 1] = "desconhecida";
	struct incident *i;

	TRY(find(req, req_id(req, "id"), &i));
	req_version(req, 0);
	date_print(i->due, due);
	date_print(i->complement_due, complement);
	instant_print(i->known_at, known);
	if (i->occurred_at.ms != 0)
		instant_print(i->occurred_at, occurred);
	return req_bytes(req,
	        str_of(arena_printf(ctx->arena,
	                "RASCUNHO - Comunicação de incidente de segurança à ANPD (LGPD art. 48; Res. CD/ANPD "
	                "15/2024, art. 6)\n\n"
	                "1. Incidente: %.*s (%.*s)\n2. Data da ocorrência: %s\n3. Data do conhecimento: %s\n"
	                "4. Prazo da comunicação: %s; da complementação: %s%s\n5. Descrição e causa: %s\n"
	                "6. Natureza e categoria dos dados; titulares (total; crianças, adolescentes, "
	                "idosos): [a preencher a partir de /affected]\n"
	                "7. Riscos e impactos: %s\n8. Medidas de segurança antes e depois; mitigação: %s\n"
	                "9. Motivos da demora, se houve: [a preencher]\n10. Controlador, operador e "
	                "encarregado: [a preencher]\n",
	                STR_FMT(i->title), STR_FMT(i->kind), occurred, known, due, complement,
	                i->small_agent ? " (agente de pequeno porte: em dobro)" : "",
	                or_missing(ctx, i->description), or_missing(ctx, i->risk),
	                or_missing(ctx, i->measures))),
	        "comunicacao-anpd.txt");
}
