/* patients_rows.h - small rows of patients.sql, for this folder alone. */
#ifndef FEATURES_PATIENTS_PATIENTS_ROWS_H
#define FEATURES_PATIENTS_PATIENTS_ROWS_H

#include "features/patients/patients.h"

/* Domains of the search tokens: of the whole name, and of the part that a mask shows. */
#define PATIENT_NAME "patient.name"
#define PATIENT_SHOWN "patient.shown"

struct patient_id_row {
	struct id id;
};
extern const struct type patient_id_row_type;

extern const struct type patient_name_row_type; /* over struct name_row */

struct patient_count {
	int64_t n;
};
extern const struct type patient_count_type;

struct care_row {
	struct id user_id, patient_id;
	struct str kind;
	struct instant since, until;
	struct id granted_by;
	struct str user_name; /* found out after reading */
};
extern const struct type care_row_type, care_shown_type;

enum err patient_correct(struct ctx *, struct id, const struct patient_body *, int64_t version,
        struct patient **before, struct patient **after) MUST_CHECK;
enum err patient_set_removed(
        struct ctx *, struct id, bool removed, struct patient **before, struct patient **after) MUST_CHECK;

#endif
