/* events.c - what happens to a case: each event asks the state table, is written with
 * its content sealed, and brings the case's row up to date. */
#include "features/hansen_cases/case.h"
#include "features/hansen_cases/case_rows.h"
#include "features/patients/patients.h"
#include "cases_sql.h"
#include "sys/crypto.h"

static const struct field dose_day_fields[] = { FIELD(dose_day, on_day, .sens = SENS_PLAIN) };
const struct type dose_day_type = TYPE(dose_day, dose_day_fields);

enum { DOSE_FLAGS_MAX = 4 };

/* ---- rows */

static enum err
open_as(struct ctx *ctx, const struct type *type, struct str content, void **out)
{
	void *obj = arena_take_array(ctx->arena, type->size, 1);

	if (!obj)
		return fail(ctx, ERR_TOO_LARGE, "no room for a %s", type->name);
	TRY(content_open(ctx, type, content, obj));
	*out = obj;
	return OK;
}

static enum err
event_open(struct ctx *ctx, struct hansen_event *e)
{
	const struct {
		const char *kind;
		const struct type *type;
		void **at;
	} kinds[] = {
		{ "DOSE", &dose_type, (void **)&e->dose },
		{ "ASSESSMENT", &assessment_type, (void **)&e->assessment },
		{ "REACTION", &reaction_type, (void **)&e->reaction },
		{ "ADVERSE_EVENT", &adverse_type, (void **)&e->adverse_event },
		{ "STATE", &state_change_type, (void **)&e->change },
	};

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_is(e->kind, kinds[i].kind))
			return open_as(ctx, kinds[i].type, e->content, kinds[i].at);
	return fail(ctx, ERR_INTERNAL, "an event of an unknown kind");
}

enum err
event_get(struct ctx *ctx, struct id id, struct hansen_event **out)
{
	struct hansen_event *e = NEW(ctx, struct hansen_event);

	TRY(sql_hansen_event_get(ctx, &(struct hansen_event_get_in){ .id = id }, e));
	TRY(event_open(ctx, e));
	*out = e;
	return OK;
}

enum err
events_of(struct ctx *ctx, struct id case_id, struct list *out)
{
	struct hansen_event *e;

	TRY(sql_hansen_event_list(ctx, &(struct hansen_event_list_in){ .case_id = case_id }, out));
	e = out->items;
	for (size_t i = 0; i < out->count; i++)
		TRY(event_open(ctx, &e[i]));
	return OK;
}

enum err
dose_days(struct ctx *ctx, struct id case_id, const struct date **days, size_t *count)
{
	struct list rows;

	TRY(sql_hansen_doses(ctx, &(struct hansen_doses_in){ .case_id = case_id }, &rows));
	_Static_assert(sizeof(struct dose_day) == sizeof(struct date), "a row is its day");
	*days = rows.items;
	*count = rows.count;
	return OK;
}

enum err
event_add(struct ctx *ctx, const struct hansen_case *c, struct id id, const char *kind, int64_t number,
        struct date on, const struct type *type, const void *content, struct hansen_event **out)
{
	struct str text;

	if (!id_is_set(id))
		id = id_new(ctx->now);
	TRY(content_pack(ctx, type, content, &text));
	TRY(sql_hansen_event_add(ctx, &(struct hansen_event_add_in){ .id = id,
	                                      .case_id = c->id,
	                                      .patient_id = c->patient_id,
	                                      .kind = str_of(kind),
	                                      .number = { number, number > 0 },
	                                      .on_day = on,
	                                      .content = text }));
	return event_get(ctx, id, out);
}

/* ---- what every event does to the case */

static void
saw(struct hansen_case *c, struct date day)
{
	if (!date_is_set(c->last_seen_on) || date_cmp(day, c->last_seen_on) > 0)
		c->last_seen_on = day;
}

static enum err
age_in_years(struct ctx *ctx, struct id patient, struct date day, struct str *out)
{
	struct patient *p;

	TRY(patient_get(ctx, patient, false, &p));
	*out = (struct str){ 0 };
	if (!date_is_set(p->birth_date))
		return OK;
	int years = day.year - p->birth_date.year;
	if (day.month < p->birth_date.month ||
	        (day.month == p->birth_date.month && day.day < p->birth_date.day))
		years--;
	*out = str_of(arena_printf(ctx->arena, "%d", years));
	return OK;
}

static struct str
yes(bool b)
{
	return b ? STR("1") : STR("0");
}

/* ---- doses */

static enum err
dose_flags(struct ctx *ctx, const struct hansen_case *c, const struct dose *d, struct list *out)
{
	struct text_item *flags = NEW_ARRAY(ctx, struct text_item, DOSE_FLAGS_MAX);
	struct hansen_terms terms;
	size_t n = 0;

	if (!flags)
		return fail(ctx, ERR_TOO_LARGE, "no room for flags");
	TRY(hansen_terms(ctx, case_is_mb(c), &terms));
	if (c->doses > 0) {
		int64_t days = date_days(d->taken_on) - date_days(c->last_dose_on);
		struct course course = case_course(c, terms.visit_days);
		if (days < terms.visit_days)
			flags[n++].text = STR("DOSE_ANTECIPADA");
		if (days > terms.visit_days)
			flags[n++].text = STR("DOSE_ATRASADA");
		if (date_cmp(d->taken_on, schedule_window_end(&course, c->started_on)) > 0)
			flags[n++].text = STR("JANELA_VENCIDA");
	}
	*out = (struct list){ flags, n };
	return OK;
}

/* What the protocol proposes for that weight; another regimen has no table here. */
static enum err
dose_propose(struct ctx *ctx, const struct hansen_case *c, const struct dose *d, struct calculation **out)
{
	const struct case_findings *f = c->findings;
	struct str weight = str_is_set(d->weight_kg) ? d->weight_kg : f->weight_kg, age;

	*out = NULL;
	if (!str_is_set(weight) || str_is(c->regimen, "OUTRO"))
		return OK;
	TRY(age_in_years(ctx, c->patient_id, d->taken_on, &age));
	const struct hansen_input in[] = { { "weight_kg", weight }, { "class", c->operational_class },
		{ "idade_anos", age }, { "gestante", yes(f->pregnant) },
		{ "lactante", yes(f->breastfeeding) }, { "reacao_grave_a", f->severe_reaction_to } };
	return hansen_calculate(ctx, "pqtu_dose", in, COUNT(in), out);
}

enum err
dose_check(struct ctx *ctx, const struct hansen_case *c, const struct dose *d)
{
	struct hansen_terms terms;

	TRY(day_check(ctx, "takenOn", d->taken_on, c->diagnosed_on));
	if (c->doses == 0)
		return OK;
	TRY(hansen_terms(ctx, case_is_mb(c), &terms));
	int64_t days = date_days(d->taken_on) - date_days(c->last_dose_on);
	if (days <= 0)
		return invalid(ctx, "takenOn", "order");
	return days < terms.visit_days && !str_is_set(d->early_reason) ? invalid(ctx, "takenOn", "early")
	                                                               : OK;
}

enum err
dose_add(struct ctx *ctx, struct hansen_case *c, const struct dose *given, struct id id,
        struct hansen_event **out)
{
	struct dose d = *given;
	enum case_state to;

	TRY(case_may(ctx, c, ACT_DOSE, &to));
	if (c->doses >= c->planned_doses) /* PCDT 2022, topic 06: not to be extended */
		return fail(ctx, ERR_DOSES_COMPLETE, "all %lld doses are taken", (long long)c->doses);
	TRY(dose_check(ctx, c, &d));
	TRY(dose_flags(ctx, c, &d, &d.flags));
	TRY(dose_propose(ctx, c, &d, &d.proposal));
	TRY(event_add(ctx, c, id, "DOSE", c->doses + 1, d.taken_on, &dose_type, &d, out));
	if (c->doses++ == 0)
		c->started_on = d.taken_on;
	c->last_dose_on = d.taken_on;
	saw(c, d.taken_on);
	c->state = str_of(case_state_name(to));
	return case_store(ctx, c);
}

static const struct hansen_event *
last_dose(const struct list *events)
{
	const struct hansen_event *e = events->items, *last = NULL;

	for (size_t i = 0; i < events->count; i++)
		if (e[i].dose && (!last || e[i].number.v > last->number.v))
			last = &e[i];
	return last;
}

enum err
dose_remove_last(struct ctx *ctx, struct hansen_case *c, struct str reason, struct hansen_event **out)
{
	const struct hansen_event *dose;
	const struct date *days;
	enum case_state to;
	struct list events;
	size_t count;

	TRY(case_may(ctx, c, c->doses == 1 ? ACT_REMOVE_ONLY_DOSE : ACT_REMOVE_DOSE, &to));
	TRY(events_of(ctx, c->id, &events));
	if ((dose = last_dose(&events)) == NULL)
		return fail(ctx, ERR_INTERNAL, "a case in treatment without a dose");
	*out = NEW(ctx, struct hansen_event);
	**out = *dose;
	TRY(sql_hansen_event_remove(
	        ctx, &(struct hansen_event_remove_in){
	                     .id = dose->id, .patient_id = dose->patient_id, .remove_reason = reason }));
	TRY(dose_days(ctx, c->id, &days, &count));
	c->doses = (int64_t)count;
	c->started_on = count > 0 ? days[0] : (struct date){ 0 };
	c->last_dose_on = count > 0 ? days[count - 1] : (struct date){ 0 };
	c->last_seen_on = count > 0 ? c->last_dose_on : c->diagnosed_on;
	if (date_is_set(c->last_assessed_on))
		saw(c, c->last_assessed_on);
	c->state = str_of(case_state_name(to));
	return case_store(ctx, c);
}

/* ---- assessments */

enum err
assessment_add(struct ctx *ctx, struct hansen_case *c, const struct assessment *given, struct id id,
        struct hansen_event **out)
{
	struct assessment a = *given;
	enum case_state to;

	TRY(case_may(ctx, c, ACT_ASSESS, &to));
	TRY(day_check(ctx, "assessedOn", a.assessed_on, (struct date){ 0 }));
	TRY(disability_compute(ctx, a.sites, &a.gif, &a.omp));
	TRY(event_add(ctx, c, id, "ASSESSMENT", 0, a.assessed_on, &assessment_type, &a, out));
	if (!date_is_set(c->last_assessed_on) || date_cmp(a.assessed_on, c->last_assessed_on) >= 0) {
		c->last_assessed_on = a.assessed_on;
		if (a.gif.set && c->doses >= c->planned_doses)
			c->gif_discharge = a.gif; /* of the last dose or later: what cure is judged by */
	}
	saw(c, a.assessed_on);
	c->state = str_of(case_state_name(to));
	return case_store(ctx, c);
}

/* ---- reactions */

static enum err
propose(struct ctx *ctx, struct list *out, const char *calculator, const struct hansen_input *in, size_t n)
{
	struct calculation *all = out->items, *one;

	TRY(hansen_calculate(ctx, calculator, in, n, &one));
	all[out->count++] = *one;
	return OK;
}

static struct str
number_text(struct ctx *ctx, struct opt_int v)
{
	return v.set ? str_of(arena_printf(ctx->arena, "%lld", (long long)v.v)) : (struct str){ 0 };
}

enum { ADULT_YEARS = 18, PROPOSALS_MAX = 3 };

static enum err
propose_type_2(struct ctx *ctx, const struct reaction *r, struct str age, struct str sex, struct list *out)
{
	int64_t years = 0;

	if (!str_is_set(age) || !str_int(age, &years))
		return OK; /* without an age nothing is proposed */
	if (years < ADULT_YEARS) {
		const struct hansen_input in[] = { { "weight_kg", r->weight_kg }, { "mes", STR("1") },
			{ "idade_anos", age } };
		return str_is_set(r->weight_kg) ? propose(ctx, out, "clofazimina_enh_crianca", in, COUNT(in))
		                                : OK;
	}
	const struct hansen_input in[] = { { "idade", age }, { "sexo", sex },
		{ "potencial_reprodutivo", r->reproductive_potential }, { "gestante", r->pregnant },
		{ "lactante", r->breastfeeding }, { "neutrofilos", number_text(ctx, r->neutrophils) },
		{ "metodos_contraceptivos", number_text(ctx, r->contraceptive_methods) },
		{ "teste_gravidez_horas", number_text(ctx, r->pregnancy_test_hours) },
		{ "corticoide", r->corticoid } };
	return propose(ctx, out, "talidomida_gate", in, COUNT(in));
}

/* Prednisone for type 1, and for neuritis with either; what type 2 admits by age (PCDT 2022, topics 11, 12,
 * 14). */
static enum err
reaction_propose(struct ctx *ctx, const struct hansen_case *c, struct reaction *r)
{
	struct calculation *room = NEW_ARRAY(ctx, struct calculation, PROPOSALS_MAX);
	bool type_1 = !str_is(r->type, "TIPO_2"), type_2 = !str_is(r->type, "TIPO_1");
	struct patient *p;
	struct str age;

	if (!room)
		return fail(ctx, ERR_TOO_LARGE, "no room for proposals");
	r->proposals = (struct list){ room, 0 };
	TRY(patient_get(ctx, c->patient_id, false, &p));
	TRY(age_in_years(ctx, c->patient_id, r->started_on, &age));
	if ((type_1 || r->neuritis) && str_is_set(r->weight_kg))
		TRY(propose(ctx, &r->proposals, "prednisona_desmame",
		        (struct hansen_input[]){ { "weight_kg", r->weight_kg } }, 1));
	return type_2 ? propose_type_2(ctx, r, age, p->sex, &r->proposals) : OK;
}

/* Over the whole case: EPIS_RACIO of the form. */
static struct str
reaction_sum(struct str before, struct str type)
{
	return !str_is_set(before) || str_eq(before, type) ? type : STR("TIPOS_1_E_2");
}

enum err
reaction_add(struct ctx *ctx, struct hansen_case *c, const struct reaction *given, struct id id,
        struct hansen_event **out)
{
	struct reaction r = *given;
	enum case_state to;

	TRY(case_may(ctx, c, ACT_REACTION, &to));
	TRY(day_check(ctx, "startedOn", r.started_on, (struct date){ 0 }));
	if (!str_is_set(r.weight_kg))
		r.weight_kg = c->findings->weight_kg;
	TRY(reaction_propose(ctx, c, &r));
	TRY(event_add(ctx, c, id, "REACTION", 0, r.started_on, &reaction_type, &r, out));
	c->reaction = reaction_sum(c->reaction, r.type);
	saw(c, r.started_on);
	c->state = str_of(case_state_name(to));
	return case_store(ctx, c);
}

enum err
reaction_change(struct ctx *ctx, const struct hansen_event *before, const struct reaction *change,
        struct hansen_event **after)
{
	struct reaction r = *before->reaction;
	struct str content;

	if (date_is_set(change->ended_on))
		TRY(day_check(ctx, "endedOn", change->ended_on, r.started_on));
	r.ended_on = change->ended_on;
	r.treatment = change->treatment;
	r.note = change->note;
	TRY(content_pack(ctx, &reaction_type, &r, &content));
	TRY(sql_hansen_event_change(ctx, &(struct hansen_event_change_in){ .id = before->id,
	                                         .patient_id = before->patient_id,
	                                         .version = before->version,
	                                         .until_day = r.ended_on,
	                                         .content = content }));
	return event_get(ctx, before->id, after);
}

/* ---- adverse events */

enum err
adverse_add(struct ctx *ctx, struct hansen_case *c, const struct adverse *a, struct id id,
        struct hansen_event **out)
{
	enum case_state to;

	TRY(case_may(ctx, c, ACT_ADVERSE, &to));
	TRY(day_check(ctx, "on", a->on, c->diagnosed_on));
	TRY(event_add(ctx, c, id, "ADVERSE_EVENT", 0, a->on, &adverse_type, a, out));
	saw(c, a->on);
	c->state = str_of(case_state_name(to));
	return case_store(ctx, c);
}
