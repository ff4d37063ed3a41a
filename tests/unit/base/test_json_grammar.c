/* test_json_grammar.c - what RFC 8259 calls JSON and what it does not, one row a
 * case, written from its grammar.  Each text is read as the value of a free
 * member and as the whole document. */
#include "base/json.h"

#include "../cm.h"

struct free_form {
	struct str v;
};
static const struct field free_rows[] = { FIELD_JSON(free_form, v, .sens = SENS_PLAIN) };
static const struct type free_form = TYPE(free_form, free_rows);

static struct ctx ctx;

static int
setup(void **state)
{
	(void)state;
	ctx.arena = arena_new(8 << 20);
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
read_document(struct str text, struct free_form *out)
{
	arena_reset(ctx.arena);
	ctx.invalid = NULL;
	return json_read(&ctx, text, &free_form, out);
}

/* {"v":TEXT} */
static enum err
read_member(struct str text, struct free_form *out)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_text(&b, "{\"v\":");
	buf_str(&b, text);
	buf_byte(&b, '}');
	enum err err = read_document(buf_view(&b), out);
	buf_free(&b);
	return err;
}

#define T(lit)                                                                                               \
	{                                                                                                    \
		{ (lit), sizeof(lit) - 1 }, NULL                                                             \
	}
#define TO(lit, out)                                                                                         \
	{                                                                                                    \
		{ (lit), sizeof(lit) - 1 }, (out)                                                            \
	}
struct text_case {
	struct str in;
	const char *out; /* how it is kept; NULL: as it came */
};

/* ---- y: must be read */
static const struct text_case accepted[] = {
	/* structure */
	T("[]"),
	T("{}"),
	TO("[ ]", "[]"),
	TO(" [] ", "[]"),
	TO("[\t]", "[]"),
	TO("\r\n[\r\n]\t ", "[]"),
	T("[[]]"),
	T("[[],[[]]]"),
	T("[\"\"]"),
	T("[null]"),
	T("[false,true]"),
	T("[1,null,null,null,2]"),
	TO("{ \"a\" : 1 , \"b\" : [ ] }", "{\"a\":1,\"b\":[]}"),
	T("{\"\":0}"),
	T("{\"a\":{\"a\":{\"a\":[]}}}"),
	T("{\"a\":1,\"A\":2}"),
	TO("{\"\\u0061b\":1}", "{\"ab\":1}"),
	T("{\"a b\":\"x\",\"\xC3\xA9\":[]}"),
	T("\"lonely\""),
	T("false"),
	T("true"),
	T("-1"),
	/* numbers */
	T("0"),
	TO("-0", "0"),
	TO("-0.0", "-0"),
	T("123"),
	T("-123"),
	T("9007199254740991"),
	T("-9007199254740991"),
	T("123.456"),
	TO("0.0", "0"),
	T("0.1"),
	TO("1E22", "1e+22"),
	TO("1e+2", "100"),
	TO("1E-2", "0.01"),
	TO("0e1", "0"),
	TO("0e+1", "0"),
	TO("20e1", "200"),
	TO("123e65", "1.23e+67"),
	TO("123.456e78", "1.23456e+80"),
	TO("0.000000000000000000000000000000000000000000001", "1e-45"),
	TO("1e-400", "0"),
	/* strings */
	T("\"\""),
	T("\" \""),
	T("\"abc\""),
	T("\"\\\"\\\\\\b\\f\\n\\r\\t\""),
	TO("\"\\/\"", "\"/\""),
	TO("\"\\u0060\\u012a\\u12AB\"", "\"`\xC4\xAA\xE1\x8A\xAB\""),
	TO("\"\\u00E9\\u00e9\"", "\"\xC3\xA9\xC3\xA9\""),
	TO("\"\\uD834\\uDd1e\"", "\"\xF0\x9D\x84\x9E\""),
	TO("\"\\uDBFF\\uDFFF\"", "\"\xF4\x8F\xBF\xBF\""),
	TO("\"\\uFFFE\\uFFFF\"", "\"\xEF\xBF\xBE\xEF\xBF\xBF\""),
	TO("\"\\u2028\\u2029\"", "\"\xE2\x80\xA8\xE2\x80\xA9\""),
	TO("\"\\u0001\\u001F\\u007f\"", "\"\\u0001\\u001f\x7F\""),
	T("\"\x7F\""),
	T("\"a/*b*/c/*d//e\""),
	T("\"\xC2\x80\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""),
	T("\"[{]},:\""),
	T("\"\xF3\xBF\xBF\xBE\""),
};

/* ---- n: must be refused */
static const struct text_case refused[] = {
	/* structure */
	T(""),
	T(" "),
	T("["),
	T("]"),
	T("{"),
	T("[]]"),
	T("[[]"),
	T("[1,]"),
	T("[,1]"),
	T("[,]"),
	T("[1,,2]"),
	T("[1 2]"),
	T("[1:2]"),
	T("[\"a\" \"b\"]"),
	T("[\"x\"],"),
	T("[1}"),
	T("{\"a\":1]"),
	T("{\"a\"}"),
	T("{\"a\":}"),
	T("{:1}"),
	T("{,}"),
	T("{\"a\":1,}"),
	T("{\"a\":1,,\"b\":2}"),
	T("{\"a\" 1}"),
	T("{\"a\",1}"),
	T("{\"a\"::1}"),
	T("{\"a\":1 \"b\":2}"),
	T("{a:1}"),
	T("{'a':1}"),
	T("{1:1}"),
	T("{null:1}"),
	T("{[]:1}"),
	T("{\"a\":1}x"),
	T("{\"a\":1}{}"),
	T("[][]"),
	T("1 2"),
	T("*"),
	T("<html>"),
	T("[1/*c*/]"),
	T("// c\n1"),
	T("[1]#"),
	T("[\f1]"),
	T("[\v1]"),
	T("[1\0]"),
	T("\0"),
	T("[\xC2\xA0 1]"),
	T("\xEF\xBB\xBF[]"),
	T("[\xE2\x81\xA0]"),
	T("\xFE\xFF\0[\0]"),
	T("[\xEF\xBC\x91]"),
	T("\\u005b]"),
	/* literals */
	T("nul"),
	T("nulll"),
	T("Null"),
	T("TRUE"),
	T("tru"),
	T("truee"),
	T("fals"),
	T("undefined"),
	T("NaN"),
	T("nan"),
	T("Infinity"),
	T("-Infinity"),
	T("-nan"),
	T("[true false]"),
	/* numbers */
	T("01"),
	T("-01"),
	T("00"),
	T("+1"),
	T("++1"),
	T("-"),
	T("--1"),
	T("- 1"),
	T("-a"),
	T("1-"),
	T(".1"),
	T("-.1"),
	T("1."),
	T("1.e1"),
	T("1.-2"),
	T("0.e1"),
	T("1e"),
	T("1e+"),
	T("1E-"),
	T("1e1.5"),
	T("1eE2"),
	T("1e+-2"),
	T("0x1"),
	T("0xA"),
	T("1a"),
	T("1_000"),
	T("1,000"),
	T("1 000"),
	T("0.1.2"),
	T("1f"),
	T("\xD9\xA1"),
	/* strings */
	T("\""),
	T("\"a"),
	T("a\""),
	T("'a'"),
	T("`a`"),
	T("\"a\"b\""),
	T("\"\\"),
	T("\"\\\""),
	T("\"\\x41\""),
	T("\"\\a\""),
	T("\"\\0\""),
	T("\"\\'\""),
	T("\"\\U0041\""),
	T("\"\\u\""),
	T("\"\\u1\""),
	T("\"\\u12\""),
	T("\"\\u123\""),
	T("\"\\u123g\""),
	T("\"\\u 123\""),
	T("\"\\u{41}\""),
	T("\"\\\n\""),
	T("\"\n\""),
	T("\"\t\""),
	T("\"\x01\""),
	T("\"\x1F\""),
	T("\"a\0b\""),
	T("\"\\u0000\""),
	T("{\"a\\u0000b\":1}"),
	/* surrogates alone or the wrong way about: RFC 8259, 8.2 leaves them open, we refuse */
	T("\"\\uD800\""),
	T("\"\\uDC00\""),
	T("\"\\uD800\\uD800\""),
	T("\"\\uD800x\""),
	T("\"\\uD800\\n\""),
	T("\"\\uD83D\\u0041\""),
	T("\"\\uDE00\\uD83D\""),
	T("\"\\uD834\\uDd\""),
	/* UTF-8 (RFC 3629) */
	T("\"\x80\""),
	T("\"\xBF\""),
	T("\"\xC0\x80\""),
	T("\"\xC0\xAF\""),
	T("\"\xC1\xBF\""),
	T("\"\xC3\""),
	T("\"\xC3(\""),
	T("\"\xE0\x80\x80\""),
	T("\"\xE0\x9F\xBF\""),
	T("\"\xE2\x82\""),
	T("\"\xED\xA0\x80\""),
	T("\"\xED\xBF\xBF\""),
	T("\"\xF0\x80\x80\x80\""),
	T("\"\xF0\x9F\xA9\""),
	T("\"\xF4\x90\x80\x80\""),
	T("\"\xF5\x80\x80\x80\""),
	T("\"\xF8\x88\x80\x80\x80\""),
	T("\"\xFC\x84\x80\x80\x80\x80\""),
	T("\"\xFF\""),
	T("{\"\xE9\":1}"),
	T("\"caf\xE9\""),
	/* duplicate members: RFC 8259, 4 leaves them open, we refuse */
	T("{\"a\":1,\"a\":1}"),
	T("{\"a\":1,\"b\":2,\"a\":3}"),
	T("{\"a\":1,\"\\u0061\":2}"),
	T("{\"\":1,\"\":2}"),
	T("[{\"x\":{\"k\":0,\"k\":0}}]"),
};

/* ---- well-formed, but numbers that nobody keeps exactly */
static const struct text_case out_of_range[] = {
	T("9007199254740992"),
	T("-9007199254740992"),
	T("9223372036854775807"),
	T("9223372036854775808"),
	T("-9223372036854775808"),
	T("-9223372036854775809"),
	T("123456789012345678901234567890"),
	T("1e309"),
	T("-1e309"),
	T("1E+400"),
	T("0.4e006699999999999999999999999999999999999999999999999999999999999999"),
	T("[[[1e999]]]"),
	T("{\"a\":-1E999}"),
};

static void
test_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(accepted); i++) {
		const struct text_case *c = &accepted[i];
		struct free_form got;
		enum err err = read_member(c->in, &got);
		struct str want = c->out ? str_of(c->out) : c->in;
		if (err != OK)
			fail_msg("%.*s is refused with %d", STR_FMT(c->in), err);
		if (!str_eq(got.v, want))
			fail_msg("%.*s is kept as %.*s", STR_FMT(c->in), STR_FMT(got.v));
	}
}

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct free_form got;
		enum err err = read_member(refused[i].in, &got), whole = read_document(refused[i].in, &got);
		if (err != ERR_MALFORMED || whole != ERR_MALFORMED || ctx.invalid)
			fail_msg("%.*s is taken: %d, %d", STR_FMT(refused[i].in), err, whole);
	}
}

static void
test_out_of_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(out_of_range); i++) {
		struct free_form got;
		enum err err = read_member(out_of_range[i].in, &got);
		if (err != ERR_INVALID)
			fail_msg("%.*s: %d", STR_FMT(out_of_range[i].in), err);
		assert_string_equal(ctx.invalid->field, "v");
		assert_string_equal(ctx.invalid->code, "too_large");
	}
}

/* Each text cut after every byte is refused, and each with one byte more is
 * either refused or read: never a crash, and a sanitizer sees every read. */
static void
test_cut_and_grown(void **state)
{
	(void)state;
	static const char whole[] =
	        "{\"v\":{\"a\":[1,-2.5e3,\"\\u00e9\\ud834\\udd1e\xC3\xA9\",true,false,null,{\"b\":\"\"}]}}";
	struct free_form got;
	assert_int_equal(read_document(STR(whole), &got), OK);
	for (size_t n = 0; n < sizeof whole - 1; n++) {
		char *exact = malloc(n ? n : 1);
		memcpy(exact, whole, n);
		assert_int_equal(read_document((struct str){ exact, n }, &got), ERR_MALFORMED);
		free(exact);
	}
	char text[sizeof whole + 1];
	for (size_t at = 0; at < sizeof whole; at++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(text, whole, at);
			text[at] = (char)byte;
			memcpy(text + at + 1, whole + at, sizeof whole - at);
			enum err err = read_document((struct str){ text, sizeof whole }, &got);
			assert_true(err == OK || err == ERR_MALFORMED || err == ERR_INVALID);
			assert_true(err != OK || utf8_valid(got.v.p, got.v.n));
		}
	assert_int_equal(read_document((struct str){ 0 }, &got), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_cut_and_grown),
	};
	return cmocka_run_group_tests_name("json_grammar", tests, setup, teardown);
}
