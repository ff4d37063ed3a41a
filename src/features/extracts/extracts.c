/* extracts.c - from charts to an extract: gathers, hands numbers to the generalising, and
 * writes what may be told.  No id, name, date or rare text leaves. */
#include "features/extracts/extracts_rows.h"
#include "extracts_sql.h"
#include "store/seal.h"

#include <ctype.h>
#include <stdlib.h>

static const struct field body_fields[] = {
	FIELD(extract_body, project, .sens = SENS_PLAIN, .required = true, .min = 2, .max = 60,
	        .summary = "Names the study; keys its pseudonyms"),
	FIELD(extract_body, k, .sens = SENS_PLAIN, .min = EXTRACT_K_MIN, .max = 1000,
	        .summary = "Smallest class; 5 unless more is asked for"),
	FIELD(extract_body, l, .sens = SENS_PLAIN, .min = EXTRACT_L_MIN, .max = 100,
	        .summary = "Different diagnoses in each class; 2 unless said"),
	FIELD(extract_body, pseudonyms, .sens = SENS_PLAIN,
	        .summary = "A pseudonym a patient, the same in each extract of the project: personal data "
	                   "still"),
};
const struct type extract_body_type = TYPE(extract_body, body_fields);

static const struct field row_fields[] = {
	FIELD(extract_row, pseudonym, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(extract_row, age, .sens = SENS_PLAIN, .summary = "A band of years, \"*\" any, \"?\" unknown"),
	FIELD(extract_row, sex, .sens = SENS_PLAIN),
	FIELD(extract_row, year, .sens = SENS_PLAIN, .summary = "Of the newest record"),
	FIELD(extract_row, diagnosis, .sens = SENS_PLAIN,
	        .summary = "Shared by at least k patients of the extract, or \"outro\""),
};
const struct type extract_row_type = TYPE(extract_row, row_fields);

static const struct field report_fields[] = {
	FIELD(extract_report, project, .sens = SENS_PLAIN),
	FIELD(extract_report, made_by, .sens = SENS_PLAIN),
	FIELD(extract_report, pseudonyms, .sens = SENS_PLAIN),
	FIELD(extract_report, k, .sens = SENS_PLAIN),
	FIELD(extract_report, l, .sens = SENS_PLAIN),
	FIELD(extract_report, k_reached, .sens = SENS_PLAIN),
	FIELD(extract_report, l_reached, .sens = SENS_PLAIN),
	FIELD(extract_report, considered, .sens = SENS_PLAIN),
	FIELD(extract_report, released, .sens = SENS_PLAIN),
	FIELD(extract_report, suppressed, .sens = SENS_PLAIN),
	FIELD(extract_report, without_record, .sens = SENS_PLAIN),
	FIELD(extract_report, classes, .sens = SENS_PLAIN),
	FIELD(extract_report, diagnoses, .sens = SENS_PLAIN),
	FIELD(extract_report, rare_diagnoses, .sens = SENS_PLAIN),
	FIELD(extract_report, age_level, .sens = SENS_PLAIN),
	FIELD(extract_report, sex_level, .sens = SENS_PLAIN),
	FIELD(extract_report, year_level, .sens = SENS_PLAIN),
	FIELD(extract_report, rows, .sens = SENS_PLAIN, .of = &extract_row_type),
};
const struct type extract_report_type = TYPE(extract_report, report_fields);

static const struct field person_fields[] = {
	FIELD(extract_person, id),
	FIELD(extract_person, birth_date, .sealed = true),
	FIELD(extract_person, sex),
};
const struct type extract_person_type = TYPE(
        extract_person, person_fields, .table = "patient", .row_field = "id", .key_field = "id");

static const struct field visit_fields[] = {
	FIELD(extract_visit, id),
	FIELD(extract_visit, patient_id),
	FIELD(extract_visit, diagnosis, .sealed = true),
	FIELD(extract_visit, created_at),
};
const struct type extract_visit_type = TYPE(
        extract_visit, visit_fields, .table = "medical_record", .row_field = "id", .key_field = "patient_id");

/* ---- gathering */

struct gathered {
	struct subject *all;
	size_t n;
	struct id *ids;      /* of subject.source */
	struct str *texts;   /* of subject.diagnosis */
	int *order, *counts; /* room for values */
	int values;
	int64_t considered, without_record;
};

static int
compare_texts(const void *a, const void *b, void *texts)
{
	const struct str *x = &((const struct str *)texts)[*(const int *)a],
	                 *y = &((const struct str *)texts)[*(const int *)b];
	size_t n = x->n < y->n ? x->n : y->n;
	int c = n > 0 ? memcmp(x->p, y->p, n) : 0;

	return c != 0 ? c : x->n < y->n ? -1 : x->n > y->n;
}

/* Equal texts get equal numbers: the sorted place of the first of them. */
static void
number_diagnoses(struct gathered *g)
{
	int value = -1;

	for (size_t i = 0; i < g->n; i++)
		g->order[i] = (int)i;
	qsort_r(g->order, g->n, sizeof *g->order, compare_texts, g->texts);
	for (size_t i = 0; i < g->n; i++) {
		value += i == 0 || !str_eq(g->texts[g->order[i]], g->texts[g->order[i - 1]]);
		g->all[g->order[i]].diagnosis = value;
	}
	g->values = value + 1;
	/* Back to texts by number: each number's first text, in sorted order. */
	for (size_t i = 0; i < g->n; i++)
		g->counts[g->all[g->order[i]].diagnosis] = g->order[i];
}

static int
years_between(struct date from, struct date to)
{
	bool before = to.month < from.month || (to.month == from.month && to.day < from.day);

	return to.year - from.year - before;
}

static void
add_subject(
        struct ctx *ctx, struct gathered *g, const struct extract_person *p, const struct extract_visit *v)
{
	struct date today = instant_date(ctx->now);

	g->ids[g->n] = p->id;
	g->texts[g->n] = str_trim(v->diagnosis);
	g->all[g->n] = (struct subject){
		.age = date_is_set(p->birth_date) ? years_between(p->birth_date, today) : -1,
		.sex = p->sex.n == 1 ? p->sex.p[0] : '?',
		.year = instant_date(v->created_at).year,
		.source = g->n
	};
	g->n++;
}

/* Both lists are in the order of the patients' ids. */
static enum err
gather(struct ctx *ctx, struct gathered *g)
{
	struct list people, visits;
	const struct extract_person *p;
	const struct extract_visit *v;
	size_t at = 0;

	TRY(sql_extract_people(
	        ctx, &(struct extract_people_in){ .row_limit = EXTRACT_PATIENTS_MAX + 1 }, &people));
	if (people.count > EXTRACT_PATIENTS_MAX)
		return fail(ctx, ERR_TOO_LARGE, "more than %d patients", EXTRACT_PATIENTS_MAX);
	TRY(sql_extract_visits(ctx, &(struct extract_visits_in){ .row_limit = INT64_C(1) << 40 }, &visits));
	p = people.items;
	v = visits.items;
	g->all = NEW_ARRAY(ctx, struct subject, people.count);
	g->ids = NEW_ARRAY(ctx, struct id, people.count);
	g->texts = NEW_ARRAY(ctx, struct str, people.count);
	g->order = NEW_ARRAY(ctx, int, people.count);
	g->counts = NEW_ARRAY(ctx, int, people.count);
	if (people.count > 0 && (!g->all || !g->ids || !g->texts || !g->order || !g->counts))
		return fail(ctx, ERR_TOO_LARGE, "%zu patients", people.count);
	for (size_t i = 0; i < people.count; i++) {
		while (at < visits.count && id_cmp(v[at].patient_id, p[i].id) < 0)
			at++;
		if (at < visits.count && id_eq(v[at].patient_id, p[i].id) && str_is_set(v[at].diagnosis))
			add_subject(ctx, g, &p[i], &v[at]);
		else
			g->without_record++;
	}
	g->considered = (int64_t)people.count;
	number_diagnoses(g);
	return OK;
}

/* ---- writing */

static struct str
band_text(struct ctx *ctx, int band, int level)
{
	static const int widths[] = { 5, 10, 20 };

	if (band == ANY)
		return STR("*");
	if (band == RARE)
		return STR("?");
	if (band + widths[level] > 90)
		return str_of(arena_printf(ctx->arena, "%d+", band));
	return str_of(arena_printf(ctx->arena, "%d-%d", band, band + widths[level] - 1));
}

static struct str
span_text(struct ctx *ctx, int span, int level)
{
	if (span == ANY)
		return STR("*");
	return str_of(level == 0 ? arena_printf(ctx->arena, "%d", span)
	                         : arena_printf(ctx->arena, "%d-%d", span, span + 4));
}

static enum err
pseudonym_of(struct ctx *ctx, struct str project, struct id patient, struct str *out)
{
	char text[ID_TEXT + 1], *hex = arena_fixed(ctx->arena, 2 * TOKEN_SIZE + 1);
	struct blob token;

	id_print(patient, text);
	TRY(token_exact(
	        ctx, arena_printf(ctx->arena, "extract/%.*s", STR_FMT(project)), str_of(text), &token));
	hex_print(token.p, TOKEN_SIZE, hex);
	*out = str_of(hex);
	return OK;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct extract_row *x = a, *y = b;
	int c = strcmp(x->age.p, y->age.p);

	c = c ? c : strcmp(x->sex.p, y->sex.p);
	c = c ? c : strcmp(x->year.p, y->year.p);
	c = c ? c : strcmp(x->diagnosis.p, y->diagnosis.p);
	return c || !x->pseudonym.p ? c : strcmp(x->pseudonym.p, y->pseudonym.p);
}

/* Sorted by what they say: the order of registration is nobody's business. */
static enum err
write_rows(struct ctx *ctx, const struct gathered *g, const struct generalised *how,
        const struct extract_body *b, const int *first_of, struct list *out)
{
	struct extract_row *rows = NEW_ARRAY(ctx, struct extract_row, (size_t)how->released);
	size_t n = 0;

	if (rows == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%lld rows", (long long)how->released);
	for (size_t i = 0; i < g->n; i++) {
		const struct subject *s = &g->all[i];
		char sex[2] = { (char)s->sex, 0 };

		if (!s->kept)
			continue;
		struct extract_row *row = &rows[n++];
		row->age = band_text(ctx, s->band, how->age);
		row->sex = s->shown_sex == ANY ? STR("*") : str_of(arena_printf(ctx->arena, "%s", sex));
		row->year = span_text(ctx, s->span, how->year);
		row->diagnosis = s->diagnosis == RARE
		                         ? STR("outro")
		                         : arena_str(ctx->arena, g->texts[first_of[s->diagnosis]]);
		if (!str_is_set(row->diagnosis))
			return fail(ctx, ERR_TOO_LARGE, "texts");
		if (b->pseudonyms)
			TRY(pseudonym_of(ctx, b->project, g->ids[s->source], &row->pseudonym));
	}
	qsort(rows, n, sizeof *rows, compare_rows);
	*out = (struct list){ rows, n };
	return OK;
}

static enum err
check_project(struct ctx *ctx, struct str project)
{
	for (size_t i = 0; i < project.n; i++)
		if (!isalnum((unsigned char)project.p[i]) && project.p[i] != '-' && project.p[i] != '_')
			return invalid(ctx, "project", "format");
	return OK;
}

enum err
extract_make(struct ctx *ctx, const struct extract_body *b, struct extract_report **out)
{
	static const char *const ages[] = { "5 anos", "10 anos", "20 anos", "suprimida" },
	                         *const sexes[] = { "inteiro", "suprimido" },
	                         *const years[] = { "ano", "5 anos", "suprimido" };
	struct extract_report *r = NEW(ctx, struct extract_report);
	struct gathered g = { 0 };
	struct generalised how;
	int *first_of;

	TRY(check_project(ctx, b->project));
	TRY(gather(ctx, &g));
	r->project = b->project;
	r->made_by = STR(PROGRAM);
	r->pseudonyms = b->pseudonyms;
	r->k = b->k.set ? b->k.v : EXTRACT_K_MIN;
	r->l = b->l.set ? b->l.v : EXTRACT_L_DEFAULT;
	first_of = g.counts;
	if (!generalise(g.all, g.n, g.values, r->k, r->l, g.order, &how))
		return fail(ctx, ERR_STATE, "%zu patients give no class of %lld with %lld diagnoses", g.n,
		        (long long)r->k, (long long)r->l);
	TRY(write_rows(ctx, &g, &how, b, first_of, &r->rows));
	r->k_reached = how.k;
	r->l_reached = how.l;
	r->considered = g.considered;
	r->without_record = g.without_record;
	r->released = how.released;
	r->suppressed = (int64_t)g.n - how.released;
	r->classes = how.classes;
	r->diagnoses = g.values;
	r->rare_diagnoses = how.rare;
	r->age_level = str_of(ages[how.age]);
	r->sex_level = str_of(sexes[how.sex]);
	r->year_level = str_of(years[how.year]);
	*out = r;
	return OK;
}
