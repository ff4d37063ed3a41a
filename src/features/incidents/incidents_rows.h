/* incidents_rows.h - small rows of incidents.sql, for this folder alone. */
#ifndef FEATURES_INCIDENTS_INCIDENTS_ROWS_H
#define FEATURES_INCIDENTS_INCIDENTS_ROWS_H

#include "features/incidents/incidents.h"

/* What a watch rule found: one actor of one tenant beyond a threshold. */
struct watch_hit {
	struct id tenant_id, actor_id;
	int64_t n;
};
extern const struct type watch_hit_type;

/* A patient whose chart an actor opened within an incident's time. */
struct affected {
	struct id patient_id;
	struct instant first_at, last_at;
	int64_t entries;
};
extern const struct type affected_type;

#endif
