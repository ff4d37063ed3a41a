/* field.c - one value against its row: limits, choices, formats.  The same for
 * a JSON member, a query parameter and a CSV cell. */
#include "base/field.h"
#include "base/json.h"

/* C0 but line feed and tab, DEL, and C1 (U+0080 to U+009F: C2 80 to C2 9F). */
static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
			return true;
		if (c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xA0)
			return true;
	}
	return false;
}

static bool
is_choice(const char *const *one_of, struct str s)
{
	for (; *one_of; one_of++)
		if (str_is(s, *one_of))
			return true;
	return false;
}

const char *
field_refuses_text(const struct field *f, struct str s)
{
	if (f->required && str_trim(s).n == 0)
		return "required";
	if (has_control(s))
		return "control";
	int64_t length = (int64_t)utf8_length(s), max = f->max ? f->max : TEXT_MAX_DEFAULT;
	if (length > max)
		return "too_long";
	if (length < f->min)
		return "too_short";
	if (f->one_of && !is_choice(f->one_of, s))
		return "choice";
	return f->check ? f->check(s) : NULL;
}

const char *
field_refuses_int(const struct field *f, int64_t v)
{
	if (v < f->min)
		return "too_small";
	return v > (f->max ? f->max : INT_MAX_DEFAULT) ? "too_large" : NULL;
}

const char *
field_refuses_count(const struct field *f, size_t n)
{
	if (n > (uint64_t)(f->max ? f->max : LIST_MAX_DEFAULT))
		return "too_many";
	return (int64_t)n < f->min ? "too_short" : NULL;
}

static const char *
store_plain_text(const struct field *f, struct str s, void *obj)
{
	const char *code = field_refuses_text(f, s);
	if (!code)
		*(struct str *)field_in(f, obj) = s;
	return code;
}

const char *
field_store_text(const struct field *f, struct str s, void *obj)
{
	void *at = field_in(f, obj);
	switch (f->kind) {
	case KIND_TEXT: return store_plain_text(f, s, obj);
	case KIND_ID: return id_parse(s, at) ? NULL : "id";
	case KIND_TIME: return instant_parse(s, at) ? NULL : "time";
	case KIND_DATE: return date_parse(s, at) ? NULL : "date";
	default: return "type";
	}
}

const char *
field_store_int(const struct field *f, int64_t v, void *obj)
{
	const char *code = field_refuses_int(f, v);
	if (code)
		return code;
	if (f->kind == KIND_OPT_INT)
		*(struct opt_int *)field_in(f, obj) = (struct opt_int){ .v = v, .set = true };
	else
		*(int64_t *)field_in(f, obj) = v;
	return NULL;
}

/* A number too large for 64 bits is out of range, not of the wrong type. */
static const char *
store_digits(const struct field *f, struct str s, void *obj)
{
	int64_t v;
	if (str_int(s, &v))
		return field_store_int(f, v, obj);
	size_t sign = s.n > 1 && (s.p[0] == '-' || s.p[0] == '+');
	for (size_t i = sign; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return "type";
	return s.p[0] == '-' ? "too_small" : "too_large";
}

static const char *
store_bool(const struct field *f, struct str s, void *obj)
{
	bool v = str_is(s, "true");
	if (!v && !str_is(s, "false"))
		return "type";
	*(bool *)field_in(f, obj) = v;
	return NULL;
}

static const char *
store_outside_text(const struct field *f, struct str s, void *obj)
{
	if (s.n == 0)
		return f->required ? "required" : NULL;
	if (!utf8_valid(s.p, s.n))
		return "format";
	if (f->kind == KIND_INT || f->kind == KIND_OPT_INT)
		return store_digits(f, s, obj);
	return f->kind == KIND_BOOL ? store_bool(f, s, obj) : field_store_text(f, s, obj);
}

enum err
field_read_text(struct ctx *ctx, const struct field *f, struct str text, void *obj)
{
	struct str copy = arena_str(ctx->arena, text);
	if (text.n > 0 && !copy.p)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu bytes of %s", text.n, f->name);
	const char *code = store_outside_text(f, copy, obj);
	if (!code)
		return OK;
	char name[FIELD_NAME_MAX + 1];
	field_json(f, name);
	return invalid(ctx, arena_printf(ctx->arena, "%s", name), code);
}
