/* bulletin.h - the monthly follow-up bulletin: every case under follow-up in a month
 * as it stood at the month's end. */
#ifndef FEATURES_HANSEN_CASES_BULLETIN_H
#define FEATURES_HANSEN_CASES_BULLETIN_H

#include "base/type.h"

struct bulletin_item {
	struct id case_id, patient_id;
	struct str patient_name, sinan_number;
	struct date diagnosed_on, last_seen_on;
	/* as the SINAN form numbers them */
	struct opt_int class_now, regimen_now, grade_now, doses, reaction, contacts, contacts_examined,
	        discharge;
	struct date discharged_on;
};
struct bulletin {
	struct date from, to;
	struct str unit, notice, made_by;
	struct list items; /* struct bulletin_item */
	bool complete;
};
extern const struct type bulletin_type;

enum { BULLETIN_MAX = 1000 };

/* month: "2026-11", or absent for the present one. */
enum err bulletin_make(struct ctx *, struct str month, struct str unit, struct bulletin *out) MUST_CHECK;
enum err bulletin_csv(struct ctx *, const struct bulletin *, struct str *out) MUST_CHECK;
/* NULL, or the code of invalid.def. */
const char *check_month(struct str);

#endif
