/* chart_cases.c - cases of hanseníase in a chart's export.
 *
 * In FHIR R4: the disease is a Condition (CID-10 by clinical form), its follow-up an EpisodeOfCare; a
 * supervised dose is a MedicationAdministration, an assessment two Observations (grade of disability, sum of
 * sites), a reaction a Condition, an adverse event an AdverseEvent.  Codes of SINAN stand as text: no
 * published code system has them. */
#include "features/privacy/chart.h"

#include "base/json.h"
#include "http/signed.h"

#define ENTRY_OF(kind) ",{\"resource\":{\"resourceType\":\"" kind "\""
#define CLINICAL_STATUS                                                                                      \
	",\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"              \
	"condition-clinical\",\"code\":\"%s\"}]}"

/* ---- words */

static const char *
icd_of(struct str form)
{
	static const struct {
		const char *form, *code;
	} rows[] = { { "INDETERMINADA", "A30.0" }, { "TUBERCULOIDE", "A30.1" }, { "DIMORFA", "A30.3" },
		{ "VIRCHOWIANA", "A30.5" } };

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_is(form, rows[i].form))
			return rows[i].code;
	return "A30.9";
}

static bool
is_treated(const struct hansen_case *c)
{
	return str_is(c->state, "DIAGNOSED") || str_is(c->state, "IN_TREATMENT");
}

/* ---- a page */

static void
item(struct buf *b, struct date on, const char *what, struct str more)
{
	buf_text(b, "<li>");
	html_day(b, on);
	buf_printf(b, " · %s", what);
	if (str_is_set(more)) {
		buf_text(b, ": ");
		html_text(b, more);
	}
	buf_text(b, "</li>");
}

static void
page_assessment(struct buf *b, struct date on, const struct assessment *a)
{
	item(b, on, "Avaliação neurológica", a->note);
	if (a->gif.set)
		buf_printf(b, "<li>Grau de incapacidade %lld</li>", (long long)a->gif.v);
	if (a->omp.set)
		buf_printf(b, "<li>OMP %lld</li>", (long long)a->omp.v);
}

static void
page_event(struct buf *b, const struct hansen_event *e)
{
	if (e->dose)
		item(b, e->on_day, "Dose supervisionada", e->dose->note);
	else if (e->assessment)
		page_assessment(b, e->on_day, e->assessment);
	else if (e->reaction)
		item(b, e->on_day, code_text("reaction", e->reaction->type), e->reaction->treatment);
	else if (e->adverse_event)
		item(b, e->on_day, "Evento adverso", e->adverse_event->description);
	else if (e->change)
		item(b, e->on_day, case_state_text(e->change->to), e->change->reason);
}

static void
page_case(struct buf *b, const struct case_history *h)
{
	const struct hansen_case *c = h->item;
	const struct hansen_event *e = h->events.items;

	buf_text(b, "<section><h2>Hanseníase</h2><p>Diagnóstico em ");
	html_day(b, c->diagnosed_on);
	buf_printf(b, " · %s · %.*s · %s · %lld de %lld doses · %zu contatos</p><ul>",
	        code_text("clinicalForm", c->clinical_form), STR_FMT(c->operational_class),
	        case_state_text(c->state), (long long)c->doses, (long long)c->planned_doses,
	        h->contacts.count);
	for (size_t i = 0; i < h->events.count; i++)
		page_event(b, &e[i]);
	buf_text(b, "</ul></section>\n");
}

void
cases_html(struct buf *b, const struct list *histories)
{
	const struct case_history *h = histories->items;

	for (size_t i = 0; i < histories->count; i++)
		page_case(b, &h[i]);
}

/* ---- FHIR R4 */

static void
reference(struct buf *b, const char *name, struct id id)
{
	char text[ID_TEXT + 1];

	id_print(id, text);
	buf_printf(b, ",\"%s\":{\"reference\":\"urn:uuid:%s\"}", name, text);
}

static void
day(struct buf *b, const char *name, struct date d)
{
	char text[DATE_TEXT + 1];

	if (!date_is_set(d))
		return;
	date_print(d, text);
	buf_printf(b, ",\"%s\":\"%s\"", name, text);
}

static void concept(struct buf *b, const char *name, struct str text)
{
	buf_printf(b, ",\"%s\":{\"text\":", name);
	json_write_text(b, text);
	buf_byte(b, '}');
}

static void
note(struct buf *b, struct str text)
{
	if (!str_is_set(text))
		return;
	buf_text(b, ",\"note\":[{\"text\":");
	json_write_text(b, text);
	buf_text(b, "}]");
}

static void
fhir_disease(struct buf *b, const struct hansen_case *c)
{
	char id[ID_TEXT + 1];
	bool wrong = str_is(c->state, "MISDIAGNOSED");

	id_print(c->id, id);
	buf_printf(b,
	        ",{\"fullUrl\":\"urn:uuid:%s\",\"resource\":{\"resourceType\":\"Condition\",\"id\":\"%s\"",
	        id, id);
	if (!wrong) /* FHIR's con-4 and con-5: what is refuted or in error has none */
		buf_printf(b, CLINICAL_STATUS, str_is(c->state, "CURED") ? "resolved" : "active");
	buf_printf(b,
	        ",\"verificationStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
	        "condition-ver-status\",\"code\":\"%s\"}]},\"code\":{\"coding\":[{\"system\":"
	        "\"http://hl7.org/fhir/sid/icd-10\",\"code\":\"%s\"}],\"text\":\"Hanseníase %s, %.*s\"}",
	        wrong ? "refuted" : "confirmed", icd_of(c->clinical_form),
	        code_text("clinicalForm", c->clinical_form), STR_FMT(c->operational_class));
	reference(b, "subject", c->patient_id);
	day(b, "recordedDate", c->diagnosed_on);
	if (c->findings)
		note(b, c->findings->notes);
	buf_text(b, "}}");
}

static void
fhir_episode(struct buf *b, const struct hansen_case *c)
{
	char start[DATE_TEXT + 1], id[ID_TEXT + 1];

	date_print(c->diagnosed_on, start);
	id_print(c->id, id);
	buf_printf(b, ENTRY_OF("EpisodeOfCare") ",\"status\":\"%s\"",
	        is_treated(c)                      ? "active"
	        : str_is(c->state, "MISDIAGNOSED") ? "entered-in-error"
	                                           : "finished");
	reference(b, "patient", c->patient_id);
	buf_printf(b,
	        ",\"diagnosis\":[{\"condition\":{\"reference\":\"urn:uuid:%s\"}}],\"period\":{\"start\":\"%"
	        "s\"",
	        id, start);
	day(b, "end", c->discharged_on);
	buf_text(b, "}}}");
}

static void
fhir_dose(struct buf *b, const struct hansen_case *c, const struct hansen_event *e)
{
	buf_text(b, ENTRY_OF("MedicationAdministration") ",\"status\":\"completed\"");
	concept(b, "medicationCodeableConcept", str_of(code_text("regimen", c->regimen)));
	reference(b, "subject", e->patient_id);
	day(b, "effectiveDateTime", e->on_day);
	note(b, e->dose->note);
	buf_text(b, "}}");
}

static void
fhir_grade(struct buf *b, const struct hansen_event *e, const char *what, struct opt_int grade)
{
	if (!grade.set)
		return;
	buf_text(b, ENTRY_OF("Observation") ",\"status\":\"final\"");
	concept(b, "code", str_of(what));
	reference(b, "subject", e->patient_id);
	day(b, "effectiveDateTime", e->on_day);
	buf_printf(b, ",\"valueInteger\":%lld", (long long)grade.v);
	note(b, e->assessment->note);
	buf_text(b, "}}");
}

static void
fhir_reaction(struct buf *b, const struct hansen_event *e)
{
	buf_printf(b, ENTRY_OF("Condition") CLINICAL_STATUS,
	        date_is_set(e->reaction->ended_on) ? "resolved" : "active");
	concept(b, "code", str_of(code_text("reaction", e->reaction->type)));
	reference(b, "subject", e->patient_id);
	day(b, "onsetDateTime", e->reaction->started_on);
	day(b, "abatementDateTime", e->reaction->ended_on);
	note(b, e->reaction->treatment);
	buf_text(b, "}}");
}

static void
fhir_adverse(struct buf *b, const struct hansen_event *e)
{
	buf_text(b, ENTRY_OF("AdverseEvent") ",\"actuality\":\"actual\"");
	concept(b, "event", e->adverse_event->description);
	reference(b, "subject", e->patient_id);
	day(b, "date", e->on_day);
	buf_text(b, "}}");
}

static void
fhir_event(struct buf *b, const struct hansen_case *c, const struct hansen_event *e)
{
	if (e->dose)
		fhir_dose(b, c, e);
	else if (e->reaction)
		fhir_reaction(b, e);
	else if (e->adverse_event)
		fhir_adverse(b, e);
	if (e->assessment) {
		fhir_grade(b, e, "Grau de incapacidade física (GIF)", e->assessment->gif);
		fhir_grade(b, e, "Soma OMP", e->assessment->omp);
	}
}

void
cases_fhir(struct buf *b, const struct list *histories)
{
	const struct case_history *h = histories->items;

	for (size_t i = 0; i < histories->count; i++) {
		const struct hansen_event *e = h[i].events.items;

		fhir_disease(b, h[i].item);
		fhir_episode(b, h[i].item);
		for (size_t k = 0; k < h[i].events.count; k++)
			fhir_event(b, h[i].item, &e[k]);
	}
}
