/* tenants.c - institutions: each with a key of its own under the master key. */
#include "features/tenants/tenants.h"
#include "features/users/users.h"
#include "tenants_sql.h"
#include "store/seal.h"
#include "sys/crypto.h"

static const struct field institution_fields[] = {
	FIELD(institution, id, .sens = SENS_PLAIN),
	FIELD(institution, slug, .sens = SENS_PLAIN),
	FIELD(institution, name, .sens = SENS_PLAIN),
	FIELD(institution, demo, .sens = SENS_PLAIN),
	FIELD(institution, cnpj, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(institution, cnes, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(institution, version, .sens = SENS_PLAIN),
	FIELD(institution, created_at, .sens = SENS_PLAIN),
	FIELD(institution, updated_at, .sens = SENS_PLAIN),
	FIELD(institution, suspended_at, .sens = SENS_PLAIN, .nullable_only = true),
};
const struct type institution_type = TYPE(institution, institution_fields);

enum err
tenant_add(struct ctx *ctx, const struct tenant_new *new, struct id *out)
{
	struct id id = id_is_set(new->id) ? new->id : id_new(ctx->now);
	struct ctx of_new = *ctx;
	struct blob wrapped;

	of_new.tenant = id;
	TRY(seal_tenant_new(&of_new, &wrapped));
	TRY(sql_tenant_insert(ctx, &(struct tenant_insert_in){ .id = id,
	                                   .slug = new->slug,
	                                   .name = new->name,
	                                   .demo = new->demo,
	                                   .cnpj = new->cnpj,
	                                   .cnes = new->cnes,
	                                   .wrapped_key = wrapped }));
	*out = id;
	return OK;
}

enum err
tenant_by_slug(struct ctx *ctx, struct str slug, struct institution **out)
{
	struct institution *t = NEW(ctx, struct institution);

	TRY(sql_tenant_by_slug(ctx, &(struct tenant_by_slug_in){ .slug = slug }, t));
	*out = t;
	return OK;
}

enum err
tenant_list(struct ctx *ctx, struct list *out)
{
	return sql_tenant_list(ctx, &(struct tenant_list_in){ .platform = TENANT_PLATFORM }, out);
}

enum err
tenant_platform(struct ctx *ctx)
{
	struct institution t;
	struct id id;
	enum err err = sql_tenant_get(ctx, &(struct tenant_get_in){ .id = TENANT_PLATFORM }, &t);

	if (err != ERR_NOT_FOUND)
		return err;
	return tenant_add(ctx,
	        &(struct tenant_new){
	                .id = TENANT_PLATFORM, .slug = STR("platform"), .name = STR("Plantão") },
	        &id);
}
