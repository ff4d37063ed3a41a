/* reaction.c - reactions: the prednisona taper (a proposal to edit), clofazimina
 * for ENH in children, and the gate before talidomida. */
#include <inttypes.h>

#include "features/hansen/protocol.h"
#include "features/hansen/sources.h"

static int64_t
whole(enum need need)
{
	return decimal_floor(protocol_number(need));
}

/* ---- prednisona_desmame */

static const struct calc_column taper_in[] = {
	{ "weight_kg", CALC_WEIGHT, .unit = "kg", .pt = "Peso", .en = "Weight" },
};
enum { START, SEQUENCE, DAYS, WARNING };
static const struct calc_column taper_out[] = {
	{ "dose_inicial_mg", CALC_TEXT, .unit = "mg/dia", .pt = "Dose inicial", .en = "Initial dose" },
	{ "sequencia_15_em_15_dias", CALC_TEXT, .unit = "mg/dia",
	        .pt = "Doses de 15 em 15 dias; 5alt: 5 mg em dias alternados",
	        .en = "Doses every 15 days; 5alt: 5 mg on alternate days" },
	{ "dias_total", CALC_TEXT, .unit = "dias", .pt = "Total", .en = "Total" },
	{ "aviso_menor_que_6_meses", CALC_TEXT, .pt = "sim: o total é menor que 6 meses",
	        .en = "sim: total below six months" },
};

/* The dose after this one; at the end of the taper 0. */
static int64_t
next_dose(int64_t dose)
{
	int64_t turn = whole(NEED_PREDNISONE_TURN), last = whole(NEED_PREDNISONE_LAST);
	if (dose > turn)
		return dose - whole(NEED_PREDNISONE_STEP) > turn ? dose - whole(NEED_PREDNISONE_STEP) : turn;
	return dose > last ? dose - whole(NEED_PREDNISONE_STEP_LOW) : 0;
}

/* To the nearest multiple, a half goes up. */
static int64_t
start_of_taper(struct calc *c)
{
	struct decimal mg = calc_times(protocol_number(NEED_PREDNISONE_START), c->in[0].number);
	int64_t multiple = whole(NEED_PREDNISONE_ROUND);
	int64_t start = decimal_floor(calc_over(mg, decimal_of(multiple), 0)) * multiple;
	calc_step(c,
	        "Dose inicial: %s mg/kg × %s kg = %s mg; ao múltiplo de %" PRId64 " mais próximo: %" PRId64
	        " mg",
	        protocol_need(NEED_PREDNISONE_START)->amount, calc_number(c, c->in[0].number),
	        calc_number(c, mg), multiple, start);
	return start;
}

static int64_t
walk(struct calc *c, int64_t start)
{
	const char *text = "";
	int64_t steps = 1;
	for (int64_t dose = start; dose > 0; dose = next_dose(dose), steps++)
		text = calc_printf(c, "%s%" PRId64 " ", text, dose);
	calc_text(c, SEQUENCE, calc_printf(c, "%s%" PRId64 "alt", text, whole(NEED_PREDNISONE_LAST)));
	return steps;
}

static void
taper(struct calc *c)
{
	int64_t start = start_of_taper(c), days = walk(c, start) * whole(NEED_PREDNISONE_DAYS);
	bool is_short = days < whole(NEED_PREDNISONE_TOTAL);
	calc_int(c, START, start);
	calc_int(c, DAYS, days);
	calc_text(c, WARNING, is_short ? "sim" : "nao");
	calc_step(c, "%s", protocol_need(NEED_PREDNISONE_STEP)->pt);
	calc_step(c, "%s; %s", protocol_need(NEED_PREDNISONE_STEP_LOW)->pt,
	        protocol_need(NEED_PREDNISONE_LAST)->pt);
	calc_step(c, "Total: %" PRId64 " dias. %s", days, protocol_need(NEED_PREDNISONE_TOTAL)->pt);
	calc_step(c, "%s", protocol_need(NEED_PREDNISONE_OTHER)->pt);
	calc_flag(c, FLAG_PROPOSTA_EDITAVEL);
	calc_flag(c, FLAG_FONTES_DIVERGEM);
	if (is_short)
		calc_flag(c, FLAG_DURACAO_MENOR_QUE_6_MESES);
	if (start > whole(NEED_PREDNISONE_OTHER))
		calc_flag(c, FLAG_PREDNISONA_ACIMA_60MG_REVISAR);
	calc_flag(c, FLAG_ANTIPARASITARIO_AO_INICIAR);
}

/* ---- clofazimina_enh_crianca */

enum { WEIGHT, MONTH, AGE };
static const struct calc_column enl_in[] = {
	{ "weight_kg", CALC_WEIGHT, .unit = "kg", .pt = "Peso", .en = "Weight" },
	{ "mes", CALC_INT, .min = 1, .max = 3, .pt = "Mês do tratamento da reação",
	        .en = "Month of the reaction's treatment" },
	{ "idade_anos", CALC_INT, .also = AGE_NAMES, .optional = true, .min = 0, .max = 120, .unit = "anos",
	        .pt = "Idade", .en = "Age" },
};
static const struct calc_column enl_out[] = {
	{ "dia_min_mg", CALC_TEXT, .unit = "mg/dia", .pt = "Menor dose do dia",
	        .en = "Lowest dose of the day" },
	{ "dia_max_mg", CALC_TEXT, .unit = "mg/dia", .pt = "Maior dose do dia",
	        .en = "Highest dose of the day" },
};

static struct decimal
enl_day(struct calc *c, enum need by_kg, struct decimal takes)
{
	struct decimal limit = protocol_number(NEED_ENL_CHILD_MAX);
	struct decimal mg = calc_times(calc_times(protocol_number(by_kg), c->in[WEIGHT].number), takes);
	bool over = decimal_cmp(mg, limit) > 0;
	calc_step(c, "%s mg/kg × %s kg × %s = %s mg%s", protocol_need(by_kg)->amount,
	        calc_number(c, c->in[WEIGHT].number), calc_number(c, takes), calc_number(c, mg),
	        over ? "; limite de 300 mg/dia" : "");
	if (over)
		calc_flag(c, FLAG_LIMITE_300MG_APLICADO);
	return over ? limit : mg;
}

static void
enl_child(struct calc *c)
{
	static const enum need months[] = { NEED_ENL_MONTH_1, NEED_ENL_MONTH_2, NEED_ENL_MONTH_3 };
	if (c->in[AGE].set && c->in[AGE].whole >= whole(NEED_ADULT_AGE)) {
		calc_refuse(c, FLAG_SOMENTE_MENOR_18);
		return;
	}
	struct decimal takes = protocol_number(months[c->in[MONTH].whole - 1]);
	calc_exact(c, 0, enl_day(c, NEED_ENL_CHILD_LOW, takes), 1);
	calc_exact(c, 1, enl_day(c, NEED_ENL_CHILD_HIGH, takes), 1);
}

/* ---- talidomida_gate */

enum { YEARS, SEX, POTENTIAL, PREGNANT, BREASTFEEDING, NEUTROPHILS, METHODS, TEST_HOURS, CORTICOID };
static const char *const sexes[] = { "F", "M", NULL };
enum { SEX_F, SEX_M };
static const struct calc_column gate_in[] = {
	{ "idade", CALC_INT, .min = 0, .max = 120, .unit = "anos", .pt = "Idade", .en = "Age" },
	{ "sexo", CALC_CHOICE, .one_of = sexes, .pt = "Sexo", .en = "Sex" },
	{ "potencial_reprodutivo", CALC_YESNO, .optional = true, .pt = "Potencial reprodutivo",
	        .en = "Reproductive potential" },
	{ "gestante", CALC_YESNO, .also = PREGNANT_NAMES, .optional = true, .pt = "Gestante",
	        .en = "Pregnant" },
	{ "lactante", CALC_YESNO, .also = BREASTFEEDING_NAMES, .optional = true, .pt = "Amamenta",
	        .en = "Breastfeeding" },
	{ "neutrofilos", CALC_INT, .min = 0, .max = 200000, .unit = "/mm³", .pt = "Neutrófilos",
	        .en = "Neutrophils" },
	{ "metodos_contraceptivos", CALC_INT, .optional = true, .min = 0, .max = 10,
	        .pt = "Métodos contraceptivos em uso", .en = "Contraceptive methods in use" },
	{ "teste_gravidez_horas", CALC_INT, .optional = true, .min = 0, .max = 10000, .unit = "h",
	        .pt = "Horas desde o teste de gravidez negativo",
	        .en = "Hours since the negative pregnancy test" },
	{ "corticoide", CALC_YESNO, .pt = "Usa corticoide", .en = "Takes corticoid" },
};
static const struct calc_column gate_out[] = {
	{ "expected", CALC_TEXT, .pt = "PERMITIR, PERMITIR_COM_AAS ou NEGAR e o motivo",
	        .en = "PERMITIR, PERMITIR_COM_AAS or NEGAR and why" },
};

/* The first condition that fails; NEED_UNSET when all hold. */
static enum need
denied_by(const struct calc *c)
{
	bool may_conceive = c->in[SEX].whole == SEX_F && c->in[POTENTIAL].whole;
	if (c->in[YEARS].whole < whole(NEED_THALIDOMIDE_AGE))
		return NEED_THALIDOMIDE_AGE;
	if (c->in[PREGNANT].whole || c->in[BREASTFEEDING].whole)
		return NEED_THALIDOMIDE_PREGNANCY;
	if (c->in[NEUTROPHILS].whole < whole(NEED_THALIDOMIDE_NEUTROPHILS))
		return NEED_THALIDOMIDE_NEUTROPHILS;
	if (may_conceive && c->in[METHODS].whole < whole(NEED_THALIDOMIDE_METHODS))
		return NEED_THALIDOMIDE_METHODS;
	if (may_conceive &&
	        (!c->in[TEST_HOURS].set || c->in[TEST_HOURS].whole > whole(NEED_THALIDOMIDE_TEST)))
		return NEED_THALIDOMIDE_TEST;
	return NEED_UNSET;
}

/* A woman's answers must all be there; a man's may be blank but not contradict. */
static bool
is_answered(struct calc *c)
{
	static const size_t asked[] = { POTENTIAL, PREGNANT, BREASTFEEDING, METHODS };
	bool male = c->in[SEX].whole == SEX_M;
	for (size_t i = 0; i < COUNT(asked); i++)
		if (!male && !c->in[asked[i]].set)
			calc_invalid(c, FLAG_ENTRADA_AUSENTE, gate_in[asked[i]].name);
	if (male && (c->in[PREGNANT].whole || c->in[BREASTFEEDING].whole))
		calc_invalid(c, FLAG_ENTRADAS_INCOERENTES, gate_in[SEX].name);
	return c->status != CALC_INVALID;
}

static void
gate(struct calc *c)
{
	if (!is_answered(c))
		return;
	enum need need = denied_by(c);
	if (need == NEED_UNSET && c->in[CORTICOID].whole)
		need = NEED_THALIDOMIDE_ASA;
	const struct protocol_row *row = need == NEED_UNSET ? NULL : protocol_need(need);
	calc_text(c, 0, row ? row->condition : "PERMITIR");
	calc_step(c, "%s", row ? row->pt : "Todas as condições cumpridas");
	if (row)
		calc_cite(c, &row->source);
	if (need == NEED_THALIDOMIDE_ASA)
		calc_flag(c, FLAG_AAS_100MG);
	calc_flag(c, FLAG_TALIDOMIDA_NOTIFICACAO);
	if (c->in[SEX].whole == SEX_M)
		calc_flag(c, FLAG_TALIDOMIDA_PRESERVATIVO);
}

static const struct source type_1 = { PCDT_2022, "tópico 11, reação tipo 1", "60-62", CONFIDENCE_HIGH };
static const struct source type_2_child = { PCDT_2022, "tópico 14, ENH em crianças", NULL, CONFIDENCE_HIGH };
static const struct source thalidomide = { PCDT_2022, "tópicos 08 e 12, talidomida", "60-62",
	CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "prednisona_desmame", taper, COLUMNS(taper_in, taper_out), .verdict = WARNING, .clinical = true,
	        .ready = protocol_ready, .source = &type_1,
	        .pt = "Desmame de prednisona na reação tipo 1 (proposta)",
	        .en = "Prednisone taper in type 1 reaction (a proposal)" },
	{ "clofazimina_enh_crianca", enl_child, COLUMNS(enl_in, enl_out), .clinical = true,
	        .ready = protocol_ready, .source = &type_2_child, .pt = "Clofazimina no ENH de crianças",
	        .en = "Clofazimine for ENL in children" },
	{ "talidomida_gate", gate, COLUMNS(gate_in, gate_out), .clinical = true, .ready = protocol_ready,
	        .source = &thalidomide, .pt = "Condições para iniciar talidomida",
	        .en = "Conditions to start thalidomide" },
};
const struct calc_table hansen_reactions = { rows, COUNT(rows) };
