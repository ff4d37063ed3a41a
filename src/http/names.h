/* names.h - names beside ids in a list. Rows hold ids alone; whoever reads a list wants to
 * know whom they mean. The distinct ids of all rows are asked for in few questions, so a page
 * costs one or two more and not one a row. What a reader may see of a name is its field's
 * sensitivity to say; whom he may know of is the statement's behind names_fn. */
#ifndef HTTP_NAMES_H
#define HTTP_NAMES_H

#include "base/type.h"

enum { NAMES_BATCH = 16 };

struct name_row {
	struct id id;
	struct str name;
};
/* Finds those of ids that the actor may know, as struct name_row in any order; unused ones are unset. */
typedef enum err names_fn(struct ctx *, const struct id ids[static NAMES_BATCH], struct list *found);

/* Where a row of size bytes has the id and takes the name. */
struct names_place {
	size_t size, id_at, name_at;
};
#define NAMES_PLACE(s, id_, name_)                                                                           \
	&(const struct names_place) { sizeof(struct s), offsetof(struct s, id_), offsetof(struct s, name_) }
/* A name that is not found stays as it was. */
enum err names_fill(struct ctx *, struct list *rows, const struct names_place *, names_fn *) MUST_CHECK;

#endif
