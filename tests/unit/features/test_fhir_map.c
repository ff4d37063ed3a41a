/* test_fhir_map.c - FHIR documents into charts: the right place for what is
 * well-formed, a named place in the count for everything else. */
#include "fhir_fixture.h"

#include <dirent.h>

/* ---- real files */

static struct str
file_text(const char *name)
{
	char path[600];
	snprintf(path, sizeof path, "%s/tests/data/%s", getenv("PLANTAO_SOURCE"), name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *bytes = arena_take(arena, 4 << 20);
	assert_non_null(bytes);
	struct str text = { bytes, fread(bytes, 1, 4 << 20, f) };
	fclose(f);
	if (!gzip_is(text))
		return text;
	struct buf out;
	buf_init(&out, JSON_TREE_BYTES_MAX);
	assert_int_equal(gunzip(text, &out), OK);
	text = arena_str(arena, buf_view(&out));
	buf_free(&out);
	return text;
}

static void
add_folder(const char *folder)
{
	char path[600];
	struct dirent *e;
	snprintf(path, sizeof path, "%s/tests/data/%s", getenv("PLANTAO_SOURCE"), folder);
	DIR *d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".json")) {
			snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
			assert_int_equal(fhir_set_add(set, file_text(path), why), OK);
		}
	closedir(d);
}

static void
test_br_core(void **state)
{
	(void)state;
	add_folder("br-core");
	assert_false(fhir_set_closed(set)); /* loose files: another may belong to them */
	make_charts();
	assert_int_equal(charts.count, 3);
	size_t records = 0, at = 3;
	for (size_t i = 0; i < 3; i++) {
		records += chart(i)->records.count;
		at = str_is(chart(i)->patient.name, "João Carlos Silva") ? i : at;
	}
	assert_int_equal(records, 4);
	const struct fhir_patient *p = &chart(at)->patient;
	assert_true(str_is(p->sex, "M"));
	assert_true(str_is(p->phone, "+55 11 98765-4321"));
	assert_true(str_is(p->email, "joao.carlos@example.com"));
	assert_int_equal(p->birth_date.year, 1985);
	assert_int_equal(p->identifiers.count, 2); /* CPF and CNS with wrong check digits */
	assert_false(str_is_set(p->cpf));
	assert_int_equal(tally.warnings[FHIR_W_UNVERIFIED], 6);
	struct fhir_texts t = texts(at, 0);
	assert_true(str_is(t.title, "12/12/2023 · Ambulatorial"));
	assert_has(t.diagnosis, "coronavírus de localização não especificada [CID-10 B34.2]");
	assert_has(t.treatment, "Procedimentos:\n• Consulta médica em atenção primária [SIGTAP 0301010064");
	assert_has(t.treatment, "posologia: Tomar 1 comprimido a cada 6 horas por 5 dias.");
	assert_has(t.notes, "Systolic blood pressure [LOINC 8480-6 BP sys]: 120 mmHg");
	assert_has(texts(at, 1).notes, "Alergia a veneno de vespa");
	assert_int_equal(tally.warnings[FHIR_W_OTHER_ENCOUNTER], 1);
	assert_int_equal(fhir_tally_all_rejected(&tally), 0);
}

/* A document of one patient cites a diagnosis of another: its words must not follow. */
static void
test_br_core_keeps_patients_apart(void **state)
{
	(void)state;
	add_folder("br-core");
	make_charts();
	for (size_t i = 0; i < charts.count; i++)
		for (size_t k = 0; k < chart(i)->records.count; k++) {
			struct fhir_texts t = texts(i, k);
			bool joao = str_is(chart(i)->patient.name, "João Carlos Silva");
			assert_true(joao || (!has(t.notes, "coronav") && !has(t.notes, "vespa")));
		}
}

static void
test_synthea(void **state)
{
	const char *name = "synthea/Floyd_Connelly_66843218-a9f9-4f16-8347-bdc2a0d14265.json.gz";
	(void)state;
	assert_int_equal(fhir_set_add(set, file_text(name), why), OK);
	assert_true(fhir_set_closed(set));
	make_charts();
	assert_int_equal(charts.count, 1);
	assert_true(str_is(chart(0)->patient.name, "Floyd Connelly"));
	assert_true(str_is(chart(0)->patient.mother_name, "Monserrate MacGyver"));
	assert_int_equal(chart(0)->records.count, 7);
	struct fhir_texts first = texts(0, 0);
	assert_true(str_is(first.title, "16/07/1993 · Encounter for problem"));
	assert_has(first.diagnosis, "Osteoarthritis of hip [SNOMED CT 239872002] — situação: ativo");
	assert_has(first.treatment, "Musculoskeletal care");
	/* no Condition: the type is the diagnosis */
	assert_true(
	        str_is(texts(0, 2).diagnosis, "Encounter for check up (procedure) [SNOMED CT 185349003]"));
	assert_has(texts(0, 2).notes, "Body Height [LOINC 8302-2]: 169,615 cm");
	/* goals stand with the plan that names them */
	assert_has(texts(0, 1).treatment, "meta: Maintain blood pressure below 140/90 mmHg");
	for (size_t i = 1; i < 7; i++)
		assert_true(record(0, i - 1)->at.ms <= record(0, i)->at.ms);
}

/* ---- charts */

static void
test_encounter_without_condition(void **state)
{
	(void)state;
	assert_int_equal(add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY(
	                         ENCOUNTER("e1", ",'reasonCode':[{'text':'Tosse'}],'type':[{'text':'Consulta'"
	                                         "}]")) "," ENTRY(ENCOUNTER("e2",
	                         ",'type':[{'text':'Retorno'}]")) "," ENTRY(ENCOUNTER("e3",
	                         ",'class':{'code':'AMB'}")) "," ENTRY(ENCOUNTER("e4", "")))),
	        OK);
	make_charts();
	assert_int_equal(chart(0)->records.count, 4);
	static const char *const said[] = { "Tosse", "Retorno", "ambulatorial",
		"Atendimento sem motivo informado" };
	for (size_t i = 0; i < 4; i++)
		assert_true(str_is(texts(0, i).diagnosis, said[i]));
}

static void
test_places(void **state)
{
	(void)state;
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY(ENCOUNTER("e1",
	                ",'diagnosis':[{'condition':{'"
	                "reference':'Condition/c1'}}]")) "," ENTRY("{'resourceType':'"
	                                                           "Condition','id':'c1'"
	                                                           "," SUBJECT ",'code':{'text':'Asma'}"
	                                                           "}") "," ENTRY("{'"
	                                                                          "resourceT"
	                                                                          "ype':'"
	                                                                          "Observati"
	                                                                          "on','id':"
	                                                                          "'o1'"
	                                                                          "," SUBJECT ",'code':{"
	                                                                          "'text':'"
	                                                                          "Peso'},"
	                                                                          "'valueQua"
	                                                                          "ntity':{'"
	                                                                          "value':"
	                                                                          "70.5,'"
	                                                                          "unit':'"
	                                                                          "kg'},'"
	                                                                          "encounter"
	                                                                          "':{'"
	                                                                          "reference"
	                                                                          "':"
	                                                                          "'http://"
	                                                                          "hapi."
	                                                                          "example/"
	                                                                          "fhir/"
	                                                                          "Encounter"
	                                                                          "/e1/"
	                                                                          "_history/"
	                                                                          "3'}}") "," ENTRY("{'"
	                                                                                            "resource"
	                                                                                            "Type':'"
	                                                                                            "Observat"
	                                                                                            "ion','"
	                                                                                            "id':'"
	                                                                                            "o2'"
	                                                                                            "," SUBJECT
	                                                                                            ",'code':"
	                                                                                            "{'text':"
	                                                                                            "'"
	                                                                                            "Altura'}"
	                                                                                            ","
	                                                                                            "'valueIn"
	                                                                                            "teger':"
	                                                                                            "170,"
	                                                                                            "'encount"
	                                                                                            "er':{'"
	                                                                                            "referenc"
	                                                                                            "e':'"
	                                                                                            "Encounte"
	                                                                                            "r"
	                                                                                            "/" UUID_B
	                                                                                            "'}}") "," ENTRY("{'"
	                                                                                                             "re"
	                                                                                                             "so"
	                                                                                                             "ur"
	                                                                                                             "ce"
	                                                                                                             "Ty"
	                                                                                                             "pe"
	                                                                                                             "':"
	                                                                                                             "'M"
	                                                                                                             "ed"
	                                                                                                             "ic"
	                                                                                                             "at"
	                                                                                                             "io"
	                                                                                                             "nS"
	                                                                                                             "ta"
	                                                                                                             "te"
	                                                                                                             "me"
	                                                                                                             "nt"
	                                                                                                             "',"
	                                                                                                             "'i"
	                                                                                                             "d'"
	                                                                                                             ":'"
	                                                                                                             "m1"
	                                                                                                             "'"
	                                                                                                             "," SUBJECT
	                                                                                                             ",'"
	                                                                                                             "co"
	                                                                                                             "nt"
	                                                                                                             "ex"
	                                                                                                             "t'"
	                                                                                                             ":{"
	                                                                                                             "'r"
	                                                                                                             "ef"
	                                                                                                             "er"
	                                                                                                             "en"
	                                                                                                             "ce"
	                                                                                                             "':"
	                                                                                                             "'E"
	                                                                                                             "nc"
	                                                                                                             "ou"
	                                                                                                             "nt"
	                                                                                                             "er"
	                                                                                                             "/e"
	                                                                                                             "1'"
	                                                                                                             "},"
	                                                                                                             "'m"
	                                                                                                             "ed"
	                                                                                                             "ic"
	                                                                                                             "at"
	                                                                                                             "io"
	                                                                                                             "nC"
	                                                                                                             "od"
	                                                                                                             "ea"
	                                                                                                             "bl"
	                                                                                                             "eC"
	                                                                                                             "on"
	                                                                                                             "ce"
	                                                                                                             "pt"
	                                                                                                             "':"
	                                                                                                             "{'"
	                                                                                                             "te"
	                                                                                                             "xt"
	                                                                                                             "':"
	                                                                                                             "'D"
	                                                                                                             "ip"
	                                                                                                             "ir"
	                                                                                                             "on"
	                                                                                                             "a'"
	                                                                                                             "}"
	                                                                                                             "}"))),
	        OK);
	make_charts();
	assert_int_equal(chart(0)->records.count, 2);
	struct fhir_texts t = texts(0, 1);
	assert_true(str_is(t.diagnosis, "Asma"));
	assert_has(t.notes, "Peso: 70,5 kg");
	assert_has(t.treatment, "Dipirona");
	/* an encounter that may have come before: the importer will know */
	assert_true(str_is(record(0, 0)->key, "Encounter/aaaaaaaa-2222-4333-8444-555555555555"));
	assert_false(record(0, 0)->encounter);
	assert_has(texts(0, 0).notes, "Altura: 170");
}

static void
test_what_has_no_place_is_counted(void **state)
{
	(void)state;
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT(
	                "")) ",{},null,{'resource':null},{'resource':'x'},{'resource':{'"
	                     "id':'1'}}," ENTRY(
	                             "{'resourceType':'Condition','id':'c0','"
	                             "code':{'text':'x'}}") "," ENTRY("{'"
	                                                              "resour"
	                                                              "ceType"
	                                                              "':'"
	                                                              "Condit"
	                                                              "ion','"
	                                                              "id':'"
	                                                              "c1','"
	                                                              "subjec"
	                                                              "t':{'"
	                                                              "refere"
	                                                              "nce':'"
	                                                              "Patien"
	                                                              "t/"
	                                                              "none'}"
	                                                              "}") "," ENTRY("{'resourceType':'"
	                                                                             "Condition','id':'c2','"
	                                                                             "subject':{'reference':'"
	                                                                             "Group/1'}}") "," ENTRY("{'resourceType':'Condition','id':'c3'," SUBJECT
	                                                                                                     ",'verificationStatus':{'coding':[{'code':'entered-"
	                                                                                                     "in-error'}]}}") "," ENTRY("{'resourceType':'"
	                                                                                                                                "Observation','id':'o'"
	                                                                                                                                "," SUBJECT
	                                                                                                                                ",'status':'entered-in-"
	                                                                                                                                "error'}") "," ENTRY("{'"
	                                                                                                                                                     "re"
	                                                                                                                                                     "so"
	                                                                                                                                                     "ur"
	                                                                                                                                                     "ce"
	                                                                                                                                                     "Ty"
	                                                                                                                                                     "pe"
	                                                                                                                                                     "':"
	                                                                                                                                                     "'C"
	                                                                                                                                                     "la"
	                                                                                                                                                     "im"
	                                                                                                                                                     "',"
	                                                                                                                                                     "'i"
	                                                                                                                                                     "d'"
	                                                                                                                                                     ":'"
	                                                                                                                                                     "k'"
	                                                                                                                                                     "}") "," ENTRY("{'resourceType':'Practitioner','id':'k'}") "," ENTRY("{'resourceType':'Evil\\u001b[31m','id':'k'}"))),
	        OK);
	make_charts();
	assert_int_equal(charts.count, 1);
	assert_int_equal(chart(0)->records.count, 0);
	assert_int_equal(counted("Bundle.entry", FHIR_R_EMPTY), 4);
	assert_int_equal(counted("Bundle.entry", FHIR_R_NO_TYPE), 1);
	assert_int_equal(counted("Condition", FHIR_R_NO_PATIENT), 2);
	assert_int_equal(counted("Condition", FHIR_R_PATIENT_UNKNOWN), 1);
	assert_int_equal(counted("Condition", FHIR_R_ENTERED_IN_ERROR), 1);
	assert_int_equal(counted("Observation", FHIR_R_ENTERED_IN_ERROR), 1);
	assert_int_equal(counted("Claim", FHIR_R_UNMAPPED), 1);
	assert_int_equal(counted("Practitioner", FHIR_R_SUPPORT), 1);
	assert_int_equal(counted("Evil??31m", FHIR_R_UNMAPPED), 1);
	assert_int_equal(fhir_tally_all_rejected(&tally), 4);
	assert_int_equal(tally.reject_count, 4);
}

static void
test_repetitions(void **state)
{
	(void)state;
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY(PATIENT("")) "," ENTRY(
	                "{'resourceType':'Condition','id':'c'," SUBJECT
	                ",'code':{'text':'um'}}") "," ENTRY("{'resourceType':'Condition','id':'c'," SUBJECT
	                                                    ",'code':{'text':'outro'}}"))),
	        OK);
	assert_int_equal(
	        add("{'resourceType':'Bundle','type':'history','entry':["
	            "{'resource':{'resourceType':'Goal','id':'g'," SUBJECT ",'description':{'text':'novo'}}},"
	            "{'resource':{'resourceType':'Goal','id':'g'," SUBJECT
	            ",'description':{'text':'velho'}}}]}"),
	        OK);
	make_charts();
	assert_int_equal(counted("Patient", FHIR_R_REPEATED), 1);
	assert_int_equal(counted("Condition", FHIR_R_CONFLICT), 1);
	assert_int_equal(counted("Goal", FHIR_R_REPEATED), 1);
	assert_true(str_is(texts(0, 0).diagnosis, "um"));
	assert_has(texts(0, 0).treatment, "novo");
}

static void
test_negations_are_loud(void **state)
{
	(void)state;
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY(
	                "{'resourceType':'Procedure','id':'a'," SUBJECT ",'code':{'text':'Biópsia'},"
	                "'status':'not-done'}") "," ENTRY("{'resourceType':'MedicationRequest','id':'"
	                                                  "b'," SUBJECT ",'doNotPerform':true,"
	                                                  "'medicationCodeableConcept':{'text':'"
	                                                  "Dapsona'}}") "," ENTRY("{'resourceType':'"
	                                                                          "Condition','id':'"
	                                                                          "c'," SUBJECT
	                                                                          ",'code':{'text':'"
	                                                                          "Hanseníase'},"
	                                                                          "'verificationStatu"
	                                                                          "s':{'coding':[{'"
	                                                                          "code':'refuted'}]}"
	                                                                          "}") "," ENTRY("{'"
	                                                                                         "res"
	                                                                                         "our"
	                                                                                         "ceT"
	                                                                                         "ype"
	                                                                                         "':'"
	                                                                                         "All"
	                                                                                         "erg"
	                                                                                         "yIn"
	                                                                                         "tol"
	                                                                                         "era"
	                                                                                         "nce"
	                                                                                         "','"
	                                                                                         "id'"
	                                                                                         ":'"
	                                                                                         "d',"
	                                                                                         "'pa"
	                                                                                         "tie"
	                                                                                         "nt'"
	                                                                                         ":{'"
	                                                                                         "ref"
	                                                                                         "ere"
	                                                                                         "nce"
	                                                                                         "':'"
	                                                                                         "Pat"
	                                                                                         "ien"
	                                                                                         "t"
	                                                                                         "/" UUID_A
	                                                                                         "'},"
	                                                                                         "'co"
	                                                                                         "de'"
	                                                                                         ":{'"
	                                                                                         "tex"
	                                                                                         "t':"
	                                                                                         "'Io"
	                                                                                         "do'"
	                                                                                         "},'"
	                                                                                         "mod"
	                                                                                         "ifi"
	                                                                                         "erE"
	                                                                                         "xte"
	                                                                                         "nsi"
	                                                                                         "on'"
	                                                                                         ":[{"
	                                                                                         "'ur"
	                                                                                         "l':"
	                                                                                         "'ht"
	                                                                                         "tp:"
	                                                                                         "//"
	                                                                                         "x/"
	                                                                                         "not"
	                                                                                         "Rea"
	                                                                                         "lly"
	                                                                                         "'}]"
	                                                                                         "}"))),
	        OK);
	make_charts();
	struct fhir_texts t = texts(0, 0);
	assert_has(t.treatment, "Biópsia — situação: NÃO REALIZADO");
	assert_has(t.treatment, "NÃO ADMINISTRAR, Dapsona");
	assert_has(t.diagnosis, "Hanseníase — verificação: DESCARTADO");
	assert_has(t.notes, "ATENÇÃO: modificador não interpretado http://x/notReally");
	assert_int_equal(tally.warnings[FHIR_W_MODIFIER], 1);
}

static void
test_references_in_circles(void **state)
{
	(void)state;
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY(
	                "{'resourceType':'PractitionerRole','id':'r','practitioner':{'reference':"
	                "'PractitionerRole/r'}}") "," ENTRY("{'resourceType':'Observation','id':'o'," SUBJECT
	                                                    ",'performer':[{'reference':"
	                                                    "'PractitionerRole/"
	                                                    "r'}],'hasMember':[{'reference':'Observation/"
	                                                    "o'}]}") "," ENTRY("{'resourceType':'"
	                                                                       "MedicationRequest','id':'m'"
	                                                                       "," SUBJECT ",'contained':[{'"
	                                                                       "resourceType':"
	                                                                       "'Medication','id':'k','code':"
	                                                                       "{'text':'Clofazimina'}}],'"
	                                                                       "medicationReference':"
	                                                                       "{'reference':'#k'}}"))),
	        OK);
	make_charts();
	assert_has(texts(0, 0).treatment, "Clofazimina");
	assert_int_equal(counted("Medication", FHIR_R_CONTAINED), 1);
}

static void
test_narrative_and_controls(void **state)
{
	(void)state;
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY("{'resourceType':'Composition','id':'c'," SUBJECT
	                                                ",'title':'Alta\\u0007\\u0000x','section':"
	                                                "[{'title':'Evolução'}]}"))),
	        ERR_MALFORMED);
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY("{'resourceType':'Composition','id':'c'," SUBJECT
	                                                ",'title':'Alta\\u0007 dada','section':"
	                                                "[{'title':'Evolução','text':{'div':'<div><p>Melhora "
	                                                "&amp; alta</p><script>x()</script>"
	                                                "<b>2 &lt; 3</b></div>'}}]}"))),
	        OK);
	make_charts();
	struct fhir_texts t = texts(0, 0);
	assert_has(t.notes, "Alta dada");
	assert_has(t.notes, "Melhora & alta\n  2 < 3");
	assert_false(has(t.notes, "x()"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_br_core),
		test(test_br_core_keeps_patients_apart),
		test(test_synthea),
		test(test_encounter_without_condition),
		test(test_places),
		test(test_what_has_no_place_is_counted),
		test(test_repetitions),
		test(test_negations_are_loud),
		test(test_references_in_circles),
		test(test_narrative_and_controls),
	};
	return cmocka_run_group_tests_name("fhir_map", tests, NULL, NULL);
}
