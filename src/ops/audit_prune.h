/* audit_prune.h - the end of the trail's keeping: after TRAIL_KEEP_YEARS the entries of
 * whole batches go, oldest first; their heads stay, each with a second signature that
 * says when, so the chain verifies as before and nobody else can make entries vanish.
 * A batch that does not verify is not touched: it is evidence. */
#ifndef OPS_AUDIT_PRUNE_H
#define OPS_AUDIT_PRUNE_H

#include "store/trail.h"

struct audit_prune {
	struct date before;       /* batches sealed earlier, and all their entries written earlier */
	int64_t next;             /* where to go on; 1 at first */
	int64_t batches, entries; /* removed so far */
	bool done;
};

/* The last day that may be pruned. */
struct date audit_prune_limit(struct instant now);
/* A few batches, in the caller's write transaction on db, which also writes the audit
 * entry of it.  ERR_STATE: a batch does not verify (ctx->why says which). */
enum err audit_prune_some(struct ctx *, struct db *, struct keyring *, struct audit_prune *) MUST_CHECK;

#endif
