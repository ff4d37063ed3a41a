/* contacts.c - who lived with the patient, and their examination.  A contact is a
 * patient of ours or just a name; either way it is sealed with the case's patient's key. */
#include "features/hansen_cases/case.h"
#include "features/patients/patients.h"
#include "cases_sql.h"
#include "sys/crypto.h"

static enum err
unpack(struct ctx *ctx, struct hansen_contact *k)
{
	struct contact_content content;

	TRY(content_open(ctx, &contact_content_type, k->content, &content));
	k->details = content.details;
	k->examination = content.examination;
	return OK;
}

enum err
contact_get(struct ctx *ctx, struct id id, struct hansen_contact **out)
{
	struct hansen_contact *k = NEW(ctx, struct hansen_contact);

	TRY(sql_hansen_contact_get(ctx, &(struct hansen_contact_get_in){ .id = id }, k));
	TRY(unpack(ctx, k));
	*out = k;
	return OK;
}

enum err
contacts_of(struct ctx *ctx, struct id case_id, struct list *out)
{
	struct hansen_contact *k;

	TRY(sql_hansen_contact_list(ctx, &(struct hansen_contact_list_in){ .case_id = case_id }, out));
	k = out->items;
	for (size_t i = 0; i < out->count; i++)
		TRY(unpack(ctx, &k[i]));
	return OK;
}

/* A patient of ours brings his name and birth date along. */
static enum err
named(struct ctx *ctx, const struct hansen_case *c, struct contact_details *d)
{
	struct patient *p;

	if (!id_is_set(d->contact_patient_id))
		return OK;
	if (id_eq(d->contact_patient_id, c->patient_id))
		return invalid(ctx, "contactPatientId", "contradiction");
	enum err err = patient_get(ctx, d->contact_patient_id, false, &p);
	if (err == ERR_NOT_FOUND)
		return invalid(ctx, "contactPatientId", "not_found");
	TRY(err);
	d->name = p->name;
	d->birth_date = p->birth_date;
	return OK;
}

enum err
contact_add(struct ctx *ctx, const struct hansen_case *c, const struct contact_details *given, struct id id,
        struct hansen_contact **out)
{
	struct contact_details d = *given;
	struct contact_content content = { &d, NULL };
	enum case_state to;
	struct str text;

	TRY(case_may(ctx, c, ACT_CONTACT, &to));
	TRY(named(ctx, c, &d));
	if (!id_is_set(id))
		id = id_new(ctx->now);
	TRY(content_pack(ctx, &contact_content_type, &content, &text));
	TRY(sql_hansen_contact_add(ctx, &(struct hansen_contact_add_in){ .id = id,
	                                        .case_id = c->id,
	                                        .patient_id = c->patient_id,
	                                        .contact_patient_id = d.contact_patient_id,
	                                        .kind = d.kind,
	                                        .content = text }));
	return contact_get(ctx, id, out);
}

static int64_t
months_between(struct date from, struct date to)
{
	int64_t months = (to.year - from.year) * 12 + (to.month - from.month);

	return to.day < from.day ? months - 1 : months;
}

/* The BCG rule, when scars and age are known; the age also from a birth date. */
static enum err
compute_bcg(struct ctx *ctx, const struct contact_details *d, struct contact_exam *e)
{
	if (!e->age_months.set && date_is_set(d->birth_date))
		e->age_months = (struct opt_int){ months_between(d->birth_date, e->examined_on), true };
	if (!e->age_months.set || !e->bcg_scars.set)
		return OK;
	const struct hansen_input in[] = {
		{ "idade_meses", str_of(arena_printf(ctx->arena, "%lld", (long long)e->age_months.v)) },
		{ "doses_ou_cicatrizes",
		        str_of(arena_printf(ctx->arena, "%lld", (long long)e->bcg_scars.v)) },
		{ "contraindicacao", e->bcg_contraindication },
	};
	return hansen_calculate(ctx, "bcg_contato", in, COUNT(in), &e->bcg);
}

enum err
contact_examine(struct ctx *ctx, const struct hansen_contact *before, const struct contact_exam *given,
        struct hansen_contact **after)
{
	struct contact_exam e = *given;
	struct contact_content content = { before->details, &e };
	struct str text;

	e.bcg = NULL;
	TRY(day_check(ctx, "examinedOn", e.examined_on, before->details->birth_date));
	TRY(compute_bcg(ctx, before->details, &e));
	TRY(content_pack(ctx, &contact_content_type, &content, &text));
	TRY(sql_hansen_contact_examined(ctx, &(struct hansen_contact_examined_in){ .id = before->id,
	                                             .patient_id = before->patient_id,
	                                             .version = before->version,
	                                             .examined_on = e.examined_on,
	                                             .result = e.result,
	                                             .content = text }));
	return contact_get(ctx, before->id, after);
}
