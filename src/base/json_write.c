/* json_write.c - JSON out, straight from the rows into the buffer.  Every answer
 * passes here, so it is table-driven and takes no detour through printf or a tree. */
#include "base/json.h"

/* For a byte that may not stand in a string: the letter after the backslash. */
static const unsigned char escape[256] = {
	[0x00 ... 0x07] = 'u',
	['\b'] = 'b',
	['\t'] = 't',
	['\n'] = 'n',
	[0x0B] = 'u',
	['\f'] = 'f',
	['\r'] = 'r',
	[0x0E ... 0x1F] = 'u',
	['"'] = '"',
	['\\'] = '\\',
};

static void
write_escape(struct buf *b, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	char out[6] = { '\\', (char)escape[c], '0', '0', digits[c >> 4], digits[c & 15] };
	buf_add(b, out, escape[c] == 'u' ? 6 : 2);
}

/* Eight bytes at a time: nonzero when one of them may need an escape.  A zero
 * byte is found by borrow: (x - 0x01…) & ~x & 0x80… (DEL is not looked for: it
 * may stand in a string). */
static uint64_t
any_escape(const char *p)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	uint64_t v, quote, slash;
	memcpy(&v, p, sizeof v);
	quote = v ^ (ones * '"');
	slash = v ^ (ones * '\\');
	return (((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops;
}

/* How many bytes from the front can be written as they are. */
static size_t
plain_length(const char *p, size_t n)
{
	size_t i = 0;
	while (n - i >= 8 && !any_escape(p + i))
		i += 8;
	while (i < n && !escape[(unsigned char)p[i]])
		i++;
	return i;
}

void
json_write_text(struct buf *b, struct str s)
{
	if (!str_is_set(s)) {
		buf_text(b, "null");
		return;
	}
	buf_byte(b, '"');
	for (size_t i = 0; i < s.n;) {
		size_t n = plain_length(s.p + i, s.n - i);
		buf_add(b, s.p + i, n);
		i += n;
		if (i < s.n)
			write_escape(b, (unsigned char)s.p[i++]);
	}
	buf_byte(b, '"');
}

/* Who sees what: the same for everything inside one answer. */
struct writer {
	struct ctx *ctx;
	struct buf *buf;
	const struct mask *mask; /* NULL: all but SECRET */
	int depth;
};

static bool
hidden(const struct writer *w, const struct field *f)
{
	if (f->sens <= SENS_UNSET || f->sens >= SENS_SECRET)
		return true;
	return w->mask && !w->mask->shows[f->sens];
}

/* Not even the name of these goes out. */
static bool
never_written(const struct field *f)
{
	return f->sens == SENS_SECRET || f->kind == KIND_BLOB;
}

/* "birth_date" is written as "birthDate", in place; it never gets longer. */
static void
write_name(struct buf *b, const struct field *f)
{
	const char *name = f->json ? f->json : f->name;
	size_t room = strlen(name) + 3; /* the quotes, and the 0 of camel */
	char *p = buf_grow(b, room);
	if (!p)
		return;
	size_t n = room - 3;
	p[0] = '"';
	if (f->json)
		memcpy(p + 1, name, n);
	else
		n = camel(name, p + 1);
	p[n + 1] = '"';
	b->n -= room - (n + 2);
}

static void write_object(struct writer *, const struct type *, const void *obj);
static void write_value(struct writer *, const struct field *, const void *at);

/* One element of a list or the target of a pointer. */
static void
write_nested(struct writer *w, const struct type *t, const void *obj)
{
	assert(w->depth < JSON_DEPTH_MAX);
	w->depth++;
	if (!t->bare)
		write_object(w, t, obj);
	else if (hidden(w, &t->fields[0]))
		buf_text(w->buf, "null");
	else
		write_value(w, &t->fields[0], field_at(&t->fields[0], obj));
	w->depth--;
}

static void
write_list(struct writer *w, const struct type *t, const struct list *list)
{
	buf_byte(w->buf, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_byte(w->buf, ',');
		write_nested(w, t, (const char *)list->items + i * t->size);
	}
	buf_byte(w->buf, ']');
}

/* The quoted text of n bytes, or null when the value is absent. */
static void
write_quoted(struct buf *b, bool set, const char *text, size_t n)
{
	if (!set) {
		buf_text(b, "null");
		return;
	}
	buf_byte(b, '"');
	buf_add(b, text, n);
	buf_byte(b, '"');
}

static void
write_id(struct buf *b, const struct id *id)
{
	char text[ID_TEXT + 1];
	id_print(*id, text);
	write_quoted(b, id_is_set(*id), text, ID_TEXT);
}

static void
write_time(struct buf *b, const struct instant *t)
{
	char text[INSTANT_TEXT + 1];
	instant_print(*t, text);
	write_quoted(b, t->ms != 0, text, INSTANT_TEXT);
}

static void
write_date(struct buf *b, const struct date *d)
{
	char text[DATE_TEXT + 1];
	date_print(*d, text);
	write_quoted(b, date_is_set(*d), text, DATE_TEXT);
}

static void
write_raw(struct buf *b, const struct str *json)
{
	buf_str(b, json->n > 0 ? *json : STR("null"));
}

static void
write_opt_int(struct buf *b, const struct opt_int *v)
{
	if (v->set)
		buf_int(b, v->v);
	else
		buf_text(b, "null");
}

static void
write_pointer(struct writer *w, const struct type *t, const void *const *at)
{
	if (*at)
		write_nested(w, t, *at);
	else
		buf_text(w->buf, "null");
}

static void
write_value(struct writer *w, const struct field *f, const void *at)
{
	switch (f->kind) {
	case KIND_ID: write_id(w->buf, at); break;
	case KIND_TEXT: json_write_text(w->buf, *(const struct str *)at); break;
	case KIND_INT: buf_int(w->buf, *(const int64_t *)at); break;
	case KIND_OPT_INT: write_opt_int(w->buf, at); break;
	case KIND_BOOL: buf_text(w->buf, *(const bool *)at ? "true" : "false"); break;
	case KIND_TIME: write_time(w->buf, at); break;
	case KIND_DATE: write_date(w->buf, at); break;
	case KIND_LIST: write_list(w, f->of, at); break;
	case KIND_OBJECT: write_pointer(w, f->of, at); break;
	case KIND_JSON: write_raw(w->buf, at); break;
	case KIND_BLOB:
	case KIND_UNSET:
	case KIND__MAX: buf_text(w->buf, "null"); break;
	}
}

bool
mask_hides(const struct mask *mask, const struct field *f)
{
	if (mask == NULL || (f->sens != SENS_IDENTITY && f->sens != SENS_CLINICAL))
		return false; /* a row that is not for JSON says no sensitivity: it is for the program */
	return !mask->shows[f->sens] && !(mask->partial && f->partial);
}

static void
write_hidden(struct writer *w, const struct field *f, const void *at)
{
	struct str part = { 0 };
	const struct str *whole = at;
	if (w->mask && w->mask->partial && f->partial && f->kind == KIND_TEXT && str_is_set(*whole))
		part = f->partial(w->ctx, *whole);
	json_write_text(w->buf, part);
}

static void
write_masked(struct writer *w, const struct type *t)
{
	char before = '[';
	buf_text(w->buf, ",\"masked\":");
	for (size_t i = 0; i < t->count; i++) {
		if (never_written(&t->fields[i]) || !hidden(w, &t->fields[i]))
			continue;
		buf_byte(w->buf, before);
		write_name(w->buf, &t->fields[i]);
		before = ',';
	}
	buf_byte(w->buf, ']');
}

static void
write_object(struct writer *w, const struct type *t, const void *obj)
{
	bool any_hidden = false;
	char before = '{';
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];
		if (never_written(f))
			continue;
		buf_byte(w->buf, before);
		before = ',';
		write_name(w->buf, f);
		buf_byte(w->buf, ':');
		if (hidden(w, f)) {
			any_hidden = true;
			write_hidden(w, f, field_at(f, obj));
		} else {
			write_value(w, f, field_at(f, obj));
		}
	}
	if (before == '{')
		buf_byte(w->buf, '{');
	if (any_hidden && t->masks)
		write_masked(w, t);
	buf_byte(w->buf, '}');
}

void
json_write(struct ctx *ctx, struct buf *b, const struct type *t, const void *obj, const struct mask *mask)
{
	struct writer w = { .ctx = ctx, .buf = b, .mask = mask };
	write_object(&w, t, obj);
}
