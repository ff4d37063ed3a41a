/* fiscal.c - of the NF-e, model 55: access key, IBS and CBS of 2026, expiry of a
 * lot.  Keys hold letters since the alphanumeric CNPJ: text, never a number. */
#include <inttypes.h>
#include <stdio.h>

#include "base/brazil.h"
#include "features/calc/calc.h"

enum {
	KEY = 44,
	KEY_BODY = 43,
	ISSUER_AT = 6,
	MODEL_AT = 20,
	SERIES_AT = 22,
	NUMBER_AT = 25,
	CPF_SERIES_FIRST = 920,
	CPF_SERIES_LAST = 969,
	FACTOR = 11
};

/* Weights 2 to 9 from the right; a letter is worth its ASCII code less 48; 10 and 11 become 0. */
static char
key_digit(const char *body)
{
	int sum = 0, weight = 2;
	for (size_t i = KEY_BODY; i-- > 0;) {
		sum += (body[i] - '0') * weight;
		weight = weight == 9 ? 2 : weight + 1;
	}
	int digit = FACTOR - sum % FACTOR;
	return (char)(digit >= 10 ? '0' : '0' + digit);
}

static bool
is_state(int64_t code)
{
	static const uint8_t codes[] = { 11, 12, 13, 14, 15, 16, 17, 21, 22, 23, 24, 25, 26, 27, 28, 29, 31,
		32, 33, 35, 41, 42, 43, 50, 51, 52, 53 };
	return memchr(codes, (int)code, sizeof codes) != NULL;
}

/* The 14 places of the issuer: a CNPJ, or 000 and a CPF in the series that CPF issuers use. */
static bool
is_issuer(const char *text, int64_t series)
{
	if (series >= CPF_SERIES_FIRST && series <= CPF_SERIES_LAST && memcmp(text, "000", 3) == 0)
		return cpf_valid((struct str){ text + 3, CPF_TEXT });
	return cnpj_valid((struct str){ text, CNPJ_TEXT });
}

/* ---- nfe_key */

enum { STATE, MONTH, ISSUER, MODEL, SERIES, NUMBER, EMISSION, RANDOM };
static const struct calc_column key_in[] = {
	{ "cUF", CALC_INT, .min = 11, .max = 53, .pt = "UF do emitente (código IBGE)",
	        .en = "Issuer's state (IBGE code)" },
	{ "AAMM", CALC_TEXT, .pt = "Ano e mês da emissão", .en = "Year and month of issue" },
	{ "emit_CNPJ", CALC_TEXT, .pt = "CNPJ (ou CPF) do emitente, sem pontuação",
	        .en = "Issuer's CNPJ (or CPF), plain" },
	{ "mod", CALC_INT, .min = 55, .max = 65, .pt = "Modelo: 55 ou 65", .en = "Model: 55 or 65" },
	{ "serie", CALC_INT, .min = 0, .max = 999, .pt = "Série", .en = "Series" },
	{ "nNF", CALC_INT, .min = 1, .max = 999999999, .pt = "Número", .en = "Number" },
	{ "tpEmis", CALC_INT, .min = 1, .max = 9, .pt = "Forma de emissão", .en = "Kind of emission" },
	{ "cNF", CALC_INT, .min = 0, .max = 99999999, .pt = "Código numérico aleatório",
	        .en = "Random numeric code" },
};
static const struct calc_column key_out[] = {
	{ "expected_key", CALC_TEXT, .pt = "Chave de acesso", .en = "Access key" },
};

static bool
is_month(struct str s)
{
	int64_t v;
	return s.n == 4 && str_int(s, &v) && v >= 0 && s.p[0] != '-' && s.p[0] != '+' && v % 100 >= 1 &&
	       v % 100 <= 12;
}

/* Fourteen capitals and digits from what was given; false when it is no issuer. */
static bool
issuer_text(struct calc *c, char out[static CNPJ_TEXT + 1])
{
	struct str given = str_trim(c->in[ISSUER].text);
	char cpf[CPF_TEXT + 1];
	if (given.n == CPF_TEXT && cpf_plain(given, cpf)) {
		snprintf(out, CNPJ_TEXT + 1, "000%s", cpf);
		calc_flag(c, FLAG_SERIE_DE_CPF);
	} else if (!cnpj_plain(given, out)) {
		return false;
	}
	return is_issuer(out, c->in[SERIES].whole);
}

static bool
is_trivial(int64_t random)
{
	static const int64_t sequences[] = { 12345678, 23456789, 34567890, 45678901, 56789012, 67890123,
		78901234, 89012345, 90123456, 1234567 };
	for (size_t i = 0; i < COUNT(sequences); i++)
		if (random == sequences[i])
			return true;
	return random % 11111111 == 0;
}

static bool
key_parts_fine(struct calc *c, char issuer[static CNPJ_TEXT + 1])
{
	int64_t model = c->in[MODEL].whole;
	if (!is_state(c->in[STATE].whole))
		calc_invalid(c, FLAG_ENTRADA_FORA_DO_LIMITE, key_in[STATE].name);
	if (!is_month(c->in[MONTH].text))
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, key_in[MONTH].name);
	if (!issuer_text(c, issuer))
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, key_in[ISSUER].name);
	if (model != 55 && model != 65)
		calc_invalid(c, FLAG_ENTRADA_FORA_DO_LIMITE, key_in[MODEL].name);
	return c->status != CALC_INVALID;
}

static void
nfe_key(struct calc *c)
{
	char issuer[CNPJ_TEXT + 1];
	if (!key_parts_fine(c, issuer))
		return;
	const char *body = calc_printf(c, "%02d%.4s%s%02d%03d%09d%d%08d", (int)c->in[STATE].whole,
	        c->in[MONTH].text.p, issuer, (int)c->in[MODEL].whole, (int)c->in[SERIES].whole,
	        (int)c->in[NUMBER].whole, (int)c->in[EMISSION].whole, (int)c->in[RANDOM].whole);
	if (strlen(body) != KEY_BODY) /* the arena is full */
		return;
	calc_text(c, 0, calc_printf(c, "%s%c", body, key_digit(body)));
	calc_step(c,
	        "cUF AAMM CNPJ mod serie nNF tpEmis cNF, depois o dígito: módulo 11, pesos 2 a 9 da direita: "
	        "%c",
	        key_digit(body));
	if (c->in[RANDOM].whole == c->in[NUMBER].whole || is_trivial(c->in[RANDOM].whole))
		calc_flag(c, FLAG_CNF_REPETE_NNF);
}

/* ---- nfe_key_validate */

static const struct calc_column validate_in[] = {
	{ "key", CALC_TEXT, .optional = true, .pt = "Chave de acesso", .en = "Access key" },
};
static const struct calc_column validate_out[] = {
	{ "expected", CALC_TEXT, .pt = "valid ou invalid", .en = "valid or invalid" },
};

/* [0-9]{6}[0-9A-Z]{12}[0-9]{26} */
static bool
key_shaped(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool letter = s.p[i] >= 'A' && s.p[i] <= 'Z' && i >= ISSUER_AT && i < ISSUER_AT + 12;
		if (!letter && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	}
	return s.n == KEY;
}

static int64_t
number_at(struct str s, size_t at, size_t n)
{
	int64_t v = -1;
	bool fine = str_int((struct str){ s.p + at, n }, &v);
	return fine ? v : -1;
}

/* "" or why not, with the cStat that the tax authority answers. */
static const char *
key_wrong(struct str s)
{
	if (!key_shaped(s))
		return s.n == KEY ? "does not match [0-9]{6}[0-9A-Z]{12}[0-9]{26}" : "not 44 characters";
	int64_t model = number_at(s, MODEL_AT, 2);
	if (!is_state(number_at(s, 0, 2)))
		return "unknown UF code (cStat 614)";
	if (!is_month((struct str){ s.p + 2, 4 }))
		return "month outside 01 to 12 (cStat 616)";
	if (!is_issuer(s.p + ISSUER_AT, number_at(s, SERIES_AT, 3)))
		return "CNPJ or CPF check digit wrong (cStat 617)";
	if (model != 55 && model != 65)
		return "model is not 55/65 (cStat 618)";
	if (number_at(s, NUMBER_AT, 9) == 0)
		return "number zero (cStat 619)";
	return s.p[KEY_BODY] == key_digit(s.p) ? "" : "wrong DV (cStat 236/253)";
}

static void
nfe_key_validate(struct calc *c)
{
	c->note = key_wrong(c->in[0].text);
	calc_text(c, 0, *c->note ? "invalid" : "valid");
	calc_step(c, "44 posições, UF, mês, emitente, modelo, número e dígito verificador conferidos");
}

/* ---- ibs_cbs_2026 */

static const struct calc_column tax_in[] = {
	{ "vBC", CALC_DECIMAL, .min = 0, .max = 9999999999999, .places = 2, .unit = "R$",
	        .pt = "Base de cálculo", .en = "Tax base" },
	{ "pRedAliq", CALC_DECIMAL, .min = 0, .max = 100, .places = 4, .unit = "%",
	        .pt = "Redução de alíquota", .en = "Reduction of the rate" },
};
static const struct calc_column tax_out[] = {
	{ "pAliqEfet_IBSUF", CALC_TEXT, .unit = "%", .pt = "Alíquota efetiva do IBS estadual",
	        .en = "Effective rate of state IBS" },
	{ "pAliqEfet_CBS", CALC_TEXT, .unit = "%", .pt = "Alíquota efetiva da CBS",
	        .en = "Effective rate of CBS" },
	{ "expected_vIBSUF", CALC_TEXT, .unit = "R$", .pt = "IBS estadual", .en = "State IBS" },
	{ "expected_vIBSMun", CALC_TEXT, .unit = "R$", .pt = "IBS municipal", .en = "Municipal IBS" },
	{ "expected_vCBS", CALC_TEXT, .unit = "R$", .pt = "CBS", .en = "CBS" },
};

/* rate x (1 - reduction / 100), four places. */
static struct decimal
effective(struct decimal rate, struct decimal reduction)
{
	struct decimal kept;
	bool fits = decimal_sub(decimal_of(100), reduction, &kept);
	assert(fits);
	return calc_over(calc_times(rate, kept), decimal_of(100), 4);
}

static struct decimal
tax(struct decimal base, struct decimal rate)
{
	return calc_over(calc_times(base, rate), decimal_of(100), 2);
}

static void
ibs_cbs(struct calc *c)
{
	struct decimal base = c->in[0].number, ibs = effective(DECIMAL(1, 1), c->in[1].number),
	               cbs = effective(DECIMAL(9, 1), c->in[1].number);
	calc_rounded(c, 0, ibs, 4);
	calc_rounded(c, 1, cbs, 4);
	calc_rounded(c, 2, tax(base, ibs), 2);
	calc_rounded(c, 3, decimal_of(0), 2);
	calc_rounded(c, 4, tax(base, cbs), 2);
	calc_step(c, "Alíquotas de 2026: IBS UF 0,1 %%, IBS municipal 0 %%, CBS 0,9 %%; efetiva = alíquota × "
	             "(1 - redução)");
	calc_step(c, "Valor = base × alíquota efetiva ÷ 100, meio centavo para cima");
	calc_flag(c, FLAG_ALIQUOTAS_DE_2026);
}

/* ---- rastro_dval */

static const struct calc_column expiry_in[] = {
	{ "validade_mm_aaaa", CALC_TEXT, .pt = "Validade impressa, MM/AAAA",
	        .en = "Printed expiry, MM/YYYY" },
};
static const struct calc_column expiry_out[] = {
	{ "expected_dVal", CALC_TEXT, .pt = "Último dia do mês", .en = "Last day of the month" },
};

static void
expiry(struct calc *c)
{
	struct str s = str_trim(c->in[0].text);
	struct date first;
	const char *text = s.n == 7 && s.p[2] == '/' ? calc_printf(c, "%.4s-%.2s-01", s.p + 3, s.p) : "";
	if (!date_parse(str_of(text), &first) || first.year < 1900) {
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, expiry_in[0].name);
		return;
	}
	calc_date(c, 0, date_from_days(date_days(date_add_months(first, 1)) - 1));
	calc_step(c, "Sem dia impresso vale o último do mês");
}

static const struct source key_source = { "MOC 7.0; Nota Técnica Conjunta DFe 2025.001 v1.00",
	"item 2.2.6; item 5 e Anexo II", NULL, CONFIDENCE_HIGH };
static const struct source tax_source = { "NT 2025.002 v1.52",
	"regras UB28-10, UB35-10, UB66-10, UB67-10; alíquotas de 2026", NULL, CONFIDENCE_HIGH };
static const struct source lot_source = { "Leiaute NF-e 4.00 (PL_010)", "rastro/dVal", NULL,
	CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "nfe_key", nfe_key, COLUMNS(key_in, key_out), .source = &key_source,
	        .pt = "Chave de acesso da NF-e", .en = "NF-e access key" },
	{ "nfe_key_validate", nfe_key_validate, COLUMNS(validate_in, validate_out), .notes = true,
	        .source = &key_source, .pt = "Chave de acesso válida", .en = "Access key validity" },
	{ "ibs_cbs_2026", ibs_cbs, COLUMNS(tax_in, tax_out), .verdict = 2, .source = &tax_source,
	        .pt = "IBS e CBS de 2026", .en = "IBS and CBS of 2026" },
	{ "rastro_dval", expiry, COLUMNS(expiry_in, expiry_out), .source = &lot_source,
	        .pt = "Validade do lote na NF-e", .en = "Lot expiry in the NF-e" },
};
const struct calc_table calc_fiscal = { rows, COUNT(rows) };
