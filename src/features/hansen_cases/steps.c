/* steps.c - the rows of steps.def that hold for a case today. */
#include "features/hansen_cases/steps.h"

enum step_code {
#define STEP(name, ...) STEP_##name,
#include "features/hansen_cases/steps.def"
#undef STEP
};
static const struct {
	const char *name, *pt, *en;
} rows[] = {
#define STEP(name, pt, en) { #name, pt, en },
#include "features/hansen_cases/steps.def"
#undef STEP
};

static const struct field step_fields[] = {
	FIELD(step, code, .sens = SENS_PLAIN),
	FIELD(step, text, .sens = SENS_PLAIN),
	FIELD(step, due_on, .sens = SENS_PLAIN, .nullable_only = true, .summary = "Null: no term of its own"),
	FIELD(step, overdue, .sens = SENS_PLAIN),
	FIELD(step, overdue_days, .sens = SENS_PLAIN),
};
const struct type step_type = TYPE(step, step_fields);

struct steps {
	const struct step_facts *facts;
	bool english;
	struct step *out;
	size_t count;
};

/* What is due earlier; what has no term comes last. */
static bool
more_urgent(const struct step *a, const struct step *b)
{
	if (!date_is_set(a->due_on))
		return false;
	return !date_is_set(b->due_on) || date_cmp(a->due_on, b->due_on) < 0;
}

static void
add(struct steps *s, enum step_code code, struct date due)
{
	int64_t late = date_is_set(due) ? date_days(s->facts->today) - date_days(due) : 0;

	assert(s->count < STEPS_MAX);
	struct step new = (struct step){ .code = str_of(rows[code].name),
		.text = str_of(s->english ? rows[code].en : rows[code].pt),
		.due_on = due,
		.overdue = late > 0,
		.overdue_days = late > 0 ? late : 0 };
	size_t at = s->count++;
	for (; at > 0 && more_urgent(&new, &s->out[at - 1]); at--)
		s->out[at] = s->out[at - 1];
	s->out[at] = new;
}

static struct date
assessment_due(const struct step_facts *f)
{
	return date_is_set(f->last_assessed_on) ? date_add_months(f->last_assessed_on, f->assessment_months)
	                                        : f->diagnosed_on;
}

/* All doses are taken: what cure still waits for. */
static void
add_closing(struct steps *s)
{
	const struct step_facts *f = s->facts;

	if (!date_is_set(f->last_assessed_on) || date_cmp(f->last_assessed_on, f->last_dose_on) < 0)
		add(s, STEP_FINAL_ASSESSMENT, f->last_dose_on);
	add(s, STEP_CURE_EVALUATION, date_add_days(f->last_dose_on, f->interval_days));
}

static void
add_treatment(struct steps *s)
{
	const struct step_facts *f = s->facts;

	if (f->attendance == LOST)
		add(s, STEP_DECIDE_ABANDONMENT, date_add_months(f->last_seen_on, f->abandon_months));
	else if (f->attendance == MISSED)
		add(s, STEP_SEARCH, date_add_days(f->last_seen_on, f->interval_days));
	if (!f->calendar->fits || f->calendar->late)
		add(s, STEP_WINDOW, f->calendar->window_ends_on);
	if (f->calendar->taken >= f->calendar->doses) {
		add_closing(s);
		return;
	}
	add(s, STEP_SUPERVISED_DOSE, f->calendar->next_on);
	add(s, STEP_ASSESSMENT, assessment_due(f));
}

size_t
steps_of(const struct step_facts *f, bool english, struct step out[static STEPS_MAX])
{
	struct steps s = { f, english, out, 0 };

	if (!date_is_set(f->notified_on) && f->state != CASE_MISDIAGNOSED)
		add(&s, STEP_NOTIFY, date_add_days(f->diagnosed_on, f->notify_days));
	if (f->state == CASE_DIAGNOSED && f->returned)
		add(&s, STEP_RETURNED, f->diagnosed_on);
	if (f->state == CASE_DIAGNOSED) {
		add(&s, STEP_FIRST_DOSE, f->diagnosed_on);
		if (!date_is_set(f->last_assessed_on))
			add(&s, STEP_ASSESSMENT, f->diagnosed_on);
	}
	if (f->state == CASE_IN_TREATMENT)
		add_treatment(&s);
	if (f->reactions_open > 0)
		add(&s, STEP_REACTION, (struct date){ 0 });
	if (f->contacts_waiting > 0 && f->state != CASE_MISDIAGNOSED)
		add(&s, STEP_CONTACTS, (struct date){ 0 });
	return s.count;
}
