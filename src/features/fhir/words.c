/* words.c - walks a resource by its rows and writes one readable text.  Nothing
 * here knows a kind of resource: those are the rows of parts.c. */
#include "features/fhir/words.h"

enum { DEPTH_MAX = 4 };

/* ---- references */

void
fhir_write_label(struct fhir_words *w, const struct json_node *n)
{
	static const struct {
		const char *path;
		enum fhir_form form;
	} ways[] = {
		{ "code", FORM_CODE },
		{ "medication[x]", FORM_UNSET },
		{ "vaccineCode", FORM_CODE },
		{ "title", FORM_TEXT },
		{ "name", FORM_NAME },
		{ "description", FORM_CODE },
		{ "practitioner", FORM_REF },
		{ "type", FORM_CODE },
	};
	size_t start = w->out->n;

	for (size_t i = 0; i < COUNT(ways) && w->out->n == start; i++) {
		struct fhir_part part = { ways[i].path, ways[i].form, NULL, NULL, 0 };
		fhir_write_parts(w, n, &part, 1);
	}
}

static void
write_reference(struct fhir_words *w, const struct json_node *n)
{
	struct str ref = node_text(node_member(n, "reference"));
	struct str display = str_trim(node_text(node_member(n, "display")));
	size_t start = w->out->n;

	if (display.n) {
		fhir_write_clean(w->out, display, false);
		return;
	}
	struct fhir_target target = fhir_resolve(w->set, w->resource, ref);
	if (target.node && w->depth < DEPTH_MAX && fhir_same_patient(w->set, w->resource, target)) {
		w->depth++;
		fhir_write_label(w, target.node);
		w->depth--;
	}
	if (w->out->n > start)
		return;
	fhir_write_form(w, FORM_IDENTIFIER, node_member(n, "identifier"), NULL);
	if (w->out->n == start)
		fhir_write_clean(w->out, ref, false);
}

/* ---- extensions: https://x/StructureDefinition/patient-birthPlace is said as birthPlace */

static struct str
extension_name(struct str url)
{
	for (size_t i = url.n; i > 0; i--)
		if (url.p[i - 1] == '/' || url.p[i - 1] == ':')
			return (struct str){ url.p + i, url.n - i };
	return url;
}

static void
write_extension(struct fhir_words *w, const struct json_node *n)
{
	static const struct fhir_part value = { "value[x]", FORM_UNSET, NULL, NULL, 0 };
	static const struct fhir_part nested = { "extension", FORM_EXTENSIONS, NULL, NULL, 0 };
	size_t mark = w->out->n;

	fhir_write_clean(w->out, extension_name(node_text(node_member(n, "url"))), false);
	buf_text(w->out, ": ");
	size_t start = w->out->n;
	fhir_write_parts(w, n, node_member(n, "extension") ? &nested : &value, 1);
	if (w->out->n == start)
		w->out->n = mark;
}

static void
write_modifier(struct fhir_words *w, const struct json_node *n)
{
	if (w->tally)
		fhir_tally_warn(w->tally, FHIR_W_MODIFIER);
	buf_text(w->out, "ATENÇÃO: modificador não interpretado ");
	fhir_write_clean(w->out, node_text(node_member(n, "url")), false);
}

/* ---- one value */

static void
write_plain(struct fhir_words *w, const struct json_node *n)
{
	switch (node_kind(n)) {
	case NODE_TEXT: fhir_write_clean(w->out, node_text(n), false); break;
	case NODE_BOOL: buf_text(w->out, node_true(n) ? "sim" : "não"); break;
	case NODE_NUMBER: fhir_write_number(w->out, n); break;
	default: break;
	}
}

static void
write_note(struct fhir_words *w, const struct json_node *n)
{
	struct str time = node_text(node_member(n, "time"));

	fhir_write_clean(w->out, node_text(node_member(n, "text")), true);
	if (time.p) {
		buf_text(w->out, " (");
		fhir_write_date(w->out, time);
		buf_byte(w->out, ')');
	}
}

static void
write_identifier(struct fhir_words *w, const struct json_node *n)
{
	struct str value = str_trim(node_text(node_member(n, "value")));

	if (value.n == 0)
		return;
	fhir_write_clean(w->out, value, false);
	if (node_text(node_member(n, "system")).p) {
		buf_text(w->out, " (");
		fhir_write_clean(w->out, node_text(node_member(n, "system")), false);
		buf_byte(w->out, ')');
	}
}

/* Text is taken in; anything else is named, its bytes stay at the source. */
static void
write_attachment(struct fhir_words *w, const struct json_node *n)
{
	static const struct fhir_part parts[] = {
		{ "title", FORM_TEXT, NULL, NULL, 0 },
		{ "contentType", FORM_TEXT, NULL, NULL, 0 },
		{ "creation", FORM_DATE, "criado em", NULL, 0 },
		{ "url", FORM_TEXT, "endereço", NULL, 0 },
	};
	fhir_write_parts(w, n, parts, COUNT(parts));
	if (node_member(n, "data"))
		buf_text(w->out, " (o conteúdo anexo ficou na origem)");
}

static void
write_timing(struct fhir_words *w, const struct json_node *n)
{
	static const struct fhir_part parts[] = {
		{ "code", FORM_CODE, NULL, NULL, 0 },
		{ "event", FORM_DATE, "em", NULL, 0 },
		{ "repeat.bounds[x]", FORM_UNSET, "durante", NULL, 0 },
		{ "repeat.count", FORM_TEXT, "vezes", NULL, 0 },
		{ "repeat.dayOfWeek", FORM_TEXT, "dias da semana", NULL, 0 },
		{ "repeat.timeOfDay", FORM_TEXT, "horários", NULL, 0 },
		{ "repeat.when", FORM_TEXT, "quando", NULL, 0 },
	};
	size_t start = w->out->n;

	fhir_write_repeat(w->out, node_member(n, "repeat"));
	if (w->out->n > start)
		buf_byte(w->out, ' ');
	size_t mark = w->out->n;
	fhir_write_parts(w, n, parts, COUNT(parts));
	if (w->out->n == mark && mark > start)
		w->out->n--;
}

/* ---- forms: one function each */

typedef void form_fn(struct fhir_words *, const struct json_node *, const struct fhir_part *);

#define FORM(name, call)                                                                                     \
	static void form_##name(                                                                             \
	        struct fhir_words *w, const struct json_node *n, const struct fhir_part *part)               \
	{                                                                                                    \
		(void)part;                                                                                  \
		call;                                                                                        \
	}

FORM(text, write_plain(w, n))
FORM(lines, fhir_write_clean(w->out, node_text(n), true))
FORM(status, fhir_write_status(w->out, n))
FORM(date, fhir_write_date(w->out, node_text(n)))
FORM(period, fhir_write_period(w->out, n))
FORM(quantity, fhir_write_quantity(w->out, n))
FORM(range, fhir_write_pair(w->out, node_member(n, "low"), " a ", node_member(n, "high")))
FORM(ratio, fhir_write_pair(w->out, node_member(n, "numerator"), " / ", node_member(n, "denominator")))
FORM(samples, buf_text(w->out, n ? "série de amostras, mantida na origem" : ""))
FORM(timing, write_timing(w, n))
FORM(ref, write_reference(w, n))
FORM(note, write_note(w, n))
FORM(address, fhir_write_address(w->out, n))
FORM(contact, fhir_write_clean(w->out, node_text(node_member(n, "value")), false))
FORM(identifier, write_identifier(w, n))
FORM(attachment, write_attachment(w, n))
FORM(narrative, fhir_write_narrative(w->out, node_text(n)))
FORM(extensions, write_extension(w, n))
FORM(modifiers, write_modifier(w, n))

/* Members that are a CodeableConcept in one kind of resource and a string in another. */
static void
form_code(struct fhir_words *w, const struct json_node *n, const struct fhir_part *part)
{
	(void)part;
	if (node_kind(n) == NODE_OBJECT)
		fhir_write_concept(w->out, n);
	else
		write_plain(w, n);
}

static void
form_name(struct fhir_words *w, const struct json_node *n, const struct fhir_part *part)
{
	(void)part;
	if (node_kind(n) == NODE_OBJECT)
		fhir_write_name(w->out, n, true);
	else
		write_plain(w, n);
}

static void
form_flag(struct fhir_words *w, const struct json_node *n, const struct fhir_part *part)
{
	if (node_true(n))
		buf_text(w->out, part->label);
}

static void
form_group(struct fhir_words *w, const struct json_node *n, const struct fhir_part *part)
{
	w->depth++;
	fhir_write_parts(w, n, part->of, part->of_count);
	w->depth--;
}

static form_fn *const forms[FORM__MAX] = {
	[FORM_TEXT] = form_text,
	[FORM_LINES] = form_lines,
	[FORM_STATUS] = form_status,
	[FORM_CODE] = form_code,
	[FORM_DATE] = form_date,
	[FORM_PERIOD] = form_period,
	[FORM_QUANTITY] = form_quantity,
	[FORM_RANGE] = form_range,
	[FORM_RATIO] = form_ratio,
	[FORM_SAMPLES] = form_samples,
	[FORM_TIMING] = form_timing,
	[FORM_REF] = form_ref,
	[FORM_NOTE] = form_note,
	[FORM_NAME] = form_name,
	[FORM_ADDRESS] = form_address,
	[FORM_CONTACT] = form_contact,
	[FORM_IDENTIFIER] = form_identifier,
	[FORM_ATTACHMENT] = form_attachment,
	[FORM_NARRATIVE] = form_narrative,
	[FORM_FLAG] = form_flag,
	[FORM_GROUP] = form_group,
	[FORM_EXTENSIONS] = form_extensions,
	[FORM_MODIFIERS] = form_modifiers,
};

void
fhir_write_form(
        struct fhir_words *w, enum fhir_form form, const struct json_node *n, const struct fhir_part *part)
{
	assert(forms[form]);
	forms[form](w, n, part);
}

/* ---- parts */

struct values {
	struct fhir_words *words;
	const struct fhir_part *part;
	size_t start;
};

static void
write_value(void *arg, enum fhir_form form, const struct json_node *n)
{
	struct values *v = arg;
	struct buf *out = v->words->out;
	size_t mark = out->n;

	if (mark > v->start)
		buf_text(out, v->part->form == FORM_GROUP || v->part->form == FORM_EXTENSIONS ? "; " : ", ");
	size_t value = out->n;
	fhir_write_form(v->words, form, n, v->part);
	if (out->n == value)
		out->n = mark;
}

/* What stands between the text so far and a part. */
static const char *
part_join(const struct fhir_words *w, const struct fhir_part *part, bool first, bool labelled)
{
	if (first)
		return "";
	if (!part->label)
		return ", ";
	if (!*part->label)
		return ": ";
	if (w->depth)
		return labelled ? ", " : " (";
	return labelled ? "; " : " — ";
}

void
fhir_write_parts(struct fhir_words *w, const struct json_node *n, const struct fhir_part *parts, size_t count)
{
	struct buf *out = w->out;
	size_t start = out->n;
	bool labelled = false, opened = false;

	for (size_t i = 0; i < count; i++) {
		const struct fhir_part *part = &parts[i];
		bool says = part->label && *part->label;
		size_t mark = out->n;
		buf_text(out, part_join(w, part, mark == start, labelled));
		if (says && part->form != FORM_FLAG) {
			buf_text(out, part->label);
			buf_text(out, ": ");
		}
		struct values v = { w, part, out->n };
		fhir_walk(n, part->path, part->form, write_value, &v);
		if (out->n == v.start) {
			out->n = mark;
			continue;
		}
		opened |= says && w->depth && mark > start && !labelled;
		labelled |= says;
	}
	if (opened)
		buf_byte(out, ')');
}
