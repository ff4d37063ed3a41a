/* openapi.c - OpenAPI 3.1 from the rows, so that the document cannot say anything
 * the program does not do. */
#include "http/openapi.h"
#include "base/brazil.h"
#include "base/checks.h"
#include "http/audit_write.h"
#include "base/json.h"
#include "http/problem.h"
#include "http/router.h"
#include "http/session.h"

#include <ctype.h>
#include <stdio.h>

enum { TYPES_MAX = 512 };

struct doc {
	struct buf *b;
	const struct type *types[TYPES_MAX];
	bool in[TYPES_MAX]; /* what a client sends: its members may be left out unless required */
	size_t count;
};

/* ---- small pieces */

static void
quoted(struct buf *b, const char *z)
{
	json_write_text(b, str_of(z));
}

static void
member(struct buf *b, const char *name, const char *value)
{
	quoted(b, name);
	buf_byte(b, ':');
	quoted(b, value);
}

static void
pascal(const char *snake, char *out)
{
	bool upper = true;

	for (; *snake; snake++) {
		if (*snake == '_')
			upper = true;
		else {
			*out++ = (char)(upper ? toupper((unsigned char)*snake) : *snake);
			upper = false;
		}
	}
	*out = 0;
}

static void
field_name(const struct field *f, char out[static 128])
{
	if (f->json)
		snprintf(out, 128, "%s", f->json);
	else
		camel(f->name, out);
}

static void
collect(struct doc *d, const struct type *t, bool in)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < d->count; i++)
		if (d->types[i] == t || strcmp(d->types[i]->name, t->name) == 0) {
			d->in[i] |= in;
			return;
		}
	assert(d->count < TYPES_MAX);
	d->in[d->count] = in;
	d->types[d->count++] = t;
	for (size_t i = 0; i < t->count; i++)
		collect(d, t->fields[i].of, in);
}

static void
reference(struct buf *b, const struct type *t)
{
	char name[128];

	pascal(t->name, name);
	buf_printf(b, "{\"$ref\":\"#/components/schemas/%s\"}", name);
}

/* ---- schemas */

static void
kind_schema(struct buf *b, const struct field *f)
{
	switch (f->kind) {
	case KIND_ID: buf_text(b, "\"string\",\"format\":\"uuid\""); break;
	case KIND_TIME: buf_text(b, "\"string\",\"format\":\"date-time\""); break;
	case KIND_DATE: buf_text(b, "\"string\",\"format\":\"date\""); break;
	case KIND_INT:
	case KIND_OPT_INT: buf_text(b, "\"integer\",\"format\":\"int64\""); break;
	case KIND_BOOL: buf_text(b, "\"boolean\""); break;
	default: buf_text(b, "\"string\""); break;
	}
}

/* What a check demands beyond length, by a name that generators and forms know. */
static void
format(struct buf *b, const struct field *f)
{
	static const struct {
		check_fn *check;
		const char *name;
	} formats[] = { { check_cpf, "cpf" }, { check_cns, "cns" }, { check_cnpj, "cnpj" },
		{ check_cep, "cep" }, { check_phone, "phone" }, { check_email, "email" },
		{ check_weight, "weight" }, { check_cnes, "cnes" }, { check_municipality, "municipality" } };

	for (size_t i = 0; i < COUNT(formats); i++)
		if (f->check == formats[i].check)
			buf_printf(b, ",\"format\":\"%s\"", formats[i].name);
}

static void
limits(struct buf *b, const struct field *f, bool nullable)
{
	bool text = f->kind == KIND_TEXT, number = f->kind == KIND_INT || f->kind == KIND_OPT_INT;

	if (f->min && (text || number))
		buf_printf(b, ",\"%s\":%lld", text ? "minLength" : "minimum", (long long)f->min);
	if (f->max && (text || number))
		buf_printf(b, ",\"%s\":%lld", text ? "maxLength" : "maximum", (long long)f->max);
	if (text && f->check)
		format(b, f);
	if (f->one_of) {
		buf_text(b, ",\"enum\":[");
		for (const char *const *p = f->one_of; *p; p++) {
			quoted(b, *p);
			buf_byte(b, p[1] ? ',' : nullable ? ',' : ']');
		}
		if (nullable)
			buf_text(b, "null]");
	}
}

static void
field_schema(struct buf *b, const struct field *f, bool nullable)
{
	if (f->kind == KIND_OBJECT) {
		buf_text(b, nullable ? "{\"anyOf\":[" : "");
		reference(b, f->of);
		buf_text(b, nullable ? ",{\"type\":\"null\"}]}" : "");
		return;
	}
	buf_byte(b, '{');
	if (f->summary) {
		member(b, "description", f->summary);
		buf_byte(b, ',');
	}
	if (f->kind == KIND_LIST) {
		buf_text(b, nullable ? "\"type\":[\"array\",\"null\"],\"items\":"
		                     : "\"type\":\"array\",\"items\":");
		reference(b, f->of);
	} else if (f->kind == KIND_JSON) {
		buf_text(b, "\"type\":[\"object\",\"array\",\"null\"],\"items\":{}");
	} else if (nullable) {
		struct buf kind;

		buf_init(&kind, 256);
		kind_schema(&kind, f);
		/* "string","format":… becomes ["string","null"],"format":… */
		for (size_t i = 1; i < kind.n; i++)
			if (kind.p[i] == '"') {
				buf_printf(b, "\"type\":[%.*s,\"null\"]%.*s", (int)i + 1, kind.p,
				        (int)(kind.n - i - 1), kind.p + i + 1);
				break;
			}
		buf_free(&kind);
		limits(b, f, nullable);
	} else {
		buf_text(b, "\"type\":");
		kind_schema(b, f);
		limits(b, f, nullable);
	}
	buf_byte(b, '}');
}

/* A member that the mask may hide is null to some readers. */
static bool
may_be_null(const struct type *t, const struct field *f)
{
	return f->nullable_only || (t->masks && f->sens != SENS_PLAIN);
}

/* An answer has all its members, absent ones as null; what is sent needs the required ones. */
static void
required(struct buf *b, const struct type *t, bool in)
{
	char name[128];
	bool first = true;

	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];

		if (f->kind == KIND_BLOB || (in ? !f->required : f->sens == SENS_SECRET))
			continue;
		field_name(f, name);
		buf_text(b, first ? ",\"required\":[" : ",");
		quoted(b, name);
		first = false;
	}
	buf_text(b, first ? "}" : "]}");
}

static void
type_schema(struct buf *b, const struct type *t, bool in)
{
	char name[128];
	bool first = true;

	pascal(t->name, name);
	quoted(b, name);
	if (t->bare) {
		buf_byte(b, ':');
		field_schema(b, &t->fields[0], false);
		return;
	}
	buf_text(b, ":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];

		if (f->kind == KIND_BLOB || (f->sens == SENS_SECRET && !in))
			continue;
		if (!first)
			buf_byte(b, ',');
		first = false;
		field_name(f, name);
		quoted(b, name);
		buf_byte(b, ':');
		field_schema(b, f, in ? f->nullable_only : may_be_null(t, f));
	}
	if (t->masks)
		buf_text(b, ",\"masked\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
		            "\"description\":\"Members hidden from this reader\"}");
	buf_byte(b, '}');
	required(b, t, in);
}

static const char problem_schema[] =
        "\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\"],"
        "\"properties\":{"
        "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
        "\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},\"requestId\":{\"type\":\"string\"},"
        "\"currentVersion\":{\"type\":\"integer\"},\"state\":{\"type\":\"string\"},"
        "\"allowed\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"errors\":{\"type\":\"array\","
        "\"items\":{\"type\":"
        "\"object\","
        "\"properties\":{\"field\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},\"message\":{"
        "\"type\":\"string\"}}}}}}";

/* ---- operations */

static void
operation_id(struct buf *b, const struct route *r)
{
	for (const char *p = method_name(r->method); *p; p++)
		buf_byte(b, (char)tolower((unsigned char)*p));
	for (const char *p = r->path; *p; p++)
		buf_byte(b, isalnum((unsigned char)*p) ? *p : '_');
}

static void
parameter(struct buf *b, const char *in, const struct field *f, const char *name)
{
	buf_text(b, "{");
	member(b, "name", name);
	buf_byte(b, ',');
	member(b, "in", in);
	buf_printf(b, ",\"required\":%s,\"schema\":", f == NULL || f->required ? "true" : "false");
	if (f)
		field_schema(b, f, false);
	else
		buf_text(b, "{\"type\":\"string\",\"format\":\"uuid\"}");
	buf_byte(b, '}');
}

static void
parameters(struct buf *b, const struct route *r)
{
	struct str name;
	char text[128];
	bool is_text, first = true;

	buf_text(b, ",\"parameters\":[");
	for (unsigned i = 0; (name = route_param_name(r, i, &is_text)).n > 0; i++) {
		static const struct field plain = { .kind = KIND_TEXT, .required = true };

		if (!first)
			buf_byte(b, ',');
		first = false;
		snprintf(text, sizeof text, "%.*s", STR_FMT(name));
		parameter(b, "path", is_text ? &plain : NULL, text);
	}
	for (size_t i = 0; r->query && i < r->query->count; i++) {
		if (!first)
			buf_byte(b, ',');
		first = false;
		field_name(&r->query->fields[i], text);
		parameter(b, "query", &r->query->fields[i], text);
	}
	buf_byte(b, ']');
}

static void
error_answer(struct buf *b, enum err err)
{
	buf_printf(b, ",\"%d\":{\"description\":", err_status(err));
	quoted(b, err_title(err, LANG_EN));
	buf_text(b, ",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/"
	            "Problem\"}}}}");
}

/* Each status once, also when several errors share it. */
static void
error_once(struct buf *b, enum err err, uint64_t said[static 10])
{
	int s = err_status(err);

	if (!(said[s / 64] & 1ull << s % 64))
		error_answer(b, err);
	said[s / 64] |= 1ull << s % 64;
}

static void
errors(struct buf *b, const struct route *r)
{
	static const enum err always[] = { ERR_UNAUTHENTICATED, ERR_FORBIDDEN, ERR_INVALID, ERR_RATE,
		ERR_STORE_UNAVAILABLE };
	static const enum err with_body[] = { ERR_MALFORMED, ERR_TOO_LARGE, ERR_MEDIA_TYPE };
	bool open = r->audit == AUDIT_NONE && r->perm == PERM_PUBLIC;
	uint64_t said[10] = { 0 };

	for (size_t i = 0; i < COUNT(always) && !open; i++)
		error_once(b, always[i], said);
	for (size_t i = 0; i < COUNT(with_body) && r->in; i++)
		error_once(b, with_body[i], said);
	for (const enum err *e = r->errors; e && *e != OK; e++)
		error_once(b, *e, said);
	if (open)
		error_once(b, ERR_NOT_FOUND, said);
}

static void
answers(struct buf *b, const struct route *r)
{
	int status = r->status ? r->status : r->out == NULL && r->produces == NULL ? 204 : 200;

	buf_printf(b, ",\"responses\":{\"%d\":{\"description\":\"Done\"", status);
	if (r->out) {
		buf_text(b, ",\"content\":{\"application/json\":{\"schema\":");
		reference(b, r->out);
		buf_text(b, "}}");
	} else if (r->produces) {
		buf_text(b, ",\"content\":{");
		quoted(b, r->produces);
		buf_text(b, str_starts(str_of(r->produces), "application/json")
		                    ? ":{\"schema\":{}}}"
		                    : ":{\"schema\":{\"type\":\"string\"}}}");
	}
	buf_byte(b, '}');
	errors(b, r);
	buf_byte(b, '}');
}

/* What the row promises beside its types, in one paragraph. */
static void
description(struct buf *b, const struct route *r)
{
	static const char *const quotas[RATE__MAX] = { [RATE_READ] = " Counts as a reading.",
		[RATE_WRITE] = " Counts as a writing.",
		[RATE_LOGIN] = " Counts as a sign-in.",
		[RATE_ASK] = " Counts as a question to the assistant." };
	const char *quota = quotas[r->rate] ? quotas[r->rate] : "";

	buf_text(b, ",\"description\":\"");
	if (r->perm == PERM_PUBLIC)
		buf_text(b, "Open to everybody.");
	else
		buf_printf(b, "Needs the permission %s.", perm_name(r->perm));
	if (route_signin(r) == SIGNIN_RECENT)
		buf_text(b, " Asks for a recent sign-in (REAUTHENTICATION_REQUIRED).");
	if (r->audit != AUDIT_NONE)
		buf_printf(b, " Leaves the audit entry `%s`.", audit_event(r->audit));
	buf_text(b, quota);
	if (r->method != GET && r->perm != PERM_PUBLIC)
		buf_text(b, " Takes an Idempotency-Key.");
	buf_byte(b, '"');
}

static void
operation(struct buf *b, const struct route *r)
{
	quoted(b, r->method == GET      ? "get"
	          : r->method == POST   ? "post"
	          : r->method == PUT    ? "put"
	          : r->method == DELETE ? "delete"
	                                : "patch");
	buf_text(b, ":{\"operationId\":\"");
	operation_id(b, r);
	buf_text(b, "\",");
	member(b, "summary", r->summary);
	description(b, r);
	buf_text(b, ",\"tags\":[");
	quoted(b, r->tag);
	buf_text(b, "],");
	member(b, "x-permission", perm_name(r->perm));
	if (r->aged) {
		buf_byte(b, ',');
		member(b, "x-may-be-old", "standby_max_age_ms");
	}
	if (r->perm == PERM_PUBLIC)
		buf_text(b, ",\"security\":[]");
	parameters(b, r);
	if (r->in) {
		buf_text(b,
		        ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":");
		reference(b, r->in);
		buf_text(b, "}}}");
	}
	answers(b, r);
	buf_byte(b, '}');
}

/* "{name:text}" is "{name}" in the document. */
static void
path_text(const struct route *r, char out[static 256])
{
	const char *p = r->path;

	while (*p) {
		if (*p == ':')
			p += strcspn(p, "}");
		*out++ = *p++;
	}
	*out = 0;
}

static bool
path_said(unsigned upto)
{
	for (unsigned i = 0; i < upto; i++)
		if (strcmp(route_at(i)->path, route_at(upto)->path) == 0)
			return true;
	return false;
}

static void
paths(struct buf *b)
{
	char text[256];
	bool first = true;

	buf_text(b, "\"paths\":{");
	for (unsigned i = 0; i < route_count(); i++) {
		bool inner = true;

		if (path_said(i))
			continue;
		if (!first)
			buf_byte(b, ',');
		first = false;
		path_text(route_at(i), text);
		quoted(b, text);
		buf_text(b, ":{");
		for (unsigned k = i; k < route_count(); k++)
			if (strcmp(route_at(k)->path, route_at(i)->path) == 0) {
				if (!inner)
					buf_byte(b, ',');
				inner = false;
				operation(b, route_at(k));
			}
		buf_byte(b, '}');
	}
	buf_text(b, "},");
}

static const struct {
	const char *name, *text;
} tag_rows[] = {
#define TAG(name, activity, text) { name, text },
#include "http/tags.def"
#undef TAG
};

static void
tag(struct buf *b, const char *name)
{
	buf_byte(b, '{');
	member(b, "name", name);
	for (size_t i = 0; i < COUNT(tag_rows); i++) {
		if (strcmp(tag_rows[i].name, name) == 0) {
			buf_byte(b, ',');
			member(b, "description", tag_rows[i].text);
		}
	}
	buf_byte(b, '}');
}

static bool
tag_said(unsigned upto)
{
	for (unsigned i = 0; i < upto; i++)
		if (strcmp(route_at(i)->tag, route_at(upto)->tag) == 0)
			return true;
	return false;
}

static void
tags(struct buf *b)
{
	buf_text(b, "\"tags\":[");
	for (unsigned i = 0; i < route_count(); i++) {
		if (tag_said(i))
			continue;
		if (i > 0)
			buf_byte(b, ',');
		tag(b, route_at(i)->tag);
	}
	buf_text(b, "],");
}

void
openapi_write(struct buf *b)
{
	struct doc d = { .b = b };

	for (unsigned i = 0; i < route_count(); i++) {
		collect(&d, route_at(i)->in, true);
		collect(&d, route_at(i)->out, false);
	}
	buf_text(b, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Plantão\",\"version\":\"1\","
	            "\"description\":\"Medical records for Brazilian health care\","
	            "\"contact\":{\"name\":\"Plantão\"},"
	            "\"license\":{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}},"
	            "\"servers\":[{\"url\":\"/\"}],\"security\":[{\"bearer\":[]},{\"cookie\":[]}],");
	tags(b);
	paths(b);
	buf_text(b,
	        "\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
	        "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" SESSION_COOKIE
	        "\"}},\"schemas\":{");
	for (size_t i = 0; i < d.count; i++) {
		type_schema(b, d.types[i], d.in[i]);
		buf_byte(b, ',');
	}
	buf_text(b, problem_schema);
	buf_text(b, "}}}\n");
}

void
openapi_write_html(struct buf *b)
{
	char text[256];

	buf_text(b, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Plantão API</title>"
	            "<h1>Plantão API</h1><p>Machine-readable: <a "
	            "href=\"/api/openapi.json\">/api/openapi.json</a></p>"
	            "<table><tr><th>Method<th>Path<th>Permission<th>What");
	for (unsigned i = 0; i < route_count(); i++) {
		const struct route *r = route_at(i);

		path_text(r, text);
		buf_printf(b, "<tr><td>%s<td><code>%s</code><td>%s<td>%s\n", method_name(r->method), text,
		        perm_name(r->perm), r->summary);
	}
	buf_text(b, "</table></html>\n");
}
