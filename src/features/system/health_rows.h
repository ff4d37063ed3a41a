/* health_rows.h - the answer of /health. */
#ifndef FEATURES_SYSTEM_HEALTH_ROWS_H
#define FEATURES_SYSTEM_HEALTH_ROWS_H

#include "base/type.h"

struct health_check {
	struct str status; /* ok, warn, fail */
	int64_t value;
	struct str unit;
};

struct health_checks {
	struct health_check database, disk, memory, clock, keys, audit, backup;
};

struct health {
	struct str status, engine;
	bool draining;
	struct health_checks *checks;
};
extern const struct type health_type;

/* true when all is fine. */
bool health_look(struct ctx *, struct health *out);

#endif
