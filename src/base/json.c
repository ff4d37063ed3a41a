/* json.c - JSON in.  jansson reads the text, the rows say what may stand there.
 *
 * The library's tree lives in the request's arena (json_lib.h).  Numbers that
 * are well-formed but too large are a bad value (422 with the field's name) and
 * not bad JSON; the library does not tell these apart, so it is done here. */
#include "base/field.h"
#include "base/json.h"
#include "base/json_lib.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { UNKNOWN_MAX = 20, PATH_MAX_BYTES = 256 };

/* ---- before the library */

static size_t
number_length(struct str s, size_t i)
{
	size_t n = 0;
	while (i + n < s.n && s.p[i + n] && strchr("+-.0123456789eE", s.p[i + n]))
		n++;
	return n;
}

/* What a number that no machine number can hold becomes: the end of the range,
 * in as many bytes or fewer.  Every row's limits lie inside it, so it is refused. */
static const char *
clamped(const char *digits, size_t n)
{
	int64_t v;
	bool minus = *digits == '-';
	if (memchr(digits, '.', n) || memchr(digits, 'e', n) || memchr(digits, 'E', n)) {
		char *end;
		double d = strtod(digits, &end);
		return end == digits + n && isinf(d) ? (minus ? "-1e300" : "1e300") : NULL;
	}
	if (str_int((struct str){ digits, n }, &v) || n < 19)
		return NULL;
	return minus ? "-9223372036854775808" : "9223372036854775807";
}

static void
put_padded(char *p, size_t n, const char *z)
{
	for (size_t i = 0; i < n; i++)
		p[i] = *z ? *z++ : ' ';
}

/* A copy of the text whose too large numbers are clamped; absent when there is no room. */
static struct str
clamp_numbers(struct arena *a, struct str text)
{
	struct str s = arena_str(a, text);
	char *p = (char *)s.p;
	for (size_t i = 0; i < s.n;) {
		size_t n = p[i] == '"' ? json_lib_skip(s, i) - i : number_length(s, i);
		const char *instead = n > 0 && p[i] != '"' ? clamped(p + i, n) : NULL;
		if (instead && strlen(instead) <= n)
			put_padded(p + i, n, instead);
		i += n ? n : 1;
	}
	return s;
}

static enum err
parse(struct ctx *ctx, struct str text, json_t **out)
{
	json_error_t error = { 0 };
	if (!text.p || json_lib_depth(text) > JSON_DEPTH_MAX)
		return fail(ctx, ERR_MALFORMED, text.p ? "JSON deeper than %d" : "no JSON", JSON_DEPTH_MAX);
	enum err e = json_lib_load(ctx->arena, text, out, &error);
	if (e == ERR_MALFORMED && json_error_code(&error) == json_error_numeric_overflow) {
		struct str mended = clamp_numbers(ctx->arena, text);
		e = mended.p ? json_lib_load(ctx->arena, mended, out, &error) : ERR_TOO_LARGE;
	}
	if (e == ERR_MALFORMED) /* the library's text quotes the input: only the place is noted */
		return fail(ctx, e, "JSON error %d at byte %d", json_error_code(&error), error.position);
	return e == OK ? OK : fail(ctx, e, "no room for the tree of %zu bytes of JSON", text.n);
}

/* ---- where in the document */

struct path {
	const struct path *up;
	const char *name; /* NULL: an item */
	size_t index;
};

static size_t
path_print(const struct path *at, char *out, size_t room)
{
	size_t n = at->up ? path_print(at->up, out, room) : 0;
	if (n >= room)
		return room;
	int more = at->name ? snprintf(out + n, room - n, "%s%s", n ? "." : "", at->name)
	                    : snprintf(out + n, room - n, "[%zu]", at->index);
	return n + (size_t)more;
}

/* A client's member name may be anything: cut at a code point's start. */
static void
cut_text(char *z, size_t n)
{
	while (n > 0 && (z[n] & 0xC0) == 0x80)
		n--;
	z[n] = '\0';
}

static enum err
refuse(struct ctx *ctx, const struct path *at, const char *code)
{
	char text[PATH_MAX_BYTES];
	if (!at)
		return invalid(ctx, "$", code);
	if (path_print(at, text, sizeof text) >= sizeof text)
		cut_text(text, sizeof text - 1);
	return invalid(ctx, arena_printf(ctx->arena, "%s", text), code);
}

/* ---- JSON kept as text */

/* false: a number that clamp_numbers had to touch, or a whole number that
 * readers would round. */
static bool
write_tree(struct buf *b, json_t *json)
{
	char digits[JSON_REAL_TEXT + 1];
	const char *name;
	json_t *value;
	size_t i, n = 0;
	bool ok = true;
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		buf_byte(b, '{');
		json_object_foreach(json, name, value)
		{
			buf_text(b, n++ ? "," : "");
			json_write_text(b, str_of(name));
			buf_byte(b, ':');
			ok &= write_tree(b, value);
		}
		buf_byte(b, '}');
		return ok;
	case JSON_ARRAY:
		buf_byte(b, '[');
		json_array_foreach(json, i, value)
		{
			buf_text(b, i ? "," : "");
			ok &= write_tree(b, value);
		}
		buf_byte(b, ']');
		return ok;
	case JSON_STRING:
		json_write_text(b, (struct str){ json_string_value(json), json_string_length(json) });
		return true;
	case JSON_INTEGER:
		buf_int(b, json_integer_value(json));
		return json_integer_value(json) >= -INT_MAX_DEFAULT &&
		       json_integer_value(json) <= INT_MAX_DEFAULT;
	case JSON_REAL:
		json_lib_real(json_real_value(json), digits);
		buf_text(b, digits);
		return fabs(json_real_value(json)) < 1e300;
	case JSON_TRUE: buf_text(b, "true"); return true;
	case JSON_FALSE: buf_text(b, "false"); return true;
	case JSON_NULL: break;
	}
	buf_text(b, "null");
	return true;
}

static enum err
read_raw(struct ctx *ctx, const struct path *at, const struct field *f, json_t *json, void *obj)
{
	struct buf b;
	buf_init(&b, f->max ? (size_t)f->max : JSON_MAX_DEFAULT);
	bool in_range = write_tree(&b, json), fits = !buf_failed(&b);
	struct str text = arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	if (!in_range || !fits)
		return refuse(ctx, at, fits ? "too_large" : "too_long");
	if (!text.p)
		return fail(ctx, ERR_TOO_LARGE, "no room for %s", f->name);
	*(struct str *)field_in(f, obj) = text;
	return OK;
}

/* ---- by the rows */

static enum err read_object(struct ctx *, const struct path *, const struct type *, json_t *, void *out);
static enum err read_value(struct ctx *, const struct path *, const struct field *, json_t *, void *obj);

/* ERR_INVALID is gathered, anything else ends the reading. */
static enum err
gather(enum err sum, enum err one)
{
	return one == OK ? sum : one;
}

static bool
stops(enum err err)
{
	return err != OK && err != ERR_INVALID;
}

static enum err
read_item(struct ctx *ctx, const struct path *at, const struct type *t, json_t *json, void *out)
{
	if (!t->bare)
		return read_object(ctx, at, t, json, out);
	return json_is_null(json) ? refuse(ctx, at, "type") : read_value(ctx, at, &t->fields[0], json, out);
}

static enum err
read_list(struct ctx *ctx, const struct path *at, const struct field *f, json_t *json, void *obj)
{
	if (!json_is_array(json))
		return refuse(ctx, at, "type");
	size_t n = json_array_size(json);
	const char *code = field_refuses_count(f, n);
	if (code)
		return refuse(ctx, at, code);
	char *items = arena_take_array(ctx->arena, f->of->size, n);
	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu items of %s", n, f->name);
	enum err sum = OK;
	for (size_t i = 0; i < n && !stops(sum); i++) {
		struct path item = { .up = at, .index = i };
		sum = gather(
		        sum, read_item(ctx, &item, f->of, json_array_get(json, i), items + i * f->of->size));
	}
	*(struct list *)field_in(f, obj) = (struct list){ .items = items, .count = n };
	return sum;
}

static enum err
read_pointer(struct ctx *ctx, const struct path *at, const struct field *f, json_t *json, void *obj)
{
	void *target = arena_take_array(ctx->arena, f->of->size, 1);
	if (!target)
		return fail(ctx, ERR_TOO_LARGE, "no room for %s", f->name);
	*(void **)field_in(f, obj) = target;
	return read_item(ctx, at, f->of, json, target);
}

static enum err
read_scalar(struct ctx *ctx, const struct path *at, const struct field *f, json_t *json, void *obj)
{
	const char *code = "type";
	if (f->kind == KIND_BOOL && json_is_boolean(json)) {
		*(bool *)field_in(f, obj) = json_is_true(json);
		code = NULL;
	} else if ((f->kind == KIND_INT || f->kind == KIND_OPT_INT) && json_is_integer(json)) {
		code = field_store_int(f, json_integer_value(json), obj);
	} else if (json_is_string(json)) {
		code = field_store_text(
		        f, (struct str){ json_string_value(json), json_string_length(json) }, obj);
	}
	return code ? refuse(ctx, at, code) : OK;
}

static enum err
read_value(struct ctx *ctx, const struct path *at, const struct field *f, json_t *json, void *obj)
{
	switch (f->kind) {
	case KIND_LIST: return read_list(ctx, at, f, json, obj);
	case KIND_OBJECT: return read_pointer(ctx, at, f, json, obj);
	case KIND_JSON: return read_raw(ctx, at, f, json, obj);
	default: return read_scalar(ctx, at, f, json, obj);
	}
}

static bool
is_known(const struct type *t, const char *name)
{
	char known[FIELD_NAME_MAX + 1];
	for (size_t i = 0; i < t->count; i++) {
		field_json(&t->fields[i], known);
		if (t->fields[i].kind != KIND_BLOB && strcmp(known, name) == 0)
			return true;
	}
	return false;
}

static enum err
refuse_unknown(struct ctx *ctx, const struct path *up, const struct type *t, json_t *json)
{
	const char *name;
	json_t *value;
	size_t n = 0;
	json_object_foreach(json, name, value)
	{
		if (n == UNKNOWN_MAX)
			break;
		if (is_known(t, name))
			continue;
		char cut[FIELD_NAME_MAX + 2];
		if (snprintf(cut, sizeof cut, "%s", name) >= (int)sizeof cut)
			cut_text(cut, FIELD_NAME_MAX);
		struct path at = { .up = up, .name = cut };
		n += refuse(ctx, &at, "unknown") != OK;
	}
	return n ? ERR_INVALID : OK;
}

static enum err
read_object(struct ctx *ctx, const struct path *up, const struct type *t, json_t *json, void *out)
{
	static const struct path whole = { .name = "$" };
	if (!json_is_object(json))
		return refuse(ctx, up ? up : &whole, "type");
	enum err sum = OK;
	size_t found = 0;
	for (size_t i = 0; i < t->count && !stops(sum); i++) {
		const struct field *f = &t->fields[i];
		char name[FIELD_NAME_MAX + 1];
		field_json(f, name);
		struct path at = { .up = up, .name = name };
		json_t *value = f->kind == KIND_BLOB ? NULL : json_object_get(json, name);
		found += value != NULL;
		if (value && !json_is_null(value))
			sum = gather(sum, read_value(ctx, &at, f, value, out));
		else if (f->required)
			sum = refuse(ctx, &at, "required");
	}
	if (!stops(sum) && found < json_object_size(json))
		sum = gather(sum, refuse_unknown(ctx, up, t, json));
	return sum;
}

enum err
json_read(struct ctx *ctx, struct str text, const struct type *t, void *out)
{
	json_t *tree = NULL;
	memset(out, 0, t->size);
	TRY(parse(ctx, text, &tree));
	return read_item(ctx, NULL, t, tree, out);
}
