/* discharge.c - how a case ends: cure only when the protocol's condition is met, by
 * abandonment only when its term has passed, and never silently. */
#include "features/hansen_cases/case.h"
#include "features/hansen_cases/codes.h"
#include "http/perms.h"

static enum case_act
act_of(struct str discharge)
{
	static const struct {
		const char *code;
		enum case_act act;
	} acts[] = { { "CURA", ACT_CURE }, { "OBITO", ACT_DEATH }, { "ABANDONO", ACT_ABANDON },
		{ "ERRO_DIAGNOSTICO", ACT_MISTAKE } };

	for (size_t i = 0; i < COUNT(acts); i++)
		if (str_is(discharge, acts[i].code))
			return acts[i].act;
	return ACT_TRANSFER;
}

static struct str
day_text(struct ctx *ctx, struct date d)
{
	char text[DATE_TEXT + 1];

	date_print(d, text);
	return str_of(arena_printf(ctx->arena, "%s", text));
}

/* ---- cure */

/* "ALTA_CURA" and the others of the calculator; of a regimen that it has no course for, by the plan. */
static enum err
cure_verdict(struct ctx *ctx, const struct hansen_case *c, const char **out)
{
	const struct hansen_input in[] = { { "class", c->operational_class },
		{ "inicio", day_text(ctx, c->started_on) },
		{ "doses_supervisionadas", str_of(arena_printf(ctx->arena, "%lld", (long long)c->doses)) },
		{ "data_ultima_dose", day_text(ctx, c->last_dose_on) } };
	const struct course course = case_course(c, 0);

	if (!str_is(c->regimen, "OUTRO"))
		return hansen_verdict(ctx, "alta_cura", in, COUNT(in), out);
	bool late = date_cmp(c->last_dose_on, schedule_window_end(&course, c->started_on)) > 0;
	*out = c->doses < c->planned_doses ? "EM_TRATAMENTO" : late ? "FORA_DA_JANELA_AVALIAR" : "ALTA_CURA";
	return OK;
}

/* Is a cure after the window a doctor's decision, with its reason? */
static bool
decided(struct ctx *ctx, const struct state_change *s)
{
	if (!s->outside_window)
		return invalid(ctx, "doses", "window_passed") == OK;
	if (ctx->role != ROLE_DOCTOR)
		return invalid(ctx, "outsideWindow", "doctor_decides") == OK;
	return str_is_set(s->reason) || invalid(ctx, "reason", "required") == OK;
}

enum err
cure_check(struct ctx *ctx, const struct hansen_case *c, struct state_change *s)
{
	const char *verdict;
	bool unmet = false, late;

	TRY(cure_verdict(ctx, c, &verdict));
	late = strcmp(verdict, "FORA_DA_JANELA_AVALIAR") == 0;
	if (late)
		unmet |= !decided(ctx, s);
	else if (strcmp(verdict, "ALTA_CURA") != 0)
		unmet |= invalid(ctx, "doses", "doses_missing") != OK;
	if (!date_is_set(c->last_assessed_on) || date_cmp(c->last_assessed_on, c->last_dose_on) < 0)
		unmet |= invalid(ctx, "assessment", "assessment_missing") != OK;
	if (!s->clinical_evaluation)
		unmet |= invalid(ctx, "clinicalEvaluation", "evaluation_missing") != OK;
	s->outside_window &= late;
	return unmet ? fail(ctx, ERR_DISCHARGE_UNMET, "cure: %s", verdict) : OK;
}

/* ---- abandonment */

enum err
attendance_of(struct ctx *ctx, struct str class, struct date last_seen, struct date day, enum attendance *out)
{
	const struct hansen_input in[] = { { "class", class },
		{ "ultimo_comparecimento", day_text(ctx, last_seen) },
		{ "data_referencia", day_text(ctx, day) } };
	const char *verdict;

	TRY(hansen_verdict(ctx, "abandono", in, COUNT(in), &verdict));
	*out = strcmp(verdict, "ABANDONO") == 0 ? LOST : strcmp(verdict, "FALTOSO") == 0 ? MISSED : ATTENDS;
	return OK;
}

static enum err
abandon_check(struct ctx *ctx, const struct hansen_case *c, const struct state_change *s)
{
	enum attendance attendance;

	TRY(attendance_of(ctx, c->operational_class, c->last_seen_on, s->on, &attendance));
	if (attendance == LOST)
		return OK;
	(void)!invalid(ctx, "on", "not_abandoned");
	return fail(ctx, ERR_DISCHARGE_UNMET, "abandonment before its term");
}

/* ---- the way out, and back */

static enum err
change_add(struct ctx *ctx, struct hansen_case *c, struct state_change *s, enum case_state to, struct id id,
        struct hansen_event **out)
{
	s->from = c->state;
	s->to = str_of(case_state_name(to));
	TRY(event_add(ctx, c, id, "STATE", 0, s->on, &state_change_type, s, out));
	c->state = s->to;
	return case_store(ctx, c);
}

enum err
case_discharge(struct ctx *ctx, struct hansen_case *c, const struct state_change *asked, struct id id,
        struct hansen_event **out)
{
	struct state_change s = *asked;
	enum case_act act = act_of(s.discharge);
	enum case_state to;

	TRY(case_may(ctx, c, act, &to));
	TRY(day_check(ctx, "on", s.on, act == ACT_ABANDON ? c->last_seen_on : c->diagnosed_on));
	if (date_is_set(c->last_dose_on) && date_cmp(s.on, c->last_dose_on) < 0)
		return invalid(ctx, "on", "order");
	if (act == ACT_CURE)
		TRY(cure_check(ctx, c, &s));
	else
		s.outside_window = false;
	if (act == ACT_ABANDON)
		TRY(abandon_check(ctx, c, &s));
	c->discharge = s.discharge;
	c->discharged_on = s.on;
	return change_add(ctx, c, &s, to, id, out);
}

enum err
case_reopen(
        struct ctx *ctx, struct hansen_case *c, struct date on, struct str reason, struct hansen_event **out)
{
	struct state_change s = { .on = on, .reason = reason };
	enum case_state to;

	TRY(case_may(ctx, c, c->doses > 0 ? ACT_REOPEN : ACT_REOPEN_UNTREATED, &to));
	TRY(day_check(ctx, "on", on, c->discharged_on));
	c->discharge = (struct str){ 0 };
	c->discharged_on = (struct date){ 0 };
	return change_add(ctx, c, &s, to, (struct id){ { 0 } }, out);
}

enum err
case_notify(struct ctx *ctx, struct hansen_case *c, struct date on, struct str sinan_number)
{
	struct case_notification *n = NEW(ctx, struct case_notification);
	enum case_state to;

	TRY(case_may(ctx, c, ACT_NOTIFY, &to));
	TRY(day_check(ctx, "notifiedOn", on, c->diagnosed_on));
	*n = (struct case_notification){ sinan_number };
	c->notification = n;
	c->notified_on = on;
	c->state = str_of(case_state_name(to));
	return case_store(ctx, c);
}
