/* import.c - a chart into the store.  Everything that is created leaves a reference
 * (a keyed token of its outside name), so a second run and a run after a crash find
 * what is there; each chart is one transaction.  Every creation and correction makes
 * an audit entry of its own. */
#include "features/fhir/fhir.h"
#include "features/fhir/import_rows.h"
#include "features/patients/patients.h"
#include "features/records/records.h"
#include "fhir_sql.h"
#include "http/audit_write.h"
#include "store/seal.h"

static const struct field external_target_fields[] = { FIELD(
	external_target, target_id, .sens = SENS_PLAIN) };
const struct type external_target_type = TYPE(external_target, external_target_fields);

#define SYSTEM STR("fhir")

struct importing {
	struct ctx *ctx;
	const struct fhir_import *how;
	const struct fhir_chart *chart;
	struct fhir_tally *tally;
	struct id patient;
	bool new_patient; /* nothing of him can be known */
};

/* ---- references */

static enum err
ref_token(struct importing *im, struct str key, struct blob *out)
{
	return token_exact(im->ctx, "external_ref", key, out);
}

/* ERR_NOT_FOUND: it never came. */
static enum err
ref_find(struct importing *im, const char *kind, struct str key, struct id *out)
{
	struct external_get_in in = { .system = SYSTEM, .kind = str_of(kind) };
	struct external_target row;

	TRY(ref_token(im, key, &in.ref_token));
	TRY(sql_external_get(im->ctx, &in, &row));
	*out = row.target_id;
	return OK;
}

static enum err
ref_keep(struct importing *im, const char *kind, struct str key, struct id target)
{
	struct external_add_in in = { .system = SYSTEM, .kind = str_of(kind), .target_id = target };

	TRY(ref_token(im, key, &in.ref_token));
	return sql_external_add(im->ctx, &in);
}

static enum err
audit(struct importing *im, enum audit event, struct id subject, const struct type *t, const void *before,
        const void *after)
{
	return audit_note_add(im->ctx, &(struct audit_note){ .event = event,
	                                       .subject = subject,
	                                       .patient = im->patient,
	                                       .status = 200,
	                                       .route = im->how->route,
	                                       .request_id = "",
	                                       .address = STR("local"),
	                                       .change_type = t,
	                                       .before = before,
	                                       .after = after });
}

/* ---- the patient */

static struct str
identifiers_json(struct ctx *ctx, struct list identifiers)
{
	const struct fhir_identifier *one = identifiers.items;
	struct buf b;

	if (identifiers.count == 0)
		return (struct str){ 0 };
	buf_init(&b, 4 << 20);
	for (size_t i = 0; i < identifiers.count; i++) {
		buf_text(&b, i ? ",{\"system\":" : "[{\"system\":");
		json_write_text(&b, one[i].system);
		buf_text(&b, ",\"value\":");
		json_write_text(&b, one[i].value);
		buf_text(&b, ",\"verified\":false}");
	}
	buf_byte(&b, ']');
	struct str text = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	return text;
}

static enum err
create_patient(struct importing *im)
{
	const struct fhir_patient *p = &im->chart->patient;
	struct patient_body body = { .name = p->name,
		.birth_date = p->birth_date,
		.sex = p->sex,
		.cpf = p->cpf,
		.cns = p->cns,
		.mother_name = p->mother_name,
		.phone = p->phone,
		.email = p->email,
		.address = p->address };
	struct patient_new new = { .body = &body,
		.identifiers = identifiers_json(im->ctx, p->identifiers),
		.source = SYSTEM,
		.imported = true };
	struct patient *made;

	if (p->identifiers.count && !new.identifiers.p)
		return fail(im->ctx, ERR_TOO_LARGE, "%zu identifiers", p->identifiers.count);
	if (im->how->id_of)
		new.id = im->how->id_of((struct instant){ 0 }, p->key);
	TRY(patient_add(im->ctx, &new, &made));
	im->patient = made->id;
	im->new_patient = true;
	TRY(ref_keep(im, "patient", p->key, made->id));
	fhir_tally_row(im->tally, STR("Patient"))->created++;
	return audit(im, AUDIT_IMPORTED, made->id, &patient_type, NULL, made);
}

/* The one who has this CPF or CNS; ERR_NOT_FOUND: nobody, ERR_DUPLICATE: two different ones. */
static enum err
find_by_number(struct importing *im, struct id *out)
{
	const struct fhir_patient *p = &im->chart->patient;
	struct id by_cpf = { { 0 } }, by_cns = { { 0 } };
	enum err e = p->cpf.p ? patient_by_cpf(im->ctx, p->cpf, &by_cpf) : ERR_NOT_FOUND;

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	e = p->cns.p ? patient_by_cns(im->ctx, p->cns, &by_cns) : ERR_NOT_FOUND;
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (id_is_set(by_cpf) && id_is_set(by_cns) && !id_eq(by_cpf, by_cns))
		return ERR_DUPLICATE;
	*out = id_is_set(by_cpf) ? by_cpf : by_cns;
	return id_is_set(*out) ? OK : ERR_NOT_FOUND;
}

/* Numbers are mistyped: the same CPF with another birth date is another person. */
static bool
same_person(const struct fhir_patient *p, const struct patient *stored)
{
	return !date_is_set(p->birth_date) || !date_is_set(stored->birth_date) ||
	       date_cmp(p->birth_date, stored->birth_date) == 0;
}

/* *why: FHIR_REASON_UNSET, or why nothing of the chart may be stored. */
static enum err
settle_found(struct importing *im, bool by_number, enum fhir_reason *why)
{
	const struct fhir_patient *p = &im->chart->patient;
	struct patient *stored;
	enum err e = patient_get(im->ctx, im->patient, true, &stored);

	if (e == ERR_NOT_FOUND || (e == OK && stored->deleted_at.ms != 0)) {
		*why = FHIR_R_PATIENT_REMOVED;
		return OK;
	}
	TRY(e);
	if (by_number && !same_person(p, stored)) {
		*why = FHIR_R_IDENTITY;
		return OK;
	}
	if (by_number && p->came) {
		fhir_tally_warn(im->tally, FHIR_W_MATCHED);
		TRY(ref_keep(im, "patient", p->key, im->patient));
	}
	if (p->came)
		fhir_tally_reason(im->tally, STR("Patient"), (struct str){ 0 }, FHIR_R_ALREADY);
	return OK;
}

static enum err
settle_patient(struct importing *im, enum fhir_reason *why)
{
	const struct fhir_patient *p = &im->chart->patient;
	bool by_number = false;
	enum err e = ref_find(im, "patient", p->key, &im->patient);

	if (e == ERR_NOT_FOUND) {
		by_number = true;
		e = find_by_number(im, &im->patient);
	}
	if (e == OK)
		return settle_found(im, by_number, why);
	if (e == ERR_NOT_FOUND && p->came)
		return create_patient(im);
	if (e != ERR_NOT_FOUND && e != ERR_DUPLICATE)
		return e;
	*why = e == ERR_DUPLICATE ? FHIR_R_IDENTITY : FHIR_R_PATIENT_UNKNOWN;
	return OK;
}

/* Opening a chart to somebody is an act of its own in the trail. */
static enum err
care_for(struct importing *im, struct id carer)
{
	struct ctx *ctx = im->ctx;
	enum reach reach = ctx->reach;
	struct id actor = ctx->actor;

	ctx->reach = REACH_CARE;
	ctx->actor = carer;
	enum err e = patient_reach(ctx, im->patient);
	ctx->reach = reach;
	ctx->actor = actor;
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(care_add(ctx, carer, im->patient, "CARE", (struct instant){ 0 }));
	return audit(im, AUDIT_CARE_CHANGED, carer, NULL, NULL, NULL);
}

static enum err
settle_care(struct importing *im)
{
	for (size_t i = 0; i < im->how->carer_count; i++)
		TRY(care_for(im, im->how->carers[i]));
	return OK;
}

/* ---- records */

static void
count_item(struct importing *im, const struct fhir_item *item, bool more)
{
	if (!item->kind.p)
		return;
	if (item->known)
		fhir_tally_reason(im->tally, item->kind, item->id, FHIR_R_ALREADY);
	else if (item->left_out)
		fhir_tally_reason(im->tally, item->kind, item->id, FHIR_R_NO_ROOM);
	else if (more)
		fhir_tally_row(im->tally, item->kind)->updated++;
	else
		fhir_tally_row(im->tally, item->kind)->created++;
}

/* References of all new items at once. */
static enum err
keep_items(struct importing *im, const struct fhir_record *r, struct id record, bool more)
{
	struct external_add_part_in *rows = NEW_ARRAY(
	        im->ctx, struct external_add_part_in, r->items.count + 1);
	const struct fhir_item *items = r->items.items;
	size_t n = 0;

	if (!rows)
		return fail(im->ctx, ERR_TOO_LARGE, "%zu resources", r->items.count);
	for (size_t i = 0; i < r->items.count; i++) {
		count_item(im, &items[i], more);
		if (items[i].known || items[i].left_out)
			continue;
		rows[n] = (struct external_add_part_in){
			.system = SYSTEM, .kind = STR("resource"), .target_id = record
		};
		TRY(ref_token(im, items[i].key, &rows[n].ref_token));
		n++;
	}
	return n ? sql_external_add_part_many(im->ctx, rows, n) : OK;
}

static enum err
create_record(struct importing *im, const struct fhir_record *r, struct str key)
{
	static const struct fhir_limits limits = { RECORD_DIAGNOSIS_MAX, RECORD_TEXT_MAX, RECORD_TEXT_MAX };
	struct fhir_texts t;
	struct record *made;
	struct id id;

	TRY(fhir_record_texts(im->ctx->arena, r, &limits, false, &t));
	struct record_body body = { .patient_id = im->patient,
		.title = t.title,
		.diagnosis = t.diagnosis,
		.treatment = t.treatment,
		.notes = t.notes };
	struct record_import new = {
		.body = &body, .doctor = im->how->author, .at = r->at, .source = SYSTEM
	};
	if (im->how->id_of)
		new.id = im->how->id_of(r->at, key);
	TRY(record_add_imported(im->ctx, &new, &id));
	TRY(ref_keep(im, "record", key, id));
	TRY(keep_items(im, r, id, false));
	im->tally->records_created++;
	if (r->encounter)
		fhir_tally_row(im->tally, STR("Encounter"))->created++;
	TRY(record_get(im->ctx, id, false, &made));
	return audit(im, AUDIT_IMPORTED, id, &record_type, NULL, made);
}

static bool
anything_fits(const struct fhir_record *r)
{
	const struct fhir_item *items = r->items.items;

	for (size_t i = 0; i < r->items.count; i++)
		if (!items[i].known && !items[i].left_out)
			return true;
	return false;
}

static size_t
room(size_t limit, struct str text)
{
	size_t used = utf8_length(text) + 2;

	return used < limit ? limit - used : 0;
}

static enum err
add_to_record(struct importing *im, const struct fhir_record *r, const struct record *before)
{
	struct fhir_limits limits = { room(RECORD_DIAGNOSIS_MAX, before->diagnosis),
		room(RECORD_TEXT_MAX, before->treatment), room(RECORD_TEXT_MAX, before->notes) };
	struct record *after;
	struct fhir_texts t;

	TRY(fhir_record_texts(im->ctx->arena, r, &limits, true, &t));
	if (!anything_fits(r))
		return keep_items(im, r, before->id, true);
	struct record_body more = { .diagnosis = t.diagnosis, .treatment = t.treatment, .notes = t.notes };
	TRY(record_add_more(im->ctx, before, &more, &after));
	TRY(keep_items(im, r, before->id, true));
	im->tally->records_updated++;
	return audit(im, AUDIT_IMPORTED, before->id, &record_type, before, after);
}

static void
count_record_out(struct importing *im, const struct fhir_record *r, enum fhir_reason why)
{
	const struct fhir_item *items = r->items.items;

	if (r->encounter)
		fhir_tally_reason(im->tally, STR("Encounter"), r->id, why);
	for (size_t i = 0; i < r->items.count; i++)
		if (items[i].kind.p)
			fhir_tally_reason(im->tally, items[i].kind, items[i].id, why);
}

/* Marks what stands in the store already; *unknown: how many do not. */
static enum err
mark_known(struct importing *im, const struct fhir_record *r, size_t *unknown)
{
	struct fhir_item *items = r->items.items;
	struct id target;

	*unknown = 0;
	for (size_t i = 0; i < r->items.count; i++) {
		enum err e = im->new_patient ? ERR_NOT_FOUND
		                             : ref_find(im, "resource", items[i].key, &target);
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		items[i].known = e == OK;
		items[i].left_out = false;
		*unknown += e != OK;
	}
	return OK;
}

static enum err
update_record(struct importing *im, const struct fhir_record *r, struct id id, size_t unknown)
{
	struct record *before;

	if (unknown == 0) {
		count_record_out(im, r, FHIR_R_ALREADY);
		return OK;
	}
	enum err e = record_get(im->ctx, id, false, &before);
	if (e == ERR_NOT_FOUND) {
		count_record_out(im, r, FHIR_R_RECORD_REMOVED);
		return OK;
	}
	TRY(e);
	if (r->encounter)
		fhir_tally_reason(im->tally, STR("Encounter"), r->id, FHIR_R_ALREADY);
	return add_to_record(im, r, before);
}

static enum err
import_record(struct importing *im, const struct fhir_record *r, struct str key)
{
	struct id id;
	size_t unknown;
	enum err e = im->new_patient ? ERR_NOT_FOUND : ref_find(im, "record", key, &id);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(mark_known(im, r, &unknown));
	if (e == OK)
		return update_record(im, r, id, unknown);
	if (!r->encounter && unknown == 0) {
		count_record_out(im, r, FHIR_R_ALREADY);
		return OK;
	}
	return create_record(im, r, key);
}

/* ---- what names no encounter, or one that nobody knows */

static bool
nameless(const struct fhir_record *r)
{
	return str_is(r->key, "-");
}

static enum err
is_orphan(struct importing *im, const struct fhir_record *r, bool *orphan)
{
	struct id id;
	enum err e = OK;

	*orphan = nameless(r);
	if (r->encounter || *orphan)
		return OK;
	e = im->new_patient ? ERR_NOT_FOUND : ref_find(im, "record", r->key, &id);
	*orphan = e == ERR_NOT_FOUND;
	return e == ERR_NOT_FOUND ? OK : e;
}

static void
append(struct list *items, const struct fhir_record *r)
{
	memcpy((struct fhir_item *)items->items + items->count, r->items.items,
	        r->items.count * sizeof(struct fhir_item));
	items->count += r->items.count;
}

/* All of them in one record of the patient's own. */
static enum err
import_orphans(struct importing *im, struct fhir_record *const *orphans, size_t count)
{
	struct fhir_record all = *orphans[0];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += orphans[i]->items.count;
	all.items = (struct list){ NEW_ARRAY(im->ctx, struct fhir_item, n + 1), 0 };
	if (!all.items.items)
		return fail(im->ctx, ERR_TOO_LARGE, "%zu resources", n);
	for (size_t i = 0; i < count; i++) {
		append(&all.items, orphans[i]);
		for (size_t k = 0; k < orphans[i]->items.count && !nameless(orphans[i]); k++)
			fhir_tally_warn(im->tally, FHIR_W_NO_ENCOUNTER);
		if (orphans[i]->at.ms > all.at.ms)
			all.at = orphans[i]->at;
	}
	const char *key = arena_printf(im->ctx->arena, "%.*s|-", STR_FMT(im->chart->patient.key));
	return import_record(im, &all, str_of(key));
}

static enum err
import_records(struct importing *im)
{
	struct fhir_record *records = im->chart->records.items;
	struct fhir_record **orphans = NEW_ARRAY(im->ctx, struct fhir_record *, im->chart->records.count + 1);
	size_t count = 0;
	bool orphan;

	if (!orphans)
		return fail(im->ctx, ERR_TOO_LARGE, "%zu records", im->chart->records.count);
	for (size_t i = 0; i < im->chart->records.count; i++) {
		TRY(is_orphan(im, &records[i], &orphan));
		if (orphan)
			orphans[count++] = &records[i];
		else
			TRY(import_record(im, &records[i], records[i].key));
	}
	return count ? import_orphans(im, orphans, count) : OK;
}

void
fhir_chart_refused(const struct fhir_chart *chart, enum fhir_reason why, struct fhir_tally *tally)
{
	struct importing im = { .chart = chart, .tally = tally };
	const struct fhir_record *records = chart->records.items;

	if (chart->patient.came)
		fhir_tally_reason(tally, STR("Patient"), (struct str){ 0 }, why);
	for (size_t i = 0; i < chart->records.count; i++)
		count_record_out(&im, &records[i], why);
}

enum err
fhir_import_chart(struct ctx *ctx, const struct fhir_import *how, const struct fhir_chart *chart,
        struct fhir_tally *tally)
{
	struct importing im = { .ctx = ctx, .how = how, .chart = chart, .tally = tally };
	enum fhir_reason why = FHIR_REASON_UNSET;

	TRY(settle_patient(&im, &why));
	if (why != FHIR_REASON_UNSET) {
		fhir_chart_refused(chart, why, tally);
		return OK;
	}
	TRY(settle_care(&im));
	return import_records(&im);
}
