/* patient.c - who the patient is.  A CPF or CNS counts as such only under a Brazilian
 * naming system and with right check digits; everything else is kept as it came.
 * What a registration has no field for goes into the extras, never away. */
#include "features/fhir/patient.h"
#include "features/fhir/kinds.h"
#include "base/brazil.h"

#include <ctype.h>

enum { NAME_MAX_POINTS = 200, PHONE_MAX_POINTS = 30, ADDRESS_MAX_POINTS = 500, EMAIL_MAX_BYTES = 254 };
enum { TEXT_MAX = 1 << 20, URI_MAX = 120 };

enum identifier_kind { IDENTIFIER_OTHER, IDENTIFIER_CPF, IDENTIFIER_CNS, IDENTIFIER_ANY };

static const struct {
	enum identifier_kind kind;
	const char *system;
} systems[] = {
#define IDENTIFIER(kind, system) { IDENTIFIER_##kind, system },
#include "features/fhir/identifiers.def"
#undef IDENTIFIER
};

/* What is being filled: texts grow in out and are taken from there. */
struct reading {
	struct fhir_set *set;
	struct arena *arena;
	struct buf out, extras;
	struct fhir_patient *patient;
	struct buf identifiers; /* struct fhir_identifier */
	bool failed;
};

/* ---- identifiers */

static struct str
bare_system(struct str uri, char text[URI_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < uri.n && n < URI_MAX; i++)
		text[n++] = (char)tolower((unsigned char)uri.p[i]);
	while (n > 0 && text[n - 1] == '/')
		n--;
	struct str bare = { text, n };
	size_t scheme = str_starts(bare, "https://") ? 8 : str_starts(bare, "http://") ? 7 : 0;
	return (struct str){ text + scheme, n - scheme };
}

static enum identifier_kind
identifier_kind(struct str system, struct str value)
{
	char text[URI_MAX];
	struct str bare = bare_system(system, text);

	for (size_t i = 0; i < COUNT(systems); i++)
		if (str_is(bare, systems[i].system)) {
			if (systems[i].kind != IDENTIFIER_ANY)
				return systems[i].kind;
			return value.n > 14 ? IDENTIFIER_CNS : IDENTIFIER_CPF;
		}
	return IDENTIFIER_OTHER;
}

/* true: it is this patient's CPF or CNS now. */
static bool
take_official(struct arena *arena, struct fhir_patient *p, enum identifier_kind kind, struct str value)
{
	char cpf[CPF_TEXT + 1], cns[CNS_TEXT + 1];

	if (kind == IDENTIFIER_CPF && !p->cpf.p && cpf_valid(value) && cpf_plain(value, cpf)) {
		p->cpf = arena_str(arena, str_of(cpf));
		return true;
	}
	if (kind == IDENTIFIER_CNS && !p->cns.p && cns_valid(value) && cns_plain(value, cns)) {
		p->cns = arena_str(arena, str_of(cns));
		return true;
	}
	return false;
}

static bool
official_valid(enum identifier_kind kind, struct str value)
{
	return kind == IDENTIFIER_CPF ? cpf_valid(value) : kind == IDENTIFIER_CNS ? cns_valid(value) : true;
}

static struct str
identifier_system(const struct json_node *n)
{
	static const char *const ways[] = { "system", "type.text", "type.coding.code", "assigner.display" };

	for (size_t i = 0; i < COUNT(ways); i++) {
		struct str s = node_text(fhir_first(n, ways[i]));
		if (str_trim(s).n)
			return str_trim(s);
	}
	return STR("");
}

static struct str
clean(struct reading *r, struct str s)
{
	buf_reset(&r->out);
	fhir_write_clean(&r->out, s, false);
	struct str copy = arena_str(r->arena, r->out.n ? buf_view(&r->out) : STR(""));
	r->failed |= !copy.p;
	return copy;
}

static void
read_identifier(void *arg, enum fhir_form form, const struct json_node *n)
{
	struct reading *r = arg;
	struct str system = identifier_system(n), value = str_trim(node_text(node_member(n, "value")));
	enum identifier_kind kind = identifier_kind(system, value);

	(void)form;
	if (value.n == 0 || take_official(r->arena, r->patient, kind, value))
		return;
	if (!official_valid(kind, value))
		fhir_tally_warn(fhir_set_tally(r->set), FHIR_W_UNVERIFIED);
	struct fhir_identifier kept = { clean(r, system), clean(r, value) };
	buf_add(&r->identifiers, &kept, sizeof kept);
}

/* ---- texts and their limits */

static void
extra(struct reading *r, const char *label, struct str text)
{
	buf_text(&r->extras, r->extras.n ? "; " : "");
	buf_printf(&r->extras, "%s: ", label);
	buf_str(&r->extras, text);
}

/* The first `points` code points, at a character's end. */
static struct str
clip(struct str s, size_t points)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80 && n++ == points)
			return (struct str){ s.p, i };
	return s;
}

/* What stands in r->out; the whole of it goes to the extras when it is too long. */
static struct str
take_text(struct reading *r, const char *label, size_t points)
{
	struct str whole = buf_view(&r->out);

	if (whole.n == 0)
		return (struct str){ 0 };
	struct str fits = clip(whole, points);
	if (fits.n < whole.n)
		extra(r, label, whole);
	struct str copy = arena_str(r->arena, fits);
	r->failed |= !copy.p;
	return copy;
}

/* ---- names */

static int
name_rank(const struct json_node *name)
{
	static const char *const uses[] = { "official", "usual", "", "temp", "anonymous", "nickname",
		"maiden", "old" };
	struct str use = node_text(node_member(name, "use"));

	for (size_t i = 0; i < COUNT(uses); i++)
		if (str_is(use.p ? use : STR(""), uses[i]))
			return (int)i;
	return COUNT(uses);
}

static void
read_names(struct reading *r, const struct json_node *names)
{
	size_t best = 0;

	for (size_t i = 1; i < node_count(names); i++)
		if (name_rank(node_item(names, i)) < name_rank(node_item(names, best)))
			best = i;
	for (size_t i = 0; i < node_count(names); i++) {
		buf_reset(&r->out);
		fhir_write_name(&r->out, node_item(names, i), false);
		if (i == best)
			r->patient->name = take_text(r, "nome completo", NAME_MAX_POINTS);
		else if (r->out.n)
			extra(r, "outro nome", buf_view(&r->out));
	}
	if (r->patient->name.p)
		return;
	r->patient->name = STR("Paciente sem nome");
	fhir_tally_warn(fhir_set_tally(r->set), FHIR_W_NO_NAME);
}

static bool
means_mother(const struct json_node *n)
{
	struct str code = node_kind(n) == NODE_TEXT ? node_text(n) : fhir_code(n);

	return str_is(code, "MTH") || str_is(code, "NMTH") || str_is(code, "mother") || str_is(code, "MTHR");
}

/* RNDS: an extension whose parts are { relationship: mother, parent: HumanName }. */
static void
write_rnds_mother(struct reading *r, const struct json_node *extension)
{
	const struct json_node *parts = node_member(extension, "extension"), *name = NULL;
	bool mother = false;

	for (size_t i = 0; i < node_count(parts); i++) {
		const struct json_node *part = node_item(parts, i);
		struct str url = node_text(node_member(part, "url"));
		if (str_is(url, "relationship"))
			mother = means_mother(node_member(part, "valueCode")) ||
			         means_mother(node_member(part, "valueCodeableConcept"));
		else if (str_is(url, "parent"))
			name = node_member(part, "valueHumanName");
	}
	if (mother)
		fhir_write_name(&r->out, name, false);
}

static bool
ends_with(struct str s, const char *tail)
{
	size_t n = strlen(tail);

	return s.n >= n && memcmp(s.p + s.n - n, tail, n) == 0;
}

static void
read_mother(struct reading *r, const struct json_node *patient)
{
	const struct json_node *extensions = node_member(patient, "extension");
	const struct json_node *contacts = node_member(patient, "contact");

	buf_reset(&r->out);
	for (size_t i = 0; i < node_count(extensions) && r->out.n == 0; i++) {
		const struct json_node *e = node_item(extensions, i);
		struct str url = node_text(node_member(e, "url"));
		if (ends_with(url, "patient-mothersMaidenName"))
			fhir_write_clean(&r->out, node_text(node_member(e, "valueString")), false);
		else if (node_member(e, "extension"))
			write_rnds_mother(r, e);
	}
	for (size_t i = 0; i < node_count(contacts) && r->out.n == 0; i++) {
		const struct json_node *c = node_item(contacts, i);
		if (means_mother(fhir_first(c, "relationship")))
			fhir_write_name(&r->out, node_member(c, "name"), false);
	}
	r->patient->mother_name = take_text(r, "nome da mãe", NAME_MAX_POINTS);
}

/* ---- contact data: the first usable one has the field, the others are extras */

static void
read_telecom(struct reading *r, const struct json_node *list)
{
	for (size_t i = 0; i < node_count(list); i++) {
		const struct json_node *t = node_item(list, i);
		struct str system = node_text(node_member(t, "system"));
		struct str value = clean(r, node_text(node_member(t, "value")));
		bool phone = str_is(system, "phone") || str_is(system, "sms");
		bool old = str_is(node_text(node_member(t, "use")), "old");
		if (value.n == 0)
			continue;
		if (phone && !old && !r->patient->phone.p && utf8_length(value) <= PHONE_MAX_POINTS)
			r->patient->phone = value;
		else if (str_is(system, "email") && !old && !r->patient->email.p && email_valid(value))
			r->patient->email = value;
		else
			extra(r, "contato", value);
	}
}

static void
read_addresses(struct reading *r, const struct json_node *list)
{
	for (size_t i = 0; i < node_count(list); i++) {
		const struct json_node *a = node_item(list, i);
		bool old = str_is(node_text(node_member(a, "use")), "old");
		buf_reset(&r->out);
		fhir_write_address(&r->out, a);
		if (!old && !r->patient->address.p)
			r->patient->address = take_text(r, "endereço completo", ADDRESS_MAX_POINTS);
		else if (r->out.n)
			extra(r, "outro endereço", buf_view(&r->out));
	}
}

static void
read_birth(struct reading *r, const struct json_node *patient, struct date today)
{
	struct str text = node_text(node_member(patient, "birthDate"));
	struct date d;
	bool whole = false;

	if (text.n == 0)
		return;
	if (text.n == DATE_TEXT && fhir_date(text, &d, &whole) && whole && date_cmp(d, today) <= 0) {
		r->patient->birth_date = d;
		return;
	}
	fhir_tally_warn(fhir_set_tally(r->set), FHIR_W_BIRTH_DATE);
	extra(r, "nascimento", clean(r, text));
}

static struct str
sex_of(struct str gender)
{
	if (str_is(gender, "female"))
		return STR("F");
	if (str_is(gender, "male"))
		return STR("M");
	return gender.n ? STR("I") : (struct str){ 0 };
}

static void
read_extras(struct reading *r, const struct fhir_resource *resource)
{
	struct fhir_words words = { .out = &r->extras,
		.set = r->set,
		.resource = resource->node,
		.tally = fhir_set_tally(r->set),
		.kind = "Patient" };
	size_t mark = r->extras.n;

	buf_text(&r->extras, mark ? "; " : "");
	size_t start = r->extras.n;
	fhir_write_parts(&words, resource->node, fhir_patient_extras, fhir_patient_extras_count);
	if (r->extras.n == start)
		r->extras.n = mark;
	if (r->extras.n)
		r->patient->extras = arena_str(r->arena, buf_view(&r->extras));
	r->failed |= r->extras.n && !r->patient->extras.p;
}

/* ---- keys */

static void
add_identifier(void *arg, enum fhir_form form, const struct json_node *n)
{
	struct buf *out = arg;

	(void)form;
	buf_byte(out, '|');
	buf_str(out, identifier_system(n));
	buf_byte(out, '=');
	buf_str(out, str_trim(node_text(node_member(n, "value"))));
}

/* A UUID names one patient in the world.  Anything else ("1", "example") is only
 * unique at its source, so all that identifies is part of the key. */
struct str
fhir_patient_key(struct arena *arena, const struct fhir_resource *r)
{
	struct str uuid = fhir_uuid(arena, r->id, r->url);
	struct buf out;

	if (uuid.p)
		return fhir_text(arena, "Patient/%s", uuid.p);
	buf_init(&out, TEXT_MAX);
	buf_text(&out, "Patient/");
	buf_str(&out, r->id);
	fhir_walk(r->node, "identifier", FORM_IDENTIFIER, add_identifier, &out);
	buf_byte(&out, '|');
	fhir_write_name(&out, fhir_first(r->node, "name"), false);
	buf_byte(&out, '|');
	buf_str(&out, node_text(node_member(r->node, "birthDate")));
	struct str key = buf_failed(&out) ? (struct str){ 0 } : arena_str(arena, buf_view(&out));
	buf_free(&out);
	return key;
}

bool
fhir_patient_cited(struct arena *arena, const struct json_node *reference, struct fhir_patient *p)
{
	const struct json_node *identifier = node_member(reference, "identifier");
	struct str value = str_trim(node_text(node_member(identifier, "value")));
	struct str ref = node_text(node_member(reference, "reference"));
	struct str type = ref.n ? fhir_ref_type(ref) : (struct str){ 0 };
	struct str uuid = ref.n && (!type.p || str_is(type, "Patient")) ? fhir_ref_uuid(arena, ref)
	                                                                : (struct str){ 0 };

	*p = (struct fhir_patient){ 0 };
	if (uuid.p) {
		p->key = fhir_text(arena, "Patient/%s", uuid.p);
		return p->key.p != NULL;
	}
	if (!take_official(arena, p, identifier_kind(identifier_system(identifier), value), value))
		return false;
	p->key = fhir_text(arena, "%s", p->cpf.p ? p->cpf.p : p->cns.p);
	return p->key.p != NULL;
}

enum err
fhir_patient_read(struct fhir_set *set, struct arena *arena, const struct fhir_resource *resource,
        struct date today, struct fhir_patient *out)
{
	struct reading r = { .set = set, .arena = arena, .patient = out };
	const struct json_node *n = resource->node;

	*out = (struct fhir_patient){ .key = fhir_patient_key(arena, resource),
		.came = true,
		.sex = sex_of(node_text(node_member(n, "gender"))) };
	buf_init(&r.out, TEXT_MAX);
	buf_init(&r.extras, TEXT_MAX);
	buf_init(&r.identifiers, TEXT_MAX);
	fhir_walk(n, "identifier", FORM_IDENTIFIER, read_identifier, &r);
	read_names(&r, node_member(n, "name"));
	read_birth(&r, n, today);
	read_mother(&r, n);
	read_telecom(&r, node_member(n, "telecom"));
	read_addresses(&r, node_member(n, "address"));
	read_extras(&r, resource);
	struct str kept = arena_str(arena, r.identifiers.n ? buf_view(&r.identifiers) : STR(""));
	out->identifiers = (struct list){ (void *)(uintptr_t)kept.p,
		kept.n / sizeof(struct fhir_identifier) };
	bool failed = r.failed || !kept.p || !out->key.p || buf_failed(&r.out) || buf_failed(&r.extras) ||
	              buf_failed(&r.identifiers);
	buf_free(&r.out);
	buf_free(&r.extras);
	buf_free(&r.identifiers);
	return failed ? ERR_TOO_LARGE : OK;
}
