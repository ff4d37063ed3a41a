/* audit_rows.h - entries of the trail as they are shown. */
#ifndef FEATURES_AUDIT_AUDIT_ROWS_H
#define FEATURES_AUDIT_AUDIT_ROWS_H

#include "base/type.h"

struct audit_row {
	int64_t seq;
	struct id id;
	struct instant at;
	struct str event;
	struct id actor_id;
	struct str role;
	struct id subject_id, patient_id;
	int64_t status;
	struct str route, request_id, address;
	bool has_reason, has_before, has_after;
	struct str extra;
	struct str actor_name; /* found out after reading: entries themselves hold no name */
};
extern const struct type audit_row_type;

struct access_row {
	int64_t seq;
	struct id id;
	struct instant at;
	struct str event;
	struct id actor_id;
	struct str role;
	struct id subject_id;
	int64_t status;
	struct str actor_name, event_text; /* found out after reading */
};
extern const struct type access_row_type;

#endif
