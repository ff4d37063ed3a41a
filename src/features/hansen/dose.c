/* dose.c - PQT-U by weight (Quadro 1), and the volume of the rifampicina suspension.
 *
 * Every number is a row of the protocol.  What the Quadro does not cover, an
 * adult below 30 kg or a severe reaction to a component, is refused. */
#include <inttypes.h>

#include "features/hansen/protocol.h"
#include "features/hansen/sources.h"

static const char *const classes[] = { "PB", "MB", NULL };
enum { CLASS_PB, CLASS_MB };
static const char *const reactions[] = { "nenhuma", "rifampicina", "dapsona", "clofazimina", NULL };

enum { WEIGHT, CLASS, AGE, PREGNANT, BREASTFEEDING, REACTION };
static const struct calc_column dose_in[] = {
	{ "weight_kg", CALC_WEIGHT, .unit = "kg", .pt = "Peso", .en = "Weight" },
	{ "class", CALC_CHOICE, .one_of = classes, .pt = "Classificação operacional",
	        .en = "Operational classification" },
	{ "idade_anos", CALC_INT, .also = AGE_NAMES, .optional = true, .min = 0, .max = 120, .unit = "anos",
	        .pt = "Idade", .en = "Age" },
	{ "gestante", CALC_YESNO, .also = PREGNANT_NAMES, .optional = true, .pt = "Gestante",
	        .en = "Pregnant" },
	{ "lactante", CALC_YESNO, .also = BREASTFEEDING_NAMES, .optional = true, .pt = "Amamenta",
	        .en = "Breastfeeding" },
	{ "reacao_grave_a", CALC_CHOICE, .optional = true, .one_of = reactions,
	        .pt = "Reação grave conhecida a", .en = "Known severe reaction to" },
};
enum { BAND, RIF_MONTH, CLOF_MONTH, DAP_MONTH, CLOF_DAY, DAP_DAY, CLOF_WEEK, DOSES, WINDOW, FLAGS };
static const struct calc_column dose_out[] = {
	{ "band", CALC_TEXT, .pt = "Faixa", .en = "Band" },
	{ "rifampicina_mensal_mg", CALC_TEXT, .unit = "mg", .pt = "Rifampicina na dose supervisionada",
	        .en = "Rifampicin, supervised" },
	{ "clofazimina_mensal_mg", CALC_TEXT, .unit = "mg", .pt = "Clofazimina na dose supervisionada",
	        .en = "Clofazimine, supervised" },
	{ "dapsona_mensal_mg", CALC_TEXT, .unit = "mg", .pt = "Dapsona na dose supervisionada",
	        .en = "Dapsone, supervised" },
	{ "clofazimina_diaria", CALC_TEXT, .pt = "Clofazimina autoadministrada",
	        .en = "Clofazimine, self-administered" },
	{ "dapsona_diaria_mg", CALC_TEXT, .unit = "mg/dia", .pt = "Dapsona autoadministrada",
	        .en = "Dapsone, self-administered" },
	{ "clofazimina_semanal_mg", CALC_TEXT, .unit = "mg/semana",
	        .pt = "Clofazimina por semana, abaixo de 30 kg", .en = "Clofazimine a week, below 30 kg" },
	{ "doses_supervisionadas", CALC_TEXT, .pt = "Doses supervisionadas", .en = "Supervised doses" },
	{ "janela_meses", CALC_TEXT, .unit = "meses", .pt = "Prazo", .en = "Window" },
	{ "flags", CALC_TEXT, .pt = "Avisos", .en = "Flags" },
};

static const struct protocol_row *
dose_row(const char *band, const char *drug, const char *give)
{
	const struct protocol_row *row;
	for (size_t i = 0; (row = protocol_next(TOPIC_DOSE, band, &i));)
		if (row->give && strcmp(row->drug, drug) == 0 && strcmp(row->give, give) == 0)
			return row;
	assert(false); /* protocol_check counts one dose of each drug in each band */
	return NULL;
}

static bool
is_by_weight(const struct protocol_row *row)
{
	return strcmp(row->unit, "mg/kg") == 0;
}

/* What is written: milligrams, or so many for each kilogram. */
static struct decimal
milligrams(struct calc *c, const struct protocol_row *row)
{
	struct decimal amount = protocol_amount(row), weight = c->in[WEIGHT].number;
	calc_cite(c, &row->source);
	if (!is_by_weight(row)) {
		calc_step(c, "%s", row->pt);
		return amount;
	}
	struct decimal mg = calc_times(amount, weight);
	calc_step(c, "%s: %s mg/kg × %s kg = %s mg", row->pt, row->amount, calc_number(c, weight),
	        calc_number(c, mg));
	return mg;
}

/* Pregnancy keeps PQT-U: told, never a block. */
static void
tell_pregnancy(struct calc *c)
{
	if (!c->in[PREGNANT].whole && !c->in[BREASTFEEDING].whole)
		return;
	calc_flag(c, FLAG_MANTER_PQTU_NA_GESTACAO);
	calc_step(c, "Gestação e lactação não contraindicam a PQT-U (PCDT); um roteiro de dispensação diz o "
	             "contrário");
	if (c->in[PREGNANT].whole)
		calc_flag(c, FLAG_VITAMINA_K_FIM_DA_GESTACAO);
}

/* Below 30 kg Quadro 1 speaks of children only. */
static bool
is_covered(struct calc *c, bool below_30)
{
	const struct calc_value *age = &c->in[AGE];
	if (c->in[REACTION].set && c->in[REACTION].whole > 0) {
		calc_refuse(c, FLAG_USAR_ESQUEMA_SUBSTITUTIVO);
		calc_step(c, "Reação grave a %s: use o cálculo esquema_substitutivo",
		        reactions[c->in[REACTION].whole]);
		return false;
	}
	if (!below_30 || !age->set)
		return true;
	if (age->whole >= decimal_floor(protocol_number(NEED_ADULT_AGE))) {
		calc_refuse(c, FLAG_ADULTO_MENOR_30KG);
		calc_step(c, "%s", protocol_need(NEED_ADULT_AGE)->pt);
		return false;
	}
	if (age->whole >= decimal_floor(protocol_number(NEED_CHILD_AGE)))
		calc_flag(c, FLAG_ADOLESCENTE_MENOR_30KG_REVISAR);
	return true;
}

static void
tell_unusual_weight(struct calc *c)
{
	enum { YEARS = 10, KG = 50 };
	if (c->in[AGE].set && c->in[AGE].whole < YEARS &&
	        decimal_cmp(c->in[WEIGHT].number, decimal_of(KG)) > 0)
		calc_flag(c, FLAG_PESO_E_IDADE_CONFIRMAR);
}

static const char *
clofazimine_by_day(struct calc *c, const struct protocol_row *row)
{
	if (strcmp(row->interval, "DIAS_ALTERNADOS") == 0)
		return calc_printf(c, "%s mg em dias alternados", calc_number(c, milligrams(c, row)));
	struct decimal mg = decimal_trim(milligrams(c, row));
	char text[DECIMAL_TEXT + 1];
	uint8_t places = is_by_weight(row) && mg.scale == 0 ? 1 : mg.scale;
	bool fits = decimal_print(mg, places, text);
	assert(fits);
	return calc_printf(c, "%s mg/dia", text);
}

static void
tell_course(struct calc *c)
{
	const struct protocol_row *course = protocol_need(
	        c->in[CLASS].whole == CLASS_PB ? NEED_COURSE_PB : NEED_COURSE_MB);
	calc_int(c, DOSES, course->count);
	calc_int(c, WINDOW, course->window_months);
	calc_step(c, "%s", course->pt);
	calc_cite(c, &course->source);
}

/* Clofazimina by the week, the cap the sources disagree on, and who may prescribe. */
static void
tell_below_30(struct calc *c, const struct protocol_row *clofazimine, struct decimal dapsone)
{
	struct decimal day = calc_times(protocol_amount(clofazimine), c->in[WEIGHT].number);
	struct decimal week = calc_times(day, protocol_number(NEED_WEEK));
	calc_exact(c, CLOF_WEEK, week, 1);
	calc_step(c, "Clofazimina por semana: %s mg × 7 = %s mg, em 2 a 3 tomadas", calc_number(c, day),
	        calc_number(c, week));
	if (decimal_cmp(dapsone, protocol_number(NEED_DAPSONE_CAP)) > 0) {
		calc_flag(c, FLAG_DAPSONA_ACIMA_50MG_REVISAR);
		calc_step(c, "%s", protocol_need(NEED_DAPSONE_CAP)->pt);
		calc_cite(c, &protocol_need(NEED_DAPSONE_CAP)->source);
	}
	calc_flag(c, FLAG_PRESCRICAO_MEDICA);
}

static void
pqtu_dose(struct calc *c)
{
	const struct protocol_row *band = protocol_band("pqtu.peso", c->in[WEIGHT].number);
	assert(band); /* the ladder has no gap and the weight is above 0 */
	bool below_30 = band == protocol_need(NEED_CHILD_WEIGHT);
	if (!is_covered(c, below_30))
		return;
	calc_step(c, "Peso %s kg: %s", calc_number(c, c->in[WEIGHT].number), band->pt);
	calc_text(c, BAND, band->band);
	tell_unusual_weight(c);
	calc_exact(c, RIF_MONTH, milligrams(c, dose_row(band->band, "rifampicina", "SUPERVISIONADA")), 1);
	calc_exact(c, CLOF_MONTH, milligrams(c, dose_row(band->band, "clofazimina", "SUPERVISIONADA")), 1);
	calc_exact(c, DAP_MONTH, milligrams(c, dose_row(band->band, "dapsona", "SUPERVISIONADA")), 1);
	const struct protocol_row *clofazimine = dose_row(band->band, "clofazimina", "AUTOADMINISTRADA");
	calc_text(c, CLOF_DAY, clofazimine_by_day(c, clofazimine));
	struct decimal dapsone = milligrams(c, dose_row(band->band, "dapsona", "AUTOADMINISTRADA"));
	calc_exact(c, DAP_DAY, dapsone, 1);
	if (below_30)
		tell_below_30(c, clofazimine, dapsone);
	tell_course(c);
	tell_pregnancy(c);
}

/* ---- rifampicina_suspensao */

static const struct calc_column suspension_in[] = {
	{ "weight_kg", CALC_WEIGHT, .unit = "kg", .pt = "Peso", .en = "Weight" },
	{ "idade_anos", CALC_INT, .also = AGE_NAMES, .optional = true, .min = 0, .max = 120, .unit = "anos",
	        .pt = "Idade", .en = "Age" },
};
static const struct calc_column suspension_out[] = {
	{ "expected_mg", CALC_TEXT, .unit = "mg", .pt = "Rifampicina na dose supervisionada",
	        .en = "Rifampicin, supervised" },
	{ "expected_mL", CALC_TEXT, .unit = "mL", .pt = "Volume da suspensão a 20 mg/mL",
	        .en = "Volume of the 20 mg/mL suspension" },
};

static void
rifampicin_suspension(struct calc *c)
{
	struct decimal weight = c->in[WEIGHT].number, by_ml = protocol_number(NEED_SUSPENSION);
	if (protocol_band("pqtu.peso", weight) != protocol_need(NEED_CHILD_WEIGHT)) {
		calc_refuse(c, FLAG_FORA_DA_FAIXA_DE_PESO);
		return;
	}
	if (c->in[1].set && c->in[1].whole >= decimal_floor(protocol_number(NEED_ADULT_AGE))) {
		calc_refuse(c, FLAG_ADULTO_MENOR_30KG);
		return;
	}
	struct decimal mg = milligrams(c, dose_row("INFANTIL_MENOR_30", "rifampicina", "SUPERVISIONADA"));
	/* 10 mg/kg at no more than 3 places over 20 mg/mL: 5 places are exact. */
	struct decimal ml = calc_over(mg, by_ml, 5);
	calc_exact(c, 0, mg, 1);
	calc_exact(c, 1, ml, 2);
	calc_step(c, "Volume: %s mg ÷ %s mg/mL = %s mL", calc_number(c, mg), calc_number(c, by_ml),
	        calc_number(c, ml));
	calc_cite(c, &protocol_need(NEED_SUSPENSION)->source);
	calc_flag(c, FLAG_PRESCRICAO_MEDICA);
}

static const struct source quadro_1 = { PCDT_2022, "tópico 06, Quadro 1", "58 (PDF 34-35)", CONFIDENCE_HIGH };
static const struct source suspension_note = { PCDT_2022, "tópico 06, Quadro 1, nota: suspensão", "58",
	CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "pqtu_dose", pqtu_dose, COLUMNS(dose_in, dose_out), .verdict = FLAGS, .flags_column = true,
	        .clinical = true, .ready = protocol_ready, .source = &quadro_1,
	        .pt = "Dose da PQT-U por peso", .en = "PQT-U dose by weight" },
	{ "rifampicina_suspensao", rifampicin_suspension, COLUMNS(suspension_in, suspension_out),
	        .clinical = true, .ready = protocol_ready, .source = &suspension_note,
	        .pt = "Volume da rifampicina em suspensão", .en = "Volume of rifampicin suspension" },
};
const struct calc_table hansen_doses = { rows, COUNT(rows) };
