/* indicators.c - counts from SQL through the calculator of indicators, which has the
 * bands; and care for cells so small that they tell of persons. */
#include "features/hansen_cases/case.h"
#include "features/hansen_cases/case_rows.h"
#include "features/hansen_cases/sinan.h"
#include "base/csv.h"
#include "reports_sql.h"

enum { SMALL_CELL = 5, REPORT_MAX = 1 << 20 };

static const struct field counts_fields[] = {
#define COUNTED(m) FIELD(indicator_counts, m, .sens = SENS_PLAIN)
	COUNTED(new_cases),
	COUNTED(new_0_14),
	COUNTED(new_gif2),
	COUNTED(new_evaluated),
	COUNTED(cured),
	COUNTED(cured_evaluated),
	COUNTED(active),
	COUNTED(cohort),
	COUNTED(cohort_cured),
	COUNTED(cohort_abandoned),
	COUNTED(cohort_misdiagnosed),
	COUNTED(contacts),
	COUNTED(contacts_examined),
};
const struct type indicator_counts_type = TYPE(indicator_counts, counts_fields);

static const struct field item_fields[] = {
	FIELD(indicator_item, indicator, .sens = SENS_PLAIN),
	FIELD(indicator_item, text, .sens = SENS_PLAIN),
	FIELD(indicator_item, numerator, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(indicator_item, denominator, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(indicator_item, value, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(indicator_item, band, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "Null where the source has none"),
	FIELD(indicator_item, flags, .sens = SENS_PLAIN, .of = &text_item_type),
	FIELD(indicator_item, small_cell, .sens = SENS_PLAIN,
	        .summary = "1 to 4 cases on one side: it may tell of persons; not to be published"),
	FIELD(indicator_item, suppressed, .sens = SENS_PLAIN),
	FIELD(indicator_item, reason, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "Why there is no value: SEM_POPULACAO, DENOMINADOR_ZERO, CELULA_PEQUENA, …"),
};
static const struct type item_type = TYPE(indicator_item, item_fields);

static const struct field report_fields[] = {
	FIELD(indicator_report, from, .sens = SENS_PLAIN),
	FIELD(indicator_report, to, .sens = SENS_PLAIN),
	FIELD(indicator_report, cohort_year, .sens = SENS_PLAIN,
	        .summary = "PB diagnosed the year before, MB two years before"),
	FIELD(indicator_report, unit, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(indicator_report, municipality, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(indicator_report, protocol_version, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(indicator_report, misdiagnosed_in_cohort, .sens = SENS_PLAIN),
	FIELD(indicator_report, notice, .sens = SENS_PLAIN),
	FIELD(indicator_report, items, .sens = SENS_PLAIN, .of = &item_type),
};
const struct type indicator_report_type = TYPE(indicator_report, report_fields);

static const char notice[] = "Contagem dos casos registrados nesta instituição; taxas usam a população "
                             "informada. Casos novos excluem erro "
                             "diagnóstico. Célula de 1 a 4 casos pode identificar pessoas (LGPD arts. 5, 12 "
                             "e 13): não publicar; com publish "
                             "ela é omitida.";

/* One indicator: what is divided by what.  OF_POPULATION take the asker's figure. */
struct rule {
	const char *name, *pt;
	size_t numerator, denominator; /* offsets into indicator_counts, or one of below */
	bool denominator_is_people;    /* cases, so that the rest of it is a cell too */
};
enum { POPULATION = 100000, POPULATION_0_14 };
#define AT(m) offsetof(struct indicator_counts, m)
static const struct rule rules[] = {
	{ "deteccao_geral_100k", "Detecção geral por 100 mil habitantes", AT(new_cases), POPULATION, false },
	{ "deteccao_0_14_100k", "Detecção em menores de 15 anos por 100 mil", AT(new_0_14), POPULATION_0_14,
	        false },
	{ "gif2_por_milhao", "Casos novos com GIF 2 por 1 milhão", AT(new_gif2), POPULATION, false },
	{ "gif2_diagnostico_pct", "Casos novos com GIF 2 entre os avaliados", AT(new_gif2), AT(new_evaluated),
	        true },
	{ "gif_avaliado_diagnostico_pct", "Casos novos com GIF avaliado no diagnóstico", AT(new_evaluated),
	        AT(new_cases), true },
	{ "gif_avaliado_cura_pct", "Curados com GIF avaliado na cura", AT(cured_evaluated), AT(cured), true },
	{ "cura_coorte_pct", "Cura nas coortes", AT(cohort_cured), AT(cohort), true },
	{ "contatos_examinados_pct", "Contatos examinados entre os registrados", AT(contacts_examined),
	        AT(contacts), true },
	{ "abandono_pct", "Abandono nas coortes", AT(cohort_abandoned), AT(cohort), true },
	{ "prevalencia_10k", "Prevalência por 10 mil habitantes", AT(active), POPULATION, false },
};

static struct opt_int
count_at(const struct indicator_counts *c, const struct indicator_query *q, size_t at)
{
	if (at == POPULATION)
		return q->population;
	if (at == POPULATION_0_14)
		return q->population_0_14;
	return (struct opt_int){ *(const int64_t *)((const char *)c + at), true };
}

static bool
is_small(int64_t n)
{
	return n > 0 && n < SMALL_CELL;
}

/* The member of a calculation's result as text; absent for null. */
static struct str
result_of(struct ctx *ctx, const struct calculation *c, const char *member)
{
	const char *key = arena_printf(ctx->arena, "\"%s\":\"", member);
	const char *at = memmem(c->result.p, c->result.n, key, strlen(key));

	if (!at)
		return (struct str){ 0 };
	at += strlen(key);
	const char *end = memchr(at, '"', (size_t)(c->result.p + c->result.n - at));
	return end ? (struct str){ at, (size_t)(end - at) } : (struct str){ 0 };
}

static enum err
compute(struct ctx *ctx, struct indicator_item *item, struct str *version)
{
	struct calculation *c;
	const struct hansen_input in[] = { { "indicador", item->indicator },
		{ "numerador", str_of(arena_printf(ctx->arena, "%lld", (long long)item->numerator.v)) },
		{ "denominador", str_of(arena_printf(ctx->arena, "%lld", (long long)item->denominator.v)) } };

	TRY(hansen_calculate(ctx, "indicadores", in, COUNT(in), &c));
	item->flags = c->flags;
	item->value = result_of(ctx, c, "valor");
	item->band = result_of(ctx, c, "faixa");
	if (item->band.n == 0)
		item->band = (struct str){ 0 };
	*version = c->protocol_version;
	if (!str_is_set(item->value) && c->flags.count > 0)
		item->reason = ((struct text_item *)c->flags.items)[0].text;
	return OK;
}

static enum err
item_make(struct ctx *ctx, const struct indicator_query *q, const struct indicator_counts *c,
        const struct rule *rule, struct indicator_item *item, struct str *version)
{
	*item = (struct indicator_item){ .indicator = str_of(rule->name),
		.text = str_of(rule->pt),
		.numerator = count_at(c, q, rule->numerator),
		.denominator = count_at(c, q, rule->denominator) };
	int64_t rest = item->denominator.v - item->numerator.v;
	item->small_cell = is_small(item->numerator.v) || (rule->denominator_is_people && is_small(rest));
	if (q->publish && item->small_cell) {
		item->numerator = (struct opt_int){ 0 };
		item->denominator = rule->denominator_is_people ? (struct opt_int){ 0 } : item->denominator;
		item->suppressed = true;
		item->reason = STR("CELULA_PEQUENA");
		return OK;
	}
	if (!item->denominator.set) {
		item->reason = STR("SEM_POPULACAO");
		return OK;
	}
	return compute(ctx, item, version);
}

static struct date
year_day(int year, bool last)
{
	return (struct date){ (int16_t)year, last ? 12 : 1, last ? 31 : 1 };
}

enum err
indicators_make(struct ctx *ctx, const struct indicator_query *q, struct indicator_report *out)
{
	struct indicator_item *items = NEW_ARRAY(ctx, struct indicator_item, COUNT(rules));
	struct indicator_counts counts;
	int year = q->to.year;

	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for indicators");
	if (date_cmp(q->from, q->to) > 0)
		return invalid(ctx, "to", "order");
	TRY(sql_hansen_counts(ctx,
	        &(struct hansen_counts_in){ .from_day = q->from,
	                .to_day = q->to,
	                .pb_from = year_day(year - 1, false),
	                .pb_to = year_day(year - 1, true),
	                .mb_from = year_day(year - 2, false),
	                .mb_to = year_day(year - 2, true),
	                .unit = q->unit,
	                .municipality = q->municipality },
	        &counts));
	*out = (struct indicator_report){ .from = q->from,
		.to = q->to,
		.cohort_year = year,
		.unit = q->unit,
		.municipality = q->municipality,
		.misdiagnosed_in_cohort = q->publish && is_small(counts.cohort_misdiagnosed)
		                                  ? 0
		                                  : counts.cohort_misdiagnosed,
		.notice = str_of(notice),
		.items = { items, COUNT(rules) } };
	for (size_t i = 0; i < COUNT(rules); i++)
		TRY(item_make(ctx, q, &counts, &rules[i], &items[i], &out->protocol_version));
	return OK;
}

static struct str
number_text(struct ctx *ctx, struct opt_int v)
{
	return v.set ? str_of(arena_printf(ctx->arena, "%lld", (long long)v.v)) : (struct str){ 0 };
}

enum err
indicators_csv(struct ctx *ctx, const struct indicator_report *r, struct str *out)
{
	static const struct str header[] = { { "indicador", 9 }, { "texto", 5 }, { "numerador", 9 },
		{ "denominador", 11 }, { "valor", 5 }, { "faixa", 5 }, { "celula_pequena", 14 },
		{ "motivo", 6 } };
	const struct indicator_item *item = r->items.items;
	struct buf b;

	buf_init(&b, REPORT_MAX);
	csv_write(&b, header, COUNT(header), true);
	for (size_t i = 0; i < r->items.count; i++) {
		const struct str row[] = { item[i].indicator, item[i].text,
			number_text(ctx, item[i].numerator), number_text(ctx, item[i].denominator),
			item[i].value, item[i].band, item[i].small_cell ? STR("sim") : STR("nao"),
			item[i].reason };
		csv_write(&b, row, COUNT(row), true);
	}
	*out = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	return str_is_set(*out) ? OK : fail(ctx, ERR_TOO_LARGE, "a table beyond %d bytes", REPORT_MAX);
}
