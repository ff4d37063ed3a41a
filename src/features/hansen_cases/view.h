/* view.h - a case as one looks at it: with its calendar, its next steps and all that
 * happened; and the board of those that wait for something. */
#ifndef FEATURES_HANSEN_CASES_VIEW_H
#define FEATURES_HANSEN_CASES_VIEW_H

#include "features/hansen_cases/case.h"

struct case_view {
	struct hansen_case *item;
	struct calendar *calendar;
	struct list next_steps, allowed, events, contacts;
	struct str attendance; /* EM_DIA, FALTOSO or ABANDONO; absent when not in treatment */
};
extern const struct type case_view_type;

struct board_item {
	struct id id, patient_id;
	struct str patient_name, state, unit, operational_class, clinical_form, attendance;
	int64_t doses, planned_doses;
	struct date next_dose_on, window_ends_on, last_seen_on;
	bool fits;
	bool overdue;
	struct list next_steps;
};
extern const struct type board_item_type;
struct board {
	struct date today;
	int64_t active, overdue, missed, lost;
	struct list items;
	bool complete; /* false: more cases than a board shows */
};
extern const struct type board_type;

enum { BOARD_MAX = 500 };

enum err view_make(struct ctx *, struct hansen_case *, bool english, struct case_view *out) MUST_CHECK;
/* unit: absent for all; overdue: only those with something overdue. Most overdue first. */
enum err board_make(struct ctx *, struct str unit, bool overdue, bool english, struct board *out) MUST_CHECK;

#endif
