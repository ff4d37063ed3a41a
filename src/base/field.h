/* field.h - one value against its row; for the two readers, json.c and field.c. */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/type.h"

/* NULL, or the code of invalid.def for a text that its row refuses. */
const char *field_refuses_text(const struct field *, struct str);
/* NULL, or too_small / too_large. */
const char *field_refuses_int(const struct field *, int64_t);
/* NULL, or too_short / too_many for a list of n items. */
const char *field_refuses_count(const struct field *, size_t n);
/* Stores a value of a kind that is written as a string (id, text, time, date)
 * and returns NULL, or returns the code and stores nothing.  The bytes stay
 * where they are. */
const char *field_store_text(const struct field *, struct str, void *obj);
const char *field_store_int(const struct field *, int64_t, void *obj);

#endif
