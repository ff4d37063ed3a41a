/* identifiers.c - documents and codes: valid or not, and their check digits.
 * Invalid is the answer to a question, never a failure. */
#include <stdio.h>

#include "base/brazil.h"
#include "features/calc/calc.h"

static const struct calc_column input[] = {
	{ "input", CALC_TEXT, .optional = true, .pt = "Número, com ou sem pontuação",
	        .en = "Number, with or without punctuation" },
};
static const struct calc_column verdict[] = {
	{ "expected", CALC_TEXT, .pt = "valid ou invalid", .en = "valid or invalid" },
};
static const struct calc_column verdict_and_kind[] = {
	{ "expected", CALC_TEXT, .pt = "valid ou invalid", .en = "valid or invalid" },
	{ "kind", CALC_TEXT, .pt = "Espécie, quando se reconhece", .en = "Kind, where it can be told" },
};

/* note: why not, in English; "" when valid. */
static void
judge(struct calc *c, bool valid, const char *note)
{
	calc_text(c, 0, valid ? "valid" : "invalid");
	c->note = valid ? "" : note;
}

static size_t
digits_in(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] >= '0' && s.p[i] <= '9';
	return n;
}

static bool
all_equal(const char *text)
{
	return strspn(text, (char[]){ *text, '\0' }) == strlen(text);
}

/* ---- CPF */

static void
cpf(struct calc *c)
{
	char text[CPF_TEXT + 1], digits[2];
	struct str s = c->in[0].text;
	bool shaped = cpf_plain(s, text);
	const char *note = s.n == 0 ? "empty" : digits_in(s) == CPF_TEXT ? "wrong mask" : "not 11 digits";
	if (shaped) {
		cpf_digits(text, digits);
		calc_step(c, "Dígitos verificadores calculados: %.2s (módulo 11, pesos 10 a 2 e 11 a 2)",
		        digits);
		note = all_equal(text)        ? "repeated digit"
		       : text[9] != digits[0] ? "wrong first check digit"
		                              : "wrong second check digit";
	}
	judge(c, cpf_valid(s), note);
}

static const struct calc_column base9[] = {
	{ "base9", CALC_TEXT, .pt = "Os 9 primeiros dígitos", .en = "The first 9 digits" },
};
static const struct calc_column dv[] = {
	{ "expected_dv", CALC_TEXT, .pt = "Os dois dígitos verificadores", .en = "The two check digits" },
};

static void
cpf_dv(struct calc *c)
{
	char digits[2];
	struct str s = c->in[0].text;
	if (s.n != 9 || digits_in(s) != 9) {
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, base9[0].name);
		return;
	}
	cpf_digits(s.p, digits);
	calc_text(c, 0, calc_printf(c, "%.2s", digits));
	calc_step(c, "Módulo 11: pesos 10 a 2, depois 11 a 2 com o primeiro dígito; resto menor que 2 dá 0");
}

/* ---- CNPJ */

static bool
has_letter(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= 'a' && s.p[i] <= 'z'))
			return true;
	return false;
}

static void
cnpj(struct calc *c)
{
	char text[CNPJ_TEXT + 1], digits[2];
	struct str s = c->in[0].text;
	const char *note = s.n == 0 ? "empty" : "not 12 letters or digits and 2 digits";
	if (cnpj_plain(s, text)) {
		cnpj_digits(text, digits);
		calc_step(c, "Dígitos verificadores calculados: %.2s (módulo 11, valor = código ASCII - 48)",
		        digits);
		note = all_equal(text)         ? "all zeros"
		       : text[12] != digits[0] ? "wrong first check digit"
		                               : "wrong second check digit";
	}
	judge(c, cnpj_valid(s), note);
	if (s.n > 0)
		calc_text(c, 1, has_letter(s) ? "alphanumeric" : "numeric");
}

static const struct calc_column base12[] = {
	{ "base12", CALC_TEXT, .pt = "Os 12 primeiros caracteres", .en = "The first 12 characters" },
};

static void
cnpj_dv(struct calc *c)
{
	char text[CNPJ_TEXT + 1], padded[CNPJ_TEXT + 1], digits[2];
	struct str s = c->in[0].text;
	if (s.n == 12)
		snprintf(padded, sizeof padded, "%.12s00", s.p);
	if (s.n != 12 || !cnpj_plain(str_of(padded), text)) {
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, base12[0].name);
		return;
	}
	cnpj_digits(text, digits);
	calc_text(c, 0, calc_printf(c, "%.2s", digits));
	calc_step(c, "Módulo 11 com valor = código ASCII - 48: pesos 5 a 2 e 9 a 2, depois 6 a 2 e 9 a 2");
}

/* ---- CNS */

static void
cns(struct calc *c)
{
	char text[CNS_TEXT + 1];
	struct str s = c->in[0].text;
	char first = s.n > 0 ? s.p[0] : '\0';
	const char *kind = first == '1' || first == '2'   ? "definitivo"
	                   : first >= '7' && first <= '9' ? "provisorio"
	                                                  : "";
	const char *note = s.n == 0 ? "empty" : "not 15 digits";
	if (cns_plain(s, text))
		note = !*kind         ? "first digit must be 1, 2, 7, 8 or 9"
		       : *kind == 'd' ? "wrong last digit, or digits 12-14 are not 000/001"
		                      : "weighted sum not a multiple of 11";
	judge(c, cns_valid(s), note);
	calc_text(c, 1, kind);
	calc_step(c, *kind == 'd' ? "Definitivo: rotina do PIS sobre 11 dígitos, depois 000 ou 001 e o dígito"
	                          : "Provisório: soma dos dígitos com pesos 15 a 1, múltipla de 11");
}

/* ---- IBGE, GTIN, cProdANVISA */

static void
ibge(struct calc *c)
{
	struct str s = c->in[0].text;
	judge(c, ibge_municipio_valid(s),
	        s.n != 7 || digits_in(s) != 7 ? "not 7 digits" : "unknown state or wrong check digit");
	calc_step(c, "Módulo 10 com pesos 1 e 2, somando os algarismos; 9 municípios são exceções oficiais");
}

static void
gtin(struct calc *c)
{
	struct str s = c->in[0].text;
	judge(c, gtin_valid(s),
	        s.n > 0 && digits_in(s) == s.n ? "wrong length or check digit"
	                                       : "neither digits nor the literal SEM GTIN");
	calc_step(c, "Módulo 10 com pesos 3 e 1 a partir da direita; GTIN-8, 12, 13 ou 14, ou SEM GTIN");
}

static void
product_code(struct calc *c)
{
	struct str s = c->in[0].text;
	bool number = digits_in(s) == s.n && (s.n == 11 || s.n == 13);
	judge(c, number || str_is(s, "ISENTO"), "neither 11 or 13 digits nor ISENTO");
	calc_step(c, "Padrão do leiaute: 11 dígitos, 13 dígitos ou ISENTO");
}

/* ---- Code 128 */

enum { CODE_MAX = 106, START_A = 103, START_C = 105, MODULO = 103 };
static const struct calc_column codes[] = {
	{ "codes_incl_start", CALC_LIST, .min = 0, .max = CODE_MAX - 1,
	        .pt = "Códigos desde o início, entre espaços",
	        .en = "Codes from the start code on, between blanks" },
};
static const struct calc_column check[] = {
	{ "expected_check", CALC_TEXT, .pt = "Código verificador", .en = "Check code" },
};

static void
code_128(struct calc *c)
{
	const struct calc_value *v = &c->in[0];
	if (v->items[0] < START_A || v->items[0] > START_C) {
		calc_invalid(c, FLAG_ENTRADA_INVALIDA, codes[0].name);
		return;
	}
	int64_t sum = v->items[0];
	for (size_t i = 1; i < v->count; i++)
		sum += v->items[i] * (int64_t)i;
	calc_int(c, 0, sum % MODULO);
	calc_step(c, "Início + Σ posição × código, módulo 103");
}

static const struct source rfb = { "Receita Federal, CPF", "módulo 11", NULL, CONFIDENCE_HIGH };
static const struct source cnpj_nt = { "Nota Técnica Conjunta DFe 2025.001 v1.00 (CNPJ alfanumérico)",
	"item 2 e Anexo I", NULL, CONFIDENCE_HIGH };
static const struct source code_nt = { "Nota Técnica Conjunta DFe 2025.001 v1.00 (CNPJ alfanumérico)",
	"item 6", NULL, CONFIDENCE_HIGH };
static const struct source datasus = { "DATASUS, rotina do CNS", "definitivo e provisório", NULL,
	CONFIDENCE_HIGH };
static const struct source ibge_list = { "IBGE, lista de municípios", "dígito verificador e 9 exceções", NULL,
	CONFIDENCE_HIGH };
static const struct source gs1 = { "GS1 General Specifications", "7.9; leiaute NF-e 4.00 para SEM GTIN", NULL,
	CONFIDENCE_HIGH };
static const struct source layout = { "Leiaute NF-e 4.00 (PL_010)", "med/cProdANVISA", NULL,
	CONFIDENCE_HIGH };

static const struct calculator rows[] = {
	{ "cpf", cpf, COLUMNS(input, verdict), .notes = true, .source = &rfb, .pt = "CPF válido",
	        .en = "CPF validity" },
	{ "cpf_dv", cpf_dv, COLUMNS(base9, dv), .source = &rfb, .pt = "Dígitos do CPF",
	        .en = "CPF check digits" },
	{ "cnpj", cnpj, COLUMNS(input, verdict_and_kind), .notes = true, .source = &cnpj_nt,
	        .pt = "CNPJ válido, numérico ou alfanumérico",
	        .en = "CNPJ validity, numeric or alphanumeric" },
	{ "cnpj_dv", cnpj_dv, COLUMNS(base12, dv), .source = &cnpj_nt, .pt = "Dígitos do CNPJ",
	        .en = "CNPJ check digits" },
	{ "cns", cns, COLUMNS(input, verdict_and_kind), .notes = true, .source = &datasus, .pt = "CNS válido",
	        .en = "CNS validity" },
	{ "ibge_municipio", ibge, COLUMNS(input, verdict), .notes = true, .source = &ibge_list,
	        .pt = "Código de município", .en = "Municipality code" },
	{ "gtin", gtin, COLUMNS(input, verdict), .notes = true, .source = &gs1, .pt = "GTIN válido",
	        .en = "GTIN validity" },
	{ "cprod_anvisa", product_code, COLUMNS(input, verdict), .source = &layout,
	        .pt = "Código ANVISA do produto na NF-e", .en = "ANVISA product code in the NF-e" },
	{ "code128_checksum", code_128, COLUMNS(codes, check), .source = &code_nt,
	        .pt = "Verificador do Code 128", .en = "Code 128 check code" },
};
const struct calc_table calc_identifiers = { rows, COUNT(rows) };
