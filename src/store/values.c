/* values.c - between structs and the values an engine takes and gives: parameters from
 * the input's rows and the context, columns into the fields of a result, sealed on the
 * way in and opened on the way out. */
#include "base/json.h"
#include "store/engine.h"
#include "store/seal.h"

/* ---- parameters */

static struct value
value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .i = i };
}

static struct value
value_bytes(int kind, const void *p, size_t n)
{
	if (p == NULL)
		return (struct value){ VALUE_NULL, 0, NULL, 0 };
	return (struct value){ (typeof(((struct value *)0)->kind))kind, 0, p, n };
}

static struct value
value_id(const struct id *id)
{
	return value_bytes(VALUE_BLOB, id_is_set(*id) ? id->b : NULL, sizeof id->b);
}

/* Where a type's sealed values rest and whose key opens them. */
struct seat {
	struct place place; /* table NULL: not looked at yet */
	struct row_key key;
};

static struct id
id_named(const struct type *t, const char *name, const void *obj)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->fields[i].kind == KIND_ID && strcmp(t->fields[i].name, name) == 0)
			return *(const struct id *)field_at(&t->fields[i], obj);
	assert(false && "a type names an id that it does not have");
	return (struct id){ { 0 } };
}

static struct seat
seat_of(const struct type *t, const void *obj)
{
	struct seat seat = { .place = { .table = t->table } };

	assert(t->table != NULL && t->row_field != NULL);
	seat.place.row = id_named(t, t->row_field, obj);
	if (t->key_field != NULL)
		seat.key.owner = id_named(t, t->key_field, obj);
	return seat;
}

static enum err
value_sealed(struct ctx *ctx, struct seat *seat, const struct field *f, const void *in, struct value *out)
{
	char day[DATE_TEXT + 1];
	struct str plain = { NULL, 0 };
	struct blob sealed;

	seat->place.column = f->name;
	if (f->kind == KIND_DATE) {
		const struct date *date = field_at(f, in);

		if (date_is_set(*date)) {
			date_print(*date, day);
			plain = (struct str){ day, DATE_TEXT };
		}
	} else {
		assert(f->kind == KIND_TEXT);
		plain = *(const struct str *)field_at(f, in);
	}
	TRY(seal_under(ctx, &seat->key, &seat->place, plain, &sealed));
	*out = value_bytes(VALUE_BLOB, sealed.p, sealed.n);
	return OK;
}

static struct value
value_plain(const struct field *f, const void *in)
{
	const void *at = field_at(f, in);

	switch (f->kind) {
	case KIND_ID: return value_id(at);
	case KIND_INT: return value_int(*(const int64_t *)at);
	case KIND_BOOL: return value_int(*(const bool *)at);
	case KIND_TEXT:
	case KIND_JSON:
		return value_bytes(VALUE_TEXT, ((const struct str *)at)->p, ((const struct str *)at)->n);
	case KIND_BLOB:
		return value_bytes(VALUE_BLOB, ((const struct blob *)at)->p, ((const struct blob *)at)->n);
	case KIND_OPT_INT:
		return ((const struct opt_int *)at)->set ? value_int(((const struct opt_int *)at)->v)
		                                         : (struct value){ .kind = VALUE_NULL };
	case KIND_TIME:
		return ((const struct instant *)at)->ms != 0 ? value_int(((const struct instant *)at)->ms)
		                                             : (struct value){ .kind = VALUE_NULL };
	case KIND_DATE:
		return date_is_set(*(const struct date *)at) ? value_int(date_days(*(const struct date *)at))
		                                             : (struct value){ .kind = VALUE_NULL };
	case KIND_UNSET:
	case KIND_LIST:
	case KIND_OBJECT:
	case KIND__MAX: break;
	}
	assert(false && "a kind that no parameter has");
	return (struct value){ .kind = VALUE_NULL };
}

static enum err
value_of(struct ctx *ctx, const struct stmt *stmt, const struct bind *bind, const void *in, struct seat *seat,
        struct value *out)
{
	const struct field *f;

	switch (bind->from) {
	case BIND_IN:
		f = &stmt->in->fields[bind->at];
		if (f->sealed) {
			if (seat->place.table == NULL)
				*seat = seat_of(stmt->in, in);
			return value_sealed(ctx, seat, f, in, out);
		}
		*out = value_plain(f, in);
		return OK;
	case BIND_TENANT: *out = value_id(&ctx->tenant); return OK;
	case BIND_ACTOR: *out = value_id(&ctx->actor); return OK;
	case BIND_REACH: *out = value_int(ctx->reach); return OK;
	case BIND_SELF: *out = value_id(&ctx->patient); return OK;
	case BIND_NOW: *out = value_int(ctx->now.ms); return OK;
	}
	assert(false && "a parameter from nowhere");
	return ERR_INTERNAL;
}

enum err
values_bind(
        struct ctx *ctx, const struct stmt *stmt, const void *in, struct value args[static STMT_BINDS_MAX])
{
	struct seat seat = { .place = { .table = NULL } };
	enum err err = OK;

	assert(stmt->bind_count <= STMT_BINDS_MAX);
	for (size_t i = 0; i < stmt->bind_count && err == OK; i++)
		err = value_of(ctx, stmt, &stmt->binds[i], in, &seat, &args[i]);
	row_key_forget(&seat.key);
	return err;
}

/* ---- results */

size_t
type_columns(const struct type *t, const struct field **out)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (t->fields[i].kind == KIND_LIST || t->fields[i].kind == KIND_OBJECT)
			continue;
		assert(n < COLUMNS_MAX);
		out[n++] = &t->fields[i];
	}
	return n;
}

const char *
column_misnamed(const struct field *f, const char *column)
{
	size_t n = strlen(f->name);

	if (strncmp(column, f->name, n) != 0)
		return f->name;
	if (f->sealed)
		return strcmp(column + n, "_sealed") == 0 ? NULL : f->name;
	return column[n] == 0 ? NULL : f->name;
}

static enum err
keep_bytes(struct ctx *ctx, const struct field *f, const struct value *v, struct str *out)
{
	char *p = arena_take(ctx->arena, v->n + 1);

	if (p == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for %s", f->name);
	if (v->n > 0)
		memcpy(p, v->p, v->n);
	p[v->n] = 0;
	*out = (struct str){ p, v->n };
	return OK;
}

static enum err
misfit(struct ctx *ctx, const struct field *f)
{
	return fail(ctx, ERR_INTERNAL, "column %s holds another kind of value", f->name);
}

static enum err
read_number(struct ctx *ctx, const struct field *f, const struct value *v, void *at)
{
	if (v->kind != VALUE_INT)
		return misfit(ctx, f);
	switch (f->kind) {
	case KIND_INT: *(int64_t *)at = v->i; return OK;
	case KIND_OPT_INT: *(struct opt_int *)at = (struct opt_int){ v->i, true }; return OK;
	case KIND_BOOL: *(bool *)at = v->i != 0; return OK;
	case KIND_TIME: *(struct instant *)at = (struct instant){ v->i }; return OK;
	case KIND_DATE: *(struct date *)at = date_from_days(v->i); return OK;
	default: return misfit(ctx, f);
	}
}

static enum err
read_plain(struct ctx *ctx, const struct field *f, const struct value *v, void *obj)
{
	void *at = field_in(f, obj);
	struct str bytes;

	if (v->kind == VALUE_NULL)
		return OK;
	switch (f->kind) {
	case KIND_ID:
		if (v->kind != VALUE_BLOB || v->n != sizeof(struct id))
			return misfit(ctx, f);
		memcpy(at, v->p, v->n);
		return OK;
	case KIND_TEXT:
	case KIND_JSON: return v->kind == VALUE_TEXT ? keep_bytes(ctx, f, v, at) : misfit(ctx, f);
	case KIND_BLOB:
		if (v->kind != VALUE_BLOB)
			return misfit(ctx, f);
		TRY(keep_bytes(ctx, f, v, &bytes));
		*(struct blob *)at = (struct blob){ (const unsigned char *)bytes.p, bytes.n };
		return OK;
	default: return read_number(ctx, f, v, at);
	}
}

static enum err
read_sealed(struct ctx *ctx, struct seat *seat, const struct field *f, const struct value *v, void *obj)
{
	struct str plain;
	enum err err;

	if (v->kind == VALUE_NULL)
		return OK;
	if (v->kind != VALUE_BLOB)
		return misfit(ctx, f);
	if (mask_hides(ctx->mask, f))
		return OK; /* what is not shown costs the same whatever it is: nothing */
	seat->place.column = f->name;
	err = unseal_under(ctx, &seat->key, &seat->place, (struct blob){ v->p, v->n }, &plain);
	if (err == ERR_NOT_FOUND)
		return OK; /* an erased chart: its key is destroyed, the value is gone */
	if (err != OK)
		return err;
	if (f->kind == KIND_DATE)
		return date_parse(plain, field_in(f, obj)) ? OK : misfit(ctx, f);
	assert(f->kind == KIND_TEXT || f->kind == KIND_JSON);
	*(struct str *)field_in(f, obj) = plain;
	return OK;
}

/* Plain columns first: they say the place of the sealed ones. */
enum err
values_read(struct ctx *ctx, const struct type *t, const struct value *cells, void *obj)
{
	const struct field *columns[COLUMNS_MAX];
	size_t n = type_columns(t, columns);
	enum err err = OK;
	bool sealed = false;
	struct seat seat;

	memset(obj, 0, t->size);
	for (size_t i = 0; i < n; i++) {
		if (columns[i]->sealed)
			sealed = true;
		else
			TRY(read_plain(ctx, columns[i], &cells[i], obj));
	}
	if (!sealed)
		return OK;
	seat = seat_of(t, obj);
	for (size_t i = 0; i < n && err == OK; i++)
		if (columns[i]->sealed)
			err = read_sealed(ctx, &seat, columns[i], &cells[i], obj);
	row_key_forget(&seat.key);
	return err;
}

struct id
values_owner(const struct ctx *ctx, const struct type *t, const struct value *cells)
{
	const struct field *columns[COLUMNS_MAX];
	size_t n = type_columns(t, columns);
	struct id owner = { { 0 } };
	bool sealed = false;

	for (size_t i = 0; t->key_field != NULL && i < n; i++) {
		sealed = sealed || (columns[i]->sealed && cells[i].kind != VALUE_NULL &&
		                           !mask_hides(ctx->mask, columns[i]));
		if (columns[i]->kind == KIND_ID && cells[i].n == sizeof owner &&
		        strcmp(columns[i]->name, t->key_field) == 0)
			memcpy(&owner, cells[i].p, sizeof owner);
	}
	return sealed ? owner : (struct id){ { 0 } };
}
