/* calc.c - the list of all calculators, and what happens around each: inputs
 * read by their rows, the function run, the answer made whole.
 *
 * Holds no rule of any calculator.  A new one is a row in its feature's table;
 * a new table is a line here. */
#include "features/calc/calc.h"

#include <stdatomic.h>

#include "features/calc/input.h"
#include "features/calc/state.h"

extern const struct calc_table calc_identifiers, calc_fiscal, calc_legal;
extern const struct calc_table hansen_findings, hansen_doses, hansen_regimens, hansen_reactions,
        hansen_courses, hansen_indicators;

static const struct calc_table *const tables[] = { &calc_identifiers, &calc_fiscal, &calc_legal,
	&hansen_findings, &hansen_doses, &hansen_regimens, &hansen_reactions, &hansen_courses,
	&hansen_indicators };

enum { CALCULATORS_MAX = 64 };
/* Set by the self-test; by the calculator's place in order of name. */
static atomic_bool broken[CALCULATORS_MAX];

static size_t
total(void)
{
	size_t n = 0;
	for (size_t t = 0; t < COUNT(tables); t++)
		n += tables[t]->count;
	return n;
}

/* How many calculators come before this name. */
static size_t
place_of(const char *name)
{
	size_t before = 0;
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++)
			before += strcmp(tables[t]->rows[i].name, name) < 0;
	return before;
}

size_t
calc_place(const struct calculator *def)
{
	return place_of(def->name);
}

const struct calculator *
calc_at(size_t place)
{
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++)
			if (place_of(tables[t]->rows[i].name) == place)
				return &tables[t]->rows[i];
	return NULL;
}

const struct calculator *
calc_find(struct str name)
{
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++)
			if (str_is(name, tables[t]->rows[i].name))
				return &tables[t]->rows[i];
	return NULL;
}

void
calc_set_broken(const struct calculator *def, bool is)
{
	size_t place = place_of(def->name);
	assert(place < CALCULATORS_MAX);
	atomic_store(&broken[place], is);
}

/* ---- one computation */

static void
drop_results(struct calc *c)
{
	for (size_t i = 0; i < c->def->out_count; i++)
		c->out[i] = "";
	c->note = "";
}

/* No result without its flags, no refusal that shows a number. */
static void
finish(struct calc *c)
{
	if (c->status == CALC_STATUS_UNSET)
		c->status = CALC_ANSWERED;
	else
		drop_results(c);
	if (c->status == CALC_REFUSED && c->def->clinical)
		calc_flag(c, FLAG_CONSULTAR_PROFISSIONAL);
	if (c->status != CALC_ANSWERED || c->def->flags_column)
		c->out[c->def->verdict] = calc_flags_text(c);
	calc_cite(c, c->def->source);
}

enum err
calc_compute(const struct calculator *def, struct arena *arena, const struct str *inputs, struct calc *c)
{
	*c = (struct calc){ .def = def, .arena = arena, .note = "", .version = "" };
	if (def->ready)
		TRY(def->ready(&c->version));
	for (size_t i = 0; i < def->out_count; i++)
		c->out[i] = "";
	calc_read_inputs(c, inputs);
	if (c->status == CALC_STATUS_UNSET)
		def->run(c);
	finish(c);
	return c->full ? ERR_TOO_LARGE : OK;
}

void
calc_reject(const struct calculator *def, struct arena *arena, enum calc_flag flag, struct calc *c)
{
	*c = (struct calc){ .def = def, .arena = arena, .note = "", .version = "" };
	calc_invalid(c, flag, NULL);
	finish(c);
}

enum err
calc_run(const struct calculator *def, struct arena *arena, const struct str *inputs, struct calc *out)
{
	if (atomic_load(&broken[place_of(def->name)]))
		return ERR_CALCULATION;
	return calc_compute(def, arena, inputs, out);
}

/* ---- the rows themselves */

static const char *
check_columns(const struct calc_column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct calc_column *col = &columns[i];
		if (!col->name || !col->pt || !col->en)
			return "a column without name or summary";
		if (col->kind <= CALC_UNSET || col->kind >= CALC_KIND__MAX)
			return "a column without kind";
		if (col->kind == CALC_CHOICE && !col->one_of)
			return "a choice without choices";
		if ((col->kind == CALC_INT || col->kind == CALC_LIST || col->kind == CALC_DECIMAL) &&
		        col->min >= col->max)
			return "a number without limits";
	}
	return NULL;
}

static const char *
check_row(const struct calculator *def)
{
	if (!def->name || !def->run || !def->pt || !def->en || !def->source)
		return "a calculator without name, function, summary or source";
	if (def->in_count == 0 || def->in_count > CALC_IN_MAX || def->out_count == 0 ||
	        def->out_count > CALC_OUT_MAX)
		return "a calculator with too many or no columns";
	if (def->verdict >= def->out_count)
		return "a calculator whose verdict is no result column";
	const char *bad = check_columns(def->in, def->in_count);
	return bad ? bad : check_columns(def->out, def->out_count);
}

const char *
calc_check(void)
{
	if (total() > CALCULATORS_MAX)
		return "more calculators than CALCULATORS_MAX";
	for (size_t t = 0; t < COUNT(tables); t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct calculator *def = &tables[t]->rows[i];
			const char *bad = check_row(def);
			if (bad)
				return bad;
			if (calc_find(str_of(def->name)) != def)
				return "two calculators with one name";
		}
	}
	return NULL;
}
