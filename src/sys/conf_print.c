/* conf_print.c - the effective configuration for a person or a program.  Of a
 * secret it shows only that it is set. */
#include "sys/conf.h"

#include "base/json.h"

#include <stdio.h>

enum { PRINT_MAX = 1 << 20 };
enum flags { SECRET = 1 };
enum value_type { TEXT, PATH, INT, BOOL };

static const struct row {
	const char *name;
	size_t offset;
	enum value_type type;
	unsigned flags;
} rows[] = {
#define CONF(key, type, fallback, min, max, flags, ...) { #key, offsetof(struct conf, key), type, flags },
#include "sys/conf.def"
};

static const char *const origins[] = { "default", "file", "environment" };

static void
print_value(struct buf *b, const struct conf *c, const struct row *r, bool json)
{
	const char *at = (const char *)c + r->offset, *text;

	if (r->type == INT) {
		buf_int(b, *(const int64_t *)at);
		return;
	}
	if (r->type == BOOL) {
		buf_text(b, *(const bool *)at ? "true" : "false");
		return;
	}
	text = *(const char *const *)at;
	if (r->flags & SECRET && *text)
		text = "(set)";
	if (json)
		json_write_text(b, str_of(text));
	else
		buf_text(b, text);
}

static void
print_json(struct buf *b, const struct conf *c)
{
	buf_text(b, "{\"file\":");
	json_write_text(b, str_of(c->file));
	buf_text(b, ",\"keys\":{");
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_printf(b, "%s\"%s\":{\"value\":", i ? "," : "", rows[i].name);
		print_value(b, c, &rows[i], true);
		buf_printf(b, ",\"origin\":\"%s\"}", origins[c->origin[i]]);
	}
	buf_text(b, "}}\n");
}

static void
print_lines(struct buf *b, const struct conf *c)
{
	if (c->file)
		buf_printf(b, "# file: %s\n", c->file);
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t start = b->n;
		buf_printf(b, "%s = ", rows[i].name);
		print_value(b, c, &rows[i], false);
		int used = (int)(b->n - start);
		buf_printf(b, "%*s  (%s)\n", used < 48 ? 48 - used : 0, "", origins[c->origin[i]]);
	}
}

void
conf_print(const struct conf *c, bool json)
{
	struct buf b;

	buf_init(&b, PRINT_MAX);
	if (json)
		print_json(&b, c);
	else
		print_lines(&b, c);
	fwrite(b.p, 1, b.n, stdout);
	buf_free(&b);
}
