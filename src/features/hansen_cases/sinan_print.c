/* sinan_print.c - the form as JSON, as a table and as a page to be printed. */
#include "features/hansen_cases/sinan.h"
#include "base/csv.h"
#include "base/json.h"
#include "http/signed.h"

enum { FORM_MAX = 1 << 20 };

static enum err
take(struct ctx *ctx, struct buf *b, struct str *out)
{
	*out = buf_failed(b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(b));
	buf_free(b);
	return str_is_set(*out) ? OK : fail(ctx, ERR_TOO_LARGE, "a form beyond %d bytes", FORM_MAX);
}

struct str
csv_cell(struct ctx *ctx, struct str s)
{
	bool formula = s.n > 0 && memchr("=+-@\t\r", s.p[0], 6) != NULL;
	int64_t n;

	if (!formula || str_int(s, &n))
		return s;
	return str_of(arena_printf(ctx->arena, "'%.*s", STR_FMT(s)));
}

static void
missing_list(struct buf *b, const struct sinan_field *f)
{
	bool first = true;

	for (size_t i = 0; i < SINAN_FIELDS; i++) {
		if (!f[i].needed || str_is_set(f[i].value) || !sinan_is_of(i, SINAN_NOTICE))
			continue;
		buf_text(b, first ? "" : ",");
		json_write_text(b, f[i].field);
		first = false;
	}
}

enum err
sinan_json(struct ctx *ctx, const struct sinan_case *s, struct str *out)
{
	struct sinan_field f[SINAN_FIELDS];
	size_t missing = sinan_fields(s, f);
	struct buf b;

	buf_init(&b, FORM_MAX);
	buf_text(&b, "{\"madeBy\":\"" PROGRAM "\",\"layout\":");
	json_write_text(&b, str_of(sinan_layout));
	buf_printf(&b, ",\"complete\":%s,\"missing\":[", missing == 0 ? "true" : "false");
	missing_list(&b, f);
	buf_text(&b, "],\"fields\":{");
	for (size_t i = 0; i < SINAN_FIELDS; i++) {
		buf_text(&b, i > 0 ? "," : "");
		json_write_text(&b, f[i].field);
		buf_byte(&b, ':');
		json_write_text(&b, f[i].value);
	}
	buf_text(&b, "}}\n");
	return take(ctx, &b, out);
}

enum err
sinan_csv(struct ctx *ctx, const struct sinan_case *s, struct str *out)
{
	struct sinan_field f[SINAN_FIELDS];
	struct str names[SINAN_FIELDS + 1], values[SINAN_FIELDS + 1]; /* and the program */
	struct buf b;

	sinan_fields(s, f);
	for (size_t i = 0; i < SINAN_FIELDS; i++) {
		names[i] = f[i].field;
		values[i] = csv_cell(ctx, f[i].value);
	}
	names[SINAN_FIELDS] = STR("PROGRAMA");
	values[SINAN_FIELDS] = STR(PROGRAM);
	buf_init(&b, FORM_MAX);
	csv_write(&b, names, COUNT(names), true);
	csv_write(&b, values, COUNT(values), true);
	return take(ctx, &b, out);
}

/* ---- a page */

static void
part(struct buf *b, const struct sinan_field *f, enum sinan_part which, const char *title)
{
	buf_printf(b, "<section><h2>%s</h2><table>", title);
	for (size_t i = 0; i < SINAN_FIELDS; i++) {
		if (!sinan_is_of(i, which))
			continue;
		bool lacks = f[i].needed && !str_is_set(f[i].value);
		buf_printf(b, "<tr%s><th scope=\"row\">", lacks ? " class=\"lacks\"" : "");
		html_text(b, f[i].label);
		buf_text(b, "</th><td class=\"code\">");
		html_text(b, f[i].field);
		buf_text(b, "</td><td>");
		html_text(b, f[i].value);
		if (str_is_set(f[i].meaning)) {
			buf_text(b, " &middot; ");
			html_text(b, f[i].meaning);
		}
		buf_text(b, lacks ? "falta preencher</td></tr>\n" : "</td></tr>\n");
	}
	buf_text(b, "</table></section>");
}

static const char head[] =
        "<!doctype html><html lang=\"pt-BR\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>Notificação de hanseníase</title><style>"
        "body{font:14px/1.45 sans-serif;max-width:48rem;margin:1.5rem auto;padding:0 1rem;color:#111}"
        "h1{font-size:1.3rem}h2{font-size:1.05rem}table{border-collapse:collapse;width:100%}"
        "th,td{border:1px solid #888;padding:.25rem "
        ".5rem;text-align:left;vertical-align:top;font-weight:normal}"
        ".code{font-family:monospace;white-space:nowrap}.lacks td:last-child{font-weight:bold}"
        "footer{font-size:.8rem;margin-top:1rem}"
        "@page{size:A4;margin:14mm}@media print{body{margin:0;max-width:none;padding:0;font-size:11px}"
        "section{break-inside:avoid}}</style><h1>Notificação e investigação de hanseníase</h1>";

enum err
sinan_html(struct ctx *ctx, const struct sinan_case *s, struct str *out)
{
	struct sinan_field f[SINAN_FIELDS];
	size_t missing = sinan_fields(s, f);
	struct buf b;

	buf_init(&b, FORM_MAX);
	buf_text(&b, head);
	if (missing > 0)
		buf_printf(
		        &b, "<p><strong>Incompleta: %zu campos obrigatórios faltam.</strong></p>", missing);
	part(&b, f, SINAN_NOTICE, "Notificação");
	part(&b, f, SINAN_FOLLOW, "Acompanhamento");
	buf_text(&b, "<footer><p>");
	html_text(&b, str_of(sinan_layout));
	buf_text(&b, "</p></footer>");
	html_made(&b, ctx->now);
	buf_text(&b, "</html>\n");
	return take(ctx, &b, out);
}
