/* schedule.c - dates of supervised doses. */
#include "features/hansen_cases/schedule.h"

static const struct field slot_fields[] = {
	FIELD(slot, number, .sens = SENS_PLAIN),
	FIELD(slot, planned_on, .sens = SENS_PLAIN),
	FIELD(slot, taken_on, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(slot, late_days, .sens = SENS_PLAIN, .min = -100000,
	        .summary = "Of a dose taken: negative when early; of the next one: how long overdue"),
	FIELD(slot, status, .sens = SENS_PLAIN, .summary = "TAKEN, DUE, OVERDUE or PLANNED"),
};
const struct type slot_type = TYPE(slot, slot_fields);

static const struct field calendar_fields[] = {
	FIELD(calendar, doses, .sens = SENS_PLAIN),
	FIELD(calendar, taken, .sens = SENS_PLAIN),
	FIELD(calendar, started_on, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(calendar, window_ends_on, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "Last day of the window, inclusive"),
	FIELD(calendar, next_on, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(calendar, last_planned_on, .sens = SENS_PLAIN),
	FIELD(calendar, fits, .sens = SENS_PLAIN, .summary = "The doses still to come fit into the window"),
	FIELD(calendar, late, .sens = SENS_PLAIN,
	        .summary = "The window ended without all doses: a professional evaluates"),
	FIELD(calendar, slots, .sens = SENS_PLAIN, .of = &slot_type),
};
const struct type calendar_type = TYPE(calendar, calendar_fields);

struct date
date_add_days(struct date d, int64_t days)
{
	return date_from_days(date_days(d) + days);
}

struct date
schedule_window_end(const struct course *c, struct date started)
{
	return date_add_months(started, c->window_months);
}

static struct date
later(struct date a, struct date b)
{
	return date_cmp(a, b) >= 0 ? a : b;
}

static int64_t
days_between(struct date from, struct date to)
{
	return date_days(to) - date_days(from);
}

static struct slot
taken_slot(int64_t number, struct date planned, struct date taken)
{
	return (struct slot){ number, planned, taken, days_between(planned, taken), STR("TAKEN") };
}

static struct slot
coming_slot(int64_t number, struct date planned, bool next, struct date today)
{
	int64_t late = days_between(planned, today);

	return (struct slot){ .number = number,
		.planned_on = planned,
		.late_days = next && late > 0 ? late : 0,
		.status = !next      ? STR("PLANNED")
		          : late > 0 ? STR("OVERDUE")
		                     : STR("DUE") };
}

enum err
schedule_make(struct ctx *ctx, const struct course *c, const struct date *taken, size_t count,
        struct date base, struct date today, struct calendar *out)
{
	size_t total = (size_t)c->doses > count ? (size_t)c->doses : count;
	struct slot *slots = total <= SCHEDULE_DOSES_MAX ? NEW_ARRAY(ctx, struct slot, total) : NULL;
	struct date at = base; /* when the next dose is planned */

	if (!slots)
		return fail(ctx, ERR_TOO_LARGE, "a calendar of %zu doses", total);
	*out = (struct calendar){ .slots = { slots, total },
		.doses = c->doses,
		.taken = (int64_t)count,
		.started_on = count > 0 ? taken[0] : (struct date){ 0 } };
	for (size_t i = 0; i < total; i++) {
		int64_t number = (int64_t)i + 1;
		if (i < count) {
			slots[i] = taken_slot(number, i == 0 ? taken[0] : at, taken[i]);
			at = date_add_days(taken[i], c->interval_days);
			out->last_planned_on = taken[i];
			continue;
		}
		slots[i] = coming_slot(number, at, i == count, today);
		if (i == count)
			out->next_on = at;
		out->last_planned_on = later(at, today);
		at = date_add_days(later(at, today), c->interval_days);
	}
	if (count == 0) {
		out->fits = true; /* the window begins with the first dose */
		return OK;
	}
	out->window_ends_on = schedule_window_end(c, taken[0]);
	out->fits = date_cmp(out->last_planned_on, out->window_ends_on) <= 0;
	out->late = count < (size_t)c->doses && date_cmp(today, out->window_ends_on) > 0;
	return OK;
}
