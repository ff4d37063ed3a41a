/* test_token.c - what meets in a search and what does not. */
#include "../cm.h"

#include <stdio.h>
#include <utf8proc.h>

#include "unit/store/fixture.h"

#include "store/words.h"
#include "sys/crypto.h"

static struct fixture f;

static int
setup(void **state)
{
	(void)state;
	fixture_open(&f);
	assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(db_commit(&f.ctx), OK);
	fixture_close(&f);
	return 0;
}

typedef enum err token_fn(struct ctx *, const char *domain, struct str text, struct list *out);

static struct list
tokens(token_fn *fn, const char *domain, const char *text)
{
	struct list list;

	assert_int_equal(fn(&f.ctx, domain, str_of(text), &list), OK);
	return list;
}

static bool
holds(struct list list, struct blob token)
{
	const struct blob *all = list.items;

	for (size_t i = 0; i < list.count; i++)
		if (memcmp(all[i].p, token.p, WORD_TOKEN_SIZE) == 0)
			return true;
	return false;
}

/* Every token of the query is in the text's. */
static bool
meets(const char *query, const char *text)
{
	struct list asked = tokens(token_words, "d", query), there = tokens(token_words, "d", text);

	assert_true(asked.count > 0);
	for (size_t i = 0; i < asked.count; i++)
		if (!holds(there, ((struct blob *)asked.items)[i]))
			return false;
	return true;
}

static void
test_singular_and_plural_meet(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "lesão", "LESÕES" },
		{ "pulmões", "pulmao" },
		{ "mão", "mãos" },
		{ "alemães", "alemão" },
		{ "órgão", "orgaos" },
		{ "sinal", "sinais" },
		{ "papel", "papéis" },
		{ "possível", "possíveis" },
		{ "lençol", "lençóis" },
		{ "azul", "azuis" },
		{ "imagem", "imagens" },
		{ "rim", "rins" },
		{ "mulher", "mulheres" },
		{ "tumor", "tumores" },
		{ "mês", "meses" },
		{ "luz", "luzes" },
		{ "fértil", "férteis" },
		{ "hospital", "hospitais" },
		{ "febril", "febris" },
		{ "unha", "unhas" },
		{ "osso", "ossos" },
		{ "exame", "exames" },
		{ "pé", "pés" },
		{ "irmã", "irmãs" },
		{ "coração", "corações" },
		{ "infecção", "infecções" },
		{ "câncer", "cânceres" },
		{ "hérnia", "hérnias" },
		{ "multibacilar", "multibacilares" },
		{ "nível", "níveis" },
		{ "difícil", "difíceis" },
		{ "sangue", "sangues" },
		{ "stent", "stents" },
		{ "anel", "anéis" },
		{ "cirurgião", "cirurgiões" },
		{ "mãe", "mães" },
		{ "sal", "sais" },
	};

	for (size_t i = 0; i < COUNT(pairs); i++)
		if (!meets(pairs[i][0], pairs[i][1]) || !meets(pairs[i][1], pairs[i][0]))
			fail_msg("%s and %s do not meet", pairs[i][0], pairs[i][1]);
}

static void
test_accents_case_and_order_do_not_matter(void **state)
{
	(void)state;
	assert_true(meets("DIABETES mellitus", "Paciente com diabetes tipo 2 (mellitus)."));
	assert_true(meets("hanseniase", "HANSENÍASE"));
	assert_true(meets("cafe\xcc\x81", "café"));
	assert_true(meets("120 80", "PA: 120/80 mmHg"));
	assert_true(meets("ﬁbrose", "fibrose"));
	assert_true(meets("B12", "vitamina b12"));
	assert_true(meets("straße", "STRASSE"));
}

static bool
is_letter(utf8proc_int32_t c)
{
	utf8proc_category_t k = utf8proc_category(c);

	return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO) ||
	       (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO);
}

/* The letters of the whole text as utf8proc folds it at once. */
static struct str
folded_at_once(struct str text, char *out)
{
	utf8proc_int32_t points[128];
	utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n,
	        points, COUNT(points),
	        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
	                UTF8PROC_IGNORE);
	size_t used = 0;

	assert_in_range(n, 1, COUNT(points));
	for (utf8proc_ssize_t i = 0; i < n; i++)
		if (is_letter(points[i]))
			used += (size_t)utf8proc_encode_char(points[i], (utf8proc_uint8_t *)out + used);
	return (struct str){ out, used };
}

/* An index made by another version of the program holds what is asked for: between ASCII and
 * beside itself every code point folds as in the whole text (beyond the first 65 536 a sample). */
static void
test_folding_in_pieces_is_folding_at_once(void **state)
{
	(void)state;
	char text[64], whole[512], words[512];

	for (utf8proc_int32_t c = 1; c < 0x110000; c += c < 0x10000 ? 1 : 13) {
		utf8proc_uint8_t one[4];
		int n = (int)utf8proc_encode_char(c, one);
		struct list list;
		size_t used = 0;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		snprintf(text, sizeof text, "Z%.*s9%.*s%.*s-m%.*s", n, one, n, one, n, one, n, one);
		arena_reset(f.arena);
		assert_int_equal(text_words(&f.ctx, str_of(text), &list), OK);
		for (size_t i = 0; i < list.count; i++) {
			struct str w = ((struct word *)list.items)[i].whole;

			memcpy(words + used, w.p, w.n);
			used += w.n;
		}
		struct str at_once = folded_at_once(str_of(text), whole);

		if (used != at_once.n || memcmp(words, whole, used) != 0)
			fail_msg("U+%04X: %.*s, not %.*s", (unsigned)c, (int)used, words, (int)at_once.n,
			        whole);
	}
}

static void
test_different_words_do_not_meet(void **state)
{
	(void)state;
	assert_false(meets("dengue", "febre alta"));
	assert_false(meets("febre dengue", "febre alta"));
	assert_false(meets("mãe", "mão"));
	assert_false(meets("rim", "ruim"));
	assert_false(meets("12", "120"));
	assert_false(meets("b1", "b12"));
}

static void
test_words_are_distinct_and_bounded(void **state)
{
	(void)state;
	static char text[400000];
	size_t n = 0;

	assert_int_equal(tokens(token_words, "d", "dor dor DOR dores, dor!").count, 1);
	assert_int_equal(tokens(token_words, "d", "").count, 0);
	assert_int_equal(tokens(token_words, "d", " ,.;-- \n").count, 0);
	for (int i = 0; i < 30000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "w%dx ", i);
	assert_int_equal(tokens(token_words, "d", text).count, 2000);
	memset(text, 'a', sizeof text - 1);
	assert_int_equal(tokens(token_words, "d", text).count, 1);
}

static void
test_beginnings_of_names(void **state)
{
	(void)state;
	struct list name = tokens(token_prefixes, "n", "José da Conceição Á");
	const struct blob *asked;

	asked = tokens(token_query, "n", "CONCEI jos da a").items;
	for (int i = 0; i < 4; i++)
		assert_true(holds(name, asked[i]));
	asked = tokens(token_query, "n", "conceicoes osé j c d").items;
	for (int i = 0; i < 5; i++)
		assert_false(holds(name, asked[i]));
	/* jo jos jose, da, co … conceicao, a */
	assert_int_equal(name.count, 3 + 1 + 8 + 1);
}

static void
test_tokens_are_keyed(void **state)
{
	(void)state;
	struct blob one, same, domain, tenant;
	struct id two;

	assert_int_equal(token_exact(&f.ctx, "patient.cpf", STR("12345678909"), &one), OK);
	assert_int_equal(token_exact(&f.ctx, "patient.cpf", STR("12345678909"), &same), OK);
	assert_int_equal(token_exact(&f.ctx, "patient.cns", STR("12345678909"), &domain), OK);
	assert_int_equal(one.n, TOKEN_SIZE);
	assert_memory_equal(one.p, same.p, TOKEN_SIZE);
	assert_memory_not_equal(one.p, domain.p, TOKEN_SIZE);
	assert_int_equal(db_commit(&f.ctx), OK);
	two = fixture_tenant(&f, "two");
	assert_int_equal(db_begin(&f.ctx, f.db, TX_READ), OK);
	f.ctx.tenant = two;
	assert_int_equal(token_exact(&f.ctx, "patient.cpf", STR("12345678909"), &tenant), OK);
	assert_memory_not_equal(one.p, tenant.p, TOKEN_SIZE);
	f.ctx.tenant = f.tenant;
	assert_int_equal(token_exact(&f.ctx, "patient.cpf", (struct str){ NULL, 0 }, &one), OK);
	assert_null(one.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_singular_and_plural_meet),
		T(test_accents_case_and_order_do_not_matter),
		T(test_folding_in_pieces_is_folding_at_once),
		T(test_different_words_do_not_meet),
		T(test_words_are_distinct_and_bounded),
		T(test_beginnings_of_names),
		T(test_tokens_are_keyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
