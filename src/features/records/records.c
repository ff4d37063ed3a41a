/* records.c - the rules of medical records: written in care, corrected only by
 * their author with the old version kept, put aside but never erased. */
#include "features/records/records_rows.h"
#include "features/patients/patients.h"
#include "features/users/users.h"
#include "records_sql.h"
#include "store/seal.h"
#include "sys/crypto.h"

static const char *const priorities[] = { "CRITICAL", "HIGH", "NORMAL", "LOW", NULL };

#define CLINICAL(s, m, limit, ...)                                                                           \
	FIELD(s, m, .sens = SENS_CLINICAL, .sealed = true, .searchable = true, .max = (limit), __VA_ARGS__)

static const struct field record_fields[] = {
	FIELD(record, id, .sens = SENS_PLAIN),
	FIELD(record, patient_id, .sens = SENS_PLAIN),
	FIELD(record, doctor_id, .sens = SENS_PLAIN),
	CLINICAL(record, title, RECORD_TITLE_MAX, .nullable_only = true),
	CLINICAL(record, diagnosis, RECORD_DIAGNOSIS_MAX, .nullable_only = true),
	CLINICAL(record, treatment, RECORD_TEXT_MAX, .nullable_only = true),
	CLINICAL(record, notes, RECORD_TEXT_MAX, .nullable_only = true),
	FIELD(record, priority, .sens = SENS_PLAIN, .one_of = priorities),
	FIELD(record, version, .sens = SENS_PLAIN),
	FIELD(record, created_at, .sens = SENS_PLAIN),
	FIELD(record, updated_at, .sens = SENS_PLAIN),
	FIELD(record, deleted_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(record, patient_name, .sens = SENS_IDENTITY, .nullable_only = true,
	        .partial = patient_name_part, .summary = "With names=true"),
	FIELD(record, doctor_name, .sens = SENS_PLAIN, .nullable_only = true, .summary = "With names=true"),
};
enum { RECORD_READ = COUNT(record_fields) - 2 };
const struct type record_type = { .name = "record",
	.size = sizeof(struct record),
	.fields = record_fields,
	.count = RECORD_READ,
	.table = "medical_record",
	.row_field = "id",
	.key_field = "patient_id",
	.masks = true };
const struct type record_shown_type = TYPE(record, record_fields, .table = "medical_record",
        .row_field = "id", .key_field = "patient_id", .masks = true);

static const struct field body_fields[] = {
	FIELD(record_body, patient_id, .sens = SENS_PLAIN, .required = true),
	FIELD(record_body, title, .sens = SENS_CLINICAL, .required = true, .min = 1, .max = RECORD_TITLE_MAX),
	FIELD(record_body, diagnosis, .sens = SENS_CLINICAL, .required = true, .min = 1,
	        .max = RECORD_DIAGNOSIS_MAX),
	FIELD(record_body, treatment, .sens = SENS_CLINICAL, .max = RECORD_TEXT_MAX),
	FIELD(record_body, notes, .sens = SENS_CLINICAL, .max = RECORD_TEXT_MAX),
	FIELD(record_body, priority, .sens = SENS_PLAIN, .one_of = priorities),
};
const struct type record_body_type = TYPE(record_body, body_fields);

static const struct field change_fields[] = {
	FIELD(record_change, title, .sens = SENS_CLINICAL, .required = true, .min = 1,
	        .max = RECORD_TITLE_MAX),
	FIELD(record_change, diagnosis, .sens = SENS_CLINICAL, .required = true, .min = 1,
	        .max = RECORD_DIAGNOSIS_MAX),
	FIELD(record_change, treatment, .sens = SENS_CLINICAL, .max = RECORD_TEXT_MAX),
	FIELD(record_change, notes, .sens = SENS_CLINICAL, .max = RECORD_TEXT_MAX),
	FIELD(record_change, priority, .sens = SENS_PLAIN, .one_of = priorities),
	FIELD(record_change, version, .sens = SENS_PLAIN, .min = 1, .summary = "The version being corrected"),
};
const struct type record_change_type = TYPE(record_change, change_fields);

static const struct field version_fields[] = {
	FIELD(record_version, id, .sens = SENS_PLAIN),
	FIELD(record_version, record_id, .sens = SENS_PLAIN),
	FIELD(record_version, patient_id, .sens = SENS_PLAIN),
	FIELD(record_version, author_id, .sens = SENS_PLAIN),
	FIELD(record_version, version, .sens = SENS_PLAIN),
	CLINICAL(record_version, title, 0, .nullable_only = true),
	CLINICAL(record_version, diagnosis, 0, .nullable_only = true),
	CLINICAL(record_version, treatment, 0, .nullable_only = true),
	CLINICAL(record_version, notes, 0, .nullable_only = true),
	FIELD(record_version, priority, .sens = SENS_PLAIN),
	FIELD(record_version, at, .sens = SENS_PLAIN),
};
const struct type record_version_type = TYPE(record_version, version_fields,
        .table = "medical_record_version", .row_field = "id", .key_field = "patient_id", .masks = true);

static struct str
priority_or_normal(struct str priority)
{
	return str_is_set(priority) ? priority : STR("NORMAL");
}

/* ---- search index */

static enum err
words_of(struct ctx *ctx, const struct record_body *b, struct list *tokens)
{
	struct str parts[] = { b->title, b->diagnosis, b->treatment, b->notes };
	char *all, *p;
	size_t n = 0;

	for (size_t i = 0; i < COUNT(parts); i++)
		n += parts[i].n + 1;
	if ((p = all = arena_take(ctx->arena, n)) == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%zu bytes of text", n);
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (parts[i].n > 0)
			p = mempcpy(p, parts[i].p, parts[i].n);
		*p++ = ' ';
	}
	return token_words(ctx, "record", (struct str){ all, n }, tokens);
}

/* What says of most records that a word is not among theirs: a bit for each, of 128. */
struct bloom {
	int64_t low, high;
};

static struct bloom
bloom_of(const struct blob *tokens, size_t n)
{
	uint64_t halves[2] = { 0 };

	for (size_t i = 0; i < n; i++) {
		unsigned bit = *(const unsigned char *)tokens[i].p % 128;

		halves[bit / 64] |= UINT64_C(1) << bit % 64;
	}
	return (struct bloom){ (int64_t)halves[0], (int64_t)halves[1] };
}

/* Each word's token, one after another. */
static enum err
index_words(struct ctx *ctx, struct id record, const struct record_body *b)
{
	struct list tokens;
	const struct blob *token;
	unsigned char *words;
	struct bloom bloom;

	TRY(words_of(ctx, b, &tokens));
	token = tokens.items;
	if ((words = arena_take(ctx->arena, tokens.count * WORD_TOKEN_SIZE + 1)) == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%zu words", tokens.count);
	for (size_t i = 0; i < tokens.count; i++)
		memcpy(words + i * WORD_TOKEN_SIZE, token[i].p, WORD_TOKEN_SIZE);
	bloom = bloom_of(token, tokens.count);
	return sql_record_words_put(ctx, &(struct record_words_put_in){ .patient_id = b->patient_id,
	                                         .record_id = record,
	                                         .words = { words, tokens.count * WORD_TOKEN_SIZE },
	                                         .bloom_low = bloom.low,
	                                         .bloom_high = bloom.high });
}

/* ---- writing */

/* A new record never without its row of words: its chart is read through these. */
static enum err
insert(struct ctx *ctx, const struct record_insert_in *r, const struct record_body *b)
{
	TRY(sql_record_insert(ctx, r));
	return index_words(ctx, r->id, b);
}

enum err
record_add(struct ctx *ctx, const struct record_body *b, struct record **out)
{
	struct record *r = NEW(ctx, struct record);

	TRY(patient_reach(ctx, b->patient_id));
	*r = (struct record){ .id = id_new(ctx->now),
		.patient_id = b->patient_id,
		.doctor_id = ctx->actor,
		.title = b->title,
		.diagnosis = b->diagnosis,
		.treatment = b->treatment,
		.notes = b->notes,
		.priority = priority_or_normal(b->priority),
		.version = 1,
		.created_at = ctx->now,
		.updated_at = ctx->now };
	TRY(insert(ctx,
	        &(struct record_insert_in){ .id = r->id,
	                .patient_id = r->patient_id,
	                .doctor_id = r->doctor_id,
	                .title = r->title,
	                .diagnosis = r->diagnosis,
	                .treatment = r->treatment,
	                .notes = r->notes,
	                .priority = r->priority,
	                .at = ctx->now },
	        b));
	*out = r;
	return OK;
}

enum err
record_add_imported(struct ctx *ctx, const struct record_import *import, struct id *out)
{
	const struct record_body *b = import->body;
	struct instant at = import->at.ms != 0 ? import->at : ctx->now;
	struct id id = import->at.ms != 0 ? id_at(at) : id_new(at);

	if (id_is_set(import->id))
		id = import->id;

	TRY(insert(ctx,
	        &(struct record_insert_in){ .id = id,
	                .patient_id = b->patient_id,
	                .doctor_id = import->doctor,
	                .title = b->title,
	                .diagnosis = b->diagnosis,
	                .treatment = b->treatment,
	                .notes = b->notes,
	                .priority = priority_or_normal(b->priority),
	                .at = at,
	                .source = import->source },
	        b));
	*out = id;
	return OK;
}

enum err
record_get(struct ctx *ctx, struct id id, bool deleted, struct record **out)
{
	struct record *r = NEW(ctx, struct record);

	TRY(sql_record_get(ctx, &(struct record_get_in){ .id = id, .deleted = deleted }, r));
	*out = r;
	return OK;
}

static enum err
keep_version(struct ctx *ctx, const struct record *r)
{
	return sql_record_version_insert(ctx, &(struct record_version_insert_in){ .id = id_new(ctx->now),
	                                              .record_id = r->id,
	                                              .version = r->version,
	                                              .patient_id = r->patient_id,
	                                              .author_id = r->doctor_id,
	                                              .title = r->title,
	                                              .diagnosis = r->diagnosis,
	                                              .treatment = r->treatment,
	                                              .notes = r->notes,
	                                              .priority = r->priority,
	                                              .at = r->updated_at });
}

static enum err
replace_texts(
        struct ctx *ctx, const struct record *before, const struct record_body *b, struct record **after)
{
	TRY(keep_version(ctx, before));
	TRY(sql_record_update(ctx, &(struct record_update_in){ .id = before->id,
	                                   .patient_id = before->patient_id,
	                                   .version = before->version,
	                                   .title = b->title,
	                                   .diagnosis = b->diagnosis,
	                                   .treatment = b->treatment,
	                                   .notes = b->notes,
	                                   .priority = b->priority }));
	TRY(index_words(ctx, before->id, b));
	return record_get(ctx, before->id, false, after);
}

enum err
record_correct(
        struct ctx *ctx, const struct record *before, const struct record_change *c, struct record **after)
{
	struct record_body b = { before->patient_id, c->title, c->diagnosis, c->treatment, c->notes,
		priority_or_normal(c->priority) };

	if (!id_eq(before->doctor_id, ctx->actor))
		return fail(ctx, ERR_NOT_AUTHOR, "correction by another");
	return replace_texts(ctx, before, &b, after);
}

/* ERR_TOO_LARGE: there is no room for both. */
static enum err
text_below(struct ctx *ctx, struct str above, struct str below, struct str *out)
{
	*out = str_is_set(below) ? below : above;
	if (!str_is_set(above) || !str_is_set(below))
		return OK;
	char *p = arena_take(ctx->arena, above.n + 2 + below.n);
	if (p == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%zu bytes of text", above.n + below.n);
	*out = (struct str){ p, above.n + 2 + below.n };
	p = mempcpy(mempcpy(p, above.p, above.n), "\n\n", 2);
	memcpy(p, below.p, below.n);
	return OK;
}

enum err
record_add_more(
        struct ctx *ctx, const struct record *before, const struct record_body *more, struct record **after)
{
	struct record_body b = {
		.patient_id = before->patient_id, .title = before->title, .priority = before->priority
	};

	TRY(text_below(ctx, before->diagnosis, more->diagnosis, &b.diagnosis));
	TRY(text_below(ctx, before->treatment, more->treatment, &b.treatment));
	TRY(text_below(ctx, before->notes, more->notes, &b.notes));
	return replace_texts(ctx, before, &b, after);
}

enum err
record_set_removed(
        struct ctx *ctx, const struct record *before, bool removed, struct str reason, struct record **after)
{
	bool author = id_eq(before->doctor_id, ctx->actor);

	if (!author && ctx->reach != REACH_TENANT)
		return fail(ctx, ERR_NOT_AUTHOR, "neither author nor administrator");
	TRY(keep_version(ctx, before));
	if (removed)
		TRY(sql_record_remove(ctx, &(struct record_remove_in){ .id = before->id,
		                                   .patient_id = before->patient_id,
		                                   .delete_reason = reason }));
	else
		TRY(sql_record_restore(ctx, &(struct record_restore_in){ .id = before->id }));
	TRY(sql_record_words_deleted(ctx,
	        &(struct record_words_deleted_in){
	                .patient_id = before->patient_id, .record_id = before->id, .deleted = removed }));
	return record_get(ctx, before->id, true, after);
}

/* ---- lists */

static bool
filtered(const struct record_filter *f)
{
	return id_is_set(f->doctor_id) || str_is_set(f->priority) || f->from.ms != 0 || f->to.ms != 0;
}

static enum err
search_patient(struct ctx *ctx, const struct record_filter *f, struct id patient,
        const struct blob t[static 6], struct bloom bloom, struct list *out)
{
	return sql_record_search_patient(ctx,
	        &(struct record_search_patient_in){ .patient_id = patient,
	                .t1 = t[0],
	                .t2 = t[1],
	                .t3 = t[2],
	                .t4 = t[3],
	                .t5 = t[4],
	                .t6 = t[5],
	                .bloom_low = bloom.low,
	                .bloom_high = bloom.high,
	                .doctor_id = f->doctor_id,
	                .before = f->before,
	                .deleted = f->deleted,
	                .filtered = filtered(f),
	                .priority = f->priority,
	                .from_at = f->from,
	                .to_at = f->to,
	                .row_limit = f->limit },
	        out);
}

static enum err
search_care(struct ctx *ctx, const struct record_filter *f, const struct blob t[static 6], struct bloom bloom,
        struct list *out)
{
	return sql_record_search_care(ctx,
	        &(struct record_search_care_in){ .t1 = t[0],
	                .t2 = t[1],
	                .t3 = t[2],
	                .t4 = t[3],
	                .t5 = t[4],
	                .t6 = t[5],
	                .bloom_low = bloom.low,
	                .bloom_high = bloom.high,
	                .doctor_id = f->doctor_id,
	                .before = f->before,
	                .deleted = f->deleted,
	                .filtered = filtered(f),
	                .priority = f->priority,
	                .from_at = f->from,
	                .to_at = f->to,
	                .row_limit = f->limit },
	        out);
}

/* Whoever may see clinical fields reaches charts in care or his own, never the whole tenant. */
static enum err
search(struct ctx *ctx, const struct record_filter *f, struct list *out)
{
	struct blob t[RECORD_SEARCH_WORDS] = { { 0 } };
	struct list words;
	struct bloom bloom;

	TRY(token_words(ctx, "record", f->q, &words));
	if (words.count > RECORD_SEARCH_WORDS)
		return invalid(ctx, "q", "too_many");
	if (words.count == 0)
		return OK;
	memcpy(t, words.items, words.count * sizeof *t);
	bloom = bloom_of(t, words.count);
	if (id_is_set(f->patient_id))
		return search_patient(ctx, f, f->patient_id, t, bloom, out);
	return ctx->reach == REACH_SELF ? search_patient(ctx, f, ctx->patient, t, bloom, out)
	                                : search_care(ctx, f, t, bloom, out);
}

enum err
record_list(struct ctx *ctx, const struct record_filter *f, struct list *out)
{
	if (str_is_set(f->q))
		return search(ctx, f, out);
	if (id_is_set(f->patient_id))
		return sql_record_list_patient(ctx,
		        &(struct record_list_patient_in){ .patient_id = f->patient_id,
		                .doctor_id = f->doctor_id,
		                .before = f->before,
		                .deleted = f->deleted,
		                .priority = f->priority,
		                .from_at = f->from,
		                .to_at = f->to,
		                .row_limit = f->limit },
		        out);
	if (id_is_set(f->doctor_id))
		return sql_record_list_doctor(ctx,
		        &(struct record_list_doctor_in){ .doctor_id = f->doctor_id,
		                .before = f->before,
		                .deleted = f->deleted,
		                .priority = f->priority,
		                .from_at = f->from,
		                .to_at = f->to,
		                .row_limit = f->limit },
		        out);
	return sql_record_list_all(ctx,
	        &(struct record_list_all_in){ .before = f->before,
	                .deleted = f->deleted,
	                .priority = f->priority,
	                .from_at = f->from,
	                .to_at = f->to,
	                .row_limit = f->limit },
	        out);
}

enum err
record_add_names(struct ctx *ctx, struct list *records)
{
	TRY(names_fill(ctx, records, NAMES_PLACE(record, patient_id, patient_name), patient_names));
	return names_fill(ctx, records, NAMES_PLACE(record, doctor_id, doctor_name), user_names);
}

enum err
record_versions(struct ctx *ctx, struct id record, struct list *out)
{
	return sql_record_version_list(ctx, &(struct record_version_list_in){ .record_id = record }, out);
}
