/* extracts.h - anonymised and pseudonymised extracts for research and statistics (LGPD arts.
 * 12 and 13): one line a patient, generalised and suppressed until nobody stands alone.
 *
 * Quasi-identifiers: age band, sex, year of the newest record.  Sensitive: its diagnosis, a
 * text that is given only when at least k patients released share it.  Every class of equal
 * quasi-identifiers holds at least k patients and l different diagnoses; what does not fit
 * is left out, and the report says how much was lost. */
#ifndef FEATURES_EXTRACTS_EXTRACTS_H
#define FEATURES_EXTRACTS_EXTRACTS_H

#include "base/type.h"

enum { EXTRACT_K_MIN = 5, EXTRACT_L_MIN = 1, EXTRACT_L_DEFAULT = 2, EXTRACT_PATIENTS_MAX = 50000 };

struct extract_body {
	struct str project; /* keys the pseudonyms: another project's cannot be joined to it */
	struct opt_int k, l;
	bool pseudonyms;
};
extern const struct type extract_body_type;

struct extract_row {
	struct str pseudonym; /* absent in an anonymised extract */
	struct str age, sex, year, diagnosis;
};
extern const struct type extract_row_type;

struct extract_report {
	struct str project, made_by; /* program and version */
	bool pseudonyms;
	int64_t k, l;                 /* asked for */
	int64_t k_reached, l_reached; /* the smallest class, and the least diverse one */
	int64_t considered, released, suppressed, without_record, classes;
	int64_t diagnoses, rare_diagnoses;           /* different texts, and those replaced by "outro" */
	struct str age_level, sex_level, year_level; /* how far each was generalised */
	struct list rows;
};
extern const struct type extract_report_type;

/* Of ctx's institution; leaves out who is restricted, put aside or erased.  ERR_STATE: nothing
 * can be released at this k and l; ERR_TOO_LARGE: more than EXTRACT_PATIENTS_MAX patients. */
enum err extract_make(struct ctx *, const struct extract_body *, struct extract_report **out) MUST_CHECK;

#endif
