/* audit_judge.h - what the two halves of audit_verify.h share: audit_verify.c judges
 * heads and the run, audit_entries.c what stands under one head. */
#ifndef OPS_AUDIT_JUDGE_H
#define OPS_AUDIT_JUDGE_H

#include "ops/audit_heads.h"
#include "ops/audit_source.h"
#include "ops/audit_verify.h"

struct judge {
	const struct audit_verify_conf *conf;
	struct audit_source *source;
	struct audit_verdict *out;
	struct buf scratch;
	bool thorough; /* every signature */
	struct trail_head last;
	size_t key_at; /* which of the keys signed it */
	/* the list of heads */
	struct audit_heads list;
	struct ctx list_ctx;
	struct trail_head listed; /* the list's next; number 0: no more */
};

/* Notes the one finding of a run. */
void judge_found(struct judge *, enum audit_fault, int64_t batch, const char *fmt, ...) PRINTF(4, 5);
bool judge_is_found(const struct judge *);
/* The finding is about this entry. */
void judge_name(struct judge *, const struct trail_entry *);
/* An error of the source: ERR_MALFORMED becomes a finding, anything else ends the run. */
enum err judge_unreadable(struct judge *, enum err, int64_t batch) MUST_CHECK;

/* The next entry with its record; NULL also after a finding. */
enum err judge_peek(struct judge *, const struct source_batch *, const struct trail_entry **,
        struct trail_record *) MUST_CHECK;
/* The entries under a head whose own signature is beyond doubt. */
enum err judge_entries(struct judge *, const struct source_batch *) MUST_CHECK;

#endif
