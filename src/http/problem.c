/* problem.c - errors.def and invalid.def as answers.  The reason that a failure
 * noted for the log never gets here. */
#include "http/problem.h"
#include "base/json.h"

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
	assert(!"a code without a row in invalid.def");
	return code;
}

/* The first language named wins; quality values beyond order are not weighed. */
enum lang
lang_of(struct str accept)
{
	accept = str_trim(accept);
	return str_is_set(accept) && (str_starts(accept, "en") || str_starts(accept, "EN")) ? LANG_EN
	                                                                                    : LANG_PT;
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
	if (p->invalid != NULL)
		put_invalid(b, p->invalid, lang);
	buf_text(b, "}\n");
}
