/* fallback.c - the rows of fallback.def by code and text. */
#include "features/assistant/fallback.h"

static const struct {
	const char *code, *text;
} table[FALLBACK__MAX] = {
	[FALLBACK_NONE] = { "", "" },
#define FALLBACK(name, pt) [FALLBACK_##name] = { #name, pt },
#include "features/assistant/fallback.def"
#undef FALLBACK
};

const char *
fallback_code(enum fallback f)
{
	return table[f].code;
}

const char *
fallback_text(enum fallback f)
{
	return table[f].text;
}

enum fallback
fallback_of(struct str code)
{
	for (int f = FALLBACK_NONE + 1; f < FALLBACK__MAX; f++)
		if (str_is(code, table[f].code))
			return (enum fallback)f;
	return FALLBACK_NONE;
}
