/* tally.h - what became of every resource of an import: created, added to a stored
 * record, skipped or rejected and why, by kind.  Counts and opaque ids, no names. */
#ifndef FEATURES_FHIR_TALLY_H
#define FEATURES_FHIR_TALLY_H

#include "base/buf.h"

enum fhir_reason {
	FHIR_REASON_UNSET = 0,
#define REASON(name, ...) FHIR_R_##name,
#include "features/fhir/reasons.def"
#undef REASON
	FHIR_REASON__MAX
};

enum fhir_warning {
	FHIR_WARNING_UNSET = 0,
#define WARNING(name, ...) FHIR_W_##name,
#include "features/fhir/warnings.def"
#undef WARNING
	FHIR_WARNING__MAX
};

enum { FHIR_KINDS_MAX = 200, FHIR_KIND_NAME = 48, FHIR_REJECTS_MAX = 50, FHIR_REJECT_ID = 80 };

struct fhir_tally_row {
	char kind[FHIR_KIND_NAME];
	int64_t created, updated;
	int64_t reasons[FHIR_REASON__MAX];
};

struct fhir_tally {
	struct fhir_tally_row rows[FHIR_KINDS_MAX]; /* the last one gathers what has no room */
	size_t count;
	int64_t warnings[FHIR_WARNING__MAX];
	int64_t records_created, records_updated;
	/* The first rejected ones, so that somebody can look. */
	struct {
		char kind[FHIR_KIND_NAME], id[FHIR_REJECT_ID];
		enum fhir_reason reason;
	} rejects[FHIR_REJECTS_MAX];
	size_t reject_count;
};

struct fhir_tally_row *fhir_tally_row(struct fhir_tally *, struct str kind);
/* id may be absent. Counts it as skipped or rejected, as the reason's row says. */
void fhir_tally_reason(struct fhir_tally *, struct str kind, struct str id, enum fhir_reason);
void fhir_tally_warn(struct fhir_tally *, enum fhir_warning);
bool fhir_reason_rejects(enum fhir_reason);
int64_t fhir_tally_skipped(const struct fhir_tally_row *);
int64_t fhir_tally_rejected(const struct fhir_tally_row *);
int64_t fhir_tally_all_rejected(const struct fhir_tally *);
/* Adds b's counts to a's: a transaction's tally after its commit. */
void fhir_tally_add(struct fhir_tally *a, const struct fhir_tally *b);

/* The final count, for a person or (json) a program. english: else pt-BR. */
void fhir_tally_print(struct buf *, const struct fhir_tally *, bool english);
void fhir_tally_json(struct buf *, const struct fhir_tally *); /* members, without the braces */

#endif
