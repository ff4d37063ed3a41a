/* fail.c - how a failure is noted: one line for the log, and the list of
 * refused fields for the client. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

enum { INVALID_MAX = 100 }; /* a hostile body may hold thousands of bad fields */

enum err
fail(struct ctx *ctx, enum err err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(ctx->why, sizeof ctx->why, fmt, args);
	va_end(args);
	return err;
}

enum err
invalid(struct ctx *ctx, const char *field, const char *code)
{
	struct invalid **end = &ctx->invalid;
	size_t n = 0;
	for (; *end; end = &(*end)->next)
		n++;
	if (n < INVALID_MAX) {
		*end = NEW(ctx, struct invalid);
		**end = (struct invalid){ .field = field, .code = code };
	}
	return ERR_INVALID;
}
