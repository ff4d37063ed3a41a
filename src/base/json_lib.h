/* json_lib.h - jansson with its tree in an arena, for json.c and json_tree.c alone:
 * the tree's memory obeys the arena's ceiling and needs no freeing. */
#ifndef BASE_JSON_LIB_H
#define BASE_JSON_LIB_H

#include "base/base.h"

#include <jansson.h>

/* ERR_MALFORMED with *error filled in, ERR_TOO_LARGE when the arena is full. Any
 * JSON value; duplicate members, bad UTF-8 and NUL are refused by the library. */
enum err json_lib_load(struct arena *, struct str, json_t **, json_error_t *error) MUST_CHECK;

/* What the library does not bound by itself (its own limit is 2048 on the C stack):
 * the deepest nesting of a text that may not even be JSON. */
size_t json_lib_depth(struct str);
/* The place after the string that opens at i, or the end. */
size_t json_lib_skip(struct str, size_t i);

/* The shortest digits that read back as the same number: exact for up to 15 of them. */
enum { JSON_REAL_TEXT = 31 };
void json_lib_real(double, char out[static JSON_REAL_TEXT + 1]);

#endif
