/* cases.c - opening and correcting a case: what is computed from the findings, what
 * contradicts it, and what of it rests in clear. */
#include "features/hansen_cases/case.h"
#include "features/hansen_cases/codes.h"
#include "features/patients/patients.h"
#include "base/json.h"
#include "cases_sql.h"
#include "sys/crypto.h"

enum { CONTENT_MAX = 1 << 20, FLAGS_MAX = 8, CHILD_YEARS = 15 };

/* ---- sealed contents */

enum err
content_pack(struct ctx *ctx, const struct type *type, const void *obj, struct str *out)
{
	struct buf b;

	buf_init(&b, CONTENT_MAX);
	json_write(ctx, &b, type, obj, NULL);
	struct str text = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	if (!str_is_set(text))
		return fail(ctx, ERR_TOO_LARGE, "a %s beyond %d bytes", type->name, CONTENT_MAX);
	*out = text;
	return OK;
}

enum err
content_open(struct ctx *ctx, const struct type *type, struct str content, void *out)
{
	struct invalid *before = ctx->invalid;
	enum err err = json_read(ctx, content, type, out);

	ctx->invalid = before; /* what lies in the store is no fault of who asks */
	return err == OK || err == ERR_TOO_LARGE
	               ? err
	               : fail(ctx, ERR_INTERNAL, "a %s does not read back", type->name);
}

/* ---- small things */

struct date
today_of(const struct ctx *ctx)
{
	return instant_date(ctx->now);
}

bool
case_is_mb(const struct hansen_case *c)
{
	return str_is(c->operational_class, "MB");
}

struct course
case_course(const struct hansen_case *c, int visit_days)
{
	return (struct course){ (int)c->planned_doses, (int)c->window_months, visit_days };
}

enum err
day_check(struct ctx *ctx, const char *field, struct date day, struct date from)
{
	if (date_cmp(day, today_of(ctx)) > 0)
		return invalid(ctx, field, "future");
	return date_is_set(from) && date_cmp(day, from) < 0 ? invalid(ctx, field, "order") : OK;
}

enum err
case_may(struct ctx *ctx, const struct hansen_case *c, enum case_act act, enum case_state *to)
{
	enum case_state from = case_state_parse(c->state), next = case_move(from, act);

	if (next == CASE_UNSET)
		return fail(
		        ctx, ERR_STATE, "%s is not done in %s", case_act_name(act), case_state_name(from));
	*to = next;
	return OK;
}

static struct str
whole_text(struct ctx *ctx, int64_t n)
{
	return str_of(arena_printf(ctx->arena, "%lld", (long long)n));
}

static bool
is_set_and_not(struct str s, const char *other)
{
	return str_is_set(s) && !str_is(s, other);
}

/* Whole years between two days. */
static int
years_between(struct date from, struct date to)
{
	int years = to.year - from.year;

	return to.month < from.month || (to.month == from.month && to.day < from.day) ? years - 1 : years;
}

/* ---- what the calculators say */

static enum err
add_flag(struct ctx *ctx, struct list *flags, const char *code)
{
	struct text_item *items = flags->items;

	if (!items && (items = NEW_ARRAY(ctx, struct text_item, FLAGS_MAX)) == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for flags");
	assert(flags->count < FLAGS_MAX);
	items[flags->count] = (struct text_item){ str_of(code) };
	*flags = (struct list){ items, flags->count + 1 };
	return OK;
}

static enum err
compute_smear(struct ctx *ctx, const struct case_body *b, struct case_computed *out)
{
	const struct list *sites = &b->findings->smear_sites;
	const struct smear_site *site = sites->items;
	const char *text = "", *index;
	int64_t sum = 0;

	if (sites->count == 0)
		return OK;
	for (size_t i = 0; i < sites->count; i++) {
		text = arena_printf(ctx->arena, "%s%s%lld", text, i ? " " : "", (long long)site[i].crosses);
		sum += site[i].crosses;
	}
	if (str_is(b->smear, "NAO_REALIZADA") || str_is(b->smear, "POSITIVA") != (sum > 0))
		return invalid(ctx, "findings.smearSites", "contradiction");
	TRY(hansen_verdict(ctx, "ib", (struct hansen_input[]){ { "sitios", str_of(text) } }, 1, &index));
	out->smear_index = str_of(index);
	struct calculation *full;
	TRY(hansen_calculate(ctx, "ib", (struct hansen_input[]){ { "sitios", str_of(text) } }, 1, &full));
	bool new_case = str_is(b->entry_mode, "CASO_NOVO");
	const char *resists = new_case ? strstr(full->result.p, "\"investigarResistencia\":\"sim\"") : NULL;
	return resists ? add_flag(ctx, &out->flags, "INVESTIGAR_RESISTENCIA") : OK;
}

enum { SITES = 6 };
static const char *const site_columns[SITES] = { "olho_d", "olho_e", "mao_d", "mao_e", "pe_d", "pe_e" };

enum err
disability_compute(struct ctx *ctx, const struct case_sites *s, struct opt_int *gif, struct opt_int *omp)
{
	struct hansen_input in[SITES];
	struct calculation *c;
	int64_t max = 0, sum = 0;

	if (!s)
		return OK;
	const struct opt_int grades[SITES] = { s->olho_d, s->olho_e, s->mao_d, s->mao_e, s->pe_d, s->pe_e };
	for (size_t i = 0; i < SITES; i++) {
		if (!grades[i].set)
			return OK; /* a site that was not evaluated leaves the whole unevaluated */
		in[i] = (struct hansen_input){ site_columns[i], whole_text(ctx, grades[i].v) };
		sum += grades[i].v;
		max = grades[i].v > max ? grades[i].v : max;
	}
	TRY(hansen_calculate(ctx, "omp", in, SITES, &c));
	const char *wanted = arena_printf(
	        ctx->arena, "{\"gif\":\"%lld\",\"omp\":\"%lld\"}", (long long)max, (long long)sum);
	if (!str_is(c->result, wanted))
		return fail(ctx, ERR_CALCULATION, "omp differs from the sum of its sites");
	*gif = (struct opt_int){ max, true };
	*omp = (struct opt_int){ sum, true };
	return OK;
}

/* PB, MB or absent: what is registered when nobody says otherwise. */
static struct str
class_of_rule(struct str rule)
{
	if (str_is(rule, "PB"))
		return STR("PB");
	return str_is(rule, "SEM_CRITERIO") ? (struct str){ 0 } : STR("MB"); /* in doubt MB */
}

/* A rule that is sure of MB is not to be talked out of it: less treatment than needed hurts. */
static enum err
decide_class(struct ctx *ctx, const struct case_body *b, struct str rule, struct str *class)
{
	struct str proposed = class_of_rule(rule);

	*class = str_is_set(b->operational_class) ? b->operational_class : proposed;
	if (!str_is_set(*class))
		return invalid(ctx, "operationalClass", "required");
	if (str_is(rule, "MB") && str_is(*class, "PB"))
		return invalid(ctx, "operationalClass", "class_rule");
	bool departs = !str_is_set(proposed) || !str_eq(*class, proposed);
	return departs && !str_is_set(b->class_reason) ? invalid(ctx, "classReason", "class_reason") : OK;
}

static enum err
compute_class(struct ctx *ctx, const struct case_body *b, struct case_computed *out, struct str *class)
{
	const struct hansen_input in[] = { { "lesoes", whole_text(ctx, b->findings->lesion_count) },
		{ "nervos_com_perda", whole_text(ctx, b->findings->nerve_count) },
		{ "baciloscopia", b->smear } };
	const char *rule;

	TRY(hansen_verdict(ctx, "classificacao_operacional", in, COUNT(in), &rule));
	out->class_by_rule = str_of(rule);
	out->class_reason = b->class_reason;
	if (strcmp(rule, "REVISAR_MB") == 0)
		TRY(add_flag(ctx, &out->flags, "DUVIDA_TRATAR_COMO_MB"));
	return decide_class(ctx, b, out->class_by_rule, class);
}

/* ---- what contradicts itself */

static bool
bad_lesions(struct ctx *ctx, const struct case_findings *f)
{
	const struct case_lesion *lesion = f->lesions.items;
	int64_t sum = 0;
	bool bad = false;

	for (size_t i = 0; i < f->lesions.count; i++) {
		sum += lesion[i].count;
		if (site_has_side(lesion[i].site) != str_is_set(lesion[i].side))
			bad |= invalid(ctx, arena_printf(ctx->arena, "findings.lesions[%zu].side", i),
			               str_is_set(lesion[i].side) ? "contradiction" : "required") != OK;
	}
	if (sum > f->lesion_count)
		bad |= invalid(ctx, "findings.lesionCount", "contradiction") != OK;
	return bad;
}

static bool
bad_regimen(struct ctx *ctx, const struct case_body *b, struct str class)
{
	bool other = str_is(b->regimen, "OUTRO"), bad = false;

	if (!other && str_is_set(b->regimen) && str_is(b->regimen, "PQT_MB_12") != str_is(class, "MB"))
		bad |= invalid(ctx, "regimen", "contradiction") != OK;
	if (other != b->planned_doses.set)
		bad |= invalid(ctx, "plannedDoses", other ? "required" : "contradiction") != OK;
	if (other != b->window_months.set)
		bad |= invalid(ctx, "windowMonths", other ? "required" : "contradiction") != OK;
	return bad;
}

static enum err
body_check(struct ctx *ctx, const struct case_body *b, const struct patient *p)
{
	bool bad = day_check(ctx, "diagnosedOn", b->diagnosed_on, p->birth_date) != OK;

	if (str_is_set(b->detection_mode) && is_set_and_not(b->entry_mode, "CASO_NOVO"))
		bad |= invalid(ctx, "detectionMode", "contradiction") != OK;
	bad |= bad_lesions(ctx, b->findings);
	return bad ? ERR_INVALID : OK;
}

/* ---- from a body to a row */

static enum err
settle_course(struct ctx *ctx, const struct case_body *b, struct hansen_case *c)
{
	struct hansen_terms terms;
	bool mb = case_is_mb(c);

	if (bad_regimen(ctx, b, c->operational_class))
		return ERR_INVALID;
	TRY(hansen_terms(ctx, mb, &terms));
	c->regimen = str_is_set(b->regimen) ? b->regimen : mb ? STR("PQT_MB_12") : STR("PQT_PB_6");
	c->planned_doses = b->planned_doses.set ? b->planned_doses.v : terms.doses;
	c->window_months = b->window_months.set ? b->window_months.v : terms.window_months;
	return OK;
}

static struct str
age_group_of(const struct patient *p, struct date day)
{
	if (!date_is_set(p->birth_date))
		return STR("IGNORADA");
	return years_between(p->birth_date, day) < CHILD_YEARS ? STR("0_14") : STR("15_MAIS");
}

/* All of the body into c, with what is computed from it. */
static enum err
settle(struct ctx *ctx, const struct case_body *b, struct hansen_case *c)
{
	struct case_computed *computed = NEW(ctx, struct case_computed);
	struct patient *patient;

	*computed = (struct case_computed){ 0 };
	TRY(patient_get(ctx, c->patient_id, false, &patient));
	TRY(body_check(ctx, b, patient));
	c->unit = b->unit;
	c->municipality = b->municipality;
	c->diagnosed_on = b->diagnosed_on;
	c->entry_mode = b->entry_mode;
	c->detection_mode = b->detection_mode;
	c->clinical_form = b->clinical_form;
	c->smear = b->smear;
	c->age_group = age_group_of(patient, b->diagnosed_on);
	TRY(compute_class(ctx, b, computed, &c->operational_class));
	TRY(compute_smear(ctx, b, computed));
	TRY(disability_compute(ctx, b->findings->disability, &computed->gif, &computed->omp));
	TRY(settle_course(ctx, b, c));
	c->gif_diagnosis = computed->gif;
	c->findings = b->findings;
	c->computed = computed;
	return OK;
}

static enum err
pack(struct ctx *ctx, const struct hansen_case *c, struct str *out)
{
	struct case_content content = { c->findings, c->computed, c->notification };

	return content_pack(ctx, &case_content_type, &content, out);
}

static enum err
unpack(struct ctx *ctx, struct hansen_case *c)
{
	struct case_content content;

	TRY(content_open(ctx, &case_content_type, c->content, &content));
	c->findings = content.findings;
	c->computed = content.computed;
	c->notification = content.notification;
	return OK;
}

enum err
case_add(struct ctx *ctx, const struct case_body *b, struct id id, struct hansen_case **out)
{
	struct hansen_case c = { .id = id_is_set(id) ? id : id_new(ctx->now), .patient_id = b->patient_id };

	TRY(patient_reach(ctx, b->patient_id));
	TRY(settle(ctx, b, &c));
	TRY(pack(ctx, &c, &c.content));
	TRY(sql_hansen_case_add(ctx, &(struct hansen_case_add_in){ .id = c.id,
	                                     .patient_id = c.patient_id,
	                                     .state = str_of(case_state_name(CASE_DIAGNOSED)),
	                                     .unit = c.unit,
	                                     .municipality = c.municipality,
	                                     .diagnosed_on = c.diagnosed_on,
	                                     .entry_mode = c.entry_mode,
	                                     .detection_mode = c.detection_mode,
	                                     .clinical_form = c.clinical_form,
	                                     .operational_class = c.operational_class,
	                                     .smear = c.smear,
	                                     .regimen = c.regimen,
	                                     .planned_doses = c.planned_doses,
	                                     .window_months = c.window_months,
	                                     .age_group = c.age_group,
	                                     .gif_diagnosis = c.gif_diagnosis,
	                                     .content = c.content }));
	return case_get(ctx, c.id, out);
}

enum err
case_get(struct ctx *ctx, struct id id, struct hansen_case **out)
{
	struct hansen_case *c = NEW(ctx, struct hansen_case);

	TRY(sql_hansen_case_get(ctx, &(struct hansen_case_get_in){ .id = id }, c));
	TRY(unpack(ctx, c));
	*out = c;
	return OK;
}

enum err
case_list(struct ctx *ctx, const struct case_filter *f, struct list *out)
{
	struct hansen_case *c;

	TRY(sql_hansen_case_list(ctx,
	        &(struct hansen_case_list_in){ .before = f->before,
	                .patient_id = f->patient_id,
	                .state = f->state,
	                .row_limit = f->limit },
	        out));
	c = out->items;
	for (size_t i = 0; i < out->count; i++)
		TRY(unpack(ctx, &c[i]));
	return OK;
}

enum err
case_store(struct ctx *ctx, struct hansen_case *c)
{
	TRY(pack(ctx, c, &c->content));
	TRY(sql_hansen_case_store(ctx, &(struct hansen_case_store_in){ .id = c->id,
	                                       .patient_id = c->patient_id,
	                                       .version = c->version,
	                                       .active = case_is_active(case_state_parse(c->state)),
	                                       .state = c->state,
	                                       .unit = c->unit,
	                                       .municipality = c->municipality,
	                                       .diagnosed_on = c->diagnosed_on,
	                                       .notified_on = c->notified_on,
	                                       .entry_mode = c->entry_mode,
	                                       .detection_mode = c->detection_mode,
	                                       .clinical_form = c->clinical_form,
	                                       .operational_class = c->operational_class,
	                                       .smear = c->smear,
	                                       .regimen = c->regimen,
	                                       .planned_doses = c->planned_doses,
	                                       .window_months = c->window_months,
	                                       .age_group = c->age_group,
	                                       .gif_diagnosis = c->gif_diagnosis,
	                                       .gif_discharge = c->gif_discharge,
	                                       .started_on = c->started_on,
	                                       .doses = c->doses,
	                                       .last_dose_on = c->last_dose_on,
	                                       .last_seen_on = c->last_seen_on,
	                                       .last_assessed_on = c->last_assessed_on,
	                                       .reaction = c->reaction,
	                                       .discharged_on = c->discharged_on,
	                                       .discharge = c->discharge,
	                                       .content = c->content }));
	c->version++;
	c->updated_at = ctx->now;
	return OK;
}

enum err
case_correct(struct ctx *ctx, const struct hansen_case *before, const struct case_body *b,
        struct hansen_case **after)
{
	struct hansen_case *c = NEW(ctx, struct hansen_case);
	enum case_state to;

	*c = *before;
	TRY(case_may(ctx, c, ACT_CORRECT, &to));
	TRY(settle(ctx, b, c));
	if (date_is_set(c->started_on) && date_cmp(c->diagnosed_on, c->started_on) > 0)
		return invalid(ctx, "diagnosedOn", "order");
	if (c->planned_doses < c->doses)
		return invalid(ctx, "plannedDoses", "too_small");
	if (c->doses == 0)
		c->last_seen_on = c->diagnosed_on;
	c->state = str_of(case_state_name(to));
	TRY(case_store(ctx, c));
	*after = c;
	return OK;
}
