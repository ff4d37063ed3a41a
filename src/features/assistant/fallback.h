/* fallback.h - the reasons of fallback.def. */
#ifndef FEATURES_ASSISTANT_FALLBACK_H
#define FEATURES_ASSISTANT_FALLBACK_H

#include "base/base.h"

enum fallback {
	FALLBACK_NONE = 0, /* the model's words stand, or no model is configured */
#define FALLBACK(name, ...) FALLBACK_##name,
#include "features/assistant/fallback.def"
#undef FALLBACK
	FALLBACK__MAX
};

const char *fallback_code(enum fallback);   /* "MODEL_TIMEOUT"; "" for none */
enum fallback fallback_of(struct str code); /* NONE for another */
const char *fallback_text(enum fallback);   /* pt-BR, the end of a sentence */

#endif
