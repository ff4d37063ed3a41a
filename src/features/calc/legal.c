/* legal.c - time limits of the LGPD, of incident reports and of keeping records. */
#include <inttypes.h>

#include "features/calc/calc.h"
#include "features/calc/holidays.h"

static const char *
day_text(struct calc *c, struct date d)
{
	char text[DATE_TEXT + 1];
	date_print(d, text);
	return calc_printf(c, "%s", text);
}

/* ---- lgpd_prazo_titular */

enum { ACCESS_DAYS = 15, INCIDENT_DAYS = 3, COMPLEMENT_DAYS = 20, KEEP_YEARS = 20 };
static const struct calc_column request_in[] = {
	{ "data_pedido", CALC_DATE, .pt = "Dia do pedido", .en = "Day of the request" },
};
static const struct calc_column deadline[] = {
	{ "expected_prazo", CALC_TEXT, .pt = "Último dia", .en = "Last day" },
};

static void
access_request(struct calc *c)
{
	struct date last = date_from_days(date_days(c->in[0].date) + ACCESS_DAYS);
	calc_date(c, 0, last);
	calc_step(c, "Declaração completa: 15 dias corridos do pedido, sem contar o dia do pedido; forma "
	             "simplificada: imediata");
}

/* ---- anpd_prazo_incidente */

static const struct calc_column incident_in[] = {
	{ "data_conhecimento", CALC_DATE, .pt = "Dia em que se soube", .en = "Day of knowledge" },
	{ "agente_pequeno_porte", CALC_YESNO, .pt = "Agente de pequeno porte", .en = "Small agent" },
};

static void
incident(struct calc *c)
{
	int times = c->in[1].whole ? 2 : 1;
	struct date known = c->in[0].date, last = business_days_after(known, INCIDENT_DAYS * times);
	calc_date(c, 0, last);
	calc_step(c, "%d dias úteis do conhecimento, sem contar o dia: até %s", INCIDENT_DAYS * times,
	        day_text(c, last));
	calc_step(c, "Complementar em %d dias úteis: até %s", COMPLEMENT_DAYS * times,
	        day_text(c, business_days_after(known, COMPLEMENT_DAYS * times)));
	if (times == 2)
		calc_flag(c, FLAG_AGENTE_PEQUENO_PORTE);
	calc_flag(c, FLAG_FERIADOS_LOCAIS_NAO_CONTADOS);
}

/* ---- retencao_prontuario */

static const struct calc_column keep_in[] = {
	{ "ultimo_registro", CALC_DATE, .pt = "Último registro no prontuário",
	        .en = "Last entry of the record" },
	{ "hoje", CALC_DATE, .pt = "Dia em que se pergunta", .en = "Day of the question" },
};
static const struct calc_column keep_out[] = {
	{ "expected_data_minima_descarte", CALC_TEXT,
	        .pt = "Primeiro dia em que o descarte pode ser proposto",
	        .en = "First day on which disposal may be proposed" },
	{ "expected", CALC_TEXT, .pt = "RETER ou ELEGIVEL_DESCARTE", .en = "RETER or ELEGIVEL_DESCARTE" },
};

static void
keep(struct calc *c)
{
	if (date_cmp(c->in[0].date, c->in[1].date) > 0) {
		calc_invalid(c, FLAG_DATAS_FORA_DE_ORDEM, keep_in[1].name);
		return;
	}
	struct date first = date_add_months(c->in[0].date, KEEP_YEARS * 12);
	calc_date(c, 0, first);
	calc_text(c, 1, date_cmp(c->in[1].date, first) >= 0 ? "ELEGIVEL_DESCARTE" : "RETER");
	calc_step(c, "20 anos do último registro: %s", c->out[0]);
	calc_step(c,
	        "A CFM 1.821/2007 fala em guarda permanente do prontuário eletrônico; os autores divergem");
	calc_flag(c, FLAG_DESCARTE_PELA_COMISSAO);
}

static const struct source lgpd = { "LGPD, Lei 13.709/2018", "art. 19, II", NULL, CONFIDENCE_HIGH };
static const struct source anpd = { "Resolução CD/ANPD 15/2024",
	"arts. 6 e 9; Resolução CD/ANPD 2/2022, art. 14", NULL, CONFIDENCE_HIGH };
static const struct source records = { "Lei 13.787/2018", "art. 6", NULL, CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "lgpd_prazo_titular", access_request, COLUMNS(request_in, deadline), .source = &lgpd,
	        .pt = "Prazo de resposta ao titular", .en = "Deadline to answer the data subject" },
	{ "anpd_prazo_incidente", incident, COLUMNS(incident_in, deadline), .source = &anpd,
	        .pt = "Prazo de comunicação de incidente", .en = "Deadline to report an incident" },
	{ "retencao_prontuario", keep, COLUMNS(keep_in, keep_out), .verdict = 1, .source = &records,
	        .pt = "Guarda do prontuário", .en = "Keeping the medical record" },
};
const struct calc_table calc_legal = { rows, COUNT(rows) };
