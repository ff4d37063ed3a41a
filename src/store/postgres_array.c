/* postgres_array.c - many inputs of one statement: an array for each parameter, in the
 * bytes that PostgreSQL's array_recv reads. */
#include "store/postgres_wire.h"

enum {
	MANY_BYTES = 256 << 10, /* of inputs in one statement, unless one alone has more */
	ARRAY_HEAD = 20,
};

static size_t
wire_size(const struct value *v)
{
	return v->kind == VALUE_NULL ? 0 : v->kind == VALUE_INT ? 8 : v->n;
}

size_t
array_fit(const struct stmt *stmt, const struct value *args, size_t n)
{
	size_t bytes = 0, i;

	for (i = 0; i < n; i++) {
		for (size_t b = 0; b < stmt->bind_count; b++)
			bytes += wire_size(&args[i * stmt->bind_count + b]);
		if (bytes > MANY_BYTES && i > 0)
			break;
	}
	return i;
}

static unsigned char *
put_int32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		*p++ = (unsigned char)(v >> (24 - 8 * i));
	return p;
}

static unsigned char *
put_value(unsigned char *p, const struct value *v)
{
	if (v->kind == VALUE_NULL)
		return put_int32(p, UINT32_MAX);
	p = put_int32(p, (uint32_t)wire_size(v));
	if (v->kind == VALUE_INT)
		put_int32(put_int32(p, (uint32_t)((uint64_t)v->i >> 32)), (uint32_t)v->i);
	else if (v->n > 0)
		memcpy(p, v->p, v->n);
	return p + wire_size(v);
}

/* Parameter b of n inputs: dimensions, whether there are nulls, type, length, first index; then the values.
 */
static enum err
array_fill(struct ctx *ctx, const struct stmt *stmt, size_t b, const struct value *args, size_t n,
        struct value *out)
{
	size_t size = ARRAY_HEAD;
	unsigned char *p;

	for (size_t i = 0; i < n; i++)
		size += 4 + wire_size(&args[i * stmt->bind_count + b]);
	if (size > INT32_MAX || (p = arena_take(ctx->arena, size)) == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%s: no room for %zu inputs", stmt->name, n);
	*out = (struct value){ VALUE_BLOB, 0, p, size };
	p = put_int32(put_int32(p, 1), 1);
	p = put_int32(p, wire_oid(stmt, &stmt->binds[b]));
	p = put_int32(put_int32(p, (uint32_t)n), 1);
	for (size_t i = 0; i < n; i++)
		p = put_value(p, &args[i * stmt->bind_count + b]);
	return OK;
}

enum err
array_pack(struct ctx *ctx, const struct stmt *stmt, const struct value *args, size_t n,
        struct value arrays[static STMT_BINDS_MAX])
{
	for (size_t b = 0; b < stmt->bind_count; b++)
		TRY(array_fill(ctx, stmt, b, args, n, &arrays[b]));
	return OK;
}
