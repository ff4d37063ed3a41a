/* test_hansen_cases.c - the table of states, the calendar of doses, next steps, and
 * that no order of events leads to cure without what the protocol asks for. */
#include "../cm.h"

#include <inttypes.h>

#include "features/hansen_cases/case.h"
#include "features/hansen_cases/codes.h"
#include "features/hansen_cases/sinan.h"

static struct arena *arena;
static struct ctx ctx;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(8 << 20);
	ctx = (struct ctx){ .arena = arena,
		.now = { INT64_C(1795996800000) } }; /* 2026-11-30, noon in Brasília */
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct date
day(const char *text)
{
	struct date d;
	if (!date_parse(str_of(text), &d))
		fail_msg("%s is no day", text);
	return d;
}

static void
assert_day(struct date got, const char *wanted)
{
	char text[DATE_TEXT + 1];
	date_print(got, text);
	assert_string_equal(text, wanted);
}

static const struct course PB = { 6, 9, 28 }, MB = { 12, 18, 28 };

/* ---- states */

static void
test_only_treatment_leads_to_cure(void **state)
{
	(void)state;
	for (enum case_state from = CASE_UNSET + 1; from < CASE__MAX; from++)
		for (enum case_act act = ACT_UNSET + 1; act < ACT__MAX; act++) {
			enum case_state to = case_move(from, act);
			if (to == CASE_CURED && from != CASE_CURED) {
				assert_int_equal(from, CASE_IN_TREATMENT);
				assert_int_equal(act, ACT_CURE);
			}
			if (act == ACT_DOSE && to != CASE_UNSET)
				assert_int_equal(to, CASE_IN_TREATMENT);
		}
}

static void
test_who_is_not_followed_up_takes_no_dose(void **state)
{
	(void)state;
	for (enum case_state from = CASE_UNSET + 1; from < CASE__MAX; from++) {
		assert_int_equal(case_is_active(from), case_move(from, ACT_DOSE) != CASE_UNSET);
		assert_int_equal(case_is_active(from), case_move(from, ACT_CORRECT) != CASE_UNSET);
		assert_int_equal(case_move(from, ACT_UNSET), CASE_UNSET);
	}
	assert_int_equal(case_move(CASE_UNSET, ACT_DOSE), CASE_UNSET);
}

static void
test_allowed_acts_are_the_tables(void **state)
{
	(void)state;
	for (enum case_state from = CASE_UNSET + 1; from < CASE__MAX; from++) {
		size_t n = 0, wanted = 0;
		for (enum case_act act; (act = case_allowed(from, n)) != ACT_UNSET; n++)
			assert_int_not_equal(case_move(from, act), CASE_UNSET);
		for (enum case_act act = ACT_UNSET + 1; act < ACT__MAX; act++)
			wanted += case_move(from, act) != CASE_UNSET;
		assert_int_equal(n, wanted); /* and so no act has two rows */
		assert_int_equal(case_state_parse(str_of(case_state_name(from))), from);
	}
	assert_int_equal(case_state_parse(STR("HEALED")), CASE_UNSET);
}

/* ---- the calendar */

static struct calendar
calendar(const struct course *c, const char *const *taken, size_t n, const char *base, const char *today)
{
	struct date days[SCHEDULE_DOSES_MAX];
	struct calendar out;
	for (size_t i = 0; i < n; i++)
		days[i] = day(taken[i]);
	assert_int_equal(schedule_make(&ctx, c, days, n, day(base), day(today), &out), OK);
	return out;
}

static void
test_doses_on_time(void **state)
{
	(void)state;
	const char *const taken[] = { "2024-02-01", "2024-02-29", "2024-03-28" }; /* across a leap day */
	struct calendar c = calendar(&PB, taken, 3, "2024-01-20", "2024-04-01");
	const struct slot *s = c.slots.items;
	assert_int_equal(c.slots.count, 6);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(s[i].late_days, 0);
	assert_day(c.next_on, "2024-04-25");
	assert_true(str_is(s[3].status, "DUE") && str_is(s[4].status, "PLANNED"));
	assert_day(s[5].planned_on, "2024-06-20");
	assert_day(c.window_ends_on, "2024-11-01");
	assert_true(c.fits && !c.late);
}

static void
test_window_ends_where_months_do(void **state)
{
	(void)state;
	assert_day(schedule_window_end(&PB, day("2023-05-31")), "2024-02-29");
	assert_day(schedule_window_end(&PB, day("2022-05-31")), "2023-02-28");
	assert_day(schedule_window_end(&MB, day("2024-02-29")), "2025-08-29");
	assert_day(schedule_window_end(&MB, day("2026-08-31")), "2028-02-29");
	assert_day(date_add_days(day("2024-02-28"), 2), "2024-03-01");
	assert_day(date_add_days(day("2023-02-28"), 1), "2023-03-01");
}

static void
test_a_late_dose_moves_all_that_follow(void **state)
{
	(void)state;
	const char *const taken[] = { "2026-01-01", "2026-02-10" };
	struct calendar c = calendar(&PB, taken, 2, "2026-01-01", "2026-03-20");
	const struct slot *s = c.slots.items;
	assert_int_equal(s[1].late_days, 12);
	assert_day(s[1].planned_on, "2026-01-29");
	assert_day(c.next_on, "2026-03-10");
	assert_true(str_is(s[2].status, "OVERDUE"));
	assert_int_equal(s[2].late_days, 10);
	assert_day(s[3].planned_on, "2026-04-17"); /* from today, not from the day that was missed */
	assert_day(c.last_planned_on, "2026-06-12");
	assert_true(c.fits);
}

static void
test_what_no_longer_fits_is_told(void **state)
{
	(void)state;
	const char *const taken[] = { "2026-01-01", "2026-01-29" };
	/* Four doses more need 84 days: the last day on which they fit is 2026-10-01 less 84. */
	assert_true(calendar(&PB, taken, 2, "2026-01-01", "2026-07-09").fits);
	assert_false(calendar(&PB, taken, 2, "2026-01-01", "2026-07-10").fits);
	assert_false(calendar(&PB, taken, 2, "2026-01-01", "2026-10-01").late);
	assert_true(calendar(&PB, taken, 2, "2026-01-01", "2026-10-02").late);
}

static void
test_before_the_first_dose(void **state)
{
	(void)state;
	struct calendar c = calendar(&MB, NULL, 0, "2026-01-01", "2026-01-11");
	const struct slot *s = c.slots.items;
	assert_int_equal(c.slots.count, 12);
	assert_true(str_is(s[0].status, "OVERDUE") && s[0].late_days == 10);
	assert_false(date_is_set(c.window_ends_on));
	assert_day(s[1].planned_on, "2026-02-08");
	assert_true(c.fits);
}

static void
test_too_many_doses_are_refused(void **state)
{
	(void)state;
	const struct course long_one = { SCHEDULE_DOSES_MAX + 1, 60, 28 };
	struct calendar out;
	assert_int_equal(schedule_make(&ctx, &long_one, NULL, 0, day("2026-01-01"), day("2026-01-01"), &out),
	        ERR_TOO_LARGE);
}

/* ---- next steps */

static void
test_steps_come_by_urgency(void **state)
{
	(void)state;
	const char *const taken[] = { "2026-08-01" };
	struct calendar c = calendar(&MB, taken, 1, "2026-07-30", "2026-11-30");
	struct step steps[STEPS_MAX];
	const struct step_facts facts = { .state = CASE_IN_TREATMENT,
		.diagnosed_on = day("2026-07-30"),
		.last_dose_on = day("2026-08-01"),
		.last_assessed_on = day("2026-09-10"),
		.last_seen_on = day("2026-09-10"),
		.today = day("2026-11-30"),
		.calendar = &c,
		.attendance = MISSED,
		.contacts_waiting = 1,
		.assessment_months = 3,
		.abandon_months = 6,
		.notify_days = 7,
		.interval_days = 28 };
	static const char *const wanted[] = { "NOTIFY", "SUPERVISED_DOSE", "SEARCH", "ASSESSMENT",
		"CONTACTS" };
	static const char *const due[] = { "2026-08-06", "2026-08-29", "2026-10-08", "2026-12-10" };
	assert_int_equal(steps_of(&facts, false, steps), COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++)
		assert_true(str_is(steps[i].code, wanted[i]));
	for (size_t i = 0; i < COUNT(due); i++)
		assert_day(steps[i].due_on, due[i]);
	assert_int_equal(steps[0].overdue_days, 116);
	assert_true(steps[2].overdue && !steps[3].overdue && !steps[4].overdue);
}

static void
test_who_comes_back_is_a_professionals_decision(void **state)
{
	(void)state;
	struct step steps[STEPS_MAX];
	struct step_facts facts = { .state = CASE_DIAGNOSED,
		.diagnosed_on = day("2026-11-01"),
		.notified_on = day("2026-11-01"),
		.last_assessed_on = day("2026-11-01"),
		.today = day("2026-11-30"),
		.returned = true };
	assert_int_equal(steps_of(&facts, false, steps), 2);
	assert_true(str_is(steps[0].code, "RETURNED") && str_is(steps[1].code, "FIRST_DOSE"));
	facts.returned = false;
	assert_int_equal(steps_of(&facts, false, steps), 1);
}

static void
test_nothing_is_left_after_cure(void **state)
{
	(void)state;
	struct step steps[STEPS_MAX];
	struct step_facts facts = {
		.state = CASE_CURED, .notified_on = day("2026-01-01"), .today = day("2026-11-30")
	};
	assert_int_equal(steps_of(&facts, true, steps), 0);
	facts.reactions_open = 1; /* but a reaction goes on */
	assert_int_equal(steps_of(&facts, true, steps), 1);
	assert_true(str_is(steps[0].code, "REACTION"));
}

/* ---- codes */

static void
test_codes_are_the_dictionarys(void **state)
{
	(void)state;
	assert_int_equal(code_sinan("clinicalForm", STR("VIRCHOWIANA")), 4);
	assert_int_equal(code_sinan("discharge", STR("ABANDONO")), 7);
	assert_int_equal(code_sinan("entryMode", STR("RECIDIVA")), 6);
	assert_int_equal(code_sinan("entryMode", (struct str){ 0 }), 0);
	assert_true(site_has_side(STR("mao")) && !site_has_side(STR("face")));
	for (const struct code_set *set = code_sets; set->name; set++)
		for (size_t i = 0; set->field && i < set->count; i++) {
			assert_true(set->codes[i].sinan > 0);
			for (size_t k = 0; k < i; k++)
				assert_int_not_equal(set->codes[i].sinan, set->codes[k].sinan);
		}
}

static void
test_cells_are_no_formulas(void **state)
{
	(void)state;
	assert_true(str_is(csv_cell(&ctx, STR("=1+1")), "'=1+1"));
	assert_true(str_is(csv_cell(&ctx, STR("@x")), "'@x") && str_is(csv_cell(&ctx, STR("-x")), "'-x"));
	assert_true(str_is(csv_cell(&ctx, STR("-12")), "-12") && str_is(csv_cell(&ctx, STR("Ana")), "Ana"));
}

/* ---- no way around */

static uint64_t seed = 20261130;

static uint64_t
dice(uint64_t sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed * UINT64_C(0x2545F4914F6CDD1D) >> 11) % sides;
}

/* The condition once more, written out from the protocol's text and not from the code. */
static void
assert_curable(const struct hansen_case *c, const struct date *doses, size_t n, bool evaluated)
{
	bool mb = str_is(c->operational_class, "MB");
	if (n < (mb ? 12u : 6u))
		fail_msg("cured with %zu doses (seed %" PRIu64 ")", n, seed);
	for (size_t i = 1; i < n; i++)
		assert_true(date_cmp(doses[i - 1], doses[i]) < 0);
	assert_true(date_cmp(doses[n - 1], date_add_months(doses[0], mb ? 18 : 9)) <= 0);
	assert_true(date_is_set(c->last_assessed_on) && date_cmp(c->last_assessed_on, doses[n - 1]) >= 0);
	assert_true(evaluated);
}

struct walk {
	struct hansen_case c;
	struct date doses[SCHEDULE_DOSES_MAX], today;
	size_t n;
	int cured;
};

static void
try_dose(struct walk *w)
{
	struct dose d = { .taken_on = w->today, .early_reason = dice(3) ? (struct str){ 0 } : STR("viagem") };
	enum case_state to;
	if (case_may(&ctx, &w->c, ACT_DOSE, &to) != OK || w->c.doses >= w->c.planned_doses ||
	        dose_check(&ctx, &w->c, &d) != OK)
		return;
	if (w->n == 0)
		w->c.started_on = w->today;
	w->doses[w->n++] = w->today;
	w->c.doses++;
	w->c.last_dose_on = w->today;
	w->c.state = str_of(case_state_name(to));
}

static void
try_assessment(struct walk *w)
{
	enum case_state to;
	if (case_may(&ctx, &w->c, ACT_ASSESS, &to) == OK)
		w->c.last_assessed_on = w->today;
}

static void
try_cure(struct walk *w)
{
	struct state_change s = { .on = w->today, .clinical_evaluation = dice(2) };
	enum case_state to;
	if (case_may(&ctx, &w->c, ACT_CURE, &to) != OK || cure_check(&ctx, &w->c, &s) != OK)
		return;
	assert_curable(&w->c, w->doses, w->n, s.clinical_evaluation);
	w->c.state = str_of(case_state_name(to));
	w->cured++;
}

static int
walk_once(void)
{
	bool mb = dice(2);
	struct walk w = { .today = date_add_days(day("2020-01-01"), (int64_t)dice(800)) };
	uint64_t pace = 1 + dice(60);
	w.c = (struct hansen_case){ .state = STR("DIAGNOSED"),
		.operational_class = mb ? STR("MB") : STR("PB"),
		.regimen = mb ? STR("PQT_MB_12") : STR("PQT_PB_6"),
		.planned_doses = mb ? 12 : 6,
		.window_months = mb ? 18 : 9,
		.diagnosed_on = w.today };
	for (int i = 0; i < 60 && w.cured == 0; i++) {
		arena_reset(arena);
		ctx.invalid = NULL;
		w.today = date_add_days(w.today, (int64_t)dice(pace) + (dice(2) ? 28 : 0));
		switch (dice(6)) {
		case 0: try_cure(&w); break;
		case 1: try_assessment(&w); break;
		default: try_dose(&w); break;
		}
		if (dice(2))
			try_cure(&w);
	}
	return w.cured;
}

static void
test_no_order_of_events_leads_to_cure_without_the_doses(void **state)
{
	(void)state;
	int cured = 0;
	for (int i = 0; i < 20000; i++)
		cured += walk_once();
	assert_true(cured > 100); /* the walk is not so wild that it proves nothing */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_only_treatment_leads_to_cure),
		T(test_who_is_not_followed_up_takes_no_dose),
		T(test_allowed_acts_are_the_tables),
		T(test_doses_on_time),
		T(test_window_ends_where_months_do),
		T(test_a_late_dose_moves_all_that_follow),
		T(test_what_no_longer_fits_is_told),
		T(test_before_the_first_dose),
		T(test_too_many_doses_are_refused),
		T(test_steps_come_by_urgency),
		T(test_who_comes_back_is_a_professionals_decision),
		T(test_nothing_is_left_after_cure),
		T(test_codes_are_the_dictionarys),
		T(test_cells_are_no_formulas),
		T(test_no_order_of_events_leads_to_cure_without_the_doses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
