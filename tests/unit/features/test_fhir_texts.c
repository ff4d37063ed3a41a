/* test_fhir_texts.c - the words of a record and their limits; whole documents that are refused. */
#include "fhir_fixture.h"

static void
test_nothing_is_cut_in_silence(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b, 1 << 22);
	buf_text(&b, "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\","
	             "\"id\":\"1\"}}");
	for (int i = 0; i < 300; i++)
		buf_printf(&b,
		        ",{\"resource\":{\"resourceType\":\"Condition\",\"id\":\"c%d\",\"subject\":{"
		        "\"reference\":"
		        "\"Patient/1\"},\"code\":{\"text\":\"doença %d %050d\"}}}",
		        i, i, i);
	buf_text(&b, "]}");
	assert_int_equal(fhir_set_add(set, buf_view(&b), why), OK);
	buf_free(&b);
	make_charts();
	struct fhir_texts t = texts(0, 0);
	assert_true(utf8_length(t.diagnosis) <= limits.diagnosis);
	const struct fhir_item *items = record(0, 0)->items.items;
	size_t out = 0;
	for (size_t i = 0; i < record(0, 0)->items.count; i++)
		out += items[i].left_out;
	assert_true(out > 100 && out < 200);
	char notice[80];
	snprintf(notice, sizeof notice, "[%zu itens da origem não couberam neste campo]", out);
	assert_has(t.diagnosis, notice);
}

static void
test_long_reason(void **state)
{
	static const struct fhir_limits small = { 100, 1000, 1000 };
	struct fhir_texts t;
	char text[3000];
	(void)state;
	assert_int_equal(add(PATIENT("")), OK);
	snprintf(text, sizeof text, ENCOUNTER("e1", ",'reasonCode':[{'text':'á%02000dé'}]"), 0);
	assert_int_equal(add(text), OK);
	make_charts();
	assert_int_equal(fhir_record_texts(arena, record(0, 0), &small, false, &t), OK);
	assert_int_equal(utf8_length(t.diagnosis), 100);
	assert_has(t.diagnosis, "0…");
	assert_has(t.notes, "não couberam inteiros");
	assert_true(utf8_length(t.notes) <= 1000);
}

static void
test_only_new(void **state)
{
	struct fhir_texts t;
	(void)state;
	assert_int_equal(
	        add(BUNDLE(ENTRY(PATIENT("")) "," ENTRY(ENCOUNTER("e1", "")) "," ENTRY(
	                "{'resourceType':'Condition','id':'c'," SUBJECT ",'encounter':{'reference':"
	                "'Encounter/e1'},'code':{'text':'Asma'}}") "," ENTRY("{'resourceType':'Procedure','"
	                                                                     "id':'p'," SUBJECT
	                                                                     ",'encounter':{'reference':"
	                                                                     "'Encounter/"
	                                                                     "e1'},'code':{'text':'"
	                                                                     "Espirometria'}}"))),
	        OK);
	make_charts();
	((struct fhir_item *)record(0, 0)->items.items)[0].known = true;
	assert_int_equal(fhir_record_texts(arena, record(0, 0), &limits, true, &t), OK);
	assert_false(str_is_set(t.diagnosis));
	assert_false(str_is_set(t.notes));
	assert_true(str_is(t.treatment, "Procedimentos:\n• Espirometria"));
}

static void
test_dates(void **state)
{
	static const char *const rows[][2] = {
		{ "2023-12-12T09:00:00-03:00", "12/12/2023 09:00 (-03:00)" },
		{ "2011-04-19T09:21:52.137+00:00", "19/04/2011 09:21 (UTC)" },
		{ "2024-02-29T23:59:59Z", "29/02/2024 23:59 (UTC)" },
		{ "2024-02-29", "29/02/2024" },
		{ "2024-02", "02/2024" },
		{ "2024", "2024" },
		{ "2024-13", "2024-13" },
		{ "2024-02-30", "2024-02-30" },
		{ "ontem", "ontem" },
		{ "2024-02-29T", "2024-02-29T" },
		{ "2024-02-29T10:00:00", "2024-02-29T10:00:00" },
		{ "2024-02-29T\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9Z",
		        "2024-02-29T\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9Z" },
		{ "2024-02-0\xc3\xa9", "2024-02-0\xc3\xa9" },
	};
	struct buf b;
	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&b);
		fhir_write_date(&b, str_of(rows[i][0]));
		if (!str_is(buf_view(&b), rows[i][1]))
			fail_msg("%s: %.*s", rows[i][0], STR_FMT(buf_view(&b)));
	}
	buf_free(&b);
	assert_true(fhir_instant(STR("1950-12-25T09:21:52+00:00")).ms < 0);
	assert_int_equal(fhir_instant(STR("1970-01-02")).ms, 86400000);
	assert_int_equal(fhir_instant(STR("x")).ms, 0);
}

/* ---- refusals of whole documents */

static void
test_refused_documents(void **state)
{
	static const char *const bad[] = { "", "[]", "{}", "null", "{'resourceType':1}",
		"{'resourceType':''}", "{'a':1", "{'resourceType':'Patient','resourceType':'Patient'}",
		"<Patient/>" };
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(add(bad[i]), ERR_MALFORMED);
	make_charts();
	assert_int_equal(charts.count, 0);
	/* bundles in bundles in bundles … */
	struct buf b;
	buf_init(&b, 1 << 16);
	for (int i = 0; i < 15; i++)
		buf_text(&b, "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":");
	buf_text(&b, "null");
	for (int i = 0; i < 15; i++)
		buf_text(&b, "}]}");
	assert_int_equal(fhir_set_add(set, buf_view(&b), why), ERR_TOO_LARGE);
	buf_free(&b);
	assert_int_equal(add("\xef\xbb\xbf{'resourceType':'Patient'}"), OK);
}

static void
test_open_sets_merge(void **state)
{
	(void)state;
	struct fhir_set *first = set;
	assert_int_equal(add(BUNDLE(ENTRY("{'resourceType':'Condition','id':'c'," SUBJECT
	                                  ",'code':{'text':'Asma'}}"))),
	        OK);
	assert_false(fhir_set_closed(first)); /* its patient is not there */
	set = fhir_set_new(&tally);
	assert_int_equal(add(BUNDLE(ENTRY(PATIENT("")))), OK);
	assert_false(fhir_set_closed(set)); /* a patient alone: the chart may lie elsewhere */
	assert_int_equal(fhir_set_merge(set, first), OK);
	fhir_set_free(first);
	assert_true(fhir_set_closed(set));
	assert_int_equal(add("{'resourceType':'Organization','id':'o'}"), OK);
	assert_false(fhir_set_closed(set));
	make_charts();
	assert_int_equal(charts.count, 1);
	assert_true(str_is(texts(0, 0).diagnosis, "Asma"));
}

/* A patient that did not come: known by UUID, CPF or CNS, or not at all. */
static void
test_cited_patients(void **state)
{
	(void)state;
	assert_int_equal(add("{'resourceType':'Condition','id':'a'," SUBJECT ",'code':{'text':'x'}}"), OK);
	assert_int_equal(add("{'resourceType':'Condition','id':'b','code':{'text':'y'},'subject':{'"
	                     "identifier':{'system':"
	                     "'https://saude.gov.br/fhir/sid/cpf','value':'" CPF_OK "'}}}"),
	        OK);
	assert_int_equal(
	        add("{'resourceType':'Condition','id':'c','subject':{'reference':'Patient/1'}}"), OK);
	make_charts();
	assert_int_equal(charts.count, 2);
	assert_false(chart(0)->patient.came);
	assert_true(str_is(chart(0)->patient.key, "Patient/" UUID_A));
	assert_true(str_is(chart(1)->patient.cpf, "52998224725"));
	assert_int_equal(counted("Condition", FHIR_R_PATIENT_UNKNOWN), 1);
}

static void
test_tally_shows_all(void **state)
{
	struct buf b;
	(void)state;
	for (int i = 0; i < 2 * FHIR_KINDS_MAX; i++) {
		char kind[20];
		snprintf(kind, sizeof kind, "Kind%d", i);
		fhir_tally_reason(&tally, str_of(kind), STR("id\n\"x\""), FHIR_R_CONFLICT);
	}
	assert_int_equal(fhir_tally_all_rejected(&tally), 2 * FHIR_KINDS_MAX);
	buf_init(&b, 1 << 20);
	fhir_tally_print(&b, &tally, false);
	assert_has(buf_view(&b), "recusado Kind0/id??x?: mesmo id com outro conteúdo");
	buf_reset(&b);
	buf_byte(&b, '{');
	fhir_tally_json(&b, &tally);
	buf_byte(&b, '}');
	const struct json_node *root;
	assert_int_equal(json_tree_read(arena, buf_view(&b), &root, why), OK);
	assert_int_equal(node_count(node_member(root, "kinds")), FHIR_KINDS_MAX);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_nothing_is_cut_in_silence),
		test(test_long_reason),
		test(test_only_new),
		test(test_dates),
		test(test_refused_documents),
		test(test_open_sets_merge),
		test(test_cited_patients),
		test(test_tally_shows_all),
	};
	return cmocka_run_group_tests_name("fhir_texts", tests, NULL, NULL);
}
