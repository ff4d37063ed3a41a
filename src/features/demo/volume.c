/* volume.c - many invented patients and records.  Words are drawn from small lists
 * with a generator of our own, so that every run writes the same texts. */
#include "features/demo/volume.h"
#include "features/demo/demo.h"
#include "features/patients/patients.h"
#include "features/records/records.h"
#include "features/users/users.h"
#include "demo_sql.h"
#include "http/audit_write.h"
#include "store/db.h"
#include "sys/crypto.h"

static const char *const first[] = { "Ana", "Antônio", "Beatriz", "Bruno", "Carla", "Cícero", "Conceição",
	"Davi", "Elza", "Francisco", "Gabriela", "Geraldo", "Helena", "Ivo", "Joana", "João", "José", "Júlia",
	"Luís", "Luzia", "Marcos", "Maria", "Nelson", "Paula", "Pedro", "Raimunda", "Rita", "Sebastião",
	"Tereza", "Vicente" };
static const char *const last[] = { "Almeida", "Araújo", "Barbosa", "Cardoso", "Carvalho", "Costa",
	"Ferreira", "Gomes", "Lima", "Martins", "Melo", "Moura", "Nascimento", "Oliveira", "Pereira",
	"Ribeiro", "Rocha", "Santos", "Silva", "Souza", "Teixeira", "Vieira" };
static const char *const problems[] = { "Hipertensão arterial sistêmica", "Diabetes mellitus tipo 2",
	"Hanseníase dimorfa", "Hanseníase tuberculoide", "Asma persistente leve", "Lombalgia crônica",
	"Infecção urinária", "Anemia ferropriva", "Gastrite crônica", "Dermatite de contato",
	"Enxaqueca sem aura", "Hipotireoidismo", "Rinite alérgica", "Pneumonia comunitária",
	"Transtorno de ansiedade" };
static const char *const treatments[] = { "Losartana 50 mg uma vez ao dia",
	"Metformina 850 mg duas vezes ao dia", "PQT-U adulto supervisionada", "Beclometasona inalatória",
	"Orientação postural e fisioterapia", "Nitrofurantoína por sete dias",
	"Sulfato ferroso por noventa dias", "Omeprazol em jejum" };
static const char *const findings[] = { "pressão 140 por 90", "sem febre", "ausculta limpa", "edema discreto",
	"mancha hipocrômica no braço", "sensibilidade preservada", "nervo ulnar espessado", "peso estável",
	"dor à palpação", "boa adesão", "retorno em trinta dias", "exames solicitados", "contatos examinados",
	"sem reações", "força muscular normal" };

static const int64_t YEARS_MS = 3LL * 365 * 86400000;

static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

#define PICK(list, seed) ((list)[mix(seed) % COUNT(list)])

static struct str
cpf_of(struct ctx *ctx, unsigned n)
{
	char *d = arena_fixed(ctx->arena, 12);
	int sum, base = 9;

	for (int i = 8; i >= 0; i--, n /= 10)
		d[i] = (char)('0' + n % 10);
	for (; base < 11; base++) {
		sum = 0;
		for (int i = 0; i < base; i++)
			sum += (d[i] - '0') * (base + 1 - i);
		d[base] = (char)(sum % 11 < 2 ? '0' : '0' + 11 - sum % 11);
	}
	d[11] = 0;
	return (struct str){ d, 11 };
}

enum err
volume_doctors(struct ctx *ctx, struct volume *v)
{
	for (unsigned i = 0; i < v->doctors; i++)
		TRY(user_add(ctx,
		        &(struct user_new){
		                .email = str_of(arena_printf(ctx->arena, "doctor-%u@volume.test", i)),
		                .name = str_of(arena_printf(
		                        ctx->arena, "Dra. %s %s", PICK(first, i), PICK(last, i + 7))),
		                .password = STR(DEMO_PASSWORD),
		                .role = ROLE_DOCTOR },
		        &v->doctor_ids[i]));
	return OK;
}

static enum err
add_patient(struct ctx *ctx, struct volume *v, unsigned i)
{
	uint64_t seed = 1000003ULL * (i + 1);
	struct patient_body body = { .name = str_of(arena_printf(ctx->arena, "%s %s %s", PICK(first, seed),
		                             PICK(last, seed + 1), PICK(last, seed + 2))),
		.birth_date = { (int16_t)(1935 + mix(seed + 3) % 85), (uint8_t)(1 + mix(seed + 4) % 12),
		        (uint8_t)(1 + mix(seed + 5) % 28) },
		.sex = mix(seed + 6) % 2 ? STR("F") : STR("M"),
		.cpf = cpf_of(ctx, 700000000u + i),
		.phone = str_of(
		        arena_printf(ctx->arena, "(81) 9%08u", (unsigned)(mix(seed + 7) % 100000000))) };
	struct patient *p;

	TRY(patient_add(ctx, &(struct patient_new){ .body = &body }, &p));
	v->patient_ids[i] = p->id;
	return care_add(ctx, v->doctor_ids[i % v->doctors], p->id, "CARE", (struct instant){ 0 });
}

static enum err
add_record(struct ctx *ctx, struct volume *v, unsigned i)
{
	uint64_t seed = 7919ULL * (i + 1);
	unsigned patient = i % v->patients;
	struct record_body body = { .patient_id = v->patient_ids[patient],
		.title = str_of(arena_printf(ctx->arena, "Consulta %u", i)),
		.diagnosis = str_of(arena_printf(ctx->arena, "%s; caso %u", PICK(problems, seed), i)),
		.treatment = str_of(PICK(treatments, seed + 1)),
		.notes = str_of(arena_printf(ctx->arena, "%s, %s, %s, %s", PICK(findings, seed + 2),
		        PICK(findings, seed + 3), PICK(findings, seed + 4), PICK(findings, seed + 5))) };
	struct instant at = { ctx->now.ms - YEARS_MS + YEARS_MS / v->records * i };

	return record_add_imported(ctx,
	        &(struct record_import){
	                .body = &body, .doctor = v->doctor_ids[patient % v->doctors], .at = at },
	        &v->record_ids[i]);
}

/* ---- many side by side: none asks for another, and on PostgreSQL a question of all is one round trip */

typedef enum err add_fn(struct ctx *, struct volume *, unsigned i);
struct side {
	struct ctx *ctx;
	struct volume *v;
	add_fn *add;
	unsigned from;
	enum err err;
};

static void
add_beside(void *arg, size_t i)
{
	struct side *s = arg;
	struct ctx own = *s->ctx;
	enum err err = s->add(&own, s->v, s->from + (unsigned)i);

	if (err == OK || s->err != OK)
		return;
	s->err = err;
	memcpy(s->ctx->why, own.why, sizeof own.why);
	s->ctx->invalid = own.invalid;
}

/* At most n of those from *done to all; how many it was is taken from n. */
static enum err
add_some(struct ctx *ctx, struct volume *v, add_fn *add, unsigned *done, unsigned all, unsigned *n)
{
	while (*n > 0 && *done < all) {
		unsigned beside = all - *done < *n ? all - *done : *n;
		struct side s = { ctx, v, add, *done, OK };

		if (beside > DB_ABREAST_MAX)
			beside = DB_ABREAST_MAX;
		db_abreast(ctx, beside, add_beside, &s);
		TRY(s.err);
		*done += beside;
		*n -= beside;
	}
	return OK;
}

enum err
volume_step(struct ctx *ctx, struct volume *v, unsigned n)
{
	TRY(add_some(ctx, v, add_patient, &v->patients_done, v->patients, &n));
	return add_some(ctx, v, add_record, &v->records_done, v->records, &n);
}

/* ---- the trail */

static const struct field record_fields[] = {
	FIELD(volume_record, id, .sens = SENS_PLAIN),
	FIELD(volume_record, patient_id, .sens = SENS_PLAIN),
};
const struct type volume_record_type = TYPE(volume_record, record_fields);

enum { ENTRY_RECORDS = 100, ENTRIES_AT_ONCE = 64 };

static enum err
add_entries(struct ctx *ctx, const struct volume_record *records, size_t count, unsigned n)
{
	struct audit_note notes[ENTRIES_AT_ONCE];

	for (unsigned i = 0; i < n; i++) {
		const struct volume_record *r = &records[mix(i) % count];
		char request[ID_TEXT + 1];

		id_print(id_new(ctx->now), request);
		notes[i] = (struct audit_note){ .event = AUDIT_RECORD_READ,
			.subject = r->id,
			.patient = r->patient_id,
			.status = 200,
			.route = "GET /api/medical-records/{id}",
			.request_id = arena_printf(ctx->arena, "%s", request),
			.address = STR("127.0.0.1") };
	}
	return audit_notes_add(ctx, notes, n);
}

enum err
volume_entries(struct ctx *ctx, unsigned n)
{
	struct list records = { 0 };

	TRY(sql_volume_newest(ctx, &(struct volume_newest_in){ .row_limit = ENTRY_RECORDS }, &records));
	if (records.count == 0)
		return fail(ctx, ERR_NOT_FOUND, "no records to read");
	for (unsigned some; n > 0; n -= some) {
		some = n < ENTRIES_AT_ONCE ? n : ENTRIES_AT_ONCE;
		TRY(add_entries(ctx, records.items, records.count, some));
	}
	return OK;
}
