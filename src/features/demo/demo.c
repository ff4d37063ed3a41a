/* demo.c - the demo's institutions, accounts and first patients.  Everybody in it
 * is invented; the CPFs have right check digits and belong to nobody we know of. */
#include "features/demo/demo.h"
#include "features/patients/patients.h"
#include "features/records/records.h"
#include "features/tenants/tenants.h"
#include "features/users/users.h"

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
static const struct demo_account other_accounts[] = {
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
			        &(struct user_new){ .email = str_of(a->email),
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

static enum err
first_patient(struct ctx *ctx, struct id *out)
{
	struct patient *p;

	TRY(patient_add(ctx,
	        &(struct patient_new){ .body = &(struct patient_body){ .name = STR("Maria das Dores Lima"),
	                                       .birth_date = { 1979, 4, 17 },
	                                       .sex = STR("F"),
	                                       .cpf = STR("31827594004"),
	                                       .mother_name = STR("Josefa Lima"),
	                                       .phone = STR("(81) 98888-0101") } },
	        &p));
	*out = p->id;
	return OK;
}

static enum err
first_record(struct ctx *ctx, struct id patient, struct id doctor)
{
	struct id id;

	return record_add_imported(ctx,
	        &(struct record_import){ .doctor = doctor,
	                .body = &(struct record_body){ .patient_id = patient,
	                        .title = STR("Consulta inicial"),
	                        .diagnosis = STR("Hanseníase dimorfa (A30.3), multibacilar"),
	                        .treatment = STR("PQT-U adulto, 12 doses supervisionadas"),
	                        .notes = STR("Manchas com alteração de sensibilidade em antebraço direito. "
	                                     "Contatos a examinar.") } },
	        &id);
}

enum err
demo_create(struct ctx *ctx)
{
	struct id patient, doctor, nurse;

	TRY(tenant_platform(ctx));
	TRY(tenant_add(ctx,
	        &(struct tenant_new){
	                .slug = STR("demo2"), .name = STR("Clínica Vizinha (demonstração)"), .demo = true },
	        &ctx->tenant));
	TRY(add_accounts(ctx, other_accounts, (struct id){ { 0 } }));
	TRY(tenant_add(ctx,
	        &(struct tenant_new){
	                .slug = STR("demo"), .name = STR("Clínica Aurora (demonstração)"), .demo = true },
	        &ctx->tenant));
	TRY(add_accounts(ctx, demo_accounts, (struct id){ { 0 } }));
	TRY(user_id(ctx, "admin@demo.test", &ctx->actor));
	TRY(first_patient(ctx, &patient));
	TRY(add_accounts(ctx, demo_accounts, patient));
	TRY(user_id(ctx, "doctor@demo.test", &doctor));
	TRY(user_id(ctx, "nurse@demo.test", &nurse));
	TRY(care_add(ctx, doctor, patient, "CARE", (struct instant){ 0 }));
	TRY(care_add(ctx, nurse, patient, "CARE", (struct instant){ 0 }));
	return first_record(ctx, patient, doctor);
}
