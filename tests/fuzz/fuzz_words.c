/* fuzz_words.c - any text as each of the small things that come from outside: numbers
 * of people and institutions, days, times, ids, decimals, encodings, addresses.
 *
 * What must hold: no crash; what is valid has a plain form that is valid and its own plain
 * form; what is read is printed and read back alike. */
#include "fuzz.h"

#include "base/brazil.h"
#include "base/checks.h"
#include "base/decimal.h"
#include "http/address.h"
#include "sys/crypto.h"

/* A valid number's plain form exists, is valid, and is plain already. */
#define NUMBER(kind, size)                                                                                   \
	static void kind##_number(struct str s)                                                              \
	{                                                                                                    \
		char plain[size + 1], again[size + 1];                                                       \
                                                                                                             \
		if (!kind##_plain(s, plain)) {                                                               \
			MUST(!kind##_valid(s));                                                              \
			return;                                                                              \
		}                                                                                            \
		MUST(strlen(plain) == size && kind##_valid(s) == kind##_valid(str_of(plain)));               \
		MUST(kind##_plain(str_of(plain), again) && strcmp(plain, again) == 0);                       \
	}
NUMBER(cpf, CPF_TEXT)
NUMBER(cnpj, CNPJ_TEXT)
NUMBER(cns, CNS_TEXT)
NUMBER(cep, CEP_TEXT)

static void
numbers(struct str s)
{
	struct ctx ctx = { .arena = arena_new(1 << 16) };
	static check_fn *const checks[] = { check_cpf, check_cnpj, check_cns, check_cep, check_phone,
		check_email, check_weight, check_cnes, check_municipality };

	MUST(ctx.arena != NULL);
	cpf_number(s);
	cnpj_number(s);
	cns_number(s);
	cep_number(s);
	MUST(!email_valid(s) || (s.n <= 254 && memchr(s.p, '@', s.n)));
	MUST(!phone_valid(s) || s.n >= 8);
	MUST(!ibge_municipio_valid(s) || s.n == 7);
	MUST(!gtin_valid(s) || str_is(s, "SEM GTIN") || (s.n >= 8 && s.n <= 14));
	for (size_t i = 0; i < COUNT(checks); i++) {
		const char *code = checks[i](s);
		MUST(!code || code[0]);
	}
	(void)mask_cpf(&ctx, s);
	(void)mask_cns(&ctx, s);
	arena_free(ctx.arena);
}

static void
times(struct str s)
{
	char text[INSTANT_TEXT + 1];
	struct instant t, t2;
	struct date d, d2;

	if (instant_parse(s, &t)) {
		instant_print(t, text);
		MUST(instant_parse(str_of(text), &t2) && t2.ms == t.ms);
	}
	if (date_parse(s, &d)) {
		date_print(d, text);
		MUST(str_is(s, text) && date_parse(str_of(text), &d2) && date_cmp(d, d2) == 0);
		MUST(date_cmp(d, date_from_days(date_days(d))) == 0);
	}
}

static void
ids_and_integers(struct str s)
{
	char text[64];
	struct id id, id2;
	int64_t n, n2;

	if (id_parse(s, &id)) {
		id_print(id, text);
		MUST(s.n == ID_TEXT && id_parse(str_of(text), &id2) && id_eq(id, id2));
	}
	if (str_int(s, &n)) {
		snprintf(text, sizeof text, "%lld", (long long)n);
		MUST(str_int(str_of(text), &n2) && n == n2);
	}
}

static void
decimals(struct str s)
{
	char text[DECIMAL_TEXT + 1];
	struct decimal d, again, sum;

	if (!decimal_parse(s, &d))
		return;
	MUST(decimal_print(d, d.scale, text) && decimal_parse(str_of(text), &again));
	MUST(decimal_cmp(d, again) == 0 && decimal_cmp(d, decimal_trim(d)) == 0);
	if (decimal_add(d, DECIMAL(1, 1), &sum))
		MUST(decimal_cmp(sum, d) > 0 && decimal_sub(sum, DECIMAL(1, 1), &again) &&
		        decimal_cmp(again, d) == 0);
	if (decimal_mul(d, d, &sum))
		MUST(decimal_cmp(sum, DECIMAL(0, 0)) >= 0);
	if (decimal_div(DECIMAL(1, 0), d, DECIMAL_SCALE_MAX, &sum))
		MUST(decimal_cmp(d, DECIMAL(0, 0)) != 0);
	MUST(decimal_floor(d) <= decimal_ceil(d));
}

static void
encodings(struct str s)
{
	unsigned char raw[4096], hex[2048];
	char text[8200];
	size_t n;

	if (base64url_parse(s, raw, sizeof raw, &n)) {
		MUST(base64url_print(raw, n, text) == s.n && memcmp(text, s.p ? s.p : "", s.n) == 0);
	}
	if (base64_parse(s, raw, sizeof raw, &n))
		MUST(base64_print(raw, n, text) == s.n && memcmp(text, s.p ? s.p : "", s.n) == 0);
	if (s.n / 2 <= sizeof hex && hex_parse(s, hex, s.n / 2)) {
		hex_print(hex, s.n / 2, text);
		MUST(strlen(text) == s.n);
	}
}

static void
addresses(struct str s)
{
	char text[ADDRESS_TEXT + 1], list[4096];
	struct address a, again;
	struct networks nets;
	struct str bad;

	if (address_parse(s, &a)) {
		MUST(address_print(a, text) > 0 && address_parse(str_of(text), &again));
		MUST(memcmp(a.b, again.b, sizeof a.b) == 0);
	}
	if (s.n >= sizeof list || (s.n && memchr(s.p, 0, s.n)))
		return;
	memcpy(list, s.n ? s.p : "", s.n);
	list[s.n] = 0;
	if (networks_parse(list, &nets, &bad)) {
		MUST(nets.count <= NETWORKS_MAX);
		for (unsigned i = 0; i < nets.count; i++)
			MUST(networks_hold(&nets, nets.rows[i].first));
	} else
		MUST(bad.p >= list && bad.p + bad.n <= list + s.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *exact = malloc(n ? n : 1); /* exactly its size, so that a step beyond it is seen */
	struct str s = { exact, n };

	MUST(exact != NULL);
	if (n > 0)
		memcpy(exact, data, n);
	numbers(s);
	times(s);
	ids_and_integers(s);
	decimals(s);
	encodings(s);
	addresses(s);
	free(exact);
	return 0;
}
