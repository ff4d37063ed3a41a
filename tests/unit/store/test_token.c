/* test_token.c - what meets in a search and what does not. */
#include "../cm.h"

#include <stdio.h>

#include "unit/store/fixture.h"

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
		T(test_different_words_do_not_meet),
		T(test_words_are_distinct_and_bounded),
		T(test_beginnings_of_names),
		T(test_tokens_are_keyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
