/* sinan.c - the fields of the SINAN form from a case, each by its row's function. */
#include "features/hansen_cases/sinan.h"
#include "features/hansen_cases/codes.h"

enum { UNIT_MONTHS = 3, UNIT_YEARS = 4, GRADE_NOT_EVALUATED = 3, NO_REACTION = 4 };

const char sinan_layout[] = "Nomes e códigos dos campos: dicionário de dados SINAN NET v5, hanseníase "
                            "(agravo A309). Este arquivo não é o "
                            "DBF do SINAN NET, que o sistema não recebe de fora: serve para digitar a ficha "
                            "e para conferir. Campos da "
                            "ficha que não estão aqui (escolaridade, ocupação, gestante, distrito, número e "
                            "bairro) são preenchidos à mão.";

typedef struct str value_fn(const struct sinan_case *);

static struct str
number(const struct sinan_case *s, int64_t n)
{
	return str_of(arena_printf(s->ctx->arena, "%lld", (long long)n));
}

/* DD/MM/AAAA, as the form has it. */
static struct str
day(const struct sinan_case *s, struct date d)
{
	if (!date_is_set(d))
		return (struct str){ 0 };
	return str_of(arena_printf(s->ctx->arena, "%02d/%02d/%04d", d.day, d.month, d.year));
}

static struct str
coded(const struct sinan_case *s, const char *set, struct str name)
{
	int code = code_sinan(set, name);

	return code > 0 ? number(s, code) : (struct str){ 0 };
}

static struct str
grade(const struct sinan_case *s, struct opt_int g)
{
	return number(s, g.set ? g.v : GRADE_NOT_EVALUATED);
}

#define VALUE(name) static struct str name(const struct sinan_case *s)
VALUE(notice_number) { return s->c->notification ? s->c->notification->sinan_number : (struct str){ 0 }; }
VALUE(disease) { return (void)s, STR("A309"); }
VALUE(notified_on) { return day(s, s->c->notified_on); }
VALUE(unit) { return s->c->unit; }
VALUE(diagnosed_on) { return day(s, s->c->diagnosed_on); }
VALUE(patient_name) { return s->patient->name; }
VALUE(birth_date) { return day(s, s->patient->birth_date); }
VALUE(sex) { return s->patient->sex; }
VALUE(race) { return coded(s, "race", s->c->findings->race); }
VALUE(cns) { return s->patient->cns; }
VALUE(mother) { return s->patient->mother_name; }
VALUE(municipality) { return s->c->municipality; }
VALUE(address) { return s->patient->address; }
VALUE(phone) { return s->patient->phone; }
VALUE(lesions) { return number(s, s->c->findings->lesion_count); }
VALUE(nerves) { return number(s, s->c->findings->nerve_count); }
VALUE(form) { return coded(s, "clinicalForm", s->c->clinical_form); }
VALUE(first_class) { return coded(s, "operationalClass", s->c->initial_class); }
VALUE(grade_diagnosis) { return grade(s, s->c->gif_diagnosis); }
VALUE(entry) { return coded(s, "entryMode", s->c->entry_mode); }
VALUE(detection) { return coded(s, "detectionMode", s->c->detection_mode); }
VALUE(smear) { return coded(s, "smear", s->c->smear); }
VALUE(started_on) { return day(s, s->c->started_on); }
VALUE(contacts) { return number(s, s->contacts); }
VALUE(last_seen_on) { return day(s, s->c->last_seen_on); }
VALUE(class_now) { return coded(s, "operationalClass", s->c->operational_class); }
VALUE(regimen_now) { return coded(s, "regimen", s->c->regimen); }
VALUE(doses) { return number(s, s->c->doses); }
VALUE(examined) { return number(s, s->examined); }
VALUE(discharge) { return coded(s, "discharge", s->c->discharge); }
VALUE(discharged_on) { return day(s, s->c->discharged_on); }

VALUE(reaction)
{
	struct str code = coded(s, "reaction", s->c->reaction);

	return str_is_set(code) ? code : number(s, NO_REACTION);
}

/* Only of the cured: the form asks for the grade at cure. */
VALUE(grade_now)
{
	return str_is(s->c->discharge, "CURA") ? grade(s, s->c->gif_discharge) : (struct str){ 0 };
}

/* The regimen a case began with follows its first class; another one is known only as it is now. */
VALUE(first_regimen)
{
	if (str_is(s->c->regimen, "OUTRO"))
		return coded(s, "regimen", s->c->regimen);
	return coded(s, "regimen", str_is(s->c->initial_class, "MB") ? STR("PQT_MB_12") : STR("PQT_PB_6"));
}

/* Unit (3 months, 4 years) and three digits: 4018 is 18 years. */
VALUE(age)
{
	struct date born = s->patient->birth_date, at = s->c->diagnosed_on;

	if (!date_is_set(born))
		return (struct str){ 0 };
	int months = (at.year - born.year) * 12 + at.month - born.month - (at.day < born.day);
	return months < 12 ? number(s, UNIT_MONTHS * 1000 + months)
	                   : number(s, UNIT_YEARS * 1000 + months / 12);
}

static const struct {
	const char *field, *label;
	enum sinan_part part;
	bool needed;
	value_fn *value;
} rows[] = {
#define SINAN(field, part, needed, value, label) { #field, label, SINAN_##part, needed, value },
#include "features/hansen_cases/sinan.def"
#undef SINAN
};
_Static_assert(COUNT(rows) == SINAN_FIELDS, "sinan.def has another number of rows");

bool
sinan_is_of(size_t field, enum sinan_part part)
{
	return rows[field].part == part;
}

/* What a number of the form says: from the set whose SINAN names include the field. */
static struct str
meaning_of(const char *field, struct str value)
{
	int64_t code;

	if (!str_is_set(value) || !str_int(value, &code))
		return (struct str){ 0 };
	for (const struct code_set *set = code_sets; set->name; set++) {
		if (!set->field || !strstr(set->field, field))
			continue;
		for (size_t i = 0; i < set->count; i++)
			if (set->codes[i].sinan == code)
				return str_of(set->codes[i].pt);
	}
	return (struct str){ 0 };
}

static struct str
special_meaning(const char *field, struct str value)
{
	bool grades = strcmp(field, "AVALIA_N") == 0 || strcmp(field, "AVAL_ATU_N") == 0;

	if (grades && str_is(value, "3"))
		return STR("Não avaliado");
	if (strcmp(field, "EPIS_RACIO") == 0 && str_is(value, "4"))
		return STR("Sem reação");
	return meaning_of(field, value);
}

enum err
sinan_read(struct ctx *ctx, struct id case_id, struct sinan_case *out)
{
	struct hansen_case *c;
	struct patient *patient;
	struct list contacts;

	TRY(case_get(ctx, case_id, &c));
	TRY(patient_get(ctx, c->patient_id, false, &patient));
	TRY(contacts_of(ctx, c->id, &contacts));
	*out = (struct sinan_case){
		.ctx = ctx, .c = c, .patient = patient, .contacts = (int64_t)contacts.count
	};
	const struct hansen_contact *k = contacts.items;
	for (size_t i = 0; i < contacts.count; i++)
		out->examined += date_is_set(k[i].examined_on);
	return OK;
}

/* A new case must say how it was detected; no other case may. */
static bool
is_needed(const struct sinan_case *s, size_t i)
{
	if (strcmp(rows[i].field, "MODODETECT") == 0)
		return str_is(s->c->entry_mode, "CASO_NOVO");
	return rows[i].needed;
}

size_t
sinan_fields(const struct sinan_case *s, struct sinan_field out[static SINAN_FIELDS])
{
	size_t missing = 0;

	for (size_t i = 0; i < SINAN_FIELDS; i++) {
		struct str value = rows[i].value(s);
		bool needed = is_needed(s, i);
		out[i] = (struct sinan_field){ str_of(rows[i].field), str_of(rows[i].label), value,
			special_meaning(rows[i].field, value), needed };
		missing += needed && rows[i].part == SINAN_NOTICE && !str_is_set(value);
	}
	return missing;
}
