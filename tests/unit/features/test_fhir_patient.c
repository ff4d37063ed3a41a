/* test_fhir_patient.c - who a FHIR patient is, and that he is known again. */
#include "fhir_fixture.h"

static void
test_official_identifiers(void **state)
{
	(void)state;
	assert_int_equal(
	        add(PATIENT(",'name':[{'use':'old','family':'Velha'},{'family':'Reis','given':['Lia','M.'],"
	                    "'prefix':['Dra.']}],'gender':'other','identifier':["
	                    "{'system':'urn:oid:2.16.840.1.113883.13.237','value':'" CPF_OK "'},"
	                    "{'system':'HTTPS://saude.gov.br/fhir/sid/CNS/','value':'700 0000 0000 0005'},"
	                    "{'system':'https://saude.gov.br/fhir/sid/cns','value':'898000000000000'},"
	                    "{'system':'http://hospital/mr','value':' 77 '},{'system':'x'}]")),
	        OK);
	make_charts();
	const struct fhir_patient *p = &chart(0)->patient;
	assert_true(str_is(p->name, "Lia M. Reis"));
	assert_true(str_is(p->sex, "I"));
	assert_true(str_is(p->cpf, "52998224725"));
	assert_true(str_is(p->cns, "700000000000005"));
	assert_int_equal(p->identifiers.count, 2);
	const struct fhir_identifier *kept = p->identifiers.items;
	assert_true(str_is(kept[0].value, "898000000000000"));
	assert_true(str_is(kept[1].system, "http://hospital/mr") && str_is(kept[1].value, "77"));
	assert_int_equal(tally.warnings[FHIR_W_UNVERIFIED], 1);
	assert_has(p->extras, "outro nome: Velha");
	assert_int_equal(tally.warnings[FHIR_W_NO_CHART], 1);
}

static void
test_rnds_individual(void **state)
{
	(void)state;
	assert_int_equal(
	        add(PATIENT(
	                ",'identifier':[{'system':'http://www.saude.gov.br/fhir/r4/StructureDefinition/"
	                "BRIndividuo-1.0','value':'52998224725'}],'extension':[{'url':'http://"
	                "www.saude.gov.br/fhir/"
	                "r4/StructureDefinition/BRParentesIndividuo-1.0','extension':[{'url':'relationship',"
	                "'valueCode':'mother'},{'url':'parent','valueHumanName':{'text':'Ana Reis'}}]}]")),
	        OK);
	make_charts();
	assert_true(str_is(chart(0)->patient.cpf, "52998224725"));
	assert_true(str_is(chart(0)->patient.mother_name, "Ana Reis"));
	assert_true(str_is(chart(0)->patient.name, "Paciente sem nome"));
	assert_int_equal(tally.warnings[FHIR_W_NO_NAME], 1);
}

static void
test_birth_dates(void **state)
{
	static const char *const odd[] = { "1950", "1950-07", "1950-02-30", "2050-01-01",
		"1950-01-01T00:00:00Z" };
	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		char text[200];
		snprintf(text, sizeof text, "{'resourceType':'Patient','id':'p%zu','birthDate':'%s'}", i,
		        odd[i]);
		assert_int_equal(add(text), OK);
	}
	make_charts();
	assert_int_equal(charts.count, COUNT(odd));
	for (size_t i = 0; i < COUNT(odd); i++) {
		assert_false(date_is_set(chart(i)->patient.birth_date));
		assert_has(chart(i)->patient.extras, odd[i]);
	}
	assert_int_equal(tally.warnings[FHIR_W_BIRTH_DATE], COUNT(odd));
}

static void
test_long_name_is_not_lost(void **state)
{
	char text[1200];
	(void)state;
	snprintf(text, sizeof text, "{'resourceType':'Patient','id':'1','name':[{'text':'%0500dé'}]}", 7);
	assert_int_equal(add(text), OK);
	make_charts();
	assert_int_equal(utf8_length(chart(0)->patient.name), 200);
	assert_has(chart(0)->patient.extras, "7é");
}

/* The same patient is known again; another with the same short id is not taken for him. */
static void
test_keys(void **state)
{
	(void)state;
	assert_int_equal(add("{'resourceType':'Patient','id':'" UUID_B "','name':[{'family':'A'}]}"), OK);
	assert_int_equal(
	        add("{'resourceType':'Bundle','type':'collection','entry':[{'fullUrl':'urn:uuid:" UUID_A
	            "','resource':{'resourceType':'Patient','name':[{'family':'B'}]}}]}"),
	        OK);
	assert_int_equal(add("{'resourceType':'Patient','id':'1','name':[{'family':'C'}]}"), OK);
	make_charts();
	assert_true(str_is(chart(0)->patient.key, "Patient/aaaaaaaa-2222-4333-8444-555555555555"));
	assert_true(str_is(chart(1)->patient.key, "Patient/" UUID_A));
	struct str c = arena_str(arena, chart(2)->patient.key);
	fhir_set_free(set);
	set = fhir_set_new(&tally);
	assert_int_equal(add("{'resourceType':'Patient','id':'1','name':[{'family':'D'}]}"), OK);
	make_charts();
	assert_false(str_eq(chart(0)->patient.key, c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_official_identifiers),
		test(test_rnds_individual),
		test(test_birth_dates),
		test(test_long_name_is_not_lost),
		test(test_keys),
	};
	return cmocka_run_group_tests_name("fhir_patient", tests, NULL, NULL);
}
