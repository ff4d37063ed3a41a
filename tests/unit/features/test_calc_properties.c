/* test_calc_properties.c - a million random questions: no dose outside its
 * band's limits, no crash, no result in a refusal, monotone where the rule is.
 *
 * Limits here are written out again from Quadro 1, not taken from the
 * protocol's rows: a wrong row must not excuse itself.  PLANTAO_SEED repeats a run. */
#include "calculators.h"

#include <inttypes.h>

static uint64_t seed = 20261130;

static uint64_t
dice(uint64_t sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed * UINT64_C(0x2545F4914F6CDD1D) >> 11) % sides;
}

static struct decimal
dec(const char *text)
{
	struct decimal d = { 0 };
	if (!decimal_parse(str_of(text), &d))
		fail_msg("\"%s\" is no number (seed %" PRIu64 ")", text, seed);
	return d;
}

static void
assert_between(const char *text, const char *low, const char *high, const char *weight)
{
	struct decimal d = dec(text);
	if (decimal_cmp(d, dec(low)) < 0 || decimal_cmp(d, dec(high)) > 0)
		fail_msg("%s is outside %s to %s for %s kg", text, low, high, weight);
}

static const char *
random_weight(void)
{
	static char text[32];
	switch (dice(8)) {
	case 0: snprintf(text, sizeof text, "%" PRIu64, dice(100000)); break;
	case 1: snprintf(text, sizeof text, "-%" PRIu64 ".%" PRIu64, dice(100), dice(10)); break;
	case 2: snprintf(text, sizeof text, "%" PRIu64 ".%06" PRIu64, dice(400), dice(1000000)); break;
	case 3: snprintf(text, sizeof text, "%" PRIu64 ",%" PRIu64, dice(400), dice(1000)); break;
	case 4: snprintf(text, sizeof text, "29.9%02" PRIu64, dice(100)); break;
	case 5: snprintf(text, sizeof text, "50.0%02" PRIu64, dice(100)); break;
	default: snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64, 3 + dice(297), dice(1000)); break;
	}
	return text;
}

static void
assert_adult(const struct calc *c, const char *kg)
{
	assert_true(decimal_cmp(c->in[0].number, decimal_of(50)) > 0);
	assert_between(result(c, "rifampicina_mensal_mg"), "600", "600", kg);
	assert_between(result(c, "clofazimina_mensal_mg"), "300", "300", kg);
	assert_between(result(c, "dapsona_mensal_mg"), "100", "100", kg);
	assert_string_equal(result(c, "clofazimina_diaria"), "50 mg/dia");
	assert_between(result(c, "dapsona_diaria_mg"), "100", "100", kg);
	assert_string_equal(result(c, "clofazimina_semanal_mg"), "");
}

static void
assert_child(const struct calc *c, const char *kg)
{
	assert_true(decimal_cmp(c->in[0].number, decimal_of(30)) >= 0 &&
	            decimal_cmp(c->in[0].number, decimal_of(50)) <= 0);
	assert_between(result(c, "rifampicina_mensal_mg"), "450", "450", kg);
	assert_between(result(c, "clofazimina_mensal_mg"), "150", "150", kg);
	assert_between(result(c, "dapsona_mensal_mg"), "50", "50", kg);
	assert_string_equal(result(c, "clofazimina_diaria"), "50 mg em dias alternados");
	assert_between(result(c, "dapsona_diaria_mg"), "50", "50", kg);
}

/* Below what 30 kg would get, above what 3 kg would. */
static void
assert_small_child(const struct calc *c, const char *kg)
{
	char daily[32];
	assert_true(decimal_cmp(c->in[0].number, decimal_of(30)) < 0);
	assert_between(result(c, "rifampicina_mensal_mg"), "30", "299.99", kg);
	assert_between(result(c, "clofazimina_mensal_mg"), "18", "179.994", kg);
	assert_between(result(c, "dapsona_mensal_mg"), "6", "59.998", kg);
	assert_between(result(c, "dapsona_diaria_mg"), "6", "59.998", kg);
	assert_between(result(c, "clofazimina_semanal_mg"), "21", "209.993", kg);
	snprintf(daily, sizeof daily, "%s", result(c, "clofazimina_diaria"));
	char *unit = strstr(daily, " mg/dia");
	assert_non_null(unit);
	*unit = '\0';
	assert_between(daily, "3", "29.999", kg);
	assert_true(flagged(c, FLAG_PRESCRICAO_MEDICA));
	assert_int_equal(flagged(c, FLAG_DAPSONA_ACIMA_50MG_REVISAR),
	        decimal_cmp(c->in[0].number, decimal_of(25)) > 0);
}

static void
test_pqtu(void **state)
{
	(void)state;
	static const char *const ages[] = { "", "5", "14", "15", "17", "18", "90" };
	for (int i = 0; i < rounds(400000); i++) {
		const char *kg = random_weight(), *age = ages[dice(COUNT(ages))];
		struct calc c = ask("pqtu_dose", "weight_kg", kg, "class", dice(2) ? "PB" : "MB",
		        "idade_anos", age, NULL);
		if (c.status != CALC_ANSWERED) {
			assert_no_result(&c);
			continue;
		}
		const char *band = result(&c, "band");
		bool pb = c.in[1].whole == 0;
		assert_string_equal(result(&c, "doses_supervisionadas"), pb ? "6" : "12");
		assert_string_equal(result(&c, "janela_meses"), pb ? "9" : "18");
		if (strcmp(band, "ADULTO") == 0)
			assert_adult(&c, kg);
		else if (strcmp(band, "INFANTIL_30_50") == 0)
			assert_child(&c, kg);
		else
			assert_small_child(&c, kg);
	}
}

/* More weight never means less of a drug in the supervised dose. */
static void
test_pqtu_is_monotone(void **state)
{
	(void)state;
	static const char *const columns[] = { "rifampicina_mensal_mg", "dapsona_mensal_mg" };
	for (size_t k = 0; k < COUNT(columns); k++) {
		struct decimal before = { 0 };
		for (int tenths = 30; tenths <= 3000; tenths++) {
			char kg[16];
			snprintf(kg, sizeof kg, "%d.%d", tenths / 10, tenths % 10);
			struct calc c = ask("pqtu_dose", "weight_kg", kg, "class", "MB", NULL);
			struct decimal now = dec(result(&c, columns[k]));
			/* Dapsona by kg passes 50 mg at 25.1 kg and falls back to 50 at 30: the disagreement
			 * that is flagged. */
			if (tenths == 300 && k == 1)
				before = now;
			if (decimal_cmp(now, before) < 0)
				fail_msg("%s falls at %s kg", columns[k], kg);
			before = now;
		}
	}
}

static void
test_suspension(void **state)
{
	(void)state;
	for (int i = 0; i < rounds(100000); i++) {
		const char *kg = random_weight();
		struct calc c = ask("rifampicina_suspensao", "weight_kg", kg, NULL);
		if (c.status != CALC_ANSWERED) {
			assert_no_result(&c);
			continue;
		}
		assert_between(result(&c, "expected_mg"), "30", "299.99", kg);
		/* 20 mg in each mL: mg = 20 x mL, exactly. */
		struct decimal back = calc_times(dec(result(&c, "expected_mL")), decimal_of(20));
		assert_int_equal(decimal_cmp(back, dec(result(&c, "expected_mg"))), 0);
	}
}

static void
assert_taper(const struct calc *c)
{
	int64_t days = 0, before = 1000;
	char text[512];
	snprintf(text, sizeof text, "%s", result(c, "sequencia_15_em_15_dias"));
	struct str left = str_of(text);
	while (left.n > 0) {
		const char *blank = memchr(left.p, ' ', left.n);
		struct str step = { left.p, blank ? (size_t)(blank - left.p) : left.n };
		int64_t dose = 0;
		days += 15;
		if (!blank) {
			assert_true(str_is(step, "5alt") && before == 5);
			break;
		}
		assert_true(str_int(step, &dose));
		assert_true(dose >= 5 && dose % 5 == 0 && dose < before);
		assert_true(before == 1000 || before - dose <= 10);
		before = dose;
		left = (struct str){ blank + 1, left.n - step.n - 1 };
	}
	assert_string_equal(result(c, "aviso_menor_que_6_meses"), days < 180 ? "sim" : "nao");
	assert_int_equal(dec(result(c, "dias_total")).units, days);
}

static void
test_prednisone(void **state)
{
	(void)state;
	for (int i = 0; i < rounds(100000); i++) {
		struct calc c = ask("prednisona_desmame", "weight_kg", random_weight(), NULL);
		if (c.status != CALC_ANSWERED) {
			assert_no_result(&c);
			continue;
		}
		struct decimal start = dec(result(&c, "dose_inicial_mg")), away;
		assert_true(decimal_sub(start, c.in[0].number, &away));
		assert_true(decimal_cmp(away, DECIMAL(25, 1)) <= 0 && decimal_cmp(away, DECIMAL(-25, 1)) > 0);
		assert_true(flagged(&c, FLAG_PROPOSTA_EDITAVEL));
		assert_taper(&c);
	}
}

static void
test_enl_in_children(void **state)
{
	(void)state;
	static const char *const months[] = { "1", "2", "3", "0", "4" };
	for (int i = 0; i < rounds(100000); i++) {
		const char *kg = random_weight(), *month = months[dice(COUNT(months))];
		struct calc c = ask("clofazimina_enh_crianca", "weight_kg", kg, "mes", month, NULL);
		if (c.status != CALC_ANSWERED) {
			assert_no_result(&c);
			continue;
		}
		assert_between(result(&c, "dia_min_mg"), "4.5", "300", kg);
		assert_between(result(&c, "dia_max_mg"), result(&c, "dia_min_mg"), "300", kg);
	}
}

static struct str
random_text(const struct calc_column *column)
{
	static const char alphabet[] = "0123456789ABab.,-/ |\"\n\xC3\xA7\xFF";
	size_t n = dice(20), choices = 0;
	if (column->kind == CALC_CHOICE && dice(4) > 0) {
		while (column->one_of[choices])
			choices++;
		return str_of(column->one_of[dice(choices)]);
	}
	if (column->kind == CALC_DATE && dice(4) > 0)
		return str_of(arena_printf(arena, "%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64, 1890 + dice(320),
		        dice(14), dice(33)));
	if (column->kind == CALC_YESNO && dice(4) > 0)
		return dice(2) ? STR("1") : STR("0");
	if (column->kind != CALC_TEXT && dice(4) > 0)
		return str_of(arena_printf(arena, "%" PRIu64, dice(dice(2) ? 13 : UINT64_MAX)));
	char *text = arena_take(arena, n + 1);
	for (size_t i = 0; i < n; i++)
		text[i] = dice(50) ? alphabet[dice(sizeof alphabet - 1)] : '\0';
	return (struct str){ text, n };
}

/* Whatever comes in, each calculator answers, and says why when it gives no result. */
static void
test_every_calculator_answers_anything(void **state)
{
	(void)state;
	size_t count = 0, answered = 0;
	while (calc_at(count))
		count++;
	for (int i = 0; i < rounds(400000); i++) {
		const struct calculator *def = calc_at(dice(count));
		struct str inputs[CALC_IN_MAX] = { { 0 } };
		struct calc c;
		arena_reset(arena);
		for (size_t k = 0; k < def->in_count; k++)
			inputs[k] = dice(10) ? random_text(&def->in[k]) : (struct str){ 0 };
		assert_int_equal(calc_run(def, arena, inputs, &c), OK);
		if (c.status != CALC_ANSWERED)
			assert_no_result(&c);
		else
			assert_true(*c.out[0] || def->flags_column);
		answered += c.status == CALC_ANSWERED;
	}
	assert_true(answered > (size_t)rounds(400000) / 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pqtu),
		cmocka_unit_test(test_pqtu_is_monotone),
		cmocka_unit_test(test_suspension),
		cmocka_unit_test(test_prednisone),
		cmocka_unit_test(test_enl_in_children),
		cmocka_unit_test(test_every_calculator_answers_anything),
	};
	const char *given = getenv("PLANTAO_SEED");
	int64_t number;
	if (given && str_int(str_of(given), &number) && number != 0)
		seed = (uint64_t)number;
	arena = arena_new(1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
