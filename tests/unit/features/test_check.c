/* test_check.c - a model's words against their source: each passage passes as it is, and each way of
 * saying something else is found. */
#include "features/assistant/check.h"
#include "features/assistant/knowledge.h"

#include <stdio.h>

#include "../cm.h"

static struct ctx ctx;

static enum fallback
judge(const char *source, const char *said)
{
	struct str s = str_of(source);
	struct sentence one = { 0, str_of(said) };
	enum fallback out;
	arena_reset(ctx.arena);
	assert_int_equal(check_words(&ctx, &s, 1, &one, 1, &out), OK);
	return out;
}

static void
expect(const char *source, const char *said, enum fallback wanted)
{
	enum fallback got = judge(source, said);
	if (got != wanted)
		fail_msg("%s / %s: %s, not %s", source, said, fallback_code(got), fallback_code(wanted));
}

static void
test_every_passage_passes_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < passage_count; i++) {
		expect(passages[i].technical, passages[i].technical, FALLBACK_NONE);
		expect(passages[i].plain, passages[i].plain, FALLBACK_NONE);
	}
}

/* Whatever number of whatever passage a model changes, it is found; and so is a number it leaves out. */
static void
test_no_number_of_any_passage_may_change(void **state)
{
	char said[4000];
	size_t changed = 0;
	(void)state;
	for (size_t i = 0; i < passage_count; i++) {
		const char *text = passages[i].technical;
		for (size_t at = 0; text[at]; at++) {
			if (text[at] < '0' || text[at] > '9' || (unsigned char)text[at + 1] == 0xC2)
				continue;
			snprintf(said, sizeof said, "%s", text);
			said[at] = text[at] == '9' ? '8' : (char)(text[at] + 1);
			if (judge(text, said) == FALLBACK_NONE)
				fail_msg("%s: %s", passages[i].id, said);
			changed++;
		}
	}
	assert_true(changed > 300);
}

/* Each denial of each passage: without it the sentence says the opposite. */
static void
test_no_denial_of_any_passage_may_go(void **state)
{
	static const char *const words[] = { " não ", " nunca ", " sem ", " nem ", "Não ", "Nunca " };
	char said[4000];
	size_t taken = 0;
	(void)state;
	for (size_t i = 0; i < 2 * passage_count; i++)
		for (size_t k = 0; k < COUNT(words); k++) {
			const char *text = i % 2 ? passages[i / 2].plain : passages[i / 2].technical;
			const char *at = strstr(text, words[k]);
			if (!at)
				continue;
			snprintf(said, sizeof said, "%.*s %s", (int)(at - text), text, at + strlen(words[k]));
			if (judge(text, said) == FALLBACK_NONE)
				fail_msg("%s: %s", passages[i / 2].id, said);
			taken++;
		}
	assert_true(taken > 40);
}

#define PB_MB "Dose em falta: PB 6 doses em até 9 meses; MB 12 em até 18 meses. Não orientar compensação."
#define ADULT "PQT-U Adulto: rifampicina 600 mg, clofazimina 300 mg e dapsona 100 mg; clofazimina 50 mg/dia."

static void
test_other_words_for_the_same(void **state)
{
	(void)state;
	expect(ADULT,
	        "Na PQT-U Adulto: dapsona 100 mg, clofazimina 300 mg e rifampicina 600 mg; clofazimina 50 "
	        "mg/dia.",
	        FALLBACK_NONE); /* each number kept its drug and its unit */
	expect("Rifampicina em jejum: 1 hora antes das refeições.",
	        "A rifampicina é em jejum, 1 hora antes das refeições.", FALLBACK_NONE);
	expect("Não pare por conta própria. Converse com a equipe.",
	        "Converse com a equipe, e não pare por conta própria.", FALLBACK_NONE);
}

static void
test_what_is_said_otherwise_is_found(void **state)
{
	(void)state;
	expect(ADULT,
	        "PQT-U Adulto: rifampicina 300 mg, clofazimina 600 mg e dapsona 100 mg; clofazimina 50 "
	        "mg/dia.",
	        FALLBACK_CHECK_NUMBER);
	expect(ADULT,
	        "PQT-U Adulto: rifampicina 600 g, clofazimina 300 mg e dapsona 100 mg; clofazimina 50 "
	        "mg/dia.",
	        FALLBACK_CHECK_NUMBER);
	expect(ADULT,
	        "PQT-U Adulto: rifampicina 600 mg, clofazimina 300 mg e dapsona 100 mg; clofazimina 50 "
	        "mg/semana.",
	        FALLBACK_CHECK_WORDS);
	expect(ADULT, "PQT-U Adulto: rifampicina 600 mg, clofazimina 300 mg e dapsona 100 mg.",
	        FALLBACK_CHECK_MISSING);
	expect(ADULT, ADULT " Também minociclina.", FALLBACK_CHECK_DRUG);
	expect(PB_MB,
	        "Dose em falta: MB 6 doses em até 9 meses; PB 12 em até 18 meses. Não orientar compensação.",
	        FALLBACK_CHECK_NUMBER);
	expect(PB_MB,
	        "Dose em falta: PB 6 doses em até 9 meses; MB 12 em até 18 meses. Orientar compensação.",
	        FALLBACK_CHECK_NEGATION);
	expect(PB_MB,
	        "Não dose em falta: PB 6 doses em até 9 meses; MB 12 em até 18 meses. Não orientar "
	        "compensação.",
	        FALLBACK_CHECK_NEGATION);
	expect("Paucibacilar: 1 a 5 lesões.", "Paucibacilar: 1 e 5 lesões.", FALLBACK_CHECK_NUMBER);
	expect("Acuidade abaixo de 0,1.", "Acuidade abaixo de 1.", FALLBACK_CHECK_NUMBER);
	expect("Talidomida: somente MB.", "Talidomida: MB.", FALLBACK_CHECK_MISSING);
	expect("Um método ou dois.", "Um método e dois.", FALLBACK_CHECK_MISSING);
	expect("MB: 12 doses.", "The patient takes the medicine for many months.", FALLBACK_CHECK_LANGUAGE);
}

static void
test_shape(void **state)
{
	(void)state;
	expect("MB: 12 doses.", "MB: 12 doses. [Portaria 1]", FALLBACK_CHECK_FORMAT);
	expect("MB: 12 doses.", "MB: 12\ndoses.", FALLBACK_CHECK_FORMAT);
	expect("MB: 12 doses.", "  ", FALLBACK_CHECK_FORMAT);
	struct str s = STR("MB: 12 doses.");
	struct sentence none = { 3, s };
	enum fallback out;
	assert_int_equal(check_words(&ctx, &s, 1, &none, 1, &out), OK);
	assert_int_equal(out, FALLBACK_CHECK_SOURCE);
	assert_int_equal(check_words(&ctx, &s, 1, &none, 0, &out), OK);
	assert_int_equal(out, FALLBACK_CHECK_FORMAT);
	struct str two[] = { STR("MB: 12 doses."), STR("PB: 6 doses.") };
	struct sentence one = { 0, two[0] };
	assert_int_equal(check_words(&ctx, two, 2, &one, 1, &out), OK);
	assert_int_equal(out, FALLBACK_CHECK_MISSING); /* a source of which nothing was said */
	one.text = STR("PB: 6 doses.");
	assert_int_equal(check_words(&ctx, two, 2, &one, 1, &out), OK);
	assert_int_equal(out, FALLBACK_CHECK_NUMBER); /* of the other source */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_passage_passes_as_it_is),
		cmocka_unit_test(test_no_number_of_any_passage_may_change),
		cmocka_unit_test(test_no_denial_of_any_passage_may_go),
		cmocka_unit_test(test_other_words_for_the_same),
		cmocka_unit_test(test_what_is_said_otherwise_is_found),
		cmocka_unit_test(test_shape),
	};
	ctx.arena = arena_new(8 << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(ctx.arena);
	return failed;
}
