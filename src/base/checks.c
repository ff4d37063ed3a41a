/* checks.c - weight, CNES, municipality. */
#include "base/checks.h"
#include "base/brazil.h"
#include "base/decimal.h"

enum { WEIGHT_TEXT_MAX = 10, WEIGHT_MAX_KG = 300, CNES_DIGITS = 7 };

/* The calculators judge a weight again, with the unit's traps; here it only has to be a number. */
const char *
check_weight(struct str s)
{
	char text[WEIGHT_TEXT_MAX + 1];
	struct decimal kg;

	if (s.n == 0 || s.n > WEIGHT_TEXT_MAX)
		return "weight";
	for (size_t i = 0; i < s.n; i++)
		text[i] = s.p[i] == ',' ? '.' : s.p[i];
	if (!decimal_parse((struct str){ text, s.n }, &kg))
		return "weight";
	bool plausible = decimal_cmp(kg, decimal_of(0)) > 0 &&
	                 decimal_cmp(kg, decimal_of(WEIGHT_MAX_KG)) <= 0;
	return plausible ? NULL : "weight";
}

const char *
check_cnes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return "format";
	return s.n == CNES_DIGITS ? NULL : "format";
}

const char *
check_municipality(struct str s)
{
	return ibge_municipio_valid(s) ? NULL : "municipality";
}
