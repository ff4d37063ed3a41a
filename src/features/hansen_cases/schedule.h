/* schedule.h - the calendar of supervised doses: what was taken, what is due, and
 * whether the rest still fits into the protocol's window.  Pure: "today" is an input.
 * A dose is planned one interval after the one before it was taken, so that a late
 * dose moves all that follow; the window does not move. */
#ifndef FEATURES_HANSEN_CASES_SCHEDULE_H
#define FEATURES_HANSEN_CASES_SCHEDULE_H

#include "base/type.h"

enum { SCHEDULE_DOSES_MAX = 60 };

struct course {
	int doses, window_months, interval_days; /* 6, 9, 28 of PB; 12, 18, 28 of MB */
};

struct slot {
	int64_t number; /* from 1 */
	struct date planned_on, taken_on;
	int64_t late_days; /* of one taken: negative when early; of the next: how long overdue */
	struct str status; /* TAKEN, DUE (today or not yet), OVERDUE, PLANNED */
};
extern const struct type slot_type;

struct calendar {
	struct list slots; /* struct slot */
	int64_t doses, taken;
	struct date started_on, window_ends_on, next_on, last_planned_on;
	bool fits; /* the last dose, as planned from today, lies within the window */
	bool late; /* the window has ended without all doses */
};
extern const struct type calendar_type;

/* taken: the days of the supervised doses, in order; base: the day from which the first one is due.
 * ERR_TOO_LARGE: no room, or more than SCHEDULE_DOSES_MAX. */
enum err schedule_make(struct ctx *, const struct course *, const struct date *taken, size_t count,
        struct date base, struct date today, struct calendar *out) MUST_CHECK;
/* The window's last day, inclusive. */
struct date schedule_window_end(const struct course *, struct date started);
struct date date_add_days(struct date, int64_t days);

#endif
