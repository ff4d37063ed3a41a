/* prove.h - is a restored database what the source is?  Its audit trail verifies, charts of
 * a sample open with the keys, and what can only grow is the same in both up to a time. */
#ifndef OPS_PROVE_H
#define OPS_PROVE_H

#include "store/db.h"
#include "sys/keyring.h"

enum { PROVE_SAMPLE = 20 }; /* charts of each institution */

/* What was seen; shown to people and signed, so without anything of a person. */
struct proof {
	struct instant at;      /* of the proof's end */
	struct str backup;      /* the base's name, or pgBackRest's label */
	struct instant reached; /* the restored database is of this time */
	bool proven;
	struct str why; /* absent when proven */
	int64_t rto_ms, rpo_ms;
	int64_t version, institutions, patients, records, record_versions, audit_entries;
	int64_t charts_compared, charts_opened;
	bool source; /* there was one to compare with */
	bool keys;   /* the master key was there: audit verified, charts opened */
};
extern const struct type proof_type;
/* It opened, and was compared with its source by somebody who holds the keys. One that only opened is weaker:
 * what lies there may be anything that opens, so it ends no alarm and nothing is pruned behind it. */
static inline bool
proof_is_full(const struct proof *p)
{
	return p->proven && p->source && p->keys;
}

/* Stores of one thread; keyring NULL: neither audit nor charts; source NULL: nothing is
 * compared. proof->version and ->reached are set by the caller. ERR_STATE: it is not what it
 * should be; why (200 bytes) says what first. */
enum err prove_store(
        struct store *restored, struct store *source, struct keyring *, struct proof *, char *why) MUST_CHECK;
/* When the newest entry of the audit trail was made; 0: there is none. */
enum err prove_newest(struct store *, int64_t *ms, char *why) MUST_CHECK;

#endif
