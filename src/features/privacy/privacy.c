/* privacy.c - the rules: what rests on consent, when an answer is due, and when a
 * chart may be erased.  The law's 20 years come before a wish to be forgotten: until
 * then erasure means restriction, and the answer says so. */
#include "features/privacy/privacy_rows.h"
#include "privacy_sql.h"
#include "store/seal.h"
#include "sys/crypto.h"

enum { ANSWER_DAYS = 15, RETENTION_YEARS = 20 };

const char *const consent_purposes[] = { "MARKETING", "SURVEY", "RESEARCH", "IMAGE", "TELEHEALTH_RECORDING",
	NULL };

static const char *const kinds[] = { "CONFIRMATION", "ACCESS", "PORTABILITY", "CORRECTION", "SHARING",
	"OPPOSITION", "ERASURE", "ANONYMISATION", "CONSENT_INFORMATION", "AUTOMATED_DECISION", NULL };
static const char *const statuses[] = { "OPEN", "GRANTED", "RESTRICTED", "REFUSED", "ERASED", NULL };
static const char *const decisions[] = { "GRANT", "RESTRICT", "REFUSE", NULL };

static const struct field term_fields[] = {
	FIELD(consent_term, id, .sens = SENS_PLAIN),
	FIELD(consent_term, purpose, .sens = SENS_PLAIN, .one_of = consent_purposes),
	FIELD(consent_term, version, .sens = SENS_PLAIN),
	FIELD(consent_term, title, .sens = SENS_PLAIN),
	FIELD(consent_term, body, .sens = SENS_PLAIN),
	FIELD(consent_term, published_at, .sens = SENS_PLAIN),
};
const struct type consent_term_type = TYPE(consent_term, term_fields);

static const struct field consent_fields[] = {
	FIELD(consent, id, .sens = SENS_PLAIN),
	FIELD(consent, patient_id, .sens = SENS_PLAIN),
	FIELD(consent, term_id, .sens = SENS_PLAIN),
	FIELD(consent, purpose, .sens = SENS_PLAIN),
	FIELD(consent, given_at, .sens = SENS_PLAIN),
	FIELD(consent, given_by, .sens = SENS_PLAIN),
	FIELD(consent, proof, .sens = SENS_IDENTITY, .sealed = true, .nullable_only = true),
	FIELD(consent, withdrawn_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(consent, withdrawn_by, .sens = SENS_PLAIN, .nullable_only = true),
};
const struct type consent_type = TYPE(consent, consent_fields, .table = "consent", .row_field = "id",
        .key_field = "patient_id", .masks = true);

static const struct field request_fields[] = {
	FIELD(subject_request, id, .sens = SENS_PLAIN),
	FIELD(subject_request, patient_id, .sens = SENS_PLAIN),
	FIELD(subject_request, kind, .sens = SENS_PLAIN, .one_of = kinds),
	FIELD(subject_request, status, .sens = SENS_PLAIN, .one_of = statuses),
	FIELD(subject_request, opened_at, .sens = SENS_PLAIN),
	FIELD(subject_request, opened_by, .sens = SENS_PLAIN),
	FIELD(subject_request, due, .sens = SENS_PLAIN,
	        .summary = "15 days from the request (LGPD art. 19 II)"),
	FIELD(subject_request, details, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true),
	FIELD(subject_request, answer, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true),
	FIELD(subject_request, decided_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(subject_request, decided_by, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(subject_request, version, .sens = SENS_PLAIN),
};
const struct type subject_request_type = TYPE(subject_request, request_fields, .table = "subject_request",
        .row_field = "id", .key_field = "patient_id");

static const struct field count_fields[] = { FIELD(privacy_count, n) };
const struct type privacy_count_type = TYPE(privacy_count, count_fields);

static const struct field extent_fields[] = { FIELD(chart_extent, last_entry), FIELD(chart_extent, records) };
const struct type chart_extent_type = TYPE(chart_extent, extent_fields);

static const struct field certificate_fields[] = {
	FIELD(erasure_certificate, id, .sens = SENS_PLAIN),
	FIELD(erasure_certificate, patient_id, .sens = SENS_PLAIN),
	FIELD(erasure_certificate, request_id, .sens = SENS_PLAIN),
	FIELD(erasure_certificate, last_entry, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(erasure_certificate, approval, .sens = SENS_PLAIN),
	FIELD(erasure_certificate, at, .sens = SENS_PLAIN),
	FIELD(erasure_certificate, by_user, .sens = SENS_PLAIN),
	FIELD(erasure_certificate, records, .sens = SENS_PLAIN),
};
const struct type erasure_certificate_type = TYPE(erasure_certificate, certificate_fields);

static const struct field decide_fields[] = {
	FIELD(decide_body, decision, .sens = SENS_PLAIN, .required = true, .one_of = decisions),
	FIELD(decide_body, answer, .sens = SENS_CLINICAL, .required = true, .min = 10, .max = 10000,
	        .summary = "What the subject is told, with the reasons"),
	FIELD(decide_body, approval, .sens = SENS_PLAIN, .max = 500,
	        .summary = "Minutes of the review commission; needed to erase a chart after its term"),
	FIELD(decide_body, version, .sens = SENS_PLAIN, .required = true, .min = 1),
};
const struct type decide_body_type = TYPE(decide_body, decide_fields);

struct date
retention_end(struct date last_entry)
{
	return date_add_months(last_entry, RETENTION_YEARS * 12);
}

struct date
request_due(struct date opened)
{
	return date_from_days(date_days(opened) + ANSWER_DAYS);
}

enum err
consent_require(struct ctx *ctx, struct id patient, const char *purpose)
{
	struct privacy_count living;

	TRY(sql_consent_living(ctx,
	        &(struct consent_living_in){ .patient_id = patient, .purpose = str_of(purpose) }, &living));
	return living.n > 0 ? OK : fail(ctx, ERR_FORBIDDEN, "no living consent for %s", purpose);
}

/* ---- erasure */

static bool
term_over(struct ctx *ctx, const struct chart_extent *extent)
{
	if (extent->records == 0)
		return true; /* no medical record: nothing that the 20 years hold */
	return date_cmp(retention_end(instant_date(extent->last_entry)), instant_date(ctx->now)) <= 0;
}

/* The chart's key is destroyed: what it sealed, here and in every backup, is noise. */
static enum err
erase(struct ctx *ctx, const struct subject_request *r, const struct chart_extent *extent,
        struct str approval)
{
	TRY(sql_erase_record_words(ctx, &(struct erase_record_words_in){ .patient_id = r->patient_id }));
	TRY(sql_erase_patient_tokens(ctx, &(struct erase_patient_tokens_in){ .patient_id = r->patient_id }));
	TRY(sql_patient_erased(ctx, &(struct patient_erased_in){ .id = r->patient_id }));
	TRY(sql_certificate_add(ctx, &(struct certificate_add_in){ .id = id_new(ctx->now),
	                                     .patient_id = r->patient_id,
	                                     .request_id = r->id,
	                                     .last_entry = extent->last_entry,
	                                     .approval = approval,
	                                     .records = extent->records }));
	return seal_key_destroy(ctx, r->patient_id);
}

static enum err
decide_erasure(
        struct ctx *ctx, const struct subject_request *r, const struct decide_body *b, const char **status)
{
	struct chart_extent extent;
	bool over;

	TRY(sql_chart_last_entry(ctx, &(struct chart_last_entry_in){ .patient_id = r->patient_id }, &extent));
	over = term_over(ctx, &extent);
	if (str_is(b->decision, "GRANT") && !over)
		return fail(ctx, ERR_STATE, "the 20 years of Lei 13.787/2018 are not over: RESTRICT instead");
	if (str_is(b->decision, "GRANT") && !str_is_set(b->approval))
		return invalid(ctx, "approval", "required");
	TRY(sql_consent_withdraw_all(ctx, &(struct consent_withdraw_all_in){ .patient_id = r->patient_id }));
	*status = "RESTRICTED";
	if (str_is(b->decision, "RESTRICT"))
		return sql_patient_restrict(ctx, &(struct patient_restrict_in){ .id = r->patient_id });
	*status = "ERASED";
	return erase(ctx, r, &extent, b->approval);
}

static enum err
decide_other(
        struct ctx *ctx, const struct subject_request *r, const struct decide_body *b, const char **status)
{
	bool opposes = str_is(r->kind, "OPPOSITION") || str_is(r->kind, "ANONYMISATION");

	if (str_is(b->decision, "RESTRICT")) {
		*status = "RESTRICTED";
		return sql_patient_restrict(ctx, &(struct patient_restrict_in){ .id = r->patient_id });
	}
	*status = "GRANTED";
	if (opposes)
		return sql_consent_withdraw_all(
		        ctx, &(struct consent_withdraw_all_in){ .patient_id = r->patient_id });
	return OK;
}

enum err
request_decide(struct ctx *ctx, const struct subject_request *r, const struct decide_body *b)
{
	const char *status = "REFUSED";
	struct request_decide_in in = {
		.id = r->id, .patient_id = r->patient_id, .version = b->version, .answer = b->answer
	};

	/* Answered before the key goes: the answer is sealed with it and goes too. */
	if (str_is(r->kind, "ERASURE") && str_is(b->decision, "GRANT")) {
		in.status = STR("ERASED");
		TRY(sql_request_decide(ctx, &in));
		return decide_erasure(ctx, r, b, &status);
	}
	if (!str_is(b->decision, "REFUSE"))
		TRY(str_is(r->kind, "ERASURE") ? decide_erasure(ctx, r, b, &status)
		                               : decide_other(ctx, r, b, &status));
	in.status = str_of(status);
	return sql_request_decide(ctx, &in);
}
