/* patients_http.c - the doors to the patient register. */
#include "features/patients/patients_rows.h"
#include "features/users/users.h"
#include "patients_sql.h"
#include "base/brazil.h"
#include "http/page.h"
#include "http/route.h"
#include "store/seal.h"

struct patient_query {
	struct str q;
	bool deleted;
	struct opt_int limit;
	struct str cursor;
};
static const struct field query_fields[] = {
	FIELD(patient_query, q, .sens = SENS_IDENTITY, .max = 200,
	        .summary = "Beginnings of words of the name, or a whole CPF or CNS"),
	FIELD(patient_query, deleted, .sens = SENS_PLAIN, .summary = "Only those put aside (ADMIN)"),
	FIELD(patient_query, limit, .sens = SENS_PLAIN, .min = 1, .max = PAGE_MAX),
	FIELD(patient_query, cursor, .sens = SENS_PLAIN, .max = 64),
};
static const struct type patient_query_type = TYPE(patient_query, query_fields);

struct patient_page {
	struct list items;
	struct str next_cursor;
};
static const struct field page_fields[] = {
	FIELD(patient_page, items, .sens = SENS_PLAIN, .of = &patient_type),
	FIELD(patient_page, next_cursor, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type patient_page_type = TYPE(patient_page, page_fields);

struct remove_query {
	struct str reason;
};
static const struct field remove_fields[] = { FIELD(
	remove_query, reason, .sens = SENS_CLINICAL, .max = 500) };
static const struct type remove_query_type = TYPE(remove_query, remove_fields);

struct care_body {
	struct id user_id;
	struct instant until;
};
static const struct field care_body_fields[] = {
	FIELD(care_body, user_id, .sens = SENS_PLAIN, .required = true),
	FIELD(care_body, until, .sens = SENS_PLAIN, .summary = "Absent: without end"),
};
static const struct type care_body_type = TYPE(care_body, care_body_fields);

struct care_page {
	struct list items;
};
static const struct field care_page_fields[] = { FIELD(
	care_page, items, .sens = SENS_PLAIN, .of = &care_shown_type) };
static const struct type care_page_type = TYPE(care_page, care_page_fields);

static handler_fn get_patients, post_patient, get_patient, put_patient, delete_patient, restore_patient,
        get_care, post_care, delete_care;

static const struct route patient_routes[] = {
	{ GET, "/api/patients", get_patients, .perm = PERM_PATIENT_READ, .audit = AUDIT_PATIENT_LISTED,
	        .rate = RATE_READ, .query = &patient_query_type, .out = &patient_page_type,
	        .errors = ERRORS(ERR_CURSOR), .summary = "List or search patients, newest first",
	        .tag = "Patients" },
	{ POST, "/api/patients", post_patient, .perm = PERM_PATIENT_WRITE, .audit = AUDIT_PATIENT_CREATED,
	        .rate = RATE_WRITE, .status = 201, .in = &patient_body_type, .out = &patient_type,
	        .errors = ERRORS(ERR_DUPLICATE), .summary = "Register a patient", .tag = "Patients" },
	{ GET, "/api/patients/{id}", get_patient, .perm = PERM_PATIENT_READ, .audit = AUDIT_PATIENT_READ,
	        .rate = RATE_READ, .out = &patient_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Read one patient", .tag = "Patients" },
	{ PUT, "/api/patients/{id}", put_patient, .perm = PERM_PATIENT_WRITE, .audit = AUDIT_PATIENT_UPDATED,
	        .rate = RATE_WRITE, .in = &patient_body_type, .out = &patient_type,
	        .errors = ERRORS(
	                ERR_NOT_FOUND, ERR_STALE, ERR_DUPLICATE, ERR_PRECONDITION, ERR_VERSION_CONFLICT),
	        .summary = "Correct a patient's registration", .tag = "Patients" },
	{ DELETE, "/api/patients/{id}", delete_patient, .perm = PERM_USER_ADMIN,
	        .audit = AUDIT_PATIENT_REMOVED, .rate = RATE_WRITE, .query = &remove_query_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STALE),
	        .summary = "Put a patient aside (nothing is erased)", .tag = "Patients" },
	{ POST, "/api/patients/{id}/restore", restore_patient, .perm = PERM_USER_ADMIN,
	        .audit = AUDIT_PATIENT_RESTORED, .rate = RATE_WRITE, .out = &patient_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STALE), .summary = "Bring a patient back",
	        .tag = "Patients" },
	{ GET, "/api/patients/{id}/care", get_care, .perm = PERM_CARE_WRITE, .audit = AUDIT_CARE_READ,
	        .rate = RATE_READ, .out = &care_page_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Who cares for this patient", .tag = "Patients" },
	{ POST, "/api/patients/{id}/care", post_care, .perm = PERM_CARE_WRITE, .audit = AUDIT_CARE_CHANGED,
	        .rate = RATE_WRITE, .status = 204, .in = &care_body_type, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "Put a patient in somebody's care", .tag = "Patients" },
	{ DELETE, "/api/patients/{id}/care/{userId}", delete_care, .perm = PERM_CARE_WRITE,
	        .audit = AUDIT_CARE_CHANGED, .rate = RATE_WRITE, .errors = ERRORS(ERR_NOT_FOUND),
	        .summary = "End a care relation", .tag = "Patients" },
};
const struct routes patient_route_table = { patient_routes, COUNT(patient_routes) };

static enum err
search(struct ctx *ctx, const struct patient_query *q, struct id before, int64_t limit, struct list *out)
{
	struct patient_search_in in = { .before = before, .deleted = q->deleted, .row_limit = limit };
	struct str digits = { 0 };
	struct blob *slots[] = { &in.t1, &in.t2, &in.t3, &in.t4 };
	struct list words;
	struct patient *one;
	struct id id;
	enum err err = ERR_NOT_FOUND;

	if (check_cpf(q->q) == NULL)
		err = patient_by_cpf(ctx, digits = q->q, &id);
	else if (check_cns(q->q) == NULL)
		err = patient_by_cns(ctx, digits = q->q, &id);
	if (str_is_set(digits)) {
		if (err == OK)
			err = patient_get(ctx, id, q->deleted, &one);
		if (err == OK)
			*out = (struct list){ one, 1 };
		return err == ERR_NOT_FOUND ? OK : err;
	}
	TRY(token_query(ctx,
	        role_mask((enum role)ctx->role)->shows[SENS_IDENTITY] ? PATIENT_NAME : PATIENT_SHOWN, q->q,
	        &words));
	if (words.count == 0)
		return OK;
	for (size_t i = 0; i < words.count && i < COUNT(slots); i++)
		*slots[i] = ((struct blob *)words.items)[i];
	return sql_patient_search(ctx, &in, out);
}

static enum err
get_patients(struct req *req)
{
	const struct patient_query *q = req_query(req);
	struct ctx *ctx = req_ctx(req);
	struct patient_page *page = NEW(ctx, struct patient_page);
	int64_t limit = page_limit(q->limit);
	struct id before;

	if (q->deleted && ctx->role != ROLE_ADMIN)
		return fail(ctx, ERR_FORBIDDEN, "only ADMIN lists what was put aside");
	TRY(page_open(req, q->cursor, &before));
	if (str_is_set(q->q))
		TRY(search(ctx, q, before, limit + 1, &page->items));
	else
		TRY(sql_patient_list(ctx,
		        &(struct patient_list_in){
		                .before = before, .deleted = q->deleted, .row_limit = limit + 1 },
		        &page->items));
	TRY(page_close(req, &page->items, sizeof(struct patient), offsetof(struct patient, id), limit,
	        &page->next_cursor));
	return req_reply(req, page);
}

static enum err
post_patient(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	const struct patient_body *body = req_body(req);
	char id[ID_TEXT + 1];
	struct patient *patient;

	TRY(patient_add(ctx, &(struct patient_new){ .body = body }, &patient));
	if (ctx->reach == REACH_CARE) /* who registers a patient cares for him */
		TRY(care_add(ctx, ctx->actor, patient->id, "CARE", (struct instant){ 0 }));
	id_print(patient->id, id);
	req_location(req, arena_printf(ctx->arena, "/api/patients/%s", id));
	req_subject(req, patient->id, patient->id);
	req_change(req, &patient_type, NULL, patient);
	req_version(req, patient->version);
	return req_reply(req, patient);
}

static enum err
get_patient(struct req *req)
{
	struct patient *patient;
	struct id id = req_id(req, "id");

	TRY(patient_get(req_ctx(req), id, false, &patient));
	req_subject(req, id, id);
	req_version(req, patient->version);
	return req_reply(req, patient);
}

static struct str
kept(struct str sent, struct str held)
{
	return str_is_set(sent) ? sent : held;
}

/* Who does not see the identity cannot mean to erase it: what he left out stays,
 * and so does a name sent back as it was shown in part. */
static struct patient_body
unseen_kept(struct ctx *ctx, const struct patient_body *b, const struct patient *held)
{
	const struct field *name = type_field(&patient_type, "name");
	struct patient_body out = *b;

	if (role_mask((enum role)ctx->role)->shows[SENS_IDENTITY])
		return out;
	if (str_eq(b->name, name->partial(ctx, held->name)))
		out.name = held->name;
	if (!date_is_set(b->birth_date))
		out.birth_date = held->birth_date;
	out.sex = kept(b->sex, held->sex);
	out.cpf = kept(b->cpf, held->cpf);
	out.cns = kept(b->cns, held->cns);
	out.mother_name = kept(b->mother_name, held->mother_name);
	out.phone = kept(b->phone, held->phone);
	out.email = kept(b->email, held->email);
	out.address = kept(b->address, held->address);
	return out;
}

static enum err
put_patient(struct req *req)
{
	const struct patient_body *sent = req_body(req);
	struct id id = req_id(req, "id");
	struct patient *before, *after, *current;
	struct patient_body body;
	int64_t version;

	TRY(req_held_version(req, sent->version, &version));
	TRY(patient_get(req_ctx(req), id, false, &current));
	req_subject(req, id, id);
	if (current->version != version) {
		req_problem_int(req, "currentVersion", current->version);
		return fail(req_ctx(req), ERR_STALE, "held %lld, is %lld", (long long)version,
		        (long long)current->version);
	}
	body = unseen_kept(req_ctx(req), sent, current);
	TRY(patient_correct(req_ctx(req), id, &body, version, &before, &after));
	req_change(req, &patient_type, before, after);
	req_version(req, after->version);
	return req_reply(req, after);
}

static enum err
set_removed(struct req *req, bool removed, struct patient **after)
{
	struct id id = req_id(req, "id");
	struct patient *before;

	req_subject(req, id, id);
	TRY(patient_set_removed(req_ctx(req), id, removed, &before, after));
	req_change(req, &patient_type, before, *after);
	return OK;
}

static enum err
delete_patient(struct req *req)
{
	const struct remove_query *q = req_query(req);
	struct patient *patient;

	req_reason(req, q->reason);
	return set_removed(req, true, &patient);
}

static enum err
restore_patient(struct req *req)
{
	struct patient *patient;

	TRY(set_removed(req, false, &patient));
	req_version(req, patient->version);
	return req_reply(req, patient);
}

static enum err
get_care(struct req *req)
{
	struct care_page *page = NEW(req_ctx(req), struct care_page);
	struct id id = req_id(req, "id");

	req_subject(req, id, id);
	TRY(patient_reach(req_ctx(req), id));
	TRY(sql_care_list(req_ctx(req), &(struct care_list_in){ .patient_id = id }, &page->items));
	TRY(names_fill(req_ctx(req), &page->items, NAMES_PLACE(care_row, user_id, user_name), user_names));
	return req_reply(req, page);
}

static enum err
post_care(struct req *req)
{
	const struct care_body *body = req_body(req);
	struct id id = req_id(req, "id");

	req_subject(req, body->user_id, id);
	TRY(patient_reach(req_ctx(req), id));
	if (user_exists(req_ctx(req), body->user_id) != OK)
		return invalid(req_ctx(req), "userId", "not_found");
	if (body->until.ms != 0 && body->until.ms <= req_ctx(req)->now.ms)
		return invalid(req_ctx(req), "until", "order");
	return care_add(req_ctx(req), body->user_id, id, "CARE", body->until);
}

static enum err
delete_care(struct req *req)
{
	struct id id = req_id(req, "id"), user = req_id(req, "userId");

	req_subject(req, user, id);
	TRY(patient_reach(req_ctx(req), id));
	return care_end(req_ctx(req), user, id);
}
