/* findings.c - what the examination says: operational classification, smear
 * index, disability grade by site and of the person, CID-10 codes. */
#include <inttypes.h>

#include "features/hansen/protocol.h"
#include "features/hansen/sources.h"

static const char *const smears[] = { "positiva", "negativa", "nao_realizada", NULL };
enum { SMEAR_POSITIVE, SMEAR_NEGATIVE, SMEAR_NOT_DONE };

static int64_t
whole(enum need need)
{
	return decimal_floor(protocol_number(need));
}

/* ---- classificacao_operacional */

enum { LESIONS, NERVES, SMEAR };
static const struct calc_column class_in[] = {
	{ "lesoes", CALC_INT, .min = 0, .max = 1000, .pt = "Lesões de pele", .en = "Skin lesions" },
	{ "nervos_com_perda", CALC_INT, .min = 0, .max = 30,
	        .pt = "Nervos periféricos com perda sensitiva documentada",
	        .en = "Peripheral nerves with documented sensory loss" },
	{ "baciloscopia", CALC_CHOICE, .one_of = smears, .pt = "Baciloscopia", .en = "Slit-skin smear" },
};
static const struct calc_column class_out[] = {
	{ "expected", CALC_TEXT, .pt = "PB, MB, REVISAR_MB ou SEM_CRITERIO",
	        .en = "PB, MB, REVISAR_MB or SEM_CRITERIO" },
};

/* NULL, or why the case is MB beyond doubt. */
static const char *
why_mb(const struct calc *c)
{
	if (c->in[SMEAR].whole == SMEAR_POSITIVE)
		return "baciloscopia positiva";
	if (c->in[LESIONS].whole > whole(NEED_LESIONS_PB))
		return "mais de 5 lesões";
	if (c->in[NERVES].whole >= whole(NEED_NERVES_MB))
		return "mais de um nervo com perda sensitiva";
	return NULL;
}

static void
in_doubt(struct calc *c, enum calc_flag why, const char *step)
{
	calc_flag(c, why);
	calc_flag(c, FLAG_DUVIDA_TRATAR_COMO_MB);
	calc_step(c, "%s: revisar; em dúvida trata-se como MB", step);
	calc_text(c, 0, "REVISAR_MB");
}

static void
classify(struct calc *c)
{
	const char *mb = why_mb(c);
	calc_flag(c, FLAG_NAO_E_DIAGNOSTICO);
	if (mb) {
		calc_step(c, "MB: %s", mb);
		calc_text(c, 0, "MB");
	} else if (c->in[NERVES].whole > 0) {
		in_doubt(c, FLAG_UM_NERVO_REVISAR, "Um só nervo com perda sensitiva");
	} else if (c->in[LESIONS].whole == 0) {
		calc_step(c, "Sem lesão, sem nervo com perda e sem baciloscopia positiva: nenhum critério "
		             "informado");
		calc_text(c, 0, "SEM_CRITERIO");
	} else if (c->in[SMEAR].whole == SMEAR_NOT_DONE) {
		in_doubt(c, FLAG_BACILOSCOPIA_NAO_REALIZADA, "Até 5 lesões com baciloscopia não realizada");
	} else {
		calc_step(c, "PB: de 1 a 5 lesões e baciloscopia negativa");
		calc_text(c, 0, "PB");
	}
}

/* ---- ib */

static const struct calc_column ib_in[] = {
	{ "sitios", CALC_LIST, .min = 0, .max = 6, .unit = "cruzes",
	        .pt = "Índice de cada sítio, de 0 a 6, entre espaços",
	        .en = "Index of each site, 0 to 6, between blanks" },
};
static const struct calc_column ib_out[] = {
	{ "expected_ib", CALC_TEXT, .pt = "Média dos sítios", .en = "Mean of the sites" },
	{ "expected_efeito", CALC_TEXT, .pt = "NEGATIVA ou MB", .en = "NEGATIVA or MB" },
	{ "investigar_resistencia", CALC_TEXT, .pt = "sim ou nao, em caso novo",
	        .en = "sim or nao, in a new case" },
};

static void
index_of_smear(struct calc *c)
{
	const struct calc_value *sites = &c->in[0];
	int64_t sum = 0;
	for (size_t i = 0; i < sites->count; i++)
		sum += sites->items[i];
	struct decimal total = decimal_of(sum), count = decimal_of((int64_t)sites->count);
	/* Compared before rounding: sum >= 2.0 x sites. */
	bool high = decimal_cmp(total, calc_times(protocol_number(NEED_SMEAR_RESISTANCE), count)) >= 0;
	calc_rounded(c, 0, calc_over(total, count, 2), 2);
	calc_text(c, 1, sum > 0 ? "MB" : "NEGATIVA");
	calc_text(c, 2, high ? "sim" : "nao");
	calc_step(c, "IB = soma dos sítios ÷ sítios = %" PRId64 " ÷ %zu", sum, sites->count);
	calc_step(c,
	        sum > 0 ? "Qualquer sítio positivo classifica como MB" : "Negativa não exclui o diagnóstico");
	if (high)
		calc_flag(c, FLAG_INVESTIGAR_RESISTENCIA);
	calc_cite(c, &protocol_need(NEED_SMEAR_RESISTANCE)->source);
}

/* ---- gif_site */

enum { SITE, FEELS, WEAK, VISIBLE, LID_WEAK, CORNEA, EYE_VISIBLE, ACUITY, OTHER_CAUSE };
static const char *const sites[] = { "olho", "mao", "pe", NULL };
enum { SITE_EYE };
#define YESNO(name_, pt_, en_)                                                                               \
	{                                                                                                    \
		name_, CALC_YESNO, .optional = true, .pt = pt_, .en = en_                                    \
	}
static const struct calc_column gif_in[] = {
	{ "site", CALC_CHOICE, .one_of = sites, .pt = "Sítio", .en = "Site" },
	YESNO("sente_2g", "Mão ou pé: sente 2 g", "Hand or foot: feels 2 g"),
	YESNO("forca_reduzida", "Mão ou pé: força reduzida", "Hand or foot: reduced strength"),
	YESNO("deficiencia_visivel", "Mão ou pé: deficiência visível", "Hand or foot: visible defect"),
	YESNO("palpebra_forca_reduzida", "Olho: força das pálpebras reduzida", "Eye: reduced lid strength"),
	YESNO("cornea_sensib_reduzida", "Olho: sensibilidade da córnea reduzida",
	        "Eye: reduced corneal sensation"),
	YESNO("olho_deficiencia_visivel", "Olho: deficiência visível", "Eye: visible defect"),
	YESNO("acuidade_menor_0_1", "Olho: acuidade menor que 0,1 ou não conta dedos a 6 m",
	        "Eye: acuity below 0.1 or cannot count fingers at 6 m"),
	{ "outra_causa", CALC_YESNO, .pt = "A alteração tem outra causa",
	        .en = "The change has another cause" },
};
static const struct calc_column gif_out[] = {
	{ "expected_grau", CALC_TEXT, .pt = "Grau 0, 1 ou 2", .en = "Grade 0, 1 or 2" },
};

/* Every finding of this kind of site was looked at. */
static bool
site_evaluated(struct calc *c, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++) {
		if (c->in[i].set)
			continue;
		calc_invalid(c, FLAG_NAO_AVALIADO, c->def->in[i].name);
		return false;
	}
	return true;
}

static void
grade_of_site(struct calc *c)
{
	bool eye = c->in[SITE].whole == SITE_EYE;
	if (!site_evaluated(c, eye ? LID_WEAK : FEELS, eye ? ACUITY : VISIBLE))
		return;
	bool two = eye ? c->in[EYE_VISIBLE].whole || c->in[ACUITY].whole : c->in[VISIBLE].whole;
	bool one = eye ? c->in[LID_WEAK].whole || c->in[CORNEA].whole
	               : !c->in[FEELS].whole || c->in[WEAK].whole;
	int grade = two ? 2 : one;
	calc_step(c, "Achados de %s: grau %d", sites[c->in[SITE].whole], grade);
	if (c->in[OTHER_CAUSE].whole && grade > 0) {
		calc_flag(c, FLAG_OUTRA_CAUSA_EXCLUI);
		calc_step(c, "A alteração tem outra causa: não conta, grau 0");
		grade = 0;
	}
	calc_int(c, 0, grade);
}

/* ---- omp */

#define GRADE(name_, pt_, en_)                                                                               \
	{                                                                                                    \
		name_, CALC_INT, .min = 0, .max = 2, .optional = true, .pt = pt_, .en = en_                  \
	}
static const struct calc_column omp_in[] = {
	GRADE("olho_d", "Grau do olho direito", "Grade of the right eye"),
	GRADE("olho_e", "Grau do olho esquerdo", "Grade of the left eye"),
	GRADE("mao_d", "Grau da mão direita", "Grade of the right hand"),
	GRADE("mao_e", "Grau da mão esquerda", "Grade of the left hand"),
	GRADE("pe_d", "Grau do pé direito", "Grade of the right foot"),
	GRADE("pe_e", "Grau do pé esquerdo", "Grade of the left foot"),
};
static const struct calc_column omp_out[] = {
	{ "expected_gif", CALC_TEXT, .pt = "GIF: o maior grau", .en = "Grade: the highest" },
	{ "expected_omp", CALC_TEXT, .pt = "OMP: a soma, de 0 a 12", .en = "EHF: the sum, 0 to 12" },
};

static void
eyes_hands_feet(struct calc *c)
{
	int64_t highest = 0, sum = 0;
	if (!site_evaluated(c, 0, COUNT(omp_in) - 1))
		return;
	for (size_t i = 0; i < COUNT(omp_in); i++) {
		sum += c->in[i].whole;
		if (c->in[i].whole > highest)
			highest = c->in[i].whole;
	}
	calc_int(c, 0, highest);
	calc_int(c, 1, sum);
	calc_step(c, "GIF = maior grau dos seis sítios = %" PRId64, highest);
	calc_step(c, "OMP = soma dos seis sítios = %" PRId64, sum);
}

/* ---- cid10_hanseniase */

static const struct calc_column cid_in[] = {
	{ "input", CALC_TEXT, .optional = true, .pt = "Código, com ou sem ponto",
	        .en = "Code, with or without point" },
};
static const struct calc_column cid_out[] = {
	{ "expected", CALC_TEXT, .pt = "valid ou invalid", .en = "valid or invalid" },
};

/* A30.9, a30.9 and A309 are the same code. */
static bool
same_code(struct str s, const char *code)
{
	size_t i = 0;
	bool pointed = memchr(s.p, '.', s.n) != NULL;
	for (const char *p = code; *p; p++) {
		if (*p == '.' && !pointed)
			continue;
		if (i == s.n || (s.p[i] & (s.p[i] >= 'a' && s.p[i] <= 'z' ? ~0x20 : ~0)) != *p)
			return false;
		i++;
	}
	return i == s.n;
}

static void
cid_code(struct calc *c)
{
	struct str s = str_trim(c->in[0].text);
	const struct protocol_row *row;
	calc_text(c, 0, "invalid");
	c->note = s.n > 0 ? "not a leprosy code of CID-10" : "empty";
	for (size_t i = 0; (row = protocol_next(TOPIC_NOTIFICATION, NULL, &i));) {
		if (strncmp(row->id, "cid.", 4) != 0 || !same_code(s, row->band))
			continue;
		calc_text(c, 0, "valid");
		calc_step(c, "%s: %s", row->band, row->pt);
		c->note = row->en;
	}
	if (c->step_count == 0)
		calc_step(c, "Códigos aceitos: A30.0 a A30.5, A30.8, A30.9 e B92");
}

static const struct source pcdt_class = { PCDT_2022, "tópico 02, classificação operacional", "26",
	CONFIDENCE_HIGH };
static const struct source pcdt_smear = {
	"MS, Guia de procedimentos técnicos: baciloscopia em hanseníase, 2010", "índice baciloscópico", NULL,
	CONFIDENCE_HIGH
};
static const struct source pcdt_gif = { PCDT_2022, "tópico 04, grau de incapacidade física", "43-44",
	CONFIDENCE_HIGH };
static const struct source pcdt_omp = { PCDT_2022, "tópico 04, formulário", "43 e 148", CONFIDENCE_HIGH };
static const struct source pcdt_cid = { PCDT_2022, "tópico 02, CID-10", "PDF 4", CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "classificacao_operacional", classify, COLUMNS(class_in, class_out), .clinical = true,
	        .ready = protocol_ready, .source = &pcdt_class, .pt = "Classificação operacional PB ou MB",
	        .en = "Operational classification, PB or MB" },
	{ "ib", index_of_smear, COLUMNS(ib_in, ib_out), .verdict = 1, .clinical = true,
	        .ready = protocol_ready, .source = &pcdt_smear, .pt = "Índice baciloscópico",
	        .en = "Bacterial index" },
	{ "gif_site", grade_of_site, COLUMNS(gif_in, gif_out), .clinical = true, .ready = protocol_ready,
	        .source = &pcdt_gif, .pt = "Grau de incapacidade de um sítio",
	        .en = "Disability grade of one site" },
	{ "omp", eyes_hands_feet, COLUMNS(omp_in, omp_out), .clinical = true, .ready = protocol_ready,
	        .source = &pcdt_omp, .pt = "GIF da pessoa e escore OMP",
	        .en = "Disability grade of the person and EHF score" },
	{ "cid10_hanseniase", cid_code, COLUMNS(cid_in, cid_out), .notes = true, .ready = protocol_ready,
	        .source = &pcdt_cid, .pt = "Código CID-10 de hanseníase", .en = "CID-10 code of leprosy" },
};
const struct calc_table hansen_findings = { rows, COUNT(rows) };
