/* problem.c - errors.def and invalid.def as answers.  The reason that a failure
 * noted for the log never gets here. */
#include "http/problem.h"
#include "base/json.h"

#include <strings.h>

static const struct error_row {
	const char *name;
	int status, retry_after_s;
	const char *text[2];
} errors[ERR__MAX] = {
	[OK] = { "OK", 200, 0, { "", "" } },
#define ERR(name, status, retry, pt, en) [ERR_##name] = { #name, status, retry, { pt, en } },
#include "base/errors.def"
#undef ERR
};

static const struct invalid_row {
	const char *code;
	const char *text[2];
} invalids[] = {
#define INVALID(code, pt, en) { #code, { pt, en } },
#include "base/invalid.def"
#undef INVALID
};

static const struct error_row *
row(enum err err)
{
	assert(err < ERR__MAX && errors[err].name != NULL);
	return &errors[err];
}

int
err_status(enum err err)
{
	return row(err)->status;
}
int
err_retry_after_s(enum err err)
{
	return row(err)->retry_after_s;
}
const char *
err_name(enum err err)
{
	return row(err)->name;
}
const char *
err_title(enum err err, enum lang lang)
{
	return row(err)->text[lang];
}

const char *
invalid_text(const char *code, enum lang lang)
{
	for (size_t i = 0; i < COUNT(invalids); i++)
		if (strcmp(invalids[i].code, code) == 0)
			return invalids[i].text[lang];
	assert(false && "a code without a row in invalid.def");
	return code;
}

/* The next part of a list and what is left of it; parts may be empty. */
static struct str
cut(struct str *rest, char at)
{
	const char *end = memchr(rest->p, at, rest->n);
	struct str part = { rest->p, end ? (size_t)(end - rest->p) : rest->n };

	*rest = end ? (struct str){ end + 1, rest->n - part.n - 1 } : (struct str){ rest->p + rest->n, 0 };
	return str_trim(part);
}

/* "q=0.7" in thousandths; 1000 without one, 0 for what is no number. */
static int
quality(struct str parameters)
{
	while (parameters.n > 0) {
		struct str p = cut(&parameters, ';');
		int value = 0, scale = 1000;

		if (p.n < 3 || (p.p[0] | 0x20) != 'q' || p.p[1] != '=')
			continue;
		for (size_t i = 2; i < p.n && scale > 0; i++) {
			if (p.p[i] >= '0' && p.p[i] <= '9') {
				value += (p.p[i] - '0') * scale;
				scale /= 10;
			}
		}
		return value;
	}
	return 1000;
}

static bool
is_language(struct str range, const char *two_letters)
{
	return range.n >= 2 && strncasecmp(range.p, two_letters, 2) == 0 &&
	       (range.n == 2 || range.p[2] == '-');
}

/* RFC 9110, 12.5.4, with two languages to choose from; of equals the first named. */
enum lang
lang_of(struct str accept)
{
	enum lang lang = LANG_PT;
	int best = 0;

	while (accept.n > 0) {
		struct str parameters = cut(&accept, ','), range = cut(&parameters, ';');
		bool english = is_language(range, "en");
		int q = quality(parameters);

		if (q > best && (english || is_language(range, "pt"))) {
			lang = english ? LANG_EN : LANG_PT;
			best = q;
		}
	}
	return lang;
}

static void
put_member(struct buf *b, const char *name, const char *value)
{
	json_write_text(b, str_of(name));
	buf_byte(b, ':');
	json_write_text(b, str_of(value));
}

static void
put_type(struct buf *b, const char *name)
{
	buf_text(b, "\"type\":\"/problems/");
	for (const char *p = name; *p; p++)
		buf_byte(b, *p == '_' ? '-' : (char)(*p | 0x20));
	buf_text(b, "\",");
}

static void
put_invalid(struct buf *b, const struct invalid *v, enum lang lang)
{
	buf_text(b, ",\"errors\":[");
	for (; v != NULL; v = v->next) {
		buf_byte(b, '{');
		put_member(b, "field", v->field);
		buf_byte(b, ',');
		put_member(b, "code", v->code);
		buf_byte(b, ',');
		put_member(b, "message", invalid_text(v->code, lang));
		buf_text(b, v->next ? "}," : "}");
	}
	buf_byte(b, ']');
}

static void
put_state(struct buf *b, const char *state, const char *const *allowed)
{
	buf_byte(b, ',');
	put_member(b, "state", state);
	buf_text(b, ",\"allowed\":[");
	for (size_t i = 0; allowed[i] != NULL; i++) {
		buf_text(b, i > 0 ? "," : "");
		json_write_text(b, str_of(allowed[i]));
	}
	buf_byte(b, ']');
}

void
problem_write(struct buf *b, const struct problem *p, enum lang lang)
{
	const struct error_row *e = row(p->err);

	buf_byte(b, '{');
	put_type(b, e->name);
	put_member(b, "title", e->text[lang]);
	buf_text(b, ",\"status\":");
	buf_int(b, e->status);
	buf_byte(b, ',');
	put_member(b, "code", e->name);
	if (p->invalid != NULL) {
		buf_byte(b, ',');
		put_member(b, "detail",
		        lang == LANG_EN ? "See errors for each refused field"
		                        : "Veja em errors cada campo recusado");
	}
	if (p->request_id != NULL) {
		buf_byte(b, ',');
		put_member(b, "requestId", p->request_id);
	}
	if (p->int_name != NULL) {
		buf_byte(b, ',');
		json_write_text(b, str_of(p->int_name));
		buf_byte(b, ':');
		buf_int(b, p->int_value);
	}
	if (p->state != NULL)
		put_state(b, p->state, p->allowed);
	if (p->invalid != NULL)
		put_invalid(b, p->invalid, lang);
	buf_text(b, "}\n");
}
