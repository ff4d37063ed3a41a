/* json_tree.c - a whole JSON document as a read-only tree.  A node is the library's
 * own under another name, so nothing is copied.  Does not interpret: dates, ids and
 * codes stay text. */
#include "base/json.h"
#include "base/json_lib.h"

#include <stdio.h>

enum { WHY_SIZE = 200 };

/* The library's own message may quote the document, which is somebody's chart. */
static const char *
json_error_words(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_invalid_utf8: return "invalid UTF-8";
	case json_error_premature_end_of_input: return "ends too early";
	case json_error_end_of_input_expected: return "something follows the document";
	case json_error_duplicate_key: return "duplicate member";
	case json_error_null_character:
	case json_error_null_byte_in_key: return "NUL character";
	case json_error_numeric_overflow: return "number out of range";
	default: return "not JSON";
	}
}

enum err
json_tree_read(struct arena *arena, struct str text, const struct json_node **root, char *why)
{
	json_error_t e = { 0 };
	json_t *tree;

	snprintf(why, WHY_SIZE, "larger than 256 MiB, or too many values");
	if (text.n > JSON_TREE_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (json_lib_depth(text) > JSON_TREE_DEPTH_MAX) {
		snprintf(why, WHY_SIZE, "nested deeper than %d", JSON_TREE_DEPTH_MAX);
		return ERR_MALFORMED;
	}
	enum err err = json_lib_load(arena, text.p ? text : STR(""), &tree, &e);
	if (err == ERR_MALFORMED)
		snprintf(why, WHY_SIZE, "%s (line %d, column %d)", json_error_words(&e), e.line, e.column);
	if (err == OK)
		*root = (const struct json_node *)tree;
	return err;
}

static const json_t *
value(const struct json_node *n)
{
	return (const json_t *)n;
}

enum node_kind
node_kind(const struct json_node *n)
{
	if (!n)
		return NODE_UNSET;
	switch (json_typeof(value(n))) {
	case JSON_OBJECT: return NODE_OBJECT;
	case JSON_ARRAY: return NODE_LIST;
	case JSON_STRING: return NODE_TEXT;
	case JSON_INTEGER:
	case JSON_REAL: return NODE_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE: return NODE_BOOL;
	case JSON_NULL: return NODE_NULL;
	}
	return NODE_UNSET;
}

const struct json_node *
node_member(const struct json_node *n, const char *name)
{
	return (const struct json_node *)json_object_get(value(n), name);
}

size_t
node_count(const struct json_node *n)
{
	return json_array_size(value(n));
}

const struct json_node *
node_item(const struct json_node *n, size_t i)
{
	return (const struct json_node *)json_array_get(value(n), i);
}

struct str
node_text(const struct json_node *n)
{
	return (struct str){ json_string_value(value(n)), json_string_length(value(n)) };
}

bool
node_number(const struct json_node *n, double *out)
{
	if (!json_is_number(value(n)))
		return false;
	*out = json_number_value(value(n));
	return true;
}

struct str
node_digits(struct arena *arena, const struct json_node *n)
{
	char text[JSON_REAL_TEXT + 1];
	if (json_is_integer(value(n)))
		snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value(n)));
	else if (json_is_real(value(n)))
		json_lib_real(json_real_value(value(n)), text);
	else
		return (struct str){ 0 };
	return arena_str(arena, str_of(text));
}

bool
node_true(const struct json_node *n)
{
	return n && json_typeof(value(n)) == JSON_TRUE;
}

bool
node_next(const struct json_node *n, const void **at, struct str *name, const struct json_node **member)
{
	/* The library walks only what may be changed; nothing here changes it. */
	json_t *object = (json_t *)(uintptr_t)n;
	void *iter = *at ? json_object_iter_next(object, (void *)(uintptr_t)*at) : json_object_iter(object);
	if (!iter)
		return false;
	*at = iter;
	*name = (struct str){ json_object_iter_key(iter), json_object_iter_key_len(iter) };
	*member = (const struct json_node *)json_object_iter_value(iter);
	return true;
}

bool
node_equal(const struct json_node *a, const struct json_node *b)
{
	return a == b || (a && b && json_equal(value(a), value(b)));
}
