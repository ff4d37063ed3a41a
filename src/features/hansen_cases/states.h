/* states.h - the states of a case as a table, and the one function that moves it.
 * Knows no store and no clock. */
#ifndef FEATURES_HANSEN_CASES_STATES_H
#define FEATURES_HANSEN_CASES_STATES_H

#include "base/base.h"

enum case_state {
	CASE_UNSET = 0,
#define STATE(name, ...) CASE_##name,
#include "features/hansen_cases/states.def"
	CASE__MAX
};

enum case_act {
	ACT_UNSET = 0,
#define ACT(name, ...) ACT_##name,
#include "features/hansen_cases/states.def"
	ACT__MAX
};

/* Where the act leads from there; CASE_UNSET: it is not allowed. */
enum case_state case_move(enum case_state from, enum case_act);
enum case_state case_state_parse(struct str); /* CASE_UNSET: no such state */
const char *case_state_name(enum case_state);
bool case_is_active(enum case_state);
const char *case_act_name(enum case_act);
/* The i-th act allowed there; ACT_UNSET behind the last. */
enum case_act case_allowed(enum case_state, size_t i);
extern const char *const case_state_names[]; /* NULL-terminated */

#endif
