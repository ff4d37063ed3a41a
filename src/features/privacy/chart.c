/* chart.c - gathers a chart and writes it as a page or as a FHIR bundle. */
#include "features/privacy/chart.h"
#include "base/json.h"
#include "http/signed.h"
#include "chart_sql.h"

enum { PAGE_BYTES_MAX = 48 << 20 };

#define CLINICAL(s, m) FIELD(s, m, .sens = SENS_CLINICAL, .sealed = true, .nullable_only = true)

static const struct field record_fields[] = {
	FIELD(chart_record, id, .sens = SENS_PLAIN),
	FIELD(chart_record, patient_id, .sens = SENS_PLAIN),
	FIELD(chart_record, doctor_id, .sens = SENS_PLAIN),
	CLINICAL(chart_record, title),
	CLINICAL(chart_record, diagnosis),
	CLINICAL(chart_record, treatment),
	CLINICAL(chart_record, notes),
	FIELD(chart_record, priority, .sens = SENS_PLAIN),
	FIELD(chart_record, version, .sens = SENS_PLAIN),
	FIELD(chart_record, created_at, .sens = SENS_PLAIN),
	FIELD(chart_record, updated_at, .sens = SENS_PLAIN),
	FIELD(chart_record, deleted_at, .sens = SENS_PLAIN, .nullable_only = true),
};
const struct type chart_record_type = TYPE(
        chart_record, record_fields, .table = "medical_record", .row_field = "id", .key_field = "patient_id");

static const struct field version_fields[] = {
	FIELD(chart_version, id, .sens = SENS_PLAIN),
	FIELD(chart_version, record_id, .sens = SENS_PLAIN),
	FIELD(chart_version, patient_id, .sens = SENS_PLAIN),
	FIELD(chart_version, author_id, .sens = SENS_PLAIN),
	FIELD(chart_version, version, .sens = SENS_PLAIN),
	CLINICAL(chart_version, title),
	CLINICAL(chart_version, diagnosis),
	CLINICAL(chart_version, treatment),
	CLINICAL(chart_version, notes),
	FIELD(chart_version, priority, .sens = SENS_PLAIN),
	FIELD(chart_version, at, .sens = SENS_PLAIN),
};
const struct type chart_version_type = TYPE(chart_version, version_fields, .table = "medical_record_version",
        .row_field = "id", .key_field = "patient_id");

static const struct field access_fields[] = {
	FIELD(chart_access, at, .sens = SENS_PLAIN),
	FIELD(chart_access, event, .sens = SENS_PLAIN),
	FIELD(chart_access, actor_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(chart_access, role, .sens = SENS_PLAIN),
	FIELD(chart_access, status, .sens = SENS_PLAIN),
};
const struct type chart_access_type = TYPE(chart_access, access_fields);

static const struct field chart_fields[] = {
	FIELD(chart, format, .sens = SENS_PLAIN),
	FIELD(chart, made_at, .sens = SENS_PLAIN),
	FIELD(chart, made_by, .sens = SENS_PLAIN),
	FIELD_OBJECT(chart, patient, &patient_type, .sens = SENS_PLAIN),
	FIELD(chart, records, .sens = SENS_PLAIN, .of = &chart_record_type),
	FIELD(chart, versions, .sens = SENS_PLAIN, .of = &chart_version_type),
	FIELD(chart, consents, .sens = SENS_PLAIN, .of = &consent_type),
	FIELD(chart, accesses, .sens = SENS_PLAIN, .of = &chart_access_type),
	FIELD(chart, hansen_cases, .sens = SENS_PLAIN, .of = &case_history_type),
};
const struct type chart_type = TYPE(chart, chart_fields);

enum err
chart_read(struct ctx *ctx, struct id patient, struct chart **out)
{
	struct chart *c = NEW(ctx, struct chart);

	c->format = STR("plantao-chart-1");
	c->made_by = STR(PROGRAM);
	c->made_at = ctx->now;
	TRY(patient_get(ctx, patient, false, &c->patient));
	TRY(sql_chart_records(ctx, &(struct chart_records_in){ .patient_id = patient }, &c->records));
	TRY(sql_chart_versions(ctx, &(struct chart_versions_in){ .patient_id = patient }, &c->versions));
	TRY(sql_chart_consents(ctx, &(struct chart_consents_in){ .patient_id = patient }, &c->consents));
	TRY(sql_chart_accesses(ctx, &(struct chart_accesses_in){ .patient_id = patient }, &c->accesses));
	TRY(case_histories(ctx, patient, &c->hansen_cases));
	*out = c;
	return OK;
}

static enum err
take(struct ctx *ctx, struct buf *b, struct str *out)
{
	*out = arena_str(ctx->arena, buf_view(b));
	buf_free(b);
	return str_is_set(*out) ? OK : fail(ctx, ERR_TOO_LARGE, "chart beyond %d bytes", PAGE_BYTES_MAX);
}

/* ---- a page */

static void
labelled(struct buf *b, const char *label, struct str value)
{
	if (value.n == 0)
		return;
	buf_printf(b, "<dt>%s</dt><dd>", label);
	html_text(b, value);
	buf_text(b, "</dd>");
}

static void
page_record(struct buf *b, const struct chart_record *r)
{
	buf_text(b, "<section><h2>");
	html_text(b, r->title);
	buf_text(b, "</h2><p>");
	html_day(b, instant_date(r->created_at));
	buf_printf(
	        b, " · versão %lld%s</p><dl>", (long long)r->version, r->deleted_at.ms ? " · inativado" : "");
	labelled(b, "Diagnóstico", r->diagnosis);
	labelled(b, "Tratamento", r->treatment);
	labelled(b, "Observações", r->notes);
	buf_text(b, "</dl></section>\n");
}

enum err
chart_html(struct ctx *ctx, const struct chart *c, struct str *out)
{
	const struct chart_record *r = c->records.items;
	struct buf b;

	buf_init(&b, PAGE_BYTES_MAX);
	buf_text(&b, "<!doctype html><html lang=\"pt-BR\"><meta charset=\"utf-8\"><title>Prontuário</title>"
	             "<style>body{font:15px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
	             "section{border-top:1px solid "
	             "#999;page-break-inside:avoid}dt{font-weight:bold}</style><h1>Prontuário de ");
	html_text(&b, c->patient->name);
	buf_text(&b, "</h1><dl>");
	labelled(&b, "CPF", c->patient->cpf);
	labelled(&b, "CNS", c->patient->cns);
	labelled(&b, "Nome da mãe", c->patient->mother_name);
	buf_text(&b, "</dl><p>Nascimento: ");
	html_day(&b, c->patient->birth_date);
	buf_text(&b, " · Emitido em ");
	html_day(&b, instant_date(c->made_at));
	buf_printf(
	        &b, " · %zu registros, %zu acessos registrados</p>\n", c->records.count, c->accesses.count);
	for (size_t i = 0; i < c->records.count; i++)
		page_record(&b, &r[i]);
	cases_html(&b, &c->hansen_cases);
	html_made(&b, c->made_at);
	buf_text(&b, "</html>\n");
	return take(ctx, &b, out);
}

/* ---- FHIR R4 */

static void
member(struct buf *b, const char *name, struct str value)
{
	if (!str_is_set(value))
		return;
	buf_printf(b, ",\"%s\":", name);
	json_write_text(b, value);
}

static void
identifier(struct buf *b, const char *system, struct str value, bool *first)
{
	if (!str_is_set(value))
		return;
	buf_printf(b, "%s{\"system\":\"%s\",\"value\":", *first ? "" : ",", system);
	json_write_text(b, value);
	buf_byte(b, '}');
	*first = false;
}

static void
fhir_patient(struct buf *b, const struct patient *p)
{
	char id[ID_TEXT + 1], birth[DATE_TEXT + 1];
	bool first = true;

	id_print(p->id, id);
	buf_printf(b,
	        "{\"fullUrl\":\"urn:uuid:%s\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"%s\","
	        "\"identifier\":[",
	        id, id);
	identifier(b, "http://rnds.saude.gov.br/fhir/r4/NamingSystem/cpf", p->cpf, &first);
	identifier(b, "http://rnds.saude.gov.br/fhir/r4/NamingSystem/cns", p->cns, &first);
	if (first)
		identifier(b, "urn:ietf:rfc:4122", str_of(id), &first);
	buf_text(b, "],\"name\":[{\"use\":\"official\",\"text\":");
	json_write_text(b, p->name);
	buf_printf(b, "}],\"gender\":\"%s\"",
	        str_is(p->sex, "F")   ? "female"
	        : str_is(p->sex, "M") ? "male"
	                              : "unknown");
	if (date_is_set(p->birth_date)) {
		date_print(p->birth_date, birth);
		buf_printf(b, ",\"birthDate\":\"%s\"", birth);
	}
	buf_text(b, "}}");
}

static void
fhir_record(struct buf *b, const struct chart_record *r)
{
	char id[ID_TEXT + 1], patient[ID_TEXT + 1], at[INSTANT_TEXT + 1];

	id_print(r->id, id);
	id_print(r->patient_id, patient);
	instant_print(r->created_at, at);
	buf_printf(b,
	        ",{\"fullUrl\":\"urn:uuid:%s\",\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"%s\","
	        "\"status\":\"finished\","
	        "\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/"
	        "v3-ActCode\",\"code\":\"AMB\"},"
	        "\"subject\":{\"reference\":\"urn:uuid:%s\"},\"period\":{\"start\":\"%s\"},\"reasonCode\":[{"
	        "\"text\":",
	        id, id, patient, at);
	json_write_text(b, r->title);
	buf_printf(b,
	        "}]}},{\"resource\":{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"urn:uuid:%"
	        "s\"},"
	        "\"encounter\":{\"reference\":\"urn:uuid:%s\"},\"recordedDate\":\"%s\",\"code\":{\"text\":",
	        patient, id, at);
	json_write_text(b, r->diagnosis);
	buf_byte(b, '}');
	if (str_is_set(r->notes)) {
		buf_text(b, ",\"note\":[{\"text\":");
		json_write_text(b, r->notes);
		buf_text(b, "}]");
	}
	buf_text(b, "}}");
	if (str_is_set(r->treatment)) {
		buf_printf(b,
		        ",{\"resource\":{\"resourceType\":\"CarePlan\",\"status\":\"active\",\"intent\":"
		        "\"plan\","
		        "\"subject\":{\"reference\":\"urn:uuid:%s\"},\"encounter\":{\"reference\":\"urn:uuid:"
		        "%s\"}",
		        patient, id);
		member(b, "description", r->treatment);
		buf_text(b, "}}");
	}
}

enum err
chart_fhir(struct ctx *ctx, const struct chart *c, struct str *out)
{
	const struct chart_record *r = c->records.items;
	char at[INSTANT_TEXT + 1];
	struct buf b;

	buf_init(&b, PAGE_BYTES_MAX);
	instant_print(c->made_at, at);
	buf_printf(&b,
	        "{\"resourceType\":\"Bundle\",\"meta\":{\"source\":\"urn:plantao:" PLANTAO_VERSION
	        "\"},\"type\":\"collection\",\"timestamp\":\"%s\",\"entry\":[",
	        at);
	fhir_patient(&b, c->patient);
	for (size_t i = 0; i < c->records.count; i++)
		if (r[i].deleted_at.ms == 0 && str_is_set(r[i].title))
			fhir_record(&b, &r[i]);
	cases_fhir(&b, &c->hansen_cases);
	buf_text(&b, "]}\n");
	return take(ctx, &b, out);
}
