/* view.c - what is computed anew at each look: nothing of it is stored, so that it
 * cannot grow stale. */
#include "features/hansen_cases/view.h"
#include "features/hansen_cases/case_rows.h"
#include "features/patients/patients.h"
#include "cases_sql.h"

#include <stdlib.h>

/* Weekly (Portaria de Consolidação GM/MS 4/2017, Anexo V). */
enum { NOTIFY_DAYS = 7 };

static const struct field view_fields[] = {
	FIELD_OBJECT(case_view, item, &hansen_case_type, .sens = SENS_PLAIN, .json = "case"),
	FIELD_OBJECT(case_view, calendar, &calendar_type, .sens = SENS_CLINICAL),
	FIELD(case_view, attendance, .sens = SENS_CLINICAL, .nullable_only = true,
	        .summary = "EM_DIA, FALTOSO or ABANDONO, in treatment"),
	FIELD(case_view, next_steps, .sens = SENS_CLINICAL, .of = &step_type,
	        .summary = "What is to be done, most urgent first"),
	FIELD(case_view, allowed, .sens = SENS_PLAIN, .of = &text_item_type,
	        .summary = "Acts that the case's state admits"),
	FIELD(case_view, events, .sens = SENS_CLINICAL, .of = &hansen_event_type),
	FIELD(case_view, contacts, .sens = SENS_CLINICAL, .of = &hansen_contact_type),
};
const struct type case_view_type = TYPE(case_view, view_fields, .masks = true);

static const struct field item_fields[] = {
	FIELD(board_item, id, .sens = SENS_PLAIN),
	FIELD(board_item, patient_id, .sens = SENS_PLAIN),
	FIELD(board_item, patient_name, .sens = SENS_IDENTITY, .nullable_only = true),
	FIELD(board_item, state, .sens = SENS_PLAIN, .one_of = case_state_names),
	FIELD(board_item, unit, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(board_item, operational_class, .sens = SENS_CLINICAL),
	FIELD(board_item, clinical_form, .sens = SENS_CLINICAL),
	FIELD(board_item, attendance, .sens = SENS_CLINICAL, .nullable_only = true,
	        .summary = "EM_DIA, FALTOSO or ABANDONO, in treatment"),
	FIELD(board_item, doses, .sens = SENS_CLINICAL),
	FIELD(board_item, planned_doses, .sens = SENS_CLINICAL),
	FIELD(board_item, next_dose_on, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD(board_item, window_ends_on, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD(board_item, last_seen_on, .sens = SENS_CLINICAL),
	FIELD(board_item, fits, .sens = SENS_CLINICAL),
	FIELD(board_item, overdue, .sens = SENS_PLAIN),
	FIELD(board_item, next_steps, .sens = SENS_CLINICAL, .of = &step_type),
};
const struct type board_item_type = TYPE(board_item, item_fields, .masks = true);

static const struct field board_fields[] = {
	FIELD(board, today, .sens = SENS_PLAIN),
	FIELD(board, active, .sens = SENS_PLAIN),
	FIELD(board, overdue, .sens = SENS_PLAIN, .summary = "Cases with an overdue step"),
	FIELD(board, missed, .sens = SENS_PLAIN),
	FIELD(board, lost, .sens = SENS_PLAIN, .summary = "Beyond the term of abandonment, not decided"),
	FIELD(board, complete, .sens = SENS_PLAIN, .summary = "False: there are more than a board shows"),
	FIELD(board, items, .sens = SENS_PLAIN, .of = &board_item_type, .max = BOARD_MAX),
};
const struct type board_type = TYPE(board, board_fields);

static const struct field row_fields[] = {
	FIELD(board_row, id, .sens = SENS_PLAIN),
	FIELD(board_row, patient_id, .sens = SENS_PLAIN),
	FIELD(board_row, state, .sens = SENS_PLAIN),
	FIELD(board_row, unit, .sens = SENS_PLAIN),
	FIELD(board_row, operational_class, .sens = SENS_CLINICAL),
	FIELD(board_row, clinical_form, .sens = SENS_CLINICAL),
	FIELD(board_row, entry_mode, .sens = SENS_CLINICAL),
	FIELD(board_row, diagnosed_on, .sens = SENS_PLAIN),
	FIELD(board_row, notified_on, .sens = SENS_PLAIN),
	FIELD(board_row, planned_doses, .sens = SENS_CLINICAL),
	FIELD(board_row, window_months, .sens = SENS_CLINICAL),
	FIELD(board_row, doses, .sens = SENS_CLINICAL),
	FIELD(board_row, started_on, .sens = SENS_PLAIN),
	FIELD(board_row, last_dose_on, .sens = SENS_PLAIN),
	FIELD(board_row, last_seen_on, .sens = SENS_PLAIN),
	FIELD(board_row, last_assessed_on, .sens = SENS_PLAIN),
	FIELD(board_row, contacts_waiting, .sens = SENS_PLAIN),
	FIELD(board_row, reactions_open, .sens = SENS_PLAIN),
};
const struct type board_row_type = TYPE(board_row, row_fields);

/* ---- one case's terms */

static struct str
attendance_text(enum attendance a)
{
	return a == LOST ? STR("ABANDONO") : a == MISSED ? STR("FALTOSO") : STR("EM_DIA");
}

static enum err
look(struct ctx *ctx, const struct board_row *r, struct calendar *calendar, struct step_facts *facts)
{
	struct hansen_terms terms;
	const struct date *days;
	size_t count;

	TRY(hansen_terms(ctx, str_is(r->operational_class, "MB"), &terms));
	TRY(dose_days(ctx, r->id, &days, &count));
	const struct course course = { (int)r->planned_doses, (int)r->window_months, terms.visit_days };
	TRY(schedule_make(ctx, &course, days, count, r->diagnosed_on, today_of(ctx), calendar));
	*facts = (struct step_facts){ .state = case_state_parse(r->state),
		.diagnosed_on = r->diagnosed_on,
		.notified_on = r->notified_on,
		.last_dose_on = r->last_dose_on,
		.last_assessed_on = r->last_assessed_on,
		.last_seen_on = r->last_seen_on,
		.today = today_of(ctx),
		.calendar = calendar,
		.contacts_waiting = r->contacts_waiting,
		.reactions_open = r->reactions_open,
		.assessment_months = terms.assessment_months,
		.abandon_months = terms.abandon_months,
		.notify_days = NOTIFY_DAYS,
		.interval_days = terms.visit_days,
		.returned = str_is(r->entry_mode, "OUTROS_REINGRESSOS") ||
		            str_is(r->entry_mode, "RECIDIVA") };
	if (facts->state == CASE_IN_TREATMENT)
		TRY(attendance_of(
		        ctx, r->operational_class, r->last_seen_on, facts->today, &facts->attendance));
	return OK;
}

static enum err
steps_list(struct ctx *ctx, const struct step_facts *facts, bool english, struct list *out)
{
	struct step *steps = NEW_ARRAY(ctx, struct step, STEPS_MAX);

	if (!steps)
		return fail(ctx, ERR_TOO_LARGE, "no room for steps");
	*out = (struct list){ steps, steps_of(facts, english, steps) };
	return OK;
}

/* ---- one case */

static struct board_row
row_of(const struct hansen_case *c, const struct list *events, const struct list *contacts)
{
	const struct hansen_event *e = events->items;
	const struct hansen_contact *k = contacts->items;
	struct board_row r = { .id = c->id,
		.patient_id = c->patient_id,
		.state = c->state,
		.operational_class = c->operational_class,
		.entry_mode = c->entry_mode,
		.diagnosed_on = c->diagnosed_on,
		.notified_on = c->notified_on,
		.planned_doses = c->planned_doses,
		.window_months = c->window_months,
		.doses = c->doses,
		.started_on = c->started_on,
		.last_dose_on = c->last_dose_on,
		.last_seen_on = c->last_seen_on,
		.last_assessed_on = c->last_assessed_on };

	for (size_t i = 0; i < contacts->count; i++)
		r.contacts_waiting += !date_is_set(k[i].examined_on);
	for (size_t i = 0; i < events->count; i++)
		r.reactions_open += e[i].reaction != NULL && !date_is_set(e[i].until_day);
	return r;
}

static enum err
allowed_list(struct ctx *ctx, enum case_state state, struct list *out)
{
	struct text_item *items = NEW_ARRAY(ctx, struct text_item, ACT__MAX);
	enum case_act act;
	size_t n = 0;

	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for acts");
	while ((act = case_allowed(state, n)) != ACT_UNSET)
		items[n++].text = str_of(case_act_name(act));
	*out = (struct list){ items, n };
	return OK;
}

enum err
view_make(struct ctx *ctx, struct hansen_case *c, bool english, struct case_view *out)
{
	struct calendar *calendar = NEW(ctx, struct calendar);
	struct step_facts facts;
	struct board_row row;

	*out = (struct case_view){ .item = c, .calendar = calendar };
	TRY(events_of(ctx, c->id, &out->events));
	TRY(contacts_of(ctx, c->id, &out->contacts));
	row = row_of(c, &out->events, &out->contacts);
	TRY(look(ctx, &row, calendar, &facts));
	if (facts.state == CASE_IN_TREATMENT)
		out->attendance = attendance_text(facts.attendance);
	TRY(steps_list(ctx, &facts, english, &out->next_steps));
	return allowed_list(ctx, facts.state, &out->allowed);
}

/* ---- the board */

static enum err
board_add(struct ctx *ctx, const struct board_row *r, bool english, struct board *b, struct board_item *item)
{
	struct calendar calendar;
	struct step_facts facts;
	struct patient *p;

	TRY(look(ctx, r, &calendar, &facts));
	*item = (struct board_item){ .id = r->id,
		.patient_id = r->patient_id,
		.state = r->state,
		.unit = r->unit,
		.operational_class = r->operational_class,
		.clinical_form = r->clinical_form,
		.doses = r->doses,
		.planned_doses = r->planned_doses,
		.next_dose_on = calendar.next_on,
		.window_ends_on = calendar.window_ends_on,
		.last_seen_on = r->last_seen_on,
		.fits = calendar.fits };
	if (facts.state == CASE_IN_TREATMENT)
		item->attendance = attendance_text(facts.attendance);
	TRY(steps_list(ctx, &facts, english, &item->next_steps));
	const struct step *step = item->next_steps.items;
	for (size_t i = 0; i < item->next_steps.count; i++)
		item->overdue |= step[i].overdue;
	enum err err = patient_get(ctx, r->patient_id, false, &p);
	if (err == OK)
		item->patient_name = p->name;
	b->active++;
	b->overdue += item->overdue;
	b->missed += facts.attendance == MISSED;
	b->lost += facts.attendance == LOST;
	return err == ERR_NOT_FOUND ? OK : err;
}

static int64_t
worst(const struct board_item *i)
{
	const struct step *step = i->next_steps.items;

	return i->next_steps.count > 0 ? step[0].overdue_days : 0;
}

/* Most overdue first; then by id, so that the order is the same each time. */
static int
by_urgency(const void *a, const void *b)
{
	const struct board_item *x = a, *y = b;
	int64_t dx = worst(x), dy = worst(y);

	return dx != dy ? (dx < dy) - (dx > dy) : id_cmp(x->id, y->id);
}

enum err
board_make(struct ctx *ctx, struct str unit, bool overdue, bool english, struct board *out)
{
	const struct board_row *row;
	struct board_item *items;
	struct list rows;
	size_t n = 0;

	TRY(sql_hansen_board(
	        ctx, &(struct hansen_board_in){ .unit = unit, .row_limit = BOARD_MAX + 1 }, &rows));
	*out = (struct board){ .today = today_of(ctx), .complete = rows.count <= BOARD_MAX };
	if (!out->complete)
		rows.count = BOARD_MAX;
	if ((items = NEW_ARRAY(ctx, struct board_item, rows.count)) == NULL && rows.count > 0)
		return fail(ctx, ERR_TOO_LARGE, "a board of %zu", rows.count);
	row = rows.items;
	for (size_t i = 0; i < rows.count; i++) {
		TRY(board_add(ctx, &row[i], english, out, &items[n]));
		n += !overdue || items[n].overdue;
	}
	if (n > 0)
		qsort(items, n, sizeof *items, by_urgency);
	out->items = (struct list){ items, n };
	return OK;
}
