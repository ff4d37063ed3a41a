/* test_json.c - reading by the rows: every kind, every refusal, all at once. */
#include "base/json.h"

#include <stdio.h>

#include "../cm.h"

struct dose {
	struct str medicine;
	int64_t dose_mg;
};
struct word {
	struct str text;
};
struct order {
	struct id patient_id;
	struct str title;
	struct str notes;
	struct str priority;
	struct str code;
	int64_t version;
	struct opt_int weight_g;
	bool urgent;
	struct instant at;
	struct date day;
	struct blob never;
	struct list items;
	struct list words;
	struct dose *first;
	struct str extra;
};

static const char *
check_code(struct str s)
{
	return s.n == 4 ? NULL : "format";
}

static const char *const priorities[] = { "HIGH", "LOW", NULL };
static const struct field dose_rows[] = {
	FIELD(dose, medicine, .sens = SENS_CLINICAL, .required = true, .max = 20),
	FIELD(dose, dose_mg, .sens = SENS_CLINICAL, .required = true, .min = 1, .max = 1000),
};
static const struct type dose = TYPE(dose, dose_rows);
static const struct field word_rows[] = { FIELD(word, text, .sens = SENS_PLAIN, .min = 2, .max = 5) };
static const struct type word = TYPE(word, word_rows, .bare = true);
static const struct field order_rows[] = {
	FIELD(order, patient_id, .sens = SENS_PLAIN, .required = true),
	FIELD(order, title, .sens = SENS_CLINICAL, .required = true, .max = 10),
	FIELD(order, notes, .sens = SENS_CLINICAL),
	FIELD(order, priority, .sens = SENS_PLAIN, .one_of = priorities),
	FIELD(order, code, .sens = SENS_PLAIN, .check = check_code, .json = "theCode"),
	FIELD(order, version, .sens = SENS_PLAIN),
	FIELD(order, weight_g, .sens = SENS_CLINICAL, .min = -10, .max = 10),
	FIELD(order, urgent, .sens = SENS_PLAIN),
	FIELD(order, at, .sens = SENS_PLAIN),
	FIELD(order, day, .sens = SENS_PLAIN),
	FIELD(order, never, .sens = SENS_PLAIN),
	FIELD(order, items, .sens = SENS_PLAIN, .of = &dose, .min = 1, .max = 3),
	FIELD(order, words, .sens = SENS_PLAIN, .of = &word),
	FIELD_OBJECT(order, first, &dose, .sens = SENS_PLAIN),
	FIELD_JSON(order, extra, .sens = SENS_PLAIN, .max = 60),
};
static const struct type order = TYPE(order, order_rows);

#define ID "0193f7e2-6a4b-7c1d-8e9f-0123456789ab"
#define HEAD "{\"patientId\":\"" ID "\",\"title\":\"t\""

static struct ctx ctx;
static struct order got;

static int
setup(void **state)
{
	(void)state;
	assert_null(type_check(&order));
	ctx.arena = arena_new(4 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(ctx.arena);
	return 0;
}

static enum err
read_text(struct str text)
{
	arena_reset(ctx.arena);
	ctx.invalid = NULL;
	return json_read(&ctx, text, &order, &got);
}

/* The refusals as "field=code field=code". */
static const char *
refusals(void)
{
	static char text[4096];
	size_t n = 0;
	text[0] = '\0';
	for (const struct invalid *v = ctx.invalid; v && n < sizeof text; v = v->next)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%s", n ? " " : "", v->field, v->code);
	return text;
}

static void
expect_ok(const char *json)
{
	enum err err = read_text(str_of(json));
	if (err != OK || ctx.invalid)
		fail_msg("%s: error %d, %s, %s", json, err, refusals(), ctx.why);
}

static void
expect_invalid(const char *json, const char *what)
{
	enum err err = read_text(str_of(json));
	if (err != ERR_INVALID)
		fail_msg("%s: error %d instead of %s", json, err, what);
	assert_string_equal(refusals(), what);
}

static void
expect_malformed(struct str json)
{
	enum err err = read_text(json);
	if (err != ERR_MALFORMED || ctx.invalid)
		fail_msg("%.*s: error %d, %s", STR_FMT(json), err, refusals());
}

static void
test_every_kind(void **state)
{
	(void)state;
	expect_ok("{\"patientId\":\"" ID
	          "\",\"title\":\"Ação\",\"notes\":\"a\\n\\tb\\u00e9\\ud83e\\ude7a\",\"priority\":\"LOW\","
	          "\"theCode\":\"A309\",\"version\":9007199254740991,\"weightG\":-10,\"urgent\":true,"
	          "\"at\":\"2026-11-30T09:00:00-03:00\",\"day\":\"2026-11-30\","
	          "\"items\":[{\"medicine\":\"Rifampicina\",\"doseMg\":600},{\"medicine\":\"Dapsona\","
	          "\"doseMg\":100}],"
	          "\"words\":[\"ab\",\"abcde\"],\"first\":{\"medicine\":\"x\",\"doseMg\":1},"
	          "\"extra\":{\"a\":[1,-2.5,1e22,0.1,true,null,\"\\u0007\"],\"b\":{}}}");
	assert_true(id_is_set(got.patient_id));
	assert_true(str_is(got.title, "Ação"));
	assert_true(str_is(got.notes, "a\n\tb\xC3\xA9\xF0\x9F\xA9\xBA"));
	assert_true(str_is(got.priority, "LOW"));
	assert_true(str_is(got.code, "A309"));
	assert_int_equal(got.version, INT64_C(9007199254740991));
	assert_true(got.weight_g.set && got.weight_g.v == -10);
	assert_true(got.urgent);
	char text[INSTANT_TEXT + 1];
	instant_print(got.at, text);
	assert_string_equal(text, "2026-11-30T12:00:00.000Z");
	assert_int_equal(date_cmp(got.day, (struct date){ 2026, 11, 30 }), 0);
	assert_int_equal(got.items.count, 2);
	const struct dose *items = got.items.items;
	assert_true(str_is(items[1].medicine, "Dapsona"));
	assert_int_equal(items[1].dose_mg, 100);
	assert_int_equal(got.words.count, 2);
	assert_true(str_is(((const struct word *)got.words.items)[1].text, "abcde"));
	assert_int_equal(got.first->dose_mg, 1);
	assert_true(str_is(got.extra, "{\"a\":[1,-2.5,1e+22,0.1,true,null,\"\\u0007\"],\"b\":{}}"));
}

static void
test_absent_members_stay_zero(void **state)
{
	(void)state;
	memset(&got, 0xFF, sizeof got);
	expect_ok(HEAD ",\"notes\":null,\"version\":null,\"urgent\":null,\"items\":null,\"first\":null,"
	               "\"extra\":null,"
	               "\"weightG\":null,\"at\":null}");
	assert_false(str_is_set(got.notes) || str_is_set(got.extra) || str_is_set(got.priority));
	assert_false(got.weight_g.set || got.urgent || got.at.ms || date_is_set(got.day));
	assert_int_equal(got.version, 0);
	assert_int_equal(got.items.count, 0);
	assert_null(got.first);
	expect_ok(HEAD ",\"notes\":\"\"}");
	assert_true(str_is_set(got.notes) && got.notes.n == 0);
}

static void
test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *json, *what;
	} cases[] = {
		{ "{}", "patientId=required title=required" },
		{ "{\"patientId\":null,\"title\":null}", "patientId=required title=required" },
		{ "{\"patientId\":\"" ID "\",\"title\":\"\"}", "title=required" },
		{ "{\"patientId\":\"" ID "\",\"title\":\" \\n\\t \"}", "title=required" },
		{ "[]", "$=type" },
		{ "\"x\"", "$=type" },
		{ "17", "$=type" },
		{ "null", "$=type" },
		{ "true", "$=type" },
		{ "1e999", "$=type" },
		{ HEAD ",\"version\":\"1\"}", "version=type" },
		{ HEAD ",\"version\":1.0}", "version=type" },
		{ HEAD ",\"version\":1e2}", "version=type" },
		{ HEAD ",\"version\":true}", "version=type" },
		{ HEAD ",\"version\":[1]}", "version=type" },
		{ HEAD ",\"version\":-1}", "version=too_small" },
		{ HEAD ",\"version\":9007199254740992}", "version=too_large" },
		{ HEAD ",\"version\":9223372036854775807}", "version=too_large" },
		{ HEAD ",\"version\":9223372036854775808}", "version=too_large" },
		{ HEAD ",\"version\":-9223372036854775809}", "version=too_small" },
		{ HEAD ",\"version\":1000000000000000000000000000000000}", "version=too_large" },
		{ HEAD ",\"version\":1e309}", "version=type" },
		{ HEAD ",\"version\":-1e99999}", "version=type" },
		{ HEAD ",\"weightG\":11}", "weightG=too_large" },
		{ HEAD ",\"weightG\":-11}", "weightG=too_small" },
		{ HEAD ",\"weightG\":-99999999999999999999}", "weightG=too_small" },
		{ HEAD ",\"urgent\":1}", "urgent=type" },
		{ HEAD ",\"urgent\":\"true\"}", "urgent=type" },
		{ HEAD ",\"notes\":5}", "notes=type" },
		{ HEAD ",\"notes\":{}}", "notes=type" },
		{ HEAD ",\"priority\":\"low\"}", "priority=choice" },
		{ HEAD ",\"priority\":\"\"}", "priority=choice" },
		{ HEAD ",\"theCode\":\"A30\"}", "theCode=format" },
		{ HEAD ",\"code\":\"A309\"}", "code=unknown" },
		{ HEAD ",\"patient_id\":\"" ID "\"}", "patient_id=unknown" },
		{ HEAD ",\"never\":\"AA==\"}", "never=unknown" },
		{ HEAD ",\"\":1}", "=unknown" },
		{ HEAD ",\"at\":\"2026-11-30\"}", "at=time" },
		{ HEAD ",\"at\":1764506096}", "at=type" },
		{ HEAD ",\"day\":\"2026-02-30\"}", "day=date" },
		{ HEAD ",\"notes\":\"a\\u0001b\"}", "notes=control" },
		{ HEAD ",\"notes\":\"a\\rb\"}", "notes=control" },
		{ HEAD ",\"notes\":\"a\\u007fb\"}", "notes=control" },
		{ HEAD ",\"notes\":\"a\\u0085b\"}", "notes=control" },
		{ HEAD ",\"items\":[]}", "items=too_short" },
		{ HEAD ",\"items\":[1,null,{},[]]}", "items=too_many" },
		{ HEAD ",\"items\":[1,null,{\"doseMg\":5000,\"x\":1}]}",
		        "items[0]=type items[1]=type items[2].medicine=required items[2].doseMg=too_large "
		        "items[2].x=unknown" },
		{ HEAD ",\"items\":{}}", "items=type" },
		{ HEAD ",\"words\":[\"a\",\"ab\",null,7,\"abcdef\"]}",
		        "words[0]=too_short words[2]=type words[3]=type words[4]=too_long" },
		{ HEAD ",\"first\":[]}", "first=type" },
		{ HEAD ",\"first\":{\"medicine\":\"m\",\"doseMg\":0,\"why\":{\"deep\":1}}}",
		        "first.doseMg=too_small first.why=unknown" },
		{ HEAD ",\"extra\":\"0123456789012345678901234567890123456789012345678901234567890\"}",
		        "extra=too_long" },
		{ HEAD ",\"extra\":[1e400]}", "extra=too_large" },
		{ HEAD ",\"extra\":{\"n\":99999999999999999999}}", "extra=too_large" },
		{ HEAD ",\"extra\":9007199254740993}", "extra=too_large" },
		{ "{\"patientId\":\"x\",\"title\":\"12345678901\",\"priority\":1,\"weightG\":99,\"zzz\":0}",
		        "patientId=id title=too_long priority=type weightG=too_large zzz=unknown" },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_invalid(cases[i].json, cases[i].what);
}

static void
test_lengths_are_code_points(void **state)
{
	(void)state;
	char json[60000];
	expect_ok("{\"patientId\":\"" ID "\",\"title\":\"çãéíôúâêàü\"}");
	for (int n = 9999; n <= 10001; n++) {
		size_t at = (size_t)snprintf(json, sizeof json, HEAD ",\"notes\":\"");
		for (int i = 0; i < n; i++)
			at += (size_t)snprintf(json + at, sizeof json - at, "\xE2\x82\xAC");
		snprintf(json + at, sizeof json - at, "\"}");
		if (n <= 10000)
			expect_ok(json);
		else
			expect_invalid(json, "notes=too_long");
	}
}

static void
test_many_bad_members(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_text(&b, HEAD);
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, ",\"member%d\":%d", i, i);
	buf_byte(&b, '}');
	assert_int_equal(read_text(buf_view(&b)), ERR_INVALID);
	size_t n = 0;
	for (const struct invalid *v = ctx.invalid; v; v = v->next, n++)
		assert_string_equal(v->code, "unknown");
	assert_in_range(n, 1, 100);
	buf_reset(&b);
	buf_text(&b, HEAD ",\"");
	for (int i = 0; i < 500; i++)
		buf_text(&b, "\xC3\xA9");
	buf_text(&b, "\":1}");
	assert_int_equal(read_text(buf_view(&b)), ERR_INVALID);
	assert_true(utf8_valid(ctx.invalid->field, strlen(ctx.invalid->field)));
	assert_in_range(strlen(ctx.invalid->field), 40, 64);
	buf_free(&b);
}

static void
nested(struct buf *b, int depth)
{
	buf_reset(b);
	buf_text(b, HEAD ",\"extra\":");
	for (int i = 1; i < depth; i++)
		buf_byte(b, '[');
	for (int i = 1; i < depth; i++)
		buf_byte(b, ']');
	buf_byte(b, '}');
}

static void
test_depth(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 4 << 20);
	nested(&b, 30);
	assert_int_equal(read_text(buf_view(&b)), OK);
	nested(&b, JSON_DEPTH_MAX);
	assert_int_equal(
	        read_text(buf_view(&b)), ERR_INVALID); /* deep enough, but longer than the row's 60 bytes */
	nested(&b, JSON_DEPTH_MAX + 1);
	expect_malformed(buf_view(&b));
	nested(&b, 100000);
	expect_malformed(buf_view(&b));
	expect_ok(HEAD ",\"notes\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[{{{{\\\\\"}");
	buf_free(&b);
}

/* A tree that does not fit is an error at every size of the arena, never a crash. */
static void
test_little_memory(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 4 << 20);
	buf_text(&b, HEAD ",\"notes\":\"");
	for (int i = 0; i < 5000; i++)
		buf_text(&b, "\\u00e9x");
	buf_text(&b, "\",\"words\":[");
	for (int i = 0; i < 900; i++)
		buf_text(&b, i ? ",\"abc\"" : "\"abc\"");
	buf_text(&b, "],\"extra\":{\"v\":[1,2,[3.5]]}}");
	size_t refused = 0, ceiling = 0, step = 3880 / (size_t)rounds(40);
	enum err err = ERR_TOO_LARGE;
	for (; err != OK && ceiling < (4 << 20); ceiling += step) {
		struct ctx small = { .arena = arena_new(ceiling) };
		err = json_read(&small, buf_view(&b), &order, &got);
		if (err != OK) {
			assert_int_equal(err, ERR_TOO_LARGE);
			refused++;
		}
		arena_free(small.arena);
	}
	assert_int_equal(err, OK);
	assert_true(refused > (size_t)rounds(400) / 4);
	buf_free(&b);
}

static void
test_field_by_text(void **state)
{
	(void)state;
	static const struct {
		const char *member, *text, *code; /* code NULL: taken */
	} cases[] = {
		{ "patient_id", ID, NULL },
		{ "patient_id", "x", "id" },
		{ "patient_id", "", "required" },
		{ "title", "abc", NULL },
		{ "title", "  ", "required" },
		{ "title", "12345678901", "too_long" },
		{ "notes", "", NULL },
		{ "notes", "\xFF", "format" },
		{ "notes", "a\x01", "control" },
		{ "priority", "HIGH", NULL },
		{ "priority", "high", "choice" },
		{ "code", "abc", "format" },
		{ "version", "12", NULL },
		{ "version", "12a", "type" },
		{ "version", "-", "type" },
		{ "version", "-1", "too_small" },
		{ "version", "99999999999999999999", "too_large" },
		{ "version", "-99999999999999999999", "too_small" },
		{ "weight_g", "-10", NULL },
		{ "weight_g", "", NULL },
		{ "weight_g", "11", "too_large" },
		{ "urgent", "true", NULL },
		{ "urgent", "false", NULL },
		{ "urgent", "1", "type" },
		{ "at", "2026-11-30T00:00:00Z", NULL },
		{ "at", "2026-11-30", "time" },
		{ "day", "2026-11-30", NULL },
		{ "day", "30/11/2026", "date" },
		{ "items", "[]", "type" },
		{ "extra", "{}", "type" },
		{ "never", "x", "type" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		arena_reset(ctx.arena);
		ctx.invalid = NULL;
		memset(&got, 0, sizeof got);
		const struct field *f = type_field(&order, cases[i].member);
		enum err err = field_read_text(&ctx, f, str_of(cases[i].text), &got);
		const char *code = ctx.invalid ? ctx.invalid->code : NULL;
		if (err != (cases[i].code ? ERR_INVALID : OK))
			fail_msg("%s %s: error %d", cases[i].member, cases[i].text, err);
		if (cases[i].code)
			assert_string_equal(code, cases[i].code);
	}
	ctx.invalid = NULL;
	assert_int_equal(field_read_text(&ctx, type_field(&order, "weight_g"), STR("x"), &got), ERR_INVALID);
	assert_string_equal(ctx.invalid->field, "weightG");
	assert_int_equal(field_read_text(&ctx, type_field(&order, "weight_g"), STR("7"), &got), OK);
	assert_true(got.weight_g.set && got.weight_g.v == 7);
	assert_int_equal(field_read_text(&ctx, type_field(&order, "urgent"), STR("true"), &got), OK);
	assert_true(got.urgent);
}

/* What is written can be read back: the same object. */
static void
test_there_and_back(void **state)
{
	(void)state;
	expect_ok(HEAD ",\"notes\":\"q\\\" b\\\\ s/ n\\n t\\t "
	               "e\\u00e9\",\"items\":[{\"medicine\":\"x\",\"doseMg\":1}],"
	               "\"extra\":[0.1,1e-7,123456789.125,5e-324,1.5e299,1.0]}");
	struct buf one, two;
	buf_init(&one, 1 << 16);
	buf_init(&two, 1 << 16);
	json_write(&ctx, &one, &order, &got, NULL);
	assert_int_equal(read_text(buf_view(&one)), OK);
	assert_true(str_is(got.notes, "q\" b\\ s/ n\n t\t e\xC3\xA9"));
	json_write(&ctx, &two, &order, &got, NULL);
	assert_true(str_eq(buf_view(&one), buf_view(&two)));
	buf_free(&one);
	buf_free(&two);
}

struct whole {
	struct str json;
};
static const struct field whole_rows[] = { FIELD_JSON(whole, json, .sens = SENS_PLAIN, .max = 40) };
static const struct type whole = TYPE(whole, whole_rows, .bare = true);

static const char *
read_whole(const char *json, enum err expected)
{
	static struct whole value;
	arena_reset(ctx.arena);
	ctx.invalid = NULL;
	assert_int_equal(json_read(&ctx, str_of(json), &whole, &value), expected);
	return expected == OK ? value.json.p : refusals();
}

/* A bare type is the whole document; what is wrong with it is wrong with "$". */
static void
test_bare_document(void **state)
{
	(void)state;
	assert_string_equal(read_whole("{ \"a\": [29.9, 1] }", OK), "{\"a\":[29.9,1]}");
	assert_string_equal(read_whole("[1]", OK), "[1]");
	assert_string_equal(read_whole("null", ERR_INVALID), "$=type");
	assert_string_equal(read_whole("[99999999999999999999]", ERR_INVALID), "$=too_large");
	assert_string_equal(
	        read_whole("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", ERR_INVALID), "$=too_long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_absent_members_stay_zero),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_lengths_are_code_points),
		cmocka_unit_test(test_many_bad_members),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_little_memory),
		cmocka_unit_test(test_field_by_text),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_bare_document),
	};
	return cmocka_run_group_tests_name("json", tests, setup, teardown);
}
