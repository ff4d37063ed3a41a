/* regimen.c - substitute regimens: after a severe reaction, for an extreme
 * adherence problem, for proven resistance.  The sources give adult doses
 * outside pregnancy; every other case is refused. */
#include <inttypes.h>

#include "features/hansen/protocol.h"
#include "features/hansen/sources.h"

static const char *const situations[] = { "rifampicina", "dapsona", "clofazimina", "adesao",
	"resistencia_rifampicina", "resistencia_rifampicina_claritromicina",
	"resistencia_rifampicina_ofloxacino", NULL };
/* As the rows call them. */
static const char *const bands[] = { "RIFAMPICINA", "DAPSONA", "CLOFAZIMINA", "ADESAO",
	"RESISTENCIA_RIFAMPICINA", "RESISTENCIA_RIFAMPICINA_CLARITROMICINA",
	"RESISTENCIA_RIFAMPICINA_OFLOXACINO" };
static const char *const classes[] = { "PB", "MB", NULL };

enum { SITUATION, CLASS, AGE, PREGNANT, BREASTFEEDING };
static const struct calc_column regimen_in[] = {
	{ "situacao", CALC_CHOICE, .one_of = situations,
	        .pt = "Reação grave a um componente, adesão extrema ou resistência comprovada",
	        .en = "Severe reaction to a component, extreme adherence problem or proven resistance" },
	{ "class", CALC_CHOICE, .one_of = classes, .pt = "Classificação operacional",
	        .en = "Operational classification" },
	{ "idade_anos", CALC_INT, .also = AGE_NAMES, .min = 0, .max = 120, .unit = "anos", .pt = "Idade",
	        .en = "Age" },
	{ "gestante", CALC_YESNO, .also = PREGNANT_NAMES, .optional = true, .pt = "Gestante",
	        .en = "Pregnant" },
	{ "lactante", CALC_YESNO, .also = BREASTFEEDING_NAMES, .optional = true, .pt = "Amamenta",
	        .en = "Breastfeeding" },
};
enum { MONTHLY, DAILY, MONTHS, MONTHLY_2, DAILY_2, MONTHS_2, FLAGS };
static const struct calc_column regimen_out[] = {
	{ "mensal_supervisionada", CALC_TEXT, .pt = "Dose mensal supervisionada",
	        .en = "Supervised monthly dose" },
	{ "diaria_autoadministrada", CALC_TEXT, .pt = "Dose diária", .en = "Daily dose" },
	{ "meses", CALC_TEXT, .unit = "meses", .pt = "Duração", .en = "Length" },
	{ "fase_2_mensal_supervisionada", CALC_TEXT, .pt = "Depois: dose mensal supervisionada",
	        .en = "Then: supervised monthly dose" },
	{ "fase_2_diaria_autoadministrada", CALC_TEXT, .pt = "Depois: dose diária",
	        .en = "Then: daily dose" },
	{ "fase_2_meses", CALC_TEXT, .unit = "meses", .pt = "Depois: duração", .en = "Then: length" },
	{ "flags", CALC_TEXT, .pt = "Avisos", .en = "Flags" },
};

static bool
is_for(const struct protocol_row *row, const char *class)
{
	return row->phase > 0 && (!row->classes || strcmp(row->classes, class) == 0);
}

static void
tell_row_flag(struct calc *c, const struct protocol_row *row)
{
	if (!row->flag)
		return;
	if (strcmp(row->flag, "FONTE_COM_LACUNA") == 0)
		calc_flag(c, FLAG_FONTE_COM_LACUNA);
	if (strcmp(row->flag, "REFERENCIA_ESPECIALIZADA") == 0)
		calc_flag(c, FLAG_REFERENCIA_ESPECIALIZADA);
}

/* "clofazimina 300 mg + ofloxacino 400 mg (ou minociclina 100 mg)" */
static const char *
with_drug(struct calc *c, const char *text, const struct protocol_row *row)
{
	return calc_printf(c, "%s%s%s %s mg%s%s%s", text, *text ? " + " : "", row->drug, row->amount,
	        row->instead ? " (ou " : "", row->instead ? row->instead : "", row->instead ? ")" : "");
}

static void
add_row(struct calc *c, const struct protocol_row *row)
{
	bool second = row->phase == 2, monthly = strcmp(row->give, "SUPERVISIONADA") == 0;
	size_t dose = second ? (monthly ? MONTHLY_2 : DAILY_2) : (monthly ? MONTHLY : DAILY);
	calc_text(c, dose, with_drug(c, c->out[dose], row));
	calc_int(c, second ? MONTHS_2 : MONTHS, row->count);
	calc_cite(c, &row->source);
	tell_row_flag(c, row);
}

static bool
is_covered(struct calc *c)
{
	if (c->in[AGE].whole < decimal_floor(protocol_number(NEED_SUBSTITUTE_AGE))) {
		calc_refuse(c, FLAG_SOMENTE_ADULTO);
		calc_step(c, "%s", protocol_need(NEED_SUBSTITUTE_AGE)->pt);
		if (c->in[AGE].whole < decimal_floor(protocol_number(NEED_MINOCYCLINE_AGE)))
			calc_flag(c, FLAG_MINOCICLINA_MENOR_8_ANOS);
		return false;
	}
	if (c->in[PREGNANT].whole || c->in[BREASTFEEDING].whole) {
		calc_refuse(c, FLAG_GESTACAO_NAO_COBERTA);
		return false;
	}
	return true;
}

static void
tell_lengths(struct calc *c, const char *class)
{
	calc_step(c, "Situação %s, %s: %s meses%s%s%s", situations[c->in[SITUATION].whole], class,
	        c->out[MONTHS], *c->out[MONTHS_2] ? ", depois mais " : "", c->out[MONTHS_2],
	        *c->out[MONTHS_2] ? " meses" : "");
	calc_step(c, "%s", protocol_need(NEED_CHANGE_RULE)->pt);
}

static void
substitute(struct calc *c)
{
	const char *class = classes[c->in[CLASS].whole];
	const struct protocol_row *row;
	if (!is_covered(c))
		return;
	for (size_t i = 0; (row = protocol_next(TOPIC_SUBSTITUTE, bands[c->in[SITUATION].whole], &i));)
		if (is_for(row, class))
			add_row(c, row);
	tell_lengths(c, class);
}

static const struct source quadros = { PCDT_2022, "tópico 09, Quadros 4 a 6", "76 (PDF 52-53)",
	CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "esquema_substitutivo", substitute, COLUMNS(regimen_in, regimen_out), .verdict = FLAGS,
	        .flags_column = true, .clinical = true, .ready = protocol_ready, .source = &quadros,
	        .pt = "Esquema substitutivo da PQT-U (adulto)",
	        .en = "Substitute regimen for PQT-U (adults)" },
};
const struct calc_table hansen_regimens = { rows, COUNT(rows) };
