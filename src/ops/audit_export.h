/* audit_export.h - the sealed trail as a file that stands for itself: with the public
 * key (`plantao audit key`) anybody verifies it, without the store. */
#ifndef OPS_AUDIT_EXPORT_H
#define OPS_AUDIT_EXPORT_H

#include "ops/audit_lines.h"

struct audit_export_conf {
	const char *path;            /* must not exist; mode 0600 */
	struct instant since, until; /* whole batches by the time of sealing; absent: all */
};

/* why (WHY_SIZE). On an error no file is left. */
enum err audit_export(
        struct store *, const struct audit_export_conf *, struct audit_end *out, char *why) MUST_CHECK;

#endif
