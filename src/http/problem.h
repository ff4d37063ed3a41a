/* problem.h - errors as RFC 9457 documents, in the reader's language. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "base/buf.h"

enum lang { LANG_PT = 0, LANG_EN };

struct problem {
	enum err err;
	const char *request_id;
	const struct invalid *invalid; /* refused fields, or NULL */
	const char *int_name;          /* one extra member, or NULL */
	int64_t int_value;
	const char *state;          /* where the thing stands, with ERR_STATE; or NULL */
	const char *const *allowed; /* what may be done there, ends with NULL */
};

enum lang lang_of(struct str accept_language); /* Portuguese unless English is preferred */
int err_status(enum err);
int err_retry_after_s(enum err);
const char *err_name(enum err);
const char *err_title(enum err, enum lang);
const char *invalid_text(const char *code, enum lang);
void problem_write(struct buf *, const struct problem *, enum lang);
#define PROBLEM_TYPE "application/problem+json"

#endif
