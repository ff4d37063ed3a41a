/* audit_verify.h - finds the first thing that is wrong with an audit trail, if
 * anything is: with a live store, a backup's database or an export.  Memory stays
 * constant, and nothing is written. */
#ifndef OPS_AUDIT_VERIFY_H
#define OPS_AUDIT_VERIFY_H

#include "store/trail.h"

enum audit_fault {
	FAULT_NONE = 0,
#define FAULT(name, ...) FAULT_##name,
#include "ops/audit_faults.def"
#undef FAULT
	FAULT__MAX
};
const char *audit_fault_word(enum audit_fault);               /* "changed", for programs */
const char *audit_fault_text(enum audit_fault, bool english); /* for people */

struct audit_finding {
	enum audit_fault fault;   /* FAULT_NONE: the trail is whole */
	int64_t batch, seq, line; /* 0: does not apply; line is the export's */
	struct id id;
	struct instant at;
	char detail[200]; /* English, without anything of an entry but numbers */
};

struct audit_verdict {
	struct audit_finding first;
	int64_t batches, entries, pruned; /* entries proven, and those gone in order */
	int64_t unsealed;                 /* behind the last head, not proven by anything */
	struct trail_head last;           /* number 0: none */
};

struct audit_verify_conf {
	const struct trail_keys *keys;
	struct instant since;   /* absent: from the beginning; a store's alone */
	const char *heads_file; /* NULL: no list of heads to compare with */
	/* An entry this old must be sealed: by the clock in a live store, and by its newest
	 * entry in one that stands still. */
	int64_t grace_ms;
	bool live;
};

/* Errors are about reading (why, WHY_SIZE bytes), never about what was found. */
enum err audit_verify_store(
        struct store *, const struct audit_verify_conf *, struct audit_verdict *, char *why) MUST_CHECK;
enum err audit_verify_export(
        const char *path, const struct audit_verify_conf *, struct audit_verdict *, char *why) MUST_CHECK;

#endif
