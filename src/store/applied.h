/* applied.h - a row of schema_migration, for migrate.c and its statements. */
#ifndef STORE_APPLIED_H
#define STORE_APPLIED_H

#include "base/type.h"

struct applied_migration {
	int64_t number;
	struct str name;
	struct blob sha256;
	struct instant applied_at;
};
extern const struct type applied_migration_type;

#endif
