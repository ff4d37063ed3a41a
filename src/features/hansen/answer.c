/* answer.c - from a calculation to what leaves as JSON. */
#include "features/hansen/answer.h"

#include "base/json.h"
#include "features/hansen/protocol.h"

enum { JSON_ROOM = 64 << 10 };

/* ---- types */

static const struct field text_item_fields[] = { FIELD(text_item, text, .sens = SENS_PLAIN) };
const struct type text_item_type = TYPE(text_item, text_item_fields, .bare = true);

static const struct field cited_source_fields[] = {
	FIELD(cited_source, document, .sens = SENS_PLAIN),
	FIELD(cited_source, section, .sens = SENS_PLAIN),
	FIELD(cited_source, page, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(cited_source, confidence, .sens = SENS_PLAIN, .summary = "LOW, MEDIUM or HIGH"),
};
const struct type cited_source_type = TYPE(cited_source, cited_source_fields);

static const struct field warning_fields[] = {
	FIELD(calculation_warning, code, .sens = SENS_PLAIN),
	FIELD(calculation_warning, field, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(calculation_warning, message, .sens = SENS_PLAIN),
};
static const struct type warning_type = TYPE(calculation_warning, warning_fields);

static const struct field calculation_fields[] = {
	FIELD(calculation, calculator, .sens = SENS_PLAIN),
	FIELD(calculation, status, .sens = SENS_PLAIN,
	        .summary = "RESPONDIDO, or RECUSADO: the case is not covered and a professional decides"),
	FIELD_JSON(calculation, inputs, .sens = SENS_PLAIN, .summary = "As they were read"),
	FIELD_JSON(calculation, result, .sens = SENS_PLAIN,
	        .summary = "Exact numbers as text; null where nothing applies or the case was refused"),
	FIELD(calculation, flags, .sens = SENS_PLAIN, .of = &text_item_type),
	FIELD(calculation, warnings, .sens = SENS_PLAIN, .of = &warning_type,
	        .summary = "The flags, for people"),
	FIELD(calculation, steps, .sens = SENS_PLAIN, .of = &text_item_type,
	        .summary = "How it was computed, pt-BR"),
	FIELD(calculation, sources, .sens = SENS_PLAIN, .of = &cited_source_type),
	FIELD(calculation, protocol_version, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(calculation, review_state, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "PENDING until a professional has signed the protocol's rows"),
	FIELD(calculation, notice, .sens = SENS_PLAIN),
};
const struct type calculation_type = TYPE(calculation, calculation_fields);

static const struct field column_fields[] = {
	FIELD(calculator_column, name, .sens = SENS_PLAIN),
	FIELD(calculator_column, kind, .sens = SENS_PLAIN),
	FIELD(calculator_column, unit, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(calculator_column, summary, .sens = SENS_PLAIN),
	FIELD(calculator_column, optional, .sens = SENS_PLAIN),
	FIELD(calculator_column, one_of, .sens = SENS_PLAIN, .of = &text_item_type),
};
static const struct type column_type = TYPE(calculator_column, column_fields);

static const struct field calculator_fields[] = {
	FIELD(calculator_row, name, .sens = SENS_PLAIN),
	FIELD(calculator_row, summary, .sens = SENS_PLAIN),
	FIELD(calculator_row, inputs, .sens = SENS_PLAIN, .of = &column_type),
	FIELD(calculator_row, results, .sens = SENS_PLAIN, .of = &column_type),
	FIELD_OBJECT(calculator_row, source, &cited_source_type, .sens = SENS_PLAIN),
};
const struct type calculator_type = TYPE(calculator_row, calculator_fields);

static const struct field list_fields[] = { FIELD(
	calculator_list, items, .sens = SENS_PLAIN, .of = &calculator_type) };
const struct type calculator_list_type = TYPE(calculator_list, list_fields);

/* ---- texts */

static struct str
or_null(const char *text)
{
	return text && *text ? str_of(text) : (struct str){ 0 };
}

struct cited_source
answer_source(const struct source *s)
{
	return (struct cited_source){ str_of(s->document), str_of(s->section), or_null(s->page),
		str_of(confidence_name(s->confidence)) };
}

/* count zeroed items of a list. */
static enum err
take(struct ctx *ctx, size_t size, size_t count, struct list *out)
{
	void *items = arena_take_array(ctx->arena, size, count);
	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu items", count);
	*out = (struct list){ items, count };
	return OK;
}

enum err
answer_texts(struct ctx *ctx, const char *const *texts, struct list *out)
{
	size_t count = 0;
	while (texts && texts[count])
		count++;
	TRY(take(ctx, sizeof(struct text_item), count, out));
	struct text_item *item = out->items;
	for (size_t i = 0; item != NULL && i < count; i++)
		item[i].text = str_of(texts[i]);
	return OK;
}

/* ---- one calculation */

typedef const char *value_fn(const struct calc *, size_t i);

static const char *
input_value(const struct calc *c, size_t i)
{
	if (!c->in[i].set)
		return "";
	return arena_printf(c->arena, "%.*s", STR_FMT(c->in[i].text));
}

static const char *
result_value(const struct calc *c, size_t i)
{
	return c->status == CALC_ANSWERED ? c->out[i] : "";
}

/* {"weightKg":"29.9","class":"MB"}: "" is null. */
static enum err
object(struct ctx *ctx, const struct calc *c, const struct calc_column *columns, size_t count,
        value_fn *value, struct str *out)
{
	struct buf b;
	buf_init(&b, JSON_ROOM);
	buf_byte(&b, '{');
	for (size_t i = 0; i < count; i++) {
		buf_text(&b, i > 0 ? "," : "");
		json_write_text(&b, str_of(calc_json_name(ctx->arena, &columns[i])));
		buf_byte(&b, ':');
		json_write_text(&b, or_null(value(c, i)));
	}
	buf_byte(&b, '}');
	struct str text = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	if (!text.p)
		return fail(ctx, ERR_TOO_LARGE, "no room for the answer");
	*out = text;
	return OK;
}

static enum err
warnings(struct ctx *ctx, enum lang lang, struct calc *c, struct calculation *out)
{
	TRY(take(ctx, sizeof(struct text_item), c->flag_count, &out->flags));
	TRY(take(ctx, sizeof(struct calculation_warning), c->flag_count, &out->warnings));
	for (size_t i = 0; i < c->flag_count; i++) {
		enum calc_flag code = c->flags[i].code;
		struct str name = str_of(calc_flag_code(c, (struct calc_flagged){ code, NULL }));
		((struct text_item *)out->flags.items)[i].text = name;
		((struct calculation_warning *)out->warnings.items)[i] = (struct calculation_warning){ name,
			or_null(c->flags[i].column),
			str_of(lang == LANG_EN ? calc_flag_en(code) : calc_flag_pt(code)) };
	}
	return OK;
}

static enum err
sources(struct ctx *ctx, const struct calc *c, struct list *out)
{
	TRY(take(ctx, sizeof(struct cited_source), c->cited_count, out));
	for (size_t i = 0; i < c->cited_count; i++)
		((struct cited_source *)out->items)[i] = answer_source(c->cited[i]);
	return OK;
}

static struct str
notice(const struct calc *c, enum lang lang)
{
	if (!c->def->clinical)
		return lang == LANG_EN ? STR("Check the source before relying on the result.")
		                       : STR("Confira a fonte antes de usar o resultado.");
	return lang == LANG_EN
	               ? STR("Supports a health professional's decision; not a prescription. See "
	                     "reviewState.")
	               : STR("Apoia a decisão do profissional de saúde; não é prescrição. Veja reviewState.");
}

enum err
answer_calculation(struct ctx *ctx, enum lang lang, struct calc *c, struct calculation *out)
{
	const char *steps[CALC_STEPS_MAX + 1] = { 0 };
	memcpy(steps, c->steps, c->step_count * sizeof *steps);
	out->calculator = str_of(c->def->name);
	out->status = str_of(calc_status_name(c->status));
	TRY(object(ctx, c, c->def->in, c->def->in_count, input_value, &out->inputs));
	TRY(object(ctx, c, c->def->out, c->def->out_count, result_value, &out->result));
	TRY(warnings(ctx, lang, c, out));
	TRY(answer_texts(ctx, steps, &out->steps));
	TRY(sources(ctx, c, &out->sources));
	out->protocol_version = or_null(c->version);
	out->review_state = *c->version ? str_of(review_name(protocol_review(protocol_current())))
	                                : (struct str){ 0 };
	out->notice = notice(c, lang);
	return c->full ? fail(ctx, ERR_TOO_LARGE, "the answer did not fit") : OK;
}

/* ---- calculators */

static enum err
columns(struct ctx *ctx, enum lang lang, const struct calc_column *from, size_t count, struct list *out)
{
	TRY(take(ctx, sizeof(struct calculator_column), count, out));
	for (size_t i = 0; i < count; i++) {
		struct calculator_column *col = &((struct calculator_column *)out->items)[i];
		*col = (struct calculator_column){ .name = str_of(calc_json_name(ctx->arena, &from[i])),
			.kind = str_of(calc_kind_name(from[i].kind)),
			.unit = or_null(from[i].unit),
			.summary = str_of(lang == LANG_EN ? from[i].en : from[i].pt),
			.optional = from[i].optional };
		TRY(answer_texts(ctx, from[i].one_of, &col->one_of));
	}
	return OK;
}

enum err
answer_calculator(struct ctx *ctx, enum lang lang, const struct calculator *def, struct calculator_row *out)
{
	out->name = str_of(def->name);
	out->summary = str_of(lang == LANG_EN ? def->en : def->pt);
	TRY(columns(ctx, lang, def->in, def->in_count, &out->inputs));
	TRY(columns(ctx, lang, def->out, def->out_count, &out->results));
	out->source = NEW(ctx, struct cited_source);
	*out->source = answer_source(def->source);
	return OK;
}

enum err
answer_calculators(struct ctx *ctx, enum lang lang, struct calculator_list *out)
{
	size_t count = 0;
	while (calc_at(count))
		count++;
	TRY(take(ctx, sizeof(struct calculator_row), count, &out->items));
	for (size_t i = 0; i < count; i++)
		TRY(answer_calculator(
		        ctx, lang, calc_at(i), &((struct calculator_row *)out->items.items)[i]));
	return OK;
}
