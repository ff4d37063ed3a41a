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
	struct health_check database, disk, memory, clock, keys, audit, backup, replication, reports,
	        confinement;
};

/* What the database says of itself; without the role pg_monitor it does not show its standbys. */
struct replication {
	struct str role; /* primary, standby, embedded */
	int64_t timeline, standbys, synchronous, lag_bytes;
	bool wanted; /* it is told to wait for a standby */
};
extern const struct type replication_type;

struct health {
	struct str status, engine, role;
	int64_t timeline;
	bool draining;
	struct health_checks *checks;
};
extern const struct type health_type;

struct archiver {
	int64_t archives, failing, archived_ms; /* the first two are 0 or 1 */
};
extern const struct type archiver_type;

/* true when all is fine. */
bool health_look(struct ctx *, struct health *out);

#endif
