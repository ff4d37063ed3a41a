/* breakglass.h - opening a chart outside care: a written reason, a limited time, an
 * alert, an audit entry, and a review by the data-protection officer. */
#ifndef FEATURES_BREAKGLASS_BREAKGLASS_H
#define FEATURES_BREAKGLASS_BREAKGLASS_H

#include "base/type.h"

struct break_glass {
	struct id id, patient_id, user_id;
	struct str reason;
	struct instant at, until, reviewed_at;
	struct id reviewed_by;
	struct str verdict, note;
	struct str user_name, patient_name; /* found out after reading */
};
extern const struct type break_glass_type;

struct break_glass_count {
	int64_t n;
};
extern const struct type break_glass_count_type;

struct located {
	struct id id;
};
extern const struct type located_type;

#endif
