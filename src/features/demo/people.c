/* people.c - the rows of people.def and charts.def into a tenant: always the same
 * people with the same ids, at the same days. */
#include "features/demo/people.h"
#include "features/patients/patients.h"
#include "features/records/records.h"
#include "base/brazil.h"
#include "sys/crypto.h"

#include <stdio.h>

/* 2024-01-01: the ids of the demo's people sort before those of anybody who comes later. */
static const struct instant EPOCH = { 1704067200000 };

enum carer { OWN, OTHER };

struct person {
	enum carer carer;
	const char *name;
	struct date born;
	const char *sex, *cpf9, *cns11, *mother, *phone, *email, *address;
};

static const struct person people[] = {
#define PERSON(carer, name, y, m, d, ...) { carer, name, { y, m, d }, __VA_ARGS__ },
#include "features/demo/people.def"
#undef PERSON
};
_Static_assert(COUNT(people) == DEMO_PEOPLE_COUNT, "people.def has another number of rows");

static const struct person neighbours[] = {
	{ OWN, "Noemi Castro Alencar", { 1986, 2, 18 }, "F", "590318472", "17364528190", "Judite Castro",
	        "(85) 98888-0201", "", "Rua das Flores, 10, Aldeota, Fortaleza, CE, 60150-160" },
	{ OWN, "Valdir Pacheco Menezes", { 1953, 11, 6 }, "M", "327510984", "20918273645", "Alzira Pacheco",
	        "(85) 98888-0202", "", "Avenida Beira Mar, 900, Meireles, Fortaleza, CE, 60165-121" },
};

enum author { DOCTOR, NURSE, DOCTOR2 };

struct chart {
	size_t person;
	enum author author;
	struct date day;
	const char *priority, *title, *diagnosis, *treatment, *notes;
};

static const struct chart charts[] = {
#define CHART(person, author, y, m, d, priority, ...) { person, author, { y, m, d }, #priority, __VA_ARGS__ },
#include "features/demo/charts.def"
#undef CHART
};

struct id
demo_id(struct instant at, const char *kind, size_t n)
{
	char name[80];

	snprintf(name, sizeof name, "plantao demo %s %zu", kind, n);
	return id_fixed(at, str_of(name));
}

static struct str
absent_if_empty(const char *z)
{
	return *z ? str_of(z) : (struct str){ 0 };
}

/* ---- numbers with their check digits */

static struct str
cpf_number(struct ctx *ctx, const char *base)
{
	char digits[2];

	cpf_digits(base, digits);
	return str_of(arena_printf(ctx->arena, "%.9s%.2s", base, digits));
}

/* The DATASUS routine for definitive numbers (1, 2): 11 digits, three that make the
 * check digit possible, the check digit. */
static struct str
cns_number(struct ctx *ctx, const char *base)
{
	int sum = 0, digit;

	for (int i = 0; i < 11; i++)
		sum += (base[i] - '0') * (15 - i);
	digit = 11 - sum % 11;
	bool shifted = digit == 10;
	if (shifted)
		digit = 11 - (sum + 2) % 11;
	return str_of(arena_printf(ctx->arena, "%.11s00%d%d", base, shifted, digit % 11));
}

/* ---- people */

static enum err
add_person(struct ctx *ctx, const struct person *p, struct id id)
{
	struct patient_body body = { .name = str_of(p->name),
		.birth_date = p->born,
		.sex = str_of(p->sex),
		.cpf = cpf_number(ctx, p->cpf9),
		.cns = cns_number(ctx, p->cns11),
		.mother_name = str_of(p->mother),
		.phone = str_of(p->phone),
		.email = absent_if_empty(p->email),
		.address = str_of(p->address) };
	struct patient *made;

	assert(cpf_valid(body.cpf) && cns_valid(body.cns) && phone_valid(body.phone));
	return patient_add(ctx, &(struct patient_new){ .body = &body, .id = id }, &made);
}

struct id
demo_person_id(size_t n)
{
	return demo_id((struct instant){ EPOCH.ms + (int64_t)n * 60000 }, "person", n);
}

static enum err
care(struct ctx *ctx, struct id user, struct id patient)
{
	return care_add(ctx, user, patient, "CARE", (struct instant){ 0 });
}

enum err
demo_people(struct ctx *ctx, const struct demo_staff *staff, struct id *first)
{
	for (size_t i = 0; i < COUNT(people); i++) {
		struct id id = demo_person_id(i);
		TRY(add_person(ctx, &people[i], id));
		if (people[i].carer == OTHER) {
			TRY(care(ctx, staff->doctor2, id));
			continue;
		}
		TRY(care(ctx, staff->doctor, id));
		TRY(care(ctx, staff->nurse, id));
	}
	*first = demo_person_id(0);
	return OK;
}

/* ---- charts */

/* Nine in the morning in Brasília, and a little later for each further one of the day. */
static struct instant
morning(struct date day, size_t n)
{
	return (struct instant){ date_days(day) * 86400000 + 12 * 3600000 + (int64_t)(n % 60) * 420000 };
}

static enum err
add_chart(struct ctx *ctx, const struct chart *c, size_t n, struct id patient, struct id author)
{
	struct record_body body = { .patient_id = patient,
		.title = str_of(c->title),
		.diagnosis = str_of(c->diagnosis),
		.treatment = absent_if_empty(c->treatment),
		.notes = absent_if_empty(c->notes),
		.priority = str_of(c->priority) };
	struct instant at = morning(c->day, n);
	struct id id;

	return record_add_imported(ctx,
	        &(struct record_import){
	                .id = demo_id(at, "chart", n), .body = &body, .doctor = author, .at = at },
	        &id);
}

enum err
demo_charts(struct ctx *ctx, const struct demo_staff *staff)
{
	const struct id authors[] = {
		[DOCTOR] = staff->doctor, [NURSE] = staff->nurse, [DOCTOR2] = staff->doctor2
	};

	for (size_t i = 0; i < COUNT(charts); i++)
		TRY(add_chart(
		        ctx, &charts[i], i, demo_person_id(charts[i].person), authors[charts[i].author]));
	return OK;
}

enum err
demo_neighbours(struct ctx *ctx, struct id doctor)
{
	static const struct chart seen[] = {
		{ 0, DOCTOR, { 2024, 3, 5 }, "NORMAL", "Consulta", "Rinite alérgica",
		        "Budesonida nasal 32 mcg, um jato por dia",
		        "Espirros pela manhã. Prick test positivo para ácaros." },
		{ 1, DOCTOR, { 2024, 4, 16 }, "HIGH", "Retorno", "Fibrilação atrial",
		        "Apixabana 5 mg duas vezes ao dia", "FC 82. CHA2DS2-VASc 3." },
	};

	for (size_t i = 0; i < COUNT(neighbours); i++) {
		struct id id = demo_id((struct instant){ EPOCH.ms + (int64_t)i * 60000 }, "neighbour", i);
		TRY(add_person(ctx, &neighbours[i], id));
		TRY(care(ctx, doctor, id));
		TRY(add_chart(ctx, &seen[i], 1000 + i, id, doctor));
	}
	return OK;
}
