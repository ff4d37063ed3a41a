/* hansen.h - the hanseníase part as the program starts and stops it.  Protocols
 * are in protocol.h, calculators in calc.h of their own feature. */
#ifndef FEATURES_HANSEN_HANSEN_H
#define FEATURES_HANSEN_HANSEN_H

#include "base/type.h"

/* Checks the protocol and runs the calculators' golden cases, now and every hour: a
 * difference is logged (PROTOCOL_UNAVAILABLE, MEDICAL_CALCULATION_ERROR), shows in the
 * metrics and stops that part, never the server.  Once per process. */
enum err hansen_start(char *why) MUST_CHECK; /* why: 200 bytes; ERR_BUSY: no thread */
void hansen_stop(void);
/* One such round; false when something differs. */
bool hansen_verify(void);

/* ---- words for other features */

/* One computation as it leaves in JSON, with what it was computed from and why. */
struct calculation {
	struct str calculator, status, inputs, result; /* inputs, result: JSON */
	struct list flags, warnings, steps, sources;
	struct str protocol_version, review_state, notice;
};
extern const struct type calculation_type, text_item_type;
struct text_item {
	struct str text;
};

struct hansen_input {
	const char *column; /* of the calculator: "weight_kg" */
	struct str value;   /* absent: not given */
};
/* Computes in pt-BR; a refusal and an unreadable input are answers too (status). ERR_PROTOCOL_UNAVAILABLE,
 * ERR_CALCULATION, ERR_TOO_LARGE as calc_run. Unknown names are bugs and abort. */
enum err hansen_calculate(struct ctx *, const char *calculator, const struct hansen_input *, size_t count,
        struct calculation **out) MUST_CHECK;
/* Like that, and gives the first result alone: "ALTA_CURA"; "" when there is none. */
enum err hansen_verdict(struct ctx *, const char *calculator, const struct hansen_input *, size_t count,
        const char **out) MUST_CHECK;

/* The treatment's terms as the protocol has them. */
struct hansen_terms {
	int doses, window_months;                          /* of the class */
	int visit_days, assessment_months, abandon_months; /* the last of the class too */
};
enum err hansen_terms(struct ctx *, bool multibacillary, struct hansen_terms *out) MUST_CHECK;

#endif
