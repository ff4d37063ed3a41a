/* json.h - JSON in and out, by type rows.  json_lib.h is the door to the library
 * that reads (jansson); writing is straight from the rows. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/type.h"

enum { JSON_DEPTH_MAX = 32 };

/* Reads one object (of a bare type: one value) into out (zeroed by this call), strings copied to the arena.
 * ERR_MALFORMED: not JSON, duplicate member, bad UTF-8, NUL, deeper than 32.
 * ERR_TOO_LARGE: the arena cannot hold it.
 * ERR_INVALID: wrong type, unknown member, or a value outside its row; every
 * bad field stands in ctx->invalid ("title", "items[2].dose", "$" for the whole).
 * An absent or null optional member stays zero; a required text that is empty
 * or blank counts as absent. */
enum err json_read(struct ctx *, struct str text, const struct type *, void *out) MUST_CHECK;

/* Which fields the reader of the answer may see; NULL shows all but SECRET. */
struct mask {
	bool shows[SENS__MAX];
	/* true: a hidden field with .partial is shown in part instead of null. */
	bool partial;
};

/* Nothing of the field's value is for who asks, not even its partial form. */
bool mask_hides(const struct mask *, const struct field *); /* NULL hides nothing */

/* Writes obj as one JSON object.  With t->masks, hidden fields are null (or
 * partly shown) and named in "masked".  Fails only when the buffer's ceiling is met. */
void json_write(struct ctx *, struct buf *, const struct type *, const void *obj, const struct mask *);
void json_write_text(struct buf *, struct str); /* quoted and escaped; absent is null */

/* ---- read-only trees, for documents whose shape no type row can say (FHIR).
 * As strict as json_read (UTF-8, duplicates, NUL), but unknown members are the caller's affair. */
struct json_node; /* NULL is "absent": every getter takes it and answers absent */
enum node_kind { NODE_UNSET = 0, NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_TEXT, NODE_LIST, NODE_OBJECT };
enum { JSON_TREE_BYTES_MAX = 256 << 20, JSON_TREE_DEPTH_MAX = 64 };

/* The tree lives in the arena; the text may go after the call. why (200 bytes) says
 * line and column, never content. ERR_TOO_LARGE: above 256 MiB, or the arena is full;
 * ERR_MALFORMED: not JSON, or nested deeper than 64. */
enum err json_tree_read(struct arena *, struct str text, const struct json_node **root, char *why) MUST_CHECK;
enum node_kind node_kind(const struct json_node *);
const struct json_node *node_member(const struct json_node *, const char *name);
size_t node_count(const struct json_node *); /* of a list; else 0 */
const struct json_node *node_item(const struct json_node *, size_t);
struct str node_text(const struct json_node *); /* lives as long as the tree */
bool node_number(const struct json_node *, double *out) MUST_CHECK;
/* A number as the shortest digits that read back the same, so that 29.9 stays 29.9; absent otherwise. */
struct str node_digits(struct arena *, const struct json_node *);
bool node_true(const struct json_node *);
/* An object's members in their order: *at begins as NULL; false behind the last. */
bool node_next(const struct json_node *, const void **at, struct str *name, const struct json_node **value);
bool node_equal(const struct json_node *, const struct json_node *); /* whatever the members' order */

/* Checks one value that came as text (query, path, CSV) by its row and stores it.
 * Empty text is an absent value.  Lists, objects and JSON cannot come this way. */
enum err field_read_text(struct ctx *, const struct field *, struct str text, void *obj) MUST_CHECK;

#endif
