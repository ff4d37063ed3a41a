/* model.h - one question to a server that speaks Ollama's API (POST /api/chat), and what it
 * says as sentences with their sources.  Knows nothing of what is true: check.h does. */
#ifndef FEATURES_ASSISTANT_MODEL_H
#define FEATURES_ASSISTANT_MODEL_H

#include "features/assistant/check.h"

struct model {
	const char *url;     /* "http://127.0.0.1:11434"; "": none is configured */
	const char *name;    /* "llama3.2:3b" */
	const char *ca_file; /* "": the system's */
};

/* What goes to the model beside the fixed instructions, as JSON: the question's known words, and the
 * sources by number from 1.  Absent when the arena is full. */
struct str model_message(struct ctx *, struct str words, const struct str *sources, size_t count) MUST_CHECK;
/* OK with *out: FALLBACK_NONE and sentences (in the arena), or MODEL_TIMEOUT, MODEL_UNREACHABLE,
 * CHECK_FORMAT, CHECK_SOURCE; why (200 bytes) then says more for the log, without a word of the model's. */
enum err model_ask(struct ctx *, const struct model *, struct str message, int timeout_ms,
        struct sentence **sentences, size_t *count, enum fallback *out, char *why) MUST_CHECK;

#endif
