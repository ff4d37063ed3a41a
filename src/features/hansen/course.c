/* course.c - dates of a treatment: discharge by cure, abandonment; and BCG for
 * contacts.  "Today" is always an input: nothing here looks at a clock. */
#include <inttypes.h>

#include "features/hansen/protocol.h"
#include "features/hansen/sources.h"

static const char *const classes[] = { "PB", "MB", NULL };
enum { CLASS_PB, CLASS_MB };

static bool
in_order(struct calc *c, size_t first, size_t second)
{
	if (date_cmp(c->in[first].date, c->in[second].date) <= 0)
		return true;
	calc_invalid(c, FLAG_DATAS_FORA_DE_ORDEM, c->def->in[second].name);
	return false;
}

static const char *
day_text(struct calc *c, struct date d)
{
	char text[DATE_TEXT + 1];
	date_print(d, text);
	return calc_printf(c, "%s", text);
}

/* ---- alta_cura */

enum { CLASS, START, DOSES, LAST };
static const struct calc_column cure_in[] = {
	{ "class", CALC_CHOICE, .one_of = classes, .pt = "Classificação operacional",
	        .en = "Operational classification" },
	{ "inicio", CALC_DATE, .pt = "Primeira dose supervisionada", .en = "First supervised dose" },
	{ "doses_supervisionadas", CALC_INT, .min = 0, .max = 60, .pt = "Doses supervisionadas tomadas",
	        .en = "Supervised doses taken" },
	{ "data_ultima_dose", CALC_DATE, .pt = "Última dose supervisionada", .en = "Last supervised dose" },
};
static const struct calc_column cure_out[] = {
	{ "expected", CALC_TEXT, .pt = "ALTA_CURA, EM_TRATAMENTO ou FORA_DA_JANELA_AVALIAR",
	        .en = "ALTA_CURA, EM_TRATAMENTO or FORA_DA_JANELA_AVALIAR" },
};

static void
cure(struct calc *c)
{
	if (!in_order(c, START, LAST))
		return;
	const struct protocol_row *course = protocol_need(
	        c->in[CLASS].whole == CLASS_PB ? NEED_COURSE_PB : NEED_COURSE_MB);
	struct date limit = date_add_months(c->in[START].date, course->window_months);
	bool late = date_cmp(c->in[LAST].date, limit) > 0;
	bool complete = c->in[DOSES].whole >= course->count;
	calc_step(c, "%s; prazo até %s, inclusive", course->pt, day_text(c, limit));
	calc_step(c, "Doses supervisionadas: %" PRId64 " de %d; última em %s", c->in[DOSES].whole,
	        course->count, day_text(c, c->in[LAST].date));
	if (late)
		calc_flag(c, FLAG_JANELA_VENCIDA);
	if (c->in[DOSES].whole > course->count)
		calc_flag(c, FLAG_DOSES_ACIMA_DO_ESQUEMA);
	calc_text(c, 0, !complete ? "EM_TRATAMENTO" : late ? "FORA_DA_JANELA_AVALIAR" : "ALTA_CURA");
	if (complete && !late)
		calc_step(c, "%s", protocol_need(NEED_CURE)->pt);
	calc_cite(c, &course->source);
}

/* ---- abandono */

enum { ATTENDED = 1, TODAY };
static const struct calc_column lost_in[] = {
	{ "class", CALC_CHOICE, .one_of = classes, .pt = "Classificação operacional",
	        .en = "Operational classification" },
	{ "ultimo_comparecimento", CALC_DATE, .pt = "Último comparecimento", .en = "Last attendance" },
	{ "data_referencia", CALC_DATE, .pt = "Dia em que se pergunta", .en = "Day of the question" },
};
static const struct calc_column lost_out[] = {
	{ "expected", CALC_TEXT, .pt = "EM_DIA, FALTOSO ou ABANDONO", .en = "EM_DIA, FALTOSO or ABANDONO" },
};

static void
lost(struct calc *c)
{
	if (!in_order(c, ATTENDED, TODAY))
		return;
	enum need need = c->in[CLASS].whole == CLASS_PB ? NEED_ABANDON_PB : NEED_ABANDON_MB;
	const struct protocol_row *row = protocol_need(need);
	struct date limit = date_add_months(c->in[ATTENDED].date, (int)decimal_floor(protocol_number(need)));
	int64_t days = date_days(c->in[TODAY].date) - date_days(c->in[ATTENDED].date);
	bool abandoned = date_cmp(c->in[TODAY].date, limit) > 0;
	bool missed = days > decimal_floor(protocol_number(NEED_MISSED_DAYS));
	calc_step(c, "%" PRId64 " dias desde o último comparecimento; abandono depois de %s", days,
	        day_text(c, limit));
	calc_step(c, "%s", row->pt);
	calc_text(c, 0, abandoned ? "ABANDONO" : missed ? "FALTOSO" : "EM_DIA");
	if (abandoned && c->in[CLASS].whole == CLASS_MB)
		calc_flag(c, FLAG_INVESTIGAR_RESISTENCIA_ABANDONO);
	calc_cite(c, &row->source);
}

/* ---- bcg_contato */

static const char *const reasons[] = { "gestante", "imunodeficiencia", "neoplasia_maligna",
	"corticoide_dose_elevada", "nenhuma", NULL };
enum { AGE, BCG_DOSES, REASON };
enum { REASON_NONE = 4 };
static const struct calc_column bcg_in[] = {
	{ "idade_meses", CALC_INT, .min = 0, .max = 1440, .unit = "meses", .pt = "Idade", .en = "Age" },
	{ "doses_ou_cicatrizes", CALC_INT, .min = 0, .max = 10, .pt = "Doses de BCG no cartão ou cicatrizes",
	        .en = "BCG doses or scars" },
	{ "contraindicacao", CALC_CHOICE, .optional = true, .one_of = reasons, .pt = "Contraindicação",
	        .en = "Contra-indication" },
};
static const struct calc_column bcg_out[] = {
	{ "expected", CALC_TEXT, .pt = "APLICAR_1_DOSE, NAO_APLICAR ou NAO_APLICAR_CONTRAINDICADO",
	        .en = "APLICAR_1_DOSE, NAO_APLICAR or NAO_APLICAR_CONTRAINDICADO" },
};

/* The row that decides. */
static enum need
bcg_rule(const struct calc *c, bool *give)
{
	bool infant = c->in[AGE].whole < decimal_floor(protocol_number(NEED_BCG_AGE));
	*give = infant ? c->in[BCG_DOSES].whole == 0
	               : c->in[BCG_DOSES].whole < decimal_floor(protocol_number(NEED_BCG_DOSES));
	if (infant)
		return NEED_BCG_INFANT;
	return *give ? NEED_BCG_AGE : NEED_BCG_DOSES;
}

static void
bcg(struct calc *c)
{
	bool give, contra = c->in[REASON].set && c->in[REASON].whole != REASON_NONE;
	enum need rule = bcg_rule(c, &give);
	const struct protocol_row *row = protocol_need(contra ? NEED_BCG_CONTRA : rule);
	calc_text(c, 0, contra ? "NAO_APLICAR_CONTRAINDICADO" : give ? "APLICAR_1_DOSE" : "NAO_APLICAR");
	calc_step(c, "%s", row->pt);
	calc_cite(c, &row->source);
}

static const struct source discharge = { PCDT_2022, "alta por cura", NULL, CONFIDENCE_HIGH };
static const struct source abandonment = { DIRETRIZES_2016, "abandono", NULL, CONFIDENCE_MEDIUM };
static const struct source bcg_source = { PCDT_2022, "tópico 16, BCG", NULL, CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "alta_cura", cure, COLUMNS(cure_in, cure_out), .clinical = true, .ready = protocol_ready,
	        .source = &discharge, .pt = "Alta por cura", .en = "Discharge by cure" },
	{ "abandono", lost, COLUMNS(lost_in, lost_out), .clinical = true, .ready = protocol_ready,
	        .source = &abandonment, .pt = "Faltoso e abandono", .en = "Missed and abandoned" },
	{ "bcg_contato", bcg, COLUMNS(bcg_in, bcg_out), .clinical = true, .ready = protocol_ready,
	        .source = &bcg_source, .pt = "BCG de contatos", .en = "BCG for contacts" },
};
const struct calc_table hansen_courses = { rows, COUNT(rows) };
