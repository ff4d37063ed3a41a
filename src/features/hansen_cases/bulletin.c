/* bulletin.c - one line a case, with the numbers of the SINAN form. */
#include "features/hansen_cases/bulletin.h"
#include "features/hansen_cases/case.h"
#include "features/hansen_cases/case_rows.h"
#include "features/hansen_cases/codes.h"
#include "features/hansen_cases/sinan.h"
#include "base/csv.h"
#include "reports_sql.h"

enum { TABLE_MAX = 4 << 20, MONTH_TEXT = 7, NO_REACTION = 4, NOT_EVALUATED = 3 };

static const struct field row_fields[] = {
	FIELD(bulletin_row, id, .sens = SENS_PLAIN),
	FIELD(bulletin_row, patient_id, .sens = SENS_PLAIN),
	FIELD(bulletin_row, diagnosed_on, .sens = SENS_PLAIN),
	FIELD(bulletin_row, operational_class, .sens = SENS_CLINICAL),
	FIELD(bulletin_row, regimen, .sens = SENS_CLINICAL),
	FIELD(bulletin_row, reaction, .sens = SENS_CLINICAL),
	FIELD(bulletin_row, discharge, .sens = SENS_CLINICAL),
	FIELD(bulletin_row, gif_discharge, .sens = SENS_CLINICAL),
	FIELD(bulletin_row, discharged_on, .sens = SENS_PLAIN),
	FIELD(bulletin_row, last_seen_on, .sens = SENS_PLAIN),
	FIELD(bulletin_row, doses, .sens = SENS_CLINICAL),
	FIELD(bulletin_row, contacts, .sens = SENS_PLAIN),
	FIELD(bulletin_row, contacts_examined, .sens = SENS_PLAIN),
	FIELD(bulletin_row, content, .sens = SENS_SECRET, .sealed = true, .max = 1000000),
};
const struct type bulletin_row_type = TYPE(
        bulletin_row, row_fields, .table = "hansen_case", .row_field = "id", .key_field = "patient_id");

#define CODED(m, text_)                                                                                      \
	FIELD(bulletin_item, m, .sens = SENS_CLINICAL, .nullable_only = true, .summary = (text_))
static const struct field item_fields[] = {
	FIELD(bulletin_item, case_id, .sens = SENS_PLAIN),
	FIELD(bulletin_item, patient_id, .sens = SENS_PLAIN),
	FIELD(bulletin_item, patient_name, .sens = SENS_IDENTITY, .nullable_only = true),
	FIELD(bulletin_item, sinan_number, .sens = SENS_IDENTITY, .nullable_only = true),
	FIELD(bulletin_item, diagnosed_on, .sens = SENS_PLAIN),
	FIELD(bulletin_item, last_seen_on, .sens = SENS_PLAIN, .nullable_only = true, .summary = "DTULTCOMP"),
	CODED(class_now, "CLASSATUAL"),
	CODED(regimen_now, "ESQ_ATU_N"),
	CODED(grade_now, "AVAL_ATU_N, of the cured"),
	CODED(doses, "DOSE_RECEB"),
	CODED(reaction, "EPIS_RACIO"),
	CODED(contacts, "CONTREG"),
	CODED(contacts_examined, "CONTEXAM"),
	CODED(discharge, "TPALTA_N"),
	FIELD(bulletin_item, discharged_on, .sens = SENS_PLAIN, .nullable_only = true, .summary = "DTALTA_N"),
};
static const struct type item_type = TYPE(bulletin_item, item_fields, .masks = true);

static const struct field bulletin_fields[] = {
	FIELD(bulletin, from, .sens = SENS_PLAIN),
	FIELD(bulletin, to, .sens = SENS_PLAIN),
	FIELD(bulletin, unit, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(bulletin, complete, .sens = SENS_PLAIN,
	        .summary = "False: there are more cases than a bulletin shows"),
	FIELD(bulletin, notice, .sens = SENS_PLAIN),
	FIELD(bulletin, made_by, .sens = SENS_PLAIN, .summary = "Program and version"),
	FIELD(bulletin, items, .sens = SENS_PLAIN, .of = &item_type, .max = BULLETIN_MAX),
};
const struct type bulletin_type = TYPE(bulletin, bulletin_fields);

static const char notice[] =
        "Casos ao alcance de quem pergunta, como estavam no fim do mês. Campos com os nomes e "
        "códigos do SINAN NET v5; a reação e os contatos registrados são os conhecidos hoje.";

static bool
month_parse(struct str s, struct date *first)
{
	char text[DATE_TEXT + 1] = "0000-00-01";

	if (s.n != MONTH_TEXT)
		return false;
	memcpy(text, s.p, MONTH_TEXT);
	return date_parse(str_of(text), first);
}

const char *
check_month(struct str s)
{
	struct date first;

	return month_parse(s, &first) ? NULL : "date";
}

static struct opt_int
number(int64_t n)
{
	return (struct opt_int){ n, true };
}

static struct opt_int
coded(const char *set, struct str name)
{
	int n = code_sinan(set, name);

	return (struct opt_int){ n, n > 0 };
}

static enum err
item_make(struct ctx *ctx, const struct bulletin_row *r, struct bulletin_item *out)
{
	struct case_content content;
	struct patient *p;

	TRY(content_open(ctx, &case_content_type, r->content, &content));
	*out = (struct bulletin_item){ .case_id = r->id,
		.patient_id = r->patient_id,
		.diagnosed_on = r->diagnosed_on,
		.last_seen_on = r->last_seen_on,
		.class_now = coded("operationalClass", r->operational_class),
		.regimen_now = coded("regimen", r->regimen),
		.doses = number(r->doses),
		.reaction = str_is_set(r->reaction) ? coded("reaction", r->reaction) : number(NO_REACTION),
		.contacts = number(r->contacts),
		.contacts_examined = number(r->contacts_examined),
		.discharge = coded("discharge", r->discharge),
		.discharged_on = r->discharged_on };
	if (str_is(r->discharge, "CURA"))
		out->grade_now = number(r->gif_discharge.set ? r->gif_discharge.v : NOT_EVALUATED);
	if (content.notification)
		out->sinan_number = content.notification->sinan_number;
	if (!date_is_set(out->last_seen_on))
		out->last_seen_on = r->diagnosed_on;
	enum err err = patient_get(ctx, r->patient_id, false, &p);
	if (err == OK)
		out->patient_name = p->name;
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err
bulletin_make(struct ctx *ctx, struct str month, struct str unit, struct bulletin *out)
{
	struct date first = today_of(ctx);
	struct bulletin_item *items;
	struct list rows;

	first.day = 1;
	if (str_is_set(month) && !month_parse(month, &first))
		return invalid(ctx, "month", "date");
	*out = (struct bulletin){ .from = first,
		.to = date_add_days(date_add_months(first, 1), -1),
		.unit = unit,
		.notice = str_of(notice),
		.made_by = STR(PROGRAM) };
	TRY(sql_hansen_bulletin(ctx,
	        &(struct hansen_bulletin_in){
	                .first = first, .last = out->to, .unit = unit, .row_limit = BULLETIN_MAX + 1 },
	        &rows));
	out->complete = rows.count <= BULLETIN_MAX;
	size_t n = out->complete ? rows.count : BULLETIN_MAX;
	if ((items = NEW_ARRAY(ctx, struct bulletin_item, n)) == NULL && n > 0)
		return fail(ctx, ERR_TOO_LARGE, "a bulletin of %zu", n);
	for (size_t i = 0; i < n; i++)
		TRY(item_make(ctx, &((const struct bulletin_row *)rows.items)[i], &items[i]));
	out->items = (struct list){ items, n };
	return OK;
}

/* ---- a table */

static struct str
day_cell(struct ctx *ctx, struct date d)
{
	if (!date_is_set(d))
		return (struct str){ 0 };
	return str_of(arena_printf(ctx->arena, "%02d/%02d/%04d", d.day, d.month, d.year));
}

static struct str
cell(struct ctx *ctx, struct opt_int v)
{
	return v.set ? str_of(arena_printf(ctx->arena, "%lld", (long long)v.v)) : (struct str){ 0 };
}

enum err
bulletin_csv(struct ctx *ctx, const struct bulletin *bulletin, struct str *out)
{
	static const char *const names[] = { "NU_NOTIFIC", "NM_PACIENT", "DT_DIAG", "DTULTCOMP", "CLASSATUAL",
		"ESQ_ATU_N", "AVAL_ATU_N", "DOSE_RECEB", "EPIS_RACIO", "CONTREG", "CONTEXAM", "TPALTA_N",
		"DTALTA_N", "PROGRAMA" };
	const struct bulletin_item *i = bulletin->items.items;
	struct str header[COUNT(names)];
	struct buf b;

	buf_init(&b, TABLE_MAX);
	for (size_t k = 0; k < COUNT(names); k++)
		header[k] = str_of(names[k]);
	csv_write(&b, header, COUNT(header), true);
	for (size_t n = 0; n < bulletin->items.count; n++, i++) {
		const struct str row[] = { csv_cell(ctx, i->sinan_number), csv_cell(ctx, i->patient_name),
			day_cell(ctx, i->diagnosed_on), day_cell(ctx, i->last_seen_on),
			cell(ctx, i->class_now), cell(ctx, i->regimen_now), cell(ctx, i->grade_now),
			cell(ctx, i->doses), cell(ctx, i->reaction), cell(ctx, i->contacts),
			cell(ctx, i->contacts_examined), cell(ctx, i->discharge),
			day_cell(ctx, i->discharged_on), bulletin->made_by };
		_Static_assert(COUNT(row) == COUNT(names), "a cell for each name");
		csv_write(&b, row, COUNT(row), true);
	}
	*out = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	return str_is_set(*out) ? OK : fail(ctx, ERR_TOO_LARGE, "a table beyond %d bytes", TABLE_MAX);
}
