/* tenants.h - the institutions that share one installation. */
#ifndef FEATURES_TENANTS_TENANTS_H
#define FEATURES_TENANTS_TENANTS_H

#include "base/type.h"

struct institution {
	struct id id;
	struct str slug, name;
	int64_t demo;
	struct str cnpj, cnes;
	int64_t version;
	struct instant created_at, updated_at, suspended_at;
};
extern const struct type institution_type;

struct tenant_new {
	struct id id; /* absent: a new one */
	struct str slug, name, cnpj, cnes;
	bool demo;
};

/* Makes the tenant with its key; also TENANT_PLATFORM by its id. ERR_DUPLICATE: the slug is taken. */
enum err tenant_add(struct ctx *, const struct tenant_new *, struct id *out) MUST_CHECK;
enum err tenant_by_slug(struct ctx *, struct str slug, struct institution **out) MUST_CHECK;
/* All but the platform's own. */
enum err tenant_list(struct ctx *, struct list *out) MUST_CHECK;
/* Makes TENANT_PLATFORM unless it is there. */
enum err tenant_platform(struct ctx *) MUST_CHECK;

#endif
