/* paths.c - from a resource along a path to its values. */
#include "features/fhir/words.h"

#include <stdio.h>

enum { SEGMENT_MAX = 40 };

/* FHIR R4 choice types (hl7.org/fhir/R4/formats.html#choice) in the form each reads in. */
static const struct {
	const char *suffix;
	enum fhir_form form;
} choices[] = {
	{ "Quantity", FORM_QUANTITY },
	{ "CodeableConcept", FORM_CODE },
	{ "Coding", FORM_CODE },
	{ "String", FORM_LINES },
	{ "Markdown", FORM_LINES },
	{ "Boolean", FORM_TEXT },
	{ "Integer", FORM_TEXT },
	{ "Decimal", FORM_TEXT },
	{ "DateTime", FORM_DATE },
	{ "Date", FORM_DATE },
	{ "Instant", FORM_DATE },
	{ "Time", FORM_TEXT },
	{ "Period", FORM_PERIOD },
	{ "Range", FORM_RANGE },
	{ "Ratio", FORM_RATIO },
	{ "SampledData", FORM_SAMPLES },
	{ "Age", FORM_QUANTITY },
	{ "Duration", FORM_QUANTITY },
	{ "Timing", FORM_TIMING },
	{ "Reference", FORM_REF },
	{ "Code", FORM_TEXT },
	{ "Uri", FORM_TEXT },
	{ "Url", FORM_TEXT },
	{ "PositiveInt", FORM_TEXT },
	{ "UnsignedInt", FORM_TEXT },
	{ "Identifier", FORM_IDENTIFIER },
	{ "HumanName", FORM_NAME },
	{ "Address", FORM_ADDRESS },
	{ "ContactPoint", FORM_CONTACT },
	{ "Attachment", FORM_ATTACHMENT },
	{ "Annotation", FORM_NOTE },
};

static void walk_value(const struct json_node *, const char *rest, enum fhir_form, fhir_walk_fn *, void *arg);

static void
walk_choice(const struct json_node *n, struct str stem, fhir_walk_fn *fn, void *arg)
{
	char name[SEGMENT_MAX + 24];

	for (size_t i = 0; i < COUNT(choices); i++) {
		snprintf(name, sizeof name, "%.*s%s", STR_FMT(stem), choices[i].suffix);
		walk_value(node_member(n, name), "", choices[i].form, fn, arg);
	}
}

/* value: what a segment led to; each of a list by itself. */
static void
walk_value(const struct json_node *value, const char *rest, enum fhir_form form, fhir_walk_fn *fn, void *arg)
{
	if (node_kind(value) == NODE_LIST) {
		for (size_t i = 0; i < node_count(value); i++)
			walk_value(node_item(value, i), rest, form, fn, arg);
	} else if (*rest) {
		fhir_walk(value, rest, form, fn, arg);
	} else if (node_kind(value) != NODE_UNSET && node_kind(value) != NODE_NULL) {
		fn(arg, form, value);
	}
}

void
fhir_walk(const struct json_node *n, const char *path, enum fhir_form form, fhir_walk_fn *fn, void *arg)
{
	char name[SEGMENT_MAX];
	size_t length = strcspn(path, ".[");

	assert(length < sizeof name);
	if (path[length] == '[') {
		walk_choice(n, (struct str){ path, length }, fn, arg);
		return;
	}
	memcpy(name, path, length);
	name[length] = '\0';
	walk_value(node_member(n, name), path + length + (path[length] == '.'), form, fn, arg);
}

static void
keep_first(void *arg, enum fhir_form form, const struct json_node *n)
{
	const struct json_node **first = arg;

	(void)form;
	if (!*first)
		*first = n;
}

const struct json_node *
fhir_first(const struct json_node *n, const char *path)
{
	const struct json_node *first = NULL;

	fhir_walk(n, path, FORM_TEXT, keep_first, &first);
	return first;
}
