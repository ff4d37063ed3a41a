/* patients.c - the rules of the patient register: who is in it, how he is found
 * again, and who cares for him.  A patient is never deleted, only put aside. */
#include "features/patients/patients_rows.h"
#include "patients_sql.h"
#include "base/brazil.h"
#include "store/seal.h"
#include "sys/crypto.h"

/* What a reader sees who only needs to recognise: "Maria" of "Maria da Silva". */
static struct str
shown_part(struct str name)
{
	const char *blank = memchr(name.p, ' ', name.n);

	return (struct str){ name.p, blank ? (size_t)(blank - name.p) : name.n };
}

struct str
patient_name_part(struct ctx *ctx, struct str name)
{
	return str_of(arena_printf(ctx->arena, "%.*s ***", STR_FMT(shown_part(name))));
}

static const char *const sexes[] = { "F", "M", "I", NULL };

static const struct field patient_fields[] = {
	FIELD(patient, id, .sens = SENS_PLAIN),
	FIELD(patient, name, .sens = SENS_IDENTITY, .sealed = true, .searchable = true,
	        .summary = "Full name", .partial = patient_name_part),
	FIELD(patient, birth_date, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true),
	FIELD(patient, sex, .sens = SENS_IDENTITY, .nullable_only = true, .one_of = sexes,
	        .summary = "F, M or I (ignorado ou intersexo)"),
	FIELD(patient, cpf, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true,
	        .partial = mask_cpf),
	FIELD(patient, cns, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true,
	        .partial = mask_cns),
	FIELD(patient, mother_name, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true),
	FIELD(patient, phone, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true),
	FIELD(patient, email, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true),
	FIELD(patient, address, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true),
	FIELD_JSON(patient, identifiers, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true,
	        .summary = "Identifiers of an import that could not be verified"),
	FIELD(patient, source, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(patient, version, .sens = SENS_PLAIN),
	FIELD(patient, created_at, .sens = SENS_PLAIN),
	FIELD(patient, updated_at, .sens = SENS_PLAIN),
	FIELD(patient, deleted_at, .sens = SENS_PLAIN, .nullable_only = true),
};
const struct type patient_type = TYPE(
        patient, patient_fields, .table = "patient", .row_field = "id", .key_field = "id", .masks = true);

static const struct field body_fields[] = {
	FIELD(patient_body, name, .sens = SENS_IDENTITY, .required = true, .min = 1, .max = 200),
	FIELD(patient_body, birth_date, .sens = SENS_IDENTITY),
	FIELD(patient_body, sex, .sens = SENS_IDENTITY, .one_of = sexes),
	FIELD(patient_body, cpf, .sens = SENS_IDENTITY, .max = 14, .check = check_cpf,
	        .summary = "With or without punctuation"),
	FIELD(patient_body, cns, .sens = SENS_IDENTITY, .max = 18, .check = check_cns),
	FIELD(patient_body, mother_name, .sens = SENS_IDENTITY, .max = 200),
	FIELD(patient_body, phone, .sens = SENS_IDENTITY, .max = 30, .check = check_phone),
	FIELD(patient_body, email, .sens = SENS_IDENTITY, .max = 254, .check = check_email),
	FIELD(patient_body, address, .sens = SENS_IDENTITY, .max = 500),
	FIELD(patient_body, version, .sens = SENS_PLAIN, .min = 1, .summary = "The version being corrected"),
};
const struct type patient_body_type = TYPE(patient_body, body_fields);

static const struct field id_row_fields[] = { FIELD(patient_id_row, id) };
const struct type patient_id_row_type = TYPE(patient_id_row, id_row_fields);

static const struct field name_fields[] = {
	FIELD(name_row, id),
	FIELD(name_row, name, .sealed = true),
};
const struct type patient_name_row_type = TYPE(
        name_row, name_fields, .table = "patient", .row_field = "id", .key_field = "id");

static const struct field count_fields[] = { FIELD(patient_count, n) };
const struct type patient_count_type = TYPE(patient_count, count_fields);

static const struct field care_row_fields[] = {
	FIELD(care_row, user_id, .sens = SENS_PLAIN),
	FIELD(care_row, patient_id, .sens = SENS_PLAIN),
	FIELD(care_row, kind, .sens = SENS_PLAIN),
	FIELD(care_row, since, .sens = SENS_PLAIN),
	FIELD(care_row, until, .sens = SENS_PLAIN),
	FIELD(care_row, granted_by, .sens = SENS_PLAIN),
	FIELD(care_row, user_name, .sens = SENS_PLAIN, .nullable_only = true),
};
enum { CARE_READ = COUNT(care_row_fields) - 1 };
const struct type care_row_type = {
	.name = "care_row", .size = sizeof(struct care_row), .fields = care_row_fields, .count = CARE_READ
};
const struct type care_shown_type = TYPE(care_row, care_row_fields);

static const int64_t NO_END_MS = 253402300799000LL; /* 9999-12-31 */

enum err
patient_get(struct ctx *ctx, struct id id, bool deleted, struct patient **out)
{
	struct patient *patient = NEW(ctx, struct patient);

	TRY(sql_patient_get(ctx, &(struct patient_get_in){ .id = id, .deleted = deleted }, patient));
	*out = patient;
	return OK;
}

enum err
patient_names(struct ctx *ctx, const struct id ids[static NAMES_BATCH], struct list *found)
{
	struct patient_names_of_in in;

	_Static_assert(sizeof in == NAMES_BATCH * sizeof *ids, "one input an id");
	memcpy(&in, ids, sizeof in);
	return sql_patient_names_of(ctx, &in, found);
}

enum err
patient_reach(struct ctx *ctx, struct id id)
{
	struct patient_id_row row;

	return sql_patient_reach(ctx, &(struct patient_reach_in){ .id = id }, &row);
}

/* The values of a body as they are stored: digits alone, tokens beside. */
struct stored {
	struct str cpf, cns;
	struct blob cpf_token, cns_token;
};

static struct str
digits_of(struct ctx *ctx, struct str s)
{
	char *out;
	size_t n = 0;

	if (!str_is_set(s) || (out = arena_take(ctx->arena, s.n + 1)) == NULL)
		return (struct str){ 0 };
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			out[n++] = s.p[i];
	return n > 0 ? (struct str){ out, n } : (struct str){ 0 };
}

static enum err
body_stored(struct ctx *ctx, const struct patient_body *body, struct stored *out)
{
	*out = (struct stored){ .cpf = digits_of(ctx, body->cpf), .cns = digits_of(ctx, body->cns) };
	if (str_is_set(out->cpf))
		TRY(token_exact(ctx, "patient.cpf", out->cpf, &out->cpf_token));
	if (str_is_set(out->cns))
		TRY(token_exact(ctx, "patient.cns", out->cns, &out->cns_token));
	return OK;
}

static enum err
body_check(struct ctx *ctx, const struct patient_body *body, bool imported)
{
	bool bad = false;

	if (!imported && !str_is_set(body->cpf) && !str_is_set(body->cns))
		bad |= invalid(ctx, "cpf", "cpf_or_cns") != OK;
	if (date_is_set(body->birth_date) && date_cmp(body->birth_date, instant_date(ctx->now)) > 0)
		bad |= invalid(ctx, "birthDate", "future") != OK;
	return bad ? ERR_INVALID : OK;
}

/* Every beginning of every word, so that a search finds while one types. */
static enum err
index_part(struct ctx *ctx, struct id id, const char *domain, struct str text)
{
	struct list tokens;
	const struct blob *token;

	TRY(token_prefixes(ctx, domain, text, &tokens));
	token = tokens.items;
	for (size_t i = 0; i < tokens.count; i++)
		TRY(sql_patient_token_add(
		        ctx, &(struct patient_token_add_in){ .token = token[i], .patient_id = id }));
	return OK;
}

/* Twice: who sees a part of the name must not find out the rest by searching for it. */
static enum err
index_name(struct ctx *ctx, struct id id, struct str name)
{
	TRY(index_part(ctx, id, PATIENT_NAME, name));
	return index_part(ctx, id, PATIENT_SHOWN, shown_part(name));
}

static const struct str SHOWN_WORK = { "patient.shown", 13 };

enum err
patient_shown_due(struct ctx *ctx, bool *out)
{
	struct patient_count count;

	TRY(sql_work_due_count(ctx, &(struct work_due_count_in){ .name = SHOWN_WORK }, &count));
	*out = count.n > 0;
	return OK;
}

enum err
patient_shown_done(struct ctx *ctx)
{
	return sql_work_due_done(ctx, &(struct work_due_done_in){ .name = SHOWN_WORK });
}

enum err
patient_index_shown(struct ctx *ctx, struct id *before, bool *more)
{
	enum { PAGE = 500 };
	struct list page;
	const struct name_row *row;

	TRY(sql_patient_names_all(
	        ctx, &(struct patient_names_all_in){ .before = *before, .row_limit = PAGE }, &page));
	row = page.items;
	for (size_t i = 0; i < page.count; i++)
		if (str_is_set(row[i].name)) /* an erased one has none */
			TRY(index_part(ctx, row[i].id, PATIENT_SHOWN, shown_part(row[i].name)));
	if (page.count > 0)
		*before = row[page.count - 1].id;
	*more = page.count == PAGE;
	return OK;
}

/* Registering needs no care relation; the new row is read back tenant-wide. */
static enum err
get_anyway(struct ctx *ctx, struct id id, struct patient **out)
{
	enum reach reach = ctx->reach;
	enum err err;

	ctx->reach = REACH_TENANT;
	err = patient_get(ctx, id, true, out);
	ctx->reach = reach;
	return err;
}

enum err
patient_add(struct ctx *ctx, const struct patient_new *new, struct patient **out)
{
	const struct patient_body *b = new->body;
	struct id id = id_is_set(new->id) ? new->id : id_new(ctx->now);
	struct stored s;

	TRY(body_check(ctx, b, new->imported));
	TRY(seal_key_new(ctx, id));
	TRY(body_stored(ctx, b, &s));
	TRY(sql_patient_insert(ctx, &(struct patient_insert_in){ .id = id,
	                                    .name = b->name,
	                                    .birth_date = b->birth_date,
	                                    .sex = b->sex,
	                                    .cpf = s.cpf,
	                                    .cpf_token = s.cpf_token,
	                                    .cns = s.cns,
	                                    .cns_token = s.cns_token,
	                                    .mother_name = b->mother_name,
	                                    .phone = b->phone,
	                                    .email = b->email,
	                                    .address = b->address,
	                                    .identifiers = new->identifiers,
	                                    .source = new->source }));
	TRY(index_name(ctx, id, b->name));
	return get_anyway(ctx, id, out);
}

enum err
patient_correct(struct ctx *ctx, struct id id, const struct patient_body *b, int64_t version,
        struct patient **before, struct patient **after)
{
	struct stored s;

	TRY(patient_get(ctx, id, false, before));
	TRY(body_check(ctx, b, str_is_set((*before)->source)));
	TRY(body_stored(ctx, b, &s));
	TRY(sql_patient_update(ctx, &(struct patient_update_in){ .id = id,
	                                    .version = version,
	                                    .name = b->name,
	                                    .birth_date = b->birth_date,
	                                    .sex = b->sex,
	                                    .cpf = s.cpf,
	                                    .cpf_token = s.cpf_token,
	                                    .cns = s.cns,
	                                    .cns_token = s.cns_token,
	                                    .mother_name = b->mother_name,
	                                    .phone = b->phone,
	                                    .email = b->email,
	                                    .address = b->address }));
	TRY(sql_patient_token_clear(ctx, &(struct patient_token_clear_in){ .patient_id = id }));
	TRY(index_name(ctx, id, b->name));
	return patient_get(ctx, id, false, after);
}

enum err
patient_set_removed(
        struct ctx *ctx, struct id id, bool removed, struct patient **before, struct patient **after)
{
	TRY(patient_get(ctx, id, !removed, before));
	if (removed)
		TRY(sql_patient_remove(ctx, &(struct patient_remove_in){ .id = id }));
	else
		TRY(sql_patient_restore(ctx, &(struct patient_restore_in){ .id = id }));
	return patient_get(ctx, id, true, after);
}

static enum err
find(struct ctx *ctx, const char *domain, struct str digits, bool cpf, struct id *out)
{
	struct patient_id_row row;
	struct blob token;

	TRY(token_exact(ctx, domain, digits, &token));
	if (cpf)
		TRY(sql_patient_find_cpf(ctx, &(struct patient_find_cpf_in){ .cpf_token = token }, &row));
	else
		TRY(sql_patient_find_cns(ctx, &(struct patient_find_cns_in){ .cns_token = token }, &row));
	*out = row.id;
	return OK;
}

enum err
patient_by_cpf(struct ctx *ctx, struct str cpf, struct id *out)
{
	return find(ctx, "patient.cpf", digits_of(ctx, cpf), true, out);
}

enum err
patient_by_cns(struct ctx *ctx, struct str cns, struct id *out)
{
	return find(ctx, "patient.cns", digits_of(ctx, cns), false, out);
}

enum err
care_add(struct ctx *ctx, struct id user, struct id patient, const char *kind, struct instant until)
{
	if (until.ms == 0)
		until.ms = NO_END_MS;
	return sql_care_put(
	        ctx, &(struct care_put_in){
	                     .user_id = user, .patient_id = patient, .kind = str_of(kind), .until = until });
}

enum err
care_end(struct ctx *ctx, struct id user, struct id patient)
{
	enum err err = sql_care_end(ctx, &(struct care_end_in){ .user_id = user, .patient_id = patient });

	return err == ERR_STALE ? fail(ctx, ERR_NOT_FOUND, "not in this care") : err;
}
