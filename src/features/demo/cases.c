/* cases.c - the rows of cases.def as cases of hanseníase, through the same rules as
 * anybody's: what the protocol refuses would stop the demo. */
#include "features/demo/people.h"
#include "features/hansen_cases/hansen_cases.h"

struct hcase {
	size_t person;
	int diagnosed, start, doses, gap;
	const char *entry, *form, *smear;
	int lesions, nerves;
	const char *grades, *weight;
	int notified;
	const char *end;
	int end_day;
};
static const struct hcase cases[] = {
#define HCASE(person, diagnosed, start, doses, gap, entry, form, smear, ...)                                 \
	{ person, diagnosed, start, doses, gap, #entry, #form, #smear, __VA_ARGS__ },
#include "features/demo/cases.def"
};
static const struct {
	size_t person;
	int day;
	const char *reason, *grades;
} assessments[] = {
#define HASSESS(person, day, reason, grades) { person, day, #reason, grades },
#include "features/demo/cases.def"
};
static const struct {
	size_t person;
	int day;
	const char *type;
	bool neuritis;
	const char *treatment;
} reactions[] = {
#define HREACT(person, day, type, neuritis, treatment) { person, day, #type, neuritis, treatment },
#include "features/demo/cases.def"
};
static const struct {
	size_t person;
	int patient;
	const char *kind, *name, *relation;
	int examined, scars;
} contacts[] = {
#define HCONTACT(person, patient, kind, ...) { person, patient, #kind, __VA_ARGS__ },
#include "features/demo/cases.def"
};
static const struct {
	size_t person;
	int day;
	const char *drug, *severity, *description, *action;
} adverses[] = {
#define HADVERSE(person, day, drug, severity, ...) { person, day, drug, #severity, __VA_ARGS__ },
#include "features/demo/cases.def"
};

static const struct instant OPENED = {
	1704153600000
}; /* ids sort after those of people and charts of its day */

static struct date
day_of(const struct ctx *ctx, int offset)
{
	return date_from_days(date_days(instant_date(ctx->now)) + offset);
}

static struct id
event_id(const char *kind, size_t person, size_t n)
{
	return demo_id(OPENED, kind, person * 100 + n);
}

static struct opt_int
grade(char c)
{
	return (struct opt_int){ c - '0', true };
}

static struct case_sites *
sites_of(struct ctx *ctx, const char *g)
{
	struct case_sites *s = NEW(ctx, struct case_sites);

	*s = (struct case_sites){ grade(g[0]), grade(g[1]), grade(g[2]), grade(g[3]), grade(g[4]),
		grade(g[5]) };
	return s;
}

/* Most lesions where they are most often seen; the first on a side, so that the body map has something. */
static struct list
lesions_of(struct ctx *ctx, int count)
{
	static const struct {
		const char *site, *side;
	} places[] = { { "antebraco", "D" }, { "dorso", NULL }, { "coxa", "E" }, { "face", NULL } };
	struct case_lesion *l = NEW_ARRAY(ctx, struct case_lesion, COUNT(places));
	size_t n = 0;

	for (; l && n < COUNT(places) && (int)n < count; n++)
		l[n] = (struct case_lesion){
			.site = str_of(places[n].site), .side = str_of(places[n].side), .count = 1
		};
	return (struct list){ l, n };
}

static enum err
open_case(struct ctx *ctx, const struct hcase *h, struct hansen_case **out)
{
	struct case_findings findings = { .lesion_count = h->lesions,
		.nerve_count = h->nerves,
		.lesions = lesions_of(ctx, h->lesions),
		.disability = sites_of(ctx, h->grades),
		.weight_kg = str_of(h->weight) };
	struct case_body body = { .patient_id = demo_person_id(h->person),
		.unit = STR("2752700"),
		.municipality = STR("2611606"),
		.diagnosed_on = day_of(ctx, h->diagnosed),
		.entry_mode = str_of(h->entry),
		.detection_mode = strcmp(h->entry, "CASO_NOVO") == 0 ? STR("DEMANDA_ESPONTANEA")
		                                                     : (struct str){ 0 },
		.clinical_form = str_of(h->form),
		.smear = str_of(h->smear),
		.findings = &findings };

	return case_add(ctx, &body, event_id("hansen case", h->person, 0), out);
}

static enum err
add_assessments(struct ctx *ctx, const struct hcase *h, struct hansen_case *c)
{
	struct hansen_event *e;

	for (size_t i = 0; i < COUNT(assessments); i++)
		if (assessments[i].person == h->person)
			TRY(assessment_add(ctx, c,
			        &(struct assessment){ .assessed_on = day_of(ctx, assessments[i].day),
			                .reason = str_of(assessments[i].reason),
			                .sites = sites_of(ctx, assessments[i].grades) },
			        event_id("hansen assessment", h->person, i), &e));
	return OK;
}

static enum err
add_reactions(struct ctx *ctx, const struct hcase *h, struct hansen_case *c)
{
	struct hansen_event *e;

	for (size_t i = 0; i < COUNT(reactions); i++)
		if (reactions[i].person == h->person)
			TRY(reaction_add(ctx, c,
			        &(struct reaction){ .started_on = day_of(ctx, reactions[i].day),
			                .type = str_of(reactions[i].type),
			                .neuritis = reactions[i].neuritis,
			                .treatment = str_of(reactions[i].treatment) },
			        event_id("hansen reaction", h->person, i), &e));
	for (size_t i = 0; i < COUNT(adverses); i++)
		if (adverses[i].person == h->person)
			TRY(adverse_add(ctx, c,
			        &(struct adverse){ .on = day_of(ctx, adverses[i].day),
			                .drug = str_of(adverses[i].drug),
			                .severity = str_of(adverses[i].severity),
			                .description = str_of(adverses[i].description),
			                .action = str_of(adverses[i].action) },
			        event_id("hansen adverse", h->person, i), &e));
	return OK;
}

static enum err
add_contact(struct ctx *ctx, struct hansen_case *c, size_t i)
{
	struct hansen_contact *k, *after;
	bool ours = contacts[i].patient >= 0;

	TRY(contact_add(ctx, c,
	        &(struct contact_details){
	                .contact_patient_id = ours ? demo_person_id((size_t)contacts[i].patient)
	                                           : (struct id){ { 0 } },
	                .kind = str_of(contacts[i].kind),
	                .name = str_of(contacts[i].name),
	                .relation = str_of(contacts[i].relation) },
	        event_id("hansen contact", contacts[i].person, i), &k));
	if (contacts[i].examined == 0)
		return OK;
	return contact_examine(ctx, k,
	        &(struct contact_exam){ .examined_on = day_of(ctx, contacts[i].examined),
	                .result = STR("DESCARTADO"),
	                .bcg_scars = { contacts[i].scars, true } },
	        &after);
}

static enum err
add_case(struct ctx *ctx, const struct hcase *h)
{
	struct hansen_event *e;
	struct hansen_case *c;

	TRY(open_case(ctx, h, &c));
	if (h->notified != 0)
		TRY(case_notify(ctx, c, day_of(ctx, h->notified), (struct str){ 0 }));
	for (int n = 0; n < h->doses; n++)
		TRY(dose_add(ctx, c,
		        &(struct dose){ .taken_on = day_of(ctx, h->start + n * h->gap),
		                .self_taken = { n > 0 ? 27 : 0, n > 0 } },
		        event_id("hansen dose", h->person, (size_t)n), &e));
	TRY(add_assessments(ctx, h, c));
	TRY(add_reactions(ctx, h, c));
	for (size_t i = 0; i < COUNT(contacts); i++)
		if (contacts[i].person == h->person)
			TRY(add_contact(ctx, c, i));
	if (!h->end)
		return OK;
	return case_discharge(ctx, c,
	        &(struct state_change){ .on = day_of(ctx, h->end_day),
	                .discharge = str_of(h->end),
	                .clinical_evaluation = true },
	        event_id("hansen discharge", h->person, 0), &e);
}

enum err
demo_cases(struct ctx *ctx, const struct demo_staff *staff)
{
	struct id actor = ctx->actor;
	enum err err = OK;

	ctx->actor = staff->doctor;
	for (size_t i = 0; i < COUNT(cases) && err == OK; i++)
		err = add_case(ctx, &cases[i]);
	ctx->actor = actor;
	return err;
}
