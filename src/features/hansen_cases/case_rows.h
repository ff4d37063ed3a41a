/* case_rows.h - small rows of cases.sql, for this folder alone. */
#ifndef FEATURES_HANSEN_CASES_CASE_ROWS_H
#define FEATURES_HANSEN_CASES_CASE_ROWS_H

#include "base/type.h"

struct dose_day {
	struct date on_day;
};
extern const struct type dose_day_type;

struct board_row {
	struct id id, patient_id;
	struct str state, unit, operational_class, clinical_form, entry_mode;
	struct date diagnosed_on, notified_on;
	int64_t planned_doses, window_months, doses;
	struct date started_on, last_dose_on, last_seen_on, last_assessed_on;
	int64_t contacts_waiting, reactions_open;
};
extern const struct type board_row_type;

/* One case of a month's bulletin. */
struct bulletin_row {
	struct id id, patient_id;
	struct date diagnosed_on;
	struct str operational_class, regimen, reaction, discharge;
	struct opt_int gif_discharge;
	struct date discharged_on, last_seen_on;
	int64_t doses, contacts, contacts_examined;
	struct str content;
};
extern const struct type bulletin_row_type;

/* How many cases of a period, unit and municipality there are of each kind. */
struct indicator_counts {
	int64_t new_cases, new_0_14, new_gif2, new_evaluated;
	int64_t cured, cured_evaluated, active;
	int64_t cohort, cohort_cured, cohort_abandoned, cohort_misdiagnosed;
	int64_t contacts, contacts_examined;
};
extern const struct type indicator_counts_type;

#endif
