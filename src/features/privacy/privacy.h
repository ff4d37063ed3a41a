/* privacy.h - consents, requests of data subjects (LGPD art. 18) and erasure by law. */
#ifndef FEATURES_PRIVACY_PRIVACY_H
#define FEATURES_PRIVACY_PRIVACY_H

#include "base/type.h"

/* Purposes that rest on consent and on nothing else; care never asks for it (art. 11 II). */
extern const char *const consent_purposes[];

struct consent_term {
	struct id id;
	struct str purpose;
	int64_t version;
	struct str title, body;
	struct instant published_at;
};
extern const struct type consent_term_type;

struct consent {
	struct id id, patient_id, term_id;
	struct str purpose;
	struct instant given_at;
	struct id given_by;
	struct str proof;
	struct instant withdrawn_at;
	struct id withdrawn_by;
};
extern const struct type consent_type;

struct subject_request {
	struct id id, patient_id;
	struct str kind, status;
	struct instant opened_at;
	struct id opened_by;
	struct date due;
	struct str details, answer;
	struct instant decided_at;
	struct id decided_by;
	int64_t version;
};
extern const struct type subject_request_type;

/* Does a living consent cover this purpose?  ERR_FORBIDDEN when not. */
enum err consent_require(struct ctx *, struct id patient, const char *purpose) MUST_CHECK;

/* The day from which a chart may be disposed of: last entry + 20 years (Lei 13.787/2018
 * art. 6; the last day of the month when the day does not exist). */
struct date retention_end(struct date last_entry);
/* The day an answer is due: 15 calendar days, day of the request excluded (LGPD art. 19 II). */
struct date request_due(struct date opened);

#endif
