/* demo.c - the demo's institutions, accounts, people and imported lives.  Everybody in
 * it is invented; ids, people and charts are the same in every demo, keys are not. */
#include "features/demo/demo.h"
#include "features/demo/lives.h"
#include "features/demo/people.h"
#include "features/fhir/fhir.h"
#include "features/tenants/tenants.h"
#include "features/users/users.h"
#include "base/gunzip.h"
#include "demo_sql.h"
#include "sys/crypto.h"

/* 2024-01-01: the day the demo's institutions and accounts came to be. */
static const struct instant FOUNDED = { 1704067200000 };

const struct demo_account demo_accounts[] = {
	{ "root@demo.test", "SUPERADMIN", "Raiz da Plataforma" },
	{ "admin@demo.test", "ADMIN", "Ana Administração" },
	{ "doctor@demo.test", "DOCTOR", "Dra. Beatriz Nogueira" },
	{ "doctor2@demo.test", "DOCTOR", "Dr. Caio Barreto" },
	{ "nurse@demo.test", "NURSE", "Enf. Davi Moura" },
	{ "patient@demo.test", "PATIENT", "Maria das Dores Lima" },
	{ "auditor@demo.test", "AUDITOR", "Eva Tavares" },
	{ "dpo@demo.test", "DPO", "Fábio Encarregado" },
	{ "reception@demo.test", "RECEPTIONIST", "Gilda Recepção" },
	{ NULL, NULL, NULL },
};
const struct demo_account demo_other_accounts[] = {
	{ "admin@demo2.test", "ADMIN", "Helena Administração" },
	{ "doctor@demo2.test", "DOCTOR", "Dr. Igor Prado" },
	{ NULL, NULL, NULL },
};

/* The accounts of staff, or, with a patient, the accounts of patients. */
static enum err
add_accounts(struct ctx *ctx, const struct demo_account *a, struct id patient)
{
	struct id id;

	for (; a->email != NULL; a++)
		if (id_is_set(patient) == (strcmp(a->role, "PATIENT") == 0))
			TRY(user_add(ctx,
			        &(struct user_new){ .id = demo_id(FOUNDED, a->email, 0),
			                .email = str_of(a->email),
			                .name = str_of(a->name),
			                .role = role_parse(str_of(a->role)),
			                .password = STR(DEMO_PASSWORD),
			                .patient_id = patient },
			        &id));
	return OK;
}

static enum err
user_id(struct ctx *ctx, const char *email, struct id *out)
{
	struct user_secret *found;

	TRY(user_by_email(ctx, str_of(email), &found));
	*out = found->id;
	return OK;
}

/* Files compiled in, read and stored as `plantao import fhir` does; one arena for all. */
static enum err
add_life(struct ctx *ctx, const struct fhir_import *how, const struct incbin *file, struct fhir_tally *tally)
{
	struct fhir_set *set = fhir_set_new(tally);
	struct list charts = { 0 };
	struct buf text;
	char why[200] = "no memory";

	buf_init(&text, JSON_TREE_BYTES_MAX);
	enum err e = set ? gunzip((struct str){ (const char *)file->bytes,
	                                  (size_t)(file->end - file->bytes) },
	                           &text)
	                 : ERR_BUSY;
	if (e == OK)
		e = fhir_set_add(set, buf_view(&text), why);
	if (e == OK)
		e = fhir_charts(set, ctx->arena, instant_date(ctx->now), &charts);
	const struct fhir_chart *all = charts.items;
	for (size_t i = 0; i < charts.count && e == OK; i++)
		e = fhir_import_chart(ctx, how, &all[i], tally);
	buf_free(&text);
	fhir_set_free(set);
	return e == OK ? OK : fail(ctx, e, "%s: %s", file->name, ctx->why[0] ? ctx->why : why);
}

static struct id
life_id(struct instant at, struct str key)
{
	static const struct instant ARRIVED = { 1704110400000 }; /* after the people of people.def */

	return id_fixed(at.ms ? at : ARRIVED, key);
}

static enum err
add_lives(struct ctx *ctx, const struct demo_staff *staff)
{
	const struct id carers[] = { staff->doctor, staff->nurse };
	struct fhir_import how = { .author = staff->doctor,
		.carers = carers,
		.carer_count = COUNT(carers),
		.id_of = life_id,
		.route = "plantao serve --demo" };
	struct fhir_tally *tally = NEW_ARRAY(ctx, struct fhir_tally, 1);
	struct id actor = ctx->actor;
	enum err e = tally ? OK : ERR_BUSY;

	ctx->actor = staff->doctor;
	for (const struct incbin *file = demo_lives; file->name && e == OK; file++)
		e = add_life(ctx, &how, file, tally);
	ctx->actor = actor;
	return e;
}

/* ---- the two institutions */

static enum err
add_tenant(struct ctx *ctx, const char *slug, const char *name)
{
	TRY(tenant_add(ctx,
	        &(struct tenant_new){ .id = demo_id(FOUNDED, slug, 0),
	                .slug = str_of(slug),
	                .name = str_of(name),
	                .demo = true },
	        &ctx->tenant));
	return OK;
}

static enum err
create_other(struct ctx *ctx)
{
	struct id doctor;

	TRY(add_tenant(ctx, "demo2", "Clínica Vizinha (demonstração)"));
	TRY(add_accounts(ctx, demo_other_accounts, (struct id){ { 0 } }));
	TRY(user_id(ctx, "admin@demo2.test", &ctx->actor));
	TRY(user_id(ctx, "doctor@demo2.test", &doctor));
	return demo_neighbours(ctx, doctor);
}

enum err
demo_create(struct ctx *ctx)
{
	struct demo_staff staff;
	struct id first;

	TRY(tenant_platform(ctx));
	TRY(create_other(ctx));
	TRY(add_tenant(ctx, "demo", "Clínica Aurora (demonstração)"));
	TRY(add_accounts(ctx, demo_accounts, (struct id){ { 0 } }));
	TRY(user_id(ctx, "admin@demo.test", &staff.admin));
	TRY(user_id(ctx, "doctor@demo.test", &staff.doctor));
	TRY(user_id(ctx, "doctor2@demo.test", &staff.doctor2));
	TRY(user_id(ctx, "nurse@demo.test", &staff.nurse));
	ctx->actor = staff.admin;
	TRY(demo_people(ctx, &staff, &first));
	TRY(add_accounts(ctx, demo_accounts, first));
	TRY(demo_charts(ctx, &staff));
	TRY(demo_cases(ctx, &staff));
	return add_lives(ctx, &staff);
}

/* ---- what is there */

static const struct field figures_fields[] = {
	FIELD(demo_figures, typed, .sens = SENS_PLAIN),
	FIELD(demo_figures, imported, .sens = SENS_PLAIN),
	FIELD(demo_figures, records, .sens = SENS_PLAIN),
	FIELD(demo_figures, cases, .sens = SENS_PLAIN),
};
const struct type demo_figures_type = TYPE(demo_figures, figures_fields);

enum err
demo_count(struct ctx *ctx, struct demo_figures *out)
{
	return sql_demo_count(ctx, out);
}
