/* claims.h - the state of each promise about personal data, for plantao doctor --privacy. */
#ifndef CMD_CLAIMS_H
#define CMD_CLAIMS_H

#include "base/type.h"
#include "ops/checks.h"

extern const struct check claims[]; /* ends with name == NULL */
/* Counts what the rows below need, in every institution; before them.  The store's keys are
 * attached when there are some. */
void claims_prepare(const struct checked *);

/* Of one institution. */
struct claim_counts {
	int64_t patients, records, consents, termless, glass, glass_old, open, overdue, erased, undestroyed,
	        expired, incidents, late;
};
extern const struct type claim_counts_type;

struct claim_sample {
	struct id id;
	struct str name, cpf; /* opened */
};
extern const struct type claim_sample_type;

struct claim_raw {
	struct blob name; /* as it rests */
};
extern const struct type claim_raw_type;

#endif
