/* test_json_write.c - every kind as JSON, escaping, and who sees what. */
#include "base/json.h"

#include <stdio.h>

#include "../cm.h"

struct inner {
	struct str note;
	int64_t dose_mg;
};
struct outer {
	struct id id;
	struct str name;
	struct str cpf;
	struct str password_hash;
	int64_t version;
	struct opt_int age;
	bool active;
	struct instant created_at;
	struct date birth_date;
	struct blob sealed;
	struct list items;
	struct list tags;
	struct inner *first_item;
	struct str extra;
};

static struct str
in_part(struct ctx *ctx, struct str s)
{
	return str_of(arena_printf(ctx->arena, "***%.*s", 2, s.p + s.n - 2));
}

static const struct field inner_rows[] = {
	FIELD(inner, note, .sens = SENS_CLINICAL),
	FIELD(inner, dose_mg, .sens = SENS_PLAIN),
};
static const struct type inner = TYPE(inner, inner_rows, .masks = true);

struct tag {
	struct str text;
};
static const struct field tag_rows[] = { FIELD(tag, text, .sens = SENS_PLAIN) };
static const struct type tag = TYPE(tag, tag_rows, .bare = true);

static const struct field outer_rows[] = {
	FIELD(outer, id, .sens = SENS_PLAIN),
	FIELD(outer, name, .sens = SENS_IDENTITY),
	FIELD(outer, cpf, .sens = SENS_IDENTITY, .partial = in_part),
	FIELD(outer, password_hash, .sens = SENS_SECRET),
	FIELD(outer, version, .sens = SENS_PLAIN),
	FIELD(outer, age, .sens = SENS_CLINICAL),
	FIELD(outer, active, .sens = SENS_PLAIN),
	FIELD(outer, created_at, .sens = SENS_PLAIN),
	FIELD(outer, birth_date, .sens = SENS_IDENTITY),
	FIELD(outer, sealed, .sens = SENS_PLAIN),
	FIELD(outer, items, .sens = SENS_PLAIN, .of = &inner),
	FIELD(outer, tags, .sens = SENS_PLAIN, .of = &tag),
	FIELD_OBJECT(outer, first_item, &inner, .sens = SENS_CLINICAL),
	FIELD_JSON(outer, extra, .sens = SENS_PLAIN, .json = "x-extra"),
};
static const struct type outer = TYPE(outer, outer_rows, .masks = true);

static const struct mask none_but_plain = { .shows = { [SENS_PLAIN] = true } };
static const struct mask in_parts = {
	.shows = { [SENS_PLAIN] = true, [SENS_SECRET] = true, [SENS_UNSET] = true }, .partial = true
};

static void
expect(const struct type *t, const void *obj, const struct mask *mask, const char *json)
{
	struct ctx ctx = { .arena = arena_new(1 << 16) };
	struct buf b;
	buf_init(&b, 1 << 16);
	json_write(&ctx, &b, t, obj, mask);
	assert_false(buf_failed(&b));
	buf_byte(&b, 0);
	assert_string_equal(b.p, json);
	buf_free(&b);
	arena_free(ctx.arena);
}

static struct inner doses[] = { { .note = { "after \"lunch\"", 13 }, .dose_mg = 600 }, { .dose_mg = -1 } };
static struct tag tags[] = { { { "a", 1 } }, { { "b", 1 } } };

static struct outer
full(void)
{
	struct outer o = {
		.name = STR("Conceição\n"),
		.cpf = STR("12345678909"),
		.password_hash = STR("$argon2id$"),
		.version = 3,
		.age = { 42, true },
		.active = true,
		.created_at = { 1764506096789 },
		.birth_date = { 1970, 1, 31 },
		.sealed = { (const unsigned char *)"x", 1 },
		.items = { doses, 2 },
		.tags = { tags, 2 },
		.first_item = doses,
		.extra = STR("{\"k\":[1]}"),
	};
	assert_true(id_parse(STR("0193f7e2-6a4b-7c1d-8e9f-0123456789ab"), &o.id));
	return o;
}

static void
test_every_kind(void **state)
{
	(void)state;
	struct outer o = full();
	expect(&outer, &o, NULL,
	        "{\"id\":\"0193f7e2-6a4b-7c1d-8e9f-0123456789ab\",\"name\":\"Conceição\\n\",\"cpf\":"
	        "\"12345678909\","
	        "\"version\":3,\"age\":42,\"active\":true,\"createdAt\":\"2025-11-30T12:34:56.789Z\","
	        "\"birthDate\":\"1970-01-31\",\"items\":[{\"note\":\"after \\\"lunch\\\"\",\"doseMg\":600},"
	        "{\"note\":null,\"doseMg\":-1}],\"tags\":[\"a\",\"b\"],\"firstItem\":{\"note\":\"after "
	        "\\\"lunch\\\"\",\"doseMg\":600},"
	        "\"x-extra\":{\"k\":[1]}}");
}

static void
test_absent(void **state)
{
	(void)state;
	struct outer o = { 0 };
	expect(&outer, &o, NULL,
	        "{\"id\":null,\"name\":null,\"cpf\":null,\"version\":0,\"age\":null,\"active\":false,"
	        "\"createdAt\":null,"
	        "\"birthDate\":null,\"items\":[],\"tags\":[],\"firstItem\":null,\"x-extra\":null}");
}

static void
test_masked(void **state)
{
	(void)state;
	struct outer o = full();
	expect(&outer, &o, &none_but_plain,
	        "{\"id\":\"0193f7e2-6a4b-7c1d-8e9f-0123456789ab\",\"name\":null,\"cpf\":null,\"version\":3,"
	        "\"age\":null,"
	        "\"active\":true,\"createdAt\":\"2025-11-30T12:34:56.789Z\",\"birthDate\":null,"
	        "\"items\":[{\"note\":null,\"doseMg\":600,\"masked\":[\"note\"]},{\"note\":null,\"doseMg\":-"
	        "1,\"masked\":[\"note\"]}],"
	        "\"tags\":[\"a\",\"b\"],\"firstItem\":null,\"x-extra\":{\"k\":[1]},"
	        "\"masked\":[\"name\",\"cpf\",\"age\",\"birthDate\",\"firstItem\"]}");
}

static void
test_shown_in_part(void **state)
{
	(void)state;
	struct outer o = { .name = STR("x"), .cpf = STR("12345678909"), .password_hash = STR("h") };
	expect(&outer, &o, &in_parts,
	        "{\"id\":null,\"name\":null,\"cpf\":\"***09\",\"version\":0,\"age\":null,\"active\":false,"
	        "\"createdAt\":null,"
	        "\"birthDate\":null,\"items\":[],\"tags\":[],\"firstItem\":null,\"x-extra\":null,"
	        "\"masked\":[\"name\",\"cpf\",\"age\",\"birthDate\",\"firstItem\"]}");
}

/* A mask of zeros shows nothing, with or without "masked"; a row without a
 * sensitivity is shown to nobody. */
static void
test_zero_is_no_permission(void **state)
{
	(void)state;
	static const struct field rows[] = { FIELD(inner, note), FIELD(inner, dose_mg, .sens = SENS_PLAIN) };
	static const struct type t = TYPE(inner, rows);
	static const struct mask nothing = { .shows = { false } },
	                         all = { .shows = { true, true, true, true, true } };
	expect(&t, doses, &nothing, "{\"note\":null,\"doseMg\":null}");
	expect(&t, doses, &all, "{\"note\":null,\"doseMg\":600}");
	expect(&t, doses, NULL, "{\"note\":null,\"doseMg\":600}");
	static const struct field secret_rows[] = { FIELD(inner, note, .sens = SENS_SECRET) };
	static const struct type secret = TYPE(inner, secret_rows, .masks = true);
	expect(&secret, doses, NULL, "{}");
	expect(&secret, doses, &all, "{}");
	expect(&secret, doses, &nothing, "{}");
}

static void
test_escapes(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 1 << 16);
	json_write_text(&b, (struct str){ "\0\x01\b\t\n\v\f\r\x1F \"/\\\x7F\xC3\xA9<", 17 });
	assert_true(str_is(
	        buf_view(&b), "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"/\\\\\x7F\xC3\xA9<\""));
	buf_reset(&b);
	json_write_text(&b, STR(""));
	json_write_text(&b, (struct str){ 0 });
	assert_true(str_is(buf_view(&b), "\"\"null"));
	buf_free(&b);
}

/* Every byte at every place of a text, against one byte at a time. */
static void
test_escapes_everywhere(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 1 << 16);
	for (size_t at = 0; at < 20; at++)
		for (unsigned c = 0; c < 256; c++) {
			char text[20], want[40] = "\"";
			size_t n = 1;
			memset(text, at % 2 ? '!' : 0x80, sizeof text);
			text[at] = (char)c;
			for (size_t i = 0; i < sizeof text; i++) {
				const char *at_name = text[i] ? strchr("\"\"\\\\\bb\ff\nn\rr\tt", text[i])
				                              : NULL;
				if (i == at && at_name && (c < 0x20 || c == '"' || c == '\\'))
					n += (size_t)snprintf(want + n, sizeof want - n, "\\%c", at_name[1]);
				else if (i == at && c < 0x20)
					n += (size_t)snprintf(want + n, sizeof want - n, "\\u%04x", c);
				else
					want[n++] = text[i];
			}
			want[n++] = '"';
			buf_reset(&b);
			json_write_text(&b, (struct str){ text, sizeof text });
			if (!str_eq(buf_view(&b), (struct str){ want, n }))
				fail_msg("byte %02x at %zu: %.*s", c, at, STR_FMT(buf_view(&b)));
		}
	buf_free(&b);
}

static void
test_ceiling_is_met(void **state)
{
	(void)state;
	struct outer o = full();
	struct ctx ctx = { .arena = arena_new(1 << 16) };
	for (size_t ceiling = 1; ceiling < 300; ceiling++) {
		struct buf b;
		buf_init(&b, ceiling);
		json_write(&ctx, &b, &outer, &o, NULL);
		assert_true(buf_failed(&b));
		assert_true(b.n <= ceiling);
		buf_free(&b);
	}
	arena_free(ctx.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_masked),
		cmocka_unit_test(test_shown_in_part),
		cmocka_unit_test(test_zero_is_no_permission),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_escapes_everywhere),
		cmocka_unit_test(test_ceiling_is_met),
	};
	return cmocka_run_group_tests_name("json_write", tests, NULL, NULL);
}
