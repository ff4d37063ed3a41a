/* codes.c - codes as words: FHIR's own value sets are translated, other terminologies
 * are cited with their short name, code and display. */
#include "features/fhir/words.h"

#include <stdio.h>
#include <strings.h>

static const struct {
	const char *code, *words;
} codes[] = {
#define CODE(code, words) { code, words },
#include "features/fhir/codes.def"
#undef CODE
};

static const struct {
	const char *tail, *name;
} systems[] = {
#define SYSTEM(tail, name) { tail, name },
#include "features/fhir/systems.def"
#undef SYSTEM
};

static const char *
code_words(struct str code)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if (str_is(code, codes[i].code))
			return codes[i].words;
	return NULL;
}

static const char *
system_name(struct str uri)
{
	for (size_t i = 0; i < COUNT(systems); i++) {
		size_t n = strlen(systems[i].tail);
		if (uri.n >= n && memcmp(uri.p + uri.n - n, systems[i].tail, n) == 0)
			return systems[i].name;
	}
	return NULL;
}

struct str
fhir_code(const struct json_node *n)
{
	if (node_kind(n) == NODE_TEXT)
		return node_text(n);
	if (node_member(n, "coding"))
		n = node_item(node_member(n, "coding"), 0);
	return node_text(node_member(n, "code"));
}

void
fhir_write_status(struct buf *out, const struct json_node *n)
{
	struct str code = fhir_code(n);
	const char *words = code_words(code);

	if (words)
		buf_text(out, words);
	else if (node_kind(n) == NODE_OBJECT)
		fhir_write_concept(out, n);
	else
		fhir_write_clean(out, code, false);
}

/* "CID-10 R06.0", and the display where it says something else than the text. */
static void
write_coding(struct buf *out, const struct json_node *coding, struct str said)
{
	const char *name = system_name(node_text(node_member(coding, "system")));
	struct str code = node_text(node_member(coding, "code"));
	struct str display = node_text(node_member(coding, "display"));
	size_t start = out->n;

	if (name && code.p)
		buf_printf(out, "%s ", name);
	if (code.p && (name || !said.p))
		fhir_write_clean(out, code, false);
	if (display.p && !(said.p && display.n == said.n && strncasecmp(display.p, said.p, said.n) == 0)) {
		if (out->n > start)
			buf_byte(out, ' ');
		fhir_write_clean(out, display, false);
	}
}

/* Text first, then the codes in brackets; a Coding by itself is read alike. */
void
fhir_write_concept(struct buf *out, const struct json_node *n)
{
	const struct json_node *list = node_member(n, "coding");
	size_t count = list ? node_count(list) : 1;
	struct str said = str_trim(node_text(node_member(n, "text")));
	bool opened = false;

	for (size_t i = 0; said.n == 0 && i < count; i++)
		said = str_trim(node_text(node_member(list ? node_item(list, i) : n, "display")));
	fhir_write_clean(out, said, false);
	for (size_t i = 0; i < count; i++) {
		size_t mark = out->n;
		buf_text(out, opened ? "; " : said.n ? " [" : "");
		size_t value = out->n;
		write_coding(out, list ? node_item(list, i) : n, said);
		if (out->n == value)
			out->n = mark;
		else
			opened = true;
	}
	if (opened && said.n)
		buf_byte(out, ']');
}
