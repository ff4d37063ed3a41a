/* type.c - looking things up in rows, and refusing rows that make no sense
 * before the program listens. */
#include "base/type.h"

#include <stdio.h>

enum { NESTED_MAX = 8 }; /* types inside types; also where a type that holds itself ends */

size_t
camel(const char *snake, char *out)
{
	char *start = out;
	for (; *snake; snake++) {
		if (*snake == '_' && snake[1] >= 'a' && snake[1] <= 'z')
			*out++ = (char)(*++snake - 'a' + 'A');
		else
			*out++ = *snake;
	}
	*out = '\0';
	return (size_t)(out - start);
}

void
field_json(const struct field *f, char out[static FIELD_NAME_MAX + 1])
{
	if (f->json)
		memcpy(out, f->json, strlen(f->json) + 1);
	else
		camel(f->name, out);
}

const struct field *
type_field(const struct type *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->fields[i].name, name) == 0)
			return &t->fields[i];
	return NULL;
}

static size_t
kind_size(enum kind kind)
{
	switch (kind) {
	case KIND_ID: return sizeof(struct id);
	case KIND_TEXT:
	case KIND_JSON: return sizeof(struct str);
	case KIND_INT: return sizeof(int64_t);
	case KIND_OPT_INT: return sizeof(struct opt_int);
	case KIND_BOOL: return sizeof(bool);
	case KIND_TIME: return sizeof(struct instant);
	case KIND_DATE: return sizeof(struct date);
	case KIND_BLOB: return sizeof(struct blob);
	case KIND_LIST: return sizeof(struct list);
	case KIND_OBJECT: return sizeof(void *);
	case KIND_UNSET:
	case KIND__MAX: break;
	}
	return 0;
}

static bool
has_limits(enum kind kind)
{
	return kind == KIND_INT || kind == KIND_OPT_INT || kind == KIND_TEXT || kind == KIND_LIST ||
	       kind == KIND_JSON;
}

/* Columns that say nothing about this kind. */
static const char *
column_wrong(const struct field *f)
{
	if ((f->one_of || f->check || f->partial || f->searchable) && f->kind != KIND_TEXT)
		return "has a column that only text may have";
	if (f->one_of && !f->one_of[0])
		return "has no choices";
	if ((f->min || f->max) && !has_limits(f->kind))
		return "has limits its kind does not know";
	if (f->max && f->min > f->max)
		return "has min above max";
	return NULL;
}

static const char *
field_wrong(const struct type *t, const struct field *f)
{
	bool nests = f->kind == KIND_LIST || f->kind == KIND_OBJECT;
	size_t size = kind_size(f->kind);
	if (size == 0)
		return "has no kind";
	if (f->sens == SENS_UNSET || f->sens >= SENS__MAX)
		return "has no sensitivity";
	if (f->offset > t->size || t->size - f->offset < size)
		return "lies outside its struct";
	if (nests != (f->of != NULL))
		return nests ? "does not say .of what" : "has .of and is neither list nor object";
	if (f->sealed && (nests || !t->table))
		return nests ? "is sealed as a whole: seal what is inside"
		             : "is sealed, but its type has no table";
	return column_wrong(f);
}

static bool
same_name(const struct field *a, const struct field *b)
{
	char x[FIELD_NAME_MAX + 1], y[FIELD_NAME_MAX + 1];
	field_json(a, x);
	field_json(b, y);
	return strcmp(x, y) == 0 || strcmp(a->name, b->name) == 0;
}

static const char *
name_wrong(const struct type *t, size_t at)
{
	const struct field *f = &t->fields[at];
	if (!f->name || !*f->name)
		return "has no name";
	if (strlen(f->name) > FIELD_NAME_MAX || (f->json && strlen(f->json) > FIELD_NAME_MAX))
		return "has too long a name";
	for (size_t i = 0; i < at; i++)
		if (same_name(&t->fields[i], f))
			return "has the name of an earlier field";
	return NULL;
}

static const char *
type_wrong(const struct type *t)
{
	if (!t->name || !t->fields || t->count == 0 || t->size == 0)
		return "has no name, size or fields";
	if (t->bare && t->count != 1)
		return "is bare and has not exactly one field";
	if ((t->row_field && !type_field(t, t->row_field)) || (t->key_field && !type_field(t, t->key_field)))
		return "has no field named by row_field or key_field";
	return NULL;
}

static const char *
check(const struct type *t, int depth)
{
	static _Thread_local char text[200];
	const char *wrong = type_wrong(t);
	if (wrong) {
		snprintf(text, sizeof text, "%s %s", t->name ? t->name : "(type)", wrong);
		return text;
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];
		wrong = name_wrong(t, i);
		if (!wrong)
			wrong = field_wrong(t, f);
		if (wrong) {
			snprintf(text, sizeof text, "%s.%s %s", t->name, f->name ? f->name : "?", wrong);
			return text;
		}
		wrong = f->of && depth < NESTED_MAX ? check(f->of, depth + 1) : NULL;
		if (wrong)
			return wrong;
	}
	return NULL;
}

const char *
type_check(const struct type *t)
{
	return check(t, 0);
}
