/* calculators_http.c - the calculators' doors.  What goes in and out concerns
 * nobody by name, so these readings leave no audit entry; a calculation that
 * becomes part of a chart is recorded with the chart. */
#include "base/json.h"
#include "features/hansen/answer.h"
#include "features/hansen/protocol.h"
#include "http/problem.h"
#include "http/route.h"
#include "sys/metrics.h"

struct calculation_body {
	struct str inputs;
};
static const struct field body_fields[] = { FIELD_JSON(calculation_body, inputs, .sens = SENS_PLAIN,
	.required = true,
	.summary = "One member per input of the calculator, or all of them inside \"inputs\"") };
static const struct type body_type = TYPE(calculation_body, body_fields, .bare = true);

static handler_fn get_calculators, get_calculator, post_calculator;

#define CALCULATOR .perm = PERM_CALCULATE, .audit = AUDIT_NONE, .rate = RATE_READ, .tag = "Calculators"
static const struct route calculator_routes[] = {
	{ GET, "/api/hansen/calculators", get_calculators, CALCULATOR, .out = &calculator_list_type,
	        .summary = "Every calculator with its inputs and results" },
	{ GET, "/api/hansen/calculators/{name:text}", get_calculator, CALCULATOR, .out = &calculator_type,
	        .errors = ERRORS(ERR_NOT_FOUND), .summary = "One calculator's inputs and results" },
	{ POST, "/api/hansen/calculators/{name:text}", post_calculator, CALCULATOR, .reads = true,
	        .in = &body_type, .out = &calculation_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_PROTOCOL_UNAVAILABLE, ERR_CALCULATION, ERR_TOO_LARGE),
	        .summary = "Compute: inputs, result, flags, steps, sources, protocol version" },
};
const struct routes calculator_route_table = { calculator_routes, COUNT(calculator_routes) };

/* ---- inputs */

/* "2 0 3" from [2, 0, 3]; absent when an item is no number. */
static struct str
list_text(struct ctx *ctx, const struct json_node *list)
{
	struct buf b;
	bool fine = true;
	buf_init(&b, 4096);
	for (size_t i = 0; i < node_count(list) && fine; i++) {
		struct str digits = node_digits(ctx->arena, node_item(list, i));
		fine = str_is_set(digits);
		buf_text(&b, i > 0 ? " " : "");
		buf_str(&b, digits);
	}
	struct str text = fine && !buf_failed(&b) ? arena_str(ctx->arena, buf_view(&b)) : (struct str){ 0 };
	buf_free(&b);
	return text;
}

/* The text a CSV would have had. */
static enum err
read_value(struct ctx *ctx, const struct calc_column *col, const char *name, const struct json_node *value,
        struct str *out)
{
	switch (node_kind(value)) {
	case NODE_NULL: *out = (struct str){ 0 }; return OK;
	case NODE_TEXT: *out = node_text(value); break;
	case NODE_NUMBER: *out = node_digits(ctx->arena, value); break;
	case NODE_BOOL: *out = node_true(value) ? STR("1") : STR("0"); break;
	case NODE_LIST: *out = col->kind == CALC_LIST ? list_text(ctx, value) : (struct str){ 0 }; break;
	default: *out = (struct str){ 0 };
	}
	bool fits = node_kind(value) != NODE_BOOL || col->kind == CALC_YESNO;
	return str_is_set(*out) && fits ? OK : invalid(ctx, name, "type");
}

/* weightKg, or weight_kg as in the CSV. */
static const struct calc_column *
column_named(struct ctx *ctx, const struct calculator *def, struct str name)
{
	for (size_t i = 0; i < def->in_count; i++)
		if (calc_column_is(&def->in[i], name) ||
		        str_is(name, calc_json_name(ctx->arena, &def->in[i])))
			return &def->in[i];
	return NULL;
}

static enum err
read_members(
        struct ctx *ctx, const struct calculator *def, const struct json_node *object, struct str *inputs)
{
	const void *at = NULL;
	const struct json_node *value;
	struct str name;
	bool bad = false;
	while (node_next(object, &at, &name, &value)) {
		const struct calc_column *col = column_named(ctx, def, name);
		const char *field = arena_str(ctx->arena, name).p;
		if (!field)
			return fail(ctx, ERR_TOO_LARGE, "no room for a member's name");
		if (!col)
			bad |= invalid(ctx, field, "unknown") != OK;
		else if (str_is_set(inputs[col - def->in]))
			bad |= invalid(ctx, field, "contradiction") != OK; /* given under both names */
		else
			bad |= read_value(ctx, col, field, value, &inputs[col - def->in]) != OK;
	}
	return bad ? ERR_INVALID : OK;
}

static enum err
read_inputs(struct ctx *ctx, const struct calculator *def, struct str body, struct str *inputs)
{
	const struct json_node *root, *inner;
	char why[200];
	TRY(json_tree_read(ctx->arena, body, &root, why));
	inner = node_member(root, "inputs");
	if (node_kind(inner) == NODE_OBJECT)
		root = inner;
	if (node_kind(root) != NODE_OBJECT)
		return invalid(ctx, "$", "type");
	return read_members(ctx, def, root, inputs);
}

/* ---- what a calculator could not read, as refused fields */

static const char *
invalid_code(enum calc_flag flag)
{
	switch (flag) {
	case FLAG_ENTRADA_AUSENTE:
	case FLAG_NAO_AVALIADO:
	case FLAG_PESO_AUSENTE: return "required";
	case FLAG_ENTRADA_FORA_DO_LIMITE: return "out_of_range";
	case FLAG_PESO_NAO_POSITIVO: return "too_small";
	case FLAG_PESO_IMPLAUSIVEL:
	case FLAG_UNIDADE_SUSPEITA: return "weight";
	case FLAG_DATAS_FORA_DE_ORDEM: return "order";
	case FLAG_ENTRADAS_INCOERENTES: return "contradiction";
	default: return "format";
	}
}

static enum err
refuse_fields(struct ctx *ctx, const struct calc *c)
{
	const char *last = NULL;
	enum err err = ERR_INVALID;
	for (size_t i = 0; i < c->flag_count; i++) {
		const char *column = c->flags[i].column;
		if (!column || column == last) /* one reason a field: the first */
			continue;
		for (size_t k = 0; k < c->def->in_count; k++)
			if (strcmp(c->def->in[k].name, column) == 0)
				err = invalid(ctx, calc_json_name(ctx->arena, &c->def->in[k]),
				        invalid_code(c->flags[i].code));
		last = column;
	}
	return err;
}

/* ---- the doors */

static enum err
wanted(struct req *req, const struct calculator **out)
{
	*out = calc_find(req_text(req, "name"));
	return *out ? OK : fail(req_ctx(req), ERR_NOT_FOUND, "no such calculator");
}

static enum err
get_calculators(struct req *req)
{
	struct calculator_list *list = NEW(req_ctx(req), struct calculator_list);
	TRY(answer_calculators(req_ctx(req), lang_of(req_header(req, "Accept-Language")), list));
	return req_reply(req, list);
}

static enum err
get_calculator(struct req *req)
{
	const struct calculator *def;
	struct calculator_row *row = NEW(req_ctx(req), struct calculator_row);
	TRY(wanted(req, &def));
	TRY(answer_calculator(req_ctx(req), lang_of(req_header(req, "Accept-Language")), def, row));
	return req_reply(req, row);
}

static enum err
post_calculator(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	const struct calculation_body *body = req_body(req);
	const struct calculator *def;
	struct str inputs[CALC_IN_MAX] = { { 0 } };
	struct calc *c = NEW(ctx, struct calc);
	struct calculation *out = NEW(ctx, struct calculation);
	TRY(wanted(req, &def));
	TRY(read_inputs(ctx, def, body->inputs, inputs));
	TRY(calc_run(def, ctx->arena, inputs, c));
	if (c->status == CALC_INVALID)
		return refuse_fields(ctx, c);
	metric_add(M_CALCULATIONS, (unsigned)calc_place(def), 1);
	if (c->status == CALC_REFUSED)
		metric_add(M_CALCULATIONS_REFUSED, (unsigned)calc_place(def), 1);
	TRY(answer_calculation(ctx, lang_of(req_header(req, "Accept-Language")), c, out));
	return req_reply(req, out);
}
