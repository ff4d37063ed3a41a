/* names.c - see names.h. */
#include "http/names.h"

static const struct id *
id_of(const struct list *rows, size_t i, const struct names_place *at)
{
	return (const void *)((const char *)rows->items + i * at->size + at->id_at);
}

static void
put(struct list *rows, const struct names_place *at, const struct name_row *found)
{
	for (size_t i = 0; i < rows->count; i++)
		if (id_eq(*id_of(rows, i, at), found->id)) {
			char *row = (char *)rows->items + i * at->size;
			*(struct str *)(void *)(row + at->name_at) = found->name;
		}
}

static bool
stands_before(const struct list *rows, size_t i, const struct names_place *at)
{
	for (size_t k = 0; k < i; k++)
		if (id_eq(*id_of(rows, k, at), *id_of(rows, i, at)))
			return true;
	return false;
}

enum err
names_fill(struct ctx *ctx, struct list *rows, const struct names_place *at, names_fn *find)
{
	struct id ids[NAMES_BATCH] = { { { 0 } } };
	size_t n = 0;

	for (size_t i = 0; i <= rows->count; i++) {
		struct list found;

		if (i < rows->count && id_is_set(*id_of(rows, i, at)) && !stands_before(rows, i, at))
			ids[n++] = *id_of(rows, i, at);
		if (n == 0 || (n < NAMES_BATCH && i < rows->count))
			continue;
		TRY(find(ctx, ids, &found));
		for (size_t k = 0; k < found.count; k++)
			put(rows, at, &((const struct name_row *)found.items)[k]);
		memset(ids, 0, sizeof ids);
		n = 0;
	}
	return OK;
}
