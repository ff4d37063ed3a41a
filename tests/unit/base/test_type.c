/* test_type.c - names, and each way in which rows can be wrong. */
#include "base/type.h"

#include "../cm.h"

struct thing {
	struct id id;
	struct str some_text;
	int64_t number;
	struct list list;
	struct thing *self;
};

static void
test_names(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = { { "birth_date", "birthDate" }, { "id", "id" }, { "", "" }, { "a_b_c", "aBC" },
		{ "line_2", "line_2" }, { "x_", "x_" }, { "_x", "X" }, { "created_at", "createdAt" } };
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[32];
		camel(cases[i].in, out);
		assert_string_equal(out, cases[i].out);
	}
	static const struct field rows[] = {
		FIELD(thing, some_text, .sens = SENS_PLAIN),
		FIELD(thing, number, .sens = SENS_PLAIN, .json = "N"),
	};
	static const struct type t = TYPE(thing, rows);
	char name[FIELD_NAME_MAX + 1];
	field_json(type_field(&t, "some_text"), name);
	assert_string_equal(name, "someText");
	field_json(type_field(&t, "number"), name);
	assert_string_equal(name, "N");
	assert_null(type_field(&t, "someText"));
}

static void
expect(const struct field *rows, size_t count, const char *what)
{
	struct type t = { .name = "thing", .size = sizeof(struct thing), .fields = rows, .count = count };
	const char *wrong = type_check(&t);
	if (!wrong || !strstr(wrong, what))
		fail_msg("\"%s\" instead of \"%s\"", wrong ? wrong : "(nothing)", what);
}
#define EXPECT(what, ...)                                                                                    \
	do {                                                                                                 \
		const struct field rows[] = { __VA_ARGS__ };                                                 \
		expect(rows, COUNT(rows), what);                                                             \
	} while (0)

static const char *
no_check(struct str s)
{
	(void)s;
	return NULL;
}

static void
test_wrong_rows(void **state)
{
	(void)state;
	static const char *const none[] = { NULL };
	static const struct field inner_rows[] = { FIELD(thing, number) };
	static const struct type inner = TYPE(thing, inner_rows);
	static const char long_name[] = "a_name_that_is_much_longer_than_any_member_of_a_request_should_be";
	EXPECT("thing.id has no sensitivity", FIELD(thing, id));
	EXPECT("has no kind", { .name = "x", .sens = SENS_PLAIN });
	EXPECT("has no name", { .kind = KIND_INT, .sens = SENS_PLAIN });
	EXPECT("outside",
	        { .name = "x", .kind = KIND_TEXT, .sens = SENS_PLAIN, .offset = sizeof(struct thing) - 8 });
	EXPECT("outside", { .name = "x", .kind = KIND_TEXT, .sens = SENS_PLAIN, .offset = SIZE_MAX });
	EXPECT(".of what", FIELD(thing, list, .sens = SENS_PLAIN));
	EXPECT("neither", FIELD(thing, number, .sens = SENS_PLAIN, .of = &inner));
	EXPECT("only text", FIELD(thing, number, .sens = SENS_PLAIN, .check = no_check));
	EXPECT("only text", FIELD(thing, id, .sens = SENS_PLAIN, .searchable = true));
	EXPECT("no choices", FIELD(thing, some_text, .sens = SENS_PLAIN, .one_of = none));
	EXPECT("limits", FIELD(thing, id, .sens = SENS_PLAIN, .max = 3));
	EXPECT("min above max", FIELD(thing, number, .sens = SENS_PLAIN, .min = 5, .max = 4));
	EXPECT("no table", FIELD(thing, some_text, .sens = SENS_CLINICAL, .sealed = true));
	EXPECT("earlier field", FIELD(thing, id, .sens = SENS_PLAIN), FIELD(thing, id, .sens = SENS_PLAIN));
	EXPECT("earlier field", FIELD(thing, id, .sens = SENS_PLAIN),
	        FIELD(thing, number, .json = "id", .sens = SENS_PLAIN));
	EXPECT("too long", { .name = long_name, .kind = KIND_INT, .sens = SENS_PLAIN });
	EXPECT("thing.number has no sens", FIELD_OBJECT(thing, self, &inner, .sens = SENS_PLAIN));
	expect(NULL, 0, "no name, size or fields");
}

static const struct type whole;
static const struct field whole_rows[] = {
	FIELD(thing, id, .sens = SENS_PLAIN),
	FIELD(thing, some_text, .sens = SENS_CLINICAL, .sealed = true, .searchable = true, .min = 1,
	        .max = 9),
	FIELD(thing, number, .sens = SENS_PLAIN, .min = -5),
	FIELD(thing, list, .sens = SENS_PLAIN, .of = &whole),
	FIELD_OBJECT(thing, self, &whole, .sens = SENS_PLAIN),
};
static const struct type whole = TYPE(
        thing, whole_rows, .table = "things", .row_field = "id", .key_field = "id");

static void
test_right_rows(void **state)
{
	(void)state;
	assert_null(type_check(&whole)); /* holds itself, and still ends */
	struct type t = whole;
	t.key_field = "patient_id";
	assert_non_null(strstr(type_check(&t), "row_field or key_field"));
	t = whole;
	t.bare = true;
	assert_non_null(strstr(type_check(&t), "bare"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_wrong_rows),
		cmocka_unit_test(test_right_rows),
	};
	return cmocka_run_group_tests_name("type", tests, NULL, NULL);
}
