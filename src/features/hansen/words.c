/* words.c - what other features ask of the protocol and its calculators. */
#include "features/hansen/answer.h"
#include "features/hansen/protocol.h"

static enum err
run(struct ctx *ctx, const char *name, const struct hansen_input *in, size_t count, struct calc **out)
{
	const struct calculator *def = calc_find(str_of(name));
	struct str inputs[CALC_IN_MAX] = { { 0 } };
	struct calc *c = NEW(ctx, struct calc);

	assert(def);
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < def->in_count && !calc_column_is(&def->in[k], str_of(in[i].column)))
			k++;
		assert(k < def->in_count);
		inputs[k] = in[i].value;
	}
	TRY(calc_run(def, ctx->arena, inputs, c));
	*out = c;
	return OK;
}

enum err
hansen_calculate(struct ctx *ctx, const char *name, const struct hansen_input *in, size_t count,
        struct calculation **out)
{
	struct calculation *answer = NEW(ctx, struct calculation);
	struct calc *c;

	TRY(run(ctx, name, in, count, &c));
	TRY(answer_calculation(ctx, LANG_PT, c, answer));
	*out = answer;
	return OK;
}

enum err
hansen_verdict(
        struct ctx *ctx, const char *name, const struct hansen_input *in, size_t count, const char **out)
{
	struct calc *c;

	TRY(run(ctx, name, in, count, &c));
	*out = c->status == CALC_ANSWERED ? c->out[0] : "";
	return OK;
}

enum err
hansen_terms(struct ctx *ctx, bool multibacillary, struct hansen_terms *out)
{
	const struct protocol_row *course, *assessment;

	TRY(protocol_ready(NULL));
	course = protocol_need(multibacillary ? NEED_COURSE_MB : NEED_COURSE_PB);
	assessment = protocol_row(protocol_current(), STR("ans.quando"));
	if (!assessment)
		return fail(ctx, ERR_PROTOCOL_UNAVAILABLE, "no row ans.quando");
	*out = (struct hansen_terms){ .doses = course->count,
		.window_months = course->window_months,
		.visit_days = (int)decimal_floor(protocol_number(NEED_VISIT_DAYS)),
		.abandon_months = (int)decimal_floor(
		        protocol_number(multibacillary ? NEED_ABANDON_MB : NEED_ABANDON_PB)),
		.assessment_months = (int)decimal_floor(protocol_amount(assessment)) };
	return OK;
}
