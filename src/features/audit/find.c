/* find.c - see find.h. */
#include "features/audit/find.h"

#include "proof_sql.h"

/* An entry bears the time at which its request or command began, and is sealed a
 * second after that ended: nearly always within the first of these, and after a clock
 * that stepped, somewhere. */
static const int64_t windows_ms[] = { 5000, 900000, INT64_MAX };

/* UUIDv7: 48 bits of milliseconds in front. */
static int64_t
id_ms(struct id id)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.b[i];
	return ms;
}

static enum err
first_number(enum err err, const struct list *rows, int64_t otherwise, int64_t *out)
{
	if (err == OK)
		*out = rows->count > 0 ? *(const int64_t *)rows->items : otherwise;
	return err;
}

/* Where the batches sealed at or after ms begin; otherwise, behind the last one. */
static enum err
range_at(struct ctx *ctx, int64_t ms, int64_t otherwise, int64_t *out)
{
	struct list rows;
	enum err err = sql_proof_batch_at(ctx, &(struct proof_batch_at_in){ .since = { ms } }, &rows);

	return first_number(err, &rows, otherwise, out);
}

static enum err
window(struct ctx *ctx, int64_t ms, int64_t window_ms, int64_t *from, int64_t *to)
{
	struct list rows;
	int64_t last;
	enum err err;

	*from = INT64_MIN;
	*to = INT64_MAX;
	if (window_ms == INT64_MAX)
		return OK;
	err = sql_proof_last(ctx, &rows);
	TRY(first_number(err, &rows, 0, &last));
	TRY(range_at(ctx, ms, last, from));
	return range_at(ctx, ms + window_ms, INT64_MAX, to);
}

enum err
audit_find(struct ctx *ctx, struct id id, const struct trail_entry **out)
{
	struct list rows;
	int64_t from, to;

	for (size_t i = 0; i < COUNT(windows_ms); i++) {
		TRY(window(ctx, id_ms(id), windows_ms[i], &from, &to));
		TRY(sql_proof_entry(ctx,
		        &(struct proof_entry_in){ .range_from = from, .range_to = to, .id = id }, &rows));
		if (rows.count > 0) {
			*out = rows.items;
			return OK;
		}
	}
	return fail(ctx, ERR_NOT_FOUND, "no such entry");
}
