/* steps.h - what is to be done next for a case, and by when.  Pure: facts in, rows out. */
#ifndef FEATURES_HANSEN_CASES_STEPS_H
#define FEATURES_HANSEN_CASES_STEPS_H

#include "features/hansen_cases/schedule.h"
#include "features/hansen_cases/states.h"

enum attendance { ATTENDS = 0, MISSED, LOST }; /* EM_DIA, FALTOSO, ABANDONO of the calculator */

struct step_facts {
	enum case_state state;
	struct date diagnosed_on, notified_on, last_dose_on, last_assessed_on, last_seen_on, today;
	const struct calendar *calendar;
	enum attendance attendance;
	int64_t contacts_waiting, reactions_open;
	int assessment_months, abandon_months, notify_days;
	int interval_days;
	bool returned; /* came back: after abandonment, or with a relapse */
};

struct step {
	struct str code, text;
	struct date due_on; /* absent: no term of its own */
	bool overdue;
	int64_t overdue_days;
};
extern const struct type step_type;

enum { STEPS_MAX = 16 };
/* Most urgent first; at most STEPS_MAX. english: the language of .text. Returns how many. */
size_t steps_of(const struct step_facts *, bool english, struct step out[static STEPS_MAX]);

#endif
