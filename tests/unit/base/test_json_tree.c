/* test_json_tree.c - whole documents: what is there, what is absent, what is refused. */
#include "base/json.h"

#include <stdio.h>

#include "../cm.h"

static struct arena *arena;
static char why[200];

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 22);
	return arena ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static enum err
read_text(const char *text, const struct json_node **root)
{
	return json_tree_read(arena, str_of(text), root, why);
}

static void
test_every_kind(void **state)
{
	const struct json_node *root;
	double v;

	(void)state;
	assert_int_equal(read_text("{\"t\":\"caf\\u00e9\",\"n\":-1.5e1,\"b\":true,\"f\":false,\"z\":null,"
	                           "\"l\":[1,\"two\",{}],\"o\":{\"x\":{\"y\":\"deep\"}}}",
	                         &root),
	        OK);
	assert_int_equal(node_kind(root), NODE_OBJECT);
	assert_true(str_is(node_text(node_member(root, "t")), "café"));
	assert_true(node_number(node_member(root, "n"), &v));
	assert_true(v == -15);
	assert_true(node_true(node_member(root, "b")));
	assert_false(node_true(node_member(root, "f")));
	assert_int_equal(node_kind(node_member(root, "f")), NODE_BOOL);
	assert_int_equal(node_kind(node_member(root, "z")), NODE_NULL);
	assert_int_equal(node_count(node_member(root, "l")), 3);
	assert_int_equal(node_kind(node_item(node_member(root, "l"), 2)), NODE_OBJECT);
	assert_true(str_is(node_text(node_member(node_member(node_member(root, "o"), "x"), "y")), "deep"));
}

static void
test_absent(void **state)
{
	const struct json_node *root;
	double v = 7;

	(void)state;
	assert_int_equal(read_text("{\"t\":\"x\",\"l\":[]}", &root), OK);
	const struct json_node *none[] = { NULL, node_member(root, "q"), node_item(node_member(root, "l"), 0),
		node_member(node_member(root, "t"), "x"), node_item(root, 0) };
	for (size_t i = 0; i < COUNT(none); i++) {
		assert_null(none[i]);
		assert_int_equal(node_kind(none[i]), NODE_UNSET);
		assert_int_equal(node_count(none[i]), 0);
		assert_false(str_is_set(node_text(none[i])));
		assert_false(node_number(none[i], &v));
		assert_false(node_true(none[i]));
	}
	assert_true(v == 7);
	assert_false(node_number(node_member(root, "t"), &v));
	assert_false(str_is_set(node_text(node_member(root, "l"))));
}

static void
test_equal(void **state)
{
	const struct json_node *a, *b, *c;

	(void)state;
	assert_int_equal(read_text("{\"x\":[1,{\"y\":2}],\"z\":\"w\"}", &a), OK);
	assert_int_equal(read_text("{ \"z\": \"w\", \"x\": [1, {\"y\": 2}] }", &b), OK);
	assert_int_equal(read_text("{\"x\":[{\"y\":2},1],\"z\":\"w\"}", &c), OK);
	assert_true(node_equal(a, b));
	assert_false(node_equal(a, c));
	assert_true(node_equal(NULL, NULL));
	assert_false(node_equal(a, NULL));
}

static void
test_refusals(void **state)
{
	static const char *const bad[] = { "", " ", "{", "{\"a\":1,\"a\":2}", "[1,]", "{\"a\":01}",
		"\"\\u0000\"", "\"\xff\"", "\"\xed\xa0\x80\"", "{} {}", "nul", "1e999",
		"99999999999999999999", "{\"a\":NaN}", "\"\x01\"", "'x'" };
	const struct json_node *root = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(why, sizeof why, "-");
		if (read_text(bad[i], &root) != ERR_MALFORMED)
			fail_msg("accepted: %s", bad[i]);
		assert_null(root);
		assert_string_not_equal(why, "-");
	}
}

/* A message must not carry somebody's chart into a log. */
static void
test_why_quotes_nothing(void **state)
{
	const struct json_node *root;

	(void)state;
	assert_int_equal(read_text("{\"name\":\"Maria\" \"Souza\"}", &root), ERR_MALFORMED);
	assert_null(strstr(why, "Souza"));
	assert_non_null(strstr(why, "line 1"));
}

static void
test_depth(void **state)
{
	char text[2 * JSON_TREE_DEPTH_MAX + 3] = { 0 };
	const struct json_node *root;

	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		int n = JSON_TREE_DEPTH_MAX + extra;
		memset(text, '[', (size_t)n);
		memset(text + n, ']', (size_t)n);
		assert_int_equal(read_text(text, &root), extra ? ERR_MALFORMED : OK);
	}
	assert_non_null(strstr(why, "deeper than 64"));
}

static void
test_little_memory(void **state)
{
	struct arena *small = arena_new(4096);
	const struct json_node *root = NULL;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_byte(&b, '[');
	for (int i = 0; i < 1000; i++)
		buf_text(&b, "{},");
	buf_text(&b, "1]");
	assert_int_equal(json_tree_read(small, buf_view(&b), &root, why), ERR_TOO_LARGE);
	assert_null(root);
	assert_int_equal(json_tree_read(arena, buf_view(&b), &root, why), OK);
	assert_int_equal(node_count(root), 1001);
	buf_free(&b);
	arena_free(small);
}

static void
test_digits(void **state)
{
	static const struct {
		const char *json, *digits;
	} rows[] = { { "29.9", "29.9" }, { "70", "70" }, { "-5", "-5" }, { "0.1", "0.1" }, { "70.0", "70" },
		{ "209.993", "209.993" }, { "123456789012.345", "123456789012.345" }, { "1e2", "100" },
		{ "9007199254740993", "9007199254740993" } };
	const struct json_node *root;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(read_text(rows[i].json, &root), OK);
		assert_true(str_is(node_digits(arena, root), rows[i].digits));
	}
	assert_int_equal(read_text("\"70\"", &root), OK);
	assert_false(str_is_set(node_digits(arena, root)));
	assert_false(str_is_set(node_digits(arena, NULL)));
}

static void
test_members_in_order(void **state)
{
	const struct json_node *root, *value;
	const void *at = NULL;
	struct str name;

	(void)state;
	assert_int_equal(read_text("{\"b\":1,\"a\":null}", &root), OK);
	assert_true(
	        node_next(root, &at, &name, &value) && str_is(name, "b") && node_kind(value) == NODE_NUMBER);
	assert_true(
	        node_next(root, &at, &name, &value) && str_is(name, "a") && node_kind(value) == NODE_NULL);
	assert_false(node_next(root, &at, &name, &value));
	at = NULL;
	assert_false(node_next(NULL, &at, &name, &value));
	assert_int_equal(read_text("[1]", &root), OK);
	assert_false(node_next(root, &at, &name, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_why_quotes_nothing),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_members_in_order),
		cmocka_unit_test(test_little_memory),
	};
	return cmocka_run_group_tests_name("json_tree", tests, setup, teardown);
}
