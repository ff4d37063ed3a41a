/* brazil.c - check digits and shapes; see brazil.h for what each number is.
 *
 * Sources: RFB (CPF); Nota Técnica Conjunta DFe 2025.001 v1.00 (CNPJ); DATASUS'
 * CNS routine; IBGE's list of 5570 municipalities; GS1 General Specifications 7.9. */
#include "base/brazil.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- punctuation */

/* Takes text that is all '0' (a digit) and 'A' (a digit or letter) of the
 * pattern, or the pattern with its punctuation. */
static bool
plain(struct str s, const char *pattern, char *out)
{
	size_t signs = 0, n = 0, at = 0;
	for (const char *p = pattern; *p; p++)
		signs += *p == '0' || *p == 'A';
	if (s.n != signs && s.n != strlen(pattern))
		return false;
	bool punctuated = s.n != signs;
	for (const char *p = pattern; *p; p++) {
		bool sign = *p == '0' || *p == 'A';
		if (!sign && !punctuated)
			continue;
		char c = s.p[at++];
		if (!sign && c != *p)
			return false;
		if (!sign)
			continue;
		if (!is_digit(c) && !(*p == 'A' && is_letter(c)))
			return false;
		out[n++] = (char)(is_digit(c) ? c : c & ~0x20);
	}
	out[n] = '\0';
	return true;
}

bool
cpf_plain(struct str s, char out[static CPF_TEXT + 1])
{
	return plain(s, "000.000.000-00", out);
}

bool
cnpj_plain(struct str s, char out[static CNPJ_TEXT + 1])
{
	return plain(s, "AA.AAA.AAA/AAAA-00", out);
}

bool
cns_plain(struct str s, char out[static CNS_TEXT + 1])
{
	return plain(s, "000 0000 0000 0000", out);
}

bool
cep_plain(struct str s, char out[static CEP_TEXT + 1])
{
	return plain(s, "00000-000", out);
}

/* ---- CPF, CNPJ: modulo 11 */

/* Weights count up from 2 at the right end and begin again after `top`; a
 * letter is worth its ASCII code less 48, as a digit is. */
static char
modulo11(const char *text, size_t n, int top)
{
	int sum = 0, weight = 2;
	for (size_t i = n; i-- > 0;) {
		sum += (text[i] - '0') * weight;
		weight = weight == top ? 2 : weight + 1;
	}
	int rest = sum % 11;
	return (char)(rest < 2 ? '0' : '0' + 11 - rest);
}

static void
two_digits(const char *base, size_t n, int top, char *out)
{
	char text[16];
	memcpy(text, base, n);
	text[n] = modulo11(text, n, top);
	text[n + 1] = modulo11(text, n + 1, top);
	memcpy(out, text + n, 2);
}

void
cpf_digits(const char base[static 9], char out[static 2])
{
	two_digits(base, 9, 11, out);
}

void
cnpj_digits(const char base[static 12], char out[static 2])
{
	two_digits(base, 12, 9, out);
}

static bool
all_same(const char *text)
{
	return strspn(text, (char[]){ *text, '\0' }) == strlen(text);
}

bool
cpf_valid(struct str s)
{
	char text[CPF_TEXT + 1], digits[2];
	if (!cpf_plain(s, text) || all_same(text)) /* RFB: eleven equal digits are refused */
		return false;
	cpf_digits(text, digits);
	return memcmp(text + 9, digits, 2) == 0;
}

bool
cnpj_valid(struct str s)
{
	char text[CNPJ_TEXT + 1], digits[2];
	if (!cnpj_plain(s, text) || (all_same(text) && *text == '0'))
		return false;
	cnpj_digits(text, digits);
	return memcmp(text + 12, digits, 2) == 0;
}

/* ---- CNS */

static int
cns_sum(const char *text, int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += (text[i] - '0') * (15 - i);
	return sum;
}

/* Definitive: 11 digits of the PIS kind, then 000 and the check digit; where
 * that would be 10, 001 and the digit of the sum with 2 more. */
static bool
cns_definitive(const char *text)
{
	int sum = cns_sum(text, 11), digit = 11 - sum % 11;
	const char *middle = "000";
	if (digit == 11)
		digit = 0;
	if (digit == 10) {
		middle = "001";
		digit = 11 - (sum + 2) % 11;
	}
	return memcmp(text + 11, middle, 3) == 0 && text[14] - '0' == digit;
}

bool
cns_valid(struct str s)
{
	char text[CNS_TEXT + 1];
	if (!cns_plain(s, text))
		return false;
	if (*text == '1' || *text == '2')
		return cns_definitive(text);
	return *text >= '7' && cns_sum(text, 15) % 11 == 0;
}

/* ---- CEP, telephone, e-mail */

bool
cep_valid(struct str s)
{
	char text[CEP_TEXT + 1];
	return cep_plain(s, text) && strcmp(text, "00000000") != 0;
}

/* Anatel's area codes, as a bit for each second digit of each first digit. */
static bool
is_ddd(const char *text)
{
	static const uint16_t second[10] = {
		[1] = 0x3FE, /* 11 to 19 */
		[2] = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 7 | 1 << 8,
		[3] = 0x1FE & ~(1 << 6), /* 31 to 35, 37, 38 */
		[4] = 0x3FE,             /* 41 to 49 */
		[5] = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5,
		[6] = 0x3FE, /* 61 to 69 */
		[7] = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 9,
		[8] = 0x3FE, /* 81 to 89 */
		[9] = 0x3FE, /* 91 to 99 */
	};
	return second[text[0] - '0'] >> (text[1] - '0') & 1;
}

/* The digits of a number written with blanks, (, ), - and .; 0 when another
 * sign stands there or there are too many. */
static size_t
phone_digits(struct str s, char out[static 16])
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (is_digit(s.p[i]) && n < 15)
			out[n++] = s.p[i];
		else if (!s.p[i] || !strchr(" ()-.", s.p[i]))
			return 0;
	}
	out[n] = '\0';
	return n;
}

/* DDD and number.  Eight digits may begin with 6 to 9 as well: numbers from
 * before the ninth digit still stand in old charts. */
static bool
is_national(const char *text, size_t n)
{
	if ((n != 10 && n != 11) || !is_ddd(text))
		return false;
	return n == 11 ? text[2] == '9' : text[2] >= '2';
}

bool
phone_valid(struct str s)
{
	char text[16];
	bool plus = s.n > 0 && *s.p == '+';
	size_t n = phone_digits(plus ? (struct str){ s.p + 1, s.n - 1 } : s, text);
	if (n == 0)
		return false;
	if (plus && strncmp(text, "55", 2) != 0)
		return *text != '0' && n >= 8;
	if (plus || (n > 11 && strncmp(text, "55", 2) == 0))
		return is_national(text + 2, n - 2);
	size_t trunk = *text == '0'; /* 0 11 99999-9999 */
	return is_national(text + trunk, n - trunk);
}

/* Parts between dots, none empty, each of at most `most` bytes that are
 * letters, digits, `also`, or not ASCII. */
static bool
is_dotted(struct str s, size_t most, const char *also)
{
	size_t part = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '.' && part == 0)
			return false;
		part = c == '.' ? 0 : part + 1;
		if (part > most)
			return false;
		bool fine = c == '.' || is_digit(c) || is_letter(c) || (c & 0x80) || (c && strchr(also, c));
		if (!fine)
			return false;
	}
	return part > 0;
}

static bool
is_domain(struct str s)
{
	const char *dot = memrchr(s.p, '.', s.n);
	if (!dot || !is_dotted(s, 63, "-") || is_digit(dot[1])) /* an address is no name */
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool edge = i == 0 || i + 1 == s.n || s.p[i - 1] == '.' || s.p[i + 1] == '.';
		if (s.p[i] == '-' && edge)
			return false;
	}
	return true;
}

bool
email_valid(struct str s)
{
	const char *at = s.n > 0 && s.n <= 254 ? memrchr(s.p, '@', s.n) : NULL;
	if (!at || !utf8_valid(s.p, s.n))
		return false;
	struct str local = { s.p, (size_t)(at - s.p) };
	struct str domain = { at + 1, s.n - local.n - 1 };
	return local.n <= 64 && is_dotted(local, 64, "!#$%&'*+-/=?^_`{|}~") && is_domain(domain);
}

/* ---- IBGE, GTIN: modulo 10 */

bool
ibge_municipio_valid(struct str s)
{
	static const char exceptions[][8] = { "2201919", "2201988", "2202251", "2611533", "3117836",
		"3152131", "4305871", "5203939", "5203962" };
	static const char states[] =
	        "11 12 13 14 15 16 17 21 22 23 24 25 26 27 28 29 31 32 33 35 41 42 43 50 51 52 53";
	char text[8];
	if (!plain(s, "0000000", text) || !strstr(states, (char[]){ text[0], text[1], '\0' }))
		return false;
	for (size_t i = 0; i < COUNT(exceptions); i++)
		if (memcmp(text, exceptions[i], 6) == 0)
			return text[6] == exceptions[i][6];
	int sum = 0;
	for (int i = 0; i < 6; i++) {
		int product = (text[i] - '0') * (i % 2 + 1);
		sum += product / 10 + product % 10;
	}
	return text[6] - '0' == (10 - sum % 10) % 10;
}

bool
gtin_valid(struct str s)
{
	if (str_is(s, "SEM GTIN"))
		return true;
	if (s.n != 8 && s.n != 12 && s.n != 13 && s.n != 14)
		return false;
	int sum = 0, any = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		any |= s.p[i] - '0';
		sum += (s.p[i] - '0') * ((s.n - i) % 2 == 0 ? 3 : 1);
	}
	return any && sum % 10 == 0;
}

/* ---- for the rows */

const char *
check_cpf(struct str s)
{
	return cpf_valid(s) ? NULL : "cpf";
}

const char *
check_cnpj(struct str s)
{
	return cnpj_valid(s) ? NULL : "cnpj";
}

const char *
check_cns(struct str s)
{
	return cns_valid(s) ? NULL : "cns";
}

const char *
check_cep(struct str s)
{
	return cep_valid(s) ? NULL : "cep";
}

const char *
check_phone(struct str s)
{
	return phone_valid(s) ? NULL : "phone";
}

const char *
check_email(struct str s)
{
	return email_valid(s) ? NULL : "email";
}

struct str
mask_cpf(struct ctx *ctx, struct str s)
{
	char text[CPF_TEXT + 1];
	if (!cpf_plain(s, text))
		return (struct str){ 0 };
	return str_of(arena_printf(ctx->arena, "***.%.3s.%.3s-**", text + 3, text + 6));
}

struct str
mask_cns(struct ctx *ctx, struct str s)
{
	char text[CNS_TEXT + 1];
	if (!cns_plain(s, text))
		return (struct str){ 0 };
	return str_of(arena_printf(ctx->arena, "*** **** **** %.4s", text + 11));
}
