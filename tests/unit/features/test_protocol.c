/* test_protocol.c - the protocol holds together, and each way it could not is found. */
#include "features/hansen/protocol.h"

#include <stdio.h>

#include "../cm.h"

static struct protocol_row rows[1000];

/* A copy of the current version to be spoiled; the hash check comes last, so what stands before it must speak
 * first. */
static struct protocol
copy(void)
{
	struct protocol p = *protocol_current();
	assert_true(p.count < COUNT(rows));
	memcpy(rows, p.rows, p.count * sizeof *rows);
	p.rows = rows;
	return p;
}

static struct protocol_row *
row_of(const char *id)
{
	for (size_t i = 0; i < protocol_current()->count; i++)
		if (strcmp(rows[i].id, id) == 0)
			return &rows[i];
	fail_msg("no row %s", id);
	return NULL;
}

static void
assert_found(struct protocol p, const char *id, const char *what)
{
	char why[300] = "";
	assert_int_equal(protocol_check(&p, why), ERR_PROTOCOL_UNAVAILABLE);
	if (!strstr(why, id) || !strstr(why, what))
		fail_msg("said \"%s\", not %s: %s", why, id, what);
}

static void
test_versions_hold(void **state)
{
	(void)state;
	char why[300] = "", hex[PROTOCOL_HASH_TEXT + 1];
	const char *version = NULL;
	for (size_t i = 0; i < protocol_count(); i++) {
		protocol_hash(protocol_at(i), hex);
		if (protocol_check(protocol_at(i), why) != OK)
			fail_msg("%s (hash of the rows as they stand: %s)", why, hex);
		if (i > 0)
			assert_true(date_cmp(protocol_at(i - 1)->valid_from, protocol_at(i)->valid_from) < 0);
	}
	assert_int_equal(protocol_verify(why), OK);
	assert_int_equal(protocol_ready(&version), OK);
	assert_string_equal(version, protocol_current()->version);
	assert_ptr_equal(protocol_find(str_of(version)), protocol_current());
	assert_null(protocol_find(STR("PCDT-1999.1")));
}

/* Whoever approves the rows will change this test: until then nothing may claim a review. */
static void
test_no_row_claims_a_review(void **state)
{
	(void)state;
	for (size_t i = 0; i < protocol_current()->count; i++)
		assert_int_equal(protocol_current()->rows[i].review, REVIEW_PENDING);
}

static void
test_changed_row_is_found(void **state)
{
	(void)state;
	struct protocol p = copy();
	row_of("pqtu.adulto.rifampicina.mensal")->amount = "6000";
	assert_found(p, p.version, "hash");
	p = copy();
	row_of("curso.pb")->count = 7;
	assert_found(p, p.version, "hash");
	p = copy();
	p.count--;
	assert_found(p, p.version, "hash");
	p = copy();
	p.rows = NULL;
	assert_found(p, p.version, "no rows");
}

static void
test_gaps_and_overlaps_are_found(void **state)
{
	(void)state;
	struct protocol p = copy();
	row_of("pqtu.faixa.infantil_30_50")->from = "30.1";
	assert_found(p, "pqtu.faixa.infantil_menor_30", "gap or overlap");
	p = copy();
	row_of("pqtu.faixa.infantil_30_50")->from_open = true;
	assert_found(p, "pqtu.faixa.infantil_menor_30", "own the edge");
	p = copy();
	row_of("pqtu.faixa.adulto")->from_open = false;
	assert_found(p, "pqtu.faixa.infantil_30_50", "own the edge");
	p = copy();
	row_of("pqtu.faixa.infantil_menor_30")->from = "1";
	assert_found(p, "pqtu.faixa.infantil_menor_30", "begin at 0");
	p = copy();
	row_of("pqtu.faixa.adulto")->to = "200";
	assert_found(p, "pqtu.faixa.adulto", "upper end");
	p = copy();
	row_of("indicador.abandono_pct.Regular")->to = "26";
	assert_found(p, "indicador.abandono_pct.Regular", "gap or overlap");
}

static void
test_missing_parts_are_found(void **state)
{
	(void)state;
	struct protocol p = copy();
	row_of("pqtu.adulto.dapsona.diaria")->drug = "rifampicina";
	assert_found(p, "pqtu.faixa.adulto", "one dose of each drug");
	p = copy();
	row_of("talidomida.neutrofilos")->amount = NULL;
	assert_found(p, "talidomida.neutrofilos", "missing");
	p = copy();
	row_of("alta.cura")->id = "alta.outra";
	assert_found(p, "alta.cura", "missing");
	p = copy();
	row_of("curso.mb")->window_months = 0;
	assert_found(p, "curso.mb", "fewer months");
	p = copy();
	row_of("curso.mb")->amount = "12x";
	assert_found(p, "curso.mb", "decimal");
	p = copy();
	row_of("curso.mb")->amount = "-12";
	assert_found(p, "curso.mb", "below zero");
	p = copy();
	row_of("curso.mb")->en = "";
	assert_found(p, "curso.mb", "both languages");
	p = copy();
	row_of("curso.mb")->source.section = NULL;
	assert_found(p, "curso.mb", "section");
	p = copy();
	row_of("curso.mb")->review = REVIEW_UNSET;
	assert_found(p, "curso.mb", "review");
	p = copy();
	row_of("curso.mb")->id = "curso.pb";
	assert_found(p, "curso.pb", "two rows");
	p = copy();
	row_of("curso.mb")->topic = TOPIC_CASE;
	assert_found(p, "curso.mb", "order");
}

static size_t
matches(const char *q)
{
	size_t n = 0;
	for (size_t i = 0; i < protocol_current()->count; i++)
		n += protocol_row_matches(&protocol_current()->rows[i], str_of(q));
	return n;
}

static void
test_search(void **state)
{
	(void)state;
	assert_int_equal(matches(""), protocol_current()->count);
	assert_true(matches("rifampicina") > 5);
	assert_int_equal(matches("RIFAMPICINA"), matches("rifampicina"));
	assert_int_equal(matches("gestação"), matches("gestacao"));
	assert_true(matches("gestacao") > 2);
	assert_true(matches("dapsona mensal") < matches("dapsona"));
	assert_int_equal(matches("hipopotamo"), 0);
	assert_int_equal(matches("\xFF"), 0);
	assert_true(matches("\xC3") < protocol_current()->count); /* half a letter */
}

static void
test_bands(void **state)
{
	(void)state;
	assert_string_equal(protocol_band("pqtu.peso", DECIMAL(300, 1))->band, "INFANTIL_30_50");
	assert_string_equal(protocol_band("pqtu.peso", DECIMAL(29999, 3))->band, "INFANTIL_MENOR_30");
	assert_string_equal(protocol_band("pqtu.peso", DECIMAL(50, 0))->band, "INFANTIL_30_50");
	assert_string_equal(protocol_band("pqtu.peso", DECIMAL(50001, 3))->band, "ADULTO");
	assert_null(protocol_band("pqtu.peso", DECIMAL(0, 0)));
	assert_null(protocol_band("pqtu.altura", DECIMAL(50, 0)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions_hold),
		cmocka_unit_test(test_no_row_claims_a_review),
		cmocka_unit_test(test_changed_row_is_found),
		cmocka_unit_test(test_gaps_and_overlaps_are_found),
		cmocka_unit_test(test_missing_parts_are_found),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_bands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
