/* find.h - one entry of the trail by its id.  There is no index on ids: their time leads
 * to the batch, and a batch is short. */
#ifndef FEATURES_AUDIT_FIND_H
#define FEATURES_AUDIT_FIND_H

#include "store/trail.h"

/* Of ctx->tenant; in the arena. ERR_NOT_FOUND. */
enum err audit_find(struct ctx *, struct id, const struct trail_entry **out) MUST_CHECK;

#endif
