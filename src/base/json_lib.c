/* json_lib.c - the memory of the library that reads JSON, and the look at a text
 * before the library sees it. */
#include "base/json_lib.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

/* jansson does not survive every failed allocation (a string cut short is
 * scanned past its end), so none is ever reported to it: the whole reading is
 * left at once.  Nothing is lost with it but arena memory. */
static _Thread_local struct {
	struct arena *arena;
	jmp_buf starved;
} lib;

static void *
lib_take(size_t n)
{
	if (!lib.arena)
		return malloc(n);
	void *p = arena_take(lib.arena, n);
	if (!p)
		longjmp(lib.starved, 1);
	return p;
}

static void
lib_drop(void *p)
{
	if (!lib.arena)
		free(p);
}

/* Before main: the library's functions must not change under a running thread. */
__attribute__((constructor)) static void
lib_setup(void)
{
	json_set_alloc_funcs(lib_take, lib_drop);
}

/* The library skips a NUL that stands between tokens. */
static bool
has_nul(struct str text, json_error_t *error)
{
	const char *at = memchr(text.p, '\0', text.n);
	if (at) {
		*error = (json_error_t){ .position = (int)(at - text.p) };
		error->text[JSON_ERROR_TEXT_LENGTH - 1] = json_error_null_character;
	}
	return at != NULL;
}

enum err
json_lib_load(struct arena *arena, struct str text, json_t **out, json_error_t *error)
{
	if (text.n > 0 && has_nul(text, error))
		return ERR_MALFORMED;
	if (setjmp(lib.starved)) {
		lib.arena = NULL;
		return ERR_TOO_LARGE;
	}
	lib.arena = arena;
	json_t *tree = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);
	lib.arena = NULL;
	if (!tree)
		return ERR_MALFORMED;
	*out = tree;
	return OK;
}

size_t
json_lib_skip(struct str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.n ? i + 1 : s.n;
}

size_t
json_lib_depth(struct str s)
{
	size_t depth = 0, deepest = 0;
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];
		if (c == '"') {
			i = json_lib_skip(s, i);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
		deepest = depth > deepest ? depth : deepest;
		i++;
	}
	return deepest;
}

void
json_lib_real(double v, char out[static JSON_REAL_TEXT + 1])
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, JSON_REAL_TEXT + 1, "%.*g", digits, v);
		if (strtod(out, NULL) == v)
			break;
	}
}
