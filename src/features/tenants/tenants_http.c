/* tenants_http.c - the platform administrator's doors to the institutions. */
#include "features/tenants/tenants.h"
#include "tenants_sql.h"
#include "base/brazil.h"
#include "http/route.h"

static const char *
check_slug(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", s.p[i]))
			return "format";
	return s.n >= 2 ? NULL : "too_short";
}

struct tenant_body {
	struct str slug, name, cnpj, cnes;
};
static const struct field body_fields[] = {
	FIELD(tenant_body, slug, .sens = SENS_PLAIN, .required = true, .max = 40, .check = check_slug),
	FIELD(tenant_body, name, .sens = SENS_PLAIN, .required = true, .min = 1, .max = 200),
	FIELD(tenant_body, cnpj, .sens = SENS_PLAIN, .max = 18, .check = check_cnpj),
	FIELD(tenant_body, cnes, .sens = SENS_PLAIN, .min = 7, .max = 7),
};
static const struct type tenant_body_type = TYPE(tenant_body, body_fields);

struct tenant_change {
	struct str name, cnpj, cnes;
	bool suspended;
	int64_t version;
};
static const struct field change_fields[] = {
	FIELD(tenant_change, name, .sens = SENS_PLAIN, .required = true, .min = 1, .max = 200),
	FIELD(tenant_change, cnpj, .sens = SENS_PLAIN, .max = 18, .check = check_cnpj),
	FIELD(tenant_change, cnes, .sens = SENS_PLAIN, .min = 7, .max = 7),
	FIELD(tenant_change, suspended, .sens = SENS_PLAIN),
	FIELD(tenant_change, version, .sens = SENS_PLAIN, .min = 1),
};
static const struct type tenant_change_type = TYPE(tenant_change, change_fields);

struct tenant_page {
	struct list items;
};
static const struct field page_fields[] = { FIELD(
	tenant_page, items, .sens = SENS_PLAIN, .of = &institution_type) };
static const struct type tenant_page_type = TYPE(tenant_page, page_fields);

static handler_fn get_tenants, post_tenant, put_tenant;

static const struct route tenant_routes[] = {
	{ GET, "/api/tenants", get_tenants, .perm = PERM_TENANT_ADMIN, .audit = AUDIT_TENANT_READ,
	        .rate = RATE_READ, .out = &tenant_page_type, .summary = "List institutions",
	        .tag = "Tenants" },
	{ POST, "/api/tenants", post_tenant, .perm = PERM_TENANT_ADMIN, .audit = AUDIT_TENANT_CHANGED,
	        .rate = RATE_WRITE, .status = 201, .in = &tenant_body_type, .out = &institution_type,
	        .errors = ERRORS(ERR_DUPLICATE), .summary = "Add an institution", .tag = "Tenants" },
	{ PUT, "/api/tenants/{id}", put_tenant, .perm = PERM_TENANT_ADMIN, .audit = AUDIT_TENANT_CHANGED,
	        .rate = RATE_WRITE, .in = &tenant_change_type, .out = &institution_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STALE, ERR_PRECONDITION, ERR_VERSION_CONFLICT),
	        .summary = "Rename, suspend or resume an institution", .tag = "Tenants" },
};
const struct routes tenant_route_table = { tenant_routes, COUNT(tenant_routes) };

static enum err
get_tenants(struct req *req)
{
	struct tenant_page *page = NEW(req_ctx(req), struct tenant_page);

	TRY(tenant_list(req_ctx(req), &page->items));
	return req_reply(req, page);
}

static enum err
reply(struct req *req, struct id id, const struct institution *before)
{
	struct institution *t = NEW(req_ctx(req), struct institution);

	TRY(sql_tenant_get(req_ctx(req), &(struct tenant_get_in){ .id = id }, t));
	req_subject(req, id, (struct id){ { 0 } });
	req_change(req, &institution_type, before, t);
	req_version(req, t->version);
	return req_reply(req, t);
}

static enum err
post_tenant(struct req *req)
{
	const struct tenant_body *b = req_body(req);
	char text[ID_TEXT + 1];
	struct id id;

	TRY(tenant_add(req_ctx(req),
	        &(struct tenant_new){ .slug = b->slug, .name = b->name, .cnpj = b->cnpj, .cnes = b->cnes },
	        &id));
	id_print(id, text);
	req_location(req, arena_printf(req_ctx(req)->arena, "/api/tenants/%s", text));
	return reply(req, id, NULL);
}

static enum err
put_tenant(struct req *req)
{
	const struct tenant_change *c = req_body(req);
	struct ctx *ctx = req_ctx(req);
	struct institution *before = NEW(ctx, struct institution);
	struct instant suspended = { 0 };
	int64_t version;

	TRY(req_held_version(req, c->version, &version));
	TRY(sql_tenant_get(ctx, &(struct tenant_get_in){ .id = req_id(req, "id") }, before));
	req_subject(req, before->id, (struct id){ { 0 } });
	if (before->version != version) {
		req_problem_int(req, "currentVersion", before->version);
		return fail(ctx, ERR_STALE, "held %lld", (long long)version);
	}
	if (c->suspended)
		suspended = before->suspended_at.ms ? before->suspended_at : ctx->now;
	TRY(sql_tenant_update(ctx, &(struct tenant_update_in){ .id = before->id,
	                                   .version = version,
	                                   .name = c->name,
	                                   .cnpj = c->cnpj,
	                                   .cnes = c->cnes,
	                                   .suspended_at = suspended }));
	return reply(req, before->id, before);
}
