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
	struct str state, unit, operational_class, clinical_form;
	struct date diagnosed_on, notified_on;
	int64_t planned_doses, window_months, doses;
	struct date started_on, last_dose_on, last_seen_on, last_assessed_on;
	int64_t contacts_waiting, reactions_open;
};
extern const struct type board_row_type;

#endif
