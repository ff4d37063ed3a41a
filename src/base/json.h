/* json.h - JSON in and out, by type rows.  json.c is the only file that knows
 * the library that reads (jansson); writing is straight from the rows. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/type.h"

enum { JSON_DEPTH_MAX = 32 };

/* Reads one object into out (zeroed by this call), strings copied to the arena.
 * ERR_MALFORMED: not JSON, duplicate member, bad UTF-8, NUL, deeper than 32.
 * ERR_TOO_LARGE: the arena cannot hold it.
 * ERR_INVALID: wrong type, unknown member, or a value outside its row; every
 * bad field stands in ctx->invalid ("title", "items[2].dose", "$" for the whole).
 * An absent or null optional member stays zero; a required text that is empty
 * or blank counts as absent unless its row has a .min. */
enum err json_read(struct ctx *, struct str text, const struct type *, void *out) MUST_CHECK;

/* Which fields the reader of the answer may see; NULL shows all but SECRET. */
struct mask {
	bool shows[SENS__MAX];
	/* true: a hidden field with .partial is shown in part instead of null. */
	bool partial;
};

/* Writes obj as one JSON object.  With t->masks, hidden fields are null (or
 * partly shown) and named in "masked".  Fails only when the buffer's ceiling is met. */
void json_write(struct ctx *, struct buf *, const struct type *, const void *obj, const struct mask *);
void json_write_text(struct buf *, struct str);  /* quoted and escaped; absent is null */

/* Checks one value that came as text (query, path, CSV) by its row and stores it.
 * Empty text is an absent value.  Lists, objects and JSON cannot come this way. */
enum err field_read_text(struct ctx *, const struct field *, struct str text, void *obj) MUST_CHECK;

#endif
