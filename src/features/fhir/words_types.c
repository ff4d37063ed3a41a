/* words_types.c - FHIR's primitive and general-purpose data types as Brazilian
 * text.  Quantities are rounded to four places for reading: sources such as
 * simulators write fourteen, no instrument does. */
#include "features/fhir/words.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

void
fhir_write_clean(struct buf *out, struct str s, bool keep_lines)
{
	bool blank = false, line = false, started = false;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c == 0x7f) {
			blank = true;
			line |= c == '\n' && keep_lines;
			continue;
		}
		if (blank && started)
			buf_text(out, line ? "\n  " : " ");
		buf_byte(out, (char)c);
		started = true;
		blank = line = false;
	}
}

/* ---- dates */

static bool
digits(struct str s, size_t at, size_t n, int *out)
{
	if (s.n < at + n)
		return false;
	*out = 0;
	for (size_t i = at; i < at + n; i++) {
		if (!isdigit((unsigned char)s.p[i]))
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

bool
fhir_date(struct str s, struct date *out, bool *whole)
{
	struct date d;
	int year, month = 1;

	*whole = s.n >= DATE_TEXT && date_parse((struct str){ s.p, DATE_TEXT }, &d);
	if (*whole) {
		*out = d;
		return s.n == DATE_TEXT || s.p[DATE_TEXT] == 'T';
	}
	if (!digits(s, 0, 4, &year) || year == 0)
		return false;
	if (s.n != 4 && (s.n != 7 || s.p[4] != '-' || !digits(s, 5, 2, &month) || month < 1 || month > 12))
		return false;
	*out = (struct date){ (int16_t)year, (uint8_t)month, 1 };
	return true;
}

struct instant
fhir_instant(struct str s)
{
	struct instant at;
	struct date d;
	bool whole;

	if (s.p && instant_parse(s, &at))
		return at;
	if (s.p && fhir_date(s, &d, &whole))
		return (struct instant){ date_days(d) * 86400000 };
	return (struct instant){ 0 };
}

/* What stands behind the 'T': hours and minutes, and the offset as it was written. */
static void
write_clock(struct buf *out, struct str s)
{
	size_t zone = 0;

	while (zone < s.n && !strchr("Zz+-", s.p[zone]))
		zone++;
	struct str offset = { s.p + zone, s.n - zone };
	bool utc = str_is(offset, "Z") || str_is(offset, "z") || str_is(offset, "+00:00") ||
	           str_is(offset, "-00:00");

	buf_byte(out, ' ');
	buf_add(out, s.p, strlen("00:00"));
	buf_text(out, " (");
	buf_str(out, utc ? STR("UTC") : offset);
	buf_byte(out, ')');
}

/* Anything but a date or an instant with its offset is shown as it came. */
void
fhir_write_date(struct buf *out, struct str s)
{
	struct instant at;
	struct date d;
	bool whole, timed = s.n > DATE_TEXT && instant_parse(s, &at);

	if (!s.p || (s.n > DATE_TEXT && !timed) || !fhir_date(s, &d, &whole)) {
		fhir_write_clean(out, s, false);
		return;
	}
	if (whole)
		buf_printf(out, "%02d/%02d/%04d", d.day, d.month, d.year);
	else if (s.n == 7)
		buf_printf(out, "%02d/%04d", d.month, d.year);
	else
		buf_printf(out, "%04d", d.year);
	if (timed)
		write_clock(out, (struct str){ s.p + DATE_TEXT + 1, s.n - DATE_TEXT - 1 });
}

/* ---- numbers */

static void
write_number(struct buf *out, double v)
{
	char text[64];

	if (v == floor(v) && fabs(v) < 1e15)
		snprintf(text, sizeof text, "%.0f", v);
	else if (fabs(v) >= 0.001 && fabs(v) < 1e15)
		snprintf(text, sizeof text, "%.4f", v);
	else
		snprintf(text, sizeof text, "%.6g", v);
	char *point = strchr(text, '.');
	if (point && !strchr(text, 'e')) {
		char *end = text + strlen(text);
		while (end > point && (end[-1] == '0' || end[-1] == '.'))
			*--end = '\0';
	}
	if (point && *point)
		*point = ',';
	buf_text(out, text);
}

void
fhir_write_number(struct buf *out, const struct json_node *n)
{
	double v;

	if (node_number(n, &v))
		write_number(out, v);
}

/* UCUM's "1" and "{annotation}" are not units anybody reads. */
static struct str
quantity_unit(const struct json_node *q)
{
	struct str unit = node_text(node_member(q, "unit"));

	if (!unit.p)
		unit = node_text(node_member(q, "currency"));
	if (!unit.p)
		unit = node_text(node_member(q, "code"));
	return str_is(unit, "1") || str_starts(unit, "{") ? (struct str){ 0 } : unit;
}

void
fhir_write_quantity(struct buf *out, const struct json_node *q)
{
	const struct json_node *value = node_member(q, "value");
	struct str unit = quantity_unit(q), comparator = node_text(node_member(q, "comparator"));

	if (node_kind(value) != NODE_NUMBER) {
		fhir_write_clean(out, unit, false);
		return;
	}
	if (comparator.p) {
		fhir_write_clean(out, comparator, false);
		buf_byte(out, ' ');
	}
	fhir_write_number(out, value);
	if (unit.p) {
		buf_byte(out, ' ');
		fhir_write_clean(out, unit, false);
	}
}

/* "low – high", "low / high": nothing for an absent side. */
void
fhir_write_pair(struct buf *out, const struct json_node *a, const char *between, const struct json_node *b)
{
	fhir_write_quantity(out, a);
	if (a && b)
		buf_text(out, between);
	else if (b)
		buf_text(out, "até ");
	fhir_write_quantity(out, b);
}

void
fhir_write_period(struct buf *out, const struct json_node *period)
{
	struct str start = node_text(node_member(period, "start"));
	struct str end = node_text(node_member(period, "end"));

	if (start.p && end.p) {
		fhir_write_date(out, start);
		buf_text(out, " a ");
	} else if (start.p) {
		buf_text(out, "desde ");
		fhir_write_date(out, start);
	} else if (end.p) {
		buf_text(out, "até ");
	}
	if (end.p)
		fhir_write_date(out, end);
}

/* ---- people and places */

/* The texts of a list (or one text), each after a blank when something stands before. */
static void
write_list(struct buf *out, size_t start, const char *join, const struct json_node *list)
{
	size_t n = node_kind(list) == NODE_LIST ? node_count(list) : 1;

	for (size_t i = 0; i < n; i++) {
		struct str s = node_text(node_kind(list) == NODE_LIST ? node_item(list, i) : list);
		if (str_trim(s).n == 0)
			continue;
		if (out->n > start)
			buf_text(out, join);
		fhir_write_clean(out, s, false);
	}
}

void
fhir_write_name(struct buf *out, const struct json_node *name, bool titled)
{
	static const char *const parts[] = { "prefix", "given", "family", "suffix" };
	size_t start = out->n;

	for (size_t i = !titled; i < COUNT(parts); i++)
		write_list(out, start, " ", node_member(name, parts[i]));
	if (out->n == start)
		write_list(out, start, " ", node_member(name, "text"));
}

void
fhir_write_address(struct buf *out, const struct json_node *address)
{
	static const char *const parts[] = { "line", "district", "city", "state", "postalCode", "country" };
	size_t start = out->n;

	write_list(out, start, ", ", node_member(address, "text"));
	if (out->n > start)
		return;
	for (size_t i = 0; i < COUNT(parts); i++)
		write_list(out, start, ", ", node_member(address, parts[i]));
}

/* ---- timing */

struct unit_words {
	const char *code, *one, *many;
};
static const struct unit_words units[] = {
	{ "s", "segundo", "segundos" },
	{ "min", "minuto", "minutos" },
	{ "h", "hora", "horas" },
	{ "d", "dia", "dias" },
	{ "wk", "semana", "semanas" },
	{ "mo", "mês", "meses" },
	{ "a", "ano", "anos" },
};

/* "8 horas", "dia" (of 1), with the code itself when it is none of UCUM's times. */
static void
write_duration(struct buf *out, const struct json_node *number, const struct json_node *unit)
{
	double v = 1;
	bool one = !node_number(number, &v) || v == 1;

	if (!one) {
		write_number(out, v);
		buf_byte(out, ' ');
	}
	for (size_t i = 0; i < COUNT(units); i++)
		if (str_is(node_text(unit), units[i].code)) {
			buf_text(out, one ? units[i].one : units[i].many);
			return;
		}
	fhir_write_clean(out, node_text(unit), false);
}

void
fhir_write_repeat(struct buf *out, const struct json_node *repeat)
{
	const struct json_node *frequency = node_member(repeat, "frequency");
	const struct json_node *most = node_member(repeat, "frequencyMax");
	const struct json_node *unit = node_member(repeat, "periodUnit");
	double times = 1;

	if (!unit)
		return;
	if (!node_number(frequency, &times))
		times = 1;
	write_number(out, times);
	if (most) {
		buf_text(out, " a ");
		fhir_write_number(out, most);
	}
	buf_text(out, times == 1 && !most ? " vez a cada " : " vezes a cada ");
	write_duration(out, node_member(repeat, "period"), unit);
	if (node_member(repeat, "periodMax")) {
		buf_text(out, " a ");
		write_duration(out, node_member(repeat, "periodMax"), unit);
	}
}

/* ---- narrative */

static bool
tag_is(struct str tag, const char *names)
{
	size_t n = 0;

	if (tag.n && tag.p[0] == '/')
		tag = (struct str){ tag.p + 1, tag.n - 1 };
	while (n < tag.n && isalnum((unsigned char)tag.p[n]))
		n++;
	for (const char *p = names; *p;) {
		size_t k = strcspn(p, " ");
		if (n == k && strncasecmp(p, tag.p, n) == 0)
			return true;
		p += k + (p[k] == ' ');
	}
	return false;
}

/* The entities of XML, and the blank that many narratives use; others stay as written. */
static size_t
write_entity(struct buf *out, struct str s)
{
	static const struct {
		const char *name, *text;
	} entities[] = {
		{ "&amp;", "&" },
		{ "&lt;", "<" },
		{ "&gt;", ">" },
		{ "&quot;", "\"" },
		{ "&apos;", "'" },
		{ "&#39;", "'" },
		{ "&nbsp;", " " },
		{ "&#160;", " " },
	};

	for (size_t i = 0; i < COUNT(entities); i++)
		if (str_starts(s, entities[i].name)) {
			buf_text(out, entities[i].text);
			return strlen(entities[i].name);
		}
	buf_byte(out, '&');
	return 1;
}

/* Where the tag that starts at s ends (behind its '>'); the rest when it does not. */
static size_t
tag_length(struct str s)
{
	const char *end = memchr(s.p, '>', s.n);

	return end ? (size_t)(end - s.p) + 1 : s.n;
}

void
fhir_write_narrative(struct buf *out, struct str html)
{
	struct buf plain;
	bool hidden = false;

	buf_init(&plain, html.n + 1);
	for (size_t i = 0; i < html.n;) {
		struct str rest = { html.p + i, html.n - i };
		if (rest.p[0] == '<') {
			size_t n = tag_length(rest);
			struct str tag = { rest.p + 1, n - 1 };
			if (tag_is(tag, "script style"))
				hidden = tag.p[0] != '/';
			if (tag_is(tag, "br p div li tr table ul ol h1 h2 h3 h4 h5 h6"))
				buf_byte(&plain, '\n');
			else if (tag_is(tag, "td th"))
				buf_byte(&plain, ' ');
			i += n;
		} else if (hidden) {
			i++;
		} else if (rest.p[0] == '&') {
			i += write_entity(&plain, rest);
		} else {
			buf_byte(&plain, rest.p[0]);
			i++;
		}
	}
	fhir_write_clean(out, buf_view(&plain), true);
	buf_free(&plain);
}
