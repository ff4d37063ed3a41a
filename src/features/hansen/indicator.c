/* indicator.c - epidemiological and operational indicators with their bands, and
 * which cases count in the cohorts of a year. */
#include <inttypes.h>

#include "features/hansen/protocol.h"
#include "features/hansen/sources.h"

/* ---- indicadores */

/* The choices below and these rows stand in the same order. */
static const char *const names[] = { "deteccao_geral_100k", "deteccao_0_14_100k", "gif2_por_milhao",
	"gif2_diagnostico_pct", "gif_avaliado_diagnostico_pct", "gif_avaliado_cura_pct", "cura_coorte_pct",
	"contatos_examinados_pct", "abandono_pct", "prevalencia_10k", NULL };
static const struct {
	int64_t by;
	bool share; /* the numerator is a part of the denominator */
} kinds[] = { { 100000, true }, { 100000, true }, { 1000000, true }, { 100, true }, { 100, true },
	{ 100, true }, { 100, true }, { 100, true }, { 100, true }, { 10000, true } };

enum { INDICATOR, NUMERATOR, DENOMINATOR };
static const struct calc_column indicator_in[] = {
	{ "indicador", CALC_CHOICE, .one_of = names, .pt = "Indicador", .en = "Indicator" },
	{ "numerador", CALC_INT, .min = 0, .max = 1000000000, .pt = "Numerador", .en = "Numerator" },
	{ "denominador", CALC_INT, .min = 0, .max = 1000000000, .pt = "Denominador", .en = "Denominator" },
};
static const struct calc_column indicator_out[] = {
	{ "expected_valor", CALC_TEXT, .pt = "Valor", .en = "Value" },
	{ "expected_faixa", CALC_TEXT, .pt = "Faixa; vazia quando a fonte não dá faixas",
	        .en = "Band; empty where the source has none" },
};

/* The exact value against a lower edge: numerator x by >= edge x denominator. */
static int
against(struct decimal scaled, struct decimal denominator, const char *edge)
{
	struct decimal limit;
	bool fine = decimal_parse(str_of(edge), &limit);
	assert(fine); /* protocol_check has read it */
	return decimal_cmp(scaled, calc_times(limit, denominator));
}

/* The highest band whose lower edge is met: compared unrounded, so nothing falls between 9.99 and 10. */
static const struct protocol_row *
band_of(const char *ladder, struct decimal scaled, struct decimal denominator)
{
	const struct protocol_row *row, *found = NULL;
	for (size_t i = 0; (row = protocol_next(TOPIC_INDICATOR, NULL, &i));)
		if (row->ladder && strcmp(row->ladder, ladder) == 0 &&
		        against(scaled, denominator, row->from) >= 0)
			found = row;
	return found;
}

static void
indicator(struct calc *c)
{
	int64_t which = c->in[INDICATOR].whole, by = kinds[which].by;
	int64_t numerator = c->in[NUMERATOR].whole, denominator = c->in[DENOMINATOR].whole;
	if (denominator == 0) {
		calc_refuse(c, FLAG_DENOMINADOR_ZERO);
		return;
	}
	if (kinds[which].share && numerator > denominator) {
		calc_invalid(c, FLAG_ENTRADAS_INCOERENTES, indicator_in[NUMERATOR].name);
		return;
	}
	struct decimal scaled = calc_times(decimal_of(numerator), decimal_of(by)),
	               of = decimal_of(denominator);
	const struct protocol_row *band = band_of(names[which], scaled, of);
	calc_rounded(c, 0, calc_over(scaled, of, 2), 2);
	calc_step(c, "%" PRId64 " ÷ %" PRId64 " × %" PRId64 " = %s", numerator, denominator, by, c->out[0]);
	if (!band) {
		calc_flag(c, FLAG_SEM_FAIXA);
		return;
	}
	calc_text(c, 1, band->band);
	calc_step(c, "%s", band->pt);
	calc_cite(c, &band->source);
	if (band->flag && against(scaled, of, band->from) == 0)
		calc_flag(c, FLAG_LIMITE_ENTRE_FAIXAS);
}

/* ---- coorte_cura */

enum { YEAR, ENTRY, CLASS, REGIMEN, DIAGNOSED, DISCHARGE };
#define YEAR_OF(name_, pt_, en_)                                                                             \
	{                                                                                                    \
		name_, CALC_INT, .min = 1900, .max = 2200, .pt = pt_, .en = en_                              \
	}
#define CODE(name_, max_, optional_, pt_, en_)                                                               \
	{                                                                                                    \
		name_, CALC_INT, .min = 1, .max = max_, .optional = optional_, .pt = pt_, .en = en_          \
	}
static const struct calc_column cohort_in[] = {
	YEAR_OF("ano_avaliacao", "Ano da avaliação", "Year of evaluation"),
	CODE("MODOENTR", 9, false, "Modo de entrada; 1 é caso novo", "Mode of entry; 1 is a new case"),
	CODE("CLASSATUAL", 2, false, "Classe atual: 1 PB, 2 MB", "Present class: 1 PB, 2 MB"),
	CODE("ESQ_ATU_N", 3, false, "Esquema atual: 1 PQT/PB/6, 2 PQT/MB/12, 3 outros",
	        "Present regimen: 1 PB/6, 2 MB/12, 3 others"),
	YEAR_OF("ano_diagnostico", "Ano do diagnóstico", "Year of diagnosis"),
	CODE("TPALTA_N", 9, true, "Tipo de saída; 1 é cura; vazio: em tratamento",
	        "Discharge; 1 is cure; blank: in treatment"),
};
static const struct calc_column cohort_out[] = {
	{ "expected_denominador", CALC_TEXT, .pt = "sim: conta na coorte",
	        .en = "sim: counts in the cohort" },
	{ "expected_numerador", CALC_TEXT, .pt = "sim: curado na coorte", .en = "sim: cured in the cohort" },
};
enum { NEW_CASE = 1, CODE_PB = 1, CODE_MB = 2, CURED = 1, WRONG_DIAGNOSIS = 8 };

static bool
in_cohort(const struct calc *c)
{
	int64_t class = c->in[CLASS].whole;
	int64_t years = decimal_floor(protocol_number(class == CODE_PB ? NEED_COHORT_PB : NEED_COHORT_MB));
	return c->in[ENTRY].whole == NEW_CASE && c->in[REGIMEN].whole == class &&
	       c->in[DIAGNOSED].whole == c->in[YEAR].whole - years;
}

static void
cohort(struct calc *c)
{
	bool counts = in_cohort(c), cured = counts && c->in[DISCHARGE].set && c->in[DISCHARGE].whole == CURED;
	calc_text(c, 0, counts ? "sim" : "nao");
	calc_text(c, 1, cured ? "sim" : "nao");
	calc_step(
	        c, "%s", protocol_need(c->in[CLASS].whole == CODE_PB ? NEED_COHORT_PB : NEED_COHORT_MB)->pt);
	calc_step(c, "Contam somente os residentes atuais; a residência não é entrada deste cálculo");
	if (counts && c->in[DISCHARGE].set && c->in[DISCHARGE].whole == WRONG_DIAGNOSIS)
		calc_flag(c, FLAG_ERRO_DIAGNOSTICO_NA_COORTE);
}

static const struct source parameters = { BOLETIM_2025, "indicadores", NULL, CONFIDENCE_HIGH };
static const struct source cohorts = { BOLETIM_2025, "coortes", NULL, CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "indicadores", indicator, COLUMNS(indicator_in, indicator_out), .verdict = 1,
	        .ready = protocol_ready, .source = &parameters,
	        .pt = "Indicadores epidemiológicos e operacionais",
	        .en = "Epidemiological and operational indicators" },
	{ "coorte_cura", cohort, COLUMNS(cohort_in, cohort_out), .ready = protocol_ready, .source = &cohorts,
	        .pt = "Caso na coorte de cura do ano", .en = "A case in the year's cure cohort" },
};
const struct calc_table hansen_indicators = { rows, COUNT(rows) };
