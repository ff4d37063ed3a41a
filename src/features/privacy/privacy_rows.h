/* privacy_rows.h - small rows and rules for this folder alone. */
#ifndef FEATURES_PRIVACY_PRIVACY_ROWS_H
#define FEATURES_PRIVACY_PRIVACY_ROWS_H

#include "features/privacy/privacy.h"

struct privacy_count {
	int64_t n;
};
extern const struct type privacy_count_type;

struct chart_extent {
	struct instant last_entry;
	int64_t records;
};
extern const struct type chart_extent_type;

struct erasure_certificate {
	struct id id, patient_id, request_id;
	struct instant last_entry;
	struct str approval;
	struct instant at;
	struct id by_user;
	int64_t records;
};
extern const struct type erasure_certificate_type;

struct decide_body {
	struct str decision; /* GRANT, RESTRICT, REFUSE */
	struct str answer;
	struct str approval; /* of the review commission, for an erasure after the term */
	int64_t version;
};
extern const struct type decide_body_type;

/* Applies a decision by law and closes the request; before is open. */
enum err request_decide(
        struct ctx *, const struct subject_request *before, const struct decide_body *) MUST_CHECK;

#endif
